"""Who states something, and where: a page, with line and words where they are at hand, or a person with a note."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from evgraph.namespaces import ID, curie, scheme
from evgraph.site.addresses import square_name
from evgraph.site.reader import expand

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evgraph.site.page import Site

_SNAPSHOT = f"{ID}snapshot/"
_AROUND = 60  # Characters shown before and after a passage.


class Place(NamedTuple):
    """A passage: the cell of its page (``drug-E4``), line, offsets, IRI, and its words where they are shown."""

    cell: str
    line: int
    start: int
    end: int
    iri: str
    quote: str = ""

    @property
    def name(self) -> str:
        """The page and the line in words."""
        return f"{square_name(self.cell)}, line {self.line}" if self.cell else curie(self.iri)


def holds(whole: Place, part: Place) -> bool:
    """Return whether a passage lies within another."""
    return whole.cell == part.cell and whole.start <= part.start and part.end <= whole.end


class Quote(NamedTuple):
    """The words of a passage, and those around it."""

    before: str
    text: str
    after: str


class Source(NamedTuple):
    """Who states something.

    Attributes:
        places: the passages.
        people: who says so beside or instead of a page, by label.
        remark: why, as they wrote it.
        stance: ``supports``, ``qualifies``, ``contradicts`` or empty.

    """

    places: tuple[Place, ...] = ()
    people: tuple[str, ...] = ()
    remark: str = ""
    stance: str = ""

    def __bool__(self) -> bool:
        return bool(self.places or self.people or self.remark)


class Note(NamedTuple):
    """The evidence for a link on the page of a cell.

    Attributes:
        anchor: of the note on its page.
        kind: of the reference, in words; empty for a statement that is no reference.
        resolution: in words, with its definition.
        places: the passages that say it.
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
    by: str
    date: str
    remark: str
    address: str = ""


class Sources:
    """Finds the sources of facts for one page; looks each concept and passage up once."""

    def __init__(self, site: Site) -> None:
        self._site, self._reader = site, site.reader
        self._claims: dict[str, dict[tuple[str, str], list[str]]] = {}
        self._concepts: dict[tuple[str, str], str] = {}
        self._passages: dict[str, Place] = {}
        self._places: dict[str, tuple[Place, ...]] = {}
        self._count = 0

    @cached_property
    def has_text(self) -> bool:
        """Whether the words of pages are at hand: the operator has given the pages, or the graph holds their text."""
        return (
            bool(self._site.options.pages) or next(self._site.store.matches(None, expand("oa:exact")), None) is not None
        )

    def of(self, subject: str, name: str, value: str) -> Source:
        """Return who states a triple; the property is a CURIE."""
        return self.of_things(self.claims_of(subject, name, value))

    def claims_of(self, subject: str, name: str, value: str) -> list[str]:
        """Return the claims that state a triple."""
        return self._claims_about(subject).get((expand(name), value), [])

    def of_things(self, things: Iterable[str]) -> Source:
        """Return who states what claims, references, entries or sections say, with the words of the passages."""
        places: set[Place] = set()
        people: set[str] = set()
        remarks: list[str] = []
        stances: list[str] = []
        for thing in things:
            places |= {self.place(iri) for iri in self._reader.values(thing, "evg:statedIn")}
            people |= {
                self._reader.label(who)
                for who in self._reader.values(thing, "prov:wasAttributedTo")
                if not who.startswith(_SNAPSHOT)
            }
            remarks += self._reader.values(thing, "skos:editorialNote")
            stances += self._reader.values(thing, "evg:stance")
        return Source(
            tuple(place._replace(quote=self.text(place.iri)) for place in sorted(places)),
            tuple(sorted(people)),
            " ".join(dict.fromkeys(remarks)),
            next((stance.removeprefix(scheme("stance", "")) for stance in stances), ""),
        )

    def _claims_about(self, subject: str) -> dict[tuple[str, str], list[str]]:
        if subject not in self._claims:
            found: dict[tuple[str, str], list[str]] = {}
            for claim in self._reader.subjects("rdf:subject", subject):
                key = (self._reader.value(claim, "rdf:predicate"), self._reader.value(claim, "rdf:object"))
                found.setdefault(key, []).append(claim)
            self._claims[subject] = found
        return self._claims[subject]

    def places(self, thing: str) -> tuple[Place, ...]:
        """Return the passages in which a thing is stated, by page and place."""
        if thing not in self._places:
            found = (self.place(iri) for iri in self._reader.values(thing, "evg:statedIn"))
            self._places[thing] = tuple(sorted(place for place in found if place.cell))
        return self._places[thing]

    def look_up(self, things: Iterable[str]) -> None:
        """Find the passages of things in one query, where the operator has given the pages."""
        if self._site.options.pages:
            self._site.passages.look_up({iri for thing in things for iri in self._reader.values(thing, "evg:statedIn")})

    def place(self, passage: str) -> Place:
        """Return where a passage is; one that is not a part of the text of a page has no cell."""
        if passage not in self._passages:
            reader = self._reader
            snapshot = reader.value(passage, "oa:hasSource")
            numbers = [reader.value(passage, name) for name in ("evg:line", "oa:start", "oa:end")]
            is_whole = snapshot.startswith(_SNAPSHOT) and all(
                number.isdecimal() and len(number) < 12 for number in numbers
            )
            cell = snapshot.removeprefix(_SNAPSHOT).partition("/")[0] if is_whole else ""
            line, start, end = map(int, numbers) if is_whole else (0, 0, 0)
            self._passages[passage] = Place(cell, line, start, end, passage)
        return self._passages[passage]

    def text(self, passage: str) -> str:
        """Return the words of a passage; empty where they are not at hand."""
        words = ""
        if self._site.options.pages:
            self._site.passages.look_up([passage])
            words = self._site.passages.text(passage) or ""
        return words or self._reader.value(passage, "oa:exact")

    def quote(self, place: Place, within: Sequence[Place] = ()) -> Quote | None:
        """Return the words of a passage, with some of those around it from another passage that holds it."""
        text = self.text(place.iri)
        if not text:
            return None
        for whole in within:
            if holds(whole, place) and whole != place:
                around = self.text(whole.iri)
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

    def note_of_reference(self, iri: str, kind: str, resolution: str, within: Sequence[Place] = ()) -> Note:
        """Return the note on a reference; `within` are the passages of the entry or section that makes it."""
        direction = self._reader.value(iri, "evg:direction").removeprefix(scheme("direction", ""))
        words = self.concept("reference-kind", kind) + (f", {direction}" if direction else "")
        definition = self.concept("resolution", resolution, "skos:definition") if resolution != "resolved" else ""
        return self._note(words, self.concept("resolution", resolution), definition, (iri,), within)

    def note_elsewhere(self, iri: str, address: str) -> Note:
        """Return the line of a reference whose note is elsewhere on the page, with a link to it."""
        return Note("", "", "", "", self.places(iri), "", "", "", address)

    def note_of_claims(self, claims: Sequence[str], within: Sequence[Place] = (), *, remarks: bool = True) -> Note:
        """Return the note on a statement that some claims make; the remarks of people may be left out."""
        note = self._note("", "", "", claims, within)
        return note if remarks else note._replace(remark="")

    def _note(
        self, kind: str, resolution: str, definition: str, claims: Sequence[str], within: Sequence[Place]
    ) -> Note:
        reader = self._reader
        self._count += 1
        places = {place for claim in claims for place in self.places(claim)}
        # What the page itself says as well, nobody had to decide.
        who = [set(reader.values(claim, "prov:wasAttributedTo")) for claim in claims]
        decided = [] if any(agent.startswith(_SNAPSHOT) for agents in who for agent in agents) else claims
        people = set().union(*who) if decided else set()
        dates = [date for claim in decided for date in reader.values(claim, "dcterms:date")]
        remarks = [text for claim in decided for text in reader.values(claim, "skos:editorialNote")]
        return Note(
            anchor=f"n{self._count}",
            kind=kind,
            resolution=resolution,
            definition=definition,
            places=tuple(sorted(places, key=lambda place: (not any(holds(whole, place) for whole in within), place))),
            by=", ".join(sorted(map(reader.label, people))),
            date=max(dates, default=""),
            remark=" ".join(dict.fromkeys(remarks)),
        )
