"""A validation's report as text for people, as JSON, and as the standard's own Turtle."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.integrity.findings import Finding, Report, Severity, path_text, term_text
from evgraph.integrity.paths import Compound, Path
from evgraph.integrity.paths import text as path_as_sparql
from evgraph.namespaces import EVG, RDF, SH, XSD, curie
from evgraph.publish.turtle import turtle as write_turtle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from evgraph.integrity.locate import PageLine, Place
    from evgraph.integrity.waivers import Waiver
    from evgraph.store.protocol import Term

# https://www.w3.org/TR/rdf11-concepts/#section-skolemization
_GENID = "https://w3id.org/.well-known/genid/evgraph/"
_PLURALS = {
    "Analysis": "analyses",
    "Commentary": "commentaries",
    "Entry": "entries",
    "Guidance": "guidance",
    "Matrix": "matrices",
    "Study": "studies",
}


def text(
    report: Report, places: Mapping[Finding, Place] | None = None, pages: Mapping[Finding, PageLine] | None = None
) -> str:
    """Write a report for people: findings by severity and rule, then the notices, then one line that sums up.

    Args:
        report: of a validation.
        places: where findings stand in the data.
        pages: where on a page the things at fault were read.

    """
    lines: list[str] = []
    for (severity, rule, message), about in _grouped(report.findings).items():
        lines += [f"{severity.word} {rule}", f"  {message}"]
        for finding in about:
            name = term_text(finding.focus)
            called = f"{finding.label} ({name})" if finding.label else name
            lines.append(f"  - {places[finding]}: {called}" if places and finding in places else f"  - {called}")
            if finding.path is not None:
                lines.append(f"    {finding.triple}")
            if pages and finding in pages:
                lines.append(f"    read from {pages[finding]}")
        lines.append("")
    idle = [curie(notice.term) for notice in report.notices if notice.kind == "unused-target"]
    lines += [f"notice: {notice.message}" for notice in report.notices if notice.kind != "unused-target"]
    if idle:
        lines.append(f"notice: the data holds none of these, so nothing of the kind was checked: {', '.join(idle)}")
    if report.waived:
        lines.append(waived_summary(report))
    lines.append(summary(report))
    return "\n".join(lines) + "\n"


def _grouped(findings: Iterable[Finding]) -> dict[tuple[Severity, str, str], list[Finding]]:
    """Group findings by what is wrong; a triple that breaks several constraints of one shape is told once."""
    groups: dict[tuple[Severity, str, str], dict[str, Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity, finding.rule, finding.message), {}).setdefault(finding.triple, finding)
    return {key: list(group.values()) for key, group in groups.items()}


def summary(report: Report) -> str:
    """Give the counts in one line: ``2 violations, 1 warning; 53 things checked: 22 documents, 31 entries``."""
    counts: Counter[Severity] = Counter()
    for (severity, _, _), about in _grouped(report.findings).items():
        counts[severity] += len(about)
    found = [_counted(counts[severity], severity.word) for severity in Severity if counts[severity]]
    checked = [_counted(count, _class_name(cls)) for cls, count in report.checked]
    things = _counted(report.focus_count, "thing")
    return f"{', '.join(found) or 'no findings'}; {things} checked" + (f": {', '.join(checked)}" if checked else "")


def waived_summary(report: Report) -> str:
    """Count the waived findings in one line: ``3 findings waived: 2 dangling-reference, 1 missing-section``."""
    by_rule: Counter[str] = Counter()
    for (_, rule, _), about in _grouped(one.finding for one in report.waived).items():
        by_rule[rule] += len(about)
    counts = ", ".join(f"{count} {rule}" for rule, count in sorted(by_rule.items()))
    return f"{_counted(by_rule.total(), 'finding')} waived: {counts}"


def as_json(
    report: Report, places: Mapping[Finding, Place] | None = None, pages: Mapping[Finding, PageLine] | None = None
) -> str:
    """Write ``{"conforms": …, "findings": […], "waived": […], "notices": […]}``; for the arguments see `text`.

    IRIs are strings; a value is an object as in the SPARQL results format
    (https://www.w3.org/TR/sparql11-results-json/#select-encode-terms), or null.
    """

    def told(finding: Finding) -> dict[str, object]:
        return {
            "severity": finding.severity.word,
            "rule": finding.rule,
            "label": finding.label,
            "focus": _plain(finding.focus),
            "path": None if finding.path is None else _path(finding.path),
            "value": None if finding.value is None else _value(finding.value),
            "message": finding.message,
            "triple": finding.triple,
            "source_shape": _plain(finding.source_shape),
            "component": finding.component,
            **_where(places[finding] if places and finding in places else None),
            "page": pages[finding]._asdict() if pages and finding in pages else None,
        }

    waived = [told(finding) | {"waiver": _waiver(waiver)} for finding, waiver in report.waived]
    notices = [{"kind": notice.kind, "term": notice.term, "message": notice.message} for notice in report.notices]
    findings = [told(finding) for finding in report.findings]
    whole = {"conforms": report.conforms, "findings": findings, "waived": waived, "notices": notices}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def _waiver(waiver: Waiver) -> dict[str, str | int | None]:
    until = None if waiver.until is None else waiver.until.isoformat()
    return {"reason": waiver.reason, "who": waiver.who, "until": until, **_where(waiver.place)}


def _where(place: Place | None) -> dict[str, str | int | None]:
    return {
        "file": place.path if place else None,
        "line": place.line or None if place else None,
        "column": place.column or None if place else None,
    }


def turtle(report: Report) -> bytes:
    """Write a SHACL validation report; IRIs stand for what would be blank nodes, the same ones in every run.

    A waived finding is a result, too: the standard knows no waivers.

    https://www.w3.org/TR/shacl/#validation-report
    """
    return write_turtle(_triples(report))


def _triples(report: Report) -> Iterator[ox.Triple]:
    found = [*report.findings, *(one.finding for one in report.waived)]
    results = [(_genid("result", *map(str, finding.order)), finding) for finding in found]
    root = _genid("report", *(node.value for node, _ in results))
    yield ox.Triple(root, _term(f"{RDF}type"), _sh("ValidationReport"))
    conforms = ox.Literal("true" if report.conforms else "false", datatype=ox.NamedNode(f"{XSD}boolean"))
    yield ox.Triple(root, _sh("conforms"), conforms)
    for node, finding in results:
        yield ox.Triple(root, _sh("result"), node)
        yield ox.Triple(node, _term(f"{RDF}type"), _sh("ValidationResult"))
        yield ox.Triple(node, _sh("focusNode"), _skolem(finding.focus))
        yield ox.Triple(node, _sh("resultSeverity"), _term(finding.severity.iri))
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


def _plain(term: Term) -> str:
    return term.value if isinstance(term, ox.NamedNode) else str(term)


def _path(path: Path) -> str:
    return path.value if isinstance(path, ox.NamedNode) else path_as_sparql(path)


def _value(term: Term) -> dict[str, str]:
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    if not isinstance(term, ox.Literal):
        return {"type": "triple", "value": str(term)}
    literal = {"type": "literal", "value": term.value}
    if term.language:
        return literal | {"xml:lang": term.language}
    return literal if term.datatype.value == f"{XSD}string" else literal | {"datatype": term.datatype.value}


def _class_name(iri: str) -> str:
    return iri.removeprefix(EVG) if iri.startswith(EVG) else curie(iri)


def _counted(count: int, name: str) -> str:
    if count == 1 or ":" in name:
        return f"{count} {_words(name)}"
    return f"{count} {_PLURALS.get(name) or _words(name) + 's'}"


def _words(name: str) -> str:
    """Turn a class's local name into words: ``CellSnapshot`` → ``cell snapshot``."""
    return "".join(f" {letter.lower()}" if letter.isupper() and i else letter.lower() for i, letter in enumerate(name))
