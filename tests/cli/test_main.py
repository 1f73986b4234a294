"""What the command does with unforeseen errors, Ctrl-C and a full disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evgraph.cli import main as entry

if TYPE_CHECKING:
    from tests.conftest import Run

ROOT = Path(__file__).parent.parent.parent


def test_an_internal_error_is_one_message(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr(entry.cli, "main", broken)
    done = run("query", env={"EVGRAPH_DEBUG": ""})
    assert (done.code, done.stdout) == (3, "")
    assert done.stderr.startswith("evgraph: internal error: RuntimeError: no such luck\n")
    assert "Traceback" not in done.stderr
    with pytest.raises(RuntimeError, match="no such luck"):
        run("query", env={"EVGRAPH_DEBUG": "1"})


def test_a_keyboard_interrupt_is_one_message(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(entry.cli, "main", stopped)
    done = run("query")
    assert (done.code, done.stderr) == (130, "evgraph: stopped\n")


def _script() -> str:
    """Give what an installed ``evgraph`` does."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    module, _, name = project["project"]["scripts"]["evgraph"].partition(":")
    return f"from {module} import {name}; {name}()"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("start", [["-m", "evgraph"], ["-c", _script()]], ids=["module", "script"])
def test_a_ctrl_c_while_the_command_is_loaded_ends_it_without_a_traceback(tmp_path: Path, start: list[str]) -> None:
    loading = "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)\n"
    (tmp_path / "click.py").write_text(loading)  # Python loads it instead of the first library.
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(
        [sys.executable, *start, "query"],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_a_ctrl_c_that_the_parent_ignores_stays_ignored(tmp_path: Path) -> None:
    loading = "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\nraise SystemExit(7)\n"
    (tmp_path / "click.py").write_text(loading)
    start = "import signal, runpy; signal.signal(signal.SIGINT, signal.SIG_IGN);"
    words = [sys.executable, "-c", f"{start} runpy.run_module('evgraph', run_name='__main__')"]
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(words, env=os.environ | {"PYTHONPATH": path}, check=False)
    assert done.returncode == 7


ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("words", [[], ["-o", "out.csv"], ["--timeout", "100"]], ids=["here", "to a file", "limited"])
@pytest.mark.slow
def test_a_ctrl_c_ends_an_engine_at_work(tmp_path: Path, words: list[str]) -> None:
    """As a terminal does it: the signal goes to the whole group of processes."""
    (tmp_path / "endless.rq").write_text(ENDLESS)
    with subprocess.Popen(
        [sys.executable, "-m", "evgraph", "query", "endless.rq", *words],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        process_group=0,
    ) as asking:
        time.sleep(2)
        os.killpg(asking.pid, signal.SIGINT)
        assert asking.communicate(timeout=20) == (b"", b"")  # Until no process writes there any more.
        assert asking.returncode == -signal.SIGINT
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.default_cases(2)
@pytest.mark.parametrize(
    "words",
    [["query", "shared-documents"], ["query"], ["export"], ["validate", "--format", "json"], ["validate", "--help"]],
    ids=" ".join,
)
def test_an_output_without_room_is_named_with_a_hint(words: list[str]) -> None:
    full = Path("/dev/full")
    if not full.is_char_device():
        pytest.skip("this system has no /dev/full")
    with full.open("wb") as out:
        done = subprocess.run(
            [sys.executable, "-m", "evgraph", *words], stdout=out, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 3
    assert done.stderr.endswith(
        "evgraph: standard output cannot be written: No space left on device\n"
        "  make room there, or send it elsewhere; the output so far is not complete\n"
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "command", "usage"),
    [
        (["--max-memory"], "evgraph", "evgraph [OPTIONS] COMMAND [ARGS]..."),
        (["export", "--site"], "evgraph export", "evgraph export [OPTIONS]"),
        (["query", "-p"], "evgraph query", "evgraph query [OPTIONS] [NAME|FILE.rq|-]"),
    ],
    ids=["evgraph", "export", "query"],
)
def test_an_option_without_its_value_is_an_error_with_the_usage(
    run: Run, words: list[str], command: str, usage: str
) -> None:
    ran = run(*words)
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr == (f"evgraph: {words[-1]} needs a value\n  usage: {usage}\n  '{command} --help' explains it\n")


@pytest.mark.default_cases(3)
@pytest.mark.parametrize(
    ("words", "lower"),
    [
        (["query", "cell-contents", "-p", "cell=drug:E4", "--format", "CSV"], "csv"),
        (["export", "--resource", "org:nice", "--format", "NTriples"], "ntriples"),
        (["validate", "examples/faulty.ttl", "--fail-on", "WARNING", "--format", "json"], "warning"),
        (["validate", "examples/faulty.ttl", "--format", "JSON"], "json"),
        (["diff", "examples/faulty.ttl", "examples/faulty.ttl", "--format", "Json"], "json"),
    ],
    ids=lambda words: words if isinstance(words, str) else words[0],
)
def test_a_choice_may_be_written_in_capitals(run: Run, words: list[str], lower: str) -> None:
    small = [lower if word.lower() == lower else word for word in words]
    assert small != words
    ran = run(*words)
    assert (ran.code, ran.output) == (run(*small).code, run(*small).output)
    assert ran.output
