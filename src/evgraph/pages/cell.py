"""A page whose entries are told apart: which documents they list, and what their references turned out to mean."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from evgraph.errors import UnreadableError
from evgraph.namespaces import ID
from evgraph.pages.links import keys_in
from evgraph.pages.phrases import MOST_REFERENCES, Phrases
from evgraph.register import DOC, Register, document_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.pages.mention import Mention
    from evgraph.pages.page import Entry, Page, Section, Stated

Statement: TypeAlias = tuple[str, str, str]

_KINDS = {"S": "study", "K": "study", "R": "review", "G": "guidance"}
_CLASSES = {"Study": "study", "Review": "review", "Guidance": "guidance", "Analysis": "analysis"}


class Resolution(StrEnum):
    """Notations of the resolution scheme."""

    RESOLVED = "resolved"
    AMBIGUOUS = "ambiguous"
    DANGLING = "dangling"
    OUTSIDE = "outside"


class Reference(NamedTuple):
    """A reference and what it means.

    Attributes:
        iri: its own.
        mention: what the page says.
        source: IRI of the entry, section or cell where the words stand.
        resolution: see `Resolution`.
        target: IRI of what is meant, where that is one thing.
        candidates: IRIs of what may be meant, where it is ambiguous.
        statement: subject, predicate and object of the document-level triple that the reference makes, if it makes one.
        settled_by: IRI of the person who settled it; None where the page's own words do.

    """

    iri: str
    mention: Mention
    source: str
    resolution: Resolution
    target: str | None = None
    candidates: tuple[str, ...] = ()
    statement: Statement | None = None
    settled_by: str | None = None


class NamedDocument(NamedTuple):
    """A document that a page names in passing: its IRI, what the words say of it, and the bank's key, if linked."""

    iri: str
    noun: str | None
    stated: Stated
    bank_key: str | None = None


@dataclass
class Listing:
    """An entry together with the documents that it lists.

    Attributes:
        entry: as read.
        name: the last part of its IRI, taken from its first document.
        iri: its own.
        key: the last part of the IRI that its document has while nobody has identified it.
        documents: IRIs.
        kinds: what its documents are, by their classes or else by its markers: ``study``, ``review`` …
        mentions: the references in its body.
        bank_keys: the bank's own keys of what its headline links to, on a web page.

    """

    entry: Entry
    name: str
    iri: str
    key: str
    documents: list[str]
    kinds: set[str]
    mentions: list[Mention]
    bank_keys: list[str] = field(default_factory=list)


@dataclass
class Cell:
    """A page with its entries told apart and its references resolved.

    Attributes:
        page: as read.
        listings: its entries, in order.
        spoken: the sections that refer to something, each with its references.
        references: what all references mean, once they are resolved.
        named: the documents that the page names in passing, once its references are resolved.

    """

    page: Page
    listings: list[Listing] = field(default_factory=list)
    spoken: list[tuple[Section, list[Mention]]] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    named: list[NamedDocument] = field(default_factory=list)

    @property
    def iri(self) -> str:
        """The cell's IRI."""
        return f"{ID}cell/{self.page.cell}"

    def section_iri(self, name: str) -> str:
        """Give the IRI of a section by its name."""
        return f"{ID}section/{self.page.cell}/{name}"


def identify(page: Page, register: Register) -> Cell:
    """Tell which documents a page's entries list, and find the references in its text.

    Raises:
        UnreadableError: there are more references than any page has.

    """
    cell, taken, phrases = Cell(page), defaultdict[str, int](int), Phrases(page.source)
    folded, cell_name = page.source.folded, page.cell
    for entry in page.entries:
        headline = folded[entry.headline.start : entry.headline.end]
        key = document_key(cell_name, headline, entry.stated.date, entry.stated.publisher)
        bank_keys = keys_in(page.source, entry.headline)
        known = [one for bank_key in bank_keys for one in register.identified("bank-key", bank_key)]
        documents = register.decisions.get(key) or known or [key]
        name = documents[0].removeprefix(DOC)
        taken[name] += 1
        name = name if taken[name] == 1 else f"{name}-{taken[name]}"
        kinds = {_KINDS[one] for one in entry.markers}
        for document in documents:
            kinds.update(_CLASSES[one] for one in register.types(document) if one in _CLASSES)
        listing = Listing(
            entry,
            name,
            f"{ID}entry/{cell_name}/{name}",
            key.removeprefix(DOC),
            documents,
            kinds,
            phrases.mentions(entry.body),
            bank_keys,
        )
        cell.listings.append(listing)
    for section in page.sections:
        found = [one for paragraph in section.paragraphs for one in phrases.mentions(paragraph)]
        if found:
            cell.spoken.append((section, found))
    said = [*(one.mentions for one in cell.listings), *(found for _, found in cell.spoken)]
    if sum(map(len, said)) > MOST_REFERENCES:
        raise UnreadableError(f"more than {MOST_REFERENCES} references; no page has so many", path=page.source.path)
    return cell


def countries(page: Page, listing: Listing, register: Register) -> set[str]:
    """Give the countries of an entry's documents, as concept IRIs: from the register, else from its own words."""
    known = {one for document in listing.documents for one in register.countries(document)}
    if known:
        return known
    if listing.entry.stated.country:
        words: Iterable[str] = [listing.entry.stated.country]
    else:  # What a reference says of the other end is not said of this one.
        folded, (start, end) = page.source.folded, listing.entry.body
        stretches = [folded[slice(*listing.entry.headline)]]
        for sentence in sorted({one.sentence for one in listing.mentions}):
            stretches.append(folded[start : sentence.start])
            start = sentence.end
        words = _capitalised("\n".join([*stretches, folded[start:end]]))
    return {found for word in words if (found := register.concept("country", word))}


_NAMES = re.compile(r"[A-Z][\w.]*(?:[ -]+[A-Z][\w.]*)*")
_JOINT = re.compile("[ -]+")
_ELSEWHERE = re.compile(r"New (?:England|Mexico|South Wales)\b")  # Names that hold another country's.


def _capitalised(text: str) -> Iterator[str]:
    """Give each word with a capital, and each two of them that stand side by side."""
    text = _ELSEWHERE.sub("", text) if "New " in text else text
    for names in _NAMES.findall(text):
        words = _JOINT.split(names)
        yield from words
        yield from map(" ".join, pairwise(words))
