"""A validation's report for programs, as JSON: everything, exactly."""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.namespaces import XSD
from evgraph.shacl.paths import text as path_as_sparql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.rdf.positions import Place
    from evgraph.render.findings.account import Account
    from evgraph.shacl.findings import Finding
    from evgraph.shacl.paths import Path
    from evgraph.store.protocol import Term
    from evgraph.validation.waiver import Waiver


def json(account: Account) -> Iterator[str]:
    """Write ``{"conforms": …, "findings": […], "waived": […], "notices": […]}``.

    IRIs are strings; a value is an object as in the SPARQL results format
    (https://www.w3.org/TR/sparql11-results-json/#select-encode-terms), or null.
    """
    report = account.report
    yield f'{{\n  "conforms": {dumps(report.conforms)},\n'
    yield from _listed("findings", (_finding(account, one) for one in report.findings))
    yield ",\n"
    waived = (_finding(account, one.finding) | {"waiver": _waiver(one.waiver)} for one in report.waived)
    yield from _listed("waived", waived)
    yield ",\n"
    yield from _listed(
        "notices", ({"kind": one.kind, "term": one.term, "message": one.message} for one in report.notices)
    )
    yield "\n}\n"


def _listed(name: str, objects: Iterable[dict[str, object]]) -> Iterator[str]:
    """Write a member of the whole, an object at a time."""
    mark = "\n    "
    yield f'  "{name}": ['
    for one in objects:
        # Within a string no line ends, and what else may pass for a line's end (U+2028) is to stay as it is.
        yield mark + dumps(one, ensure_ascii=False, indent=2).replace("\n", "\n    ")
        mark = ",\n    "
    yield "\n  ]" if mark.startswith(",") else "]"


def _finding(account: Account, finding: Finding) -> dict[str, object]:
    page, offer = account.pages.get(finding), account.fixes.get(finding)
    words = {"words": account.words[page.passage]} if page and page.passage in account.words else {}
    return {
        "severity": finding.severity.word,
        "rule": finding.rule,
        "label": finding.label,
        "focus": plain(finding.focus),
        "path": None if finding.path is None else path_text(finding.path),
        "value": None if finding.value is None else _value(finding.value),
        "message": finding.message,
        "triple": finding.triple,
        "source_shape": plain(finding.source_shape),
        "component": finding.component,
        **_where(account.places.get(finding)),
        "page": page._asdict() | words if page else None,
        "fix": offer.words if offer and not offer.again else None,
    }


def _waiver(waiver: Waiver) -> dict[str, object]:
    until = None if waiver.until is None else waiver.until.isoformat()
    return {"reason": waiver.reason, "who": waiver.who, "until": until, **_where(waiver.place)}


def _where(place: Place | None) -> dict[str, object]:
    return {
        "file": place.path if place else None,
        "line": place.line or None if place else None,
        "column": place.column or None if place else None,
    }


def plain(term: Term) -> str:
    """Give an IRI as it is, any other term as N-Triples writes it."""
    return term.value if isinstance(term, ox.NamedNode) else str(term)


def path_text(path: Path) -> str:
    """Give a property's IRI, or a property path as SPARQL writes it."""
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
