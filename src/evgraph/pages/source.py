"""A page's bytes as text whose every character can be pointed at.

The text is what passages count in: the decoded page, byte-order mark dropped, CRLF made LF, nothing else changed.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from evgraph.errors import UnreadableError

MAX_BYTES = 4 * 1024 * 1024  # A hundred times the largest page seen.

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
_HTML = re.compile(r"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_NEWLINE = re.compile(r"\n|\r")
_TRIMMED = re.compile(r"\S(?:.*\S)?")
_NO_TEXT = {b"PK\x03\x04": "a zip archive or an office document", b"%PDF-": "a PDF file", b"{\\rtf": "rich text"}
_MAC_QUOTES, _WINDOWS_QUOTES = b"\xd0\xd2\xd3\xd4\xd5", b"\x91\x92\x93\x94\x96"


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


def read(path: str | Path) -> Source:
    """Read a page from a file.

    Raises:
        UnreadableError: the file is missing, too large, or not text.

    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableError(f"larger than {MAX_BYTES >> 20} MB; no page is", path=path)
        raw = path.read_bytes()
    except FileNotFoundError:
        raise UnreadableError("no such page", path=path, way_out="check the name") from None
    except IsADirectoryError:
        raise UnreadableError("a folder, not a page", path=path, way_out=f"name its files: {path}/*.txt") from None
    except (OSError, ValueError) as error:
        raise UnreadableError(f"cannot be read: {getattr(error, 'strerror', None) or error}", path=path) from None
    return decode(raw, str(path))


def decode(raw: bytes, path: str) -> Source:
    """Make text of a page's bytes.

    They are taken for UTF-8, for UTF-16 where a byte-order mark says so, and failing that, with a notice, for
    Windows-1252 or Mac Roman. A page that was cut off within a character loses that character.

    Raises:
        UnreadableError: the bytes are not text.

    """
    for start, kind in _NO_TEXT.items():
        if raw.startswith(start):
            raise UnreadableError(f"not text but {kind}", path=path, way_out="save the web page as text")
    notice = None
    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    decoder = codecs.getincrementaldecoder("utf-16" if wide else "utf-8-sig")()
    try:
        text = decoder.decode(raw)
        if decoder.getstate()[0]:
            notice = "the page is cut off within a character"
    except UnicodeDecodeError as error:
        if wide:
            raise UnreadableError("not text: a UTF-16 mark, and no UTF-16 behind it", path=path) from None
        line = raw.count(b"\n", 0, error.start) + 1
        mac = _count(raw, _MAC_QUOTES) > _count(raw, _WINDOWS_QUOTES)
        text = raw.decode("mac-roman" if mac else "cp1252", "replace")
        notice = f"line {line} is not UTF-8; the page was read as {'Mac Roman' if mac else 'Windows-1252'}"
    if b"\0" in raw and "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UnreadableError(
            "not text: it holds a null byte", path=path, line=line, way_out="save the web page as text"
        )
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if looks_like_html(text):
        from evgraph.pages.html import read_html  # An HTML parser costs start-up time that text pages do not need.

        return read_html(text, path, notice)
    source = Source(path, text, notice)
    if not source.lines:
        raise UnreadableError("the page is empty", path=path)
    return source


def looks_like_html(text: str) -> bool:
    """Tell whether a text begins as a web page does."""
    return bool(_HTML.match(text[:4096]))


def _count(raw: bytes, values: bytes) -> int:
    return sum(raw.count(value) for value in values)
