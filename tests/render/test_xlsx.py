"""Workbooks of Excel, read back with openpyxl."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from pyoxigraph import BlankNode, Literal, NamedNode
from tests.render.test_rows import FOUR, XSD, YEAR, rows

from evgraph.errors import ExitCode, LimitReachedError, UsageError
from evgraph.formats import ROW_FORMATS
from evgraph.render import xlsx

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from evgraph.store.protocol import Term

TIMKO = NamedNode("https://w3id.org/evgraph/id/doc/timko-2007")


def written(body: Sequence[tuple[Term | None, ...]], columns: Sequence[str] = ("x",)) -> bytes:
    return b"".join(ROW_FORMATS["xlsx"].write(rows(body, columns)))


def sheet(body: Sequence[tuple[Term | None, ...]], columns: Sequence[str] = ("x",)) -> Any:
    return load_workbook(io.BytesIO(written(body, columns))).active


def cell(term: Term | None) -> Any:
    """Write a value, and read its cell back."""
    return sheet([(term,)])["A2"]


def literal(text: str, datatype: str) -> Literal:
    return Literal(text, datatype=NamedNode(XSD + datatype))


def test_a_header_that_stays_and_filters() -> None:
    found = sheet(
        [(TIMKO, Literal("plain"), YEAR), (BlankNode("b0"), None, FOUR)], ["document", "text", "publication_year"]
    )
    assert [[each.value for each in row] for row in found.iter_rows()] == [
        ["document", "text", "publication_year"],
        [TIMKO.value, "plain", 2007],
        ["_:b0", None, 4],
    ]
    assert [(each.font.b, found["A2"].font.b) for each in found[1]] == [(True, False)] * 3
    assert (found.freeze_panes, found.auto_filter.ref, found.title) == ("A2", "A1:C3", "rows")
    widths = [found.column_dimensions[name].width for name in "ABC"]
    assert [round(width) for width in widths] == [43, 9, 20]
    assert round(sheet([(Literal("x" * 500),)]).column_dimensions["A"].width) == 61


def test_no_rows() -> None:
    found = sheet([], ["a", "b"])
    assert [[each.value for each in row] for row in found.iter_rows()] == [["a", "b"]]
    assert found.auto_filter.ref == "A1:B1"


@pytest.mark.parametrize(
    ("term", "value"),
    [
        (YEAR, 2007),
        (literal("-0044", "gYear"), -44),
        (literal("999999999999999", "integer"), 999999999999999),
        (literal("9999999999999999", "integer"), "9999999999999999"),
        (literal("1.50", "decimal"), 1.5),
        (literal("1.5e3", "double"), 1500),
        (literal("NaN", "double"), "NaN"),
        (literal("20x5", "integer"), "20x5"),
        (literal("true", "boolean"), True),
        (literal("2020-01-02", "date"), "2020-01-02"),
        (Literal("2007"), "2007"),
        (Literal("  edges  "), "  edges  "),
        (Literal("日本", language="ja"), "日本"),
        (Literal(""), None),
        (None, None),
    ],
)
def test_values(term: Term | None, value: object) -> None:
    found = cell(term).value
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://a.example")', "{=1+1}", "#N/A"])
def test_no_text_is_a_formula(text: str) -> None:
    found = cell(Literal(text))
    assert (found.value, found.data_type) == (text, "s" if not text.startswith("#") else found.data_type)
    assert found.quotePrefix == (text[0] in "=+-@")
    assert b"<f>" not in part(written([(Literal(text),)]), "xl/worksheets/sheet1.xml")


def part(workbook: bytes, name: str) -> bytes:
    return ZipFile(io.BytesIO(workbook)).read(name)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b\x1bc\ufffe", "a\ufffdb\ufffdc\ufffd"),
        ("tab\tline\r\nline\rend", "tab\tline\nline\nend"),
        ("not _x0041_", "not _x0041_"),
        ("<r><t>no</t></row></r>", "<r><t>no</t></row></r>"),
        ("<r></r>", "<r></r>"),
        ("]]> & <!-- \U0001f642", "]]> & <!-- \U0001f642"),
    ],
)
def test_any_text_comes_back(text: str, shown: str) -> None:
    assert unescape(cell(Literal(text)).value) == shown


@pytest.mark.parametrize(
    ("iri", "target", "location"),
    [
        (TIMKO.value, TIMKO.value, None),
        ("http://example.org/日本?a=b&c#d", "http://example.org/日本?a=b&c", "d"),
        ("javascript:alert(1)", None, None),
        ("file:///etc/passwd", None, None),
        ("urn:example:=1", None, None),
        (f"http://example.org/{'x' * 2060}", f"http://example.org/{'x' * 2060}", None),
        (f"http://example.org/{'x' * 2061}", None, None),
    ],
)
def test_iris_are_text_and_links_to_the_web(iri: str, target: str | None, location: str | None) -> None:
    found = cell(NamedNode(iri))
    assert found.value == iri
    link = found.hyperlink
    assert (link.target, link.location) == (target, location) if target else link is None


def test_the_same_rows_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    body = [(TIMKO, YEAR)]
    first = written(body, ["a", "b"])
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert written(body, ["a", "b"]) == first
    assert b"1980-01-01T00:00:00Z" in part(first, "docProps/core.xml")


@pytest.mark.parametrize(
    ("limit", "most", "body", "message"),
    [
        ("MAX_ROWS", 3, [(FOUR,)] * 3, "more than 2 rows: a sheet has at most 3, with its header"),
        ("MAX_COLUMNS", 0, [], "1 columns: a sheet has at most 0"),
        ("MAX_LINKS", 2, [(TIMKO,)] * 3, "row 3: a sheet has at most 2 links, and each IRI is one"),
        (None, 0, [(FOUR,), (Literal("x" * 32_768),)], "row 2, x: 32,768 characters; a cell has at most 32,767"),
        (None, 0, [(Literal("\U0001f642" * 16_384),)], "row 1, x: 32,768 characters; a cell has at most 32,767"),
        (None, 0, [(Literal(f"<r>{'x' * 32_761}</r>"),)], "row 1, x: 32,768 characters; a cell has at most 32,767"),
    ],
)
def test_the_limits_of_excel(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    limit: str | None,
    most: int,
    body: list[tuple[Term | None, ...]],
    message: str,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    if limit:
        monkeypatch.setattr(xlsx, limit, most)
    with pytest.raises(LimitReachedError) as raised:
        next(xlsx.xlsx(rows(body, ["x"])))
    assert raised.value.message == message
    assert raised.value.exit_code == ExitCode.LIMIT
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["x" * 32_767, "\U0001f642" * 16_383, f"<r>{'x' * 32_760}</r>"])
def test_the_longest_text(text: str) -> None:
    assert cell(Literal(text)).value == text


def test_as_many_rows_and_links_as_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_ROWS", 3)
    monkeypatch.setattr(xlsx, "MAX_LINKS", 2)
    assert sheet([(TIMKO,)] * 2).max_row == 3


def test_the_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evgraph.formats.find_spec", lambda _: None)
    with pytest.raises(UsageError) as raised:
        ROW_FORMATS.choose(None, "rows.xlsx")
    assert raised.value.message == "xlsx needs the library xlsxwriter, which is not installed"
    assert raised.value.hint == "pip install 'evgraph[xlsx]'"
    assert ROW_FORMATS.choose(None, "rows.csv").name == "csv"
