"""Which files an engine may load by itself: those of which it changes nothing that SHACL judges.

A parser tells all that a judge must know of a file, but handing each triple through Python takes as long as judging it.
Most files need no such care: they have no blank nodes, and write their literals as the engine gives them back. Their
text is enough to see that. It is read with caution: whatever is unusual, or looks so, makes a file one for the parser.
https://www.w3.org/TR/turtle/#sec-grammar
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.rdf import lexical_forms as lexical

if TYPE_CHECKING:
    from collections.abc import Iterator

_IN_IRI = rb'[^\x00-\x20<>"{}|^`\\]*'
_ABSOLUTE = rb"[A-Za-z][A-Za-z0-9+.-]*:" + _IN_IRI
# What may hold anything between its ends: plain strings, IRIs, comments, then strings with escapes or other quotes.
_OPAQUE = re.compile(
    rb'"(?:[^"\\\r\n]+"|"(?!"))|<' + _IN_IRI + rb">|#[^\r\n]*"
    rb'|"(?:[^"\\\r\n]|\\.)*"'
    rb"|'(?:[^'\\\r\n]|\\.)*'",
)
# Outside of them: blank nodes, lists, graphs, triple terms, what is said of triples, escapes, loose ends.
_UNUSUAL = (b"[", b"(", b"_:", b"{", b"<", b"~", b"\\", b"'")
# A number in what is left: after a space, once letters are gone and characters of a kind are the same one.
_ALIKE = bytes.maketrans(b'23456789\n\r\t,"E', b"11111111     e")
_LETTERS = bytes(set(range(ord("A"), ord("z") + 1)) - set(rb"eE\[]") | set(b";%@"))
_SIGNED = (b" +", b" -", b" .0", b" .1")
_LEADING_ZERO = re.compile(rb" 0(?:[01e]|\.[01e])")
_NOT_WHOLE = re.compile(rb" 1(?:[01]{17}|[01]*(?:e|\.[01e]))")
_DATATYPE = re.compile(rb"(?:<(" + _ABSOLUTE + rb")>|([\w.-]*):([\w-]*))(?=[\s,;#]|\.\s|\.?$)")


class _UncertainError(Exception):
    """The text alone does not tell."""


def scan(body: bytes) -> list[ox.Literal] | None:
    """Read the text of Turtle or N-Triples.

    Returns:
        The ill-formed literals of the file, perhaps with some that stand in no triple; None where the engine would
        change something, and where that is not certain. Of text that is not well-formed anything may be said.

    """
    if b'"""' in body or b"'''" in body:
        return None
    rest = _OPAQUE.sub(b'"', body)
    if any(one in rest for one in _UNUSUAL):
        return None
    numbers = rest.translate(_ALIKE, _LETTERS)
    if any(one in numbers for one in _SIGNED) or _LEADING_ZERO.search(numbers) or _NOT_WHOLE.search(numbers):
        return None
    try:
        return list(_ill_formed(body))
    except (_UncertainError, ValueError):  # The latter of what is no IRI, or no literal.
        return None


def _ill_formed(body: bytes) -> Iterator[ox.Literal]:
    """Go through the literals with a datatype for those that are ill-formed, which the engine keeps as they are."""
    pieces = body.split(b"^^")
    found: set[tuple[bytes, ...]] = set()
    for before, after in pairwise(pieces):
        # What stands between the last two quotes is all of the literal, unless it has escapes or longer quotes.
        start = before.rfind(b'"', 0, -1)
        form, datatype = before[start + 1 : -1], _DATATYPE.match(after)
        sure = before.endswith(b'"') and start >= 0 and before[start - 1 : start] not in {b'"', b"\\"}
        if not sure or b"\\" in form or b"\n" in form or b"\r" in form or datatype is None:
            raise _UncertainError
        found.add((form, *datatype.groups(b"")))
    namespaces = {prefix: _namespace(body, prefix) for prefix in {prefix for _, iri, prefix, _ in found if not iri}}
    for form, iri, prefix, local in found:
        name = (iri or namespaces[prefix] + local).decode(errors="replace")
        if "/." in name:  # The parser would work it out.
            raise _UncertainError
        literal = ox.Literal(form.decode(errors="replace"), datatype=ox.NamedNode(name))
        if lexical.marked(literal) != literal:
            if lexical.well_formed(literal.value, name) or lexical.normalized(literal) != literal:
                raise _UncertainError
            yield literal


def _namespace(body: bytes, prefix: bytes) -> bytes:
    """Find the only namespace that a prefix stands for."""
    alone = re.escape(prefix) + rb":(?![\w%\\:\x80-\xff-])"  # Not before the rest of a name.
    found = set(re.findall(alone + rb"\s*(?:<(" + _ABSOLUTE + rb")>)?", body))
    if len(found) != 1 or b"" in found:
        raise _UncertainError
    return bytes(found.pop())
