"""Quads written in any RDF format, sorted: the same quads give the same bytes, whatever their order and the process."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, DefaultGraph

from evgraph.rdf.turtle import blank_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Literal, NamedNode, Quad, Triple

    from evgraph.formats import Format

_BATCH = 10_000  # Quads that are kept in memory and sorted at a time.


def write(quads: Iterable[Quad], kind: Format) -> bytes:
    """Return quads in a format, in UTF-8; a format without named graphs gets each triple once.

    Raises:
        UsageError: the format cannot express a term, as RDF/XML cannot express some predicates.

    """
    return b"".join(kind.write(quads))


def write_along(quads: Iterable[Quad], kind: Format) -> Iterator[bytes]:
    """Iterate over quads in a format; N-Triples and N-Quads are written in sorted batches while the quads arrive.

    Raises:
        UsageError: see `write`.

    """
    if kind.name not in {"ntriples", "nquads"}:
        yield write(quads, kind)
        return
    rest = iter(quads)
    while batch := list(islice(rest, _BATCH)):
        yield from kind.write(batch)


def ntriples(quads: Iterable[Quad]) -> Iterator[bytes]:
    """Iterate over the sorted lines of N-Triples: https://www.w3.org/TR/n-triples/ ."""
    for line in sorted({f"{_plain(quad.subject)} {quad.predicate} {_plain(quad.object)} .\n" for quad in quads}):
        yield line.encode()


def nquads(quads: Iterable[Quad]) -> Iterator[bytes]:
    """Iterate over the sorted lines of N-Quads: https://www.w3.org/TR/n-quads/ ."""
    lines = set()
    for quad in quads:
        graph = "" if isinstance(quad.graph_name, DefaultGraph) else f" {_plain(quad.graph_name)}"
        lines.add(f"{_plain(quad.subject)} {quad.predicate} {_plain(quad.object)}{graph} .\n")
    for line in sorted(lines):
        yield line.encode()


def _plain(term: NamedNode | BlankNode | Literal | Triple) -> str:
    return f"_:{blank_label(term)}" if isinstance(term, BlankNode) else str(term)
