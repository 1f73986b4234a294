"""The interface of every store, answers to queries, and SELECTs over any store; terms are those of `evgraph.terms`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode

from evgraph.errors import EndpointError, LimitReachedError
from evgraph.namespaces import NOT_IN_IRI
from evgraph.redaction import cut_secrets
from evgraph.sparql.rewriting import count_of_rows, split_prologue
from evgraph.sparql.tokens import columns, tokens
from evgraph.terms import Term as Term
from evgraph.terms import value_of
from evgraph.text import plural, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import Quad, Triple

BATCH = 500
"""So many terms are in one VALUES; some servers refuse a few thousand."""
_VALUES = re.compile(r"VALUES (\?\w+) \{\}")
PAGE = 5_000
"""So many rows are in one page; Virtuoso cuts at 10,000 by default."""


class Rows(NamedTuple):
    """The answer to a SELECT: its columns, and one tuple per solution, with None for an unbound variable."""

    columns: Sequence[str]  # Variables without the question mark, in the order of the query.
    rows: Iterator[tuple[Term | None, ...]]  # Iterate once.


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

        Raise UnreadableError if the query is not legal SPARQL; its ``line`` is the line of the error.
        """
        ...


class LookupStore(Store, Protocol):
    """A store that looks up quads without SPARQL, or as if without."""

    def matches(
        self, subject: NamedNode | BlankNode | None = None, predicate: str | None = None, value: Term | None = None
    ) -> Iterator[Quad]:
        """Iterate over the quads with a subject, a predicate and an object; None matches any."""
        ...


def construct(store: Store, query: str) -> Iterator[Triple]:
    """Return the answer to a CONSTRUCT or DESCRIBE; raise TypeError for any other query."""
    answer = store.query(query)
    if not isinstance(answer, Triples):
        raise TypeError(query)
    return answer.triples


def select_rows(store: Store, query: str) -> Rows:
    """Return the answer to a SELECT; raise TypeError for any other query."""
    answer = store.query(query)
    if not isinstance(answer, Rows):
        raise TypeError(query)
    return answer


def select(store: Store, query: str) -> Iterator[tuple[Term, ...]]:
    """Iterate over those rows of a SELECT in which every variable is bound; raise TypeError for any other query."""
    for row in select_rows(store, query).rows:
        bound = tuple(term for term in row if term is not None)
        if len(bound) == len(row):
            yield bound


def select_for(store: Store, query: str, terms: Iterable[Term | str]) -> Iterator[tuple[Term, ...]]:
    """Iterate over the rows of a SELECT about terms or IRIs, asked about `BATCH` of them at a time, each once.

    The query has an empty VALUES for them: ``SELECT ?s ?o WHERE { VALUES ?s {} ?s ?p ?o }``. Blank nodes and what is no
    IRI are left out.
    """
    texts = sorted({text for term in terms if (text := _in_values(term))})
    place = _place(query)
    for start in range(0, len(texts), BATCH):
        batch = dict.fromkeys(texts[start : start + BATCH])
        for row in select(store, query.replace("{}", f"{{ {' '.join(batch)} }}", 1)):
            if place is not None and str(row[place]) not in batch and not _may_be_changed(row[place], batch):
                raise EndpointError(
                    f"the server answers a question about {plural(len(batch), 'thing')} with a row about another:"
                    f" {shown(str(row[place]))}",
                    hint="look into the server's log",
                )
            yield row


@lru_cache(maxsize=256)
def _place(query: str) -> int | None:
    """Return which column of a SELECT has the terms of its VALUES; None where none has."""
    variable = _VALUES.search(query)
    names = [token.text for token in columns(tokens(query)) or ()]
    return names.index(variable[1]) if variable and variable[1] in names else None


def _may_be_changed(term: Term, texts: Iterable[str]) -> bool:
    """Return whether a term may be one of others in a form of the server's: it changes the forms of literals."""
    return isinstance(term, Literal) and any(text.startswith('"') for text in texts)


def _in_values(term: Term | str) -> str:
    if isinstance(term, str):
        return f"<{term}>" if ":" in term and not NOT_IN_IRI.search(term) else ""
    return "" if isinstance(term, BlankNode) else str(term)


def select_paged(store: Store, query: str, page: int = PAGE) -> Rows:
    """Return the rows of a SELECT, asked for in pages by the text of the first column.

    Raises:
        ValueError: the query is no SELECT that names its columns.
        EndpointError: the store does not count the rows.
        LimitReachedError: the store cuts a page too, or the pages do not have all rows, as where the first column has
            blank nodes, which cannot be sorted.

    """
    names = [token.text[1:] for token in columns(tokens(query)) or ()]
    if not names:
        raise ValueError(query)
    prologue, inner = split_prologue(query)
    inner = f"{{ {inner}\n}}"  # The query may end in a comment.
    selected, key = " ".join(f"?{name}" for name in names), f"STR(?{names[0]})"
    rows: list[tuple[Term | None, ...]] = []
    after = ""
    count = count_rows(store, query)
    while True:
        text = f"{prologue}SELECT {selected} WHERE {{ {inner} {after} }} ORDER BY {key} LIMIT {page}"
        fetched = list(select_rows(store, text).rows)
        if len(fetched) < page or len(rows) + len(fetched) > count:  # A server may return the same page again.
            rows += fetched
            break
        # The rows with the last key may continue on the next page.
        complete = [row for row in fetched if value_of(row[0]) != value_of(fetched[-1][0])]
        rows += complete
        if complete:
            after = f"FILTER({key} > {Literal(value_of(complete[-1][0]))})"
        else:
            page *= 2
    if count != len(rows):
        raise LimitReachedError(f"the server counts {count:,} rows, and its pages have {len(rows):,}")
    return Rows(names, iter(rows))


def count_rows(store: Store, query: str) -> int:
    """Return the number of rows of a SELECT, as the store counts them; raise EndpointError if it returns no number."""
    return read_number(store, count_of_rows(query))


def read_number(store: Store, query: str) -> int:
    """Return the one number that a SELECT has; raise EndpointError for any other answer."""
    rows = list(select_rows(store, query).rows)
    text = value_of(rows[0][0]) if len(rows) == 1 and len(rows[0]) == 1 and rows[0][0] is not None else ""
    if not re.fullmatch("[0-9]{1,18}", text):
        raise EndpointError(
            f"the server answers a question for one number with {plural(len(rows), 'row')}: {shown(text, 40)}"
        )
    return int(text)


class WholeAnswers:
    """A `Store` over another that asks again, in pages of so many rows, for rows that the other one cut."""

    def __init__(self, store: Store, page: int = PAGE) -> None:
        self._store, self._page = store, page

    def query(self, sparql: str) -> Answer:
        """See `Store.query`; raise LimitReachedError if the answer was cut and the pages do not have it all either."""
        try:
            answer = self._store.query(sparql)
            return Rows(answer.columns, iter(list(answer.rows))) if isinstance(answer, Rows) else answer
        except LimitReachedError as error:
            try:
                return select_paged(self._store, sparql, self._page)
            except (ValueError, LimitReachedError):
                raise error from None


class WithoutSecrets:
    """A `Store` over another, for reports: its rows have no password or token in use, which a server may repeat."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def query(self, sparql: str) -> Answer:
        """See `Store.query`."""
        answer = self._store.query(sparql)
        if not isinstance(answer, Rows):
            return answer
        return Rows(answer.columns, (tuple(map(_without_secrets, row)) for row in answer.rows))


def _without_secrets(term: Term | None) -> Term | None:
    if not isinstance(term, NamedNode | Literal) or (text := cut_secrets(term.value)) == term.value:
        return term
    if isinstance(term, NamedNode):
        return NamedNode(text)
    return Literal(text, language=term.language) if term.language else Literal(text, datatype=term.datatype)
