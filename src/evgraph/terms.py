"""RDF terms: their text in SPARQL and Turtle, their value, and the same terms in rdflib.

evgraph uses pyoxigraph's terms everywhere; rdflib is for pySHACL and for Python users who ask for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from evgraph.errors import UnreadableError
from evgraph.namespaces import XSD

if TYPE_CHECKING:
    import rdflib
    from rdflib.term import Node

Term: TypeAlias = NamedNode | BlankNode | Literal | Triple
"""A term of RDF 1.2."""
RdflibTerm: TypeAlias = "rdflib.URIRef | rdflib.BNode | rdflib.Literal"
"""A term of rdflib."""


def in_sparql(term: Term | None) -> str:
    """Return a term as SPARQL and Turtle write it; an empty text for None."""
    return f"<<( {term} )>>" if isinstance(term, Triple) else "" if term is None else str(term)


def value_of(term: Term | None) -> str:
    """Return the text of an IRI or a literal, without datatype and language; of another term what SPARQL writes."""
    return term.value if isinstance(term, NamedNode | Literal) else in_sparql(term)


def to_rdflib(term: Term) -> RdflibTerm:
    """Return rdflib's term for pyoxigraph's, with the same lexical form; plain strings get no datatype, as in rdflib.

    Raises:
        UnreadableError: it is a triple term, which rdflib does not have.

    """
    import rdflib

    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, Triple):
        raise UnreadableError(
            "the answer holds a triple term, which rdflib does not have", hint="use SUBJECT(), PREDICATE() or OBJECT()"
        )
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    if term.datatype.value == f"{XSD}string":
        return rdflib.Literal(term.value)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)


def from_rdflib(node: Node) -> NamedNode | BlankNode | Literal:
    """Return pyoxigraph's term for rdflib's.

    Raises:
        TypeError: it is no term of RDF, such as a variable.

    """
    import rdflib

    if isinstance(node, rdflib.URIRef):
        return NamedNode(str(node))
    if isinstance(node, rdflib.BNode):
        return BlankNode(str(node))
    if isinstance(node, rdflib.Literal):
        if node.language:
            return Literal(str(node), language=node.language)
        return Literal(str(node), datatype=NamedNode(str(node.datatype)) if node.datatype else None)
    raise TypeError(f"no term of RDF: {node!r}")
