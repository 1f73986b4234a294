"""grlc serves the shipped files as they are: it reads their heads, and its queries give evgraph's rows.

https://github.com/CLARIAH/grlc. It knows neither names of things nor several values for one parameter, so it gets IRIs
and single words here.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from tests.query.engines import askings, faults, in_graphs, outcome, shipped
from tests.required import require

from evgraph import shipped_files
from evgraph.query import runner
from evgraph.query.catalogue import CHECKS, Catalogue
from evgraph.query.question import TYPES
from evgraph.query.reading import read

require("grlc")

from grlc import gquery, swagger, utils  # noqa: E402
from grlc.fileLoaders import LocalLoader  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import Server

    from evgraph.query.question import Question
    from evgraph.store.endpoint import EndpointStore

EXAMPLES = shipped_files.queries().parent / "examples" / "questions"
QUESTIONS = [
    *Catalogue.with_own([EXAMPLES]),
    *map(read, sorted((shipped_files.queries() / CHECKS).glob("*.rq"))),
]
SERVED = [question for question in QUESTIONS if not question.answered_by_evgraph]
ASKED = [
    *(asked for asked in askings([("search", {"text": "aid"}, ())]) if asked[2].get("text") != "mutual aid"),
    *(
        (f"{question.name} year=2010", question, {"year": "2010"})
        for question in QUESTIONS
        if question.name == "guidance-since"
    ),
]
KINDS = {"_iri": {"format": "iri"}, "_integer": {"datatype": "xsd:integer"}, "": {}}


@pytest.fixture(scope="module")
def store(oxigraph_union_server: Server) -> Iterator[EndpointStore]:
    # The shipped graph, and something for the checks to find.
    with oxigraph_union_server.holding(*in_graphs([*shipped(), *faults()], 1)) as store:
        yield store


@pytest.fixture(scope="module")
def loader(oxigraph_union_server: Server, tmp_path_factory: pytest.TempPathFactory) -> LocalLoader:
    """All files in one folder, because grlc reads no folders below it, and the address of the server beside them."""
    folder: Path = tmp_path_factory.mktemp("grlc")
    for question in QUESTIONS:
        shutil.copy(question.path, folder)
    (folder / "endpoint.txt").write_text(oxigraph_union_server.query)
    return LocalLoader(str(folder))


def test_there_are_all_files() -> None:
    folders = (shipped_files.queries(), EXAMPLES)
    files = {path.stem for folder in folders for path in folder.rglob("*.rq") if path.parent.name != "tables"}
    assert {question.name for question in QUESTIONS} == files
    assert {question.name for _, question, _ in ASKED} == {question.name for question in SERVED}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_heads(question: Question) -> None:
    """Keys that are evgraph's alone are plain YAML, and grlc leaves them as they are."""
    head = gquery.get_yaml_decorators(question.text)
    assert (head["summary"], head.get("tags", [])) == (question.summary, list(question.tags))
    assert head.get("description", "").strip() == question.description
    assert {name: text for column in head.get("columns", ()) for name, text in column.items()} == question.columns
    assert head.get("labels", "") == ", ".join(question.labels)
    assert len(head.get("evidence", ())) == len(question.evidence)
    assert [parameter["name"] for parameter in head.get("parameters", ())] == list(question.parameters)


@pytest.mark.default_cases(4)
@pytest.mark.parametrize("question", SERVED, ids=lambda question: question.name)
def test_descriptions(question: Question, loader: LocalLoader) -> None:
    """What grlc tells the users of its web interface."""
    text, _ = loader.getTextForName(question.name)
    found = gquery.get_metadata(text, "")
    expected: dict[str, dict[str, Any]] = {
        name: {"original": f"?{parameter.variable}", "required": parameter.required, "name": name, "type": "string"}
        | KINDS[TYPES[parameter.type]]
        for name, parameter in question.parameters.items()
    }
    assert found["parameters"] == expected  # None has a default: grlc would not know it.
    assert found["type"] == ("ConstructQuery" if question.form == "CONSTRUCT" else "SelectQuery")
    assert list(map(str, found.get("variables", ()))) == list(question.columns)
    item = swagger.process_sparql_query_text(text, loader, question.name, [])
    assert (item["call_name"], item["method"]) == (f"/{question.name}", "get")
    assert (item["summary"], item["tags"]) == (question.summary, list(question.tags))
    described = {
        parameter["name"]: parameter["required"] for parameter in item["params"] if parameter["name"] != "endpoint"
    }
    assert described == {name: parameter.required for name, parameter in question.parameters.items()}


@pytest.mark.default_cases(4)
@pytest.mark.parametrize(("question", "values"), [asked[1:] for asked in ASKED], ids=[asked[0] for asked in ASKED])
def test_answers(question: Question, values: dict[str, str], loader: LocalLoader, store: EndpointStore) -> None:
    bound = runner.bind(store, question, values)
    typed = {name: term.value for name, (term,) in bound.items()}
    # Rows that a query leaves tied come in the order of the server: evgraph sorts them.
    assert sorted(answer(question, typed, loader)) == sorted(outcome(store, question, values))


def test_all_have_rows_but_one(store: EndpointStore) -> None:
    """See `test_much_is_asked_and_answered` of `tests/query/test_engines.py`."""
    answered = {question.name for _, question, values in ASKED if outcome(store, question, values)}
    assert {question.name for question in SERVED} - answered == {"unreciprocated-link"}


def test_what_has_no_query_is_left_out(loader: LocalLoader) -> None:
    (without,) = (question for question in QUESTIONS if question.answered_by_evgraph)
    with pytest.raises(Exception, match="Could not parse query changes-since"):
        swagger.process_sparql_query_text(without.text, loader, without.name, [])


def answer(question: Question, typed: dict[str, str], loader: LocalLoader) -> list[tuple[str, ...]]:
    """Have grlc send the query to the server, and return the rows or triples."""
    media_type = "application/n-triples" if question.form == "CONSTRUCT" else "application/sparql-results+json"
    text, _ = loader.getTextForName(question.name)
    body, status, _ = utils.dispatchSPARQLQuery(
        text, loader, typed, media_type, None, {}, f"http://127.0.0.1/{question.name}", "GET"
    )
    assert status == 200, body
    if question.form == "CONSTRUCT":
        triples = ox.parse(body.encode(), format=ox.RdfFormat.N_TRIPLES)
        return sorted({(str(triple.subject), str(triple.predicate), str(triple.object)) for triple in triples})
    assert json.loads(body)["head"]["vars"] == list(question.columns)
    rows = ox.parse_query_results(body.encode(), format=ox.QueryResultsFormat.JSON)
    assert isinstance(rows, ox.QuerySolutions)
    return [tuple(str(row[name]) for name in question.columns) for row in rows]
