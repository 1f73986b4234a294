"""A validation's report as a SHACL validation report in Turtle."""

from __future__ import annotations

import hashlib
from itertools import chain
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.namespaces import RDF, RDFS, SH
from evgraph.rdf.turtle import turtle as write_turtle
from evgraph.shacl.findings import path_text
from evgraph.shacl.paths import Compound, Path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.render.findings.view import ReportView
    from evgraph.shacl.findings import Finding
    from evgraph.store.protocol import Term
    from evgraph.validation.report import Report

# https://www.w3.org/TR/rdf11-concepts/#section-skolemization
_GENID = "https://w3id.org/.well-known/genid/evgraph/"
_COMMENT = ox.NamedNode(f"{RDFS}comment")
_TYPE, _FIRST, _REST, _NIL = (ox.NamedNode(RDF + name) for name in ("type", "first", "rest", "nil"))


def turtle(view: ReportView) -> Iterator[str]:
    """Write a SHACL validation report, with IRIs instead of blank nodes, the same ones in every run.

    Waived and unchanged findings are results, too: the standard has neither waivers nor baselines. Findings that
    another one explains are its details (https://www.w3.org/TR/shacl/#results-detail). Each notice is a comment of the
    report; where something was not checked, the data does not conform.

    https://www.w3.org/TR/shacl/#validation-report
    """
    yield write_turtle(_triples(view.report)).decode()


def _triples(report: Report) -> Iterator[ox.Triple]:
    findings = [*report.findings, *report.unchanged, *(waived.finding for waived in report.waived)]
    results = _results(findings)
    details = {finding: _results(report.related.get(finding, ())) for _, finding in results}
    root = _genid("report", *(node.value for node, _ in results), *(notice.message for notice in report.notices))
    yield ox.Triple(root, _TYPE, _sh("ValidationReport"))
    yield ox.Triple(root, _sh("conforms"), ox.Literal(report.conforms))
    yield from (ox.Triple(root, _COMMENT, ox.Literal(notice.message)) for notice in report.notices)
    yield from (ox.Triple(root, _sh("result"), node) for node, _ in results)
    yield from (ox.Triple(node, _sh("detail"), detail) for node, finding in results for detail, _ in details[finding])
    for node, finding in chain(results, *details.values()):
        values = {
            "focusNode": _skolem(finding.focus),
            "resultSeverity": ox.NamedNode(finding.other_severity or finding.severity.iri),
            "sourceShape": _skolem(finding.source_shape),
            "sourceConstraintComponent": ox.NamedNode(finding.component),
            "resultMessage": ox.Literal(finding.message),
            "value": None if finding.value is None else _skolem(finding.value),
            "resultPath": None if finding.path is None else _path_node(finding.path),
        }
        yield ox.Triple(node, _TYPE, _sh("ValidationResult"))
        yield from (ox.Triple(node, _sh(name), value) for name, value in values.items() if value is not None)
        if finding.path is not None:
            yield from _path_triples(finding.path)


def _results(findings: Iterable[Finding]) -> list[tuple[ox.NamedNode, Finding]]:
    return [
        (_genid("result", *map(str, finding.order), *([str(time)] if time else [])), finding)
        for finding in findings
        for time in range(finding.times)
    ]


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
    nodes = [head, *(_genid("list", head.value, str(i)) for i in range(len(members) - 1))]
    for node, member, rest in zip(nodes, members, [*nodes[1:], _NIL], strict=True):
        yield ox.Triple(node, _FIRST, member)
        yield ox.Triple(node, _REST, rest)


def _genid(kind: str, *words: str) -> ox.NamedNode:
    digest = hashlib.sha256("\x00".join(words).encode()).hexdigest()[:16]
    return ox.NamedNode(f"{_GENID}{kind}-{digest}")


def _skolem(term: Term) -> Term:
    return _genid("node", term.value) if isinstance(term, ox.BlankNode) else term


def _sh(name: str) -> ox.NamedNode:
    return ox.NamedNode(SH + name)
