"""A query within limits gives the same answer, or an error where it takes too long or too much."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evgraph import offline, workers
from evgraph.errors import LimitReachedError, UnreadableError, UsageError
from evgraph.limits import LEAST_MEMORY, Limits
from evgraph.query import limited, runner
from evgraph.query.catalogue import Catalogue
from evgraph.query.limited import ask
from evgraph.query.reading import ad_hoc
from evgraph.query.runner import LimitedRows, LimitedTriples
from evgraph.rdf.files import find
from evgraph.store.disk import build
from evgraph.store.opening import SHIPPED, Origin, open_store
from evgraph.store.protocol import Rows, Triples
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Run

ROOT = Path(__file__).parent.parent.parent
DATA = ROOT / "tests/query/data/cell-contents.ttl"
HERE = Origin((DATA,))
# Some 10¹⁵ solutions of the ontology's triples to count, and none to hand out before.
ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
HUGE = "SELECT ?a ?d WHERE { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f ?c"
SOON = Limits(60)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?e ?h ?none WHERE { ?e schema:headline ?h OPTIONAL { ?e evg:nothing ?none } } ORDER BY ?e ?h",
        "SELECT (1.50 AS ?n) ('tab\\t\"quote\"\\n\\\\é' AS ?s) ('chat'@fr AS ?l) (BNODE('x') AS ?b) WHERE {}",
        "SELECT ?x WHERE { ?x a <a:nothing> }",
        "SELECT ?x WHERE { VALUES ?x { UNDEF <a:a> UNDEF } }",
    ],
)
def test_rows_come_as_they_are(text: str) -> None:
    question = ad_hoc(text.encode(), "-")
    here = runner.run(open_store(HERE), question)
    answer = ask(HERE, question, {}, None, SOON).answer
    assert isinstance(answer, Rows)
    assert isinstance(here, Rows)
    assert answer.columns == here.columns
    rows = list(answer.rows)
    assert [[str(term)[:2] if str(term).startswith("_:") else term for term in row] for row in rows] == [
        [str(term)[:2] if str(term).startswith("_:") else term for term in row] for row in here.rows
    ]
    assert answer.rows.count == len(rows)


def test_triples_and_yes_and_no() -> None:
    question = ad_hoc(b"CONSTRUCT { ?e a evg:Entry } WHERE { ?e a evg:Entry }", "-")
    answer = ask(HERE, question, {}, 2, SOON).answer
    assert isinstance(answer, Triples)
    assert len(list(answer.triples)) == 2
    assert answer.triples.truncated
    assert ask(HERE, ad_hoc(b"ASK { ?e a evg:Entry }", "-"), {}, None, SOON).answer is True
    assert ask(HERE, ad_hoc(b"ASK { ?e a <a:b> }", "-"), {}, None, SOON).answer is False


def test_values_are_bound_and_noted() -> None:
    asked = ask(HERE, Catalogue()["cell-contents"], {"cell": "drug:E4"}, None, SOON)
    assert asked.notes == ["no page of cell:drug-E4 is in this graph"]
    assert isinstance(asked.answer, Rows)
    assert len(list(asked.answer.rows)) == 5


@pytest.mark.parametrize(
    ("text", "values", "error", "message"),
    [
        ("SELECT ?s {\n ?s }", {}, UnreadableError, "-:2: the query is not legal SPARQL"),
        ("DROP ALL", {}, UnreadableError, "-:1: DROP is a keyword of updates"),
        ("ASK {}", {"x": "1"}, UsageError, "has no parameter 'x'"),
    ],
)
def test_errors_are_those_of_the_query(text: str, values: dict[str, str], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ask(HERE, ad_hoc(text.encode(), "-"), values, None, SOON)


def test_a_query_that_takes_too_long_is_ended() -> None:
    start = time.perf_counter()
    spent = sum(os.times()[2:4])
    with pytest.raises(LimitReachedError, match=r"longer than 0\.8 s and was ended"):
        ask(HERE, ad_hoc(ENDLESS.encode(), "-"), {}, None, Limits(0.8))
    assert time.perf_counter() - start < 60
    assert sum(os.times()[2:4]) - spent < 3  # Limited when the process is gone: it works no more.


def test_a_query_that_needs_too_much_is_ended() -> None:
    with pytest.raises(LimitReachedError, match=rf"more memory than {LEAST_MEMORY + 50} MB and was ended"):
        ask(HERE, ad_hoc(HUGE.encode(), "-"), {}, None, Limits(120, LEAST_MEMORY + 50))
    with pytest.raises(UsageError, match="are too little for any query"):
        ask(HERE, ad_hoc(HUGE.encode(), "-"), {}, None, Limits(None, 1))
    small = ask(HERE, ad_hoc(b"ASK {}", "-"), {}, None, Limits(None, LEAST_MEMORY))
    assert small.answer is True


@pytest.mark.slow
def test_a_time_limit_holds_while_rows_come() -> None:
    text = "SELECT ?a ?d ?g WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    answer = ask(HERE, ad_hoc(text.encode(), "-"), {}, None, Limits(4)).answer
    assert isinstance(answer, Rows)
    with pytest.raises(LimitReachedError, match="longer than 4 s"):
        for _ in answer.rows:
            pass
    assert answer.rows.count > 0


def test_an_answer_that_is_dropped_holds_nobody_up() -> None:
    text = "SELECT ?a ?d ?g WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    answer = ask(HERE, ad_hoc(text.encode(), "-"), {}, None, SOON).answer
    assert isinstance(answer, Rows)
    next(answer.rows)
    start = time.perf_counter()
    del answer
    assert time.perf_counter() - start < 60


def test_chunks_of_a_large_answer_are_one_answer() -> None:
    text = "SELECT ?a ?b ?c WHERE { ?a ?b ?c }"
    rows = ask(HERE, ad_hoc(text.encode(), "-"), {}, None, SOON).answer
    assert isinstance(rows, Rows)
    plain = runner.run(open_store(HERE), ad_hoc(text.encode(), "-"))
    assert isinstance(plain, Rows)
    answered = list(rows.rows)
    assert len(answered) > limited._BATCH
    assert sorted(map(str, answered)) == sorted(map(str, plain.rows))
    construct = ad_hoc(b"CONSTRUCT { ?a ?b ?c } WHERE { ?a ?b ?c }", "-")
    triples, here = ask(HERE, construct, {}, None, SOON).answer, runner.run(open_store(HERE), construct)
    assert isinstance(triples, Triples)
    assert isinstance(here, Triples)
    assert set(map(str, triples.triples)) == set(map(str, here.triples))


def test_a_blank_node_is_the_same_in_every_chunk(tmp_path: Path) -> None:
    (tmp_path / "data.nt").write_text("".join(f"_:x <a:p> <a:{number}> .\n" for number in range(3_000)))
    origin = Origin((tmp_path / "data.nt",))
    rows = ask(origin, ad_hoc(b"SELECT ?s WHERE { ?s <a:p> ?o }", "-"), {}, None, SOON).answer
    assert isinstance(rows, Rows)
    assert len({row[0] for row in rows.rows}) == 1
    triples = ask(origin, ad_hoc(b"CONSTRUCT WHERE { ?s <a:p> ?o }", "-"), {}, None, SOON).answer
    assert isinstance(triples, Triples)
    assert len({triple.subject for triple in triples.triples}) == 1


def test_a_warm_worker_answers_from_data_that_is_open_and_notices_changes(tmp_path: Path) -> None:
    file = tmp_path / "data.ttl"
    count = ad_hoc(b"SELECT ?o WHERE { <a:a> <a:p> ?o }", "-")

    def counted(origin: Origin) -> int:
        rows = ask(origin, count, {}, None, SOON).answer
        assert isinstance(rows, Rows)
        return len(list(rows.rows))

    file.write_text("<a:a> <a:p> 1 .")
    assert counted(Origin((tmp_path,))) == 1
    file.write_text("<a:a> <a:p> 1 , 2 .")
    assert counted(Origin((tmp_path,))) == 2
    (tmp_path / "more.ttl").write_text("<a:a> <a:p> 3 .")
    assert counted(Origin((tmp_path,))) == 3
    for objects in (1, 2):
        build(tmp_path / "store", [*find([file])][:objects])
        assert counted(Origin(directory=tmp_path / "store")) == 2
        file.write_text("<a:a> <a:p> 4 , 5 .")


def test_a_second_query_starts_no_process() -> None:
    question = ad_hoc(b"ASK {}", "-")
    ask(HERE, question, {}, None, SOON)
    before = set(workers._WORKERS)
    assert ask(HERE, question, {}, None, SOON).answer is True
    assert ask(HERE, Catalogue()["cell-contents"], {"cell": "drug:E4"}, 1, Limits(50)).notes
    assert set(workers._WORKERS) == before


def test_a_worker_with_local_data_has_no_connection() -> None:
    if not offline.is_supported():
        pytest.skip("this system cannot refuse connections")
    assert list(workers.iterate(_can_connect, HERE, limits=SOON, task="a probe", key="probe")) == [True, False]


def _can_connect(origin: Origin) -> Iterator[bool]:
    yield _has_socket()
    list(limited._answer(origin, b"", ad_hoc(b"ASK {}", "-"), {}, 1))
    yield _has_socket()


def _has_socket() -> bool:
    try:
        socket.socket().close()
    except PermissionError:
        return False
    return True


@pytest.mark.default_cases(1)
@pytest.mark.parametrize("words", [["--timeout", "0.8"], ["--max-memory", str(LEAST_MEMORY + 50)]])
def test_the_command(run: Run, words: list[str], tmp_path: Path) -> None:
    text = ENDLESS if "--timeout" in words else HUGE
    ran = run("query", "-", *words, "-o", tmp_path / "rows.csv", stdin=text)
    assert (ran.code, ran.stdout) == (5, "")
    assert "and was ended\n" in ran.stderr
    assert not list(tmp_path.iterdir())


def test_the_command_answers_the_same_within_limits(run: Run, tmp_path: Path) -> None:
    words = ("query", "corresponding-studies", "--data", "-")
    data = (ROOT / "tests/query/data/corresponding-studies.ttl").read_bytes()
    plain, limited = run(*words, stdin=data), run(*words, "--timeout", "60", "--max-memory", "2000", stdin=data)
    assert (limited.code, limited.output, limited.stderr) == (0, plain.output, plain.stderr)
    assert limited.output.count(b"\n") > 2
    build(tmp_path / "store", find([DATA]))
    ran = run("query", "cell-contents", "-p", "cell=drug:E4", "--store", tmp_path / "store", "--timeout", "60")
    assert ran.stdout.count("\n") == 7


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--timeout", "0"], "--timeout"),
        (["--timeout", "soon"], "--timeout"),
        (["--max-memory", "-1"], "--max-memory"),
        (["--max-memory", "1"], "1 MB are too little for any query\n  give --max-memory at least 256"),
        (["--max-memory", "999", "--endpoint", "http://127.0.0.1:9/"], "a server has limits of its own"),
    ],
)
def test_wrong_limits(run: Run, words: list[str], message: str) -> None:
    ran = run("query", "timeline", *words)
    assert (ran.code, ran.stdout) == (2, "")
    assert message in ran.stderr


@pytest.mark.slow
@pytest.mark.parametrize("head", ["SELECT ?long", "CONSTRUCT { <a:a> <a:b> ?long }"])
def test_a_text_that_no_parser_reads_comes_from_a_worker(head: str) -> None:
    text = f'{head} WHERE {{ BIND("{"a" * 70_000}" AS ?short) BIND(REPLACE(?short, "a", "{"b" * 300}") AS ?long) }}'
    answer = ask(SHIPPED, ad_hoc(text.encode(), "-"), {}, None, Limits(60)).answer
    assert isinstance(answer, LimitedRows | LimitedTriples)
    if isinstance(answer, LimitedRows):
        assert [len(value_of(term)) for (term,) in answer.rows] == [21_000_000]
    else:
        assert [len(value_of(triple.object)) for triple in answer.triples] == [21_000_000]
