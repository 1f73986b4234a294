"""The passages behind an answer: their locations, and their text where the pages are available.

A question whose rows rest on passages has a column `COLUMN`: their IRIs, separated by a space. Only the formats for
people use this module; programs get the IRIs.
"""

from __future__ import annotations

from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal

from evgraph.errors import EvgraphError, UnreadableError
from evgraph.namespaces import ID, curie
from evgraph.store.protocol import BATCH, Rows, select_for
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from evgraph.pages.source import Source
    from evgraph.store.protocol import Store, Term

COLUMN = "passages"
LOCATION_COLUMNS = ("snapshot", "line", "start", "end")
"""The columns that `Passages.with_locations` adds, with the fields of `Location`."""


class Location(NamedTuple):
    """The location of a passage: the snapshot's IRI, the line from 1, offsets in code points."""

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
        """The hash in the snapshot's IRI."""
        return self.snapshot.rpartition("/")[2]


class Passages:
    """The locations of passages in a graph, and their text in the pages.

    Args:
        store: the graph.
        pages: a folder of pages, or one page; without it there is no text.

    Raises:
        UnreadableError: the folder is missing or has no page.

    """

    def __init__(self, store: Store, pages: Path | None = None) -> None:
        self._store = store
        self._pages = pages
        self._locations: dict[str, Location | None] = {}
        self._absent: dict[str, Location] = {}
        self._unreadable: list[str] = []
        self._sources = self._read(pages) if pages else {}

    def look_up(self, iris: Iterable[str]) -> None:
        """Find the locations of passages, in one query for those that are new."""
        new = set(iris).difference(self._locations)
        self._locations.update(dict.fromkeys(new))
        query = (
            "SELECT DISTINCT ?passage ?snapshot ?line ?start ?end WHERE { VALUES ?passage {}"
            " ?passage oa:hasSource ?snapshot ; evg:line ?line ; oa:start ?start ; oa:end ?end }"
            " ORDER BY STR(?passage) STR(?snapshot) STR(?line)"
        )
        for row in select_for(self._store, query, new):
            passage, snapshot, *numbers = map(value_of, row)
            if snapshot.startswith(f"{ID}snapshot/") and all(map(str.isdecimal, numbers)):
                self._locations[passage] = Location(snapshot, *map(int, numbers))

    def order(self, iri: str) -> tuple[str, int, int, str]:
        """Return a key that sorts passages by snapshot and place in it; the unknown come first."""
        location = self._locations.get(iri)
        return (*location[:3], iri) if location else ("", 0, 0, iri)

    def name(self, iri: str) -> str:
        """Return ``drug-E4:48``, or the CURIE of a passage that is not in the graph."""
        location = self._locations.get(iri)
        return f"{location.cell}:{location.line}" if location else curie(iri)

    def text(self, iri: str) -> str | None:
        """Return the text of a passage; None without pages, or where the page is not among them."""
        found = self.source_of(iri)
        return found[0].text[found[1].start : found[1].end] if found else None

    def words(self, iri: str) -> str | None:
        """Return ``FILE:LINE: text`` on one line; None where there is no `text`."""
        location, text = self._locations.get(iri), self.text(iri)
        if location is None or text is None:
            return None
        return f"{self._sources[location.hash].path}:{location.line}: {' '.join(text.split())}"

    def source_of(self, iri: str) -> tuple[Source, Location] | None:
        """Return the page of a passage and its location there; None without pages, or where it is not among them."""
        location = self._locations.get(iri)
        source = self._source(location) if location else None
        return (source, location) if location and source else None

    def _source(self, location: Location) -> Source | None:
        source = self._sources.get(location.hash)
        if source is None and self._pages is not None:
            self._absent.setdefault(location.snapshot, location)
        return source

    def with_locations(self, rows: Rows) -> Rows:
        """Add the locations of its passages to each row, in `LOCATION_COLUMNS` behind the column `COLUMN`.

        Several passages of a row are separated by a space in each column, in the same order everywhere; ``-`` is for a
        passage that is not in the graph. Rows are read `BATCH` at a time.
        """
        place = list(rows.columns).index(COLUMN) + 1
        columns = [*rows.columns[:place], *LOCATION_COLUMNS, *rows.columns[place:]]
        return Rows(columns, self._located(rows.rows, place))

    def _located(self, rows: Iterator[tuple[Term | None, ...]], place: int) -> Iterator[tuple[Term | None, ...]]:
        while batch := list(islice(rows, BATCH)):
            iris = [value_of(row[place - 1]).split() for row in batch]
            self.look_up(iri for iris_of_row in iris for iri in iris_of_row)
            for row, iris_of_row in zip(batch, iris, strict=True):
                locations = [self._locations.get(iri) or ("-",) * len(LOCATION_COLUMNS) for iri in iris_of_row]
                added = [Literal(" ".join(map(str, values))) for values in zip(*locations, strict=True)]
                yield (*row[:place], *(added or (None,) * len(LOCATION_COLUMNS)), *row[place:])

    def complaints(self) -> list[str]:
        """Return which files are no pages, and once for each page that was missing, what to do about it."""
        return [*self._unreadable, *map(self._complaint, self._absent.values())]

    def _complaint(self, location: Location) -> str:
        cell = curie(f"{ID}cell/{location.cell}")
        changed = self._by_cell.get(location.cell)
        if changed:
            return (
                f"the page of {cell} has changed: {changed.path} is not the text that the graph was read from"
                f" (snapshot {location.hash})\n  put the old page there, or ingest the new one"
            )
        return (
            f"no file of {self._pages} is the page of {cell} (snapshot {location.hash})\n  put the page there, as .txt"
        )

    def _read(self, pages: Path) -> dict[str, Source]:
        """Return hash → page."""
        from evgraph.pages.decoding import find_pages, read

        if not pages.exists():
            raise UnreadableError("no such folder of pages", path=pages, hint="check the name")
        sources: dict[str, Source] = {}
        for path in find_pages([pages]):
            try:
                source = read(path)
            except EvgraphError as error:
                self._unreadable.append(str(error))
            else:
                sources.setdefault(source.hash, source)
        return sources

    @cached_property
    def _by_cell(self) -> dict[str, Source]:
        """Cell (``drug-E4``) → the page that says it is of that cell; read only when a hash is missing."""
        from evgraph.pages.layout import read_page

        sources: dict[str, Source] = {}
        for source in self._sources.values():
            try:
                sources.setdefault(read_page(source).cell, source)
            except EvgraphError:
                continue  # Not a page of the Matrices, or one that does not say which cell it is.
        return sources
