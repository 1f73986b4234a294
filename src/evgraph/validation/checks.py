"""The checks that come with evgraph: queries in ``queries/checks``, and those that need more than SPARQL.

A query's columns are ``entity``, ``property`` and ``value``; its head has, besides the keys of a question's head,
``problem``, ``solution`` and ``severity``.
"""

from __future__ import annotations

import datetime
from functools import partial
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from evgraph import shipped_files
from evgraph.query import head as heads
from evgraph.query import runner
from evgraph.query.catalogue import CHECKS
from evgraph.query.question import OF_CHECKS
from evgraph.query.question import read as read_question
from evgraph.shacl.findings import Severity
from evgraph.spelling import did_you_mean
from evgraph.store.protocol import Rows
from evgraph.validation import changed_pages, near_headlines
from evgraph.validation.addresses import address_checks
from evgraph.validation.check import IN_CODE, IN_SPARQL, Check, Row, nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from types import ModuleType

    from evgraph.query.question import Question
    from evgraph.store.protocol import Store
    from evgraph.validation.addresses import Addresses
    from evgraph.validation.changed_pages import Pages

_COLUMNS = ("entity", "property", "value")
_PARAMETERS = {"present"}


def our_checks(
    *, present: int | None = None, pages: Pages | None = None, addresses: Addresses | None = None
) -> list[Check]:
    """Return evgraph's own checks, sorted by name.

    Args:
        present: the current year; by default, the clock's.
        pages: the pages that snapshots are compared with; without them, the check of pages does not run.
        addresses: the link checker; without it, the checks of addresses do not run.

    Raises:
        UnreadableError: a query is malformed; file and line are named.

    """
    year = present or datetime.datetime.now(datetime.UTC).year
    checks = [
        *(read(path, year) for path in sorted((shipped_files.queries() / CHECKS).glob("*.rq"))),
        *address_checks(addresses),
        _in_code("changed-page", changed_pages, pages.rows if pages else nothing),
        _in_code("near-headlines", near_headlines, near_headlines.rows),
    ]
    return sorted(checks, key=lambda check: check.name)


def can_run(check: Check) -> bool:
    """Whether a check has what it needs: the check of pages needs the pages, those of addresses the link checker."""
    return check.rows is not nothing


def _in_code(name: str, module: ModuleType, rows: Callable[[Store], Iterable[Row]]) -> Check:
    texts = (module.SUMMARY, module.PROBLEM, module.SOLUTION)
    source = f"src/{module.__name__.replace('.', '/')}.py"
    return Check(name, Severity.WARNING, *texts, source, IN_CODE, rows)


def read(path: Path, present: int) -> Check:
    """Read a check from a query.

    Args:
        path: a ``.rq`` file.
        present: the current year, for queries with the parameter ``present``.

    Raises:
        UnreadableError: the file is malformed; file and line are named.

    """
    question = read_question(path)
    head = heads.read(question.text, path)
    for key in sorted(OF_CHECKS):
        if key not in head.texts:
            raise heads.refused(f"a check needs a '{key}'", path, 1)
    word, line = head.texts["severity"]
    severities = {severity.word: severity for severity in Severity}
    if word not in severities:
        known = ", ".join(severities)
        raise heads.refused(f"'{word}' is no severity ({known}){did_you_mean(word, severities)}", path, line)
    if tuple(question.columns) != _COLUMNS:
        raise heads.refused(f"the columns of a check are {', '.join(_COLUMNS)}", path, 1)
    if unknown := question.parameters.keys() - _PARAMETERS:
        raise heads.refused(f"a check has no parameter '{min(unknown)}', only 'present'", path, 1)
    values = {name: str(present) for name in question.parameters}
    return Check(
        name=question.name,
        severity=severities[word],
        summary=question.summary,
        problem=" ".join(head.texts["problem"].text.split()),
        solution=" ".join(head.texts["solution"].text.split()),
        source=f"queries/{CHECKS}/{path.name}",
        component=IN_SPARQL,
        rows=partial(_rows, question, values),
    )


def _rows(question: Question, values: dict[str, str], store: Store) -> Iterator[Row]:
    answer = runner.run(store, question, values)
    for entity, path, value in answer.rows if isinstance(answer, Rows) else ():
        if entity is not None and isinstance(path, NamedNode) and value is not None:
            yield entity, path, value
