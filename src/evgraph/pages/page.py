"""The parts of a page: entries, sections, supporters. Each keeps its span in the text, not a copy of its words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from evgraph.pages.source import Source, Span

_YEAR = re.compile(r"\d{4}")


class Line(NamedTuple):
    """A line that holds more than white space.

    Attributes:
        span: where it is, without space around it.
        words: its folded text, runs of space collapsed.
        landmark: what its first words announce: ``trailer``, ``bite``, ``links``, ``heading`` (one that every
            commentary has), or None.

    """

    span: Span
    words: str
    landmark: str | None


class Imprint(NamedTuple):
    """What a parenthesis says of a document, as printed.

    Attributes:
        date: ``2012``, ``2003 and 2004``; None where none is printed.
        publisher: without the country in brackets before it.
        country: the text in those brackets (``UK``).
        note: the text after the date (``free source at time of writing``).

    """

    date: str | None = None
    publisher: str | None = None
    country: str | None = None
    note: str | None = None

    @property
    def years(self) -> tuple[int, ...]:
        """The years of the date."""
        return tuple(map(int, _YEAR.findall(self.date))) if self.date else ()


class Entry(NamedTuple):
    """One line of the cell's list.

    Attributes:
        span: the whole line.
        markers: notations as printed, in order; empty where the tag is lost.
        position: from 1, within the cell.
        headline: where its headline is.
        imprint: what its parenthesis says.
        body: where the text after the parenthesis is; empty where there is none.

    """

    span: Span
    markers: tuple[str, ...]
    position: int
    headline: Span
    imprint: Imprint
    body: Span


class Section(NamedTuple):
    """A part of the commentary, or the cell's introduction.

    Attributes:
        name: the last part of its IRI, unique in the cell: ``about``, ``issue-2``.
        role: a notation of the section-role scheme.
        heading: where its heading is; empty where it has none.
        paragraphs: where its paragraphs are, without the heading.

    """

    name: str
    role: str
    heading: Span
    paragraphs: list[Span]

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
    """Words of a page that refer to one thing. Where words refer to several things, each has a phrase of its own.

    Attributes:
        kind: the kind of reference.
        span: where the words are.
        sentence: where the sentence around them is.
        direction: ``above``, ``below`` or None.
        noun: the sort of document (or part of the commentary) that the words name: ``study``, ``review`` …
        countries: the words for countries beside that noun, as printed.
        imprint: what a parenthesis says of the document.
        square: ``E3``, for another cell.
        matrix: the matrix of that cell, where the words name it.
        label: the label of that cell's level, where the words name the cell by it.
        section: the role of a section of the page's own commentary.
        number: a link number, as in ``(1 2)``.
        plural: whether the words name several documents.
        nearest: whether the target is the next entry in that direction ("immediately below").
        listed: whether the words say that the target is listed, so that it is an entry.
        same_document: whether the target is the same document, listed a second time ("also listed below").
        implemented: for implementation: True where the target is what is put into practice, False where it is what does
            so.
        discusses: for another cell: whether the words say that it discusses the entry's document.
        locator: the place in a file.

    """

    kind: Kind
    span: Span
    sentence: Span
    direction: str | None = None
    noun: str | None = None
    countries: tuple[str, ...] = ()
    imprint: Imprint = Imprint()
    square: str | None = None
    matrix: str | None = None
    label: str | None = None
    section: str | None = None
    number: int | None = None
    plural: bool = False
    nearest: bool = False
    listed: bool = False
    same_document: bool = False
    implemented: bool = False
    discusses: bool = False
    locator: str | None = None


@dataclass(slots=True)
class Page:
    """One cell as one page shows it.

    Attributes:
        source: the text.
        matrix: ``alcohol`` or ``drug``.
        square: ``E4``.
        title: as printed.
        supports: the supporters in the order of the page, each once.
        entries: the list, in order.
        sections: the introduction and the commentary's parts, in order.
        has_commentary: whether the page shows its commentary (the Matrix Bite) unfolded.
        trailer: spans of the lines under the list.
        searches: spans of the words for the searches that the trailer links to.
        topics: hot topics, as printed.
        parts: for every non-blank line its part of the page (``header``, ``entry`` …); ``None`` where it was not
            understood.

    """

    source: Source
    matrix: str = ""
    square: str = ""
    title: str = ""
    supports: list[Support] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    has_commentary: bool = False
    trailer: list[Span] = field(default_factory=list)
    searches: list[Span] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
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

    def not_understood(self) -> list[Span]:
        """Return the lines that no rule knows, top to bottom."""
        return sorted(span for span, part in self.parts.items() if part is None)
