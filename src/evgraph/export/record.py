"""Which part of a graph an export takes: what one cell says, or one thing's record."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from evgraph.namespaces import DCTERMS, EVG, ID, OA, PROV, RDF, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_Node: TypeAlias = NamedNode | BlankNode | Triple
_Said: TypeAlias = tuple[_Node, NamedNode, _Node | Literal]

# "X predicate Y", where X belongs to Y: to the cell, its commentary, its snapshot or a passage of it.
_BELONGS = {
    *(f"{EVG}inCell", f"{EVG}source", f"{EVG}statedIn"),
    *(f"{PROV}specializationOf", f"{PROV}wasAttributedTo"),
    *(f"{SCHEMA}about", f"{DCTERMS}isPartOf", f"{OA}hasSource"),
}
# "X predicate Y", where X speaks about Y; and where Y is a part of X's record.
_SPEAKS = {
    *(f"{RDF}subject", f"{RDF}object", f"{EVG}source", f"{EVG}target", f"{EVG}candidate", f"{EVG}lists"),
    f"{DCTERMS}isReplacedBy",
}
_PARTS = {f"{EVG}identification", f"{EVG}support"}
_PASSAGE = f"{EVG}statedIn"
_HEADS = f"{PROV}wasDerivedFrom"  # Of a file's header and its snapshot.
_CLAIM_PARTS = (f"{RDF}subject", f"{RDF}predicate", f"{RDF}object")


class Parts:
    """A dataset, indexed so that parts of it can be taken out.

    Args:
        quads: the data, and what else a part may draw on: the matrices for a cell, the ontology for a term of it.

    """

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._of: dict[_Node, list[Quad]] = defaultdict(list)  # By subject.
        self._to: dict[NamedNode, list[Quad]] = defaultdict(list)  # By object.
        for quad in quads:
            self._of[quad.subject].append(quad)
            if isinstance(quad.object, NamedNode):
                self._to[quad.object].append(quad)
        self._claims: dict[_Said, set[_Node]] = defaultdict(set)
        for node in self._of:
            for said in self._said_by(node):
                self._claims[said].add(node)

    def cells(self) -> list[str]:
        """Give the IRIs of the cells that something belongs to, sorted: not those that are only named."""
        cells = {name for name in self._to if name.value.startswith(f"{ID}cell/")}
        return sorted(cell.value for cell in cells if len(self._belonging(cell)) > 1)

    def subjects(self) -> list[str]:
        """Give the IRIs that the dataset describes, sorted."""
        return sorted(node.value for node in self._of if isinstance(node, NamedNode))

    def cell(self, iri: str) -> set[Quad]:
        """Take out a cell, so that the part can stand and be validated on its own.

        That is the cell with everything that belongs to it (its snapshots with who supported them, entries,
        commentary and sections, references, passages, whatever is stated in one of them, the file's header), and the
        description of all that those mention, step by step: documents with their identifications, organisations, the
        matrix, and the entry or section of another cell that a reference leads to. A triple that a Claim accompanies
        is taken where the Claim belongs to the cell: what other pages say of the same documents stays out.
        """
        belonging = self._belonging(NamedNode(iri))
        taken: set[Quad] = set()
        ahead: list[_Node] = list(belonging)
        seen = set(belonging)
        while ahead:
            for quad in self._of.get(ahead.pop(), ()):
                claims = self._claims.get((quad.subject, quad.predicate, quad.object))
                if claims and claims.isdisjoint(belonging):
                    continue
                taken.add(quad)
                target = quad.object
                if isinstance(target, NamedNode | BlankNode) and target not in seen:
                    seen.add(target)
                    ahead.append(target)
        return taken

    def resource(self, iri: str) -> set[Quad]:
        """Take out the record of one thing; empty where the dataset says nothing of it.

        That is every triple with it as subject; its identifications or supports; the claims and references of which it
        is subject, object, source, target or candidate, each with the triple that it accompanies; the entries that
        list it; what it replaces; and the passages of all those. What these mention beyond is not described.
        """
        name = NamedNode(iri)
        nodes: set[_Node] = {
            name,
            *(quad.subject for quad in self._to.get(name, ()) if quad.predicate.value in _SPEAKS),
        }
        nodes.update(self._objects(name, _PARTS))
        nodes.update([passage for node in nodes for passage in self._objects(node, {_PASSAGE})])
        quads = {quad for node in nodes for quad in self._described(node)}
        for said in [said for node in nodes for said in self._said_by(node)]:
            quads.update(quad for quad in self._of.get(said[0], ()) if (quad.predicate, quad.object) == said[1:])
        return quads

    def _belonging(self, cell: NamedNode) -> set[_Node]:
        seen: set[_Node] = {cell}
        ahead = [cell]
        while ahead:
            for quad in self._to.get(ahead.pop(), ()):
                subject = quad.subject
                if isinstance(subject, NamedNode) and subject not in seen and _belongs(quad):
                    seen.add(subject)
                    ahead.append(subject)
        return seen

    def _described(self, node: _Node) -> Iterator[Quad]:
        """Give a thing's own triples, and those of the blank nodes in them."""
        ahead, seen = [node], {node}
        while ahead:
            for quad in self._of.get(ahead.pop(), ()):
                yield quad
                if isinstance(quad.object, BlankNode) and quad.object not in seen:
                    seen.add(quad.object)
                    ahead.append(quad.object)

    def _objects(self, node: _Node, predicates: Collection[str]) -> Iterator[_Node]:
        for quad in self._of.get(node, ()):
            if quad.predicate.value in predicates and isinstance(quad.object, NamedNode | BlankNode):
                yield quad.object

    def _said_by(self, claim: _Node) -> Iterator[_Said]:
        """Give the triple that a Claim accompanies; nothing where the node is no Claim."""
        parts: dict[str, list[_Node | Literal]] = {name: [] for name in _CLAIM_PARTS}
        for quad in self._of.get(claim, ()):
            if quad.predicate.value in parts:
                parts[quad.predicate.value].append(quad.object)
        for subject in parts[_CLAIM_PARTS[0]]:
            for predicate in parts[_CLAIM_PARTS[1]]:
                for target in parts[_CLAIM_PARTS[2]]:
                    if isinstance(subject, NamedNode | BlankNode) and isinstance(predicate, NamedNode):
                        yield subject, predicate, target


def _belongs(quad: Quad) -> bool:
    """Whether a triple says that its subject belongs to its object."""
    predicate = quad.predicate.value
    return predicate in _BELONGS or (predicate == _HEADS and str(quad.subject).startswith(f"<{ID}graph/"))
