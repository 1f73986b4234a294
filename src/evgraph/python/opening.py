"""`evgraph.open`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from evgraph.errors import UsageError
from evgraph.python.graph import Graph
from evgraph.python.hints import in_python
from evgraph.redaction import redact
from evgraph.store.opening import Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.store.endpoint import Endpoint


@in_python()
def open(  # noqa: A001 - users call evgraph.open()
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
        paths: RDF files, or folders of them (default: the data shipped with evgraph). The ontology, the concept
            schemes and the matrices are always loaded with them.
        store: instead of paths, a store on disk, built with ``evgraph load --store``.
        endpoint: instead of paths, a SPARQL server: its address or an `Endpoint`.
        queries: a folder of your own questions (``NAME.rq``), or several.

    Raises:
        UsageError: more than one of paths, store and endpoint is given, or a value has another type.
        UnreadableError: a file or a folder is missing or not well-formed; the message names file and line.

    """
    folders = list(queries) if isinstance(queries, Iterable) and not isinstance(queries, str) else [queries]
    for path in [*paths, *folders, *([] if store is None else [store])]:
        if not isinstance(path, str | Path):
            raise UsageError(
                f"a path is a str or a Path, not {type(path).__name__}", hint='evgraph.open("folder", "file.ttl")'
            )
    sources = {"paths": paths, "store": store, "endpoint": endpoint}
    names = [name for name, source in sources.items() if source]
    if len(names) > 1:
        raise UsageError(f"{' and '.join(names)} both say where the data is", hint="give one of them")
    if isinstance(endpoint, str):
        from evgraph.store.endpoint import Endpoint as Server

        endpoint = Server(endpoint)
    name = " and ".join(map(str, paths)) or str(store or (redact(endpoint.query) if endpoint else "the shipped data"))
    graph = Graph(Origin(paths, store, endpoint), name, folders)
    if folders:
        len(graph.questions)  # Report a missing folder now, not at the first question.
    return graph
