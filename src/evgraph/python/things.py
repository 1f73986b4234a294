"""What the graph is about: cells, entries, commentaries, documents, identifications and references.

The terms are those of the ontology (docs/ontology.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.namespaces import DCTERMS, EVG, RDF, SCHEMA, SKOS, curie
from evgraph.python.thing import Placed, Thing, described, find, in_order

if TYPE_CHECKING:
    from rdflib import URIRef


class Cell(Thing):
    """One square of a matrix.

    >>> cell = evgraph.open().cell("drug:E4")
    >>> cell.square, cell.topics, len(cell.entries)
    ('E4', ('commissioning', 'computerised-therapy-and-advice', 'residential-rehabilitation'), 15)
    """

    @property
    def matrix(self) -> str | None:
        """``alcohol`` or ``drug``."""
        return self.record.notation(f"{EVG}inMatrix")

    @property
    def square(self) -> str | None:
        """Its notation, ``E4``."""
        return self.record.text(f"{SKOS}notation")

    @property
    def topics(self) -> tuple[str, ...]:
        """The hot topics that it leads to, by the last part of their IRIs."""
        return self.record.notations(f"{DCTERMS}subject")

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What it lists, in the order of its page."""
        return in_order(find(self.graph, Entry, f"?thing a evg:Entry ; evg:inCell <{self.iri}> ."))

    @property
    def commentary(self) -> Commentary | None:
        """Its Matrix Bite; None where it has none."""
        found = find(self.graph, Commentary, f"?thing a evg:Commentary ; schema:about <{self.iri}> .")
        return next(iter(found), None)


class Entry(Placed):
    """One line of a cell.

    >>> entry = evgraph.open().cell("drug:E4").entries[3]
    >>> entry.position, entry.markers, entry.date, [str(document) for document in entry.documents]
    (4, ('K',), '2007', ['Timko & DeBenedetti (2007)'])
    """

    @property
    def headline(self) -> str | None:
        """The words that it stands under."""
        return self.record.text(f"{SCHEMA}headline")

    @property
    def markers(self) -> tuple[str, ...]:
        """S seminal study, K key study, R review, G guidance; there may be several."""
        return self.record.notations(f"{EVG}marker")

    @property
    def date(self) -> str | None:
        """The date, as printed."""
        return self.record.text(f"{EVG}statedDate")

    @property
    def publisher(self) -> str | None:
        """The publisher, as printed."""
        return self.record.text(f"{EVG}statedPublisher")

    @property
    def country(self) -> str | None:
        """The publisher's country, as printed."""
        return self.record.text(f"{EVG}statedCountry")

    @property
    def cell(self) -> Cell | None:
        """The cell that it stands in."""
        return next(iter(described(self.graph, Cell, self.record.iris(f"{EVG}inCell"))), None)

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents that it lists."""
        return described(self.graph, Document, self.record.iris(f"{EVG}lists"))

    @property
    def references(self) -> tuple[Reference, ...]:
        """The references that its words make."""
        return find(self.graph, Reference, f"?thing a evg:Reference ; evg:source <{self.iri}> .")


class Document(Thing):
    """A study, a review, guidance, or an analysis of one of these.

    >>> document = evgraph.open().document("timko-2007")
    >>> document.kinds, document.year, document.identifiers["doi"]
    (('Trial', 'Study'), 2007, '10.1016/j.drugalcdep.2007.04.007')
    """

    @property
    def kinds(self) -> tuple[str, ...]:
        """What it is, the narrowest first: ``Trial``, ``Study``, ``Review``, ``Guidance``, ``Analysis``."""
        named = {str(iri).removeprefix(EVG) for iri in self.record.iris(f"{RDF}type")}
        return tuple(one for one in ("Trial", "Study", "Review", "Guidance", "Analysis") if one in named)

    @property
    def title(self) -> str | None:
        """Its title, where it is established."""
        return self.record.text(f"{DCTERMS}title")

    @property
    def year(self) -> int | None:
        """Its year of issue."""
        return self.record.number(f"{DCTERMS}issued")

    @property
    def creators(self) -> tuple[str, ...]:
        """Its authors, in alphabetical order."""
        return self.record.texts(f"{DCTERMS}creator")

    @property
    def publishers(self) -> tuple[str, ...]:
        """Who published it."""
        names = self.graph.labels(self.record.iris(f"{DCTERMS}publisher"))
        return tuple(names.values())

    @property
    def countries(self) -> tuple[str, ...]:
        """Where a study was done, or whom guidance is for: ISO 3166 (``GB-SCT``)."""
        properties = (f"{EVG}studyCountry", f"{EVG}forCountry")
        return tuple(one for name in properties for one in self.record.notations(name))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries that list it, by cell and place."""
        return in_order(find(self.graph, Entry, f"?thing a evg:Entry ; evg:lists <{self.iri}> ."))

    @property
    def identifications(self) -> tuple[Identification, ...]:
        """Its identifiers, verified and otherwise."""
        return described(self.graph, Identification, self.record.iris(f"{EVG}identification"))

    @property
    def identifiers(self) -> dict[str, str]:
        """Those of its identifiers that are verified: scheme → value, such as ``doi`` and ``pmid``."""
        verified = (one for one in self.identifications if one.status == "verified")
        return {one.scheme: one.value for one in verified if one.scheme and one.value}

    @property
    def references(self) -> tuple[Reference, ...]:
        """The references that lead to it or to an entry that lists it, and those that such an entry makes."""
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
        """``doi``, ``pmid``, ``bank-key`` and the like."""
        return self.record.notation(f"{EVG}identifierScheme")

    @property
    def value(self) -> str | None:
        """The identifier."""
        return self.record.text(f"{EVG}identifierValue")

    @property
    def status(self) -> str | None:
        """``verified``, ``probable`` or ``candidate``."""
        return self.record.notation(f"{EVG}identificationStatus")

    def __str__(self) -> str:
        """Give scheme, value and status."""
        return f"{self.scheme} {self.value} ({self.status})"


class Reference(Thing):
    """One pointer found in a page."""

    @property
    def kind(self) -> str | None:
        """``corresponding``, ``related``, ``see-also``, ``commentary`` and the like."""
        return self.record.notation(f"{EVG}referenceKind")

    @property
    def direction(self) -> str | None:
        """``above`` or ``below``, where the page says so."""
        return self.record.notation(f"{EVG}direction")

    @property
    def resolution(self) -> str | None:
        """``resolved``, ``ambiguous``, ``dangling`` or ``outside``."""
        return self.record.notation(f"{EVG}resolution")

    @property
    def source(self) -> URIRef | None:
        """The entry, section or cell whose words point."""
        return self.record.iri(f"{EVG}source")

    @property
    def target(self) -> URIRef | None:
        """The entry, section, cell or document that is meant; None where it is lost or not settled."""
        return self.record.iri(f"{EVG}target")

    @property
    def candidates(self) -> tuple[URIRef, ...]:
        """What an ambiguous one could mean."""
        return self.record.iris(f"{EVG}candidate")

    def __str__(self) -> str:
        """Give its kind, what became of it and where it leads."""
        return " ".join(filter(None, [self.kind, self.resolution, self.target and curie(self.target)]))


class Section(Placed):
    """A part of a commentary, or the introduction of a cell."""

    @property
    def role(self) -> str | None:
        """``about``, ``start``, ``highlighted``, ``issues``, ``issue``, ``intro`` and the like."""
        return self.record.notation(f"{EVG}sectionRole")


class Commentary(Thing):
    """A Matrix Bite: what the bank has to say about a cell."""

    @property
    def sections(self) -> tuple[Section, ...]:
        """Its parts, in order."""
        return in_order(find(self.graph, Section, f"?thing a evg:Section ; dcterms:isPartOf <{self.iri}> ."))
