"""SHACL Core's constraints as SPARQL: for each, the patterns that find what breaks it.

https://www.w3.org/TR/shacl/#core-components
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.errors import UnreadableError
from evgraph.namespaces import SH
from evgraph.shacl import paths
from evgraph.shacl.graph_patterns import written
from evgraph.shacl.shapes_graph import LISTS_OF_SHAPES, MalformedError
from evgraph.shacl.value_tests import (
    COMPARED,
    MOST_COMPARED,
    NotCompiledError,
    ValueTests,
    bracketed,
    differs,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from evgraph.shacl.paths import Path
    from evgraph.store.protocol import Term

MOST_AT_ONCE = 4
"""How many values a condition can count; each is a variable of its own, tried with all the others."""
LONGEST = 50
"""So many properties a path has at most; the engine's time grows with the cube of it."""
OF_VALUES = frozenset(
    {"class", "datatype", "nodeKind", "minLength", "maxLength", "pattern", "languageIn", "in", "not", "node"}
).union(COMPARED, LISTS_OF_SHAPES)
_OF_PROPERTIES = frozenset(
    {"minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals", "qualifiedValueShape"}
)
_OF_ANY = frozenset({"equals", "disjoint", "hasValue", "closed"})
# Of these a shape has one at most.
_ONCE = frozenset(
    {"datatype", "nodeKind", "minCount", "maxCount", "minLength", "maxLength", "languageIn", "in", "uniqueLang"}
).union({"closed", "qualifiedMinCount", "qualifiedMaxCount", "qualifiedValueShapesDisjoint"})


@dataclass(frozen=True, slots=True)
class Fault:
    """A pattern that a fault matches, and a condition on it; either may be empty.

    Attributes:
        where: the pattern.
        test: the condition.
        absent: instead of the two, a pattern whose absence is the fault.

    """

    where: str = ""
    test: str = ""
    absent: str = ""

    @property
    def group(self) -> str:
        """The fault as the inside of a group."""
        test = f"NOT EXISTS {{ {self.absent} }}" if self.absent else self.test
        return f"{self.where} FILTER({test})" if test else self.where

    @property
    def condition(self) -> str:
        """The fault as a condition on variables that are bound outside."""
        if self.absent:
            return f"NOT EXISTS {{ {self.absent} }}"
        return f"EXISTS {{ {self.group} }}" if self.where else f"({self.test})"


@dataclass(frozen=True, slots=True)
class Constraint:
    """What breaks a constraint: any of its faults.

    Attributes:
        component: the local name of the constraint component, without ``ConstraintComponent``.
        parameter: the local name of the parameter.
        faults: patterns over ``this``, ``value`` and ``path``, as they were asked for.
        grouped: where counting is quicker than pairing: a pattern, and a condition on its group for each ``this``.
        columns: which of ``value`` and ``path`` a result reports.

    """

    component: str
    parameter: str
    faults: Sequence[Fault]
    grouped: tuple[str, str] | None = None
    columns: Sequence[str] = field(default=())


class Constraints(ValueTests):
    """Writes the constraints of shapes."""

    def values(self, path: Path | None, this: str, value: str) -> str:
        """Write the pattern of the value nodes of a property shape.

        Raises:
            NotCompiledError: the path may have no steps, of which SPARQL speaks for the nodes in the data only; or it
                is long.
            UnreadableError: it is far too long.

        """
        if path is not None and self.from_outside and paths.may_be_empty(path):
            raise NotCompiledError("a path without steps, from a node that may not be in the data")
        steps = 0 if path is None else paths.length(path)
        if steps > 10 * LONGEST:
            raise UnreadableError(
                f"a path of {steps:,} properties is too long for any judge", hint="part the shape into several"
            )
        if steps > LONGEST:
            raise NotCompiledError(f"a path of more than {LONGEST} properties")
        return f"{this} {paths.text(path)} {value} ." if path is not None else ""

    def of(self, shape: Term, this: str, value: str, path_variable: str = "?path") -> Iterator[Constraint]:
        """Give each constraint of a shape, apart from ``sh:property`` and ``sh:sparql``.

        Args:
            shape: the shape.
            this: the variable that holds the focus node.
            value: the variable for a value at fault.
            path_variable: the variable for a property at fault.

        Raises:
            NotCompiledError: no SELECT can be written for one of them.
            MalformedError: one is not as the standard has it.

        """
        shapes, path = self.shapes, self.shapes.path_of(shape)
        given = [name.removeprefix(SH) for name in shapes.predicates(shape) if name.startswith(SH)]
        if custom := self._custom.intersection(shapes.predicates(shape)):
            raise NotCompiledError(f"{sorted(custom)[0]} is a constraint component of its own")
        for name in given:
            if name in _ONCE and len(shapes.sh(shape, name)) > 1:
                raise MalformedError(f"a shape has more than one sh:{name}")
            if name in _OF_PROPERTIES and path is None:
                raise MalformedError(f"a node shape has no sh:{name}")
        for name in given:
            if name in OF_VALUES:
                for parameter in shapes.sh(shape, name):
                    if name == "in" and path is not None and not self._open:
                        listed = [one for one in shapes.items(parameter) if not isinstance(one, ox.BlankNode)]
                        if len(listed) > MOST_COMPARED:
                            allowed = f"MINUS {{ VALUES {value} {{ {' '.join(map(written, listed))} }} }}"
                            fault = Fault(f"{self.values(path, this, value)} {allowed}")
                            yield Constraint("In", name, [fault], columns=("value",))
                            continue
                    test = self.value_test(shape, name, parameter, this if path is None else value)
                    if test:
                        fault = Fault(self.values(path, this, value), test)
                        yield Constraint(_component(name), name, [fault], columns=("value",))
            elif name in _OF_PROPERTIES or name in _OF_ANY:
                for parameter in shapes.sh(shape, name):
                    yield from self._of_focus(shape, path, name, parameter, this, value, path_variable)

    def breaks(self, shape: Term, node: str) -> str:
        """Write the condition that a node does not conform to a shape; it is true or false, never an error.

        Raises:
            NotCompiledError: no condition can be written.
            MalformedError: something is not as the standard has it.

        """
        if self.deactivated(shape):
            return "1 = 0"
        self.enter(shape)
        try:
            value = self.fresh()
            found: list[str] = []
            for constraint in self.of(shape, node, value, self.fresh()):
                if not constraint.faults:
                    raise NotCompiledError(f"a condition counts to more than {MOST_AT_ONCE}")
                found += [fault.condition for fault in constraint.faults]
            path = self.shapes.path_of(shape)
            for inner in self.shapes.sh(shape, "property"):
                self.check_property(inner)
                if path is None:
                    found.append(self.breaks(inner, node))
                else:
                    found.append(Fault(self.values(path, node, value), self.breaks(inner, value)).condition)
            if self.shapes.sh(shape, "sparql"):
                raise NotCompiledError("a condition has a constraint in SPARQL")
        finally:
            self._open.pop()
        return f"({' || '.join(found)})" if found else "1 = 0"

    def check_property(self, shape: Term) -> None:
        """Make sure that a value of ``sh:property`` is a property shape."""
        if self.shapes.path_of(shape) is None:
            raise MalformedError("a value of sh:property has no sh:path")

    def _of_focus(
        self, shape: Term, path: Path | None, name: str, parameter: Term, this: str, value: str, path_variable: str
    ) -> Iterator[Constraint]:
        values = self.values(path, this, value)
        if name in {"minCount", "maxCount"}:
            yield from self._count_of(_component(name), name, path, self.whole(parameter, name), this, value)
        elif name == "qualifiedValueShape":
            yield from self._qualified(shape, path, parameter, this, value)
        elif name == "uniqueLang" and self.boolean(parameter, "true"):
            other, language = self.fresh(), self.fresh()
            test = f'LANG({value}) != "" && LCASE(LANG({value})) = LCASE(LANG({other})) && !sameTerm({value}, {other})'
            pair = f"{values} {self.values(path, this, other)} BIND(LCASE(LANG({value})) AS {language})"
            yield Constraint("UniqueLang", name, [Fault(pair, test)], columns=(language[1:],))
        elif name == "hasValue":
            if path is None:
                fault = Fault(test=differs(this, parameter))
            else:
                fault = Fault(absent=self.values(path, this, written(parameter)))
            yield Constraint("HasValue", name, [fault])
        elif name == "closed" and self.boolean(parameter):
            ignored = [one for head in self.shapes.sh(shape, "ignoredProperties") for one in self.shapes.items(head)]
            own = [one for inner in self.shapes.sh(shape, "property") for one in self.shapes.sh(inner, "path")]
            allowed = ", ".join(sorted({str(one) for one in (*ignored, *own) if isinstance(one, ox.NamedNode)}))
            node = this if path is None else self.fresh()
            where = f"{self.values(path, this, node)} {node} {path_variable} {value} ."
            test = f"{path_variable} NOT IN ({allowed})" if allowed else ""
            yield Constraint("Closed", name, [Fault(where, test)], columns=("value", "path"))
        elif name in {"equals", "disjoint", "lessThan", "lessThanOrEquals"}:
            if not isinstance(parameter, ox.NamedNode):
                raise MalformedError(f"sh:{name} is not an IRI")
            other = self.fresh()
            faults = list(self._pairs(path, name, parameter, this, value, other))
            columns = ("value", other[1:]) if name.startswith("less") else ("value",)
            yield Constraint(_component(name), name, faults, columns=columns)

    def _pairs(
        self, path: Path | None, name: str, other: ox.NamedNode, this: str, value: str, one: str
    ) -> Iterator[Fault]:
        values = self.values(path, this, value)
        if name == "equals" and path is None:
            yield Fault(test=f"NOT EXISTS {{ {this} {other} {this} }}")
            yield Fault(f"{this} {other} {value} .", f"!sameTerm({this}, {value})")
        elif name == "equals":
            yield Fault(values, f"NOT EXISTS {{ {this} {other} {value} }}")
            yield Fault(f"{this} {other} {value} .", f"NOT EXISTS {{ {values} }}")
        elif name == "disjoint":
            yield Fault(f"{values} {this} {other} {value} .") if values else Fault(f"{this} {other} {this} .")
        else:
            sign = "<" if name == "lessThan" else "<="
            yield Fault(f"{values} {this} {other} {one} .", self.fails(value, sign, one))

    def _count_of(
        self,
        component: str,
        parameter: str,
        path: Path | None,
        number: int,
        this: str,
        value: str,
        test: Callable[[str], str] | None = None,
    ) -> Iterator[Constraint]:
        """Write that there are too few, or too many, values that pass a test."""
        least = component.endswith("MinCount")
        enough = number if least else number + 1
        if enough == 0:
            return
        some = [self.fresh() for _ in range(min(enough, MOST_AT_ONCE + 1))]
        parts = [self.values(path, this, one) for one in some]
        tests = [f"!sameTerm({one}, {other})" for i, one in enumerate(some) for other in some[:i]]
        tests += [test(one) for one in some] if test else []
        many = Fault(" ".join(parts), " && ".join(tests))
        fault = Fault(absent=many.group) if least else many
        grouped = None
        if enough > 1:
            inside = Fault(self.values(path, this, value), test(value) if test else "").group
            counted = f"OPTIONAL {{ {inside} }}" if least else inside
            grouped = (counted, f"COUNT(DISTINCT {value}) {'<' if least else '>'} {number}")
        yield Constraint(component, parameter, [fault] if enough <= MOST_AT_ONCE else [], grouped)

    def _qualified(
        self, shape: Term, path: Path | None, parameter: Term, this: str, value: str
    ) -> Iterator[Constraint]:
        siblings: set[Term] = set()
        if any(self.boolean(one) for one in self.shapes.sh(shape, "qualifiedValueShapesDisjoint")):
            for parent in self.shapes.subjects(f"{SH}property"):
                inner = self.shapes.sh(parent, "property")
                if shape in inner:
                    siblings.update(one for sibling in inner for one in self.shapes.sh(sibling, "qualifiedValueShape"))
        others = sorted(siblings - {parameter}, key=str)

        def counts(node: str) -> str:
            conforms = f"!{bracketed(self.breaks(parameter, node))}"
            return " && ".join([conforms, *(bracketed(self.breaks(one, node)) for one in others)])

        found = False
        for name in ("qualifiedMinCount", "qualifiedMaxCount"):
            for number in self.shapes.sh(shape, name):
                found = True
                component = name[0].upper() + name[1:]
                yield from self._count_of(component, name, path, self.whole(number, name), this, value, counts)
        if not found:
            raise MalformedError("sh:qualifiedValueShape is without a number")


def _component(name: str) -> str:
    return name[0].upper() + name[1:]
