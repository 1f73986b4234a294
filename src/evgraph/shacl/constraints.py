"""SHACL Core's constraints as SPARQL: for each, the patterns of everything that breaks it, and a message.

https://www.w3.org/TR/shacl/#core-components
"""

from __future__ import annotations

from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from evgraph.errors import UnreadableError
from evgraph.namespaces import SH
from evgraph.shacl import paths
from evgraph.shacl.components import uses
from evgraph.shacl.condition_queries import ConditionQueries, queries_of
from evgraph.shacl.shapes_graph import LISTS_OF_SHAPES, MalformedError
from evgraph.shacl.targets import written
from evgraph.shacl.value_tests import COMPARED, MOST_COMPARED, NotCompiledError, ValueTests, differs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from evgraph.shacl.paths import Path
    from evgraph.store.protocol import Term

MOST_CONDITIONS = 100_000
"""So many conditions may be written for all shapes together; more are too large for any engine."""
LONGEST = 50
"""So many properties are in a path that is compiled; the engine's time grows with the cube of the number."""
MOST_AT_ONCE = 4
"""So many values are counted in a condition on a server, each as a variable, since Virtuoso misreads GROUP BY there."""
OF_VALUES = frozenset(
    {"class", "datatype", "nodeKind", "minLength", "maxLength", "pattern", "languageIn", "in", "not", "node"}
).union(COMPARED, LISTS_OF_SHAPES)
_OF_PROPERTIES = frozenset(
    {"minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals", "qualifiedValueShape"}
)
_OF_ANY = frozenset({"equals", "disjoint", "hasValue", "closed"})
# Parameters of which a shape has one value at most.
_ONCE = frozenset(
    {"datatype", "nodeKind", "minCount", "maxCount", "minLength", "maxLength", "languageIn", "in", "uniqueLang"}
).union({"closed", "qualifiedMinCount", "qualifiedMaxCount", "qualifiedValueShapesDisjoint"})


class Violation(NamedTuple):
    """A way to break a constraint: a pattern and a condition, either of which may be empty."""

    where: str = ""
    test: str = ""
    absent: str = ""  # A pattern that must match, instead of the other two.

    @property
    def group(self) -> str:
        """The violation as the inside of a group."""
        test = f"NOT EXISTS {{ {self.absent} }}" if self.absent else self.test
        return f"{self.where} FILTER({test})" if test else self.where

    @property
    def condition(self) -> str:
        """The violation as a condition on variables that are bound outside."""
        if self.absent:
            return f"NOT EXISTS {{ {self.absent} }}"
        return f"EXISTS {{ {self.group} }}" if self.where else f"({self.test})"


class Constraint(NamedTuple):
    """A constraint as the ways to break it."""

    parameter: str  # The local name of the parameter.
    # Over the variables for focus node, value and path; none if only a group can tell.
    violations: Sequence[Violation]
    # A pattern, and a condition on its group for each ``this``, where counting is faster than comparing.
    grouped: tuple[str, str] | None = None
    columns: Sequence[str] = ()  # Which of ``value`` and ``path`` a result reports.


class Constraints(ValueTests):
    """Writes the constraints of shapes as patterns."""

    @cached_property
    def queries(self) -> ConditionQueries:
        """The queries of authors that conditions call."""
        return ConditionQueries()

    def values(self, path: Path | None, this: str, value: str) -> str:
        """Return the pattern of the value nodes of a property shape.

        Raises:
            NotCompiledError: the path is long; or it may have no steps, which in SPARQL only leads from nodes of the
                data to themselves.
            UnreadableError: the path is far too long.

        """
        if path is None:
            return ""
        if self.focus_may_be_absent and paths.may_be_empty(path):
            raise NotCompiledError("a path without steps, from a node that may not be in the data")
        steps = paths.length(path)
        if steps > 10 * LONGEST:
            raise UnreadableError(
                f"a path of {steps:,} properties is too long for any validator", hint="divide the shape into several"
            )
        if steps > LONGEST:
            raise NotCompiledError(f"a path of more than {LONGEST} properties")
        return f"{this} {paths.text(path)} {value} ."

    def of(
        self, shape: Term, this: str, value: str, path_variable: str = "?path", *, in_condition: bool = False
    ) -> Iterator[Constraint]:
        """Iterate over the constraints of a shape, except ``sh:property`` and ``sh:sparql``.

        Args:
            shape: the shape.
            this: the variable of the focus node.
            value: the variable for a value that breaks a constraint.
            path_variable: the variable for a property that does.
            in_condition: whether they become part of a condition.

        Raises:
            NotCompiledError: a constraint cannot be written as a SELECT.
            MalformedError: a constraint does not follow the standard.

        """
        shapes, path = self.shapes, self.shapes.path_of(shape)
        names = [name.removeprefix(SH) for name in shapes.predicates(shape) if name.startswith(SH)]
        for name in names:
            if name in _ONCE and len(shapes.sh(shape, name)) > 1:
                raise MalformedError(f"a shape has more than one sh:{name}")
            if name in _OF_PROPERTIES and path is None:
                raise MalformedError(f"a node shape has no sh:{name}")
        for name in names:
            if name in OF_VALUES:
                for parameter in shapes.sh(shape, name):
                    if name == "in" and path is not None and not in_condition:
                        listed = [item for item in shapes.items(parameter) if not isinstance(item, ox.BlankNode)]
                        if len(listed) > MOST_COMPARED:
                            allowed = f"MINUS {{ VALUES {value} {{ {' '.join(map(written, listed))} }} }}"
                            violation = Violation(f"{self.values(path, this, value)} {allowed}")
                            yield Constraint(name, [violation], columns=("value",))
                            continue
                    test = self.value_test(shape, name, parameter, this if path is None else value)
                    yield Constraint(name, [Violation(self.values(path, this, value), test)], columns=("value",))
            elif name in _OF_PROPERTIES or name in _OF_ANY:
                for parameter in shapes.sh(shape, name):
                    yield from self._of_focus(shape, path, name, parameter, this, value, path_variable)

    def breaks(self, shape: Term, node: str) -> str:
        """Return the condition that a node does not conform to a shape; it is true or false, never an error.

        Raises:
            NotCompiledError: a constraint cannot be written as a condition.
            MalformedError: a constraint does not follow the standard.
            UnreadableError: there are too many conditions for any engine.

        """
        if self.deactivated(shape):
            return "1 = 0"
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            raise UnreadableError(
                "the shapes refer to each other so often that they cannot be validated",
                hint=f"written out, each with its parts, they must be fewer than {MOST_CONDITIONS:,}",
            )
        with self.inside(shape):
            value = self.fresh()
            conditions: list[str] = []
            for constraint in self.of(shape, node, value, self.fresh(), in_condition=True):
                if not constraint.violations:
                    raise NotCompiledError(f"a condition counts to more than {MOST_AT_ONCE}")
                conditions += [violation.condition for violation in constraint.violations]
            path = self.shapes.path_of(shape)
            for inner in self.shapes.sh(shape, "property"):
                self.check_property(inner)
                if path is None:
                    conditions.append(self.breaks(inner, node))
                else:
                    conditions.append(Violation(self.values(path, node, value), self.breaks(inner, value)).condition)
            conditions += self._of_queries(shape, path, node, value)
        return f"({' || '.join(conditions)})" if conditions else "1 = 0"

    def _of_queries(self, shape: Term, path: Path | None, node: str, value: str) -> Iterator[str]:
        """Iterate over the conditions that a node breaks a constraint in SPARQL, or of a declared component."""
        assert isinstance(shape, ox.NamedNode | ox.BlankNode)  # noqa: S101 - it has statements
        if not self._in_process and (self.shapes.sh(shape, "sparql") or any(uses(self.shapes, shape, self.components))):
            raise NotCompiledError("a condition has a constraint in SPARQL")
        more = " ".join(self._ways())
        for query in queries_of(self.shapes, shape, path, self.components, self._uncommon, more):
            if query.is_test and path is not None:
                call = self.queries.call(shape, query, node, value)
                yield Violation(self.values(path, node, value), call).condition
            else:
                yield self.queries.call(shape, query, node)

    def _ways(self) -> Iterator[str]:
        """Iterate over the paths and predicates that lead to the nodes of the shape that is compiled."""
        for shape in self._open:
            yield from map(str, self.shapes.sh(shape, "targetObjectsOf"))
            path = self.shapes.path_of(shape)
            yield from [] if path is None else [paths.text(path)]

    def check_property(self, shape: Term) -> None:
        """Make sure that a value of ``sh:property`` is a property shape."""
        if self.shapes.path_of(shape) is None:
            raise MalformedError("a value of sh:property has no sh:path")

    def _of_focus(
        self, shape: Term, path: Path | None, name: str, parameter: Term, this: str, value: str, path_variable: str
    ) -> Iterator[Constraint]:
        values = self.values(path, this, value)
        if name in {"minCount", "maxCount"}:
            yield from self._count_of(name, path, self.whole(parameter, name), this, value)
        elif name == "qualifiedValueShape":
            yield from self._qualified(shape, path, parameter, this, value)
        elif name == "uniqueLang" and self.boolean(parameter):
            other, language = self.fresh(), self.fresh()
            test = f'LANG({value}) != "" && LCASE(LANG({value})) = LCASE(LANG({other})) && !sameTerm({value}, {other})'
            pair = f"{values} {self.values(path, this, other)} BIND(LCASE(LANG({value})) AS {language})"
            yield Constraint(name, [Violation(pair, test)], columns=(language[1:],))
        elif name == "hasValue":
            if path is None:
                violation = Violation(test=differs(this, parameter))
            elif isinstance(parameter, ox.BlankNode):  # No node of the data is one of the shapes.
                violation = Violation(test="1 = 1")
            else:
                violation = Violation(absent=self.values(path, this, written(parameter)))
            yield Constraint(name, [violation])
        elif name == "closed" and self.boolean(parameter):
            ignored = [node for head in self.shapes.sh(shape, "ignoredProperties") for node in self.shapes.items(head)]
            own = [path for inner in self.shapes.sh(shape, "property") for path in self.shapes.sh(inner, "path")]
            allowed = ", ".join(sorted({str(node) for node in (*ignored, *own) if isinstance(node, ox.NamedNode)}))
            node = this if path is None else self.fresh()
            where = f"{self.values(path, this, node)} {node} {path_variable} {value} ."
            test = f"{path_variable} NOT IN ({allowed})" if allowed else ""
            yield Constraint(name, [Violation(where, test)], columns=("value", "path"))
        elif name in {"equals", "disjoint", "lessThan", "lessThanOrEquals"}:
            if not isinstance(parameter, ox.NamedNode):
                raise MalformedError(f"sh:{name} is not an IRI")
            other = self.fresh()
            violations = list(self._pairs(path, name, parameter, this, value, other))
            columns = ("value", other[1:]) if name.startswith("less") else ("value",)
            yield Constraint(name, violations, columns=columns)

    def _pairs(
        self, path: Path | None, name: str, other: ox.NamedNode, this: str, value: str, other_value: str
    ) -> Iterator[Violation]:
        values = self.values(path, this, value)
        if name == "equals" and path is None:
            yield Violation(test=f"NOT EXISTS {{ {this} {other} {this} }}")
            yield Violation(f"{this} {other} {value} .", f"!sameTerm({this}, {value})")
        elif name == "equals":
            yield Violation(values, f"NOT EXISTS {{ {this} {other} {value} }}")
            yield Violation(f"{this} {other} {value} .", f"NOT EXISTS {{ {values} }}")
        elif name == "disjoint":
            yield Violation(f"{values} {this} {other} {value} .") if values else Violation(f"{this} {other} {this} .")
        else:
            sign = "<" if name == "lessThan" else "<="
            yield Violation(f"{values} {this} {other} {other_value} .", self.fails(value, sign, other_value))

    def _count_of(
        self,
        name: str,
        path: Path | None,
        number: int,
        this: str,
        value: str,
        test: Callable[[str], str] | None = None,
    ) -> Iterator[Constraint]:
        """Iterate over the constraint that too few, or too many, values pass a test."""
        least = name in {"minCount", "qualifiedMinCount"}
        enough = number if least else number + 1
        if enough == 0:
            return

        def passing(node: str) -> str:
            return Violation(self.values(path, this, node), test(node) if test else "").group

        grouped = None
        if enough > 1:
            values = f"OPTIONAL {{ {passing(value)} }}" if least else passing(value)
            grouped = (values, f"COUNT(DISTINCT {value}) {'<' if least else '>'} {number}")
        if self._in_process and enough > 1:
            # The engine groups the values of one node only, since the query within selects the node.
            counted = self.fresh()
            having = f"GROUP BY {this} HAVING(COUNT(DISTINCT {counted}) >= {enough})"
            enough_of_them = f"{{ SELECT {this} WHERE {{ {passing(counted)} }} {having} }}"
        elif enough <= MOST_AT_ONCE:
            nodes = [self.fresh() for _ in range(enough)]
            tests = [f"FILTER(!sameTerm({a}, {b}))" for a, b in combinations(nodes, 2)]
            enough_of_them = " ".join([*map(passing, nodes), *tests])
        else:
            yield Constraint(name, [], grouped)
            return
        yield Constraint(name, [Violation(absent=enough_of_them) if least else Violation(enough_of_them)], grouped)

    def _qualified(
        self, shape: Term, path: Path | None, parameter: Term, this: str, value: str
    ) -> Iterator[Constraint]:
        siblings: set[Term] = set()
        if any(self.boolean(value) for value in self.shapes.sh(shape, "qualifiedValueShapesDisjoint")):
            for parent in self.shapes.subjects(f"{SH}property"):
                inner = self.shapes.sh(parent, "property")
                if shape in inner:
                    siblings.update(
                        node for sibling in inner for node in self.shapes.sh(sibling, "qualifiedValueShape")
                    )
        others = sorted(siblings - {parameter}, key=str)

        def counts(node: str) -> str:
            conforms = f"!({self.breaks(parameter, node)})"
            return " && ".join([conforms, *(f"({self.breaks(other, node)})" for other in others)])

        counts(self.fresh())  # Make sure that the shape is well-formed, even if nothing is counted.
        for name in ("qualifiedMinCount", "qualifiedMaxCount"):
            for number in self.shapes.sh(shape, name):
                yield from self._count_of(name, path, self.whole(number, name), this, value, counts)
