"""A validation's findings as annotations of a GitHub workflow, beside the lines of a pull request.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.render.findings.account import summary, thing, waived_summary
from evgraph.shacl.findings import Severity
from evgraph.text import plural, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from evgraph.render.findings.account import Account
    from evgraph.shacl.findings import Finding

_COMMANDS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_AT_MOST = 10  # GitHub shows so many of each kind for a step, and drops the rest without a word.


def github(account: Account) -> Iterator[str]:
    """Write one workflow command a finding, as many as GitHub shows; the rest are counted in one notice."""
    told: dict[Severity, list[tuple[str, Finding]]] = {severity: [] for severity in Severity}
    for group in account.groups():
        told[group.severity] += ((words, finding) for words, about in group.messages.items() for finding in about)
    places = dict.fromkeys(Severity, _AT_MOST)
    if any(len(found) > _AT_MOST for found in told.values()):
        places[Severity.INFO] -= 1  # The notice that counts the rest needs one.
    for severity, found in told.items():
        yield from (_annotation(account, words, finding) for words, finding in found[: places[severity]])
    rest = {severity: len(found) - places[severity] for severity, found in told.items()}
    if left := [plural(number, severity.word) for severity, number in rest.items() if number > 0]:
        text = f"and {', '.join(left)} more; a report as text lists all of them"
        yield _command("notice", {"title": "evgraph"}, text)
    yield from (f"evgraph: {line}\n" for line in (waived_summary(account), summary(account)) if line)


def _annotation(account: Account, words: str, finding: Finding) -> str:
    properties, where = {"title": shown(finding.rule)}, ""
    if place := account.file_of(finding):
        properties["file"] = account.local(place.path)
        if place.line:
            properties |= {"line": str(place.line), "col": str(place.column)}
    elif other := account.places.get(finding):
        where = f"at {shown(str(other))}"
    about = shown(finding.triple) if finding.path is not None else ""
    text = "\n".join(filter(None, [shown(words, 4000), thing(finding), about, where]))
    return _command(_COMMANDS[finding.severity], properties, text)


def _command(name: str, properties: Mapping[str, str], text: str) -> str:
    """Escape as the runner reads it: src/Runner.Common/ActionCommand.cs of github.com/actions/runner."""
    parts = (f"{key}={_escaped(value).replace(':', '%3A').replace(',', '%2C')}" for key, value in properties.items())
    return f"::{name} {','.join(parts)}::{_escaped(text)}\n"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
