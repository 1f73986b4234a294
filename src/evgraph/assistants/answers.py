"""Answer calls of tools: rows with labels and evidence, as JSON. These functions run in a worker process."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from pyoxigraph import NamedNode

from evgraph import offline
from evgraph.assistants.tools import (
    DESCRIBE,
    MOST_ROWS,
    SEARCH_FILTERS,
    Tool,
    check_names,
    questions_of_tools,
    read_arguments,
    tools,
)
from evgraph.errors import Hint
from evgraph.export.citations import citation, named
from evgraph.formats import CITATION_FORMATS
from evgraph.namespaces import EVG, curie
from evgraph.query import runner, search
from evgraph.query.added_columns import with_passages
from evgraph.query.limited import opened
from evgraph.query.names import labels
from evgraph.query.notes import unknown_names
from evgraph.query.passages import COLUMN, Passages
from evgraph.query.question import Question
from evgraph.render.rows import json_value
from evgraph.store.protocol import Rows, select, select_for
from evgraph.terms import value_of
from evgraph.text import plural, shown, unknown_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from evgraph.query.runner import Answered
    from evgraph.store.opening import Origin
    from evgraph.store.protocol import Store, Term

    Row = tuple[Term | None, ...]

_LONGEST_TEXT = 4_000  # Characters of a value.
_LONGEST_ANSWER = 200_000  # Characters of the rows in JSON.
_STATED = f"SELECT DISTINCT ?thing ?passage WHERE {{ VALUES ?thing {{}} ?thing <{EVG}statedIn> ?passage }}"
_LISTED = _STATED.replace("?thing <", f"?entry <{EVG}lists> ?thing ; <")


class Answer(NamedTuple):
    """What a call gives.

    Attributes:
        rows: column → value: a number, true or false, a text, or a thing with its ``iri`` and ``label``; and
            ``evidence``, a list of passages with ``cell``, ``line``, ``passage`` (the IRI) and, with pages, ``text``.
        complete: whether these are all rows.
        notes: what to know about the answer.

    """

    rows: list[dict[str, Any]]
    complete: bool
    notes: list[str]


def list_tools(origin: Origin) -> Iterator[list[Tool]]:
    """Yield the tools for a graph."""
    yield tools(_store(origin))


def call(origin: Origin, pages: Path | None, tool: str, arguments: Mapping[str, object]) -> Iterator[Answer]:
    """Yield the answer of a tool.

    Args:
        origin: the data.
        pages: a folder of pages, for the text of passages.
        tool: its name.
        arguments: of the call, as JSON has them.

    Raises:
        UsageError: there is no such tool, or an argument is unknown, missing or not understood.
        UnreadableError: the data or the query cannot be read.

    """
    values, limit = read_arguments(tool, arguments)
    store = _store(origin)
    passages = Passages(store, pages)
    if tool == "search":
        check_names(tool, values, "words", SEARCH_FILTERS | {"words": ""})
        filters = {SEARCH_FILTERS[name]: [value] for name, value in values.items() if name != "words"}
        found, notes = search.ask(store, values["words"], limit=limit, **filters)
        yield _answer(store, _NO_QUESTION, runner.Answered(found, notes), passages, are_listed=True)
    elif tool == "cite":
        check_names(tool, values, "thing", {"thing": "", "format": ""})
        yield _cited(store, values["thing"], values.get("format"))
    elif tool == "sparql":
        check_names(tool, values, "query", {"query": ""})
        question = _NO_QUESTION._replace(text=values["query"])
        yield _answer(store, question, runner.ask(store, question, {}, limit), passages)
    else:
        question = _question(tool)
        answered = runner.ask(store, question, values, limit)
        yield _answer(store, question, answered, passages, are_listed=not question.evidence)


def _cited(store: Store, thing: str, form: str | None) -> Answer:
    """Return how to cite a thing, as `evgraph cite` has it."""
    notes: list[str] = []
    kind = CITATION_FORMATS.choose(form, None)
    found = citation(store, named(store, thing, notes))
    label = labels(store, [found.iri]).get(found.iri, found.title)
    row = {"thing": {"iri": found.iri, "label": shown(label)}, "citation": "".join(kind.write([found])).strip()}
    return Answer([row], True, notes)


_NO_QUESTION = Question("the query", "", "", "", (), {}, {}, "", "the query")


def _store(origin: Origin) -> Store:
    if origin.endpoint is None:
        offline.refuse_connections()
    return opened(origin)


def _question(name: str) -> Question:
    questions = {**questions_of_tools(), DESCRIBE.name: DESCRIBE}
    if name not in questions:
        message = f"there is no tool '{shown(name, 80)}'"
        raise unknown_name(message, name, [*questions, "search", "cite", "sparql"], Hint.LIST_QUESTIONS)
    return questions[name]


def _answer(
    store: Store, question: Question, answered: Answered, passages: Passages, *, are_listed: bool = False
) -> Answer:
    """Return an answer in JSON; `are_listed` says that the evidence is where the things of a row are listed."""
    answer, notes = answered
    if isinstance(answer, bool):
        return Answer([{"answer": answer}], True, notes)
    if isinstance(answer, Rows):
        counted, rows = answer.rows, Rows(answer.columns, answer.rows)
    else:
        counted = answer.triples  # type: ignore[assignment]
        triples = ((triple.subject, triple.predicate, triple.object) for triple in answer.triples)
        rows = Rows(["subject", "predicate", "object"], triples)
    rows = with_passages(store, rows, question.evidence, passages)
    terms = list(rows.rows)
    evidence = _evidence(store, rows.columns, terms, passages) if are_listed or question.evidence else None
    written = list(_written(store, rows.columns, terms, evidence, passages))
    is_cut = len(written) < len(terms)
    if counted.truncated or is_cut:
        why = "the others are too long for one answer" if is_cut else counted.more
        remedy = "" if is_cut else f"raise the limit, to at most {MOST_ROWS}, or "
        count = plural(len(written), "row")
        notes = [*notes, f"the answer was cut after {count}, {why}: {remedy}narrow the question"]
    if not terms:
        notes = [*notes, *unknown_names(store, question), _nothing(store)]
    elif evidence is not None and (without := sum(not places for places in evidence)):
        notes = [
            *notes,
            f"{plural(without, 'row')} without evidence: no passage of a page is recorded for what they say, so cite"
            " no page for them",
        ]
    return Answer(written, not (counted.truncated or is_cut), [*notes, *passages.complaints()])


def _evidence(store: Store, columns: Sequence[str], rows: Sequence[Row], passages: Passages) -> list[list[str]]:
    """Return the IRIs of the passages of each row, in page order."""
    if COLUMN in columns:
        place = list(columns).index(COLUMN)
        return [value_of(row[place]).split() for row in rows]
    found: list[set[str]] = [set() for _ in rows]
    for query in (_STATED, _LISTED):  # An entry of the row rather than all entries that list its document.
        of_thing: dict[str, set[str]] = {}
        things = {term for row, iris in zip(rows, found, strict=True) if not iris for term in row}
        for thing, passage in select_for(store, query, (term for term in things if isinstance(term, NamedNode))):
            of_thing.setdefault(value_of(thing), set()).add(value_of(passage))
        found = [
            iris or {iri for term in row for iri in of_thing.get(value_of(term), ())}
            for row, iris in zip(rows, found, strict=True)
        ]
    passages.look_up(iri for iris in found for iri in iris)
    return [sorted(iris, key=passages.order) for iris in found]


def _written(
    store: Store,
    columns: Sequence[str],
    rows: Sequence[Row],
    evidence: list[list[str]] | None,
    passages: Passages,
) -> Iterator[dict[str, Any]]:
    """Iterate over the rows in JSON, until they are too long for one answer."""
    known = labels(store, {term.value for row in rows for term in row if isinstance(term, NamedNode)})
    length = 0
    for number, row in enumerate(rows):
        written = {
            name: _value(term, known)
            for name, term in zip(columns, row, strict=True)
            if term is not None and (evidence is None or name != COLUMN)
        }
        if evidence is not None:
            written["evidence"] = [_place(iri, passages) for iri in evidence[number]]
        length += len(json.dumps(written, ensure_ascii=False))
        if number and length > _LONGEST_ANSWER:
            return
        yield written


def _value(term: Term, known: Mapping[str, str]) -> object:
    if isinstance(term, NamedNode):
        label = known.get(term.value) or curie(term.value)
        return {"iri": term.value} | ({"label": shown(label)} if label != term.value else {})
    value = json_value(term)
    return shown(value, _LONGEST_TEXT) if isinstance(value, str) else value


def _place(iri: str, passages: Passages) -> dict[str, Any]:
    """Return where a passage is: its cell, line and IRI, and its text where the pages are at hand."""
    cell, colon, line = passages.name(iri).rpartition(":")
    place: dict[str, Any] = {"passage": iri}
    if colon and line.isdecimal():
        place = {"cell": cell.replace("-", ":", 1), "line": int(line), **place}
    text = passages.text(iri)
    return place if text is None else place | {"text": shown(" ".join(text.split()), _LONGEST_TEXT)}


def _nothing(store: Store) -> str:
    query = "SELECT DISTINCT ?cell WHERE { ?snapshot prov:specializationOf ?cell } LIMIT 51"
    cells = [value_of(cell).rpartition("/")[2].replace("-", ":", 1) for (cell,) in islice(select(store, query), 51)]
    held = f"the pages of {', '.join(sorted(cells))}" if len(cells) <= 50 else "the pages of more than 50 cells"
    return (
        "no rows: nothing in this graph says so, which does not mean that it is not so; the graph holds"
        f" {held if cells else 'no page'}"
    )
