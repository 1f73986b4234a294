"""A validation's report as a table, a row a finding: for programs, and for a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.render.findings.json import path_text, plain
from evgraph.render.results import csv_line
from evgraph.terms import value_of as value_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evgraph.render.findings.account import Account
    from evgraph.shacl.findings import Finding

COLUMNS = (
    "severity", "rule", "file", "line", "column", "focus", "label", "path", "value", "triple", "message", "page",
    "source_shape", "component",
)  # fmt: skip
"""What the columns are called, in their order; a later version may add some at the end."""

# What makes a spreadsheet take a cell for a formula. https://owasp.org/www-community/attacks/CSV_Injection
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LONGEST_CELL = 32_767  # Longer ones spill over into the next rows of some spreadsheets.


def csv(account: Account) -> Iterator[str]:
    """Write what the data holds, exactly, as RFC 4180 has it: https://www.rfc-editor.org/rfc/rfc4180."""
    yield csv_line(COLUMNS)
    for finding in account.report.findings:
        yield csv_line(_row(account, finding))


def spreadsheet(account: Account) -> Iterator[str]:
    """Write the same for a person who opens it in a spreadsheet.

    No cell is taken for a formula: what could be one has an apostrophe before it, and cells are cut to what a
    spreadsheet holds. A byte-order mark tells that it is UTF-8.
    """
    yield "\ufeff" + csv_line(COLUMNS)
    for finding in account.report.findings:
        yield csv_line([_guarded(cell) for cell in _row(account, finding)])


def _row(account: Account, finding: Finding) -> Sequence[str]:
    place, page = account.places.get(finding), account.pages.get(finding)
    return (
        finding.severity.word,
        finding.rule,
        place.path if place else "",
        str(place.line or "") if place else "",
        str(place.column or "") if place else "",
        plain(finding.focus),
        finding.label,
        "" if finding.path is None else path_text(finding.path),
        value_text(finding.value),
        finding.triple,
        finding.message,
        str(page or ""),
        plain(finding.source_shape),
        finding.component,
    )


def _guarded(cell: str) -> str:
    cell = f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell
    return cell if len(cell) <= _LONGEST_CELL else f"{cell[: _LONGEST_CELL - 1]}…"
