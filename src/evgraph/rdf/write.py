"""Quads in any of the six formats, sorted: the same quads give the same bytes, whatever their order and the process."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, DefaultGraph

from evgraph.rdf.turtle import blank_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Literal, NamedNode, Quad, Triple

    from evgraph.formats import Format

_AT_ONCE = 10_000  # Quads that are held and sorted at a time, where they are written as they come.


def write(quads: Iterable[Quad], kind: Format) -> bytes:
    """Write quads (UTF-8).

    A format that names graphs keeps them; in the others a triple of two graphs is written once.

    Raises:
        UsageError: the format cannot express a term, as RDF/XML some predicates.

    """
    return b"".join(kind.write(quads))


def write_along(quads: Iterable[Quad], kind: Format) -> Iterator[bytes]:
    """Write quads as they come, where a line a quad is all the format is; other formats are written when all are there.

    Only so many are held at a time, and sorted among each other: as many as a person asks for come as `write` gives
    them.

    Raises:
        UsageError: see `write`.

    """
    if kind.name not in {"ntriples", "nquads"}:
        yield write(quads, kind)
        return
    ahead = iter(quads)
    while batch := list(islice(ahead, _AT_ONCE)):
        yield from kind.write(batch)


def ntriples(quads: Iterable[Quad]) -> Iterator[bytes]:
    """https://www.w3.org/TR/n-triples/ ."""
    for line in sorted({f"{_plain(quad.subject)} {quad.predicate} {_plain(quad.object)} .\n" for quad in quads}):
        yield line.encode()


def nquads(quads: Iterable[Quad]) -> Iterator[bytes]:
    """https://www.w3.org/TR/n-quads/ ."""
    lines = set()
    for quad in quads:
        graph = "" if isinstance(quad.graph_name, DefaultGraph) else f" {_plain(quad.graph_name)}"
        lines.add(f"{_plain(quad.subject)} {quad.predicate} {_plain(quad.object)}{graph} .\n")
    for line in sorted(lines):
        yield line.encode()


def _plain(term: NamedNode | BlankNode | Literal | Triple) -> str:
    return f"_:{blank_label(term)}" if isinstance(term, BlankNode) else str(term)
