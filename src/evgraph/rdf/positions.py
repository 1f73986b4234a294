"""Line and column of statements and of terms in RDF files."""

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

_READABLE = {"turtle", "trig", "ntriples", "nquads"}  # By `turtle_positions`.


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
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path


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
        return statements(text, subjects, file.base)
    described = {quad.subject.value for quad in file.quads() if isinstance(quad.subject, ox.NamedNode)}
    return [Statement(subject, "", "", 0, 0) for subject in subjects if subject in described]
