"""References as sentences: what an entry or a section refers to, and what refers to it, with both ends readable."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evgraph.namespaces import ID
from evgraph.site.addresses import anchor, href, square_name
from evgraph.site.listing import notation
from evgraph.site.sources import Note, Place, Sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.site.page import Site

# Kind → what a source does with its target; and what the target undergoes.
_VERBS = {
    "corresponding": ("Corresponds to", "Is the counterpart of"),
    "related": ("Is related to", "Is called related by"),
    "see-also": ("See also", "Is a “see also” of"),
    "implementation": ("Is put into practice by", "Is called its implementation by"),
    "inline": ("Mentions", "Is mentioned by"),
    "position": ("Points to", "Is pointed to by"),
    "commentary": ("Is discussed in", "Discusses"),
    "cell": ("Refers to", "Is referred to by"),
    "file-place": ("Refers to a place in a file", "Is referred to by"),
    "search": ("Search", "Is searched for by"),
}
_FROM_SECTION = {"commentary": ("Refers to", "Is referred to by"), "cell": ("Refers to", "Is referred to by")}
_LOST = {
    "commentary": "the Matrix Bite, but the link is lost: the saved page does not show where it leads",
    "search": "of the bank’s own pages; the saved page has lost its address",
}
_OTHER_LOST = "something whose link is lost: the saved page does not show where it leads"


class End(NamedTuple):
    """The other end of a link: a thing in words, where it is, and in which direction from here."""

    text: str
    detail: str
    address: str
    place: str = ""


class Sentence(NamedTuple):
    """A reference in words.

    Attributes:
        anchor: on the page of its cell; empty in the list of another thing.
        verb: what it does.
        ends: the targets; of an ambiguous reference the candidates.
        tail: what is to be said behind them.
        resolution: ``resolved``, ``ambiguous``, ``dangling``, ``outside``.
        note: the evidence for it.
        answer: the note on the reference that says the same from the other end.

    """

    anchor: str
    verb: str
    ends: tuple[End, ...]
    tail: str
    resolution: str
    note: Note
    answer: Note | None = None


class Placed(NamedTuple):
    """Where the things of a cell's page are: thing → order on the page, and the address of its place."""

    order: dict[str, int]
    addresses: dict[str, str]


class References:
    """The references of a page about a cell.

    Args:
        site: what it reads.
        cell: ``drug-E4``; empty for a page that is about something else.
        placed: where the entries and sections of that page are.

    """

    def __init__(self, site: Site, cell: str, placed: Placed) -> None:
        self._reader, self._cell, self._placed = site.reader, cell, placed
        self.sources = Sources(site)
        self._kinds: dict[str, str] = {}

    def kind(self, reference: str) -> str:
        """Return the notation of its kind."""
        if reference not in self._kinds:
            kind = self._reader.value(reference, "evg:referenceKind")
            self._kinds[reference] = notation(kind, "reference-kind")
        return self._kinds[reference]

    def resolution(self, reference: str) -> str:
        """Return the notation of its resolution."""
        return notation(self._reader.value(reference, "evg:resolution"), "resolution")

    def of(self, source: str, without: Sequence[str] = ()) -> list[Sentence]:
        """Return what an entry or a section refers to, in the order of the words on its page."""
        within = self.sources.places(source)
        found = [reference for reference in self._reader.subjects("evg:source", source) if reference not in without]
        return [self.sentence(reference, source, within) for reference in sorted(found, key=self._order)]

    def to(self, target: str, without: Sequence[str] = ()) -> list[Sentence]:
        """Return what refers to a thing, but for the references that `of` shows as answers to its own."""
        answers = {
            answer for own in self._reader.subjects("evg:source", target) for answer in self._answers(own, target)
        }
        found = []
        for reference in self._reader.subjects("evg:target", target):
            if reference not in answers and reference not in without:
                found += [
                    self.incoming(reference, source, target) for source in self._reader.values(reference, "evg:source")
                ]
        return found

    def incoming(self, reference: str, source: str, target: str) -> Sentence:
        """Return a reference as its target sees it."""
        kind, resolution = self.kind(reference), self.resolution(reference)
        note = self._note_of(reference, source)
        verb = self._verbs(kind, source)[1]
        if kind == "implementation" and self._is_active(reference, source):
            verb = "Is put into practice by"
        return Sentence("", verb, (self.end(source, target),), "", resolution, note)

    def end(self, iri: str, here: str) -> End:
        """Return a thing as the other end of a link."""
        reader = self._reader
        kind = iri.removeprefix(ID).partition("/")[0] if iri.startswith(ID) else ""
        cell = iri.removeprefix(f"{ID}{kind}/").partition("/")[0]
        detail = ""
        if kind == "entry":
            text = reader.value(iri, "schema:headline") or reader.label(iri)
            detail = ", ".join(
                [*self.countries(reader.values(iri, "evg:lists")), *reader.values(iri, "evg:statedDate")]
            )
        elif kind == "section" and not reader.knows(iri):  # Only the page names it, such as text that was folded.
            return End(reader.label(iri), "", "")
        elif kind == "section":
            text = self.section_name(iri)
        elif kind in {"cell", "commentary"}:
            text = f"{'cell' if kind == 'cell' else 'the Matrix Bite of'} {square_name(cell)}"
        else:
            text = reader.label(iri)
        return End(text, detail, self._placed.addresses.get(iri) or href(iri), self._direction(iri, here, kind, cell))

    def entry_of(self, document: str) -> str:
        """Return the entry of this page that lists a document; the document itself where there is none."""
        entries = (entry for entry in self._reader.subjects("evg:lists", document) if entry in self._placed.order)
        return min(entries, key=self._placed.order.__getitem__, default=document)

    def section_name(self, iri: str) -> str:
        """Return the heading of a section, or what it is."""
        role = notation(self._reader.value(iri, "evg:sectionRole"), "section-role")
        label = self.sources.concept("section-role", role) if role else self._reader.label(iri)
        return self._reader.value(iri, "dcterms:title") or label

    def countries(self, documents: Sequence[str]) -> list[str]:
        """Return the names of the countries of documents."""
        found = {
            iri
            for document in documents
            for name in ("evg:studyCountry", "evg:forCountry")
            for iri in self._reader.values(document, name)
        }
        return [self.sources.concept("country", notation(iri, "country")) for iri in sorted(found)]

    def _direction(self, iri: str, here: str, kind: str, cell: str) -> str:
        order = self._placed.order
        if iri in order and here in order:
            return "below ↓" if order[iri] > order[here] else "above ↑"
        return f"in {square_name(cell)}" if kind in {"entry", "section"} and cell != self._cell else ""

    def _order(self, reference: str) -> tuple[int, int, str]:
        places, kinds = self.sources.places(reference), list(_VERBS)
        kind = self.kind(reference)  # Of those in one sentence, links to documents come first.
        return places[0].start if places else 0, kinds.index(kind) if kind in kinds else len(kinds), reference

    def sentence(self, reference: str, source: str, within: Sequence[Place] = ()) -> Sentence:
        """Return a reference as its source makes it; `within` are the passages of the source."""
        kind, resolution = self.kind(reference), self.resolution(reference)
        verb = self.verb(reference, source)
        targets = self._reader.values(reference, "evg:target")
        tail = ""
        if resolution == "ambiguous":
            targets = self._reader.values(reference, "evg:candidate")
            verb = f"{verb} one of {len(targets)}, and the page does not say which:"
        elif not targets:
            tail = _LOST.get(kind, _OTHER_LOST) if source.startswith(f"{ID}entry/") or kind == "search" else _OTHER_LOST
        elif resolution == "outside":
            tail = "which is not in the graph"
        answers = [self._answer(answer) for answer in self._answers(reference, source)]
        return Sentence(
            anchor(reference),
            verb,
            tuple(self.end(target, source) for target in targets),
            tail,
            resolution,
            self.sources.note_of_reference(reference, kind, resolution, within),
            answers[0] if answers else None,
        )

    def _answer(self, reference: str) -> Note:
        return self._note_of(reference, self._reader.value(reference, "evg:source"))

    def _note_of(self, reference: str, source: str) -> Note:
        """Return the note on what another thing refers to; where that is on this page, a link to it."""
        if self._placed.addresses.get(source, "").startswith("#"):
            return self.sources.note_elsewhere(reference, f"#{anchor(reference)}")
        within = self.sources.places(source)
        return self.sources.note_of_reference(reference, self.kind(reference), self.resolution(reference), within)

    def _answers(self, reference: str, source: str) -> list[str]:
        """Return the references by which a target says the same of the source."""
        kind = self.kind(reference)
        if kind not in {"corresponding", "related", "see-also", "implementation"}:
            return []
        return [
            answer
            for target in self._reader.values(reference, "evg:target")
            for answer in self._reader.subjects("evg:source", target)
            if self.kind(answer) == kind and source in self._reader.values(answer, "evg:target")
        ]

    def verb(self, reference: str, source: str) -> str:
        """Return what a source does with the target of a reference: ``Corresponds to``."""
        kind = self.kind(reference)
        if kind == "implementation" and self._is_active(reference, source):
            return "Puts into practice"
        return self._verbs(kind, source)[0]

    def _verbs(self, kind: str, source: str) -> tuple[str, str]:
        if not source.startswith(f"{ID}entry/"):
            return _FROM_SECTION.get(kind) or _VERBS.get(kind) or _FROM_SECTION["cell"]
        return _VERBS.get(kind) or _VERBS["cell"]

    def _is_active(self, reference: str, source: str) -> bool:
        """Return whether the source of an implementation is the guidance that puts the other into practice."""
        return self._reader.value(reference, "rdf:subject") in self._reader.values(source, "evg:lists")


def discussions(site: Site, section: str) -> dict[str, list[str]]:
    """Return document → the claims that a section discusses it; of some it has none."""
    reader = site.reader
    documents = reader.subjects("cito:isDiscussedBy", section) + reader.values(section, "cito:critiques")
    found: dict[str, list[str]] = {document: [] for document in documents}
    for claim in reader.subjects("rdf:object", section) + reader.subjects("rdf:subject", section):
        for name in ("rdf:subject", "rdf:object"):
            document = reader.value(claim, name)
            if document in found and claim not in found[document]:
                found[document].append(claim)
    return found
