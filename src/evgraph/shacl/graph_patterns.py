"""The nodes of a target, and the instances of a class, as graph patterns of SPARQL.

https://www.w3.org/TR/shacl/#targets
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.namespaces import RDF
from evgraph.rdf import lexical_forms as lexical

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from evgraph.store.protocol import Term

_TYPE = f"{RDF}type"


def pattern(kind: str, value: Term, this: str, subclasses: Callable[[str], Sequence[str]]) -> str:
    """Write the pattern that finds the nodes of a target.

    Args:
        kind: the local name of SHACL's property for it: ``targetClass``, ``targetNode``, …
        value: the value of that property.
        this: the variable that the nodes are to be bound to.
        subclasses: a class → itself and what is below it.

    """
    if kind == "targetNode":
        return f"VALUES {this} {{ {written(value)} }}"
    if kind == "targetSubjectsOf":
        return f"{this} {value} []."
    if kind == "targetObjectsOf":
        return f"[] {value} {this} ."
    return is_a(this, value, subclasses)


def is_a(node: str, cls: Term, subclasses: Callable[[str], Sequence[str]]) -> str:
    """Write the pattern of the instances of a class."""
    classes = subclasses(cls.value) if isinstance(cls, ox.NamedNode) else []
    return union([f"{node} <{_TYPE}> <{one}> ." for one in classes])


def union(patterns: Sequence[str]) -> str:
    """Write patterns as alternatives."""
    return patterns[0] if len(patterns) == 1 else " UNION ".join(f"{{ {one} }}" for one in patterns)


def written(term: Term) -> str:
    """Write a term as it stands in the store; see `lexical`."""
    return str(lexical.stored(term) if isinstance(term, ox.Literal) else term)
