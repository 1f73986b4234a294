"""From a resolved page to triples, in the terms of the ontology.

What the page states, and nothing besides: no inverse directions, no superclass that the ontology could infer but
evgraph's own (a Trial is also written Study and Document), and the text itself only where it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from evgraph.namespaces import BIBO, CC0, EVG, ID, RDF, SCHEMA, SKOS, VOID, scheme
from evgraph.pages.plain import PREDICATES, PlainTriple, Words, english, string, terms, typed
from evgraph.register import DOC, ORG, Register, slug

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import Triple

    from evgraph.pages.cell import Cell, Listing, NamedDocument, Reference
    from evgraph.pages.page import Page, Section, Stated
    from evgraph.pages.source import Span

_CLASSES = {"study": "Study", "trial": "Study", "review": "Review", "guidance": "Guidance"}
_MARKED = {"S": "study", "K": "study", "R": "review", "G": "guidance"}
_PRINTED = ("evg_statedDate", "evg_statedPublisher", "evg_statedCountry", "evg_statedNote")  # As `Stated` has them.
_PRODUCED_FOR = "report produced for "


def plain_triples(
    cell: Cell, register: Register, *, captured: str | None = None, address: str | None = None, with_text: bool = False
) -> list[PlainTriple]:
    """Give the triples of a page's graph as strings; see `evgraph.pages.plain`.

    Args:
        cell: the page, its references resolved.
        register: names organisations and hot topics.
        captured: the day the page was captured, ``2026-01-31``.
        address: the address it was captured from.
        with_text: whether passages hold the page's words (``oa:exact``). The words are their owner's.

    """
    return _Writer(cell, register, with_text=with_text).write(captured, address)


def triples(
    cell: Cell, register: Register, *, captured: str | None = None, address: str | None = None, with_text: bool = False
) -> Iterator[Triple]:
    """Give the triples of a page's graph as terms; see `plain_triples`."""
    return terms(plain_triples(cell, register, captured=captured, address=address, with_text=with_text))


def graph_iri(page: Page) -> str:
    """Give the named graph of a page's triples."""
    return f"{ID}graph/{page.cell}"


def snapshot_iri(page: Page) -> str:
    """Give the IRI of a page's text: the cell and the hash."""
    return f"{ID}snapshot/{page.cell}/{page.source.hash}"


_Said: TypeAlias = str | Words | list[str] | list[Words] | None
_TYPE = f"{RDF}type"


class _Writer:
    def __init__(self, cell: Cell, register: Register, *, with_text: bool) -> None:
        self.cell, self.page, self.register, self.with_text = cell, cell.page, register, with_text
        self.snapshot = snapshot_iri(cell.page)
        self.passage = f"{ID}passage/{cell.page.source.hash}"
        self.found: list[PlainTriple] = []
        self.passages: dict[str, Span] = {}
        self.organisations: dict[str, str] = {}

    def write(self, captured: str | None, address: str | None) -> list[PlainTriple]:
        self._graph()
        self._snapshot(captured, address)
        self._topics()
        for listing in self.cell.listings:
            self._entry(listing)
        for position, section in enumerate(self.page.sections, 1):
            self._section(section, position)
        for reference in self.cell.references:
            self._reference(reference)
        self._unregistered()
        self._passages()
        self._new_organisations()
        return self.found

    def _add(self, subject: str, predicate: str, value: str | Words) -> None:
        self.found.append((subject, predicate, value))

    def _describe(self, subject: str, classes: tuple[str, ...], **said: _Said) -> None:
        """Give a resource's types (``evg:`` local names) and, of ``PREFIX_NAME=value``, what is not None."""
        add = self.found.append
        for one in classes:
            add((subject, _TYPE, EVG + one))
        for name, value in said.items():
            if value is None:
                continue
            predicate = PREDICATES[name]
            if isinstance(value, list):
                for each in value:
                    add((subject, predicate, each))
            else:
                add((subject, predicate, value))

    def _graph(self) -> None:
        graph, page = graph_iri(self.page), self.page
        self._add(graph, _TYPE, f"{VOID}Dataset")
        title = f"Cell {page.square} of the {page.matrix.capitalize()} Treatment Matrix, as read from its page"
        self._describe(
            graph, (), dcterms_title=english(title), dcterms_license=CC0,
            prov_wasDerivedFrom=self.snapshot,
        )  # fmt: skip

    def _snapshot(self, captured: str | None, address: str | None) -> None:
        supports = []
        for support in self.page.supports:
            organisation = self._organisation(support.name)
            iri = (
                f"{ID}support/{self.page.cell}/{self.page.source.hash}/{organisation.removeprefix(ORG)}-{support.role}"
            )
            supports.append(iri)
            self._describe(
                iri, ("Support",), evg_supporter=organisation,
                evg_supportRole=scheme("support-role", support.role),
            )  # fmt: skip
        self._describe(
            self.snapshot, ("CellSnapshot",), prov_specializationOf=self.cell.iri,
            rdfs_label=string(self.page.title), evg_sha256=string(self.page.source.sha256), evg_support=supports,
            dcterms_date=typed(captured, "date") if captured else None,
            dcterms_source=address if address else None,
        )  # fmt: skip

    def _topics(self) -> None:
        for name in self.page.topics:
            topic = self.register.concept("topic", name)
            if not topic:
                topic = scheme("topic", slug(name))
                self._add(topic, _TYPE, f"{SKOS}Concept")
                self._add(topic, f"{SKOS}inScheme", f"{ID}scheme/topic")
                self._add(topic, f"{SKOS}notation", string(slug(name)))
                self._add(topic, f"{SKOS}prefLabel", english(name))
            self._describe(self.cell.iri, (), dcterms_subject=topic)

    def _entry(self, listing: Listing) -> None:
        entry = listing.entry
        headline = " ".join(self.page.source.slice(entry.headline).split())
        self._describe(
            listing.iri, ("Entry",), evg_inCell=self.cell.iri,
            evg_marker=[scheme("marker", one) for one in entry.markers],
            schema_position=typed(entry.position, "integer"),
            schema_headline=english(headline), evg_lists=listing.documents,
            evg_statedIn=self._passage(entry.span), **_as_printed(entry.stated),
            skos_note=self._notes(entry.span),
        )  # fmt: skip

    def _notes(self, span: Span) -> list[Words]:
        """Give the notes that a web page shows when somebody hovers over its words; words, so only where asked for."""
        notes = [
            one.note for one in self.page.source.links if span.start <= one.span.start and one.span.end <= span.end
        ]
        return [english(note) for note in notes if note and self.with_text]

    def _section(self, section: Section, position: int) -> None:
        commentary = f"{ID}commentary/{self.page.cell}"
        whole = self.cell.iri if section.role == "intro" else commentary
        heading = " ".join(self.page.source.slice(section.heading).split())
        self._describe(
            self.cell.section_iri(section.name), ("Section",), dcterms_isPartOf=whole,
            evg_sectionRole=scheme("section-role", section.role), schema_position=typed(position, "integer"),
            dcterms_title=english(heading) if heading else None,
            evg_statedIn=self._passage(section.span),
        )  # fmt: skip
        if whole == commentary:
            label = f"Matrix Bite of {self.page.matrix} {self.page.square}"
            self._describe(commentary, ("Commentary",), schema_about=self.cell.iri, rdfs_label=english(label))

    def _reference(self, reference: Reference) -> None:
        mention, statement = reference.mention, reference.statement
        self._describe(
            reference.iri, ("Reference", "Claim") if statement else ("Reference",),
            evg_referenceKind=scheme("reference-kind", mention.kind),
            evg_direction=scheme("direction", mention.direction) if mention.direction else None,
            evg_resolution=scheme("resolution", reference.resolution), evg_source=reference.source,
            evg_target=reference.target,
            evg_candidate=list(reference.candidates), evg_statedIn=self._passage(mention.sentence),
            prov_wasAttributedTo=reference.settled_by or self.snapshot, **_as_printed(mention.stated),
        )  # fmt: skip
        if mention.locator:
            self._add(reference.iri, f"{BIBO}locator", string(mention.locator))
        if statement:
            subject, predicate, value = statement
            self._add(subject, predicate, value)
            self._describe(reference.iri, (), rdf_subject=subject, rdf_predicate=predicate, rdf_object=value)

    def _unregistered(self) -> None:
        """Describe the documents that the register does not know, by what the page states of them."""
        for listing in self.cell.listings:
            headline = " ".join(self.page.source.slice(listing.entry.headline).split())
            for iri in listing.documents:
                if iri.startswith(f"{DOC}u-"):
                    nouns = [_MARKED[one] for one in listing.entry.markers]
                    self._document(iri, nouns, headline, listing.entry.stated)
                    self._bank_keys(iri, listing.bank_keys)
        for named in self.cell.named:
            if named.iri.startswith(f"{DOC}u-"):
                nouns = [named.noun] if named.noun else []
                self._document(named.iri, nouns, self._label(named), named.stated)
                self._bank_keys(named.iri, [named.bank_key] if named.bank_key else [])

    def _bank_keys(self, document: str, keys: list[str]) -> None:
        """Identify a document by the bank's own keys, which a web page's links name."""
        verified = scheme("identification-status", "verified")
        for number, key in enumerate(keys, 1):
            iri = f"{ID}identification/{document.removeprefix(DOC)}/bank-key{f'-{number}' if number > 1 else ''}"
            self._describe(document, (), evg_identification=iri)
            self._describe(
                iri, ("Identification",), evg_identifierScheme=scheme("identifier-scheme", "bank-key"),
                evg_identifierValue=string(key), evg_identificationStatus=verified, evg_matchStatus=verified,
                dcterms_source=english("the link on the bank's own page"),
            )  # fmt: skip

    def _label(self, named: NamedDocument) -> str:
        noun = (named.noun if named.noun in _CLASSES else None) or "document"
        date = f" ({named.stated.date})" if named.stated.date else ""
        return f"{noun.capitalize()}{date} mentioned in {self.page.matrix} {self.page.square}"

    def _document(self, iri: str, nouns: list[str], label: str, stated: Stated) -> None:
        classes = dict.fromkeys(_CLASSES[one] for one in nouns if one in _CLASSES)
        country = stated.country and self.register.concept("country", stated.country)
        publisher, produced_for = stated.publisher, None
        if publisher and publisher.lower().startswith(_PRODUCED_FOR):
            produced_for = publisher[len(_PRODUCED_FOR) :].removeprefix("the ")
            publisher = None
        for_country = "evg_forCountry" if "Guidance" in classes else "evg_studyCountry"
        self._describe(
            iri, ("Document", *classes), rdfs_label=english(label),
            # A document is issued once, first in "2003 and 2004"; the entry keeps the date as printed.
            dcterms_issued=[typed(year, "gYear") for year in sorted(stated.years)[:1]],
            dcterms_publisher=self._publishers(publisher),
            evg_producedFor=self._organisation(produced_for) if produced_for else None,
            **({for_country: country} if country else {}),
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

    def _new_organisations(self) -> None:
        for iri, name in self.organisations.items():
            self._add(iri, _TYPE, f"{SCHEMA}Organization")
            self._describe(iri, (), rdfs_label=english(name))

    def _passage(self, span: Span) -> str:
        iri = f"{self.passage}/{span.start}-{span.end}"
        self.passages[iri] = span
        return iri

    def _passages(self) -> None:
        for iri, span in self.passages.items():
            self._describe(
                iri, ("Passage",), oa_hasSource=self.snapshot, oa_start=typed(span.start, "integer"),
                oa_end=typed(span.end, "integer"), evg_line=typed(self.page.source.line_of(span.start), "integer"),
                oa_exact=string(self.page.source.slice(span)) if self.with_text else None,
            )  # fmt: skip


def _as_printed(stated: Stated) -> dict[str, Words]:
    return {name: string(value) for name, value in zip(_PRINTED, stated, strict=True) if value}
