"""The cells that a folder holds from earlier runs: what new pages may point to, and what now points to new pages.

A reference to a cell that no page was read for is outside. When that cell's page comes in, the reference resolves
without its own page being read again, for it names the cell. Only which documents the other cell's commentary
discusses is said by the page's words and nowhere in its graph: such a page has to be read again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Triple

from evgraph.namespaces import EVG, ID, RDF, scheme
from evgraph.rdf.files import find

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_TYPE = NamedNode(f"{RDF}type")
_RESOLUTION = NamedNode(f"{EVG}resolution")
_OUTSIDE, _RESOLVED = (NamedNode(scheme("resolution", word)) for word in ("outside", "resolved"))
_OF_A_CELL = (NamedNode(f"{EVG}referenceKind"), NamedNode(scheme("reference-kind", "cell")))


class Standing:
    """The graph of one cell, as it stands in a folder."""

    def __init__(self, name: str, triples: list[Triple]) -> None:
        self.name, self.triples = name, triples

    @property
    def iri(self) -> str:
        """The cell's IRI."""
        return f"{ID}cell/{self.name}"

    @property
    def commentary(self) -> bool:
        """Whether the cell's commentary stood open on its page."""
        return any(
            one.predicate == _TYPE and isinstance(one.object, NamedNode) and one.object.value == f"{EVG}Commentary"
            for one in self.triples
        )

    def reached(self, there: Mapping[str, bool]) -> tuple[set[NamedNode], set[str]]:
        """Find the references that are outside and name a cell that is there by now.

        Args:
            there: IRI of a cell → whether its commentary stands open.

        Returns:
            The references that resolve, and the IRIs of the cells for whose sake the page has to be read again.

        """
        outside = {one.subject for one in self.triples if one.predicate == _RESOLUTION and one.object == _OUTSIDE}
        outside &= {one.subject for one in self.triples if (one.predicate, one.object) == _OF_A_CELL}
        said: dict[object, dict[str, str]] = {one: {} for one in outside}
        for one in self.triples:
            if one.subject in said and isinstance(one.object, NamedNode):
                said[one.subject][one.predicate.value] = one.object.value
        resolved, again = set[NamedNode](), set[str]()
        for reference, values in said.items():
            target, source = values[f"{EVG}target"], values[f"{EVG}source"]
            if target not in there or not isinstance(reference, NamedNode):
                continue
            if there[target] and source.startswith(f"{ID}entry/"):
                again.add(target)
            else:
                resolved.add(reference)
        return resolved, again

    def with_resolved(self, references: set[NamedNode]) -> list[Triple]:
        """Give the cell's triples once some references are resolved."""
        return [
            Triple(one.subject, _RESOLUTION, _RESOLVED)
            if one.predicate == _RESOLUTION and one.subject in references
            else one
            for one in self.triples
        ]


def standing(folder: Path) -> dict[str, Standing]:
    """Read the cells that a folder holds: ``drug-E4`` → its graph.

    Raises:
        UnreadableError: one is not well-formed.

    """
    files = find(sorted((folder / "cells").glob("*.ttl")))
    names = [file.path.rpartition("/")[2].removesuffix(".ttl") for file in files]
    return {name: Standing(name, [one.triple for one in file.quads()]) for name, file in zip(names, files, strict=True)}
