"""pySHACL in a worker process gives the same findings, and ends at its deadline."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

import evgraph
from evgraph import workers
from evgraph.errors import LimitReachedError, UnreadableError
from evgraph.rdf.files import DataFile, find
from evgraph.shacl.pyshacl_process import findings_within
from evgraph.shacl.shapes_graph import ShapesGraph
from evgraph.validation.validate import validate_files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

PREFIXES = "@prefix ex: <http://example.org/> .\n@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
# A text of fifty a that ends otherwise can be cut up in 2⁴⁹ ways, and each of them is tried.
ENDLESS = "^(?=a)(a+)+$"
SHAPES = """ex:S a sh:NodeShape ; sh:targetClass ex:A ; sh:property ex:S-p .
ex:S-p sh:path ex:p ; sh:pattern "{}" ; sh:message "Not so." .
"""
ODD = """ex:S a sh:NodeShape ; sh:targetClass ex:A ; sh:property [ sh:path ( ex:q ex:p ) ; sh:pattern "^(?!b)" ] ;
    sh:property [ sh:path ex:p ; sh:maxCount 1 ; sh:pattern "^(?!b)(.)\\\\1$" ; sh:severity sh:Warning ] .
"""
ODD_DATA = """ex:a a ex:A ; ex:p "bb" , "cc" , "cd"@en , 11 ; ex:q [ ex:p "b" ] , ex:c .
ex:c ex:p <http://example.org/b> , "b" .
[] a ex:A ; ex:p "xyz" .
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Write a shape that only pySHACL can validate, and a text that it would never finish."""
    (tmp_path / "shapes.ttl").write_text(PREFIXES + SHAPES.format(ENDLESS))
    (tmp_path / "data.ttl").write_text(PREFIXES + f'ex:a a ex:A ; ex:p "{"a" * 50}!" .\n')
    (tmp_path / "sound.ttl").write_text(PREFIXES + 'ex:a a ex:A ; ex:p "aaa" , "b" .\n')
    return tmp_path


@pytest.mark.parametrize("engine", ["auto", "pyshacl"])
@pytest.mark.slow
def test_an_expression_that_takes_for_ever_is_ended_and_named(run: Run, files: Path, engine: str) -> None:
    done = run("validate", "data.ttl", "--shapes", "shapes.ttl", "--timeout", "3", "--engine", engine, cwd=files)
    assert (done.code, done.stdout) == (5, "")
    assert done.stderr == (
        "evgraph: shapes.ttl:3: pySHACL, which alone can validate S, took longer than 3 s and was ended; regular"
        " expressions with (?…) or \\1 may take for ever\n  allow more with --timeout, or ask for less\n"
    )


@pytest.mark.slow
def test_python_words_the_hint_for_python(files: Path) -> None:
    graph = evgraph.open(files / "data.ttl")
    with pytest.raises(
        LimitReachedError, match=r"longer than 3 s and was ended; .*\n  allow more with timeout="
    ) as late:
        graph.validate(shapes=[files / "shapes.ttl"], timeout=3)
    assert (late.value.path, late.value.line) == (str(files / "shapes.ttl"), 3)
    with pytest.raises(evgraph.UsageError, match="timeout='3': expected a number of seconds above 0"):
        graph.validate(shapes=[files / "shapes.ttl"], timeout="3")  # type: ignore[arg-type] # that is what is tested


@pytest.mark.parametrize("engine", ["auto", "pyshacl"])
@pytest.mark.parametrize("from_stdin", [False, True], ids=["file", "stdin"])
@pytest.mark.slow
def test_the_findings_are_those_of_this_process(tmp_path: Path, engine: str, from_stdin: bool) -> None:
    (tmp_path / "shapes.ttl").write_text(PREFIXES + ODD)
    (tmp_path / "data.ttl").write_text(PREFIXES + ODD_DATA)
    (data,), shapes = find([tmp_path / "data.ttl"]), find([tmp_path / "shapes.ttl"])
    if from_stdin:
        data = DataFile("-", data.format, data.graph, (tmp_path / "data.ttl").read_bytes())
    here, there = (validate_files([data], shapes, engine=engine, longest=longest) for longest in (None, 300))  # type: ignore[arg-type]
    assert len(here.findings) == 5
    assert there == here


def test_what_pyshacl_cannot_work_with_is_the_same_error(tmp_path: Path) -> None:
    (tmp_path / "data.ttl").write_text(PREFIXES + "ex:a a ex:A ; ex:p 1 .\n")
    (tmp_path / "shapes.ttl").write_text(
        PREFIXES + "ex:Bad a sh:NodeShape ; sh:targetClass ex:A ;\n"
        '  sh:property [ sh:path ex:p ; sh:pattern "(?<" ] .\n'
    )
    data, shapes = find([tmp_path / "data.ttl"]), find([tmp_path / "shapes.ttl"])
    errors = []
    for longest in (None, 300):
        with pytest.raises(UnreadableError, match="pySHACL could not work with the shape Bad") as error:
            validate_files(data, shapes, longest=longest)
        errors.append((str(error.value), error.value.path, error.value.line, error.value.hint))
    assert errors[0] == errors[1]


def test_a_process_that_cannot_start_is_reported(monkeypatch: pytest.MonkeyPatch, files: Path) -> None:
    (files / "python").write_text("#!/bin/sh\nexit 9\n")
    (files / "python").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(files / "python"))
    monkeypatch.setattr(workers, "_can_fork", lambda _: False)
    monkeypatch.chdir(files)  # No worker is there yet.
    data, shapes = find([files / "sound.ttl"]), find([files / "shapes.ttl"])
    with pytest.raises(UnreadableError, match=r"the process of pySHACL ended unexpectedly \(exit code 9\)"):
        findings_within(60, data, [], shapes, ShapesGraph(shapes), ShapesGraph(shapes).roots)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["data.ttl", "--timeout", "0"], "evgraph: --timeout: 0.0 is not above 0 and at most 1000000"),
        (["data.ttl", "--timeout", "inf"], "evgraph: --timeout: inf is not above 0 and at most 1000000"),
        (["data.ttl", "--timeout", "nan"], "evgraph: --timeout: nan is no number of seconds"),
    ],
)
def test_wrong_use_is_an_error(run: Run, files: Path, words: list[str], message: str) -> None:
    done = run("validate", *words, cwd=files)
    assert (done.code, done.stdout) == (2, "")
    assert message in done.stderr


def test_findings_in_time_are_reported(run: Run, files: Path) -> None:
    done = run("validate", "sound.ttl", "--shapes", "shapes.ttl", "--timeout", "300", "--quiet", cwd=files)
    assert (done.code, done.stdout.count("\n")) == (1, 1)
    assert done.stdout.startswith("sound.ttl:3:28: violation S-p: ")
