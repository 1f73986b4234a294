"""Servers that refuse, fail or stall: one error each, with the server's own message and never a secret."""

from __future__ import annotations

import base64
import gc
import itertools
import json
import re
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
from tests.stub import DRIPS, ROWS, Answer, Stub, dripping, stub

from evgraph.errors import EndpointError, EvgraphError, ExitCode, LimitReachedError, UsageError
from evgraph.store.credentials import Credentials
from evgraph.store.deadline import Deadline, resolve
from evgraph.store.endpoint import Endpoint, EndpointStore
from evgraph.store.protocol import Rows, Triples
from evgraph.store.transport import retry_after

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.stub import Request

SELECT = "SELECT ?x WHERE { ?x ?p ?o }"
BINDING = {"x": {"type": "uri", "value": "urn:a"}}
ONE = json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": [BINDING]}}).encode()
HTML = b"<html><head><title>500</title><style>p {}</style></head><body><h1>Out of</h1>\n<p>memory &amp; luck\x1b[31m"
SECRET = "tr0ub4dor"  # noqa: S105 - made up


@pytest.fixture(autouse=True)
def _anonymous(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("USER", "PASSWORD", "TOKEN"):
        monkeypatch.delenv(f"EVGRAPH_{name}", raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HOME", str(tmp_path))


def opened(server: Stub, timeout: float = 5, most_bytes: int = 1 << 20) -> EndpointStore:
    return EndpointStore(Endpoint(server.url, default_graph="union", timeout=timeout, most_bytes=most_bytes))


def read(store: EndpointStore, query: str = SELECT) -> list[object]:
    answer = store.query(query)
    if isinstance(answer, Rows):
        return list(answer.rows)
    assert isinstance(answer, Triples)
    return list(answer.triples)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer(b"who?", 401, "text/plain"), r"asks for credentials \(HTTP 401\): who\?"),
        (Answer(b"not you", 403, "text/plain"), r"forbids this \(HTTP 403\): not you"),
        (Answer(b"", 404, None), r"does not exist \(HTTP 404\)$"),
        (Answer(b"", 405, None), r"does not accept such requests \(HTTP 405\)$"),
        (Answer(b"too much", 400, "text/plain"), r"does not accept the request \(HTTP 400\): too much"),
        (Answer(HTML, 500, "text/html"), r"failed \(HTTP 500\): Out of memory & luck \[31m$"),
        (Answer(b"x" * 10_000, 500, "text/plain"), r"failed \(HTTP 500\): x{299}…$"),
        (Answer(b"<html><h1>Welcome</h1>", 200, "text/html"), "answers with text/html, which is no answer.*: Welcome"),
        (Answer(b"", 200, ROWS), "broken or holds an ill-formed term"),
        (Answer(ONE[:-9], 200, ROWS), "broken .*Unexpected end of file.*it ends: .*ur$"),
        (Answer(ONE[:-4] + b"The SPARQL operation has been cancelled", 200, ROWS), "it ends: .*has been cancelled$"),
        (Answer(ONE.replace(b"urn:a", b"http://a b"), 200, ROWS), "ill-formed term: .*Invalid IRI code point"),
        (Answer(ONE.replace(b"urn:a", b"noiri"), 200, ROWS), "ill-formed term: .*No scheme"),
        (Answer(ONE.replace(b'"uri"', b'"literal", "xml:lang": "-"'), 200, ROWS), "ill-formed term: .*lang"),
        (Answer(ONE, 200, ROWS, length=len(ONE) + 5), "broke off its answer"),
        (Answer(b"", 301, None, {"Location": "https://example.org/new"}), "redirects to https://example.org/new"),
        (Answer(b"", 307, None, {"Location": "file:///etc/passwd"}), "redirects to file:///etc/passwd"),
    ],
)  # fmt: skip
def test_a_bad_answer_is_one_error_with_the_servers_own_message(answer: Answer, message: str) -> None:
    with stub(answer) as server:
        with pytest.raises(EndpointError) as raised:
            read(opened(server))
        assert re.search(message, raised.value.message)
        assert raised.value.message.startswith(server.url)
        assert len(server.requests) == 1
    assert raised.value.exit_code == ExitCode.ENDPOINT
    assert raised.value.status == (answer.status if answer.status != 200 else None)
    assert "\x1b" not in str(raised.value)


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"X-SPARQL-MaxRows": "1"}, "at most 1 rows"),
        ({"X-SQL-State": "S1TAT", "X-SQL-Message": "timed out"}, "before its answer was whole: timed out"),
    ],
)
def test_cut_rows_end_with_an_error(headers: dict[str, str], message: str) -> None:
    with stub(Answer(ONE, headers=headers)) as server, pytest.raises(LimitReachedError, match=message) as raised:
        read(opened(server))
    assert raised.value.exit_code == ExitCode.LIMIT


def test_cut_triples_are_an_error() -> None:
    answer = Answer(b"<urn:a> <urn:b> <urn:c> .\n", 200, "application/n-triples", {"X-SQL-State": "S1TAT"})
    with stub(answer) as server, pytest.raises(LimitReachedError):
        read(opened(server), "CONSTRUCT WHERE { ?s ?p ?o }")


@pytest.mark.parametrize("media_type", ["application/n-triples; charset=utf-8", "text/turtle"])
def test_triples_come_in_either_syntax_and_broken_ones_are_an_error(media_type: str) -> None:
    good, bad = b"<urn:a> <urn:b> <urn:c> .\n", b"<urn:a> <urn:b c> <urn:c> .\n"
    with stub(Answer(good, 200, media_type)) as server:
        assert len(read(opened(server), "CONSTRUCT WHERE { ?s ?p ?o }")) == 1
    with stub(Answer(good + bad, 200, media_type)) as server, pytest.raises(EndpointError, match="ill-formed term"):
        read(opened(server), "CONSTRUCT WHERE { ?s ?p ?o }")


def _drops(pause: float, drop: bytes = b" ") -> Iterator[bytes]:
    for _ in range(2_000):
        time.sleep(pause)
        yield drop


@pytest.mark.slow
def test_a_silent_or_slow_server_runs_out_of_time() -> None:
    for body in (_drops(5), _drops(0.05)):
        start = time.monotonic()
        with stub(Answer(body, length=None)) as server, pytest.raises(EndpointError, match=r"within 0\.5 s"):
            read(opened(server, timeout=0.5))
        assert time.monotonic() - start < 60


@pytest.mark.default_cases(4)
@pytest.mark.parametrize("phase", DRIPS)
def test_no_phase_of_an_answer_takes_longer_than_the_timeout(phase: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVGRAPH_USER", "me")
    monkeypatch.setenv("EVGRAPH_PASSWORD", SECRET)
    message = {
        "error page": r"failed \(HTTP 500\): aa+$",
        "challenge": r"does not accept these credentials \(HTTP 401\): aa+$",
    }
    start = time.monotonic()
    with dripping(*DRIPS[phase]) as address, pytest.raises(EndpointError) as raised:
        EndpointStore(Endpoint(address, default_graph="union", timeout=0.4)).query(SELECT)
    assert time.monotonic() - start < 5
    assert re.search(message.get(phase, r"has not answered within 0\.4 s"), raised.value.message)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_keeps_to_the_timeout_too(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    start = time.monotonic()
    with dripping(*DRIPS["header"]) as proxy:
        monkeypatch.setenv(f"{scheme}_proxy", proxy)
        store = EndpointStore(Endpoint(f"{scheme}://example.invalid/", default_graph="union", timeout=0.4))
        with pytest.raises(EndpointError, match=r"has not answered within 0\.4 s"):
            store.query(SELECT)
    assert time.monotonic() - start < 5


def test_a_name_that_nobody_looks_up_runs_out_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait())
    try:
        with pytest.raises(EndpointError, match=r"http://example\.invalid/ has not answered within 0\.2 s"):
            EndpointStore(Endpoint("http://example.invalid/", default_graph="union", timeout=0.2)).query(SELECT)
    finally:
        released.set()


def test_an_error_of_a_look_up_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        resolve("example.invalid", 80, Deadline(60))


@pytest.mark.parametrize(
    "head",
    [b"\x00\xff nonsense\r\n\r\n", b"HTTP/1.1 99999 X\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 200 + b"\r\n"],
)
def test_what_is_no_http_is_an_error(head: bytes) -> None:
    with dripping(head, b"") as address, pytest.raises(EndpointError, match="does not answer as HTTP servers do: "):
        EndpointStore(Endpoint(address, default_graph="union", timeout=5)).query(SELECT)


@pytest.mark.slow
def test_an_endless_error_page_is_cut() -> None:
    answer = Answer(_drops(0.05, b"so sorry "), 500, length=None)
    with stub(answer) as server, pytest.raises(EndpointError, match="so sorry so sorry"):
        read(opened(server, timeout=2))


def test_an_endless_answer_reaches_a_limit() -> None:
    body = itertools.repeat(b" " * 65_536)
    with stub(Answer(body, length=None)) as server, pytest.raises(LimitReachedError, match="more than 1,048,576 bytes"):
        read(opened(server))


def test_a_query_is_retried_as_the_server_asks_and_then_given_up() -> None:
    busy = Answer(b"busy", 429, "text/plain", {"Retry-After": "0"})
    answers = iter([busy, Answer(b"", 503, None, {"Retry-After": "0"}), Answer(ONE)])
    with stub(lambda _: next(answers)) as server:
        assert len(read(opened(server))) == 1
        assert len(server.requests) == 3
    with stub(busy) as server:
        with pytest.raises(EndpointError, match="too many requests"):
            read(opened(server))
        assert len(server.requests) == 4
    with stub(Answer(b"", 503, None, {"Retry-After": "3600"})) as server:
        with pytest.raises(EndpointError, match="not available"):
            read(opened(server))
        assert len(server.requests) == 1


def test_an_update_is_sent_once() -> None:
    with stub(Answer(b"busy", 503, "text/plain", {"Retry-After": "0"})) as server:
        store = EndpointStore(Endpoint(server.url, update=server.url))
        with pytest.raises(EndpointError, match="not available"):
            store.update("INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> doc:c } }")
        assert [request.method for request in server.requests] == ["POST"]
        assert b"update=PREFIX+doc%3A" in server.requests[0].body.replace(b"=+", b"=")
    with pytest.raises(UsageError, match="no address for updates"):
        EndpointStore(Endpoint("http://127.0.0.1:9/")).update("CLEAR ALL")


@pytest.mark.default_cases(1)
@pytest.mark.parametrize(
    "value", ["Mon, 01 Jan 2024 00:00:00 +99999999999999999999", "Mon, 01 Jan 0001 00:00:00 -0000", "9" * 5000, "-5"]
)
def test_a_retry_after_that_makes_no_sense_is_survived(value: str) -> None:
    assert retry_after(value) in {None, 0}
    answer = Answer(b"busy", 503, "text/plain", {"Retry-After": value})
    with stub(answer) as server, pytest.raises(EndpointError, match=r"is not available \(HTTP 503\): busy"):
        read(opened(server, timeout=1.5))


def test_retry_after_is_seconds_or_a_date() -> None:
    assert retry_after("7") == 7
    assert retry_after("Thu, 01 Jan 1970 00:00:00 GMT") == 0
    assert retry_after("soon") is None
    assert retry_after(None) is None


def test_a_query_is_sent_as_a_form_and_asks_for_json() -> None:
    with stub(Answer(ONE)) as server:
        read(opened(server), "# Zoë\n" + SELECT)
    (request,) = server.requests
    assert request.method == "POST"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.headers["accept"] == ROWS
    assert request.headers["user-agent"].startswith("evgraph/")
    assert request.body.startswith(b"query=%23+Zo%C3%AB%0ASELECT")
    assert "authorization" not in request.headers


def _basic(request: Request) -> Answer:
    expected = "Basic " + base64.b64encode(f"me:{SECRET}".encode()).decode()
    if request.headers.get("authorization") == expected:
        return Answer(ONE)
    return Answer(b"no", 401, "text/plain", {"WWW-Authenticate": 'Basic realm="here"'})


def test_credentials_are_sent_when_the_server_asks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with stub(_basic) as server:
        with pytest.raises(EndpointError, match="asks for credentials") as raised:
            read(opened(server))
        assert "EVGRAPH_USER" in str(raised.value)
        (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login me password {SECRET}\n")
        assert len(read(opened(server))) == 1
        (tmp_path / "netrc").write_text(f"machine example.org login me password {SECRET}\n")
        with pytest.raises(EndpointError, match="asks for credentials"):
            read(opened(server))
        monkeypatch.setenv("EVGRAPH_USER", "me")
        with pytest.raises(UsageError, match="only one of"):
            read(opened(server))
        monkeypatch.setenv("EVGRAPH_PASSWORD", SECRET)
        assert len(read(opened(server))) == 1


@pytest.mark.default_cases(1)
@pytest.mark.parametrize("challenge", ['Basic realm="here"', 'Digest realm="here", nonce="1", qop="auth"'])
def test_a_refused_password_is_sent_once(monkeypatch: pytest.MonkeyPatch, challenge: str) -> None:
    monkeypatch.setenv("EVGRAPH_USER", "me")
    monkeypatch.setenv("EVGRAPH_PASSWORD", SECRET)
    with stub(Answer(b"not you", 401, "text/plain", {"WWW-Authenticate": challenge})) as server:
        with pytest.raises(EndpointError, match=r"does not accept these credentials \(HTTP 401\): not you"):
            read(opened(server))
        assert ["authorization" in request.headers for request in server.requests] == [False, True]
    gc.collect()  # An answer that was left open would be told here.


@pytest.mark.parametrize(
    "challenge",
    [
        "Digest realm=",
        "Digest",
        " ",
        "Negotiate",
        "Digest realm",
        'Digest realm="x", nonce="1", algorithm=FOO',
        'Digest realm="x", nonce="1", qop="auth-int"',
        'Digest realm="\xe9", nonce="1"',
        "Digest realm=\x1b[31m=,,",
    ],
)
def test_an_odd_challenge_is_an_error_of_the_server(monkeypatch: pytest.MonkeyPatch, challenge: str) -> None:
    monkeypatch.setenv("EVGRAPH_USER", "me")
    monkeypatch.setenv("EVGRAPH_PASSWORD", SECRET)
    with stub(Answer(b"", 401, None, {"WWW-Authenticate": challenge})) as server:
        with pytest.raises(EndpointError) as raised:
            read(opened(server))
        assert raised.value.status == 401
        assert re.search("in a way that evgraph does not know|does not accept these credentials", raised.value.message)
        assert "\x1b" not in raised.value.message


def test_a_token_is_sent_to_its_server_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVGRAPH_TOKEN", SECRET)
    with stub(Answer(ONE)) as other:
        elsewhere = Answer(b"", 307, None, {"Location": other.url})
        with stub(elsewhere) as server:
            with pytest.raises(EndpointError, match="does not follow"):
                read(opened(server))
            assert server.requests[0].headers["authorization"] == f"Bearer {SECRET}"
        assert other.requests == []


SHOWN = {
    "token": SECRET,
    "Base64": base64.b64encode(f"me:{SECRET}".encode()).decode(),
    "Base64 of more": base64.b64encode(f"Authorization: Bearer {SECRET}!".encode()).decode(),
    "JSON": json.dumps(f"a{SECRET}b"),
    "long": "x " * 140 + SECRET,
}


@pytest.mark.default_cases(12)
@pytest.mark.parametrize("form", SHOWN)
@pytest.mark.parametrize("place", ["error page", "page", "location", "state", "challenge", "end", "media type"])
def test_a_secret_that_a_server_repeats_is_cut(monkeypatch: pytest.MonkeyPatch, form: str, place: str) -> None:
    monkeypatch.setenv("EVGRAPH_TOKEN", SECRET)
    shown = SHOWN[form]
    answer = {
        "error page": Answer(f"<p>{shown}".encode(), 403, "text/html"),
        "page": Answer(f"<p>{shown}".encode(), 200, "text/html"),
        "location": Answer(b"", 302, None, {"Location": f"http://x/?a={shown}"}),
        "state": Answer(ONE, headers={"X-SQL-State": "S1TAT", "X-SQL-Message": shown}),
        "challenge": Answer(b"", 401, None, {"WWW-Authenticate": shown}),
        "end": Answer(ONE[:-9] + shown.encode()),
        "media type": Answer(ONE, 200, shown),
    }[place]
    with stub(answer) as server, pytest.raises(EvgraphError) as raised:
        read(opened(server))
    message = str(raised.value)
    for secret in (SECRET, SECRET[:6], SECRET[-6:], SHOWN["Base64"][-10:], SHOWN["Base64 of more"][-12:-4]):
        assert secret.lower() not in message.lower()


def test_what_is_secret_in_an_address_is_cut() -> None:
    with stub(Answer(b"no", 403, "text/plain")) as server, pytest.raises(EndpointError) as raised:
        EndpointStore(Endpoint(f"{server.url}?x=1&apikey={SECRET}", default_graph="union")).query(SELECT)
    assert raised.value.message == f"{server.url}?x=1&apikey=… forbids this (HTTP 403): no"
    answer = Answer(b"", 302, None, {"Location": f"http://me:{SECRET}@x/"})
    with stub(answer) as server, pytest.raises(EndpointError, match="redirects to http://…@x/ "):
        read(opened(server))


def test_no_secret_shows_in_a_message_or_a_repr(tmp_path: Path) -> None:
    for known in (Credentials(token=SECRET), Credentials("me", SECRET)):
        assert SECRET not in repr(known)
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login me passwort {SECRET}\n")
    with pytest.raises(EvgraphError, match="netrc") as broken:
        read(EndpointStore(Endpoint("http://127.0.0.1:9/")))
    assert SECRET not in str(broken.value)
