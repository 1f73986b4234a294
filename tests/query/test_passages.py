"""``--pages``: the text of the passages below the rows, and notes on missing pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evgraph.pages.decoding import read

if TYPE_CHECKING:
    from tests.conftest import Run

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "examples/pages/drug-c2.txt"
WORDS = "Drug Treatment Matrix cell C2"
QUESTION = ("query", "corresponding-studies", "--data")


def graph(folder: Path) -> Path:
    """Write a graph of one pair of studies, stated twice in the example page and once in one that nobody has."""
    source = read(PAGE)
    first = source.text.index(WORDS)
    start = source.text.index("Harbour Forum")
    ours = [(first, first + len(WORDS)), (start, start + len("Harbour Forum"))]
    lines = [
        f"<passage/{source.hash}/{a}-{b}> oa:hasSource <snapshot/drug-C2/{source.hash}> ;"
        f" evg:line {source.line_of(a)} ; oa:start {a} ; oa:end {b} ."
        for a, b in ours
    ]
    known = [f"<passage/{source.hash}/{a}-{b}>" for a, b in ours]
    stated = ", ".join([*known, "<passage/0000/7-9>", "<passage/none/1-2>"])
    path = folder / "graph.ttl"
    path.write_text(
        "@base <https://w3id.org/evgraph/id/> .\n"
        "@prefix evg: <https://w3id.org/evgraph/ns#> .\n@prefix oa: <http://www.w3.org/ns/oa#> .\n"
        "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
        "<doc/a> evg:correspondsTo <doc/b> .\n"
        "<claim/1> rdf:subject <doc/a> ; rdf:predicate evg:correspondsTo ; rdf:object <doc/b> ;\n"
        f"    evg:statedIn {stated} .\n"
        "<passage/0000/7-9> oa:hasSource <snapshot/alcohol-C2/0000> ; evg:line 3 ; oa:start 7 ; oa:end 9 .\n"
        + "\n".join(lines)
    )
    return path


def test_the_table_shows_cell_and_line(run: Run, tmp_path: Path) -> None:
    ran = run(*QUESTION, graph(tmp_path))
    assert ran.code == 0
    row = ran.stdout.splitlines()[2]
    assert row.endswith("  passage:none/1-2 alcohol-C2:3 drug-C2:1 drug-C2:11")
    assert len(ran.stdout.splitlines()) == 3


def test_programs_get_the_iris_when_they_ask(run: Run, tmp_path: Path) -> None:
    data = graph(tmp_path)
    words = (*QUESTION, data, "--with-passages", "--format")
    (row,) = (json.loads(line) for line in run(*words, "ndjson").stdout.splitlines())
    iris = row["passages"].split(" ")
    assert len(iris) == 4
    assert iris[1] == "https://w3id.org/evgraph/id/passage/0000/7-9"
    for name in ("csv", "tsv", "json", "xml"):
        assert row["passages"] in run(*words, name).stdout
        assert "passage" not in run(*QUESTION, data, "--format", name).stdout


def test_the_text_is_below_the_row(run: Run, tmp_path: Path) -> None:
    ran = run(*QUESTION, graph(tmp_path), "--pages", PAGE.parent)
    assert ran.code == 0
    assert ran.stdout.splitlines()[3:] == [f"    {PAGE}:1: {WORDS}", f"    {PAGE}:11: Harbour Forum"]
    assert ran.stderr.startswith("1 row\nnote: the page of cell:alcohol-C2 has changed: ")


def test_the_text_fits_the_terminal(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/a.txt").write_bytes(PAGE.read_bytes())
    ran = run(*QUESTION, graph(tmp_path), "--pages", "pages", env={"COLUMNS": "34"}, cwd=tmp_path)
    below = [line for line in ran.stdout.splitlines() if line.startswith("    ") and not line.startswith("     ")]
    assert below[0] == "    pages/a.txt:1: Drug"
    assert max(map(len, ran.stdout.splitlines())) <= 60


def test_markdown_lists_the_text_below_the_table(run: Run, tmp_path: Path) -> None:
    text = run(*QUESTION, graph(tmp_path), "--pages", PAGE, "--format", "md").stdout
    table, _, listed = text.partition("\n\n")
    assert table.endswith("| passage:none/1-2 alcohol-C2:3 drug-C2:1 drug-C2:11 |")
    assert listed == f"- {PAGE}:1: {WORDS}\n- {PAGE}:11: Harbour Forum\n"


def test_a_missing_page_is_reported_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("A page about something else.\n")
    (tmp_path / "broken.txt").write_bytes(b"\0")
    ran = run(*QUESTION, graph(tmp_path), "--pages", tmp_path)
    assert ran.code == 0
    assert len(ran.stdout.splitlines()) == 3
    assert ran.stderr.count("is the page of cell:drug-C2 (snapshot") == 1
    assert ran.stderr.count("is the page of cell:alcohol-C2 (snapshot 0000)\n  put the page there, as .txt") == 1
    assert f"note: {tmp_path}/broken.txt:1: not text" in ran.stderr


def test_a_changed_page_is_not_the_old_one(run: Run, tmp_path: Path) -> None:
    changed = tmp_path / "drug.txt"
    changed.write_text(PAGE.read_text() + "\nOne more line.\n")
    ran = run(*QUESTION, graph(tmp_path), "--pages", tmp_path)
    assert len(ran.stdout.splitlines()) == 3
    assert f"note: the page of cell:drug-C2 has changed: {changed} is not the text" in ran.stderr
    assert "ingest the new one" in ran.stderr


def test_columns_have_the_location_of_each_passage(run: Run, tmp_path: Path) -> None:
    data = graph(tmp_path)
    source = read(PAGE)
    start = source.text.index("Harbour Forum")
    ours = f"https://w3id.org/evgraph/id/snapshot/drug-C2/{source.hash}"
    ran = run(*QUESTION, data, "--with-passages", "--format", "ndjson")
    (row,) = (json.loads(line) for line in ran.stdout.splitlines())
    assert len(row["passages"].split()) == 4
    assert row["snapshot"] == f"- https://w3id.org/evgraph/id/snapshot/alcohol-C2/0000 {ours} {ours}"
    assert (row["line"], row["start"]) == ("- 3 1 11", f"- 7 0 {start}")
    assert row["end"] == f"- 9 {len(WORDS)} {start + len('Harbour Forum')}"
    assert ran.stderr == ""
    plain = run(*QUESTION, data, "--format", "csv").stdout.splitlines()
    wide = run(*QUESTION, data, "--with-passages", "--format", "csv").stdout.splitlines()
    assert wide[0] == f"{plain[0]},passages,snapshot,line,start,end"
    assert wide[1].startswith(plain[1])
    assert run(*QUESTION, data, "--with-passages").stderr == "1 row\n"


def test_rows_without_passages_have_empty_columns(run: Run, tmp_path: Path) -> None:
    sparql = "SELECT DISTINCT ?passages ?e WHERE { VALUES ?e { 1 2 } OPTIONAL { ?passages oa:start ?e } }"
    ran = run("query", "-", "--data", graph(tmp_path), "--with-passages", "--format", "csv", stdin=sparql)
    assert ran.stdout.splitlines() == ["passages,snapshot,line,start,end,e", ",,,,,1", ",,,,,2"]


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["timeline", "--with-passages"], 2, "--with-passages: timeline names no evidence for its rows"),
        (["--with-passages"], 2, "need the name of a question"),
        (["timeline", "--pages", str(PAGE)], 2, "--pages: timeline names no evidence for its rows"),
        (["corresponding-studies", "--pages", str(PAGE), "--format", "csv"], 2, "csv cannot show the text"),
        (["describe", "-p", "iri=doc:a", "--pages", str(PAGE)], 2, "describe names no evidence"),
        (["--pages", str(PAGE)], 2, "need the name of a question"),
        (["corresponding-studies", "--pages", "nowhere"], 3, "nowhere: no such folder of pages"),
        (["corresponding-studies", "--pages", "."], 3, "no page in this folder"),
    ],
)
def test_where_pages_do_not_help(run: Run, args: list[str], code: int, message: str, tmp_path: Path) -> None:
    ran = run("query", *args, cwd=tmp_path)
    assert (ran.code, ran.stdout) == (code, "")
    assert message in ran.stderr


def test_an_ad_hoc_query_may_have_passages(run: Run, tmp_path: Path) -> None:
    sparql = "SELECT DISTINCT ?passages WHERE { ?passages oa:start 0 }"
    ran = run("query", "-", "--data", graph(tmp_path), "--pages", PAGE, stdin=sparql)
    assert ran.stdout.splitlines()[2:] == ["drug-C2:1", f"    {PAGE}:1: {WORDS}"]
