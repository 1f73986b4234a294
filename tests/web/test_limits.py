"""The process model: limits that hold, workers that are replaced, and answers that are whole or break."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest
from tests.web.conftest import SECONDS, WORKERS, serving, wait_until

if TYPE_CHECKING:
    from tests.conftest import Run
    from tests.web.conftest import Served

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
HOSTILE = {
    "count": COUNT,
    "path": "SELECT (COUNT(*) AS ?n) WHERE { ?a (<x:a>|!<x:b>)* ?b . ?c (<x:a>|!<x:b>)* ?d }",
    "sort": "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f",
    "concat": "SELECT (GROUP_CONCAT(?c) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f }",
    "minus": "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f MINUS { ?g ?h ?i . FILTER(?g = ?i) } } ORDER BY ?a",
    "regex": "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f"
    " FILTER(REGEX(CONCAT(STR(?c), STR(?f)), '(a|aa)+$')) }",
    "strings": f"SELECT (STRLEN(?s9) AS ?n) WHERE {{ BIND('{'x' * 1000}' AS ?s0) "
    + " ".join(f"BIND(CONCAT({', '.join([f'?s{n}'] * 10)}) AS ?s{n + 1})" for n in range(9))
    + " }",
}
ENDLESS = "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f }"
SHORT = "SELECT * WHERE { ?s a evg:Trial } LIMIT 3"


def ask(served: Served, query: str) -> httpx.Response:
    return served.get("/sparql", params={"query": query})


def processor_time(served: Served) -> float:
    """Return the seconds that the processes below the server have used."""
    times = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13] for pid in served.children()]
    return sum(int(part) for both in times for part in both) / os.sysconf("SC_CLK_TCK")


@pytest.mark.default_cases(2)
@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name != "count")) for name in HOSTILE])
def test_a_query_past_a_limit_ends_and_others_go_on(served: Served, name: str) -> None:
    answers: list[httpx.Response] = []
    start = time.monotonic()
    hostile = threading.Thread(target=lambda: answers.append(ask(served, HOSTILE[name])))
    hostile.start()
    count = 0
    while hostile.is_alive():
        count += 1
        assert ask(served, f"{SHORT} # {name} {count}").status_code == 200
    assert time.monotonic() - start < SECONDS + 5  # Of a busy machine; a second otherwise.
    assert answers[0].status_code == 503
    assert int(answers[0].headers["retry-after"]) > 0
    assert "the query took longer than 2 s and was ended" in answers[0].text or "needed more memory" in answers[0].text
    wait_until(lambda: len(served.workers()) == WORKERS + 1)
    time.sleep(0.3)  # The new worker warms up.
    used = processor_time(served)
    time.sleep(0.5)
    assert processor_time(served) - used < 0.25


@pytest.mark.slow
def test_memory_is_limited_beside_the_graph() -> None:
    with serving("--timeout", "30", "--workers", "1", "--max-memory", "300") as server:
        answer = ask(server, HOSTILE["strings"])
        assert (answer.status_code, "needed more memory than" in answer.text) == (503, True)
        assert ask(server, SHORT).status_code == 200


def test_a_long_answer_streams_and_is_whole(served: Served, run: Run) -> None:
    query = "SELECT DISTINCT ?s ?p ?o WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o"
    answer = ask(served, query)
    assert answer.headers["transfer-encoding"] == "chunked"
    assert len(answer.content) > 1 << 20
    assert answer.json() == json.loads(run("query", "-", "--format", "json", stdin=query).output)
    packed = served.get("/sparql", params={"query": query}, headers={"accept-encoding": "gzip"})
    assert (packed.headers["content-encoding"], packed.content) == ("gzip", answer.content)
    assert served.get("/sparql", method="HEAD", params={"query": query}).content == b""
    assert ask(served, SHORT).status_code == 200


@pytest.mark.parametrize("encoding", ["identity", pytest.param("gzip", marks=pytest.mark.slow)])
def test_a_long_answer_that_fails_breaks_the_connection(served: Served, encoding: str) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        served.get("/sparql", params={"query": ENDLESS}, headers={"accept-encoding": encoding})


@pytest.mark.slow
def test_http_1_0_gets_a_whole_answer_or_none(served: Served) -> None:
    port = int(served.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(f"GET /sparql?query={quote(ENDLESS)} HTTP/1.0\r\n\r\n".encode())
        answer = b"".join(iter(lambda: client.recv(1 << 16), b""))
    assert answer.startswith(b"HTTP/1.1 503 ")


@pytest.mark.slow
def test_a_client_that_hangs_up_frees_its_worker() -> None:
    with serving("--timeout", "60", "--workers", "1") as server:
        port = int(server.url.rpartition(":")[2])
        workers = set(server.workers())
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(f"GET /sparql?query={quote(COUNT)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            time.sleep(0.5)
        start = time.monotonic()
        assert ask(server, SHORT).status_code == 200
        while not workers - set(server.workers()):  # The worker that worked for it is replaced.
            assert time.monotonic() - start < 20
            time.sleep(0.1)


@pytest.mark.slow
def test_processes_that_are_killed_are_replaced(served: Served) -> None:
    old = served.workers()
    for pid in old:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not set(old) & set(served.workers()))
    assert ask(served, f"{SHORT} # 1").status_code == 200
    wait_until(lambda: len(served.workers()) == WORKERS + 1)
    loader = served.loader()
    os.kill(loader, signal.SIGKILL)
    wait_until(lambda: loader not in served.children())
    assert ask(served, f"{SHORT} # 2").status_code == 200
    assert ask(served, COUNT).status_code == 503  # And its worker is gone with it.
    assert ask(served, f"{SHORT} # 3").status_code == 200
    wait_until(lambda: len(served.workers()) == WORKERS + 1)
    assert served.loader() != loader


@pytest.mark.slow
def test_a_killed_worker_fails_its_own_request_only() -> None:
    with serving("--timeout", "60", "--workers", "2") as server:
        answers: list[httpx.Response] = []
        asking = threading.Thread(target=lambda: answers.append(ask(server, COUNT)))
        asking.start()

        def busy() -> list[int]:
            states = {
                pid: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] for pid in server.workers()
            }
            return [pid for pid, state in states.items() if state == "R"]

        wait_until(busy)
        time.sleep(0.2)
        for pid in busy():
            os.kill(pid, signal.SIGKILL)
        asking.join()
        assert (answers[0].status_code, ask(server, SHORT).status_code) == (500, 200)


@pytest.mark.slow
def test_the_queue_is_bounded(served: Served) -> None:
    port = int(served.url.rpartition(":")[2])
    request = f"GET /sparql?query={quote(COUNT)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(80)]
    for client in clients:
        client.sendall(request)
    answers = [b"".join(iter(lambda: client.recv(1 << 16), b"")) for client in clients]  # noqa: B023 - at once
    for client in clients:
        client.close()
    assert {answer.split()[1] for answer in answers} == {b"503"}
    assert any(b"too many queries wait already" in answer for answer in answers)
    assert any(b"no worker became free within 2 s" in answer for answer in answers)
    assert all(b"\r\nretry-after: " in answer for answer in answers)
    wait_until(lambda: ask(served, SHORT).status_code == 200)


@pytest.mark.slow
def test_sigterm_ends_the_server_after_the_requests_that_have_begun() -> None:
    with serving("--timeout", "2", "--workers", "1") as server:
        answers: list[httpx.Response] = []
        asking = threading.Thread(target=lambda: answers.append(ask(server, COUNT)))
        asking.start()
        time.sleep(0.5)
        below = server.children()
        server.process.send_signal(signal.SIGTERM)
        asking.join()
        assert (answers[0].status_code, server.process.wait(20)) == (503, 0)
        assert not [pid for pid in below if Path(f"/proc/{pid}").exists()]


@pytest.mark.slow
def test_nothing_outlives_a_server_that_is_killed() -> None:
    with serving("--workers", "2") as server:
        below = server.children()
        assert len(below) == 4
        server.process.kill()
        server.process.wait()
        wait_until(lambda: not [pid for pid in below if Path(f"/proc/{pid}").exists()])


@pytest.mark.slow
def test_a_store_on_disk_and_files(tmp_path: Path, run: Run) -> None:
    assert run("load", "--store", tmp_path / "kept").code == 0
    with serving("--store", tmp_path / "kept", "--workers", "1") as server:
        of_store = server.get("/questions/shared-documents", "text/csv")
        assert of_store.content == run("query", "shared-documents", "--format", "csv").output
        assert server.get("/doc/timko-2007").status_code == 200
    file = tmp_path / "one.ttl"
    file.write_text(
        "@prefix doc: <https://w3id.org/evgraph/id/doc/> . doc:only <http://purl.org/dc/terms/title> 'Only' ."
    )
    with serving(file, "--workers", "1") as server:
        assert "Only" in server.get("/doc/only").text
        assert server.get("/doc/timko-2007").status_code == 404


def titled(title: str) -> str:
    return f"<https://w3id.org/evgraph/id/doc/only> <http://purl.org/dc/terms/title> {title} ."


@pytest.mark.slow
def test_new_data_comes_in_without_a_failed_request(tmp_path: Path) -> None:
    file = tmp_path / "one.ttl"
    file.write_text(titled("'First'"))
    with serving(file, "--workers", "2") as server:
        answers: list[httpx.Response] = []
        is_over = threading.Event()

        def keep_asking() -> None:
            with httpx.Client(verify=False, timeout=60) as client:  # noqa: S501
                while not is_over.wait(0.01):
                    query = f"SELECT ?t {{ doc:only dcterms:title ?t }} # {len(answers)}"
                    answers.append(client.get(f"{server.url}/sparql", params={"query": query}))

        asking = threading.Thread(target=keep_asking)
        asking.start()
        assert "First" in server.get("/doc/only").text
        file.write_text(titled("'Second"))
        server.process.send_signal(signal.SIGHUP)
        assert server.process.stderr is not None
        while "one.ttl:1" not in (line := server.process.stderr.readline()):
            assert line
        assert "First" in server.get("/doc/only").text
        file.write_text(titled("'Third'"))
        wait_until(lambda: "Third" in server.get("/doc/only").text)
        time.sleep(0.3)
        is_over.set()
        asking.join()
        assert {answer.status_code for answer in answers} == {200}
        titles = [answer.json()["results"]["bindings"][0]["t"]["value"] for answer in answers]
        assert list(dict.fromkeys(titles)) == ["First", "Third"]
        assert len(server.workers()) == 3


@pytest.mark.slow
def test_a_new_build_of_a_store_comes_in_by_itself(tmp_path: Path, run: Run) -> None:
    file, store = tmp_path / "one.ttl", tmp_path / "kept"
    file.write_text(titled("'First'"))
    assert run("load", file, "--store", store).code == 0
    with serving("--store", store, "--workers", "1") as server:
        assert "First" in server.get("/doc/only").text
        file.write_text(titled("'Second'"))
        assert run("load", file, "--store", store).code == 0
        wait_until(lambda: "Second" in server.get("/doc/only").text)


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["missing.ttl"], 3, "missing.ttl: no such file"),
        pytest.param(["--store", "missing"], 3, "no such store", marks=pytest.mark.slow),
        (["--host", "192.0.2.1"], 2, "cannot listen at 192.0.2.1"),
        (["a.ttl", "--store", "b"], 2, "PATH and --store both name the data"),
    ],
)
def test_a_start_that_fails_says_why(run: Run, args: list[str], code: int, words: str) -> None:
    ran = run("serve", "--port", "0", *args, own_process=True)
    assert (ran.code, words in ran.stderr, "Traceback" in ran.stderr) == (code, True, False), ran.stderr


@pytest.mark.slow
def test_a_port_in_use_is_reported(served: Served, run: Run) -> None:
    ran = run("serve", "--port", served.url.rpartition(":")[2], own_process=True)
    assert (ran.code, "Address already in use" in ran.stderr) == (2, True)


def test_health_and_readiness(served: Served) -> None:
    assert served.get("/healthz").text == "ok\n"
    assert served.get("/readyz").text == "ready\n"
