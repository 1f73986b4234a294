"""A validation's report as JSON: all of it, with exact values."""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.namespaces import XSD
from evgraph.render.findings.view import path_text, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.rdf.positions import Place
    from evgraph.render.findings.view import ReportView
    from evgraph.shacl.findings import Finding
    from evgraph.store.protocol import Term
    from evgraph.validation.waivers import Waiver


def json(view: ReportView) -> Iterator[str]:
    """Write ``{"conforms": …, "findings": […], "waived": […], "notices": […]}``.

    IRIs are strings; a value is an object as in the SPARQL results format
    (https://www.w3.org/TR/sparql11-results-json/#select-encode-terms), or null. A comparison with a revision adds
    ``"since": {"revision": …, "new": 2, "gone": 1, "unchanged": 14}`` and the list ``"gone"``; ``"findings"`` has the
    new ones.
    """
    report = view.report
    yield f'{{\n  "conforms": {dumps(report.conforms)},\n'
    if report.since:
        since = {
            "revision": report.since,
            "new": len(report.findings),
            "gone": len(report.gone),
            "unchanged": len(report.unchanged),
        }
        yield f'  "since": {dumps(since, ensure_ascii=False)},\n'
    yield from _list("findings", (_finding(view, finding) for finding in report.findings))
    yield ",\n"
    if report.since:
        yield from _list("gone", (_finding(view, finding) for finding in report.gone))
        yield ",\n"
    waived = (_finding(view, finding) | {"waiver": _waiver(waiver)} for finding, waiver in report.waived)
    yield from _list("waived", waived)
    yield ",\n"
    yield from _list(
        "notices", ({"kind": notice.kind, "term": notice.term, "message": notice.message} for notice in report.notices)
    )
    yield "\n}\n"


def _list(name: str, objects: Iterable[dict[str, object]]) -> Iterator[str]:
    """Write a member of the outer object, one item at a time."""
    separator = "\n    "
    yield f'  "{name}": ['
    for item in objects:
        # No line ends within a string, and other line separators (U+2028) are to stay.
        yield separator + dumps(item, ensure_ascii=False, indent=2).replace("\n", "\n    ")
        separator = ",\n    "
    yield "\n  ]" if separator.startswith(",") else "]"


def _finding(view: ReportView, finding: Finding) -> dict[str, object]:
    page, offer = view.pages.get(finding), view.fixes.get(finding)
    words = {"words": view.passages[page.passage]} if page and page.passage in view.passages else {}
    return {
        "severity": finding.severity.word,
        "rule": finding.rule,
        "label": finding.label,
        "focus": plain(finding.focus),
        "path": path_text(finding.path) or None,
        "value": None if finding.value is None else _value(finding.value),
        "message": finding.message,
        "triple": finding.triple,
        "source_shape": plain(finding.source_shape),
        "component": finding.component,
        **_location(view.locations.get(finding)),
        "page": page._asdict() | words if page else None,
        "fix": offer.description if offer and not offer.by_ingest else None,
    }


def _waiver(waiver: Waiver) -> dict[str, object]:
    until = None if waiver.until is None else waiver.until.isoformat()
    return {"reason": waiver.reason, "who": waiver.who, "until": until, **_location(waiver.place)}


def _location(place: Place | None) -> dict[str, object]:
    return {
        "file": place.path if place else None,
        "line": place.line or None if place else None,
        "column": place.column or None if place else None,
    }


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
