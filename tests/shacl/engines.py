"""Both judges on the same small data and shapes: Turtle in, findings out."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from evgraph.formats import FORMATS
from evgraph.rdf.files import DataFile
from evgraph.shacl import pyshacl_adapter as reference
from evgraph.shacl import selects
from evgraph.shacl.compile import Compiled, compile_shapes
from evgraph.shacl.shapes_graph import ShapesGraph
from evgraph.validation.loaded import Loaded

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


def compiled(data: str, shapes: str) -> tuple[Compiled, list[Finding]]:
    """Give what was compiled, and what the SELECTs find."""
    loaded, graph = Loaded([file(data)], []), ShapesGraph([file(shapes)])
    rules = compile_shapes(graph, loaded.subclasses, loaded.written)
    return rules, list(selects.findings_of(loaded, rules.rules, graph))


def referred(data: str, shapes: str) -> list[Finding]:
    """Give what pySHACL finds."""
    graph = ShapesGraph([file(shapes)])
    return reference.findings_of([file(data)], [], [file(shapes)], graph, graph.roots)


def short(findings: list[Finding]) -> Found:
    """Give all of a finding but its message: where a shape has none, each judge has words of its own."""
    return {
        (
            str(one.focus),
            str(one.path),
            str(one.value),
            str(one.source_shape),
            one.component.rpartition("#")[2],
            one.rule,
            one.severity.word,
        )
        for one in findings
    }
