"""Answers of servers with terms nested so deeply that a parser would crash."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from tests.stub import Answer, stub

from evgraph.errors import EndpointError
from evgraph.store.endpoint import Endpoint, EndpointStore
from evgraph.store.protocol import Rows, Triples

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = '{"head":{"vars":["s"]},"results":{"bindings":['
OF_TERM = (
    '{"type":"\\u0074riple","value":{"subject":{"type":"uri","value":"a:a"},"predicate":{"type":"uri","value":"a:b"},'
)
OF_TERM += '"object":'
LITERAL = '{"type":"literal","value":%s}'


def as_json(depth: int, text: str = "x") -> bytes:
    literal = LITERAL % json.dumps(text)
    return f'{HEAD}{{"s":{OF_TERM * depth}{literal}{"}}" * depth}}}]}}}}'.encode()


def as_triples(depth: int, text: str = "x") -> bytes:
    return f"<a:a> <a:b> {'<<( <a:a> <a:b> ' * depth}{json.dumps(text)}{' )>>' * depth} .\n".encode()


def asked(body: bytes, media_type: str) -> int:
    """Return how many rows or triples come of an answer."""
    query = "SELECT ?s { ?s ?p ?o }" if "json" in media_type else "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
    with stub(Answer(body, media_type=media_type)) as server:
        answer = EndpointStore(Endpoint(f"{server.url}/query", default_graph="union")).query(query)
        assert isinstance(answer, Rows | Triples)
        return len(list(answer.rows if isinstance(answer, Rows) else answer.triples))


@pytest.mark.parametrize("depth", [300, 5_000, 100_000])
@pytest.mark.parametrize(
    ("write", "media_type"),
    [
        (as_json, "application/sparql-results+json"),
        (as_triples, "application/n-triples"),
        (as_triples, "text/turtle"),
    ],
    ids=["json", "ntriples", "turtle"],
)
def test_deeply_nested_terms_are_refused(write: Callable[[int, str], bytes], media_type: str, depth: int) -> None:
    with pytest.raises(EndpointError, match="sent an answer that is nested more than 200 levels deep"):
        asked(write(depth, 'a } > " \\ {'), media_type)


def test_arrays_nested_deeply_are_refused() -> None:
    body = HEAD.replace("{", '{"x":' + "[{}," * 100_000 + "1" + "]" * 100_000 + ",", 1) + "]}}"
    with pytest.raises(EndpointError):
        asked(body.encode(), "application/sparql-results+json")


@pytest.mark.parametrize("text", ["{" * 5_000, "<" * 5_000, "<<(" * 5_000, '"}"' * 5_000, "\\{" * 5_000])
def test_brackets_in_texts_are_not_nested(text: str) -> None:
    assert asked(as_json(20, text), "application/sparql-results+json") == 1
    assert asked(as_triples(20, text), "application/n-triples") == 1


@pytest.mark.default_cases(1)
@pytest.mark.parametrize(
    ("write", "media_type"),
    [(as_json, "application/sparql-results+json"), (as_triples, "application/n-triples"), (as_triples, "text/turtle")],
)
def test_a_text_that_no_parser_reads_is_an_error(write: Callable[[int, str], bytes], media_type: str) -> None:
    with pytest.raises(
        EndpointError, match="sent a term longer than evgraph reads: Reached the buffer maximal size of 16777216"
    ):
        asked(write(0, "x" * (1 << 24)), media_type)


@pytest.mark.slow
def test_a_large_answer_is_searched_quickly() -> None:
    row = '{"s":' + LITERAL % '"a < b > c { d }"' + "}"
    body = (HEAD + ",".join([row] * 398_765) + "]}}").encode()
    start = time.process_time()
    assert asked(body, "application/sparql-results+json") == 398_765
    assert time.process_time() - start < 20
