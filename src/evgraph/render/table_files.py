"""Tables as files: CSV with a description (CSVW), a workbook, a database, Parquet; always the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evgraph.export.tables import SEPARATOR, as_rows
from evgraph.namespaces import CC0
from evgraph.render import rows as row_formats

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evgraph.export.tables import Column, Table

METADATA = "csv-metadata.json"
"""The name under which readers of CSVW look for a description: https://www.w3.org/TR/tabular-data-model/."""


def csv(tables: Sequence[Table]) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
    """Write a CSV file per table, and their description: keys, types, what each column is.

    https://www.w3.org/TR/tabular-metadata/
    """
    for table in tables:
        yield f"{table.name}.csv", (line.encode() for line in row_formats.csv(as_rows(table)))
    yield METADATA, _metadata(tables)


def spreadsheet(tables: Sequence[Table]) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Write a CSV file per table for people who open it in a spreadsheet; see `evgraph.render.rows.spreadsheet`.

    There is no description, because the cells may differ from the values.
    """
    for table in tables:
        yield f"{table.name}.csv", (line.encode() for line in row_formats.spreadsheet(as_rows(table)))


def xlsx(tables: Sequence[Table]) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Write a workbook with a sheet per table; see `evgraph.render.xlsx.workbook`."""
    from evgraph.render.xlsx import workbook

    yield "evgraph.xlsx", workbook((table.name, as_rows(table)) for table in tables)


def sqlite(tables: Sequence[Table]) -> Iterator[tuple[str, bytes]]:
    """Write a database; see `evgraph.render.sqlite.database`."""
    from evgraph.render.sqlite import database

    yield "evgraph.db", database(tables)


def parquet(tables: Sequence[Table]) -> Iterator[tuple[str, bytes]]:
    """Write a Parquet file per table; a column with several values is one of lists: https://parquet.apache.org/docs/."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for table in tables:
        fields = []
        for column in table.columns:
            kind = pa.int64() if column.datatype == "integer" else pa.string()
            described = {"description": column.description}
            fields.append(pa.field(column.name, pa.list_(kind) if column.is_list else kind, metadata=described))
        values = [list(values) for values in zip(*table.rows, strict=True)] or [[] for _ in fields]
        out = pa.BufferOutputStream()
        pq.write_table(pa.table(values, schema=pa.schema(fields, metadata={"summary": table.summary})), out)
        yield f"{table.name}.parquet", out.getvalue().to_pybytes()


def _metadata(tables: Sequence[Table]) -> bytes:
    import json

    facts = {row[0]: row[1] for table in tables if table.name == "dataset" for row in table.rows}
    description = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "dc:title": facts.get("title"),
        "dc:source": facts.get("iri"),
        "dc:hasVersion": facts.get("version"),
        "dc:license": {"@id": facts.get("licence") or CC0},
        "tables": [_described(table, tables) for table in tables],
    }
    known = {name: value for name, value in description.items() if value is not None}
    return f"{json.dumps(known, ensure_ascii=False, indent=1)}\n".encode()


def _described(table: Table, tables: Sequence[Table]) -> dict[str, Any]:
    keys = {other.name: other.key for other in tables}
    return {
        "url": f"{table.name}.csv",
        "dc:title": table.summary,
        "tableSchema": {
            "columns": [_of_column(column) for column in table.columns],
            "primaryKey": list(table.key),
            "foreignKeys": [
                {
                    "columnReference": column.name,
                    "reference": {
                        "resource": f"{column.refers_to}.csv",
                        "columnReference": keys[column.refers_to][0],
                    },
                }
                for place, column in enumerate(table.columns)
                # Some validators take an empty cell for a key that is missing.
                if column.refers_to and all(row[place] is not None for row in table.rows)
            ],
        },
    }


def _of_column(column: Column) -> dict[str, Any]:
    described = {"name": column.name, "titles": column.name, "dc:description": column.description,
                 "datatype": column.datatype}  # fmt: skip
    return described | ({"separator": SEPARATOR} if column.is_list else {})
