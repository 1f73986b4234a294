"""SHACL shapes compiled to SELECTs, one for each way to break a constraint of a shape; each row is a finding.

The SELECTs are SPARQL 1.1 and run wherever the data is. A constraint that cannot be compiled is left to pySHACL. A
shape that does not follow the standard, or that pySHACL would not validate as the standard has it, is refused.
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
from evgraph.shacl import components, one_node, pyshacl_gaps, sparql_constraints
from evgraph.shacl.condition_queries import ConditionQueries
from evgraph.shacl.constraints import OF_VALUES, Constraints
from evgraph.shacl.findings import Finding
from evgraph.shacl.lexical_queries import NONE, InexactError, Uncommon, check_exact, compares_terms_only, mentions
from evgraph.shacl.messages import message_of
from evgraph.shacl.paths import Compound, may_be_empty
from evgraph.shacl.shapes_graph import MalformedError, plain
from evgraph.shacl.targets import target_pattern, union
from evgraph.shacl.value_tests import NotCompiledError
from evgraph.store.protocol import select_rows
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from evgraph.shacl.components import Use
    from evgraph.shacl.constraints import Constraint
    from evgraph.shacl.findings import Severity
    from evgraph.shacl.one_node import OneNodeQuery
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
    messages: Sequence[ox.Literal]  # For the findings; ``{?name}`` and ``{$name}`` mean the value of a column.
    select: str  # Its column ``this`` is the focus node; ``value`` and ``path`` are as in a result of SHACL.
    by_author: bool = False  # Whether the query is the shapes' own (sh:sparql), so that it expects unmarked literals.
    sees_marks: bool = False  # Whether it runs while literals are marked nevertheless.
    each: OneNodeQuery | None = None  # Runs for each row of ``select``; its rows are the findings.
    nodes: Sequence[Mapping[str, Term | None]] = ()  # These rows; see `with_nodes`.


class CompiledShapes(NamedTuple):
    """Shapes as queries."""

    queries: Sequence[ConstraintQuery]
    not_compiled: Mapping[Node, str]  # Shapes with targets that pySHACL can validate → why they are not compiled.
    # The constraints that pySHACL validates: shape, IRI of the component; None for all those of `not_compiled`.
    left: Collection[tuple[Term, str]] | None
    refused: Mapping[Node, str]  # Shapes with targets that nothing here validates → the reason.
    in_conditions: ConditionQueries  # The functions that the queries call.


def compile_shapes(
    shapes: ShapesGraph,
    subclasses: Callable[[str], Sequence[str]],
    marked_datatypes: Collection[str] = (),
    *,
    in_process: bool = True,
    has_targets: bool = False,
    uncommon: Callable[[], Uncommon] = lambda: NONE,
) -> CompiledShapes:
    """Compile every shape that has a target.

    Args:
        shapes: the shapes.
        subclasses: see `evgraph.shacl.targets.Source`.
        marked_datatypes: see the same.
        in_process: whether the engine is in this process, so that it calls functions and binds variables beforehand.
        has_targets: whether each value of ``sh:targetNode`` is a node of the data.
        uncommon: returns the literals that the engine takes for others.

    """
    queries: list[ConstraintQuery] = []
    not_compiled: dict[Node, str] = {}
    refused: dict[Node, str] = {}
    known = uncommon() if any(shapes.subjects(SH + name) for name in ("select", "ask")) else NONE
    constraints = Constraints(shapes, subclasses, marked_datatypes, in_process=in_process, uncommon=known)
    compiler = _Compiler(shapes, constraints, in_process=in_process, has_targets=has_targets, uncommon=known)
    left: set[tuple[Term, str]] = set()
    for root in shapes.roots:
        try:
            of_root, left_of_root = compiler.compile_root(root)
        except NotCompiledError as error:
            gap = pyshacl_gaps.of_shape(shapes, root)
            (refused if gap or in_process else not_compiled)[root] = gap or str(error)
        except (MalformedError, InexactError) as error:
            refused[root] = str(error)
        else:
            queries += of_root
            left.update(left_of_root)
            if left_of_root:
                not_compiled[root] = next(iter(left_of_root.values()))
    return CompiledShapes(queries, not_compiled, left, refused, constraints.queries)


def all_by_pyshacl(shapes: ShapesGraph, compiled: CompiledShapes) -> CompiledShapes:
    """Return the same shapes, of which none is compiled."""
    gaps = {root: gap for root in shapes.roots if (gap := pyshacl_gaps.of_shape(shapes, root))}
    refused = {**gaps, **compiled.refused}
    return CompiledShapes(
        (), {root: "" for root in shapes.roots if root not in refused}, None, refused, ConditionQueries()
    )


# Returns the pattern of the focus nodes of a shape for a variable, and adds the variables between it and the target to
# a list.
_FocusPattern: TypeAlias = "Callable[[str, list[str]], str]"


class _Compiler:
    def __init__(
        self,
        shapes: ShapesGraph,
        constraints: Constraints,
        *,
        in_process: bool,
        has_targets: bool,
        uncommon: Uncommon,
    ) -> None:
        self._shapes = shapes
        self._has_targets = has_targets
        self._uncommon = uncommon
        self._in_process = in_process
        self._constraints = constraints
        self._left: dict[tuple[Term, str], str] = {}
        self._root_focus: _FocusPattern | None = None
        self._is_named = False
        self._uses = Counter(
            path
            for root in shapes.roots
            for path in {path for shape in (root, *shapes.sh(root, "property")) for path in shapes.sh(shape, "path")}
        )

    def compile_root(self, shape: Node) -> tuple[list[ConstraintQuery], Mapping[tuple[Term, str], str]]:
        """Compile a shape with targets, but for constraints that are left to pySHACL, each → the reason."""
        self._left = {}
        targets = list(self._shapes.targets(shape))
        self._shapes.check_targets(shape)

        def focus(this: str, _: list[str]) -> str:
            return union([target_pattern(kind, value, this, self._constraints.subclasses) for kind, value in targets])

        self._root_focus = focus
        self._is_named = any(kind == "targetNode" for kind, _ in targets)
        self._constraints.focus_may_be_absent = self._is_named and not self._has_targets
        queries = self._shape(shape, focus)
        return [query for query in queries if (query.shape, query.component) not in self._left], self._left

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
            if self._constraints.left:
                reason = "; ".join(self._constraints.left)
                self._constraints.left.clear()
                if gap := pyshacl_gaps.of_constraint(self._shapes, shape, constraint.parameter):
                    raise InexactError(f"{reason}, and {gap}")
                self._left[shape, of_constraint.component] = reason
            queries += [of_constraint._replace(select=select) for select in write(focus, constraint)]
        for node in self._shapes.sh(shape, "sparql"):
            if not self._constraints.deactivated(node):
                text = sparql_constraints.text_of(self._shapes, node)
                own_messages = [*self._shapes.messages(node), *self._shapes.messages(shape)]
                of_constraint = of_shape._replace(
                    component=f"{SH}SPARQLConstraintComponent",
                    messages=own_messages or message_of(self._shapes, shape, "sparql"),
                    by_author=True,
                )
                queries.append(self._by_author(of_constraint, text, focus))
        for use in components.uses(self._shapes, shape, self._constraints.components):
            queries.append(self._by_component(of_shape, use, focus))
        for inner in self._shapes.sh(shape, "property"):
            self._constraints.check_property(inner)
            if isinstance(inner, ox.NamedNode | ox.BlankNode):
                queries += self._shape(inner, self._values_of(focus, path))
        return queries

    def _by_author(self, constraint: ConstraintQuery, text: str, focus: _FocusPattern) -> ConstraintQuery:
        """Return the query of a constraint in SPARQL: rewritten for all focus nodes, or else run for each of them."""
        shape, path = constraint.shape, constraint.path
        of_focus = focus("?this", [])
        one_node.check(text, ["this"])
        try:
            select = sparql_constraints.for_all_focus_nodes(text, focus("$this", []), path)
            # A node that is named may not be in the data, and a path without steps starts from it all the same.
            if not (self._is_named and self._in_process) and not mentions(of_focus, self._uncommon):
                try:
                    check_exact(sparql_constraints.with_path(text, path), self._uncommon, ["this"])
                except InexactError:
                    if not compares_terms_only(text):
                        raise
                    return constraint._replace(select=select, sees_marks=True)
                return constraint._replace(select=select)
        except NotCompiledError:
            if not self._in_process:
                raise
        each = one_node.for_one_node(text, shape, path, uncommon=self._uncommon, more=of_focus)
        return constraint._replace(select=f"SELECT DISTINCT ?this WHERE {{ {of_focus} }}", each=each)

    def _by_component(self, of_shape: ConstraintQuery, use: Use, focus: _FocusPattern) -> ConstraintQuery:
        """Return the query of a constraint by a component that the shapes declare."""
        if not self._in_process:
            raise NotCompiledError(f"{self._shapes.rule(use.component.node)}, a constraint component of its own")
        shape, path = of_shape.shape, of_shape.path
        text = sparql_constraints.text_of(self._shapes, use.validator, use.text)
        values, columns = f"{_group(focus('?this', []))} {self._constraints.values(path, '?this', '?value')}", "?this"
        each = one_node.for_one_node(text, shape, path, use.values, self._uncommon, values)
        if each.is_test:
            columns = "?this ?value" if path else "?this (?this AS ?value)"
            if path is not None and may_be_empty(path):  # Even from a node that is not in the data.
                values = f"{{ {values} }} UNION {{ {focus('?this', [])} BIND(?this AS ?value) }}"
        else:
            values = focus("?this", [])
        messages = self._shapes.messages(shape) or self._shapes.messages(use.validator)
        return of_shape._replace(
            component=value_of(use.component.node),
            messages=messages or message_of(self._shapes, shape, self._shapes.rule(use.component.node)),
            select=f"SELECT DISTINCT {columns} WHERE {{ {values} }}",
            by_author=True,
            each=each,
        )

    def _is_used_once(self, path: Path | None) -> bool:
        """Whether a path is a property of one shape only, so that its queries may start from the values.

        Starting from all values of the property takes half the time where they are the shape's own, and very long where
        a few focus nodes share the property with everything else.
        """
        return isinstance(path, ox.NamedNode) and self._uses[path] == 1 and not self._is_named

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


def with_nodes(data: Source, constraint: ConstraintQuery) -> ConstraintQuery:
    """Return a constraint with the nodes for which its query runs; call this while literals are marked."""
    if constraint.each is None:
        return constraint
    return constraint._replace(nodes=one_node.focus_nodes(data, constraint.select))


def findings_of(data: Source, constraint: ConstraintQuery, shapes: ShapesGraph) -> Iterator[Finding]:
    """Run the query of a constraint; each row is a finding. For a query of the shapes' author, unmark literals before.

    Raises:
        UnreadableError: a query of the shapes' author returns a row without ``$this``, or reports a failure.

    """
    name = shapes.rule(constraint.shape)
    if constraint.each is not None:
        for found in one_node.rows(data, shapes, constraint.nodes, constraint.each):
            yield _finding(data, constraint, name, found)
        return
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
