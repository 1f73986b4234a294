"""SHACL property paths: read from a shapes graph, written as SPARQL has them.

https://www.w3.org/TR/shacl/#property-paths
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from evgraph.namespaces import SH

if TYPE_CHECKING:
    from collections.abc import Callable

    import rdflib
    from rdflib.term import Node

_SUFFIXES = {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}


@dataclass(frozen=True, slots=True)
class Compound:
    """A path that is more than one property.

    Attributes:
        kind: ``sequence``, or the local name of SHACL's property for it: ``inversePath``, ``alternativePath``,
            ``zeroOrMorePath``, ``oneOrMorePath``, ``zeroOrOnePath``.
        parts: one path, or for a sequence and for alternatives several.

    """

    kind: str
    parts: tuple[Path, ...]


Path: TypeAlias = ox.NamedNode | Compound


def read(shapes: rdflib.Graph, node: Node) -> Path:
    """Read the path that a node of a shapes graph stands for.

    Raises:
        ValueError: the node is no property path.

    """
    import rdflib

    if isinstance(node, rdflib.URIRef):
        return ox.NamedNode(str(node))
    if (node, rdflib.RDF.first, None) in shapes:
        return Compound("sequence", tuple(read(shapes, part) for part in shapes.items(node)))
    for kind in ("inversePath", "alternativePath", *_SUFFIXES):
        inner = shapes.value(node, rdflib.URIRef(SH + kind))
        if inner is not None:
            members = shapes.items(inner) if kind == "alternativePath" else [inner]
            return Compound(kind, tuple(read(shapes, part) for part in members))
    raise ValueError("not a property path")


def text(path: Path, name: Callable[[ox.NamedNode], str] = str) -> str:
    """Write a path as SPARQL does.

    https://www.w3.org/TR/sparql11-query/#propertypaths

    Args:
        path: the path.
        name: how a property is written; by default between angle brackets.

    """
    if isinstance(path, ox.NamedNode):
        return name(path)
    parts = [f"({text(part, name)})" if _several(part) else text(part, name) for part in path.parts]
    if path.kind == "inversePath":
        return f"^{parts[0]}"
    if path.kind in _SUFFIXES:
        return f"{parts[0]}{_SUFFIXES[path.kind]}"
    return ("/" if path.kind == "sequence" else "|").join(parts)


def _several(path: Path) -> bool:
    return isinstance(path, Compound) and len(path.parts) > 1
