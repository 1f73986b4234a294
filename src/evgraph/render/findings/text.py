"""A validation's report as text: for people at a terminal, one line per finding for editors, annotations for GitHub."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

import click

from evgraph.render.findings.view import LONG, constraints, thing
from evgraph.shacl.findings import Severity, term_text
from evgraph.text import plural, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evgraph.render.findings.view import Group, ReportView
    from evgraph.shacl.findings import Finding
    from evgraph.validation.check import Rule

_COLOURS = {Severity.VIOLATION: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_COMMANDS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_MOST = 10  # GitHub shows so many of each kind for a step, and drops the rest without a word.
_RULE_WIDTH = 98  # The most characters of a line of an explained rule, beside its indent.


def text(view: ReportView) -> Iterator[str]:
    """Write findings by severity and rule, then those that are gone, the notices, and the summary."""
    for group in view.groups():
        head = f"{group.severity.word} {shown(group.name)}"
        styled = click.style(head, fg=_COLOURS[group.severity], bold=True) if view.colours else head
        yield f"{styled}: {plural(len(group.findings), 'finding')}\n"
        yield from _group(view, group)
        yield "\n"
    for group in view.groups(view.report.gone):
        yield f"gone: {group.severity.word} {shown(group.name)}: {plural(len(group.findings), 'finding')}\n"
        yield from (f"  - {shown(finding.triple)}\n" for finding in group.findings[: view.most or None])
        yield from _more(view, group)
        yield "\n"
    for line in [*(f"notice: {notice}" for notice in view.notices()), *view.summaries()]:
        yield from _wrapped(view, line, "")


def one_line(view: ReportView) -> Iterator[str]:
    """Write one line per finding, as editors read it: ``FILE:LINE:COLUMN: severity rule: triple: problem``.

    Without a location, the focus node is in its place.
    """
    for group in view.groups():
        names = constraints(group.findings)
        for finding in group.findings:
            problem, _ = group.parts(finding)
            location = view.locations.get(finding) or shown(term_text(finding.focus))
            more = f" ({names[finding]})" if finding in names else ""
            yield f"{location}: {group.severity.word} {group.name}: {shown(finding.triple)}: {shown(problem)}{more}\n"
            yield from (f"{_short(view, related)}\n" for related in view.related(finding) if view.lists_related)
    yield from (f"not-checked: {message}\n" for message in view.not_checked())


def github(view: ReportView) -> Iterator[str]:
    """Write one workflow command per finding, as many as GitHub shows; one more notice counts the rest.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
    """
    by_severity: dict[Severity, list[Finding]] = {severity: [] for severity in Severity}
    for group in view.groups():
        by_severity[group.severity] += group.findings
    most = dict.fromkeys(Severity, _MOST)
    if any(len(findings) > _MOST for findings in by_severity.values()):
        most[Severity.INFO] -= 1  # Room for the notice that counts the rest.
    for severity, findings in by_severity.items():
        yield from (_annotation(view, finding) for finding in findings[: most[severity]])
    rest = {severity: len(findings) - most[severity] for severity, findings in by_severity.items()}
    if totals := [plural(number, severity.word) for severity, number in rest.items() if number > 0]:
        yield _command("notice", {"title": "evgraph"}, f"and {', '.join(totals)} more; a report as text lists all")
    yield from (_command("error", {"title": "not checked"}, message) for message in view.not_checked())
    notices = (f"notice: {message}" for message in view.notices())
    yield from (f"evgraph: {line}\n" for line in [*notices, *view.summaries()])


def rule_list(rules: Sequence[Rule]) -> str:
    """Write one line per rule: severity, name and summary."""
    widest = max((len(rule.name) for rule in rules), default=0)
    return "".join(f"{rule.severity.word:9}  {rule.name:{widest}}  {rule.summary}\n" for rule in rules)


def explained_rule(rule: Rule) -> str:
    """Write all texts of one rule."""
    parts = [f"{rule.name} ({rule.severity.word}; a {rule.kind})"]
    for title, text in (
        ("What is wrong", rule.summary),
        ("Why it matters", rule.problem),
        ("How to fix it", rule.solution),
        ("Defined in", rule.source),
    ):
        if text:
            lines = wrap(text, _RULE_WIDTH, break_long_words=False, break_on_hyphens=False)
            parts.append("\n".join([title, *(f"  {line}" for line in lines)]))
    return "\n\n".join(parts) + "\n"


def _group(view: ReportView, group: Group) -> Iterator[str]:
    last = ""
    names = constraints(group.findings)
    for number, (problem, solution, findings) in enumerate(group.first(view.most)):
        yield from _wrapped(view, shown(problem, LONG), "  ")
        if number == 0 and group.rule and group.rule.problem:
            yield from _wrapped(view, f"Why it matters: {shown(group.rule.problem, LONG)}", "  ")
        if solution and solution != last:
            yield from _wrapped(view, f"How to fix it: {shown(solution, LONG)}", "  ")
        last = solution
        for finding in findings:
            yield from _finding(view, finding, names.get(finding, ""))
    yield from _more(view, group)


def _more(view: ReportView, group: Group) -> Iterator[str]:
    if more := group.more(view.most):
        yield f"  … and {more} more of this rule\n"


def _finding(view: ReportView, finding: Finding, constraint: str) -> Iterator[str]:
    location = view.locations.get(finding)
    more = f" ({constraint})" if constraint else ""
    yield f"  - {location}: {thing(finding)}{more}\n" if location else f"  - {thing(finding)}{more}\n"
    if finding.path is not None:
        yield f"    {shown(finding.triple)}\n"
    for candidate in view.candidates(finding):
        yield f"    candidate: {candidate}\n"
    if explained := view.explained(finding):
        yield from _wrapped(view, explained, "    ")
        yield from (f"      {_short(view, related)}\n" for related in view.related(finding) if view.lists_related)
    if finding in view.fixes:
        yield f"    {shown(str(view.fixes[finding]))}\n"
    page, words = view.page(finding)
    if page:
        yield f"    read from {page}\n"
    if words:
        yield from _wrapped(view, words, "      ")


def _short(view: ReportView, finding: Finding) -> str:
    """Return a finding that another one explains, on one line."""
    location = view.locations.get(finding) or shown(term_text(finding.focus))
    return f"{location}: related {shown(finding.rule)}: {shown(finding.triple)}"


def _wrapped(view: ReportView, line: str, indent: str) -> Iterator[str]:
    if view.width is None or len(indent) + len(line) <= view.width:
        yield f"{indent}{line}\n"
        return
    lines = wrap(line, max(view.width, 30) - len(indent), break_long_words=False, break_on_hyphens=False)
    yield from (f"{indent}{part}\n" for part in lines)


def _annotation(view: ReportView, finding: Finding) -> str:
    properties, elsewhere = {"title": shown(finding.rule)}, ""
    if location := view.file_location(finding):
        properties["file"] = view.local(location.path)
        if location.line:
            properties |= {"line": str(location.line), "col": str(location.column)}
    elif location := view.locations.get(finding):
        elsewhere = f"at {shown(str(location))}"
    statement = shown(finding.triple) if finding.path is not None else ""
    lines = [shown(finding.message, LONG), thing(finding), statement, elsewhere, *view.notes(finding)]
    return _command(_COMMANDS[finding.severity], properties, "\n".join(filter(None, lines)))


def _command(name: str, properties: Mapping[str, str], text: str) -> str:
    # Escaped as the runner reads it: src/Runner.Common/ActionCommand.cs of github.com/actions/runner.
    parts = (f"{key}={_escaped(value).replace(':', '%3A').replace(',', '%2C')}" for key, value in properties.items())
    return f"::{name} {','.join(parts)}::{_escaped(text)}\n"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
