"""Commands that write, killed at any moment, on a full disk, beside another one: files are old or new, never half."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from evgraph import register as registry
from evgraph.pages.decoding import find_pages
from evgraph.pages.ingest import ingest
from evgraph.rdf.files import find
from evgraph.store.disk import DiskStore, build

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
PAGES, FAULTY = ROOT / "examples/pages", ROOT / "examples/faulty.ttl"
REGISTER = ("--register", str(ROOT / "examples/register"))
FIXABLE = """@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix doc: <https://w3id.org/evgraph/id/doc/> .
@prefix evg: <https://w3id.org/evgraph/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

doc:NAME a evg:Study ; rdfs:label "Ives"@en ; dcterms:issued "2020"^^xsd:gYear .
"""
COMMANDS: dict[str, tuple[str, ...]] = {
    "ingest": ("ingest", str(PAGES), "-o", ".", "-q", *REGISTER),
    "export": ("export", "--data", str(ROOT / "examples/register"), "-o", "out.ttl"),
    "query": ("query", "cell-contents", "-p", "cell=drug:C2", "--data", "made", "-o", "out.csv"),
    "validate": ("validate", str(FAULTY), "-o", "out.json"),
    "fix": ("validate", "a.ttl", "b.ttl", "--fix", "--write"),
    "settle": ("settle", "made", "--date", "2026-01-31", "-o", "out.ttl"),
    "reconcile": ("reconcile", "made", *REGISTER, "--date", "2026-01-31", "-o", "out.ttl"),
}
ANSWERS = {"settle": "l\n", "reconcile": "a\n"}
"""What is typed: one decision, "lost" or "accept"."""
SLOW = pytest.mark.slow
MOMENTS = int(os.environ.get("EVGRAPH_KILLS", "30"))
"""At so many moments each command is killed while it writes, in the slow tests."""
_WHOLE_RUNS = 3  # From the start to the end of a command, as often in the slow tests.
_PATIENCE = 120  # Seconds.


@cache
def ingested() -> dict[str, bytes]:
    """Ingest the example pages; return path → content."""
    with TemporaryDirectory() as folder:
        assert not ingest(find_pages([PAGES]), Path(folder), registry.load([ROOT / "examples/register"])).failures
        return contents(Path(folder))


def prepare(folder: Path, name: str) -> None:
    """Write what a command reads, and an old version of what it writes."""
    folder.mkdir()
    if name in {"query", "settle", "reconcile"}:
        for path, content in ingested().items():
            (folder / "made" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "made" / path).write_bytes(content)
    if name == "fix":
        for letter in "ab":
            (folder / f"{letter}.ttl").write_text(FIXABLE.replace("NAME", f"ives-{letter}"), encoding="utf-8")
    elif name == "ingest":
        (folder / "cells").mkdir()
        for cell in ("alcohol-C2", "drug-C2"):
            (folder / "cells" / f"{cell}.ttl").write_text("# old\n", encoding="utf-8")
    else:
        (folder / f"out{Path(COMMANDS[name][-1]).suffix}").write_text("# old\n", encoding="utf-8")


def start(
    folder: Path,
    words: tuple[str, ...],
    before: Callable[[], object] | None = None,
    program: tuple[str, ...] = ("-m", "evgraph"),
    stdout: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start the command in a process of its own."""
    answers = folder.parent / "answers"
    answers.write_text(ANSWERS.get(words[0], ""), encoding="utf-8")
    with answers.open("rb") as typed:
        return subprocess.Popen(
            [sys.executable, *program, *words],
            cwd=folder,
            stdin=typed,
            stdout=stdout,
            stderr=subprocess.DEVNULL,
            preexec_fn=before,
            env={name: value for name, value in os.environ.items() if not name.startswith("EVGRAPH_")},
        )


def run_in(folder: Path, words: tuple[str, ...], before: Callable[[], object] | None = None) -> int:
    return start(folder, words, before).wait(_PATIENCE)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def parts(folder: Path) -> list[str]:
    return [name for name in contents(folder) if name.endswith(".part")]


@pytest.mark.default_cases(1)
@pytest.mark.parametrize(
    ("name", "moments"),
    [
        *((name, 1) for name in ("ingest", "export", "fix")),
        *(pytest.param(name, _WHOLE_RUNS, marks=SLOW) for name in COMMANDS),
    ],
)
def test_killed_at_any_moment(tmp_path: Path, name: str, moments: int) -> None:
    chance = random.Random(name)  # noqa: S311
    prepare(tmp_path / "old", name)
    old = contents(tmp_path / "old")
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    started = time.perf_counter()
    assert run_in(tmp_path / "new", COMMANDS[name]) in {0, 1}
    usual = time.perf_counter() - started
    new = contents(tmp_path / "new")
    assert new != old
    killed = 0
    for moment in range(moments):
        folder = tmp_path / f"killed-{moment}"
        shutil.copytree(tmp_path / "old", folder)
        child = start(folder, COMMANDS[name])
        time.sleep(usual * 0.8 * chance.random())  # A second run may be quicker.
        child.kill()
        killed += child.wait(_PATIENCE) == -signal.SIGKILL
        for path, content in contents(folder).items():
            assert path.endswith(".part") or content in {old.get(path), new.get(path)}, path
        if name in ANSWERS and (folder / "out.ttl").read_bytes() == new["out.ttl"]:
            continue  # The next answer would be a second decision.
        assert run_in(folder, COMMANDS[name]) in {0, 1}
        assert contents(folder) == new, "the next run finishes, and removes what the killed one left"
        shutil.rmtree(folder)
    assert killed


@pytest.mark.slow
@pytest.mark.parametrize("name", [*COMMANDS])
def test_killed_while_it_writes(tmp_path: Path, name: str) -> None:
    prepare(tmp_path / "old", name)
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    assert run_in(tmp_path / "new", COMMANDS[name]) in {0, 1}
    old, new = contents(tmp_path / "old"), contents(tmp_path / "new")
    program = (str(Path(__file__).with_name("killed_copies.py")), str(tmp_path / "copies"), name, str(MOMENTS))
    with start(tmp_path / "old", COMMANDS[name], program=program, stdout=subprocess.PIPE) as child:
        answer, _ = child.communicate(timeout=_PATIENCE)
    killed, events = map(int, answer.split())
    assert killed >= MOMENTS / 2
    assert events >= 5  # A part file is opened, locked, renamed, …
    assert contents(tmp_path / "old") == old
    for moment in range(MOMENTS):
        for path, content in contents(tmp_path / f"copies/killed-{moment}").items():
            assert path.endswith(".part") or content in {old.get(path), new.get(path)}, path
        if name == "fix":  # It refuses to fix files that have changed since it read them.
            if moment < _WHOLE_RUNS:
                assert run_in(tmp_path / f"copies/killed-{moment}", COMMANDS[name]) in {0, 1}
                assert contents(tmp_path / f"copies/killed-{moment}") == new
        else:
            assert contents(tmp_path / f"copies/next-{moment}") == new


@pytest.mark.slow
@pytest.mark.parametrize("moments", [2, pytest.param(_WHOLE_RUNS, marks=SLOW)])
def test_a_load_killed_at_any_moment_leaves_the_old_store_or_the_new_one(tmp_path: Path, moments: int) -> None:
    chance = random.Random(moments)  # noqa: S311
    store = tmp_path / "store"
    words = ("load", str(FAULTY), "--store", str(store))
    (tmp_path / "one.ttl").write_text("<urn:a> <urn:b> <urn:c> .", encoding="utf-8")
    old = build(store, find([tmp_path / "one.ttl"]))
    started = time.perf_counter()
    new = build(tmp_path / "new", find([FAULTY]))
    usual = time.perf_counter() - started
    for _ in range(moments):
        child = start(tmp_path, words)
        time.sleep(usual * 1.2 * chance.random())
        child.kill()
        child.wait(_PATIENCE)
        assert len(DiskStore(store)) in {old.quads, new.quads}
        build(store, find([tmp_path / "one.ttl"]))
        assert sorted(path.name for path in store.iterdir() if path.suffix == ".part") == []


@pytest.mark.default_cases(1)
@pytest.mark.parametrize("name", [*COMMANDS])
def test_a_full_disk_leaves_the_old_files(tmp_path: Path, name: str) -> None:
    """A limit on the size of files fails like a full disk (EFBIG), after some bytes."""
    folder = tmp_path / "data"
    prepare(folder, name)
    old = contents(folder)

    def fill() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    assert run_in(folder, COMMANDS[name], fill) == 3
    assert contents(folder) == old


@pytest.mark.slow
@pytest.mark.parametrize("name", ["export", *(pytest.param(name, marks=SLOW) for name in ("ingest", "validate"))])
def test_two_runs_into_one_folder(tmp_path: Path, name: str) -> None:
    prepare(tmp_path / "new", name)
    shutil.copytree(tmp_path / "new", tmp_path / "both")
    assert run_in(tmp_path / "new", COMMANDS[name]) in {0, 1}
    children = [start(tmp_path / "both", COMMANDS[name]) for _ in range(4)]
    assert {child.wait(_PATIENCE) for child in children} <= {0, 1}
    assert contents(tmp_path / "both") == contents(tmp_path / "new")
