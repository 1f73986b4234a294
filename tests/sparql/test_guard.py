"""What hides from a reader of tokens and not from an engine, and where an error is shown."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evgraph.errors import UnreadableError
from evgraph.query import runner
from evgraph.query.question import own, parse
from evgraph.sparql.guard import check
from evgraph.store.embedded import EmbeddedStore

# Each of these Oxigraph would run, or begin to run: it reads keywords without minding where words begin and end, and
# takes "<" for a comparison where it may.
ELSEWHERE = [
    "SELECT ?q { VALUES ?x { <http://127.0.0.1:9/> } ?s <a:p> ?a, ?b FILTER(?a<?b)SERVICE?x#>\n{ ?q ?r ?t } }",
    "PREFIX a: <http://127.0.0.1:9/> SELECT ?q { SERVICEa:b{ ?q ?r ?t } }",
    "PREFIX a: <http://127.0.0.1:9/> SELECT ?q { SERVICESILENTa:b{ ?q ?r ?t } }",
    "PREFIX a: <http://127.0.0.1:9/> SELECT ?q { ?q ?p trueSERVICE a:b { ?q ?r ?t } }",
    "PREFIX a: <http://127.0.0.1:9/> SELECT ?q { ?q ?p 1e1SERVICE a:b { ?q ?r ?t } }",
    "PREFIX a: <http://127.0.0.1:9/> SELECT ?q FROMa:b WHERE { ?q ?r ?t }",
    "PREFIX a: <http://127.0.0.1:9/> SELECT (1<1AS?x)FROMa:b#>\n WHERE { ?q ?r ?t }",
    "PREFIX a: <http://127.0.0.1:9/> SELECT ?q { ?q ?a ?b FILTER(?a<?b&&?b!='>')SERVICE a:b{ ?q ?r ?t } BIND('' AS?c)}",
    "PREFIX a: <http://127.0.0.1:9/> SELECT ?q { ?q ?a ?b FILTER(?a<a:c#>'''\n)SERVICE a:b{ ?q ?r ?t }\n#'''\n}",
    "PREFIX a: <http://127.0.0.1:9/> SELECT ?q { ?q <a:\\u00E9#> ?t . SERVICE a:b { ?q ?r ?t } }",
]


@pytest.mark.parametrize("text", ELSEWHERE)
def test_nothing_leads_elsewhere(text: str) -> None:
    with pytest.raises(UnreadableError, match=r"SERVICE|FROM|could be a comparison"):
        check(text, "mine.rq")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?s { ?s evg:fromSameStudy ?o ; prov:wasDerivedFrom <https://schema.org/Service#from> }",
        "SELECT ?s { ?s <http://x.org/a'b#(c)> 'SERVICE', \"FROM\" } # SERVICE <a:b>",
        "SELECT ?s { ?s ?p ?o FILTER(?o < 3 && ?o > 1) FILTER(?o<3) }",
        "SELECT ?fromService { ?fromService <urn:x> <urn:entry> }",
        "SELECT ?s { ?s <http://x.org/\\u00E9> ?o }",
    ],
)
def test_what_only_looks_like_it_may_pass(text: str) -> None:
    check(text)
    runner.run(EmbeddedStore(), own(text.encode(), "mine.rq"))


PIECES = (
    *("SERVICE", "service", "FROM", "FILTER", "BIND", "AS", "UNION", "<http://127.0.0.1:9/>", "a:b", "?x", "?s", "@en"),
    *(
        "{",
        "}",
        "(",
        ")",
        "<",
        ">",
        "'",
        '"',
        "'''",
        "#",
        "&&",
        "1",
        "true",
        ".",
        ",",
        ";",
        "^^",
        "?s ?p ?o",
        " ",
        "\n",
    ),
)


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_what_passes_asks_no_other_server(inside: str) -> None:
    """Oxigraph refuses port 9 of its own accord, so that a query that gets there is seen and harmless."""
    text = f"PREFIX a: <http://127.0.0.1:9/> SELECT (1 AS ?one) {{ VALUES ?x {{ <http://127.0.0.1:9/> }} {inside} }}"
    try:
        answer = runner.run(EmbeddedStore(), own(text.encode(), "-"))
    except UnreadableError:
        return
    assert isinstance(answer, runner.CountedRows)
    list(answer.rows)


def fault(text: str, values: dict[str, str] | None = None) -> list[str]:
    question = parse(text, Path("mine.rq")) if text.startswith("#+") else own(text.encode(), "mine.rq")
    with pytest.raises(UnreadableError) as refused:
        runner.run(EmbeddedStore(), question, values)
    return str(refused.value).splitlines()


@pytest.mark.parametrize(
    ("text", "place", "message", "at"),
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
        ("SELECT ?s {\n ?s ?p ?o # }\n\n", 2, "it ends before it is whole", ""),
    ],
)
def test_a_caret_stands_below_the_fault(text: str, place: int, message: str, at: str) -> None:
    told = fault(text)
    assert told[0].startswith(f"mine.rq:{place}: ")
    assert message in told[0]
    if message == "this is no SPARQL query":
        return
    _, line, caret = told
    assert line == f"  {text.splitlines()[place - 1]}"
    assert caret.strip() == "^"
    if at:
        wide = line.count("漢")
        assert line[len(caret) - 1 - wide :].startswith(at)
        assert told[0].endswith(f" (column {len(caret) - 2 - wide})")


HEAD = """#+ summary: Say it
#+ parameters:
#+   - name: words
#+     type: text
#+     required: true
#+     description: what to say
#+     example: hello
#+ columns:
#+   - said: what was said
"""


@pytest.mark.parametrize("words", ["a", "a much longer text that stands before the fault", "two\nlines"])
def test_the_column_is_that_of_the_file_whatever_was_bound(words: str) -> None:
    told = fault(f"{HEAD}SELECT DISTINCT ?said {{\n BIND(?_words_string AS ?said) ?x ?y }}", {"words": words})
    assert told == [
        "mine.rq:11: the query is not legal SPARQL: } cannot stand here (column 38)",
        "   BIND(?_words_string AS ?said) ?x ?y }",
        f"{' ' * 39}^",
    ]


def test_a_long_query_is_searched_quickly() -> None:
    start = process_time()
    told = fault(f"SELECT ?s {{ {'?s ?p ?o . ' * 1000} ?s ?p }}")
    assert told[0].startswith("mine.rq:1: the query is not legal SPARQL: } cannot stand here")
    assert process_time() - start < 5
