"""A validation's findings as annotations of a GitHub workflow, beside the lines of a pull request.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.render.findings.view import LONG, thing
from evgraph.shacl.findings import Severity
from evgraph.text import plural, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from evgraph.render.findings.view import ReportView
    from evgraph.shacl.findings import Finding

_COMMANDS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_MOST = 10  # GitHub shows so many of each kind for a step, and drops the rest without a word.


def github(view: ReportView) -> Iterator[str]:
    """Write one workflow command per finding, as many as GitHub shows; one more notice counts the rest."""
    by_severity: dict[Severity, list[tuple[str, Finding]]] = {severity: [] for severity in Severity}
    for group in view.groups():
        for message, findings in group.messages.items():
            by_severity[group.severity] += ((message, finding) for finding in findings)
    most = dict.fromkeys(Severity, _MOST)
    if any(len(pairs) > _MOST for pairs in by_severity.values()):
        most[Severity.INFO] -= 1  # Room for the notice that counts the rest.
    for severity, pairs in by_severity.items():
        yield from (_annotation(view, message, finding) for message, finding in pairs[: most[severity]])
    rest = {severity: len(pairs) - most[severity] for severity, pairs in by_severity.items()}
    if totals := [plural(number, severity.word) for severity, number in rest.items() if number > 0]:
        yield _command("notice", {"title": "evgraph"}, f"and {', '.join(totals)} more; a report as text lists all")
    yield from (f"evgraph: {line}\n" for line in view.summaries())


def _annotation(view: ReportView, message: str, finding: Finding) -> str:
    properties, elsewhere = {"title": shown(finding.rule)}, ""
    if location := view.file_location(finding):
        properties["file"] = view.local(location.path)
        if location.line:
            properties |= {"line": str(location.line), "col": str(location.column)}
    elif location := view.locations.get(finding):
        elsewhere = f"at {shown(str(location))}"
    statement = shown(finding.triple) if finding.path is not None else ""
    lines = [shown(message, LONG), thing(finding), statement, elsewhere]
    return _command(_COMMANDS[finding.severity], properties, "\n".join(filter(None, lines)))


def _command(name: str, properties: Mapping[str, str], text: str) -> str:
    """Escape as the runner reads it: src/Runner.Common/ActionCommand.cs of github.com/actions/runner."""
    parts = (f"{key}={_escaped(value).replace(':', '%3A').replace(',', '%2C')}" for key, value in properties.items())
    return f"::{name} {','.join(parts)}::{_escaped(text)}\n"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
