"""The tables of formats: lookup by name, suffix and media type, and the errors for what is unknown."""

from __future__ import annotations

import pytest

from evgraph.errors import UsageError
from evgraph.formats import FINDING_FORMATS, FORMATS, ROW_FORMATS, Format, Formats

TABLES = [FORMATS, ROW_FORMATS, FINDING_FORMATS]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.content)
def test_names_and_suffixes_are_unique_and_writers_exist(table: Formats) -> None:
    suffixes = [suffix for kind in table.values() for suffix in kind.suffixes]
    assert len(suffixes) == len(set(suffixes))
    for name, kind in table.items():
        assert name == kind.name
        assert callable(kind.write)
        assert "/" in kind.media_type


@pytest.mark.parametrize("kind", FORMATS.values(), ids=lambda kind: kind.name)
def test_oxigraph_agrees_with_the_table(kind: Format) -> None:
    theirs = kind.rdf_format()
    assert theirs.media_type == kind.media_type
    assert theirs.supports_datasets == kind.quads
    assert f".{theirs.file_extension}" in kind.suffixes


@pytest.mark.parametrize(
    ("table", "media_type", "name"),
    [
        (FORMATS, "text/turtle", "turtle"),
        (ROW_FORMATS, "text/csv", "csv"),
        (FINDING_FORMATS, "text/csv", "csv"),  # Not spreadsheet: the first format of a type is its format.
        (FINDING_FORMATS, "text/plain", "text"),
        (ROW_FORMATS, "text/turtle", None),
    ],
)
def test_a_media_type_has_a_format(table: Formats, media_type: str, name: str | None) -> None:
    kind = table.by_media_type(media_type)
    assert (kind.name if kind else None) == name


@pytest.mark.parametrize(
    ("table", "name", "path", "chosen"),
    [
        (ROW_FORMATS, None, None, "table"),
        (ROW_FORMATS, None, "-", "table"),
        (ROW_FORMATS, "csv", "a.json", "csv"),
        (ROW_FORMATS, None, "a.b/rows.CSV", "csv"),
        (FINDING_FORMATS, None, "report.sarif.json", "sarif"),
        (FORMATS, None, "data.json", "jsonld"),
    ],
)
def test_the_name_comes_before_the_suffix_before_the_default(
    table: Formats, name: str | None, path: str | None, chosen: str
) -> None:
    assert table.choose(name, path).name == chosen


@pytest.mark.parametrize(
    ("table", "name", "path", "message"),
    [
        (ROW_FORMATS, None, "out/rows.xls", "cannot write rows as .xls; use .txt, .csv, .tsv, .json, "),
        (ROW_FORMATS, None, "v1.0/rows", "cannot write rows as a file without a suffix; use .txt, "),
        (FORMATS, None, "data.csv", "cannot write triples as .csv; use .ttl, .nt, .nq, "),
        (FORMATS, "csv", None, "cannot write triples as csv; use turtle, ntriples, "),
    ],
)
def test_an_unknown_format_is_an_error_with_the_known_ones(
    table: Formats, name: str | None, path: str | None, message: str
) -> None:
    with pytest.raises(UsageError) as raised:
        table.choose(name, path)
    assert raised.value.message.startswith(message)
    assert raised.value.path == path
