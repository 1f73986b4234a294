"""Which changes between two versions of a graph are about a matrix, a cell or any other thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from evgraph.namespaces import EVG, ID, curie

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evgraph.export.diff import Change
    from evgraph.store.protocol import LookupStore

_OF_DOCUMENT = (f"{EVG}identification", f"{EVG}hasRecommendation")


def concerning(changes: Iterable[Change], iri: str, *versions: LookupStore) -> list[Change]:
    """Return the changes about a thing.

    Those about a matrix or a cell are all that happened in it. Those about any other thing are its own, and those of
    what points to it: the entries that list it, the references from and to these, claims; and of its identifications
    and recommendations.

    Args:
        changes: between two versions.
        iri: of the thing.
        versions: both, or one.

    """
    if iri.startswith((f"{ID}matrix/", f"{ID}cell/")):
        cell = curie(iri.replace(f"{ID}matrix/", f"{ID}cell/", 1))
        is_matrix = iri.startswith(f"{ID}matrix/")
        return [
            change
            for change in changes
            if iri == change.iri or (change.cell.startswith(f"{cell}-") if is_matrix else change.cell == cell)
        ]
    near = {iri, *_pointing(versions, {iri})}
    near |= {
        quad.object.value
        for store in versions
        for name in _OF_DOCUMENT
        for quad in store.matches(NamedNode(iri), name)
        if isinstance(quad.object, NamedNode)
    }
    near |= _pointing(versions, {thing for thing in near if thing.startswith(f"{ID}entry/")})
    return [change for change in changes if change.iri in near]


def _pointing(versions: Sequence[LookupStore], iris: Iterable[str]) -> set[str]:
    return {
        quad.subject.value
        for store in versions
        for iri in iris
        for quad in store.matches(None, None, NamedNode(iri))
        if isinstance(quad.subject, NamedNode)
    }
