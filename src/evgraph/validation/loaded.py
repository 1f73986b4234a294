"""Data made ready to be judged by SELECTs: in one store, each triple once, each literal as it is written."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.namespaces import LABEL_PROPERTIES, RDF, RDFS, XSD
from evgraph.rdf import lexical_forms as lexical
from evgraph.shacl.shapes_graph import nested, triples
from evgraph.store.embedded import EmbeddedStore
from evgraph.validation.scan import scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.shacl.shapes_graph import Node
    from evgraph.store.protocol import Term

_SCANNED = {"turtle", "ntriples"}


class Loaded:
    """The user's files in a store, and what stands beside them.

    Args:
        data: the user's own files.
        beside: what stands beside any data. Nodes that only these files describe are not the user's to mend.

    Attributes:
        store: all of it, in one graph; literals as `lexical.stored` gives them.
        written: the datatypes of literals whose form the engine would have changed.
        elsewhere: the nodes that only what stands beside describes.

    Raises:
        UnreadableError: a file is not well-formed, or holds a triple term.

    """

    def __init__(self, data: Sequence[DataFile], beside: Sequence[DataFile]) -> None:
        self.store = EmbeddedStore()
        self.written: set[str] = set()
        self._odd: list[ox.Quad] = []
        self._as_written = True
        self._literals: dict[ox.Literal, ox.Literal | None] = {}
        scans = [(file, scan(file.content()) if file.format.name in _SCANNED else None) for file in data]
        self._load({file: one for file, one in scans if one is not None})
        self.store.extend(self._quads(file for file, one in scans if one is None))
        self.empty = not len(self.store)
        beside_quads = [
            ox.Quad(one, predicate, self._stored(one, predicate, value) if isinstance(value, ox.Literal) else value)
            for one, predicate, value in triples(beside, "c")
        ]
        self._beside: dict[tuple[str, str | None], set[Term]] = {}
        for quad in beside_quads:
            self._beside.setdefault((quad.predicate.value, None), set()).add(quad.subject)
            if isinstance(quad.object, ox.NamedNode):
                self._beside.setdefault((quad.predicate.value, quad.object.value), set()).add(quad.subject)
        subjects = {one.subject for one in beside_quads if not isinstance(one.subject, ox.Triple)}
        self.elsewhere: set[Term] = {one for one in subjects if next(self.store.matches(one), None) is None}
        self.store.extend(beside_quads)

    def _load(self, files: Mapping[DataFile, list[ox.Literal]]) -> None:
        """Have the engine load files by itself, and put right what little it does otherwise."""
        for file in files:
            self.store.load(file, named=False)
        for literal in {literal for found in files.values() for literal in found}:
            was = list(self.store.matches(value=literal))
            now = [ox.Quad(one.subject, one.predicate, lexical.stored(literal)) for one in was]
            self.store.replace(was, now)
            self._odd += now

    def _quads(self, files: Iterable[DataFile]) -> Iterator[ox.Quad]:
        # The loop that every triple goes through: most are passed on as they are, with as few questions as can be.
        named, literal, string = ox.NamedNode, ox.Literal, f"{XSD}string"
        blank = count(1)
        for file in files:
            names: dict[str, ox.BlankNode] = defaultdict(lambda: ox.BlankNode(f"d{next(blank)}"))
            stays = not file.format.quads
            for quad in file.parsed():
                subject, value = quad.subject, quad.object
                usual = type(value) is named or (
                    type(value) is literal and bool(value.language or value.datatype.value == string)
                )
                yield quad if usual and stays and type(subject) is named else self._changed(quad, names, file)

    def _changed(self, quad: ox.Quad, names: Mapping[str, ox.BlankNode], file: DataFile) -> ox.Quad:
        """Take a quad out of its graph, name its blank nodes, and keep how its literal is written."""
        subject, value = quad.subject, quad.object
        if isinstance(subject, ox.Triple) or isinstance(value, ox.Triple):
            raise nested(file)
        if isinstance(subject, ox.BlankNode):
            subject = names[subject.value]
        if isinstance(value, ox.BlankNode):
            value = names[value.value]
        elif isinstance(value, ox.Literal):
            value = self._stored(subject, quad.predicate, value)
        return ox.Quad(subject, quad.predicate, value)

    def _stored(self, subject: Node, predicate: ox.NamedNode, literal: ox.Literal) -> ox.Literal:
        if literal not in self._literals:
            stored = lexical.stored(literal)
            self._literals[literal] = None if stored == literal else stored
            if stored.datatype.value.startswith(lexical.WRITTEN):
                self.written.add(literal.datatype.value)
        other = self._literals[literal]
        if other is None:
            return literal
        self._odd.append(ox.Quad(subject, predicate, other))
        return other

    def forget_forms(self) -> None:
        """Give the store the literals as any engine has them: queries that others wrote know no other datatypes."""
        if self._as_written:
            self.store.replace(self._odd, [self._usual(quad) for quad in self._odd])
            self._as_written = False

    def _usual(self, quad: ox.Quad) -> ox.Quad:
        value = quad.object
        assert isinstance(value, ox.Literal)  # noqa: S101 - `_stored` keeps no others
        return ox.Quad(quad.subject, quad.predicate, lexical.as_written(value))

    @cached_property
    def _forms(self) -> dict[tuple[Term, Term | None, Term], ox.Literal]:
        forms: dict[tuple[Term, Term | None, Term], ox.Literal] = {}
        for quad in self._odd:
            written = self._usual(quad).object
            if isinstance(written, ox.Literal):
                for predicate in (quad.predicate, None):
                    forms[quad.subject, predicate, lexical.kept(written)] = written
        return forms

    def as_written(self, subject: Term, predicate: Term | None, value: Term) -> Term:
        """Give a value that a query found as it stands in the file."""
        if not isinstance(value, ox.Literal) or not self._odd:
            return value
        if self._as_written:
            return lexical.as_written(value)
        return self._forms.get((subject, predicate, value), value)

    def subclasses(self, cls: str) -> list[str]:
        """Give a class and all that are below it, sorted.

        https://www.w3.org/TR/shacl/#dfn-shacl-subclass
        """
        found, ahead = {cls}, [cls]
        while ahead:
            for quad in self.store.matches(predicate=f"{RDFS}subClassOf", value=ox.NamedNode(ahead.pop())):
                if isinstance(quad.subject, ox.NamedNode) and quad.subject.value not in found:
                    found.add(quad.subject.value)
                    ahead.append(quad.subject.value)
        return sorted(found)

    def names(self, node: Term) -> list[ox.Literal]:
        """Give what people call a node."""
        if isinstance(node, ox.NamedNode | ox.BlankNode):
            for predicate in LABEL_PROPERTIES:
                found = [quad.object for quad in self.store.matches(subject=node, predicate=predicate)]
                literals = [one for one in found if isinstance(one, ox.Literal)]
                if literals:
                    return literals
        return []

    def apart(self, kind: str, value: Term) -> set[Term]:
        """Give the nodes of a target that are not the user's; they are few."""
        if kind == "targetNode":
            return {value} & self.elsewhere
        if not isinstance(value, ox.NamedNode):
            return set()
        if kind == "targetSubjectsOf":
            return self._beside.get((value.value, None), set()) & self.elsewhere
        if kind == "targetObjectsOf":
            return {quad.object for quad in self.store.matches(predicate=value.value)} & self.elsewhere
        found = (self._beside.get((f"{RDF}type", one), set()) for one in self.subclasses(value.value))
        return set().union(*found) & self.elsewhere
