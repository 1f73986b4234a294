"""The focus nodes of shapes: how many there are, and whether given files have any.

https://www.w3.org/TR/shacl/#targets
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.namespaces import RDF
from evgraph.shacl.graph_patterns import target_pattern, union
from evgraph.shacl.ineffective_shapes import effective_roots
from evgraph.store.select import select, select_for
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.shacl.shapes_graph import ShapesGraph
    from evgraph.shacl.source import Source
    from evgraph.store.protocol import Term

_TYPE = ox.NamedNode(f"{RDF}type")


class Targets:
    """How many of the user's own nodes are focus nodes.

    Args:
        data: the data that is validated.
        shapes: the shapes.

    Attributes:
        classes: the class of each class target → the number of its instances.
        count: the number of all focus nodes.

    """

    def __init__(self, data: Source, shapes: ShapesGraph) -> None:
        targets = sorted({target for root in effective_roots(shapes) for target in shapes.targets(root)}, key=str)
        subjects: dict[Term, set[Term]] = {}
        for node, about in data.background.items():
            for predicate, _ in about:
                subjects.setdefault(predicate, set()).add(node)
        background = {target: _in_background(data, subjects, *target) for target in targets}
        self.classes = {
            cls.value: _count(data, [(kind, cls)]) - len(background[kind, cls])
            for kind, cls in targets
            if kind == "targetClass" and isinstance(cls, ox.NamedNode)
        }
        self.count = _count(data, targets) - len(set().union(*background.values()))


def has_targets(files: Iterable[DataFile], data: Source, shapes: ShapesGraph) -> bool:
    """Whether some of the files of the data mention a focus node; they are read up to the first."""
    targets = {target for root in effective_roots(shapes) for target in shapes.targets(root)}
    of_kind: dict[str, set[Term]] = {kind: {value for name, value in targets if name == kind} for kind, _ in targets}
    classes = {
        below
        for cls in of_kind.get("targetClass", ())
        if isinstance(cls, ox.NamedNode)
        for below in data.subclasses(cls.value)
    }
    predicates = of_kind.get("targetSubjectsOf", set()) | of_kind.get("targetObjectsOf", set())
    nodes = of_kind.get("targetNode", set())
    seen: set[Term] = set()
    for file in files:
        for quad in file.parsed():
            if quad.predicate in predicates or quad.subject in nodes or quad.object in nodes:
                return True
            if quad.predicate == _TYPE and isinstance(quad.object, ox.NamedNode) and quad.object.value in classes:
                return True
            if isinstance(quad.subject, ox.NamedNode) and quad.subject not in seen:
                seen.add(quad.subject)
                types = select(data.store, f"SELECT ?class WHERE {{ {quad.subject} a ?class }}")
                if not classes.isdisjoint(value_of(cls) for (cls,) in types):
                    return True
    return False


def _count(data: Source, targets: Sequence[tuple[str, Term]]) -> int:
    if not targets:
        return 0
    where = union([target_pattern(kind, value, "?this", data.subclasses) for kind, value in targets])
    ((number,),) = select(data.store, f"SELECT (COUNT(DISTINCT ?this) AS ?n) WHERE {{ {where} }}")
    return int(value_of(number))


def _in_background(data: Source, subjects: Mapping[Term, set[Term]], kind: str, value: Term) -> set[Term]:
    """Return the nodes of a target that are in the background, of which ``subjects`` are those of each predicate."""
    if kind == "targetNode":
        return {value} & data.background.keys()
    if kind == "targetObjectsOf":
        query = f"SELECT DISTINCT ?o WHERE {{ VALUES ?o {{}} ?s {value} ?o }}"
        return {node for (node,) in select_for(data.store, query, data.background)}
    if kind == "targetSubjectsOf":
        return subjects.get(value, set())
    types = {(_TYPE, ox.NamedNode(cls)) for cls in data.subclasses(value_of(value))}
    return {node for node in subjects.get(_TYPE, ()) if not types.isdisjoint(data.background[node])}
