"""The RDF graph of a cell whose references are resolved, in the terms of the ontology.

The graph holds what the page states and nothing else: no inverse directions, and no inferred types but evgraph's own
superclasses (a Trial is also a Study and a Document).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from pyoxigraph import Literal, NamedNode, Triple

from evgraph.namespaces import CC0, EVG, ID, RDF, SCHEMA, SKOS, VOCABULARIES, VOID, XSD, scheme
from evgraph.pages.cell import KIND_OF_MARKER
from evgraph.pages.source import Span
from evgraph.register import DOC, ORG, Register, slug

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evgraph.pages.cell import Cell, IdentifiedEntry, Reference
    from evgraph.pages.page import Imprint, Section

_CLASS_OF_NOUN = {"study": "Study", "trial": "Study", "review": "Review", "guidance": "Guidance"}
_IMPRINT_PROPERTIES = ("evg_statedDate", "evg_statedPublisher", "evg_statedCountry", "evg_statedNote")
_PRODUCED_FOR = "report produced for "

# Of the objects, a string is an IRI.
_Objects: TypeAlias = str | Literal | Sequence[str | Literal] | None


def triples(
    cell: Cell, register: Register, *, captured: str | None = None, address: str | None = None, with_text: bool = False
) -> list[Triple]:
    """Return the triples of a cell's graph; some of them may occur twice.

    Args:
        cell: its references are resolved.
        register: names organisations and hot topics.
        captured: the day the page was captured, ``2026-01-31``.
        address: the address it was captured from.
        with_text: whether passages hold the page's words (``oa:exact``). The words are their owner's.

    """
    return _GraphBuilder(cell, register, with_text=with_text).build(captured, address)


def _english(text: str) -> Literal:
    return Literal(text, language="en")


def _typed(value: object, datatype: str) -> Literal:
    return Literal(str(value), datatype=NamedNode(XSD + datatype))


def _collapse(text: str) -> str:
    return " ".join(text.split())


class _GraphBuilder:
    def __init__(self, cell: Cell, register: Register, *, with_text: bool) -> None:
        self.cell, self.page, self.register, self.with_text = cell, cell.page, register, with_text
        self.triples: list[Triple] = []
        self.new_organisations: dict[str, str] = {}

    def build(self, captured: str | None, address: str | None) -> list[Triple]:
        self._add_graph()
        self._add_snapshot(captured, address)
        self._add_topics()
        for entry in self.cell.entries:
            self._add_entry(entry)
        for position, section in enumerate(self.page.sections, 1):
            self._add_section(section, position)
        for reference in self.cell.references:
            self._add_reference(reference)
        self._add_unregistered_documents()
        for key, older in self.cell.replaced.items():
            self._describe(key, dcterms_isReplacedBy=older)
        for iri, name in self.new_organisations.items():
            self._describe(iri, (f"{SCHEMA}Organization",), rdfs_label=_english(name))
        return self.triples

    def _add(self, subject: str, predicate: str, value: str | Literal) -> None:
        node = NamedNode(value) if isinstance(value, str) else value
        self.triples.append(Triple(NamedNode(subject), NamedNode(predicate), node))

    def _describe(self, subject: str, classes: Iterable[str] = (), **properties: _Objects) -> None:
        """Add a resource's types, and of ``PREFIX_NAME=objects`` what is not None."""
        for cls in classes:
            self._add(subject, f"{RDF}type", cls if ":" in cls else EVG + cls)
        for name, objects in properties.items():
            if objects is None:
                continue
            prefix, _, local = name.partition("_")
            for value in (objects,) if isinstance(objects, str | Literal) else objects:
                self._add(subject, VOCABULARIES[prefix] + local, value)

    def _add_graph(self) -> None:
        page = self.page
        title = f"Cell {page.square} of the {page.matrix.capitalize()} Treatment Matrix, as read from its page"
        self._describe(
            f"{ID}graph/{page.cell}",
            (f"{VOID}Dataset",),
            dcterms_title=_english(title),
            dcterms_license=CC0,
            prov_wasDerivedFrom=self.cell.snapshot_iri,
        )

    def _add_snapshot(self, captured: str | None, address: str | None) -> None:
        source, supports = self.page.source, []
        for support in self.page.supports:
            organisation = self._organisation(support.name)
            iri = f"{ID}support/{self.page.cell}/{source.hash}/{organisation.removeprefix(ORG)}-{support.role}"
            supports.append(iri)
            role = scheme("support-role", support.role)
            self._describe(iri, ("Support",), evg_supporter=organisation, evg_supportRole=role)
        self._describe(
            self.cell.snapshot_iri,
            ("CellSnapshot",),
            prov_specializationOf=self.cell.iri,
            rdfs_label=Literal(self.page.title),
            evg_sha256=Literal(source.sha256),
            evg_support=supports,
            dcterms_date=_typed(captured, "date") if captured else None,
            dcterms_source=address or None,
        )

    def _add_topics(self) -> None:
        for name in self.page.topics:
            topic = self.register.concept("topic", name)
            if not topic:
                topic = scheme("topic", slug(name))
                self._describe(
                    topic,
                    (f"{SKOS}Concept",),
                    skos_inScheme=f"{ID}scheme/topic",
                    skos_notation=Literal(slug(name)),
                    skos_prefLabel=_english(name),
                )
            self._describe(self.cell.iri, dcterms_subject=topic)

    def _add_entry(self, identified: IdentifiedEntry) -> None:
        entry, source = identified.entry, self.page.source
        above_body = Span(entry.span.start, entry.body.start)  # The headline and its icon; only a web page has notes.
        notes = [link.note for link in source.links if link.note and above_body.holds(link.span)]
        inferred = entry.inferred_marker and scheme("marker", entry.inferred_marker)
        self._describe(
            identified.iri,
            ("Entry",),
            evg_inCell=self.cell.iri,
            evg_marker=[scheme("marker", marker) for marker in entry.kinds_marked],
            evg_inferredMarker=inferred,
            schema_position=_typed(entry.position, "integer"),
            schema_headline=_english(_collapse(source.slice(entry.headline))),
            evg_lists=identified.documents,
            evg_statedIn=self._passage(entry.span),
            skos_note=[_english(note) for note in notes] if self.with_text else (),
            **_imprint_properties(entry.imprint),
        )
        self._describe(
            identified.iri, evg_statedDate=[Literal(imprint.date) for imprint in entry.other_imprints if imprint.date]
        )

    def _add_section(self, section: Section, position: int) -> None:
        commentary = f"{ID}commentary/{self.page.cell}"
        whole = self.cell.iri if section.role == "intro" else commentary
        heading = _collapse(self.page.source.slice(section.heading))
        self._describe(
            self.cell.section_iri(section.name),
            ("Section",),
            dcterms_isPartOf=whole,
            evg_ofCell=self.cell.iri,
            evg_sectionRole=scheme("section-role", section.role),
            schema_position=_typed(position, "integer"),
            dcterms_title=_english(heading) if heading else None,
            evg_statedIn=self._passage(section.span),
        )
        if whole == commentary:
            label = _english(f"Matrix Bite of {self.page.matrix} {self.page.square}")
            self._describe(
                commentary, ("Commentary",), schema_about=self.cell.iri, evg_ofCell=self.cell.iri, rdfs_label=label
            )

    def _add_reference(self, reference: Reference) -> None:
        phrase, statement = reference.phrase, reference.statement
        self._describe(
            reference.iri,
            ("Reference", "Claim") if statement else ("Reference",),
            evg_referenceKind=scheme("reference-kind", phrase.kind),
            evg_direction=scheme("direction", phrase.direction) if phrase.direction else None,
            evg_resolution=scheme("resolution", reference.resolution),
            evg_source=reference.source,
            evg_target=reference.target,
            evg_candidate=reference.candidates,
            evg_statedIn=self._passage(phrase.sentence),
            prov_wasAttributedTo=reference.settled_by or self.cell.snapshot_iri,
            bibo_locator=Literal(phrase.locator) if phrase.locator else None,
            **_imprint_properties(phrase.imprint),
        )
        if statement:
            subject, predicate, value = statement
            self._add(subject, predicate, value)
            self._describe(reference.iri, rdf_subject=subject, rdf_predicate=predicate, rdf_object=value)

    def _add_unregistered_documents(self) -> None:
        """Describe the documents that the register does not know by what the page states of them."""
        for identified in self.cell.entries:
            headline = _collapse(self.page.source.slice(identified.entry.headline))
            entry = identified.entry
            nouns = [KIND_OF_MARKER[marker] for marker in entry.kinds_marked]
            imprints = dict(zip(identified.documents, (entry.imprint, *entry.other_imprints), strict=False))
            for iri in identified.documents:
                self._add_document(iri, nouns, headline, imprints.get(iri, entry.imprint), identified.bank_keys)
        for iri, (phrase, bank_key) in self.cell.mentioned.items():
            noun = phrase.noun if phrase.noun in _CLASS_OF_NOUN else None
            date = f" ({phrase.imprint.date})" if phrase.imprint.date else ""
            label = f"{(noun or 'document').capitalize()}{date} mentioned in {self.page.matrix} {self.page.square}"
            self._add_document(iri, [noun] if noun else [], label, phrase.imprint, [bank_key] if bank_key else [])

    def _add_document(self, iri: str, nouns: list[str], label: str, imprint: Imprint, bank_keys: list[str]) -> None:
        if not iri.startswith(f"{DOC}u-"):
            return
        classes = dict.fromkeys(_CLASS_OF_NOUN[noun] for noun in nouns if noun in _CLASS_OF_NOUN)
        country = imprint.country and self.register.concept("country", imprint.country)
        publishers, produced_for = list[str](), None
        if imprint.publisher and imprint.publisher.lower().startswith(_PRODUCED_FOR):
            produced_for = self._organisation(imprint.publisher[len(_PRODUCED_FOR) :].removeprefix("the "))
        elif imprint.publisher:
            publishers = self.register.publishers(imprint.publisher) or [self._organisation(imprint.publisher)]
        self._describe(
            iri,
            ("Document", *classes),
            rdfs_label=_english(label),
            # A document is issued once, first in "2003 and 2004"; the entry keeps the date as printed.
            dcterms_issued=[_typed(year, "gYear") for year in sorted(imprint.years)[:1]],
            dcterms_publisher=publishers,
            evg_producedFor=produced_for,
            **{"evg_forCountry" if "Guidance" in classes else "evg_studyCountry": country},
        )
        verified = scheme("identification-status", "verified")
        for number, key in enumerate(bank_keys, 1):
            identification = f"{ID}identification/{iri.removeprefix(DOC)}/bank-key{f'-{number}' if number > 1 else ''}"
            self._describe(iri, evg_identification=identification)
            self._describe(
                identification,
                ("Identification",),
                evg_identifierScheme=scheme("identifier-scheme", "bank-key"),
                evg_identifierValue=Literal(key),
                evg_identificationStatus=verified,
                evg_matchStatus=verified,
                dcterms_source=_english("the link on the bank's own page"),
            )

    def _organisation(self, name: str) -> str:
        """Return an organisation's IRI: the register's, else a new one, which `build` describes."""
        iri = self.register.organisation(name)
        if not iri:
            iri = f"{ORG}{slug(name)}"
            self.new_organisations.setdefault(iri, name)
        return iri

    def _passage(self, span: Span) -> str:
        source = self.page.source
        iri = f"{ID}passage/{source.hash}/{span.start}-{span.end}"
        self._describe(
            iri,
            ("Passage",),
            oa_hasSource=self.cell.snapshot_iri,
            oa_start=_typed(span.start, "integer"),
            oa_end=_typed(span.end, "integer"),
            evg_line=_typed(source.line_of(span.start), "integer"),
            oa_exact=Literal(source.slice(span)) if self.with_text else None,
        )
        return iri


def _imprint_properties(imprint: Imprint) -> dict[str, Literal]:
    values = zip(_IMPRINT_PROPERTIES, imprint, strict=True)
    return {name: Literal(value) for name, value in values if value}
