"""Data onto a server, graph by graph, counted there; what is there already is not sent again.

How that is known: a graph of its own, `LOADED`, says of each graph that arrived whole which content that was
(``schema:sha256``, of the sorted N-Triples). Before any graph is replaced its mark is taken away, and it is marked anew
when the server has counted it. So a push that was stopped is resumed by pushing again, and a push that is done does
nothing the second time. What somebody else changes on the server is seen where the number of triples changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.errors import EndpointError
from evgraph.namespaces import ID, SCHEMA
from evgraph.store.graph_store import writer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evgraph.store.endpoint import EndpointStore
    from evgraph.store.parts import Part

LOADED = f"{ID}graph/loaded"
"""The graph of the marks."""


def pending(store: EndpointStore, parts: Sequence[Part]) -> list[Part]:
    """Give the parts that the server does not hold yet, or not in this state.

    Raises:
        EndpointError: the server cannot be asked.

    """
    marks = store.pairs(LOADED, f"{SCHEMA}sha256")
    return [
        part for part in parts if marks.get(part.graph) != part.digest or store.count(part.graph) != len(part.lines)
    ]


def push(store: EndpointStore, parts: Sequence[Part]) -> Iterator[Part]:
    """Replace graphs, one after the other; each is handed out when the server has counted it.

    Raises:
        UsageError: the endpoint has no address to write to.
        UnreadableError: a graph cannot be written that way.
        EndpointError: the server cannot be reached, refuses, fails, or has kept another number of triples.

    """
    target = writer(store)
    marks = store.pairs(LOADED, f"{SCHEMA}sha256")
    others = {graph: digest for graph, digest in marks.items() if graph not in {part.graph for part in parts}}
    if len(others) < len(marks):
        target.replace(LOADED, [_mark(graph, digest) for graph, digest in sorted(others.items())])
    for part in parts:
        target.replace(part.graph, part.lines)
        arrived = store.count(part.graph)
        if arrived != len(part.lines):
            raise EndpointError(
                f"{part.graph}: {len(part.lines):,} triples were sent, and the server counts {arrived:,}",
                way_out="values that the server takes for the same (5 and 5.0) become one; else look into its log",
            )
        target.add(LOADED, [_mark(part.graph, part.digest)])
        yield part


def _mark(graph: str, digest: str) -> str:
    return f'<{graph}> <{SCHEMA}sha256> "{digest}" .\n'
