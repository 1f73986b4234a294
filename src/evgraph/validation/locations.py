"""Where findings are: file, line and column of the statement, or its named graph; and the line of the source page."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from evgraph.namespaces import EVG, ID, OA, RDF
from evgraph.rdf.positions import Place, statements_of
from evgraph.shacl.paths import Compound
from evgraph.store.protocol import select_for
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.rdf.positions import Statement
    from evgraph.shacl.findings import Finding
    from evgraph.shacl.paths import Path
    from evgraph.store.protocol import Store, Term

_INGESTED = re.compile(re.escape(f"{ID}graph/") + r"(?:alcohol|drug)-[A-E][1-5]")
_TYPED = 2
_PLAIN = (ox.NamedNode, ox.Literal)


class PageLine(NamedTuple):
    """A line of a source page: the IRI of the passage, the cell (``drug-E4``) and the line, from 1."""

    passage: str
    cell: str
    line: int

    def __str__(self) -> str:
        """``drug-E4:48``, as query results show passages."""
        return f"{self.cell}:{self.line}"


def ingested(file: DataFile) -> bool:
    """Whether ingest writes a file, and would overwrite what a person changes in it."""
    return _INGESTED.fullmatch(file.graph) is not None


def locate_in_files(findings: Iterable[Finding], files: Sequence[DataFile]) -> Mapping[Finding, Place]:
    """Return the place of each finding whose focus node is in one of the files.

    The place is that of the value that breaks the shape; where one is missing, of the block of the focus node. Of
    several, one in a file that people write comes first.

    Args:
        findings: of a validation.
        files: the files that were validated.

    """
    by_focus: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if isinstance(finding.focus, ox.NamedNode):
            by_focus[finding.focus.value].append(finding)
    ranked: dict[Finding, tuple[int, Place]] = {}
    for file in sorted(files, key=ingested) if by_focus else ():
        block = Place(file.path, 0, 0)
        for statement in statements_of(file, by_focus):
            here = Place(file.path, statement.line, statement.column)
            block = block if statement.predicate else here
            for finding in by_focus[statement.subject]:
                rank = _rank(finding, statement)
                if rank > ranked.get(finding, (0, None))[0]:
                    ranked[finding] = rank, block if rank == _TYPED else here
    return {finding: place for finding, (_, place) in ranked.items()}


def locate_in_graphs(findings: Sequence[Finding], store: Store) -> Mapping[Finding, Place]:
    """Return the named graph of each finding whose focus node is in one: that of the statement, else of the type."""
    about: dict[Term, list[tuple[Term, Term, Term]]] = {}
    query = "SELECT DISTINCT ?s ?p ?o ?g WHERE { VALUES ?s {} GRAPH ?g { ?s ?p ?o } }"
    for node, predicate, value, graph in select_for(store, query, (finding.focus for finding in findings)):
        about.setdefault(node, []).append((predicate, value, graph))

    def graph_of(finding: Finding) -> str:
        def rank(statement: tuple[Term, Term, Term]) -> tuple[int, str]:
            predicate, value, graph = statement
            same = predicate == finding.path
            is_type = value_of(predicate) == f"{RDF}type"
            return (0 if same and value == finding.value else 1 if same else 2 if is_type else 3), value_of(graph)

        return value_of(min(about[finding.focus], key=rank)[2])

    return {finding: Place(graph_of(finding), 0, 0, is_graph=True) for finding in findings if finding.focus in about}


def page_lines(findings: Sequence[Finding], store: Store) -> Mapping[Finding, PageLine]:
    """Return the passage of each finding whose focus node is stated in a passage, or is one."""
    query = f"SELECT DISTINCT ?s ?o WHERE {{ VALUES ?s {{}} ?s <{EVG}statedIn> ?o }}"
    passages: dict[Term, Term] = {}
    for node, passage in select_for(store, query, (finding.focus for finding in findings)):
        passages[node] = min(passage, passages.get(node, passage), key=str)
    of_finding = {finding: passages.get(finding.focus, finding.focus) for finding in findings}
    query = f"SELECT DISTINCT ?s ?n ?o WHERE {{ VALUES ?s {{}} ?s <{EVG}line> ?n ; <{OA}hasSource> ?o }}"
    lines: dict[Term, PageLine] = {}
    for passage, line, source in select_for(store, query, of_finding.values()):
        if value_of(line).isdigit():
            cell = value_of(source).removeprefix(f"{ID}snapshot/").split("/")[0]
            page_line = PageLine(value_of(passage), cell, int(value_of(line)))
            lines[passage] = min(page_line, lines.get(passage, page_line))
    return {finding: lines[passage] for finding, passage in of_finding.items() if passage in lines}


def _rank(finding: Finding, statement: Statement) -> int:
    """Return how well a statement shows a finding: 4 its triple, 3 its property, 2 a type, 1 a block, 0 not at all."""
    if not statement.predicate:
        return 1
    if statement.predicate != _first(finding.path):
        return _TYPED if statement.predicate == f"{RDF}type" else 0
    if finding.value is None or isinstance(finding.path, Compound) or not isinstance(finding.value, _PLAIN):
        return 3
    return 4 if finding.value.value == statement.value else 0


def _first(path: Path | None) -> str:
    """Return the property that a path begins with; empty where it begins with an inverse or alternative path."""
    while isinstance(path, Compound):
        path = path.parts[0] if path.kind == "sequence" else None
    return path.value if isinstance(path, ox.NamedNode) else ""
