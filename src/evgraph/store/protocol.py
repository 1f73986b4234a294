"""The interface of every store, and the answers to queries; terms are those of `evgraph.terms`, whatever the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from evgraph.terms import Term as Term  # noqa: TC001 - other modules import it from here

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyoxigraph import Triple


class Rows(NamedTuple):
    """The answer to a SELECT.

    Attributes:
        columns: variable names without the question mark, in the order of the query.
        rows: one tuple per solution, as long as ``columns``, with None for an unbound variable; iterate once.

    """

    columns: Sequence[str]
    rows: Iterator[tuple[Term | None, ...]]


class Triples(NamedTuple):
    """The answer to a CONSTRUCT or DESCRIBE; iterate once."""

    triples: Iterator[Triple]


Answer: TypeAlias = Rows | Triples | bool


class Store(Protocol):
    """A dataset that answers SPARQL 1.1 queries over the union of its graphs.

    https://www.w3.org/TR/sparql11-query/
    """

    def query(self, sparql: str) -> Answer:
        """Run a query; evgraph's prefixes need not be declared.

        Raises:
            UnreadableError: the query is not legal SPARQL; ``line`` is the line of the error.

        """
        ...
