"""The same questions to real servers: the same terms, a whole answer or an error, and errors at their line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from evgraph.errors import EndpointError, LimitReachedError, UnreadableError, UsageError
from evgraph.query.reading import ad_hoc
from evgraph.query.runner import Limited, LimitedRows, LimitedTriples, run
from evgraph.store.embedded import EmbeddedStore
from evgraph.store.endpoint import Endpoint, EndpointStore
from evgraph.store.protocol import Answer, Rows, Triples
from evgraph.store.transfer import pull

if TYPE_CHECKING:
    from tests.servers import Server

EVERY = ["oxigraph_server", "oxigraph_union_server", "virtuoso", "virtuoso_raised"]
G, H, M = "http://example.org/g", "http://example.org/h", "http://example.org/many"
SMALL = """
@prefix doc: <https://w3id.org/evgraph/id/doc/> . @prefix evg: <https://w3id.org/evgraph/ns#> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
doc:a a evg:Trial ; dcterms:issued "2007"^^xsd:gYear ; dcterms:title "Zoë’s “trial”"@en-GB ; evg:correspondsTo doc:b .
doc:b a evg:Review ; dcterms:issued "2006"^^xsd:gYear .
"""
MANY = "".join(f'<http://example.org/s{i}> <http://example.org/p> "{i % 5}" , "x{i}" .\n' for i in range(6000))


@pytest.fixture(params=EVERY)
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


def rows(answer: Answer) -> list[tuple[object, ...]]:
    assert isinstance(answer, Rows)
    return list(answer.rows)


def triples(answer: Answer) -> set[ox.Triple]:
    assert isinstance(answer, Triples)
    return set(answer.triples)


def test_answers_equal_those_of_the_embedded_engine(server: Server) -> None:
    here = EmbeddedStore()
    for graph in (G, H):
        here.extend(
            ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(graph))
            for quad in ox.parse(SMALL, format=ox.RdfFormat.TURTLE)
        )
    select = "SELECT DISTINCT ?d ?t (5 AS ?n)"
    select += " WHERE { ?d evg:correspondsTo|^evg:correspondsTo ?e OPTIONAL { ?d dcterms:title ?t } } ORDER BY ?d"
    construct = "CONSTRUCT { ?d ?p ?o } WHERE { ?d a evg:Trial ; ?p ?o }"
    with server.holding((G, SMALL), (H, SMALL)) as there:
        assert rows(there.query(select)) == rows(here.query(select))
        assert triples(there.query(construct)) == triples(here.query(construct))
        for pattern, expected in (("doc:a evg:correspondsTo doc:b", True), ("doc:b evg:correspondsTo doc:a", False)):
            assert there.query(f"ASK {{ {pattern} }}") is expected


def test_graph_clauses_and_names_of_graphs_work_where_the_default_graph_is_separate(server: Server) -> None:
    with server.holding((G, SMALL), (H, "<urn:a> <urn:b> <urn:c> .")) as there:
        assert {G, H} <= set(there.graphs())
        assert (there.count(G), there.count(H), there.count("http://example.org/none")) == (6, 1, 0)
        assert rows(there.query("SELECT ?g WHERE { GRAPH ?g { <urn:a> ?p ?o } }")) == [(ox.NamedNode(H),)]


def test_a_server_without_graphs_answers(oxigraph_server: Server) -> None:
    store = EndpointStore(oxigraph_server.endpoint())
    assert store.graphs() == []
    assert rows(store.query("SELECT ?s WHERE { ?s a evg:Trial }")) == []


def test_the_default_graph_is_as_configured(oxigraph_server: Server) -> None:
    with oxigraph_server.holding((G, SMALL)):
        found = {
            mode: EndpointStore(oxigraph_server.endpoint(mode)).query("ASK { doc:a a evg:Trial }")
            for mode in ("auto", "named", "union")
        }
    assert found == {"auto": True, "named": True, "union": False}


@pytest.fixture(scope="module")
def full(virtuoso: Server) -> EndpointStore:
    """Virtuoso as it comes, with 12,000 triples; they stay, because it takes seconds to drop them."""
    virtuoso.put(M, MANY)
    return EndpointStore(virtuoso.endpoint())


@pytest.fixture(scope="module")
def full_raised(virtuoso_raised: Server) -> EndpointStore:
    """Virtuoso with its limits raised, with the same triples."""
    virtuoso_raised.put(M, MANY)
    return EndpointStore(virtuoso_raised.endpoint())


@pytest.mark.slow
def test_rows_beyond_the_servers_limit_are_an_error_after_those_that_came(full: EndpointStore) -> None:
    select = f"SELECT ?s ?o WHERE {{ GRAPH <{M}> {{ ?s ?p ?o }} }}"
    assert full.count(M) == 12_000
    answer = full.query(select)
    assert isinstance(answer, Rows)
    assert len([next(answer.rows) for _ in range(10_000)]) == 10_000
    with pytest.raises(LimitReachedError, match="at most 10,000 rows"):
        next(answer.rows)
    assert len(rows(full.query(f"{select} LIMIT 10000 # no more"))) == 10_000
    with pytest.raises(LimitReachedError):
        rows(full.query(f"{select} LIMIT 10001"))


@pytest.mark.parametrize(
    "query",
    [
        f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{M}> {{ ?s ?p ?o }} }}",
        f"CONSTRUCT WHERE {{ GRAPH <{M}> {{ ?s <http://example.org/p> ?o }} }}",
        # Six triples come of 12,000 solutions: nothing in the answer shows that it was cut.
        f"PREFIX e: <http://example.org/> # {{\nCONSTRUCT {{ e:a e:b '}}' . e:a e:c ?five }} WHERE\n"
        f"{{ GRAPH <{M}> {{ ?s e:p ?o . BIND(IF(STRLEN(?o) = 1, ?o, '-') AS ?five) }} }}",
    ],
)
def test_triples_that_virtuoso_cuts_silently_are_an_error(
    query: str, full: EndpointStore, full_raised: EndpointStore
) -> None:
    with pytest.raises(LimitReachedError, match="at most 10,000 rows"):
        triples(full.query(query))
    assert triples(full.query(f"{query} LIMIT 100"))
    assert len(triples(full_raised.query(query))) in {12_000, 7}


@pytest.mark.slow
def test_a_graph_that_the_server_cuts_is_fetched_in_pages(full: EndpointStore, full_raised: EndpointStore) -> None:
    expected = {quad.triple for quad in ox.parse(MANY, format=ox.RdfFormat.TURTLE)}
    for store in (full, full_raised):
        found = pull(store, M)
        assert len(found) == 12_000
        assert set(found) == expected


def test_a_graph_that_differs_from_the_servers_count_is_an_error(
    oxigraph_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with oxigraph_server.holding((G, SMALL)) as there:
        monkeypatch.setattr(there, "count", lambda graph: 7 if graph == G else 0)
        with pytest.raises(EndpointError, match=r"counts 7 triples in .*/g, and returns 6"):
            pull(there, G)


def test_a_graph_with_blank_nodes_is_not_fetched(oxigraph_server: Server) -> None:
    with (
        oxigraph_server.holding((G, "<urn:a> <urn:b> [] .")) as there,
        pytest.raises(UnreadableError, match="/g has blank nodes"),
    ):
        pull(there, G)


def test_a_syntax_error_is_reported_with_its_line(server: Server) -> None:
    store = EndpointStore(server.endpoint())
    with pytest.raises(UnreadableError, match="not legal SPARQL") as raised:
        store.query("# a comment\nSELECT ?s WHERE {\n  ?s a evg:Trial ;; ; dcterms:issued .\n}")
    assert raised.value.line == 3


def test_an_error_of_the_server_alone_is_reported(virtuoso: Server) -> None:
    with pytest.raises(EndpointError, match="Division by 0") as raised:
        EndpointStore(virtuoso.endpoint()).query("SELECT (1/0 AS ?x) WHERE {}")
    assert raised.value.status == 500
    assert "SPARQL query" not in raised.value.message


def test_a_base_of_the_querys_own_and_prefixes_of_its_own_win(server: Server) -> None:
    with server.holding(
        (G, "<http://example.org/ns/a> <http://example.org/ns/p> <http://example.org/ns/b> .")
    ) as there:
        asked = "BASE <http://example.org/ns/>\nPREFIX evg: <http://example.org/ns/>\nSELECT ?o WHERE { <a> evg:p ?o }"
        assert rows(there.query(asked)) == [(ox.NamedNode("http://example.org/ns/b"),)]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("file:///etc/passwd", "with http or https"),
        ("ftp://example.org/", "with http or https"),
        ("localhost:7878/query", "with http or https"),
        ("http://", "with http or https"),
        ("http://example.org:port/", "not an address"),
        ("http://example.org/a b", "with http or https"),
        ("http://example.org/sparql#x", "contains a #"),
        ("http://me:hush@example.org/sparql", "a user name or a password"),
    ],
)
def test_an_illegal_address_is_refused_without_a_secret_in_the_message(url: str, message: str) -> None:
    for place in ("query", "update", "graph_store"):
        with pytest.raises(UsageError, match=message) as raised:
            Endpoint(**{"query": "http://example.org/", place: url})  # type: ignore[arg-type]
        assert "hush" not in str(raised.value)


def test_a_missing_server_is_an_error() -> None:
    with pytest.raises(EndpointError, match="cannot be reached: Connection refused"):
        EndpointStore(Endpoint("http://127.0.0.1:9/query", timeout=5)).query("ASK {}")


@pytest.mark.parametrize(
    "query",
    [f"SELECT ?s ?o WHERE {{ GRAPH <{M}> {{ ?s ?p ?o }} }}", f"CONSTRUCT WHERE {{ GRAPH <{M}> {{ ?s ?p ?o }} }}"],
    ids=["rows", "triples"],
)
@pytest.mark.slow
def test_a_limit_equal_to_the_servers_own_is_reached(
    query: str, full: EndpointStore, full_raised: EndpointStore
) -> None:
    question = ad_hoc(query.encode(), "-")

    def asked(store: EndpointStore, limit: int) -> Limited[Any]:
        answer = run(store, question, limit=limit)
        assert isinstance(answer, LimitedRows | LimitedTriples)
        counted: Limited[Any] = answer.rows if isinstance(answer, LimitedRows) else answer.triples
        assert len(list(counted)) == limit
        assert counted.truncated == (limit < 12_000)
        return counted

    assert asked(full, 9_999).more == "there are more"
    assert asked(full_raised, 10_000).more == "there are more"
    # Of triples Virtuoso hands out one more than of rows.
    edge = asked(full, 10_000 if query.startswith("SELECT") else 10_001)
    assert re.fullmatch("there may be more: http.* returns at most 10,000 rows, .* as many or more", edge.more)
    with pytest.raises(LimitReachedError, match="at most 10,000 rows"):
        asked(full, 10_002)
    assert asked(full_raised, 12_000).more == ""
