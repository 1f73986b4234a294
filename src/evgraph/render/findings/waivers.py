"""A waiver for each finding, without its reason, to put into a file of waivers; see `evgraph.validation.waivers`."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from evgraph.shacl.findings import path_text, term_text
from evgraph.validation.waivers import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from evgraph.render.findings.view import ReportView
    from evgraph.shacl.findings import Finding

_A_YEAR = timedelta(days=365)  # Whoever wants a waiver for longer changes its day.
_HEAD = """\
# For each waiver, write the reason and who accepts the finding; "until" is the last day, without it there is no end.
# Put those that you keep into waivers.toml in the folder of the data.
"""


def waivers(view: ReportView) -> Iterator[str]:
    """Write a waiver in TOML for each finding that is not about a waiver; reason and name are left empty."""
    about_waivers = {rule.name for rule in RULES}
    findings = [finding for finding in view.report.findings if finding.rule not in about_waivers]
    named = [finding for finding in findings if isinstance(finding.focus, NamedNode)]
    yield _HEAD if named else "# There is no finding to waive.\n"
    yield from dict.fromkeys(_entry(finding, view.today + _A_YEAR) for finding in named)
    if nameless := {finding.focus for finding in findings} - {finding.focus for finding in named}:
        yield f"\n# Not listed: {len(nameless)} things without a name, which no waiver can refer to.\n"


def _entry(finding: Finding, until: date) -> str:
    values = {"rule": finding.rule, "focus": term_text(finding.focus)}
    if finding.path is not None:
        values["path"] = path_text(finding.path)
    if finding.value is not None:
        values["value"] = term_text(finding.value)
    lines = [f"{key} = {_string(text)}" for key, text in values.items()]
    comment = f"# {' '.join(finding.label.split())}\n" if finding.label else ""
    return "\n".join(["", f"{comment}[[waiver]]", *lines, 'reason = ""', 'who = ""', f"until = {until}", ""])


def _string(text: str) -> str:
    """Write a TOML string, in the quotes that need the fewest escapes.

    https://toml.io/en/v1.0.0#string
    """
    if any(mark in text for mark in '"\\') and "'" not in text and text.isprintable():
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
