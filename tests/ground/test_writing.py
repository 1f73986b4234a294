"""Files written whole or not at all, in each command that writes."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evgraph.errors import UnreadableError
from evgraph.writing import SUMS, replace_files, write_file, write_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Run

PAGE = Path("examples/pages/alcohol-c2.txt")
ABANDONED = f"{'0' * 16}.part"
COMMANDS = {
    "cells/alcohol-C2.ttl": ("ingest", PAGE, "-o", "{folder}", "--register", "examples/register"),
    "documents.ttl": ("ingest", PAGE, "-o", "{folder}", "--register", "examples/register"),
    "export.nt": ("export", "-o", "{folder}/export.nt"),
    "rows.csv": ("query", "shared-documents", "-o", "{folder}/rows.csv"),
    "report.json": ("validate", "examples/faulty.ttl", "-o", "{folder}/report.json"),
    "decisions.ttl": ("reconcile", "{folder}", "--worklist", "{folder}/decisions.ttl"),
    "evgraph-store.json": ("load", "examples/faulty.ttl", "--store", "{folder}"),
}


def run_in(run: Run, folder: Path, name: str) -> int:
    return run(*(str(word).format(folder=folder) for word in COMMANDS[name])).code


@pytest.mark.parametrize("name", [*COMMANDS])
def test_a_link_planted_at_the_output_is_replaced(run: Run, tmp_path: Path, name: str) -> None:
    victim, output = tmp_path / "victim", tmp_path / "o" / name
    victim.write_text("mine", encoding="utf-8")
    output.parent.mkdir(parents=True)
    if name == "decisions.ttl":
        run_in(run, tmp_path / "o", "documents.ttl")
    output.symlink_to(victim)
    code = run_in(run, tmp_path / "o", name)
    assert victim.read_text(encoding="utf-8") == "mine"
    assert not output.is_symlink() or code in {2, 3}


@pytest.mark.parametrize("name", ["cells/alcohol-C2.ttl", "export.nt", "rows.csv", "report.json"])
def test_a_link_planted_at_a_part_file_is_not_followed(run: Run, tmp_path: Path, name: str) -> None:
    victim, output = tmp_path / "victim", tmp_path / "o" / name
    victim.write_text("mine", encoding="utf-8")
    output.parent.mkdir(parents=True)
    for ending in (".part", f".{ABANDONED}"):
        output.with_name(f".{output.name}{ending}").symlink_to(victim)
    assert run_in(run, tmp_path / "o", name) in {0, 1}
    assert victim.read_text(encoding="utf-8") == "mine"
    assert output.is_file()


def test_a_linked_folder_of_cells_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "cells").symlink_to(tmp_path / "elsewhere")
    assert run_in(run, tmp_path / "o", "documents.ttl") == 3
    assert not [*(tmp_path / "elsewhere").iterdir()]


@pytest.mark.parametrize("command", ["settle", "reconcile"])
def test_a_linked_folder_of_decisions_is_refused(run: Run, tmp_path: Path, command: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    run_in(run, tmp_path / "o", "documents.ttl")
    (tmp_path / "o" / "curated").symlink_to(tmp_path / "elsewhere")
    ran = run(command, tmp_path / "o", stdin="1\n")
    assert (ran.code, ran.stderr.partition("\n")[0]) == (
        3,
        f"evgraph: {tmp_path / 'o' / 'curated'}: is a symbolic link; nothing was written",
    )
    assert not [*(tmp_path / "elsewhere").iterdir()]


def test_a_writer_that_fails_leaves_nothing_and_the_next_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"some"
        raise OSError(5, "Input/output error")

    path = tmp_path / "file"
    write_file(path, b"old")
    path.chmod(0o640)
    with pytest.raises(UnreadableError, match="cannot be written: Input/output error"):
        write_file(path, broken())
    assert [child.name for child in tmp_path.iterdir()] == ["file"]
    (tmp_path / f".file.{ABANDONED}").write_bytes(b"half")
    (tmp_path / f".files.{ABANDONED}").write_bytes(b"of another file")
    write_file(path, b"new")
    assert sorted(child.name for child in tmp_path.iterdir()) == [f".files.{ABANDONED}", "file"]
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o640)


def test_writers_of_one_file_at_once_all_succeed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    contents = [bytes([letter]) * 1000 for letter in b"abcd"]
    with ThreadPoolExecutor(len(contents)) as pool:
        list(pool.map(lambda number: write_file(path, contents[number % len(contents)]), range(800)))
    assert path.read_bytes() in contents
    assert [child.name for child in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("name", ["n" * 255, "é" * 127, "日" * 85])
def test_the_longest_names_can_be_written(tmp_path: Path, name: str) -> None:
    (tmp_path / f".{os.fsencode(name)[:200].decode(errors='ignore')}.{ABANDONED}").write_bytes(b"half")
    write_file(tmp_path / name, b"whole")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(name, b"whole")]


def test_two_writers_of_one_file_leave_each_others_part_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"

    def while_another_writes() -> Iterator[bytes]:
        yield b"first "
        write_file(path, b"second")
        yield b"whole"

    write_file(path, while_another_writes())
    assert path.read_bytes() == b"first whole"
    assert [child.name for child in tmp_path.iterdir()] == ["file"]


def test_a_new_file_has_the_permissions_that_the_user_gives_new_files(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_file(tmp_path / "new" / "file", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "new" / "file").stat().st_mode & 0o777 == 0o640


def test_several_files_are_replaced_or_none(tmp_path: Path) -> None:
    first, second = tmp_path / "one", tmp_path / "other"
    first.write_bytes(b"1")
    with pytest.raises(UnreadableError, match="so nothing was"):
        replace_files({first: b"2", second: b"2"})
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
    assert first.read_bytes() == b"1"


def test_a_folder_has_these_files_and_no_others(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "it"
    write_folder(folder, [("x.txt", b"one"), ("in/y.txt", [b"t", b"wo"])])
    write_folder(folder, [("in/z.txt", b"three")])
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == {"SHA256SUMS", "in/z.txt"}
    assert (folder / SUMS).read_text(encoding="utf-8") == f"{sha256(b'three').hexdigest()}  in/z.txt\n"
    assert [path.name for path in folder.parent.iterdir()] == ["it"]


def test_a_folder_is_unchanged_if_a_file_cannot_be_written(tmp_path: Path) -> None:
    def files() -> Iterator[tuple[str, bytes]]:
        yield "x.txt", b"new"
        raise OSError(28, "No space left on device")

    write_folder(tmp_path / "it", [("x.txt", b"old")])
    with pytest.raises(UnreadableError, match="No space left on device"):
        write_folder(tmp_path / "it", files())
    assert (tmp_path / "it" / "x.txt").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["it"]


@pytest.mark.parametrize("name", ["mine.txt", "in/mine.txt"])
def test_a_folder_with_files_of_others_stays(tmp_path: Path, name: str) -> None:
    write_folder(tmp_path / "it", [("x.txt", b"old"), ("in/x.txt", b"old")])
    (tmp_path / "it" / name).write_bytes(b"mine")
    with pytest.raises(UnreadableError, match=f"such as {name}; nothing was written"):
        write_folder(tmp_path / "it", [("x.txt", b"new")])
    assert (tmp_path / "it" / name).read_bytes() == b"mine"
    assert (tmp_path / "it" / "x.txt").read_bytes() == b"old"


def test_a_link_in_place_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "it").symlink_to(tmp_path / "other")
    with pytest.raises(UnreadableError, match="is a symbolic link"):
        write_folder(tmp_path / "it", [("x.txt", b"new")])
    assert not list((tmp_path / "other").iterdir())


def stopped() -> Iterator[tuple[str, bytes]]:
    yield "x.txt", b"new"
    raise UnreadableError("another")


def test_what_a_killed_writer_left_is_removed_or_restored(tmp_path: Path) -> None:
    part, before = (tmp_path / f".it.{'0' * 16}.{end}" for end in ("part", "before"))
    part.mkdir()
    write_folder(before, [("x.txt", b"old")])
    with pytest.raises(UnreadableError, match="another"):
        write_folder(tmp_path / "it", stopped())
    assert (tmp_path / "it" / "x.txt").read_bytes() == b"old", "it was about to be replaced"
    write_folder(tmp_path / "it", [("y.txt", b"new")])
    assert [path.name for path in tmp_path.iterdir()] == ["it"]
