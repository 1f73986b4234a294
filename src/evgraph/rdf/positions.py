"""Line and column of statements and of terms in RDF files.

RDF libraries return triples without their positions. `Reader` searches Turtle, TriG, N-Triples and N-Quads for the
given subjects and reads their blocks only. https://www.w3.org/TR/turtle/#sec-grammar
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate, groupby
from os.path import commonprefix
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

import pyoxigraph as ox

from evgraph.characters import visible
from evgraph.errors import UnreadableError
from evgraph.namespaces import RDF
from evgraph.rdf.turtle_tokens import DIRECTIVE, TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evgraph.rdf.files import DataFile

    Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

_READABLE = {"turtle", "trig", "ntriples", "nquads"}  # By `Reader`.
_DEEPEST = 40  # So many groups of a search pattern are nested at most; `re` fails at a few hundred.
_SHORT = 10_000_000  # Spellings times characters; less is searched faster than a pattern is compiled.
_BEFORE_A_BLOCK = (*".{}>", "")  # Last characters of statements, directives and graphs; or the start of a line.
_LONG_QUOTES = ("#", '"""', "'''")
_QUOTES = ("#", '"', "'")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_CONTROL = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_TYPE = f"{RDF}type"


class Place(NamedTuple):
    """A place in a data file: its path, and line and column from 1; both 0 where only the file is known.

    In a store the place is a named graph: `is_graph` is true, and ``path`` its IRI.
    """

    path: str
    line: int
    column: int
    is_graph: bool = False

    def __str__(self) -> str:
        """``FILE:LINE:COLUMN``, as editors and continuous integration read it."""
        path = visible(self.path)
        return f"{path}:{self.line}:{self.column}" if self.line else path


def place_of(node: Term, files: Iterable[DataFile]) -> Place | None:
    """Return the place of the block of a node: the one with its type, else the first; None where no file has one."""
    first = None
    if not isinstance(node, ox.NamedNode):
        return None
    for file in files:
        block = Place(file.path, 0, 0)
        for statement in statements_of(file, [node.value]):
            block = block if statement.predicate else Place(file.path, statement.line, statement.column)
            first = first or block
            if statement.predicate == f"{RDF}type":
                return block
    return first


def first_uses(terms: Iterable[Term], files: Iterable[DataFile]) -> Mapping[Term, Place]:
    """Return the place where each term is first used, as property, class or otherwise."""
    by_iri = {term.value: term for term in terms if isinstance(term, ox.NamedNode)}
    places: dict[Term, Place] = {}
    for file in files if by_iri else ():
        if file.format.name not in _READABLE or len(places) == len(by_iri):
            continue
        reader = Reader(file.content().decode("utf-8", "replace"), file.base)
        for kind, words, at in reader.tokens(0):
            term = by_iri.get(reader.term(kind, words)) if kind in {"iri", "name"} else None
            if term is not None and term not in places:
                places[term] = Place(file.path, *reader.place(at))
    return places


def statements_of(file: DataFile, subjects: Iterable[str]) -> Iterable[Statement]:
    """Return the statements about subjects; of RDF/XML and JSON-LD, one without a position for each subject."""
    try:
        text = file.content().decode("utf-8", "replace")
    except UnreadableError:
        return ()
    if file.format.name in _READABLE:
        return Reader(text, file.base).blocks(set(subjects))
    described = {quad.subject.value for quad in file.quads() if isinstance(quad.subject, ox.NamedNode)}
    return [Statement(subject, "", "", 0, 0) for subject in subjects if subject in described]


class Statement(NamedTuple):
    """A statement and its position."""

    subject: str  # An IRI, or ``_:label``.
    predicate: str  # An IRI; empty for the subject itself, which starts a block.
    value: str  # An IRI, ``_:label``, or the lexical form of a literal; empty for brackets.
    line: int  # From 1, of the value; of the subject where there is no predicate.
    column: int  # From 1, in characters.


class Reader:
    """Reads parts of a file's text; ``base`` is the base IRI where it declares none."""

    def __init__(self, text: str, base: str) -> None:
        self.text, self.base = text, base
        self._read_to = 0  # Where the last block ended.
        self.prefixes: dict[str, str] = {}  # Prefix → namespace.
        for match in DIRECTIVE.finditer(f"\n{text}"):
            if match["base"] is not None:
                self.base = _resolved(self.base, match["base"])
            else:
                self.prefixes[match["prefix"] or ""] = _resolved(self.base, match["namespace"])

    @cached_property
    def starts(self) -> list[int]:
        """The offset of each line."""
        return [0, *accumulate(len(line) + 1 for line in self.text.split("\n"))]

    def blocks(self, subjects: set[str]) -> Iterator[Statement]:
        """Iterate over the statements of the blocks of subjects (IRIs or ``_:label``), in the order of the text."""
        subject_of: dict[str, str] = {}
        for subject in subjects:
            spellings = list(self._spellings(subject))
            # All of them end alike; most files mention few of the subjects.
            ending = min((text[1:-1] if text[0] == "<" else text.partition(":")[2] for text in spellings), key=len)
            if len(subjects) * len(self.text) > _SHORT or ending in self.text:
                subject_of.update(dict.fromkeys(spellings, subject))
        self._read_to = 0
        for start, spelling in self._occurrences(sorted(subject_of)):
            if not self._may_open_a_block(start):
                continue
            token = TOKEN.match(self.text, start)
            if token and token[0] == spelling and self._opens_a_block(start):  # Not the beginning of a longer name.
                yield from self._block(subject_of[spelling], start, token.end())

    def _occurrences(self, spellings: Sequence[str]) -> Iterator[tuple[int, str]]:
        """Iterate over the offsets of spellings in the order of the text, the longest first."""
        occurrences: list[tuple[int, str]] = []
        if len(spellings) * len(self.text) > _SHORT:
            # A pattern that starts with fixed text, such as a prefix, is searched much faster.
            for _, alike in groupby(spellings, key=lambda spelling: spelling[0] == "<" or spelling.partition(":")[0]):
                pattern = _any_of(list(alike))
                occurrences += [(match.start(), match[0]) for match in re.finditer(pattern, self.text)]
        else:
            for spelling in spellings:
                start = self.text.find(spelling)
                while start >= 0:
                    occurrences.append((start, spelling))
                    start = self.text.find(spelling, start + 1)
        yield from sorted(occurrences, key=lambda occurrence: (occurrence[0], -len(occurrence[1])))

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

    def _may_open_a_block(self, at: int) -> bool:
        """Whether the last character before an offset is one that may end a statement."""
        start = max(self.text.rfind("\n", 0, at) + 1, self._read_to)
        return at >= start and self.text[start:at].rstrip(" \t\r")[-1:] in _BEFORE_A_BLOCK

    def _opens_a_block(self, at: int) -> bool:
        """Whether a statement starts at an offset: the text before it ends one, or is empty."""
        start = max(self.text.rfind("\n", 0, at) + 1, self._read_to)
        if "#" in self.text[start:at] and not any(True for _ in self.tokens(start, at)):
            return False  # In a comment.
        end, quotes = at, _QUOTES
        while True:
            # The end of most lines is enough; the tokens of the others tell whether it is in a string or a comment.
            line = self.text[start:end].rstrip()
            if line.endswith(" .") and not any(quote in line for quote in quotes):
                return True
            before = list(self.tokens(start, end))
            if before:
                kind, words, _ = before[-1]
                return (kind == "mark" and words in ".{}") or bool(DIRECTIVE.match(f"\n{self.text[start:end]}"))
            if start == self._read_to:
                return True
            end, quotes = start - 1, _LONG_QUOTES
            start = max(self.text.rfind("\n", 0, end) + 1, self._read_to)

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
                self._read_to = at + 1
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
        """Iterate over kind, text and offset of each token from an offset on, up to what is no token."""
        end = len(self.text) if end is None else end
        while at < end:
            match = TOKEN.match(self.text, at, end)
            if not match:
                return  # The parser has reported this error.
            kind = match.lastgroup or ""
            yield kind, match[kind], match.start(kind)
            at = match.end()

    def term(self, kind: str, token: str) -> str:
        """Return the IRI, blank node label or lexical form that a token means."""
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
        """Return line and column of an offset, from 1."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


def _any_of(words: Sequence[str], depth: int = 0) -> str:
    """Return a regular expression for any of some sorted words, the longest first; what they share is tried once."""
    start = commonprefix(words)  # noqa: RUF071 - of texts
    rests = [word[len(start) :] for word in words]
    if depth == _DEEPEST:
        return f"{re.escape(start)}(?:{'|'.join(map(re.escape, reversed(rests)))})"
    groups = [_any_of(list(group), depth + 1) for letter, group in groupby(rests, key=lambda rest: rest[:1]) if letter]
    optional = "?" if rests[0] == "" else ""
    return re.escape(start) + (f"(?:{'|'.join(groups)}){optional}" if groups else "")


def _resolved(base: str, iri: str) -> str:
    """Resolve an IRI; an absolute one stays as it is (`urljoin` would take a ``#`` from its end)."""
    if re.fullmatch(r"[\w-]+(?:/[\w-]+)*", iri) and base.endswith("/") and "/." not in base:
        return base + iri  # As most do; `urljoin` takes twenty times as long.
    return iri if re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", iri) else urljoin(base, iri)


def _unescaped(text: str) -> str:
    def letter(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        return chr(int(code, 16)) if code and int(code, 16) < 0x110000 else _CONTROL.get(match[3], match[3] or "")

    return _ESCAPE.sub(letter, text) if "\\" in text else text
