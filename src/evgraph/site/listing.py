"""The entries of a graph with what people choose them by: marker, year, country, topic, kind of document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode

from evgraph.namespaces import EVG, ID, scheme
from evgraph.site.reader import expand
from evgraph.store.embedded import node

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evgraph.store.embedded import OxigraphStore

    Table = dict[str, list[str]]
    """Thing → its values."""

MARKERS = {"S": "Seminal studies", "K": "Key studies", "R": "Reviews", "G": "Guidance"}
"""Letter → what entries of this marker are, in the order of the pages."""
KINDS = {
    "Trial": "Trials",
    "Study": "Studies, trials too",
    "Review": "Reviews",
    "Guidance": "Guidance",
    "Analysis": "Analyses of the bank",
}
"""Class of a document, after ``evg:`` → what such documents are."""
_NAMED = (NamedNode, Literal)
MAX_POSITION = 1 << 30
_YEAR = re.compile("[0-9]{4}", re.ASCII)
_OUTSIDE = re.compile(rf"{re.escape(ID)}(?:cell|commentary|section)/([^/]+)")


class Item(NamedTuple):
    """An entry, and of the documents that it lists, taken together, what they can be chosen by.

    Attributes:
        entry: its IRI.
        cell: ``drug-E4``.
        position: on its page, from 1; `MAX_POSITION` where it has none.
        markers: letters, in the order of the pages.
        documents: their IRIs.
        years: in which they were issued.
        countries: notations, such as ``GB-SCT``.
        topics: notations of the hot topics of its cell.
        kinds: of `KINDS`.

    """

    entry: str
    cell: str
    position: int
    markers: tuple[str, ...]
    documents: tuple[str, ...]
    years: tuple[int, ...]
    countries: tuple[str, ...]
    topics: tuple[str, ...]
    kinds: tuple[str, ...]


def notation(iri: str, name: str) -> str:
    """Return the notation in the IRI of a concept of a scheme: ``GB``; the IRI itself for any other."""
    return iri.removeprefix(scheme(name, ""))


def all_items(store: OxigraphStore) -> list[Item]:
    """Return every entry, by cell and position; computed once for a graph."""
    return store.recall("site items", lambda: _items(store, None))


def items_of(store: OxigraphStore, cell: str) -> list[Item]:
    """Return the entries of a cell (``drug-E4``) by position, without reading those of any other."""
    quads = store.matches(None, f"{EVG}inCell", node(f"{ID}cell/{cell}"))
    return _items(store, {quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)})


def _items(store: OxigraphStore, entries: set[str] | None) -> list[Item]:
    cells = table(store, "evg:inCell", entries)
    markers, positions = table(store, "evg:marker", entries), table(store, "schema:position", entries)
    lists = table(store, "evg:lists", entries)
    documents = None if entries is None else {document for listed in lists.values() for document in listed}
    issued = table(store, "dcterms:issued", documents)
    countries = [table(store, name, documents) for name in ("evg:studyCountry", "evg:forCountry")]
    topics = table(
        store, "dcterms:subject", None if entries is None else {iri for iris in cells.values() for iri in iris}
    )
    kinds = {name: instances(store, name, documents) for name in KINDS}
    found = []
    for entry, iris in cells.items():
        of_entry = lists.get(entry, [])
        letters = {notation(iri, "marker") for iri in markers.get(entry, ())}
        found += [
            Item(
                entry=entry,
                cell=iri.removeprefix(f"{ID}cell/"),
                position=position_of(positions.get(entry, ())),
                markers=tuple(sorted(letters, key=lambda letter: ("SKRG".find(letter) % 5, letter))),
                documents=tuple(of_entry),
                years=tuple(
                    sorted({int(year) for document in of_entry for year in issued.get(document, ()) if is_year(year)})
                ),
                countries=_concepts(of_entry, countries, "country"),
                topics=_concepts([iri], [topics], "topic"),
                kinds=tuple(name for name, members in kinds.items() if not members.isdisjoint(of_entry)),
            )
            for iri in iris
        ]
    return sorted(found, key=lambda item: (item.cell, item.position, item.entry))


def is_year(text: str) -> bool:
    """Return whether a text is a year of four digits."""
    return _YEAR.fullmatch(text) is not None


def position_of(texts: Iterable[str]) -> int:
    """Return the first position that a thing has on its page, or `MAX_POSITION`."""
    return min((int(text) for text in texts if text.isdecimal() and len(text) < 10), default=MAX_POSITION)


def _concepts(things: Iterable[str], tables: Iterable[Table], name: str) -> tuple[str, ...]:
    return tuple(sorted({notation(iri, name) for table in tables for thing in things for iri in table.get(thing, ())}))


def table(store: OxigraphStore, name: str, subjects: set[str] | None = None) -> Table:
    """Return thing → its IRIs and texts for a property, of some things or of all."""
    iri = expand(name)
    if subjects is None:
        quads = store.matches(None, iri)
    else:
        quads = (quad for thing in sorted(subjects) for quad in store.matches(node(thing), iri))
    found: dict[str, set[str]] = {}
    for quad in quads:
        subject, value = quad.subject, quad.object
        if isinstance(subject, NamedNode) and isinstance(value, _NAMED):
            found.setdefault(subject.value, set()).add(value.value)
    return {subject: sorted(values) if len(values) > 1 else [*values] for subject, values in found.items()}


def instances(store: OxigraphStore, name: str, things: set[str] | None = None) -> set[str]:
    """Return the instances of a class of evgraph, of some things or of all."""
    kind = NamedNode(f"{EVG}{name}")
    if things is None:
        return {str(quad.subject)[1:-1] for quad in store.matches(None, expand("rdf:type"), kind)}
    return {thing for thing in things if next(store.matches(node(thing), expand("rdf:type"), kind), None)}


def pages_of(store: OxigraphStore) -> Table:
    """Return cell (``drug-E4``) → the snapshots of its page in the graph; computed once for a graph."""

    def read() -> Table:
        found: dict[str, set[str]] = {}
        for quad in store.matches(None, expand("prov:specializationOf")):
            if isinstance(quad.object, NamedNode) and isinstance(quad.subject, NamedNode):
                found.setdefault(quad.object.value.removeprefix(f"{ID}cell/"), set()).add(quad.subject.value)
        return {cell: sorted(snapshots) for cell, snapshots in found.items()}

    return store.recall("site pages", read)


def references_outside(store: OxigraphStore) -> Table:
    """Return cell (``drug-E3``) → the references to it, or to its commentary, that lead outside the graph.

    They are those of ``queries/worklists/off-graph-cells.rq``; computed once for a graph.
    """

    def read() -> Table:
        outside = scheme("resolution", "outside")
        found: dict[str, set[str]] = {}
        for quad in store.matches(None, expand("evg:resolution"), NamedNode(outside)):
            if isinstance(quad.subject, NamedNode):
                for target in store.matches(quad.subject, expand("evg:target")):
                    if match := _OUTSIDE.match(getattr(target.object, "value", "")):
                        found.setdefault(match[1], set()).add(quad.subject.value)
        return {cell: sorted(references) for cell, references in found.items() if cell not in pages_of(store)}

    return store.recall("site references outside", read)
