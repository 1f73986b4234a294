"""SPARQL servers for the tests, started when a test first asks for one and ended with the run.

A pytest plugin (`tests/conftest.py` names it) with the fixtures ``oxigraph_server``, ``oxigraph_union_server``,
``virtuoso`` (with its stock limit of 10,000 rows) and ``virtuoso_raised``, each a `Server`. Every pytest process starts
its own: throwaway servers on free ports of 127.0.0.1. The tests of a process share them: a test that writes keeps to
graphs of its own and drops them (`Server.holding`).

Oxigraph comes from PyPI with the test extra, so it is always there. Virtuoso comes from Debian
(``virtuoso-opensource-7``); without it the tests are skipped, or fail where ``EVGRAPH_REQUIRE`` holds ``virtuoso``.
"""

from __future__ import annotations

import atexit
import ctypes
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
import requests
from tests.required import missing

from evgraph.store.endpoint import Endpoint, EndpointStore

if TYPE_CHECKING:
    from collections.abc import Iterator


PASSWORD = "throwaway"  # noqa: S105 - of a server that lives as long as the tests
_PATIENCE = 180.0  # Seconds; a loaded machine starts Virtuoso in more than a minute.

_INI = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
{sorted_rows}
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = {rows}
MaxQueryCostEstimationTime = {cost}
MaxQueryExecutionTime = 60
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running SPARQL server.

    Attributes:
        query: the address for queries.
        update: the address for updates.
        graph_store: the address for the Graph Store Protocol.
        user: who may write; None where everybody may.
        pid: the server's process.

    """

    query: str
    update: str
    graph_store: str
    user: str | None
    pid: int

    @property
    def environment(self) -> dict[str, str]:
        """The variables that let evgraph in."""
        return {} if self.user is None else {"EVGRAPH_USER": self.user, "EVGRAPH_PASSWORD": PASSWORD}

    def endpoint(self, default_graph: Literal["auto", "union", "named"] = "auto", timeout: float = 60.0) -> Endpoint:
        """Describe the server as evgraph wants it."""
        return Endpoint(
            self.query, update=self.update, graph_store=self.graph_store, default_graph=default_graph, timeout=timeout
        )

    @contextmanager
    def holding(self, *graphs: tuple[str, str]) -> Iterator[EndpointStore]:
        """Put graphs (IRI, Turtle) there, without evgraph, for as long as the block lasts; give the server, opened."""
        for graph, turtle in graphs:
            self.put(graph, turtle)
        try:
            yield EndpointStore(self.endpoint())
        finally:
            self.drop(*(graph for graph, _ in graphs))

    def put(self, graph: str, turtle: str) -> None:
        """Put a graph there, without evgraph."""
        self._request("PUT", graph, turtle.encode())

    def drop(self, *graphs: str) -> None:
        """Drop graphs, those that are there."""
        for graph in graphs:
            self._request("DELETE", graph)

    def _request(self, method: str, graph: str, body: bytes = b"") -> None:
        answer = requests.request(
            method,
            self.graph_store,
            params={"graph": graph},
            data=body,
            headers={"Content-Type": "text/turtle"},
            auth=requests.auth.HTTPDigestAuth(self.user, PASSWORD) if self.user else None,
            timeout=60,
        )
        assert answer.ok or (method == "DELETE" and answer.status_code == 404), answer.text


@pytest.fixture(scope="session")
def oxigraph_server() -> Iterator[Server]:
    """Oxigraph's server in memory; its default graph is apart from the named graphs, and empty."""
    with _oxigraph() as server:
        yield server


@pytest.fixture(scope="session")
def oxigraph_union_server() -> Iterator[Server]:
    """Oxigraph's server in memory; its default graph is the union of all graphs."""
    with _oxigraph("--union-default-graph") as server:
        yield server


@pytest.fixture(scope="session")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Virtuoso as Debian ships it: at most 10,000 rows an answer."""
    with _virtuoso(tmp_path_factory.mktemp("virtuoso")) as server:
        yield server


@pytest.fixture(scope="session")
def virtuoso_raised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Virtuoso with its limits raised, so that answers are whole."""
    with _virtuoso(tmp_path_factory.mktemp("virtuoso-raised"), raised=True) as server:
        yield server


def running(name: str, folder: Path) -> AbstractContextManager[Server]:
    """Run a server outside pytest: the name of its fixture, and an empty folder for its files."""
    if name.startswith("virtuoso"):
        return _virtuoso(folder, raised=name == "virtuoso_raised")
    return _oxigraph(*(["--union-default-graph"] if name == "oxigraph_union_server" else []))


@contextmanager
def _oxigraph(*options: str) -> Iterator[Server]:
    program = Path(sys.executable).with_name("oxigraph")
    port = _free_ports(1)[0]
    with _running([str(program), "serve", "-b", f"127.0.0.1:{port}", *options], port) as pid:
        base = f"http://127.0.0.1:{port}"
        yield Server(f"{base}/query", f"{base}/update", f"{base}/store", None, pid)


@contextmanager
def _virtuoso(folder: Path, *, raised: bool = False) -> Iterator[Server]:
    program = shutil.which("virtuoso-t")
    if program is None:
        missing("virtuoso", "virtuoso-t is not installed (Debian: virtuoso-opensource-7)")
    sql, http = _free_ports(2)
    shutil.copy(_new_database(program), folder / "virtuoso.db")
    command = _command(program, folder, sql, http, raised=raised)
    with _running(command, http) as pid:
        base = f"http://127.0.0.1:{http}"
        yield Server(f"{base}/sparql", f"{base}/sparql-auth", f"{base}/sparql-graph-crud-auth", "dba", pid)


@cache
def _new_database(program: str) -> Path:
    """Make a database with the password, which takes seconds of work; the process makes it once."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    command = [*_command(program, folder, *_free_ports(2)), "+pwdold", "dba", "+pwddba", PASSWORD, "+pwddav", PASSWORD]
    subprocess.run(command, check=True, capture_output=True, timeout=_PATIENCE)  # It ends by itself.
    return folder / "virtuoso.db"


def _command(program: str, folder: Path, sql: int, http: int, *, raised: bool = False) -> list[str]:
    """Write the settings, and return the command that runs Virtuoso with them."""
    many = 10_000_000
    ini = folder / "virtuoso.ini"
    ini.write_text(
        _INI.format(
            folder=folder,
            sql=sql,
            http=http,
            rows=many if raised else 10_000,
            cost=0 if raised else 400,
            sorted_rows=f"MaxSortedTopRows = {many}" if raised else "",
        )
    )
    return [program, "+foreground", "+configfile", str(ini)]


@contextmanager
def _running(command: list[str], port: int) -> Iterator[int]:
    """Run a server until the block ends; it listens when the block begins."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=_end_with_parent
    )
    try:
        until = time.monotonic() + _PATIENCE
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"{command[0]} did not start")
            time.sleep(0.02)
        yield process.pid
    finally:
        process.kill()  # Nothing of a throwaway database is worth the wait for an orderly end.
        process.wait()


def _end_with_parent() -> None:
    """Have Linux end this process with its parent, however that ends. See prctl(2), PR_SET_PDEATHSIG."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for listener in sockets:
            listener.bind(("127.0.0.1", 0))
        return [int(listener.getsockname()[1]) for listener in sockets]
    finally:
        for listener in sockets:
            listener.close()
