"""Changes to the text of Turtle and its kin: at a statement's place, so that all around it stays as it is.

https://www.w3.org/TR/turtle/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from evgraph.namespaces import PLAIN_LOCAL, RDF
from evgraph.rdf.turtle_positions import Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evgraph.rdf.turtle_positions import Statement

_TYPE = f"{RDF}type"


class Edit(NamedTuple):
    """Text to stand in place of what is between two offsets."""

    start: int
    end: int
    text: str


class TurtleText:
    """The text of a file, to be changed.

    Args:
        text: the file.
        base: the base IRI where the file declares none.
        line_by_line: whether each triple has a line to itself, as in N-Triples.
        subjects: IRIs that will be asked about; known beforehand, many are found in one search.

    """

    def __init__(self, text: str, base: str, *, line_by_line: bool = False, subjects: Iterable[str] = ()) -> None:
        self._line_by_line = line_by_line
        self._reader = Reader(text, base)
        self._blocks: dict[str, list[Statement]] = {subject: [] for subject in subjects}
        for statement in self._reader.blocks(set(self._blocks)):
            self._blocks[statement.subject].append(statement)
        self.text = text
        self._newline = "\r\n" if "\r\n" in text else "\n"

    def written(self, term: ox.NamedNode | ox.Literal) -> str:
        """Write a term with the prefixes that the file declares."""
        if isinstance(term, ox.NamedNode):
            best = ""
            for prefix, namespace in self._reader.prefixes.items():
                local = term.value.removeprefix(namespace)
                if namespace and local != term.value and PLAIN_LOCAL.fullmatch(local):
                    short = f"{prefix}:{local}"
                    best = min(filter(None, (best, short)), key=lambda one: (len(one), one))
            return best or f"<{term.value}>"
        quoted = str(ox.Literal(term.value))
        if term.language:
            return f"{quoted}@{term.language}"
        plain = term.datatype == ox.Literal("").datatype
        return quoted if plain else f"{quoted}^^{self.written(term.datatype)}"

    def replaced(self, triple: ox.Triple, value: ox.NamedNode | ox.Literal) -> Iterator[Edit]:
        """Give a triple another object, wherever it stands."""
        for start, end, found in self._values(triple):
            if found == triple.object:
                yield Edit(start, end, self.written(value))

    def typed_too(self, subject: ox.NamedNode, cls: ox.NamedNode) -> Edit | None:
        """Add a class to a subject, behind the last of those that its first block with any names."""
        last = None
        for statement in self._statements(subject):
            if statement.predicate == _TYPE and statement.value:
                last = self._offset(statement.line, statement.column)
            elif last is not None:
                break
        if last is None:
            return None
        if self._line_by_line:
            start = self.text.rfind("\n", 0, last) + 1
            return Edit(start, start, self._lines([ox.Triple(subject, ox.NamedNode(_TYPE), cls)]))
        end = self._end(last)
        comma = " , " if " , " in self.text[:end].rpartition("\n")[2] else ", "
        return Edit(end, end, f"{comma}{self.written(cls)}")

    def renamed(self, old: ox.NamedNode, new: ox.NamedNode) -> Iterator[Edit]:
        """Put one IRI for another, wherever it stands as a term."""
        for kind, words, start in self._reader.tokens(0):
            if kind in {"iri", "name"} and self._reader.term(kind, words) == old.value:
                yield Edit(start, start + len(words), self.written(new))

    def appended(self, triples: Sequence[ox.Triple]) -> Edit:
        """Add a block about one new subject at the end."""
        if self._line_by_line:
            start = len(self.text)
            gap = "" if self.text.endswith("\n") else self._newline
            return Edit(start, start, gap + self._lines(triples))
        lines = [
            f"{'a' if triple.predicate.value == _TYPE else self.written(triple.predicate)} {self._object(triple)}"
            for triple in triples
        ]
        block = f"{self.written(self._node(triples[0].subject))} " + f" ;{self._newline}    ".join(lines) + " ."
        gap = "" if self.text.endswith("\n") or not self.text else self._newline
        return Edit(len(self.text), len(self.text), f"{gap}{self._newline}{block}{self._newline}")

    def _lines(self, triples: Iterable[ox.Triple]) -> str:
        return "".join(f"{triple} .{self._newline}" for triple in triples)

    def _object(self, triple: ox.Triple) -> str:
        value = triple.object
        assert isinstance(value, ox.NamedNode | ox.Literal)  # noqa: S101 - nothing else is added
        return self.written(value)

    def _node(self, term: object) -> ox.NamedNode:
        assert isinstance(term, ox.NamedNode)  # noqa: S101 - nothing else is added
        return term

    def _values(self, triple: ox.Triple) -> Iterator[tuple[int, int, ox.NamedNode | ox.Literal]]:
        """Find the objects of a subject and predicate: start, end, and the term."""
        subject = self._node(triple.subject)
        for statement in self._statements(subject):
            if statement.predicate != triple.predicate.value or not statement.value:
                continue
            start = self._offset(statement.line, statement.column)
            end = self._end(start)
            term = self._read(self.text[start:end])
            if term is not None:
                yield start, end, term

    def _statements(self, subject: ox.NamedNode) -> Sequence[Statement]:
        if subject.value not in self._blocks:
            self._blocks[subject.value] = list(self._reader.blocks({subject.value}))
        return self._blocks[subject.value]

    def _read(self, words: str) -> ox.NamedNode | ox.Literal | None:
        """Read one term as the parser would."""
        reader = self._reader
        declared = "".join(f"@prefix {name}: <{namespace}> .\n" for name, namespace in reader.prefixes.items())
        try:
            (quad,) = ox.parse(f"{declared}<urn:s> <urn:p> {words} .", format=ox.RdfFormat.TURTLE, base_iri=reader.base)
        except (SyntaxError, ValueError):
            return None
        return quad.object if isinstance(quad.object, ox.NamedNode | ox.Literal) else None

    def _offset(self, line: int, column: int) -> int:
        return self._reader.starts[line - 1] + column - 1

    def _end(self, start: int) -> int:
        """Find where a term ends, its language or datatype included."""
        tokens = self._reader.tokens(start)
        kind, words, at = next(tokens)
        end = at + len(words)
        if kind == "string":
            for kind, words, at in tokens:
                if kind == "tag" and words == "^^":
                    continue
                if self.text[:at].rstrip().endswith("^^") or (kind == "tag" and at == end):
                    end = at + len(words)
                break
        return end


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Carry edits out.

    Raises:
        ValueError: two of them overlap.

    """
    pieces: list[str] = []
    at = 0
    for edit in sorted(set(edits)):
        if edit.start < at:
            raise ValueError("two edits overlap")
        pieces += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*pieces, text[at:]])
