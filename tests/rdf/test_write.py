"""The six formats: what comes back from each, and the same bytes every time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from tests.rdf.terms import iris, literals, named_quads

from evgraph.errors import UsageError
from evgraph.formats import FORMATS, Format
from evgraph.namespaces import ID, PREFIXES
from evgraph.rdf.write import write, write_along

if TYPE_CHECKING:
    from collections.abc import Iterator

EVG, SCHEMA, XSD = PREFIXES["evg"], PREFIXES["schema"], PREFIXES["xsd"]
RDFLIB = dict(zip(FORMATS, ("turtle", "nt", "nquads", "trig", "xml", "json-ld"), strict=True))

SMALL = """
@prefix cell: <https://w3id.org/evgraph/id/cell/> .
@prefix doc: <https://w3id.org/evgraph/id/doc/> .
@prefix evg: <https://w3id.org/evgraph/ns#> .
@prefix marker: <https://w3id.org/evgraph/id/scheme/marker/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@base <https://w3id.org/evgraph/id/> .
<graph/drug-A1> {
  <entry/drug-A1/amber-2001> a evg:Entry ; schema:position 1 ; evg:marker marker:S, marker:K ; evg:inCell cell:drug-A1 ;
    schema:headline "Fish & <chips>, \\"fried\\"\\n"@en ; evg:lists doc:amber-2001 .
}
<graph/documents> {
  doc:amber-2001 dcterms:issued "2001"^^xsd:gYear ; rdfs:label "Amber (2001)"@en ;
    dcterms:creator "Umber B.", "Amber A." ;
    a evg:Trial, evg:Document, evg:Study ; dcterms:extent "01"^^xsd:integer, 1, true .
}
doc:amber-2001 a evg:Document .
"""


def small() -> set[ox.Quad]:
    return set(ox.parse(SMALL, format=ox.RdfFormat.TRIG))


def without_graphs(quads: set[ox.Quad]) -> set[ox.Quad]:
    return {ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads}


@pytest.mark.parametrize("kind", FORMATS.values(), ids=FORMATS)
def test_every_format_round_trips(kind: Format) -> None:
    back = set(ox.parse(write(small(), kind), format=kind.rdf_format()))
    assert back == (small() if kind.quads else without_graphs(small()))


@pytest.mark.filterwarnings("ignore:(Dataset|ConjunctiveGraph):DeprecationWarning")  # Of rdflib, about itself.
@pytest.mark.parametrize("kind", FORMATS.values(), ids=FORMATS)
def test_rdflib_reads_every_format(kind: Format) -> None:
    ours = rdflib.Dataset(default_union=True)
    ours.parse(data=write(small(), kind), format=RDFLIB[kind.name])
    plain = rdflib.Graph().parse(data=write(small(), FORMATS["ntriples"]), format="nt")
    assert set(ours.triples((None, None, None))) == set(plain)
    if kind.quads:
        assert {str(graph.identifier) for graph in ours.graphs() if len(graph)} >= {
            f"{ID}graph/drug-A1",
            f"{ID}graph/documents",
        }


@given(st.lists(named_quads, max_size=8))
def test_quad_formats_keep_every_quad(quads: list[ox.Quad]) -> None:
    sent = ox.Dataset(quads)
    sent.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    for kind in FORMATS.values():
        if kind.quads:
            back = ox.Dataset(ox.parse(write(quads, kind), format=kind.rdf_format()))
            back.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
            assert back == sent, kind.name


xml_triples = st.builds(ox.Quad, iris, iris, st.one_of(iris, literals))


@given(st.lists(xml_triples, max_size=6))
def test_rdfxml_keeps_whatever_xml_allows(quads: list[ox.Quad]) -> None:
    try:
        text = write(quads, FORMATS["rdfxml"])
    except UsageError:  # What it cannot, it says: see the next test.
        return
    ET.fromstring(text)  # noqa: S314 - our own output
    assert set(ox.parse(text, format=ox.RdfFormat.RDF_XML)) == set(quads)


@pytest.mark.parametrize(
    ("predicate", "value", "why"),
    [
        ("http://example.org/2001", ox.Literal("x"), "the predicate <http://example.org/2001>: its end is not a name"),
        ("http://example.org/", ox.Literal("x"), "the predicate <http://example.org/>: its end is not a name"),
        (f"{PREFIXES['rdf']}li", ox.Literal("x"), "#li>: its end is not a name"),
        (f"{EVG}note", ox.Literal("a\x07b"), "the character U+0007 in a literal"),
        (f"{EVG}note", ox.Literal("x", language="ar", direction=ox.BaseDirection.RTL), "a base direction"),
    ],
)
def test_rdfxml_refuses_what_it_cannot_express(predicate: str, value: ox.Literal, why: str) -> None:
    with pytest.raises(UsageError) as error:
        write([ox.Quad(ox.NamedNode(f"{ID}doc/a"), ox.NamedNode(predicate), value)], FORMATS["rdfxml"])
    assert why in error.value.message
    assert "turtle" in str(error.value.hint)


@pytest.mark.parametrize("name", ["rdfxml", "jsonld"])
def test_older_syntaxes_refuse_a_triple_term(name: str) -> None:
    a = ox.NamedNode(f"{ID}doc/a")
    with pytest.raises(UsageError, match="a triple as a term"):
        write([ox.Quad(a, a, ox.Triple(a, a, a))], FORMATS[name])


def test_a_carriage_return_survives_xml() -> None:
    a = ox.NamedNode(f"{ID}doc/a")
    quad = ox.Quad(a, ox.NamedNode(f"{EVG}note"), ox.Literal("one\r\ntwo"))
    text = write([quad], FORMATS["rdfxml"])
    assert b"&#13;\n" in text
    assert set(rdflib.Graph().parse(data=text, format="xml").objects()) == {rdflib.Literal("one\r\ntwo")}


def test_jsonld_is_readable_as_json() -> None:
    text = write(small(), FORMATS["jsonld"]).decode()
    things = {thing["@id"]: thing for thing in json.loads(text)["@graph"]}
    assert things["doc:amber-2001"] == {"@id": "doc:amber-2001", "@type": "evg:Document"}
    [entry] = things["graph:drug-A1"]["@graph"]
    assert entry == {
        "@id": "entry:drug-A1/amber-2001",
        "@type": "evg:Entry",
        "evg:inCell": {"@id": "cell:drug-A1"},
        "evg:lists": {"@id": "doc:amber-2001"},
        "evg:marker": [{"@id": "marker:K"}, {"@id": "marker:S"}],
        "schema:headline": {"@language": "en", "@value": 'Fish & <chips>, "fried"\n'},
        "schema:position": 1,
    }
    assert '          "evg:inCell": {"@id": "cell:drug-A1"},\n' in text


def test_jsonld_does_not_confuse_a_scheme_with_a_prefix() -> None:
    p = ox.NamedNode(f"{EVG}lists")
    quads = {
        ox.Quad(ox.NamedNode("doc:timko-2007"), p, ox.NamedNode(f"{ID}doc/timko-2007")),
        ox.Quad(ox.NamedNode(f"{ID}doc///x"), p, ox.NamedNode(f"{ID}cell/drug-A1")),
    }
    assert set(ox.parse(write(quads, FORMATS["jsonld"]), format=ox.RdfFormat.JSON_LD)) == quads


@pytest.mark.parametrize("kind", FORMATS.values(), ids=FORMATS)
def test_no_quads_are_written_as_none(kind: Format) -> None:
    assert set(ox.parse(write([], kind), format=kind.rdf_format())) == set()


SCRIPT = """
import random, sys, pyoxigraph as ox
from evgraph.formats import FORMATS
from evgraph.rdf.write import write, write_along
quads = list({*ox.parse(sys.stdin.buffer.read(), format=ox.RdfFormat.TRIG)})
random.shuffle(quads)
for kind in FORMATS.values():
    sys.stdout.buffer.write(write(quads, kind))
"""


def test_the_same_bytes_under_any_hash_seed_and_order() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            input=SMALL.encode(),
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "42")
    }
    assert outputs == {b"".join(write(small(), kind) for kind in FORMATS.values())}


def numbered(count: int) -> Iterator[ox.Quad]:
    for number in range(count):
        yield ox.Quad(ox.NamedNode(f"urn:s{number}"), ox.NamedNode("urn:p"), ox.Literal("o"))


@pytest.mark.parametrize("kind", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize("count", [0, 1, 1000])
def test_few_quads_in_batches_equal_the_whole(kind: Format, count: int) -> None:
    assert b"".join(write_along(numbered(count), kind)) == write(numbered(count), kind)


@pytest.mark.default_cases(1)
@pytest.mark.parametrize("name", ["ntriples", "nquads"])
def test_many_quads_are_written_before_the_last_arrives(name: str) -> None:
    quads = numbered(25_000)
    lines = write_along(quads, FORMATS[name])
    first = next(lines)
    next(quads)  # The others still wait.
    rest = list(lines)
    assert len({first, *rest}) == 24_999
    assert {first, *rest} < set(write(numbered(25_000), FORMATS[name]).splitlines(keepends=True))


@pytest.mark.parametrize(
    ("turtle", "name", "message"),
    [
        (r'<urn:a> <urn:p> 1, "a\u0000b" .', "rdfxml", "the character U+0000 in a literal: urn:a urn:p …"),
        (f'<{ID}doc/a> a "\\u0008" .', "rdfxml", "the character U+0008 in a literal: doc:a rdf:type …"),
        ("_:a <urn:p> <<( <urn:a> <urn:p> 1 )>> .", "rdfxml", "a triple as a term: _:a urn:p …"),
        ("<urn:a> <urn:p> <<( <urn:a> <urn:p> 1 )>> .", "jsonld", "a triple as a term: urn:a urn:p …"),
        ('<urn:a> <urn:p> "x"@en--ltr .', "jsonld", "a literal with a base direction: urn:a urn:p …"),
    ],
)
def test_what_a_format_cannot_express_is_named_with_its_subject_and_predicate(
    turtle: str, name: str, message: str
) -> None:
    quads = list(ox.parse(turtle, format=ox.RdfFormat.TURTLE))
    with pytest.raises(UsageError) as error:
        write(quads, FORMATS[name])
    assert error.value.message.partition(" cannot express ")[2] == message


@pytest.mark.parametrize("name", ["turtle", "ntriples", "nquads", "trig", "jsonld"])
def test_the_other_formats_keep_every_character(name: str) -> None:
    quads = {ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("urn:p"), ox.Literal("".join(map(chr, range(0x300)))))}
    assert set(ox.parse(write(quads, FORMATS[name]), format=FORMATS[name].rdf_format())) == quads


def test_quads_sort_by_triple_and_then_by_graph() -> None:
    trig = """<urn:g> { <urn:a> <urn:p> "x"@en, "x" . } <urn:g-2> { <urn:a> <urn:p> "x", "x1", <urn:b> . }
        <urn:a> <urn:p> "x" ."""
    content = write(ox.parse(trig, format=ox.RdfFormat.TRIG), FORMATS["nquads"])
    assert content == "".join(sorted(content.decode().splitlines(keepends=True))).encode()
    assert content.count(b"\n") == 6
