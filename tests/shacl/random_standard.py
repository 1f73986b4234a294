"""Small data and shapes by chance, of all of SHACL Core and SHACL-SPARQL, and what their queries mean in Python."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
from tests.shacl.random_shapes import CLASSES, LINKS, LITERALS, NODES, PREDICATES, Chance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.shacl.specification import Evaluator, Function, Term

EX = "http://example.org/"
COMPARED = (
    "1", "2", "2.0", "-4", "1e1", "true", "false", '"1"^^xsd:boolean', '"b"', '"c"', '"c"@en', '"2020-01-05"^^xsd:date',
    '"2021-02-01"^^xsd:date', '"1999"^^xsd:gYear', '"2020"^^xsd:gYear', "18446744073709551615", "9223372036854775808",
    "-9223372036854775809", "1000000000000000000000000.0", "0.1234567890123456789012345", '"x"^^xsd:integer',
    '"5"^^ex:odd', '"NaN"^^xsd:double', "ex:a", '"007"^^xsd:integer', '"300"^^xsd:byte',
)  # fmt: skip
BOUNDS = tuple(term for term in COMPARED if term != "ex:a")
SIZES = ("ex:m", "ex:n")
# Those that XPath and Python read in the same way, and others with the same for Python.
PATTERNS: dict[tuple[str, str], re.Pattern[str]] = {
    ("^c", ""): re.compile("^c"),
    ("at$", ""): re.compile(r"at\Z"),
    ("[0-9]+", ""): re.compile("[0-9]+"),
    ("example", ""): re.compile("example"),
    ("CAT", "i"): re.compile("CAT", re.IGNORECASE),
    ("^[a-z-[aeiou]]", ""): re.compile("^[b-df-hj-np-tv-z]"),
    (r"^\i\c*$", ""): re.compile(r"^[:A-Z_a-z][-.0-9:A-Z_a-z]*\Z"),
    ("^ c [a t]+ $", "x"): re.compile(r"^c[a t]+\Z"),
    ("a.b", ""): re.compile("a[^\n\r]b"),
    ("a.b", "s"): re.compile("a.b", re.DOTALL),
    (".", "q"): re.compile(r"\."),
    (r"\p{Lu}", ""): re.compile("[A-Z]"),
}


def _linked(self: Evaluator, this: Term, name: str) -> list[Term]:
    return self.data.values(this, EX + name)


def _has_q(self: Evaluator, this: Term, _: Term | None) -> Iterator[Term | None]:
    yield from [None] * bool(_linked(self, this, "q"))


def _iris_of_p(self: Evaluator, this: Term, _: Term | None) -> Iterator[Term | None]:
    yield from (value for value in _linked(self, this, "p") if isinstance(value, ox.NamedNode))


def _no_p(self: Evaluator, this: Term, _: Term | None) -> Iterator[Term | None]:
    yield from [None] * (not _linked(self, this, "p"))


def _optional(self: Evaluator, this: Term, _: Term | None) -> Iterator[Term | None]:
    yield from [None] * (bool(_linked(self, this, "p")) and isinstance(this, ox.NamedNode))


def _optional_exists(self: Evaluator, this: Term, _: Term | None) -> Iterator[Term | None]:
    yield from [None] * (not _linked(self, this, "q"))


def _nested_optional(self: Evaluator, this: Term, _: Term | None) -> Iterator[Term | None]:
    yield from [None] * any(subject == this for subject, _ in self.data.by_predicate[f"{EX}p"])


def _counted(self: Evaluator, this: Term, _: Term | None) -> Iterator[Term | None]:
    yield from [None] * (sum(not isinstance(term, ox.Literal) for term in _linked(self, this, "p")) > 1)


def _bound(__: Evaluator, this: Term, _: Term | None) -> Iterator[Term | None]:
    yield from [None] * isinstance(this, ox.NamedNode)


def _union(__: Evaluator, this: Term, _: Term | None) -> Iterator[Term | None]:
    yield from [None] * (isinstance(this, ox.BlankNode) or this == ox.NamedNode(f"{EX}a"))


def _path(self: Evaluator, this: Term, path: Term | None) -> Iterator[Term | None]:
    assert path is not None
    yield from (node for node in self.follow({this}, path) if isinstance(node, ox.NamedNode))


P = "PREFIX ex: <http://example.org/> "
CONSTRAINTS: dict[str, Function] = {
    P + "SELECT $this WHERE { $this ex:q ?any }": _has_q,
    P + "SELECT $this ?value WHERE { $this ex:p ?value FILTER(isIRI(?value)) }": _iris_of_p,
    P + "SELECT $this WHERE { FILTER NOT EXISTS { $this ex:p ?any } }": _no_p,
    P + "SELECT $this WHERE { $this ex:p ?v . OPTIONAL { BIND(isIRI($this) AS ?s) } FILTER(?s) }": _optional,
    P + "SELECT $this WHERE { OPTIONAL { BIND(EXISTS { $this ex:q ?z } AS ?has) } FILTER(!?has) }": _optional_exists,
    P + "SELECT $this WHERE { OPTIONAL { ?y ex:p ?n . OPTIONAL { ?y ex:p ?m . FILTER(sameTerm(?y, $this)) } }"
    " FILTER(BOUND(?m)) }": _nested_optional,
    P + "SELECT $this WHERE { { SELECT $this (COUNT(DISTINCT ?x) AS ?n) WHERE { $this ex:p ?x"
    " FILTER(!isLiteral(?x)) } GROUP BY $this } FILTER(?n > 1) }": _counted,
    P + "SELECT $this WHERE { FILTER(BOUND($this) && isIRI($this)) } LIMIT 1": _bound,
    P + "SELECT $this WHERE { { FILTER(isBlank($this)) } UNION { BIND($this AS ?t) FILTER(sameTerm(?t, ex:a)) }"
    " }": _union,
}
OF_PATHS: dict[str, Function] = {
    P + "SELECT $this ?value WHERE { $this $PATH ?value FILTER(isIRI(?value)) }": _path,
}


def _is_not_longer(value: Term, most: Term) -> bool:
    assert isinstance(most, ox.Literal)
    return isinstance(value, ox.NamedNode) and len(value.value) <= int(most.value)


COMPONENTS: dict[str, tuple[str, Callable[[Term, Term], bool]]] = {
    f"{EX}Longest": (f"{EX}longest", _is_not_longer),
    f"{EX}Other": (f"{EX}other", lambda value, other: value != other),
}
DECLARED = """
ex:Longest a sh:ConstraintComponent ; sh:parameter [ sh:path ex:longest ] ;
    sh:validator [ a sh:SPARQLAskValidator ;
        sh:ask "ASK { FILTER(isIRI($value) && STRLEN(STR($value)) <= $longest) }" ] .
ex:Other a sh:ConstraintComponent ; sh:parameter [ sh:path ex:other ] ;
    sh:nodeValidator [ a sh:SPARQLSelectValidator ;
        sh:select "SELECT $this WHERE { FILTER(sameTerm($this, $other)) }" ] ;
    sh:propertyValidator [ a sh:SPARQLSelectValidator ;
        sh:select "SELECT DISTINCT $this ?value WHERE { $this $PATH ?value FILTER(sameTerm(?value, $other)) }" ] .
"""


class StandardChance(Chance):
    """Makes data and shapes of everything in the standard."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.nested = 0

    def data(self) -> str:
        lines = [super().data()]
        for node in NODES:
            count = self.random.randrange(3)
            lines += [f"{node} {self.choice(*SIZES)} {self.choice(*COMPARED)} ." for _ in range(count)]
        return "\n".join(lines)

    def of_values(self, depth: int) -> str:
        choice = self.random.randrange(12)
        if choice == 0:
            pattern, flags = self.random.choice(list(PATTERNS))
            return f'sh:pattern "{pattern}"'.replace("\\", "\\\\") + (f' ; sh:flags "{flags}"' if flags else "")
        if choice == 1:
            term = self.choice("ex:a", "[]", *LITERALS)
            return f"sh:in ( {term} {self.choice('ex:c', '[]', *LITERALS)} {self.choice('ex:a', *LITERALS)} )"
        if choice == 2:
            return f"sh:hasValue {self.choice('[]', 'ex:a', *LITERALS)}"
        if choice == 3:
            sign = f"{self.choice('min', 'max')}{self.choice('Inclusive', 'Exclusive')}"
            return f"sh:{sign} {self.choice(*BOUNDS)}"
        return super().of_values(depth)

    def of_properties(self, depth: int) -> str:
        choice = self.random.randrange(10)
        if choice == 0 and depth:
            count = f"sh:qualified{self.choice('Min', 'Max')}Count {self.choice('0', '1', '3', '5')}"
            return f"sh:qualifiedValueShape {self.shape(depth - 1)} ; {count}"
        if choice == 1:
            return f"sh:{self.choice('lessThan', 'lessThanOrEquals')} {self.choice(*SIZES, *LINKS)}"
        if choice == 2:
            return f"sh:{self.choice('min', 'max')}Count {self.choice('3', '4', '5')}"
        return super().of_properties(depth)

    def node_shape(self, depth: int) -> str:
        return self._with_query(super().node_shape(depth), depth, is_property=False)

    def property_shape(self, depth: int) -> str:
        return self._with_query(super().property_shape(depth), depth, is_property=True)

    def _with_query(self, shape: str, depth: int, *, is_property: bool) -> str:
        """Add a query or a declared component to some shapes that are not part of conditions."""
        if depth < 2 or self.random.random() < 0.6:
            return shape
        queries = {**CONSTRAINTS, **(OF_PATHS if is_property else {})}
        more = self.choice(
            *(f"sh:sparql [ sh:select '''{text}''' ]" for text in queries),
            f"ex:longest {self.choice('19', '20')}", f"ex:other {self.choice('ex:a', 'ex:b')}",
        )  # fmt: skip
        return f"{shape[:-1]}; {more} ]"

    def path(self, depth: int = 2) -> str:
        return self.choice(*SIZES) if self.random.random() < 0.2 else super().path(depth)

    def target(self) -> str:
        return self.choice(
            *(f"sh:targetClass {cls}" for cls in CLASSES),
            "sh:targetNode ex:a", "sh:targetNode ex:nowhere", 'sh:targetNode "cat"@en',
            f"sh:targetSubjectsOf {self.choice(*PREDICATES)}", f"sh:targetObjectsOf {self.choice(*PREDICATES)}",
        )  # fmt: skip

    def case(self) -> tuple[str, str]:
        data, shapes = super().case()
        return data, DECLARED + shapes
