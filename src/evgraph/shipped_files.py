"""The folders ``ontology/``, ``data/`` and ``queries/``, in the installed package or in the checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from evgraph.errors import UnreadableError


@cache
def _root() -> Path:
    package = Path(__file__).parent
    for root in (package / "_shipped", package.parent.parent):
        if (root / "ontology" / "evgraph.ttl").is_file():
            return root
    raise UnreadableError(
        "evgraph's own files (ontology, data, queries) are missing from this installation",
        path=package,
        hint="install evgraph again",
    )


def ontology() -> Path:
    """Return the folder of the ontology, the concept schemes and the shapes."""
    return _root() / "ontology"


def data() -> Path:
    """Return the folder of the shipped graph."""
    return _root() / "data"


def queries() -> Path:
    """Return the folder of the canned queries."""
    return _root() / "queries"
