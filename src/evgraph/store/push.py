"""Data onto a server, graph by graph, counted there; what is there already is not sent again.

How that is known: a graph of its own, `LOADED`, says of each graph that arrived whole which content that was
(``schema:sha256``, of the sorted N-Triples), and that a graph is not data but stands beside it
(``dcterms:isRequiredBy``). Before any graph is replaced its mark is taken away, and it is marked anew when the server
has counted it. So a push that was stopped is resumed by pushing again, and a push that is done does nothing the second
time. What somebody else changes on the server is seen where the number of triples changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evgraph.errors import EndpointError
from evgraph.namespaces import DCTERMS, ID, SCHEMA
from evgraph.store.graph_store import writer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evgraph.store.endpoint import EndpointStore
    from evgraph.store.parts import Part

LOADED = f"{ID}graph/loaded"
"""The graph of the marks."""

_DIGEST = f"{SCHEMA}sha256"
_BESIDE = f"{DCTERMS}isRequiredBy"


MARKS = (_DIGEST, _BESIDE)
"""What `LOADED` says of graphs: it is about loading, and no part of the data."""


class Mark(NamedTuple):
    """What `LOADED` says of a graph: its digest, and whether it stands beside the data (see `Part`)."""

    digest: str
    beside: bool

    def lines(self, graph: str) -> list[str]:
        """Write the mark of a graph as N-Triples."""
        beside = [f"<{graph}> <{_BESIDE}> <{LOADED}> .\n"] if self.beside else []
        return [*beside, f'<{graph}> <{_DIGEST}> "{self.digest}" .\n']


def marks(store: EndpointStore) -> dict[str, Mark]:
    """Read which graphs have arrived whole.

    Raises:
        EndpointError: the server cannot be asked.

    """
    beside = store.pairs(LOADED, _BESIDE)
    return {graph: Mark(digest, graph in beside) for graph, digest in store.pairs(LOADED, _DIGEST).items()}


def pending(store: EndpointStore, parts: Sequence[Part]) -> list[Part]:
    """Give the parts that the server does not hold yet, or not in this state.

    Raises:
        EndpointError: the server cannot be asked.

    """
    known = marks(store)
    return [
        part
        for part in parts
        if known.get(part.graph) != _mark(part, known) or store.count(part.graph) != len(part.lines)
    ]


def push(store: EndpointStore, parts: Sequence[Part]) -> Iterator[Part]:
    """Replace graphs, one after the other; each is handed out when the server has counted it.

    Raises:
        UsageError: the endpoint has no address to write to.
        UnreadableError: a graph cannot be written that way.
        EndpointError: the server cannot be reached, refuses, fails, or has kept another number of triples.

    """
    target = writer(store)
    before = marks(store)
    others = {graph: mark for graph, mark in before.items() if graph not in {part.graph for part in parts}}
    if len(others) < len(before):
        target.replace(LOADED, [line for graph, mark in sorted(others.items()) for line in mark.lines(graph)])
    for part in parts:
        target.replace(part.graph, part.lines)
        arrived = store.count(part.graph)
        if arrived != len(part.lines):
            raise EndpointError(
                f"{part.graph}: {len(part.lines):,} triples were sent, and the server counts {arrived:,}",
                hint="values that the server takes for the same (5 and 5.0) become one; else look into its log",
            )
        target.add(LOADED, _mark(part, before).lines(part.graph))
        yield part


def _mark(part: Part, before: Mapping[str, Mark]) -> Mark:
    """Mark a part; what was once loaded as data remains data when it goes along with other data."""
    was_data = part.graph in before and not before[part.graph].beside
    return Mark(part.digest, part.beside and not was_data)
