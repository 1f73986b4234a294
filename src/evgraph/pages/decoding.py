"""Page files: which files are pages, and their bytes as text, whatever their encoding."""

from __future__ import annotations

import codecs
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from evgraph.errors import EvgraphError, UnreadableError
from evgraph.pages.html import read_html
from evgraph.pages.source import MAX_BYTES, Source
from evgraph.regular_files import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PAGE_SUFFIXES = (".txt", ".html", ".htm")
_HTML = re.compile(r"\s*+(?>(?:<!--.*?-->\s*)*)<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_BINARY_FORMATS = {
    b"PK\x03\x04": "a zip archive or an office document",
    b"%PDF-": "a PDF file",
    b"{\\rtf": "rich text",
}
_MAC_QUOTES, _WINDOWS_QUOTES = b"\xd0\xd2\xd3\xd4\xd5", b"\x91\x92\x93\x94\x96"


def find_pages(paths: Sequence[str | Path], failures: list[EvgraphError] | None = None) -> list[Path]:
    """Return the page files at some paths, each once: a file itself, and every page below a folder, sorted.

    Pages end in `PAGE_SUFFIXES`. Hidden files and links to folders are skipped.

    Raises:
        UnreadableError: a folder holds no page, or cannot be read; ``failures`` receives the errors instead, if given.

    """
    pages: list[Path] = []
    errors = [] if failures is None else failures
    for text in paths:
        path, earlier = Path(text), len(errors)
        if not str(text):  # An unset variable in the shell; Path("") would be the current folder.
            errors.append(UnreadableError("a path is empty", hint="name a file or a folder; . is this folder"))
        elif not path.is_dir():
            pages.append(path)
        elif files := sorted(_files_below(path, errors)):
            pages += files
        elif len(errors) == earlier:
            hint = f"pages end in {', '.join(PAGE_SUFFIXES)}"
            errors.append(UnreadableError("no page in this folder", path=path, hint=hint))
    if errors and failures is None:
        raise errors[0]
    return list(dict.fromkeys(pages))


def _files_below(folder: Path, errors: list[EvgraphError]) -> Iterator[Path]:
    def add_error(error: OSError) -> None:
        errors.append(UnreadableError(f"cannot be read: {error.strerror}", path=error.filename))

    for parent, _, names in os.walk(folder, onerror=add_error):
        for name in names:
            path = Path(parent, name)
            is_page = path.suffix.lower() in PAGE_SUFFIXES and not name.startswith(".")
            if is_page and (path.is_file() or not path.exists()):  # A broken link is reported when it is read.
                yield path


def read(path: str | Path) -> Source:
    """Return the text of a page file.

    Raises:
        UnreadableError: the file is missing, too large, or not text.

    """
    path = Path(path)
    try:
        raw = read_file(path, MAX_BYTES)
    except FileNotFoundError:
        raise UnreadableError("no such page", path=path, hint="check the name") from None
    except IsADirectoryError:
        raise UnreadableError("a folder, not a page", path=path, hint=f"name its files: {path}/*.txt") from None
    except (OSError, ValueError) as error:
        raise UnreadableError(f"cannot be read: {getattr(error, 'strerror', None) or error}", path=path) from None
    return decode(raw, str(path))


def decode(raw: bytes, path: str) -> Source:
    """Return the text of a page's bytes.

    The bytes are read as UTF-8; as UTF-16 where they start with its byte-order mark; else as Windows-1252 or Mac Roman,
    and then the source carries a notice. If the page is cut within a character, that character is dropped. The text of
    a web page is extracted (`evgraph.pages.html`).

    Raises:
        UnreadableError: the bytes are not text.

    """
    for start, kind in _BINARY_FORMATS.items():
        if raw.startswith(start):
            raise UnreadableError(f"not text but {kind}", path=path, hint="save the web page as text")
    notice = None
    is_utf16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    decoder = codecs.getincrementaldecoder("utf-16" if is_utf16 else "utf-8-sig")()
    try:
        text = decoder.decode(raw)
        if decoder.getstate()[0]:
            notice = "the page is cut off within a character"
    except UnicodeDecodeError as error:
        if is_utf16:
            raise UnreadableError("not text: it starts like UTF-16, but is not UTF-16", path=path) from None
        line = raw.count(b"\n", 0, error.start) + 1
        is_mac = sum(map(raw.count, _MAC_QUOTES)) > sum(map(raw.count, _WINDOWS_QUOTES))
        text = raw.decode("mac-roman" if is_mac else "cp1252", "replace")
        notice = f"line {line} is not UTF-8; the page was read as {'Mac Roman' if is_mac else 'Windows-1252'}"
    if b"\0" in raw and "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UnreadableError("not text: it holds a null byte", path=path, line=line, hint="save the web page as text")
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if _HTML.match(text[:4096]):
        return read_html(text, path, notice)
    source = Source(path, text, notice)
    if not source.lines:
        raise UnreadableError("the page is empty", path=path)
    return source
