"""Data as a store: the files that were named, and what always stands beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph import resources
from evgraph.store.embedded import EmbeddedStore
from evgraph.store.files import always_loaded, find

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def open_store(paths: Sequence[str | Path] | None = None) -> EmbeddedStore:
    """Load data into memory, with the ontology, the schemes and the matrices beside it.

    Args:
        paths: files, folders or ``-``; without any, the shipped graph.

    Raises:
        UnreadableError: a file is missing or not well-formed.

    """
    store = EmbeddedStore()
    files = {file.path: file for file in (*always_loaded(), *find(paths or [resources.data()]))}
    for file in files.values():
        store.load(file)
    return store
