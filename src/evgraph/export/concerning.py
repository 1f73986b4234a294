"""Which changes between two versions of a graph are about a matrix, a cell or any other thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from evgraph.namespaces import EVG, ID, curie

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyoxigraph import Quad

    from evgraph.export.diff import Change

_OF_DOCUMENT = {f"{EVG}identification", f"{EVG}hasRecommendation"}


def concerning(changes: Sequence[Change], iri: str, *versions: Sequence[Quad]) -> list[Change]:
    """Return the changes about a thing.

    Those about a matrix or a cell are all that happened in it. Those about any other thing are its own, and those of
    what points to it: the entries that list it, the references from and to these, claims; and of its identifications
    and recommendations.

    Args:
        changes: between two versions.
        iri: of the thing.
        versions: the quads of both.

    """
    if iri.startswith((f"{ID}matrix/", f"{ID}cell/")):
        cell = curie(iri.replace(f"{ID}matrix/", f"{ID}cell/", 1))
        is_matrix = iri.startswith(f"{ID}matrix/")
        return [
            change
            for change in changes
            if iri == change.iri or (change.cell.startswith(f"{cell}-") if is_matrix else change.cell == cell)
        ]
    quads = [quad for version in versions for quad in version]
    parts = {quad.object for quad in quads if quad.subject == NamedNode(iri) and quad.predicate.value in _OF_DOCUMENT}
    near = {iri, *(part.value for part in parts if isinstance(part, NamedNode)), *_pointing(quads, {iri})}
    entries = {thing for thing in near if thing.startswith(f"{ID}entry/")}
    near |= _pointing(quads, entries)
    return [change for change in changes if change.iri in near]


def _pointing(quads: Iterable[Quad], iris: set[str]) -> set[str]:
    nodes = set(map(NamedNode, iris))
    return {quad.subject.value for quad in quads if quad.object in nodes and isinstance(quad.subject, NamedNode)}
