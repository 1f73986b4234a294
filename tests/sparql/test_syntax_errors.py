"""Syntax errors, located in the text as its author wrote it."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from evgraph.errors import UnreadableError
from evgraph.query import runner
from evgraph.query.reading import ad_hoc, parse
from evgraph.store.embedded import EmbeddedStore


def error_of(text: str, values: dict[str, str] | None = None) -> list[str]:
    question = parse(text, Path("mine.rq")) if text.startswith("#+") else ad_hoc(text.encode(), "mine.rq")
    with pytest.raises(UnreadableError) as refused:
        runner.run(EmbeddedStore(), question, values)
    return str(refused.value).splitlines()


@pytest.mark.parametrize(
    ("text", "number", "message", "at"),
    [
        ("SELECT ?s\nWHERE { ?s ?p }", 2, "} cannot stand here", "}"),
        ("SELECT ?s {\n\t?s ?p }", 2, "} cannot stand here", "}"),
        ("SELECT ?s {\r\n ?s ?p }\r\n", 2, "} cannot stand here", "}"),
        ("SELECT ?s { 'é漢' ?p }", 1, "} cannot stand here", "}"),
        ("SELECT ?s { ?s ?p %% ?o }", 1, "% cannot stand here", "%"),
        ("SELECT ?s { ?s ?p ?o . FILTRE(?s) }", 1, "FILTRE cannot stand here; did you mean 'FILTER'?", "FILTRE"),
        ("SELCT ?s { ?s ?p ?o }", 1, "this is no SPARQL query", ""),
        ("SELECT ?s {\n  ?s nope:x ?o }", 2, "the prefix 'nope:' is not declared, or cannot stand here", "nope:x"),
        ("SELECT ?s { ?s sko:notation ?o }", 1, "or cannot stand here; did you mean 'skos'?", "sko:notation"),
        ("SELECT ?s { ?s <rel> ?o }", 1, "<rel> is no absolute IRI, or cannot stand here", "<rel>"),
        ('SELECT ?s { ?s ?p "abc }', 1, 'the string that starts with " does not end', '"abc'),
        ("SELECT ?s { ?s ?p ?o } LIMIT x", 1, "x cannot stand here", "x"),
        ("SELECT (1 AS ?x) (2 AS ?x) {}", 1, "Duplicated variable name in SELECT", ""),
        ("SELECT ?x (COUNT(?y) AS ?n) { ?x ?p ?y }", 1, "The SELECT contains a variable that is unbound", ""),
        ("SELECT ?s {\n ?s ?p ?o # }\n\n", 2, "it ends before it is complete", ""),
    ],
)
def test_a_caret_is_below_the_error(text: str, number: int, message: str, at: str) -> None:
    lines = error_of(text)
    assert lines[0].startswith(f"mine.rq:{number}: ")
    assert message in lines[0]
    if message == "this is no SPARQL query":
        return
    _, line, caret = lines
    assert line == f"  {text.splitlines()[number - 1]}"
    assert caret.strip() == "^"
    if at:
        wide = line.count("漢")
        assert line[len(caret) - 1 - wide :].startswith(at)
        assert lines[0].endswith(f" (column {len(caret) - 2 - wide})")


HEAD = """#+ summary: Say it
#+ parameters:
#+   - name: words
#+     type: text
#+     required: true
#+     description: what to say
#+     example: hello
#+ columns:
#+   - said: the words
"""


@pytest.mark.parametrize("words", ["a", "a much longer text that stands before the fault", "two\nlines"])
def test_the_column_is_that_of_the_file_whatever_value_is_bound(words: str) -> None:
    lines = error_of(f"{HEAD}SELECT DISTINCT ?said {{\n BIND(?_words AS ?said) ?x ?y }}", {"words": words})
    assert lines == [
        "mine.rq:11: the query is not legal SPARQL: } cannot stand here (column 31)",
        "   BIND(?_words AS ?said) ?x ?y }",
        f"{' ' * 32}^",
    ]


def test_a_long_query_is_searched_quickly() -> None:
    start = process_time()
    lines = error_of(f"SELECT ?s {{ {'?s ?p ?o . ' * 1000} ?s ?p }}")
    assert lines[0].startswith("mine.rq:1: the query is not legal SPARQL: } cannot stand here")
    assert process_time() - start < 5
