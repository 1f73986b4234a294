"""Faults in the text of a data file, and the kinds that several formats have."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote

from evgraph.namespaces import PREFIXES
from evgraph.text import shown

_MERGE_MARK = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?![<=>|])[^\r\n]*", re.MULTILINE)
_MERGE_HINT = "keep one of the two versions, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>"
WEB_PAGE = "download the data itself; this may be a server's page about an error"
"""What to do about HTML in the place of data."""
WELL_KNOWN = {
    **PREFIXES, "dc": "http://purl.org/dc/elements/1.1/", "foaf": "http://xmlns.com/foaf/0.1/",
    "dct": PREFIXES["dcterms"], "sdo": PREFIXES["schema"],
}  # fmt: skip
"""Prefix → namespace, for the declaration that is missing."""
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]|%(?![0-9A-Fa-f]{2})')
CURLY = "“”„‟‘’‚‛«»"
"""The quotation marks that word processors write."""
_LONGEST = 60  # So many characters of the offending text are shown.


class Fault(NamedTuple):
    """What is wrong, where it begins (an offset into the text), and what to do about it."""

    message: str
    at: int
    hint: str


def merge_conflict(text: str, at: int | None = None) -> Fault | None:
    """Return the fault of a mark of a merge conflict, on the line of an offset or, by default, on any line."""
    start = 0 if at is None else text.rfind("\n", 0, at) + 1
    mark = _MERGE_MARK.search(text) if at is None else _MERGE_MARK.match(text, start)
    return Fault(f"unresolved git merge conflict: {shortened(mark[0])}", mark.start(), _MERGE_HINT) if mark else None


def place(text: str, at: int) -> tuple[int, int]:
    """Return line and column of an offset, from 1."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def offset(text: str, line: int, column: int) -> int:
    """Return the offset of line and column, from 1."""
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    return min(start + column - 1, len(text))


def bad_iri(text: str, at: int, reason: str) -> Fault:
    """Return the fault of an IRI in angle brackets at an offset; the reason is the parser's."""
    line = line_from(text, at)
    if line[:5].casefold() in {"<html", "<!doc"}:
        return Fault(f"it is a web page (HTML): {shortened(line)}", at, WEB_PAGE)
    if line.startswith("<?xml"):
        return Fault(f"it is XML: {shortened(line)}", at, "give a file in RDF/XML the suffix .rdf")
    end = line.find(">")
    if end < 0 or "<" in line[1:end]:
        return Fault(f"the IRI that begins here does not end: {shortened(line)}", at, "close it with >")
    iri = line[: end + 1]
    bad = _NOT_IN_IRI.search(iri[1:-1])
    if bad:
        name = "a space" if bad[0] == " " else shown(bad[0]) if bad[0].isprintable() else f"U+{ord(bad[0]):04X}"
        what = "a % without two hexadecimal digits" if bad[0] == "%" else name
        return Fault(f"the IRI {shortened(iri)} contains {what}", at, f"write {quote(bad[0], safe='')} for it")
    if "'#'" in reason:
        return Fault(f"the IRI {shortened(iri)} contains a second #", at, "write %23 for it")
    if "scheme" in reason:
        return Fault(f"the IRI {shortened(iri)} is not absolute", at, "write it whole, with http:// or https://")
    return Fault(f"the IRI {shortened(iri)} is not valid: {reason[0].lower()}{reason[1:]}", at, "correct the IRI")


def line_from(text: str, at: int) -> str:
    """Return the rest of the line at an offset, at most ten thousand characters."""
    return re.split(r"[\r\n]", text[at : at + 10_000], maxsplit=1)[0]


def shortened(text: str) -> str:
    """Return the first line of a text, safe for a terminal, with its end left out where it is long."""
    text = line_from(text, 0)
    return shown(text) if len(text) <= _LONGEST else f"{shown(text[:_LONGEST])}…"
