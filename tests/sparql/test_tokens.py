"""What is read from the tokens of a query."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evgraph.errors import UnreadableError
from evgraph.sparql import tokens as sparql
from evgraph.sparql.guard import check_query
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


LONG = 1_000_000
# Texts that make a tokenizer read what follows again from every place, or keep a choice for every character.
SLOW = [
    "a", "é", "a.", "a-", "a:", "x:.a", "x:%41", "x:\\", "'\\", "'a\n", '"""\\', '"""\\"', "'''a", "<", "<a",
    "<\\u00e9", "1<", "@a-", "#\n", "?", ":", "a" * 300 + "-", "a" + "." * 200,
]  # fmt: skip


@pytest.mark.default_cases(4)
@pytest.mark.parametrize("piece", SLOW)
def test_a_long_text_is_read_or_refused_soon(piece: str) -> None:
    start = time.process_time()
    with suppress(UnreadableError):
        check_query(piece * (LONG // len(piece)))
    assert time.process_time() - start < 10  # Each takes less than a second where nothing else is at work.


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("ASK { } #" + "x" * LONG, None, "a query of more than 1,000,000 characters"),
        ("#\n" * 150_000 + "ASK { }", 100_001, "a query of more than 200,000 words and signs"),
    ],
)
def test_a_longer_text_is_refused(text: str, line: int | None, message: str) -> None:
    with pytest.raises(UnreadableError) as raised:
        check_query(text)
    assert (raised.value.line, raised.value.message) == (line, message)


@pytest.mark.parametrize("text", ["'", "'a\\'", '"""', '"""a""', "'''\n\\'''"])
def test_a_string_that_does_not_end_is_one_token(text: str) -> None:
    assert [(token.kind, token.text) for token in tokens(f"?x {text}")][2:] == [("open", text)]
