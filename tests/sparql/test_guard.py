"""Forbidden keywords that an engine reads and a reader of tokens may miss."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evgraph.errors import UnreadableError
from evgraph.query import runner
from evgraph.query.reading import ad_hoc
from evgraph.sparql.guard import check_query, plain_form
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
    "PREFIX a: <http://127.0.0.1:9/> SELECT ?q { ?q ?p 'SERVICE a:b { ?q ?r ?t } }",
    'PREFIX a: <http://127.0.0.1:9/> SELECT ?q { ?q ?p """\\" }\n SERVICE a:b { ?q ?r ?t } }',
]


@pytest.mark.parametrize("text", ELSEWHERE)
def test_no_query_asks_another_server(text: str) -> None:
    with pytest.raises(UnreadableError, match=r"SERVICE|FROM|could be a comparison"):
        check_query(text, "mine.rq")


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
def test_text_that_only_looks_forbidden_passes(text: str) -> None:
    check_query(text)
    runner.run(EmbeddedStore(), ad_hoc(text.encode(), "mine.rq"))


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
def test_a_query_that_passes_asks_no_other_server(inside: str) -> None:
    """Oxigraph refuses port 9 of its own accord, so that a query that gets there is seen and harmless."""
    text = f"PREFIX a: <http://127.0.0.1:9/> SELECT (1 AS ?one) {{ VALUES ?x {{ <http://127.0.0.1:9/> }} {inside} }}"
    try:
        answer = runner.run(EmbeddedStore(), ad_hoc(text.encode(), "-"))
    except UnreadableError:
        return
    assert isinstance(answer, runner.LimitedRows)
    list(answer.rows)


@pytest.mark.parametrize(
    "text", [*ELSEWHERE, "INSERT DATA { <a:b> <a:b> 1 }", "SELECT ?s { ?s <b:c'> ?o }", "{" * 101, ""]
)
def test_what_may_be_forbidden_is_read_closely(text: str) -> None:
    assert plain_form(text) is None


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("# a\nPREFIX evg: <https://w3id.org/evgraph/ns#>\nselect * { ?s a evg:Trial }", "SELECT"),
        ("ASK{}", "ASK"),
        ("CONSTRUCT WHERE { ?s ?p 'two\nlines'@en }", "CONSTRUCT"),
        ("describe <https://w3id.org/evgraph/id/doc/timko-2007>", "DESCRIBE"),
        ("SELECTED", None),
        ("PREFIX : <x:y> SELECT * {}", None),
    ],
)
def test_the_form_of_a_plain_query(text: str, form: str | None) -> None:
    assert plain_form(text) == form
