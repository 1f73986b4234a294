"""The SPARQL 1.1 Protocol."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

if TYPE_CHECKING:
    from tests.conftest import Run
    from tests.web.conftest import Served

SELECT = "SELECT DISTINCT ?d WHERE { ?d a evg:Guidance } ORDER BY ?d LIMIT 3"
CONSTRUCT = "CONSTRUCT { ?d a evg:Guidance } WHERE { ?d a evg:Guidance }"


def test_three_ways_to_ask(served: Served) -> None:
    direct = {"content-type": "application/sparql-query; charset=utf-8"}
    answers = [
        served.get("/sparql", params={"query": SELECT, "output": "x", "results": "y"}),
        served.get("/sparql", method="POST", data={"query": SELECT, "format": "json"}),
        served.get("/sparql?other=1", method="POST", content=SELECT, headers=direct),
    ]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].headers["content-type"] == "application/sparql-results+json"
    assert len(answers[0].json()["results"]["bindings"]) == 3


def test_prefixes_of_evgraph_beside_declared_ones(served: Served) -> None:
    declared = "PREFIX x: <https://w3id.org/evgraph/id/doc/>\n"
    query = declared + "SELECT ?cell WHERE { x:timko-2007 ^evg:lists/evg:inCell ?cell }"
    rows = served.get("/sparql", params={"query": query}).json()["results"]["bindings"]
    cells = {row["cell"]["value"].removeprefix("https://w3id.org/evgraph/id/cell/") for row in rows}
    assert cells == {"alcohol-E4", "drug-E4"}
    wrong = served.get("/sparql", params={"query": declared + "SELECT * WHERE { ?a nothing:here ?b }"})
    assert (wrong.status_code, "line 2" in wrong.text) == (400, True)


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv", "ndjson"])
def test_rows_are_those_of_the_shell(served: Served, run: Run, name: str) -> None:
    media_type = {
        "json": "application/sparql-results+json",
        "xml": "application/sparql-results+xml",
        "csv": "text/csv",
        "tsv": "text/tab-separated-values",
        "ndjson": "application/x-ndjson",
    }[name]
    ran = run("query", "-", "--format", name, stdin=SELECT)
    for answer in (
        served.get("/sparql", media_type, params={"query": SELECT}),
        served.get("/sparql", "text/html", params={"query": SELECT, "format": name}),
    ):
        assert answer.headers["content-type"].partition(";")[0] == media_type
        if name == "json":
            assert (answer.json(), "vars" in answer.text) == (json.loads(ran.output), True)
        else:
            assert answer.content == ran.output


@pytest.mark.parametrize("media_type", ["text/turtle", "application/n-triples", "application/rdf+xml"])
def test_triples_are_those_of_the_shell(served: Served, run: Run, media_type: str) -> None:
    answer = served.get("/sparql", media_type, params={"query": CONSTRUCT})
    name = {"text/turtle": "turtle", "application/n-triples": "ntriples"}.get(media_type, "rdfxml")
    assert answer.content == run("query", "-", "--format", name, stdin=CONSTRUCT).output


def test_the_types_that_clients_ask_for(served: Served) -> None:
    def content_type(query: str, accept: str | None) -> str:
        return served.get("/sparql", accept, params={"query": query}).headers["content-type"]

    assert content_type(SELECT, None) == "application/sparql-results+json"
    assert content_type(CONSTRUCT, None) == "text/turtle; charset=utf-8"
    wrapper = "application/sparql-results+json,application/json,text/javascript,application/javascript"
    assert content_type(SELECT, wrapper) == "application/sparql-results+json"
    assert content_type(SELECT, "application/json") == "application/json"
    assert content_type("ASK {}", "application/sparql-results+xml, */*;q=0.1") == "application/sparql-results+xml"
    answer = served.get("/sparql", "text/turtle", params={"query": SELECT})
    assert (answer.status_code, "text/csv" in answer.text) == (406, True)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT ?s WHERE { ?s a evg:Trial ", "line 1: the query is not legal SPARQL"),
        (
            "SELECT * WHERE {\n ?s ?p ?o\n FILTER(}",
            "line 3: the query is not legal SPARQL: } cannot stand here, because the ( on line 3 is not closed",
        ),
        ("SELECT * FROM <http://a.example/> WHERE { ?s ?p ?o }", "FROM names its own graphs"),
        ("SELECT * WHERE { SERVICE <http://a.example/> { ?s ?p ?o } }", "SERVICE asks another server: not allowed"),
        ("DELETE WHERE { ?s ?p ?o }", "DELETE is a keyword of updates"),
        ("SELECT * WHERE { " + "{" * 500 + "}" * 500 + " }", "brackets nested more than 100 deep"),
        ("", "this is no SPARQL query"),
    ],
)
def test_a_query_is_refused_with_the_reason(served: Served, query: str, words: str) -> None:
    answer = served.get("/sparql", params={"query": query})
    assert answer.status_code == 400
    assert words in answer.text
    problem = served.get("/sparql", "application/json", params={"query": query}).json()
    assert (problem["status"], words in problem["detail"]) == (400, True)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"query": SELECT, "default-graph-uri": "http://a.example/"}, "default-graph-uri is not supported"),
        ({"query": SELECT, "named-graph-uri": "http://a.example/"}, "named-graph-uri is not supported"),
        ({"update": "CLEAR ALL"}, "this server takes no updates"),
        ({"query": [SELECT, SELECT]}, "2 queries in one request"),
    ],
)
def test_parameters_that_would_change_the_answer_are_refused(
    served: Served, parameters: dict[str, str], words: str
) -> None:
    for answer in (
        served.get("/sparql", params=parameters),
        served.get("/sparql", method="POST", data=parameters),
    ):
        assert (answer.status_code, words in answer.text) == (400, True)


def test_bodies_of_other_types_are_refused(served: Served) -> None:
    for kind, status in (("text/plain", 415), ("application/sparql-update", 400), ("", 415)):
        answer = served.get("/sparql", method="POST", content="ASK {}", headers={"content-type": kind})
        assert answer.status_code == status
    answer = served.get("/sparql", method="PUT", content="ASK {}")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST, OPTIONS")


def test_without_a_query_the_service_describes_itself(served: Served) -> None:
    answer = served.get("/sparql")
    assert answer.headers["content-type"] == "text/turtle; charset=utf-8"
    found = {quad.triple for quad in ox.parse(answer.content, format=ox.RdfFormat.TURTLE)}
    endpoint = ox.NamedNode(f"{served.url}/sparql")
    sd = "http://www.w3.org/ns/sparql-service-description#"
    assert ox.Triple(endpoint, ox.NamedNode(f"{sd}endpoint"), endpoint) in found
    assert ox.Triple(endpoint, ox.NamedNode(f"{sd}feature"), ox.NamedNode(f"{sd}UnionDefaultGraph")) in found
    assert json.loads(served.get("/sparql", "application/ld+json").content)
    assert served.get("/sparql", method="POST", data={"a": "b"}).status_code == 400


def test_a_note_says_that_a_name_is_unknown(served: Served) -> None:
    answer = served.get("/sparql", params={"query": "SELECT ?s WHERE { ?s a evg:Trail }"})
    assert answer.json()["results"]["bindings"] == []
    assert "evg:Trial" in answer.headers["evgraph-note"]
