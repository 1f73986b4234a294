"""One way to run a query: names and values checked first, terms bound, forbidden words refused, rows counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeAlias, TypeVar

from pyoxigraph import NamedNode

from evgraph.errors import Hint, IllegalQueryError, RowsWithheldError, UsageError
from evgraph.namespaces import ID, PROV, curie
from evgraph.query import parameters
from evgraph.query.known import documents, holds, labels
from evgraph.query.pick_list import is_listed
from evgraph.query.suggest import nearest
from evgraph.sparql import tokens as sparql
from evgraph.sparql.guard import check
from evgraph.store.embedded import OfflineStore, OxigraphStore
from evgraph.store.protocol import Rows, Term, Triples

if TYPE_CHECKING:
    from pyoxigraph import Triple

    from evgraph.query.parameters import Value
    from evgraph.query.question import Question
    from evgraph.store.protocol import Store

_T = TypeVar("_T")
Values: TypeAlias = Mapping[str, str | Sequence[str]]
"""Name of a parameter → what somebody typed for it, or several such."""
Bound: TypeAlias = dict[str, tuple["Value", ...]]
"""Name of a parameter → the terms it stands for."""


class Counted(Iterator[_T], Generic[_T]):
    """Hands out what it is given, up to a limit.

    Attributes:
        count: how many it has handed out.
        more: that there was more, or may have been, in words; known when it has come to its end, and empty where it has
            handed out all.

    """

    def __init__(self, given: Iterator[_T], limit: int | None = None) -> None:
        self._given = given
        self._limit = limit
        self.count = 0
        self.more = ""

    @property
    def cut(self) -> bool:
        """Whether there was more, or may have been."""
        return bool(self.more)

    def __next__(self) -> _T:
        if self.count == self._limit:
            self.more = self.more or self._whats_left()
            raise StopIteration
        one = next(self._given)
        self.count += 1
        return one

    def _whats_left(self) -> str:
        try:
            return "" if next(self._given, None) is None else "there are more"
        except RowsWithheldError as error:  # What was asked for has come.
            return f"there may be more: {error.message}"


class CountedRows(Rows):
    """Rows that know, when they are read, how many they were."""

    rows: Counted[tuple[Term | None, ...]]


class CountedTriples(Triples):
    """Triples that know, when they are read, how many they were."""

    triples: Counted[Triple]


class Asked(NamedTuple):
    """An answer, and what there is to say about the values asked for (see `notes`)."""

    answer: CountedRows | CountedTriples | bool
    notes: list[str]


def run(
    store: Store, question: Question, values: Values | None = None, limit: int | None = None
) -> CountedRows | CountedTriples | bool:
    """Ask a question.

    Args:
        store: the graph.
        question: from a catalogue, or somebody's own.
        values: what was typed for its parameters.
        limit: at most so many rows or triples; ``rows.cut`` says, at the end, whether there were more.

    Returns:
        Rows for a SELECT, triples for a CONSTRUCT or DESCRIBE, a bool for an ASK.

    Raises:
        UsageError: a parameter is unknown or missing, or a value is not of its type; nothing was run.
        UnreadableError: the query is not legal SPARQL; or it is an update, or holds SERVICE or FROM.

    """
    return ask(store, question, values, limit).answer


def ask(store: Store, question: Question, values: Values | None = None, limit: int | None = None) -> Asked:
    """Ask a question as `run` does, and say what there is to say about the values."""
    if question.answered_by_evgraph:
        from evgraph.query.changes_since import changes_since

        (version,) = bind(store, question, values or {})["version"]
        return Asked(CountedRows(list(question.columns), Counted(changes_since(store, version.value), limit)), [])
    check(question.text, question.path)
    looked_up = _Documents(store)
    bound = bind(store, question, values or {}, looked_up)
    said = [*looked_up.taken, *notes(store, question, bound)]
    terms = _terms(question, bound)
    evaluating = OfflineStore(store) if isinstance(store, OxigraphStore) and not question.is_shipped else store
    try:
        answer = evaluating.query(_bound(question, terms))
    except IllegalQueryError as error:
        from evgraph.query.syntax_errors import pointed_at

        raise pointed_at(error, question, terms) from None
    if isinstance(answer, Rows):
        answer = answer if question.columns else _in_order(answer, question)
        return Asked(CountedRows(answer.columns, Counted(answer.rows, limit)), said)
    if isinstance(answer, Triples):
        return Asked(CountedTriples(Counted(answer.triples, limit)), said)
    return Asked(answer, said)


def _in_order(answer: Rows, question: Question) -> Rows:
    """Give the columns of a ``SELECT *`` as the query first names them: engines have orders of their own."""
    if sparql.columns(question.tokens) is not None:
        return answer
    named = {token.text[1:]: place for place, token in reversed([*enumerate(question.tokens)]) if token.kind == "var"}
    order = sorted(range(len(answer.columns)), key=lambda place: named.get(answer.columns[place], len(named)))
    rows = (tuple(row[place] for place in order) for row in answer.rows)
    return Rows([answer.columns[place] for place in order], rows)


class _Documents:
    """Looks up documents by what people call them.

    Attributes:
        taken: which one each was taken for, where it is not its name in an IRI.

    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.taken: list[str] = []

    def __call__(self, text: str) -> Mapping[str, str]:
        found = documents(self._store, text)
        if len(found) == 1:
            ((iri, label),) = found.items()
            if iri != f"{ID}doc/{text}":
                named = f"{parameters.shown(label)}, " if label else ""
                self.taken.append(f"'{parameters.shown(text)}' is taken for {named}{curie(iri)}")
        return found


def bind(
    store: Store, question: Question, values: Values, look_up: Callable[[str], Mapping[str, str]] | None = None
) -> Bound:
    """Check the names of parameters, then read their values as terms.

    Args:
        store: knows what things are called.
        question: whose parameters they are.
        values: what was typed.
        look_up: finds documents by what people call them; by default `evgraph.query.known.documents` does.

    Raises:
        UsageError: a parameter is unknown or missing, or a value is not of its type.

    """
    for name in values:
        question.parameter(name)
    if question.one_of and not any(values.get(name) for name in question.one_of):
        first = question.parameters[question.one_of[0]]
        raise UsageError(
            f"{question.name} needs one of the parameters {', '.join(question.one_of)}",
            hint=Hint.GIVE_PARAMETER,
            question=question.name,
            parameter=first.name,
            example=first.example,
        )
    bound: Bound = {}
    names = parameters.Known(partial(labels, store), look_up or partial(documents, store))
    for name, parameter in question.parameters.items():
        given = values.get(name, parameter.default)
        if given is None:
            if parameter.required:
                raise UsageError(
                    f"{question.name} needs the parameter '{name}': {parameter.description}",
                    hint=Hint.GIVE_PARAMETER,
                    question=question.name,
                    parameter=name,
                    example=parameter.example,
                )
            continue
        texts = [given] if isinstance(given, str) else list(given)
        try:
            terms = [term for text in texts for term in parameters.read(parameter, text, names)]
        except UsageError as error:
            if error.hint is None and is_listed(parameter):
                error.hint, error.question, error.parameter = Hint.LIST_VALUES, question.name, name
            raise
        bound[name] = tuple(dict.fromkeys(terms))
    return bound


def sparql_of(question: Question, bound: Bound) -> str:
    """Give the query with its parameters bound: terms in the place of variables."""
    return _bound(question, _terms(question, bound))


def _terms(question: Question, bound: Bound) -> sparql.Terms:
    return {question.parameters[name].variable: tuple(map(str, some)) for name, some in bound.items() if some}


def _bound(question: Question, terms: sparql.Terms) -> str:
    try:
        return sparql.bind(question.text, terms)
    except ValueError as error:
        raise UsageError(f"{question.name} takes one value for {error.args[0].split('_')[1]}") from None


def notes(store: Store, question: Question, bound: Bound) -> list[str]:
    """Say which of the cells and documents asked about the graph knows nothing of, and which it does know."""
    found = []
    for name, terms in bound.items():
        kind = question.parameters[name].type
        if kind not in {"cell", "document", "iri"}:
            continue
        for term in (one for one in terms if isinstance(one, NamedNode)):
            iri = term.value
            if kind == "cell" and not holds(store, predicate=f"{PROV}specializationOf", value=term):
                known = _iris(store, "?s prov:specializationOf ?x")
                found.append(f"no page of {curie(iri)} is in this graph{_listed(known)}")
            elif kind == "iri" and not (holds(store, term) or holds(store, value=term)):
                found.append(f"{curie(iri)} is not in this graph")
            elif kind == "document" and not holds(store, term):
                known = _iris(store, "?e evg:lists ?x") | _iris(store, "?x a evg:Document")
                near = nearest(iri.removeprefix(f"{ID}doc/"), [one.removeprefix(f"{ID}doc/") for one in known], 3)
                found.append(f"{curie(iri)} is not in this graph{_listed(f'{ID}doc/{one}' for one in near)}")
    return found


def _iris(store: Store, pattern: str) -> set[str]:
    rows = store.query(f"SELECT DISTINCT ?x WHERE {{ {pattern} }}")
    return {getattr(x, "value", "") for (x,) in rows.rows} if isinstance(rows, Rows) else set()


def _listed(iris: Iterator[str] | set[str]) -> str:
    names = [curie(iri) for iri in (sorted(iris) if isinstance(iris, set) else iris)][:5]
    return f"; it has {', '.join(names)}" if names else ""
