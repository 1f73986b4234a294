"""Where each finding stands: file, line and column of the statement at fault, and the page's line it came from."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from evgraph.errors import UnreadableError
from evgraph.integrity.places.turtle_places import Reader, Statement, statements
from evgraph.integrity.shacl.paths import Compound
from evgraph.namespaces import EVG, ID, OA, RDF

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evgraph.integrity.findings import Finding
    from evgraph.integrity.shacl.paths import Path
    from evgraph.integrity.shacl.shapes_graph import Node
    from evgraph.store.files import DataFile
    from evgraph.store.protocol import Term

_TYPED = 2
_PLAIN = (ox.NamedNode, ox.Literal)
_READABLE = {"turtle", "trig", "ntriples", "nquads"}  # Formats in which `turtle_places` finds its way.


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


class PageLine(NamedTuple):
    """Where on a page a thing was read: the passage's IRI, the cell (``drug-E4``) and the line, from 1."""

    passage: str
    cell: str
    line: int

    def __str__(self) -> str:
        """``drug-E4:48``, as questions show passages."""
        return f"{self.cell}:{self.line}"


def locate(findings: Iterable[Finding], files: Sequence[DataFile]) -> Mapping[Finding, Place]:
    """Find the statements at fault.

    The value at fault is pointed at; where one is missing, the subject's block. Only the blocks of the findings'
    subjects are read.

    Args:
        findings: of one validation.
        files: the data that was validated.

    Returns:
        The findings whose subject stands in one of the files, with the place.

    """
    wanted: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if isinstance(finding.focus, ox.NamedNode):
            wanted[finding.focus.value].append(finding)
    found: dict[Finding, tuple[int, Place]] = {}
    for file in files if wanted else ():
        block = Place(file.path, 0, 0)
        for statement in _statements(file, wanted):
            here = Place(file.path, statement.line, statement.column)
            block = block if statement.predicate else here
            for finding in wanted[statement.subject]:
                rank = _rank(finding, statement)
                if rank > found.get(finding, (0, None))[0]:
                    found[finding] = rank, block if rank == _TYPED else here
    return {finding: place for finding, (_, place) in found.items()}


def place_of(node: Node, files: Iterable[DataFile]) -> Place | None:
    """Find the block of a node: the one that says what it is, else the first; None where no file has it by name."""
    first = None
    for file in files if isinstance(node, ox.NamedNode) else ():
        block = Place(file.path, 0, 0)
        for statement in _statements(file, [node.value]):
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


def page_lines(findings: Iterable[Finding], files: Sequence[DataFile]) -> Mapping[Finding, PageLine]:
    """Find the passages that the things at fault were read from.

    Returns:
        The findings whose focus node is stated in a passage, or is one.

    """
    findings = list(findings)
    wanted = {one.focus.value for one in findings if isinstance(one.focus, ox.NamedNode)}
    stated: dict[str, str] = {}
    lines: dict[str, int] = {}
    sources: dict[str, str] = {}
    for file in files if wanted else ():
        for quad in file.quads():
            if not isinstance(quad.subject, ox.NamedNode):
                continue
            subject, predicate = quad.subject.value, quad.predicate.value
            if predicate == f"{EVG}statedIn" and subject in wanted and isinstance(quad.object, ox.NamedNode):
                stated[subject] = quad.object.value
            elif predicate == f"{EVG}line" and isinstance(quad.object, ox.Literal) and quad.object.value.isdigit():
                lines[subject] = int(quad.object.value)
            elif predicate == f"{OA}hasSource" and isinstance(quad.object, ox.NamedNode):
                sources[subject] = quad.object.value.removeprefix(f"{ID}snapshot/").split("/")[0]
    passages = {subject: stated.get(subject, subject) for subject in wanted}
    found: dict[Finding, PageLine] = {}
    for finding in findings:
        passage = passages.get(finding.focus.value, "") if isinstance(finding.focus, ox.NamedNode) else ""
        if passage in lines:
            found[finding] = PageLine(passage, sources.get(passage, ""), lines[passage])
    return found


def _statements(file: DataFile, subjects: Iterable[str]) -> Iterable[Statement]:
    try:
        text = file.content().decode("utf-8", "replace")
    except UnreadableError:
        return ()
    if file.format.name in _READABLE:
        return statements(text, subjects, file.base)
    # RDF/XML and JSON-LD: the file can be named where it describes the subject, the line cannot.
    described = {quad.subject.value for quad in file.quads() if isinstance(quad.subject, ox.NamedNode)}
    return [Statement(subject, "", "", 0, 0) for subject in subjects if subject in described]


def _rank(finding: Finding, statement: Statement) -> int:
    """Say how well a statement shows a fault: 4 its very triple, 3 its property, 0 not at all.

    Of the subject's blocks, the one that says what it is (2) goes before any other (1).
    """
    if not statement.predicate:
        return 1
    if statement.predicate != _first(finding.path):
        return _TYPED if statement.predicate == f"{RDF}type" else 0
    if finding.value is None or isinstance(finding.path, Compound) or not isinstance(finding.value, _PLAIN):
        return 3
    return 4 if finding.value.value == statement.value else 0


def _first(path: Path | None) -> str:
    """Give the property that a path begins with; empty where it begins with none of the subject's own."""
    while isinstance(path, Compound):
        path = path.parts[0] if path.kind == "sequence" else None
    return path.value if isinstance(path, ox.NamedNode) else ""
