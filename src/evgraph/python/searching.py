"""The full-text search of a `Graph`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.errors import UsageError
from evgraph.python.hints import in_python
from evgraph.python.result import Result
from evgraph.python.values import texts_of, whole_number
from evgraph.query.search import COLUMNS, LIMIT, ask

if TYPE_CHECKING:
    from evgraph.python.things import OpenGraph
    from evgraph.python.values import Argument


class Searchable:
    """What a `Graph` inherits to be searched."""

    @in_python()
    def search(
        self: OpenGraph,
        text: str,
        *,
        kind: Argument = None,
        cell: Argument = None,
        matrix: Argument = None,
        year: Argument = None,
        limit: int | None = LIMIT,
    ) -> Result:
        """Find entries, documents, recommendations and sections by words, like ``evgraph search WORDS``.

        The first search builds an index. It is kept with a store on disk; a server is read anew by each `Graph`.

        >>> hits = evgraph.open().search("mutual aid attendance", kind="trial", year="1980-2007")
        >>> [str(hit["label"]) for hit in hits]
        ['Sisson & Mallams (1981)']

        Args:
            text: words, in any grammatical form and without accents; a word also finds longer ones that begin with it.
                Words in double quotes must follow each other.
            kind: trial, study, review, guidance, analysis, document, entry, recommendation or section; or several.
            cell: in or listed in this cell, such as ``drug:E4``, or one of several; ``E4`` is that of both matrices.
            matrix: ``alcohol`` or ``drug``.
            year: ``2007``, ``"2000-2010"`` or several, of a document, of what lists it, and of what it recommends.
            limit: the largest number of hits; None for all.

        Returns:
            A `Result`, the best hit first. Its notes name the words that nothing has, each with the nearest.

        Raises:
            UsageError: there are no words, or an argument is not understood.
            UnreadableError: this Python has no SQLite with full-text search.

        """
        if not isinstance(text, str):
            raise UsageError(f"a search is for words in a str, not {type(text).__name__}")
        limit = whole_number("limit", limit, least=0)
        filters = {"kind": (), "cell": (), "matrix": (), "year": ()} | texts_of(
            {"kind": kind, "cell": cell, "matrix": matrix, "year": year}
        )
        rows, notes = ask(
            self.store,
            text,
            kinds=filters["kind"],
            cells=filters["cell"],
            matrices=filters["matrix"],
            years=filters["year"],
            limit=limit,
        )
        hits = list(rows.rows)
        return Result(self, tuple(rows.columns), hits, COLUMNS, tuple(notes), rows.rows.more)
