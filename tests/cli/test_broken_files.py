"""Several files that cannot be read: one run of any command names them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evgraph.errors import UnreadableError
from evgraph.rdf.files import find, report_all_broken

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

EXPECTED = """evgraph: 3 files cannot be read:
  data/broken.ttl:2: not well-formed turtle: a value is missing after <urn:b>
  data/deep/latin.nt:1: not text in UTF-8: the byte E9, which is é in Windows-1252
  data/other.trig:1: not well-formed trig: the IRI that begins here does not end: <urn:a
  correct them, or leave them out
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three broken files in ``data``, beside and below a sound one."""
    (tmp_path / "data/deep").mkdir(parents=True)
    (tmp_path / "data/broken.ttl").write_text("<urn:a> <urn:b> <urn:c> .\n<urn:a> <urn:b> .\n")
    (tmp_path / "data/deep/latin.nt").write_bytes('<urn:a> <urn:b> "é" .\n'.encode("latin-1"))
    (tmp_path / "data/other.trig").write_text("<urn:g> { <urn:a")
    (tmp_path / "data/sound.ttl").write_text("<urn:a> <urn:b> <urn:c> .\n")
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ["validate", "data"],
        ["validate", "data", "--fix"],
        ["query", "shared-documents", "--data", "data"],
        ["query", "shared-documents", "--data", "data", "--timeout", "60"],
        ["export", "--data", "data"],
        ["load", "data", "--store", "kept"],
        ["load", "data", "--endpoint", "http://127.0.0.1:1/query", "--dry-run"],
        ["diff", "data", "data"],
        ["reconcile", "data"],
    ],
    ids=" ".join,
)
def test_every_broken_file_is_named_with_its_line(run: Run, folder: Path, words: list[str]) -> None:
    done = run(*words, cwd=folder)
    assert (done.code, done.stdout, done.stderr) == (3, "", EXPECTED)


def test_broken_shapes_and_missing_files_are_named_together(run: Run, folder: Path) -> None:
    shapes = ["--shapes", "data/broken.ttl", "--add-shapes", "data/other.trig"]
    done = run("validate", "data/sound.ttl", *shapes, cwd=folder)
    assert (done.code, done.stderr) == (
        3,
        EXPECTED.replace("3 files", "2 files").replace(EXPECTED.splitlines()[2] + "\n", ""),
    )
    done = run("validate", "data/sound.ttl", "a.ttl", "b.ttl", cwd=folder)
    lines = ["2 files cannot be read:", "  a.ttl: no such file or folder", "  b.ttl: no such file or folder"]
    assert (done.code, done.stderr.splitlines()[:3]) == (3, [f"evgraph: {lines[0]}", *lines[1:]])
    done = run("validate", "data/broken.ttl", "a.ttl", cwd=folder)
    lines = ["2 files cannot be read:", "  a.ttl: no such file or folder", EXPECTED.splitlines()[1]]
    assert (done.code, done.stderr.splitlines()[:3]) == (3, [f"evgraph: {lines[0]}", *lines[1:]])


def test_one_broken_file_keeps_its_own_hint(run: Run, folder: Path) -> None:
    done = run("validate", "data/sound.ttl", "data/broken.ttl", cwd=folder)
    assert (done.code, done.stderr.splitlines()[1:]) == (3, ["  add what is missing, or remove the rest"])


def test_many_broken_files_are_counted(tmp_path: Path) -> None:
    for number in range(25):
        (tmp_path / f"{number:02}.ttl").write_text("<urn:a")
    files = find([tmp_path])
    with pytest.raises(UnreadableError) as raised, report_all_broken(files):
        list(files[3].quads())
    lines = str(raised.value).splitlines()
    assert lines[0] == "25 files cannot be read:"
    assert len(lines) == 23
    assert lines[20].startswith(f"  {tmp_path / '19.ttl'}:1: ")
    assert lines[21:] == ["  and 5 more", "  correct them, or leave them out"]


def test_an_error_about_something_else_is_not_changed(folder: Path) -> None:
    files = find([folder])
    error = UnreadableError("something else", path="elsewhere.ttl")
    with pytest.raises(UnreadableError) as raised, report_all_broken(files):
        raise error
    assert raised.value is error
