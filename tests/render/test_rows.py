"""Every format of rows, read back by a reader of its own."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode

from evgraph.formats import ROW_FORMATS
from evgraph.render.rows import yes_or_no
from evgraph.store.protocol import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evgraph.store.protocol import Term

XSD = "http://www.w3.org/2001/XMLSchema#"
FOUR = Literal("4", datatype=NamedNode(f"{XSD}integer"))
YEAR = Literal("2007", datatype=NamedNode(f"{XSD}gYear"))
BODY: list[tuple[Term | None, ...]] = [
    (NamedNode("https://w3id.org/evgraph/id/doc/timko-2007"), Literal("plain"), FOUR),
    (BlankNode("b0"), Literal('a "quoted", text\nover lines\tand a | pipe & <tag>', language="en"), None),
    (None, Literal(""), YEAR),
    (Literal(" edge "), Literal("caf\u00e9 \U0001f600 \\"), Literal("1.50", datatype=NamedNode(f"{XSD}decimal"))),
]
STANDARD = {"tsv": ox.QueryResultsFormat.TSV, "json": ox.QueryResultsFormat.JSON, "xml": ox.QueryResultsFormat.XML}


def rows(body: Sequence[tuple[Term | None, ...]] = BODY, columns: Sequence[str] = ("x", "text", "n")) -> Rows:
    return Rows(columns, iter(body))


def written(name: str, rows: Rows) -> str:
    return "".join(ROW_FORMATS[name].write(rows))


@pytest.mark.parametrize("name", STANDARD)
@pytest.mark.parametrize("body", [BODY, []], ids=["rows", "none"])
def test_standard_formats_come_back(name: str, body: list[tuple[Term | None, ...]]) -> None:
    text = written(name, rows(body))
    found = ox.parse_query_results(text.encode(), format=STANDARD[name])
    assert isinstance(found, ox.QuerySolutions)
    assert [variable.value for variable in found.variables] == ["x", "text", "n"]
    if name == "xml":  # Oxigraph's reader strips the spaces around a literal; that they are there is seen below.
        body = [tuple(Literal("edge") if term == Literal(" edge ") else term for term in row) for row in body]
    assert [tuple(solution[place] for place in range(3)) for solution in found] == body
    assert body == [] or " edge " in written(name, rows())


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]))), max_size=5))
def test_any_text_comes_back(texts: list[tuple[str]]) -> None:
    body = [tuple(Literal(text) for text in row) for row in texts]
    for name, standard in STANDARD.items():
        if name == "xml" and any(text != text.strip() or set(text) & set("\ufffe\uffff") for (text,) in texts):
            continue  # XML cannot hold the ones, and Oxigraph's reader strips the others.
        found = ox.parse_query_results(written(name, rows(body, ["x"])).encode(), format=standard)
        assert isinstance(found, ox.QuerySolutions)
        assert [(solution[0],) for solution in found] == body


def test_csv() -> None:
    text = written("csv", rows())
    assert text.startswith("x,text,n\r\n")
    assert list(csv.reader(io.StringIO(text, newline=""), strict=True)) == [
        ["x", "text", "n"],
        ["https://w3id.org/evgraph/id/doc/timko-2007", "plain", "4"],
        ["_:b0", 'a "quoted", text\nover lines\tand a | pipe & <tag>', ""],
        ["", "", "2007"],
        [" edge ", "caf\u00e9 \U0001f600 \\", "1.50"],
    ]


def test_a_spreadsheet_runs_no_cell() -> None:
    decimal, integer = (NamedNode(f"{XSD}{name}") for name in ("decimal", "integer"))
    body: list[tuple[Term | None, ...]] = [
        (Literal('=HYPERLINK("http://evil.example")'), Literal("-5", datatype=integer), Literal("-5")),
        (Literal("\t=1"), Literal("=1+1", datatype=integer), Literal("＝1")),
        (NamedNode("https://example.org/"), Literal("+1.5", datatype=decimal), Literal("@a", language="en")),
        (Literal("a" * 40_000), None, Literal("a,b")),
    ]
    text = "".join(map(str, ROW_FORMATS["spreadsheet"].write(rows(body, ["=x", "n", "t"]))))
    assert text.startswith("\ufeff'=x,n,t\r\n\"'=HYPERLINK")
    read = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert read == [
        ['\'=HYPERLINK("http://evil.example")', "-5", "'-5"],
        ["'\t=1", "'=1+1", "'＝1"],
        ["https://example.org/", "+1.5", "'@a"],
        ["a" * 32_766 + "…", "", "a,b"],
    ]


def test_ndjson() -> None:
    assert [json.loads(line) for line in written("ndjson", rows()).splitlines()] == [
        {"x": "https://w3id.org/evgraph/id/doc/timko-2007", "text": "plain", "n": 4},
        {"x": "_:b0", "text": 'a "quoted", text\nover lines\tand a | pipe & <tag>', "n": None},
        {"x": None, "text": "", "n": 2007},
        {"x": " edge ", "text": "caf\u00e9 \U0001f600 \\", "n": 1.5},
    ]


@pytest.mark.parametrize(
    ("lexical", "datatype", "value"),
    [
        ("007", "integer", 7),
        ("-12", "int", -12),
        ("-0044", "gYear", -44),
        ("2007Z", "gYear", "2007Z"),
        ("20x5", "gYear", "20x5"),
        ("1_0", "integer", "1_0"),
        ("1.5e3", "double", 1500.0),
        ("INF", "double", "INF"),
        ("NaN", "float", "NaN"),
        (".5", "decimal", 0.5),
        ("1,5", "decimal", "1,5"),
        ("true", "boolean", True),
        ("0", "boolean", False),
        ("yes", "boolean", "yes"),
        ("2007", "string", "2007"),
        ("2007-01-01", "date", "2007-01-01"),
    ],
)
def test_ndjson_has_values_of_json(lexical: str, datatype: str, value: object) -> None:
    literal = Literal(lexical, datatype=NamedNode(f"{XSD}{datatype}"))
    found = json.loads(written("ndjson", rows([(literal,)], ["x"])))["x"]
    assert (found, type(found)) == (value, type(value))


def test_json_says_what_terms_are() -> None:
    found: dict[str, Any] = json.loads(written("json", rows()))
    assert found["head"] == {"vars": ["x", "text", "n"]}
    assert found["results"]["bindings"][1] == {
        "x": {"type": "bnode", "value": "b0"},
        "text": {"type": "literal", "value": 'a "quoted", text\nover lines\tand a | pipe & <tag>', "xml:lang": "en"},
    }
    assert found["results"]["bindings"][0]["n"] == {"type": "literal", "value": "4", "datatype": f"{XSD}integer"}


def test_quoted_triples_keep_their_parts() -> None:
    triple = ox.Triple(NamedNode("a:s"), NamedNode("a:p"), Literal("o"))
    for name in ("json", "xml"):
        found = ox.parse_query_results(written(name, rows([(triple,)], ["t"])).encode(), format=STANDARD[name])
        assert isinstance(found, ox.QuerySolutions)
        assert [solution[0] for solution in found] == [triple]


def test_xml_survives_control_characters() -> None:
    text = written("xml", rows([(Literal("a\x00\x1bb\r"),)], ["x"]))
    found = ox.parse_query_results(text.encode(), format=ox.QueryResultsFormat.XML)
    assert isinstance(found, ox.QuerySolutions)
    assert [solution[0] for solution in found] == [Literal("a\ufffd\ufffdb\r")]


@pytest.mark.parametrize("name", ["csv", "tsv", "json", "xml"])
def test_rdflib_reads_them(name: str) -> None:
    from rdflib.query import Result

    body = [row for row in BODY if not isinstance(row[0], BlankNode)]
    found = Result.parse(io.BytesIO(written(name, rows(body)).encode()), format=name)
    assert [str(variable) for variable in found.vars or ()] == ["x", "text", "n"]
    texts = [
        [str(binding[name]) if name in binding else None for name in found.vars or ()] for binding in found.bindings
    ]
    expected = [tuple(getattr(term, "value", None) for term in row) for row in body]
    assert [[text or None for text in row] for row in texts] == [[text or None for text in row] for row in expected]


@pytest.mark.parametrize("name", ["csv", "tsv", "json", "xml", "ndjson"])
def test_formats_for_programs_are_written_row_by_row(name: str) -> None:
    taken = 0

    def endless() -> Iterator[tuple[Term | None, ...]]:
        nonlocal taken
        while True:
            taken += 1
            yield (FOUR,)

    pieces = ROW_FORMATS[name].write(Rows(["x"], endless()))
    for _ in range(5):
        next(pieces)
    assert taken <= 5


@pytest.mark.parametrize("answer", [True, False])
def test_yes_or_no(answer: bool) -> None:
    for name in ("json", "xml"):
        found = ox.parse_query_results(yes_or_no(answer, name).encode(), format=STANDARD[name])
        assert isinstance(found, ox.QueryBoolean)
        assert bool(found) is answer
    assert yes_or_no(answer, "table") == ("yes\n" if answer else "no\n")
