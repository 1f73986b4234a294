"""The answer to a SELECT, in memory: rows of rdflib's terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, SupportsIndex, overload

from pyoxigraph import NamedNode

from evgraph.errors import UsageError
from evgraph.namespaces import curie
from evgraph.python.things import Passage, described
from evgraph.python.values import DISPLAYED, Tabular, Value, in_html, value
from evgraph.query.names import labels_beside
from evgraph.query.passages import COLUMN, Passages
from evgraph.render.rows import csv
from evgraph.render.tables import right_aligned, table_or_records, texts_of
from evgraph.store.protocol import Rows
from evgraph.terms import RdflibTerm as Term
from evgraph.terms import to_rdflib as term
from evgraph.text import plural, unknown_name
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
        if isinstance(key, str):
            columns = self._result.columns
            if key not in columns:
                raise unknown_name(f"there is no column '{key}'", key, columns)
            key = columns.index(key)
        return super().__getitem__(key)

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
        terms = zip(self.keys(), self, strict=True)
        return f"Row({', '.join(f'{name}={None if term is None else curie(str(term))}' for name, term in terms)})"


@dataclass(frozen=True, eq=False, repr=False)
class Result(Tabular, Sequence[Row]):
    """The answer to a SELECT: a sequence of `Row`, which a notebook displays as a table, a prompt as text.

    Attributes:
        graph: the `Graph` that gave it.
        columns: the names of the columns, in order.
        descriptions: column → description; empty for a SPARQL query.
        notes: remarks on the answer, such as which document was used for a name.

    """

    graph: OpenGraph
    columns: tuple[str, ...]
    _rows: Sequence[tuple[Stored | None, ...]]
    descriptions: Mapping[str, str]
    notes: Sequence[str]
    _more: str

    @property
    def cut(self) -> bool:
        """Whether there are, or may be, more rows than the limit allowed or the server sent."""
        return bool(self._more)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, key: SupportsIndex) -> Row: ...
    @overload
    def __getitem__(self, key: slice) -> Result: ...
    def __getitem__(self, key: SupportsIndex | slice) -> Row | Result:
        """Return a row, or for a slice a `Result`."""
        if isinstance(key, slice):
            return replace(self, _rows=self._rows[key])
        if isinstance(key, str):
            raise UsageError(
                f"rows are numbered; '{key}' is not a number",
                hint=f'[row["{key}"] for row in rows], or rows.to_pandas()["{key}"]',
            )
        return Row(self, (None if stored is None else term(stored) for stored in self._rows[index(key)]))

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
        words = f"{f'the first {shown} of ' if shown < count else ''}{plural(count, 'row')}"
        return f"{words}, as limit={count} asks; {self._more}" if self.cut else words

    def __repr__(self) -> str:
        """Return the first rows, as a table or, if that does not fit the terminal, as a list; notes; number of rows."""
        from shutil import get_terminal_size

        rows = self._as_stored(self._rows[:_SHOWN])
        store = self.graph.store
        width = get_terminal_size((120, 24)).columns
        _, lines = table_or_records(rows, width, Passages(store), partial(labels_beside, store))
        return "".join([*lines, *(f"note: {note}\n" for note in self.notes), self._summary(_SHOWN)])

    def _repr_html_(self) -> str:
        batch, store = self._rows[:DISPLAYED], self.graph.store
        rows = self._as_stored(batch)
        texts = texts_of(rows, batch, Passages(store), partial(labels_beside, store))
        body = [zip(*pair, strict=True) for pair in zip(batch, texts, strict=True)]
        lines = [*(f"note: {note}" for note in self.notes), self._summary(DISPLAYED)]
        return in_html("result", self.columns, self.descriptions, right_aligned(self.columns, batch), body, lines)
