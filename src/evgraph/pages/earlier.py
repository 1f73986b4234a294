"""An earlier version of a cell's page, read from the graph that was made of it, and its words where these are known."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from evgraph.errors import EvgraphError
from evgraph.namespaces import BIBO, DCTERMS, EVG, ID, OA, PROV, RDF, RDFS, SCHEMA
from evgraph.pages.decoding import find_pages, read
from evgraph.pages.matching import EntryFacts, SectionFacts
from evgraph.pages.page import Imprint
from evgraph.pages.source import Source, Span
from evgraph.register import DOC, document_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_PASSAGE = re.compile(re.escape(f"{ID}passage/") + r"([0-9a-f]{16})/([0-9]{1,9})-([0-9]{1,9})")
_SNAPSHOT = re.compile(re.escape(f"{ID}snapshot/") + r"([a-z]+-[A-E][1-5])/([0-9a-f]{16})")
_IMPRINT = ("statedDate", "statedPublisher", "statedCountry", "statedNote")


class PassageName(NamedTuple):
    """What the IRI of a passage says: the hash of the snapshot, and the span in its text."""

    hash: str
    span: Span

    @property
    def iri(self) -> str:
        """The IRI of the passage."""
        return f"{ID}passage/{self.hash}/{self.span.start}-{self.span.end}"


def parse_passage(iri: str) -> PassageName | None:
    """Read the IRI of a passage; None for any other."""
    match = _PASSAGE.fullmatch(iri)
    return PassageName(match[1], Span(int(match[2]), int(match[3]))) if match else None


def parse_snapshot(iri: str) -> tuple[str, str] | None:
    """Read the IRI of a snapshot, as cell (``drug-E4``) and hash; None for any other."""
    match = _SNAPSHOT.fullmatch(iri)
    return (match[1], match[2]) if match else None


@dataclass
class Texts:
    """The words of versions of pages: whole pages, and passages whose words a graph holds."""

    pages: dict[str, Source] = field(default_factory=dict)  # By the hash of the snapshot.
    passages: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # Hash → start and words of each.
    unreadable: list[EvgraphError] = field(default_factory=list)  # Files that are no pages.

    def add_pages(self, paths: Sequence[Path]) -> None:
        """Read page files, or folders of them."""
        for path in find_pages(paths, self.unreadable):
            try:
                source = read(path)
            except EvgraphError as error:
                self.unreadable.append(error)
            else:
                self.pages.setdefault(source.hash, source)

    def words(self, passage: PassageName | None) -> str | None:
        """Return the words of a passage; None where they are not known."""
        if passage is None:
            return None
        name, (start, end) = passage
        if source := self.pages.get(name):
            return source.text[start:end]
        for at, words in self.passages.get(name, ()):
            if at <= start and end <= at + len(words):
                return words[start - at : end - at]
        return None


class EarlierEntry(NamedTuple):
    """An entry of an earlier version."""

    iri: str
    facts: EntryFacts

    @property
    def name(self) -> str:
        """The last part of its IRI."""
        return self.iri.rpartition("/")[2]


class EarlierSection(NamedTuple):
    """A section of an earlier version."""

    iri: str
    facts: SectionFacts


class EarlierReference(NamedTuple):
    """A reference of an earlier version."""

    iri: str
    source: str  # IRI of its entry, section or cell.
    kind: str
    number: int  # The last part of its IRI.
    direction: str | None
    imprint: Imprint
    locator: str | None
    target: str | None
    passage: PassageName | None
    words: str | None  # Of its sentence, folded; None where they are not known.


class EarlierVersion:
    """What the graph of a cell says of the page that it was made of.

    Args:
        cell: the name of the cell, ``drug-E4``.
        triples: its graph.
        texts: the words of pages; those that the graph holds are added.

    """

    def __init__(self, cell: str, triples: Iterable[Triple], texts: Texts) -> None:
        self.cell, self._texts = cell, texts
        self._values = defaultdict[str, dict[str, list[str]]](lambda: defaultdict(list))
        for triple in triples:
            if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode | Literal):
                self._values[triple.subject.value][triple.predicate.value].append(triple.object.value)
        for iri, values in self._values.items():
            if (name := parse_passage(iri)) and (words := values.get(f"{OA}exact")):
                texts.passages.setdefault(name.hash, []).append((name.span.start, words[0]))

    @cached_property
    def hash(self) -> str | None:
        """The hash of its snapshot."""
        for iri in self._values:
            if (snapshot := parse_snapshot(iri)) and self._value(iri, f"{PROV}specializationOf"):
                return snapshot[1]
        return None

    @property
    def is_readable(self) -> bool:
        """Whether the words of the whole page are known."""
        return self.hash in self._texts.pages

    @cached_property
    def replaced(self) -> dict[str, str]:
        """Key of a document → the older key that replaces it, by an earlier match."""
        names = {iri: self._value(iri, f"{DCTERMS}isReplacedBy") for iri in self._values if iri.startswith(f"{DOC}u-")}
        return {iri: older for iri, older in names.items() if older}

    @cached_property
    def entries(self) -> list[EarlierEntry]:
        """Its entries, in the order of the page."""
        found = []
        for iri in self._of_class("Entry"):
            headline = self._value(iri, f"{SCHEMA}headline") or ""
            line = " ".join((self._words_of(iri) or "").split())
            rest = line.partition(headline)[2] if headline else ""
            facts = EntryFacts(
                headline=Source("", headline).folded,
                date=self._value(iri, f"{EVG}statedDate") or "",
                publisher=self._value(iri, f"{EVG}statedPublisher") or "",
                markers=frozenset(marker.rpartition("/")[2] for marker in self._all(iri, f"{EVG}marker")),
                documents=frozenset(self._all(iri, f"{EVG}lists")),
                body=rest.partition(")")[2].lstrip(" ."),
            )
            position = self._value(iri, f"{SCHEMA}position") or ""
            found.append((int(position) if position.isdecimal() else 0, EarlierEntry(iri, facts)))
        return [entry for _, entry in sorted(found)]

    def key_of(self, entry: EarlierEntry) -> str:
        """Return the IRI that an entry's document has as long as nobody identifies it."""
        facts = entry.facts
        key = document_key(self.cell, facts.headline, facts.date, facts.publisher)
        return self.replaced.get(key, key)

    @cached_property
    def sections(self) -> list[EarlierSection]:
        """Its sections, in the order of the page."""
        found = []
        for iri in self._of_class("Section"):
            role = (self._value(iri, f"{EVG}sectionRole") or "").rpartition("/")[2]
            facts = SectionFacts(role, self._value(iri, f"{DCTERMS}title") or "", self._words_of(iri) or "")
            position = self._value(iri, f"{SCHEMA}position") or ""
            found.append((int(position) if position.isdecimal() else 0, EarlierSection(iri, facts)))
        return [section for _, section in sorted(found)]

    @cached_property
    def references(self) -> list[EarlierReference]:
        """Its references; those of one source and kind in the order of the page."""
        found = []
        for iri in self._of_class("Reference"):
            kind, _, number = iri.rpartition("/")[2].rpartition("-")
            source = self._value(iri, f"{EVG}source")
            if not source or not number.isdecimal():
                continue
            direction = self._value(iri, f"{EVG}direction")
            passage = parse_passage(self._value(iri, f"{EVG}statedIn") or "")
            words = self._texts.words(passage)
            reference = EarlierReference(
                iri, source, kind, int(number),
                direction=direction and direction.rpartition("/")[2],
                imprint=Imprint(*(self._value(iri, EVG + name) for name in _IMPRINT)),
                locator=self._value(iri, f"{BIBO}locator"),
                target=self._value(iri, f"{EVG}target"),
                passage=passage,
                words=None if words is None else Source("", words).folded,
            )  # fmt: skip
            found.append(reference)
        # Alike references of one sentence have ascending numbers.
        return sorted(
            found,
            key=lambda reference: (reference.source, reference.kind, reference.passage or ("",), reference.number),
        )

    @cached_property
    def names(self) -> set[str]:
        """The IRIs of its entries, sections, references and unidentified documents."""
        kinds = tuple(f"{ID}{kind}/{self.cell}/" for kind in ("entry", "section", "ref"))
        described = {iri for iri in self._values if iri.startswith(kinds)}
        return described | {iri for iri in self._of_class("Document") if iri.startswith(f"{DOC}u-")}

    def label(self, iri: str) -> str:
        """Return the words of a reference, the headline of an entry or the title of a section; empty if unknown."""
        if iri.startswith(f"{ID}ref/"):
            return " ".join((self._words_of(iri) or "").split())
        keys = {self.key_of(entry): entry.iri for entry in self.entries} if iri.startswith(f"{DOC}u-") else {}
        iri = keys.get(iri, iri)
        properties = (f"{SCHEMA}headline", f"{DCTERMS}title", f"{RDFS}label")
        return next(filter(None, (self._value(iri, name) for name in properties)), "")

    def span_of(self, iri: str) -> Span | None:
        """Return where in the earlier text an entry or a section is."""
        passage = parse_passage(self._value(iri, f"{EVG}statedIn") or "")
        return passage.span if passage else None

    def _of_class(self, name: str) -> list[str]:
        return [iri for iri, values in self._values.items() if EVG + name in values.get(f"{RDF}type", ())]

    def _all(self, iri: str, predicate: str) -> list[str]:
        return self._values[iri].get(predicate, []) if iri in self._values else []

    def _value(self, iri: str, predicate: str) -> str | None:
        return min(self._all(iri, predicate), default=None)

    def _words_of(self, iri: str) -> str | None:
        return self._texts.words(parse_passage(self._value(iri, f"{EVG}statedIn") or ""))
