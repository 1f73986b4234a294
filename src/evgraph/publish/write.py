"""Quads in any of the six formats, sorted: the same quads give the same bytes, whatever their order and the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.publish.jsonld import jsonld_chunks
from evgraph.publish.rdfxml import rdfxml_chunks
from evgraph.publish.turtle import trig_chunks, turtle_chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pyoxigraph import Quad

    from evgraph.formats import Format


def write(quads: Iterable[Quad], kind: Format) -> bytes:
    """Write quads (UTF-8).

    A format that names graphs keeps them; in the others a triple of two graphs is written once.

    Raises:
        UsageError: the format cannot express a term, as RDF/XML some predicates.

    """
    return b"".join(_WRITERS[kind.name](quads))


def _ntriples(quads: Iterable[Quad]) -> Iterator[bytes]:
    """https://www.w3.org/TR/n-triples/ ."""
    for line in sorted({f"{quad.subject} {quad.predicate} {quad.object} .\n" for quad in quads}):
        yield line.encode()


def _nquads(quads: Iterable[Quad]) -> Iterator[bytes]:
    """https://www.w3.org/TR/n-quads/ ."""
    for line in sorted({f"{quad} .\n" for quad in quads}):
        yield line.encode()


_WRITERS: dict[str, Callable[[Iterable[Quad]], Iterator[bytes]]] = {
    "turtle": turtle_chunks,
    "trig": trig_chunks,
    "ntriples": _ntriples,
    "nquads": _nquads,
    "rdfxml": rdfxml_chunks,
    "jsonld": jsonld_chunks,
}
