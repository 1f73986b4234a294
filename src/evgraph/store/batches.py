"""Queries about many terms, as many at a time as every server takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.store.protocol import Rows
from evgraph.terms import value_of as value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evgraph.store.protocol import Store, Term

AT_ONCE = 500
"""So many terms stand in one VALUES; some servers refuse a few thousand."""


def every(store: Store, query: str) -> Iterator[tuple[Term, ...]]:
    """Ask a SELECT; rows with an unbound variable are left out."""
    answer = store.query(query)
    for row in answer.rows if isinstance(answer, Rows) else ():
        found = tuple(one for one in row if one is not None)
        if len(found) == len(row):
            yield found


def asked_of(store: Store, query: str, variable: str, terms: Iterable[Term]) -> Iterator[tuple[Term, ...]]:
    """Ask a SELECT for some terms, so many at a time; blank nodes cannot be asked about.

    Args:
        store: whom to ask.
        query: the query, as for `str.format`, with ``{}`` where the VALUES is to stand.
        variable: which variable the terms are for, without its question mark.
        terms: the terms.

    """
    for some in batches(terms):
        yield from every(store, query.format(values(variable, some)))


def batches(terms: Iterable[Term], size: int = AT_ONCE) -> Iterator[Sequence[Term]]:
    """Part terms into batches, sorted; each term once, blank nodes left out."""
    ordered = sorted({one for one in terms if not isinstance(one, ox.BlankNode)}, key=str)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def values(variable: str, terms: Iterable[Term]) -> str:
    """Write a VALUES clause."""
    return f"VALUES ?{variable} {{ {' '.join(map(str, terms))} }}"
