"""The rules of a validation, listed or explained, as text and as JSON."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.validation.check import Rule

_WIDTH = 100


def listed(rules: Sequence[Rule]) -> str:
    """Write one line per rule: severity, name and summary."""
    widest = max((len(rule.name) for rule in rules), default=0)
    return "".join(f"{rule.severity.word:9}  {rule.name:{widest}}  {rule.summary}\n" for rule in rules)


def explained(rule: Rule) -> str:
    """Write all texts of one rule."""
    parts = [f"{rule.name} ({rule.severity.word}; a {rule.kind})"]
    for title, text in (
        ("What is wrong", rule.summary),
        ("Why it matters", rule.problem),
        ("How to fix it", rule.solution),
        ("Defined in", rule.source),
    ):
        if text:
            lines = textwrap.wrap(text, _WIDTH - 2, break_long_words=False, break_on_hyphens=False)
            parts.append("\n".join([title, *(f"  {line}" for line in lines)]))
    return "\n\n".join(parts) + "\n"


def as_json(rules: Sequence[Rule]) -> str:
    """Write an array of objects with the attributes of `Rule`."""
    objects = [rule._asdict() | {"severity": rule.severity.word} for rule in rules]
    return json.dumps(objects, ensure_ascii=False, indent=2) + "\n"
