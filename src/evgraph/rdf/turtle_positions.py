"""Where in a Turtle, TriG, N-Triples or N-Quads file a statement stands.

RDF libraries hand back triples without their places. This reader looks for the blocks of given subjects only, and reads
nothing but those, so that a large file costs one search. https://www.w3.org/TR/turtle/#sec-grammar
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TOKEN = re.compile(
    r"""
      (?P<skip>   [ \t\r\n]+ | \#[^\r\n]* )
    | (?P<iri>    <(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*> )
    | (?P<string> \"\"\"(?:(?:"|"")?(?:[^"\\]|\\.))*\"\"\" | '''(?:(?:'|'')?(?:[^'\\]|\\.))*'''
                | "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*' )
    | (?P<tag>    @[A-Za-z]+(?:-[A-Za-z0-9]+)* | \^\^ )
    | (?P<blank>  _:[\w.\-]*[\w\-] )
    | (?P<number> [+\-]?(?:\d+\.?\d*|\.\d+)[eE][+\-]?\d+ | [+\-]?\d*\.\d+ | [+\-]?\d+ )
    | (?P<name>   (?:[^\W\d_](?:[\w.\-]*[\w\-])?)?:(?:(?:[\w:]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])
                  (?:(?:[\w.:\-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])*
                  (?:[\w:\-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]))?)? )
    | (?P<word>   [A-Za-z]+ )
    | (?P<mark>   [.;,\[\](){}] )
    """,
    re.VERBOSE | re.DOTALL,
)
# What may be the spelling of a subject, for when there are many: each must be found by one look, not by a search.
_SPELLING = re.compile(r"""<[^<>"{}|^`\\\x00-\x20]*>|(?<![\w\-])(?:\w[\w\-]*)?:(?:[\w:.%\-]*[\w:%\-])?""")
_MANY = 30
_DIRECTIVE = re.compile(
    r"^[ \t]*(?:@?prefix[ \t]+(?P<prefix>[^\s:]*):[ \t]*<(?P<namespace>[^<>\s]*)>|@?base[ \t]+<(?P<base>[^<>\s]*)>)",
    re.IGNORECASE | re.MULTILINE,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_CONTROL = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


class Statement(NamedTuple):
    """A statement and where it stands.

    Attributes:
        subject: an IRI, or ``_:label``.
        predicate: an IRI; empty for the subject itself, which opens its block.
        value: an IRI, ``_:label``, or the lexical form of a literal; empty for what brackets hold.
        line: from 1, of the value; of the subject where there is no predicate.
        column: from 1, in characters.

    """

    subject: str
    predicate: str
    value: str
    line: int
    column: int


def statements(text: str, subjects: Iterable[str], base: str) -> Iterator[Statement]:
    """Find the blocks of some subjects and give their statements in the order of the text.

    Args:
        text: the file.
        subjects: IRIs, or ``_:label``.
        base: the base IRI where the file declares none.

    """
    yield from Reader(text, base).blocks(set(subjects))


class Reader:
    """A file's text, read where asked.

    Args:
        text: the file.
        base: the base IRI where the file declares none.

    Attributes:
        text: the same.
        prefixes: prefix → namespace.
        starts: the offset of each line.

    """

    def __init__(self, text: str, base: str) -> None:
        self.text, self.base = text, base
        self.prefixes: dict[str, str] = {}
        for found in _DIRECTIVE.finditer(text):
            if found["base"] is not None:
                self.base = _resolved(self.base, found["base"])
            else:
                self.prefixes[found["prefix"] or ""] = _resolved(self.base, found["namespace"])
        self.starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def blocks(self, subjects: set[str]) -> Iterator[Statement]:
        """Go through every place where a subject is spelt, and read on where it opens a block."""
        spelt = {spelling: subject for subject in subjects for spelling in self._spellings(subject)}
        if not spelt:
            return
        pattern = _SPELLING
        if len(spelt) <= _MANY or any("." in prefix for prefix in self.prefixes):
            pattern = re.compile("|".join(re.escape(one) for one in sorted(spelt, key=lambda one: (-len(one), one))))
        end = 0
        for found in pattern.finditer(self.text):
            if found[0] in spelt and found.start() >= end and self._opens_a_block(found.start()):
                token = _TOKEN.match(self.text, found.start())
                if token and token.end() == found.end():  # Not the beginning of a longer name.
                    block = list(self._block(spelt[found[0]], found.start(), found.end()))
                    end = found.end()
                    yield from block

    def _spellings(self, subject: str) -> Iterator[str]:
        if subject.startswith("_:"):
            yield subject
            return
        yield f"<{subject}>"
        if subject.startswith(self.base):
            yield f"<{subject[len(self.base) :]}>"
        for prefix, namespace in self.prefixes.items():
            if namespace and subject.startswith(namespace):
                yield f"{prefix}:{subject[len(namespace) :]}"

    def _opens_a_block(self, at: int) -> bool:
        """Tell whether a statement may begin at an offset: what stands before it ends one, or is nothing."""
        start = self.text.rfind("\n", 0, at) + 1
        if "#" in self.text[start:at] and not any(True for _ in self.tokens(start, at)):
            return False  # Spoken of in a comment.
        end = at
        while True:
            before = list(self.tokens(start, end))
            if before:
                kind, words, _ = before[-1]
                return (kind == "mark" and words in ".{}") or bool(_DIRECTIVE.match(self.text, start, end))
            if start == 0:
                return True
            end = start - 1
            start = self.text.rfind("\n", 0, end) + 1

    def _block(self, subject: str, start: int, end: int) -> Iterator[Statement]:
        yield self._at(subject, "", "", start)
        predicate, depth, tagged = "", 0, False
        for kind, words, at in self.tokens(end):
            if kind == "mark" and words in "[(":
                if depth == 0 and predicate:
                    yield self._at(subject, predicate, "", at)
                depth += 1
            elif kind == "mark" and words in "])":
                depth -= 1
            elif depth > 0:
                continue
            elif kind == "mark" and words in ".}":
                return
            elif kind == "mark":
                predicate = "" if words == ";" else predicate
            elif kind == "tag":
                tagged = words == "^^"
            elif tagged:
                tagged = False  # A datatype is no value.
            elif not predicate:
                predicate = _TYPE if words == "a" else self.term(kind, words)
            else:
                yield self._at(subject, predicate, self.term(kind, words), at)

    def tokens(self, at: int, end: int | None = None) -> Iterator[tuple[str, str, int]]:
        """Give kind, text and offset of each token from an offset on; it ends at what is no token."""
        end = len(self.text) if end is None else end
        while at < end:
            found = _TOKEN.match(self.text, at, end)
            if not found:
                return  # The parser has said what is wrong here.
            kind = found.lastgroup or ""
            if kind != "skip":
                yield kind, found[0], at
            at = found.end()

    def term(self, kind: str, token: str) -> str:
        """Give the IRI, blank node label or lexical form that a token stands for."""
        if kind == "iri":
            return _resolved(self.base, _unescaped(token[1:-1]))
        if kind == "name":
            prefix, _, local = token.partition(":")
            return self.prefixes.get(prefix, "") + re.sub(r"\\(.)", r"\1", local)
        if kind == "string":
            quotes = 3 if token[:3] in ('"""', "'''") else 1
            return _unescaped(token[quotes:-quotes])
        return token

    def _at(self, subject: str, predicate: str, value: str, offset: int) -> Statement:
        return Statement(subject, predicate, value, *self.place(offset))

    def place(self, offset: int) -> tuple[int, int]:
        """Give line and column of an offset, from 1."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


def _resolved(base: str, iri: str) -> str:
    """Resolve an IRI; an absolute one stays as it is (`urljoin` would take a ``#`` from its end)."""
    return iri if re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", iri) else urljoin(base, iri)


def _unescaped(text: str) -> str:
    def letter(found: re.Match[str]) -> str:
        code = found[1] or found[2]
        return chr(int(code, 16)) if code and int(code, 16) < 0x110000 else _CONTROL.get(found[3], found[3] or "")

    return _ESCAPE.sub(letter, text) if "\\" in text else text
