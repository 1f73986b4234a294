"""What the tests share: the command, run and read back, and the real pages where they are at hand.

To type an argument: ``if TYPE_CHECKING: from tests.conftest import Run``.
"""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
from hypothesis import HealthCheck, settings
from tests.required import missing

from evgraph.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

pytest_plugins = ["tests.hosts", "tests.servers"]

# The processes that tests start, and the next run, need not compile the same modules again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A busy machine is no fault of what is tested.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("evgraph", _PATIENT, max_examples=25)
settings.register_profile("thorough", _PATIENT, max_examples=75)  # For `.ci/run`.
settings.load_profile("evgraph")

ROOT = Path(__file__).parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests of Virtuoso as slow, which takes seconds to start, and the cases beyond those of ``default_cases``.

    Those of Virtuoso come first: so one process of several runs them, and starts it for all.
    """
    cases: Counter[str] = Counter()
    for item in items:
        if _uses_virtuoso(item):
            item.add_marker("slow")
        if marker := item.get_closest_marker("default_cases"):
            name = item.nodeid.partition("[")[0]
            cases[name] += 1
            if cases[name] > marker.args[0]:
                item.add_marker("slow")
    items.sort(key=lambda item: not _uses_virtuoso(item))


def _uses_virtuoso(item: pytest.Item) -> bool:
    """Return whether a test, or one of its parameters, names a fixture of Virtuoso."""
    if not isinstance(item, pytest.Function):
        return False
    values = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return any(str(name).startswith("virtuoso") for name in (*item.fixturenames, *values))


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of the command left behind: exit code, standard output as bytes and as text, messages."""

    code: int
    output: bytes
    stderr: str

    @property
    def stdout(self) -> str:
        return self.output.decode()


class Run(Protocol):
    """``run("query", "cell-contents", "-p", "cell=drug:E4")`` → `Ran`."""

    def __call__(
        self,
        *args: str | Path,
        stdin: str | bytes = b"",
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        own_process: bool = False,
    ) -> Ran:
        """Run ``evgraph`` with these arguments: here, or where it must be in a process of its own."""
        ...


# Runs the command, as one that was started in the foreground.
STARTED = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from evgraph.cli.main import main
print("started", flush=True)
main(sys.argv[1:])
"""


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let Ctrl-C reach what a test starts: a shell that runs the tests in its background has it ignored by them all."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give the command, with none of the ``EVGRAPH_…`` variables of whoever runs the tests."""
    return command(monkeypatch)


def command(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what `run` gives, for a fixture of a module, too."""
    monkeypatch.delenv("COLUMNS", raising=False)  # pytest-xdist sets it, and tables are wrapped to it.
    for name in os.environ.keys() - {"EVGRAPH_PAGES", "EVGRAPH_REQUIRE"}:
        if name.startswith("EVGRAPH_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("EVGRAPH_DEBUG", "1")  # A fault of evgraph itself shall fail a test with its traceback.

    def run_it(
        *args: str | Path,
        stdin: str | bytes = b"",
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        own_process: bool = False,
    ) -> Ran:
        words = [str(arg) for arg in args]
        body = stdin.encode() if isinstance(stdin, str) else stdin
        where = cwd or Path.cwd()
        with monkeypatch.context() as patch:
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            if own_process:
                return _run_in_own_process(words, body, where)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(body), encoding="utf-8"))
            with chdir(where):
                return _run_here(words)

    return run_it


def _run_here(words: list[str]) -> Ran:
    out, err = io.BytesIO(), io.BytesIO()
    stdout, stderr = (io.TextIOWrapper(stream, encoding="utf-8", write_through=True) for stream in (out, err))
    with redirect_stdout(stdout), redirect_stderr(stderr), pytest.raises(SystemExit) as left:
        main(words)
    stdout.flush()
    code = left.value.code
    assert isinstance(code, int)
    return Ran(int(code), out.getvalue(), err.getvalue().decode())


def _run_in_own_process(words: list[str], stdin: bytes, where: Path) -> Ran:
    path = os.pathsep.join([str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", "evgraph", *words],
        input=stdin,
        cwd=where,
        env=os.environ | {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        timeout=120,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr.decode())


@pytest.fixture(scope="session")
def pages() -> Path:
    """Give the folder of real pages that ``EVGRAPH_PAGES`` names; tests that need it carry ``@pytest.mark.acceptance``.

    Without it they are skipped, or fail where ``EVGRAPH_REQUIRE`` (a comma-separated list) holds ``pages``.
    """
    named = os.environ.get("EVGRAPH_PAGES")
    if not named:
        missing("pages", "EVGRAPH_PAGES does not name a folder of real pages")
    folder = ROOT / named  # Relative to the checkout, so that it does not matter where pytest is called.
    if not any(folder.glob("*.txt")):
        pytest.fail(f"EVGRAPH_PAGES={named}: no page (*.txt) in that folder")
    return folder
