"""Waivers of findings, ready to be given their reasons; see `evgraph.validation.waivers`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from evgraph.shacl.findings import path_text, term_text
from evgraph.validation.waivers import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from evgraph.shacl.findings import Finding
    from evgraph.store.protocol import Term

_HEAD = """\
# Give each of these its reason and who accepts the finding; "until" is the last day, without it there is no end.
# Put what you keep into waivers.toml in the folder of the data.
"""


def toml(findings: Iterable[Finding], until: date) -> str:
    """Write a waiver for each finding that is not about a waiver; reasons and names are left empty.

    Args:
        findings: of a validation.
        until: the last day of each.

    """
    about_waivers = {rule.name for rule in RULES}
    parts: dict[str, None] = {}
    nameless: set[Term] = set()
    for finding in findings:
        if finding.rule in about_waivers:
            continue
        if isinstance(finding.focus, NamedNode):
            parts[_entry(finding, until)] = None
        else:
            nameless.add(finding.focus)
    tail = f"\n# Not listed: {len(nameless)} things without a name, which no waiver can mean.\n" if nameless else ""
    return (_HEAD if parts else "# There is no finding to waive.\n") + "".join(parts) + tail


def _entry(finding: Finding, until: date) -> str:
    words = {"rule": finding.rule, "focus": term_text(finding.focus)}
    if finding.path is not None:
        words["path"] = path_text(finding.path)
    if finding.value is not None:
        words["value"] = term_text(finding.value)
    lines = [f"{key} = {_string(text)}" for key, text in words.items()]
    comment = f"# {' '.join(finding.label.split())}\n" if finding.label else ""
    return "\n".join(["", f"{comment}[[waiver]]", *lines, 'reason = ""', 'who = ""', f"until = {until}", ""])


def _string(text: str) -> str:
    """Write a TOML string, in the quotes that need the fewest escapes.

    https://toml.io/en/v1.0.0#string
    """
    if any(mark in text for mark in '"\\') and "'" not in text and text.isprintable():
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
