"""Selections as files: entries and documents for a spreadsheet and for reference managers, entries as Turtle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from evgraph.export.export import record
from evgraph.formats import FORMATS, ROW_FORMATS
from evgraph.namespaces import curie
from evgraph.site import lists
from evgraph.site.citing import FILES, written
from evgraph.site.listing import KINDS, MAX_POSITION, all_items
from evgraph.site.lists import DOCUMENT_FACETS
from evgraph.site.page import Page
from evgraph.site.selection import name_of, read_selection
from evgraph.site.shelf import shelf
from evgraph.store.protocol import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.formats import Format
    from evgraph.site.listing import Item
    from evgraph.site.page import Parameters, Site
    from evgraph.terms import Term

COLUMNS = (
    "cell", "position", "markers", "headline", "date", "publisher", "documents", "names", "kinds", "years", "countries",
    "topics", "entry",
)  # fmt: skip


DOCUMENT_COLUMNS = ("name", "year", "kinds", "countries", "publishers", "cells", "document")


def download(site: Site, parameters: Parameters, suffix: str) -> Page:
    """Write the entries that an address chooses; ``matrix`` narrows them to one matrix.

    The table is safe for spreadsheets: no cell of it is read as a formula. RIS and BibTeX have the documents that the
    entries list.
    """
    selection, matrices = read_selection(parameters), parameters.get("matrix", ())
    items = [
        item for item in selection.of(all_items(site.store)) if not matrices or item.cell.partition("-")[0] in matrices
    ]
    if suffix in FILES:
        return written(site, dict.fromkeys(iri for item in items for iri in item.documents), suffix, "documents")
    if suffix == "csv":
        kind = ROW_FORMATS["spreadsheet"]
        chunks = kind.write(Rows(COLUMNS, (_row(site, item) for item in items)))
    else:
        kind = FORMATS["turtle"]
        things = dict.fromkeys(iri for item in items for iri in (item.entry, *item.documents))
        chunks = kind.write({quad for iri in things for quad in record(site.store, iri)})
    return _file(kind, chunks, f"entries.{suffix}")


def documents(site: Site, parameters: Parameters, suffix: str) -> Page:
    """Write the documents that an address chooses, as the list of documents has them; the table is safe, too."""
    items = shelf(site, parameters, "/documents", DOCUMENT_FACETS).items
    if suffix in FILES:
        return written(site, (item.iri for item in items), suffix, "documents")
    rows = lists.Rows(site)
    kind = ROW_FORMATS["spreadsheet"]
    table = Rows(DOCUMENT_COLUMNS, (_document_row(rows.of(item.iri)) for item in items))
    return _file(kind, kind.write(table), "documents.csv")


def _document_row(row: lists.Row) -> tuple[Term | None, ...]:
    texts = (
        row.document.label,
        row.year,
        " ".join(row.kinds),
        "; ".join(row.countries),
        "; ".join(thing.label for thing in row.publishers),
        "; ".join(thing.label for thing in row.cells),
    )
    return *_literals(texts), NamedNode(row.document.iri)


def _file(kind: Format, chunks: Iterable[str | bytes], name: str) -> Page:
    text = "".join(chunk if isinstance(chunk, str) else chunk.decode() for chunk in chunks)
    headers = (("Content-Disposition", f'attachment; filename="{name}"'),)
    return Page(text, headers, media_type=kind.media_type)


def _row(site: Site, item: Item) -> tuple[Term | None, ...]:
    reader = site.reader
    texts = (
        item.cell,
        "" if item.position == MAX_POSITION else str(item.position),
        " ".join(item.markers),
        reader.value(item.entry, "schema:headline"),
        " and ".join(reader.values(item.entry, "evg:statedDate")),
        "; ".join(reader.values(item.entry, "evg:statedPublisher")),
        " ".join(map(curie, item.documents)),
        "; ".join(map(reader.label, item.documents)),
        " ".join(kind for kind in KINDS if kind in item.kinds),
        " ".join(map(str, item.years)),
        "; ".join(name_of(reader, "country", country) for country in item.countries),
        "; ".join(name_of(reader, "topic", topic) for topic in item.topics),
    )
    return *_literals(texts), NamedNode(item.entry)


def _literals(texts: tuple[str, ...]) -> Iterator[Literal | None]:
    yield from (Literal(text) if text else None for text in texts)
