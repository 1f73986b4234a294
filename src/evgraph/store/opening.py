"""Where data comes from, said in one way: files and folders, a store on disk, or a SPARQL server."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evgraph import shipped_files
from evgraph.rdf.files import always_loaded, find, report_all_broken
from evgraph.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from pathlib import Path

    from evgraph.store.endpoint import Endpoint
    from evgraph.store.protocol import Store


class Origin(NamedTuple):
    """Where data is: one of these, or nothing for the shipped graph.

    Attributes:
        paths: RDF files, folders of them, or ``-`` for Turtle on standard input.
        directory: a store that `evgraph.store.disk.build` made.
        endpoint: a SPARQL server.

    """

    paths: tuple[str | Path, ...] = ()
    directory: str | Path | None = None
    endpoint: Endpoint | None = None


SHIPPED = Origin()
"""The graph that evgraph brings along."""


def open_store(origin: Origin = SHIPPED) -> Store:
    """Open data for queries; the ontology, the schemes and the matrices stand beside any.

    A server is asked when the first query is; of what stands beside the data it has what was loaded into it.

    Raises:
        UnreadableError: a file is missing or not well-formed; there is no store in the directory.

    """
    if origin.directory is not None:
        from evgraph.store.disk import DiskStore

        return DiskStore(origin.directory)
    if origin.endpoint is not None:
        from evgraph.store.endpoint import EndpointStore

        return EndpointStore(origin.endpoint)
    store = EmbeddedStore()
    files = {file.path: file for file in (*always_loaded(), *find(origin.paths or [shipped_files.data()]))}
    with report_all_broken(files.values()):
        for file in files.values():
            store.load(file)
    return store
