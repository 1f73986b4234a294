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
from evgraph.render.rows import table, yes_or_no
from evgraph.store.protocol import Rows
from evgraph.text import columns

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


def written(name: str, given: Rows) -> str:
    return "".join(ROW_FORMATS[name].write(given))


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


def test_markdown_escapes_pipes() -> None:
    assert written("md", rows(BODY[:2])) == (
        "| x | text | n |\n"
        "| --- | --- | ---: |\n"
        "| doc:timko-2007 | plain | 4 |\n"
        '| _:b0 | a "quoted", text over lines and a \\| pipe & \\<tag> |  |\n'
    )


def test_markdown_shows_what_is_there() -> None:
    texts = ["R&D, &amp; &#60; as it stands", "_not_ slanted, a_b", "*not* [a link](http://example.org/)", "`<b>`"]
    assert written("md", rows([(Literal(text),) for text in texts], ["x"])).splitlines()[2:] == [
        r"| R&D, \&amp; \&#60; as it stands |",
        r"| \_not_ slanted, a_b |",
        r"| \*not\* \[a link](http://example.org/) |",
        r"| \`\<b>\` |",
    ]


def test_table() -> None:
    assert written("table", rows([*BODY[:1], (None, Literal("a longer text"), YEAR)])) == (
        "x               text              n\n"
        "--------------  -------------  ----\n"
        "doc:timko-2007  plain             4\n"
        "                a longer text  2007\n"
    )
    assert written("table", rows([])) == "x  text  n\n-  ----  -\n"


def test_a_table_fits_the_terminal() -> None:
    long = Literal("some well chosen words that nobody can read on one line of a small terminal")
    body = [(NamedNode("https://w3id.org/evgraph/id/doc/timko-2007"), long, FOUR)]
    lines = "".join(table(rows(body), 50)).splitlines()
    assert max(map(len, lines)) <= 50
    assert lines[2].startswith("doc:timko-2007  some well chosen words")
    assert lines[2].endswith("  4")
    assert " ".join(line[16:47].strip() for line in lines[2:]) == long.value
    narrow = "".join(table(rows(body), 30)).splitlines()
    assert max(map(len, narrow)) <= 30
    assert len("".join(table(rows(body))).splitlines()) == 3


def test_a_column_stands_straight_whatever_the_script() -> None:
    texts = ["日本語の研究", "plain", "cafe\u0301", "\U0001f642"]
    lines = written("table", rows([(Literal(text), FOUR) for text in texts], ["text", "n"])).splitlines()
    assert lines[1] == "------------  -"
    assert lines[2:] == [
        "日本語の研究  4",
        "plain         4",
        "cafe\u0301          4",
        "\U0001f642            4",
    ]
    for width in (20, 31, 50):
        narrow = "".join(
            table(rows([(Literal("研究の" * 30), FOUR), (Literal("it is " * 9), FOUR)], ["a", "n"]), width)
        )
        assert max(map(columns, narrow.splitlines())) <= width
        assert narrow.count("研") == 30


def test_a_wide_text_comes_late() -> None:
    late = [*((Literal("a"), FOUR) for _ in range(1000)), (Literal("研究"), FOUR)]
    assert "".join(table(rows(late, ["a", "n"]), 80)).splitlines()[-2:] == ["研  4", "究"]


@pytest.mark.parametrize("name", ["table", "md"])
def test_tables_hold_a_thousand_rows_at_a_time(name: str) -> None:
    taken = 0

    def endless() -> Iterator[tuple[Term | None, ...]]:
        nonlocal taken
        while True:
            taken += 1
            yield (FOUR, Literal("short" if taken < 2000 else "much longer than whatever came before"))

    pieces = ROW_FORMATS[name].write(Rows(["n", "text"], endless()))
    lines = [next(pieces) for _ in range(2502)]
    assert taken <= 3000
    assert len(lines[-1]) > len(lines[2])


def test_a_table_drives_no_terminal() -> None:
    assert "a⟨U+001B⟩[31m⟨U+009B⟩ b⟨U+202E⟩" in written("table", rows([(Literal("a\x1b[31m\x9b\nb\u202e"),)], ["x"]))
    assert "\x1b" not in written("md", rows([(Literal("\x1b]0;x\x07"),)], ["x"]))


@pytest.mark.parametrize("name", ["csv", "tsv", "json", "xml"])
def test_rdflib_reads_them(name: str) -> None:
    from rdflib.query import Result

    body = [row for row in BODY if not isinstance(row[0], BlankNode)]
    found = Result.parse(io.BytesIO(written(name, rows(body)).encode()), format=name)
    assert [str(one) for one in found.vars or ()] == ["x", "text", "n"]
    told = [[str(one[name]) if name in one else None for name in found.vars or ()] for one in found.bindings]
    expected = [tuple(getattr(term, "value", None) for term in row) for row in body]
    assert [[one or None for one in row] for row in told] == [[one or None for one in row] for row in expected]


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
