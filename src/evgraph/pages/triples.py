"""From a resolved page to triples, in the terms of the ontology.

What the page states, and nothing besides: no inverse directions, no superclass that the ontology could infer but
evgraph's own (a Trial is also written Study and Document), and the text itself only where it is asked for.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from pyoxigraph import Literal, NamedNode, Triple

from evgraph.namespaces import BIBO, CC0, EVG, ID, RDF, SCHEMA, SKOS, VOCABULARIES, VOID, XSD, scheme
from evgraph.register import DOC, ORG, Register, slug

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.pages.cell import Cell, Listing, NamedDocument, Reference
    from evgraph.pages.page import Page, Section, Stated
    from evgraph.pages.source import Span

_CLASSES = {"study": "Study", "trial": "Study", "review": "Review", "guidance": "Guidance"}
_MARKED = {"S": "study", "K": "study", "R": "review", "G": "guidance"}
_PRODUCED_FOR = "report produced for "


def triples(
    cell: Cell, register: Register, *, captured: str | None = None, address: str | None = None, with_text: bool = False
) -> Iterator[Triple]:
    """Give the triples of a page's graph.

    Args:
        cell: the page, its references resolved.
        register: names organisations and hot topics.
        captured: the day the page was captured, ``2026-01-31``.
        address: the address it was captured from.
        with_text: whether passages hold the page's words (``oa:exact``). The words are their owner's.

    """
    return _Writer(cell, register, with_text=with_text).write(captured, address)


def graph_iri(page: Page) -> str:
    """Give the named graph of a page's triples."""
    return f"{ID}graph/{page.cell}"


def snapshot_iri(page: Page) -> str:
    """Give the IRI of a page's text: the cell and the hash."""
    return f"{ID}snapshot/{page.cell}/{page.source.hash}"


_Said: TypeAlias = NamedNode | Literal | list[NamedNode] | list[Literal] | None


@lru_cache(maxsize=8192)  # Terms that come back in every page; what only one page names goes again.
def _node(iri: str) -> NamedNode:
    return NamedNode(iri)


def _integer(value: int) -> Literal:
    return Literal(str(value), datatype=_node(f"{XSD}integer"))


class _Writer:
    def __init__(self, cell: Cell, register: Register, *, with_text: bool) -> None:
        self.cell, self.page, self.register, self.with_text = cell, cell.page, register, with_text
        self.snapshot = snapshot_iri(cell.page)
        self.passages: dict[str, Span] = {}
        self.organisations: dict[str, str] = {}

    def write(self, captured: str | None, address: str | None) -> Iterator[Triple]:
        yield from self._graph()
        yield from self._snapshot(captured, address)
        yield from self._topics()
        for listing in self.cell.listings:
            yield from self._entry(listing)
        for position, section in enumerate(self.page.sections, 1):
            yield from self._section(section, position)
        for reference in self.cell.references:
            yield from self._reference(reference)
        yield from self._unregistered()
        yield from self._passages()
        yield from self._new_organisations()

    def _describe(self, subject: str, classes: tuple[str, ...], **said: _Said) -> Iterator[Triple]:
        """Give a resource's types (``evg:`` local names) and, of ``PREFIX_NAME=value``, what is not None."""
        for one in classes:
            yield Triple(_node(subject), _node(f"{RDF}type"), _node(EVG + one))
        for name, value in said.items():
            prefix, _, local = name.partition("_")
            predicate = _node(VOCABULARIES[prefix] + local)
            for each in value if isinstance(value, list) else [value]:
                if each is not None:
                    yield Triple(_node(subject), predicate, each)

    def _graph(self) -> Iterator[Triple]:
        graph, page = graph_iri(self.page), self.page
        yield Triple(_node(graph), _node(f"{RDF}type"), _node(f"{VOID}Dataset"))
        title = f"Cell {page.square} of the {page.matrix.capitalize()} Treatment Matrix, as read from its page"
        yield from self._describe(
            graph, (), dcterms_title=Literal(title, language="en"), dcterms_license=_node(CC0),
            prov_wasDerivedFrom=_node(self.snapshot),
        )  # fmt: skip

    def _snapshot(self, captured: str | None, address: str | None) -> Iterator[Triple]:
        supports = []
        for support in self.page.supports:
            organisation = self._organisation(support.name)
            iri = (
                f"{ID}support/{self.page.cell}/{self.page.source.hash}/{organisation.removeprefix(ORG)}-{support.role}"
            )
            supports.append(_node(iri))
            yield from self._describe(
                iri, ("Support",), evg_supporter=_node(organisation),
                evg_supportRole=_node(scheme("support-role", support.role)),
            )  # fmt: skip
        yield from self._describe(
            self.snapshot, ("CellSnapshot",), prov_specializationOf=_node(self.cell.iri),
            rdfs_label=Literal(self.page.title), evg_sha256=Literal(self.page.source.sha256), evg_support=supports,
            dcterms_date=Literal(captured, datatype=_node(f"{XSD}date")) if captured else None,
            dcterms_source=_node(address) if address else None,
        )  # fmt: skip

    def _topics(self) -> Iterator[Triple]:
        for name in self.page.topics:
            topic = self.register.concept("topic", name)
            if not topic:
                topic = scheme("topic", slug(name))
                yield Triple(_node(topic), _node(f"{RDF}type"), _node(f"{SKOS}Concept"))
                yield Triple(_node(topic), _node(f"{SKOS}inScheme"), _node(f"{ID}scheme/topic"))
                yield Triple(_node(topic), _node(f"{SKOS}notation"), Literal(slug(name)))
                yield Triple(_node(topic), _node(f"{SKOS}prefLabel"), Literal(name, language="en"))
            yield from self._describe(self.cell.iri, (), dcterms_subject=_node(topic))

    def _entry(self, listing: Listing) -> Iterator[Triple]:
        entry = listing.entry
        headline = " ".join(self.page.source.slice(entry.headline).split())
        yield from self._describe(
            listing.iri, ("Entry",), evg_inCell=_node(self.cell.iri),
            evg_marker=[_node(scheme("marker", one)) for one in entry.markers],
            schema_position=_integer(entry.position),
            schema_headline=Literal(headline, language="en"), evg_lists=[_node(one) for one in listing.documents],
            evg_statedIn=self._passage(entry.span), **_as_printed(entry.stated),
            skos_note=self._notes(entry.span),
        )  # fmt: skip

    def _notes(self, span: Span) -> list[Literal]:
        """Give the notes that a web page shows when somebody hovers over its words; words, so only where asked for."""
        notes = [
            one.note for one in self.page.source.links if span.start <= one.span.start and one.span.end <= span.end
        ]
        return [Literal(note, language="en") for note in notes if note and self.with_text]

    def _section(self, section: Section, position: int) -> Iterator[Triple]:
        commentary = f"{ID}commentary/{self.page.cell}"
        whole = self.cell.iri if section.role == "intro" else commentary
        heading = " ".join(self.page.source.slice(section.heading).split())
        yield from self._describe(
            self.cell.section_iri(section.name), ("Section",), dcterms_isPartOf=_node(whole),
            evg_sectionRole=_node(scheme("section-role", section.role)), schema_position=_integer(position),
            dcterms_title=Literal(heading, language="en") if heading else None,
            evg_statedIn=self._passage(section.span),
        )  # fmt: skip
        if whole == commentary:
            label = f"Matrix Bite of {self.page.matrix} {self.page.square}"
            yield from self._describe(
                commentary, ("Commentary",), schema_about=_node(self.cell.iri), rdfs_label=Literal(label, language="en")
            )

    def _reference(self, reference: Reference) -> Iterator[Triple]:
        mention, statement = reference.mention, reference.statement
        yield from self._describe(
            reference.iri, ("Reference", "Claim") if statement else ("Reference",),
            evg_referenceKind=_node(scheme("reference-kind", mention.kind)),
            evg_direction=_node(scheme("direction", mention.direction)) if mention.direction else None,
            evg_resolution=_node(scheme("resolution", reference.resolution)), evg_source=_node(reference.source),
            evg_target=_node(reference.target) if reference.target else None,
            evg_candidate=[_node(one) for one in reference.candidates], evg_statedIn=self._passage(mention.sentence),
            prov_wasAttributedTo=_node(reference.settled_by or self.snapshot), **_as_printed(mention.stated),
        )  # fmt: skip
        if mention.locator:
            yield Triple(_node(reference.iri), _node(f"{BIBO}locator"), Literal(mention.locator))
        if statement:
            subject, predicate, value = map(_node, statement)
            yield Triple(subject, predicate, value)
            yield from self._describe(reference.iri, (), rdf_subject=subject, rdf_predicate=predicate, rdf_object=value)

    def _unregistered(self) -> Iterator[Triple]:
        """Describe the documents that the register does not know, by what the page states of them."""
        for listing in self.cell.listings:
            headline = " ".join(self.page.source.slice(listing.entry.headline).split())
            for iri in listing.documents:
                if iri.startswith(f"{DOC}u-"):
                    nouns = [_MARKED[one] for one in listing.entry.markers]
                    yield from self._document(iri, nouns, headline, listing.entry.stated)
                    yield from self._bank_keys(iri, listing.bank_keys)
        for named in self.cell.named:
            if named.iri.startswith(f"{DOC}u-"):
                nouns = [named.noun] if named.noun else []
                yield from self._document(named.iri, nouns, self._label(named), named.stated)
                yield from self._bank_keys(named.iri, [named.bank_key] if named.bank_key else [])

    def _bank_keys(self, document: str, keys: list[str]) -> Iterator[Triple]:
        """Identify a document by the bank's own keys, which a web page's links name."""
        verified = _node(scheme("identification-status", "verified"))
        for number, key in enumerate(keys, 1):
            iri = f"{ID}identification/{document.removeprefix(DOC)}/bank-key{f'-{number}' if number > 1 else ''}"
            yield from self._describe(document, (), evg_identification=_node(iri))
            yield from self._describe(
                iri, ("Identification",), evg_identifierScheme=_node(scheme("identifier-scheme", "bank-key")),
                evg_identifierValue=Literal(key), evg_identificationStatus=verified, evg_matchStatus=verified,
                dcterms_source=Literal("the link on the bank's own page", language="en"),
            )  # fmt: skip

    def _label(self, named: NamedDocument) -> str:
        noun = (named.noun if named.noun in _CLASSES else None) or "document"
        date = f" ({named.stated.date})" if named.stated.date else ""
        return f"{noun.capitalize()}{date} mentioned in {self.page.matrix} {self.page.square}"

    def _document(self, iri: str, nouns: list[str], label: str, stated: Stated) -> Iterator[Triple]:
        classes = dict.fromkeys(_CLASSES[one] for one in nouns if one in _CLASSES)
        country = stated.country and self.register.concept("country", stated.country)
        publisher, produced_for = stated.publisher, None
        if publisher and publisher.lower().startswith(_PRODUCED_FOR):
            produced_for = publisher[len(_PRODUCED_FOR) :].removeprefix("the ")
            publisher = None
        for_country = "evg_forCountry" if "Guidance" in classes else "evg_studyCountry"
        yield from self._describe(
            iri, ("Document", *classes), rdfs_label=Literal(label, language="en"),
            # A document is issued once, first in "2003 and 2004"; the entry keeps the date as printed.
            dcterms_issued=[Literal(str(year), datatype=_node(f"{XSD}gYear")) for year in sorted(stated.years)[:1]],
            dcterms_publisher=[_node(one) for one in self._publishers(publisher)],
            evg_producedFor=_node(self._organisation(produced_for)) if produced_for else None,
            **({for_country: _node(country)} if country else {}),
        )  # fmt: skip

    def _publishers(self, name: str | None) -> list[str]:
        return (self.register.publishers(name) or [self._organisation(name)]) if name else []

    def _organisation(self, name: str) -> str:
        """Name an organisation by the register, else by a name of its own that `_new_organisations` describes."""
        known = self.register.organisation(name)
        if known:
            return known
        iri = f"{ORG}{slug(name)}"
        self.organisations.setdefault(iri, name)
        return iri

    def _new_organisations(self) -> Iterator[Triple]:
        for iri, name in self.organisations.items():
            yield Triple(_node(iri), _node(f"{RDF}type"), _node(f"{SCHEMA}Organization"))
            yield from self._describe(iri, (), rdfs_label=Literal(name, language="en"))

    def _passage(self, span: Span) -> NamedNode:
        iri = f"{ID}passage/{self.page.source.hash}/{span.start}-{span.end}"
        self.passages[iri] = span
        return _node(iri)

    def _passages(self) -> Iterator[Triple]:
        for iri, span in self.passages.items():
            yield from self._describe(
                iri, ("Passage",), oa_hasSource=_node(self.snapshot), oa_start=_integer(span.start),
                oa_end=_integer(span.end), evg_line=_integer(self.page.source.line_of(span.start)),
                oa_exact=Literal(self.page.source.slice(span)) if self.with_text else None,
            )  # fmt: skip


def _as_printed(stated: Stated) -> dict[str, Literal]:
    said = {
        "evg_statedDate": stated.date,
        "evg_statedPublisher": stated.publisher,
        "evg_statedCountry": stated.country,
        "evg_statedNote": stated.note,
    }
    return {name: Literal(value) for name, value in said.items() if value}
