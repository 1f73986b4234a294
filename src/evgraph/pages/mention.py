"""A reference as the words of a page state it: not yet what it means."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from evgraph.pages.page import Stated

if TYPE_CHECKING:
    from evgraph.pages.source import Span


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


class Mention(NamedTuple):
    """One pointer, as its words state it.

    Attributes:
        kind: what sort of pointer.
        words: the span of the formula.
        sentence: the span of the sentence around it.
        direction: ``above``, ``below`` or None.
        noun: what sort of document the words name (``study``, ``review`` …), if any.
        plural: whether the words name several such documents.
        nearest: whether they say that it stands immediately there.
        countries: the words for countries beside that noun, as printed.
        stated: what a parenthesis says of the document.
        square: ``E3``, for another cell.
        matrix: that cell's matrix where the words name it.
        label: for another cell named by its level's label instead.
        section: the role of the commentary's section.
        number: a link number, ``(1 2)``.
        listed: whether the words say that the target is listed, hence an entry.
        itself: whether they say that it is this same document, listed a second time.
        implemented: for implementation, whether the target is what is put into practice (else it is the source).
        discusses: for another cell, whether the words say that it discusses what stands here.
        locator: the place in a file.

    """

    kind: Kind
    words: Span
    sentence: Span
    direction: str | None = None
    noun: str | None = None
    countries: tuple[str, ...] = ()
    stated: Stated = Stated()
    square: str | None = None
    matrix: str | None = None
    label: str | None = None
    section: str | None = None
    number: int | None = None
    plural: bool = False
    nearest: bool = False
    listed: bool = False
    itself: bool = False
    implemented: bool = False
    discusses: bool = False
    locator: str | None = None
