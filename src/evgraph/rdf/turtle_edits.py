"""Edits of Turtle and N-Triples text that change single statements and leave all around them as it is.

https://www.w3.org/TR/turtle/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pyoxigraph as ox

from evgraph.namespaces import PLAIN_LOCAL, RDF, XSD
from evgraph.rdf.positions import Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evgraph.rdf.positions import Statement as Position

Value: TypeAlias = ox.NamedNode | ox.Literal
Statement: TypeAlias = "tuple[ox.NamedNode, ox.NamedNode, Value]"

_RELATIVE = re.compile(r"<[A-Za-z0-9_\-]+(?:/[A-Za-z0-9_\-]+)*>")

_INTEGER, _BARE = ox.NamedNode(f"{XSD}integer"), re.compile(r"0|-?[1-9][0-9]*")

RDF_TYPE = ox.NamedNode(f"{RDF}type")


class Edit(NamedTuple):
    """Text in place of what is between two offsets."""

    start: int
    end: int
    text: str


class Renaming(NamedTuple):
    """Another IRI for a term, wherever it is used."""

    old: ox.NamedNode
    new: ox.NamedNode

    def apply(self, triples: set[ox.Triple]) -> set[ox.Triple]:
        """Return the triples with the new IRI."""
        return {ox.Triple(*(self.new if term == self.old else term for term in triple)) for triple in triples}


class Change(NamedTuple):
    """Statements about a subject that are added: one in place of another, a type more, or all about a new subject."""

    added: tuple[Statement, ...]
    removed: Statement | None = None

    @property
    def is_new_subject(self) -> bool:
        """Whether the statements need a block of their own."""
        return self.removed is None and any(predicate != RDF_TYPE for _, predicate, _ in self.added)

    def apply(self, triples: set[ox.Triple]) -> set[ox.Triple]:
        """Return the triples after the change."""
        removed = {ox.Triple(*self.removed)} if self.removed else set()
        return triples - removed | {ox.Triple(*statement) for statement in self.added}


class TurtleText:
    """The text of a file, to be edited.

    Args:
        text: the content, perhaps with a byte-order mark, which no offset counts.
        base: the base IRI where the file declares none.
        line_by_line: whether each triple has its own line, as in N-Triples.
        changes: to be made.

    """

    def __init__(
        self, text: str, base: str, *, line_by_line: bool = False, changes: Iterable[Change | Renaming] = ()
    ) -> None:
        self.mark = text[:1] if text.startswith("\ufeff") else ""
        self.text = text = text.removeprefix(self.mark)
        self.changes = list(changes)
        self._line_by_line = line_by_line
        self._reader = Reader(text, base)
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._positions: dict[str, list[Position]] = {
            change.added[0][0].value: []
            for change in self.changes
            if isinstance(change, Change) and not change.is_new_subject
        }
        for position in self._reader.blocks(set(self._positions)):
            self._positions[position.subject].append(position)

    def edits(self, change: Change | Renaming) -> Iterator[Edit]:
        """Yield the edits that make a change; none where the text has nothing to change."""
        if isinstance(change, Renaming):
            yield from self._renaming_edits({change.old.value: change.new})
        elif change.removed:
            subject, predicate, value = (term.value for term in change.removed)
            for position in self._positions[subject]:
                if (position.predicate, position.value) == (predicate, value):
                    start, end = self._span(position)
                    yield Edit(start, end, self._written_like(self.text[start:end], change.added[0][2]))
        elif change.is_new_subject:
            yield self._block_edit(change.added)
        else:
            yield from self._type_edits(change.added)

    def edited(self) -> str:
        """Return the text after all changes; edits that overlap leave it without sense."""
        pieces: list[str] = []
        at = 0
        new_names = {change.old.value: change.new for change in self.changes if isinstance(change, Renaming)}
        edits = {edit for change in self.changes if isinstance(change, Change) for edit in self.edits(change)}
        for edit in sorted(edits.union(self._renaming_edits(new_names))):
            pieces += [self.text[at : edit.start], edit.text]
            at = edit.end
        return "".join([*pieces, self.text[at:]])

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset, from 1."""
        return self._reader.place(offset)

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
        if term.datatype == _INTEGER and _BARE.fullmatch(term.value) and not self._line_by_line:
            return term.value
        plain = term.datatype == ox.Literal("").datatype
        return quoted if plain else f"{quoted}^^{self.written(term.datatype)}"

    def _renaming_edits(self, new_names: Mapping[str, ox.NamedNode]) -> Iterator[Edit]:
        for kind, token, start in self._reader.tokens(0) if new_names else ():
            if kind in {"iri", "name"} and (new := new_names.get(self._reader.term(kind, token))):
                yield Edit(start, start + len(token), self._written_like(token, new))

    def _written_like(self, token: str, term: Value) -> str:
        """Write a term in place of a token: as a relative IRI where the token is one."""
        base = self._reader.base
        if isinstance(term, ox.NamedNode) and _RELATIVE.fullmatch(token) and base.endswith("/"):
            relative = f"<{term.value.removeprefix(base)}>"
            if _RELATIVE.fullmatch(relative):
                return relative
        return self.written(term)

    def _type_edits(self, types: Sequence[Statement]) -> Iterator[Edit]:
        """Add types after the last one in the first block of the subject that has any."""
        last = None
        for position in self._positions[types[0][0].value]:
            if position.predicate == RDF_TYPE.value and position.value:
                last = position
            elif last is not None:
                break
        if last is None:
            return
        start, end = self._span(last)
        line = self.text.rfind("\n", 0, start) + 1
        if self._line_by_line:
            yield Edit(line, line, self._lines(types))
        else:
            comma = " , " if " , " in self.text[line:end] else ", "
            yield Edit(end, end, "".join(f"{comma}{self.written(cls)}" for _, _, cls in types))

    def _block_edit(self, statements: Sequence[Statement]) -> Edit:
        """Add a block at the end of the file."""
        end, gap = len(self.text), "" if self.text.endswith("\n") or not self.text else self._newline
        if self._line_by_line:
            return Edit(end, end, gap + self._lines(statements))
        parts = [
            f"{'a' if predicate == RDF_TYPE else self.written(predicate)} {self.written(value)}"
            for _, predicate, value in statements
        ]
        block = f"{self.written(statements[0][0])} " + f" ;{self._newline}    ".join(parts) + " ."
        return Edit(end, end, f"{gap}{self._newline}{block}{self._newline}")

    def _lines(self, statements: Sequence[Statement]) -> str:
        return "".join(f"{ox.Triple(*statement)} .{self._newline}" for statement in statements)

    def _span(self, position: Position) -> tuple[int, int]:
        """Return the offsets of a statement's object, with its language or datatype."""
        start = self._reader.starts[position.line - 1] + position.column - 1
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
