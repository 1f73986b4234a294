"""SHACL shapes compiled to SELECTs, one for each way to break a constraint of a shape; each row is a finding.

The SELECTs are SPARQL 1.1 and run wherever the data is. A shape that cannot be compiled is left whole to pySHACL.
https://www.w3.org/TR/shacl/
"""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pyoxigraph as ox

from evgraph.errors import UnreadableError
from evgraph.namespaces import SH
from evgraph.shacl import sparql_constraints
from evgraph.shacl.constraints import OF_VALUES, Constraints, message_of
from evgraph.shacl.findings import Finding
from evgraph.shacl.paths import Compound
from evgraph.shacl.shapes_graph import MalformedError, plain
from evgraph.shacl.targets import target_pattern, union
from evgraph.shacl.value_tests import NotCompiledError
from evgraph.store.protocol import select_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from evgraph.shacl.constraints import Constraint
    from evgraph.shacl.findings import Severity
    from evgraph.shacl.paths import Path
    from evgraph.shacl.shapes_graph import Node, ShapesGraph
    from evgraph.shacl.targets import Source
    from evgraph.store.protocol import Term

_VALUE = re.compile(r"\?value\b")
_PLACEHOLDER = re.compile(r"\{[?$](\w+)\}")
# Constraints whose query may start from the values instead of the focus nodes.
_FROM_VALUES = frozenset({"minCount", "maxCount", "uniqueLang", "hasValue"}).union(OF_VALUES)


class ConstraintQuery(NamedTuple):
    """A constraint of a shape as a query for everything that breaks it."""

    shape: Node
    component: str  # The IRI of the constraint component.
    path: Path | None  # The shape's path; None for a node shape.
    severity: Severity
    other_severity: str  # The IRI of a severity that SHACL does not define, or empty.
    messages: Sequence[ox.Literal]  # For the findings; ``{?name}`` and ``{$name}`` stand for the value of a column.
    select: str  # Its column ``this`` is the focus node; ``value`` and ``path`` are as in a result of SHACL.
    by_author: bool = False  # Whether the query is the shapes' own (sh:sparql), so that it expects unmarked literals.


class CompiledShapes(NamedTuple):
    """Shapes as queries."""

    queries: Sequence[ConstraintQuery]
    not_compiled: Mapping[Node, str]  # The other shapes with targets → the reason.


def compile_shapes(
    shapes: ShapesGraph, subclasses: Callable[[str], Sequence[str]], marked_datatypes: Collection[str] = ()
) -> CompiledShapes:
    """Compile every shape that has a target; for the other arguments see `evgraph.shacl.targets.Source`."""
    queries: list[ConstraintQuery] = []
    not_compiled: dict[Node, str] = {}
    compiler = _Compiler(shapes, Constraints(shapes, subclasses, marked_datatypes))
    for root in shapes.roots:
        try:
            queries += compiler.compile_root(root)
        except (NotCompiledError, MalformedError) as error:
            not_compiled[root] = str(error)
    return CompiledShapes(queries, not_compiled)


# Returns the pattern of the focus nodes of a shape for a variable, and adds the variables between it and the target to
# a list.
_FocusPattern: TypeAlias = "Callable[[str, list[str]], str]"


class _Compiler:
    def __init__(self, shapes: ShapesGraph, constraints: Constraints) -> None:
        self._shapes = shapes
        self._constraints = constraints
        self._root_focus: _FocusPattern | None = None
        self._uses = Counter(
            path
            for root in shapes.roots
            for path in {path for shape in (root, *shapes.sh(root, "property")) for path in shapes.sh(shape, "path")}
        )

    def compile_root(self, shape: Node) -> list[ConstraintQuery]:
        """Compile a shape with targets."""
        targets = list(self._shapes.targets(shape))

        def focus(this: str, _: list[str]) -> str:
            return union([target_pattern(kind, value, this, self._constraints.subclasses) for kind, value in targets])

        self._root_focus = focus
        self._constraints.focus_may_be_absent = any(kind == "targetNode" for kind, _ in targets)
        return self._shape(shape, focus)

    def _shape(self, shape: Node, focus: _FocusPattern) -> list[ConstraintQuery]:
        """Compile a shape for the nodes of a pattern."""
        if self._constraints.deactivated(shape):
            return []
        with self._constraints.inside(shape):
            return self._constraints_of(shape, focus)

    def _constraints_of(self, shape: Node, focus: _FocusPattern) -> list[ConstraintQuery]:
        path = self._shapes.path_of(shape)
        of_shape = ConstraintQuery(
            shape, "", path, self._shapes.severity(shape), self._shapes.other_severity(shape), (), ""
        )
        values_first = focus is self._root_focus and self._is_used_once(path)
        queries = []
        for constraint in self._constraints.of(shape, "?this", "?value"):
            from_values = values_first and constraint.parameter in _FROM_VALUES
            write = _selects_from_values if from_values else partial(_selects, walks=isinstance(path, Compound))
            of_constraint = of_shape._replace(
                component=f"{SH}{constraint.parameter[0].upper()}{constraint.parameter[1:]}ConstraintComponent",
                messages=message_of(self._shapes, shape, constraint.parameter),
            )
            queries += [of_constraint._replace(select=select) for select in write(focus, constraint)]
        for node in self._shapes.sh(shape, "sparql"):
            if not self._constraints.deactivated(node):
                text = sparql_constraints.text_of(self._shapes, node)
                own_messages = [*self._shapes.messages(node), *self._shapes.messages(shape)]
                queries.append(
                    of_shape._replace(
                        component=f"{SH}SPARQLConstraintComponent",
                        messages=own_messages or message_of(self._shapes, shape, "sparql"),
                        select=sparql_constraints.for_all_focus_nodes(text, focus("$this", []), path),
                        by_author=True,
                    )
                )
        for inner in self._shapes.sh(shape, "property"):
            self._constraints.check_property(inner)
            if isinstance(inner, ox.NamedNode | ox.BlankNode):
                queries += self._shape(inner, self._values_of(focus, path))
        return queries

    def _is_used_once(self, path: Path | None) -> bool:
        """Whether a path is a property of one shape only, so that its queries may start from the values.

        Starting from all values of the property takes half the time where they are the shape's own, and very long where
        a few focus nodes share the property with everything else.
        """
        return isinstance(path, ox.NamedNode) and self._uses[path] == 1 and not self._constraints.focus_may_be_absent

    def _values_of(self, focus: _FocusPattern, path: Path | None) -> _FocusPattern:
        """Return the pattern of the value nodes of a shape."""
        if path is None:
            return focus

        def values(node: str, routes: list[str]) -> str:
            before = self._constraints.fresh()
            routes.append(before[1:])
            return f"{focus(before, routes)} {self._constraints.values(path, before, node)}"

        return values


def _selects(focus: _FocusPattern, constraint: Constraint, *, walks: bool = False) -> list[str]:
    """Write a query for each way to break a constraint; in a UNION of them some engines lose a condition.

    ``walks`` is whether the path has several steps, which Oxigraph walks from everywhere for each NOT EXISTS.
    """
    routes: list[str] = []
    of_focus = _group(focus("?this", routes))
    columns = " ".join(f"?{name}" for name in ("this", *constraint.columns, *routes))
    if constraint.grouped:
        where, having = constraint.grouped
        return [f"SELECT {columns} WHERE {{ {of_focus} {where} }} GROUP BY {columns} HAVING({having})"]
    selects = []
    for violation in constraint.violations:
        itself = "value" in constraint.columns and not _VALUE.search(violation.where)
        where = f"{of_focus} {violation.group}{' BIND(?this AS ?value)' if itself else ''}"
        if violation.absent and walks:
            where = f"{of_focus} MINUS {{ {violation.absent} }}"
        selects.append(f"SELECT DISTINCT {columns} WHERE {{ {where} }}")
    return selects


def _selects_from_values(focus: _FocusPattern, constraint: Constraint) -> list[str]:
    """Write the same queries, starting from the values."""
    if constraint.grouped and constraint.parameter == "minCount":
        return _selects(focus, constraint)
    columns = " ".join(["?this", *(f"?{name}" for name in constraint.columns)])
    of_focus = _group(focus("?this", []))
    if constraint.grouped:
        where, having = constraint.grouped
        inner = [f"SELECT ?this WHERE {{ {where} }} GROUP BY ?this HAVING({having})"]
    else:
        groups = [violation.group for violation in constraint.violations if not violation.absent]
        inner = [f"SELECT {columns} WHERE {{ {group} }}" for group in groups]
    absent = [violation.absent for violation in constraint.violations if violation.absent]
    return [
        *(f"SELECT DISTINCT {columns} WHERE {{ {{ {select} }} {of_focus} }}" for select in inner),
        *(f"SELECT DISTINCT ?this WHERE {{ {of_focus} MINUS {{ {pattern} }} }}" for pattern in absent),
    ]


def _group(where: str) -> str:
    return f"{{ {where} }}" if " UNION " in where else where


def findings_of(data: Source, constraint: ConstraintQuery, shapes: ShapesGraph) -> Iterator[Finding]:
    """Run the query of a constraint; each row is a finding. For a query of the shapes' author, unmark literals before.

    Raises:
        UnreadableError: a query of the shapes' author returns a row without ``$this``.

    """
    name = shapes.rule(constraint.shape)
    answer = select_rows(data.store, constraint.select)
    # An author's query may return a row once for each way to a focus node.
    for row in dict.fromkeys(answer.rows) if constraint.by_author else answer.rows:
        yield _finding(data, constraint, name, dict(zip(answer.columns, row, strict=True)))


def _finding(data: Source, constraint: ConstraintQuery, name: str, row: dict[str, Term | None]) -> Finding:
    focus, value, path = row.get("this"), row.get("value"), row.get("path")
    if focus is None:
        raise UnreadableError(f"a query of {name} gives a row without $this")
    result_path = path if isinstance(path, ox.NamedNode) else constraint.path
    if constraint.by_author and value is None and constraint.path is None:
        value = focus
    if value is not None:
        value = data.as_written(focus, result_path if isinstance(result_path, ox.NamedNode) else None, value)

    terms = row | {"value": value}

    def text_of(placeholder: re.Match[str]) -> str:
        term = terms.get(placeholder[1])
        return placeholder[0] if term is None else str(getattr(term, "value", term))

    def fill(text: str) -> str:
        return _PLACEHOLDER.sub(text_of, text)

    return Finding(
        severity=constraint.severity,
        other_severity=constraint.other_severity,
        rule=name,
        focus=data.as_written(focus, None, focus),
        path=result_path,
        value=value,
        message=plain(constraint.messages, fill if constraint.by_author else str),
        source_shape=constraint.shape,
        component=constraint.component,
    )
