"""The focus nodes of shapes: their patterns, how many there are, and whether given files have any.

https://www.w3.org/TR/shacl/#targets
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Protocol

import pyoxigraph as ox

from evgraph.namespaces import RDF
from evgraph.rdf import lexical_forms as lexical
from evgraph.shacl.ineffective_shapes import effective_roots
from evgraph.store.protocol import read_number, select, select_for
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set

    from evgraph.rdf.files import DataFile
    from evgraph.shacl.shapes_graph import ShapesGraph
    from evgraph.store.embedded import OxigraphStore
    from evgraph.store.protocol import Store, Term

_TYPE = ox.NamedNode(f"{RDF}type")


class Source(Protocol):
    """Data that is validated, in files or in a store."""

    @property
    def store(self) -> Store:
        """All of the data."""
        ...

    @property
    def marked_datatypes(self) -> Collection[str]:
        """The datatypes of literals that the store holds under another one; see `evgraph.rdf.lexical_forms`."""
        ...

    @property
    def background(self) -> Mapping[Term, Set[tuple[Term, Term]]]:
        """The nodes that are not the user's → their statements, as predicate and object; they get no findings."""
        ...

    def subclasses(self, cls: str) -> list[str]:
        """Return a class and all classes below it, sorted."""
        ...

    def store_for_queries(self) -> OxigraphStore:
        """Return the data as queries of authors see it, where the engine is in this process."""
        ...

    def as_written(self, subject: Term, predicate: Term | None, value: Term) -> Term:
        """Return the value of a row as it is written in the data, as far as that is known."""
        ...


def target_pattern(kind: str, value: Term, this: str, subclasses: Callable[[str], Sequence[str]]) -> str:
    """Return the pattern of the nodes of a target: SHACL's property (``targetClass``, …) and its value."""
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
    return union([f"{node} {_TYPE} <{name}> ." for name in classes])


def union(patterns: Sequence[str]) -> str:
    """Return the pattern of alternatives."""
    return patterns[0] if len(patterns) == 1 else " UNION ".join(f"{{ {pattern} }}" for pattern in patterns)


def written(term: Term) -> str:
    """Return the text of a term in a query; a literal as the store holds it."""
    return str(lexical.marked(term) if isinstance(term, ox.Literal) else term)


class Targets:
    """How many of the user's own nodes are focus nodes: the ``count`` of all, and that of each class with a target."""

    def __init__(self, data: Source, shapes: ShapesGraph) -> None:
        targets = sorted({target for root in effective_roots(shapes) for target in shapes.targets(root)}, key=str)
        in_background = _InBackground(data)
        background = {target: in_background.nodes(*target) for target in targets}
        self.classes = {
            cls.value: _count(data, [(kind, cls)]) - len(background[kind, cls])
            for kind, cls in targets
            if kind == "targetClass" and isinstance(cls, ox.NamedNode)
        }
        self.count = _count(data, targets) - len(set().union(*background.values()))


def has_targets(files: Iterable[DataFile], data: Source, shapes: ShapesGraph) -> bool:
    """Whether some of the files of the data mention a focus node; they are read up to the first."""
    targets = {target for root in effective_roots(shapes) for target in shapes.targets(root)}
    named = [cls.value for kind, cls in targets if kind == "targetClass" and isinstance(cls, ox.NamedNode)]
    classes = {below for cls in named for below in data.subclasses(cls)}
    predicates = {value for kind, value in targets if kind in {"targetSubjectsOf", "targetObjectsOf"}}
    nodes = {value for kind, value in targets if kind == "targetNode"}
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
    return read_number(data.store, f"SELECT (COUNT(DISTINCT ?this) AS ?n) WHERE {{ {where} }}")


class _InBackground:
    """The nodes of targets that are in the background."""

    def __init__(self, data: Source) -> None:
        self._data = data
        self._subjects: defaultdict[Term, set[Term]] = defaultdict(set)  # Of a predicate.
        self._instances: defaultdict[Term, set[Term]] = defaultdict(set)  # Of a class, not counting its subclasses.
        for node, about in data.background.items():
            for predicate, value in about:
                self._subjects[predicate].add(node)
                if predicate == _TYPE:
                    self._instances[value].add(node)

    def nodes(self, kind: str, value: Term) -> set[Term]:
        """Return those of a target."""
        if kind == "targetNode":
            return {value} & self._data.background.keys()
        if kind == "targetObjectsOf":
            query = f"SELECT DISTINCT ?o WHERE {{ VALUES ?o {{}} ?s {value} ?o }}"
            return {node for (node,) in select_for(self._data.store, query, self._data.background)}
        if kind == "targetSubjectsOf":
            return self._subjects[value]
        return set().union(*(self._instances[ox.NamedNode(cls)] for cls in self._data.subclasses(value_of(value))))
