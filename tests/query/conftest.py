"""Stores that hold one small file, in one graph or in two."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evgraph.namespaces import ID
from evgraph.rdf.files import DataFile, always_loaded, find
from evgraph.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).parent / "data"


@pytest.fixture
def store_of() -> Callable[..., EmbeddedStore]:
    """``store_of("see-also", graphs=2)`` → a store with that file in two graphs, and the ontology."""

    def load(name: str, graphs: int = 1) -> EmbeddedStore:
        store = EmbeddedStore()
        (file,) = find([DATA / f"{name}.ttl"])
        for number in range(graphs):
            store.load(DataFile(file.path, file.format, f"{ID}graph/test-{number}"))
        store.load(always_loaded()[0])  # The ontology says which properties are links.
        return store

    return load
