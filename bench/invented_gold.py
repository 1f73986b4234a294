"""The correct reading of an invented page, and the parts that a page is made of."""

from __future__ import annotations

from dataclasses import dataclass, field

LEVELS = {
    "A": "Interventions", "B": "Practitioners", "C": "Management/supervision", "D": "Organisational functioning",
    "E": "Treatment systems",
}  # fmt: skip
FIRST_ROW = {"alcohol": "Screening and brief intervention", "drug": "Reducing harm"}
TYPES = {
    "2": "Generic and cross-cutting issues", "3": "Medical treatment", "4": "Psychosocial therapies",
    "5": "Safeguarding the community",
}  # fmt: skip
OTHER = {"alcohol": "drug", "drug": "alcohol"}
KINDS = {"S": "study", "K": "study", "R": "review", "G": "guidance"}
COUNTRIES = {"GB": ("UK", "British"), "US": ("US", "American"), "DK": ("Danish",), "CA": ("Canadian",)}
PUBLISHERS = (
    "Northfield Institute", "Harbour Forum", "Riverside Administration", "Board of Example Counties",
    "Ministry of Examples and Office for Trials", "Office for Meals, Rest and Travel",
)  # fmt: skip


FURTHER = (
    "two countries", "bare pointers", "numbers", "links", "associated guidelines", "topics", "supporters", "head nouns",
    "dated headlines", "headings", "middle layout", "lost letters", "notes", "cells", "names with years",
    "see-also without a year", "cut lists", "kinds not held",
)  # fmt: skip
"""Kinds of layouts and phrases that only some pages have, since a reader may fail on them."""
NEW = "+ "
"""How the features of such a kind begin."""


@dataclass(frozen=True, slots=True)
class GoldEntry:
    """The correct reading of an entry, and its features.

    Attributes:
        markers: as printed.
        date: as printed; empty where the headline holds the dates, of which no printed form is set down.
        note: what the page prints beside the date.
        hover: the hover text of its headline's link or icon.
        inferred: the marker that its neighbours tell, where its own is lost.
        documents: the years of its documents, where the headline names several.

    """

    markers: tuple[str, ...]
    headline: str
    date: str
    publisher: str | None
    country: str | None
    features: tuple[str, ...]
    note: str | None = None
    hover: str | None = None
    inferred: str | None = None
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoldReference:
    """The correct reading of a reference.

    Attributes:
        source: ``entry 3`` (its position), the name of a section, or ``trailer``.
        kind: a notation of the reference-kind scheme.
        direction: ``above``, ``below`` or None.
        resolution: a notation of the resolution scheme, or ``open`` for any but resolved and outside.
        target: ``entry 5``, a section's name, a cell (``drug-E3``), ``document``, or None.
        candidates: the same, where it is ambiguous.
        date: what a parenthesis says of the document's date.
        feature: the feature that wrote it.
        text: the sentence.
        types: the types of the document beside Document, where the head noun of the phrase tells them.

    """

    source: str
    kind: str
    direction: str | None
    resolution: str
    target: str | None
    candidates: tuple[str, ...]
    date: str | None
    feature: str
    text: str
    types: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class GoldSection:
    """A part of the commentary: its name, its heading, and the feature that wrote it."""

    name: str
    heading: str
    feature: str


@dataclass(slots=True)
class GeneratedPage:
    """A page's bytes and their correct reading.

    Attributes:
        cell: ``drug-E4``.
        cell_option: ``drug:E4`` where the page does not name its cell; else None.
        layout: its layout and its characters, for messages.
        data: the bytes.
        supports: names with their roles.
        not_understood: lines that no reader can understand, because they are cut.
        title: the feature of its title, legend and header.
        kind: the kind of further layouts and phrases that it has; "mixed" for all, empty for none.
        html: whether it has links.
        cut: whether its list of entries is cut.

    """

    cell: str
    cell_option: str | None = None
    layout: str = ""
    data: bytes = b""
    title: str = ""
    entries: list[GoldEntry] = field(default_factory=list)
    references: list[GoldReference] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    topics_feature: str = ""
    sections: list[GoldSection] = field(default_factory=list)
    supports: list[tuple[str, str, str]] = field(default_factory=list)
    not_understood: list[str] = field(default_factory=list)
    kind: str = ""
    html: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a phrase refers to, independent of the entries around it.

    Attributes:
        kind: a notation of the reference-kind scheme.
        direction: ``above``, ``below`` or None.
        noun: ``study``, ``review``, ``guidance``, or None for any entry.
        countries: codes.
        years: of the document.
        link: which of how many link numbers this one is, from 1; 0 where there are none.
        links: how many link numbers follow the noun.
        fixed: resolution, target and candidates, where they do not depend on the entries around it.
        date: what a parenthesis says of the document's date.
        words: what is a link where the page has links.
        types: the types of the document beside Document, where the head noun of the phrase tells them.

    """

    kind: str
    direction: str | None = None
    noun: str | None = None
    countries: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    link: int = 0
    links: int = 0
    fixed: tuple[str, str | None, tuple[str, ...]] | None = None
    date: str | None = None
    words: str | None = None
    types: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and what it refers to."""

    text: str
    feature: str = ""
    pointers: tuple[Pointer, ...] = ()


@dataclass(slots=True)
class Draft:
    """An unfinished entry; ``country`` is a code, where the page names a country."""

    markers: tuple[str, ...]
    headline: str
    parenthesis: str
    stated: tuple[str, str | None, str | None]
    features: tuple[str, ...]
    years: tuple[int, ...]
    country: str | None = None
    stop: str = ". "
    body: list[Sentence] = field(default_factory=list)
    note: str | None = None
    hover: str | None = None
    inferred: str | None = None
    documents: tuple[str, ...] = ()

    @property
    def kinds(self) -> set[str]:
        """The kinds of its documents; none where the tag is lost and the neighbours do not tell it."""
        return {KINDS[marker] for marker in self.markers or self.inferred or ()}
