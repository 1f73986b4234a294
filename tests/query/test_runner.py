"""Names, values, injection, and what a query must not contain."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.query.engines import in_process

from evgraph.errors import UnreadableError, UsageError
from evgraph.query import runner
from evgraph.query.catalogue import Catalogue
from evgraph.query.reading import ad_hoc, parse
from evgraph.store.embedded import EmbeddedStore
from evgraph.store.protocol import Rows, Triples

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers import Server

    from evgraph.query.question import Question
    from evgraph.store.protocol import Store

SAY = """#+ summary: Say it
#+ parameters:
#+   - name: words
#+     type: text
#+     required: true
#+     description: what to say
#+     example: hello
#+ columns:
#+   - said: what was said
SELECT DISTINCT ?said WHERE { BIND(?_words AS ?said) # not ?_words
  FILTER(STRLEN("?_words") = 7) }
"""
ATTACKS = [
    '" } INSERT DATA { <a:a> <a:a> <a:a> } #',
    "\") AS ?said) } } SELECT * WHERE { ?s ?p ?o } #",
    "'''", '"""', "\\", '\\"', "\\u0022", "\\u005C\"", "\n\r\t", "\x00", "?_words", "$_words", "<a:b>",
    "}", "# comment", "‮", "a\u2028b", "\U0001f600", "%s{}$1\\1",
]  # fmt: skip


def say() -> Question:
    return parse(SAY, Path("say.rq"))


@pytest.mark.parametrize("text", ATTACKS)
def test_a_typed_text_comes_back_unchanged(text: str) -> None:
    answer = runner.run(EmbeddedStore(), say(), {"words": text})
    assert isinstance(answer, Rows)
    assert [[getattr(term, "value", None) for term in row] for row in answer.rows] == [[text.strip()]]


@pytest.mark.slow
@given(st.text(st.characters(codec="utf-8")))
def test_any_text_is_one_term(text: str) -> None:
    answer = runner.run(EmbeddedStore(), say(), {"words": f"x{text}x"})
    assert isinstance(answer, Rows)
    assert [[getattr(term, "value", None) for term in row] for row in answer.rows] == [[f"x{text}x"]]


@pytest.mark.parametrize(
    "text", [*ATTACKS, "doc:x> ?p ?o } #", "timko-2007> <a:a", "https://x.org/>.<a:a", "doc:a\\u003Eb"]
)
@pytest.mark.parametrize("question", ["see-also", "headline-variants"])
def test_no_attack_passes_for_an_iri(question: str, text: str) -> None:
    with pytest.raises(UsageError, match=r"no document in this graph has this name|expected a document"):
        runner.run(EmbeddedStore(), Catalogue()[question], {"document": text})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"cel": "drug:E4"}, "no parameter 'cel'; did you mean 'cell'?\n  its parameters: cell"),
        ({"cell": "drug:E4", "_cell_iri": "x"}, "no parameter '_cell_iri'"),
        (
            {},
            "needs the parameter 'cell': the cell whose entries to list",
        ),
        ({"cell": "E9"}, "expected a cell"),
    ],
)
def test_names_and_values_are_checked_before_the_query_runs(values: dict[str, str], message: str) -> None:
    class Untouched(EmbeddedStore):
        def query(self, sparql: str) -> Rows:
            raise AssertionError(sparql)

    with pytest.raises(UsageError) as refused:
        runner.run(Untouched(), Catalogue()["cell-contents"], values)
    assert message in str(refused.value)


def test_an_unknown_question_suggests_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'shared-documents'"):
        Catalogue()["shared-document"]


def test_a_limit_is_never_hidden(store_of: Callable[..., EmbeddedStore]) -> None:
    for limit, count, truncated in [(0, 0, True), (4, 4, True), (5, 5, False), (9, 5, False), (None, 5, False)]:
        answer = runner.run(store_of("cell-contents"), Catalogue()["cell-contents"], {"cell": "drug:E4"}, limit)
        assert isinstance(answer, runner.LimitedRows)
        assert len(list(answer.rows)) == count
        assert (answer.rows.count, answer.rows.truncated) == (count, truncated)


def test_a_default_is_used(tmp_path: Path) -> None:
    text = SAY.replace("BIND(?_words", "BIND(?__words").replace(
        "required: true", "required: false\n#+     default: good day"
    )
    answer = runner.run(EmbeddedStore(), parse(text, tmp_path / "say.rq"))
    assert isinstance(answer, Rows)
    assert [str(term) for row in answer.rows for term in row] == ['"good day"']


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("INSERT DATA { <a:a> <a:a> <a:a> }", 1, "INSERT is a keyword of updates"),
        ("PREFIX a: <a:a>\ndelete where { ?s ?p ?o }", 2, "DELETE is a keyword of updates"),
        ("SELECT ?s WHERE { ?s ?p ?o } ;\n\nLoaD <http://127.0.0.1/x>", 3, "LOAD is a keyword of updates"),
        ("SELECT ?s WHERE {\n SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", 2, "SERVICE asks another server"),
        ("SELECT ?s WHERE { service SILENT ?x { ?s ?p ?o } }", 1, "SERVICE asks another server"),
        ("SELECT ?s\nFROM <file:///etc/passwd> WHERE { ?s ?p ?o }", 2, "FROM names its own graphs"),
        ("SELECT ?s FROM NAMED <a:a> WHERE { ?s ?p ?o }", 1, "FROM names its own graphs"),
        ("SELECT ?s WHERE { \\u0053ERVICE <a:a> { } }", 1, "the escape \\u0053"),
        ('SELECT ?s WHERE { ?s ?p "\n\\U00000022" }', 2, "the escape \\U00000022"),
        ("hello", 1, "this is no SPARQL query"),
        ("", 1, "this is no SPARQL query"),
        ("SELECT ?s WHERE " + "{" * 200 + "}" * 200, 1, "nested more than 100 deep"),
        ("SELECT ?s WHERE { FILTER(" + "!" * 50000 + "true) }", 1, "more than 5000"),
        ("SELECT ?s WHERE { ?s ?p }", 1, "not legal SPARQL"),
    ],
)
def test_a_query_is_refused(text: str, line: int, message: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        runner.run(EmbeddedStore(), ad_hoc(text.encode(), "mine.rq"))
    assert str(refused.value).startswith(f"mine.rq:{line}: ")
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        'SELECT ?s WHERE { ?s rdfs:label "SERVICE FROM LOAD" } # INSERT',
        "SELECT ?s WHERE { ?s <http://a/SERVICE> 'DROP', '''FROM ' \n LOAD''', \"\"\"CLEAR \" \"\" x\"\"\" }",
        "PREFIX from: <a:a> SELECT ?from WHERE { ?from from:service ?load }",
        "SELECT ?s WHERE { ?s schema:LOAD _:insert }",
        "SELECT ?s WHERE { ?s ?p 'x'@load ; evg:seeAlso? $from }",
        r"SELECT ?s WHERE { ?s ?p 'caf\u00e9 C:\\users' }",
    ],
)
def test_a_query_that_only_looks_forbidden_runs(text: str) -> None:
    answer = runner.run(EmbeddedStore(), ad_hoc(text.encode(), "-"))
    assert isinstance(answer, Rows)
    assert list(answer.rows) == []


def test_every_form_has_an_answer(store_of: Callable[..., EmbeddedStore]) -> None:
    store = store_of("see-also")
    assert runner.run(store, ad_hoc(b"ASK { ?s a evg:Document }", "-")) is True
    answer = runner.run(store, ad_hoc(b"CONSTRUCT { ?s a evg:Document } WHERE { ?s a evg:Document }", "-"), limit=3)
    assert isinstance(answer, Triples)
    assert len(list(answer.triples)) == 3
    assert answer.triples.truncated
    assert isinstance(runner.run(store, ad_hoc(b"\xef\xbb\xbfDESCRIBE doc:centre", "-")), Triples)


@pytest.mark.parametrize("engine", ["embedded", "oxigraph_server", "virtuoso"])
def test_all_columns_come_as_the_query_names_them(
    engine: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = (
        "http://example.org/order",
        '<http://example.org/z> a <http://example.org/Z> ; <http://example.org/label> "a" .',
    )
    stars = {
        "SELECT * { ?s ?p ?o FILTER(?o = 'a') }": ["s", "p", "o"],
        "SELECT DISTINCT * WHERE { ?z <http://example.org/label> ?o . BIND(1 AS ?m) OPTIONAL { ?o ?no ?a } }": [
            "z", "o", "m", "no", "a",
        ],
        "SELECT ?s ?a { { SELECT * { ?s <http://example.org/label> ?a } } }": ["s", "a"],
    }  # fmt: skip
    with ExitStack() as stack:
        if engine == "embedded":
            store: Store = in_process(engine, (graph,))
        else:
            server: Server = request.getfixturevalue(engine)
            for name, value in server.environment.items():
                monkeypatch.setenv(name, value)
            store = stack.enter_context(server.holding(graph))
        for query, columns in stars.items():
            answer = runner.run(store, ad_hoc(query.encode(), "-"))
            assert isinstance(answer, runner.LimitedRows)
            assert answer.columns == columns
            (row,) = answer.rows
            values = {name: getattr(term, "value", None) for name, term in zip(columns, row, strict=True)}
            assert values.get("s", values.get("z")) == "http://example.org/z"
            assert values.get("o", values.get("a")) == "a"


def test_notes_name_what_is_not_in_the_graph(store_of: Callable[..., EmbeddedStore]) -> None:
    store = store_of("see-also")
    question = Catalogue()["see-also"]
    assert runner.ask(store, question, {"document": "centre"}).notes == []
    assert runner.ask(store, question, {"document": "center"}).notes == [
        "doc:center is not in this graph; it has doc:centre, doc:counter (Counterpart (2012))"
    ]
    question, store = Catalogue()["cell-contents"], store_of("off-graph-cells")
    assert runner.ask(store, question, {"cell": "drug:E4"}).notes == []
    assert runner.ask(store, question, {"cell": "drug:D4"}).notes == [
        "no page of cell:drug-D4 is in this graph; it has cell:drug-E4"
    ]
