"""Where a page says something: lines, words where the operator has given them, and who decided what they mean."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from evgraph.namespaces import ID, scheme

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evgraph.site.page import Site

_AROUND = 60  # Characters shown before and after a passage.


class Place(NamedTuple):
    """A passage: the cell of its page (``drug-E4``), line, offsets, and its IRI."""

    cell: str
    line: int
    start: int
    end: int
    iri: str


def holds(whole: Place, part: Place) -> bool:
    """Return whether a passage lies within another."""
    return whole.cell == part.cell and whole.start <= part.start and part.end <= whole.end


class Quote(NamedTuple):
    """The words of a passage, and those around it."""

    before: str
    text: str
    after: str


class Note(NamedTuple):
    """The evidence for a link.

    Attributes:
        anchor: of the note on its page.
        kind: of the reference, in words; empty for a statement that is no reference.
        resolution: in words, with its definition.
        places: the passages that say it.
        quote: the words of the first.
        by: who decided, where it was not the page.
        date: when, in ISO 8601.
        remark: why.
        address: where the note is, if it is elsewhere on the page; then it has only places.

    """

    anchor: str
    kind: str
    resolution: str
    definition: str
    places: tuple[Place, ...]
    quote: Quote | None
    by: str
    date: str
    remark: str
    address: str = ""


class Notes:
    """Writes the notes of one page; looks each concept up once."""

    def __init__(self, site: Site) -> None:
        self._site, self._reader = site, site.reader
        self._concepts: dict[tuple[str, str], str] = {}
        self._places: dict[str, Place | None] = {}
        self._stated: dict[str, tuple[Place, ...]] = {}
        self._count = 0

    @cached_property
    def has_pages(self) -> bool:
        """Whether the operator has given the pages."""
        return self._site.options.pages is not None

    def prepare(self, things: Iterable[str]) -> None:
        """Find the passages of things in one query, where their words may be quoted."""
        if self.has_pages:
            self._site.passages.look_up({iri for one in things for iri in self._reader.values(one, "evg:statedIn")})

    def places(self, thing: str) -> tuple[Place, ...]:
        """Return the passages in which a thing is stated, by page and place."""
        if thing not in self._stated:
            found = (self._place(iri) for iri in self._reader.values(thing, "evg:statedIn"))
            self._stated[thing] = tuple(sorted(place for place in found if place))
        return self._stated[thing]

    def _place(self, iri: str) -> Place | None:
        if iri not in self._places:
            reader = self._reader
            snapshot = reader.value(iri, "oa:hasSource")
            numbers = [reader.value(iri, name) for name in ("evg:line", "oa:start", "oa:end")]
            whole = snapshot.startswith(f"{ID}snapshot/") and all(one.isdecimal() and len(one) < 12 for one in numbers)
            cell = snapshot.removeprefix(f"{ID}snapshot/").rpartition("/")[0]
            line, start, end = map(int, numbers) if whole else (0, 0, 0)
            self._places[iri] = Place(cell, line, start, end, iri) if whole else None
        return self._places[iri]

    def text(self, place: Place) -> str:
        """Return the words of a passage; empty where they are not at hand."""
        return (self.has_pages and self._site.passages.text(place.iri)) or self._reader.value(place.iri, "oa:exact")

    def quote(self, place: Place, within: Sequence[Place] = ()) -> Quote | None:
        """Return the words of a passage, with some of those around it from another passage that holds it."""
        text = self.text(place)
        if not text:
            return None
        for whole in within:
            if holds(whole, place) and whole != place:
                around = self.text(whole)
                start, end = place.start - whole.start, place.end - whole.start
                if around[start:end] == text:
                    before, after = around[max(0, start - _AROUND) : start], around[end : end + _AROUND]
                    before = f"…{before}" if start > _AROUND else before
                    after = f"{after}…" if end + _AROUND < len(around) else after
                    return Quote(before, text, after)
        return Quote("", text, "")

    def concept(self, name: str, notation: str, property_: str = "") -> str:
        """Return the label, or another text, of a concept of a scheme."""
        key = (f"{name}/{notation}", property_)
        if key not in self._concepts:
            iri = scheme(name, notation)
            self._concepts[key] = self._reader.value(iri, property_) if property_ else self._reader.label(iri)
        return self._concepts[key]

    def of_reference(self, iri: str, kind: str, resolution: str, within: Sequence[Place] = ()) -> Note:
        """Return the note on a reference; `within` are the passages of the entry or section that makes it."""
        direction = self._reader.value(iri, "evg:direction").removeprefix(scheme("direction", ""))
        words = self.concept("reference-kind", kind) + (f", {direction}" if direction else "")
        definition = self.concept("resolution", resolution, "skos:definition") if resolution != "resolved" else ""
        return self._note(words, self.concept("resolution", resolution), definition, (iri,), within)

    def elsewhere(self, iri: str, address: str) -> Note:
        """Return the line of a reference whose note is elsewhere on the page, with a link to it."""
        return Note("", "", "", "", self.places(iri), None, "", "", "", address)

    def of_claims(self, claims: Sequence[str], within: Sequence[Place] = (), *, remarks: bool = True) -> Note:
        """Return the note on a statement that some claims make; the remarks of people may be left out."""
        note = self._note("", "", "", claims, within)
        return note if remarks else note._replace(remark="")

    def _note(
        self, kind: str, resolution: str, definition: str, claims: Sequence[str], within: Sequence[Place]
    ) -> Note:
        reader = self._reader
        self._count += 1
        places = {place for claim in claims for place in self.places(claim)}
        ordered = tuple(sorted(places, key=lambda place: (not any(holds(whole, place) for whole in within), place)))
        # What the page itself says as well, nobody had to decide.
        who = [set(reader.values(claim, "prov:wasAttributedTo")) for claim in claims]
        decided = [] if any(one.startswith(f"{ID}snapshot/") for names in who for one in names) else claims
        people = set().union(*who) if decided else set()
        dates = [date for claim in decided for date in reader.values(claim, "dcterms:date")]
        remarks = [text for claim in decided for text in reader.values(claim, "skos:editorialNote")]
        return Note(
            anchor=f"n{self._count}",
            kind=kind,
            resolution=resolution,
            definition=definition,
            places=ordered,
            quote=self.quote(ordered[0], within) if ordered else None,
            by=", ".join(sorted(map(reader.label, people))),
            date=max(dates, default=""),
            remark=" ".join(dict.fromkeys(remarks)),
        )
