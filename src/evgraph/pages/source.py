"""A page's text, and what offsets in it mean.

Passages count in this text: the decoded page without its byte-order mark, with LF for each CRLF, and otherwise
unchanged.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_BYTES = 4 * 1024 * 1024
"""The largest page that is read: a hundred times the largest known."""

# Folding keeps the length, so that offsets in the folded text are offsets in the text.
_VARIANTS = {"'": "‘’‛`´ʼ′", '"': "“”„«»", "-": "–—‑‐", " ": "\u00a0\u2002\u2003\u2009\u200a\u200b\u202f\ufeff\t"}
# UTF-8 that was once decoded as Mac Roman or as Windows-1252.
_BROKEN = {
    "'": ("‚Äô", "‚Äò", "â€™", "â€˜"),
    '"': ("‚Äú", "‚Äù", "â€œ", "â€\u009d"),
    "-": ("‚Äì", "‚Äî", "â€“", "â€”"),
    " ": ("¬†", "Â\u00a0"),
}
_FOLD: dict[str, list[tuple[str, str]]] = {}  # By first character: most texts hold few of them.
for _table in (_BROKEN, _VARIANTS):
    for _plain, _variants in _table.items():
        for _variant in _variants:
            _FOLD.setdefault(_variant[0], []).append((_variant, _plain * len(_variant)))
_NEWLINE = re.compile(r"\n|\r")
_TRIMMED = re.compile(r"\S(?:.*\S)?")


class Span(NamedTuple):
    """A stretch of text: 0-based start and exclusive end, in code points."""

    start: int
    end: int

    def holds(self, other: Span) -> bool:
        """Return whether another span lies within this one."""
        return self.start <= other.start and other.end <= self.end


class Link(NamedTuple):
    """A link or a hover note of a web page: where its words are, its address, its note (both may be empty)."""

    span: Span
    href: str
    note: str


class Anchor(NamedTuple):
    """A target of links within a web page: its name, and its offset in the text."""

    name: str
    offset: int


class Opening(NamedTuple):
    """Words at the start of a line of a web page that look unlike the rest: their style, "bold" or a class."""

    span: Span
    style: str


@dataclass(frozen=True)
class Source:
    """One page's text; of a web page also what the text alone does not show, in the order of the text."""

    path: str  # The file, as the user named it.
    text: str  # What passages count in.
    notice: str | None = None  # What the user should know of how the bytes were decoded.
    links: tuple[Link, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    hidden: tuple[Span, ...] = ()  # What is shown only when a reader unfolds it.
    file_lines: tuple[tuple[int, int], ...] = ()  # Pairs of an offset in the text and a line of the file.
    openings: tuple[Opening, ...] = ()

    @cached_property
    def sha256(self) -> str:
        """64 hex digits of SHA-256 over the text's UTF-8."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def hash(self) -> str:
        """The first 16 hex digits of `sha256`, which name the snapshot."""
        return self.sha256[:16]

    @cached_property
    def folded(self) -> str:
        """The text with plain quotes, dashes and spaces, at the same offsets; for matching only."""
        text = self.text
        if text.isascii() and "\t" not in text:
            return text
        for first, folds in _FOLD.items():
            if first in text:
                for variant, plain in folds:
                    text = text.replace(variant, plain)
        return text

    @cached_property
    def has_space_runs(self) -> bool:
        """Whether the folded text has runs of spaces."""
        return "  " in self.folded

    @cached_property
    def lines(self) -> list[Span]:
        """Every line that holds more than white space, trimmed, top to bottom."""
        return [Span(*match.span()) for match in _TRIMMED.finditer(self.folded.replace("\r", "\n"))]

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in _NEWLINE.finditer(self.text))]

    def line_of(self, offset: int) -> int:
        """Return the line of the file, from 1, that an offset is on."""
        if self.file_lines:
            return self.file_lines[max(0, bisect_right(self.file_lines, (offset, MAX_BYTES)) - 1)][1]
        return bisect_right(self._line_starts, offset)

    def links_in(self, span: Span) -> list[Link]:
        """Return the links whose words lie within a span, in order."""
        return [link for link in self.links if link.href and span.holds(link.span)]

    def links_around(self, span: Span) -> list[Link]:
        """Return the links whose words overlap a span, in order."""
        return [link for link in self.links if link.href and link.span.start < span.end and span.start < link.span.end]

    def is_hidden(self, span: Span) -> bool:
        """Return whether a span lies within a hidden stretch."""
        return any(block.holds(span) for block in self.hidden)

    def slice(self, span: Span) -> str:
        """Return the text of a span."""
        return self.text[span.start : span.end]

    def repaired(self, span: Span) -> str:
        """Return the text of a span, with plain characters instead of wrongly decoded ones."""
        text = self.slice(span)
        for plain, variants in _BROKEN.items():
            for variant in variants:
                text = text.replace(variant, plain)
        return text

    def words(self, span: Span) -> str:
        """Return the folded text of a span, runs of space collapsed."""
        words = self.folded[span.start : span.end]
        return " ".join(words.split()) if self.has_space_runs and "  " in words else words


def collapse_spaces(source: Source) -> tuple[Source, Sequence[int]]:
    """Return a page's text with each run of spaces as one space, and the original offset of each of its characters.

    The one space is the last of the run, and spaces are those of the folded text.
    """
    text, folded = source.text, source.folded
    if not source.has_space_runs:
        return source, range(len(text))
    offsets = [offset for offset in range(len(text)) if not folded.startswith("  ", offset)]
    collapsed = "".join(" " if folded[offset] == " " else text[offset] for offset in offsets)
    return Source(source.path, collapsed), offsets
