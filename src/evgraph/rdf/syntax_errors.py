"""Explain why a parser refuses an RDF file: the offending text, where it begins, and a hint."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from evgraph.rdf.bounds import DEEPEST, FLATTEN, LONGEST_TOKEN, long_token_at, too_deep
from evgraph.rdf.faults import (
    CURLY,
    WEB_PAGE,
    WELL_KNOWN,
    Fault,
    bad_iri,
    line_from,
    merge_conflict,
    offset,
    place,
    shortened,
)
from evgraph.rdf.turtle_faults import turtle_fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from xml.parsers.expat import ExpatError


_INVALID_TOKEN = 4  # https://docs.python.org/3/library/pyexpat.html#xml.parsers.expat.errors.XML_ERROR_INVALID_TOKEN


class Explained(NamedTuple):
    """What a message says about a file that is not well-formed; line and column are from 1, or None if unknown."""

    message: str
    line: int | None
    column: int | None
    hint: str


def explain(content: bytes, name: str, error: SyntaxError) -> Explained:
    """Explain the error of a parser.

    Args:
        content: of the file, at least up to the end of the line of the error.
        name: of the format.
        error: the parser's.

    """
    reason = str(error.msg or error)
    if reason.startswith("Parser error"):  # "Parser error at line 2 between columns 1 and 9: …"
        reason = reason.partition(": ")[2]
    reason = reason.removesuffix(f" (line {error.lineno})")
    if "utf-8" in reason.casefold():
        return _not_utf8(content, error)
    if "LoadDocumentCallback" in reason:
        message = f"its @context is an address, and evgraph fetches nothing to read {name}"
        return Explained(message, None, None, "write the context into the file, or convert the file to Turtle")
    text = content.decode("utf-8", "replace")
    at = offset(text, error.lineno, error.offset or 1) if error.lineno else None
    if name not in {"rdfxml", "jsonld"} and at is not None:
        fault = turtle_fault(text, at, reason, name)
    elif conflict := merge_conflict(text):
        fault = conflict
    else:
        fault = _json_fault(text, at, reason) if name == "jsonld" else _xml_fault(text, reason)
    line, column = place(text, fault.at) if fault.at >= 0 else (None, None)
    return Explained(f"not well-formed {name}: {fault.message}", line, column, fault.hint)


def _not_utf8(content: bytes, error: SyntaxError) -> Explained:
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return Explained("not text in UTF-8, but in UTF-16", 1, 1, "save it as UTF-8, or leave the file out")
    try:
        content.decode()
    except UnicodeDecodeError as broken:
        byte = content[broken.start : broken.start + 1]
        letter = byte.decode("windows-1252", "ignore")
        meant = f", which is {letter} in Windows-1252" if letter.isprintable() and letter else ""
        line = content.count(b"\n", 0, broken.start) + 1
        message = f"not text in UTF-8: the byte {byte.hex().upper()}{meant}"
        return Explained(message, line, error.offset, "save it as UTF-8, or leave the file out")
    return Explained("not text in UTF-8", error.lineno, error.offset, "save it as UTF-8, or leave the file out")


def wrong_encoding(content: bytes, error: LookupError | UnicodeError) -> Explained:
    """Explain why XML cannot be decoded."""
    hint = "save it as UTF-8, and remove the encoding from its first line"
    if not isinstance(error, UnicodeDecodeError):
        name = shortened(str(error).rpartition(": ")[2])
        return Explained(f"its first line names the encoding {name}, which evgraph cannot read", 1, None, hint)
    line = content.count(b"\n", 0, error.start) + 1
    wrong = content[error.start : error.end][:4].hex(" ").upper()
    return Explained(
        f"not text in {error.encoding}, the encoding that it has by its first bytes: {wrong}", line, None, hint
    )


def explain_long_token(lines: Iterable[bytes]) -> Explained:
    """Explain why a parser refuses a literal or another token for its length."""
    line = long_token_at([*lines])
    most = LONGEST_TOKEN >> 20
    return Explained(f"a literal of more than {most} MB", line, None, "shorten it, or leave it out")


def _json_fault(text: str, at: int | None, reason: str) -> Fault:
    if at is None:
        return Fault(reason, -1, "")
    if not text.strip():
        return Fault("the file is empty", 0, "write {} for no data")
    at = min(at, len(text.rstrip()) - 1) if text[at:].strip() else len(text.rstrip())
    word = shortened(line_from(text, at))
    before = shortened(line_from(text, text.rfind("\n", 0, at) + 1)[-30:]) if not word else ""
    if not word:
        return Fault(f"the file ends before it is complete, after {before}", at, "close what is open with ] or }")
    if text[at] == "'" or text[at] in CURLY or re.match(r"[A-Za-z_]\w*\s*:", word):
        return Fault(f"{word} cannot stand here", at, 'write names and strings in straight quotation marks: "name"')
    if literal := re.match("true|false|none|null", word, re.IGNORECASE):
        return Fault(f"{literal[0]} cannot stand here", at, "write true, false or null, in small letters")
    if "Trailing commas" in reason:
        at = text.rfind(",", 0, at)
        return Fault(f"a comma before a closing bracket: {shortened(line_from(text, at))}", at, "remove the comma")
    if word[0] == '"' and ("end of file" in reason or "in JSON strings" in reason):
        return Fault(f"the string that begins here does not end: {word}", at, 'close it with "')
    if "followed by a comma" in reason:
        return Fault(f"a comma or a closing bracket is missing before {word}", at, "write it there")
    if re.match("Unexpected (char|byte)|Object keys", reason):
        hint = 'write names and strings in quotation marks ("…"), with a comma between members'
        return Fault(f"{word} cannot stand here", at, hint)
    hint = "write \\\\ for a backslash" if "escape" in reason else ""
    return Fault(f"{reason[0].lower()}{reason[1:]}: {word}", at, hint)


def xml_fault(content: bytes) -> Explained | None:
    """Return what keeps a file from being well-formed XML; None where it is.

    The parser of RDF/XML reads a file that ends too early without an error, and names no lines.
    https://www.w3.org/TR/xml/#sec-well-formed
    """
    from xml.parsers import expat

    opened: list[tuple[str, int]] = []
    parser = expat.ParserCreate("utf-8")

    def open_element(name: str, _attributes: object) -> None:
        opened.append((name, parser.CurrentLineNumber))
        if len(opened) > DEEPEST:
            raise RecursionError

    parser.StartElementHandler = open_element
    parser.EndElementHandler = lambda _: opened.pop()
    try:
        parser.Parse(content, True)
    except RecursionError:
        return Explained(too_deep(), opened[-1][1], None, FLATTEN)
    except expat.ExpatError as error:
        if error.code == _INVALID_TOKEN and _has_newer_names(content):
            return None
        text = content[: parser.ErrorByteIndex + 1000].decode("utf-8", "replace")
        at = len(content[: parser.ErrorByteIndex].decode("utf-8", "replace"))
        return _explained_xml(text, at, error, opened)
    return None


def _has_newer_names(content: bytes) -> bool:
    """Whether XML is well-formed by its fifth edition, which allows more names than the fourth, which expat has."""
    from lxml import etree

    try:
        etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError:
        return False
    return True


def _explained_xml(text: str, at: int, error: ExpatError, opened: Sequence[tuple[str, int]]) -> Explained:
    from xml.parsers.expat import ErrorString

    at -= 2 * (text[at - 2 : at] == "</")
    reason, hint, word = ErrorString(error.code), "", shortened(line_from(text, at))
    line = text.rfind("\n", 0, at) + 1
    ampersand = re.compile(r"&(?!#?\w+;)\S*").search(text, line, at + len(word))
    if conflict := merge_conflict(text):
        reason, at, hint = conflict
    elif ampersand and ampersand.start() <= at <= ampersand.end() + 1:
        reason, at, hint = f"{shortened(ampersand[0])} is no entity", ampersand.start(), "write &amp; for &"
    elif not text.strip():
        reason, hint = "the file is empty", "write an rdf:RDF element, or leave the file out"
    elif text.lstrip()[:5].casefold() == "<html":
        reason, at, hint = "it is a web page (HTML)", 0, WEB_PAGE
    elif opened and reason in {"mismatched tag", "no element found", "unclosed token"}:
        name, opening = opened[-1]
        instead = f" before {word}" if word else " before the end of the file"
        reason, hint = f"<{name}>, which begins on line {opening}, is not closed{instead}", f"close it with </{name}>"
    else:
        reason = f"{word or reason} cannot stand here"
        hint = 'see whether each ", < and > before it has its counterpart'
    return Explained(f"not well-formed rdfxml: {reason}", *place(text, at), hint)


def _xml_fault(text: str, reason: str) -> Fault:
    """Return the fault of RDF/XML, whose parser names no line: the quoted text of its message is looked for."""
    at, hint = -1, ""
    if undeclared := re.search(r"Unknown prefix (\S*):", reason):
        prefix = undeclared[1]
        at = text.find(f"{prefix}:")
        hint = f'add to rdf:RDF: xmlns:{prefix}="{WELL_KNOWN.get(prefix, "…")}"'
        reason = f"the prefix {prefix}: is not declared"
    elif quoted := re.search(r"parsing (language tag|IRI) '(.*?)': (.*)|^(.*) is not a valid rdf:", reason):
        value = quoted[2] or quoted[4] or ""
        at = text.casefold().find(f'"{value.casefold()}"') + 1 or -1
        value = text[at : at + len(value)] if at >= 0 else value
        if quoted[1] == "language tag":
            reason, hint = f"{shortened(value)} is not a language tag", f"write it as {value.replace('_', '-')}"
        elif quoted[1]:
            fault = bad_iri(f"<{value}>", 0, quoted[3])
            reason, hint = fault.message, fault.hint
    elif "namespaces are required" in reason:
        hint = "write rdf:about, rdf:resource and so on with their prefix"
    return Fault(reason, at, hint)
