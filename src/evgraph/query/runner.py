"""The one way to run a query: check names and values, bind terms, refuse forbidden keywords, limit the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeAlias, TypeVar

from pyoxigraph import BlankNode, Literal

from evgraph.errors import Hint, IllegalQueryError, RowsWithheldError, UsageError
from evgraph.namespaces import XSD
from evgraph.query import parameters
from evgraph.query.notes import notes as notes_on
from evgraph.sparql import guard, rewriting
from evgraph.store.embedded import OfflineStore, OxigraphStore
from evgraph.store.protocol import Answer, Rows, Term, Triples
from evgraph.terms import value_of

if TYPE_CHECKING:
    from pyoxigraph import Triple

    from evgraph.query.parameters import Value
    from evgraph.query.question import Parameter, Question
    from evgraph.store.protocol import Store

_T = TypeVar("_T")
_NUMBERS = {f"{XSD}{name}" for name in ("integer", "decimal", "double", "float")}
Values: TypeAlias = Mapping[str, str | Sequence[str]]
"""Name of a parameter → its value as typed, or several."""
Bound: TypeAlias = dict[str, tuple["Value", ...]]
"""Name of a parameter → the terms that replace it."""


class Limited(Iterator[_T], Generic[_T]):
    """An iterator that stops at a limit.

    Args:
        items: what to hand out.
        limit: at most so many; None for all.

    Attributes:
        count: how many it has handed out.
        more: that there are more, or may be, in words; empty where it has handed out all. Final at its end.

    """

    def __init__(self, items: Iterator[_T], limit: int | None = None) -> None:
        self._items = items
        self._limit = limit
        self.count = 0
        self.more = ""

    @property
    def truncated(self) -> bool:
        """Whether there are more items, or may be."""
        return bool(self.more)

    def __next__(self) -> _T:
        if self.count == self._limit:
            self.more = self.more or self._remainder()
            raise StopIteration
        item = next(self._items)
        self.count += 1
        return item

    def _remainder(self) -> str:
        try:
            return "" if next(self._items, None) is None else "there are more"
        except RowsWithheldError as error:  # As many as the limit have come.
            return f"there may be more: {error.message}"


class LimitedRows(Rows):
    """Rows that are limited and counted."""

    rows: Limited[tuple[Term | None, ...]]


class LimitedTriples(Triples):
    """Triples that are limited and counted."""

    triples: Limited[Triple]


class Answered(NamedTuple):
    """An answer, and notes on the values that were asked about."""

    answer: LimitedRows | LimitedTriples | bool
    notes: list[str]


def run(
    store: Store, question: Question, values: Values | None = None, limit: int | None = None
) -> LimitedRows | LimitedTriples | bool:
    """Return the answer to a question, without notes; see `ask`."""
    return ask(store, question, values, limit).answer


def ask(store: Store, question: Question, values: Values | None = None, limit: int | None = None) -> Answered:
    """Return the answer to a question: rows for a SELECT, triples for a CONSTRUCT or DESCRIBE, a bool for an ASK.

    Args:
        store: the graph.
        question: from a catalogue, or a user's own.
        values: what was typed for its parameters.
        limit: at most so many rows or triples; ``rows.truncated`` says, at their end, whether there are more.

    Raises:
        UsageError: a parameter is unknown or missing, or a value is not of its type; nothing was run.
        UnreadableError: the query is not legal SPARQL; or it is an update, or contains SERVICE or FROM.

    """
    notes: list[str] = []
    if question.answered_by_evgraph:
        from evgraph.query.changes_since import changes_since

        (version,) = bind(store, question, values or {})["version"]
        return Answered(LimitedRows(list(question.columns), Limited(changes_since(store, version.value), limit)), notes)
    guard.check_query(question.text, question.path)
    bound = bind(store, question, values or {}, notes)
    is_here = isinstance(store, OxigraphStore)
    if is_here:
        notes += notes_on(store, question, bound)
    offline = OfflineStore(store) if isinstance(store, OxigraphStore) and not question.is_shipped else store
    try:
        answer = offline.query(sparql_of(question, bound))
    except IllegalQueryError as error:
        from evgraph.sparql.syntax_errors import located

        raise located(error, question.text, _terms(question, bound), question.path) from None
    if not is_here:  # Each note costs a server a request, so it is asked only about what may be absent.
        answer, is_empty = _peek(answer)
        if is_empty or any(len(terms) > 1 for terms in bound.values()):
            notes += notes_on(store, question, bound)
    if isinstance(answer, Rows):
        answer = _settled(answer, question, store) if question.columns else _in_order(answer, question)
        return Answered(LimitedRows(answer.columns, Limited(answer.rows, limit)), notes)
    if isinstance(answer, Triples):
        return Answered(LimitedTriples(Limited(answer.triples, limit)), notes)
    return Answered(answer, notes)


def _peek(answer: Answer) -> tuple[Answer, bool]:
    """Return an answer, and whether it is empty or no."""
    if isinstance(answer, bool):
        return answer, not answer
    if isinstance(answer, Rows):
        first = list(islice(answer.rows, 1))
        return answer._replace(rows=chain(first, answer.rows)), not first
    triples = list(islice(answer.triples, 1))
    return Triples(chain(triples, answer.triples)), not triples


def _settled(answer: Rows, question: Question, store: Store) -> Rows:
    """Order rows that the query leaves tied, so that the same graph gives the same rows on every engine.

    Servers have orders of their own for IRIs and unbound values, so all of their rows are sorted. Virtuoso repeats rows
    that contain a text with a language in spite of DISTINCT, so repeated rows are left out.
    """
    order = question.order
    if order is None:
        return answer
    places = [(answer.columns.index(name), descending) for name, descending in order]
    if not isinstance(store, OxigraphStore):
        rows = sorted(dict.fromkeys(answer.rows) if question.is_distinct else answer.rows, key=_texts)
        for place, descending in reversed(places):
            rows.sort(key=lambda row: _rank(row[place]), reverse=descending)
        return Rows(answer.columns, iter(rows))
    groups = groupby(answer.rows, key=itemgetter(*[place for place, _ in places]) if places else lambda _: None)
    tied = (list(group) for _, group in groups)
    return Rows(answer.columns, (row for rows in tied for row in (sorted(rows, key=_texts) if rows[1:] else rows)))


def _texts(row: tuple[Term | None, ...]) -> list[str]:
    return [str(term or "") for term in row]


def _rank(term: Term | None) -> tuple[int, float, str, bool]:
    """Return a key that sorts terms as SPARQL's ORDER BY does: https://www.w3.org/TR/sparql11-query/#modOrderBy."""
    if term is None:
        return 0, 0, "", False
    if not isinstance(term, Literal):
        return 1 if isinstance(term, BlankNode) else 2, 0, value_of(term), False
    try:
        number = float(term.value) if term.datatype.value in _NUMBERS else None
    except ValueError:
        number = None
    return (4, 0, term.value, not term.language) if number is None else (3, number, term.value, False)


def _in_order(answer: Rows, question: Question) -> Rows:
    """Order the columns of a ``SELECT *`` as the query first names them: engines have orders of their own."""
    if question.selected is not None:
        return answer
    first = {token.text[1:]: place for place, token in reversed([*enumerate(question.tokens)]) if token.kind == "var"}
    order = sorted(range(len(answer.columns)), key=lambda place: first.get(answer.columns[place], len(first)))
    rows = (tuple(row[place] for place in order) for row in answer.rows)
    return Rows([answer.columns[place] for place in order], rows)


def bind(store: Store, question: Question, values: Values, notes: list[str] | None = None) -> Bound:
    """Check the names of parameters, then read their values as terms.

    Args:
        store: resolves the names of things.
        question: the question.
        values: what was typed.
        notes: gets a note on each thing that was found by a name that is not in its IRI.

    Raises:
        UsageError: a parameter is unknown or missing, or a value is not of its type.

    """
    for name in values:
        question.parameter(name)
    if question.one_of and not any(values.get(name) for name in question.one_of):
        first = question.parameters[question.one_of[0]]
        raise _missing(f"{question.name} needs one of the parameters {', '.join(question.one_of)}", question, first)
    bound: Bound = {}
    for name, parameter in question.parameters.items():
        value = values.get(name, parameter.default)
        if value is None:
            if parameter.required:
                message = f"{question.name} needs the parameter '{name}': {parameter.description}"
                raise _missing(message, question, parameter)
            continue
        texts = [value] if isinstance(value, str) else list(value)
        try:
            terms = [term for text in texts for term in parameters.read(parameter, text, store, notes)]
        except UsageError as error:
            if error.hint is None and parameters.is_listed(parameter):
                error.hint, error.question, error.parameter = Hint.LIST_VALUES, question.name, name
            raise
        bound[name] = tuple(dict.fromkeys(terms))
    return bound


def _missing(message: str, question: Question, parameter: Parameter) -> UsageError:
    return UsageError(
        message,
        hint=Hint.GIVE_PARAMETER,
        question=question.name if question.is_shipped else question.path,
        parameter=parameter.name,
        example=parameter.example,
    )


def sparql_of(question: Question, bound: Bound) -> str:
    """Return the query with terms in the place of its parameters."""
    try:
        return rewriting.bind(question.text, _terms(question, bound))
    except ValueError as error:
        raise UsageError(f"{question.name} takes one value for {error.args[0].strip('_').split('_')[0]}") from None


def _terms(question: Question, bound: Bound) -> rewriting.Terms:
    return {question.parameters[name].variable: tuple(map(str, terms)) for name, terms in bound.items() if terms}
