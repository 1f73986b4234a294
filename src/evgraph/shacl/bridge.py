"""rdflib graphs from files, and terms from pyoxigraph to rdflib and back, for pySHACL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.shacl.shapes_graph import triples

if TYPE_CHECKING:
    from collections.abc import Iterable

    import rdflib
    from rdflib.term import IdentifiedNode, Node

    from evgraph.rdf.files import DataFile
    from evgraph.store.protocol import Term


def graph_of(files: Iterable[DataFile], *, blank: str) -> rdflib.Graph:
    """Return one rdflib graph of files; see `triples`.

    Raises:
        UnreadableError: a file is not well-formed, or contains a triple term, which SHACL does not know.

    """
    import rdflib

    graph = rdflib.Graph(bind_namespaces="none")
    for subject, predicate, value in triples(files, blank):
        node = to_rdflib(subject)
        assert isinstance(node, rdflib.URIRef | rdflib.BNode)  # noqa: S101 - a subject is not a literal
        graph.add((node, rdflib.URIRef(predicate.value), to_rdflib(value)))
    return graph


def to_rdflib(term: Term) -> IdentifiedNode | rdflib.Literal:
    """Return rdflib's term for one of pyoxigraph's, with the same lexical form."""
    import rdflib

    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)
    raise TypeError(f"no term of rdflib: {term!r}")


def to_ox(node: Node) -> Term:
    """Return pyoxigraph's term for one of rdflib's."""
    import rdflib

    if isinstance(node, rdflib.URIRef):
        return ox.NamedNode(str(node))
    if isinstance(node, rdflib.BNode):
        return ox.BlankNode(str(node))
    if isinstance(node, rdflib.Literal):
        if node.language:
            return ox.Literal(str(node), language=node.language)
        return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype)) if node.datatype else None)
    raise TypeError(f"no term of RDF: {node!r}")
