"""Rows of an answer as a table for people: things by their labels, passages by page and line."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode

from evgraph.namespaces import ID, curie
from evgraph.query.passages import COLUMN
from evgraph.site.addresses import href, square_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evgraph.query.passages import Passages
    from evgraph.site.page import Site
    from evgraph.store.protocol import Rows, Term

_CELL = f"{ID}cell/"


class Item(NamedTuple):
    """What a field of a table shows: a text, and where it leads.

    Attributes:
        text: the text, or the label of a thing.
        address: of the page about it; empty where there is none.
        name: the CURIE of a thing; empty for a literal.
        language: of the text, or empty.

    """

    text: str
    address: str = ""
    name: str = ""
    language: str = ""


class Passage(NamedTuple):
    """Where a row is stated: page and line, and the text where it may be quoted."""

    name: str
    address: str
    text: str | None


class Row(NamedTuple):
    """A row of a table."""

    items: tuple[Item, ...]
    passages: tuple[Passage, ...] = ()


class Table(NamedTuple):
    """A table for people.

    Attributes:
        columns: the names.
        rows: those that are shown.
        first: the number of the first of them, from 0.
        total: the number of all rows; those beyond `MOST` are not counted.
        is_cut: whether there are more than `MOST` rows.
        has_passages: whether there is a column for them.

    """

    columns: tuple[str, ...]
    rows: list[Row]
    first: int
    total: int
    is_cut: bool
    has_passages: bool


MOST = 10_000
"""So many rows are read, sorted and counted."""
PAGE = 50
"""So many rows are on a page."""


def table(site: Site, rows: Rows, *, offset: int = 0, sort: str = "", size: int = PAGE) -> Table:
    """Read rows into a table.

    Args:
        site: for labels and passages.
        rows: the last column may be that of passages, see `evgraph.query.passages`.
        offset: the number of the first row to show, from 0.
        sort: the name of a column, with ``-`` before it for the opposite order; else the order of the rows stays.
        size: at most so many rows are shown.

    """
    names = list(rows.columns)
    found = list(islice(rows.rows, MOST + 1))
    is_cut = len(found) > MOST
    del found[MOST:]
    has_passages = bool(names) and names[-1] == COLUMN
    column = sort.removeprefix("-")
    labels: dict[str, str] = {}
    if column in names:
        place = names.index(column)
        labels = labels_of(site, (row[place] for row in found))
        found.sort(key=lambda row: _order(row[place], labels), reverse=sort.startswith("-"))
    shown = found[offset : offset + size]
    labels |= labels_of(site, (term for row in shown for term in row))
    if has_passages:
        site.passages.look_up(iri for row in shown if row[-1] for iri in row[-1].value.split())  # type: ignore[union-attr]
    last = -1 if has_passages else None
    return Table(
        tuple(names[:last]),
        [
            Row(
                tuple(item(site, term, labels) for term in row[:last]),
                passages(site.passages, row[-1]) if has_passages else (),
            )
            for row in shown
        ],
        offset,
        len(found),
        is_cut,
        has_passages,
    )


def labels_of(site: Site, terms: Iterable[Term | None]) -> dict[str, str]:
    """Return the labels of the things among terms, by IRI."""
    return {iri: site.reader.label(iri) for iri in {term.value for term in terms if isinstance(term, NamedNode)}}


def _order(term: Term | None, labels: dict[str, str]) -> tuple[int, float, str]:
    """Sort what is missing last, numbers by their value, texts and labels without regard to capitals."""
    if term is None:
        return 2, 0, ""
    text = labels.get(term.value, "") if isinstance(term, NamedNode) else getattr(term, "value", "")
    try:
        return 0, float(text), ""
    except ValueError:
        return 1, 0, text.casefold()


def item(site: Site, term: Term | None, labels: dict[str, str]) -> Item:
    """Return what is shown for a term."""
    if isinstance(term, NamedNode):
        name = curie(term.value)
        text = labels[term.value] if labels.get(term.value) else name
        if term.value.startswith(_CELL):
            text = square_name(term.value)
        return Item(text, site.reader.leads(term.value), name)
    if isinstance(term, Literal):
        return Item(term.value, "", "", term.language or "")
    return Item("" if term is None else f"_:{term.value}" if isinstance(term, BlankNode) else str(term))


def passages(known: Passages, term: Term | None) -> tuple[Passage, ...]:
    """Return the passages that a field names, separated by spaces."""
    found: Sequence[str] = term.value.split() if isinstance(term, Literal) else ()
    return tuple(passage(known, iri) for iri in found)


def passage(known: Passages, iri: str) -> Passage:
    """Return a passage that was looked up: ``Drug E4, line 95``."""
    cell, _, line = known.name(iri).rpartition(":")
    name = f"{square_name(cell)}, line {line}" if line.isdecimal() else known.name(iri)
    return Passage(name, href(iri), known.text(iri))
