"""The canned questions: the list, and for each one a form, its rows, and the ways to ask it elsewhere."""

from __future__ import annotations

import re
import shlex
from functools import cache, partial
from importlib.util import find_spec
from itertools import groupby, islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode

from evgraph.errors import Hint, UsageError
from evgraph.formats import ROW_FORMATS
from evgraph.query import parameters as reading
from evgraph.query import runner
from evgraph.query.added_columns import with_passages
from evgraph.query.catalogue import Catalogue
from evgraph.site.listing import pages_of
from evgraph.site.question_pictures import pictures
from evgraph.site.tables import MOST, PAGE, Item, Table, item, labels_of, table
from evgraph.store.protocol import Rows, Triples
from evgraph.text import plain

if TYPE_CHECKING:
    from markupsafe import Markup

    from evgraph.query.question import Parameter, Question
    from evgraph.site.page import Page, Parameters, Site

MOST_LISTED = 300
"""A field offers so many values by itself; a longer list is fetched when it is needed."""
_RESERVED = {"offset", "sort", "format", "limit"}
_SELECTED = {"choice", "matrix", "marker"}  # The types of parameters with few values.


class Field(NamedTuple):
    """A field of the form of a question.

    Attributes:
        parameter: the parameter of the question.
        values: as typed; one empty text where there is none.
        choices: value → label, of those that the field offers.
        is_select: whether only these can be chosen.
        is_long: whether there are more values than are offered.
        problem: what is wrong with the values, or empty.

    """

    parameter: Parameter
    values: tuple[str, ...]
    choices: dict[str, str]
    is_select: bool
    is_long: bool
    problem: str


def questions(site: Site, chosen: Parameters) -> Page:
    """List the questions by group, or those that have some words."""
    text = " ".join(chosen.get("text", ()))
    words = plain(text).casefold().split()
    found = [
        question
        for question in sorted(Catalogue(), key=lambda question: (question.group, question.name))
        if not question.answered_by_evgraph and all(word in _searched(question) for word in words)
    ]
    groups = [(name, list(members)) for name, members in groupby(found, key=lambda question: question.group)]
    return site.page("questions", title="Questions", address="/questions", groups=groups, text=text, count=len(found))


def question(site: Site, chosen: Parameters, name: str) -> Page | None:
    """Ask a question: show the form, and the rows once all needed parameters have values."""
    from evgraph.site.page import Crumb

    catalogue = _shipped()
    if name not in catalogue.paths or catalogue[name].answered_by_evgraph:
        return None
    asked = catalogue[name]
    values = {key: texts for key, texts in chosen.items() if key not in _RESERVED}
    offset, sort = _number(chosen.get("offset")), next(iter(chosen.get("sort", ())), "")
    problem: UsageError | None = None
    rows: Table | None = None
    drawn: list[Markup] = []
    facts: list[tuple[Item, Item, Item]] = []
    notes: list[str] = []
    text = asked.text
    is_complete = all(parameter.name in values for parameter in asked.parameters.values() if parameter.required)
    is_complete = is_complete and (not asked.one_of or any(key in values for key in asked.one_of))
    if is_complete or values:
        try:
            answer, notes = runner.ask(site.store, asked, values, None)
            text = runner.sparql_of(asked, runner.bind(site.store, asked, values))
            if isinstance(answer, Rows):
                found = list(islice(answer.rows, MOST + 1))
                drawn = pictures(site.reader, name, answer.columns, found)
                supported = with_passages(site.store, Rows(answer.columns, iter(found)), asked.evidence, site.passages)
                rows = table(site, supported, offset=offset, sort=sort)
            elif isinstance(answer, Triples):
                facts = _facts(site, answer)
        except UsageError as error:
            problem = error
    query = urlencode([(key, value) for key, texts in values.items() for value in texts])
    page = site.page(
        "question",
        title=asked.summary,
        address=f"/questions/{name}" + (f"?{query}" if query else ""),
        trail=[Crumb("Questions", "/questions")],
        question=asked,
        fields=[_field(site, parameter, values, problem) for parameter in asked.parameters.values()],
        problem=problem,
        advice=problem.hint if problem and isinstance(problem.hint, str) else "",
        candidates=_candidates(problem, values, name) if problem else {},
        rows=rows,
        pictures=drawn,
        facts=facts,
        most_facts=MOST,
        notes=notes,
        query=query,
        sort=sort,
        address_of_rows=lambda **changes: _address(name, values, {"sort": sort, **changes}),
        page_size=PAGE,
        text=text,
        edit=f"/sparql?{urlencode({'query': without_head(text)})}",
        shell=_shell(name, values),
        python=_python(name, values),
        was_asked=is_complete,
        pages=len(pages_of(site.store)),
        has_excel=find_spec(ROW_FORMATS["xlsx"].library) is not None,
    )
    return page._replace(status=400) if problem else page


@cache
def _shipped() -> Catalogue:
    return Catalogue()


def _searched(question: Question) -> str:
    return plain(f"{question.name} {question.summary} {question.description}").casefold()


def _number(texts: tuple[str, ...] | None) -> int:
    text = texts[0] if texts else "0"
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _facts(site: Site, answer: Triples) -> list[tuple[Item, Item, Item]]:
    found = []
    for triple in answer.triples:
        terms = (triple.subject, triple.predicate, triple.object)
        labels = labels_of(site, terms)
        found.append((item(site, terms[0], labels), item(site, terms[1], labels), item(site, terms[2], labels)))
    return sorted(found)


def _field(site: Site, parameter: Parameter, values: Parameters, problem: UsageError | None) -> Field:
    choices: dict[str, str] = {}
    if reading.is_listed(parameter):
        listed = f"values of {parameter.name}, {parameter.type}: {parameter.pick_list}, {parameter.choices}"
        choices = site.store.recall(listed, partial(reading.pick_list, site.store, parameter))
    is_long = len(choices) > MOST_LISTED
    is_wrong = problem is not None and problem.parameter == parameter.name
    is_select = parameter.type in _SELECTED and not set(values.get(parameter.name, ())).difference(choices)
    return Field(
        parameter,
        values.get(parameter.name, ("",)),
        {} if is_long else choices,
        is_select and not is_long,
        is_long,
        problem.message if is_wrong and problem else "",
    )


def _candidates(problem: UsageError, values: Parameters, name: str) -> dict[str, str]:
    """Return the values that may be meant: value → address of the question with it."""
    if not problem.parameter:
        return {}
    values_expected = [value for value in problem.expected if f"expected {value}" not in problem.message]
    expected = values_expected or ([problem.nearest] if problem.nearest else [])
    if not expected and problem.hint is Hint.GIVE_PARAMETER and problem.example:
        expected = [problem.example]
    return {value: _address(name, {**values, problem.parameter: (value,)}, {}) for value in expected}


def _address(name: str, values: Parameters, changes: dict[str, object]) -> str:
    pairs = [(key, text) for key, texts in values.items() for text in texts]
    pairs += [(key, str(value)) for key, value in changes.items() if value]
    return f"/questions/{quote(name)}" + (f"?{urlencode(pairs)}" if pairs else "")


def without_head(text: str) -> str:
    """Return the query of a question without its head."""
    return re.sub(r"^(#\+.*\n)+\n*", "", text)


def _shell(name: str, values: Parameters) -> str:
    chosen = [f"-p {shlex.quote(f'{key}={text}')}" for key, texts in values.items() for text in texts]
    return " ".join([name, *chosen])


def _python(name: str, values: Parameters) -> str:
    chosen = [f"{key}={texts[0]!r}" if len(texts) == 1 else f"{key}={list(texts)!r}" for key, texts in values.items()]
    return f"evgraph.open().query({', '.join([repr(name), *chosen])})"
