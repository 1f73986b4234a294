"""Findings from the rows of compiled shapes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.errors import UnreadableError
from evgraph.shacl.findings import Finding
from evgraph.shacl.shapes_graph import plain
from evgraph.store.protocol import select_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.shacl.compile import ConstraintQuery
    from evgraph.shacl.shapes_graph import ShapesGraph
    from evgraph.shacl.targets import Source
    from evgraph.store.protocol import Term

_PLACEHOLDER = re.compile(r"\{[?$](\w+)\}")


def findings_of(data: Source, constraint: ConstraintQuery, shapes: ShapesGraph) -> Iterator[Finding]:
    """Run the query of a constraint; each row is a finding.

    Args:
        data: the data that is validated; for a query of the shapes' author with its literals unmarked.
        constraint: the constraint, compiled.
        shapes: the shapes.

    Raises:
        UnreadableError: a query of the shapes' author returns a row without ``$this``.

    """
    name = shapes.rule(constraint.shape)
    answer = select_rows(data.store, constraint.select)
    # An author's query may return a row once for each way to a focus node.
    for row in dict.fromkeys(answer.rows) if constraint.by_author else answer.rows:
        yield _finding(data, constraint, name, dict(zip(answer.columns, row, strict=True)))


def _finding(data: Source, constraint: ConstraintQuery, name: str, row: dict[str, Term | None]) -> Finding:
    focus, value, path = row.get("this"), row.get("value"), row.get("path")
    if focus is None:
        raise UnreadableError(f"a query of {name} gives a row without $this")
    result_path = path if isinstance(path, ox.NamedNode) else constraint.path
    if constraint.by_author and value is None and constraint.path is None:
        value = focus
    if value is not None:
        value = data.as_written(focus, result_path if isinstance(result_path, ox.NamedNode) else None, value)

    def fill(text: str) -> str:
        return _fill(text, row | {"value": value})

    return Finding(
        severity=constraint.severity,
        other_severity=constraint.other_severity,
        rule=name,
        focus=data.as_written(focus, None, focus),
        path=result_path,
        value=value,
        message=plain(constraint.messages, fill if constraint.by_author else str),
        source_shape=constraint.shape,
        component=constraint.component,
    )


def _fill(text: str, row: dict[str, Term | None]) -> str:
    """Replace ``{?name}`` and ``{$name}`` in a message by the values of a row."""

    def value(match: re.Match[str]) -> str:
        term = row.get(match[1])
        return match[0] if term is None else str(getattr(term, "value", term))

    return _PLACEHOLDER.sub(value, text)
