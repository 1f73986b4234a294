"""Problems of a question before anybody asks it: errors, and what other engines do differently.

The warnings are on what Virtuoso, rdflib and others were seen to do differently: https://www.w3.org/TR/sparql11-query/
leaves some of it open, and some of it they do not follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode

from evgraph.errors import EvgraphError, Hint, UnreadableError, UsageError
from evgraph.query import parameters, runner
from evgraph.query.reading import read_ad_hoc
from evgraph.sparql.guard import check_query
from evgraph.sparql.tokens import closing, significant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from evgraph.query.question import Evidence, Question
    from evgraph.sparql.tokens import Token
    from evgraph.store.protocol import Store

_AGGREGATES = {"COUNT", "SUM", "AVG", "GROUP_CONCAT"}
_AVOID = {
    "DESCRIBE": "each engine describes in its own way: use CONSTRUCT",
    "BNODE": "blank nodes have no lasting name",
    "LATERAL": "only Oxigraph and Jena have it",
    "MINUS": "without a shared variable Virtuoso removes everything: use FILTER NOT EXISTS",
}


class Problem(NamedTuple):
    """A problem of a question.

    Attributes:
        path: its file.
        line: from 1.
        message: what is wrong, or may go wrong on another engine.
        is_error: whether the question cannot be asked; else it is a warning.

    """

    path: str
    line: int
    message: str
    is_error: bool = False

    def __str__(self) -> str:
        """``FILE:LINE: error: message``."""
        return f"{self.path}:{self.line}: {'error' if self.is_error else 'warning'}: {self.message}"


def lint(path: Path, store: Store) -> list[Problem]:
    """Return the problems of a question by line: of its head, its query, its examples, and of other engines with it.

    Args:
        path: a ``.rq`` file; without a head it is only a query.
        store: a graph in which the examples are looked up, and asked about.

    Raises:
        UnreadableError: there is no such file.

    """
    if not path.is_file():
        raise UnreadableError("no such file", path=path, hint=Hint.LIST_QUESTIONS)
    try:
        question = read_ad_hoc(path)
        if question.answered_by_evgraph:
            return []
        check_query(question.text, path)
        _ask(question, store)
        problems = [*_portability(question), *_pick_list_errors(question, store), *_evidence_errors(question)]
    except EvgraphError as error:
        return [Problem(str(path), error.line or 1, _message(error), is_error=True)]
    return [
        Problem(question.path, line, message, is_error)
        for line, message, is_error in sorted(problems, key=lambda problem: problem[0])
    ]


def _message(error: EvgraphError) -> str:
    return f"{error.parameter}={error.value}: {error.message}" if error.value is not None else error.message


def _ask(question: Question, store: Store) -> None:
    """Bind each example in turn, and ask for a row; then with none but what is required."""
    first = {name: question.parameters[name].example for name in question.one_of[:1]}
    for values in [first, *({name: parameter.example} for name, parameter in question.parameters.items())]:
        answer = runner.run(store, question, {**_required(question), **values}, limit=1)
        if not isinstance(answer, bool):
            list(answer.rows if isinstance(answer, runner.LimitedRows) else answer.triples)


def _required(question: Question) -> dict[str, str]:
    return {name: parameter.example for name, parameter in question.parameters.items() if parameter.required}


def _portability(question: Question) -> Iterator[tuple[int, str, bool]]:
    """Iterate over what engines were seen to read differently, or to refuse: line, message, False."""
    query = list(significant(question.tokens))
    for place, token in enumerate(query):
        word = token.keyword if token.kind == "word" else ""
        after = [following.keyword for following in query[place + 1 : place + 3]]
        messages: list[str] = []
        if word in _AVOID:
            messages.append(f"{word}: {_AVOID[word]}")
        elif word == "SELECT":
            if "*" in (after[0], *(after[1:] if after[0] == "DISTINCT" else ())):
                messages.append("SELECT *: columns without a name depend on the engine; name them")
            if after[0] != "DISTINCT":
                messages.append("SELECT without DISTINCT: a triple in two graphs is one row here and two there")
        elif word in _AGGREGATES and after[:1] == ["("]:
            arguments = query[place + 2 : closing(query, place + 1)]
            if after[1] != "DISTINCT":
                messages.append(f"{word} without DISTINCT counts a triple in two graphs twice")
            if word == "GROUP_CONCAT" and "SEPARATOR" not in (argument.keyword for argument in arguments):
                messages.append("GROUP_CONCAT without SEPARATOR: Virtuoso fails")
        elif token.text in {"*", "+"} and (path := _open_path(query, place)):
            messages.append(f"{path} with both ends open: Virtuoso fails; bind one of them first")
        yield from ((token.line, message, False) for message in messages)


def _open_path(query: Sequence[Token], place: int) -> str:
    """Return the path of ``?x p* ?y`` if it ends at a place and ``?x`` and ``?y`` are nowhere else; else ''."""
    before, after = query[place - 1], query[place + 1]
    if before.kind not in {"name", "iri"} and before.text not in {")", "a"}:
        return ""  # No path, but a product or a sum.
    start = place
    while start > 1 and query[start - 1].kind != "var" and query[start - 1].text not in {";", ".", "{", ","}:
        start -= 1
    ends = [query[start - 1], after]
    if any(end.kind != "var" or end.text.startswith("?_") for end in ends):
        return ""
    body = query[next((number for number, token in enumerate(query) if token.text == "{"), 0) :]
    is_open = all(sum(token.text == end.text for token in body) == 1 for end in ends)
    return "".join(token.text for token in query[start : place + 1]) if is_open else ""


def _pick_list_errors(question: Question, store: Store) -> Iterator[tuple[int, str, bool]]:
    """Iterate over what is wrong with the pick lists of a question: line, message, True."""
    lines = question.text.splitlines()
    for name, parameter in question.parameters.items():
        if not parameter.pick_list:
            continue
        try:
            for term in parameters.terms(store, parameter):
                value = parameters.typed(parameter, term)
                bound = runner.bind(store, question, {**_required(question), name: value})[name]
                if bound != (term,) and isinstance(term, NamedNode):
                    raise UsageError(f"the pick_list of '{name}' offers {value}, which is then read as something else")
        except EvgraphError as error:
            line = next((n for n, text in enumerate(lines, 1) if text.rstrip().endswith(parameter.pick_list)), 1)
            about = "" if "pick_list" in error.message else f"the pick_list of '{name}': "
            yield line, f"{about}{_message(error)}", True


def _evidence_errors(question: Question) -> Iterator[tuple[int, str, bool]]:
    """Iterate over the evidence in the head that no pattern of the query states: line, message, True.

    A pattern states a triple with its property alone or in a path, and with variables that it binds to others.
    """
    if not question.evidence:
        return
    from rdflib import Variable
    from rdflib.plugins.sparql import prepareQuery

    from evgraph.namespaces import PREFIXES

    patterns: list[tuple[str, str, str]] = []
    same: dict[str, set[str]] = {}
    try:
        ahead: list[object] = [prepareQuery(question.text, initNs=PREFIXES).algebra]
    except Exception as error:
        yield 1, f"rdflib cannot read the query: {error}", True
        return
    while ahead:
        part = ahead.pop()
        if isinstance(part, Mapping):  # A node of rdflib's algebra.
            if getattr(part, "name", "") == "BGP":
                patterns += [tuple(term.n3() for term in triple) for triple in part["triples"]]
            if isinstance(part.get("var"), Variable) and isinstance(part.get("expr"), Variable):
                variable, other = part["var"].n3(), part["expr"].n3()
                same.setdefault(variable, {variable}).add(other)
            ahead += part.values()
        elif isinstance(part, list | set):
            ahead += part

    def is_stated(item: Evidence) -> bool:
        subject, predicate, value = (same.get(term, {term if term[:1] == "?" else f"<{term}>"}) for term in item)
        return any(
            s in subject and (not item.predicate or (o in value and any(name in p for name in predicate)))
            for s, p, o in patterns
        )

    first = next(n for n, text in enumerate(question.text.splitlines(), 2) if text.startswith("#+ evidence:"))
    for number, item in enumerate(question.evidence, first):
        if not is_stated(item):
            text = question.text.splitlines()[number - 1].removeprefix("#+").strip(" -")
            yield number, f"no pattern of the query states the evidence '{text}'", True
