"""Shapes and checks carried out on a source: on all of it, or on what a change can break."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.integrity.changes.affected import Affected, Changes, EverythingError
from evgraph.integrity.report import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evgraph.integrity.checking.check import Check
    from evgraph.integrity.shacl.compile import Rule
    from evgraph.integrity.shacl.shapes_graph import Node
    from evgraph.store.protocol import Store, Term


@dataclass(frozen=True, slots=True)
class Scope:
    """The nodes that are judged.

    Attributes:
        nodes: these only; None for all.
        why: why it is all of them, in spite of being asked for what has changed; else empty.

    """

    nodes: frozenset[Term] | None = None
    why: str = ""

    def notices(self, changes: Changes | None) -> list[Notice]:
        """Say what was judged of a graph of which something has changed."""
        if changes is None:
            return []
        if self.nodes is None:
            return [Notice("changed", "", f"everything was judged: {self.why}")]
        count = len(changes.subjects)
        further = len(self.nodes) - count
        message = f"judged what has changed, {count} in number, and what that can break, {further} more"
        return [Notice("changed", "", message if changes else "nothing has changed, so nothing was judged")]


def scope_of(
    store: Store, changes: Changes | None, rules: Iterable[Rule], left: Sequence[Node], checks: Iterable[Check]
) -> Scope:
    """Find the nodes whose findings a change can touch; see `evgraph.integrity.changes.affected`.

    Args:
        store: the new graph.
        changes: what has changed; None to judge all.
        rules: the shapes, compiled.
        left: the shapes that pySHACL is to judge.
        checks: the checks.

    """
    if changes is None:
        return Scope()
    try:
        if left and changes:
            raise EverythingError("some shapes are left to pySHACL, of which one cannot tell how far they look")
        affected = Affected(store, changes)
        for rule in rules:
            affected.by_query(rule.select, "this")
        for check in checks:
            if check.select:
                affected.by_query(check.select, "entity")
            elif check.reach is not None:
                affected.nodes.update(check.reach(store, changes))
    except EverythingError as error:
        return Scope(None, str(error))
    if any(isinstance(one, ox.BlankNode) for one in affected.nodes):
        return Scope(None, "the change reaches blank nodes")
    return Scope(frozenset(affected.nodes))
