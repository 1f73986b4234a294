"""A store on disk: built, replaced, read meanwhile; errors for folders that are not stores."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from evgraph.errors import UnreadableError
from evgraph.namespaces import ID, PREFIXES
from evgraph.rdf.files import find
from evgraph.store import disk
from evgraph.store.disk import LAYOUT, DiskStore, build
from evgraph.store.protocol import Rows

if TYPE_CHECKING:
    from tests.conftest import Run

ROOT = Path(__file__).parent.parent.parent
DATA = ROOT / "tests/query/data/cell-contents.ttl"
BUILD = """
import sys
from evgraph.rdf.files import find
from evgraph.store import disk
from evgraph.store.disk import build
build(sys.argv[1], find(sys.argv[2:]))
"""
BUILD_FROM_PIPE = """
import sys
from evgraph.formats import FORMATS
from evgraph.rdf import files
from evgraph.rdf.files import DataFile
from evgraph.store.disk import build
files.open_file = lambda path: open(path, "rb")  # Of a pipe, which makes the build last.
build(sys.argv[1], [DataFile(sys.argv[2], FORMATS["ntriples"], "a:graph")])
"""


def numbered(folder: Path, number: int, triples: int = 1) -> Path:
    """Write a file whose triples all say the same number."""
    path = folder / f"{number}.nt"
    path.write_text("".join(f"<a:{subject}> <a:number> <a:{number}> .\n" for subject in range(triples)))
    return path


def numbers_in(store: DiskStore) -> tuple[set[str], int]:
    """Return the numbers in a store, and how many triples have one."""
    answer = store.query("SELECT ?s ?n WHERE { ?s <a:number> ?n }")
    assert isinstance(answer, Rows)
    found = [str(number) for _, number in answer.rows]
    return set(found), len(found)


def versions(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("v*[0-9]"))


def test_the_command_answers_as_from_the_file(run: Run, tmp_path: Path) -> None:
    built = build(tmp_path / "new" / "store", find([DATA]))
    assert built.graphs == 4
    words = ("query", "cell-contents", "-p", "cell=drug:E4", "--format", "csv")
    here, there = run(*words, "--store", tmp_path / "new/store"), run(*words, "--data", DATA)
    assert (here.code, here.output, here.stderr) == (0, there.output, there.stderr)
    assert here.output.count(b"\n") == 6


def test_the_ontology_is_loaded_beside_the_data_and_not_exported(run: Run, tmp_path: Path) -> None:
    build(tmp_path / "store", find([DATA]))
    ran = run(
        "query", "-", "--store", tmp_path / "store", stdin="ASK { marker:K skos:inScheme ?s . matrix:drug ?p ?o }"
    )
    assert ran.stdout == "yes\n"
    for more in ([], ["--with-ontology"], ["--cell", "drug:E4"], ["--describe"]):
        here = run("export", "--store", tmp_path / "store", "--format", "nquads", *more)
        assert here.code == 0
        assert here.output == run("export", "--data", DATA, "--format", "nquads", *more).output


def test_quads_keep_their_graphs(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.nq").write_text("<a:s> <a:p> <a:o> <a:g> .\n<a:s> <a:p> <a:q> .\n")
    build(tmp_path / "store", find([tmp_path / "a.nq"]))
    ran = run("export", "--store", tmp_path / "store", "--format", "nquads")
    assert "<a:s> <a:p> <a:o> <a:g> ." in ran.stdout.splitlines()
    assert len(ran.stdout.splitlines()) == 2


def test_a_byte_order_mark_and_standard_input(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_bytes(b"\xef\xbb\xbf@prefix a: <a:> .\na:s a:number a:n .")
    build(tmp_path / "store", find([tmp_path / "a.ttl"]))
    assert numbers_in(DiskStore(tmp_path / "store")) == ({"<a:n>"}, 1)


def test_readers_keep_the_version_that_they_opened(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    build(folder, find([numbered(tmp_path, 1, 5000)]))
    first = DiskStore(folder)
    answer = first.query("SELECT ?s ?n WHERE { ?s <a:number> ?n }")
    assert isinstance(answer, Rows)
    assert next(answer.rows)[1] == ox.NamedNode("a:1")
    build(folder, find([numbered(tmp_path, 2)]))
    assert numbers_in(DiskStore(folder)) == ({"<a:2>"}, 1)
    assert numbers_in(first) == ({"<a:1>"}, 5000)
    assert versions(folder) == ["v1", "v2"]
    del first
    build(folder, find([numbered(tmp_path, 3)]))
    assert versions(folder) == ["v1", "v3"]  # Half-read rows are reading, too.
    assert len(list(answer.rows)) == 4999
    del answer
    build(folder, find([numbered(tmp_path, 4)]))
    assert versions(folder) == ["v4"]
    assert sorted(path.name for path in folder.iterdir()) == ["build.lock", "evgraph-store.json", "v4", "v4.lock"]


def test_a_failed_build_leaves_the_store_unchanged(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    build(folder, find([numbered(tmp_path, 1)]))
    (tmp_path / "bad.nt").write_text("<a:s> <a:p> <a:o> .\n<a:s> <a:p> .\n")
    with pytest.raises(UnreadableError, match=r"bad\.nt:2: not well-formed"):
        build(folder, find([tmp_path / "bad.nt"]))
    with pytest.raises(UnreadableError, match="no such file"):
        build(folder, find([tmp_path / "none.nt"]))
    assert numbers_in(DiskStore(folder)) == ({"<a:1>"}, 1)
    assert versions(folder) == ["v1"]


def test_two_builders_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    os.mkfifo(tmp_path / "slow.nt")
    with subprocess.Popen([sys.executable, "-c", BUILD_FROM_PIPE, folder, tmp_path / "slow.nt"]) as first:
        while not list(folder.glob("v*.lock")):
            time.sleep(0.01)
        with pytest.raises(UnreadableError, match="another process is building this store"):
            build(folder, find([numbered(tmp_path, 2)]))
        with pytest.raises(UnreadableError, match="no build of this store has finished"):
            DiskStore(folder)
        with (tmp_path / "slow.nt").open("w") as pipe:
            pipe.write("<a:s> <a:number> <a:1> .\n")
        assert first.wait(60) == 0
    assert numbers_in(DiskStore(folder)) == ({"<a:1>"}, 1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment(tmp_path: Path, seed: int) -> None:
    """Whoever opens the store sees one whole version: the last that was finished, or the next."""
    chance = random.Random(seed)  # noqa: S311
    folder = tmp_path / "store"
    files = [numbered(tmp_path, number, 3000) for number in range(2)]
    build(folder, find(files[:1]))
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", BUILD, folder, files[0]], check=True)
    usual = time.perf_counter() - start
    for turn in range(8):
        with subprocess.Popen([sys.executable, "-c", BUILD, folder, files[turn % 2]]) as builder:
            time.sleep(chance.uniform(0.2, 1.2) * usual)
            builder.send_signal(signal.SIGKILL)
        numbers, count = numbers_in(DiskStore(folder))
        assert (len(numbers), count) == (1, 3000)
    build(folder, find(files[1:]))
    assert numbers_in(DiskStore(folder)) == ({"<a:1>"}, 3000)
    assert len(versions(folder)) == 1


@pytest.mark.slow
def test_readers_and_a_builder_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    files = [numbered(tmp_path, number, 100) for number in range(2)]
    build(folder, find(files[:1]))
    done, faults = threading.Event(), list[object]()

    def read() -> None:
        while not done.is_set():
            try:
                numbers, count = numbers_in(DiskStore(folder))
                if (len(numbers), count) != (1, 100):
                    faults.append((numbers, count))
            except Exception as error:
                faults.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for turn in range(10):
        build(folder, find([files[turn % 2]]))
    done.set()
    for reader in readers:
        reader.join()
    assert faults == []
    build(folder, find(files[:1]))
    assert len(versions(folder)) == 1


def _no_folder(folder: Path) -> None:
    del folder


def _empty(folder: Path) -> None:
    folder.mkdir()


def _a_file(folder: Path) -> None:
    folder.write_text("x")


def _half_built(folder: Path) -> None:
    (folder / "v1").mkdir(parents=True)


def _state(**changes: object) -> dict[str, object]:
    return {"layout": LAYOUT, "current": "v1", "beside": []} | changes


def _written(folder: Path, state: object) -> None:
    folder.mkdir()
    (folder / "v1.lock").touch()
    (folder / "evgraph-store.json").write_text(json.dumps(state))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_no_folder, "store: no such store\n  build it: evgraph load PATH --store store"),
        (_empty, "not an evgraph store\n  leave --store out to read RDF files"),
        (_a_file, "not an evgraph store"),
        (_half_built, "no build of this store has finished\n  build it: evgraph load"),
        (
            lambda folder: _written(folder, _state(layout=LAYOUT + 1)),
            "has a newer layout (2; this evgraph reads 1)\n  build it",
        ),
        (lambda folder: _written(folder, _state(layout="0")), "has another layout"),
        (
            lambda folder: _written(folder, _state(current="../v1")),
            "this store is damaged: evgraph-store.json was not written",
        ),
        (lambda folder: _written(folder, []), "this store is damaged: evgraph-store.json was not written"),
        (lambda folder: _written(folder, _state()), "this store is damaged: IO error"),
        (lambda folder: _written(folder, _state(current="v2")), "this store is damaged: v2.lock is missing"),
    ],
)
def test_a_folder_that_is_not_a_store_is_an_error(run: Run, tmp_path: Path, make: object, message: str) -> None:
    assert callable(make)
    make(tmp_path / "store")
    ran = run("query", "timeline", "--store", "store", cwd=tmp_path)
    assert (ran.code, ran.stdout) == (3, "")
    assert message in ran.stderr


def test_a_store_is_not_built_among_other_files(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(UnreadableError, match=r"not an evgraph store: it contains thesis\.txt"):
        build(tmp_path, find([DATA]))
    with pytest.raises(UnreadableError, match="a file, not a directory for a store"):
        build(tmp_path / "thesis.txt", find([DATA]))
    _written(tmp_path / "newer", _state(layout=2))
    with pytest.raises(UnreadableError, match="has a newer layout"):
        build(tmp_path / "newer", find([DATA]))


def test_the_command_builds_it(run: Run, tmp_path: Path) -> None:
    ran = run("load", DATA, "--store", tmp_path / "store", env={"EVGRAPH_ENDPOINT": "http://127.0.0.1:9/"})
    assert (ran.code, ran.stdout) == (0, "")
    assert re.fullmatch(r"[0-9],[0-9]{3} triples in 4 graphs in .*store\n", ran.stderr)
    ran = run("query", "timeline", "--format", "ndjson", env={"EVGRAPH_STORE": str(tmp_path / "store")})
    assert ran.stdout == run("query", "timeline", "--format", "ndjson", "--data", DATA).stdout != ""
    assert run("load", "--store", tmp_path / "store").code == 0
    shipped = run("query", "shared-documents", "--store", tmp_path / "store")
    assert shipped.output == run("query", "shared-documents").output


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--store", "s", "--endpoint", "http://x/"], 2, "--endpoint is for a server, not for --store"),
        (["--store", "s", "--dry-run"], 2, "--dry-run is for a server"),
        ([], 2, "load needs a destination\n  add --endpoint URL"),
        (["none.ttl", "--store", "s"], 3, "none.ttl: no such file"),
        (["thesis.txt", "--store", "s"], 3, "thesis.txt: not a known RDF format"),
        (["bad.ttl", "--store", "s"], 3, "bad.ttl:1: not well-formed turtle"),
        (["--store", "."], 3, "not an evgraph store: it contains bad.ttl"),
        (["--store", "thesis.txt"], 3, "a file, not a directory for a store"),
    ],
)
def test_errors_of_the_command(run: Run, tmp_path: Path, words: list[str], code: int, message: str) -> None:
    (tmp_path / "thesis.txt").touch()
    (tmp_path / "bad.ttl").write_text("<a:s> <a:p> .")
    ran = run("load", *words, cwd=tmp_path)
    assert (ran.code, ran.stdout) == (code, "")
    assert message in ran.stderr
    assert not (tmp_path / "s/evgraph-store.json").exists()


def test_a_file_of_the_data_is_not_also_beside_it(tmp_path: Path) -> None:
    build(tmp_path / "store", find([ROOT / "data/matrices.ttl"]))
    state = json.loads((tmp_path / "store/evgraph-store.json").read_text())
    assert len(state["beside"]) == 2
    assert all(graph.startswith(ID) or graph in PREFIXES.values() for graph in state["beside"])


def test_a_large_file_keeps_its_graph_and_its_blank_nodes_apart_from_those_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "_LARGE", 40)
    for name, padding in (("large.ttl", "#" * 40), ("larger.ttl", "#" * 50), ("small.ttl", "")):
        (tmp_path / name).write_text(f"_:x <urn:p> _:x . {padding}", encoding="utf-8")
    build(tmp_path / "store", find([tmp_path]))
    quads = [quad for quad in DiskStore(tmp_path / "store").quads() if quad.predicate.value == "urn:p"]
    assert len({quad.subject for quad in quads}) == 3
    graphs = sorted(str(quad.graph_name).rpartition("/")[2] for quad in quads)
    assert graphs == ["large.ttl>", "larger.ttl>", "small.ttl>"]


def test_a_large_file_that_is_not_well_formed_is_an_error_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "_LARGE", 10)
    (tmp_path / "broken.nt").write_text("<urn:a> <urn:b> <urn:c> .\n<urn:a> <urn:b> .\n", encoding="utf-8")
    with pytest.raises(UnreadableError) as raised:
        build(tmp_path / "store", find([tmp_path / "broken.nt"]))
    assert (raised.value.path, raised.value.line) == (str(tmp_path / "broken.nt"), 2)
