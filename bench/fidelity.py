"""How true the page reader is: precision and recall on invented pages whose right reading is known.

Usage: python bench/fidelity.py [PAGES] [--show N]

Prints, for each feature that the pages are put together from, how many entries or references there were to read, how
many were read just so (recall), and for each kind how many of those read were there (precision).
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from invented import GeneratedPage, generate

from evgraph.namespaces import ID
from evgraph.pages.cell import Cell, identify
from evgraph.pages.layout import read_page
from evgraph.pages.resolve import resolve
from evgraph.pages.source import decode
from evgraph.register import Register, load


@dataclass(slots=True)
class Score:
    """Counts by feature (what was there, what was found) and by kind (what was read, what of it was there)."""

    there: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    def compare(self, where: str, gold: list[tuple[tuple[object, ...], str]], read: list[tuple[object, ...]]) -> None:
        """Match what is right (each with its feature) with what was read; each is matched once."""
        left = Counter(read)
        for item, feature in gold:
            self.there[feature] += 1
            if left[item]:
                left[item] -= 1
                self.found[feature] += 1
                self.right[str(item[0])] += 1
            else:
                self.misses.append(f"{where}: not read: {item} [{feature}]")
        for item in read:
            self.read[str(item[0])] += 1
        self.misses += [f"{where}: read, and not there: {item}" for item, count in left.items() for _ in range(count)]


def measure(count: int) -> Score:
    """Read the pages of the seeds 0 … count-1 and compare each with its gold."""
    register, score = load(), Score()
    for seed in range(count):
        page = generate(seed)
        cell = read(page, register)
        where = f"seed {seed} ({page.layout})"
        source = cell.page.source
        entries: list[tuple[object, ...]] = [
            ("entry", one.entry.markers, source.slice(one.entry.headline), one.entry.stated.date,
             one.entry.stated.publisher, one.entry.stated.country)
            for one in cell.listings
        ]  # fmt: skip
        score.compare(
            where,
            [
                (("entry", e.markers, e.headline, e.date, e.publisher, e.country), f"entry: {part}")
                for e in page.entries
                for part in [e.feature]
            ],
            entries,
        )
        names = {one.iri: f"entry {one.entry.position}" for one in cell.listings}
        references: list[tuple[object, ...]] = [
            (one.mention.kind.value, names.get(one.source) or _last(one.iri, 2), one.mention.direction,
             one.resolution.value, _target(one.target, names))
            for one in cell.references
        ]  # fmt: skip
        gold: list[tuple[tuple[object, ...], str]] = [
            ((g.kind, g.source, g.direction, g.resolution, g.target), f"reference: {g.feature}")
            for g in page.references
        ]
        score.compare(where, gold, references)
        score.compare(
            where, [(("topic", t), "hot topics") for t in page.topics], [("topic", t) for t in cell.page.topics]
        )
        score.compare(
            where, [(("section", name), "sections") for name in page.sections],
            [("section", one.name) for one in cell.page.sections if one.role != "intro"],
        )  # fmt: skip
        for span in cell.page.not_understood():
            score.misses.append(f"{where}: line not understood: {source.slice(span)[:80]}")
    return score


def read(page: GeneratedPage, register: Register) -> Cell:
    """Read one generated page."""
    cell = identify(read_page(decode(page.text.encode(), page.cell)), register)
    resolve([cell], register)
    return cell


def _target(iri: str | None, names: dict[str, str]) -> str | None:
    if iri is None:
        return None
    if iri in names:
        return names[iri]
    return "document" if iri.startswith(f"{ID}doc/") else _last(iri, 1)


def _last(iri: str, place: int) -> str:
    return iri.split("/")[-place]


def report(score: Score) -> str:
    """Write the table."""
    lines = [f"{'feature':62} {'there':>6} {'recall':>7}"]
    for feature, there in sorted(score.there.items()):
        lines.append(f"{feature:62} {there:6} {score.found[feature] / there:7.3f}")
    lines += ["", f"{'kind':62} {'read':>6} {'precision':>9}"]
    for kind, read_ in sorted(score.read.items()):
        lines.append(f"{kind:62} {read_:6} {score.right[kind] / read_:9.3f}")
    return "\n".join(lines)


def main() -> None:
    """Print the report, and the first misses if they are asked for."""
    words = sys.argv[1:]
    shown = int(words[words.index("--show") + 1]) if "--show" in words else 0
    score = measure(int(words[0]) if words and words[0].isdigit() else 300)
    print(report(score))
    for miss in score.misses[:shown]:
        print(miss)
    print(f"{len(score.misses)} misses")


if __name__ == "__main__":
    main()
