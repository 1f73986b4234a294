"""No text in a shapes file, and no query, opens a connection: refused by the guard, and behind it by the system."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

import evgraph
from evgraph import offline
from evgraph.errors import UnreadableError
from evgraph.query import runner
from evgraph.query.reading import ad_hoc
from evgraph.sparql import guard
from evgraph.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Run

DATA = "<http://e/a> a <http://e/T> ; <http://e/p> <http://e/b> ."
SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <http://e/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
e:S a sh:NodeShape ; sh:targetClass e:T ; sh:class e:T .
"""
CONSTRAINT = "e:S sh:sparql [ sh:message 'm' ; sh:select %s ] ."
# Where shapes may hold a query; %s is its text, as Turtle has it.
PLACES = {
    "constraint": CONSTRAINT,
    "constraint of a property": "e:S sh:property [ sh:path ( e:p [ sh:zeroOrMorePath e:q ] ) ;"
    " sh:sparql [ sh:select %s ] ] .",
    "select validator": "e:C a sh:ConstraintComponent ; sh:parameter [ sh:path e:x ] ;"
    " sh:nodeValidator [ a sh:SPARQLSelectValidator ; sh:select %s ] . e:S e:x 1 .",
    "property validator": "e:C a sh:ConstraintComponent ; sh:parameter [ sh:path e:x ] ;"
    " sh:propertyValidator [ a sh:SPARQLSelectValidator ; sh:select %s ] . e:S sh:property [ sh:path e:p ; e:x 1 ] .",
    "target": "e:S sh:target [ a sh:SPARQLTarget ; sh:select %s ] .",
    "target type": "e:K a sh:SPARQLTargetType ; sh:select %s . e:S sh:target [ a e:K ] .",
    "function": "e:f a sh:SPARQLFunction ; sh:returnType xsd:boolean ; sh:select %s .",
    "rule": "e:S sh:rule [ a sh:SPARQLRule ; sh:construct %s ] .",
    "nothing uses it": "e:unused sh:select %s .",
}
PORT = "{port}"
REMOTE = f"<http://127.0.0.1:{PORT}/sparql>"
INSIDE = "{ ?s ?p ?o }"
PREFIX = f"PREFIX x: <http://127.0.0.1:{PORT}/>"
SERVICE = f"SERVICE {REMOTE} {INSIDE}"
# Ways to write SERVICE or FROM so that a reader overlooks it.
DISGUISES = {
    "plain": f"SELECT $this WHERE {{ {SERVICE} }}",
    "small letters": f"SELECT $this WHERE {{ service {REMOTE} {INSIDE} }}",
    "mixed letters": f"SELECT $this WHERE {{ SeRvIcE {REMOTE} {INSIDE} }}",
    "silent": f"SELECT $this WHERE {{ SERVICE SILENT {REMOTE} {INSIDE} }}",
    "no space before an IRI": f"SELECT $this WHERE {{ SERVICE{REMOTE}{INSIDE} }}",
    "no space before a name": f"{PREFIX} SELECT $this WHERE {{ SERVICEx:y {INSIDE} }}",
    "silent, no space": f"{PREFIX} SELECT $this WHERE {{ SERVICESILENTx:y {INSIDE} }}",
    "no space behind a brace": f"SELECT $this WHERE {{SERVICE{REMOTE}{INSIDE}}}",
    "behind a word": f"{PREFIX} SELECT $this WHERE {{ $this ?p trueSERVICE x:y {INSIDE} }}",
    "behind a number": f"{PREFIX} SELECT $this WHERE {{ $this ?p 1e1SERVICE x:y {INSIDE} }}",
    "comment between": f"SELECT $this WHERE {{ SERVICE# here\n{REMOTE} {INSIDE} }}",
    "comment before": f"# SELECT {{\nSELECT $this WHERE {{ # }}\n {SERVICE} }}",
    "line ends": f"SELECT $this WHERE {{\r\nSERVICE\r\n{REMOTE}\r\n{INSIDE} }}",
    "a variable": f"SELECT $this WHERE {{ BIND({REMOTE} AS ?where) SERVICE ?where {INSIDE} }}",
    "VALUES": f"SELECT $this WHERE {{ VALUES ?where {{ {REMOTE} }} SERVICE ?where {INSIDE} }}",
    "sub-select": f"SELECT $this WHERE {{ $this ?p ?q {{ SELECT ?s WHERE {{ {SERVICE} }} }} }}",
    "EXISTS": f"SELECT $this WHERE {{ $this ?p ?q FILTER EXISTS {{ {SERVICE} }} }}",
    "NOT EXISTS": f"SELECT $this WHERE {{ $this ?p ?q FILTER NOT EXISTS {{ {SERVICE} }} }}",
    "OPTIONAL": f"SELECT $this WHERE {{ $this ?p ?q OPTIONAL {{ {SERVICE} }} }}",
    "UNION": f"SELECT $this WHERE {{ {{ $this ?p ?q }} UNION {{ {SERVICE} }} }}",
    "MINUS": f"SELECT $this WHERE {{ $this ?p ?q MINUS {{ {SERVICE} }} }}",
    "GRAPH": f"SELECT $this WHERE {{ GRAPH ?g {{ {SERVICE} }} }}",
    "behind a path": f"SELECT $this WHERE {{ $this <http://e/p>*/<http://e/q>? ?q . {SERVICE} }}",
    "behind a comparison": f"SELECT $this WHERE {{ $this ?a ?b FILTER(?a<?b&&?b!='>') {SERVICE} BIND('' AS ?c) }}",
    "behind a string": f"SELECT $this WHERE {{ $this ?p '# \\\\' }}' . {SERVICE} }}",
    "an IRI that may be none": f"SELECT $this WHERE {{ $this ?a ?b FILTER(?a<x:c#>'''\n){SERVICE}\n#'''\n}}",
    "an escape in a long form": f"SELECT $this WHERE {{ \\U00000053ERVICE {REMOTE} {INSIDE} }}",
    "an escaped brace": f"SELECT $this WHERE \\u007B {SERVICE} }}",
    "an escaped quotation mark": f"SELECT $this WHERE {{ $this ?p '\\u0027 . {SERVICE} # ' }}",
    "an escaped line end": f"SELECT $this WHERE {{ $this ?p ?q . # \\u000A {SERVICE}\n }}",
    "FROM": f"SELECT $this FROM {REMOTE} WHERE {{ $this ?p ?o }}",  # noqa: S608 - SPARQL
    "FROM NAMED": f"SELECT $this FROM NAMED {REMOTE} WHERE {{ GRAPH ?g {{ $this ?p ?o }} }}",  # noqa: S608 - SPARQL
    "FROM without a space": f"{PREFIX} SELECT $this FROMx:y WHERE {{ $this ?p ?o }}",
    "ASK": f"ASK {{ {SERVICE} }}",
    "CONSTRUCT": f"CONSTRUCT {{ $this ?p ?o }} WHERE {{ {SERVICE} }}",
    "DESCRIBE": f"DESCRIBE $this WHERE {{ {SERVICE} }}",
    **{
        f"escape of {letter} in {word}": text.replace(word, f"{word[:i]}\\u{ord(letter):04x}{word[i + 1 :]}", 1)
        for word, text in (
            ("SERVICE", f"SELECT $this WHERE {{ {SERVICE} }}"),
            ("FROM", f"SELECT $this FROM {REMOTE} WHERE {INSIDE}"),  # noqa: S608 - SPARQL
        )
        for i, letter in enumerate(word)
    },
}
DECLARED = (
    "e: a owl:Ontology ; sh:declare [ sh:prefix %s ; sh:namespace %s ] ."
    "e:S sh:sparql [ sh:prefixes e: ; sh:select 'SELECT $this WHERE { $this ?p x:y }' ] ."
)
INJECTED = f"http://e/> SELECT $this WHERE {{ {SERVICE} }} #"


@contextmanager
def listening() -> Iterator[tuple[int, list[str]]]:
    """Listen on a port of this machine; give the port, and the list of who has called when it is over."""
    calls: list[str] = []
    last: list[str] = []  # The call that ends the listening: connections are accepted in their order.
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                connection, address = server.accept()
                connection.close()
                if str(address) in last:
                    return
                calls.append(str(address))

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        port = server.getsockname()[1]
        yield port, calls
        with socket.socket() as end:
            end.bind(("127.0.0.1", 0))
            last.append(str(end.getsockname()))
            end.connect(("127.0.0.1", port))
            thread.join(10)
        assert not thread.is_alive()


def as_turtle(text: str, port: int) -> str:
    return str(ox.Literal(text.replace(PORT, str(port))))


def refused(run: Run, tmp_path: Path, shapes: str, *words: str) -> str:
    """Validate with these shapes, see that they are refused, and give the message."""
    (tmp_path / "data.ttl").write_text(DATA, encoding="utf-8")
    (tmp_path / "shapes.ttl").write_text(shapes, encoding="utf-8")
    ran = run("validate", *(words or (tmp_path / "data.ttl",)), "--shapes", tmp_path / "shapes.ttl")
    assert ran.code == 3, ran
    assert "shapes.ttl" in ran.stderr
    return ran.stderr


def rows_of(text: str) -> list[object]:
    answer = runner.run(EmbeddedStore(), ad_hoc(text.encode(), "mine.rq"))
    assert isinstance(answer, runner.LimitedRows)
    return list(answer.rows)


@pytest.mark.default_cases(8)
@pytest.mark.parametrize("name", [*DISGUISES])
def test_no_disguise_gets_past_the_guard(run: Run, tmp_path: Path, name: str) -> None:
    with listening() as (port, calls):
        for words in ((), (str(tmp_path / "data.ttl"), "--engine", "pyshacl")):
            message = refused(run, tmp_path, SHAPES + CONSTRAINT % as_turtle(DISGUISES[name], port), *words)
            assert "the query text of S is refused" in message
    assert calls == []


@pytest.mark.default_cases(8)
@pytest.mark.parametrize("name", [*DISGUISES])
def test_no_disguise_gets_past_the_guard_in_a_query(run: Run, tmp_path: Path, name: str) -> None:
    with listening() as (port, calls):
        text = DISGUISES[name].replace(PORT, str(port))
        ran = run("query", "-", stdin=text)
        assert (ran.code, ran.stdout) == (3, ""), ran
        (tmp_path / "mine.rq").write_text(f"#+ summary: Mine.\n#+ columns:\n#+   - this: It.\n{text}", encoding="utf-8")
        ran = run("query", "mine", "--queries", tmp_path)
        assert (ran.code, ran.stdout) == (3, ""), ran
        with pytest.raises(UnreadableError, match="query:"):
            evgraph.open().sparql(text)
    assert calls == []


@pytest.mark.default_cases(6)
@pytest.mark.parametrize("disguise", ["plain", "no space before a name", "escape of E in SERVICE", "FROM"])
@pytest.mark.parametrize("name", [*PLACES])
def test_every_place_for_a_query_is_guarded(run: Run, tmp_path: Path, name: str, disguise: str) -> None:
    with listening() as (port, calls):
        refused(run, tmp_path, SHAPES + PLACES[name] % as_turtle(DISGUISES[disguise], port))
    assert calls == []


def test_an_ask_validator_is_guarded(run: Run, tmp_path: Path) -> None:
    validator = "e:C a sh:ConstraintComponent ; sh:parameter [ sh:path e:x ] ; sh:validator [ sh:ask %s ] . e:S e:x 1 ."
    with listening() as (port, calls):
        text = as_turtle(f"ASK {{ $this ?p $value {SERVICE} }}", port)
        assert "the query text of C is refused" in refused(run, tmp_path, SHAPES + validator % text)
    assert calls == []


@pytest.mark.parametrize(
    ("prefix", "namespace"),
    [("x", INJECTED), (f"x: <{INJECTED}", "http://e/"), ("x\nPREFIX y", "http://e/"), ("x", "http://e/\\u003E")],
)
def test_a_prefix_brings_in_no_query_text(run: Run, tmp_path: Path, prefix: str, namespace: str) -> None:
    with listening() as (port, calls):
        shapes = SHAPES + DECLARED % (as_turtle(prefix, port), as_turtle(namespace, port))
        assert "the query text of S is refused" in refused(run, tmp_path, shapes)
    assert calls == []


def test_shapes_for_a_store_on_disk_are_guarded(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data.ttl").write_text(DATA, encoding="utf-8")
    assert run("load", tmp_path / "data.ttl", "--store", tmp_path / "store").code == 0
    with listening() as (port, calls):
        shapes = SHAPES + CONSTRAINT % as_turtle(DISGUISES["plain"], port)
        refused(run, tmp_path, shapes, "--store", str(tmp_path / "store"))
    assert calls == []


@pytest.mark.default_cases(1)
@pytest.mark.skipif(not offline.is_supported(), reason="this system cannot refuse connections to a thread")
@pytest.mark.parametrize("words", [(), ("--engine", "pyshacl"), ("--engine", "pyshacl", "--timeout", "60")])
def test_without_the_guard_the_system_refuses(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr("evgraph.validation.validate.refuse_foreign_queries", lambda *_: None)
    monkeypatch.setattr("evgraph.shacl.one_node._FORBIDDEN", ())
    (tmp_path / "data.ttl").write_text(DATA, encoding="utf-8")
    with listening() as (port, calls):
        shapes = SHAPES + CONSTRAINT % as_turtle(f"SELECT $this WHERE {{ $this ?p ?q . {SERVICE} }}", port)
        (tmp_path / "shapes.ttl").write_text(shapes, encoding="utf-8")
        run("validate", tmp_path / "data.ttl", *words, "--shapes", tmp_path / "shapes.ttl")
    assert calls == []


@pytest.mark.skipif(not offline.is_supported(), reason="this system cannot refuse connections to a thread")
def test_without_the_guard_a_query_cannot_connect_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "check_query", lambda *_: None)
    with listening() as (port, calls):
        service = SERVICE.replace(PORT, str(port))
        for text in (
            f"SELECT ?s WHERE {{ {service} }}",
            f"SELECT ?s WHERE {{ SERVICE <http://localhost:{port}/> {INSIDE} }}",
            f"ASK {{ {service} }} #'",  # The place of the error is looked for in pieces of it.
            f"SELECT ?s WHERE {{ {{ {service} }} ) }}",
        ):
            with pytest.raises((OSError, UnreadableError)):
                rows_of(text)
        socket.create_connection(("127.0.0.1", port)).close()  # Other threads can still connect.
    assert len(calls) == 1


@pytest.mark.skipif(not offline.is_supported(), reason="this system cannot refuse connections to a thread")
@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"])
def test_an_offline_thread_opens_no_socket(family: str) -> None:
    def open_socket() -> None:
        with pytest.raises(PermissionError):
            socket.socket(getattr(socket, family), socket.SOCK_DGRAM)

    offline.call(open_socket)


def test_an_offline_thread_gives_back_results_errors_and_rows() -> None:
    def is_elsewhere() -> bool:
        return threading.current_thread() is not threading.main_thread()

    assert offline.call(is_elsewhere) is offline.is_supported()
    with pytest.raises(ZeroDivisionError):
        offline.call(lambda: 1 // 0)
    assert list(offline.iterate(lambda: iter(range(2_500)))) == list(range(2_500))
    assert offline.call(lambda: offline.call(offline.is_offline)) is offline.is_supported()


def test_offline_threads_return_results_in_order_and_raise_the_first_error() -> None:
    assert offline.call_all([partial(int, number) for number in range(50)]) == list(range(50))
    assert set(offline.call_all([offline.is_offline] * 4)) == {offline.is_supported()}
    assert offline.call_all([]) == []
    with pytest.raises(ZeroDivisionError):
        offline.call_all([lambda: 1 // 0, *[lambda: 1] * 9])
