"""How true the reader is on invented pages in every layout of the family, whose right reading is known."""

from __future__ import annotations

from bench.fidelity import FALLS_SHORT, measure, report
from bench.invented import generate

SEEDS = range(150)


def test_every_feature_is_read_just_so_but_what_is_listed() -> None:
    score = measure(SEEDS)
    wrong = {
        feature: (score.recall(feature), score.precision(feature))
        for feature in {*score.expected, *score.extra}
        if min(score.recall(feature), score.precision(feature)) < FALLS_SHORT.get(feature, (1.0, ""))[0]
    }
    assert wrong == {}, [miss for miss in score.misses if any(feature in miss for feature in wrong)][:10]
    assert len(score.expected) > 130
    assert all(feature in report(score) for feature in score.expected)


def test_a_reading_that_differs_is_counted_as_lost_and_as_extra() -> None:
    score = measure([])
    score.compare("here", [(("one",), ["a"]), (("two",), ["a"])], [(("one",), ["a"]), (("three",), ["b"])])
    assert (score.recall("a"), score.precision("a"), score.precision("b")) == (0.5, 1.0, 0.0)
    assert len(score.misses) == 2


def test_the_same_seed_gives_the_same_page() -> None:
    pages = [generate(seed) for seed in range(20)]
    assert pages == [generate(seed) for seed in range(20)]
    assert len({page.data for page in pages}) == 20
