"""SHACL property paths, and their text in SPARQL.

https://www.w3.org/TR/shacl/#property-paths
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Callable

SUFFIXES = {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}
"""The local names of SHACL's repeated paths → the operator of SPARQL."""


class Compound(NamedTuple):
    """A path that is not a single property."""

    # ``sequence``, or the local name of SHACL's property for it: ``inversePath``, ``alternativePath``,
    # ``zeroOrMorePath``, ``oneOrMorePath``, ``zeroOrOnePath``.
    kind: str
    parts: tuple[Path, ...]  # One path, or for a sequence and for alternatives several.


Path: TypeAlias = ox.NamedNode | Compound


def text(path: Path, name: Callable[[ox.NamedNode], str] = str) -> str:
    """Return the text of a path in SPARQL, of whose properties ``name`` returns the text, by default ``<IRI>``.

    https://www.w3.org/TR/sparql11-query/#propertypaths
    """
    if isinstance(path, ox.NamedNode):
        return name(path)
    parts = [f"({text(part, name)})" if _needs_brackets(part, path) else text(part, name) for part in path.parts]
    if path.kind == "inversePath":
        return f"^{parts[0]}"
    if path.kind in SUFFIXES:
        return f"{parts[0]}{SUFFIXES[path.kind]}"
    return ("/" if path.kind == "sequence" else "|").join(parts)


def length(path: Path) -> int:
    """Count the properties of a path."""
    return 1 if isinstance(path, ox.NamedNode) else sum(length(part) for part in path.parts)


def may_be_empty(path: Path) -> bool:
    """Whether a path leads from a node to itself without a step."""
    if isinstance(path, ox.NamedNode):
        return False
    if path.kind in {"zeroOrMorePath", "zeroOrOnePath"}:
        return True
    of_parts = [may_be_empty(part) for part in path.parts]
    return any(of_parts) if path.kind == "alternativePath" else all(of_parts)


def _needs_brackets(part: Path, whole: Compound) -> bool:
    """Whether a part needs brackets: several steps, or ``^p*``, where the suffix binds first."""
    return isinstance(part, Compound) and (len(part.parts) > 1 or whole.kind not in {"sequence", "alternativePath"})
