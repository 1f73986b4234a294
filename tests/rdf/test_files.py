"""Files written through links, pipes and devices; errors for files that are not text."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evgraph.errors import UnreadableError
from evgraph.rdf.files import find
from evgraph.writing import write_file

if TYPE_CHECKING:
    from tests.conftest import Run


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    there = tmp_path / "there" / "report.txt"
    there.parent.mkdir()
    there.write_text("old")
    link = tmp_path / "report.txt"
    link.symlink_to(there)
    write_file(link, b"new")
    assert not link.is_symlink()
    assert (link.read_text(), there.read_text()) == ("new", "old")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.txt", "there"]


def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_file(pipe, [b"one, ", b"two"])
    reader.join(10)
    assert read == [b"one, two"]
    assert pipe.is_fifo()


WRITTEN_TO_FULL = """evgraph: /dev/full: cannot be written: No space left on device
  make room on that disk, or write to another one
"""


@pytest.mark.slow
def test_a_device_is_written_to_and_stays(run: Run, tmp_path: Path) -> None:
    null = Path("/dev/null")
    assert null.is_char_device()
    data = tmp_path / "data.ttl"
    data.write_text("<urn:a> a <https://w3id.org/evgraph/ns#Document> .")
    assert run("validate", data, "-o", null).code == 1
    assert null.is_char_device()
    words = [sys.executable, "-m", "evgraph", "validate", str(data), "--quiet", "-o", "/dev/stdout"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout.startswith(f"{data}:1:1: violation ")
    assert Path("/dev/stdout").is_symlink()
    with (tmp_path / "log").open("w+") as log:
        print("before", file=log, flush=True)
        subprocess.run(words, stdout=log, check=False)
        log.seek(0)
        assert log.read() == f"before\n{done.stdout}"
    full = Path("/dev/full")
    if full.is_char_device():
        ran = run("validate", data, "-o", full)
        assert (ran.code, ran.stderr) == (3, WRITTEN_TO_FULL)
        assert full.is_char_device()


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("latin.ttl", '<urn:a> <urn:b> "x" .\n<urn:a> <urn:b> "café" .\n'.encode("latin-1"),
         "latin.ttl:2: not text in UTF-8: the byte E9, which is é in Windows-1252\n"
         "  save it as UTF-8, or leave the file out"),
        ("wide.ttl", '<urn:a> <urn:b> "x" .\n'.encode("utf-16"),
         "wide.ttl:1: not text in UTF-8, but in UTF-16\n  save it as UTF-8, or leave the file out"),
        ("far.jsonld", b'{"@context": "https://example.org/context", "name": "x"}',
         "far.jsonld: its @context is an address, and evgraph fetches nothing to read jsonld\n"
         "  write the context into the file, or convert the file to Turtle"),
        ("cut.rdf", b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><x>",
         "cut.rdf:1: not well-formed rdfxml: <x>, which begins on line 1, is not closed before the end of the file\n"
         "  close it with </x>"),
    ],
)  # fmt: skip
def test_what_is_no_text_of_its_format_is_told_with_the_way_out(
    tmp_path: Path, name: str, body: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    with pytest.raises(UnreadableError) as raised:
        list(find([path])[0].parsed())
    assert str(raised.value).endswith(message)
