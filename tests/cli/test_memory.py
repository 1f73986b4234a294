"""``--max-memory``: a command that needs more ends with exit code 5, whatever it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run


@pytest.mark.parametrize(
    "words",
    [
        ("query", "shared-documents", "--data"),
        ("validate",),
    ],
)
def test_a_command_that_needs_more_is_ended(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    body = "".join(f'<urn:s{n}> <urn:p> "{n}", [ <urn:q> {n} ] .\n' for n in range(400_000))
    (tmp_path / "a.ttl").write_text(body, encoding="utf-8")
    ran = run("--max-memory", "256", *words, tmp_path / "a.ttl", own_process=True)
    assert ran.code == 5
    assert "the command needed more memory than " in ran.stderr
    assert "allow more with --max-memory, or ask for less" in ran.stderr


@pytest.mark.slow
def test_within_the_limit_the_command_is_as_without_it(run: Run) -> None:
    words = ("validate", "examples/faulty.ttl", "--quiet")
    limited = run("--max-memory", "2000", *words, own_process=True)
    assert limited == run(*words, env={"EVGRAPH_MAX_MEMORY": "2000"}, own_process=True) == run(*words)
    assert limited.code == 1


@pytest.mark.parametrize(
    ("limit", "message"),
    [("100", "100 MB are too little for any command"), ("9" * 20, f"{'9' * 20} MB are more than there is")],
)
def test_a_limit_that_makes_no_sense_is_a_usage_error(run: Run, limit: str, message: str) -> None:
    ran = run("--max-memory", limit, "query", own_process=True)
    assert (ran.code, message in ran.stderr) == (2, True)
