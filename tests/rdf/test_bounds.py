"""Data files that would crash a parser, take all memory, or are in another encoding."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from evgraph.rdf.bounds import DEEPEST, too_deep_at

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

HEAD = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
BODY = f'{HEAD}<rdf:Description rdf:about="http://e/a"><e:p>%s</e:p></rdf:Description></rdf:RDF>'


def nested(name: str, depth: int) -> str:
    return {
        "a.nt": f"<e:a> <e:b> {'<<( <e:a> <e:b> ' * depth}<e:c>{' )>>' * depth} .\n",
        "a.ttl": f"<e:a> <e:b> {'<<( <e:a> <e:b> ' * depth}1{' )>>' * depth} .\n",
        "a.jsonld": "{" + '"http://e/p": {' * (depth - 1) + "}" * depth,
        "a.rdf": HEAD
        + "<rdf:Description><e:p>" * (depth // 2)
        + "</e:p></rdf:Description>" * (depth // 2)
        + "</rdf:RDF>",
    }[name]


@pytest.mark.parametrize("name", ["a.nt", "a.ttl", "a.jsonld", "a.rdf"])
@pytest.mark.parametrize("words", [("export", "--data"), ("validate",), ("query", "shared-documents", "--data")])
def test_deep_nesting_is_refused_before_it_crashes_the_parser(
    run: Run, tmp_path: Path, name: str, words: tuple[str, ...]
) -> None:
    (tmp_path / name).write_text("\n" + nested(name, 20_000), encoding="utf-8")
    ran = run(*words, tmp_path / name)
    assert ran.code == 3
    assert f"{name}:2: nested more than 200 levels deep, which evgraph does not read\n" in ran.stderr


@pytest.mark.parametrize("name", ["a.nt", "a.ttl", "a.jsonld", "a.rdf"])
def test_nesting_within_the_bound_is_read(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(nested(name, DEEPEST - 2), encoding="utf-8")
    assert run("export", "--data", tmp_path / name, "--format", "nquads").code == 0


@pytest.mark.parametrize(
    "text",
    [
        "<e:a> <e:b> '" + "<<" * 300 + "' .",
        "<e:a> <e:b> '''" + "<< \n" * 300 + "''' .",
        f"# {'<<' * 300}\n<e:a> <e:b> 1 .",
        "<e:a> <e:b> <<( <e:a> <e:b> 1 )>> .\n" * 300,
    ],
)
def test_what_only_looks_nested_is_read(text: str) -> None:
    assert too_deep_at(text.encode(), "turtle") is None


@pytest.mark.default_cases(2)
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('<e:a> <e:b> 1 .\n<e:a> <e:b> "' + "x" * (17 << 20) + '" .\n', 2),
        ('<e:a> <e:b> """\n' + "x" * 1000 + ("\n" + "x" * 1000) * 18_000 + '""" .\n', 1),
    ],
)
@pytest.mark.parametrize("words", [("export", "--data"), ("validate",), ("query", "shared-documents", "--data")])
def test_a_literal_that_is_too_long_is_refused_with_its_line(
    run: Run, tmp_path: Path, words: tuple[str, ...], text: str, line: int
) -> None:
    (tmp_path / "a.ttl").write_text(text, encoding="utf-8")
    ran = run(*words, tmp_path / "a.ttl")
    expected = f"evgraph: {tmp_path}/a.ttl:{line}: a literal of more than 16 MB\n  shorten it, or leave it out\n"
    assert (ran.code, ran.stderr) == (3, expected)


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8",
        "latin-1",
        "cp1252",
        "mac-roman",
        "iso-8859-15",
        "cp037",
        "cp500",
        "utf-16",
        "utf-16-le",
        "utf-32",
        "utf-8-sig",
    ],
)
def test_rdfxml_is_read_in_its_encoding(run: Run, tmp_path: Path, encoding: str) -> None:
    declared = {"utf-8-sig": "utf-8", "utf-16-le": "utf-16"}.get(encoding, encoding)
    text = f"<?xml version='1.0' encoding='{declared}'?>\n{BODY % 'café'}"
    (tmp_path / "a.rdf").write_bytes(text.encode(encoding))
    ran = run("export", "--data", tmp_path / "a.rdf", "--format", "ntriples")
    assert (ran.code, ran.stdout) == (0, '<http://e/a> <http://e/p> "café" .\n')


@pytest.mark.parametrize("encoding", ["shift_jis", "gb18030", "utf-7", "iso2022_jp"])
def test_a_declaration_is_refused_in_every_encoding(run: Run, tmp_path: Path, encoding: str) -> None:
    entities = '<!DOCTYPE rdf:RDF [<!ENTITY a "前"><!ENTITY b "&a;&a;">]>'
    body = f"\n{entities}{BODY % '前&b;'}".encode(encoding)
    if encoding == "utf-7":
        body = body.replace(b"<", b"+ADw-")
    (tmp_path / "a.rdf").write_bytes(f"<?xml version='1.0' encoding='{encoding}'?>".encode() + body)
    ran = run("export", "--data", tmp_path / "a.rdf")
    assert (ran.code, "a.rdf:2: RDF/XML with a document type declaration" in ran.stderr) == (3, True)


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ("klingon", "a.rdf:1: its first line names the encoding klingon, which evgraph cannot read"),
        ("rot13", "a.rdf:1: its first line names the encoding rot13, which evgraph cannot read"),
        ("utf-16", "a.rdf:1: its first line names the encoding utf-16, which evgraph cannot read"),
        ("ascii", "a.rdf:2: not text in ascii, the encoding that it has by its first bytes: C3"),
    ],
)
def test_an_encoding_that_is_wrong_is_named(run: Run, tmp_path: Path, declared: str, message: str) -> None:
    (tmp_path / "a.rdf").write_text(f"<?xml version='1.0' encoding='{declared}'?>\n{BODY % 'é'}", encoding="utf-8")
    ran = run("export", "--data", tmp_path / "a.rdf")
    assert (ran.code, message in ran.stderr) == (3, True)


@pytest.mark.parametrize("local", ["naïveté", "名前", "größe", "été2", "x·", "𠀀"])
def test_predicates_may_end_in_any_letters_in_rdfxml(run: Run, tmp_path: Path, local: str) -> None:
    line = f'<http://e/a> <http://e/{local}> "x" .\n'
    (tmp_path / "a.nt").write_text(line, encoding="utf-8")
    (tmp_path / "a.rdf").write_bytes(run("export", "--data", tmp_path / "a.nt", "--format", "rdfxml").output)
    assert run("export", "--data", tmp_path / "a.rdf", "--format", "ntriples").stdout == line


def test_only_regular_files_are_read(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ttl")
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "zero.ttl").symlink_to("/dev/zero")
    (tmp_path / "zero.rq").symlink_to("/dev/zero")
    (tmp_path / "waivers.toml").symlink_to("/dev/zero")
    started = time.monotonic()
    for words in (
        ("validate", "pipe.ttl"),
        ("export", "--data", "zero.ttl"),
        ("query", "zero.rq"),
        ("query", "shared-documents", "--data", "pipe.ttl"),
        ("ingest", "pipe.txt", "-o", "out"),
        ("ingest", "/dev/zero", "-o", "out"),
        ("validate", "--waivers", "waivers.toml"),
        ("diff", "pipe.ttl", "zero.ttl"),
        ("load", "zero.ttl", "--store", "store"),
    ):
        ran = run(*words, cwd=tmp_path)
        assert (ran.code, ": not a file but a " in ran.stderr) == (3, True), (words, ran.stderr)
    assert time.monotonic() - started < 60
