"""Terms in the place of variables, declared prefixes, and a row per solution."""

from __future__ import annotations

import pytest

from evgraph.namespaces import EVG
from evgraph.sparql.rewriting import Terms, bind, row_per_solution, with_prefixes


def test_several_values_are_bound_in_every_clause_that_uses_them() -> None:
    query = "SELECT ?a (EXISTS { ?a ?b ?_x_iri } AS ?e) WHERE { { SELECT ?b WHERE { ?b ?c ?_x_iri } } ?b ?d ?_x_iri }"
    assert bind(query, {"_x_iri": ("<a:1>", "<a:2>")}) == (
        "SELECT ?a (EXISTS { ?a ?b ?_x_iri } AS ?e) WHERE { VALUES ?_x_iri { <a:1> <a:2> }"
        " { SELECT ?b WHERE { VALUES ?_x_iri { <a:1> <a:2> } ?b ?c ?_x_iri } } ?b ?d ?_x_iri }"
    )


def test_several_values_need_a_where_clause() -> None:
    with pytest.raises(ValueError, match="_x_iri"):
        bind("CONSTRUCT { ?a ?b ?_x_iri } WHERE { ?a ?b ?c }", {"_x_iri": ("<a:1>", "<a:2>")})


def test_a_query_is_bound_anew_each_time() -> None:
    query = "SELECT ?a WHERE { ?a ?_x_iri ?_y_string } # ?_x_iri"
    terms: Terms = {"_x_iri": ("<a:1>",), "_y_string": ('"?_x_iri"',)}
    assert bind(query, terms) == 'SELECT ?a WHERE { ?a <a:1> "?_x_iri" } # ?_x_iri'
    assert bind(query, terms | {"_y_string": ('"b"', '"c"')}) == (
        'SELECT ?a WHERE { VALUES ?_y_string { "b" "c" } ?a <a:1> ?_y_string } # ?_x_iri'
    )
    assert bind(query, {"_x_iri": ("<a:2>",), "_y_string": ()}) == ("SELECT ?a WHERE { ?a <a:2> ?_y_string } # ?_x_iri")


def test_a_query_may_contain_any_character() -> None:
    query = 'SELECT ?a WHERE { ?a ?b "\0_x_iri\0" ; ?_x_iri ?c }'
    assert bind(query, {"_x_iri": ("<a:1>",)}) == 'SELECT ?a WHERE { ?a ?b "\0_x_iri\0" ; <a:1> ?c }'


@pytest.mark.parametrize(
    ("query", "before", "after"),
    [
        ("ASK {\n ?s a evg:Entry }", "", "ASK {"),
        ("# BASE <a:b>\nASK { ?s a evg:Entry }", "", "# BASE"),
        ("# x\nbase <a:b>\nASK { ?s a evg:Entry }", "# x\nbase <a:b>", "\nASK"),
        ("BASE evg:x", "", "BASE"),
    ],
)
def test_prefixes_are_declared_in_the_first_line_behind_base(query: str, before: str, after: str) -> None:
    declared = with_prefixes(query)
    assert declared.startswith(f"{before} PREFIX evg: <{EVG}> {after}")
    assert declared.count("\n") == query.count("\n")


def test_a_query_without_prefixes_is_unchanged() -> None:
    assert with_prefixes("ASK { ?s ?p ?o }") == "ASK { ?s ?p ?o }"


@pytest.mark.parametrize(
    ("construct", "select"),
    [
        ("CONSTRUCT WHERE { ?s ?p ?o }", "SELECT (1 AS ?solution) WHERE { ?s ?p ?o }"),
        (
            "PREFIX a: <a:> construct { ?s a:b '}' } # }\nWHERE { ?s ?p ?o } LIMIT 3",
            "PREFIX a: <a:> SELECT (1 AS ?solution)  # }\nWHERE { ?s ?p ?o } LIMIT 3",
        ),
        ("CONSTRUCT { } { ?s ?p ?o }", "SELECT (1 AS ?solution)  { ?s ?p ?o }"),
    ],
)
def test_a_construct_becomes_a_select_of_its_solutions(construct: str, select: str) -> None:
    assert row_per_solution(construct) == select
