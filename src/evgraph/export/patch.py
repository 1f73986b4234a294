"""The difference of two versions of a graph as an RDF Patch: https://afs.github.io/rdf-patch/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph

from evgraph.rdf.blank_nodes import relabelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Quad


def patch(old: Iterable[Quad], new: Iterable[Quad]) -> Iterator[str]:
    """Yield the lines of a patch that makes the new version of the old one: deletions, then additions, each sorted.

    It is one transaction, and names the graph of each statement. The labels of blank nodes are those of
    ``evgraph export``. Two versions that say the same give a transaction without statements.
    """
    before, after = set(relabelled(old)), set(relabelled(new))
    yield "TX .\n"
    for operation, quads in (("D", before - after), ("A", after - before)):
        yield from sorted(f"{operation} {_statement(quad)} .\n" for quad in quads)
    yield "TC .\n"


def _statement(quad: Quad) -> str:
    graph = "" if isinstance(quad.graph_name, DefaultGraph) else f" {quad.graph_name}"
    return f"{quad.subject} {quad.predicate} {quad.object}{graph}"
