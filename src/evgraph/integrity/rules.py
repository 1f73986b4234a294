"""One list of all that is checked, shapes and checks alike: what is wrong, why it matters, how to mend it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode

from evgraph import resources
from evgraph.errors import UsageError
from evgraph.integrity.shapes_graph import ShapesGraph, plain
from evgraph.namespaces import SH
from evgraph.query.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evgraph.integrity.check import Check
    from evgraph.integrity.findings import Severity
    from evgraph.integrity.shapes_graph import Node
    from evgraph.store.files import DataFile
    from evgraph.store.protocol import Term

# What a shape says without demanding anything by it.
_NO_DEMANDS = {
    SH + name
    for name in (
        *("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "property", "path", "name"),
        *("description", "message", "severity", "deactivated", "order", "group", "defaultValue"),
    )
}


class Rule(NamedTuple):
    """Something that is checked.

    Attributes:
        name: as findings name it.
        severity: how much a finding of it weighs.
        kind: ``shape`` or ``check``.
        wrong: what is wrong, or what is demanded.
        why: why it matters; empty where a shape does not say.
        mend: how to mend it; empty where a shape does not say it apart.
        source: the file that holds it.

    """

    name: str
    severity: Severity
    kind: str
    wrong: str
    why: str
    mend: str
    source: str


def rules(shapes: Sequence[DataFile], checks: Iterable[Check]) -> list[Rule]:
    """List what findings can come from, sorted by kind, shapes first, and name.

    Args:
        shapes: SHACL shapes; of their messages the first sentence says what is wrong, the rest how to mend it.
        checks: such as `evgraph.integrity.checks.our_checks`.

    Raises:
        UnreadableError: a file of shapes is not well-formed.

    """
    found = list(_of_shapes(shapes))
    found += [
        Rule(one.name, one.severity, "check", f"{one.summary}.", one.problem, one.solution, one.source)
        for one in checks
    ]
    return sorted(found, key=lambda rule: (rule.kind != "shape", rule.name))


def explain(name: str, known: Sequence[Rule]) -> Rule:
    """Find a rule by its name.

    Raises:
        UsageError: there is none of that name; the nearest is named.

    """
    for rule in known:
        if rule.name.casefold() == name.casefold():
            return rule
    raise UsageError(
        f"there is no rule '{name}'{did_you_mean(name, [rule.name for rule in known])}",
        way_out="'evgraph validate --list-rules' lists them",
    )


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
    root = resources.ontology().parent
    return Path(path).relative_to(root).as_posix() if Path(path).is_relative_to(root) else path


def _literals(graph: ShapesGraph, shape: Term, name: str) -> list[Literal]:
    return [one for one in graph.sh(shape, name) if isinstance(one, Literal)]


def _parted(message: str) -> tuple[str, str]:
    """Part a message after its first sentence."""
    found = re.match(r"(.+?[.?!]) (?=[A-Z])(.+)", message)
    return (found[1], found[2]) if found else (message, "")
