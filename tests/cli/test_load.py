"""``evgraph load``: its output and exit codes, with a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evgraph.namespaces import ID
from evgraph.store.endpoint import EndpointStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Run
    from tests.servers import Server

DATA = f"""<{ID}graph/mine> a <http://rdfs.org/ns/void#Dataset> .
<{ID}doc/one> a <https://w3id.org/evgraph/ns#Document> .
"""


@pytest.fixture
def server(oxigraph_server: Server) -> Iterator[Server]:
    yield oxigraph_server
    oxigraph_server.drop(*EndpointStore(oxigraph_server.endpoint()).graphs())


@pytest.fixture
def addresses(server: Server) -> list[str]:
    return ["--endpoint", server.query, "--graph-store", server.graph_store]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.ttl"
    path.write_text(DATA)
    return path


def states(output: str) -> dict[str, tuple[int, str]]:
    rows = (line.split("\t") for line in output.splitlines())
    return {graph: (int(count), state) for graph, count, state in rows}


def test_data_is_sent_with_the_ontology_and_a_second_time_nothing_is_sent(
    run: Run, server: Server, addresses: list[str], mine: Path
) -> None:
    first = run("load", mine, *addresses)
    assert first.code == 0
    found = states(first.stdout)
    assert found.keys() == {"graph:mine", "graph:ontology", "graph:schemes", "graph:matrices"}
    assert found["graph:mine"] == (2, "sent")
    assert first.stderr.endswith("sent\n")
    store = EndpointStore(server.endpoint())
    assert {name: store.count(f"{ID}{name.replace(':', '/')}") for name in found} == {
        name: count for name, (count, _) in found.items()
    }
    second = run("load", mine, *addresses)
    assert (second.code, {state for _, state in states(second.stdout).values()}) == (0, {"unchanged"})
    assert second.stderr.endswith("in 4 graphs, nothing to send\n")
    again = run("load", mine, *addresses, "--again")
    assert {state for _, state in states(again.stdout).values()} == {"sent"}


def test_without_a_path_the_shipped_graph_is_loaded(run: Run, server: Server, addresses: list[str]) -> None:
    assert run("load", *addresses).code == 0
    store = EndpointStore(server.endpoint())
    assert store.query("ASK { ?entry a evg:Entry ; evg:lists ?document . ?document a evg:Document }") is True


def test_addresses_come_from_the_environment_and_data_from_standard_input(run: Run, server: Server) -> None:
    env = {"EVGRAPH_ENDPOINT": server.query, "EVGRAPH_UPDATE_ENDPOINT": server.update}
    done = run("load", "-", env=env, stdin=DATA)
    assert states(done.stdout)["graph:mine"] == (2, "sent")


def test_a_dry_run_sends_nothing_and_needs_no_address_to_write_to(run: Run, server: Server, mine: Path) -> None:
    done = run("load", mine, "--endpoint", server.query, "--dry-run")
    assert done.code == 0
    assert states(done.stdout)["graph:mine"] == (2, "to send")
    assert done.stderr.endswith("to send\n")
    assert EndpointStore(server.endpoint()).graphs() == []


def test_a_broken_file_stops_the_command_before_it_sends(
    run: Run, server: Server, addresses: list[str], mine: Path
) -> None:
    (mine.parent / "zoo.ttl").write_text("<urn:a> <urn:b> .\n")
    done = run("load", mine.parent, *addresses)
    assert done.code == 3
    assert "zoo.ttl:1: not well-formed turtle" in done.stderr
    assert EndpointStore(server.endpoint()).graphs() == []


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ([], 2, "load needs a destination"),
        (["--endpoint", "http://127.0.0.1:9/"], 2, "no address to write graphs to"),
        (["--endpoint", "file:///etc/passwd", "--dry-run"], 2, "with http or https"),
        (["--endpoint", "http://127.0.0.1:9/", "--dry-run"], 4, "cannot be reached: Connection refused"),
        (["--endpoint", "http://127.0.0.1:9/", "--timeout", "0", "--dry-run"], 2, "--timeout"),
        (["nowhere.ttl", "--endpoint", "http://127.0.0.1:9/", "--dry-run"], 3, "nowhere.ttl: no such file"),
    ],
)
def test_errors_have_their_code_and_message(run: Run, words: list[str], code: int, message: str) -> None:
    done = run("load", *words)
    assert (done.code, done.output) == (code, b"")
    assert message in done.stderr


def test_a_wrong_password_is_reported_without_showing_it(run: Run, virtuoso: Server, mine: Path) -> None:
    env = {"EVGRAPH_USER": "dba", "EVGRAPH_PASSWORD": "tr0ub4dor"}
    for words in (["--graph-store", virtuoso.graph_store], ["--update", virtuoso.update]):
        done = run("load", mine, "--endpoint", virtuoso.query, *words, env=env)
        assert done.code == 4
        assert "does not accept these credentials (HTTP 401)" in done.stderr
        assert "tr0ub4dor" not in done.stderr
