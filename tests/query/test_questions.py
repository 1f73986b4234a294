"""Every canned question on small data: exact rows, no rows, twice loaded, and on a second engine."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyoxigraph import Literal
from tests.query import evidence_cases
from tests.query.engines import readable

from evgraph.namespaces import ID, PREFIXES
from evgraph.query import runner
from evgraph.query.catalogue import Catalogue
from evgraph.sparql import tokens as sparql
from evgraph.store.embedded import EmbeddedStore
from evgraph.store.protocol import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from evgraph.store.protocol import Term

DATA = Path(__file__).parent / "data"
XSD_INTEGER = "http://www.w3.org/2001/XMLSchema#integer"

_SHARED = [
    ("doc:again", None, "cell:alcohol-E4", "Once", "cell:drug-E4", "Once"),
    ("doc:again", None, "cell:alcohol-E4", "Once", "cell:drug-E4", "Twice"),
    ("doc:shared", "Shared (2001)", "cell:alcohol-E4", "Alcohol words", "cell:drug-D4", "Other drug words"),
    ("doc:shared", "Shared (2001)", "cell:alcohol-E4", "Alcohol words", "cell:drug-E4", "Drug words"),
]
_VARIANTS = [
    ("doc:many", "Many (1999)", "First words", "cell:drug-D4", "entry:drug-D4/many"),
    ("doc:many", "Many (1999)", "First words", "cell:drug-E4", "entry:drug-E4/many"),
    ("doc:many", "Many (1999)", "Second words", "cell:alcohol-E4", "entry:alcohol-E4/many"),
    ("doc:other", None, "One", "cell:drug-D4", "entry:drug-D4/other"),
    ("doc:other", None, "one", "cell:drug-E4", "entry:drug-E4/other"),
]
_FIRST_SECOND = (
    "doc:first", "US", "2007", "doc:second", "GB-SCT", "2012", "passage:a1/10-20 passage:d1/30-50 passage:d1/100-120",
)  # fmt: skip
_OLDER_NEWER = ("doc:older", "US", "1990", "doc:newer", "GB, US", "2015", "")
_VAGUE_OLDER = ("doc:vague", "", None, "doc:older", "US", "1990", "")
_NEAR_A_BACKER = [
    ("doc:guide", None, None, "direct", "supports a recommendation of"),
    *((f"doc:{name}", None, None, "further", "") for name in ("centre", "chain", "chain-end", "far", "inline-only")),
    *((f"doc:{name}", None, None, "further", "") for name in ("neighbour", "speaker")),
    ("doc:review", "A review", None, "further", ""),
    ("doc:counter", "Counterpart (2012)", "2012", "further", ""),
]
_TIMELINE = [
    ("1999", "doc:plain", "Plain (1999)", "", "drug-E4"),
    ("2007", "doc:both", "Both (2007)", "S K G", "alcohol-E4, drug-E4"),
]

CASES: list[tuple[str, dict[str, str], list[tuple[Any, ...]]]] = [
    (
        "cell-contents",
        {"cell": "drug:E4"},
        [
            (1, "S G", "entry:drug-E4/early", "The early one", "doc:early", "1998; free", "A body"),
            (2, "K", "entry:drug-E4/twins", "Twins", "doc:twin-2003", "2003", None),
            (2, "K", "entry:drug-E4/twins", "Twins", "doc:twin-2004", "2004", None),
            (10, "", "entry:drug-E4/bare", "Bare", None, None, None),
        ],
    ),
    (
        "cell-contents",
        {"cell": "drug:C3"},
        [
            (None, "", "entry:drug-C3/somewhere", "Somewhere", None, None, None),
            (1, "", "entry:drug-C3/placed", None, "doc:early", "1998", None),
        ],
    ),
    ("cell-contents", {"cell": "drug:A1"}, []),
    (
        "cell-coverage",
        {},
        [
            ("cell:alcohol-E4", None, None, 0, 0, 0, 0, 0, 0),
            ("cell:drug-D4", None, None, 1, 0, 0, 0, 0, 0),
            ("cell:drug-E4", "Systems", "Talking", 2, 1, 2, 1, 1, 5),
        ],
    ),
    ("cell-coverage", {"matrix": "alcohol"}, [("cell:alcohol-E4", None, None, 0, 0, 0, 0, 0, 0)]),
    ("shared-documents", {}, _SHARED),
    ("shared-documents", {"cell": "E4"}, _SHARED),
    ("shared-documents", {"cell": "alcohol:E4", "other": "E4"}, [row for row in _SHARED if row[4] == "cell:drug-E4"]),
    ("shared-documents", {"cell": "drug:D4"}, _SHARED[2:3]),
    ("shared-documents", {"other": "drug:D4"}, _SHARED[2:3]),
    ("shared-documents", {"cell": "drug:E4", "other": "drug:D4"}, []),
    ("headline-variants", {}, _VARIANTS),
    ("headline-variants", {"document": "other"}, _VARIANTS[3:]),
    ("headline-variants", {"document": "doc:same"}, []),
    (
        "same-headline-different-document",
        {},
        [
            ("Again", "doc:undated-a", None, "doc:undated-b", None),
            ("Ways and Means", "doc:old", "2006", "doc:new", "2019"),
        ],
    ),
    ("timeline", {}, _TIMELINE),
    ("timeline", {"matrix": "alcohol"}, [("2007", "doc:both", "Both (2007)", "K", "alcohol-E4")]),
    ("timeline", {"marker": "guidance"}, [("2007", "doc:both", "Both (2007)", "S G", "drug-E4")]),
    ("timeline", {"matrix": "alcohol", "marker": "G"}, []),
    ("corresponding-studies", {}, [_FIRST_SECOND, _OLDER_NEWER, _VAGUE_OLDER]),
    ("corresponding-studies", {"country": "UK"}, [_FIRST_SECOND, _OLDER_NEWER]),
    ("corresponding-studies", {"country": "GB-SCT"}, [_FIRST_SECOND]),
    (
        "see-also",
        {"document": "centre"},
        [
            ("doc:guide", None, None, "direct", "has a recommendation rest on it from"),
            ("doc:inline-only", None, None, "direct", "mentions"),
            ("doc:neighbour", None, None, "direct", "mentioned by"),
            ("doc:review", "A review", None, "direct", "sees also"),
            ("doc:counter", "Counterpart (2012)", "2012", "direct", "corresponds to; related to"),
            ("doc:backer", None, None, "further", ""),
            ("doc:chain", None, None, "further", ""),
            ("doc:chain-end", None, None, "further", ""),
            ("doc:far", None, None, "further", ""),
            ("doc:speaker", None, None, "further", ""),
        ],
    ),
    ("see-also", {"document": "backer"}, _NEAR_A_BACKER),
    ("see-also", {"document": "stranger"}, []),
    (
        "off-graph-cells",
        {},
        [
            ("cell:alcohol-E4", "Alcohol cell E4", 2, "drug-E4"),
            ("cell:drug-D4", "Drug cell D4", 2, "drug-D5, drug-E4"),
            ("cell:alcohol-A1", None, 1, "drug-E4"),
        ],
    ),
    *evidence_cases.CASES,
]
CASE_NAMES = [f"{name} {' '.join(f'{key}={value}' for key, value in values.items())}" for name, values, _ in CASES]
QUESTIONS = [one for one in Catalogue() if not one.answered_by_evgraph]
SELECTS = [question for question in QUESTIONS if question.form == "SELECT"]


def told(rows: Iterable[tuple[Term | None, ...]]) -> list[tuple[Any, ...]]:
    """Make rows easy to write down: IRIs as CURIEs, integers as int, None for unbound."""

    def tell(term: Term | None) -> str | int | None:
        if isinstance(term, Literal) and term.datatype.value == XSD_INTEGER:
            return int(term.value)
        return None if term is None else readable(term).replace(f"{ID}passage/", "passage:")

    return [tuple(tell(term) for term in row) for row in rows]


def rows_of(store: EmbeddedStore, name: str, values: dict[str, str]) -> list[tuple[Any, ...]]:
    answer = runner.run(store, Catalogue()[name], values)
    assert isinstance(answer, Rows)
    return told(answer.rows)


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
def test_same_rows_on_rdflib(
    store_of: Callable[..., EmbeddedStore], name: str, values: dict[str, str], expected: list[tuple[Any, ...]]
) -> None:
    import rdflib
    from pyoxigraph import BlankNode, NamedNode
    from rdflib.query import ResultRow

    dataset = rdflib.Dataset(default_union=True)
    for graph in ("a", "b"):
        dataset.graph(rdflib.URIRef(f"{ID}graph/{graph}")).parse(DATA / f"{name}.ttl", format="turtle")
    question = Catalogue()[name]
    text = runner.sparql_of(question, runner.bind(store_of(name), question, values))

    def ours(term: object) -> Term | None:
        if isinstance(term, rdflib.Literal):
            if term.language:
                return Literal(str(term), language=term.language)
            return Literal(str(term), datatype=NamedNode(str(term.datatype or rdflib.XSD.string)))
        if term is None:
            return None
        return NamedNode(str(term)) if isinstance(term, rdflib.URIRef) else BlankNode(str(term))

    found = [tuple(map(ours, row)) for row in dataset.query(text) if isinstance(row, ResultRow)]
    assert told(found) == expected


def test_every_question_has_rows_and_a_case_without() -> None:
    for question in SELECTS:
        results = [expected for name, _, expected in CASES if name == question.name]
        assert any(results), question.name
        assert rows_of(EmbeddedStore(), question.name, _required(question.name)) == []


def _required(name: str) -> dict[str, str]:
    return {one.name: one.example for one in Catalogue()[name].parameters.values() if one.required}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_house_rules(question: Any) -> None:
    """DISTINCT everywhere, a last tie that cannot happen, prefixes ours and used: what other engines need."""
    query = [token for token in question.tokens if token.kind not in {"space", "comment"}]
    for token, following in pairwise(query):
        if token.kind == "word" and token.text in {"SELECT"}:
            assert following.text == "DISTINCT", f"line {token.line}: SELECT without DISTINCT"
    bare = "".join(token.text if token.kind != "comment" else " " for token in question.tokens)
    assert not re.findall(r"\b(?:COUNT|GROUP_CONCAT|SUM|AVG)\s*\(\s*(?!DISTINCT)", bare)
    assert not re.findall(r"\b(?:MINUS|DESCRIBE|BNODE|SERVICE|FROM)\b|SELECT\s+DISTINCT\s+\*", bare)
    assert all("SEPARATOR" in one for one in re.findall(r"GROUP_CONCAT\([^)]*\)", bare))
    settled = re.search(r"\nORDER BY [^{}]+$", bare)
    assert settled or question.form == "CONSTRUCT", "the order of the rows is not settled"
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
    for one in question.parameters.values():
        store = EmbeddedStore()
        assert runner.bind(store, question, _required(question.name) | {one.name: one.example})[one.name]
    assert ("passages" in question.columns) == (" AS ?passages)" in question.text)


def test_columns_of_tokens_are_those_of_the_engine() -> None:
    for question in SELECTS:
        answer = runner.run(EmbeddedStore(), question, _required(question.name))
        assert isinstance(answer, Rows)
        assert list(answer.columns) == list(question.columns)
        assert [token.text[1:] for token in sparql.columns(question.tokens) or ()] == list(question.columns)
