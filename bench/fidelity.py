"""Measure precision and recall of the page reader on invented pages whose correct reading is known.

Usage: python bench/fidelity.py [PAGES] [--show N]

Prints, for each feature of the pages, the number of things to read, the share that was read correctly (recall), and the
share of what was read that is correct (precision); then how the references of entries and of the commentary are
resolved, in text and in HTML; then the features that fall short, and why. A feature with a plus sign is of a further
kind, which only some pages have; what else is on such a page is counted together, as "beside" it.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))
from bench.fidelity_command import measure_command
from bench.fidelity_settled import Item, Settled
from bench.fidelity_stated import Graph, compare_stated, plain
from bench.invented import CUT, generate
from bench.invented_bite import HEADING_LIKE_TEXT, UNENDED
from bench.invented_gold import NEW

from evgraph.errors import Hint, UnreadableError
from evgraph.namespaces import ID
from evgraph.pages.cell import Cell, identify
from evgraph.pages.decoding import decode
from evgraph.pages.layout import read_page
from evgraph.pages.resolve import resolve
from evgraph.pages.triples import triples
from evgraph.register import Register, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.invented_gold import GeneratedPage, GoldReference

_UNENDED = (
    "a capital within a line of words may start a sentence or a name; where neither a question mark nor a blank line"
    " ends the heading, and the page does not tell by writing the word small elsewhere, it is read as text, and the"
    " issues behind it are counted one too low"
)
_CUT_AMONG_SEVERAL = "a phrase that several entries fit is ambiguous among them, also where more may be missing"
FALLS_SHORT: dict[str, tuple[float, str]] = {
    f"section: {UNENDED}": (0.8, _UNENDED),
    f"reference: {UNENDED}": (0.8, _UNENDED),
    "reference: + bite: bare ( above), words of a headline before it": (
        0.8,
        "two headlines of an invented page may share these words, and then both are candidates",
    ),
    "reference: + below, on a page whose list is cut": (0.8, _CUT_AMONG_SEVERAL),
    "reference: beside cut lists": (0.95, _CUT_AMONG_SEVERAL),
    "reference: beside dated headlines": (
        0.95,
        "a place in the file of an entry that lists several documents is ambiguous among them",
    ),
}
"""Feature → the lowest recall and precision to expect, and the reason why they are not 1."""

ANY = "any"
"""The kind of references of which the description of the pages does not say it: numbers beside a noun."""


@dataclass(slots=True)
class Score:
    """Counts by feature: the expected things, those that were read correctly, and those that were read in error."""

    expected: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    extra: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)
    settled: Settled = field(default_factory=Settled)

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
        title = [_feature(page, "title", page.title)]
        score.compare(where, [((page.cell,), title)], [((cell.page.cell,), title)])
        if page.cell_option:
            score.compare(where, [(("error",), ["error without --cell"])], _error_without_cell(page))
        _compare_entries(score, where, page, cell)
        graph = Graph(triples(cell, register, with_text=True))
        compare_stated(score, where, page, cell, graph, _feature)
        score.settled.count(page, *_compare_references(score, where, page, cell, graph))
        _compare_parts(score, where, page, cell)
    return score


def _feature(page: GeneratedPage, what: str, feature: str) -> str:
    """Return a feature by which to count: on a page of a further kind, others than its own are counted together."""
    if feature.startswith(NEW) or feature == UNENDED:
        return f"{what}: {feature}"
    return f"{what}: beside {page.kind}" if page.kind else f"{what}: {feature}"


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


def _compare_entries(score: Score, where: str, page: GeneratedPage, cell: Cell) -> None:
    source = cell.page.source
    gold = [
        (
            (
                at,
                e.markers if not e.inferred else None,
                plain(e.headline),
                e.date or None,
                plain(e.publisher),
                e.country,
            ),
            [_feature(page, "entry", f) for f in e.features],
        )
        for at, e in enumerate(page.entries, 1)
    ]
    by_place = {at: (e, features) for at, (e, (_, features)) in enumerate(zip(page.entries, gold, strict=True), 1)}
    read_ = []
    for e in cell.page.entries:
        meant, features = by_place.get(e.position, (None, [_feature(page, "entry", "none")]))
        markers = None if meant and meant.inferred else e.markers  # How the entry says so is not set down.
        date = None if meant and meant.documents else e.imprint.date
        read_.append(((e.position, markers, plain(source.slice(e.headline)), date, *e.imprint[1:3]), features))
    score.compare(where, gold, read_)


def _is_number(reference: GoldReference) -> bool:
    return reference.kind == "inline" and "(1 2" in reference.text


def _compare_references(
    score: Score, where: str, page: GeneratedPage, cell: Cell, graph: Graph
) -> tuple[list[Item], list[Item]]:
    source = cell.page.source
    names = {identified.iri: f"entry {identified.entry.position}" for identified in cell.entries}
    by_words = {plain(expected.text) or "": expected for expected in page.references}

    def name(iri: str | None) -> str | None:
        if iri is None or iri in names:
            return iri and names[iri]
        return "document" if iri.startswith(f"{ID}doc/") else iri.rpartition("/")[2]

    gold: list[tuple[Item, list[str]]] = []
    for g in page.references:
        kind = ANY if _is_number(g) else g.kind
        item = (g.source, kind, g.direction, g.resolution, g.target, tuple(sorted(g.candidates)), g.date, g.types)
        gold.append((item, [_feature(page, "reference", g.feature)]))
    read_: list[tuple[Item, list[str]]] = []
    for reference in cell.references:
        phrase = reference.phrase
        words = plain(source.slice(phrase.sentence)) or ""
        meant = next((g for text, g in by_words.items() if text[:-1] in words), None)
        feature = meant.feature if meant else "plain text"
        source_name = "trailer" if phrase.kind == "search" else name(reference.source) or ""
        resolution, target = reference.resolution.value, name(reference.target)
        candidates = tuple(sorted(name(iri) or "" for iri in reference.candidates))
        if feature == CUT and resolution in ("ambiguous", "dangling"):
            resolution, target, candidates = "open", None, ()
        kind = ANY if meant and _is_number(meant) else phrase.kind.value
        types = graph.types(reference.target) if meant and meant.types is not None and reference.target else None
        item = (
            source_name, kind, phrase.direction, resolution, target, candidates, phrase.imprint.date, types,
        )  # fmt: skip
        read_.append((item, [_feature(page, "reference", feature)]))
    score.compare(where, gold, read_)
    return [item for item, _ in gold], [item for item, _ in read_]


def _compare_parts(score: Score, where: str, page: GeneratedPage, cell: Cell) -> None:
    source = cell.page.source
    topics = [_feature(page, "hot topics", page.topics_feature)]
    score.compare(where, [((t,), topics) for t in page.topics], [((t,), topics) for t in cell.page.topics])
    hard = next(
        (section.feature for section in page.sections if section.feature in (UNENDED, HEADING_LIKE_TEXT)), "none"
    )
    none = [_feature(page, "section", hard)]
    features = {section.name: [_feature(page, "section", section.feature)] for section in page.sections}
    score.compare(
        where,
        [((section.name, plain(section.heading)), features[section.name]) for section in page.sections],
        [((section.name, plain(source.slice(section.heading))), features.get(section.name, none))
         for section in cell.page.sections],
    )  # fmt: skip
    roles = {(name, role): [_feature(page, "supporter", feature)] for name, role, feature in page.supports}
    new = next((feature for _, _, feature in page.supports if feature.startswith(NEW)), "none")
    score.compare(
        where,
        roles.items(),
        [((support.name, support.role), roles.get((support.name, support.role), [_feature(page, "supporter", new)]))
         for support in cell.page.supports],
    )  # fmt: skip
    lost = [_feature(page, "lines not understood", f"{NEW}{page.title}" if page.title == "middle layout" else "all")]
    score.compare(
        where,
        [((plain(line),), lost) for line in page.not_understood],
        [((plain(source.slice(span)),), lost) for span in cell.page.not_understood()],
    )


def report(score: Score) -> str:
    """Write the table, and what falls short."""
    features = sorted({*score.expected, *score.extra})
    lines = [f"{'feature':78} {'there':>6} {'recall':>7} {'precision':>9}"]
    lines += [
        f"{feature:78} {score.expected[feature]:6} {score.recall(feature):7.3f} {score.precision(feature):9.3f}"
        for feature in features
    ]
    lines += ["", *score.settled.table()]
    lines += ["", f"falls short: {len(FALLS_SHORT) or 'nothing'}"]
    lines += [f"{feature} (at least {least}): {reason}" for feature, (least, reason) in FALLS_SHORT.items()]
    return "\n".join(lines)


def main() -> None:
    """Print the report, and the first misses if they are asked for."""
    words = sys.argv[1:]
    shown = int(words[words.index("--show") + 1]) if "--show" in words else 0
    pages = int(words[0]) if words and words[0].isdigit() else 300
    score = measure(range(pages))
    measure_command(score, range(pages // 10))
    print(report(score))
    for miss in score.misses[:shown]:
        print(miss)
    print(f"{sum(score.expected.values())} features read, {len(score.misses)} misses")


if __name__ == "__main__":
    main()
