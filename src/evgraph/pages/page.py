"""The parts of a page: entries, sections, supporters. Each keeps its span in the text, not a copy of its words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from evgraph.pages.source import Source, Span

_YEAR = re.compile(r"\d{4}")


class Line(NamedTuple):
    """A line that holds more than white space."""

    span: Span  # Without space around it.
    words: str  # Its folded text, runs of space collapsed.
    # What its first words announce: ``trailer``, ``bite``, ``links``, ``heading`` (one that every commentary has).
    landmark: str | None


class Imprint(NamedTuple):
    """What a parenthesis says of a document, as printed."""

    date: str | None = None  # ``2012``, ``2003 and 2004``.
    publisher: str | None = None  # Without the country in brackets before it.
    country: str | None = None  # The text in those brackets (``UK``).
    note: str | None = None  # The text after the date (``free source at time of writing``).

    @property
    def years(self) -> tuple[int, ...]:
        """The years of the date."""
        return tuple(map(int, _YEAR.findall(self.date))) if self.date else ()


class Entry(NamedTuple):
    """One line of the cell's list."""

    span: Span  # The whole line.
    markers: tuple[str, ...]  # Notations as printed, in order; empty where the tag is lost.
    position: int  # From 1, within the cell.
    headline: Span
    imprint: Imprint
    body: Span  # The text after the parenthesis; empty where there is none.
    # What a headline states of further documents: "In surgeries (2013) or casualty departments (2014), …".
    other_imprints: tuple[Imprint, ...] = ()
    inferred_marker: str | None = None  # Of an entry that lost its tag, from the entries around it.

    @property
    def kinds_marked(self) -> tuple[str, ...]:
        """The markers, printed or inferred."""
        return self.markers or ((self.inferred_marker,) if self.inferred_marker else ())


class Section(NamedTuple):
    """A part of the commentary, or the cell's introduction."""

    name: str  # The last part of its IRI, unique in the cell: ``about``, ``issue-2``.
    role: str  # A notation of the section-role scheme.
    heading: Span  # Empty where it has none.
    paragraphs: list[Span]  # Without the heading.

    @property
    def span(self) -> Span:
        """From the heading (or the first paragraph) to the end of the last paragraph."""
        parts = [part for part in (self.heading, *self.paragraphs) if part.end > part.start]
        return Span(parts[0].start, parts[-1].end)


class Support(NamedTuple):
    """A supporter of the page: the name as printed, and a notation of the support-role scheme."""

    name: str
    role: str


class Kind(StrEnum):
    """Notations of the reference-kind scheme."""

    CORRESPONDING = "corresponding"
    RELATED = "related"
    SEE_ALSO = "see-also"
    IMPLEMENTATION = "implementation"
    INLINE = "inline"
    POSITION = "position"
    COMMENTARY = "commentary"
    CELL = "cell"
    FILE_PLACE = "file-place"
    SEARCH = "search"


class Phrase(NamedTuple):
    """Words of a page that refer to one thing. Where words refer to several things, each has a phrase of its own."""

    kind: Kind
    span: Span
    sentence: Span  # The sentence around the words.
    direction: str | None = None  # ``above``, ``below`` or None.
    noun: str | None = None  # The sort of document (or part of the commentary) that the words name: ``study`` …
    countries: tuple[str, ...] = ()  # The words for countries beside that noun, as printed.
    imprint: Imprint = Imprint()  # What a parenthesis says of the document.
    square: str | None = None  # ``E3``, for another cell.
    matrix: str | None = None  # The matrix of that cell, where the words name it.
    # Whether the words may name it for a later cell only: "cell D2 and cell C2 of the Alcohol Treatment Matrix".
    matrix_uncertain: bool = False
    label: str | None = None  # The label of that cell's level, where the words name the cell by it.
    section: str | None = None  # The role of a section of the page's own commentary.
    number: int | None = None  # A link number, as in ``(1 2)``.
    link_lost: bool = False  # Whether only a link says which document the words mean, so that text has lost it.
    plural: bool = False  # Whether the words name several documents.
    nearest: bool = False  # Whether the target is the next entry in that direction ("immediately below").
    listed: bool = False  # Whether the words say that the target is listed, so that it is an entry.
    same_document: bool = False  # Whether the target is the same document listed again ("also listed below").
    implemented: bool = False  # For implementation: whether the target is put into practice, and does not do so itself.
    discusses: bool = False  # For another cell: whether the words say that it discusses the entry's document.
    locator: str | None = None  # The place in a file.


@dataclass(slots=True)
class Page:
    """One cell as one page shows it."""

    source: Source
    matrix: str = ""  # ``alcohol`` or ``drug``.
    square: str = ""  # ``E4``.
    title: str = ""  # As printed.
    supports: list[Support] = field(default_factory=list)  # In the order of the page, each once.
    entries: list[Entry] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)  # The introduction and the commentary's parts, in order.
    doubtful_headings: list[Span] = field(default_factory=list)  # Headings that run into their text, and may end later.
    has_commentary: bool = False  # Whether the page shows its commentary (the Matrix Bite) unfolded.
    trailer: list[Span] = field(default_factory=list)  # The lines under the list.
    searches: list[Span] = field(default_factory=list)  # The words for the searches that the trailer links to.
    topics: list[str] = field(default_factory=list)  # Hot topics, as printed.
    # For every non-blank line its part of the page (``header``, ``entry`` …); None where it was not understood.
    parts: dict[Span, str | None] = field(default_factory=dict)

    @property
    def cell(self) -> str:
        """``drug-E4``: the last part of the cell's IRI."""
        return f"{self.matrix}-{self.square}"

    @property
    def seems_cut(self) -> bool:
        """Whether the page ends within a sentence of an entry or a section."""
        last = max(self.parts, default=None)
        return (
            last is not None
            and self.parts[last] in ("entry", "commentary")
            and self.source.folded[last.end - 1] not in ".?!)\"'"
            and not re.search(r"Matrix Bite\b", self.source.folded[last.start : last.end])
        )

    @property
    def list_is_cut(self) -> bool:
        """Whether the page ends within its list of entries, so that some may be missing."""
        last = max(self.parts, default=None)
        is_list = last is not None and not self.trailer and "commentary" not in self.parts.values()
        return is_list and self.source.folded[last.end - 1] not in ".?!)\"'" if last else False

    def not_understood(self) -> list[Span]:
        """Return the lines that no rule knows, top to bottom."""
        return sorted(span for span, part in self.parts.items() if part is None)
