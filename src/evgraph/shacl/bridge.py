"""From files to rdflib graphs, which pySHACL works on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.shacl.shapes_graph import triples
from evgraph.terms import to_rdflib

if TYPE_CHECKING:
    from collections.abc import Iterable

    import rdflib

    from evgraph.rdf.files import DataFile


def graph_of(files: Iterable[DataFile], *, blank: str) -> rdflib.Graph:
    """Read files into one rdflib graph; see `triples`.

    Raises:
        UnreadableError: a file is not well-formed, or holds a triple term, which SHACL does not know.

    """
    import rdflib

    graph = rdflib.Graph(bind_namespaces="none")
    for subject, predicate, value in triples(files, blank):
        node = to_rdflib(subject)
        assert isinstance(node, rdflib.URIRef | rdflib.BNode)  # noqa: S101 - a literal is no subject
        graph.add((node, rdflib.URIRef(predicate.value), to_rdflib(value)))
    return graph
