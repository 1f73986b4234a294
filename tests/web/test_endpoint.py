"""The door before a SPARQL server: the same answers, and an error where it is down, slow or broken."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from html import unescape
from typing import TYPE_CHECKING

import pytest
from tests.web.conftest import serving, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers import Server
    from tests.web.conftest import Served

PATHS = (
    "/doc/timko-2007.nt",
    "/ns/Trial.nt",
    "/cell/drug-E4.nt",
    "/questions/guidance-citing-trials?trial=timko-2007&format=csv",
    "/questions/guidance-citing-trials?trial=timko-2007&limit=1&with-passages=true&format=json",
    "/questions/describe?iri=doc:timko-2007&format=ntriples",
    "/questions/cell-contents/values/cell?format=csv",
    "/questions/cell-contents.rq?cell=drug:E4",
    "/sparql?query=SELECT+DISTINCT+*+%7B+%3Fd+a+evg%3AGuidance+%7D+ORDER+BY+%3Fd&format=csv",
)


@pytest.fixture(scope="session")
def before_server(served: Served) -> Iterator[Served]:
    """Serve what another evgraph serves."""
    with serving("--endpoint", f"{served.url}/sparql", "--default-graph", "union", "--workers", "2") as server:
        yield server


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_answers_are_those_of_the_graph_behind(served: Served, before_server: Served, path: str) -> None:
    here, behind = before_server.get(path), served.get(path)
    assert (here.status_code, sorted(here.text.splitlines())) == (200, sorted(behind.text.splitlines()))


@pytest.mark.slow
def test_what_is_refused_is_refused_here(before_server: Served) -> None:
    assert before_server.get("/sparql", params={"query": "SELECT * { SERVICE <x:y> { ?s ?p ?o } }"}).status_code == 400
    wrong = before_server.get("/sparql", params={"query": "SELECT * {\n ?s ?p }"})
    assert (wrong.status_code, "line 2" in wrong.text) == (400, True)
    assert before_server.get("/doc/timko-2070").status_code == 404
    assert before_server.get("/readyz").text == "ready\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "instead"),
    [
        ("/", "/openapi.json"),
        ("/about", "/openapi.json"),
        ("/doc/timko-2007", "/doc/timko-2007.ttl"),
        ("/questions/cell-contents?cell=drug:E4", "/questions/cell-contents?cell=drug%3AE4&amp;format=csv"),
        ("/sparql?query=ASK+{}", "/sparql?query=ASK+%7B%7D&amp;format=csv"),
    ],
)
def test_a_person_learns_why_there_are_no_pages_and_what_there_is(
    before_server: Served, path: str, instead: str
) -> None:
    answer = before_server.get(path, "text/html")
    assert answer.status_code == 406
    assert "the operator can export the graph from there, and serve that file with all pages" in answer.text
    assert f'<li><a href="{instead}">' in answer.text
    assert before_server.get(unescape(instead)).status_code == 200


@pytest.mark.slow
def test_oxigraph_behind(oxigraph_server: Server) -> None:
    graph, iri = "https://example.org/behind", "https://w3id.org/evgraph/id/doc/behind"
    data = f"<{iri}> a <https://w3id.org/evgraph/ns#Document> ; <http://purl.org/dc/terms/title> 'Behind' ."
    with (
        oxigraph_server.holding((graph, data)),
        serving("--endpoint", oxigraph_server.query, "--workers", "1") as server,
    ):
        lines = server.get("/doc/behind.nt").text.splitlines()
        assert sum(line.startswith(f"<{iri}> ") for line in lines) == 2
        assert f"<{graph}> {{" in server.get("/doc/behind.trig").text
        query = "SELECT ?t { doc:behind dcterms:title ?t }"
        before = server.get("/sparql", params={"query": query}).json()["results"]["bindings"]
        oxigraph_server.put(graph, data.replace("'Behind'", "'Changed'"))
        after = server.get("/sparql", params={"query": query}).json()["results"]["bindings"]
        assert [before[0]["t"]["value"], after[0]["t"]["value"]] == ["Behind", "Changed"]


@contextmanager
def answering(answer: bytearray) -> Iterator[str]:
    """Run a server that gives each request this answer, or none while that is empty."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        kept = []

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                client.recv(1 << 16)
                kept.append(client)  # Else it would be closed.
                if answer:
                    client.sendall(answer)
                    client.close()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/query"
        listener.shutdown(socket.SHUT_RDWR)
        for client in kept:
            client.close()


_JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n"
_CUT = b'Content-Length: 1000\r\n\r\n{"head":{"vars":["s"]},"results":{"bindings":['
BROKEN = (
    (_JSON + _CUT, 502),
    (b"", 504),
    (_JSON + b"Content-Length: 2\r\n\r\n[]", 502),  # No rows.
    (b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", 502),
    (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 502),
)


@pytest.mark.slow
def test_a_server_that_fails_is_never_an_empty_answer() -> None:
    broken = bytearray()
    with (
        answering(broken) as address,
        serving("--endpoint", address, "--default-graph", "union", "--workers", "1", "--timeout", "1") as server,
    ):
        for answer, status in BROKEN:
            broken[:] = answer
            for path in ("/sparql?query=SELECT+%3Fs+%7B%3Fs+%3Fp+%3Fo%7D", "/doc/timko-2007", "/readyz"):
                got = server.get(path)
                assert (got.status_code, "the SPARQL server behind this one" in got.text) == (status, True), got.text
                assert address not in got.text
            assert server.get("/healthz").status_code == 200


@pytest.mark.slow
def test_a_server_that_is_down_and_comes_back(oxigraph_server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}/query"
    with serving("--endpoint", address, "--workers", "1") as server:
        assert server.get("/readyz").status_code == 502
        assert server.get("/questions/shared-documents").status_code == 502
        port = int(address.rpartition(":")[2].partition("/")[0])
        with _forwarding(port, int(oxigraph_server.query.rpartition(":")[2].partition("/")[0])):
            wait_until(lambda: server.get("/readyz").status_code == 200)


@contextmanager
def _forwarding(port: int, target: int) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", port)) as listener:

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client, socket.create_connection(("127.0.0.1", target)) as other:
                    other.sendall(client.recv(1 << 16))
                    other.shutdown(socket.SHUT_WR)
                    while part := other.recv(1 << 16):
                        client.sendall(part)

        threading.Thread(target=serve, daemon=True).start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
