"""A validation's report for programs: JSON, CSV, and TOML with a waiver for each finding.

What was not checked is a row in CSV, with the severity ``not-checked``, and a comment in TOML.
"""

from __future__ import annotations

from datetime import timedelta
from json import dumps
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from evgraph.characters import escaped, visible
from evgraph.render.findings.view import path_iri, plain
from evgraph.render.rows import csv_line, guarded, json_term
from evgraph.shacl.findings import each, path_text, term_text
from evgraph.terms import value_of
from evgraph.validation.waivers import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from evgraph.rdf.positions import Place
    from evgraph.render.findings.view import ReportView
    from evgraph.shacl.findings import Finding
    from evgraph.validation.check import Rule
    from evgraph.validation.waivers import Waiver

_COLUMNS = (
    "severity", "rule", "file", "line", "column", "focus", "label", "path", "value", "triple", "message", "page",
    "source_shape", "component", "candidates", "related",
)  # fmt: skip # A later version may add some at the end.
_A_YEAR = timedelta(days=365)
_WAIVERS_HEAD = """\
# For each waiver, write the reason and who accepts the finding; "until" is the last day, without it there is no end.
# Put those that you keep into waivers.toml in the folder of the data.
"""


def json(view: ReportView) -> Iterator[str]:
    """Write ``{"conforms": …, "findings": […], "waived": […], "notices": […]}``.

    IRIs are strings; a value is an object as in the SPARQL results format
    (https://www.w3.org/TR/sparql11-results-json/#select-encode-terms), or null. A comparison with a revision adds
    ``"since": {"revision": …, "new": 2, "gone": 1, "unchanged": 14}`` and the list ``"gone"``; ``"findings"`` has the
    new ones. Findings that another one explains are in its ``"related"``, and nowhere else.
    """
    report = view.report
    yield f'{{\n  "conforms": {dumps(report.conforms)},\n'
    if report.since:
        numbers = {"new": len(report.findings), "gone": len(report.gone), "unchanged": len(report.unchanged)}
        yield f'  "since": {dumps({"revision": report.since, **numbers}, ensure_ascii=False)},\n'
    yield from _list("findings", (_finding(view, finding) for finding in each(report.findings)))
    if report.since:
        yield from _list("gone", (_finding(view, finding) for finding in report.gone))
    waived = (_finding(view, finding) | {"waiver": _waiver(waiver)} for finding, waiver in report.waived)
    yield from _list("waived", waived)
    yield from _list("notices", (notice._asdict() for notice in report.notices), end="\n}\n")


def csv(view: ReportView) -> Iterator[str]:
    """Write the exact values, as RFC 4180 has it: https://www.rfc-editor.org/rfc/rfc4180."""
    yield csv_line(_COLUMNS)
    for row in _rows(view):
        yield csv_line(row)


def spreadsheet(view: ReportView) -> Iterator[str]:
    """Write CSV for a person who opens it in a spreadsheet.

    What could be taken for a formula has an apostrophe before it, and cells are cut to what a spreadsheet holds. A
    byte-order mark says that it is UTF-8.
    """
    yield "\ufeff" + csv_line(_COLUMNS)
    for row in _rows(view):
        yield csv_line(map(guarded, row))


def waivers(view: ReportView) -> Iterator[str]:
    """Write a waiver in TOML for each finding that is not about a waiver; reason and name are left empty."""
    about_waivers = {rule.name for rule in RULES}
    findings = [finding for finding in view.report.findings if finding.rule not in about_waivers]
    named = [finding for finding in findings if isinstance(finding.focus, NamedNode)]
    yield _WAIVERS_HEAD if named else "# There is no finding to waive.\n"
    yield from dict.fromkeys(_new_waiver(finding, view.today + _A_YEAR) for finding in named)
    yield from (f"# Not checked: {message}\n" for message in view.not_checked())
    if nameless := {finding.focus for finding in findings} - {finding.focus for finding in named}:
        yield f"\n# Not listed: {len(nameless)} things without a name, which no waiver can refer to.\n"


def rules_as_json(rules: Sequence[Rule]) -> str:
    """Write an array of objects with the attributes of `Rule`."""
    objects = [rule._asdict() | {"severity": rule.severity.word} for rule in rules]
    return dumps(objects, ensure_ascii=False, indent=2) + "\n"


def _list(name: str, objects: Iterable[Mapping[str, object]], end: str = ",\n") -> Iterator[str]:
    """Write a member of the outer object, one item at a time."""
    separator = "\n    "
    yield f'  "{name}": ['
    for item in objects:
        # No line ends within a string, and other line separators (U+2028) are to stay.
        yield separator + dumps(item, ensure_ascii=False, indent=2).replace("\n", "\n    ")
        separator = ",\n    "
    yield f"\n  ]{end}" if separator.startswith(",") else f"]{end}"


def _finding(view: ReportView, finding: Finding) -> dict[str, object]:
    page, offer = view.pages.get(finding), view.fixes.get(finding)
    words = {"words": view.passages[page.passage]} if page and page.passage in view.passages else {}
    return {
        "severity": finding.severity.word,
        "rule": finding.rule,
        "label": finding.label,
        "focus": plain(finding.focus),
        "path": path_iri(finding.path) or None,
        "value": None if finding.value is None else json_term(finding.value),
        "message": finding.message,
        "triple": finding.triple,
        "source_shape": plain(finding.source_shape),
        "component": finding.component,
        **_location(view.locations.get(finding)),
        "page": page._asdict() | words if page else None,
        "fix": offer.description if offer and not offer.by_ingest else None,
        "candidates": [
            candidate._asdict() | {"thing": candidate.thing.value}
            for candidate in view.report.candidates.get(finding, ())
        ],
        "related": [_finding(view, related) for related in view.report.related.get(finding, ())],
    }


def _waiver(waiver: Waiver) -> dict[str, object]:
    until = None if waiver.until is None else waiver.until.isoformat()
    return {"reason": waiver.reason, "who": waiver.who, "until": until, **_location(waiver.place)}


def _location(place: Place | None) -> dict[str, object]:
    path, line, column = place[:3] if place else (None, None, None)
    return {"file": path, "line": line or None, "column": column or None}


def _rows(view: ReportView) -> Iterator[list[str]]:
    yield from (_row(view, finding) for finding in each(view.report.findings))
    for notice in view.report.not_checked:
        cells = {"severity": notice.kind, "rule": notice.kind, "focus": notice.term, "message": notice.message}
        yield [cells.get(name, "") for name in _COLUMNS]


def _row(view: ReportView, finding: Finding) -> list[str]:
    texts = {
        "value": value_of(finding.value),
        "page": str(view.pages.get(finding, "")),
        "candidates": "; ".join(view.candidates(finding)),
        "related": len(view.report.related.get(finding, ())),
    }
    fields = _finding(view, finding) | texts
    return [str(fields[name] or "") for name in _COLUMNS]


def _new_waiver(finding: Finding, until: date) -> str:
    values = {"rule": finding.rule, "focus": term_text(finding.focus)}
    if finding.path is not None:
        values["path"] = path_text(finding.path)
    if finding.value is not None:
        values["value"] = term_text(finding.value)
    lines = [f"{key} = {_toml_string(text)}" for key, text in values.items()]
    comment = f"# {visible(' '.join(finding.label.split()))}\n" if finding.label else ""
    return "\n".join(["", f"{comment}[[waiver]]", *lines, 'reason = ""', 'who = ""', f"until = {until}", ""])


def _toml_string(text: str) -> str:
    """Write a string in the quotes that need the fewest escapes: https://toml.io/en/v1.0.0#string."""
    if any(mark in text for mark in '"\\') and "'" not in text and text.isprintable():
        return f"'{text}'"
    return escaped(dumps(text, ensure_ascii=False))
