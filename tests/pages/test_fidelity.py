"""How true the reader is on invented pages in every layout of the family, whose right reading is known."""

from __future__ import annotations

import pytest
from bench.fidelity import FALLS_SHORT, Score, measure, report
from bench.fidelity_command import measure_command
from bench.fidelity_settled import Item, Settled
from bench.invented import generate


@pytest.fixture(scope="module", params=[(60, 3, 290), pytest.param((300, 14, 380), marks=pytest.mark.slow)])
def score(request: pytest.FixtureRequest) -> Score:
    """Measure on so many pages, and on so many that the command ingests; they have more features than so many."""
    pages, ingested, features = request.param
    measured = measure(range(pages))
    measure_command(measured, range(ingested))
    assert len(measured.expected) > features
    return measured


@pytest.mark.slow
def test_every_feature_is_read_just_so_but_what_is_listed(score: Score) -> None:
    wrong = {
        feature: (score.recall(feature), score.precision(feature))
        for feature in {*score.expected, *score.extra}
        if min(score.recall(feature), score.precision(feature)) < FALLS_SHORT.get(feature, (1.0, ""))[0]
    }
    assert wrong == {}, [miss for miss in score.misses if any(feature in miss for feature in wrong)][:10]
    assert all(feature in report(score) for feature in score.expected)


def test_references_of_the_commentary_are_counted_by_outcome(score: Score) -> None:
    counts = score.settled.counts
    for where in ("entries, text", "entries, HTML", "commentary, text", "commentary, HTML"):
        found = sum(counts[where, outcome] for outcome in ("right", "right open", "left open", "settled wrongly"))
        assert found == counts[where, "found"] <= counts[where, "there"]


def test_outcomes_of_references() -> None:
    page, settled = generate(0), Settled()
    page.html = False

    def item(source: str, resolution: str, target: str | None) -> Item:
        return (source, "position", "above", resolution, target, (), None, None)

    gold = [
        item("about", "resolved", "entry 1"), item("start", "resolved", "entry 1"),
        item("issue-1", "resolved", "entry 1"), item("issue-2", "dangling", None), item("issue-3", "dangling", None),
        item("issue-4", "resolved", "entry 1"),
        item("trailer", "dangling", None),
    ]  # fmt: skip
    read = [
        item("about", "resolved", "entry 1"), item("start", "resolved", "entry 2"), item("issue-1", "dangling", None),
        item("issue-2", "dangling", None), item("issue-3", "resolved", "entry 3"),
        item("issue-5", "resolved", "entry 1"),
        item("issue-5", "dangling", None),
    ]  # fmt: skip
    settled.count(page, gold, read)
    assert {outcome: number for (_, outcome), number in settled.counts.items()} == {
        "there": 6, "found": 5, "right": 1, "right open": 1, "left open": 1, "settled wrongly": 2, "not there": 2,
        "not there, settled": 1,
    }  # fmt: skip


def test_a_reading_that_differs_is_counted_as_lost_and_as_extra() -> None:
    score = measure([])
    score.compare("here", [(("one",), ["a"]), (("two",), ["a"])], [(("one",), ["a"]), (("three",), ["b"])])
    assert (score.recall("a"), score.precision("a"), score.precision("b")) == (0.5, 1.0, 0.0)
    assert len(score.misses) == 2


def test_the_same_seed_gives_the_same_page() -> None:
    pages = [generate(seed) for seed in range(20)]
    assert pages == [generate(seed) for seed in range(20)]
    assert len({page.data for page in pages}) == 20
