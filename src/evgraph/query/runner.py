"""One way to run a query: names and values checked first, terms bound, forbidden words refused, rows counted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from evgraph.errors import UnreadableError, UsageError
from evgraph.namespaces import ID, curie, scheme
from evgraph.query import parameters
from evgraph.query import tokens as sparql
from evgraph.query.suggest import did_you_mean, nearest
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

_UPDATES = {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH", "USING"}
_ELSEWHERE = {"SERVICE": "asks another server", "FROM": "names its own graphs, and queries here see them all"}
# Oxigraph recurses over a query: some thousand open brackets, or a chain of ten thousand operators, end the process.
_DEEPEST = 100
_LONGEST = 5000
_CLASSES = re.compile(r",?\s*\[[^\]]*\]")  # What Oxigraph names of its grammar and nobody wants to read.
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


class Counted(Iterator[_T], Generic[_T]):
    """Hands out what it is given, up to a limit.

    Attributes:
        count: how many it has handed out.
        cut: whether there was more; known when it has come to its end.

    """

    def __init__(self, given: Iterator[_T], limit: int | None = None) -> None:
        self._given = given
        self._limit = limit
        self.count = 0
        self.cut = False

    def __next__(self) -> _T:
        if self.count == self._limit:
            self.cut = self.cut or next(self._given, None) is not None
            raise StopIteration
        one = next(self._given)
        self.count += 1
        return one


@dataclass(frozen=True, slots=True)
class CountedRows(Rows):
    """Rows that know, when they are read, how many they were."""

    rows: Counted[tuple[Term | None, ...]]


@dataclass(frozen=True, slots=True)
class CountedTriples(Triples):
    """Triples that know, when they are read, how many they were."""

    triples: Counted[Triple]


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
    check(question.text, question.path)
    bound = sparql_of(question, bind(store, question, values or {}))
    try:
        answer = store.query(bound)
    except UnreadableError as error:
        message = _CLASSES.sub("", error.message)
        raise UnreadableError(message, path=question.path, line=error.line, way_out=error.way_out) from None
    if isinstance(answer, Rows):
        return CountedRows(answer.columns, Counted(answer.rows, limit))
    if isinstance(answer, Triples):
        return CountedTriples(Counted(answer.triples, limit))
    return answer


def bind(store: Store, question: Question, values: Values) -> Bound:
    """Check the names of parameters, then read their values as terms.

    Raises:
        UsageError: a parameter is unknown or missing, or a value is not of its type.

    """
    for name in values:
        if name not in question.parameters:
            known = ", ".join(question.parameters) or "none"
            raise UsageError(
                f"{question.name} has no parameter '{name}'{did_you_mean(name, question.parameters)}",
                way_out=f"its parameters: {known}",
            )
    if question.one_of and not any(values.get(name) for name in question.one_of):
        first = question.parameters[question.one_of[0]]
        raise UsageError(
            f"{question.name} needs one of the parameters {', '.join(question.one_of)}",
            way_out=f"evgraph query {question.name} -p {first.name}={first.example}",
        )
    bound: Bound = {}
    for name, parameter in question.parameters.items():
        given = values.get(name, parameter.default)
        if given is None:
            if parameter.required:
                raise UsageError(
                    f"{question.name} needs the parameter '{name}': {parameter.description}",
                    way_out=f"evgraph query {question.name} -p {name}={parameter.example}",
                )
            continue
        texts = [given] if isinstance(given, str) else list(given)
        terms = [term for text in texts for term in parameters.read(parameter, text, lambda name: labels(store, name))]
        bound[name] = tuple(dict.fromkeys(terms))
    return bound


def sparql_of(question: Question, bound: Bound) -> str:
    """Give the query with its parameters bound: terms in the place of variables."""
    terms = {question.parameters[name].variable: tuple(map(str, some)) for name, some in bound.items() if some}
    try:
        return sparql.bind(question.tokens, terms)
    except ValueError as error:
        raise UsageError(f"{question.name} takes one value for {error.args[0].split('_')[1]}") from None


def notes(store: Store, question: Question, bound: Bound) -> list[str]:
    """Say which of the cells and documents asked about the graph knows nothing of, and which it does know."""
    found = []
    for name, terms in bound.items():
        kind = question.parameters[name].type
        if kind not in {"cell", "document", "iri"}:
            continue
        for term in terms:
            iri = str(term)
            if kind == "cell" and not _holds(store, f"?s prov:specializationOf {iri}"):
                known = _iris(store, "?s prov:specializationOf ?x")
                found.append(f"no page of {curie(iri[1:-1])} is in this graph{_listed(known)}")
            elif kind == "iri" and not _holds(store, f"{{ {iri} ?p ?o }} UNION {{ ?s ?p {iri} }}"):
                found.append(f"{curie(iri[1:-1])} is not in this graph")
            elif kind == "document" and not _holds(store, f"{iri} ?p ?o"):
                known = _iris(store, "?e evg:lists ?x") | _iris(store, "?x a evg:Document")
                near = nearest(iri[1:-1].removeprefix(f"{ID}doc/"), [one.removeprefix(f"{ID}doc/") for one in known], 3)
                found.append(f"{curie(iri[1:-1])} is not in this graph{_listed(f'{ID}doc/{one}' for one in near)}")
    return found


def labels(store: Store, name: str) -> dict[str, str]:
    """Look up what the concepts of a scheme, or the organisations, are called: case folded → IRI.

    Concepts go by notation, label and other labels, organisations by their labels.
    """
    things = (
        "?thing a schema:Organization"
        if name == "organisation"
        else f"?thing skos:inScheme <{scheme(name, '').rstrip('/')}>"
    )
    rows = store.query(
        f"SELECT DISTINCT ?label ?thing WHERE {{ {things} ."
        " { ?thing skos:notation ?label } UNION { ?thing skos:prefLabel ?label }"
        " UNION { ?thing skos:altLabel ?label } UNION { ?thing rdfs:label ?label } }"
    )
    found: dict[str, str] = {}
    if isinstance(rows, Rows):
        for label, thing in sorted(rows.rows, key=str):
            found.setdefault(getattr(label, "value", "").casefold(), getattr(thing, "value", ""))
    return found


def check(text: str, path: object = None) -> None:
    """Refuse what does not belong in a query here, before anything sees it.

    Raises:
        UnreadableError: an update, SERVICE, FROM, an escaped ASCII character, or more than an engine survives.

    """

    def refuse(message: str, line: int, way_out: str | None = None) -> UnreadableError:
        return UnreadableError(message, path=path, line=line, way_out=way_out)

    for escape in _ESCAPE.finditer(text):
        # An engine may read escapes before anything else, so that \u0022 ends a string.
        if int(escape[1] or escape[2], 16) < 128:
            raise refuse(
                f"the escape {escape[0]} stands for an ordinary character",
                text.count("\n", 0, escape.start()) + 1,
                "write the character itself",
            )
    query = sparql.tokens(text)
    for word in sparql.words(query):
        if word.text in _UPDATES:
            raise refuse(
                f"{word.text} is a word of updates, and a query changes nothing",
                word.line,
                "ask with SELECT or CONSTRUCT",
            )
        if word.text in _ELSEWHERE:
            raise refuse(
                f"{word.text} {_ELSEWHERE[word.text]}: not allowed", word.line, "leave it out; --data adds files"
            )
    if sparql.form(query) is None:
        raise refuse("this is no SPARQL query", 1, "a query is a SELECT, CONSTRUCT, ASK or DESCRIBE")
    depth, length = 0, 0
    for token in query:
        length += token.kind in {"other", "word"}
        if length > _LONGEST:
            raise refuse(f"more than {_LONGEST} brackets, operators and keywords", token.line)
        if token.kind == "other":
            depth += (token.text in "{([") - (token.text in "})]")
            if depth > _DEEPEST:
                raise refuse(f"brackets nested more than {_DEEPEST} deep", token.line)


def _holds(store: Store, pattern: str) -> bool:
    return store.query(f"ASK {{ {pattern} }}") is True


def _iris(store: Store, pattern: str) -> set[str]:
    rows = store.query(f"SELECT DISTINCT ?x WHERE {{ {pattern} }}")
    return {getattr(x, "value", "") for (x,) in rows.rows} if isinstance(rows, Rows) else set()


def _listed(iris: Iterator[str] | set[str]) -> str:
    names = [curie(iri) for iri in (sorted(iris) if isinstance(iris, set) else iris)][:5]
    return f"; it has {', '.join(names)}" if names else ""
