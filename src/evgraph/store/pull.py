"""A server's data, fetched: page by page, since a server may cut long answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.errors import EndpointError, LimitReachedError, UnreadableError
from evgraph.namespaces import ID
from evgraph.store.graph_store import LOADING
from evgraph.store.protocol import Rows
from evgraph.store.push import LOADED, marks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.store.endpoint import EndpointStore

_PAGE = 10_000  # Triples; as many as Virtuoso hands out, which sorts the whole graph for each page.


def graphs(store: EndpointStore) -> set[str]:
    """Name the graphs that evgraph has loaded there, and those below our IRIs; others are the server's own affair."""
    below = {graph for graph in store.graphs() if graph.startswith(ID)}
    return (below | marks(store).keys()) - {LOADED, LOADING}


def triples(store: EndpointStore, graph: str) -> list[ox.Triple]:
    """Fetch a named graph: at once, or in pages where the server cuts that; the server's count must bear it out.

    Raises:
        UnreadableError: the graph holds a blank node, which has no name that lasts from one page to the next.
        EndpointError: the server failed, or hands out another number of triples than it counts.
        LimitReachedError: the server cut a page, too.

    """
    try:
        found = _some(store, graph, "")
    except LimitReachedError:
        found = list(_paged(store, graph))
    counted = store.count(graph)
    if len(found) != counted:
        raise EndpointError(
            f"{store.endpoint.query} counts {counted:,} triples in {graph}, and hands out {len(found):,}",
            hint="see that nobody writes to it meanwhile, and try again",
        )
    return found


def _paged(store: EndpointStore, graph: str) -> Iterator[ox.Triple]:
    """Go by subjects: each page begins behind the last one that the page before had whole."""
    last, size = "", _PAGE
    while True:
        behind = f"FILTER(STR(?s) > {ox.Literal(last)})" if last else ""
        page = _some(store, graph, behind, f"ORDER BY STR(?s) LIMIT {size}")
        if len(page) < size:
            yield from page
            return
        whole = [one for one in page if one.subject != page[-1].subject]
        yield from whole
        last, size = (str(whole[-1].subject)[1:-1], _PAGE) if whole else (last, 2 * size)


def _some(store: EndpointStore, graph: str, where: str, order: str = "") -> list[ox.Triple]:
    answer = store.query(f"SELECT ?s ?p ?o WHERE {{ GRAPH {ox.NamedNode(graph)} {{ ?s ?p ?o }} {where} }} {order}")
    found = []
    for subject, predicate, value in answer.rows if isinstance(answer, Rows) else ():
        blank = isinstance(value, ox.BlankNode)
        if not isinstance(subject, ox.NamedNode) or not isinstance(predicate, ox.NamedNode) or value is None or blank:
            raise UnreadableError(
                f"the server's graph {graph} holds blank nodes", hint="export it with the server's own tools"
            )
        found.append(ox.Triple(subject, predicate, value))
    return found
