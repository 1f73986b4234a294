"""Findings of compiled shapes and of pySHACL for the same small data, from Turtle."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from evgraph.formats import FORMATS
from evgraph.rdf.files import DataFile
from evgraph.shacl import pyshacl_adapter as reference
from evgraph.shacl.compile import CompiledShapes, compile_shapes, findings_of, with_nodes
from evgraph.shacl.shapes_graph import ShapesGraph
from evgraph.validation.file_source import FileSource

if TYPE_CHECKING:
    from evgraph.shacl.findings import Finding

PREFIXES = """
@prefix ex: <http://example.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
Found: TypeAlias = set[tuple[str, ...]]


def file(turtle: str, name: str = "data.ttl") -> DataFile:
    return DataFile(name, FORMATS["turtle"], f"http://example.org/graph/{name}", (PREFIXES + turtle).encode())


def compiled(data: str, shapes: str) -> tuple[CompiledShapes, list[Finding]]:
    """Return the compiled shapes and their findings."""
    source, graph = FileSource([file(data)], []), ShapesGraph([file(shapes)])
    source.add_nodes(value for root in graph.roots for kind, value in graph.targets(root) if kind == "targetNode")
    shapes_compiled = compile_shapes(
        graph, source.subclasses, source.marked_datatypes, has_targets=True, uncommon=source.uncommon
    )
    findings: list[Finding] = []
    source.call_functions(shapes_compiled.in_conditions.functions(source, graph))
    queries = [with_nodes(source, query) for query in shapes_compiled.queries]
    for query in sorted(queries, key=lambda query: query.by_author and not query.sees_marks):
        if query.by_author and not query.sees_marks:
            source.unmark_literals()
        findings += findings_of(source, query, graph)
    return shapes_compiled, findings


def referred(data: str, shapes: str, roots: set[str] | None = None) -> list[Finding]:
    """Return the findings of pySHACL by some shapes with targets, else all."""
    graph = ShapesGraph([file(shapes)])
    chosen = [root for root in graph.roots if roots is None or str(root) in roots]
    return reference.findings_of([file(data)], [], [file(shapes)], graph, chosen)


def short(findings: list[Finding]) -> Found:
    """Give all of a finding but its message: where a shape has none, each judge has words of its own."""
    return {
        (
            str(finding.focus),
            str(finding.path),
            str(finding.value),
            str(finding.source_shape),
            finding.component.rpartition("#")[2],
            finding.rule,
            finding.severity.word,
        )
        for finding in findings
    }
