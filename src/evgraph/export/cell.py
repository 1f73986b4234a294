"""One cell of a dataset, with everything it needs to be validated on its own."""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from evgraph.namespaces import BIBO, DCTERMS, EVG, ID, OA, PROV, RDF, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable

_Node: TypeAlias = NamedNode | BlankNode | Triple

# "X predicate Y", where X belongs to Y: to the cell, its commentary, its snapshot or a passage of it.
_BELONGS = {
    *(f"{EVG}inCell", f"{EVG}source", f"{EVG}statedIn"),
    *(f"{PROV}specializationOf", f"{PROV}wasAttributedTo"),
    *(f"{SCHEMA}about", f"{DCTERMS}isPartOf", f"{OA}hasSource"),
}
# What describes a thing; other triples with claims are links.
_DESCRIBES = {
    *(f"{RDF}type", f"{DCTERMS}issued", f"{BIBO}locator"),
    *(f"{EVG}studyCountry", f"{EVG}forCountry", f"{EVG}evidenceStatus"),
}
_CLAIM_PARTS = (f"{RDF}subject", f"{RDF}predicate", f"{RDF}object")


class Cells:
    """The cells of a dataset, from the quads of the data and the matrices."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._by_subject: dict[_Node, list[Quad]] = defaultdict(list)
        self._by_object: dict[NamedNode, list[Quad]] = defaultdict(list)
        for quad in quads:
            self._by_subject[quad.subject].append(quad)
            if isinstance(quad.object, NamedNode):
                self._by_object[quad.object].append(quad)
        # Triple → the claims that accompany it.
        self._claims: dict[tuple[_Node | Literal, ...], set[_Node]] = defaultdict(set)
        for node, statements in self._by_subject.items():
            parts = ([quad.object for quad in statements if quad.predicate.value == part] for part in _CLAIM_PARTS)
            for triple in product(*parts):
                self._claims[triple].add(node)

    def iris(self) -> list[str]:
        """Return the IRIs of the cells whose page was read, sorted; cells that are only mentioned are left out."""
        cells = [node for node in self._by_object if node.value.startswith(f"{ID}cell/")]
        return sorted(cell.value for cell in cells if len(self._belonging(cell)) > 1)

    def cell(self, iri: str) -> set[Quad]:
        """Return the quads of a cell.

        These are the cell with everything that belongs to it (its snapshots with their supports, entries, commentary
        and sections, references, passages, whatever is stated in one of them, the file's header), and, step by step,
        the description of what these mention: documents with their identifications, organisations, the matrix, and the
        entry or section of another cell that a reference leads to. A link with claims is included only if one of them
        belongs to the cell: what other pages say about the same documents stays out. The description of a thing is
        whole, with the claims of the curators.
        """
        belonging = self._belonging(NamedNode(iri))
        quads: set[Quad] = set()
        ahead = list(belonging)
        seen = set(belonging)
        while ahead:
            for quad in self._by_subject.get(ahead.pop(), ()):
                claims = self._claims.get((quad.subject, quad.predicate, quad.object))
                if claims and claims.isdisjoint(belonging):
                    if quad.predicate.value not in _DESCRIBES:
                        continue
                    curators = {claim for claim in claims - seen if not self._has_passage(claim)}
                    seen |= curators
                    ahead += curators
                quads.add(quad)
                if isinstance(quad.object, NamedNode | BlankNode) and quad.object not in seen:
                    seen.add(quad.object)
                    ahead.append(quad.object)
        return quads

    def _has_passage(self, claim: _Node) -> bool:
        return any(quad.predicate.value == f"{EVG}statedIn" for quad in self._by_subject[claim])

    def _belonging(self, cell: NamedNode) -> set[_Node]:
        seen: set[_Node] = {cell}
        ahead = [cell]
        while ahead:
            for quad in self._by_object.get(ahead.pop(), ()):
                if isinstance(quad.subject, NamedNode) and quad.subject not in seen and _belongs(quad):
                    seen.add(quad.subject)
                    ahead.append(quad.subject)
        return seen


def _belongs(quad: Quad) -> bool:
    """Return whether the subject belongs to the object; a file's header belongs to the snapshot it is derived from."""
    predicate = quad.predicate.value
    header = predicate == f"{PROV}wasDerivedFrom" and str(quad.subject).startswith(f"<{ID}graph/")
    return predicate in _BELONGS or header
