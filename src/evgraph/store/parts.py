"""Data made ready to be sent: one body of N-Triples a named graph, the same bytes for the same triples."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.rdf.files import DataFile


@dataclass(frozen=True, slots=True)
class Part:
    """What one named graph is to hold.

    Attributes:
        graph: its IRI.
        lines: N-Triples, sorted, each with its line end.
        has_blank_nodes: whether any triple has one; their labels follow from the content (RDFC-1.0).
        digest: SHA-256 of the lines, in hexadecimal digits.
        beside: whether it is no part of the data, but stands beside any: the ontology, the schemes, the matrices.

    """

    graph: str
    lines: Sequence[str]
    has_blank_nodes: bool
    digest: str
    beside: bool


def parts(data: Sequence[DataFile], beside: Sequence[DataFile] = ()) -> list[Part]:
    """Read files and sort their triples by graph; files that name the same graph make one part.

    Args:
        data: the data.
        beside: what goes along; left out where it is in the data, too.

    Raises:
        UnreadableError: a file is missing or not well-formed, or a blank node of it stands in two graphs, which no
            server could be told graph by graph.

    """
    quads: defaultdict[str, list[ox.Quad]] = defaultdict(list)
    blank: set[str] = set()
    own: set[str] = set()
    files = {file.path: file for file in (*data, *beside)}
    theirs = {file.path for file in data}
    for file in files.values():
        home: dict[ox.BlankNode, str] = {}
        for quad in file.quads(rename_blank_nodes=True):
            if not isinstance(quad.graph_name, ox.NamedNode):
                raise UnreadableError("a graph's name is a blank node", path=file.path, hint="give it an IRI")
            graph = quad.graph_name.value
            quads[graph].append(quad)
            if file.path in theirs:
                own.add(graph)
            for term in (quad.subject, quad.object):
                if isinstance(term, ox.BlankNode):
                    blank.add(graph)
                    if home.setdefault(term, graph) != graph:
                        raise UnreadableError(
                            f"a blank node stands in two graphs, {home[term]} and {graph}",
                            path=file.path,
                            hint="give it an IRI",
                        )
    return [
        _part(graph, quads[graph], has_blank_nodes=graph in blank, beside=graph not in own) for graph in sorted(quads)
    ]


def _part(graph: str, quads: list[ox.Quad], has_blank_nodes: bool, beside: bool) -> Part:
    if has_blank_nodes:
        dataset = ox.Dataset(quads)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        quads = list(dataset)
    lines = sorted({f"{quad.subject} {quad.predicate} {quad.object} .\n" for quad in quads})
    return Part(graph, lines, has_blank_nodes, sha256("".join(lines).encode()).hexdigest(), beside)
