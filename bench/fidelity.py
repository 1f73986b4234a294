"""Measure precision and recall of the page reader on invented pages whose correct reading is known.

Usage: python bench/fidelity.py [PAGES] [--show N]

Prints, for each feature of the pages, the number of things to read, the share that was read correctly (recall), and the
share of what was read that is correct (precision); then the features that fall short, and why.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))
from bench.invented import generate
from bench.invented_bite import UNENDED

from evgraph.errors import Hint, UnreadableError
from evgraph.namespaces import ID
from evgraph.pages.cell import Cell, identify
from evgraph.pages.decoding import decode
from evgraph.pages.layout import read_page
from evgraph.pages.resolve import resolve
from evgraph.register import Register, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.invented_gold import GeneratedPage

_UNENDED = (
    "a capital within a line of words may start a sentence or a name; where neither a question mark nor a blank line"
    " ends the heading, and the page does not tell by writing the word small elsewhere, it is read as text, and the"
    " issues behind it are counted one too low"
)
FALLS_SHORT: dict[str, tuple[float, str]] = {
    f"section: {UNENDED}": (0.8, _UNENDED),
    f"reference: {UNENDED}": (0.8, _UNENDED),
}
"""Feature → the lowest recall and precision to expect, and the reason why they are not 1."""


@dataclass(slots=True)
class Score:
    """Counts by feature: the expected things, those that were read correctly, and those that were read in error."""

    expected: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    extra: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    def recall(self, feature: str) -> float:
        """Return the share of the expected things that were read correctly."""
        return self.found[feature] / self.expected[feature] if self.expected[feature] else 1.0

    def precision(self, feature: str) -> float:
        """Return the share of the read things that were expected."""
        read = self.found[feature] + self.extra[feature]
        return self.found[feature] / read if read else 1.0

    def compare(
        self,
        where: str,
        gold: Iterable[tuple[tuple[object, ...], Sequence[str]]],
        read: Iterable[tuple[tuple[object, ...], Sequence[str]]],
    ) -> None:
        """Match the expected things with those that were read, each with its features."""
        read = list(read)
        left = Counter(item for item, _ in read)
        for item, features in gold:
            self.expected.update(features)
            if left[item]:
                left[item] -= 1
                self.found.update(features)
            else:
                self.misses.append(f"{where}: not read: {item} [{', '.join(features)}]")
        for item, features in read:
            if left[item]:
                left[item] -= 1
                self.extra.update(features)
                self.misses.append(f"{where}: read, and not there: {item} [{', '.join(features)}]")


def measure(seeds: Iterable[int]) -> Score:
    """Read the pages of some seeds and compare each with its gold."""
    register, score = load([Path(__file__).parent]), Score()  # The controlled words, and nobody's decisions.
    for seed in seeds:
        page = generate(seed)
        where = f"seed {seed} ({page.layout})"
        cell = read(page, register)
        score.compare(
            where, [((page.cell,), [f"title: {page.title}"])], [((cell.page.cell,), [f"title: {page.title}"])]
        )
        if page.cell_option:
            score.compare(where, [(("error",), ["error without --cell"])], _error_without_cell(page))
        _compare_entries(score, where, page, cell)
        _compare_references(score, where, page, cell)
        _compare_parts(score, where, page, cell)
    return score


def read(page: GeneratedPage, register: Register) -> Cell:
    """Read one generated page."""
    cell = identify(read_page(decode(page.data, page.cell), page.cell_option), register)
    resolve(cell, register)
    return cell


def _error_without_cell(page: GeneratedPage) -> list[tuple[tuple[object, ...], list[str]]]:
    try:
        read_page(decode(page.data, page.cell))
    except UnreadableError as error:
        return [(("error",), ["error without --cell"])] if error.hint is Hint.NAME_CELL else []
    return []


def _plain(words: str | None) -> str | None:
    return words if words is None else " ".join(words.split())


def _compare_entries(score: Score, where: str, page: GeneratedPage, cell: Cell) -> None:
    source = cell.page.source
    gold = [
        (
            (at, e.markers, _plain(e.headline), e.date, _plain(e.publisher), e.country),
            [f"entry: {f}" for f in e.features],
        )
        for at, e in enumerate(page.entries, 1)
    ]
    by_place = {f"entry {at}": features for at, (_, features) in enumerate(gold, 1)}
    read_ = [
        ((e.position, e.markers, _plain(source.slice(e.headline)), *e.imprint[:3]),
         by_place.get(f"entry {e.position}", ["entry: none"]))
        for e in cell.page.entries
    ]  # fmt: skip
    score.compare(where, gold, read_)


def _compare_references(score: Score, where: str, page: GeneratedPage, cell: Cell) -> None:
    source = cell.page.source
    names = {one.iri: f"entry {one.entry.position}" for one in cell.entries}
    features = {_plain(one.text) or "": one.feature for one in page.references}

    def name(iri: str | None) -> str | None:
        if iri is None or iri in names:
            return iri and names[iri]
        return "document" if iri.startswith(f"{ID}doc/") else iri.rpartition("/")[2]

    def feature(words: str) -> str:
        return next((feature for one, feature in features.items() if one[:-1] in words), "plain text")

    gold = [
        ((g.source, g.kind, g.direction, g.resolution, g.target, g.candidates, g.date), [f"reference: {g.feature}"])
        for g in page.references
    ]
    read_: list[tuple[tuple[object, ...], list[str]]] = []
    for one in cell.references:
        phrase = one.phrase
        source_name = "trailer" if phrase.kind == "search" else name(one.source)
        candidates = tuple(name(iri) for iri in one.candidates)
        item = (
            source_name, phrase.kind.value, phrase.direction, one.resolution.value, name(one.target), candidates,
            phrase.imprint.date,
        )  # fmt: skip
        read_.append((item, [f"reference: {feature(_plain(source.slice(phrase.sentence)) or '')}"]))
    score.compare(where, gold, read_)


def _compare_parts(score: Score, where: str, page: GeneratedPage, cell: Cell) -> None:
    source = cell.page.source
    topics = f"hot topics: {page.topics_feature}"
    score.compare(where, [((t,), [topics]) for t in page.topics], [((t,), [topics]) for t in cell.page.topics])
    none = f"section: {UNENDED if any(one.feature == UNENDED for one in page.sections) else 'none'}"
    features = {one.name: [f"section: {one.feature}"] for one in page.sections}
    score.compare(
        where,
        [((one.name, _plain(one.heading)), features[one.name]) for one in page.sections],
        [((one.name, _plain(source.slice(one.heading))), features.get(one.name, [none]))
         for one in cell.page.sections],
    )  # fmt: skip
    roles = {(name, role): [f"supporter: {feature}"] for name, role, feature in page.supports}
    score.compare(
        where,
        roles.items(),
        [((one.name, one.role), roles.get((one.name, one.role), ["supporter: none"])) for one in cell.page.supports],
    )
    lost = ["lines not understood"]
    score.compare(
        where,
        [((_plain(one),), lost) for one in page.not_understood],
        [((_plain(source.slice(one)),), lost) for one in cell.page.not_understood()],
    )


def report(score: Score) -> str:
    """Write the table, and what falls short."""
    features = sorted({*score.expected, *score.extra})
    lines = [f"{'feature':78} {'there':>6} {'recall':>7} {'precision':>9}"]
    lines += [
        f"{one:78} {score.expected[one]:6} {score.recall(one):7.3f} {score.precision(one):9.3f}" for one in features
    ]
    lines += ["", f"falls short: {len(FALLS_SHORT) or 'nothing'}"]
    lines += [f"{feature} (at least {least}): {reason}" for feature, (least, reason) in FALLS_SHORT.items()]
    return "\n".join(lines)


def main() -> None:
    """Print the report, and the first misses if they are asked for."""
    words = sys.argv[1:]
    shown = int(words[words.index("--show") + 1]) if "--show" in words else 0
    score = measure(range(int(words[0]) if words and words[0].isdigit() else 300))
    print(report(score))
    for miss in score.misses[:shown]:
        print(miss)
    print(f"{sum(score.expected.values())} features read, {len(score.misses)} misses")


if __name__ == "__main__":
    main()
