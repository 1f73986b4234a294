"""Graphs pushed to real servers: what arrives, what is sent again, and what cannot be sent."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Literal

import pyoxigraph as ox
import pytest
from tests.stub import Answer, stub

from evgraph.errors import EndpointError, UnreadableError, UsageError
from evgraph.namespaces import ID
from evgraph.rdf.files import find
from evgraph.store.endpoint import Endpoint, EndpointStore
from evgraph.store.protocol import Triples
from evgraph.store.transfer import LOADED, LOADING, GraphStore, Part, marks, parts, pending, push, writer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import Server

GRAPH = f"{ID}graph/push-"
HEAD = (
    "@prefix e: <http://example.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> ."
    " @prefix void: <http://rdfs.org/ns/void#> .\n"
)
AWKWARD = r"""
e:a e:text "line\nanother\r\ntab\tquote\"backslash\\", "Zoë – “q” 日本 😀 \u2028", "", "a\u0001b\u007F" .
e:a e:sign "'''", "{ } <x> # ?v" .
e:a e:tongue "colour"@en-gb, "colour"@en, "Farbe \"x\"\n"@de .
e:a e:year "2007"^^xsd:gYear ; e:day "2026-01-02"^^xsd:date ; e:whole 42, -7 ; e:part 1.5 ; e:own "v"^^e:type ;
    e:any "http://x"^^xsd:anyURI ; e:at <http://example.org/é>, <http://example.org/a%20b?c=d&e=f#g>, <urn:x:y> .
"""
# What Virtuoso does to values: bigger integers are decimals there, decimals have 15 digits, doubles are rewritten.
DAMAGED = "e:a e:big 123456789012345678901234567890 ; e:long 0.1234567890123456789 ; e:yes true .\n"


@pytest.fixture(params=["oxigraph_server", "virtuoso"])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server: Server = request.getfixturevalue(request.param)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    yield server
    store = EndpointStore(server.endpoint())
    server.drop(*(graph for graph in store.graphs() if graph.startswith(ID)))


@pytest.fixture(params=["graph_store", "update"])
def store(server: Server, request: pytest.FixtureRequest) -> EndpointStore:
    """Open the server so that it is written to one way or the other."""
    way: Literal["graph_store", "update"] = request.param
    return EndpointStore(Endpoint(server.query, **{way: getattr(server, way)}))


def files(tmp_path: Path, **turtle: str) -> list[Part]:
    """``files(tmp_path, one="e:a e:b e:c .")`` → the part for the graph ``push-one``."""
    for name, text in turtle.items():
        (tmp_path / f"{name}.ttl").write_text(f"{HEAD}<{GRAPH}{name}> a void:Dataset .\n{text}", encoding="utf-8")
    return parts(find([tmp_path / f"{name}.ttl" for name in turtle]))


def triples_in(store: EndpointStore, graph: str) -> set[ox.Triple]:
    answer = store.query(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")
    assert isinstance(answer, Triples)
    return set(answer.triples)


def triples_of(part: Part) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse("".join(part.lines), format=ox.RdfFormat.N_TRIPLES)}


def test_every_term_arrives_as_it_was(store: EndpointStore, tmp_path: Path) -> None:
    (part,) = files(tmp_path, awkward=AWKWARD)
    assert [sent.graph for sent in push(store, [part])] == [part.graph]
    assert triples_in(store, part.graph) == triples_of(part)


def test_values_that_virtuoso_changes_are_the_only_ones_lost(server: Server, tmp_path: Path) -> None:
    store = EndpointStore(server.endpoint())
    (part,) = files(tmp_path, damaged=DAMAGED)
    list(push(store, [part]))
    lost = {triple.predicate.value.rpartition("/")[2] for triple in triples_of(part) - triples_in(store, part.graph)}
    assert lost == ({"big", "long"} if "sparql" in server.query else set())


def test_a_second_push_sends_nothing_and_a_change_sends_only_its_graph(store: EndpointStore, tmp_path: Path) -> None:
    before = files(tmp_path, one="e:a e:b 1, 2 .", two="e:a e:b 3 .")
    assert [part.graph for part in pending(store, before)] == [f"{GRAPH}one", f"{GRAPH}two"]
    list(push(store, before))
    assert pending(store, before) == []
    after = files(tmp_path, one="e:a e:b 1, 4 .", two="e:a e:b 3 .")  # As many triples, another one.
    changed = pending(store, after)
    assert [part.graph for part in changed] == [f"{GRAPH}one"]
    list(push(store, changed))
    assert triples_in(store, f"{GRAPH}one") == triples_of(changed[0])
    assert pending(store, after) == []
    assert [part.graph for part in pending(store, before)] == [f"{GRAPH}one"]


def test_a_stopped_push_is_resumed_by_another(store: EndpointStore, tmp_path: Path) -> None:
    sent = files(tmp_path, one="e:a e:b 1 .", two="e:a e:b 2 .", zoo="e:a e:b 3 .")
    stopped = push(store, sent)
    assert next(stopped).graph == f"{GRAPH}one"
    del stopped
    assert [part.graph for part in pending(store, sent)] == [f"{GRAPH}two", f"{GRAPH}zoo"]


def test_a_graph_whose_replacement_was_stopped_is_sent_again(
    store: EndpointStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(tmp_path, one="e:a e:b 1 .")
    list(push(store, before))
    after = files(tmp_path, one="e:a e:b 2 .")

    def fails(_: EndpointStore, graph: str) -> int:
        raise EndpointError(f"counting {graph} failed")

    with monkeypatch.context() as patch:
        patch.setattr(EndpointStore, "count", fails)
        with pytest.raises(EndpointError, match="counting"):
            list(push(store, after))
    # The new content is there, unmarked, and the old content's mark is gone.
    assert pending(store, before) == before
    assert pending(store, after) == after


def test_a_graph_beside_the_data_is_marked_so_until_it_is_data(store: EndpointStore, tmp_path: Path) -> None:
    files(tmp_path, one="e:a e:b 1 .", two="e:a e:b 2 .")
    data, beside = find([tmp_path / "one.ttl"]), find([tmp_path / "two.ttl"])
    list(push(store, parts(data, beside=beside)))
    assert {graph: mark.beside for graph, mark in marks(store).items()} == {f"{GRAPH}one": False, f"{GRAPH}two": True}
    assert pending(store, parts(data, beside=[*data, *beside])) == []
    changed = pending(store, parts([*data, *beside], beside=beside))
    assert [part.graph for part in changed] == [f"{GRAPH}two"]
    list(push(store, changed))
    assert {mark.beside for mark in marks(store).values()} == {False}
    assert pending(store, parts(data, beside=beside)) == []
    list(push(store, parts(data, beside=beside)))
    assert {mark.beside for mark in marks(store).values()} == {False}


def test_triples_added_on_the_server_are_noticed(store: EndpointStore, server: Server, tmp_path: Path) -> None:
    sent = files(tmp_path, one="e:a e:b 1 .")
    list(push(store, sent))
    server.put(sent[0].graph, "<urn:a> <urn:b> <urn:c> , <urn:d> , <urn:e> .")
    assert pending(store, sent) == sent


def test_other_graphs_stay_and_no_helper_graph_remains(store: EndpointStore, server: Server, tmp_path: Path) -> None:
    with server.holding((f"{ID}graph/other", "<urn:a> <urn:b> <urn:c> .")):
        list(push(store, files(tmp_path, one="e:a e:b 1 .")))
        assert store.count(f"{ID}graph/other") == 1
        assert store.count(LOADING) == 0
        assert store.count(LOADED) == 1


@pytest.mark.default_cases(1)
def test_a_graph_of_several_batches_replaces_the_old_one(store: EndpointStore, tmp_path: Path) -> None:
    many = " ".join(f"e:a e:b {number} ." for number in range(2_500))
    list(push(store, files(tmp_path, one="e:a e:b -1 .")))
    (part,) = files(tmp_path, one=many)
    list(push(store, [part]))
    assert store.count(part.graph) == 2_501
    assert triples_in(store, part.graph) == triples_of(part)


def test_values_that_the_server_merges_are_reported(oxigraph_server: Server, tmp_path: Path) -> None:
    store = EndpointStore(oxigraph_server.endpoint())
    with pytest.raises(EndpointError, match="evgraph sent 3 triples, and the server counts 2") as raised:
        list(push(store, files(tmp_path, one='e:a e:b "1.5"^^xsd:decimal, "1.50"^^xsd:decimal .')))
    assert "5 and 5.0" in str(raised.value)
    oxigraph_server.drop(f"{GRAPH}one")


def test_blank_nodes_are_sent_by_graph_store_and_refused_by_update(server: Server, tmp_path: Path) -> None:
    sent = files(tmp_path, one='e:a e:b [ e:c "_:x" ] .', two='e:a e:c " _:no blank node" .')
    assert sent == files(tmp_path, one='e:a e:b [ e:c "_:x" ] .', two='e:a e:c " _:no blank node" .')
    list(push(EndpointStore(server.endpoint()), sent))
    by_update = EndpointStore(Endpoint(server.query, update=server.update))
    assert by_update.count(f"{GRAPH}one") == 3
    list(push(by_update, sent[1:]))
    with pytest.raises(UnreadableError, match="push-one has blank nodes"):
        list(push(by_update, sent))


def test_parts_are_by_graph_and_a_blank_node_is_in_one_graph(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(f"<{GRAPH}x> a <http://rdfs.org/ns/void#Dataset> . _:a <urn:p> 1 .")
    (tmp_path / "b.trig").write_text(
        f"<{GRAPH}x> {{ _:a <urn:p> 2 }} <urn:y> {{ <urn:a> <urn:p> 2 }} <urn:a> <urn:b> 3 ."
    )
    found = {part.graph: len(part.lines) for part in parts(find([tmp_path]))}
    assert found == {f"{GRAPH}x": 3, "urn:y": 1, f"{ID}graph/file/b.trig": 1}
    for trig, message in (
        ("<urn:x> { _:a <urn:p> 2 } <urn:y> { _:a <urn:p> 2 }", "is in two graphs, urn:x and urn:y"),
        ("_:g { <urn:a> <urn:p> 2 }", "the name of a graph is a blank node"),
    ):
        (tmp_path / "b.trig").write_text(trig)
        with pytest.raises(UnreadableError, match=message):
            parts(find([tmp_path]))


def test_a_graph_is_sent_with_its_length_and_no_redirect_is_followed() -> None:
    with stub(Answer(b"", 201, None)) as server:
        GraphStore(server.url, 5).replace("urn:g", ["<urn:a> <urn:b> <urn:c> .\n"] * 3)
        (request,) = server.requests
    assert request.method == "PUT"
    assert request.path == "/sparql?graph=urn%3Ag"
    assert request.headers["content-length"] == "78"
    assert "transfer-encoding" not in request.headers
    assert request.headers["content-type"] == "application/n-triples"
    with stub(Answer(b"", 308, None, {"Location": "http://example.org/"})) as server:
        with pytest.raises(EndpointError, match=r"redirects to http://example\.org/"):
            GraphStore(server.url, 5).add("urn:g", [])
        assert len(server.requests) == 1


class Hasty(BaseHTTPRequestHandler):
    """A server that asks for a password before it has read the request."""

    def do_PUT(self) -> None:
        if "Authorization" in self.headers:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(201)
        else:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="here"')
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def test_a_server_may_ask_for_a_password_before_it_has_read_the_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVGRAPH_USER", "me")
    monkeypatch.setenv("EVGRAPH_PASSWORD", "secret")
    with HTTPServer(("127.0.0.1", 0), Hasty) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            line = "<urn:a> <urn:b> <urn:c> .\n"
            GraphStore(f"http://127.0.0.1:{server.server_port}/", 60).replace("urn:g", [line] * 400_000)
        finally:
            server.shutdown()
            thread.join()


def test_a_missing_or_silent_graph_store_is_an_error() -> None:
    gone = "http://127.0.0.1:9/store"
    with pytest.raises(EndpointError, match=f"^{gone} cannot be reached: Connection refused"):
        GraphStore(gone, 5).replace("urn:g", [])
    with stub(Answer((b"" for _ in iter(int, 1)), length=0)) as server:
        pass
    with pytest.raises(EndpointError, match="cannot be reached"):
        GraphStore(server.url, 5).replace("urn:g", [])


def test_an_endpoint_needs_an_address_to_write_to() -> None:
    with pytest.raises(UsageError, match="no address to write graphs to"):
        writer(EndpointStore(Endpoint("http://127.0.0.1:9/")))
