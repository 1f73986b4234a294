"""Edits of Turtle and N-Triples text that change single statements and leave all around them as it is.

https://www.w3.org/TR/turtle/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pyoxigraph as ox

from evgraph.namespaces import PLAIN_LOCAL, RDF
from evgraph.rdf.positions import Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evgraph.rdf.positions import Statement

Value: TypeAlias = ox.NamedNode | ox.Literal

_TYPE = f"{RDF}type"


class Edit(NamedTuple):
    """Text in place of what is between two offsets."""

    start: int
    end: int
    text: str


class Substitution(NamedTuple):
    """Another object for a triple."""

    subject: ox.NamedNode
    predicate: ox.NamedNode
    old: Value
    new: Value

    def apply(self, triples: set[ox.Triple]) -> set[ox.Triple]:
        """Return the triples with the new object."""
        old, new = (ox.Triple(self.subject, self.predicate, value) for value in (self.old, self.new))
        return triples - {old} | {new} if old in triples else triples


class Addition(NamedTuple):
    """More triples about a subject: types of one that has a type, or all about a new one."""

    subject: ox.NamedNode
    values: tuple[tuple[ox.NamedNode, Value], ...]
    is_new: bool = False

    def triples(self) -> list[ox.Triple]:
        """Return the triples."""
        return [ox.Triple(self.subject, predicate, value) for predicate, value in self.values]

    def apply(self, triples: set[ox.Triple]) -> set[ox.Triple]:
        """Return the triples with those that are added."""
        return triples.union(self.triples())


class Renaming(NamedTuple):
    """Another IRI for a term, wherever it is used."""

    old: ox.NamedNode
    new: ox.NamedNode

    def apply(self, triples: set[ox.Triple]) -> set[ox.Triple]:
        """Return the triples with the new IRI."""
        return {ox.Triple(*(self.new if term == self.old else term for term in triple)) for triple in triples}


Change: TypeAlias = Substitution | Addition | Renaming


class TurtleText:
    """The text of a file, to be edited.

    Args:
        text: the content.
        base: the base IRI where the file declares none.
        line_by_line: whether each triple has its own line, as in N-Triples.
        subjects: the IRIs of all subjects whose statements will be edited.

    """

    def __init__(self, text: str, base: str, *, line_by_line: bool = False, subjects: Iterable[str] = ()) -> None:
        self.text = text
        self._line_by_line = line_by_line
        self._reader = Reader(text, base)
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._statements: dict[str, list[Statement]] = {subject: [] for subject in subjects}
        for statement in self._reader.blocks(set(self._statements)):
            self._statements[statement.subject].append(statement)

    def edits(self, change: Change) -> Iterator[Edit]:
        """Yield the edits that make a change; none where the text has nothing to change."""
        if isinstance(change, Renaming):
            for kind, token, start in self._reader.tokens(0):
                if kind in {"iri", "name"} and self._reader.term(kind, token) == change.old.value:
                    yield Edit(start, start + len(token), self.written(change.new))
        elif isinstance(change, Substitution):
            for statement in self._statements[change.subject.value]:
                if (statement.predicate, statement.value) == (change.predicate.value, change.old.value):
                    yield Edit(*self._span(statement), self.written(change.new))
        elif change.is_new:
            yield self._block_edit(change)
        else:
            yield from self._type_edits(change)

    def written(self, term: Value) -> str:
        """Write a term with the prefixes that the file declares."""
        if isinstance(term, ox.NamedNode):
            short = [
                f"{prefix}:{local}"
                for prefix, namespace in self._reader.prefixes.items()
                if namespace and (local := term.value.removeprefix(namespace)) != term.value
                if PLAIN_LOCAL.fullmatch(local)
            ]
            return min(short, key=lambda curie: (len(curie), curie), default=f"<{term.value}>")
        quoted = str(ox.Literal(term.value))
        if term.language:
            return f"{quoted}@{term.language}"
        plain = term.datatype == ox.Literal("").datatype
        return quoted if plain else f"{quoted}^^{self.written(term.datatype)}"

    def _type_edits(self, change: Addition) -> Iterator[Edit]:
        """Add types after the last one in the first block of the subject that has any."""
        last = None
        for statement in self._statements[change.subject.value]:
            if statement.predicate == _TYPE and statement.value:
                last = statement
            elif last is not None:
                break
        if last is None:
            return
        start, end = self._span(last)
        line = self.text.rfind("\n", 0, start) + 1
        if self._line_by_line:
            yield Edit(line, line, self._lines(change.triples()))
        else:
            comma = " , " if " , " in self.text[line:end] else ", "
            yield Edit(end, end, "".join(f"{comma}{self.written(cls)}" for _, cls in change.values))

    def _block_edit(self, change: Addition) -> Edit:
        """Add a block at the end of the file."""
        end, gap = len(self.text), "" if self.text.endswith("\n") or not self.text else self._newline
        if self._line_by_line:
            return Edit(end, end, gap + self._lines(change.triples()))
        parts = [
            f"{'a' if predicate.value == _TYPE else self.written(predicate)} {self.written(value)}"
            for predicate, value in change.values
        ]
        block = f"{self.written(change.subject)} " + f" ;{self._newline}    ".join(parts) + " ."
        return Edit(end, end, f"{gap}{self._newline}{block}{self._newline}")

    def _lines(self, triples: Sequence[ox.Triple]) -> str:
        return "".join(f"{triple} .{self._newline}" for triple in triples)

    def _span(self, statement: Statement) -> tuple[int, int]:
        """Return the offsets of a statement's object, with its language or datatype."""
        start = self._reader.starts[statement.line - 1] + statement.column - 1
        tokens = self._reader.tokens(start)
        kind, token, _ = next(tokens)
        end = start + len(token)
        if kind == "string":
            kind, mark, at = next(tokens)
            if mark == "^^":
                _, datatype, at = next(tokens)
                end = at + len(datatype)
            elif kind == "tag" and at == end:
                end += len(mark)
        return start, end


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Apply edits to a text.

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
