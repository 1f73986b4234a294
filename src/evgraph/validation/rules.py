"""One list of all that is checked, by shapes or otherwise: what is wrong, why it matters, how to mend it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode

from evgraph import shipped_files
from evgraph.errors import Hint
from evgraph.namespaces import SH
from evgraph.shacl.shapes_graph import ShapesGraph, plain
from evgraph.spelling import unknown_name
from evgraph.validation import notices, waivers
from evgraph.validation.checks import carried_out, our_checks
from evgraph.validation.rule import Rule
from evgraph.validation.validate import our_shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.shacl.shapes_graph import Node
    from evgraph.store.protocol import Term
    from evgraph.validation.check import Check

_KINDS = ("shape", "check", "waiver", "notice")
# What a shape says without demanding anything by it.
_NO_DEMANDS = {
    SH + name
    for name in (
        *("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "property", "path", "name"),
        *("description", "message", "severity", "deactivated", "order", "group", "defaultValue"),
    )
}


def rules(shapes: Sequence[DataFile], checks: Iterable[Check]) -> list[Rule]:
    """List what findings can come from: shapes, checks, waivers, notices (if strict), each sorted by name.

    Args:
        shapes: SHACL shapes; of their messages the first sentence says what is wrong, the rest how to mend it.
        checks: such as `evgraph.validation.checks.our_checks`.

    Raises:
        UnreadableError: a file of shapes is not well-formed.

    """
    found = list(_of_shapes(shapes))
    found += [
        Rule(one.name, one.severity, "check", f"{one.summary}.", one.problem, one.solution, one.source)
        for one in checks
    ]
    found += [*waivers.RULES, *notices.RULES]
    return sorted(found, key=lambda rule: (_KINDS.index(rule.kind), rule.name))


def left_out(shapes: Sequence[DataFile], checks: Iterable[Check], *, strict: bool = False) -> Callable[[str], bool]:
    """Give a test for names of our own rules that a validation by these shapes and checks does not judge.

    Args:
        shapes: what is judged by.
        checks: such as `evgraph.validation.checks.our_checks`.
        strict: whether notices are findings.

    """

    @cache
    def missing() -> frozenset[str]:
        ours = {rule.name for rule in rules(our_shapes(), our_checks())}
        judged = {rule.name for rule in rules(shapes, filter(carried_out, checks))}
        return frozenset(ours - judged | (set() if strict else {rule.name for rule in notices.RULES}))

    return lambda name: name in missing()


def explain(name: str, known: Sequence[Rule]) -> Rule:
    """Find a rule by its name.

    Raises:
        UsageError: there is none of that name; the nearest is named.

    """
    for rule in known:
        if rule.name.casefold() == name.casefold():
            return rule
    raise unknown_name(f"there is no rule '{name}'", name, [rule.name for rule in known], Hint.LIST_RULES)


def _of_shapes(files: Sequence[DataFile]) -> Iterator[Rule]:
    graph = ShapesGraph(files)
    sources: dict[Term, str] = {}
    for file in files:
        own = ShapesGraph([file]).typed(f"{SH}NodeShape", f"{SH}PropertyShape")
        named = (one for one in own if isinstance(one, NamedNode))  # Blank nodes are named anew in each graph.
        sources.update(dict.fromkeys(named, _within_the_project(file.path)))
    told: dict[Node, tuple[str, str]] = {}  # Why it matters, and the file; what a part does not say, its whole does.
    for root in graph.roots:
        ahead: list[tuple[Term, str, str]] = [(root, "", "")]
        while ahead:
            shape, why, source = ahead.pop()
            if isinstance(shape, NamedNode | BlankNode) and shape not in told:
                told[shape] = plain(_literals(graph, shape, "description")) or why, sources.get(shape, source)
                ahead += [(one, *told[shape]) for one in graph.sh(shape, "property")]
    for shape, (why, source) in told.items():
        if not _NO_DEMANDS.issuperset(one for one in graph.predicates(shape) if one.startswith(SH)):
            message = plain(graph.messages(shape)) or plain(_literals(graph, shape, "name"))
            wrong, mend = _parted(message)
            yield Rule(graph.rule(shape), graph.severity(shape), "shape", wrong, why, mend, source)


def _within_the_project(path: str) -> str:
    root = shipped_files.ontology().parent
    return Path(path).relative_to(root).as_posix() if Path(path).is_relative_to(root) else path


def _literals(graph: ShapesGraph, shape: Term, name: str) -> list[Literal]:
    return [one for one in graph.sh(shape, name) if isinstance(one, Literal)]


def _parted(message: str) -> tuple[str, str]:
    """Part a message after its first sentence."""
    found = re.match(r"(.+?[.?!]) (?=[A-Z])(.+)", message)
    return (found[1], found[2]) if found else (message, "")
