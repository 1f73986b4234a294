"""The checks that come with evgraph, and the list of all rules: shapes, checks, and those for waivers and notices.

Checks are queries in ``queries/checks``, and code for those that need more than SPARQL. A query's columns are
``entity``, ``property`` and ``value``; its head has, besides the keys of a question's head, ``problem``, ``solution``
and ``severity``.
"""

from __future__ import annotations

import datetime
import re
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode

from evgraph import shipped_files
from evgraph.errors import Hint
from evgraph.namespaces import SH
from evgraph.query import head as heads
from evgraph.query import runner
from evgraph.query.catalogue import CHECKS
from evgraph.query.question import OF_CHECKS
from evgraph.query.reading import read as read_question
from evgraph.shacl.findings import Severity
from evgraph.shacl.shapes_graph import plain, read_shapes
from evgraph.store.protocol import Rows
from evgraph.text import did_you_mean, unknown_name
from evgraph.validation import notices, waivers
from evgraph.validation.addresses import address_checks
from evgraph.validation.check import IN_CODE, IN_SPARQL, Check, Row, Rule, nothing
from evgraph.validation.checks_in_code import CHANGED_PAGE, NEAR_HEADLINES, UNAPPLIED_DECISION, near_headlines
from evgraph.validation.validate import our_shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from evgraph.query.question import Question
    from evgraph.rdf.files import DataFile
    from evgraph.shacl.shapes_graph import Node, ShapesGraph
    from evgraph.store.protocol import Store, Term
    from evgraph.validation.addresses import Addresses
    from evgraph.validation.checks_in_code import Pages

_COLUMNS = ("entity", "property", "value")
_PARAMETERS = {"present"}
_KINDS = ("shape", "check", "waiver", "notice")
# Properties of a shape that are no constraints.
_NO_CONSTRAINTS = {
    SH + name
    for name in (
        *("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "property", "path", "name"),
        *("description", "message", "severity", "deactivated", "order", "group", "defaultValue"),
    )
}


def our_checks(
    *, present: int | None = None, pages: Pages | None = None, addresses: Addresses | None = None
) -> list[Check]:
    """Return evgraph's own checks, sorted by name.

    `present` is the current year; by default, the clock's. Without pages, the check of pages does not run, and without
    addresses those of addresses do not. Raise UnreadableError with file and line if a query is malformed.
    """
    year = present or datetime.datetime.now(datetime.UTC).year
    checks = [
        *(read(path, year) for path in sorted((shipped_files.queries() / CHECKS).glob("*.rq"))),
        *address_checks(addresses),
        Check(CHANGED_PAGE, IN_CODE, pages.rows if pages else nothing),
        Check(NEAR_HEADLINES, IN_CODE, near_headlines),
        Check(UNAPPLIED_DECISION, IN_CODE, lambda _: ()),  # `evgraph.validation.causes` finds it, in files.
    ]
    return sorted(checks, key=lambda check: check.name)


def can_run(check: Check) -> bool:
    """Whether a check has what it needs: the check of pages needs the pages, those of addresses the link checker."""
    return check.rows is not nothing


def read(path: Path, present: int) -> Check:
    """Read a check from a ``.rq`` file; `present` is the current year, the value of the parameter of this name.

    Raise UnreadableError with file and line if the file is malformed.
    """
    question = read_question(path, whole=False)  # A test reads the whole of each.
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
    rule = Rule(
        name=question.name,
        severity=severities[word],
        kind="check",
        summary=f"{question.summary}.",
        problem=" ".join(head.texts["problem"].text.split()),
        solution=" ".join(head.texts["solution"].text.split()),
        source=f"queries/{CHECKS}/{path.name}",
    )
    return Check(rule, IN_SPARQL, partial(_rows, question, values))


def _rows(question: Question, values: dict[str, str], store: Store) -> Iterator[Row]:
    answer = runner.run(store, question, values)
    for entity, path, value in answer.rows if isinstance(answer, Rows) else ():
        if entity is not None and isinstance(path, NamedNode) and value is not None:
            yield entity, path, value


def rules(shapes: Sequence[DataFile], checks: Iterable[Check]) -> list[Rule]:
    """Return all rules, sorted by kind (shape, check, waiver, notice) and name.

    The first sentence of a shape's message is the summary, the rest is the solution. Raise UnreadableError if a file
    of shapes is not well-formed.
    """
    known = [*_of_shapes(shapes), *(check.rule for check in checks), *waivers.RULES, *notices.RULES]
    return sorted(known, key=lambda rule: (_KINDS.index(rule.kind), rule.name))


def unchecked(shapes: Sequence[DataFile], checks: Iterable[Check], *, strict: bool = False) -> Callable[[str], bool]:
    """Return a function that tells whether a validation leaves out the rule of a name, which is one of evgraph's own.

    With `strict`, notices are findings.
    """

    @cache
    def missing() -> frozenset[str]:
        ours = {rule.name for rule in rules(our_shapes(), our_checks())}
        checked = {rule.name for rule in rules(shapes, filter(can_run, checks))}
        return frozenset(ours - checked | (set() if strict else {rule.name for rule in notices.RULES}))

    return lambda name: name in missing()


def explain(name: str, known: Sequence[Rule]) -> Rule:
    """Return the rule of a name, whatever its case; raise UsageError if there is none of that name."""
    for rule in known:
        if rule.name.casefold() == name.casefold():
            return rule
    raise unknown_name(f"there is no rule '{name}'", name, [rule.name for rule in known], Hint.LIST_RULES)


def _of_shapes(files: Sequence[DataFile]) -> Iterator[Rule]:
    graph = read_shapes(files)
    shapes = graph.typed(f"{SH}NodeShape", f"{SH}PropertyShape")
    within_project = {path: _within_the_project(path) for path in {*graph.paths.values()}}
    sources: dict[Term, str] = {shape: within_project[graph.paths[shape]] for shape in shapes}
    source_of: dict[Node, str] = {}  # A blank node is in the file of the shape that it is part of.
    for root in graph.roots:
        ahead: list[tuple[Term, str]] = [(root, "")]
        while ahead:
            shape, source = ahead.pop()
            if isinstance(shape, NamedNode | BlankNode) and shape not in source_of:
                source_of[shape] = sources.get(shape, source)
                ahead += [(part, source_of[shape]) for part in graph.sh(shape, "property")]
    for shape, source in source_of.items():
        if not _NO_CONSTRAINTS.issuperset(name for name in graph.predicates(shape) if name.startswith(SH)):
            message = plain(graph.messages(shape)) or plain(_literals(graph, shape, "name"))
            sentences = re.match(r"(.+?[.?!]) (?=[A-Z])(.+)", message)
            summary, solution = (sentences[1], sentences[2]) if sentences else (message, "")
            problem = plain(_literals(graph, shape, "description"))
            yield Rule(graph.rule(shape), graph.severity(shape), "shape", summary, problem, solution, source)


def _within_the_project(path: str) -> str:
    root = shipped_files.ontology().parent
    return Path(path).relative_to(root).as_posix() if Path(path).is_relative_to(root) else path


def _literals(graph: ShapesGraph, shape: Term, name: str) -> list[Literal]:
    return [term for term in graph.sh(shape, name) if isinstance(term, Literal)]
