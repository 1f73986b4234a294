"""Small data and small shapes by chance, of all that is compiled and that pySHACL judges as the standard has it."""

from __future__ import annotations

from random import Random

NODES = ("ex:a", "ex:b", "ex:c", "ex:d", "_:x", "_:y")
CLASSES = ("ex:A", "ex:B", "ex:C")
LITERALS = (
    '"cat"', '"Cat"', '"cat"@en', '"chat"@fr', '"kitten"@en-GB', '""', '"a\\nb"', "1", "2", "3", "-4", "2.0", "2.50",
    "1e1", "true", '"1"^^xsd:boolean', '"007"^^xsd:integer', '"7"^^xsd:byte', '"300"^^xsd:byte', '"x"^^xsd:integer',
    '"2020-01-05"^^xsd:date', '"2020-02-30"^^xsd:date', '"5"^^ex:odd', '"2"', '"http://example.org/a"',
)  # fmt: skip
NUMBERS = ("1", "2", "3", "2.0", "2.50", '"07"^^xsd:integer', '"7"^^xsd:byte', "-4", "1e1")
LINKS = ("ex:p", "ex:q")  # To nodes and to literals.
SIZES = ("ex:m", "ex:n")  # To numbers: what else pySHACL compares, it compares as it likes.
DATATYPES = ("xsd:string", "xsd:integer", "xsd:byte", "xsd:date", "rdf:langString", "xsd:boolean", "xsd:decimal")
KINDS = ("IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral")
LANGUAGES = ("( 'en' )", "( 'fr' 'de' )")
PREDICATES = (*LINKS, *SIZES, "rdf:type")


class Chance:
    """Makes data and shapes; the same seed makes the same."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - not for secrets
        self.shapes = 0

    def choice(self, *things: str) -> str:
        return self.random.choice(things)

    def data(self) -> str:
        lines = ["ex:B rdfs:subClassOf ex:A . ex:C rdfs:subClassOf ex:B ."] if self.random.random() < 0.5 else []
        for node in NODES:
            lines += [f"{node} a {cls} ." for cls in CLASSES if self.random.random() < 0.4]
            for _ in range(self.random.randrange(6)):
                lines.append(f"{node} {self.choice(*LINKS)} {self.choice(*NODES, *LITERALS)} .")
            for _ in range(self.random.randrange(3)):
                lines.append(f"{node} {self.choice(*SIZES)} {self.choice(*NUMBERS)} .")
        return "\n".join(lines)

    def path(self, depth: int = 2) -> str:
        kind = self.random.randrange(10) if depth else 0
        if kind < 5:
            return self.choice(*PREDICATES)
        if kind == 5:
            return f"[ sh:inversePath {self.choice(*PREDICATES)} ]"
        if kind == 6:
            return f"( {self.path(depth - 1)} {self.path(depth - 1)} )"
        if kind == 7:
            return f"[ sh:alternativePath ( {self.path(depth - 1)} {self.path(depth - 1)} ) ]"
        repeated = self.choice("zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath")
        return f"[ sh:{repeated} {self.choice('ex:p', 'ex:q', '[ sh:inversePath ex:p ]', '( ex:p ex:q )')} ]"

    def target(self) -> str:
        return self.choice(
            *(f"sh:targetClass {cls}" for cls in CLASSES),
            f"sh:targetNode {self.choice('ex:a', 'ex:nowhere', '1', chr(34) + 'cat' + chr(34) + '@en')}",
            f"sh:targetSubjectsOf {self.choice(*PREDICATES)}",
            f"sh:targetObjectsOf {self.choice(*PREDICATES)}",
        )

    def of_values(self, depth: int) -> str:
        """Give a constraint that node shapes have too."""
        term = self.choice("ex:a", "ex:b", *LITERALS)
        simple = (
            f"sh:class {self.choice(*CLASSES)}",
            f"sh:datatype {self.choice(*DATATYPES)}",
            f"sh:nodeKind sh:{self.choice(*KINDS)}",
            f"sh:minLength {self.choice('1', '3', '4')}",
            f"sh:maxLength {self.choice('0', '3', '20')}",
            f'sh:pattern "{self.choice("^c", "at$", "[0-9]+", "example")}"',
            'sh:pattern "CAT" ; sh:flags "i"',
            f"sh:languageIn {self.choice(*LANGUAGES)}",
            f"sh:hasValue {term}",
            f"sh:in ( {term} {self.choice('ex:c', *LITERALS)} {self.choice('ex:a', *LITERALS)} )",
            f"sh:equals {self.choice(*LINKS)}",
            f"sh:disjoint {self.choice(*LINKS)}",
        )
        if not depth or self.random.random() < 0.55:
            return self.choice(*simple)
        inner = [self.shape(depth - 1) for _ in range(3)]
        return self.choice(
            f"sh:node {self.node_shape(depth - 1)}",
            f"sh:not {inner[0]}",
            f"sh:and ( {inner[0]} {inner[1]} )",
            f"sh:or ( {inner[0]} {inner[1]} )",
            f"sh:xone ( {inner[0]} {inner[1]} {inner[2]} )",
            f"sh:property {self.property_shape(depth - 1)}",
        )

    def of_properties(self, depth: int) -> str:
        choice = self.random.randrange(8)
        if choice == 0:
            return f"sh:minCount {self.choice('0', '1', '2', '3')}"
        if choice == 1:
            return f"sh:maxCount {self.choice('0', '1', '2')}"
        if choice == 2:
            return "sh:uniqueLang true"
        if choice == 3 and depth:
            count = self.choice(
                f"sh:qualifiedMinCount {self.choice('1', '2')}", f"sh:qualifiedMaxCount {self.choice('0', '1', '2')}"
            )
            alone = self.choice("", "; sh:qualifiedValueShapesDisjoint true ")
            return f"sh:qualifiedValueShape {self.shape(depth - 1)} ; {count} {alone}"
        return self.of_values(depth)

    def node_shape(self, depth: int) -> str:
        parts = [self.of_values(depth) for _ in range(self.random.randrange(1, 3))]
        if depth and self.random.random() < 0.15:
            parts.append("sh:closed true ; sh:ignoredProperties ( rdf:type ex:q )")
        if self.random.random() < 0.05:
            parts.append("sh:deactivated true")
        return f"[ {' ; '.join(dict.fromkeys(self.once(parts)))} ]"

    def property_shape(self, depth: int) -> str:
        if self.random.random() < 0.1:
            return f"[ sh:path ex:m ; sh:{self.choice('lessThan', 'lessThanOrEquals')} ex:n ]"
        if self.random.random() < 0.1:
            limit = f"sh:{self.choice('min', 'max')}{self.choice('Inclusive', 'Exclusive')}"
            return f"[ sh:path {self.choice(*SIZES)} ; {limit} {self.choice('2', '2.0', '07', '-1')} ]"
        parts = [self.of_properties(depth) for _ in range(self.random.randrange(1, 3))]
        return f"[ sh:path {self.path()} ; {' ; '.join(self.once(parts))} ]"

    def shape(self, depth: int) -> str:
        return self.node_shape(depth) if self.random.random() < 0.5 else self.property_shape(depth)

    def once(self, parts: list[str]) -> list[str]:
        """Keep the first of each parameter: of most of them a shape may have one."""
        return list({part.split()[0]: part for part in reversed(parts)}.values())

    def root(self, name: str) -> str:
        body = self.shape(2)[1:-1].strip()
        severity = self.choice("", "; sh:severity sh:Warning", "; sh:severity sh:Info")
        message = self.choice("", f'; sh:message "Of {name}."')
        return f"{name} {self.target()} ; {body} {severity} {message} ."

    def case(self) -> tuple[str, str]:
        """Give data and shapes."""
        return self.data(), "\n".join(self.root(f"ex:S{n}") for n in range(3))
