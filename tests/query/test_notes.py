"""Notes on a query without rows: the names in it that are not in the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import evgraph

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run
    from tests.servers import Server

NEAR = "evg:Guidence is not in this graph; did you mean 'evg:Guidance'?"


@pytest.mark.default_cases(3)
@pytest.mark.parametrize(
    ("query", "notes"),
    [
        ("SELECT ?d WHERE { ?d a evg:Guidence }", [NEAR]),
        ("SELECT ?d WHERE { ?d a evg:Guidence . ?d a evg:Guidence } LIMIT 3", [NEAR]),
        ("SELECT ?d WHERE { ?d a evg:Guidance , evg:Entry }", []),
        (
            "SELECT ?t WHERE { doc:timko-2006 dcterms:titel ?t }",
            [
                "doc:timko-2006 is not in this graph; did you mean 'doc:timko-2007'?",
                "dcterms:titel is not in this graph",
            ],
        ),
        ("SELECT ?d WHERE { ?d a <http://example.org/a> }", ["http://example.org/a is not in this graph"]),
        (
            "BASE <http://example.org/> PREFIX evg: <http://example.org/b#> SELECT ?d WHERE { ?d a evg:Entry, <c> }",
            ["http://example.org/b#Entry is not in this graph"],
        ),
        ("SELECT ?d WHERE { ?d evg:inCell 'evg:none' FILTER(xsd:integer(?d) = 1) } # evg:Nobody", []),
        (
            "CONSTRUCT { ?d a evg:New } WHERE { ?d a evg:Trail }",
            ["evg:Trail is not in this graph; did you mean 'evg:Trial'?"],
        ),
    ],
)
def test_notes_name_unknown_names(run: Run, query: str, notes: list[str]) -> None:
    ran = run("query", "-", "--format", "turtle" if query.startswith("CONSTRUCT") else "csv", stdin=query)
    assert ran.code == 0
    assert ran.stderr.splitlines()[1:] == [f"note: {note}" for note in notes]
    answer = evgraph.open().sparql(query)
    assert not isinstance(answer, evgraph.Result) or list(answer.notes) == notes


def test_a_graph_of_something_else_is_noted(run: Run, tmp_path: Path, oxigraph_server: Server) -> None:
    """A query to the wrong server, or to an empty one, gets a note."""
    (tmp_path / "other.ttl").write_text("<http://example.org/a> a <http://example.org/B> .")
    expected = "no rows\nnote: there are neither entries nor documents in this graph\n"
    assert run("query", "timeline", "--format", "csv", "--data", tmp_path).stderr == expected
    assert evgraph.open(tmp_path).query("timeline").notes == ("there are neither entries nor documents in this graph",)
    with oxigraph_server.holding(("http://example.org/g", (tmp_path / "other.ttl").read_text())):
        asked = run("query", "timeline", "--format", "csv", "--endpoint", oxigraph_server.query)
    assert (asked.code, asked.stderr) == (0, expected)
    assert run("query", "uncited-studies", "-p", "matrix=alcohol", "--limit", "0", "--data", tmp_path).code == 0
    assert "note" not in run("query", "search", "-p", "text=zzz").stderr


def test_known_names_and_an_answer_with_rows_have_no_notes(run: Run) -> None:
    query = "SELECT DISTINCT ?d WHERE { { ?d a evg:Trial } UNION { ?d a evg:Trail } }"
    assert run("query", "-", "--format", "csv", stdin=query).stderr == ""
    assert "Trail" not in run("query", "-", "--limit", "0", stdin=query).stderr


def test_within_limits_it_is_noted_too(run: Run) -> None:
    ran = run("query", "-", "--timeout", "60", stdin="SELECT ?d WHERE { ?d a evg:Guidence }")
    assert ran.stderr == f"no rows\nnote: {NEAR}\n"


@pytest.mark.parametrize(
    ("words", "note"),
    [
        (
            ("guidance-citing-trials", "-p", "trial=lash-2011"),
            "doc:lash-2011 is of another kind than this question asks for: review, not trial",
        ),
        (
            ("evidence-after-guidance", "-p", "guidance=timko-2007"),
            "doc:timko-2007 is of another kind than this question asks for: study and trial, not guidance",
        ),
    ],
)
def test_a_value_of_another_kind_is_noted(run: Run, words: tuple[str, ...], note: str) -> None:
    ran = run("query", *words, "--format", "csv")
    assert (ran.code, ran.stdout.count("\n")) == (0, 1)
    assert ran.stderr == f"note: {note}\nno rows\n"
