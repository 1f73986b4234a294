"""The answer to a SELECT, in memory: rows of rdflib's terms."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, SupportsIndex, overload

from pyoxigraph import NamedNode

from evgraph.errors import UsageError
from evgraph.namespaces import curie
from evgraph.python import notebook
from evgraph.python.things import Passage, described
from evgraph.python.values import Tabular, Value, value
from evgraph.query.names import labels_beside
from evgraph.query.passages import COLUMN, Passages
from evgraph.render.rows import csv, table
from evgraph.spelling import unknown_name
from evgraph.store.protocol import Rows
from evgraph.terms import RdflibTerm as Term
from evgraph.terms import to_rdflib as term
from evgraph.writing import write_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rdflib import URIRef

    from evgraph.python.things import OpenGraph
    from evgraph.store.protocol import Term as Stored

_SHOWN = 20  # Rows in the repr; a notebook shows more.


class Row(tuple["Term | None", ...]):
    """One row: a tuple of rdflib's terms, None where unbound, that you can also index by column name or make a dict.

    >>> row = evgraph.open().query("guidance-citing-trials", trial="timko-2007")[0]
    >>> row["guidance"], row[6]
    (rdflib.term.URIRef('https://w3id.org/evgraph/id/doc/nice-2011-guidelines'), rdflib.term.Literal('direct'))
    >>> row.passages
    (<Passage passage:efce44c0c094406b/18454-18759: alcohol-E4:95>,)
    """

    _result: Result

    def __new__(cls, result: Result, terms: Iterator[Term | None]) -> Row:
        """Create a row of a result."""
        row = super().__new__(cls, terms)
        row._result = result
        return row

    @overload
    def __getitem__(self, key: SupportsIndex | str) -> Term | None: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Term | None, ...]: ...
    def __getitem__(self, key: SupportsIndex | slice | str) -> Term | tuple[Term | None, ...] | None:
        """Return the term at a position or in a column; a `UsageError` names the nearest column."""
        return super().__getitem__(self._result.position(key) if isinstance(key, str) else key)

    def keys(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return self._result.columns

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The passages that the row rests on, if the question gives them."""
        iris = self[COLUMN] if COLUMN in self._result.columns else None
        return described(self._result.graph, Passage, str(iris or "").split())

    def __reduce__(self) -> tuple[type[tuple[Term | None, ...]], tuple[tuple[Term | None, ...]]]:
        """Copy and pickle as a plain tuple, since the columns belong to the result."""
        return tuple, (tuple(self),)

    def __repr__(self) -> str:
        """Return the row as text, IRIs as CURIEs."""
        terms = zip(self.keys(), self, strict=True)
        return f"Row({', '.join(f'{name}={None if term is None else curie(str(term))}' for name, term in terms)})"


class Result(Tabular, Sequence[Row]):
    """The answer to a SELECT: a sequence of `Row`, which a notebook displays as a table, a prompt as text.

    Attributes:
        graph: the `Graph` that gave it.
        columns: the names of the columns, in order.
        descriptions: column → description; empty for a SPARQL query.
        notes: remarks on the answer, such as which document was used for a name.
        cut: whether there are, or may be, more rows than the limit allowed or the server sent.

    """

    def __init__(
        self,
        graph: OpenGraph,
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
        return len(self._rows)

    @overload
    def __getitem__(self, key: SupportsIndex) -> Row: ...
    @overload
    def __getitem__(self, key: slice) -> Result: ...
    def __getitem__(self, key: SupportsIndex | slice) -> Row | Result:
        """Return a row, or for a slice a `Result`."""
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
                f"rows are numbered; '{key}' is not a number",
                hint=f'[row["{key}"] for row in rows], or rows.to_pandas()["{key}"]',
            )
        return Row(self, (None if stored is None else term(stored) for stored in self._rows[index(key)]))

    def position(self, column: str) -> int:
        """Return the position of a column, from 0; a `UsageError` names the nearest."""
        if column not in self.columns:
            raise unknown_name(f"there is no column '{column}'", column, self.columns)
        return self.columns.index(column)

    @cached_property
    def labels(self) -> Mapping[URIRef, str]:
        """The labels of the things in the rows: IRI → label."""
        return self.graph.labels({cell.value for row in self._rows for cell in row if isinstance(cell, NamedNode)})

    def to_dicts(self, *, curies: bool = False) -> list[dict[str, Value | None]]:
        """Return the rows as dictionaries of plain values: int for numbers and years, date for dates, text for IRIs.

        With `curies`, IRIs are shortened (``doc:timko-2007``).
        """
        return [
            {name: value(cell, curies=curies) for name, cell in zip(self.columns, row, strict=True)}
            for row in self._rows
        ]

    def to_csv(self, path: str | Path | None = None) -> str:
        """Return the rows as CSV with full IRIs (https://www.w3.org/TR/sparql11-results-csv-tsv/).

        With a path, write them to this file as well, or raise an `UnreadableError`.
        """
        text = "".join(csv(self._as_stored(self._rows)))
        if path is not None:
            write_file(Path(path), text.encode())
        return text

    def _as_stored(self, rows: Sequence[tuple[Stored | None, ...]]) -> Rows:
        return Rows(self.columns, iter(rows))

    def _summary(self, shown: int) -> str:
        count = len(self)
        words = f"{count} row{'' if count == 1 else 's'}"
        words = f"the first {shown} of {words}" if shown < count else words
        return f"{words}, as limit={count} asks; {self._more}" if self.cut else words

    def __repr__(self) -> str:
        """Return the first rows as a table as wide as the terminal, the notes and the number of rows."""
        from shutil import get_terminal_size

        rows = self._as_stored(self._rows[:_SHOWN])
        store = self.graph.store
        lines = table(rows, get_terminal_size((120, 24)).columns, Passages(store), partial(labels_beside, store))
        return "".join([*lines, *(f"note: {note}\n" for note in self.notes), self._summary(_SHOWN)])

    def _repr_html_(self) -> str:
        rows, store = self._as_stored(self._rows[: notebook.SHOWN]), self.graph.store
        shown = notebook.table(rows, self.descriptions, Passages(store), partial(labels_beside, store))
        return shown + notebook.lines(*(f"note: {note}" for note in self.notes), self._summary(notebook.SHOWN))
