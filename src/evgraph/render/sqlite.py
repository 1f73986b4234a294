"""Tables as an SQLite database, with keys and full-text search: https://www.sqlite.org/fileformat.html."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from evgraph.errors import UnreadableError
from evgraph.export.tables import flat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.export.tables import Table


def database(tables: Sequence[Table]) -> bytes:
    """Return a database of tables with primary and foreign keys; the same tables give the same bytes.

    The columns that people search have an index of words, ``TABLE_fts`` (https://www.sqlite.org/fts5.html), which
    Datasette finds by itself.

    Raises:
        UnreadableError: this Python has no SQLite with full-text search.

    """
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("BEGIN")
        for table in tables:
            connection.execute(_definition(table, tables))
            places = ", ".join("?" * len(table.columns))
            rows = (tuple(map(flat, row)) for row in table.rows)
            connection.executemany(f"INSERT INTO {_name(table.name)} VALUES ({places})", rows)  # noqa: S608
        for table in tables:
            for column in table.columns:
                if column.refers_to:
                    index = _name(f"{table.name}_{column.name}")
                    connection.execute(f"CREATE INDEX {index} ON {_name(table.name)} ({_name(column.name)})")
            if table.searched:
                _index_words(connection, table)
        connection.execute("COMMIT")
        connection.execute("VACUUM")
        return connection.serialize()


def _definition(table: Table, tables: Sequence[Table]) -> str:
    keys = {other.name: other.key for other in tables}
    lines = [
        f"{_name(column.name)} {'INTEGER' if column.datatype == 'integer' else 'TEXT'}"
        f"{' NOT NULL' if column.name in table.key else ''}"
        for column in table.columns
    ]
    lines.append(f"PRIMARY KEY ({', '.join(map(_name, table.key))})")
    lines += [
        f"FOREIGN KEY ({_name(column.name)}) REFERENCES {_name(column.refers_to)} ({_name(keys[column.refers_to][0])})"
        for column in table.columns
        if column.refers_to
    ]
    return f"CREATE TABLE {_name(table.name)} (\n  " + ",\n  ".join(lines) + "\n)"


def _index_words(connection: sqlite3.Connection, table: Table) -> None:
    index, columns = _name(f"{table.name}_fts"), ", ".join(map(_name, table.searched))
    try:
        connection.execute(
            f"CREATE VIRTUAL TABLE {index} USING FTS5 ({columns}, content={_name(table.name)},"
            " tokenize='unicode61 remove_diacritics 2')"
        )
    except sqlite3.OperationalError as error:
        raise UnreadableError(f"SQLite cannot search for words: {error}", hint="use a Python with FTS5") from None
    connection.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")  # noqa: S608


def _name(name: str) -> str:
    return f'"{name}"'
