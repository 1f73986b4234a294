"""Syntax errors, located in the text as its author wrote it."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from evgraph.errors import UnreadableError
from evgraph.namespaces import XSD
from evgraph.query import runner
from evgraph.query.reading import ad_hoc, parse
from evgraph.shacl.shapes_graph import MalformedError
from evgraph.shacl.sparql_constraints import for_all_focus_nodes
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
        (
            "SELECT ?x (COUNT(?y) AS ?n) { ?x ?p ?y }",
            1,
            "?x is neither in GROUP BY nor in an aggregate such as COUNT",
            "?x (COUNT",
        ),
        ("SELECT ?x ?y {\n ?x ?p ?y }\nGROUP BY ?x", 1, "?y is neither in GROUP BY nor in an aggregate", "?y"),
        (
            "SELECT ?s {\n ?s ?p ?o FILTER(STRLEN(?o) > 3 }\nORDER BY ?s",
            2,
            "} cannot stand here, because the ( on line 2 is not closed",
            "}",
        ),
        ("SELECT ?s {\n ?s ?p ?o FILTER(?o == 3) }", 2, "= cannot stand here; write a single =", "= 3"),
        ("SELECT ?s {\n ?s ?p ?o FILTER(?o > 1 AND ?o < 3) }", 2, "AND cannot stand here; write &&", "AND"),
        ("SELECT ?s {\n ?s ?p ?o FILTER ?o > 1 }", 2, "what follows FILTER is in brackets: ( … )", "?o > 1"),
        ("SELECT ?s {\n ?s ?p ?o BIND(STR(?o) ?t) }", 2, "?t cannot stand here", "?t"),
        ("SELECT ?s {\n ?s ?p ?o BIND(STR(?o) AS ?s)\n}", 2, "?s has a value already; BIND needs a new name", "?s)"),
        ("SELECT ?s {\n ?s ?p ?o }\nGROUP ?s\nLIMIT 3", 3, "?s cannot stand here", "?s"),
        ("SELECT ?s {\n ?s ?p ?o }\nGROUP BY (STR(?s) AS ?t", 3, "complete; the ( on line 3 is not closed", ""),
        ("SELECT ?s {\n ?s ?p <http://a b> }", 2, "the IRI <http://a b> contains a space; write %20 for it", "<http"),
        ("SELECT ?s {\n ?s ?p 'a'@en_GB }", 2, "@en_GB is not a language tag; write @en-GB", "@en_GB"),
        ("SELECT ?s { ?s ?p ?o } LIMIT ten", 1, "ten cannot stand here; LIMIT takes a number", "ten"),
        ("SELECT ?s {\n ?s ?p ?o # }\n\n", 2, "it ends before it is complete", ""),
        (
            "SELECT ?s {\n ?s ?p ?o FILTER(xsd:interger (?o) > 1) }",
            2,
            "there is no function xsd:interger; did you mean 'xsd:integer'?",
            "xsd:interger",
        ),
        (
            "PREFIX x: <http://x/>\nSELECT ?s { ?s x:f (1) FILTER EXISTS { ?s ?p ?o FILTER(<http://x/g>(?o)) } }",
            2,
            "there is no function http://x/g (column 56)",
            "<http://x/g>",
        ),
    ],
)
def test_a_caret_is_below_the_error(text: str, number: int, message: str, at: str) -> None:
    lines = error_of(text)
    assert lines[0].startswith(f"mine.rq:{number}: ")
    assert message in lines[0]
    if message == "this is no SPARQL query":
        return
    _, line, caret = lines
    assert line == f"  {text.splitlines()[number - 1]}".replace("\t", " ")  # As every message has it.
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


@pytest.mark.parametrize("words", ["a", "a much longer text that comes before the fault", "two\nlines"])
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


def test_the_caret_is_right_behind_hidden_characters() -> None:
    _, line, caret = error_of("SELECT ?s { ?s ?p 'a\u202eb\x1b[2J' ?o }")
    assert line == "  SELECT ?s { ?s ?p 'a⟨U+202E⟩b⟨U+001B⟩[2J' ?o }"
    assert line[len(caret) - 1 :] == "?o }"


@pytest.mark.parametrize("spaces", [300, 900_000])
def test_of_a_long_line_the_part_with_the_error_is_shown(spaces: int) -> None:
    first, line, caret = error_of(f"SELECT ?s {{ {' ' * spaces} ?s ?p 'b }}")
    assert first.endswith(f"the string that starts with ' does not end (column {spaces + 20})")
    assert (len(line), line[caret.index("^") :]) == (106, "'b }")


def test_a_shape_with_an_unknown_function_is_refused() -> None:
    text = "SELECT $this WHERE { $this ?p ?o FILTER(xsd:interger(?o)) }"
    with pytest.raises(MalformedError, match="XMLSchema#interger> is not supported"):
        for_all_focus_nodes(f"PREFIX xsd: <{XSD}> {text}", "$this a <http://e/T>", None)
