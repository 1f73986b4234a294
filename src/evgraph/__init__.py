"""evgraph: the Alcohol and Drug Treatment Matrices as a knowledge graph that can be checked, asked and exported.

    >>> import evgraph
    >>> graph = evgraph.open()
    >>> [row["how"].value for row in graph.query("guidance-citing-trials", trial="timko-2007")]
    ['direct', 'chained']

`import evgraph` loads none of the libraries that it rests on; what stands in `__all__` is fetched when it is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from evgraph.errors import (
        EndpointError,
        EvgraphError,
        LimitReachedError,
        NothingCheckedError,
        UnreadableError,
        UsageError,
    )
    from evgraph.python.graph import Graph
    from evgraph.python.opening import open  # noqa: A004 - evgraph.open() is what people will write
    from evgraph.python.result import Result, Row
    from evgraph.python.validation import Finding, Validation

__all__ = [
    "EndpointError",
    "EvgraphError",
    "Finding",
    "Graph",
    "LimitReachedError",
    "NothingCheckedError",
    "Result",
    "Row",
    "UnreadableError",
    "UsageError",
    "Validation",
    "open",
]

_HOMES = {
    "EndpointError": "evgraph.errors",
    "EvgraphError": "evgraph.errors",
    "Finding": "evgraph.python.validation",
    "Graph": "evgraph.python.graph",
    "LimitReachedError": "evgraph.errors",
    "NothingCheckedError": "evgraph.errors",
    "Result": "evgraph.python.result",
    "Row": "evgraph.python.result",
    "UnreadableError": "evgraph.errors",
    "UsageError": "evgraph.errors",
    "Validation": "evgraph.python.validation",
    "open": "evgraph.python.opening",
}


if not TYPE_CHECKING:  # A type checker shall go by the imports above, and know a misspelt name.

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module 'evgraph' has no attribute '{name}'")
        from importlib import import_module

        globals()[name] = found = getattr(import_module(_HOMES[name]), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
