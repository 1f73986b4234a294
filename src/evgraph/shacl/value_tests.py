"""SHACL Core's constraints on single values as conditions in SPARQL.

https://www.w3.org/TR/shacl/#core-components
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.namespaces import RDF, SH, XSD
from evgraph.rdf import lexical_forms as lexical
from evgraph.shacl.shapes_graph import DEEPEST, LISTS_OF_SHAPES, MalformedError, ShapesGraph
from evgraph.shacl.targets import is_a, written

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from evgraph.store.protocol import Term

COMPARED = {"minInclusive": ">=", "minExclusive": ">", "maxInclusive": "<=", "maxExclusive": "<"}
"""The parameters that compare → the operator."""
# The opposite of each kind; in Virtuoso a blank node is an IRI, too.
_OTHER_KINDS = {
    "IRI": "isBlank({0}) || isLiteral({0})",
    "BlankNode": "!isBlank({0})",
    "Literal": "!isLiteral({0})",
    "BlankNodeOrIRI": "isLiteral({0})",
    "BlankNodeOrLiteral": "!isBlank({0}) && !isLiteral({0})",
    "IRIOrLiteral": "isBlank({0})",
}
MOST_COMPARED = 200
"""So many values of a list are compared one by one."""


class NotCompiledError(Exception):
    """A constraint that cannot be compiled; the message says why."""


class ValueTests:
    """Writes the conditions of values that break a constraint; for the arguments see `evgraph.shacl.targets.Source`."""

    def __init__(
        self, shapes: ShapesGraph, subclasses: Callable[[str], Sequence[str]], marked_datatypes: Collection[str] = ()
    ) -> None:
        self.shapes = shapes
        self.subclasses = subclasses
        self.focus_may_be_absent = False  # Whether a focus node may be one that the data does not contain.
        self._marked = frozenset(marked_datatypes)
        self._count = 0
        self._open: list[Term] = []
        self._conditions = 0
        self._custom = shapes.parameters

    def fresh(self) -> str:
        """Return a variable that nothing else uses."""
        self._count += 1
        return f"?evg{self._count}"

    @contextmanager
    def inside(self, shape: Term) -> Iterator[None]:
        """Compile a shape within those that refer to it.

        Raises:
            NotCompiledError: the shape refers to itself, or is nested too deep.

        """
        if shape in self._open:
            raise NotCompiledError("the shape is part of itself")
        if len(self._open) > DEEPEST:
            raise NotCompiledError(f"shapes are nested more than {DEEPEST} deep")
        self._open.append(shape)
        try:
            yield
        finally:
            self._open.pop()

    def deactivated(self, node: Term) -> bool:
        """Whether a shape or constraint is switched off."""
        return any(self.boolean(value) for value in self.shapes.sh(node, "deactivated"))

    def breaks(self, shape: Term, node: str) -> str:
        """Return the condition that a node does not conform to a shape."""
        raise NotImplementedError

    def value_test(self, shape: Term, name: str, parameter: Term, value: str) -> str:
        """Return the condition that a value node breaks a constraint."""
        if name == "class":
            return f"NOT EXISTS {{ {is_a(value, parameter, self.subclasses)} }}"
        if name == "datatype":
            names = [str(parameter)]
            if isinstance(parameter, ox.NamedNode) and parameter.value in self._marked:
                names.append(f"<{lexical.WRITTEN}{parameter.value}>")
            if names == [f"<{RDF}langString>"]:
                return f'!isLiteral({value}) || LANG({value}) = ""'
            # Not every engine knows a datatype of text that has a language.
            others = " && ".join(f"DATATYPE({value}) != {name}" for name in names)
            return f'!isLiteral({value}) || LANG({value}) != "" || ({others})'
        if name == "nodeKind":
            kind = parameter.value.removeprefix(SH) if isinstance(parameter, ox.NamedNode) else ""
            if kind not in _OTHER_KINDS:
                raise MalformedError("sh:nodeKind is not one of the six that there are")
            return _OTHER_KINDS[kind].format(value)
        if name in COMPARED:
            if not isinstance(parameter, ox.Literal):
                raise MalformedError(f"sh:{name} is not a literal")
            return self.fails(value, COMPARED[name], str(parameter))
        if name == "in":
            items = self.shapes.items(parameter)
            if len(items) > MOST_COMPARED:
                raise NotCompiledError(f"a condition with a list of more than {MOST_COMPARED} values")
            return " && ".join(differs(value, item) for item in items) or "1 = 1"
        if name == "node" and self.shapes.path_of(parameter) is not None:
            raise MalformedError("a value of sh:node is a property shape")
        if name == "node":
            return self.breaks(parameter, value)
        if name == "not":
            return f"!({self.breaks(parameter, value)})"
        if name in LISTS_OF_SHAPES:
            broken = [f"({self.breaks(member, value)})" for member in self.shapes.items(parameter)]
            if not broken:
                raise MalformedError(f"sh:{name} is an empty list")
            if name == "xone":
                return f"({' + '.join(f'IF({condition}, 0, 1)' for condition in broken)}) != 1"
            return f"({(' || ' if name == 'and' else ' && ').join(broken)})"
        return self._text_test(shape, name, parameter, value)

    def _text_test(self, shape: Term, name: str, parameter: Term, value: str) -> str:
        if name == "minLength":
            return f"isBlank({value}) || STRLEN(STR({value})) < {self.whole(parameter, name)}"
        if name == "maxLength":
            return f"isBlank({value}) || STRLEN(STR({value})) > {self.whole(parameter, name)}"
        if name == "languageIn":
            items = self.shapes.items(parameter)
            ranges = [str(ox.Literal(item.value)) for item in items if isinstance(item, ox.Literal)]
            matches = " || ".join(f"LANGMATCHES(LANG({value}), {language})" for language in ranges)
            return f"!(isLiteral({value}) && ({matches or '1 = 0'}))"
        flags = [flag for flag in self.shapes.sh(shape, "flags") if isinstance(flag, ox.Literal)]
        if not isinstance(parameter, ox.Literal) or len(flags) > 1:
            raise MalformedError("sh:pattern is not a literal, or has several sh:flags")
        expression = ", ".join(str(ox.Literal(literal.value)) for literal in (parameter, *flags))
        if not _is_regex(expression):
            raise NotCompiledError("a regular expression that only pySHACL knows")
        return f"isBlank({value}) || !REGEX(STR({value}), {expression})"

    def fails(self, left: str, sign: str, right: str) -> str:
        """Return the condition that a comparison is not true: it is false, or the values cannot be compared."""
        ways = [f"{left} {sign} {right}"]
        if self._marked:
            # First as the datatype defines it; whole numbers that are too large for the engine approximately.
            ways = [f"{_decoded(left, cast)} {sign} {_decoded(right, cast)}" for cast in ("", f"<{XSD}double>")]
        return f"!COALESCE({', '.join(ways)}, 1 = 0)"

    def whole(self, term: Term, name: str) -> int:
        """Return a literal as a whole number from 0.

        Raises:
            MalformedError: it is not one.

        """
        if (
            isinstance(term, ox.Literal)
            and term.datatype.value in lexical.INTEGERS
            and lexical.well_formed(term.value, term.datatype.value)
            and int(term.value) >= 0
        ):
            return int(term.value)
        raise MalformedError(f"sh:{name} is not a whole number from 0")

    def boolean(self, term: Term, *true: str) -> bool:
        """Return a literal as a boolean; ``true`` are the forms that count as true, by default ``true`` and ``1``.

        Raises:
            MalformedError: it is not one.

        """
        if isinstance(term, ox.Literal) and term.datatype.value == f"{XSD}boolean":
            return term.value in (true or {"true", "1"})
        raise MalformedError("what must be true or false is neither")


def differs(value: str, term: Term) -> str:
    """Return the condition that a variable is not bound to a term."""
    # In Virtuoso a literal may be the same term as an IRI, and a negated disjunction of sameTerm is lost.
    different = f"!sameTerm({value}, {written(term)})"
    return f"(!isLiteral({value}) || {different})" if isinstance(term, ox.Literal) else different


def _decoded(value: str, cast: str) -> str:
    """Return the expression for the value of a variable, whose literal may be marked."""
    if not value.startswith("?"):
        return value
    name, mark = f"STR(DATATYPE({value}))", f'"{lexical.WRITTEN}"'
    literal = f"{cast}(STR({value}))" if cast else f"STRDT(STR({value}), IRI(STRAFTER({name}, {mark})))"
    return f"IF(STRSTARTS({name}, {mark}), {literal}, {value})"


def _is_regex(expression: str) -> bool:
    """Whether the engine accepts a regular expression."""
    # An error in a condition is neither true nor false.
    return bool(ox.Store().query(f"ASK {{ FILTER(REGEX('', {expression}) || !REGEX('', {expression})) }}"))
