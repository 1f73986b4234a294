"""How many requests a server gets for one question that nothing is known about."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest
from tests.stub import Answer, Request, stub

from evgraph.query import runner
from evgraph.query.catalogue import Catalogue
from evgraph.store.endpoint import Endpoint, EndpointStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evgraph.query.runner import Values

IRI = {"type": "uri", "value": "http://example.org/a"}


def rows(columns: list[str], *found: Mapping[str, object]) -> bytes:
    return json.dumps({"head": {"vars": columns}, "results": {"bindings": found}}).encode()


def asked(
    monkeypatch: pytest.MonkeyPatch, name: str, values: Values, *, server_name: str, union: bool = True, count: int = 1
) -> list[str]:
    """Ask a server a canned question, and return what it was asked: the question with its dataset, or what for."""
    monkeypatch.setattr(BaseHTTPRequestHandler, "version_string", lambda _: server_name)
    question = Catalogue()[name]

    def answer(request: Request) -> Answer:
        form = parse_qs(request.body.decode())
        (query,) = form["query"]
        if "?seen" in query:
            body = rows(["o", "seen"], {"o": IRI, **({"seen": IRI} if union else {})})
        elif "COUNT" in query:
            number = {"type": "literal", "value": "1", "datatype": "http://www.w3.org/2001/XMLSchema#integer"}
            body = rows(["evgrows"], {"evgrows": number})
        elif "GRAPH ?g" in query:
            body = rows(["g"], {"g": IRI})
        elif "ASK" in query:
            body = b'{"head":{},"boolean":false}'
        elif "?it" in query:
            body = rows(["it"])
        else:
            columns = list(question.columns)
            body = rows(columns, *[dict.fromkeys(columns, IRI)] * count)
        return Answer(body)

    with stub(answer) as server:
        found = runner.ask(EndpointStore(Endpoint(f"{server.url}/query")), question, values)
        assert isinstance(found.answer, runner.LimitedRows)
        assert len(list(found.answer.rows)) == count
    requests = []
    for request in server.requests:
        form = parse_qs(request.body.decode())
        kinds = {"?seen": "union?", "GRAPH ?g": "graphs?", "ASK": "note?", "DISTINCT ?it": "note?"}
        kind = next((kind for mark, kind in kinds.items() if mark in form["query"][0]), "question")
        requests.append(" ".join([kind, *form.get("union-default-graph", []), *form.get("default-graph-uri", [])]))
    return requests


OXIGRAPH = "Oxigraph/0.5.13"


def test_oxigraph_gets_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(monkeypatch, "cell-contents", {"cell": "drug:E4"}, server_name=OXIGRAPH) == ["question true"]


def test_another_server_is_asked_what_its_default_graph_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(monkeypatch, "timeline", {}, server_name="Other") == ["question true", "union?"]
    listed = ["question true", "union?", "graphs?", "graphs?", "question http://example.org/a"]
    assert asked(monkeypatch, "timeline", {}, server_name="Other", union=False) == listed


@pytest.mark.parametrize(("cells", "count"), [("drug:E4", 0), (["drug:E4", "drug:E5"], 1)])
def test_notes_are_asked_for_where_something_may_be_absent(
    monkeypatch: pytest.MonkeyPatch, cells: str | list[str], count: int
) -> None:
    requests = asked(monkeypatch, "cell-contents", {"cell": cells}, server_name=OXIGRAPH, count=count)
    assert requests[0] == "question true"
    assert set(requests[1:]) == {"note? true"}
