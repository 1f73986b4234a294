"""The origin of data: files and folders, a store on disk, or a SPARQL server."""

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
    """Where data is: one of these, or none of them for the shipped graph."""

    paths: tuple[str | Path, ...] = ()  # RDF files, folders of them, or ``-`` for Turtle on standard input.
    directory: str | Path | None = None  # A store that `evgraph.store.disk.build` made.
    endpoint: Endpoint | None = None  # A SPARQL server.


SHIPPED = Origin()
"""The graph that is part of evgraph."""


def open_store(origin: Origin = SHIPPED) -> Store:
    """Return a store with the data and, beside it, the ontology, the concept schemes and the matrices.

    A server is not contacted before the first query, and has beside the data only what was loaded there. Raise
    UnreadableError if a file is missing or not well-formed, or there is no store in the directory.
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
