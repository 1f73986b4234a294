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


def target_pattern(kind: str, value: Term, this: str, subclasses: Callable[[str], Sequence[str]]) -> str:
    """Return the pattern of the nodes of a target.

    Args:
        kind: the local name of SHACL's property for it: ``targetClass``, ``targetNode``, …
        value: the value of that property.
        this: the variable for the nodes.
        subclasses: a class → itself and the classes below it.

    """
    if kind == "targetNode":
        return f"VALUES {this} {{ {written(value)} }}"
    if kind == "targetSubjectsOf":
        return f"{this} {value} []."
    if kind == "targetObjectsOf":
        return f"[] {value} {this} ."
    return is_a(this, value, subclasses)


def is_a(node: str, cls: Term, subclasses: Callable[[str], Sequence[str]]) -> str:
    """Return the pattern of the instances of a class."""
    classes = subclasses(cls.value) if isinstance(cls, ox.NamedNode) else []
    return union([f"{node} <{_TYPE}> <{name}> ." for name in classes])


def union(patterns: Sequence[str]) -> str:
    """Return the pattern of alternatives."""
    return patterns[0] if len(patterns) == 1 else " UNION ".join(f"{{ {pattern} }}" for pattern in patterns)


def written(term: Term) -> str:
    """Return the text of a term in a query; a literal as the store holds it."""
    return str(lexical.marked(term) if isinstance(term, ox.Literal) else term)
