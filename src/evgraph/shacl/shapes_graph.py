"""A shapes graph in memory: which nodes are shapes, their targets, and their statements.

https://www.w3.org/TR/shacl/#shapes
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property, lru_cache
from itertools import count
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from evgraph.errors import UnreadableError
from evgraph.namespaces import OWL, RDF, RDFS, SH
from evgraph.rdf.positions import Place, place_of, statements_of
from evgraph.shacl import paths
from evgraph.shacl.findings import Severity
from evgraph.text import label_rank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.shacl.paths import Path
    from evgraph.store.protocol import Term

Node: TypeAlias = ox.NamedNode | ox.BlankNode

TARGETS = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
SINGLE_SHAPES = ("node", "property", "not", "qualifiedValueShape")
LISTS_OF_SHAPES = ("and", "or", "xone")
DEEPEST = 50
"""So many shapes, or parts of a path, may be nested: far more than anyone writes."""
_TYPE = ox.NamedNode(f"{RDF}type")
_SEVERITIES = {severity.iri: severity for severity in Severity}
_FIRST, _REST, _NIL = (f"{RDF}{name}" for name in ("first", "rest", "nil"))


class MalformedError(ValueError):
    """Something in a shapes graph does not follow the standard; the message says what."""


def triples(files: Iterable[DataFile], blank: str) -> Iterator[tuple[Node, ox.NamedNode, Term]]:
    """Parse files and iterate over their triples; named graphs are merged, literals keep their lexical forms.

    The labels of blank nodes start with ``blank``, and are numbered in the order of the files: no two files share one,
    and two runs give the same.

    Raises:
        UnreadableError: a file is not well-formed, or contains a triple term, which SHACL does not know.

    """
    numbers = count(1)
    return (triple for file in files for triple in _triples_of(file, blank, numbers))


def _triples_of(file: DataFile, blank: str, numbers: Iterator[int]) -> Iterator[tuple[Node, ox.NamedNode, Term]]:
    # Every triple of shapes passes here at each start, so types are compared, and attributes are read once.
    labels: dict[ox.BlankNode, ox.BlankNode] = defaultdict(lambda: ox.BlankNode(f"{blank}{next(numbers)}"))
    for quad in file.parsed():
        subject, value = quad.subject, quad.object
        if type(subject) is ox.BlankNode:
            subject = labels[subject]
        if type(value) is ox.BlankNode:
            value = labels[value]
        if isinstance(subject, ox.Triple) or isinstance(value, ox.Triple):
            raise nested(file)
        yield subject, quad.predicate, value


def nested(file: DataFile) -> UnreadableError:
    """Return the error for a triple term."""
    return UnreadableError(
        "a triple within a triple cannot be validated", path=file.path, hint="state it as a claim (rdf:subject …)"
    )


def read_shapes(files: Sequence[DataFile]) -> ShapesGraph:
    """Return the shapes graph of files; of files in memory, the same graph each time.

    Raises:
        UnreadableError: a file is not well-formed.

    """
    in_memory = all(file.body is not None for file in files)
    return _graph_of(tuple(files)) if in_memory else ShapesGraph(files)


class ShapesGraph:
    """The triples of shapes, by subject and predicate."""

    def __init__(self, files: Iterable[DataFile]) -> None:
        self._values: dict[Term, dict[str, dict[Term, None]]] = {}
        self.iris: set[str] = set()  # Every IRI in the graph.
        self.paths: dict[Term, str] = {}  # Subject with a type → the path of the last file that states one.
        self._paths: dict[Term, Path | None] = {}
        self._placed: dict[str, list[tuple[str, str, Place]]] = {}
        self._files = list(files)
        numbers = count(1)
        for file in self._files:
            for subject, predicate, value in _triples_of(file, "s", numbers):
                self._values.setdefault(subject, {}).setdefault(predicate.value, {})[value] = None
                if predicate == _TYPE:
                    self.paths[subject] = file.path
        for node, about in self._values.items():
            terms = (node, *(value for values in about.values() for value in values))
            self.iris.update(about, (term.value for term in terms if isinstance(term, ox.NamedNode)))

    def __bool__(self) -> bool:
        return bool(self._values)

    def __contains__(self, node: Term) -> bool:
        return node in self._values

    def triples(self) -> Iterator[tuple[Node, ox.NamedNode, Term]]:
        """Iterate over all triples."""
        for node, about in self._values.items():
            if isinstance(node, ox.NamedNode | ox.BlankNode):
                for predicate, values in about.items():
                    yield from ((node, ox.NamedNode(predicate), value) for value in values)

    def values(self, node: Term, predicate: str) -> list[Term]:
        """Return the objects of a subject and predicate, in the order of the files."""
        return list(self._values.get(node, {}).get(predicate, ()))

    def sh(self, node: Term, name: str) -> list[Term]:
        """Return the values of one of SHACL's properties, by its local name."""
        return self.values(node, SH + name)

    def predicates(self, node: Term) -> list[str]:
        """Return the predicates of a subject."""
        return list(self._values.get(node, ()))

    def subjects(self, predicate: str) -> list[Node]:
        """Return every subject of a predicate."""
        return [
            node
            for node, about in self._values.items()
            if predicate in about and not isinstance(node, ox.Literal | ox.Triple)
        ]

    def objects(self, predicate: str) -> set[Term]:
        """Return every object of a predicate."""
        return {value for about in self._values.values() for value in about.get(predicate, ())}

    @cached_property
    def all_objects(self) -> set[Term]:
        """Every object of a triple; whatever other shapes use, in lists or otherwise, is among them."""
        return {value for about in self._values.values() for values in about.values() for value in values}

    @cached_property
    def parameters(self) -> set[str]:
        """The IRIs of the parameters of constraint components that these shapes declare."""
        parameters = self.objects(f"{SH}parameter")
        return {path.value for node in parameters for path in self.sh(node, "path") if isinstance(path, ox.NamedNode)}

    def typed(self, *classes: str) -> set[Term]:
        """Return every subject that has one of these types."""
        types = {ox.NamedNode(cls) for cls in classes}
        return {node for node, about in self._values.items() if not types.isdisjoint(about.get(_TYPE.value, ()))}

    def items(self, head: Term) -> list[Term]:
        """Return the items of a list.

        Raises:
            MalformedError: the node is not the head of a list.

        """
        items: list[Term] = []
        seen: set[Term] = set()
        while head != ox.NamedNode(_NIL):
            first, rest = self.values(head, _FIRST), self.values(head, _REST)
            if len(first) != 1 or len(rest) != 1 or head in seen:
                raise MalformedError("a list is not well-formed")
            seen.add(head)
            items.append(first[0])
            head = rest[0]
        return items

    def path(self, node: Term, depth: int = 0) -> Path:
        """Return the property path that a node means.

        Raises:
            MalformedError: the node is no property path.

        """
        if isinstance(node, ox.NamedNode):
            return node
        if depth > DEEPEST:
            raise MalformedError(f"a path is nested more than {DEEPEST} deep")
        if self.values(node, _FIRST):
            return paths.Compound("sequence", tuple(self.path(part, depth + 1) for part in self.items(node)))
        for kind in ("inversePath", "alternativePath", *paths.SUFFIXES):
            for inner in self.sh(node, kind):
                members = self.items(inner) if kind == "alternativePath" else [inner]
                return paths.Compound(kind, tuple(self.path(part, depth + 1) for part in members))
        raise MalformedError("a value of sh:path is no property path")

    def path_of(self, shape: Term) -> Path | None:
        """Return the path of a property shape, None for a node shape.

        Raises:
            MalformedError: there are several, or it is no property path.

        """
        if shape not in self._paths:
            nodes = self.sh(shape, "path")
            if len(nodes) > 1:
                raise MalformedError("a shape has more than one sh:path")
            self._paths[shape] = self.path(nodes[0]) if nodes else None
        return self._paths[shape]

    @cached_property
    def implicit(self) -> set[Term]:
        """The shapes that are classes, whose instances are their focus nodes.

        https://www.w3.org/TR/shacl/#implicit-targetClass
        """
        above = ox.NamedNode(f"{RDFS}Class")
        below = {node for node in self.subjects(f"{RDFS}subClassOf") if above in self.values(node, f"{RDFS}subClassOf")}
        kinds = [f"{RDFS}Class", f"{OWL}Class", *(node.value for node in below if isinstance(node, ox.NamedNode))]
        shapes = self.typed(f"{SH}NodeShape", f"{SH}PropertyShape").union(
            *(self.subjects(SH + name) for name in TARGETS)
        )
        return self.typed(*kinds) & (shapes | set(self.subjects(f"{SH}property")) | set(self.subjects(f"{SH}node")))

    @cached_property
    def roots(self) -> list[Node]:
        """Every shape with a target, in the order of the files."""
        roots = self.implicit.union(*(self.subjects(SH + name) for name in TARGETS))
        return [node for node in self._values if node in roots and not isinstance(node, ox.Literal | ox.Triple)]

    def check_targets(self, shape: Term) -> None:
        """Make sure that the targets of a shape follow the standard.

        Raises:
            MalformedError: one of them does not.

        """
        for name in TARGETS:
            for value in self.sh(shape, name):
                if not _is_target(name, value):
                    kinds = "neither an IRI nor a literal" if name == "targetNode" else "not an IRI"
                    raise MalformedError(f"a value of sh:{name} is {kinds}")

    def parts(self, shape: Term) -> Iterator[Term]:
        """Iterate over the shapes that a shape refers to."""
        for name in SINGLE_SHAPES:
            yield from self.sh(shape, name)
        for name in LISTS_OF_SHAPES:
            for head in self.sh(shape, name):
                try:
                    yield from self.items(head)
                except MalformedError:
                    continue  # Reported where the list is compiled.

    def targets(self, shape: Term) -> Iterator[tuple[str, Term]]:
        """Iterate over the targets of a shape: the local name of SHACL's property (``targetClass``, …), and a value.

        Values that do not follow the standard are left out; see `check_targets`.
        """
        if shape in self.implicit:
            yield "targetClass", shape
        for name in TARGETS:
            for value in self.sh(shape, name):
                if _is_target(name, value):
                    yield name, value

    def missing(self) -> set[str]:
        """Return the names of shapes that others refer to and that have no statements."""
        used = set().union(*(self.objects(SH + name) for name in SINGLE_SHAPES))
        for name in LISTS_OF_SHAPES:
            for head in self.objects(SH + name):
                try:
                    used.update(self.items(head))
                except MalformedError:
                    continue  # Reported where the list is compiled.
        missing = used - self._values.keys()
        return {node.value for node in missing if isinstance(node, ox.NamedNode)}  # A blank node demands nothing.

    def severity(self, shape: Term) -> Severity:
        """Return the severity of a shape; one that SHACL does not define counts as a violation."""
        iris = self._severity_iris(shape)
        return min((_SEVERITIES[iri] for iri in iris & _SEVERITIES.keys()), default=Severity.VIOLATION)

    def other_severity(self, shape: Term) -> str:
        """Return the IRI of a shape's severity if SHACL does not define it, else an empty text."""
        iris = self._severity_iris(shape)
        return "" if iris & _SEVERITIES.keys() else min(iris, default="")

    def _severity_iris(self, shape: Term) -> set[str]:
        return {value.value for value in self.sh(shape, "severity") if isinstance(value, ox.NamedNode)}

    def messages(self, node: Term) -> list[ox.Literal]:
        """Return the messages of a shape or constraint."""
        return [value for value in self.sh(node, "message") if isinstance(value, ox.Literal)]

    def rule(self, shape: Term) -> str:
        """Return the name of a shape for people; see `Finding.rule`."""
        if isinstance(shape, ox.NamedNode):
            return local(shape.value)
        steps: list[str] = []
        seen: set[Term] = set()
        while isinstance(shape, ox.BlankNode) and shape not in seen:
            seen.add(shape)
            try:
                path = self.path_of(shape)
            except MalformedError:
                path = None  # Reported where the path is compiled.
            steps += [] if path is None else [paths.text(path, lambda name: local(name.value))]
            parents = self._parents.get(shape, [])
            shape = min((parent for parent in parents if parent not in seen), key=self._by_name, default=shape)
        steps += [local(shape.value)] if isinstance(shape, ox.NamedNode) else []
        return "-".join(reversed(steps)) or "unnamed"

    def owner(self, node: Node) -> Node:
        """Return the nearest node with an IRI that a blank node is part of; the node itself where there is none."""
        owner = self._way_up(node)[-1]
        return owner if isinstance(owner, ox.NamedNode) else node

    def place_of(self, node: Node) -> Place | None:
        """Return the place of a shape; of a blank node, that of the statement which leads to it from a named one."""
        *_, below, owner = [node, *self._way_up(node)]
        if below == owner or not isinstance(owner, ox.NamedNode):
            return place_of(owner, self._files)
        for predicate, values in self._values[owner].items():
            blanks = [value for value in values if isinstance(value, ox.BlankNode)]
            if below in blanks:
                places = [
                    place for name, value, place in self._statements(owner.value) if name == predicate and not value
                ]
                return next((place for blank, place in zip(blanks, places, strict=False) if blank == below), None)
        return None

    def _way_up(self, node: Term) -> list[Term]:
        """Return a node, and what it is part of, up to the first node with an IRI."""
        way = [node]
        while isinstance(way[-1], ox.BlankNode) and (whole := self._wholes.get(way[-1])) and whole not in way:
            way.append(whole)
        return way

    @cached_property
    def _wholes(self) -> dict[Term, Term]:
        """Blank node → the first node that has a statement about it."""
        wholes: dict[Term, Term] = {}
        for whole, about in self._values.items():
            for values in about.values():
                for value in values:
                    if isinstance(value, ox.BlankNode):
                        wholes.setdefault(value, whole)
        return wholes

    def _statements(self, subject: str) -> list[tuple[str, str, Place]]:
        if subject not in self._placed:
            self._placed[subject] = [
                (
                    statement.predicate,
                    statement.value.removeprefix("_:"),
                    Place(file.path, statement.line, statement.column),
                )
                for file in self._files
                for statement in statements_of(file, [subject])
            ]
        return self._placed[subject]

    @staticmethod
    def _by_name(shape: Term) -> tuple[bool, str]:
        return not isinstance(shape, ox.NamedNode), local(getattr(shape, "value", ""))

    @cached_property
    def _parents(self) -> dict[Term, list[Node]]:
        parents: dict[Term, list[Node]] = {}
        for parent in self.subjects(f"{SH}property"):
            for shape in self.sh(parent, "property"):
                parents.setdefault(shape, []).append(parent)
        return parents


def _is_target(name: str, value: Term) -> bool:
    return isinstance(value, ox.NamedNode) or (name == "targetNode" and isinstance(value, ox.Literal))


@lru_cache(maxsize=2)
def _graph_of(files: tuple[DataFile, ...]) -> ShapesGraph:
    return ShapesGraph(files)


def local(iri: str) -> str:
    """Return the last part of an IRI."""
    return re.split(r"[#/:]", iri.rstrip("#/:"))[-1]


def plain(texts: Iterable[ox.Literal], change: Callable[[str], str] = str) -> str:
    """Return the best of some texts on one line: English first, then without a language, then by the alphabet."""
    ranked = sorted(texts, key=lambda text: label_rank(text.value, text.language))
    return " ".join(change(ranked[0].value).split()) if ranked else ""
