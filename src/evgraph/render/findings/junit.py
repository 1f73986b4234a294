"""A validation's report as JUnit XML, which continuous integration shows as tests.

There is no standard; this is what the readers of Jenkins, GitLab and others share: https://github.com/testmoapp/junitxml
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.render.findings.view import LONG, thing
from evgraph.render.results import xml_text
from evgraph.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.render.findings.view import Group, ReportView
    from evgraph.shacl.findings import Finding


def junit(view: ReportView) -> Iterator[str]:
    """Write one test per finding, and one that passes for each rule without a finding.

    A finding that makes the validation fail is a failure, any other is a skipped test: so there is a failure whenever
    the command's exit code is 1.
    """
    groups = view.groups()
    failures = sum(group.total for group in groups if group.severity <= view.threshold)
    skipped = sum(group.total for group in groups) - failures
    # Rules about waivers and notices pass for want of any, so they are left out.
    checked = {name for name, rule in view.rules.items() if rule.kind in {"shape", "check"}}
    passed = sorted(checked - {group.name for group in groups})
    counts = f'tests="{failures + skipped + len(passed)}" failures="{failures}" errors="0" skipped="{skipped}"'
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="evgraph" {counts}>\n'
    yield f'  <testsuite name="evgraph" {counts}>\n'
    for group in groups:
        yield from _cases(view, group)
    for name in passed:
        yield f'    <testcase classname="{_text(name)}" name="kept"/>\n'
    output = "\n".join([*(f"notice: {notice}" for notice in view.notices()), *view.summaries()])
    yield f"    <system-out>{xml_text(output)}</system-out>\n  </testsuite>\n</testsuites>\n"


def _cases(view: ReportView, group: Group) -> Iterator[str]:
    why = group.rule.problem if group.rule else ""
    for message, findings in group.messages.items():
        problem, solution = group.parts(message)
        for finding in findings:
            title = f'classname="{_text(group.name)}" name="{_text(finding.triple)}"'
            yield f"    <testcase {title}{_location(view, finding)}>\n"
            if group.severity > view.threshold:
                yield f'      <skipped message="{group.severity.word}: {_text(message)}"/>\n'
            else:
                location = view.locations.get(finding)
                lines = [thing(finding), f"at {location}" if location else "", f"Why it matters: {why}" if why else ""]
                lines += [f"How to fix it: {solution}"] if solution else []
                body = "\n".join(shown(line, LONG) for line in lines if line)
                head = f'type="{group.severity.word}" message="{_text(problem)}"'
                yield f"      <failure {head}>{xml_text(body)}</failure>\n"
            yield "    </testcase>\n"


def _location(view: ReportView, finding: Finding) -> str:
    location = view.file_location(finding)
    if location is None:
        return ""
    line = f' line="{location.line}"' if location.line else ""
    return f' file="{_text(view.local(location.path))}"{line}'


def _text(text: str) -> str:
    return xml_text(shown(text, LONG))
