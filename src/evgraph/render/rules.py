"""The rules of a validation, listed or explained, for people and as JSON."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.validation.rule import Rule

_WIDTH = 100


def listed(rules: Sequence[Rule]) -> str:
    """Write a line a rule: severity, name, what is wrong."""
    widest = max((len(rule.name) for rule in rules), default=0)
    return "".join(f"{rule.severity.word:9}  {rule.name:{widest}}  {rule.wrong}\n" for rule in rules)


def explained(rule: Rule) -> str:
    """Write all that is known of one rule."""
    parts = [f"{rule.name} ({rule.severity.word}; a {rule.kind})"]
    for title, words in (
        ("What is wrong", rule.wrong),
        ("Why it matters", rule.why),
        ("How to mend it", rule.mend),
        ("Where it stands", rule.source),
    ):
        if words:
            lines = textwrap.wrap(words, _WIDTH - 2, break_long_words=False, break_on_hyphens=False)
            parts.append("\n".join([title, *(f"  {line}" for line in lines)]))
    return "\n\n".join(parts) + "\n"


def as_json(rules: Sequence[Rule]) -> str:
    """Write a list of objects with the attributes of `Rule`."""
    objects = [rule._asdict() | {"severity": rule.severity.word} for rule in rules]
    return json.dumps(objects, ensure_ascii=False, indent=2) + "\n"
