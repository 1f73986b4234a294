"""Cells, entries, documents, identifications, references and commentaries as Python objects.

The properties are those of the ontology (docs/ontology.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.namespaces import DCTERMS, EVG, RDF, SCHEMA, SKOS, curie
from evgraph.python.thing import OrderedThing, Thing, described, find, in_order

if TYPE_CHECKING:
    from rdflib import URIRef


class Cell(Thing):
    """One cell of a matrix.

    >>> cell = evgraph.open().cell("drug:E4")
    >>> cell.square, cell.topics, len(cell.entries)
    ('E4', ('commissioning', 'computerised-therapy-and-advice', 'residential-rehabilitation'), 15)
    """

    @property
    def matrix(self) -> str | None:
        """``alcohol`` or ``drug``."""
        return self.statements.notation(f"{EVG}inMatrix")

    @property
    def square(self) -> str | None:
        """Its row and column: ``E4``."""
        return self.statements.text(f"{SKOS}notation")

    @property
    def topics(self) -> tuple[str, ...]:
        """The hot topics it leads to, by the last part of their IRIs."""
        return self.statements.notations(f"{DCTERMS}subject")

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

    @property
    def headline(self) -> str | None:
        """Its headline."""
        return self.statements.text(f"{SCHEMA}headline")

    @property
    def markers(self) -> tuple[str, ...]:
        """Its markers: S seminal study, K key study, R review, G guidance."""
        return self.statements.notations(f"{EVG}marker")

    @property
    def date(self) -> str | None:
        """The date, as printed."""
        return self.statements.text(f"{EVG}statedDate")

    @property
    def publisher(self) -> str | None:
        """The publisher, as printed."""
        return self.statements.text(f"{EVG}statedPublisher")

    @property
    def country(self) -> str | None:
        """The country of the publisher, as printed."""
        return self.statements.text(f"{EVG}statedCountry")

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

    @property
    def title(self) -> str | None:
        """Its title, if it is established."""
        return self.statements.text(f"{DCTERMS}title")

    @property
    def year(self) -> int | None:
        """Its year of issue."""
        return self.statements.number(f"{DCTERMS}issued")

    @property
    def creators(self) -> tuple[str, ...]:
        """Its authors, in alphabetical order."""
        return self.statements.texts(f"{DCTERMS}creator")

    @property
    def publishers(self) -> tuple[str, ...]:
        """The labels of its publishers."""
        return tuple(self.graph.labels(self.statements.iris(f"{DCTERMS}publisher")).values())

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries of a study, or those that guidance is for: ISO 3166 codes (``GB-SCT``)."""
        return self.statements.notations(f"{EVG}studyCountry", f"{EVG}forCountry")

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

    @property
    def scheme(self) -> str | None:
        """``doi``, ``pmid``, ``bank-key`` or another."""
        return self.statements.notation(f"{EVG}identifierScheme")

    @property
    def value(self) -> str | None:
        """The identifier itself."""
        return self.statements.text(f"{EVG}identifierValue")

    @property
    def status(self) -> str | None:
        """``verified``, ``probable`` or ``candidate``."""
        return self.statements.notation(f"{EVG}identificationStatus")

    def __str__(self) -> str:
        """Return scheme, value and status."""
        return f"{self.scheme} {self.value} ({self.status})"


class Reference(Thing):
    """One pointer in the text of a page, such as "see also …"."""

    @property
    def kind(self) -> str | None:
        """``corresponding``, ``related``, ``see-also``, ``commentary`` or another."""
        return self.statements.notation(f"{EVG}referenceKind")

    @property
    def direction(self) -> str | None:
        """``above`` or ``below``, if the page says so."""
        return self.statements.notation(f"{EVG}direction")

    @property
    def resolution(self) -> str | None:
        """``resolved``, ``ambiguous``, ``dangling`` or ``outside``."""
        return self.statements.notation(f"{EVG}resolution")

    @property
    def source(self) -> URIRef | None:
        """The IRI of the entry, section or cell that makes it."""
        return self.statements.iri(f"{EVG}source")

    @property
    def target(self) -> URIRef | None:
        """The IRI of the entry, section, cell or document it leads to; None if it is dangling or ambiguous."""
        return self.statements.iri(f"{EVG}target")

    @property
    def candidates(self) -> tuple[URIRef, ...]:
        """The IRIs of the possible targets of an ambiguous reference."""
        return self.statements.iris(f"{EVG}candidate")

    def __str__(self) -> str:
        """Return kind, resolution and target."""
        return " ".join(filter(None, [self.kind, self.resolution, self.target and curie(self.target)]))


class Section(OrderedThing):
    """A part of a commentary, or the introduction of a cell."""

    @property
    def role(self) -> str | None:
        """``about``, ``start``, ``highlighted``, ``issues``, ``issue``, ``intro`` or another."""
        return self.statements.notation(f"{EVG}sectionRole")


class Commentary(Thing):
    """A Matrix Bite: the commentary of the Effectiveness Bank on a cell."""

    @property
    def sections(self) -> tuple[Section, ...]:
        """Its sections, in order."""
        return in_order(find(self.graph, Section, f"?thing a evg:Section ; dcterms:isPartOf <{self.iri}> ."))
