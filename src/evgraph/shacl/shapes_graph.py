"""A shapes graph, read: which nodes are shapes, what they are to judge, and what they say.

https://www.w3.org/TR/shacl/#shapes
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from evgraph.errors import UnreadableError
from evgraph.namespaces import OWL, RDF, RDFS, SH
from evgraph.shacl import paths
from evgraph.shacl.findings import Severity
from evgraph.text import label_rank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from evgraph.rdf.files import DataFile
    from evgraph.shacl.paths import Path
    from evgraph.store.protocol import Term

Node: TypeAlias = ox.NamedNode | ox.BlankNode

TARGETS = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
SINGLE_SHAPES = ("node", "property", "not", "qualifiedValueShape")
LISTS_OF_SHAPES = ("and", "or", "xone")
DEEPEST = 50
"""So many shapes, or parts of a path, may stand within each other: far more than anyone writes."""
_TYPE = ox.NamedNode(f"{RDF}type")
_FIRST, _REST, _NIL = (f"{RDF}{name}" for name in ("first", "rest", "nil"))


class MalformedError(ValueError):
    """Something in a shapes graph is not as the standard has it; the message says what."""


def triples(files: Iterable[DataFile], blank: str) -> Iterator[tuple[Node, ox.NamedNode, Term]]:
    """Read the triples of files; named graphs are merged, lexical forms stay as they are in the files.

    Args:
        files: what to read.
        blank: how blank nodes begin. They are numbered as they come, so that each file has its own and two runs name
            them alike.

    Raises:
        UnreadableError: a file is not well-formed, or holds a triple term, which SHACL does not know.

    """
    count = 0
    for file in files:
        names: dict[str, ox.BlankNode] = {}
        for quad in file.quads():
            subject, value = quad.subject, quad.object
            if isinstance(subject, ox.Triple) or isinstance(value, ox.Triple):
                raise nested(file)
            if isinstance(subject, ox.BlankNode):
                if subject.value not in names:
                    names[subject.value] = ox.BlankNode(f"{blank}{(count := count + 1)}")
                subject = names[subject.value]
            if isinstance(value, ox.BlankNode):
                if value.value not in names:
                    names[value.value] = ox.BlankNode(f"{blank}{(count := count + 1)}")
                value = names[value.value]
            yield subject, quad.predicate, value


def nested(file: DataFile) -> UnreadableError:
    """Give the error for a triple term."""
    return UnreadableError(
        "a triple within a triple cannot be validated", path=file.path, hint="state it as a claim (rdf:subject …)"
    )


class ShapesGraph:
    """The triples of shapes, by subject and predicate.

    Raises:
        UnreadableError: a file is not well-formed.

    """

    def __init__(self, files: Iterable[DataFile]) -> None:
        self._values: dict[Term, dict[str, dict[Term, None]]] = {}
        self._iris: set[str] = set()
        for subject, predicate, value in triples(files, "s"):
            self._values.setdefault(subject, {}).setdefault(predicate.value, {})[value] = None
            self._iris.update(one.value for one in (subject, predicate, value) if isinstance(one, ox.NamedNode))

    def __bool__(self) -> bool:
        return bool(self._values)

    def __contains__(self, node: Term) -> bool:
        return node in self._values

    @property
    def iris(self) -> set[str]:
        """Every IRI that occurs."""
        return self._iris

    def values(self, node: Term, predicate: str) -> list[Term]:
        """Give the objects of a subject and predicate, in the order of the files."""
        return list(self._values.get(node, {}).get(predicate, ()))

    def sh(self, node: Term, name: str) -> list[Term]:
        """Give the values of one of SHACL's properties, by its local name."""
        return self.values(node, SH + name)

    def predicates(self, node: Term) -> list[str]:
        """Give the predicates of a subject."""
        return list(self._values.get(node, ()))

    def subjects(self, predicate: str) -> list[Node]:
        """Give every subject that has a predicate."""
        return [
            node
            for node, about in self._values.items()
            if predicate in about and not isinstance(node, ox.Literal | ox.Triple)
        ]

    def objects(self, predicate: str) -> set[Term]:
        """Give every object of a predicate."""
        return {value for about in self._values.values() for value in about.get(predicate, ())}

    @cached_property
    def leads_to(self) -> set[Term]:
        """Every object of a triple: what other shapes use, in lists and otherwise, is among them."""
        return {value for about in self._values.values() for values in about.values() for value in values}

    @cached_property
    def parameters(self) -> set[str]:
        """The IRIs of the parameters of constraint components that these shapes declare."""
        paths = {path for one in self.objects(f"{SH}parameter") for path in self.sh(one, "path")}
        return {path.value for path in paths if isinstance(path, ox.NamedNode)}

    def typed(self, *classes: str) -> set[Term]:
        """Give every subject that has one of these types."""
        wanted = {ox.NamedNode(cls) for cls in classes}
        return {node for node in self._values if not wanted.isdisjoint(self.values(node, _TYPE.value))}

    def items(self, head: Term) -> list[Term]:
        """Read a list.

        Raises:
            MalformedError: it is none.

        """
        found: list[Term] = []
        seen: set[Term] = set()
        while head != ox.NamedNode(_NIL):
            first, rest = self.values(head, _FIRST), self.values(head, _REST)
            if len(first) != 1 or len(rest) != 1 or head in seen:
                raise MalformedError("a list is not well-formed")
            seen.add(head)
            found.append(first[0])
            head = rest[0]
        return found

    def path(self, node: Term, depth: int = 0) -> Path:
        """Read the property path that a node stands for.

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
        """Give the path of a property shape, None for a node shape.

        Raises:
            MalformedError: there are several, or it is no property path.

        """
        found = self.sh(shape, "path")
        if len(found) > 1:
            raise MalformedError("a shape has more than one sh:path")
        return self.path(found[0]) if found else None

    @cached_property
    def implicit(self) -> set[Term]:
        """The shapes that are classes, and so judge their own instances.

        https://www.w3.org/TR/shacl/#implicit-targetClass
        """
        above = ox.NamedNode(f"{RDFS}Class")
        classes = {one for one in self.subjects(f"{RDFS}subClassOf") if above in self.values(one, f"{RDFS}subClassOf")}
        kinds = [f"{RDFS}Class", f"{OWL}Class", *(one.value for one in classes if isinstance(one, ox.NamedNode))]
        shapes = self.typed(f"{SH}NodeShape", f"{SH}PropertyShape").union(
            *(self.subjects(SH + name) for name in TARGETS)
        )
        return self.typed(*kinds) & (shapes | set(self.subjects(f"{SH}property")) | set(self.subjects(f"{SH}node")))

    @cached_property
    def roots(self) -> list[Node]:
        """Every shape with a target of its own, in the order of the files."""
        found = self.implicit.union(*(self.subjects(SH + name) for name in TARGETS))
        return [node for node in self._values if node in found and not isinstance(node, ox.Literal | ox.Triple)]

    def targets(self, shape: Term) -> Iterator[tuple[str, Term]]:
        """Give the targets of a shape: the local name of SHACL's property (``targetClass``, …), and its value."""
        if shape in self.implicit:
            yield "targetClass", shape
        for name in TARGETS:
            for value in self.sh(shape, name):
                yield name, value

    def missing(self) -> set[str]:
        """Find the shapes that others refer to and that are not there."""
        used = set().union(*(self.objects(SH + name) for name in SINGLE_SHAPES))
        for name in LISTS_OF_SHAPES:
            for head in self.objects(SH + name):
                try:
                    used.update(self.items(head))
                except MalformedError:
                    continue  # Told by who has to read it.
        return {one.value if isinstance(one, ox.NamedNode) else str(one) for one in used if one not in self._values}

    def severity(self, shape: Term) -> Severity:
        """Give the severity of a shape; one that SHACL does not know counts as a violation."""
        given = {one.value for one in self.sh(shape, "severity") if isinstance(one, ox.NamedNode)}
        return next((one for one in Severity if one.iri in given), Severity.VIOLATION)

    def other_severity(self, shape: Term) -> str:
        """Give the IRI of a shape's severity if SHACL does not know it, else nothing."""
        given = {one.value for one in self.sh(shape, "severity") if isinstance(one, ox.NamedNode)}
        return "" if given & {one.iri for one in Severity} else min(given, default="")

    def messages(self, node: Term) -> list[ox.Literal]:
        """Give the messages of a shape or constraint."""
        return [one for one in self.sh(node, "message") if isinstance(one, ox.Literal)]

    def rule(self, shape: Term) -> str:
        """Give the name that people call a shape by; see `Finding.rule`."""
        if isinstance(shape, ox.NamedNode):
            return local(shape.value)
        steps: list[str] = []
        seen: set[Term] = set()
        while isinstance(shape, ox.BlankNode) and shape not in seen:
            seen.add(shape)
            try:
                path = self.path_of(shape)
            except MalformedError:
                path = None  # Told by who has to follow it.
            steps += [] if path is None else [paths.text(path, lambda name: local(name.value))]
            parents = self._parents.get(shape, [])
            shape = min((one for one in parents if one not in seen), key=self._by_name, default=shape)
        steps += [local(shape.value)] if isinstance(shape, ox.NamedNode) else []
        return "-".join(reversed(steps)) or "unnamed"

    def owner(self, node: Node) -> Node:
        """Give the nearest node with an IRI that a blank node is part of; the node itself where there is none."""
        ahead: list[Node] = [node]
        for part in ahead:
            if isinstance(part, ox.NamedNode):
                return part
            ahead += [
                whole
                for whole, about in self._values.items()
                if isinstance(whole, Node) and whole not in ahead and any(part in values for values in about.values())
            ]
        return node

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


def local(iri: str) -> str:
    """Give the last part of an IRI."""
    return re.split(r"[#/:]", iri.rstrip("#/:"))[-1]


def plain(texts: Iterable[ox.Literal], change: Callable[[str], str] = str) -> str:
    """Choose English, then what has no language, then the first by the alphabet; in one line."""
    return next(
        (
            " ".join(change(text.value).split())
            for text in sorted(texts, key=lambda text: label_rank(text.value, text.language))
        ),
        "",
    )
