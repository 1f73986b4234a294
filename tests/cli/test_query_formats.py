"""``evgraph query``: tables that do not fit the terminal, and workbooks."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import load_workbook
from tests.query.test_passages import QUESTION as PAIRS
from tests.query.test_passages import graph

if TYPE_CHECKING:
    from tests.conftest import Run

PAGES = Path(__file__).parent.parent.parent / "examples/pages"
ROWS = (
    'SELECT ?document ?headline WHERE { VALUES (?document ?headline) {'
    ' (doc:nice-2011-guidelines "Clinical guidelines") (doc:timko-2007 UNDEF) } }'
)  # fmt: skip
TABLE = (
    "document                  headline\n"
    "------------------------  ----------\n"
    "doc:nice-2011-guidelines  Clinical\n"
    "                          guidelines\n"
    "doc:timko-2007\n"
)
LIST = "document: doc:nice-2011-guidelines\nheadline: Clinical guidelines\n\ndocument: doc:timko-2007\n"
NOTE = (
    "2 rows\n"
    "note: a table does not fit 35 columns, so each field has its own line\n"
    "  choose columns with --columns A,B, or write a table with --format table\n"
)
ASKED = ("query", "-", "--no-labels")


def test_a_table_where_its_words_fit(run: Run) -> None:
    ran = run(*ASKED, stdin=ROWS, env={"COLUMNS": "36"})
    assert (ran.code, ran.stdout, ran.stderr) == (0, TABLE, "2 rows\n")


def test_a_list_where_they_do_not(run: Run) -> None:
    ran = run(*ASKED, stdin=ROWS, env={"COLUMNS": "35"})
    assert (ran.code, ran.stdout, ran.stderr) == (0, LIST, NOTE)


def test_who_chooses_a_format_gets_it(run: Run, tmp_path: Path) -> None:
    narrow = {"COLUMNS": "35"}
    ran = run(*ASKED, "--format", "table", stdin=ROWS, env=narrow)
    assert (ran.stdout, ran.stderr) == (TABLE, "2 rows\n")
    ran = run(*ASKED, "--format", "list", stdin=ROWS, env={"COLUMNS": "200"})
    assert (ran.stdout, ran.stderr) == (LIST, "2 rows\n")
    ran = run(*ASKED, "--columns", "headline", stdin=ROWS, env=narrow)
    assert (ran.stdout, ran.stderr) == ("headline\n-------------------\nClinical guidelines\n\n", "2 rows\n")
    assert run(*ASKED, "-o", tmp_path / "rows.txt", stdin=ROWS, env=narrow).stderr == "2 rows\n"
    assert len((tmp_path / "rows.txt").read_text().splitlines()) == 4


def test_a_pipe_has_a_line_for_each_row(run: Run) -> None:
    ran = run(*ASKED, stdin=ROWS)
    assert len(ran.stdout.splitlines()) == 4
    assert ran.stderr == "2 rows\n"


def test_no_rows_fit(run: Run) -> None:
    ran = run(*ASKED, stdin="SELECT ?document WHERE { ?document a evg:Nothing }", env={"COLUMNS": "5"})
    assert ran.stdout == ""
    assert ran.stderr.startswith("no rows\n")


def test_a_list_shows_passages_and_their_words(run: Run, tmp_path: Path) -> None:
    ran = run(*PAIRS, graph(tmp_path), "--pages", PAGES, "--format", "list")
    assert ran.stdout.splitlines()[-3:] == [
        "passages:      passage:none/1-2 alcohol-C2:3 drug-C2:1 drug-C2:11",
        f"    {PAGES}/drug-c2.txt:1: Drug Treatment Matrix cell C2",
        f"    {PAGES}/drug-c2.txt:11: Harbour Forum",
    ]


def test_a_workbook(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rows.xlsx"
    ran = run(*ASKED, "-o", path, stdin=ROWS)
    assert (ran.code, ran.stdout, ran.stderr) == (0, "", "")
    expected = [
        ("document", "headline"),
        ("https://w3id.org/evgraph/id/doc/nice-2011-guidelines", "Clinical guidelines"),
        ("https://w3id.org/evgraph/id/doc/timko-2007", None),
    ]
    assert list(load_workbook(path)["rows"].values) == expected
    piped = run(*ASKED, "--format", "xlsx", stdin=ROWS)
    assert piped.output == path.read_bytes()
    assert list(load_workbook(io.BytesIO(piped.output))["rows"].values) == expected


def test_a_workbook_is_written_whole_or_not_at_all(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rows.xlsx"
    path.write_text("before")
    longest = 'SELECT (REPLACE("xxxxxxxxxx", "x", "%s") AS ?text) {}' % ("y" * 4000)
    ran = run(*ASKED, "-o", path, stdin=longest)
    assert ran.code == 5
    assert "row 1, text: 40,000 characters; a cell has at most 32,767" in ran.stderr
    assert [path.read_text(), *tmp_path.iterdir()] == ["before", path]


def test_a_terminal_gets_no_workbook() -> None:
    reader, terminal = os.openpty()
    ran = subprocess.run(
        [sys.executable, "-m", "evgraph", *ASKED, "--format", "xlsx"],
        input=ROWS, stdout=terminal, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    for end in (reader, terminal):
        os.close(end)
    assert ran.returncode == 2
    assert ran.stderr == "evgraph: a terminal cannot show xlsx\n  name a file: -o rows.xlsx\n"


def test_a_workbook_has_rows(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rows.xlsx"
    ran = run(*ASKED, "-o", path, stdin="ASK {}")
    assert (ran.code, path.exists()) == (2, False)
    assert "xlsx holds rows, and an ASK has none" in ran.stderr
    ran = run("query", "timeline", "--values", "matrix", "-o", path)
    assert ran.code == 0
    assert next(load_workbook(path)["rows"].values) == ("value", "label")
    assert "cannot write triples as .xlsx" in run(*ASKED, "-o", path, stdin="CONSTRUCT WHERE { ?s ?p ?o }").stderr
