"""Where a graph comes from: files, a store on disk, or a SPARQL server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from evgraph.errors import UsageError
from evgraph.graph.graph import Graph
from evgraph.store.opening import Origin, open_store

if TYPE_CHECKING:
    from evgraph.store.endpoint import Endpoint


def open(  # noqa: A001 - evgraph.open() is what people will write
    *paths: str | Path, store: str | Path | None = None, endpoint: str | Endpoint | None = None
) -> Graph:
    """Open a graph.

    >>> evgraph.open()
    <evgraph.Graph of the shipped data>
    >>> evgraph.open("examples/register")
    <evgraph.Graph of examples/register>

    Args:
        paths: RDF files, or folders of them; without any, the graph that evgraph brings along. The ontology, the
            concept schemes and the matrices always stand beside them.
        store: instead of paths, a graph kept on disk, as ``evgraph load --store`` builds it.
        endpoint: instead of paths, the address of a SPARQL server, or all that is to be said of one.

    Raises:
        UsageError: more than one of these is given, or a value is of another type.
        UnreadableError: a file is missing or not well-formed; file and line are named.

    """
    for path in [*paths, *([] if store is None else [store])]:
        if not isinstance(path, str | Path):
            raise UsageError(
                f"a path is a str or a Path, not {type(path).__name__}", way_out='evgraph.open("folder", "file.ttl")'
            )
    given = [name for name, one in (("paths", paths), ("store", store), ("endpoint", endpoint)) if one]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} both say where the data is", way_out="give one of them")
    if endpoint is not None:
        from evgraph.store.endpoint import Endpoint, EndpointStore

        server = endpoint if isinstance(endpoint, Endpoint) else Endpoint(endpoint)
        return Graph(EndpointStore(server), server.query)
    origin = Origin(paths, store)
    name = " and ".join(map(str, paths)) or str(store or "the shipped data")
    return Graph(open_store(origin), name, origin)
