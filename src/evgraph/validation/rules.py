"""The list of all rules: shapes, checks, and the rules for waivers and notices."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode

from evgraph import shipped_files
from evgraph.errors import Hint
from evgraph.namespaces import SH
from evgraph.shacl.shapes_graph import plain, read_shapes
from evgraph.spelling import unknown_name
from evgraph.validation import notices, waivers
from evgraph.validation.check import Rule
from evgraph.validation.checks import can_run, our_checks
from evgraph.validation.validate import our_shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.shacl.shapes_graph import Node, ShapesGraph
    from evgraph.store.protocol import Term
    from evgraph.validation.check import Check

_KINDS = ("shape", "check", "waiver", "notice")
# Properties of a shape that are no constraints.
_NO_CONSTRAINTS = {
    SH + name
    for name in (
        *("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "property", "path", "name"),
        *("description", "message", "severity", "deactivated", "order", "group", "defaultValue"),
    )
}


def rules(shapes: Sequence[DataFile], checks: Iterable[Check]) -> list[Rule]:
    """Return all rules, sorted by kind (shape, check, waiver, notice) and name.

    Args:
        shapes: SHACL shapes; the first sentence of a message is the summary, the rest is the solution.
        checks: such as `evgraph.validation.checks.our_checks`.

    Raises:
        UnreadableError: a file of shapes is not well-formed.

    """
    of_checks = (
        Rule(check.name, check.severity, "check", f"{check.summary}.", check.problem, check.solution, check.source)
        for check in checks
    )
    known = [*_of_shapes(shapes), *of_checks, *waivers.RULES, *notices.RULES]
    return sorted(known, key=lambda rule: (_KINDS.index(rule.kind), rule.name))


def unchecked(shapes: Sequence[DataFile], checks: Iterable[Check], *, strict: bool = False) -> Callable[[str], bool]:
    """Return a function that tells whether a validation leaves out the rule of a name, which is one of evgraph's own.

    Args:
        shapes: of the validation.
        checks: such as `evgraph.validation.checks.our_checks`.
        strict: whether notices are findings.

    """

    @cache
    def missing() -> frozenset[str]:
        ours = {rule.name for rule in rules(our_shapes(), our_checks())}
        checked = {rule.name for rule in rules(shapes, filter(can_run, checks))}
        return frozenset(ours - checked | (set() if strict else {rule.name for rule in notices.RULES}))

    return lambda name: name in missing()


def explain(name: str, known: Sequence[Rule]) -> Rule:
    """Return the rule of a name, whatever its case.

    Raises:
        UsageError: there is none of that name.

    """
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
