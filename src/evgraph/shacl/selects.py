"""Rules asked of data: every row of an answer is a finding."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.errors import UnreadableError
from evgraph.shacl.findings import Finding
from evgraph.shacl.shapes_graph import plain
from evgraph.store.select import select_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evgraph.shacl.compile import Rule
    from evgraph.shacl.shapes_graph import ShapesGraph
    from evgraph.shacl.source import Source
    from evgraph.store.protocol import Term

_PLACEHOLDER = re.compile(r"\{[?$](\w+)\}")


def findings_of(data: Source, rules: Sequence[Rule], shapes: ShapesGraph) -> Iterator[Finding]:
    """Ask every rule's query.

    Those that others wrote come last: from then on the store has literals as they expect them.

    Args:
        data: what is judged.
        rules: the shapes, compiled.
        shapes: the shapes.

    """
    for rule in sorted(rules, key=lambda rule: rule.others_words):
        if rule.others_words:
            data.forget_forms()
        name = shapes.rule(rule.shape)
        answer = select_rows(data.store, rule.select)
        columns = {column: place for place, column in enumerate(answer.columns)}
        # Rows that others ask for may come once for each way to a focus node.
        for row in dict.fromkeys(answer.rows) if rule.others_words else answer.rows:
            yield _finding(data, rule, name, {column: row[place] for column, place in columns.items()})


def _finding(data: Source, rule: Rule, name: str, row: dict[str, Term | None]) -> Finding:
    focus, value, reported = row.get("this"), row.get("value"), row.get("path")
    if focus is None:
        raise UnreadableError(f"a query of {name} gives a row without $this")
    path = reported if isinstance(reported, ox.NamedNode) else rule.path
    if rule.others_words and value is None and rule.path is None:
        value = focus
    if value is not None:
        value = data.as_written(focus, path if isinstance(path, ox.NamedNode) else None, value)

    def fill(text: str) -> str:
        return _filled(text, row | {"value": value})

    return Finding(
        severity=rule.severity,
        other_severity=rule.other_severity,
        rule=name,
        focus=data.as_written(focus, None, focus),
        path=path,
        value=value,
        message=plain(rule.messages, fill if rule.others_words else str),
        source_shape=rule.shape,
        component=rule.component,
    )


def _filled(text: str, row: dict[str, Term | None]) -> str:
    """Put what a query found into a message."""

    def term(match: re.Match[str]) -> str:
        found = row.get(match[1])
        return match[0] if found is None else str(getattr(found, "value", found))

    return _PLACEHOLDER.sub(term, text)
