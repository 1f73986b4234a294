"""``changes-since``: what must be fetched again."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from evgraph.namespaces import ID
from evgraph.rdf.files import always_loaded, find
from evgraph.store.disk import build
from evgraph.store.transfer import LOADED, parts, push

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run
    from tests.servers import Server

BEFORE = """@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix doc: <https://w3id.org/evgraph/id/doc/> .
@prefix evg: <https://w3id.org/evgraph/ns#> .
doc:same a evg:Document ; rdfs:label "Same" ; evg:n 1.50 .
doc:other a evg:Document ; rdfs:label "Other" .
doc:less a evg:Document ; rdfs:label "Less" ; evg:seeAlso doc:same .
doc:gone a evg:Document ; rdfs:label "Gone" .
"""
AFTER = BEFORE.replace('"Other"', '"Another"').replace("evg:seeAlso doc:same .", ".").replace("doc:gone", "doc:came")
ROWS = [("came", "new", "Gone"), ("gone", "gone", "Gone"), ("less", "changed", "Less"), ("other", "changed", "Another")]


@pytest.fixture
def now(tmp_path: Path) -> Path:
    (tmp_path / "now.ttl").write_text(AFTER.replace("; evg:n 1.50", "; evg:n 1.5"))
    return tmp_path / "now.ttl"


def asked(run: Run, version: str | Path, *words: str | Path, cwd: Path | None = None) -> list[tuple[str, ...]]:
    ran = run("query", "changes-since", "-p", f"version={version}", "--format", "ndjson", *words, cwd=cwd)
    assert ran.code == 0
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    return [(row["resource"].rpartition("/")[2], row["change"], row["label"]) for row in rows]


@pytest.mark.slow
def test_since_a_file_a_folder_and_a_store(run: Run, now: Path, tmp_path: Path) -> None:
    folder = tmp_path / "before"
    folder.mkdir()
    for number, part in enumerate(BEFORE.split("\ndoc:")[1:]):
        (folder / f"{number}.ttl").write_text(f"{BEFORE.split('doc:same')[0]}\ndoc:{part}")
    (tmp_path / "before.ttl").write_text(BEFORE)
    build(tmp_path / "store", find([tmp_path / "before.ttl"]))
    for version in (tmp_path / "before.ttl", folder, tmp_path / "store"):
        assert asked(run, version, "--data", now) == ROWS
    assert asked(run, tmp_path / "before.ttl", "--data", now, "--limit", "2") == ROWS[:2]
    assert asked(run, tmp_path / "before.ttl", "--data", now, "--timeout", "60") == ROWS


def test_nothing_changed(run: Run, now: Path) -> None:
    assert asked(run, now, "--data", now) == []
    ran = run("query", "changes-since", "-p", f"version={now}", "--data", now)
    assert (ran.code, ran.stderr) == (0, "no rows\n")


def test_an_export_of_the_shipped_graph_is_no_change(run: Run, tmp_path: Path) -> None:
    assert run("export", "-o", tmp_path / "all.nq").code == 0
    assert asked(run, tmp_path / "all.nq") == []


def test_it_is_listed_and_shown(run: Run) -> None:
    listed = run("query").stdout.splitlines()
    assert "  changes-since version" in listed
    assert "#+ answered_by: evgraph" in run("query", "changes-since", "--show").stdout


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ([], 2, "needs the parameter 'version'"),
        (["-p", "version=none.ttl"], 2, "-p version=none.ttl: no such file or folder\n  name an earlier export"),
        (["-p", "version=thesis.txt"], 3, "thesis.txt: not a known RDF format"),
        (["-p", "version=bad.ttl"], 3, "bad.ttl:1: not well-formed turtle"),
        (["-p", "version=bad.ttl", "--format", "turtle"], 2, "cannot write rows as turtle"),
        (["-p", "version=bad.ttl", "--with-passages"], 2, "names no evidence for its rows"),
    ],
)
def test_used_wrongly(run: Run, tmp_path: Path, words: list[str], code: int, message: str) -> None:
    (tmp_path / "thesis.txt").touch()
    (tmp_path / "bad.ttl").write_text("<a:s> <a:p> .")
    ran = run("query", "changes-since", *words, cwd=tmp_path)
    assert (ran.code, ran.stdout) == (code, "")
    assert message in ran.stderr


def test_no_other_question_is_answered_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.rq").write_text("#+ summary: Mine\n#+ answered_by: evgraph\n#+ columns:\n#+   - a: b\n")
    ran = run("query", tmp_path / "mine.rq")
    assert (ran.code, ran.stdout) == (3, "")
    assert "mine.rq:2: evgraph itself answers changes-since and no other question" in ran.stderr


def git(folder: Path, *words: str) -> None:
    person = ("-c", "user.name=A Librarian", "-c", "user.email=librarian@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *person, *words], check=True, capture_output=True)


def test_since_a_revision_of_git(run: Run, tmp_path: Path) -> None:
    data = tmp_path / "tree" / "data"
    data.mkdir(parents=True)
    (data / "one.ttl").write_text(BEFORE)
    git(tmp_path / "tree", "init", "-q")
    git(tmp_path / "tree", "add", "-A")
    git(tmp_path / "tree", "commit", "-qm", "first")
    assert asked(run, "git:HEAD:data", "--data", data, cwd=tmp_path / "tree") == []
    (data / "one.ttl").write_text(AFTER)
    git(tmp_path / "tree", "commit", "-qam", "second")
    for version in ("git:HEAD~1:data", f"git:HEAD~1:{data}", "git:HEAD~1:data/one.ttl", "git:HEAD~1:."):
        assert asked(run, version, "--data", data, cwd=tmp_path / "tree") == ROWS
    (data / "one.ttl").rename(tmp_path / "now.ttl")  # What was there then need not be there now.
    assert asked(run, "git:HEAD~1:data", "--data", tmp_path / "now.ttl", cwd=tmp_path / "tree") == ROWS


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("git:HEAD", "-p version=git:HEAD: expected git:REVISION:PATH\n  such as git:HEAD~1:my-graph"),
        ("git::data", "expected git:REVISION:PATH"),
        ("git:none:.", "git has no revision 'none'"),
        ("git:HEAD:data", "-p version=git:HEAD:data: no RDF file was there at HEAD\n  name an earlier export"),
        ("gti:HEAD:data", "-p version=gti:HEAD:data: no such file or folder\n  name an earlier export"),
    ],
)
def test_a_revision_that_does_not_help(run: Run, tmp_path: Path, version: str, message: str) -> None:
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "nothing")
    ran = run("query", "changes-since", "-p", f"version={version}", cwd=tmp_path)
    assert (ran.code, ran.stdout) == (2, "")
    assert message in ran.stderr


def test_a_folder_that_git_does_not_keep(run: Run, tmp_path: Path) -> None:
    ran = run("query", "changes-since", "-p", "version=git:HEAD:.", cwd=tmp_path)
    assert (ran.code, "is in no work tree of git\n  name an earlier export" in ran.stderr) == (2, True)


@pytest.mark.parametrize("engine", ["oxigraph_server", "virtuoso"])
def test_what_loading_leaves_on_a_server_is_no_change(
    run: Run,
    tmp_path: Path,
    now: Path,
    engine: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither is what a server keeps of its own, nor what somebody else keeps there."""
    there: Server = request.getfixturevalue(engine)
    for name, value in there.environment.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "before.ttl").write_text(BEFORE)
    with there.holding(("http://example.org/g", "<http://example.org/a> a <http://example.org/B> .")) as server:
        arrived = parts(find([now]), beside=always_loaded())
        list(push(server, arrived))
        assert asked(run, now, "--endpoint", there.query) == []
        assert asked(run, tmp_path / "before.ttl", "--endpoint", there.query) == ROWS
        there.drop(*(part.graph for part in arrived), LOADED)


@pytest.mark.slow
def test_more_than_a_server_hands_out_at_once(
    run: Run, tmp_path: Path, virtuoso: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in virtuoso.environment.items():
        monkeypatch.setenv(name, value)
    named = f"<{ID}graph/many> a <http://rdfs.org/ns/void#Dataset> .\n"
    lines = [f'<{ID}doc/many-{number}> rdfs:label "{number}" .\n' for number in range(12_000)]
    prefix = "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    (tmp_path / "now.ttl").write_text(f"{prefix}{named}{''.join(lines)}")
    (tmp_path / "before.ttl").write_text(f"{prefix}{named}{''.join(lines[1:])}")
    with virtuoso.holding() as server:
        arrived = parts(find([tmp_path / "now.ttl"]), beside=always_loaded())
        list(push(server, arrived))
        assert asked(run, tmp_path / "before.ttl", "--endpoint", virtuoso.query) == [("many-0", "new", "0")]
        virtuoso.drop(*(part.graph for part in arrived), LOADED)
