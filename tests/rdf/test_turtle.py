"""The Turtle that evgraph writes: what a reader gets back, and what a person sees."""

from __future__ import annotations

import time

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import example, given
from hypothesis import strategies as st
from rdflib.compare import isomorphic
from tests.rdf.terms import named_quads, named_triples, plain_triples, triples

from evgraph.namespaces import ID, PREFIXES
from evgraph.rdf.turtle import trig_chunks, turtle

EVG, RDF, XSD = PREFIXES["evg"], PREFIXES["rdf"], PREFIXES["xsd"]


def parse(text: bytes, syntax: ox.RdfFormat = ox.RdfFormat.TURTLE) -> set[ox.Quad]:
    return set(ox.parse(text, format=syntax))


def quads(triples: list[ox.Triple]) -> set[ox.Quad]:
    return {ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples}


@given(st.lists(triples, max_size=12))
@example([ox.Triple(ox.NamedNode(f"{ID}-"), ox.NamedNode(f"{RDF}type"), ox.NamedNode(f"{RDF}type"))])
def test_turtle_round_trips(given_triples: list[ox.Triple]) -> None:
    back = ox.Dataset(parse(turtle(given_triples)))
    sent = ox.Dataset(quads(given_triples))
    for dataset in (back, sent):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    assert back == sent


@given(st.lists(named_triples, max_size=12))
def test_without_blank_nodes_every_term_stays_the_same(given_triples: list[ox.Triple]) -> None:
    assert parse(turtle(given_triples)) == quads(given_triples)


@given(st.lists(named_triples, max_size=8), st.randoms())
def test_order_and_repetition_change_no_byte(given_triples: list[ox.Triple], random: object) -> None:
    shuffled = given_triples + given_triples[:3]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert turtle(shuffled) == turtle(given_triples)


def to_rdflib(
    term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple,
) -> rdflib.Literal | rdflib.URIRef | rdflib.BNode:
    assert not isinstance(term, ox.Triple)
    if isinstance(term, ox.Literal):
        return rdflib.Literal(term.value)
    return rdflib.URIRef(term.value) if isinstance(term, ox.NamedNode) else rdflib.BNode(term.value)


@given(st.lists(plain_triples, max_size=8))
def test_rdflib_reads_the_same_graph(given_triples: list[ox.Triple]) -> None:
    ours = rdflib.Graph().parse(data=turtle(given_triples), format="turtle")
    theirs = rdflib.Graph()
    for triple in given_triples:
        theirs.add((to_rdflib(triple.subject), to_rdflib(triple.predicate), to_rdflib(triple.object)))
    assert isomorphic(ours, theirs)


@given(st.lists(named_quads, max_size=10))
def test_trig_keeps_the_graphs(given_quads: list[ox.Quad]) -> None:
    back = ox.Dataset(parse(b"".join(trig_chunks(given_quads)), ox.RdfFormat.TRIG))
    sent = ox.Dataset(given_quads)
    for dataset in (back, sent):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    assert back == sent


SMALL = """
@prefix cell: <https://w3id.org/evgraph/id/cell/> .
@prefix doc: <https://w3id.org/evgraph/id/doc/> .
@prefix evg: <https://w3id.org/evgraph/ns#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix marker: <https://w3id.org/evgraph/id/scheme/marker/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix void: <http://rdfs.org/ns/void#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@base <https://w3id.org/evgraph/id/> .
doc:amber-2001 dcterms:creator "Umber B.", "Amber A." ; rdfs:label "Amber & Umber (2001)"@en ;
    a evg:Trial, evg:Study, evg:Document ; dcterms:issued "2001"^^xsd:gYear ;
    rdfs:seeAlso <http://example.org/a?b#c>, <http://example.org/> .
<entry/drug-A1/amber-2001> a evg:Entry ; schema:position 1 ; evg:marker marker:S, marker:K ; evg:inCell cell:drug-A1 ;
    schema:headline "A \\"quoted\\" line"@en ; evg:lists doc:amber-2001 .
<graph/drug-A1> a void:Dataset .
"""

WRITTEN = """\
# Made for a test.
#
# Two lines.
@base <https://w3id.org/evgraph/id/> .
@prefix cell: <https://w3id.org/evgraph/id/cell/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix doc: <https://w3id.org/evgraph/id/doc/> .
@prefix evg: <https://w3id.org/evgraph/ns#> .
@prefix graph: <https://w3id.org/evgraph/id/graph/> .
@prefix marker: <https://w3id.org/evgraph/id/scheme/marker/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix void: <http://rdfs.org/ns/void#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

graph:drug-A1 a void:Dataset .

doc:amber-2001 a evg:Document, evg:Study, evg:Trial ;
    rdfs:label "Amber & Umber (2001)"@en ;
    dcterms:creator
        "Amber A.",
        "Umber B." ;
    dcterms:issued "2001"^^xsd:gYear ;
    rdfs:seeAlso
        <http://example.org/>,
        <http://example.org/a?b#c> .

<entry/drug-A1/amber-2001> a evg:Entry ;
    evg:inCell cell:drug-A1 ;
    evg:lists doc:amber-2001 ;
    evg:marker marker:K, marker:S ;
    schema:headline "A \\"quoted\\" line"@en ;
    schema:position 1 .
"""


def test_the_layout() -> None:
    small = list(ox.parse(SMALL, format=ox.RdfFormat.TURTLE))
    assert turtle(small, header="Made for a test.\n\nTwo lines.").decode() == WRITTEN


def test_trig_gives_each_graph_a_block() -> None:
    s, p = ox.NamedNode(f"{ID}cell/drug-A1"), ox.NamedNode(f"{EVG}level")
    given_quads = [
        ox.Quad(s, p, ox.NamedNode(f"{ID}scheme/level/A"), ox.NamedNode(f"{ID}graph/b")),
        ox.Quad(s, p, ox.NamedNode(f"{ID}scheme/level/A"), ox.NamedNode(f"{ID}graph/a")),
        ox.Quad(s, p, ox.NamedNode(f"{ID}scheme/level/B")),
    ]
    text = b"".join(trig_chunks(given_quads)).decode()
    assert text.partition("\n\n")[2] == (
        "cell:drug-A1 evg:level level:B .\n\n"
        "graph:a {\ncell:drug-A1 evg:level level:A .\n}\n\n"
        "graph:b {\ncell:drug-A1 evg:level level:A .\n}\n"
    )


@pytest.mark.parametrize(
    ("literal", "written"),
    [
        (ox.Literal(7), "7"),
        (ox.Literal("07", datatype=ox.NamedNode(f"{XSD}integer")), '"07"^^xsd:integer'),
        (ox.Literal(True), "true"),
        (ox.Literal("1", datatype=ox.NamedNode(f"{XSD}boolean")), '"1"^^xsd:boolean'),
        (ox.Literal("1.5", datatype=ox.NamedNode(f"{XSD}decimal")), "1.5"),
        (ox.Literal("1e3", datatype=ox.NamedNode(f"{XSD}double")), '"1e3"^^xsd:double'),
        (ox.Literal("a\tb\u2028c\x7f"), '"a\\tb\\u2028c\\u007F"'),
        (ox.Literal("x", language="en", direction=ox.BaseDirection.RTL), '"x"@en--rtl'),
    ],
)
def test_literals(literal: ox.Literal, written: str) -> None:
    s = ox.NamedNode("urn:s")
    text = turtle([ox.Triple(s, s, literal)])
    assert text.decode().endswith(f"<urn:s> <urn:s> {written} .\n")
    assert parse(text) == {ox.Quad(s, s, literal)}


def test_a_triple_term_round_trips() -> None:
    s = ox.NamedNode(f"{ID}doc/a")
    triple = ox.Triple(s, s, ox.Triple(s, s, ox.Literal(1)))
    assert parse(turtle([triple])) == quads([triple])


def test_no_triples_are_legal_turtle() -> None:
    assert turtle([]) == f"@base <{ID}> .\n".encode()


@pytest.mark.slow
def test_a_hundred_thousand_triples_take_seconds() -> None:
    p, q = ox.NamedNode(f"{EVG}lists"), ox.NamedNode(PREFIXES["schema"] + "headline")
    many = [
        ox.Triple(ox.NamedNode(f"{ID}entry/drug-A1/{number}"), *rest)
        for number in range(50_000)
        for rest in ((p, ox.NamedNode(f"{ID}doc/d-{number}")), (q, ox.Literal(f"Line {number}", language="en")))
    ]
    start = time.process_time()
    turtle(many)
    assert time.process_time() - start < 5  # Half a second on a laptop; a quadratic step would take minutes.
