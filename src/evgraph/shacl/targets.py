"""The nodes that shapes are to judge.

https://www.w3.org/TR/shacl/#targets
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.namespaces import RDF
from evgraph.shacl.graph_patterns import pattern, union
from evgraph.shacl.ineffective_shapes import judging
from evgraph.store.select import select
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.shacl.shapes_graph import ShapesGraph
    from evgraph.shacl.source import Source
    from evgraph.store.protocol import Term

_TYPE = f"{RDF}type"


class Targets:
    """How many of the user's own nodes the shapes are to judge.

    Args:
        data: what is judged.
        shapes: the shapes.

    Attributes:
        classes: the class of each class target → how many.
        count: all focus nodes together.

    """

    def __init__(self, data: Source, shapes: ShapesGraph) -> None:
        targets = sorted({target for root in judging(shapes) for target in shapes.targets(root)}, key=str)
        apart = {target: data.apart(*target) for target in targets}
        classes = [target for target in targets if target[0] == "targetClass"]
        counts = {target: _count(data, [target]) - len(apart[target]) for target in classes}
        self.count = _count(data, targets) - len(set().union(*apart.values()))
        self.classes = {
            cls.value: counts[kind, cls]
            for kind, cls in targets
            if kind == "targetClass" and isinstance(cls, ox.NamedNode)
        }


def any_in(files: Iterable[DataFile], data: Source, shapes: ShapesGraph) -> bool:
    """Whether some files speak of a node that is to be judged; they are read up to the first."""
    targets = {target for root in judging(shapes) for target in shapes.targets(root)}
    values: dict[str, set[Term]] = {kind: {one for name, one in targets if name == kind} for kind, _ in targets}
    of_classes = {one.value for one in values.get("targetClass", ()) if isinstance(one, ox.NamedNode)}
    classes = {below for cls in of_classes for below in data.subclasses(cls)}
    nodes = values.get("targetNode", set())
    seen: set[Term] = set()
    for file in files:
        for quad in file.parsed():
            if quad.predicate in values.get("targetSubjectsOf", ()) or quad.predicate in values.get(
                "targetObjectsOf", ()
            ):
                return True
            if quad.subject in nodes or quad.object in nodes:
                return True
            if quad.predicate.value == _TYPE and isinstance(quad.object, ox.NamedNode) and quad.object.value in classes:
                return True
            if isinstance(quad.subject, ox.NamedNode) and quad.subject not in seen:
                seen.add(quad.subject)
                types = {cls for (cls,) in select(data.store, f"SELECT ?class WHERE {{ {quad.subject} a ?class }}")}
                if any(isinstance(cls, ox.NamedNode) and cls.value in classes for cls in types):
                    return True
    return False


def _count(data: Source, targets: Sequence[tuple[str, Term]]) -> int:
    if not targets:
        return 0
    where = union([pattern(kind, value, "?this", data.subclasses) for kind, value in targets])
    ((number,),) = select(data.store, f"SELECT (COUNT(DISTINCT ?this) AS ?n) WHERE {{ {where} }}")
    return int(value_of(number))
