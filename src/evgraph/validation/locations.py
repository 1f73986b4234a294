"""Where each finding stands: file, line and column of the statement at fault, and the page's line it came from."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from evgraph.namespaces import EVG, ID, OA, RDF
from evgraph.rdf.positions import Place, statements_of
from evgraph.shacl.paths import Compound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.rdf.turtle_positions import Statement
    from evgraph.shacl.findings import Finding
    from evgraph.shacl.paths import Path

_TYPED = 2
_PLAIN = (ox.NamedNode, ox.Literal)


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
        for statement in statements_of(file, wanted):
            here = Place(file.path, statement.line, statement.column)
            block = block if statement.predicate else here
            for finding in wanted[statement.subject]:
                rank = _rank(finding, statement)
                if rank > found.get(finding, (0, None))[0]:
                    found[finding] = rank, block if rank == _TYPED else here
    return {finding: place for finding, (_, place) in found.items()}


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
