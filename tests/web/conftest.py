"""The server process that the tests of this folder share: ``evgraph serve``, with a limit of 2 seconds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
SECONDS = 2.0
"""The limit of a query."""
WORKERS = 2
"""The queries of one client that run at the same time; there is one worker more."""


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: its address without a slash at the end, its process, and what it printed."""

    url: str
    process: subprocess.Popen[str]
    first_line: str
    client: httpx.Client

    def get(self, path: str, accept: str | None = None, *, method: str = "GET", **more: Any) -> httpx.Response:
        """Send a request without following where it leads."""
        headers = {"accept": accept} if accept is not None else {}
        return self.client.request(method, self.url + path, headers=headers | more.pop("headers", {}), **more)

    def children(self) -> dict[int, int]:
        """Return the processes below the server: number → that of the parent."""
        parents = {}
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = status.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] not in "ZX":
                parents[int(status.parent.name)] = int(fields[1])
        loaders = {pid for pid, parent in parents.items() if parent == self.process.pid}
        return {pid: parent for pid, parent in parents.items() if parent in loaders | {self.process.pid}}

    def workers(self) -> list[int]:
        """Return the numbers of the worker processes."""
        return [pid for pid, parent in self.children().items() if parent != self.process.pid]

    def loader(self) -> int:
        """Return the number of the process that forks the workers."""
        (pid,) = (pid for pid, parent in self.children().items() if parent == self.process.pid)
        return pid


@contextmanager
def serving(*args: str | Path) -> Iterator[Served]:
    """Run ``evgraph serve`` on a free port; end it with the block."""
    command = [sys.executable, "-m", "evgraph", "serve", "--port", "0", *map(str, args)]
    path = os.pathsep.join(filter(None, sys.path))
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path}
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = process.stdout.readline()
        if "http://" not in line:
            pytest.fail(f"the server did not start: {process.stderr.read()}")
        with httpx.Client(timeout=60, verify=False, headers={"accept-encoding": "identity"}) as client:  # noqa: S501
            del client.headers["accept"]
            yield Served(line.split()[-1].rstrip("/"), process, line, client)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        finally:
            process.kill()
            process.communicate()


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """Serve the shipped graph with two workers."""
    with serving("--timeout", str(SECONDS), "--workers", str(WORKERS), "--max-memory", "600") as server:
        yield server


def wait_until(condition: Any, seconds: float = 20) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
