"""Every canned question on small data: exact rows, no rows, twice loaded, and on a second engine."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyoxigraph import Literal
from tests.query.engines import RdflibStore, readable
from tests.query.question_cases import CASES

from evgraph.namespaces import ID, PREFIXES
from evgraph.query import runner
from evgraph.query.added_columns import with_passages
from evgraph.query.catalogue import Catalogue
from evgraph.query.passages import Passages
from evgraph.rdf.files import always_loaded
from evgraph.sparql import tokens as sparql
from evgraph.store.embedded import EmbeddedStore
from evgraph.store.opening import open_store
from evgraph.store.protocol import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from evgraph.store.protocol import Store, Term

DATA = Path(__file__).parent / "data"
XSD_INTEGER = "http://www.w3.org/2001/XMLSchema#integer"

CASE_NAMES = [f"{name} {' '.join(f'{key}={value}' for key, value in values.items())}" for name, values, _ in CASES]
QUESTIONS = [question for question in Catalogue() if not question.answered_by_evgraph]
SELECTS = [question for question in QUESTIONS if question.form == "SELECT"]


shipped = cache(open_store)


def readable_rows(rows: Iterable[tuple[Term | None, ...]]) -> list[tuple[Any, ...]]:
    """Make rows easy to write down: IRIs as CURIEs, integers as int, None for unbound."""

    def tell(term: Term | None) -> str | int | None:
        if isinstance(term, Literal) and term.datatype.value == XSD_INTEGER:
            return int(term.value)
        return None if term is None else readable(term).replace(f"{ID}passage/", "passage:")

    return [tuple(tell(term) for term in row) for row in rows]


def rows_of(store: Store, name: str, values: dict[str, str]) -> list[tuple[Any, ...]]:
    question = Catalogue()[name]
    answer = runner.run(store, question, values)
    assert isinstance(answer, Rows)
    return readable_rows(with_passages(store, answer, question.evidence, Passages(store)).rows)


@pytest.mark.parametrize("graphs", [1, 2])
@pytest.mark.parametrize(("name", "values", "expected"), CASES, ids=CASE_NAMES)
def test_exact_rows(
    store_of: Callable[..., EmbeddedStore],
    name: str,
    values: dict[str, str],
    expected: list[tuple[Any, ...]],
    graphs: int,
) -> None:
    assert rows_of(store_of(name, graphs=graphs), name, values) == expected


@pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated:DeprecationWarning")
@pytest.mark.parametrize(("name", "values", "expected"), CASES, ids=CASE_NAMES)
@pytest.mark.slow
def test_same_rows_on_rdflib(name: str, values: dict[str, str], expected: list[tuple[Any, ...]]) -> None:
    text = (DATA / f"{name}.ttl").read_text(encoding="utf-8")
    ontology = always_loaded()[0].content().decode()
    store = RdflibStore([(f"{ID}graph/a", text), (f"{ID}graph/b", text), (f"{ID}graph/ontology", ontology)])
    assert rows_of(store, name, values) == expected


def test_every_question_has_rows_and_a_case_without() -> None:
    for question in SELECTS:
        results = [expected for name, _, expected in CASES if name == question.name]
        assert any(results), question.name
        assert rows_of(EmbeddedStore(), question.name, _required(question.name)) == []


def _required(name: str) -> dict[str, str]:
    return {
        parameter.name: parameter.example for parameter in Catalogue()[name].parameters.values() if parameter.required
    }


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_house_rules(question: Any) -> None:
    """DISTINCT everywhere, an order, prefixes ours and used: what a reader and other engines need."""
    query = [token for token in question.tokens if token.kind not in {"space", "comment"}]
    for token, following in pairwise(query):
        if token.kind == "word" and token.text in {"SELECT"}:
            assert following.text == "DISTINCT", f"line {token.line}: SELECT without DISTINCT"
    bare = "".join(token.text if token.kind != "comment" else " " for token in question.tokens)
    assert not re.findall(r"\b(?:COUNT|GROUP_CONCAT|SUM|AVG)\s*\(\s*(?!DISTINCT)", bare)
    assert not re.findall(r"\b(?:MINUS|DESCRIBE|BNODE|SERVICE|FROM)\b|SELECT\s+DISTINCT\s+\*", bare)
    assert question.form == "CONSTRUCT" or question.order, "the rows have no order that is one of their columns"
    declared = dict(re.findall(r"PREFIX ([\w-]+): <([^>]+)>", bare))
    assert declared == {prefix: PREFIXES[prefix] for prefix in declared}
    used = {token.text.partition(":")[0] for token in query if token.kind == "name"}
    assert used == set(declared)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_heads_say_enough(question: Any) -> None:
    assert question.summary
    assert not question.summary.endswith(".")
    assert question.description.endswith(".")
    assert question.group == Path(question.path).parent.name
    for parameter in question.parameters.values():
        assert runner.bind(shipped(), question, _required(question.name) | {parameter.name: parameter.example})[
            parameter.name
        ]
    body = question.text[question.text.index("\nSELECT") :] if question.form == "SELECT" else ""
    assert len(body.split("\n")) < 30


def test_columns_of_tokens_are_those_of_the_engine() -> None:
    for question in SELECTS:
        answer = runner.run(EmbeddedStore(), question, _required(question.name))
        assert isinstance(answer, Rows)
        assert list(answer.columns) == list(question.columns)
        assert [token.text[1:] for token in sparql.columns(question.tokens) or ()] == list(question.columns)
