"""A page with its documents identified: which documents its entries list, and the phrases that refer to something."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from evgraph.errors import UnreadableError
from evgraph.namespaces import ID
from evgraph.pages.html import bank_keys_in
from evgraph.pages.page import Kind, Phrase
from evgraph.pages.phrases import MAX_REFERENCES, PhraseFinder
from evgraph.pages.topics import name_topics
from evgraph.register import DOC, Register, document_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evgraph.pages.page import Entry, Imprint, Page, Section

KIND_OF_MARKER = {"S": "study", "K": "study", "R": "review", "G": "guidance"}
_KIND_OF_CLASS = {"Study": "study", "Review": "review", "Guidance": "guidance", "Analysis": "analysis"}
_CAPITALISED = re.compile(r"[A-Z][\w.]*(?:[ -]+[A-Z][\w.]*)*")
_SEPARATOR = re.compile("[ -]+")
_NOT_COUNTRIES = re.compile(r"New (?:England|Mexico|South Wales)\b")  # Names that contain the name of a country.


Statement: TypeAlias = tuple[str, str, str]
"""The IRIs of subject, predicate and object."""


class Resolution(StrEnum):
    """Notations of the resolution scheme."""

    RESOLVED = "resolved"
    AMBIGUOUS = "ambiguous"
    DANGLING = "dangling"
    OUTSIDE = "outside"


class Reference(NamedTuple):
    """A reference and what it means; all but ``resolution`` and ``phrase`` are IRIs."""

    iri: str
    phrase: Phrase
    source: str  # The entry, section or cell that the words are in.
    resolution: Resolution
    target: str | None = None  # What is meant, where that is one thing.
    candidates: tuple[str, ...] = ()  # What may be meant, where the reference is ambiguous.
    statement: Statement | None = None  # The triple between documents that the reference states, if any.
    settled_by: str | None = None  # The person who settled it; None where the page's own words do.


class MentionedDocument(NamedTuple):
    """A document that a page mentions without listing it: the words, and on a web page the bank's key in their link."""

    phrase: Phrase
    bank_key: str | None = None


class FormerEntry(NamedTuple):
    """The entry of an earlier version of the page that an entry is matched with."""

    iri: str
    key: str  # The IRI that its document has as long as nobody identifies it.

    @property
    def name(self) -> str:
        """The last part of its IRI."""
        return self.iri.rpartition("/")[2]


class FormerMention(NamedTuple):
    """The reference of an earlier version of the page that a reference to a mentioned document is matched with."""

    context: str  # The headline of the entry, or the name of the section.
    words: str | None  # Of the sentence, folded; None where they are not known, but seem unchanged.
    target: str | None
    replaced: Mapping[str, str]  # Key of a document → the older key that replaces it, by an earlier match.

    def key(self, cell: str, words: str, number: str, imprint: Imprint, register: Register) -> str:
        """Return the IRI that the document has as long as nobody identifies it.

        Args:
            cell: the name of the cell.
            words: those of the sentence now.
            number: what tells several alike mentions of a sentence apart.
            imprint: what the words say of the document.
            register: which document is which.

        """
        if self.target and self.target.startswith(f"{DOC}u-"):
            return self.target
        stated = f"{self.context} {words if self.words is None else self.words}{number}"
        key = document_key(cell, stated, imprint.date, imprint.publisher)
        key = self.replaced.get(key, key)
        if self.words is None and self.target and self.target.startswith(DOC):
            return key if self.target in register.documents(key) else self.target
        return key


@dataclass(eq=False)
class IdentifiedEntry:
    """An entry with the documents that it lists."""

    entry: Entry
    name: str  # The last part of its IRI, from its first document.
    iri: str
    former_names: tuple[
        str, ...
    ]  # What decisions may call it: the keys of its document, and its name in an earlier version.
    documents: list[str]  # IRIs of the documents that it lists.
    kinds: set[str]  # The kinds of these documents, by their classes and the entry's markers: ``study``, ``review`` …
    countries: set[str]  # IRIs of the countries of these documents, and of those that they are parts of.
    phrases: list[Phrase]  # In its body.
    bank_keys: list[str]  # On a web page, the bank's keys in the links of the headline.

    @property
    def key(self) -> str:
        """The last part of its document's IRI as long as nobody identifies the document."""
        return self.former_names[0]


@dataclass
class Cell:
    """A page with identified entries and, after `evgraph.pages.resolve.resolve`, resolved references."""

    page: Page
    entries: list[IdentifiedEntry] = field(default_factory=list)
    section_phrases: list[tuple[Section, list[Phrase]]] = field(default_factory=list)  # Of sections that have some.
    references: list[Reference] = field(default_factory=list)
    mentioned: dict[str, MentionedDocument] = field(default_factory=dict)  # By IRI: mentioned, but not listed.
    # References and keys of documents, as decisions name them → whether the decision says what the page does not.
    decided: dict[str, bool] = field(default_factory=dict)
    # Key of a document → the key that an earlier version of the page gave it.
    replaced: dict[str, str] = field(default_factory=dict)
    # ``SOURCE/KIND`` → the numbers of such references, in order, where they are not 1, 2, 3 …
    numbers: dict[str, list[int]] = field(default_factory=dict)
    former_mentions: dict[str, FormerMention] = field(default_factory=dict)  # By IRI of the reference.

    @property
    def iri(self) -> str:
        """The cell's IRI."""
        return f"{ID}cell/{self.page.cell}"

    @property
    def snapshot_iri(self) -> str:
        """The IRI of the page's text, made of the cell and the text's hash."""
        return f"{ID}snapshot/{self.page.cell}/{self.page.source.hash}"

    def search_phrases(self) -> list[Phrase]:
        """Return the words for searches, each with the line of the trailer around it."""
        trailer = self.page.trailer
        lines = [trailer[bisect_right(trailer, (search.start, search.end)) - 1] for search in self.page.searches]
        return [Phrase(Kind.SEARCH, *spans) for spans in zip(self.page.searches, lines, strict=True)]

    def section_iri(self, name: str) -> str:
        """Return the IRI of a section, by its name."""
        return f"{ID}section/{self.page.cell}/{name}"


def identify(page: Page, register: Register, former: Mapping[int, FormerEntry] | None = None) -> Cell:
    """Return a page's cell: its entries with their documents, and the phrases in its text.

    Args:
        page: the page.
        register: which document is which.
        former: position of an entry → the entry of an earlier version whose document and name it keeps.

    Raises:
        UnreadableError: there are more references than on any real page.

    """
    cell, finder, former = Cell(page), PhraseFinder(page.source), former or {}
    name_topics(page, lambda name: bool(register.concept("topic", name)))
    identified = [_documents_of(entry, cell, register, former.get(entry.position)) for entry in page.entries]
    names = _names([documents[0].removeprefix(DOC) for documents, _, _ in identified], page.entries, former)
    for entry, name, (documents, keys, bank_keys) in zip(page.entries, names, identified, strict=True):
        kinds = {KIND_OF_MARKER[marker] for marker in entry.kinds_marked}
        classes = {cls for document in documents for cls in register.types(document)}
        kinds.update(_KIND_OF_CLASS[cls] for cls in classes & _KIND_OF_CLASS.keys())
        phrases = finder.find(entry.body)
        countries = _countries(page, entry, documents, phrases, register)
        countries.update(filter(None, map(register.broader_country, list(countries))))
        earlier = former.get(entry.position)
        # Where the register knows the new key for itself, nothing that was decided on the earlier entry applies.
        is_same = earlier and earlier.key.removeprefix(DOC) in keys
        former_names = tuple(dict.fromkeys([*keys, earlier.name] if earlier and is_same else keys))
        iri = f"{ID}entry/{page.cell}/{name}"
        cell.entries.append(
            IdentifiedEntry(entry, name, iri, former_names, documents, kinds, countries, phrases, bank_keys)
        )
    for section in page.sections:
        phrases = [phrase for paragraph in section.paragraphs for phrase in finder.find(paragraph)]
        if phrases:
            cell.section_phrases.append((section, phrases))
    count = sum(len(entry.phrases) for entry in cell.entries)
    count += sum(len(phrases) for _, phrases in cell.section_phrases)
    if count > MAX_REFERENCES:
        raise UnreadableError(f"more than {MAX_REFERENCES} references; no page has so many", path=page.source.path)
    return cell


def _documents_of(
    entry: Entry, cell: Cell, register: Register, former: FormerEntry | None
) -> tuple[list[str], list[str], list[str]]:
    """Return the documents of an entry, their keys without the namespace, and the bank's keys in its links."""
    page = cell.page
    headline = page.source.folded[slice(*entry.headline)]
    first, *others = (
        document_key(page.cell, headline, imprint.date, imprint.publisher)
        for imprint in (entry.imprint, *entry.other_imprints)
    )
    key, older = first, former.key if former else first
    bank_keys = bank_keys_in(page.source, entry.headline)
    linked = [document for bank_key in bank_keys for document in register.identified("bank-key", bank_key)]
    documents, keys = register.decisions.get(key) or linked, [key]
    if key in register.decisions:
        cell.decided[key] = documents != linked
    if not documents:
        documents, keys = register.documents(older), [key, older]
        if older in register.decisions:
            cell.decided[older] = True
        if older != key:
            cell.replaced[key] = older
    documents = list(dict.fromkeys([*documents, *(document for key in others for document in register.documents(key))]))
    return documents, [key.removeprefix(DOC) for key in keys], bank_keys


def _names(stems: list[str], entries: Sequence[Entry], former: Mapping[int, FormerEntry]) -> list[str]:
    """Return the names of entries: their first document's, with a number from the second that lists it on.

    An entry keeps the number that it had in the earlier version.
    """
    kept = dict[int, str]()
    for stem, entry in zip(stems, entries, strict=True):
        name = former[entry.position].name if entry.position in former else ""
        if re.fullmatch(rf"{re.escape(stem)}(?:-[0-9]{{1,4}})?", name):
            kept[entry.position] = name
    used = {*kept.values()}
    names = list[str]()
    for stem, entry in zip(stems, entries, strict=True):
        name, number = kept.get(entry.position, stem), 1
        while entry.position not in kept and name in used:
            number += 1
            name = f"{stem}-{number}"
        used.add(name)
        names.append(name)
    return names


def _countries(page: Page, entry: Entry, documents: list[str], phrases: list[Phrase], register: Register) -> set[str]:
    """Return the countries of an entry's documents: from the register, else from the entry's words."""
    registered = {country for document in documents for country in register.countries(document)}
    if registered:
        return registered
    if entry.imprint.country:
        words: Iterable[str] = [entry.imprint.country]
    else:  # Sentences with references are left out: "Corresponding US study" speaks of another entry.
        folded, (start, end) = page.source.folded, entry.body
        stretches = [folded[slice(*entry.headline)]]
        for sentence in sorted({phrase.sentence for phrase in phrases}):
            stretches.append(folded[start : sentence.start])
            start = sentence.end
        words = capitalised_words("\n".join([*stretches, folded[start:end]]))
    return {country for word in words if (country := register.concept("country", word))}


def capitalised_words(text: str) -> Iterator[str]:
    """Yield each capitalised word, and each two that follow each other."""
    for names in _CAPITALISED.findall(_NOT_COUNTRIES.sub("", text)):
        words = _SEPARATOR.split(names)
        yield from words
        yield from map(" ".join, pairwise(words))
