"""Cells, entries, documents and the like as Python objects; their properties are those of docs/ontology.md."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from pyoxigraph import Literal, NamedNode

from evgraph.errors import UsageError
from evgraph.namespaces import DCTERMS, EVG, LABEL_PROPERTIES, OA, RDF, SCHEMA, SKOS, curie
from evgraph.query.passages import Passages
from evgraph.store.protocol import select, select_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import rdflib
    from rdflib import URIRef

    from evgraph.store.protocol import Store, Term

_Value = TypeVar("_Value", covariant=True)


class OpenGraph(Protocol):
    """What things and results need of the `Graph` they come from."""

    store: Store

    def describe(self, thing: str | Thing) -> rdflib.Graph:
        """See `Graph.describe`."""

    def labels(self, iris: Iterable[str]) -> dict[URIRef, str]:
        """See `Graph.labels`."""

    def text_of(self, passage: str, pages: str | Path) -> str:
        """See `Graph.text_of`."""


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


class Stated(property, Generic[_Value]):
    """A property of a thing, read from its statements by a method of `Statements` with the IRIs of RDF properties."""

    def __init__(self, read: Callable[..., _Value], *names: str, doc: str) -> None:
        super().__init__(lambda thing: read(thing.statements, *names))
        self.__doc__ = doc  # Here: before Python 3.12, property() does not set it in a subclass.

    if TYPE_CHECKING:

        def __get__(self, thing: object, kind: type | None = None, /) -> _Value: ...  # type: ignore[override] # the class gets the property itself


@dataclass(frozen=True, repr=False)
class Thing:
    """Anything that the graph describes, with the `Graph` it comes from and the statements about it."""

    iri: URIRef
    graph: OpenGraph = field(compare=False)
    statements: Statements = field(compare=False)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {curie(self.iri)}: {self}>"

    def __str__(self) -> str:
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

    position = Stated(Statements.number, f"{SCHEMA}position", doc="Its position, from 1.")


class Passage(Thing):
    """A part of a page, from `start` to `end`, in code points of the snapshot's text."""

    line = Stated(Statements.number, f"{EVG}line", doc="Its line in the page, from 1.")
    start = Stated(Statements.number, f"{OA}start", doc="The offset of its first code point, from 0.")
    end = Stated(Statements.number, f"{OA}end", doc="The offset after its last code point.")
    snapshot = Stated(Statements.iri, f"{OA}hasSource", doc="The IRI of the snapshot, the captured text of the page.")

    def __str__(self) -> str:
        """Return cell and line: ``drug-E4:48``."""
        passages = Passages(self.graph.store)
        iri = str(self.iri)  # A URIRef is never equal to a str.
        passages.look_up([iri])
        return passages.name(iri)

    def text(self, pages: str | Path | None = None) -> str:
        """Return its words, from the page or a folder of pages; the graph has them only if it was ingested with text.

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


class Cell(Thing):
    """One cell of a matrix.

    >>> cell = evgraph.open().cell("drug:E4")
    >>> cell.square, cell.topics, len(cell.entries)
    ('E4', ('commissioning', 'computerised-therapy-and-advice', 'residential-rehabilitation'), 15)
    """

    matrix = Stated(Statements.notation, f"{EVG}inMatrix", doc="``alcohol`` or ``drug``.")
    square = Stated(Statements.text, f"{SKOS}notation", doc="Its row and column: ``E4``.")
    topics = Stated(
        Statements.notations, f"{DCTERMS}subject", doc="The hot topics it leads to, by the last part of their IRIs."
    )

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Its entries, in the order of the page."""
        return in_order(find(self.graph, Entry, f"?thing a evg:Entry ; evg:inCell <{self.iri}> ."))

    @property
    def commentary(self) -> Commentary | None:
        """Its Matrix Bite, or None."""
        return next(iter(find(self.graph, Commentary, f"?thing a evg:Commentary ; schema:about <{self.iri}> .")), None)


class Entry(OrderedThing):
    """One line of a cell.

    >>> entry = evgraph.open().cell("drug:E4").entries[3]
    >>> entry.position, entry.markers, entry.date, [str(document) for document in entry.documents]
    (4, ('K',), '2007', ['Timko & DeBenedetti (2007)'])
    """

    headline = Stated(Statements.text, f"{SCHEMA}headline", doc="Its headline.")
    markers = Stated(
        Statements.notations, f"{EVG}marker", doc="Its markers: S seminal study, K key study, R review, G guidance."
    )
    date = Stated(Statements.text, f"{EVG}statedDate", doc="The date, as printed.")
    publisher = Stated(Statements.text, f"{EVG}statedPublisher", doc="The publisher, as printed.")
    country = Stated(Statements.text, f"{EVG}statedCountry", doc="The country of the publisher, as printed.")

    @property
    def cell(self) -> Cell | None:
        """Its cell."""
        return next(iter(described(self.graph, Cell, self.statements.iris(f"{EVG}inCell"))), None)

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents it lists."""
        return described(self.graph, Document, self.statements.iris(f"{EVG}lists"))

    @property
    def references(self) -> tuple[Reference, ...]:
        """The references it makes."""
        return find(self.graph, Reference, f"?thing a evg:Reference ; evg:source <{self.iri}> .")


class Document(Thing):
    """A study, a review, guidance, or an analysis of one of these.

    >>> document = evgraph.open().document("timko-2007")
    >>> document.kinds, document.year, document.identifiers["doi"]
    (('Trial', 'Study'), 2007, '10.1016/j.drugalcdep.2007.04.007')
    """

    @property
    def kinds(self) -> tuple[str, ...]:
        """Its classes, the narrowest first: ``Trial``, ``Study``, ``Review``, ``Guidance``, ``Analysis``."""
        classes = {str(iri).removeprefix(EVG) for iri in self.statements.iris(f"{RDF}type")}
        return tuple(kind for kind in ("Trial", "Study", "Review", "Guidance", "Analysis") if kind in classes)

    title = Stated(Statements.text, f"{DCTERMS}title", doc="Its title, if it is established.")
    year = Stated(Statements.number, f"{DCTERMS}issued", doc="Its year of issue.")
    creators = Stated(Statements.texts, f"{DCTERMS}creator", doc="Its authors, in alphabetical order.")

    @property
    def publishers(self) -> tuple[str, ...]:
        """The labels of its publishers."""
        return tuple(self.graph.labels(self.statements.iris(f"{DCTERMS}publisher")).values())

    countries = Stated(
        Statements.notations,
        f"{EVG}studyCountry",
        f"{EVG}forCountry",
        doc="The countries of a study, or those that guidance is for: ISO 3166 codes (``GB-SCT``).",
    )

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries that list it, by cell and position."""
        return in_order(find(self.graph, Entry, f"?thing a evg:Entry ; evg:lists <{self.iri}> ."))

    @property
    def identifications(self) -> tuple[Identification, ...]:
        """Its identifiers, whatever their status."""
        return described(self.graph, Identification, self.statements.iris(f"{EVG}identification"))

    @property
    def identifiers(self) -> dict[str, str]:
        """Its verified identifiers: scheme (``doi``, ``pmid`` …) → value."""
        verified = (found for found in self.identifications if found.status == "verified")
        return {found.scheme: found.value for found in verified if found.scheme and found.value}

    @property
    def references(self) -> tuple[Reference, ...]:
        """The references to it or to an entry that lists it, and the references such an entry makes."""
        return find(
            self.graph,
            Reference,
            f"{{ ?thing evg:target <{self.iri}> }} UNION {{ ?thing evg:source|evg:target/evg:lists <{self.iri}> }}"
            f" UNION {{ ?thing evg:source/evg:lists <{self.iri}> }} ?thing a evg:Reference .",
        )

    @property
    def discussed_in(self) -> tuple[Section, ...]:
        """The sections of commentaries that discuss it."""
        return find(self.graph, Section, f"<{self.iri}> cito:isDiscussedBy ?thing . ?thing a evg:Section .")


class Identification(Thing):
    """One identifier of a document."""

    scheme = Stated(Statements.notation, f"{EVG}identifierScheme", doc="``doi``, ``pmid``, ``bank-key`` or another.")
    value = Stated(Statements.text, f"{EVG}identifierValue", doc="The identifier itself.")
    status = Stated(
        Statements.notation, f"{EVG}identificationStatus", doc="``verified``, ``probable`` or ``candidate``."
    )

    def __str__(self) -> str:
        return f"{self.scheme} {self.value} ({self.status})"


class Reference(Thing):
    """One pointer in the text of a page, such as "see also …"."""

    kind = Stated(
        Statements.notation,
        f"{EVG}referenceKind",
        doc="``corresponding``, ``related``, ``see-also``, ``commentary`` or another.",
    )
    direction = Stated(Statements.notation, f"{EVG}direction", doc="``above`` or ``below``, if the page says so.")
    resolution = Stated(
        Statements.notation, f"{EVG}resolution", doc="``resolved``, ``ambiguous``, ``dangling`` or ``outside``."
    )
    source = Stated(Statements.iri, f"{EVG}source", doc="The IRI of the entry, section or cell that makes it.")
    target = Stated(
        Statements.iri,
        f"{EVG}target",
        doc="The IRI of the entry, section, cell or document it leads to; None if it is dangling or ambiguous.",
    )
    candidates = Stated(
        Statements.iris, f"{EVG}candidate", doc="The IRIs of the possible targets of an ambiguous reference."
    )

    def __str__(self) -> str:
        return " ".join(filter(None, [self.kind, self.resolution, self.target and curie(self.target)]))


class Section(OrderedThing):
    """A part of a commentary, or the introduction of a cell."""

    role = Stated(
        Statements.notation,
        f"{EVG}sectionRole",
        doc="``about``, ``start``, ``highlighted``, ``issues``, ``issue``, ``intro`` or another.",
    )


class Commentary(Thing):
    """A Matrix Bite: the commentary of the Effectiveness Bank on a cell."""

    @property
    def sections(self) -> tuple[Section, ...]:
        """Its sections, in order."""
        return in_order(find(self.graph, Section, f"?thing a evg:Section ; dcterms:isPartOf <{self.iri}> ."))


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
