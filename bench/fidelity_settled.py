"""How the references of entries and of the commentary are resolved: rightly, wrongly, or left open."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.invented_gold import GeneratedPage

Item = tuple[
    str, str, str | None, str, str | None, tuple[str, ...], str | None, tuple[str, ...] | None
]  # fmt: skip
"""Source, kind, direction, resolution, target, candidates, date and types of a reference."""
_SETTLED = ("resolved", "outside")
COLUMNS = ("there", "found", "right", "right open", "left open", "settled wrongly", "not there", "not there, settled")


@dataclass(slots=True)
class Settled:
    """Counts by place (``commentary, text``) and outcome.

    The outcomes: references that are there; of these, those found; of these, those settled or rightly left open as the
    gold says, those left open although the page tells, and those settled on something else than the gold says; then
    those that are read although nothing is there, and how many of them are settled. A reference counts as settled if
    it is resolved or outside.
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count(self, page: GeneratedPage, gold: Sequence[Item], read: Sequence[Item]) -> None:
        """Count the references of one page; those of one source and kind are compared in the order of the page."""
        left = list(read)
        unmatched = []
        for item in gold:
            if item in left:
                left.remove(item)
                self._add(page, item, "there", "found", "right" if item[3] in _SETTLED else "right open")
            else:
                unmatched.append(item)
        for item in unmatched:
            alike = next((candidate for candidate in left if candidate[:2] == item[:2]), None)
            self._add(page, item, "there", *(["found"] if alike else []))
            if alike:
                left.remove(alike)
                self._add(page, item, _outcome(item, alike))
        for item in left:
            self._add(page, item, "not there", *(["not there, settled"] if item[3] in _SETTLED else []))

    def _add(self, page: GeneratedPage, item: Item, *outcomes: str) -> None:
        if item[0] == "trailer":
            return
        where = "entries" if item[0].startswith("entry ") else "commentary"
        for outcome in outcomes:
            self.counts[f"{where}, {'HTML' if page.html else 'text'}", outcome] += 1

    def table(self) -> list[str]:
        """Return the table's lines."""
        lines = [f"{'references of':20}" + "".join(f" {column:>18}" for column in COLUMNS)]
        places = [f"{place}, {how}" for place in ("entries", "commentary") for how in ("text", "HTML")]
        cells = [[f"{self.counts[where, column]:18}" for column in COLUMNS] for where in places]
        return [*lines, *(" ".join((f"{where:20}", *row)) for where, row in zip(places, cells, strict=True))]


def _outcome(gold: Item, read: Item) -> str:
    same = gold[3:5] == read[3:5]
    if read[3] not in _SETTLED:
        return "left open" if gold[3] in _SETTLED else "right open"
    return "right" if same else "settled wrongly"
