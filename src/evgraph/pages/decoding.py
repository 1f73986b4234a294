"""A page's bytes made text, whatever encoding they came in; a web page goes on to `html`."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from evgraph.errors import UnreadableError
from evgraph.pages.source import MAX_BYTES, Source

_HTML = re.compile(r"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_NO_TEXT = {b"PK\x03\x04": "a zip archive or an office document", b"%PDF-": "a PDF file", b"{\\rtf": "rich text"}
_MAC_QUOTES, _WINDOWS_QUOTES = b"\xd0\xd2\xd3\xd4\xd5", b"\x91\x92\x93\x94\x96"


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
        raise UnreadableError("no such page", path=path, hint="check the name") from None
    except IsADirectoryError:
        raise UnreadableError("a folder, not a page", path=path, hint=f"name its files: {path}/*.txt") from None
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
            raise UnreadableError(f"not text but {kind}", path=path, hint="save the web page as text")
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
        raise UnreadableError("not text: it holds a null byte", path=path, line=line, hint="save the web page as text")
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
