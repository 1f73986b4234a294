"""A validation's report as text: for people at a terminal, and one line per finding for editors."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

import click

from evgraph.render.findings.view import LONG, thing
from evgraph.shacl.findings import Severity, term_text
from evgraph.text import plural, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.render.findings.view import Group, ReportView
    from evgraph.shacl.findings import Finding

_COLOURS = {Severity.VIOLATION: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}


def text(view: ReportView) -> Iterator[str]:
    """Write findings by severity and rule, then those that are gone, the notices, and the summary."""
    for group in view.groups():
        head = f"{group.severity.word} {shown(group.name)}"
        styled = click.style(head, fg=_COLOURS[group.severity], bold=True) if view.colours else head
        yield f"{styled}: {plural(group.total, 'finding')}\n"
        yield from _group(view, group)
        yield "\n"
    for group in view.groups(view.report.gone):
        yield f"gone: {group.severity.word} {shown(group.name)}: {plural(group.total, 'finding')}\n"
        yield from (f"  - {shown(finding.triple)}\n" for _, some in group.first(view.most) for finding in some)
        yield from _more(view, group)
        yield "\n"
    for line in [*(f"notice: {notice}" for notice in view.notices()), *view.summaries()]:
        yield from _wrapped(view, line, "")


def one_line(view: ReportView) -> Iterator[str]:
    """Write one line per finding, as editors read it: ``FILE:LINE:COLUMN: severity rule: triple: problem``.

    Without a location, the focus node is in its place.
    """
    for group in view.groups():
        for message, findings in group.messages.items():
            problem, _ = group.parts(message)
            for finding in findings:
                location = view.locations.get(finding) or shown(term_text(finding.focus))
                yield f"{location}: {group.severity.word} {group.name}: {shown(finding.triple)}: {shown(problem)}\n"


def _group(view: ReportView, group: Group) -> Iterator[str]:
    for number, (message, findings) in enumerate(group.first(view.most)):
        problem, solution = group.parts(message)
        yield from _wrapped(view, shown(problem, LONG), "  ")
        if number == 0 and group.rule and group.rule.problem:
            yield from _wrapped(view, f"Why it matters: {shown(group.rule.problem, LONG)}", "  ")
        if solution:
            yield from _wrapped(view, f"How to fix it: {shown(solution, LONG)}", "  ")
        for finding in findings:
            yield from _finding(view, finding)
    yield from _more(view, group)


def _more(view: ReportView, group: Group) -> Iterator[str]:
    if view.most and group.total > view.most:
        yield f"  … and {group.total - view.most} more of this rule\n"


def _finding(view: ReportView, finding: Finding) -> Iterator[str]:
    location = view.locations.get(finding)
    yield f"  - {location}: {thing(finding)}\n" if location else f"  - {thing(finding)}\n"
    if finding.path is not None:
        yield f"    {shown(finding.triple)}\n"
    if finding in view.fixes:
        yield f"    {shown(str(view.fixes[finding]))}\n"
    page, words = view.page(finding)
    if page:
        yield f"    read from {page}\n"
    if words:
        yield from _wrapped(view, words, "      ")


def _wrapped(view: ReportView, line: str, indent: str) -> Iterator[str]:
    if view.width is None or len(indent) + len(line) <= view.width:
        yield f"{indent}{line}\n"
        return
    lines = wrap(line, max(view.width, 30) - len(indent), break_long_words=False, break_on_hyphens=False)
    yield from (f"{indent}{part}\n" for part in lines)
