"""``evgraph search`` as people and scripts call it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Run
    from tests.servers import Server

ROOT = Path(__file__).parent.parent.parent


def test_a_table_with_its_count(run: Run) -> None:
    ran = run("search", "timko")
    assert (ran.code, ran.stderr) == (0, "3 hits\n")
    lines = ran.stdout.splitlines()
    assert lines[0].split() == ["thing", "kind", "label", "cells", "year", "field", "text", "score"]
    assert lines[2].split()[:2] == ["doc:timko-2007", "trial"]


def test_words_need_no_quotes_of_the_shell(run: Run) -> None:
    assert run("search", "mutual", "aid").output == run("search", "mutual aid").output != b""
    assert run("search", '"aid mutual"').stderr == "note: nothing has 'aid mutual'\nno hits\n"


@pytest.mark.parametrize("name", ["csv", "tsv", "json", "xml", "ndjson", "md"])
def test_every_format(run: Run, name: str, tmp_path: Path) -> None:
    ran = run("search", "timko", "--format", name)
    assert (ran.code, ran.stderr) == (0, "")
    assert ran.stdout.count("timko-2007") >= 3
    run("search", "timko", "-o", tmp_path / f"hits.{name}")
    assert (tmp_path / f"hits.{name}").read_bytes() == ran.output


def test_filters(run: Run) -> None:
    ran = run("search", "mutual", "--kind", "Trial", "--year", "2000-2010", "--matrix", "drug", "--format", "csv")
    assert [row["thing"].rpartition("/")[2] for row in csv.DictReader(io.StringIO(ran.stdout))] == ["timko-2007"]
    ran = run("search", "timko", "--cell", "drug:E4", "--cell", "alcohol:E4", "--format", "ndjson")
    assert [json.loads(line)["year"] for line in ran.stdout.splitlines()] == [2007] * 3
    assert run("search", "timko", "--year", "1900").stderr == "note: without the filters, there are 3 hits\nno hits\n"


def test_the_limit_is_reported(run: Run) -> None:
    assert run("search", "mutual").stderr == "20 hits, as --limit 20 asks; there are more\n"
    assert run("search", "timko", "--limit", "3").stderr == "3 hits\n"
    assert run("search", "timko", "--limit", "0").stderr == "0 hits, as --limit 0 asks; there are more\n"


def test_a_misspelt_word_is_offered(run: Run) -> None:
    ran = run("search", "aftrcare", "--format", "csv")
    assert (ran.code, ran.stdout.splitlines()) == (0, ["thing,kind,label,cells,year,field,text,score"])
    assert ran.stderr == "note: nothing has 'aftrcare'; did you mean 'aftercare'?\nno hits\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "evgraph: WORDS... is missing\n  usage: evgraph search [OPTIONS] WORDS...\n"),
        (["&"], "evgraph: '&': expected words with letters or digits, at most 100"),
        (["x", "--cell", "Q9"], "evgraph: cell 'Q9': expected a cell"),
        (["x", "--year", "now"], "evgraph: year 'now': expected a year"),
        (["x", "--kind", "trail"], "'trail' is not one of 'trial'"),
        (["x", "--format", "turtle"], "'turtle' is not one of"),
    ],
)
def test_wrong_use(run: Run, words: list[str], message: str) -> None:
    ran = run("search", *words)
    assert (ran.code, ran.stdout) == (2, "")
    assert message in ran.stderr


def test_files_stores_and_servers_give_the_same_hits(run: Run, tmp_path: Path, oxigraph_server: Server) -> None:
    from evgraph.rdf.files import find
    from evgraph.store.transfer import parts, push

    data = ROOT / "examples" / "faulty.ttl"
    expected = run("search", "holm", "--data", data)
    assert "doc:holm-2021" in expected.stdout
    assert run("load", data, "--store", tmp_path / "store").code == 0
    for _ in range(2):
        assert run("search", "holm", "--store", tmp_path / "store") == expected
    with oxigraph_server.holding() as server:
        before = set(server.graphs())
        list(push(server, parts(find([data]))))
        assert run("search", "holm", "--endpoint", oxigraph_server.query) == expected
        oxigraph_server.drop(*set(server.graphs()) - before)


def test_what_goes_wrong_below(run: Run, tmp_path: Path) -> None:
    assert run("search", "holm", "--data", tmp_path / "none.ttl").code == 3
    assert run("search", "holm", "--store", tmp_path).code == 3
    assert run("search", "holm", "--endpoint", "http://127.0.0.1:9/").code == 4
