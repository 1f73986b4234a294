"""A question looked at before anybody asks it: what is wrong with it, and what other engines would stumble over.

The advice is what Virtuoso, rdflib and others were seen to do differently: https://www.w3.org/TR/sparql11-query/ leaves
some of it open, and some of it they do not follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode

from evgraph.errors import EvgraphError, Hint, UnreadableError, UsageError
from evgraph.query import pick_list, runner
from evgraph.query.question import read, read_check, read_own
from evgraph.sparql.guard import check

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from evgraph.query.question import Question
    from evgraph.sparql.tokens import Token
    from evgraph.store.protocol import Store

_AGGREGATES = {"COUNT", "SUM", "AVG", "GROUP_CONCAT"}
_AVOID = {
    "DESCRIBE": "each engine describes in its own way: say with CONSTRUCT what is wanted",
    "BNODE": "blank nodes have no name that lasts",
    "LATERAL": "only Oxigraph and Jena have it",
    "MINUS": "without a shared variable Virtuoso removes everything: FILTER NOT EXISTS says the same",
}


class Advice(NamedTuple):
    """One thing about a question.

    Attributes:
        path: its file.
        line: counted from 1.
        message: what is wrong, or may go wrong elsewhere.
        is_fault: whether the question cannot be asked; else it is a warning.

    """

    path: str
    line: int
    message: str
    is_fault: bool = False

    def __str__(self) -> str:
        """``FILE:LINE: error: message``."""
        return f"{self.path}:{self.line}: {'error' if self.is_fault else 'warning'}: {self.message}"


def advice(path: Path, store: Store) -> list[Advice]:
    """Look at a question: its head, its query, its example values, and whether other engines read it alike.

    Args:
        path: a ``.rq`` file; without a head it is only a query.
        store: a graph in which the examples are looked up, and asked.

    Returns:
        What there is to say, by line; nothing where all is well.

    Raises:
        UnreadableError: there is no such file.

    """
    if not path.is_file():
        raise UnreadableError("no such file", path=path, hint=Hint.LIST_QUESTIONS)
    try:
        question = _read(path)
        found = [] if question.answered_by_evgraph else [*_portable(question)]
        if not question.answered_by_evgraph:
            check(question.text, path)
            _ask(question, store)
            found += [
                Advice(question.path, line, message, is_fault=True)
                for line, message in _pick_list_faults(question, store).items()
            ]
    except EvgraphError as error:
        return [Advice(str(path), error.line or 1, error.message, is_fault=True)]
    return sorted(found, key=lambda one: one.line)


def _read(path: Path) -> Question:
    if b"#+" not in path.read_bytes():
        return read_own(path)
    return read_check(path) if path.parent.name == "checks" else read(path)


def _ask(question: Question, store: Store) -> None:
    """Bind each example in turn, and ask for a row; then with none but what is required."""
    required = {name: one.example for name, one in question.parameters.items() if one.required}
    first = {name: question.parameters[name].example for name in question.one_of[:1]}
    for more in [first, *({name: one.example} for name, one in question.parameters.items())]:
        answer = runner.run(store, question, {**required, **more}, limit=1)
        if not isinstance(answer, bool):
            list(answer.rows if isinstance(answer, runner.CountedRows) else answer.triples)


def _portable(question: Question) -> Iterator[Advice]:
    """Find what engines were seen to read differently, or to refuse."""
    query = [token for token in question.tokens if token.kind not in {"space", "comment"}]
    words = [token.text.upper() if token.kind == "word" else token.text for token in query]

    def warn(place: int, message: str) -> Advice:
        return Advice(question.path, query[place].line, message)

    for place, word in enumerate(words):
        after = words[place + 1 : place + 3]
        if query[place].kind == "word" and word in _AVOID:
            yield warn(place, f"{word}: {_AVOID[word]}")
        elif word == "SELECT" and query[place].kind == "word":
            if after[:1] == ["*"] or after == ["DISTINCT", "*"]:
                yield warn(place, "SELECT *: columns without a name depend on the engine; name them")
            if after[:1] != ["DISTINCT"]:
                yield warn(place, "SELECT without DISTINCT: a triple of two graphs is one row here and two there")
        elif word in _AGGREGATES and query[place].kind == "word" and after[:1] == ["("]:
            yield from _aggregate(question, query, words, place)
        elif word in {"*", "+"} and _is_path(query, place):
            yield from _unbound(question, query, place)


def _aggregate(question: Question, query: Sequence[Token], words: Sequence[str], place: int) -> Iterator[Advice]:
    inside = _bracketed(words, place + 1)
    line = query[place].line
    if inside[:1] != ["DISTINCT"]:
        yield Advice(question.path, line, f"{words[place]} without DISTINCT counts a triple of two graphs twice")
    if words[place] == "GROUP_CONCAT" and "SEPARATOR" not in inside:
        yield Advice(question.path, line, "GROUP_CONCAT without SEPARATOR: Virtuoso fails")


def _bracketed(words: Sequence[str], opening: int) -> list[str]:
    depth, inside = 0, []
    for word in words[opening:]:
        depth += (word == "(") - (word == ")")
        if depth == 0:
            break
        inside.append(word)
    return inside[1:]


def _is_path(query: Sequence[Token], place: int) -> bool:
    """Whether a * or + belongs to a property path: it stands at the end of a name, an IRI, ``a`` or a bracket."""
    before, after = query[place - 1], query[place + 1 : place + 2]
    ends_path = before.kind in {"name", "iri"} or before.text in {")", "a"}
    return ends_path and any(
        one.kind in {"var", "name", "iri", "string"} or one.text in {")", "/", "|"} for one in after
    )


def _unbound(question: Question, query: Sequence[Token], place: int) -> Iterator[Advice]:
    """Warn of ``?x p* ?y`` where neither end stands anywhere else."""
    start = place
    while start and not (query[start - 1].kind == "var" or query[start - 1].text in {";", ".", "{", ","}):
        start -= 1
    ends = [query[start - 1] if start else query[0], *query[place + 1 : place + 2]]
    if len(ends) < 2 or any(end.kind != "var" for end in ends):
        return
    count = {end.text: sum(token.text == end.text for token in query) for end in ends}
    selected = {token.text for token in query[: next((i for i, one in enumerate(query) if one.text == "{"), 0)]}
    if all(count[end.text] - (end.text in selected) < 2 and not end.text.startswith("?_") for end in ends):
        path = "".join(token.text for token in query[start : place + 1])
        yield Advice(
            question.path, query[place].line, f"{path} with both ends open: Virtuoso fails; bind one of them first"
        )


def _pick_list_faults(question: Question, store: Store) -> dict[int, str]:
    """Look at the pick lists of a question: line → what is wrong there."""
    found: dict[int, str] = {}
    for name, parameter in question.parameters.items():
        if not parameter.pick_list:
            continue
        try:
            for term in pick_list.terms(store, parameter):
                value = pick_list.typed(parameter, term)
                understood = runner.bind(store, question, {**_required(question), name: value})[name]
                if understood != (term,) and isinstance(term, NamedNode):
                    raise UsageError(f"the pick_list of '{name}' offers {value}, which is then read as something else")
        except EvgraphError as error:
            lines = enumerate(question.text.splitlines(), 1)
            line = next((number for number, text in lines if text.rstrip().endswith(parameter.pick_list)), 1)
            about = "" if "pick_list" in error.message else f"the pick_list of '{name}': "
            found[line] = f"{about}{error.message}"
    return found


def _required(question: Question) -> dict[str, str]:
    return {name: one.example for name, one in question.parameters.items() if one.required}
