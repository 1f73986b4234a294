"""A store whose answers are whole, page by page where the engine would cut them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.errors import LimitReachedError
from evgraph.sparql import tokens as sparql
from evgraph.store.protocol import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.store.protocol import Answer, Store, Term

    Row = tuple[Term | None, ...]

PAGE = 5_000
"""So many rows are asked for at once; Virtuoso cuts at 10,000 as it comes."""


class WholeAnswers:
    """A `Store` over another that asks for an answer that was cut again, in pages.

    Args:
        store: whom to ask.
        page: so many rows at once.

    """

    def __init__(self, store: Store, page: int = PAGE) -> None:
        self._store = store
        self._page = page

    def query(self, sparql: str) -> Answer:
        """See `Store.query`.

        Raises:
            LimitReachedError: the answer was cut, and cannot be had in pages either.

        """
        try:
            answer = self._store.query(sparql)
            if not isinstance(answer, Rows):
                return answer
            return Rows(answer.columns, iter(list(answer.rows)))
        except LimitReachedError as error:
            pages = _Pages(self._store, sparql, self._page)
            if not pages.columns:
                raise
            rows = list(pages.rows(error))
            if len(rows) != pages.count():  # Blank nodes have no text to sort by.
                raise
            return Rows(pages.columns, iter(rows))


class _Pages:
    """A SELECT asked in pages, by the text of its first column."""

    def __init__(self, store: Store, query: str, page: int) -> None:
        self._store, self._page = store, page
        parts = sparql.tokens(query)
        found = sparql.columns(parts) or []
        self.columns = [token.text[1:] for token in found]
        start = next((i for i, one in enumerate(parts) if one.kind == "word" and one.text.upper() == "SELECT"), 0)
        self._head = "".join(token.text for token in parts[:start])
        self._inside = "".join(token.text for token in parts[start:])

    def rows(self, error: LimitReachedError) -> Iterator[Row]:
        """Iterate over the rows, page by page."""
        last: str | None = None
        names = " ".join(f"?{name}" for name in self.columns)
        key = f"STR(?{self.columns[0]})"
        while True:
            after = "" if last is None else f"FILTER({key} > {ox.Literal(last)})"
            page = self._ask(
                f"SELECT {names} WHERE {{ {{ {self._inside} }} {after} }} ORDER BY {key} LIMIT {self._page}"
            )
            if len(page) < self._page:
                yield from page
                return
            # The rows of the last key may go on on the next page.
            end = _text(page[-1])
            whole = [row for row in page if _text(row) != end]
            if not whole:
                raise error
            yield from whole
            last = _text(whole[-1])

    def count(self) -> int:
        """Count the rows."""
        ((number,),) = self._ask(f"SELECT (COUNT(*) AS ?evgrows) WHERE {{ {{ {self._inside} }} }}")
        return int(getattr(number, "value", -1))

    def _ask(self, query: str) -> list[Row]:
        answer = self._store.query(self._head + query)
        return list(answer.rows) if isinstance(answer, Rows) else []


def _text(row: Row) -> str:
    return str(getattr(row[0], "value", ""))
