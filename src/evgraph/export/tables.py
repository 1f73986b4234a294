"""The graph as tables with keys: each is a query in ``queries/tables``, whose rows about one thing become one row."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pyoxigraph import Literal, NamedNode

from evgraph import shipped_files
from evgraph.export.citation_formats import as_text
from evgraph.export.citations import citation
from evgraph.export.describe import DATASET
from evgraph.namespaces import XSD
from evgraph.query.catalogue import TABLES
from evgraph.query.reading import read
from evgraph.store.protocol import Rows, WholeAnswers, select_rows
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evgraph.query.question import Question
    from evgraph.store.protocol import Store, Term

Value: TypeAlias = "str | int | tuple[str, ...] | None"
"""A value of a row: text, a whole number, several texts (sorted), or nothing."""

# The columns whose rows identify a row, where that is not the first column alone.
_KEYS = {
    "listings": ("entry", "document"),
    "identifiers": ("identification", "document"),
    "links": ("document", "link", "other"),
    "evidence": ("recommendation", "document", "relation"),
    "discussions": ("document", "section", "relation"),
    "citations": ("citing_document", "cited_document"),
}
# Column → the table whose key it has.
_REFERS = {
    "cell": "cells", "target_cell": "cells",
    "entry": "entries", "source_entry": "entries", "target_entry": "entries",
    "section": "sections", "source_section": "sections", "target_section": "sections",
    "document": "documents", "other": "documents", "target_document": "documents", "guidance": "documents",
    "citing_document": "documents", "cited_document": "documents",
    "recommendation": "recommendations", "organisation": "organisations", "replaced_by": "organisations",
}  # fmt: skip
_LISTS = {
    "topics", "markers", "kinds", "creators", "publishers", "study_countries", "for_countries", "settings", "designs",
    "other_names", "candidates", "derived_from", "stances", "passages",
}  # fmt: skip
_IRIS = {
    "snapshot", "link", "identification", "reference", "passage", "passages", "candidates", "publishers",
    "derived_from",
}  # fmt: skip
_INTEGER = NamedNode(f"{XSD}integer")
_NUMBERS = {"position", "year", "line", "start", "end"}
_DATES = {"captured"}
_FORMS = {"integer": r"[+-]?[0-9]{1,18}", "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}"}
# Table → the columns that people search for words.
_SEARCHED = {
    "documents": ("label", "title", "creators", "citation"),
    "entries": ("headline", "publisher", "summary"),
    "sections": ("title", "summary"),
    "recommendations": ("label",),
    "organisations": ("label", "other_names"),
}
SEPARATOR = "; "
"""Between the texts of a value that has several, where a format has no lists."""


class Column(NamedTuple):
    """A column of a table."""

    name: str
    description: str
    datatype: str  # Of CSVW and XML Schema: string, integer, date, anyURI.
    is_list: bool = False
    refers_to: str = ""  # The table whose key it has; empty where it has none.


class Table(NamedTuple):
    """A table: its rows are sorted by its key, which no two of them share."""

    name: str
    summary: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rows: list[tuple[Value, ...]]
    searched: tuple[str, ...] = ()  # The columns that people search for words.


def tables(store: Store) -> list[Table]:
    """Return all tables of a graph; the last two, ``dataset`` and ``columns``, describe the others.

    A key that another table refers to has a row, if only with the key. A value that has not the form of its column's
    datatype is left out; of several values of a column that is no list, the row has the best label or the first.

    Raises:
        EndpointError, LimitReachedError: see `WholeAnswers`.

    """
    whole = WholeAnswers(store)
    paths = sorted((shipped_files.queries() / TABLES).glob("*.rq"))
    found = _with_referred({path.stem: _table(whole, read(path)) for path in paths})
    return [*found, _dataset(store), _columns(found)]


def table(store: Store, name: str) -> Table:
    """Return one table of a graph."""
    return _table(WholeAnswers(store), read(shipped_files.queries() / TABLES / f"{name}.rq"))


def as_rows(table: Table) -> Rows:
    """Return a table as rows of literals; several values are one text, with `SEPARATOR` between them."""
    names = [column.name for column in table.columns]
    return Rows(names, (tuple(map(_term, row)) for row in table.rows))


def flat(value: Value) -> str | int | None:
    """Return a value as one that is no list, and None for an empty list."""
    return (SEPARATOR.join(value) or None) if isinstance(value, tuple) else value


def _term(value: Value) -> Term | None:
    value = flat(value)
    if isinstance(value, int):
        return Literal(str(value), datatype=_INTEGER)
    return None if value is None else Literal(value)


def _table(store: Store, question: Question) -> Table:
    name = question.name
    key = _KEYS.get(name, (next(iter(question.columns)),))
    columns = tuple(_column(name, key, column, text) for column, text in question.columns.items())
    places = [list(question.columns).index(column) for column in key]
    things: dict[tuple[str, ...], list[set[Term]]] = {}
    for row in select_rows(store, question.text).rows:
        values = things.setdefault(tuple(value_of(row[place]) for place in places), [set() for _ in columns])
        for terms, term in zip(values, row, strict=True):
            if term is not None:
                terms.add(term)
    rows = [tuple(map(_value, columns, things[thing])) for thing in sorted(things)]
    return Table(name, question.summary, columns, key, rows, _SEARCHED.get(name, ()))


def _column(table_name: str, key: Sequence[str], name: str, description: str) -> Column:
    refers_to = _REFERS.get(name, "")
    if key == (name,) and refers_to == table_name:
        refers_to = ""
    is_iri = name in _IRIS or name in _REFERS
    datatype = "anyURI" if is_iri else "integer" if name in _NUMBERS else "date" if name in _DATES else "string"
    return Column(name, description, datatype, name in _LISTS, refers_to)


def _value(column: Column, terms: set[Term]) -> Value:
    form = _FORMS.get(column.datatype)
    texts = [term for term in terms if form is None or re.fullmatch(form, value_of(term))]
    if column.is_list:
        return tuple(sorted({value_of(term) for term in texts}))
    if not texts:
        return None
    text = value_of(min(texts, key=_rank))
    return int(text) if column.datatype == "integer" else text


def _rank(term: Term) -> tuple[bool, bool, str]:
    language = term.language if isinstance(term, Literal) else None
    return language != "en", language is not None, value_of(term)


def _with_referred(found: dict[str, Table]) -> list[Table]:
    """Add a row with nothing but its key for each key that is referred to and has none."""
    keys: dict[str, set[Value]] = {name: {row[0] for row in table.rows} for name, table in found.items()}
    for referring in list(found.values()):
        for place, column in enumerate(referring.columns):
            if not column.refers_to:
                continue
            missing = {row[place] for row in referring.rows} - keys[column.refers_to] - {None}
            keys[column.refers_to] |= missing
            found[column.refers_to].rows.extend(
                (value, *(() if other.is_list else None for other in found[column.refers_to].columns[1:]))
                for value in missing
            )
    for referred in found.values():
        places = [[column.name for column in referred.columns].index(name) for name in referred.key]
        referred.rows.sort(key=lambda row: [str(row[place]) for place in places])
    return list(found.values())


def _dataset(store: Store) -> Table:
    about = citation(store, DATASET)
    facts = {
        "iri": about.iri,
        "title": about.title,
        "version": about.version,
        "issued": about.issued,
        "publisher": about.publisher,
        "licence": about.licence,
        "citation": as_text(about),
    }
    return _described("dataset", "What these tables are from", ("name", "value"), 1, facts.items())


def _columns(found: Iterable[Table]) -> Table:
    rows = ((table.name, column.name, column.description) for table in found for column in table.columns)
    return _described("columns", "What the columns of the tables are", ("table", "column", "description"), 2, rows)


def _described(name: str, summary: str, columns: Sequence[str], key: int, rows: Iterable[tuple[str, ...]]) -> Table:
    described = tuple(Column(column, f"the {column}", "string") for column in columns)
    return Table(name, summary, described, tuple(columns[:key]), [row for row in rows if row[-1]])
