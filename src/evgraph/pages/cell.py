"""A page with its documents identified: which documents its entries list, and the phrases that refer to something."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from evgraph.errors import UnreadableError
from evgraph.namespaces import ID
from evgraph.pages.html import bank_keys_in
from evgraph.pages.phrases import MAX_REFERENCES, PhraseFinder
from evgraph.pages.topics import name_topics
from evgraph.register import DOC, Register, document_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.pages.page import Entry, Page, Phrase, Section

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


@dataclass(eq=False)
class IdentifiedEntry:
    """An entry with the documents that it lists."""

    entry: Entry
    name: str  # The last part of its IRI, from its first document.
    iri: str
    key: str  # The last part of its document's IRI as long as nobody has identified the document.
    documents: list[str]  # IRIs of the documents that it lists.
    kinds: set[str]  # The kinds of these documents, by their classes and the entry's markers: ``study``, ``review`` …
    countries: set[str]  # IRIs of the countries of these documents, and of those that they are parts of.
    phrases: list[Phrase]  # In its body.
    bank_keys: list[str]  # On a web page, the bank's keys in the links of the headline.


@dataclass
class Cell:
    """A page with identified entries and, after `evgraph.pages.resolve.resolve`, resolved references."""

    page: Page
    entries: list[IdentifiedEntry] = field(default_factory=list)
    section_phrases: list[tuple[Section, list[Phrase]]] = field(default_factory=list)  # Of sections that have some.
    references: list[Reference] = field(default_factory=list)
    mentioned: dict[str, MentionedDocument] = field(default_factory=dict)  # By IRI: mentioned, but not listed.

    @property
    def iri(self) -> str:
        """The cell's IRI."""
        return f"{ID}cell/{self.page.cell}"

    @property
    def snapshot_iri(self) -> str:
        """The IRI of the page's text, made of the cell and the text's hash."""
        return f"{ID}snapshot/{self.page.cell}/{self.page.source.hash}"

    def section_iri(self, name: str) -> str:
        """Return the IRI of a section, by its name."""
        return f"{ID}section/{self.page.cell}/{name}"


def identify(page: Page, register: Register) -> Cell:
    """Return a page's cell: its entries with their documents, and the phrases in its text.

    Raises:
        UnreadableError: there are more references than on any real page.

    """
    cell, finder = Cell(page), PhraseFinder(page.source)
    name_topics(page, lambda name: bool(register.concept("topic", name)))
    name_counts = Counter[str]()
    for entry in page.entries:
        headline = page.source.folded[slice(*entry.headline)]
        imprints = entry.imprint, *entry.other_imprints
        keys = [document_key(page.cell, headline, imprint.date, imprint.publisher) for imprint in imprints]
        key = keys[0]
        bank_keys = bank_keys_in(page.source, entry.headline)
        linked = [document for bank_key in bank_keys for document in register.identified("bank-key", bank_key)]
        if len(keys) == 1:
            documents = register.decisions.get(key) or linked or [key]
        else:
            documents = list(dict.fromkeys(document for key in keys for document in register.documents(key)))
        name = documents[0].removeprefix(DOC)
        name_counts[name] += 1
        if name_counts[name] > 1:
            name = f"{name}-{name_counts[name]}"
        kinds = {KIND_OF_MARKER[marker] for marker in entry.kinds_marked}
        classes = {cls for document in documents for cls in register.types(document)}
        kinds.update(_KIND_OF_CLASS[cls] for cls in classes & _KIND_OF_CLASS.keys())
        phrases = finder.find(entry.body)
        countries = _countries(page, entry, documents, phrases, register)
        countries.update(filter(None, map(register.broader_country, list(countries))))
        iri, key = f"{ID}entry/{page.cell}/{name}", key.removeprefix(DOC)
        cell.entries.append(IdentifiedEntry(entry, name, iri, key, documents, kinds, countries, phrases, bank_keys))
    for section in page.sections:
        phrases = [phrase for paragraph in section.paragraphs for phrase in finder.find(paragraph)]
        if phrases:
            cell.section_phrases.append((section, phrases))
    count = sum(len(entry.phrases) for entry in cell.entries)
    count += sum(len(phrases) for _, phrases in cell.section_phrases)
    if count > MAX_REFERENCES:
        raise UnreadableError(f"more than {MAX_REFERENCES} references; no page has so many", path=page.source.path)
    return cell


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
    """Yield each capitalised word, and each two that stand side by side."""
    for names in _CAPITALISED.findall(_NOT_COUNTRIES.sub("", text)):
        words = _SEPARATOR.split(names)
        yield from words
        yield from map(" ".join, pairwise(words))
