"""Servers whose answers do not fit the query, or are not whole: an error that says what was expected, or right rows."""

from __future__ import annotations

import gzip
import json
import zlib
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest
from tests.stub import Answer, Request, Stub, stub

from evgraph.errors import EndpointError, EvgraphError, LimitReachedError, RowsWithheldError
from evgraph.store.endpoint import Endpoint, EndpointStore
from evgraph.store.protocol import Rows, Triples, WholeAnswers, select_paged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SELECT = "SELECT ?s ?o WHERE { ?s ?p ?o }"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


def term(value: str) -> dict[str, str]:
    return {"type": "literal", "value": value}


def table(columns: list[str], *rows: Mapping[str, str]) -> bytes:
    bindings = [{name: term(value) for name, value in row.items()} for row in rows]
    return json.dumps({"head": {"vars": columns}, "results": {"bindings": bindings}}).encode()


@cache
def column(name: str, rows: int) -> bytes:
    return table([name], *({name: f"a{number}"} for number in range(rows)))


def opened(server: Stub, most_bytes: int = 1 << 22) -> EndpointStore:
    return EndpointStore(Endpoint(server.url, default_graph="union", timeout=120, most_bytes=most_bytes))


def values(store: EndpointStore, query: str) -> list[list[str | None]]:
    answer = store.query(query)
    assert isinstance(answer, Rows)
    return [[getattr(value, "value", None) for value in row] for row in answer.rows]


def triples(store: EndpointStore) -> int:
    answer = store.query(CONSTRUCT)
    assert isinstance(answer, Triples)
    return len(list(answer.triples))


YES = b'{"head":{},"boolean":true}'
A = b'{"type":"literal","value":"a"}'


@pytest.mark.parametrize(
    ("query", "body", "message"),
    [
        (SELECT, table(["s"], {"s": "a"}), "the columns s, where the columns s, o are expected"),
        (SELECT, table(["s", "o", "p"]), "the columns s, o, p, where the columns s, o are expected"),
        (SELECT, table([]), "rows without columns, where the columns s, o are expected"),
        (SELECT, YES, "a yes or no, where the columns s, o are expected"),
        (SELECT, b'{"head":{"vars":["s"],"vars":["x"]},"results":{"bindings":[]}}', "the columns s, x, where"),
        (
            "SELECT * WHERE { ?s ?p ?o }",
            table(["s", "x"]),
            "the columns s, x, where variables of the query are expected",
        ),
        ("SELECT * WHERE { ?s ?p ?o }", YES, "a yes or no, where rows are expected"),
        ("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }", table(["m"], {"m": "1"}), "the columns m, where the columns n"),
        ("ASK { ?s ?p ?o }", table(["s"], {"s": "1"}), "the columns s, where a yes or no"),
        ("ASK { ?s ?p ?o }", table(["s"]), "the columns s, where a yes or no"),
        ("ASK { ?s ?p ?o }", table([]), "rows, where a yes or no"),
        ("ASK { ?s ?p ?o }", table(["__ASK_RETVAL"], {"__ASK_RETVAL": "maybe"}), "where a yes or no"),
        ("ASK { ?s ?p ?o }", b'{"head":{},"boolean":true,"boolean":false}', "several answers, where a yes or no"),
        ("ASK { ?s ?p ?o }", b'{"boolean":true,"results":{"bindings":[]}}', "several answers, where a yes or no"),
        (
            "SELECT ?s { ?s ?p ?o }",
            b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":%b,"s":%b}]}}' % (A, A),
            "twice",
        ),
        (
            "SELECT ?s { ?s ?p ?o }",
            b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"literal","value":"a","value":"b"}}]}}',
            "twice",
        ),
    ],
)
def test_an_answer_to_another_question_is_an_error(query: str, body: bytes, message: str) -> None:
    with stub(Answer(body)) as server, pytest.raises(EndpointError) as raised:
        values(opened(server), query)
    assert raised.value.message.startswith(f"{server.url} sent an answer ")
    assert message in raised.value.message


def test_columns_in_another_order_are_put_in_order() -> None:
    with stub(Answer(table(["o", "s"], {"s": "a", "o": "b"}, {"o": "c"}))) as server:
        assert values(opened(server), SELECT) == [["a", "b"], [None, "c"]]


def test_values_that_look_like_keys_are_values() -> None:
    odd = [{"s": '"type": "value"', "o": '{"value":"'}, {"s": "type", "o": "\\"}]
    with stub(Answer(table(["s", "o"], *odd))) as server:
        assert values(opened(server), SELECT) == [[row["s"], row["o"]] for row in odd]
    with stub(Answer(table(["type", "value"], {"type": "a", "value": "b"}))) as server:
        assert values(opened(server), "SELECT ?type ?value WHERE { ?type ?p ?value }") == [["a", "b"]]


def test_a_byte_order_mark_is_skipped() -> None:
    mark = b"\xef\xbb\xbf"
    with stub(Answer(mark + table(["s", "o"], {"s": "a", "o": "b"}))) as server:
        assert values(opened(server), SELECT) == [["a", "b"]]
    for media_type in ("application/n-triples", "text/turtle"):
        with stub(Answer(mark + b"<urn:a> <urn:b> <urn:c> .\n", media_type=media_type)) as server:
            assert triples(opened(server)) == 1


@pytest.mark.parametrize("status", [201, 202, 203, 204, 206])
def test_a_success_that_is_not_the_whole_answer_is_an_error(status: int) -> None:
    answer = Answer(table(["s", "o"]), status)
    with stub(answer) as server, pytest.raises(EndpointError, match=f"HTTP {status} where 200 is expected") as raised:
        values(opened(server), SELECT)
    assert raised.value.status == status


@pytest.mark.parametrize(("status", "works"), [(200, True), (201, True), (204, True), (202, False), (206, False)])
def test_an_update_is_done_or_an_error(status: int, *, works: bool) -> None:
    with stub(Answer(b"", status, None)) as server:
        store = EndpointStore(Endpoint(server.url, update=server.url))
        if works:
            store.update("CLEAR GRAPH <urn:g>")
        else:
            with pytest.raises(EndpointError, match="where 200 or 201 or 204 is expected"):
                store.update("CLEAR GRAPH <urn:g>")


GOOD = table(["s", "o"], {"s": "a", "o": "b"})


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(GOOD, mtime=0)),
        ("GZip", gzip.compress(GOOD, mtime=0)),
        ("x-gzip", gzip.compress(GOOD[:9], mtime=0) + gzip.compress(GOOD[9:], mtime=0)),
        ("deflate", zlib.compress(GOOD)),
        ("identity", GOOD),
        ("", GOOD),
    ],
)
def test_a_compressed_answer_is_read(coding: str, body: bytes) -> None:
    with stub(Answer(body, headers={"Content-Encoding": coding})) as server:
        assert values(opened(server), SELECT) == [["a", "b"]]
        assert server.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("coding", "body", "message"),
    [
        ("gzip", gzip.compress(b" " * (1 << 24), mtime=0), "answers more than 4,194,304 bytes"),
        ("gzip", gzip.compress(GOOD, mtime=0)[:-12], "broke off its answer"),
        ("gzip", GOOD, "Content-Encoding gzip, and is broken: "),
        ("br", b"?", "Content-Encoding br, which evgraph did not ask for"),
        ("gzip, \x1b[31m", b"?", r"Content-Encoding gzip, \[31m, which evgraph did not ask for"),
    ],
)
def test_a_compressed_answer_that_cannot_be_read_is_an_error(coding: str, body: bytes, message: str) -> None:
    with stub(Answer(body, headers={"Content-Encoding": coding})) as server, pytest.raises(EvgraphError, match=message):
        values(opened(server), SELECT)


def test_a_compressed_error_page_is_shown_as_text() -> None:
    answer = Answer(gzip.compress(b"no luck", mtime=0), 500, "text/plain", {"Content-Encoding": "gzip"})
    with stub(answer) as server, pytest.raises(EndpointError, match=r"failed \(HTTP 500\): no luck$"):
        values(opened(server), SELECT)


def numbered(
    server_rows: int, count: str, headers: Mapping[str, str] | None = None, extra: int = 0
) -> Callable[[Request], Answer]:
    """Return the answers of a server that returns so many rows or triples, and counts another number."""
    # Made before a query waits for them: in a server's thread, beside other tests, they take seconds.
    rows = {name: column(name, server_rows) for name in ("solution", "s")}
    lines = "".join(f"<urn:{number}> <urn:b> <urn:c> .\n" for number in range(server_rows + extra)).encode()

    def answer(request: Request) -> Answer:
        query = parse_qs(request.body.decode())["query"][0]
        if "COUNT" in query:
            return Answer(table(["evgrows"], {"evgrows": count}), headers=headers or {})
        if "CONSTRUCT" in query:
            return Answer(lines, media_type="application/n-triples", headers=headers or {})
        return Answer(rows["solution" if "?solution" in query else "s"], headers=headers or {})

    return answer


ONE_COLUMN = "PREFIX a: <urn:a> SELECT ?s WHERE { ?s ?p ?o } ORDER BY ?s # all"


@pytest.mark.default_cases(2)
@pytest.mark.parametrize("headers", [{}, {"Server": "Virtuoso/07"}, {"Server": "nginx"}])
@pytest.mark.parametrize("returned", [1_000, 10_000, 25_000])
def test_as_many_rows_as_a_limit_are_counted_again(returned: int, headers: dict[str, str]) -> None:
    with (
        stub(numbered(returned, "30000", headers)) as server,
        pytest.raises(RowsWithheldError, match=f"returned {returned:,} rows, and counts 30,000 solutions"),
    ):
        values(opened(server), ONE_COLUMN)
    with stub(numbered(returned, str(returned), headers)) as server:
        assert len(values(opened(server), ONE_COLUMN)) == returned
    with (
        stub(numbered(returned, "a lot", headers)) as server,
        pytest.raises(RowsWithheldError, match="may be its limit; it does not count them"),
    ):
        values(opened(server), ONE_COLUMN)


@pytest.mark.parametrize(
    ("returned", "query"), [(10_000, f"{ONE_COLUMN}\nLIMIT 10000"), (9_999, ONE_COLUMN), (20, ONE_COLUMN)]
)
def test_other_numbers_of_rows_are_not_counted_again(returned: int, query: str) -> None:
    with stub(numbered(returned, "30000")) as server:
        assert len(values(opened(server), query)) == returned
        assert len(server.requests) == 1


@pytest.mark.default_cases(2)
@pytest.mark.parametrize("headers", [{}, {"Server": "Virtuoso/07"}, {"Server": "nginx"}])
@pytest.mark.parametrize("extra", [0, 1])  # Virtuoso returns one triple more than its limit.
def test_as_many_triples_as_a_limit_are_counted_again(extra: int, headers: dict[str, str]) -> None:
    with (
        stub(numbered(10_000, "12000", headers, extra)) as server,
        pytest.raises(RowsWithheldError, match="and counts 12,000 solutions"),
    ):
        triples(opened(server))
    for count in ("5000", str(10_000 + extra)):
        with stub(numbered(10_000, count if not headers else "10000", headers, extra)) as server:
            assert triples(opened(server)) == 10_000 + extra


@pytest.mark.parametrize("most", ["10,000", "10000", "1,000"])
def test_a_limit_in_a_header_is_read(most: str) -> None:
    with stub(Answer(GOOD, headers={"X-SPARQL-MaxRows": most})) as server:
        number = int(most.replace(",", ""))
        with pytest.raises(LimitReachedError, match=f"returns at most {number:,} rows"):
            values(opened(server), SELECT)
        assert len(values(opened(server), f"{SELECT} LIMIT 1000")) == 1


@pytest.mark.parametrize("most", ["9" * 5000, "-1", "many", "1,0", "²", "1_000", "\x1b[31m5"])
def test_a_limit_that_is_no_number_is_an_error(most: str) -> None:
    header = most.encode().decode("latin-1")
    with (
        stub(Answer(GOOD, headers={"X-SPARQL-MaxRows": header})) as server,
        pytest.raises(EndpointError, match=r"X-SPARQL-MaxRows: .* is no number of rows") as raised,
    ):
        values(opened(server), SELECT)
    assert "\x1b" not in raised.value.message


@pytest.mark.default_cases(2)
@pytest.mark.parametrize("count", ["12000", "4999", "0", "many", "9" * 5000, ""])
def test_a_server_that_ignores_the_filter_of_pages_is_not_asked_without_end(count: str) -> None:
    with stub(numbered(5_000, count)) as server:
        store = opened(server)
        with pytest.raises((LimitReachedError, EndpointError), match=r"its pages have|question for one number"):
            select_paged(store, "SELECT ?s WHERE { ?s ?p ?o }", 5_000)
        assert len(server.requests) <= 5
    with stub(numbered(10_000, count, {"X-SPARQL-MaxRows": "10,000"})) as server, pytest.raises(EvgraphError):
        WholeAnswers(opened(server)).query("SELECT ?s WHERE { ?s ?p ?o }")


def test_a_count_that_is_no_number_is_an_error() -> None:
    with (
        stub(Answer(table(["n"], {"n": "1e3"}))) as server,
        pytest.raises(EndpointError, match="one number with 1 row"),
    ):
        opened(server).count("urn:g")
    with stub(Answer(table(["n"]))) as server, pytest.raises(EndpointError, match="one number with 0 rows"):
        opened(server).count("urn:g")


def test_hidden_characters_of_a_server_show_as_numbers() -> None:
    text = "a\u202eb\u2028c"
    answers = [
        Answer(text.encode(), 500, "text/plain"),
        Answer(f"<p>{text}".encode(), 200, "text/html"),
        Answer(b"", 302, None, {"Location": text.encode().decode("latin-1")}),
        Answer(GOOD, headers={"X-SQL-State": "S1TAT", "X-SQL-Message": text.encode().decode("latin-1")}),
        Answer(GOOD[:-9] + text.encode()),
    ]
    for answer in answers:
        with stub(answer) as server, pytest.raises(EvgraphError, match="⟨U\\+202E⟩b") as raised:
            values(opened(server), SELECT)
        assert not {"\u202e", "\u2028"} & set(str(raised.value))
