"""A validation's report for people at a terminal."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

import click

from evgraph.render.findings.account import notices, read_from, summary, thing, waived_summary
from evgraph.shacl.findings import Severity
from evgraph.text import plural, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.render.findings.account import Account, Group
    from evgraph.shacl.findings import Finding

_COLOURS = {Severity.VIOLATION: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}


def text(account: Account, width: int | None = None, *, colours: bool = False) -> Iterator[str]:
    """Write findings by severity and rule, then the notices, then one line that sums up.

    Args:
        account: of a validation.
        width: of the terminal; what is wrong, why it matters and how to mend it are wrapped to fit. Without it they
            take one line each.
        colours: whether the terminal shows them.

    """
    for group in account.groups():
        head = f"{group.severity.word} {shown(group.name)}"
        styled = click.style(head, fg=_COLOURS[group.severity], bold=True) if colours else head
        yield f"{styled}: {plural(group.total, 'finding')}\n"
        yield from _group(account, group, width)
        yield "\n"
    for notice in notices(account):
        yield from _wrapped(f"notice: {notice}", "", width)
    for line in filter(None, [waived_summary(account), summary(account)]):
        yield from _wrapped(line, "", width)


def _group(account: Account, group: Group, width: int | None) -> Iterator[str]:
    for number, (message, about) in enumerate(group.first(account.most)):
        wrong, mend = group.says(message)
        yield from _wrapped(shown(wrong, 4000), "  ", width)
        if number == 0 and group.rule and group.rule.why:
            yield from _wrapped(f"Why it matters: {shown(group.rule.why, 4000)}", "  ", width)
        if mend:
            yield from _wrapped(f"How to mend it: {shown(mend, 4000)}", "  ", width)
        for finding in about:
            yield from _finding(account, finding, width)
    if account.most and group.total > account.most:
        yield f"  … and {group.total - account.most} more of this rule\n"


def _finding(account: Account, finding: Finding, width: int | None) -> Iterator[str]:
    place = account.places.get(finding)
    yield f"  - {place}: {thing(finding)}\n" if place else f"  - {thing(finding)}\n"
    if finding.path is not None:
        yield f"    {shown(finding.triple)}\n"
    if finding in account.fixes:
        yield f"    {shown(str(account.fixes[finding]))}\n"
    page, words = read_from(account, finding)
    if page:
        yield f"    read from {page}\n"
    if words:
        yield from _wrapped(words, "      ", width)


def _wrapped(words: str, indent: str, width: int | None) -> Iterator[str]:
    if width is None or len(indent) + len(words) <= width:
        yield f"{indent}{words}\n"
        return
    lines = wrap(words, max(width, 30) - len(indent), break_long_words=False, break_on_hyphens=False)
    yield from (f"{indent}{line}\n" for line in lines)
