"""How true the reader is on invented pages in every layout of the family, whose right reading is known."""

from __future__ import annotations

import pytest
from bench.fidelity import FALLS_SHORT, Score, measure, report
from bench.fidelity_command import measure_command
from bench.fidelity_settled import Item, Settled
from bench.invented import generate

SEEDS = range(300)
COMMAND_SEEDS = range(14)
FAILING: dict[str, tuple[str, ...]] = {
    "the type of a document without a year is taken from the last noun": (
        "reference: + see also …, head noun, no year",
    ),
    "a headline with three dates is cut at the first": (
        "documents: + headline with three dated studies",
        "entry: + headline with three dated studies",
        "reference: beside dated headlines",
    ),
    "a topic with “and” inside is split, or its line refused": (
        "hot topics: + one of the scheme, with “and” inside: 1 topics, A and B",
        "hot topics: + one of the scheme, with “and” inside: 2 topics, A and B",
        "hot topics: + with “and” inside, each a link: 1 topics, A and B",
        "hot topics: + with “and” inside, each a link: 2 topics, A and B",
        "hot topics: + with “and” inside, known from another page",
        "lines not understood: beside links",
        "lines not understood: beside topics",
    ),
    "the hover text of other links and of furniture is taken for the entry's note": (
        "hover note: + of the headline's link or icon",
    ),
    "furniture of the middle layout is not understood": (
        "lines not understood: + middle layout",
        "lines not understood: beside middle layout",
    ),
    "the other faults of a page show here, too": (
        "lines not understood: beside mixed",
        "reference: beside mixed",
    ),
    "a lost letter is not inferred from its neighbours": ("marker: + inferred from the neighbours",),
    "a note behind the parenthesis is not kept": (
        "note: + note behind the parenthesis, no full stop",
        "note: + note behind the parenthesis, with full stop",
    ),
    "numbers beside a noun are not read": (
        "reference: + (1 2) beside a noun",
        "reference: + HTML: an entry, inline",
        "reference: + HTML: an entry, inline, script",
        "reference: + bite: (1 2) beside a noun",
    ),
    "a place in a file within brackets is not read": (
        "reference: + (p. … of its PDF file)",
        "reference: + HTML: document, file-place",
        "reference: + bite: (p. … of its PDF file)",
    ),
    "a link that calls a script leads nowhere": (
        "reference: + HTML: a section, commentary, script",
        "reference: + HTML: an entry, position, script",
        "reference: + HTML: an entry, related, script",
    ),
    "a phrase that names two countries is one reference": (
        "reference: + HTML: an entry, corresponding",
        "reference: + contemporary UK and US studies",
        "reference: + contemporary UK and US studies, two of which correspond",
        "reference: + corresponding … and … studies",
        "reference: + trials from the UK and USA …",
    ),
    "a bare pointer confirms another, or can mean only a section": (
        "reference: + HTML: an entry, position",
        "reference: + HTML: an entry, related",
        "reference: + a pointer that a bare ( above) does not confirm",
        "reference: + bite: bare ( above), a country before it",
        "reference: + bite: bare ( above), no hint before it",
        "reference: + bite: bare ( above), words of a headline before it",
    ),
    "a see-also without a year is not read": (
        "reference: + HTML: document, see-also",
        "reference: + bite: more in this …, see another’s …, no year",
        "reference: + more in this …, see another’s …, no year",
    ),
    "a kind that the page does not hold is taken for another": (
        "reference: + a kind that the page does not hold",
        "reference: beside kinds not held",
    ),
    "a name and a year in brackets are not read": (
        "reference: + a name and a year in brackets",
        "reference: + bite: a name and a year in brackets",
    ),
    "associated guidelines with more words are read as a position": (
        "reference: + associated guidelines from … below",
        "reference: beside associated guidelines",
    ),
    "below is resolved although the page is cut": (
        "reference: + below, on a page whose list is cut",
        "reference: beside cut lists",
    ),
    "the matrix named behind the second cell is not read for the first": (
        "reference: + bite: cell … and cell … of the other matrix",
        "reference: + cell … and cell … of the other matrix",
    ),
    "an issue heading that is a sentence or has a comma is not read": (
        "reference: + pages with an issue heading that has a comma or is a sentence, blank lines kept",
        "section: + pages with an issue heading that has a comma or is a sentence, blank lines kept",
    ),
    "a page of no cell is read as a cell, or its refusal offers --cell": (
        "refused: + analysis",
        "refused: + catalogue",
        "refused: + hot topic",
        "refused: + index",
        "refused: + listing",
        "refused: + mailing",
        "refused: + row",
    ),
    "furniture is read as a supporter": (
        "supporter: + two names in a line, each with furniture",
        "supporter: + “Opens a new window”",
        "supporter: + “Opens in a new window”",
    ),
    "an entry that is retitled, or whose year is corrected, is another entry": (
        "versions: + retitled",
        "versions: + year corrected",
    ),
}
"""Reason → the features that are not read correctly today. Whoever mends the reader removes them."""


@pytest.fixture(scope="module")
def score() -> Score:
    measured = measure(SEEDS)
    measure_command(measured, COMMAND_SEEDS)
    return measured


def failing_features() -> list[object]:
    """Return the features that are not read correctly, each marked."""
    return [
        pytest.param(feature, marks=pytest.mark.xfail(strict=True, reason=reason))
        for reason, features in FAILING.items() for feature in features
    ]  # fmt: skip


def test_every_feature_is_read_just_so_but_what_is_listed(score: Score) -> None:
    failing = {feature for features in FAILING.values() for feature in features}
    wrong = {
        feature: (score.recall(feature), score.precision(feature))
        for feature in {*score.expected, *score.extra} - failing
        if min(score.recall(feature), score.precision(feature)) < FALLS_SHORT.get(feature, (1.0, ""))[0]
    }
    assert wrong == {}, [miss for miss in score.misses if any(feature in miss for feature in wrong)][:10]
    assert len(score.expected) > 380
    assert all(feature in report(score) for feature in score.expected)


@pytest.mark.parametrize("feature", failing_features())
def test_a_feature_that_is_not_read_correctly(score: Score, feature: str) -> None:
    assert score.expected[feature] or score.extra[feature] or "beside" in feature or "not understood" in feature
    assert (score.recall(feature), score.precision(feature)) == (1.0, 1.0)


def test_references_of_the_commentary_are_counted_by_outcome(score: Score) -> None:
    counts = score.settled.counts
    for where in ("entries, text", "entries, HTML", "commentary, text", "commentary, HTML"):
        found = sum(counts[where, one] for one in ("right", "right open", "left open", "settled wrongly"))
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
