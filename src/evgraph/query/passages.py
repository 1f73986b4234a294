"""Passages behind an answer: told as cell and line, and in their own words where the pages are at hand.

A question whose rows rest on passages has a column `COLUMN`: their IRIs, joined by a space. Only the renderers for
people ask here; programs keep the IRIs.
"""

from __future__ import annotations

from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal

from evgraph.errors import EvgraphError, UnreadableError
from evgraph.namespaces import ID, NOT_IN_IRI, curie
from evgraph.store.protocol import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from evgraph.pages.source import Source
    from evgraph.store.protocol import Store, Term

COLUMN = "passages"
PLACES = ("snapshot", "line", "start", "end")
"""The columns that `Passages.spread` adds: of each passage its snapshot, line (from 1) and offsets."""
_AT_ONCE = 500  # What every engine takes in one VALUES.


class Place(NamedTuple):
    """Where a passage stands: the snapshot's IRI, the line from 1, offsets in code points."""

    snapshot: str
    line: int
    start: int
    end: int

    @property
    def cell(self) -> str:
        """``drug-E4``, the last part of the cell's IRI, as the snapshot's IRI has it."""
        return self.snapshot.removeprefix(f"{ID}snapshot/").rpartition("/")[0]

    @property
    def hash(self) -> str:
        """The hash that names the snapshot."""
        return self.snapshot.rpartition("/")[2]


class Passages:
    """Looks passages up in a graph, and their words in the pages.

    Args:
        store: the graph.
        pages: a folder of pages, or one page; without it there are no words.

    Raises:
        UnreadableError: the folder is missing or holds no page.

    """

    def __init__(self, store: Store, pages: Path | None = None) -> None:
        self._store = store
        self._pages = pages
        self._places: dict[str, Place | None] = {}
        self._absent: dict[str, Place] = {}
        self._unreadable: list[str] = []
        self._sources = self._read(pages) if pages else {}

    def look_up(self, iris: Iterable[str]) -> None:
        """Find where passages stand, in one query for all that are new."""
        new = sorted({iri for iri in iris if not NOT_IN_IRI.search(iri)}.difference(self._places))
        self._places.update(dict.fromkeys(new))
        for first in range(0, len(new), _AT_ONCE):
            some = " ".join(f"<{iri}>" for iri in new[first : first + _AT_ONCE])
            rows = self._store.query(
                "SELECT DISTINCT ?passage ?snapshot ?line ?start ?end WHERE {"
                f" VALUES ?passage {{ {some} }} ?passage oa:hasSource ?snapshot ; evg:line ?line ;"
                " oa:start ?start ; oa:end ?end } ORDER BY STR(?passage) STR(?snapshot) STR(?line)"
            )
            for row in rows.rows if isinstance(rows, Rows) else ():
                passage, snapshot, *numbers = (getattr(term, "value", "") for term in row)
                if snapshot.startswith(f"{ID}snapshot/") and all(one.isdecimal() for one in numbers):
                    self._places[passage] = Place(snapshot, *map(int, numbers))

    def name(self, iri: str) -> str:
        """Give ``drug-E4:48``, or the CURIE of a passage that the graph does not know."""
        place = self._places.get(iri)
        return f"{place.cell}:{place.line}" if place else curie(iri)

    def text(self, iri: str) -> str | None:
        """Give the words of a passage as they stand; None without pages, or where the page is not among them."""
        place = self._places.get(iri)
        source = self._source(place) if place else None
        return source.text[place.start : place.end] if place and source else None

    def words(self, iri: str) -> str | None:
        """Give ``FILE:LINE: words`` on one line; None where there is no `text`."""
        place = self._places.get(iri)
        source = self._source(place) if place else None
        if place is None or source is None:
            return None
        return f"{source.path}:{place.line}: {' '.join(source.text[place.start : place.end].split())}"

    def _source(self, place: Place) -> Source | None:
        if self._pages is None:
            return None
        source = self._sources.get(place.hash)
        if source is None:
            self._absent.setdefault(place.snapshot, place)
        return source

    def spread(self, rows: Rows) -> Rows:
        """Add to each row where its passages stand, in columns after `COLUMN`, which must be one of the rows' own.

        Several passages of a row are parted by a space in each of `PLACES`, in the same order everywhere; ``-`` stands
        for a passage that the graph does not describe. Rows are read `_AT_ONCE` at a time.
        """
        at = list(rows.columns).index(COLUMN)
        return Rows([*rows.columns[: at + 1], *PLACES, *rows.columns[at + 1 :]], self._spread(rows.rows, at))

    def _spread(self, rows: Iterator[tuple[Term | None, ...]], at: int) -> Iterator[tuple[Term | None, ...]]:
        while some := list(islice(rows, _AT_ONCE)):
            iris = [getattr(row[at], "value", "").split() for row in some]
            self.look_up(iri for each in iris for iri in each)
            for row, each in zip(some, iris, strict=True):
                places = [self._places.get(iri) for iri in each]
                told: list[Term | None] = [
                    Literal(" ".join(str(getattr(place, name)) if place else "-" for place in places)) if each else None
                    for name in PLACES
                ]
                yield (*row[: at + 1], *told, *row[at + 1 :])

    def complaints(self) -> list[str]:
        """Say which files are no pages, and once for each page whose words were wanted and not found, the way out."""
        return [*self._unreadable, *(self._complaint(place) for place in self._absent.values())]

    def _complaint(self, place: Place) -> str:
        cell = curie(f"{ID}cell/{place.cell}")
        changed = self._by_cell.get(place.cell)
        if changed:
            return (
                f"the page of {cell} has changed: {changed.path} is not the text that the graph was read from"
                f" (snapshot {place.hash})\n  put the old page there, or ingest the new one"
            )
        return f"no file of {self._pages} is the page of {cell} (snapshot {place.hash})\n  put the page there, as .txt"

    def _read(self, pages: Path) -> dict[str, Source]:
        """Hash → page."""
        from evgraph.pages.decoding import find_pages, read

        if not pages.exists():
            raise UnreadableError("no such folder of pages", path=pages, hint="check the name")
        found: dict[str, Source] = {}
        for path in find_pages([pages]):
            try:
                source = read(path)
            except EvgraphError as error:
                self._unreadable.append(str(error))
            else:
                found.setdefault(source.hash, source)
        return found

    @cached_property
    def _by_cell(self) -> dict[str, Source]:
        """Cell (``drug-E4``) → the page that says it is of that cell; asked only when a hash was not found."""
        from evgraph.pages.layout import read_page

        found: dict[str, Source] = {}
        for source in self._sources.values():
            try:
                found.setdefault(read_page(source).cell, source)
            except EvgraphError:
                continue  # Not a page of the Matrices, or one that does not say which cell it is.
        return found
