"""Where a graph comes from: files, a store on disk, or a SPARQL server."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from evgraph.errors import UsageError
from evgraph.python.graph import Graph
from evgraph.store.opening import Origin, open_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.store.endpoint import Endpoint


def open(  # noqa: A001 - evgraph.open() is what people will write
    *paths: str | Path,
    store: str | Path | None = None,
    endpoint: str | Endpoint | None = None,
    queries: str | Path | Sequence[str | Path] = (),
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
        queries: a folder of questions of one's own (``NAME.rq``), or several, beside those of evgraph.

    Raises:
        UsageError: more than one of these is given, or a value is of another type.
        UnreadableError: a file or a folder is missing or not well-formed; file and line are named.

    """
    folders = list(queries) if isinstance(queries, Iterable) and not isinstance(queries, str) else [queries]
    for path in [*paths, *folders, *([] if store is None else [store])]:
        if not isinstance(path, str | Path):
            raise UsageError(
                f"a path is a str or a Path, not {type(path).__name__}", hint='evgraph.open("folder", "file.ttl")'
            )
    given = [name for name, one in (("paths", paths), ("store", store), ("endpoint", endpoint)) if one]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} both say where the data is", hint="give one of them")
    server = _server(endpoint) if endpoint is not None else None
    origin = Origin(paths, store, server)
    name = " and ".join(map(str, paths)) or str(store or (server.query if server else "the shipped data"))
    graph = Graph(open_store(origin), name, origin, folders)
    if folders:
        len(graph.questions)  # A folder that is not there is told now, and not when the first question is asked.
    return graph


def _server(endpoint: str | Endpoint) -> Endpoint:
    from evgraph.store.endpoint import Endpoint

    return endpoint if isinstance(endpoint, Endpoint) else Endpoint(endpoint)
