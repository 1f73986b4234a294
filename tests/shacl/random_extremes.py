"""Cases by chance with what a validator may get wrong or must refuse.

Beside all of the standard, these have queries and switched-off shapes in conditions, severities of inner shapes, shapes
that are part of themselves, entailment, targets of SHACL Advanced Features, and constraints that are not well-formed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox
from tests.shacl.engines import file
from tests.shacl.random_shapes import Chance
from tests.shacl.random_standard import COMPONENTS, CONSTRAINTS, OF_PATHS, PATTERNS, P, StandardChance
from tests.shacl.specification import SH, TRUE, Evaluator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.shacl.specification import Result, Term

RDFS_ENTAILMENT = "http://www.w3.org/ns/entailment/RDFS"
NOT_QUERIES = (
    f"{P}SELECT ?other WHERE {{ ?other ex:p $this }}",
    f"{P}SELECT $this WHERE {{ $this ex:p ?x MINUS {{ $this ex:q ?x }} }}",
    f"{P}SELECT $this WHERE {{ {{ SELECT (COUNT(?x) AS ?n) WHERE {{ ?x a ex:A }} }} FILTER(?n > 0) }}",
    f"{P}SELECT $this WHERE {{ $this ex:p }}",
)
"""Queries that the standard does not allow."""


class ExtremeChance(StandardChance):
    """Makes cases with all of that."""

    def node_shape(self, depth: int) -> str:
        return self._with_more(self._with_query(Chance.node_shape(self, depth), 2, is_property=False), depth)

    def property_shape(self, depth: int) -> str:
        return self._with_more(self._with_query(Chance.property_shape(self, depth), 2, is_property=True), depth)

    def _with_query(self, shape: str, depth: int, *, is_property: bool) -> str:
        """Add a query to fewer shapes, but in conditions, too; switch some of the queries off."""
        if self.random.random() < 0.6:
            return shape
        shape = super()._with_query(shape, depth, is_property=is_property)
        if shape.endswith("''' ] ]") and self.random.random() < 0.1:
            return f"{shape[:-3]}; sh:deactivated true ] ]"
        return shape

    def _with_more(self, shape: str, depth: int) -> str:
        more = ""
        if depth < 2 and "sh:deactivated true ]" not in shape[-40:] and self.random.random() < 0.06:
            more += "; sh:deactivated true "
        if depth < 2 and self.random.random() < 0.15:
            more += f"; sh:severity {self.choice('sh:Warning', 'sh:Info', 'sh:Violation', 'ex:Grave')} "
        if self.random.random() < 0.012:
            more += "; " + self.choice(
                "ex:none 1 ; sh:class []", "ex:none 1 ; sh:datatype 'xsd:string'",
                *(f"sh:sparql [ sh:select '''{text}''' ]" for text in NOT_QUERIES),
            )  # fmt: skip
        if "sh:class" in more and "sh:class" in shape:
            return shape
        return f"{shape[:-1]}{more}]"

    def recursion(self) -> tuple[str, str]:
        """Give a constraint that refers to the first of several shapes, and these, of which the last closes a ring."""
        count = self.random.randrange(1, 5)
        lines = []
        for number in range(count):
            last = number + 1 == count
            following = (
                self.choice("ex:R0", "ex:R0", f"ex:R{self.random.randrange(count)}", "[ ]")
                if last
                else f"ex:R{number + 1}"
            )
            off = " ; sh:deactivated true" if self.random.random() < 0.05 else ""
            lines.append(f"ex:R{number} sh:nodeKind sh:IRI ; {self.link(following)}{off} .")
        return self.link("ex:R0"), "\n".join(lines)

    def link(self, shape: str) -> str:
        return self.choice(
            f"sh:node {shape}", f"sh:property [ sh:path ex:p ; sh:node {shape} ]", f"sh:not {shape}",
            f"sh:or ( {shape} [ sh:nodeKind sh:Literal ] )", f"sh:xone ( {shape} [ sh:class ex:A ] )",
            f"sh:and ( {shape} )",
            f"sh:property [ sh:path ex:q ; sh:qualifiedValueShape {shape} ; sh:qualifiedMinCount 1 ]",
        )  # fmt: skip

    def case(self) -> tuple[str, str]:
        data, shapes = super().case()
        chance = self.random.random()
        if chance < 0.08:
            constraint, more = self.recursion()
            shapes += f"\nex:S3 {self.target()} ; {constraint} .\n{more}"
        elif chance < 0.12:
            target = '[ a sh:SPARQLTarget ; sh:select "SELECT ?this WHERE { ?this a <http://example.org/A> }" ]'
            also = f" ; {self.target()}" if self.random.random() < 0.6 else ""
            shapes += f"\nex:S3 a sh:NodeShape ; sh:target {target}{also} ; sh:nodeKind sh:IRI ."
        elif chance < 0.14:
            regime = self.choice(RDFS_ENTAILMENT, RDFS_ENTAILMENT, "http://www.w3.org/ns/entailment/Simple")
            shapes += f"\nex: sh:entailment <{regime}> ."
        return data, shapes


class Expected(NamedTuple):
    """What the standard has for a case.

    Attributes:
        results: those of the shapes that the standard defines.
        roots: the shapes with targets.
        undefined: those of them that are part of themselves, or not well-formed.
        unsupported: shapes with targets of SHACL Advanced Features.
        is_failure: whether the shapes demand entailment.
        focus_nodes: how many the shapes have that are not switched off.

    """

    results: list[Result]
    roots: set[str]
    undefined: set[str]
    unsupported: set[str]
    is_failure: bool
    focus_nodes: int


def evaluator(data: str, shapes: str, kind: type[Evaluator] = Evaluator) -> Evaluator:
    """Return an evaluator that knows the queries, components and patterns of the cases."""
    return kind([file(data)], [file(shapes)], {**CONSTRAINTS, **OF_PATHS}, COMPONENTS, PATTERNS)


def expected(data: str, shapes: str) -> Expected:
    """Return what the standard has for a case."""
    standard = evaluator(data, shapes)
    graph = standard.shapes
    undefined = {shape for shape in graph.about if _is_undefined(standard, shape, ())}
    roots = {shape for shape in graph.about if next(iter(standard.targets(shape)), None)}
    on = {root for root in roots if TRUE not in standard.sh(root, "deactivated")}
    regimes = {value for _, value in graph.by_predicate[f"{SH}entailment"]}
    return Expected(
        [result for root in graph.about if root not in undefined for result in standard.results_of(root)],
        {str(root) for root in roots},
        {str(root) for root in roots & undefined},
        {str(shape) for shape, _ in graph.by_predicate[f"{SH}target"]},
        ox.NamedNode(RDFS_ENTAILMENT) in regimes,
        len({node for root in on for node in standard.focus_nodes(root)}),
    )


def _is_undefined(standard: Evaluator, shape: Term, above: tuple[Term, ...]) -> bool:
    if TRUE in standard.sh(shape, "deactivated"):
        return False
    if shape in above or any(_is_malformed(standard, shape)):
        return True
    return any(_is_undefined(standard, part, (*above, shape)) for part in _parts(standard, shape))


def _is_malformed(standard: Evaluator, shape: Term) -> Iterator[bool]:
    for name in ("class", "datatype"):
        yield any(not isinstance(value, ox.NamedNode) for value in standard.sh(shape, name))
    for query in standard.sh(shape, "sparql"):
        is_on = TRUE not in standard.sh(query, "deactivated")
        yield is_on and any(
            isinstance(text, ox.Literal) and text.value in NOT_QUERIES for text in standard.sh(query, "select")
        )


def _parts(standard: Evaluator, shape: Term) -> Iterator[Term]:
    for name in ("node", "property", "not", "qualifiedValueShape"):
        yield from standard.sh(shape, name)
    for name in ("and", "or", "xone"):
        for head in standard.sh(shape, name):
            yield from standard.shapes.items(head)
    if TRUE in standard.sh(shape, "qualifiedValueShapesDisjoint"):
        yield from standard.siblings(shape)
