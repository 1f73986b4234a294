"""Addresses asked on servers of our own, which answer in every way that servers do."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import TYPE_CHECKING, ClassVar

import pytest
from tests.stub import DRIPS, OK, Answer, Request, dripping, stub

from evgraph.rdf.files import find
from evgraph.validation import link_checker
from evgraph.validation.addresses import NOT_PUBLIC, Addresses, Outcome, Status, address_checks
from evgraph.validation.check import findings_of
from evgraph.validation.link_checker import CrawlSettings, LinkChecker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import Run

    from evgraph.store.deadline import Deadline

SETTINGS = CrawlSettings(pace=0, timeout=30, deadline=60, tries=2, patience=2, allow_private=True)
HASTY = SETTINGS._replace(timeout=0.5, deadline=1)


class Handler(BaseHTTPRequestHandler):
    """Answers as the path asks.

    Attributes:
        seen: what it was asked: method, path, and when by the clock.
        headers_seen: the headers of each request.
        meeting: where ``/meet`` waits for others who ask it at the same time.
        clock: seconds.

    """

    seen: ClassVar[list[tuple[str, str, float]]] = []
    headers_seen: ClassVar[list[dict[str, str]]] = []
    meeting: ClassVar[threading.Barrier]
    clock: ClassVar[Callable[[], float]] = time.monotonic
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        """Answer ``/CODE``, ``/redirect/CODE/TARGET`` and a few special paths."""
        Handler.seen.append((self.command, self.path, Handler.clock()))
        Handler.headers_seen.append(dict(self.headers))
        times = sum(path == self.path for _, path, _ in Handler.seen)
        word, _, rest = self.path.lstrip("/").partition("/")
        if word == "redirect":
            code, _, target = rest.partition("/")
            self.head(int(code), Location=target)
        elif word == "no-head":
            self.head(int(rest) if self.command == "HEAD" else 200)
        elif word == "busy":
            self.head(int(rest) if times == 1 else 200, **{"Retry-After": "1"})
        elif word == "busy-until":
            self.head(429, **{"Retry-After": format_datetime(datetime.now(UTC) + timedelta(hours=1))})
        elif word == "busy-nonsense":
            self.head(503 if times == 1 else 200, **{"Retry-After": "soon"})
        elif word == "silent":
            time.sleep(1)
        elif word == "drip":
            for _ in range(1000):
                self.wfile.write(b"H")
                time.sleep(0.1)
        elif word == "meet":
            try:
                Handler.meeting.wait(30)
            except threading.BrokenBarrierError:
                self.head(500)
            else:
                self.head(200)
        elif word == "hang-up":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif word == "garbage":
            self.wfile.write(b"\x00\xff nonsense\r\n\r\n")
            self.close_connection = True
        elif word == "endless":
            self.send_response(200)
            self.end_headers()
            for _ in range(1000):
                self.wfile.write(b"x" * 100_000)
        else:
            self.head(int(word.partition("?")[0] or 200))

    def head(self, code: int, **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True


@contextmanager
def serving() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    Handler.seen.clear()
    Handler.headers_seen.clear()
    with serving() as address:
        yield address


def outcome_of(address: str, settings: CrawlSettings = SETTINGS, *, follow: bool = True) -> Outcome:
    return LinkChecker(settings).check(address, follow=follow)


@pytest.mark.default_cases(8)
@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/200", Status.ALIVE, ""),
        ("/204", Status.ALIVE, ""),
        ("/404", Status.DEAD, "404 Not Found"),
        ("/410", Status.DEAD, "410 Gone"),
        ("/401", Status.BLOCKED, "401 Unauthorized"),
        ("/403", Status.BLOCKED, "403 Forbidden"),
        ("/999", Status.BLOCKED, "999"),
        ("/500", Status.UNKNOWN, "500 Internal Server Error"),
        ("/no-head/405", Status.ALIVE, ""),
        ("/no-head/404", Status.ALIVE, ""),
        ("/no-head/501", Status.ALIVE, ""),
        ("/busy/429", Status.ALIVE, ""),
        ("/busy/503", Status.ALIVE, ""),
        ("/busy-nonsense", Status.ALIVE, ""),
        ("/hang-up", Status.UNKNOWN, "the connection broke"),
        ("/garbage", Status.UNKNOWN, "the connection broke"),
        ("/redirect/302//200", Status.ALIVE, ""),
        ("/redirect/301//200", Status.MOVED, "moved to SERVER/200"),
        ("/redirect/308//redirect/301//204", Status.MOVED, "moved to SERVER/204"),
        ("/redirect/302//redirect/301//200", Status.ALIVE, ""),
        ("/redirect/301//redirect/302//200", Status.MOVED, "moved to SERVER/redirect/302//200"),
        ("/redirect/301//404", Status.DEAD, "404 Not Found, at SERVER/404"),
        ("/redirect/302//", Status.MOVED, "it leads to a front page, SERVER/"),
        ("/redirect/302/ftp://example.org/x", Status.DEAD, "it is no address of the web, at ftp://example.org/x"),
        ("/redirect/302/http://x:99999/", Status.DEAD, "it is no address that can be requested, at"),
        ("/redirect/302/http://u:p@127.0.0.1/", Status.BLOCKED, "it contains a user name or a password"),
    ],
)
def test_what_a_server_answers_is_reported(server: str, path: str, status: Status, detail: str) -> None:
    found = outcome_of(server + path)
    assert found.status is status
    assert found.detail.startswith(detail.replace("SERVER", server))
    assert bool(found.detail) is (status is not Status.ALIVE)


@pytest.mark.slow
def test_a_server_that_says_nothing_is_not_waited_for(server: str) -> None:
    found = outcome_of(f"{server}/silent", HASTY)
    assert found.status is Status.UNKNOWN
    assert found.detail.startswith("no answer within")


def test_redirects_without_end_are_left(server: str) -> None:
    Handler.seen.clear()
    loop = "/redirect/302/"  # An empty Location is none; so the loop is made of two.
    assert outcome_of(server + loop).status is Status.ALIVE
    with serving() as other:
        path = f"/redirect/302/{server}/redirect/302/{other}" * 8 + "/200"
        assert outcome_of(server + path) == Outcome(Status.UNKNOWN, "it redirects more than 10 times")


def test_a_redirect_that_ends_with_a_cookie_is_followed_with_it() -> None:
    def answer(request: Request) -> Answer:
        if "seen=1" in request.headers.get("cookie", ""):
            return Answer()
        return Answer(status=302, headers={"Location": request.path, "Set-Cookie": "seen=1; Path=/"})

    with stub(answer) as server:
        assert outcome_of(f"{server.url}/a") == Outcome(Status.ALIVE)
        assert ["cookie" in request.headers for request in server.requests] == [False, True]
        assert outcome_of(f"{server.url}/a") == Outcome(Status.ALIVE)
        assert ["cookie" in request.headers for request in server.requests[2:]] == [False, True]


@pytest.mark.default_cases(3)
@pytest.mark.parametrize("phase", DRIPS)
def test_no_phase_of_an_answer_takes_longer_than_the_deadline(phase: str) -> None:
    began = time.monotonic()
    with dripping(*DRIPS[phase]) as address:
        found = outcome_of(address, SETTINGS._replace(deadline=0.4, tries=20))
    assert time.monotonic() - began < 5
    if phase in {"status line", "header", "headers", "100 Continue"}:
        assert found == Outcome(Status.UNKNOWN, "no answer within 0 seconds")


def test_a_name_that_nobody_looks_up_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait())
    try:
        found = outcome_of("http://example.invalid/", SETTINGS._replace(deadline=0.2))
    finally:
        released.set()
    assert found == Outcome(Status.UNKNOWN, "no answer within 0 seconds")


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_keeps_to_the_deadline_too(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.monotonic()
    with dripping(*DRIPS["header"]) as proxy:
        monkeypatch.setenv(f"{scheme}_proxy", proxy)
        found = outcome_of(f"{scheme}://example.invalid/", SETTINGS._replace(deadline=0.4))
    assert time.monotonic() - began < 5
    assert found == Outcome(Status.UNKNOWN, "no answer within 0 seconds")


@pytest.mark.parametrize(
    "value",
    [
        "Mon, 01 Jan 2024 00:00:00 +99999999999999999999",
        "Mon, 01 Jan 0001 00:00:00 -0000",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "9" * 5000,
        "-5",
        "²",
        "1e400",
        "nan",
        "",
    ],
)
@pytest.mark.parametrize("code", [429, 503])
def test_a_retry_after_that_makes_no_sense_leaves_the_address_unknown(value: str, code: int) -> None:
    header = value.encode("utf-8").decode("latin-1")
    with stub(Answer(status=code, headers={"Retry-After": header})) as server:
        checker = LinkChecker(SETTINGS)
        ((_, found),) = checker.check_all({server.url: True})
    assert found.status in ({Status.UNKNOWN, Status.BLOCKED} if "9999 " in value else {Status.UNKNOWN})
    assert found.detail.startswith(str(code))


def test_a_check_that_fails_ends_the_run(monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(link_checker, "_send", broken)
    with pytest.raises(ZeroDivisionError):
        list(LinkChecker(SETTINGS).check_all({f"{server}/{number}": True for number in range(3)}))


@pytest.mark.parametrize(
    "target",
    ["http://[", "http://ex\u2100.org/", "http://a b/", "http://\x1b[31m/", "//", "?", "http://x\u202ey/", "\x00"],
)
def test_an_odd_location_is_an_outcome(target: str) -> None:
    head = f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
    with dripping(head, b"") as address:
        ((_, found),) = LinkChecker(SETTINGS._replace(tries=1)).check_all({f"{address}#a[": True})
    assert isinstance(found, Outcome)
    assert "\x1b" not in found.detail
    assert "\u202e" not in found.detail


def test_secrets_in_a_location_are_cut(server: str) -> None:
    with dripping(
        OK.replace(b"200 OK", b"301 Moved") + f"Location: {server}/200?a=1&access_token=tr0ub4dor\r\n\r\n".encode(), b""
    ) as address:
        assert outcome_of(f"{address}") == Outcome(Status.MOVED, f"moved to {server}/200?a=1&access_token=…")
    with dripping(OK.replace(b"200 OK", b"302 Found") + b"Location: http://me:tr0ub4dor@x/\r\n\r\n", b"") as address:
        found = outcome_of(address)
    assert found.detail == "it contains a user name or a password, which were not sent, at http://…@x/"


def test_an_identifier_is_known_to_its_resolver_when_that_redirects(server: str) -> None:
    assert outcome_of(f"{server}/redirect/302//404", follow=False) == Outcome(Status.ALIVE)
    assert len(Handler.seen) == 1


def test_a_server_that_asks_for_much_patience_is_left_alone(server: str) -> None:
    found = outcome_of(f"{server}/busy-until")
    assert found.status is Status.BLOCKED
    assert found.detail.startswith("429 Too Many Requests, and not before 3")
    assert len(Handler.seen) == 1


@pytest.mark.slow
def test_retry_after_is_waited_for(server: str) -> None:
    outcome_of(f"{server}/busy/503")
    (_, _, first), (_, _, second) = Handler.seen
    assert second - first >= 1


@pytest.mark.parametrize("path", ["/drip", "/endless"])
def test_a_server_that_never_ends_is_cut_off(server: str, path: str) -> None:
    began = time.monotonic()
    outcome_of(server + path, SETTINGS._replace(deadline=0.5, tries=1))
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/",
        "http://localhost:1/",
        "http://[::1]:1/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b::10.0.0.1]/",
        "http://[64:ff9b:1::1]/",
        "http://[2002:7f00:1::1]/",
        "http://[2002:c0a8:101::1]/",
        "http://[::127.0.0.1]/",
        "http://[fec0::1]/",
        "http://[fe80::1]/",
        "http://[fc00::1]/",
        "http://[ff02::1]/",
        "http://[ff0e::1]/",
        "http://[2001:db8::1]/",
        "http://[::]/",
        "http://224.0.0.1/",
        "http://239.1.2.3/",
        "http://255.255.255.255/",
        "http://100.64.0.1/",
    ],
)
def test_a_private_address_is_not_requested(address: str) -> None:
    found = outcome_of(address, CrawlSettings(pace=0))
    assert found.status is Status.BLOCKED
    assert found.detail.endswith(f" {NOT_PUBLIC}")


@pytest.mark.parametrize(
    "ip", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1", "::ffff:8.8.8.8", "192.0.1.1"]
)
def test_a_public_address_is_public(ip: str) -> None:
    assert link_checker._is_public(ip)


def test_a_redirect_into_a_private_network_is_not_followed(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = link_checker._resolve
    public = server.rpartition(":")[2]

    def places(host: str, port: int, deadline: Deadline, *, allow_private: bool) -> list[str]:
        return resolve(host, port, deadline, allow_private=allow_private or str(port) == public)

    monkeypatch.setattr(link_checker, "_resolve", places)
    with serving() as private:
        found = outcome_of(f"{server}/redirect/302/{private}/200", CrawlSettings(pace=0))
    assert found == Outcome(Status.BLOCKED, f"127.0.0.1 {NOT_PUBLIC}, at {private}/200")
    assert [path for _, path, _ in Handler.seen] == [f"/redirect/302/{private}/200"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("http://", Status.DEAD),
        ("http://[::1", Status.DEAD),
        ("http://x:99999/", Status.DEAD),
        (f"http://{'a' * 300}.org/", Status.DEAD),
        ("http://user:secret@example.org/", Status.BLOCKED),
        ("http://no-such-host.invalid/", Status.DEAD),
    ],
)
def test_an_address_that_cannot_be_asked_says_so(address: str, status: Status) -> None:
    assert outcome_of(address).status in {status, Status.UNKNOWN} if "invalid" in address else {status}


def test_nothing_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        found = outcome_of(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert found == Outcome(Status.UNKNOWN, "the host refuses connections")


def test_no_credentials_are_sent(server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password secret\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    outcome_of(f"{server}/200")
    (headers,) = Handler.headers_seen
    assert "Authorization" not in headers
    assert headers["User-Agent"].startswith("evgraph/")


def test_a_host_is_asked_at_its_pace(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    monkeypatch.setattr(Handler, "clock", lambda: clock[0])
    monkeypatch.setattr(link_checker, "time", SimpleNamespace(monotonic=lambda: clock[0], sleep=sleep))
    addresses = {f"{server}/200?{number}": True for number in range(3)}
    found = dict(LinkChecker(SETTINGS._replace(pace=0.25)).check_all(addresses))
    assert found == dict.fromkeys(addresses, Outcome(Status.ALIVE))
    assert [when for _, _, when in Handler.seen] == [0, 0.25, 0.5]


def test_two_hosts_are_asked_at_the_same_time(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Handler, "meeting", threading.Barrier(2), raising=False)
    addresses = {f"{server}/meet": True, f"{server.replace('127.0.0.1', 'localhost')}/meet": True}
    assert dict(LinkChecker(SETTINGS).check_all(addresses)) == dict.fromkeys(addresses, Outcome(Status.ALIVE))


DATA = """
@prefix bibo: <http://purl.org/ontology/bibo/> . @prefix dcterms: <http://purl.org/dc/terms/> .
@prefix doc: <https://w3id.org/evgraph/id/doc/> . @prefix evg: <https://w3id.org/evgraph/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
doc:one a evg:Document ; rdfs:label "One"@en ; rdfs:seeAlso <{0}/404> , <{0}/200> , doc:two , <{0}/about> ;
    dcterms:source "{0}/redirect/301//200"^^xsd:anyURI , "{0}/403" .
doc:two a evg:Document ; rdfs:label "Two"@en ; rdfs:seeAlso <{0}/404#part> , <{0}/403> , <{0}/500> ;
    dcterms:license <https://creativecommons.org/publicdomain/zero/1.0/> .
<{0}/about> rdfs:label "Described here"@en .
"""


def found(data: Path, addresses: Addresses) -> list[tuple[str, str, str]]:
    from evgraph.store.embedded import EmbeddedStore

    store = EmbeddedStore()
    for file in find([data]):
        store.load(file)
    return [
        (finding.severity.word, finding.rule, finding.triple)
        for finding in findings_of(store, address_checks(addresses))
    ]


@pytest.fixture
def data(server: str, tmp_path: Path) -> Path:
    path = tmp_path / "data.ttl"
    text = DATA.replace("dcterms:license <https://creativecommons.org/publicdomain/zero/1.0/>", "rdfs:label 'Zwei'@de")
    path.write_text(text.replace("{0}", server), encoding="utf-8")
    return path


def test_the_addresses_that_leave_the_graph_are_asked_once_each(data: Path, server: str) -> None:
    assert found(data, Addresses(LinkChecker(SETTINGS).check_all)) == [
        ("violation", "dead-address", f"doc:one rdfs:seeAlso <{server}/404>"),
        ("violation", "dead-address", f"doc:two rdfs:seeAlso <{server}/404#part>"),
        ("warning", "moved-address", f'doc:one dcterms:source "{server}/redirect/301//200"^^xsd:anyURI'),
        ("info", "blocked-address", f"doc:two rdfs:seeAlso <{server}/403>"),
        ("info", "unknown-address", f"doc:two rdfs:seeAlso <{server}/500>"),
    ]
    heads = Counter(path for method, path, _ in Handler.seen if method == "HEAD")
    assert "/about" not in heads
    assert heads["/403"] == 1


def test_identifiers_are_asked_of_their_resolvers(tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from evgraph.namespaces import BIBO
    from evgraph.validation import addresses

    path = tmp_path / "data.ttl"
    path.write_text(
        f'<https://e.org/a> <{BIBO}doi> "redirect/302//404" , "404" ; <{BIBO}pmid> "200" .', encoding="utf-8"
    )
    monkeypatch.setattr(addresses, "_RESOLVERS", {f"{BIBO}doi": f"{server}/", f"{BIBO}pmid": f"{server}/"})
    assert [rule for _, rule, _ in found(path, Addresses(LinkChecker(SETTINGS).check_all))] == ["dead-address"]


def test_what_was_learnt_is_kept_for_a_while(data: Path, tmp_path: Path) -> None:
    memory = tmp_path / "deep" / "memory.json"
    first = found(data, Addresses(LinkChecker(SETTINGS).check_all, memory))
    kept = json.loads(memory.read_bytes())
    assert sorted({answer["status"] for answer in kept.values()}) == ["alive", "blocked", "dead", "moved"]
    Handler.seen.clear()
    assert found(data, Addresses(LinkChecker(SETTINGS).check_all, memory)) == first
    assert {path for _, path, _ in Handler.seen} == {"/500"}
    Handler.seen.clear()
    assert found(data, Addresses(LinkChecker(SETTINGS).check_all, memory, timedelta(0))) == first
    assert {path for _, path, _ in Handler.seen} > {"/404", "/403", "/500"}


@pytest.mark.parametrize("content", [b"", b"[]", b'{"x": 1}', b'{"x": {"asked": "2020"}}', b"\xff", b"[" * 100_000])
def test_a_memory_that_is_none_is_reported_and_written_anew(data: Path, tmp_path: Path, content: bytes) -> None:
    memory = tmp_path / "memory.json"
    memory.write_bytes(content)
    addresses = Addresses(LinkChecker(SETTINGS).check_all, memory)
    assert found(data, addresses)
    assert [complaint for complaint in addresses.complaints if "memory.json" in complaint]
    assert json.loads(memory.read_bytes())


def test_a_memory_that_cannot_be_written_does_not_lose_the_findings(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    addresses = Addresses(LinkChecker(SETTINGS).check_all, tmp_path / "file" / "memory.json")
    assert found(data, addresses)
    assert len(addresses.complaints) == 1


def test_a_machine_that_is_not_online_condemns_nobody(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def places(*_: object, **__: object) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(link_checker, "_resolve", places)
    addresses = Addresses(LinkChecker(SETTINGS).check_all)
    assert {rule for _, rule, _ in found(data, addresses)} == {"unknown-address"}
    assert addresses.complaints == ["no host was found: is this machine online?"]


@pytest.mark.slow
def test_the_command_asks_only_on_request(run: Run, server: str, tmp_path: Path) -> None:
    data, memory = tmp_path / "data.ttl", tmp_path / "memory.json"
    data.write_text(
        "@prefix evg: <https://w3id.org/evgraph/ns#> .\n"
        f"<https://e.org/a> a evg:Document ;\n  <http://www.w3.org/2000/01/rdf-schema#seeAlso> <{server}/404> .\n",
        encoding="utf-8",
    )
    assert "-address" not in run("validate", data).stdout
    ran = run("validate", data, "--online", "--cache", memory, "--format", "json")
    assert "blocked-address" in {finding["rule"] for finding in json.loads(ran.stdout)["findings"]}
    assert not Handler.seen  # This machine itself is not asked unasked.
    ran = run("validate", data, "--online", "--cache", memory, "--allow-private")  # A refusal of ours is not kept.
    assert ran.code == 1
    assert "(404 Not Found)" in ran.stdout
    assert f"{data}:3:" in ran.stdout
    assert [method for method, _, _ in Handler.seen] == ["HEAD", "GET"]


@pytest.mark.parametrize("words", [("--max-age", "3"), ("--allow-private",), ("--cache", "x.json")])
def test_what_only_serves_online_needs_it(run: Run, data: Path, words: tuple[str, ...]) -> None:
    ran = run("validate", data, *words)
    assert ran.code == 2
    assert "--online" in ran.stderr
