"""What the command does with errors that nobody foresaw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evgraph.cli import main as entry

if TYPE_CHECKING:
    from tests.conftest import Run


def test_a_fault_of_evgraph_itself_is_one_message(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr(entry.cli, "main", broken)
    done = run("query", env={"EVGRAPH_DEBUG": ""})
    assert (done.code, done.stdout) == (3, "")
    assert done.stderr.startswith("evgraph: a fault of evgraph itself: RuntimeError: no such luck\n")
    assert "Traceback" not in done.stderr
    with pytest.raises(RuntimeError, match="no such luck"):
        run("query", env={"EVGRAPH_DEBUG": "1"})


def test_a_stopped_command_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(entry.cli, "main", stopped)
    done = run("query")
    assert (done.code, done.stderr) == (130, "evgraph: stopped\n")
