"""What hostile clients send: slow, long, split and foreign requests."""

from __future__ import annotations

import resource
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx
import pytest
from tests.web.conftest import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.web.conftest import Served


def connect(served: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(served.url.rpartition(":")[2])), timeout=60)


def sent(served: Served, request: bytes) -> bytes:
    """Return everything that the server answers until it closes."""
    with connect(served) as client:
        client.sendall(request)
        return b"".join(iter(lambda: client.recv(1 << 16), b""))


@pytest.fixture
def _many_connections() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("_many_connections")
@pytest.mark.slow
def test_slow_headers_are_closed_and_others_served(served: Served) -> None:
    clients = [connect(served) for _ in range(1000)]
    start = time.monotonic()
    half = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-"
    for client in clients[2:]:
        client.sendall(half)
    clients[1].sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + half)
    assert served.get("/healthz").status_code == 200
    answers = [b"".join(iter(lambda: client.recv(1 << 16), b"")) for client in clients]  # noqa: B023 - at once
    assert 4 < time.monotonic() - start < 20
    assert answers[0] == b""
    assert answers[1].startswith(b"HTTP/1.1 200 OK")
    assert {answer.partition(b"\r\n")[0] for answer in answers[2:]} == {b"HTTP/1.1 408 Request Timeout"}
    for client in clients:
        client.close()


@pytest.mark.slow
def test_slow_bodies_and_slow_readers_are_closed(served: Served) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\n"
    start = time.monotonic()
    with connect(served) as body, connect(served) as reader:
        body.sendall(head + b"Content-Length: 100\r\n\r\nSELECT")
        query = b"SELECT * WHERE { ?s ?p ?o }"
        reader.sendall(head + b"Content-Length: %d\r\n\r\n%s" % (len(query), query))
        assert body.recv(100) == b""
        assert 10 < time.monotonic() - start < 40
        time.sleep(max(0, 30 - (time.monotonic() - start)))
        received = 0
        with pytest.raises(ConnectionError):  # noqa: PT012
            while part := reader.recv(1 << 16):
                received += len(part)
            raise ConnectionError  # Closed without the last chunk.
        assert received < 10 << 20


def test_long_headers_and_bodies_are_refused(served: Served) -> None:
    assert sent(served, b"GET /?" + b"x" * 70_000).startswith(b"HTTP/1.1 431 ")
    long = b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-A: b\r\n" * 20_000
    assert sent(served, long).startswith(b"HTTP/1.1 431 ")
    query = b"ASK {} #" + b"x" * (1 << 20)
    kind = {"content-type": "application/sparql-query"}
    assert served.get("/sparql", method="POST", content=query, headers=kind).status_code == 413

    def endless() -> Iterator[bytes]:
        for _ in range(10_000):
            yield b"x" * (1 << 16)

    status = 413
    with suppress(httpx.WriteError, httpx.ReadError):  # It is closed before all is sent.
        status = served.get("/sparql", method="POST", content=endless(), headers=kind).status_code
    assert status == 413
    assert served.get("/sparql", method="POST", content=query[:900_000], headers=kind).status_code == 200


def test_split_and_repeated_headers(served: Served) -> None:
    request = (
        b"GET /doc/timko-2007 HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nAccept: application/n-triples\r\n"
        b"Connection: close\r\n\r\n"
    )
    with connect(served) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in request:
            client.sendall(bytes([byte]))
        answer = b"".join(iter(lambda: client.recv(1 << 16), b""))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"\r\ncontent-type: application/n-triples\r\n" in answer
    folded = request.replace(b"Accept: text/html", b"Accept: text/html,\r\n  text/turtle")
    assert sent(served, folded).split()[1] in {b"200", b"400"}
    typed = b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\n"
    smuggled = typed + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n5\r\nASK{}\r\n0\r\n\r\n"
    assert sent(served, smuggled).startswith(b"HTTP/1.1 4")


def test_compressed_bodies_are_refused(served: Served) -> None:
    headers = {"content-type": "application/sparql-query", "content-encoding": "gzip"}
    assert served.get("/sparql", method="POST", content=b"x", headers=headers).status_code == 415


@pytest.mark.parametrize(
    ("hosts", "status"),
    [
        ([b"localhost:1"], b"200"),
        ([b"127.0.0.1"], b"200"),
        ([b"[::1]:80"], b"200"),
        ([b"evil.example"], b"421"),
        ([b"localhost.evil.example"], b"421"),
        ([b"localhost", b"evil.example"], b"400"),
        ([], b"400"),
    ],
)
def test_a_foreign_host_is_refused(served: Served, hosts: list[bytes], status: bytes) -> None:
    lines = b"".join(b"Host: %s\r\n" % host for host in hosts)
    answer = sent(served, b"GET / HTTP/1.1\r\n%sConnection: close\r\n\r\n" % lines)
    assert answer.split()[1] == status


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/doc/../../etc/passwd",
        "/doc/a%00b",
        "/doc/a%0d%0aSet-Cookie:x",
        "/doc/%3Cscript%3E",
        "/doc//timko-2007",
        "//evil.example/",
        "/id//evil.example",
        "/doc/%FF",
        "/questions/..%2Fchecks%2Fdangling",
        "/questions/%00",
    ],
)
def test_an_address_that_is_none_is_not_found(served: Served, path: str) -> None:
    answer = sent(served, b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % path.encode())
    assert answer.split()[1] in {b"404", b"308"}
    assert b"root:" not in answer
    assert b"\nset-cookie" not in answer.lower()
    assert b"location: //" not in answer.lower()


def test_nul_in_a_value_or_a_query_is_answered(served: Served) -> None:
    assert served.get("/questions/cell-contents?cell=%00").status_code == 400
    assert served.get("/questions/search?text=a%00b").status_code == 200
    assert served.get("/sparql?query=ASK%7B%00%7D").status_code == 400


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX : y\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_no_http_is_refused(served: Served, request_: bytes) -> None:
    assert sent(served, request_).startswith(b"HTTP/1.1 400 ")


def test_nested_brackets_and_long_chains_end_nothing(served: Served) -> None:
    pids = served.workers()
    for query in ("SELECT * WHERE { FILTER(" + "(" * 20_000, "ASK { FILTER(1" + "+1" * 20_000 + ") }"):
        answer = served.get("/sparql", method="POST", data={"query": query})
        assert answer.status_code == 400
    assert served.workers() == pids


def test_text_from_outside_is_never_markup(served: Served) -> None:
    answer = served.get("/questions/cell-contents?cell=<script>alert(1)</script>")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


HOSTILE_DATA = """\
@prefix doc: <https://w3id.org/evgraph/id/doc/> .
doc:evil a <https://w3id.org/evgraph/ns#Document>, <javascript:alert(1)> ;
  <http://purl.org/dc/terms/title> "</script><script>alert(1)</script>", "@SUM(1)",
    "=HYPERLINK(\\"http://evil.example\\")" .
"""


@pytest.mark.slow
def test_hostile_data_stays_data(tmp_path: Path) -> None:
    file = tmp_path / "evil.ttl"
    file.write_text(HOSTILE_DATA)
    with serving(file, "--workers", "1") as server:
        answer = server.get("/doc/evil", "text/html, text/turtle")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "javascript" not in answer.headers["link"]
        query = "SELECT ?t { doc:evil dcterms:title ?t } ORDER BY ?t"
        plain = server.get("/sparql", "text/csv", params={"query": query})
        safe = server.get("/sparql", "text/csv", params={"query": query, "csv": "safe"})
        assert plain.text.splitlines()[2:] == ['"=HYPERLINK(""http://evil.example"")"', "@SUM(1)"]
        assert safe.text.splitlines()[2:] == ['"\'=HYPERLINK(""http://evil.example"")"', "'@SUM(1)"]
        assert {plain.headers["content-type"], safe.headers["content-type"]} == {"text/csv; charset=utf-8"}


def test_safe_csv_of_a_question(served: Served) -> None:
    path = "/questions/shared-documents?limit=2"
    assert served.get(f"{path}&format=csv&csv=safe").content == served.get(f"{path}&format=spreadsheet").content
    assert served.get(f"{path}&csv=safe", "application/json").headers["content-type"] == "application/json"
    assert served.get(f"{path}&csv=unsafe").status_code == 400
