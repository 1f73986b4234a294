"""A validation's report as a SHACL validation report in Turtle."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.namespaces import RDF, SH, XSD
from evgraph.rdf.turtle import turtle as write_turtle
from evgraph.shacl.findings import path_text
from evgraph.shacl.paths import Compound, Path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.render.findings.view import ReportView
    from evgraph.store.protocol import Term
    from evgraph.validation.report import Report

# https://www.w3.org/TR/rdf11-concepts/#section-skolemization
_GENID = "https://w3id.org/.well-known/genid/evgraph/"


def turtle(view: ReportView) -> Iterator[str]:
    """Write a SHACL validation report, with IRIs instead of blank nodes, the same ones in every run.

    Waived and unchanged findings are results, too: the standard has neither waivers nor baselines.

    https://www.w3.org/TR/shacl/#validation-report
    """
    yield write_turtle(_triples(view.report)).decode()


def _triples(report: Report) -> Iterator[ox.Triple]:
    findings = [*report.findings, *report.unchanged, *(waived.finding for waived in report.waived)]
    results = [
        (_genid("result", *map(str, finding.order), *([str(time)] if time else [])), finding)
        for finding in findings
        for time in range(finding.times)
    ]
    root = _genid("report", *(node.value for node, _ in results))
    yield ox.Triple(root, _term(f"{RDF}type"), _sh("ValidationReport"))
    conforms = ox.Literal("true" if report.conforms else "false", datatype=ox.NamedNode(f"{XSD}boolean"))
    yield ox.Triple(root, _sh("conforms"), conforms)
    for node, finding in results:
        yield ox.Triple(root, _sh("result"), node)
        yield ox.Triple(node, _term(f"{RDF}type"), _sh("ValidationResult"))
        yield ox.Triple(node, _sh("focusNode"), _skolem(finding.focus))
        yield ox.Triple(node, _sh("resultSeverity"), _term(finding.other_severity or finding.severity.iri))
        yield ox.Triple(node, _sh("sourceShape"), _skolem(finding.source_shape))
        yield ox.Triple(node, _sh("sourceConstraintComponent"), _term(finding.component))
        yield ox.Triple(node, _sh("resultMessage"), ox.Literal(finding.message))
        if finding.value is not None:
            yield ox.Triple(node, _sh("value"), _skolem(finding.value))
        if finding.path is not None:
            yield ox.Triple(node, _sh("resultPath"), _path_node(finding.path))
            yield from _path_triples(finding.path)


def _path_node(path: Path) -> ox.NamedNode:
    return path if isinstance(path, ox.NamedNode) else _genid("path", path_text(path))


def _path_triples(path: Path) -> Iterator[ox.Triple]:
    if not isinstance(path, Compound):
        return
    node, parts = _path_node(path), [_path_node(part) for part in path.parts]
    if path.kind == "sequence":
        yield from _list_triples(node, parts)
    elif path.kind == "alternativePath":
        members = _genid("path", path_text(path), "members")
        yield ox.Triple(node, _sh(path.kind), members)
        yield from _list_triples(members, parts)
    else:
        yield ox.Triple(node, _sh(path.kind), parts[0])
    for part in path.parts:
        yield from _path_triples(part)


def _list_triples(head: ox.NamedNode, members: list[ox.NamedNode]) -> Iterator[ox.Triple]:
    for i, member in enumerate(members):
        last = i == len(members) - 1
        rest = _term(f"{RDF}nil") if last else _genid("list", head.value, str(i))
        yield ox.Triple(head, _term(f"{RDF}first"), member)
        yield ox.Triple(head, _term(f"{RDF}rest"), rest)
        head = rest


def _genid(kind: str, *words: str) -> ox.NamedNode:
    digest = hashlib.sha256("\x00".join(words).encode()).hexdigest()[:16]
    return ox.NamedNode(f"{_GENID}{kind}-{digest}")


def _skolem(term: Term) -> Term:
    return _genid("node", term.value) if isinstance(term, ox.BlankNode) else term


def _sh(name: str) -> ox.NamedNode:
    return ox.NamedNode(SH + name)


def _term(iri: str) -> ox.NamedNode:
    return ox.NamedNode(iri)
