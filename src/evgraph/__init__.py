"""evgraph: the Alcohol and Drug Treatment Matrices as a knowledge graph that you can query, validate and export.

    >>> import evgraph
    >>> graph = evgraph.open()
    >>> [row["how"].value for row in graph.query("guidance-citing-trials", trial="timko-2007")]
    ['direct', 'chained']

`import evgraph` is fast: it imports a name of `__all__`, and the libraries behind it, at the first use.
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
    from evgraph.python.opening import open  # noqa: A004 - users call evgraph.open()
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


if not TYPE_CHECKING:  # Type checkers use the imports above, and so report misspelt names.

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module 'evgraph' has no attribute '{name}'")
        from importlib import import_module

        globals()[name] = value = getattr(import_module(_HOMES[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
