"""Queries of shapes end at a deadline, in data from files and in a store on disk."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from evgraph import offline

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

SHAPES = """@prefix e: <http://e/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
e:S a sh:NodeShape ; sh:targetClass e:T ; sh:sparql [ sh:message "m" ; sh:select "SELECT $this WHERE {{ {} }}" ] ."""
# One takes for ever to run, the other to plan: a shape with so many patterns may be planned before it is run.
ENDLESS = "$this ?p ?o . ?a ?b ?c . ?d ?f ?g . ?h ?i ?j . ?k ?l ?m . ?n ?q ?r . FILTER(STR(?r) = STR(?g))"
MANY = "$this ?p ?o . " + " ".join(f"?a{n} ?b{n} ?a{n + 1} ." for n in range(1500))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    lines = [f"e:a{n} a e:T ; e:p {n} ." for n in range(200)]
    (tmp_path / "data.ttl").write_text("@prefix e: <http://e/> .\n" + "\n".join(lines))
    return tmp_path


@pytest.mark.parametrize("where", [["data.ttl"], ["--store", "kept"]], ids=["files", "store"])
@pytest.mark.parametrize(("text", "by"), [(ENDLESS, " by S"), (MANY, "")], ids=["run", "plan"])
@pytest.mark.slow
def test_a_query_of_a_shape_is_ended(run: Run, data: Path, text: str, by: str, where: list[str]) -> None:
    (data / "shapes.ttl").write_text(SHAPES.format(text))
    if "--store" in where:
        assert run("load", "data.ttl", "--store", "kept", cwd=data).code == 0
    start = time.monotonic()
    ran = run("validate", *where, "--shapes", "shapes.ttl", "--timeout", "2", cwd=data, own_process=True)
    assert (ran.code, ran.stdout) == (5, "")
    assert ran.stderr == (
        f"evgraph: validating{by} took longer than 2 s and was ended\n  allow more with --timeout, or ask for less\n"
    )
    assert time.monotonic() - start < 30


@pytest.mark.slow
def test_no_more_functions_start_after_the_deadline() -> None:
    started: list[int] = []

    def work(number: int) -> int:
        started.append(number)
        time.sleep(0.2)
        return number

    with offline.deadline(60):
        assert offline.call_all([lambda: work(1), lambda: work(2)]) == [1, 2]
        assert offline.call(lambda: work(3)) == 3
    started.clear()
    with pytest.raises(TimeoutError), offline.deadline(0.05):
        offline.call_all([lambda: work(number) for number in range(9)])  # noqa: B023
    time.sleep(0.5)
    assert len(started) <= 2
    with pytest.raises(TimeoutError), offline.deadline(0.05):
        offline.call(lambda: work(1))
