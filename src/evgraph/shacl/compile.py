"""SHACL shapes compiled to SELECTs, one for each constraint of a shape: each finds all that breaks it at one go.

They are SPARQL 1.1 and run wherever the data is. What cannot be said so is left to pySHACL, a whole shape at a time.
https://www.w3.org/TR/shacl/
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import pyoxigraph as ox

from evgraph.namespaces import SH
from evgraph.shacl import sparql_constraints as own_queries
from evgraph.shacl.constraints import OF_VALUES, Constraints
from evgraph.shacl.graph_patterns import pattern, union
from evgraph.shacl.messages import message_of
from evgraph.shacl.shapes_graph import DEEPEST, MalformedError
from evgraph.shacl.value_tests import NotCompiledError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from evgraph.shacl.constraints import Constraint
    from evgraph.shacl.findings import Severity
    from evgraph.shacl.paths import Path
    from evgraph.shacl.shapes_graph import Node, ShapesGraph
    from evgraph.store.protocol import Term

_VALUE = re.compile(r"\?value\b")
# Constraints whose faults are found from the values as well as from the focus nodes.
_FROM_VALUES = frozenset({"minCount", "maxCount", "uniqueLang", "hasValue"}).union(OF_VALUES)


@dataclass(frozen=True, slots=True)
class Rule:
    """One constraint of one shape, as a query for all that breaks it.

    Attributes:
        shape: the shape.
        component: the IRI of the constraint component.
        path: the shape's path; None for a node shape.
        severity: how much a finding weighs.
        other_severity: the IRI of a severity that SHACL does not know, or nothing.
        messages: what to say; ``{?name}`` and ``{$name}`` stand for what the query gives for a name.
        select: the query. Its column ``this`` is the focus node; ``value`` and ``path`` are as a result has them.
        others_words: whether someone else wrote the query, who knows nothing of `lexical`.

    """

    shape: Node
    component: str
    path: Path | None
    severity: Severity
    other_severity: str
    messages: Sequence[ox.Literal]
    select: str
    others_words: bool = False


@dataclass(frozen=True, slots=True)
class Compiled:
    """Shapes as rules, and what is left.

    Attributes:
        rules: what the SELECTs judge.
        left: the shapes with targets that are for pySHACL to judge → why.

    """

    rules: Sequence[Rule] = ()
    left: dict[Node, str] = field(default_factory=dict)


def compile_shapes(
    shapes: ShapesGraph, subclasses: Callable[[str], Sequence[str]], forms: Collection[str] = ()
) -> Compiled:
    """Compile every shape that has a target.

    Args:
        shapes: the shapes.
        subclasses: a class → itself and what is below it, in the data that is to be judged.
        forms: the datatypes of literals that stand in the data under another; see `lexical`.

    """
    rules: list[Rule] = []
    left: dict[Node, str] = {}
    compiler = _Compiler(shapes, Constraints(shapes, subclasses, forms))
    for root in shapes.roots:
        try:
            rules += compiler.root(root)
        except (NotCompiledError, MalformedError) as error:
            left[root] = str(error)
    return Compiled(rules, left)


class _Focus(Protocol):
    """The pattern that finds the nodes to judge."""

    def __call__(self, node: str, routes: list[str] | None = None, /) -> str:
        """Write it for a variable; variables for the nodes on the way from the target are added to ``routes``."""
        ...


class _Compiler:
    def __init__(self, shapes: ShapesGraph, constraints: Constraints) -> None:
        self._shapes = shapes
        self._constraints = constraints
        self._open: list[Term] = []
        self._focus: _Focus | None = None
        self._speaking = Counter(
            path
            for root in shapes.roots
            for path in {path for one in (root, *shapes.sh(root, "property")) for path in shapes.sh(one, "path")}
        )

    def root(self, shape: Node) -> list[Rule]:
        """Compile a shape with targets."""
        targets = list(self._shapes.targets(shape))

        def focus(this: str, _: list[str] | None = None, /) -> str:
            return union([pattern(kind, value, this, self._constraints.subclasses) for kind, value in targets])

        self._open.clear()
        self._focus = focus
        self._constraints.from_outside = any(kind == "targetNode" for kind, _ in targets)
        return self._shape(shape, focus)

    def _shape(self, shape: Node, focus: _Focus) -> list[Rule]:
        """Compile a shape for the nodes that a pattern finds."""
        if shape in self._open:
            raise NotCompiledError("the shape is part of itself")
        if len(self._open) > DEEPEST:
            raise NotCompiledError(f"shapes are nested more than {DEEPEST} deep")
        if self._constraints.deactivated(shape):
            return []
        self._open.append(shape)
        path = self._shapes.path_of(shape)
        rules = []
        for one in self._constraints.of(shape, "?this", "?value"):
            by_values = one.parameter in _FROM_VALUES and focus is self._focus and self._is_own(path)
            selects = (_selects_by_values if by_values else _selects)(focus, one)
            messages = message_of(self._shapes, shape, one.parameter)
            rules += [self._rule(shape, one.component, select, messages) for select in selects]
        for query in self._shapes.sh(shape, "sparql"):
            if not self._constraints.deactivated(query):
                select = own_queries.over(own_queries.text_of(self._shapes, query), focus, path)
                said = [*self._shapes.messages(query), *self._shapes.messages(shape)]
                messages = said or message_of(self._shapes, shape, "sparql")
                rules.append(self._rule(shape, "SPARQL", select, messages, others_words=True))
        for inner in self._shapes.sh(shape, "property"):
            self._constraints.check_property(inner)
            if isinstance(inner, ox.NamedNode | ox.BlankNode):
                rules += self._shape(inner, self._further(focus, path))
        self._open.pop()
        return rules

    def _is_own(self, path: Path | None) -> bool:
        """Whether to look through a property for faults and then see whose they are, rather than the other way round.

        It takes half the time where the property is the shape's own, and ages where a few nodes share it with all the
        world. It is done where a single shape speaks of the property: so none is gone through for more than one shape.
        """
        return isinstance(path, ox.NamedNode) and self._speaking[path] == 1 and not self._constraints.from_outside

    def _further(self, focus: _Focus, path: Path | None) -> _Focus:
        """Give the pattern of the value nodes of a shape."""
        if path is None:
            return focus

        def values(node: str, routes: list[str] | None = None, /) -> str:
            before = self._constraints.fresh()
            if routes is not None:
                routes.append(before[1:])
            return f"{focus(before, routes)} {self._constraints.values(path, before, node)}"

        return values

    def _rule(
        self, shape: Node, component: str, select: str, messages: Sequence[ox.Literal], *, others_words: bool = False
    ) -> Rule:
        return Rule(
            shape=shape,
            component=f"{SH}{component}ConstraintComponent",
            path=self._shapes.path_of(shape),
            severity=self._shapes.severity(shape),
            other_severity=self._shapes.other_severity(shape),
            messages=messages,
            select=select,
            others_words=others_words,
        )


def _selects(focus: _Focus, constraint: Constraint) -> list[str]:
    """Write a query for each way to break a constraint; in one query some engines lose a condition of a UNION."""
    routes: list[str] = []
    of_focus = _group(focus("?this", routes))
    columns = " ".join(f"?{name}" for name in ("this", *constraint.columns, *routes))
    if constraint.grouped:
        where, having = constraint.grouped
        return [f"SELECT {columns} WHERE {{ {of_focus} {where} }} GROUP BY {columns} HAVING({having})"]
    found = []
    for fault in constraint.faults:
        itself = "value" in constraint.columns and not _VALUE.search(fault.where)
        where = f"{of_focus} {fault.group}{' BIND(?this AS ?value)' if itself else ''}"
        found.append(f"SELECT DISTINCT {columns} WHERE {{ {where} }}")
    return found


def _selects_by_values(focus: _Focus, constraint: Constraint) -> list[str]:
    """Write the same, beginning with the values."""
    if constraint.grouped and constraint.parameter == "minCount":
        return _selects(focus, constraint)
    columns = " ".join(["?this", *(f"?{name}" for name in constraint.columns)])
    of_focus = _group(focus("?this"))
    if constraint.grouped:
        where, having = constraint.grouped
        inner = [f"SELECT ?this WHERE {{ {where} }} GROUP BY ?this HAVING({having})"]
    else:
        inner = [f"SELECT {columns} WHERE {{ {one.group} }}" for one in constraint.faults if not one.absent]
    return [
        *(f"SELECT DISTINCT {columns} WHERE {{ {{ {one} }} {of_focus} }}" for one in inner),
        *(
            f"SELECT DISTINCT ?this WHERE {{ {of_focus} MINUS {{ {one.absent} }} }}"
            for one in constraint.faults
            if one.absent
        ),
    ]


def _group(where: str) -> str:
    return f"{{ {where} }}" if " UNION " in where else where
