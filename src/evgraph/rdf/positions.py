"""Where things stand in RDF files: line and column of statements and of terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from evgraph.errors import UnreadableError
from evgraph.namespaces import RDF
from evgraph.rdf.turtle_positions import Reader, Statement, statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evgraph.rdf.files import DataFile

    Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

_READABLE = {"turtle", "trig", "ntriples", "nquads"}  # Formats in which `turtle_positions` finds its way.


class Place(NamedTuple):
    """A place in a data file: its path, and line and column from 1; both 0 where only the file is known.

    In a store it is a named graph: ``path`` is its IRI then, and `is_graph` says so.
    """

    path: str
    line: int
    column: int
    is_graph: bool = False

    def __str__(self) -> str:
        """``FILE:LINE:COLUMN``, as editors and continuous integration read it."""
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path


def place_of(node: Term, files: Iterable[DataFile]) -> Place | None:
    """Find the block of a node: the one that says what it is, else the first; None where no file has it by name."""
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
    """Find where terms are first used, as property, class or otherwise."""
    wanted = {term.value: term for term in terms if isinstance(term, ox.NamedNode)}
    found: dict[Term, Place] = {}
    for file in files if wanted else ():
        if file.format.name not in _READABLE or len(found) == len(wanted):
            continue
        reader = Reader(file.content().decode("utf-8", "replace"), file.base)
        for kind, words, at in reader.tokens(0):
            term = wanted.get(reader.term(kind, words)) if kind in {"iri", "name"} else None
            if term is not None and term not in found:
                found[term] = Place(file.path, *reader.place(at))
    return found


def statements_of(file: DataFile, subjects: Iterable[str]) -> Iterable[Statement]:
    """Read the statements about subjects; of formats other than Turtle and its kin, only that they are there."""
    try:
        text = file.content().decode("utf-8", "replace")
    except UnreadableError:
        return ()
    if file.format.name in _READABLE:
        return statements(text, subjects, file.base)
    # RDF/XML and JSON-LD: the file can be named where it describes the subject, the line cannot.
    described = {quad.subject.value for quad in file.quads() if isinstance(quad.subject, ox.NamedNode)}
    return [Statement(subject, "", "", 0, 0) for subject in subjects if subject in described]
