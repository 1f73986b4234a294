"""Terms as text, as values, and in rdflib."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from tests.rdf.terms import literals

from evgraph.errors import UnreadableError
from evgraph.namespaces import XSD
from evgraph.terms import Term, from_rdflib, in_sparql, to_rdflib, value_of

A = ox.NamedNode("urn:a")
TRIPLE = ox.Triple(A, A, ox.Literal("x"))


@pytest.mark.parametrize(
    ("term", "text", "value"),
    [
        (None, "", ""),
        (A, "<urn:a>", "urn:a"),
        (ox.BlankNode("b"), "_:b", "_:b"),
        (ox.Literal('a"b', language="en"), '"a\\"b"@en', 'a"b'),
        (TRIPLE, '<<( <urn:a> <urn:a> "x" )>>', '<<( <urn:a> <urn:a> "x" )>>'),
    ],
)
def test_terms_have_a_text_and_a_value(term: Term | None, text: str, value: str) -> None:
    assert (in_sparql(term), value_of(term)) == (text, value)


@given(literals)
def test_literals_come_back_from_rdflib(literal: ox.Literal) -> None:
    assert from_rdflib(to_rdflib(literal)) == literal


def test_other_terms_come_back_from_rdflib() -> None:
    for term in (A, ox.BlankNode("b")):
        assert from_rdflib(to_rdflib(term)) == term
    with pytest.raises(UnreadableError, match="a triple term"):
        to_rdflib(TRIPLE)
    with pytest.raises(TypeError, match="no term of RDF"):
        from_rdflib(rdflib.Variable("x"))


def test_a_plain_string_is_the_term_that_rdflib_reads_from_a_file() -> None:
    (read,) = rdflib.Graph().parse(data='<urn:a> <urn:a> "x" .').objects()
    assert to_rdflib(ox.Literal("x")) == read
    assert to_rdflib(ox.Literal("01", datatype=ox.NamedNode(f"{XSD}integer"))).n3() == f'"01"^^<{XSD}integer>'
