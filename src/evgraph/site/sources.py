"""Who states a fact: a page, with line and words where they are at hand, a curator with a note, or a public record."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evgraph.namespaces import ID, curie, scheme
from evgraph.site.reader import expand

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evgraph.site.page import Site

_SNAPSHOT = f"{ID}snapshot/"


class Place(NamedTuple):
    """A passage: cell (``drug-E4``), line, offset, IRI, and its words where they are at hand."""

    cell: str
    line: int
    start: int
    iri: str
    quote: str = ""

    @property
    def name(self) -> str:
        """The page and the line in words."""
        return f"{cell_name(self.cell)}, line {self.line}" if self.cell else curie(self.iri)


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


class Sources:
    """Finds the sources of facts for one page."""

    def __init__(self, site: Site) -> None:
        self._site, self._reader = site, site.reader
        self._claims: dict[str, dict[tuple[str, str], list[str]]] = {}
        self._places: dict[str, Place] = {}

    def of(self, subject: str, name: str, value: str) -> Source:
        """Return who states a triple; the property is a CURIE."""
        return self.of_things(self.claims_of(subject, name, value))

    def claims_of(self, subject: str, name: str, value: str) -> list[str]:
        """Return the claims that state a triple."""
        return self._claims_about(subject).get((expand(name), value), [])

    def of_things(self, things: Iterable[str]) -> Source:
        """Return who states what claims, references, entries or sections say."""
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
            tuple(sorted(places)),
            tuple(sorted(people)),
            " ".join(dict.fromkeys(remarks)),
            next((stance.removeprefix(scheme("stance", "")) for stance in stances), ""),
        )

    def place(self, passage: str) -> Place:
        """Return a passage as a `Place`."""
        if passage not in self._places:
            reader = self._reader
            snapshot = reader.value(passage, "oa:hasSource")
            cell = snapshot.removeprefix(_SNAPSHOT).partition("/")[0] if snapshot.startswith(_SNAPSHOT) else ""
            line, start = (_number(reader.value(passage, name)) for name in ("evg:line", "oa:start"))
            self._places[passage] = Place(cell, line, start, passage, self.text(passage))
        return self._places[passage]

    def text(self, passage: str) -> str:
        """Return the words of a passage; empty where they are not at hand."""
        words = ""
        if self._site.options.pages:
            self._site.passages.look_up([passage])
            words = self._site.passages.text(passage) or ""
        return words or self._reader.value(passage, "oa:exact")

    def _claims_about(self, subject: str) -> dict[tuple[str, str], list[str]]:
        if subject not in self._claims:
            found: dict[tuple[str, str], list[str]] = {}
            for claim in self._reader.subjects("rdf:subject", subject):
                key = (self._reader.value(claim, "rdf:predicate"), self._reader.value(claim, "rdf:object"))
                found.setdefault(key, []).append(claim)
            self._claims[subject] = found
        return self._claims[subject]


def cell_name(cell: str) -> str:
    """Return the name of a cell for people: ``Alcohol E4`` for ``alcohol-E4``."""
    matrix, _, square = cell.partition("-")
    return f"{matrix.capitalize()} {square}".rstrip()


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 12 else 0
