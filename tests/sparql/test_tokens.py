"""What is read from the tokens of a query."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evgraph.sparql import tokens as sparql
from evgraph.sparql.tokens import tokens


@given(st.text())
def test_the_texts_of_the_tokens_are_the_query(text: str) -> None:
    assert "".join(token.text for token in tokens(text)) == text


@pytest.mark.parametrize(
    ("query", "limit"),
    [
        ("SELECT ?s { ?s ?p ?o } LIMIT 12", 12),
        ("SELECT ?s { ?s ?p ?o } limit 12 OFFSET 3 # LIMIT 5", 12),
        ("SELECT ?s { ?s ?p ?o } OFFSET 3 LIMIT 12", 12),
        ("SELECT ?s { ?s ?p ?o } LIMIT 12 VALUES ?s { 1 }", 12),
        ("SELECT ?s { { SELECT ?s { ?s ?p ?o } LIMIT 12 } }", None),
        ("SELECT ?s { ?s ?p 'LIMIT 12' }", None),
    ],
)
def test_the_limit_is_that_of_the_whole_query(query: str, limit: int | None) -> None:
    assert sparql.limit(tokens(query)) == limit


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("# SELECT\nPREFIX select: <a:> ASK { }", "ASK"),
        ("BASE <a:> construct { } { }", "CONSTRUCT"),
        ("INSERT DATA { }", None),
        ("", None),
    ],
)
def test_the_form_is_the_first_keyword_behind_the_declarations(query: str, form: str | None) -> None:
    assert sparql.form(tokens(query)) == form


def test_prefixes_are_read_with_their_iris() -> None:
    query = "PREFIX a: <a:b#> # PREFIX c: <c:>\nprefix : <d:> SELECT ?prefix { ?prefix a:PREFIX 'PREFIX e: <e:>' }"
    assert sparql.prefixes(tokens(query)) == {"a": "<a:b#>", "": "<d:>"}
    assert sparql.prefixes(tokens("PREFIX a:")) == {"a": ""}
