"""Tables: exact on small data, and those of the shipped graph against SPARQL and the programs that read them."""

from __future__ import annotations

import asyncio
import csv
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import openpyxl
import pyoxigraph as ox
import pytest
from tests.required import require

import evgraph
from evgraph.export.tables import Table, flat, tables
from evgraph.formats import TABLE_FORMATS
from evgraph.namespaces import EVG, ID, PREFIXES
from evgraph.store.embedded import EmbeddedStore
from evgraph.store.opening import SHIPPED, Origin, open_store
from evgraph.store.protocol import select
from evgraph.terms import value_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run
    from tests.servers import Server

    from evgraph.store.protocol import Store

require("csvw", "datasette", "polars", "pyarrow")
import polars  # noqa: E402
from csvw import CSVW  # noqa: E402

HEAD = f"@base <{ID}> .\n" + "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
DATA = """
doc:amber-2001 a evg:Document, evg:Study ; rdfs:label "Bernstein"@de, "Amber"@en, "Amber 2" ;
    dcterms:title "=1+1" ; dcterms:issued "2001"^^xsd:gYear, "soon" ; dcterms:creator "Ox B", "Ox A" ;
    evg:seeAlso doc:brown-2002 ; bibo:doi "10.1/a" ; cito:citesAsEvidence doc:brown-2002 .
doc:brown-2002 a evg:Document ; dcterms:issued "1999"^^xsd:gYear .
<entry/drug-A1/amber-2001> a evg:Entry ; evg:inCell cell:drug-A1 ; schema:position "first" ;
    schema:headline "Amber\\nand \\"more\\", née"@en ; evg:lists doc:amber-2001, doc:nobody-1900 .
<claim/1> rdf:subject doc:amber-2001 ; rdf:predicate evg:seeAlso ; rdf:object doc:brown-2002 ;
    evg:statedIn <passage/1/5-9>, <passage/1/0-4> .
evg:seeAlso rdfs:subPropertyOf evg:linkedTo .
"""
COUNTS = {
    "cells": "?x a evg:Cell",
    "citations": "?x a evg:Document ; cito:citesAsEvidence|cito:usesDataFrom|cito:critiques|evg:takesLeadFrom ?y",
    "discussions": "?x a evg:Section . VALUES ?p { cito:isDiscussedBy cito:critiques } { ?y ?p ?x } UNION { ?x ?p ?y }",
    "documents": "?x a evg:Document",
    "entries": "?x a evg:Entry",
    "evidence": "?x evg:restsOn|evg:supportedBy|^evg:bearsOn ?y",
    "identifiers": "?x evg:identification ?y",
    "links": "?p rdfs:subPropertyOf evg:linkedTo . ?x ?p ?y . ?x a evg:Document . ?y a evg:Document",
    "listings": "?x evg:lists ?y",
    "organisations": "?x a schema:Organization",
    "passages": "?x a evg:Passage",
    "recommendations": "?x a evg:Recommendation",
    "references": "?x a evg:Reference",
    "sections": "?x a evg:Section",
}
"""Table → what it has a row for."""


def by_name(found: list[Table]) -> dict[str, dict[Any, dict[str, Any]]]:
    """Table → key → column → value."""
    rows: dict[str, dict[Any, dict[str, Any]]] = {}
    for table in found:
        for row in table.rows:
            values = dict(zip([column.name for column in table.columns], row, strict=True))
            rows.setdefault(table.name, {})[tuple(values[name] for name in table.key)] = values
    return rows


@pytest.fixture(scope="module")
def small() -> list[Table]:
    store = EmbeddedStore()
    store.extend(ox.parse(HEAD + DATA, format=ox.RdfFormat.TURTLE))
    return tables(store)


@pytest.fixture(scope="module")
def store() -> Store:
    return open_store(SHIPPED)


@pytest.fixture(scope="module")
def shipped(store: Store) -> list[Table]:
    return tables(store)


@pytest.fixture(scope="module")
def folder(shipped: list[Table], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a folder per format."""
    folder = tmp_path_factory.mktemp("tables")
    for kind in TABLE_FORMATS.values():
        (folder / kind.name).mkdir()
        for name, content in kind.write(shipped):
            (folder / kind.name / name).write_bytes(content if isinstance(content, bytes) else b"".join(content))
    return folder


def test_what_the_rows_about_a_thing_say_is_one_row(small: list[Table]) -> None:
    found = by_name(small)
    amber, brown = f"{ID}doc/amber-2001", f"{ID}doc/brown-2002"
    assert found["documents"][amber,] == {
        "document": amber, "label": "Amber", "title": "=1+1", "kinds": ("Document", "Study"), "year": 2001,
        "creators": ("Ox A", "Ox B"), "publishers": (), "citation": None, "doi": "10.1/a", "pmid": None,
        "study_countries": (), "for_countries": (), "settings": (), "designs": (),
    }  # fmt: skip
    passages = (f"{ID}passage/1/0-4", f"{ID}passage/1/5-9")
    assert found["links"][amber, f"{EVG}seeAlso", brown]["passages"] == passages
    assert found["citations"][amber, brown] == {
        "citing": "doi:10.1/a", "cited": brown, "creation": "2001", "timespan": "P2Y", "passages": (),
        "citing_document": amber, "cited_document": brown,
    }  # fmt: skip
    [entry] = found["entries"].values()
    assert (entry["position"], entry["headline"]) == (None, 'Amber\nand "more", née')


def test_a_key_that_is_referred_to_has_a_row(small: list[Table]) -> None:
    found = by_name(small)
    assert list(found["cells"]) == [(f"{ID}cell/drug-A1",)]
    assert set(found["documents"][f"{ID}doc/nobody-1900",].values()) == {f"{ID}doc/nobody-1900", None, ()}


@pytest.mark.parametrize("name", COUNTS)
def test_a_table_has_the_rows_that_sparql_counts(store: Store, shipped: list[Table], name: str) -> None:
    [count] = [
        value_of(term)
        for (term,) in select(
            store,
            f"SELECT (COUNT(*) AS ?n) WHERE {{ SELECT DISTINCT ?x ?p ?y WHERE {{ {COUNTS[name]} }} }}",
        )
    ]
    [table] = [table for table in shipped if table.name == name]
    assert len(table.rows) == int(count) > 0


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["oxigraph_server", "virtuoso"])
def test_servers_give_the_same_tables(shipped: list[Table], engine: str, request: pytest.FixtureRequest) -> None:
    server: Server = request.getfixturevalue(engine)
    with server.holding((f"{ID}graph/all", evgraph.open().export(with_ontology=True))):
        found = tables(open_store(Origin(endpoint=server.endpoint())))
    for table, expected in zip(found, shipped, strict=True):
        assert table == expected


def test_every_query_has_a_count(shipped: list[Table]) -> None:
    assert [table.name for table in shipped] == [*sorted(COUNTS), "dataset", "columns"]


def test_the_values_are_those_of_the_graph(store: Store, shipped: list[Table]) -> None:
    rows = by_name(shipped)
    for property_, table, column in (
        ("schema:headline", "entries", "headline"),
        ("dcterms:creator", "documents", "creators"),
        ("evg:statedIn", "references", "passages"),
        ("bibo:doi", "documents", "doi"),
    ):
        kind = {"entries": "Entry", "documents": "Document", "references": "Reference"}[table]
        query = f"SELECT DISTINCT ?it ?value WHERE {{ ?it a evg:{kind} ; {property_} ?value }}"
        expected = {(value_of(it), value_of(value)) for it, value in select(store, query)}
        written = {
            (key[0], value)
            for key, row in rows[table].items()
            for value in (row[column] if isinstance(row[column], tuple) else [row[column]])
            if value is not None
        }
        assert written == expected


def test_another_library_accepts_the_csv_with_its_description(folder: Path, shipped: list[Table]) -> None:
    read = CSVW(str(folder / "csv" / "csv-metadata.json"), validate=True)
    assert (read.is_valid, read.warnings) == (True, [])
    for table in shipped:
        [theirs] = [parsed for parsed in read.tables if str(parsed.url) == f"{table.name}.csv"]
        rows = [[comparable(value) for value in row.values()] for row in theirs.iterdicts()]
        assert rows == [list(map(comparable, row)) for row in table.rows]
    described = json.loads((folder / "csv" / "csv-metadata.json").read_text(encoding="utf-8"))
    assert described["dc:license"] == {"@id": "https://creativecommons.org/publicdomain/zero/1.0/"}
    keys = {table["url"]: len(table["tableSchema"]["foreignKeys"]) for table in described["tables"]}
    assert (keys["links.csv"], keys["evidence.csv"], keys["references.csv"]) == (2, 2, 0)


def comparable(value: object) -> object:
    """Return what is the same in both libraries; csvw's IRIs are tuples too."""
    if type(value) in {list, tuple}:
        return [comparable(item) for item in value] or None  # type: ignore[attr-defined]
    return value.unsplit() if hasattr(value, "unsplit") else None if value is None else str(value)


def test_the_database_keeps_its_keys_and_finds_words(folder: Path, shipped: list[Table]) -> None:
    with closing(sqlite3.connect(folder / "sqlite" / "evgraph.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        for table in shipped:
            rows = connection.execute(f'SELECT * FROM "{table.name}" ORDER BY rowid').fetchall()  # noqa: S608
            assert rows == [tuple(map(flat, row)) for row in table.rows]
        found = connection.execute(
            "SELECT document FROM documents JOIN documents_fts ON documents.rowid = documents_fts.rowid"
            " WHERE documents_fts MATCH 'commissioning' ORDER BY 1"
        )
        assert [row[0].removeprefix(f"{ID}doc/") for row in found] == [
            "commissioning-review", "nice-2011-commissioning", "nta-2010",
        ]  # fmt: skip
        keys = connection.execute('PRAGMA foreign_key_list("references")').fetchall()
        assert {(key[2], key[3], key[4]) for key in keys} >= {("entries", "source_entry", "entry")}


@pytest.mark.slow
def test_datasette_opens_the_database(folder: Path) -> None:
    from datasette.app import Datasette  # A second, which no other test needs.

    async def ask() -> tuple[Any, Any]:
        client = Datasette([str(folder / "sqlite" / "evgraph.db")]).client
        listed = (await client.get("/evgraph.json")).json()
        found = (await client.get("/evgraph/documents.json?_search=commissioning&_shape=array")).json()
        return listed, found

    listed, found = asyncio.run(ask())
    counts = {table["name"]: table["count"] for table in listed["tables"] if not table["hidden"]}
    assert (counts["documents"], counts["entries"], counts["links"]) == (35, 31, 22)
    assert [row["label"] for row in found] == [
        "National review of the commissioning of drug treatment in England",
        "NICE on commissioning alcohol services (2011)",
        "National Treatment Agency on commissioning for recovery (2010)",
    ]


def test_the_workbook_has_a_sheet_per_table(folder: Path, shipped: list[Table]) -> None:
    book = openpyxl.load_workbook(folder / "xlsx" / "evgraph.xlsx", read_only=True)
    assert book.sheetnames == [table.name for table in shipped]
    for table in shipped:
        header, *rows = book[table.name].iter_rows(values_only=True)
        assert header == tuple(column.name for column in table.columns)
        assert rows == [tuple(map(flat, row)) for row in table.rows]


def test_parquet_has_lists_and_numbers(folder: Path, shipped: list[Table]) -> None:
    for table in shipped:
        frame = polars.read_parquet(folder / "parquet" / f"{table.name}.parquet")
        assert [tuple(tuple(v) if isinstance(v, list) else v for v in row) for row in frame.rows()] == table.rows
    documents = polars.read_parquet(folder / "parquet" / "documents.parquet")
    assert (str(documents.schema["year"]), str(documents.schema["creators"])) == ("Int64", "List(String)")


def test_no_spreadsheet_takes_a_cell_for_a_formula(small: list[Table], tmp_path: Path) -> None:
    written = {
        kind: {
            name: b"".join(content) for name, content in TABLE_FORMATS[kind].write(small) if name != "csv-metadata.json"
        }
        for kind in ("csv", "spreadsheet", "xlsx")
    }
    assert b",=1+1," in written["csv"]["documents.csv"], "as it is, for programs"
    assert b",'=1+1," in written["spreadsheet"]["documents.csv"]
    (tmp_path / "evgraph.xlsx").write_bytes(written["xlsx"]["evgraph.xlsx"])
    [cell] = [
        cell
        for row in openpyxl.load_workbook(tmp_path / "evgraph.xlsx")["documents"].iter_rows()
        for cell in row
        if cell.value == "=1+1"
    ]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*TABLE_FORMATS])
def test_the_same_graph_gives_the_same_bytes(run: Run, folder: Path, tmp_path: Path, name: str) -> None:
    words = ("export", "--tables", tmp_path / "it", "--format", name)
    assert run(*words, env={"PYTHONHASHSEED": "7"}, own_process=True).code == 0
    for path in (folder / name).iterdir():
        assert (tmp_path / "it" / path.name).read_bytes() == path.read_bytes()


def test_a_second_run_removes_what_is_gone(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "it"
    assert run("export", "--tables", out, "--spreadsheet").code == 0
    rows = list(csv.reader((out / "dataset.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert rows[:2] == [["name", "value"], ["iri", f"{ID}dataset"]]
    assert run("export", "--tables", out, "--format", "sqlite").code == 0
    assert {path.name for path in out.iterdir()} == {"SHA256SUMS", "evgraph.db"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--cell", "E4"), "--cell is not for --tables, which is about all the data"),
        (("--format", "turtle"), "cannot write tables as turtle; use csv, spreadsheet, xlsx, sqlite, parquet"),
        (("--spreadsheet", "--format", "xlsx"), "--spreadsheet is for csv, not for xlsx"),
        (("-o", "x.csv"), "--output is not for --tables, which names its folder"),
        (("--describe",), "--describe and --tables exclude each other"),
        (("--issued", "2026-01-31"), "--issued is for --dumps only"),
    ],
)
def test_what_does_not_go_together_is_refused(run: Run, tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    ran = run("export", "--tables", tmp_path / "it", *words)
    assert (ran.code, ran.stdout, (tmp_path / "it").exists()) == (2, "", False)
    assert ran.stderr.startswith(f"evgraph: {message}")
