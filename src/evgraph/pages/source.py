"""A page's text, whose every character can be pointed at.

The text is what passages count in: the decoded page, byte-order mark dropped, CRLF made LF, nothing else changed.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

MAX_BYTES = 4 * 1024 * 1024
"""The largest page: a hundred times the largest seen."""

# What is folded keeps its length, so that offsets in the folded text are offsets in the text.
_ODD = {"'": "‘’‛`´ʼ′", '"': "“”„«»", "-": "–—‑‐", " ": "\u00a0\u2002\u2003\u2009\u200a\u200b\u202f\ufeff\t"}
# UTF-8 that somebody once took for Mac Roman or for Windows-1252.
_BROKEN = {
    "'": ("‚Äô", "‚Äò", "â€™", "â€˜"),
    '"': ("‚Äú", "‚Äù", "â€œ", "â€\u009d"),
    "-": ("‚Äì", "‚Äî", "â€“", "â€”"),
    " ": ("¬†", "Â\u00a0"),
}
_FOLD: dict[str, list[tuple[str, str]]] = {}  # By the first character, which most texts do not hold.
for _plain, _odd in ((plain, odd) for table in (_BROKEN, _ODD) for plain, odds in table.items() for odd in odds):
    _FOLD.setdefault(_odd[0], []).append((_odd, _plain * len(_odd)))
_NEWLINE = re.compile(r"\n|\r")
_TRIMMED = re.compile(r"\S(?:.*\S)?")


class Span(NamedTuple):
    """A stretch of text: 0-based start and exclusive end, in code points."""

    start: int
    end: int


class Link(NamedTuple):
    """A link or a hover note of a web page: where its words stand, its address and its note (each may be empty)."""

    span: Span
    href: str
    note: str


class Anchor(NamedTuple):
    """A place in a web page that links lead to: its name and its offset in the text."""

    name: str
    offset: int


@dataclass(frozen=True)
class Source:
    """One page's text.

    Attributes:
        path: the file, as the user named it.
        text: see the module.
        notice: what a reader should know of how the bytes were decoded, if anything.
        links: of a web page, in the order of the text.
        anchors: of a web page, likewise.
        hidden: stretches that a web page shows only when they are unfolded.
        file_lines: of a web page, offset in the text → line of the file, by offset; a text file's lines are its own.
        bold: of a web page, the words in bold, or of a heading's rank, that open a line.

    """

    path: str
    text: str
    notice: str | None = None
    links: tuple[Link, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    hidden: tuple[Span, ...] = ()
    file_lines: tuple[tuple[int, int], ...] = ()
    bold: tuple[Span, ...] = ()

    @cached_property
    def sha256(self) -> str:
        """64 hex digits of SHA-256 over the text's UTF-8."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def hash(self) -> str:
        """The first 16 hex digits of `sha256`: they name the snapshot."""
        return self.sha256[:16]

    @cached_property
    def folded(self) -> str:
        """The text with quotes, dashes and odd spaces made plain, each at its old offset; for matching only."""
        text = self.text
        if text.isascii() and "\t" not in text:
            return text
        for first, folds in _FOLD.items():
            if first in text:
                for odd, plain in folds:
                    text = text.replace(odd, plain)
        return text

    @cached_property
    def spaced(self) -> bool:
        """Whether runs of spaces stand in it."""
        return "  " in self.folded

    @cached_property
    def lines(self) -> list[Span]:
        """Every line that holds more than white space, trimmed, top to bottom."""
        return [Span(*found.span()) for found in _TRIMMED.finditer(self.folded.replace("\r", "\n"))]

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in _NEWLINE.finditer(self.text))]

    def line_of(self, offset: int) -> int:
        """Give the line number of the file, from 1, of an offset."""
        if self.file_lines:
            return self.file_lines[max(0, bisect_right(self.file_lines, (offset, MAX_BYTES)) - 1)][1]
        return bisect_right(self._line_starts, offset)

    def links_in(self, span: Span) -> list[Link]:
        """Give the links whose words lie within a span, in order."""
        return [one for one in self.links if one.href and span.start <= one.span.start and one.span.end <= span.end]

    def links_around(self, span: Span) -> list[Link]:
        """Give the links whose words hold a span, or a part of it, in order."""
        return [one for one in self.links if one.href and one.span.start < span.end and span.start < one.span.end]

    def is_hidden(self, span: Span) -> bool:
        """Tell whether a span lies within what is shown only when it is unfolded."""
        return bool(self.hidden) and any(one.start <= span.start and span.end <= one.end for one in self.hidden)

    def slice(self, span: Span) -> str:
        """Give the text of a span."""
        return self.text[span.start : span.end]

    def repaired(self, span: Span) -> str:
        """Give the text of a span, with plain characters for those that were once broken."""
        text = self.slice(span)
        for plain, odds in _BROKEN.items():
            for odd in odds:
                text = text.replace(odd, plain)
        return text

    def words(self, span: Span) -> str:
        """Give the folded text of a span, runs of space made one."""
        words = self.folded[span.start : span.end]
        return " ".join(words.split()) if self.spaced and "  " in words else words
