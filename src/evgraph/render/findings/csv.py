"""A validation's report as CSV, one row per finding: for programs, and for a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.render.findings.view import path_text, plain
from evgraph.render.results import csv_line
from evgraph.terms import value_of as value_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evgraph.render.findings.view import ReportView
    from evgraph.shacl.findings import Finding

COLUMNS = (
    "severity", "rule", "file", "line", "column", "focus", "label", "path", "value", "triple", "message", "page",
    "source_shape", "component",
)  # fmt: skip
"""The names of the columns, in their order; a later version may add some at the end."""

# What makes a spreadsheet take a cell for a formula. https://owasp.org/www-community/attacks/CSV_Injection
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LONGEST_CELL = 32_767  # Longer ones run over into the next rows of some spreadsheets.


def csv(view: ReportView) -> Iterator[str]:
    """Write the exact values, as RFC 4180 has it: https://www.rfc-editor.org/rfc/rfc4180."""
    yield csv_line(COLUMNS)
    for finding in view.report.findings:
        yield csv_line(_row(view, finding))


def spreadsheet(view: ReportView) -> Iterator[str]:
    """Write CSV for a person who opens it in a spreadsheet.

    What could be taken for a formula has an apostrophe before it, and cells are cut to what a spreadsheet holds. A
    byte-order mark says that it is UTF-8.
    """
    yield "\ufeff" + csv_line(COLUMNS)
    for finding in view.report.findings:
        yield csv_line([_guarded(cell) for cell in _row(view, finding)])


def _row(view: ReportView, finding: Finding) -> Sequence[str]:
    location = view.locations.get(finding)
    return (
        finding.severity.word,
        finding.rule,
        location.path if location else "",
        str(location.line or "") if location else "",
        str(location.column or "") if location else "",
        plain(finding.focus),
        finding.label,
        path_text(finding.path),
        value_text(finding.value),
        finding.triple,
        finding.message,
        str(view.pages.get(finding, "")),
        plain(finding.source_shape),
        finding.component,
    )


def _guarded(cell: str) -> str:
    cell = f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell
    return cell if len(cell) <= _LONGEST_CELL else f"{cell[: _LONGEST_CELL - 1]}…"
