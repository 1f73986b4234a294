"""SELECTs over a store: about many terms, and in pages where the store cuts its answers."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from evgraph.errors import LimitReachedError
from evgraph.store.embedded import EmbeddedStore
from evgraph.store.protocol import Rows, WholeAnswers, select, select_for, select_paged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.store.protocol import Answer, Term

ABOUT = "SELECT ?s ?o WHERE { VALUES ?s {} ?s <a:p> ?o }"
ALL = "PREFIX a: <a:> SELECT ?s ?o WHERE { ?s a:p ?o } # all"


class Cutting(EmbeddedStore):
    """A store that answers with so many rows at most, and fails behind them; it records the queries."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.queries: list[str] = []

    def query(self, sparql: str) -> Answer:
        """See `Store.query`."""
        self.queries.append(sparql)
        answer = super().query(sparql)
        return Rows(answer.columns, self._cut(answer.rows)) if isinstance(answer, Rows) else answer

    def _cut(self, rows: Iterator[tuple[Term | None, ...]]) -> Iterator[tuple[Term | None, ...]]:
        yield from islice(rows, self.most)
        if next(rows, None) is not None:
            raise LimitReachedError("cut")


def cutting(subjects: int, objects: int = 1, most: int = 1_000_000) -> Cutting:
    store = Cutting(most)
    store.extend(
        Quad(NamedNode(f"a:{s:04}"), NamedNode("a:p"), Literal(str(o)), NamedNode("a:g"))
        for s in range(subjects)
        for o in range(objects)
    )
    return store


def test_terms_are_asked_about_in_batches_and_each_once() -> None:
    store = cutting(1200)
    terms = [NamedNode(f"a:{number:04}") for number in range(1200)]
    assert [s for s, _ in select_for(store, ABOUT, reversed([*terms, *terms]))] == terms
    assert len(store.queries) == 3
    assert list(select_for(store, ABOUT, ["a:0001", "not an iri", "relative", "", BlankNode("b")])) == [
        (NamedNode("a:0001"), Literal("0"))
    ]
    assert list(select_for(store, ABOUT, [])) == []
    assert len(store.queries) == 4


def test_rows_with_an_unbound_variable_are_left_out() -> None:
    query = "SELECT ?s ?o WHERE { VALUES (?s ?o) { (1 UNDEF) (2 3) } }"
    assert [[term.value for term in row if isinstance(term, Literal)] for row in select(EmbeddedStore(), query)] == [
        ["2", "3"]
    ]


def test_an_ask_is_no_select() -> None:
    with pytest.raises(TypeError):
        list(select(EmbeddedStore(), "ASK { }"))


@pytest.mark.parametrize("page", [1, 2, 3, 7, 100])
def test_pages_have_all_rows_once(page: int) -> None:
    store = cutting(12, objects=2)
    assert sorted(select_paged(store, ALL, page).rows, key=str) == sorted(select(store, ALL), key=str)


def test_an_answer_that_was_cut_is_asked_for_in_pages() -> None:
    store = cutting(50, most=20)
    answer = WholeAnswers(store, page=20).query(ALL)
    assert isinstance(answer, Rows)
    assert len(list(answer.rows)) == 50
    assert WholeAnswers(store).query("ASK { ?s ?p ?o }") is True


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?o ?s WHERE { ?s <a:p> ?o }",  # All rows have one value in the first column.
        "SELECT * WHERE { ?s <a:p> ?o }",
    ],
)
def test_pages_that_cannot_have_all_rows_are_an_error(query: str) -> None:
    with pytest.raises(LimitReachedError, match="cut"):
        WholeAnswers(cutting(50, most=20), page=20).query(query)
