"""The answer to a SELECT, held in memory: rows of rdflib's terms that know their columns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, SupportsIndex, overload

from pyoxigraph import NamedNode

from evgraph.errors import UsageError
from evgraph.namespaces import curie
from evgraph.python import frames, notebook
from evgraph.python.thing import Passage, described
from evgraph.python.values import Value, value
from evgraph.query.names import labels_beside
from evgraph.query.passages import COLUMN, Passages
from evgraph.render.results import csv
from evgraph.render.rows import table
from evgraph.spelling import unknown_name
from evgraph.store.protocol import Rows
from evgraph.terms import RdflibTerm as Term
from evgraph.terms import to_rdflib as term
from evgraph.writing import write_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas
    import polars
    from rdflib import URIRef

    from evgraph.python.graph import Graph
    from evgraph.store.protocol import Term as Stored

_SHOWN = 20  # Rows of a repr; a notebook shows more.


class Row(tuple["Term | None", ...]):
    """One solution: a tuple of rdflib's terms, None where a variable is unbound.

    A term is had by place or by the name of its column, and `dict(row)` gives both, as with `sqlite3.Row`.

    >>> row = evgraph.open().query("guidance-citing-trials", trial="timko-2007")[0]
    >>> row["guidance"], row[6]
    (rdflib.term.URIRef('https://w3id.org/evgraph/id/doc/nice-2011-guidelines'), rdflib.term.Literal('direct'))
    >>> row.passages
    (<Passage passage:efce44c0c094406b/18454-18759: alcohol-E4:95>,)
    """

    _result: Result

    def __new__(cls, result: Result, terms: Iterator[Term | None]) -> Row:
        """Make the row of a result."""
        row = super().__new__(cls, terms)
        row._result = result
        return row

    @overload
    def __getitem__(self, key: SupportsIndex | str) -> Term | None: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Term | None, ...]: ...
    def __getitem__(self, key: SupportsIndex | slice | str) -> Term | tuple[Term | None, ...] | None:
        """Give a term by its place or its column.

        Raises:
            UsageError: there is no column of that name; the nearest is named.
            IndexError: there is no such place.

        """
        return super().__getitem__(self._result.place(key) if isinstance(key, str) else key)

    def keys(self) -> tuple[str, ...]:
        """Give the names of the columns."""
        return self._result.columns

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The passages that the row rests on; none where the question names none."""
        named = self[COLUMN] if COLUMN in self._result.columns else None
        return described(self._result.graph, Passage, str(named or "").split())

    def __reduce__(self) -> tuple[type[tuple[Term | None, ...]], tuple[tuple[Term | None, ...]]]:
        """Copy and pickle as a plain tuple: the columns are the result's."""
        return tuple, (tuple(self),)

    def __repr__(self) -> str:
        """Give the row for people, IRIs as CURIEs."""
        terms = zip(self.keys(), self, strict=True)
        return f"Row({', '.join(f'{name}={one if one is None else curie(str(one))}' for name, one in terms)})"


class Result(Sequence[Row]):
    """The answer to a SELECT: a sequence of `Row`.

    In a notebook it shows itself as a table, at a prompt as text.

    Attributes:
        graph: the graph that was asked.
        columns: their names, in order.
        descriptions: column → what it is; empty for SPARQL of one's own.
        notes: what to know when reading it, such as which document words were taken for.
        cut: whether there are more rows than the limit let through, or may be, since a server hands out no more.

    """

    def __init__(
        self,
        graph: Graph,
        columns: Sequence[str],
        rows: Sequence[tuple[Stored | None, ...]],
        *,
        descriptions: Mapping[str, str] | None = None,
        notes: Sequence[str] = (),
        more: str = "",
    ) -> None:
        self.graph = graph
        self.columns = tuple(columns)
        self.descriptions = dict(descriptions or {})
        self.notes = tuple(notes)
        self.cut = bool(more)
        self._more = more
        self._rows = rows

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._rows)

    @overload
    def __getitem__(self, key: SupportsIndex) -> Row: ...
    @overload
    def __getitem__(self, key: slice) -> Result: ...
    def __getitem__(self, key: SupportsIndex | slice) -> Row | Result:
        """Give a row, or some of them.

        Raises:
            UsageError: the key is no number: columns are asked of a row, or of a data frame.
            IndexError: there is no such row.

        """
        if isinstance(key, slice):
            return Result(
                self.graph,
                self.columns,
                self._rows[key],
                descriptions=self.descriptions,
                notes=self.notes,
                more=self._more,
            )
        if isinstance(key, str):
            raise UsageError(
                f"rows have numbers, not names such as '{key}'",
                hint=f'[row["{key}"] for row in rows], or rows.to_pandas()["{key}"]',
            )
        return Row(self, (None if one is None else term(one) for one in self._rows[index(key)]))

    def place(self, column: str) -> int:
        """Give the place of a column, from 0.

        Raises:
            UsageError: there is none of that name; the nearest is named.

        """
        if column not in self.columns:
            raise unknown_name(f"there is no column '{column}'", column, self.columns)
        return self.columns.index(column)

    @cached_property
    def labels(self) -> Mapping[URIRef, str]:
        """What the graph calls the things in the rows: IRI → label."""
        iris = {one.value for row in self._rows for one in row if isinstance(one, NamedNode)}
        return self.graph.labels(iris)

    def to_dicts(self, *, curies: bool = False) -> list[dict[str, Value | None]]:
        """Give the rows as dictionaries of plain values: numbers and years as int, dates as date, IRIs as text.

        Args:
            curies: shorten IRIs (``doc:timko-2007``).

        """
        return [
            {name: value(one, curies=curies) for name, one in zip(self.columns, row, strict=True)} for row in self._rows
        ]

    def to_pandas(self, *, curies: bool = False) -> pandas.DataFrame:
        """Give the rows as a data frame; for its values see `to_dicts`.

        Args:
            curies: shorten IRIs.

        Raises:
            UsageError: pandas is not installed.

        """
        return frames.to_pandas(self._by_column(curies=curies))

    def to_polars(self, *, curies: bool = False) -> polars.DataFrame:
        """Give the rows as a data frame; for its values see `to_dicts`.

        Args:
            curies: shorten IRIs.

        Raises:
            UsageError: polars is not installed.

        """
        return frames.to_polars(self._by_column(curies=curies))

    def to_csv(self, path: str | Path | None = None) -> str:
        """Give the rows as CSV, whole IRIs and no labels: https://www.w3.org/TR/sparql11-results-csv-tsv/ .

        Args:
            path: a file to write it to as well, whole or not at all.

        Raises:
            UnreadableError: the file cannot be written.

        """
        text = "".join(csv(self._as_stored(self._rows)))
        if path is not None:
            write_file(Path(path), text.encode())
        return text

    def _by_column(self, *, curies: bool) -> dict[str, list[Value | None]]:
        return {
            name: [value(row[place], curies=curies) for row in self._rows] for place, name in enumerate(self.columns)
        }

    def _as_stored(self, rows: Sequence[tuple[Stored | None, ...]]) -> Rows:
        return Rows(self.columns, iter(rows))

    def _summary(self, shown: int) -> str:
        count = len(self)
        words = f"{count} row{'' if count == 1 else 's'}"
        words = f"the first {shown} of {words}" if shown < count else words
        return f"{words}, as limit={count} asks; {self._more}" if self.cut else words

    def __repr__(self) -> str:
        """Give the first rows as a table as wide as the terminal, and how many there are."""
        from shutil import get_terminal_size

        rows = self._as_stored(self._rows[:_SHOWN])
        store = self.graph.store
        lines = table(rows, get_terminal_size((120, 24)).columns, Passages(store), partial(labels_beside, store))
        return "".join([*lines, *(f"note: {note}\n" for note in self.notes), self._summary(_SHOWN)])

    def _repr_html_(self) -> str:
        """Give the first rows as a table for notebooks."""
        given, store = self._as_stored(self._rows[: notebook.SHOWN]), self.graph.store
        rows = notebook.table(given, self.descriptions, Passages(store), partial(labels_beside, store))
        return rows + notebook.lines(*(f"note: {note}" for note in self.notes), self._summary(notebook.SHOWN))
