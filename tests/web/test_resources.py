"""Resources over HTTP: where they lead, formats, headers, and what is not there."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

import httpx
import pyoxigraph as ox
import pytest
from tests.web.conftest import serving

from evgraph.export.export import description, export
from evgraph.formats import FORMATS
from evgraph.namespaces import ID, LABEL_PROPERTIES, RDF, SH
from evgraph.store.opening import Origin

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.conftest import Served

TIMKO = f"{ID}doc/timko-2007"


def triples(answer: httpx.Response) -> set[ox.Triple]:
    media_type = answer.headers["content-type"].partition(";")[0]
    kind = FORMATS.by_media_type(media_type)
    assert kind is not None
    return {quad.triple for quad in ox.parse(answer.content, format=kind.rdf_format(), base_iri=ID)}


def test_a_thing_leads_to_its_document_in_one_hop(served: Served) -> None:
    answer = served.get("/id/doc/timko-2007")
    assert (answer.status_code, answer.headers["location"]) == (303, "/doc/timko-2007")
    answer = served.get("/doc/timko-2007/?a=b")
    assert (answer.status_code, answer.headers["location"]) == (308, "/doc/timko-2007?a=b")
    assert served.get("/doc/timko-2007").status_code == 200


def test_a_document_holds_the_record_and_labels(served: Served) -> None:
    found = triples(served.get("/doc/timko-2007"))
    record = {quad.triple for quad in export(resources=["doc:timko-2007"])}
    assert record <= found
    assert {triple.predicate.value for triple in found - record} <= set(LABEL_PROPERTIES)
    text = served.get("/doc/timko-2007").text
    assert 'skos:prefLabel "United States"@en' in text
    assert "oa:start" in text


@pytest.mark.default_cases(1)
@pytest.mark.parametrize(
    "name", ["doc/timko-2007", "cell/drug-E4", "org/nice", "ref/alcohol-E4/timko-2007/commentary-1"]
)
def test_turtle_is_what_export_writes_but_for_labels(served: Served, name: str) -> None:
    exported = set(export(resources=[f"{ID}{name}"]))
    found = set(ox.parse(served.get(f"/{name}.nq").content, format=ox.RdfFormat.N_QUADS))
    labels = {quad for quad in found - exported if quad.predicate.value in LABEL_PROPERTIES}
    turtle = FORMATS["turtle"]
    assert b"".join(turtle.write(found - labels)) == b"".join(turtle.write(exported))
    assert b"".join(turtle.write(found)) == served.get(f"/{name}.ttl").content
    assert b'dcat:version "0.1.0"' in b"".join(turtle.write(exported))


def test_the_description_has_a_well_known_address(served: Served) -> None:
    """https://www.w3.org/TR/void/#well-known."""
    answer = served.get("/.well-known/void")
    assert (answer.status_code, answer.headers["location"]) == (303, "/dataset")
    assert "void:uriSpace" in served.get("/dataset").text


@pytest.mark.slow
def test_any_data_is_described(tmp_path: Path) -> None:
    file = tmp_path / "one.ttl"
    file.write_text(
        "<https://w3id.org/evgraph/id/doc/one> a <https://w3id.org/evgraph/ns#Document> .", encoding="utf-8"
    )
    with serving("--workers", "1", file) as server:
        described = {quad.triple for quad in description(Origin(paths=(file,)))}
        assert described <= triples(server.get("/dataset"))
        assert "<h1>Data</h1>" in server.get("/dataset", "text/html").text
        assert "a dcat:Dataset" in server.get("/doc/one").text


@pytest.mark.parametrize("kind", FORMATS.values(), ids=FORMATS)
def test_each_suffix_is_a_format(served: Served, kind: object) -> None:
    assert isinstance(kind, type(FORMATS["turtle"]))
    answer = served.get(f"/cell/drug-E4{kind.suffixes[0]}", "text/html")
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, kind.media_type)
    assert triples(answer) == triples(served.get("/cell/drug-E4"))
    quads = list(ox.parse(answer.content, format=kind.rdf_format(), base_iri=ID))
    has_graphs = any(isinstance(quad.graph_name, ox.NamedNode) for quad in quads)
    assert has_graphs == (kind.name in {"nquads", "trig"})


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "text/turtle"),
        ("*/*", "text/turtle"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/ld+json; charset=utf-8", "application/ld+json"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "application/ld+json"),
        ("application/rdf+xml;q=0.9, text/turtle;q=0.8", "application/rdf+xml"),
        ("text/turtle;q=0, */*", "application/n-triples"),
        # As Comunica asks: N-Quads first, and one parameter is empty.
        (
            "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
            "text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;",
            "application/ld+json",
        ),
        ("TEXT/TURTLE", "text/turtle"),
        ("application/*", "application/n-triples"),
    ],
)
def test_accept_chooses_the_format(served: Served, accept: str | None, media_type: str) -> None:
    answer = served.get("/doc/timko-2007", accept)
    assert answer.headers["content-type"].partition(";")[0] == media_type
    kind = FORMATS.by_media_type(media_type)
    suffix = kind.suffixes[0] if kind else ".html"
    assert answer.headers["content-location"] == f"/doc/timko-2007{suffix}"
    assert served.get(answer.headers["content-location"]).content == answer.content


def test_a_format_in_the_address_beats_the_header(served: Served) -> None:
    for name in ("jsonld", "application/ld+json", "application/ld json"):
        answer = served.get(f"/doc/timko-2007?format={name}", "text/turtle")
        assert answer.headers["content-type"] == "application/ld+json"
    assert served.get("/doc/timko-2007?format=docx").status_code == 406


def test_what_cannot_be_had_lists_what_can(served: Served) -> None:
    answer = served.get("/doc/timko-2007", "image/png")
    assert answer.status_code == 406
    assert "/doc/timko-2007.ttl  text/turtle" in answer.text
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    answer = served.get("/doc/timko-2007", "image/png, application/json")
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"href": "/doc/timko-2007.jsonld", "title": "application/ld+json"} in answer.json()["links"]


def test_what_is_not_there_gets_the_nearest_names(served: Served) -> None:
    answer = served.get("/doc/timko-2008")
    assert answer.status_code == 404
    assert "the graph has nothing about doc:timko-2008" in answer.text
    assert "/doc/timko-2007  Timko & DeBenedetti (2007)" in answer.text


def test_what_was_replaced_is_gone_and_says_by_what(served: Served) -> None:
    answer = served.get("/doc/u-0220b0b197b6")
    assert answer.status_code == 410
    assert "doc:u-0220b0b197b6 is replaced by doc:lash-2011 (Lash et al. (2011))" in answer.text
    assert "/doc/lash-2011" in answer.text


def test_the_ontology_and_its_terms_have_documents(served: Served) -> None:
    assert len(triples(served.get("/ns"))) > 400
    found = triples(served.get("/ns/Trial.ttl"))
    trial = ox.NamedNode("https://w3id.org/evgraph/ns#Trial")
    assert any(triple.subject == trial for triple in found)
    assert any(triple.predicate.value == f"{RDF}type" and triple.object == trial for triple in found)
    found = triples(served.get("/ns/Entry"))
    assert any(triple.predicate.value == f"{SH}targetClass" for triple in found)
    assert any(triple.predicate.value == f"{SH}path" for triple in triples(served.get("/ns/lists")))
    answer = served.get("/ns/Trail")
    assert (answer.status_code, "/ns/Trial" in answer.text) == (404, True)


def test_headers_describe_the_document(served: Served) -> None:
    headers = served.get("/doc/timko-2007").headers
    links = headers.get_list("link")
    assert '</doc/timko-2007.jsonld>; rel="alternate"; type="application/ld+json"' in links
    assert '<https://w3id.org/evgraph/id/doc/timko-2007>; rel="cite-as"' in links
    assert '<https://creativecommons.org/publicdomain/zero/1.0/>; rel="license"' in links
    assert '<https://w3id.org/evgraph/ns#Trial>; rel="type"' in links
    assert headers["access-control-allow-origin"] == "*"
    assert "ETag" in headers["access-control-expose-headers"]
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} 00:00:00 GMT", headers["last-modified"])  # Of a person's decision.
    assert "last-modified" not in served.get("/ns/Trial").headers


@pytest.mark.parametrize(
    ("path", "status"), [("/id/doc/timko-2007", 303), ("/doc/timko-2007", 200), ("/doc/none", 404), ("/sparql", 200)]
)
def test_every_answer_varies_and_head_is_get_without_body(served: Served, path: str, status: int) -> None:
    full, head = served.get(path), served.get(path, method="HEAD")
    assert (full.status_code, head.status_code, head.content) == (status, status, b"")
    assert full.headers["vary"] == "Accept, Accept-Encoding"
    del full.headers["date"], head.headers["date"]
    assert full.headers == head.headers


def tags(server: Served) -> list[str]:
    return [
        server.get(path, headers={"accept-encoding": encoding}).headers["etag"]
        for path in ("/doc/timko-2007.ttl", "/doc/timko-2007.nt", "/ns/Entry", "/questions/shared-documents")
        for encoding in ("identity", "gzip")
    ]


@pytest.mark.slow
def test_a_tag_survives_a_restart(served: Served) -> None:
    first = tags(served)
    with serving("--workers", "1") as other:
        assert tags(other) == first


def test_a_tag_is_of_one_format_and_encoding(served: Served) -> None:
    first = tags(served)
    assert len(set(first)) == len(first)
    answer = served.get("/doc/timko-2007.ttl", headers={"if-none-match": f'"x", W/{first[0]}'})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", first[0])
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    assert served.get("/doc/timko-2007.ttl", headers={"if-none-match": first[1]}).status_code == 200


def test_gzip_is_used_where_it_is_accepted(served: Served) -> None:
    plain = served.get("/doc/timko-2007")
    with httpx.stream("GET", f"{served.url}/doc/timko-2007", headers={"accept-encoding": "gzip"}) as packed:
        body = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == plain.content
    assert len(body) < len(plain.content) / 2
    assert "content-encoding" not in served.get("/doc/timko-2007", headers={"accept-encoding": "gzip;q=0"}).headers


def test_a_preflight_is_answered(served: Served) -> None:
    answer = served.get(
        "/sparql",
        method="OPTIONS",
        headers={"origin": "http://a.example", "access-control-request-headers": "content-type,x-y"},
    )
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-headers"] == "content-type,x-y"
    assert "POST" in answer.headers["access-control-allow-methods"]


def test_escapes_in_an_address_mean_the_same_resource(served: Served) -> None:
    assert served.get("/dataset/class/evg%3ACell").content == served.get("/dataset/class/evg:Cell").content
    assert served.get("/doc%2Ftimko-2007").status_code == 404


@pytest.mark.slow
def test_a_date_of_the_data_is_a_header(tmp_path: Path) -> None:
    file = tmp_path / "dated.ttl"
    file.write_text(
        "@prefix : <https://w3id.org/evgraph/id/cell/> . @prefix prov: <http://www.w3.org/ns/prov#> ."
        " @prefix dcterms: <http://purl.org/dc/terms/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> ."
        " @prefix snapshot: <https://w3id.org/evgraph/id/snapshot/drug-E4/> ."
        " snapshot:a prov:specializationOf :drug-E4 ; dcterms:date '2026-01-31'^^xsd:date ."
        " :drug-E4 dcterms:modified '2025-12-31'^^xsd:date . :drug-E5 dcterms:date '9999-01-01'^^xsd:date ."
    )
    with serving(file, "--workers", "1") as server:
        dated = server.get("/snapshot/drug-E4/a.ttl").headers
        assert (dated["last-modified"], dated["cache-control"]) == ("Sat, 31 Jan 2026 00:00:00 GMT", "no-cache")
        assert server.get("/cell/drug-E4.ttl").headers["last-modified"] in {
            "Sat, 31 Jan 2026 00:00:00 GMT",
            "Wed, 31 Dec 2025 00:00:00 GMT",
        }
        assert "last-modified" not in server.get("/cell/drug-E5.ttl").headers
