"""Shapes and checks carried out on a source: on all of it, or on what a change can break."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.integrity.affected import Affected, Changes, EverythingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.integrity.check import Check
    from evgraph.integrity.compile import Compiled
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


def scope_of(store: Store, changes: Changes | None, compiled: Compiled, checks: Sequence[Check]) -> Scope:
    """Find the nodes whose findings a change can touch; see `evgraph.integrity.affected`.

    Args:
        store: the new graph.
        changes: what has changed; None to judge all.
        compiled: the shapes.
        checks: the checks.

    """
    if changes is None:
        return Scope()
    try:
        if compiled.left:
            raise EverythingError("some shapes are left to pySHACL, of which one cannot tell how far they look")
        affected = Affected(store, changes)
        for rule in compiled.rules:
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
