"""From files to rdflib graphs and back: pySHACL speaks rdflib's terms, evgraph pyoxigraph's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import rdflib
    from rdflib.term import IdentifiedNode, Node

    from evgraph.store.files import DataFile
    from evgraph.store.protocol import Term


def graph_of(files: Iterable[DataFile], *, blank: str) -> rdflib.Graph:
    """Read files into one rdflib graph; named graphs are merged, lexical forms stay as they are in the files.

    Args:
        files: what to read.
        blank: how blank nodes begin. They are numbered as they come, so that each file has its own and two runs name
            them alike.

    Raises:
        UnreadableError: a file is not well-formed, or holds a triple term, which SHACL does not know.

    """
    import rdflib

    graph = rdflib.Graph(bind_namespaces="none")
    count = 0
    for file in files:
        names: dict[str, str] = {}

        def to_rdflib(
            term: Term, file: DataFile = file, names: dict[str, str] = names
        ) -> IdentifiedNode | rdflib.Literal:
            nonlocal count
            if isinstance(term, ox.NamedNode):
                return rdflib.URIRef(term.value)
            if isinstance(term, ox.Literal):
                if term.language:
                    return rdflib.Literal(term.value, lang=term.language)
                return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)
            if isinstance(term, ox.BlankNode):
                if term.value not in names:
                    count += 1
                    names[term.value] = f"{blank}{count}"
                return rdflib.BNode(names[term.value])
            raise UnreadableError(
                "a triple within a triple cannot be validated",
                path=file.path,
                way_out="state it as a claim (rdf:subject …)",
            )

        for quad in file.quads():
            graph.add((to_rdflib(quad.subject), to_rdflib(quad.predicate), to_rdflib(quad.object)))
    return graph


def to_ox(node: Node) -> Term:
    """Give pyoxigraph's term for rdflib's."""
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
