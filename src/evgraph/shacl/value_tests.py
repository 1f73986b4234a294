"""SHACL Core's constraints on single values, as conditions of SPARQL.

https://www.w3.org/TR/shacl/#core-components
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.errors import UnreadableError
from evgraph.namespaces import RDF, SH, XSD
from evgraph.rdf import lexical_forms as lexical
from evgraph.shacl.graph_patterns import is_a, written
from evgraph.shacl.shapes_graph import DEEPEST, LISTS_OF_SHAPES, MalformedError, ShapesGraph

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from evgraph.store.protocol import Term

COMPARED = {"minInclusive": ">=", "minExclusive": ">", "maxInclusive": "<=", "maxExclusive": "<"}
"""The parameters that compare → the sign."""
# The opposite of each kind; Virtuoso takes a blank node for an IRI, too.
_OTHER_KINDS = {
    "IRI": "isBlank({0}) || isLiteral({0})",
    "BlankNode": "!isBlank({0})",
    "Literal": "!isLiteral({0})",
    "BlankNodeOrIRI": "isLiteral({0})",
    "BlankNodeOrLiteral": "!isBlank({0}) && !isLiteral({0})",
    "IRIOrLiteral": "isBlank({0})",
}


MOST_ENTERED = 100_000
"""So many conditions may be written for all shapes together."""


MOST_COMPARED = 200
"""So many values of a list are compared one after the other."""


class NotCompiledError(Exception):
    """A constraint that no SELECT is written for; the message says why."""


class ValueTests:
    """Writes the conditions that values break.

    Args:
        shapes: where they stand.
        subclasses: a class → itself and what is below it, in the data.
        forms: the datatypes of literals that stand in the data under another; see `lexical`.

    Attributes:
        from_outside: whether a focus node may be one that the data does not mention.

    """

    def __init__(
        self, shapes: ShapesGraph, subclasses: Callable[[str], Sequence[str]], forms: Collection[str] = ()
    ) -> None:
        self.shapes = shapes
        self.subclasses = subclasses
        self.from_outside = False
        self._forms = frozenset(forms)
        self._count = 0
        self._open: list[Term] = []
        self._entered = 0
        self._custom = {
            path.value
            for owner in shapes.subjects(f"{SH}parameter")
            for parameter in shapes.sh(owner, "parameter")
            for path in shapes.sh(parameter, "path")
            if isinstance(path, ox.NamedNode)
        }

    def fresh(self) -> str:
        """Give a variable that nothing else uses."""
        self._count += 1
        return f"?evg{self._count}"

    def enter(self, shape: Term) -> None:
        """Begin with a shape within those that are open.

        Raises:
            NotCompiledError: it is open already, or there are too many.
            UnreadableError: written out, the shapes are larger than any engine could judge.

        """
        if shape in self._open:
            raise NotCompiledError("the shape is part of itself")
        if len(self._open) > DEEPEST:
            raise NotCompiledError(f"shapes are nested more than {DEEPEST} deep")
        self._entered += 1
        if self._entered > MOST_ENTERED:
            raise UnreadableError(
                "the shapes refer to each other so often that they cannot be judged",
                hint=f"written out, each with its parts, they must be fewer than {MOST_ENTERED:,}",
            )
        self._open.append(shape)

    def deactivated(self, node: Term) -> bool:
        """Whether a shape or constraint is switched off."""
        return any(self.boolean(one) for one in self.shapes.sh(node, "deactivated"))

    def breaks(self, shape: Term, node: str) -> str:
        """Write the condition that a node does not conform to a shape."""
        raise NotImplementedError

    def value_test(self, shape: Term, name: str, parameter: Term, value: str) -> str:
        """Write the condition that a value node is at fault."""
        if name == "class":
            return f"NOT EXISTS {{ {is_a(value, parameter, self.subclasses)} }}"
        if name == "datatype":
            names = [str(parameter)]
            if isinstance(parameter, ox.NamedNode) and parameter.value in self._forms:
                names.append(f"<{lexical.WRITTEN}{parameter.value}>")
            if names == [f"<{RDF}langString>"]:
                return f'!isLiteral({value}) || LANG({value}) = ""'
            # Not every engine knows a datatype of text that has a language.
            others = " && ".join(f"DATATYPE({value}) != {one}" for one in names)
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
            return " && ".join(differs(value, one) for one in items) or "1 = 1"
        if name == "node" and self.shapes.path_of(parameter) is not None:
            raise MalformedError("a value of sh:node is a property shape")
        if name == "node":
            return self.breaks(parameter, value)
        if name == "not":
            return f"!{bracketed(self.breaks(parameter, value))}"
        if name in LISTS_OF_SHAPES:
            broken = [bracketed(self.breaks(one, value)) for one in self.shapes.items(parameter)]
            if not broken:
                raise MalformedError(f"sh:{name} is an empty list")
            if name == "xone":
                return f"({' + '.join(f'IF({one}, 0, 1)' for one in broken)}) != 1"
            return f"({(' || ' if name == 'and' else ' && ').join(broken)})"
        return self._text_test(shape, name, parameter, value)

    def _text_test(self, shape: Term, name: str, parameter: Term, value: str) -> str:
        if name == "minLength":
            return f"isBlank({value}) || STRLEN(STR({value})) < {self.whole(parameter, name)}"
        if name == "maxLength":
            return f"isBlank({value}) || STRLEN(STR({value})) > {self.whole(parameter, name)}"
        if name == "languageIn":
            ranges = [str(ox.Literal(one.value)) for one in self.shapes.items(parameter) if isinstance(one, ox.Literal)]
            matches = " || ".join(f"LANGMATCHES(LANG({value}), {one})" for one in ranges)
            return f"!(isLiteral({value}) && ({matches or '1 = 0'}))"
        flags = [one for one in self.shapes.sh(shape, "flags") if isinstance(one, ox.Literal)]
        if not isinstance(parameter, ox.Literal) or len(flags) > 1:
            raise MalformedError("sh:pattern is not a literal, or has several sh:flags")
        expression = ", ".join(str(ox.Literal(one.value)) for one in (parameter, *flags))
        if not _is_regex(expression):
            raise NotCompiledError("a regular expression that only pySHACL knows")
        return f"isBlank({value}) || !REGEX(STR({value}), {expression})"

    def fails(self, one: str, sign: str, other: str) -> str:
        """Write that a comparison is not true, be it false or of things that cannot be compared."""
        ways = [f"{one} {sign} {other}"]
        if self._forms:
            # First as the datatype has it; whole numbers too large for the engine roughly.
            ways = [f"{_decoded(one, cast)} {sign} {_decoded(other, cast)}" for cast in ("", f"<{XSD}double>")]
        return f"!COALESCE({', '.join(ways)}, 1 = 0)"

    def whole(self, term: Term, name: str) -> int:
        """Read a whole number from 0.

        Raises:
            MalformedError: it is none.

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
        """Read what must be true or false; a form of what is true may be asked for.

        Raises:
            MalformedError: it is neither.

        """
        if isinstance(term, ox.Literal) and term.datatype.value == f"{XSD}boolean":
            return term.value in (true or {"true", "1"})
        raise MalformedError("what must be true or false is neither")


def differs(value: str, term: Term) -> str:
    """Write that a variable does not hold a term."""
    # Virtuoso takes a literal for no other than an IRI, and loses a negated disjunction of sameTerm.
    different = f"!sameTerm({value}, {written(term)})"
    return f"(!isLiteral({value}) || {different})" if isinstance(term, ox.Literal) else different


def _decoded(value: str, cast: str) -> str:
    """Write the value that a variable's literal has, in spite of the datatype that it is stored under."""
    if not value.startswith("?"):
        return value
    name, mark = f"STR(DATATYPE({value}))", f'"{lexical.WRITTEN}"'
    literal = f"{cast}(STR({value}))" if cast else f"STRDT(STR({value}), IRI(STRAFTER({name}, {mark})))"
    return f"IF(STRSTARTS({name}, {mark}), {literal}, {value})"


def bracketed(condition: str) -> str:
    """Write a condition so that it stays one within another."""
    return f"({condition})"


def _is_regex(expression: str) -> bool:
    """Whether the engine can work with a regular expression."""
    # An error in a condition is neither true nor false.
    return bool(ox.Store().query(f"ASK {{ FILTER(REGEX('', {expression}) || !REGEX('', {expression})) }}"))
