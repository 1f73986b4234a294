"""The parts of a cell's page: an entry as a card, a section of the commentary."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evgraph.site.addresses import anchor
from evgraph.site.listing import notation
from evgraph.site.pictures.arcs import Arc, Row, arcs
from evgraph.site.references import discussions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.site.listing import Item
    from evgraph.site.page import Site
    from evgraph.site.references import End, References, Sentence
    from evgraph.site.sources import Note, Place

PER_PAGE = 25
"""Entries on a page of a cell: each takes about 2 kB, and the HTML is to stay below 60 kB."""


class Words(NamedTuple):
    """The words of a page, or where they are."""

    places: tuple[Place, ...]
    text: str
    length: int


class Card(NamedTuple):
    """An entry.

    Attributes:
        iri: of the entry.
        anchor: its place on the page.
        markers: letters.
        inferred: a letter that the reader of the page has inferred, or an empty text.
        headline: as printed.
        documents: those that it lists, with their names.
        imprint: country, publisher and date, as printed or known.
        kind: such as ``trial``, or an empty text.
        summary: in evgraph's words.
        words: of the page.
        sentences: what it refers to.
        incoming: what refers to it.

    """

    iri: str
    anchor: str
    markers: tuple[str, ...]
    inferred: str
    headline: str
    documents: dict[str, str]
    imprint: str
    kind: str
    summary: str
    words: Words
    sentences: list[Sentence]
    incoming: list[Sentence]


class Discussed(NamedTuple):
    """A document that a section discusses; `anchors` are those of the references that say so."""

    end: End
    note: Note | None
    anchors: list[str]


class Part(NamedTuple):
    """A section of a commentary, or the introduction."""

    iri: str
    anchor: str
    role: str
    title: str
    summary: str
    words: Words
    discussed: list[Discussed]
    sentences: list[Sentence]
    incoming: list[Sentence]


def _place_of(discussed: Discussed) -> tuple[int, list[str], str]:
    places = discussed.note.places if discussed.note else ()
    return places[0].start if places else 0, discussed.anchors, discussed.end.text


class Builder:
    """Builds the parts of a page of a cell."""

    def __init__(self, site: Site, references: References) -> None:
        self._site, self._reader, self._references = site, site.reader, references

    def card(self, item: Item) -> Card:
        """Return the card of an entry."""
        reader, iri = self._reader, item.entry
        imprint = [
            *self._references.countries(item.documents),
            *reader.values(iri, "evg:statedPublisher"),
            *reader.values(iri, "evg:statedDate"),
        ]
        return Card(
            iri=iri,
            anchor=anchor(iri),
            markers=item.markers,
            inferred=notation(reader.value(iri, "evg:inferredMarker"), "marker"),
            headline=reader.value(iri, "schema:headline") or reader.label(iri),
            documents=reader.labels(item.documents),
            imprint=", ".join(dict.fromkeys(imprint)),
            kind="trial" if "Trial" in item.kinds else "",
            summary=reader.value(iri, "dcterms:abstract"),
            words=self.extent(iri),
            sentences=self._references.of(iri),
            incoming=self._references.to(iri, self._of_discussions(iri)),
        )

    def part(self, iri: str) -> Part:
        """Return a section."""
        reader, references = self._reader, self._references
        within = references.sources.places(iri)
        found, all_claims = [], list[str]()
        for document, claims in discussions(self._site, iri).items():
            own = [claim for claim in claims if reader.value(claim, "evg:source") == iri]
            all_claims += claims
            note = references.sources.note_of_claims(claims, within, remarks=bool(own)) if claims else None
            found.append(Discussed(references.end(references.entry_of(document), iri), note, list(map(anchor, own))))
        found.sort(key=_place_of)
        return Part(
            iri=iri,
            anchor=anchor(iri),
            role=notation(reader.value(iri, "evg:sectionRole"), "section-role"),
            title=references.section_name(iri),
            summary=reader.value(iri, "dcterms:abstract"),
            words=self.extent(iri),
            discussed=found,
            sentences=references.of(iri, all_claims),
            incoming=references.to(iri, all_claims),
        )

    def extent(self, iri: str) -> Words:
        """Return the places of a thing on its page, and its words where they are at hand."""
        places = self._references.sources.places(iri)
        texts = (self._references.sources.text(place.iri) for place in places)
        return Words(places, "\n\n".join(filter(None, texts)), sum(place.end - place.start for place in places))

    def arcs(self, items: Sequence[Item]) -> str:
        """Draw the links between entries; empty where there are none."""
        reader, references = self._reader, self._references
        order = {item.entry: place for place, item in enumerate(items)}
        found: dict[frozenset[int], Arc] = {}
        for item in items:
            for reference in reader.subjects("evg:source", item.entry):
                targets, candidates = reader.values(reference, "evg:target"), reader.values(reference, "evg:candidate")
                for target in targets or candidates:
                    if target in order and target != item.entry:
                        start, end = order[item.entry], order[target]
                        words = references.verb(reference, item.entry).lower()
                        found.setdefault(frozenset((start, end)), Arc(start, end, words, bool(targets)))
        rows = [
            Row(
                reader.label(item.documents[0] if len(item.documents) == 1 else item.entry),
                f"#{anchor(item.entry)}",
                "".join(item.markers[:1]),
            )
            for item in items
        ]
        return arcs(rows, list(found.values())) if found else ""

    def _of_discussions(self, entry: str) -> list[str]:
        """Return the references of sections to an entry that say no more than that they discuss its document."""
        reader = self._reader
        return [
            reference
            for reference in reader.subjects("evg:target", entry)
            if reader.value(reference, "rdf:predicate").endswith("isDiscussedBy")
        ]
