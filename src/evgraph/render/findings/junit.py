"""A validation's report as JUnit XML, which continuous integration shows as tests.

There is no standard; this is what the readers of Jenkins, GitLab and others share: https://github.com/testmoapp/junitxml
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.render.findings.account import notices, summary, thing, waived_summary
from evgraph.render.results import xml_text
from evgraph.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.render.findings.account import Account, Group
    from evgraph.shacl.findings import Finding


def junit(account: Account) -> Iterator[str]:
    """Write a test a finding, and a passed one for each rule that nothing breaks.

    A finding that makes the validation fail is a failure, a lighter one is a skipped test: whoever reads the file sees
    red when the command's exit code is 1.
    """
    groups = account.groups()
    failures = sum(group.total for group in groups if group.severity <= account.threshold)
    skipped = sum(group.total for group in groups) - failures
    broken = {group.name for group in groups}
    # Only what judges the data: that no waiver has run out says nothing where there is none.
    judging = {name for name, rule in account.rules.items() if rule.kind in {"shape", "check"}}
    kept = sorted(judging - broken)
    counts = f'tests="{failures + skipped + len(kept)}" failures="{failures}" errors="0" skipped="{skipped}"'
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="evgraph" {counts}>\n'
    yield f'  <testsuite name="evgraph" {counts}>\n'
    for group in groups:
        yield from _cases(account, group)
    for name in kept:
        yield f'    <testcase classname="{_text(name)}" name="kept"/>\n'
    lines = [*(f"notice: {notice}" for notice in notices(account)), waived_summary(account), summary(account)]
    told = "\n".join(filter(None, lines))
    yield f"    <system-out>{xml_text(told)}</system-out>\n  </testsuite>\n</testsuites>\n"


def _cases(account: Account, group: Group) -> Iterator[str]:
    why = group.rule.why if group.rule else ""
    for message, about in group.messages.items():
        wrong, mend = group.says(message)
        for finding in about:
            title = f'classname="{_text(group.name)}" name="{_text(finding.triple)}"'
            yield f"    <testcase {title}{_where(account, finding)}>\n"
            if group.severity > account.threshold:
                yield f'      <skipped message="{group.severity.word}: {_text(message)}"/>\n'
            else:
                place = account.places.get(finding)
                lines = [thing(finding), f"at {place}" if place else "", f"Why it matters: {why}" if why else ""]
                lines += [f"How to mend it: {mend}"] if mend else []
                body = "\n".join(shown(line, 4000) for line in lines if line)
                head = f'type="{group.severity.word}" message="{_text(wrong)}"'
                yield f"      <failure {head}>{xml_text(body)}</failure>\n"
            yield "    </testcase>\n"


def _where(account: Account, finding: Finding) -> str:
    place = account.file_of(finding)
    if place is None:
        return ""
    line = f' line="{place.line}"' if place.line else ""
    return f' file="{_text(account.local(place.path))}"{line}'


def _text(text: str) -> str:
    return xml_text(shown(text, 4000))
