"""The base of cells, documents and the like: a thing with its IRI and its statements, and the passages it rests on."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from pyoxigraph import Literal, NamedNode

from evgraph.errors import UsageError
from evgraph.namespaces import DCTERMS, EVG, LABEL_PROPERTIES, OA, SCHEMA, curie
from evgraph.query.passages import Passages
from evgraph.store.select import select, select_for

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import rdflib
    from rdflib import URIRef

    from evgraph.store.protocol import Store, Term


class OpenGraph(Protocol):
    """What things and results need of the `Graph` they come from."""

    store: Store

    def describe(self, thing: str | Thing) -> rdflib.Graph:
        """See `Graph.describe`."""
        ...

    def labels(self, iris: Iterable[str]) -> dict[URIRef, str]:
        """See `Graph.labels`."""
        ...

    def text_of(self, passage: str, pages: str | Path) -> str:
        """See `Graph.text_of`."""
        ...


class Statements(dict[str, list["Term"]]):
    """The statements about one thing: IRI of a property → values, sorted."""

    def text(self, *properties: str) -> str | None:
        """Return the first literal of the first property that has one, as text."""
        return next((text for name in properties for text in self.texts(name)), None)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the literals of a property, as text."""
        return tuple(value.value for value in self.get(name, ()) if isinstance(value, Literal))

    def number(self, name: str) -> int | None:
        """Return the first value of a property that is a whole number or a year."""
        for text in self.texts(name):
            with suppress(ValueError):
                return int(text)
        return None

    def iris(self, *properties: str) -> tuple[URIRef, ...]:
        """Return the values of some properties that are IRIs."""
        from rdflib import URIRef

        values = (value for name in properties for value in self.get(name, ()))
        return tuple(URIRef(value.value) for value in values if isinstance(value, NamedNode))

    def iri(self, name: str) -> URIRef | None:
        """Return the first value of a property that is an IRI."""
        return next(iter(self.iris(name)), None)

    def notations(self, *properties: str) -> tuple[str, ...]:
        """Return the concepts of some properties, each by the last part of its IRI: ``K``, ``GB-SCT``."""
        return tuple(str(iri).rpartition("/")[2] for iri in self.iris(*properties))

    def notation(self, name: str) -> str | None:
        """Return the first concept of a property, by the last part of its IRI."""
        return next(iter(self.notations(name)), None)


@dataclass(frozen=True, repr=False)
class Thing:
    """Anything that the graph describes.

    Attributes:
        iri: its IRI.
        graph: the `Graph` it comes from.
        statements: the statements about it, property → values.

    """

    iri: URIRef
    graph: OpenGraph = field(compare=False)
    statements: Statements = field(compare=False)

    def __repr__(self) -> str:
        """Return class, CURIE and label."""
        return f"<{type(self).__name__} {curie(self.iri)}: {self}>"

    def __str__(self) -> str:
        """Return the label."""
        return self.label

    @property
    def label(self) -> str:
        """Its label, or its CURIE if it has none."""
        return self.statements.text(*LABEL_PROPERTIES) or curie(self.iri)

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The passages of pages that state it."""
        return described(self.graph, Passage, self.statements.iris(f"{EVG}statedIn"))

    def describe(self) -> rdflib.Graph:
        """Return everything that the graph says about it; see `Graph.describe`."""
        return self.graph.describe(self)


class OrderedThing(Thing):
    """A thing with a position, such as an entry of a cell."""

    @property
    def position(self) -> int | None:
        """Its position, from 1."""
        return self.statements.number(f"{SCHEMA}position")


class Passage(Thing):
    """A part of a page, from `start` to `end`, in code points of the snapshot's text."""

    @property
    def line(self) -> int | None:
        """Its line in the page, from 1."""
        return self.statements.number(f"{EVG}line")

    @property
    def start(self) -> int | None:
        """The offset of its first code point, from 0."""
        return self.statements.number(f"{OA}start")

    @property
    def end(self) -> int | None:
        """The offset after its last code point."""
        return self.statements.number(f"{OA}end")

    @property
    def snapshot(self) -> URIRef | None:
        """The IRI of the snapshot, the captured text of the page."""
        return self.statements.iri(f"{OA}hasSource")

    def __str__(self) -> str:
        """Return cell and line: ``drug-E4:48``."""
        passages = Passages(self.graph.store)
        iri = str(self.iri)  # A URIRef is never equal to a str.
        passages.look_up([iri])
        return passages.name(iri)

    def text(self, pages: str | Path | None = None) -> str:
        """Return its words. They are in the page; the graph has them only if it was ingested with text.

        Args:
            pages: the page, or a folder of pages.

        Raises:
            UsageError: no pages are given, and the graph does not have the words.
            UnreadableError: the page is missing, or has changed since it was ingested.

        """
        if pages is not None:
            return self.graph.text_of(str(self.iri), pages)
        text = self.statements.text(f"{OA}exact")
        if text is None:
            raise UsageError(
                "this graph has the positions of passages, not their words",
                hint='name the folder of the pages: text(pages="FOLDER")',
            )
        return text


_Kind = TypeVar("_Kind", bound=Thing)
_Ordered = TypeVar("_Ordered", bound=OrderedThing)


def find(graph: OpenGraph, kind: type[_Kind], pattern: str) -> tuple[_Kind, ...]:
    """Return the things that a SPARQL pattern binds to ``?thing``, sorted by IRI."""
    query = f"SELECT DISTINCT ?thing ?property ?value WHERE {{ {pattern} ?thing ?property ?value }}"
    return _things(graph, kind, select(graph.store, query))


def described(graph: OpenGraph, kind: type[_Kind], iris: Iterable[str]) -> tuple[_Kind, ...]:
    """Return the things with these IRIs, in this order, without those that the graph says nothing about."""
    ordered = list(dict.fromkeys(map(str, iris)))
    query = "SELECT DISTINCT ?thing ?property ?value WHERE { VALUES ?thing {} ?thing ?property ?value }"
    things = {str(thing.iri): thing for thing in _things(graph, kind, select_for(graph.store, query, ordered))}
    return tuple(things[iri] for iri in ordered if iri in things)


def _things(graph: OpenGraph, kind: type[_Kind], rows: Iterable[tuple[Term, ...]]) -> tuple[_Kind, ...]:
    from rdflib import URIRef

    statements: dict[str, Statements] = {}
    for thing, name, value in sorted(rows, key=str):
        if isinstance(thing, NamedNode) and isinstance(name, NamedNode):
            statements.setdefault(thing.value, Statements()).setdefault(name.value, []).append(value)
    return tuple(kind(URIRef(iri), graph, about) for iri, about in statements.items())


def in_order(things: Iterable[_Ordered]) -> tuple[_Ordered, ...]:
    """Sort things by the cell or commentary that holds them, then by position."""
    holders = (f"{EVG}inCell", f"{DCTERMS}isPartOf")
    return tuple(sorted(things, key=lambda thing: (thing.statements.iris(*holders), thing.position or 0, thing.iri)))
