"""References: first the phrase as a page prints it, then what it turns out to mean."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from evgraph.pages.page import Imprint

if TYPE_CHECKING:
    from evgraph.pages.source import Span

Statement: TypeAlias = tuple[str, str, str]
"""The IRIs of subject, predicate and object."""


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


class Resolution(StrEnum):
    """Notations of the resolution scheme."""

    RESOLVED = "resolved"
    AMBIGUOUS = "ambiguous"
    DANGLING = "dangling"
    OUTSIDE = "outside"


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


class Reference(NamedTuple):
    """A reference and what it means.

    Attributes:
        iri: the IRI of the reference itself.
        phrase: the words.
        source: IRI of the entry, section or cell that the words are in.
        resolution: see `Resolution`.
        target: IRI of what is meant, where that is one thing.
        candidates: IRIs of what may be meant, where the reference is ambiguous.
        statement: the triple between documents that the reference states, if any.
        settled_by: IRI of the person who settled it; None where the page's own words do.

    """

    iri: str
    phrase: Phrase
    source: str
    resolution: Resolution
    target: str | None = None
    candidates: tuple[str, ...] = ()
    statement: Statement | None = None
    settled_by: str | None = None


class MentionedDocument(NamedTuple):
    """A document that a page mentions without listing it.

    Attributes:
        iri: its IRI.
        noun: the sort of document that the words name.
        imprint: what a parenthesis says of it.
        bank_key: the bank's key for it, where the words are a link.

    """

    iri: str
    noun: str | None
    imprint: Imprint
    bank_key: str | None = None
