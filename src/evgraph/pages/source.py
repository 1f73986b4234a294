"""A page's bytes as text whose every character can be pointed at.

The text is what passages count in: the decoded page, byte-order mark dropped, CRLF made LF, nothing else changed.
"""

from __future__ import annotations

import codecs
import hashlib
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from evgraph.errors import UnreadableError

MAX_BYTES = 64 * 1024 * 1024  # A thousand times the largest page seen.

# Same length in, same length out, so that offsets in the folded text are offsets in the text.
_FOLD = str.maketrans("‘’‛`´“”„«»\u00a0\u2002\u2003\u2009\u202f\t–—‑", "'''''\"\"\"\"\"" + " " * 6 + "---")
_MOJIBAKE = {"‚Äô": "'''", "‚Äò": "'''", "‚Äú": '"""', "‚Äù": '"""', "‚Äì": "---", "‚Äî": "---", "¬†": "  "}


class Span(NamedTuple):
    """A stretch of text: 0-based start and exclusive end, in code points."""

    start: int
    end: int


@dataclass(frozen=True)
class Source:
    """One page's text.

    Attributes:
        path: the file, as the user named it.
        text: see the module.
        notice: what a reader should know of how the bytes were decoded, if anything.

    """

    path: str
    text: str
    notice: str | None = None

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
        for broken, plain in _MOJIBAKE.items():
            text = text.replace(broken, plain)
        return text.translate(_FOLD)

    @cached_property
    def lines(self) -> list[Span]:
        """Every line that holds more than white space, trimmed, top to bottom."""
        spans, start = [], 0
        for line in self.text.split("\n"):
            stripped = line.strip()
            if stripped:
                first = start + line.index(stripped[0])
                spans.append(Span(first, first + len(stripped)))
            start += len(line) + 1
        return spans

    @cached_property
    def _line_starts(self) -> list[int]:
        starts, at = [0], self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def line_of(self, offset: int) -> int:
        """Give the line number, from 1, of an offset."""
        return bisect_right(self._line_starts, offset)

    def slice(self, span: Span) -> str:
        """Give the text of a span."""
        return self.text[span.start : span.end]


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
    """Make text of a page's bytes: UTF-8, UTF-16 where a byte-order mark says so, else Windows-1252 with a notice.

    Raises:
        UnreadableError: the bytes are not text.

    """
    notice = None
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            text = raw.decode("utf-16")
        except UnicodeDecodeError:
            raise UnreadableError("not text: a UTF-16 mark, and no UTF-16 behind it", path=path) from None
    elif b"\0" in raw:
        line = raw.count(b"\n", 0, raw.index(b"\0")) + 1
        raise UnreadableError(
            "not text: it holds a null byte", path=path, line=line, way_out="save the web page as text"
        )
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            text = raw.decode("cp1252", "replace")
            notice = f"line {line} is not UTF-8; the page was read as Windows-1252"
    text = text.replace("\r\n", "\n")
    if not text.strip():
        raise UnreadableError("the page is empty", path=path)
    return Source(path, text, notice)
