"""SHACL Core's constraints on single values as conditions in SPARQL.

https://www.w3.org/TR/shacl/#core-components
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.namespaces import RDF, SH, XSD
from evgraph.rdf import lexical_forms as lexical
from evgraph.shacl import xpath_patterns
from evgraph.shacl.comparisons import COMPARES, is_number
from evgraph.shacl.components import components
from evgraph.shacl.findings import term_text
from evgraph.shacl.lexical_queries import NONE, Uncommon
from evgraph.shacl.shapes_graph import DEEPEST, LISTS_OF_SHAPES, MalformedError, ShapesGraph
from evgraph.shacl.targets import is_a, written

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from evgraph.shacl.components import Component
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
        self,
        shapes: ShapesGraph,
        subclasses: Callable[[str], Sequence[str]],
        marked_datatypes: Collection[str] = (),
        *,
        in_process: bool = True,
        uncommon: Uncommon = NONE,
    ) -> None:
        self.shapes = shapes
        self.subclasses = subclasses
        self.focus_may_be_absent = False  # Whether a focus node may be one that the data does not contain.
        self._marked = frozenset(marked_datatypes)
        self._in_process = in_process
        self._uncommon = uncommon
        self.left: list[str] = []  # Why the constraint that is compiled must be left to pySHACL.
        self._count = 0
        self._open: list[Term] = []
        self._conditions = 0

    @cached_property
    def components(self) -> list[Component]:
        """The constraint components that the shapes declare."""
        return components(self.shapes)

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
        if name in {"class", "datatype"} and not isinstance(parameter, ox.NamedNode):
            raise MalformedError(f"sh:{name} is {term_text(parameter)}, not an IRI")
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
            return self.fails(value, COMPARED[name], str(parameter), parameter)
        if name == "in":
            items = [item for item in self.shapes.items(parameter) if not isinstance(item, ox.BlankNode)]
            if len(items) > MOST_COMPARED:
                listed = self.fresh()
                terms = " ".join(map(written, items))
                return f"NOT EXISTS {{ VALUES {listed} {{ {terms} }} FILTER(sameTerm({listed}, {value})) }}"
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
        return (
            f"isBlank({value}) || !REGEX(STR({value}), {self._regex(parameter.value, *(flag.value for flag in flags))})"
        )

    def _regex(self, pattern: str, flags: str = "") -> str:
        """Return the arguments of REGEX for a pattern of the shapes."""
        try:
            translated = xpath_patterns.translate(pattern, flags)
        except xpath_patterns.PatternError as error:
            reason = f"the regular expression {pattern!r}, since {error}"
            if not self._in_process:
                raise NotCompiledError(reason) from None
            self.left.append(reason)
            return '""'
        if not self._in_process and not translated.is_common:
            raise NotCompiledError(f"the regular expression {pattern!r}, which engines read in different ways")
        texts = (translated.text, translated.flags) if self._in_process else (pattern, flags)
        expression = ", ".join(str(ox.Literal(text)) for text in texts if text or text is texts[0])
        if not _is_regex(expression):
            raise NotCompiledError(f"the regular expression {pattern!r}, which is too large for the engine")
        return expression

    def fails(self, left: str, sign: str, right: str, bound: ox.Literal | None = None) -> str:
        """Return the condition that a comparison is not true: it is false, or the values cannot be compared.

        Args:
            left: the text of a value.
            sign: the operator.
            right: the text of another value.
            bound: the latter, where it is a literal of the shapes.

        """
        if bound is not None and not lexical.well_formed(bound.value, bound.datatype.value):
            return "1 = 1"
        native = f"{left} {sign} {right}"
        if not self._in_process:
            both = " && ".join(f"DATATYPE({text}) = <{XSD}boolean>" for text in (left, right))
            cast = f"<{XSD}integer>({left}) {sign} <{XSD}integer>({right})"
            return f"!COALESCE(IF({both}, {cast}, {native}), {native}, 1 = 0)"
        exact = f'<{COMPARES}>({left}, "{sign}", {right})'
        if bound is not None and is_number(bound):
            exact = f"IF(isNumeric({left}), {native}, {exact})"
        return f"!COALESCE({exact}, 1 = 0)"

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

    def boolean(self, term: Term) -> bool:
        """Return whether a literal is ``true``; ``"1"^^xsd:boolean`` is another literal, so it is not.

        Raises:
            MalformedError: it is no boolean.

        """
        if (
            isinstance(term, ox.Literal)
            and term.datatype.value == f"{XSD}boolean"
            and lexical.well_formed(term.value, term.datatype.value)
        ):
            return term.value == "true"
        raise MalformedError(f"{term_text(term)} must be true or false")


def differs(value: str, term: Term) -> str:
    """Return the condition that a variable is not bound to a term of the shapes."""
    if isinstance(term, ox.BlankNode):  # No node of the data is one of the shapes.
        return "1 = 1"
    # In Virtuoso a literal may be the same term as an IRI, and a negated disjunction of sameTerm is lost.
    different = f"!sameTerm({value}, {written(term)})"
    return f"(!isLiteral({value}) || {different})" if isinstance(term, ox.Literal) else different


def _is_regex(expression: str) -> bool:
    """Whether the engine accepts a regular expression."""
    # An error in a condition is neither true nor false.
    return bool(ox.Store().query(f"ASK {{ FILTER(REGEX('', {expression}) || !REGEX('', {expression})) }}"))
