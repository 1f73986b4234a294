"""An evaluator of SHACL written plainly from the definitions of the standard, to compare with: slow, for tests only.

It shares nothing with evgraph but the parser, which labels blank nodes. Queries of shapes are not run: each that the
tests generate has a function in Python that means the same. https://www.w3.org/TR/shacl/
"""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import pyoxigraph as ox

from evgraph.shacl.shapes_graph import triples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from evgraph.rdf.files import DataFile

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Result: TypeAlias = tuple[str, str, str, str, str]  # Focus node, path, value, source shape, component.
Function: TypeAlias = "Callable[[Evaluator, Term, Term | None], Iterator[Term | None]]"

RDF, RDFS = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://www.w3.org/2000/01/rdf-schema#"
SH, XSD, OWL = "http://www.w3.org/ns/shacl#", "http://www.w3.org/2001/XMLSchema#", "http://www.w3.org/2002/07/owl#"
TYPE, FIRST, REST = (ox.NamedNode(RDF + name) for name in ("type", "first", "rest"))
TRUE = ox.Literal("true", datatype=ox.NamedNode(f"{XSD}boolean"))
INTEGERS: Mapping[str, tuple[int | None, int | None]] = {
    f"{XSD}integer": (None, None), f"{XSD}byte": (-128, 127), f"{XSD}nonNegativeInteger": (0, None),
    f"{XSD}long": (-(2**63), 2**63 - 1), f"{XSD}unsignedLong": (0, 2**64 - 1),
}  # fmt: skip


class Graph:
    """Triples, each once."""

    def __init__(self, files: Sequence[DataFile], blank: str) -> None:
        self.objects: dict[tuple[Term, str], dict[Term, None]] = defaultdict(dict)
        self.subjects: dict[tuple[str, Term], dict[Term, None]] = defaultdict(dict)
        self.about: dict[Term, set[tuple[str, Term]]] = defaultdict(set)
        self.by_predicate: dict[str, set[tuple[Term, Term]]] = defaultdict(set)
        for subject, predicate, value in triples(files, blank):
            self.objects[subject, predicate.value][value] = None
            self.subjects[predicate.value, value][subject] = None
            self.about[subject].add((predicate.value, value))
            self.by_predicate[predicate.value].add((subject, value))

    def values(self, node: Term, predicate: str) -> list[Term]:
        return list(self.objects.get((node, predicate), ()))

    def items(self, head: Term) -> list[Term]:
        items = []
        while head != ox.NamedNode(f"{RDF}nil"):
            items += self.values(head, FIRST.value)
            (head,) = self.values(head, REST.value)
        return items


class Evaluator:
    """Validates data by shapes.

    Args:
        data: the data graph.
        shapes: the shapes graph.
        constraints: text of a query → the values that it returns for a focus node and the path of its shape.
        components: IRI of a component → whether a value node conforms, given the value of its parameter.
        patterns: pattern of the shapes and its flags → the same for Python.

    """

    def __init__(
        self,
        data: Sequence[DataFile],
        shapes: Sequence[DataFile],
        constraints: Mapping[str, Function] | None = None,
        components: Mapping[str, tuple[str, Callable[[Term, Term], bool]]] | None = None,
        patterns: Mapping[tuple[str, str], re.Pattern[str]] | None = None,
    ) -> None:
        self.data, self.shapes = Graph(data, "d"), Graph(shapes, "s")
        self.constraints, self.components = constraints or {}, components or {}
        self.patterns = patterns or {}

    def sh(self, node: Term, name: str) -> list[Term]:
        return self.shapes.values(node, SH + name)

    # Section 2.1.3: targets

    def results(self) -> list[Result]:
        return [result for shape in list(self.shapes.about) for result in self.results_of(shape)]

    def results_of(self, shape: Term) -> list[Result]:
        return [result for node in dict.fromkeys(self.focus_nodes(shape)) for result in self.validate(node, shape)]

    def severity(self, shape: Term) -> str:
        return next(
            (value.value for value in self.sh(shape, "severity") if isinstance(value, ox.NamedNode)), f"{SH}Violation"
        )

    def targets(self, shape: Term) -> list[Term]:
        names = ("targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf")
        return [value for name in names for value in self.sh(shape, name)]

    def focus_nodes(self, shape: Term) -> Iterator[Term]:
        yield from self.sh(shape, "targetNode")
        for cls in self.sh(shape, "targetClass"):
            yield from self.instances(cls)
        kinds = {ox.NamedNode(f"{RDFS}Class"), ox.NamedNode(f"{OWL}Class")}
        if kinds & set(self.shapes.values(shape, TYPE.value)):
            yield from self.instances(shape)
        for predicate in self.sh(shape, "targetSubjectsOf"):
            assert isinstance(predicate, ox.NamedNode)
            yield from (subject for subject, _ in self.data.by_predicate[predicate.value])
        for predicate in self.sh(shape, "targetObjectsOf"):
            assert isinstance(predicate, ox.NamedNode)
            yield from (value for _, value in self.data.by_predicate[predicate.value])

    def instances(self, cls: Term) -> Iterator[Term]:
        return (node for node in list(self.data.about) if self.is_instance(node, cls))

    def is_instance(self, node: Term, cls: Term) -> bool:
        above, ahead = set(), self.data.values(node, TYPE.value)
        while ahead:
            ancestor = ahead.pop()
            if ancestor not in above:
                above.add(ancestor)
                ahead += self.data.values(ancestor, f"{RDFS}subClassOf")
        return cls in above

    # Section 2.3.1: property paths

    def follow(self, nodes: set[Term], path: Term, *, back: bool = False) -> set[Term]:
        if isinstance(path, ox.NamedNode):
            if back:
                return {subject for node in nodes for subject in self.data.subjects.get((path.value, node), ())}
            return {value for node in nodes for value in self.data.objects.get((node, path.value), ())}
        if self.shapes.values(path, FIRST.value):
            steps = self.shapes.items(path)
            for step in reversed(steps) if back else steps:
                nodes = self.follow(nodes, step, back=back)
            return nodes
        for inner in self.sh(path, "inversePath"):
            return self.follow(nodes, inner, back=not back)
        for head in self.sh(path, "alternativePath"):
            return {value for step in self.shapes.items(head) for value in self.follow(nodes, step, back=back)}
        for inner in self.sh(path, "zeroOrOnePath"):
            return nodes | self.follow(nodes, inner, back=back)
        for inner in self.sh(path, "zeroOrMorePath"):
            return self.closure(nodes, inner, back=back)
        (inner,) = self.sh(path, "oneOrMorePath")
        return self.closure(self.follow(nodes, inner, back=back), inner, back=back)

    def closure(self, nodes: set[Term], path: Term, *, back: bool) -> set[Term]:
        reached = set(nodes)
        while more := self.follow(reached, path, back=back) - reached:
            reached |= more
        return reached

    # Section 3.4: validation

    def conforms(self, node: Term, shape: Term) -> bool:
        return not self.validate(node, shape)

    def validate(self, focus: Term, shape: Term) -> list[Result]:
        if TRUE in self.sh(shape, "deactivated"):
            return []
        path = next(iter(self.sh(shape, "path")), None)
        values = [focus] if path is None else sorted(self.follow({focus}, path), key=str)
        found: list[Result] = []

        def report(component: str, value: Term | None = None, on: str | None = None) -> None:
            where = on if on is not None else "" if path is None else str(path)
            name = component if ":" in component else f"{component}ConstraintComponent"
            found.append((str(focus), where, "" if value is None else str(value), str(shape), name))

        for name in VALUE_TESTS:
            for parameter in self.sh(shape, name):
                for value in values:
                    if not self.passes(name, value, parameter, shape):
                        report(name[0].upper() + name[1:], value)
        self.of_properties(shape, values, report)
        self.of_pairs(shape, focus, values, report)
        if TRUE in self.sh(shape, "closed"):
            inner = [inner_path for part in self.sh(shape, "property") for inner_path in self.sh(part, "path")]
            ignored = [
                ignorable for head in self.sh(shape, "ignoredProperties") for ignorable in self.shapes.items(head)
            ]
            for value in values:
                for predicate, other in self.data.about.get(value, ()):
                    if ox.NamedNode(predicate) not in {*inner, *ignored}:
                        report("Closed", other, f"<{predicate}>")
        for constraint in self.sh(shape, "sparql"):
            if TRUE in self.sh(constraint, "deactivated"):
                continue
            (text,) = self.sh(constraint, "select")
            assert isinstance(text, ox.Literal)
            for breach in self.constraints[text.value](self, focus, path):
                report("SPARQL", focus if breach is None and path is None else breach)
        for iri, (parameter_iri, is_right) in self.components.items():
            for parameter in self.shapes.values(shape, parameter_iri):
                for value in values:
                    if not is_right(value, parameter):
                        report(iri, value if path is None else self.reported_value(iri, value))
        for part in self.sh(shape, "property"):
            for value in values:
                found += self.validate(value, part)
        return found

    def passes(self, name: str, value: Term, parameter: Term, shape: Term) -> bool:
        return VALUE_TESTS[name](self, value, parameter, shape)

    def reported_value(self, _: str, value: Term) -> Term | None:
        return value

    def is_less(self, name: str, left: Term, right: Term) -> bool:
        return is_true(left, "<" if name == "lessThan" else "<=", right)

    def of_properties(self, shape: Term, values: list[Term], report: Callable[..., None]) -> None:
        for number in self.sh(shape, "minCount"):
            if len(values) < whole(number):
                report("MinCount")
        for number in self.sh(shape, "maxCount"):
            if len(values) > whole(number):
                report("MaxCount")
        if TRUE in self.sh(shape, "uniqueLang"):
            languages = [value.language.lower() for value in values if isinstance(value, ox.Literal) and value.language]
            for language in set(languages):
                if languages.count(language) > 1:
                    report("UniqueLang")
        for wanted in self.sh(shape, "hasValue"):
            if wanted not in values:
                report("HasValue")
        for qualified in self.sh(shape, "qualifiedValueShape"):
            is_disjoint = TRUE in self.sh(shape, "qualifiedValueShapesDisjoint")
            siblings = self.siblings(shape) - {qualified} if is_disjoint else set()
            count = sum(
                self.conforms(value, qualified) and not any(self.conforms(value, other) for other in siblings)
                for value in values
            )
            for number in self.sh(shape, "qualifiedMinCount"):
                if count < whole(number):
                    report("QualifiedMinCount")
            for number in self.sh(shape, "qualifiedMaxCount"):
                if count > whole(number):
                    report("QualifiedMaxCount")

    def siblings(self, shape: Term) -> set[Term]:
        parents = self.shapes.subjects.get((f"{SH}property", shape), ())
        properties = {sibling for parent in parents for sibling in self.sh(parent, "property")}
        return {qualified for sibling in properties for qualified in self.sh(sibling, "qualifiedValueShape")}

    def of_pairs(self, shape: Term, focus: Term, values: list[Term], report: Callable[..., None]) -> None:
        def others(predicate: Term) -> list[Term]:
            assert isinstance(predicate, ox.NamedNode)
            return self.data.values(focus, predicate.value)

        for predicate in self.sh(shape, "equals"):
            for value in {*values} ^ {*others(predicate)}:
                report("Equals", value)
        for predicate in self.sh(shape, "disjoint"):
            for value in {*values} & {*others(predicate)}:
                report("Disjoint", value)
        for name in ("lessThan", "lessThanOrEquals"):
            for predicate in self.sh(shape, name):
                for value in values:
                    for other in others(predicate):
                        if not self.is_less(name, value, other):
                            report(name[0].upper() + name[1:], value)


def whole(term: Term) -> int:
    assert isinstance(term, ox.Literal)
    return int(term.value)


def text_of(term: Term) -> str:
    return "" if isinstance(term, ox.BlankNode | ox.Triple) else term.value


def is_well_formed(literal: ox.Literal) -> bool:
    form, datatype = literal.value, literal.datatype.value
    if datatype in INTEGERS:
        low, high = INTEGERS[datatype]
        if not re.fullmatch("[+-]?[0-9]+", form):
            return False
        return (low is None or int(form) >= low) and (high is None or int(form) <= high)
    if datatype == f"{XSD}boolean":
        return form in {"true", "false", "1", "0"}
    if datatype == f"{XSD}decimal":
        return bool(re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", form))
    if datatype in {f"{XSD}double", f"{XSD}float"}:
        return bool(re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN", form))
    if datatype == f"{XSD}date":
        try:
            return bool(datetime.date.fromisoformat(form[:10])) and form[10:] in {"", "Z"}
        except ValueError:
            return False
    if datatype == f"{XSD}gYear":
        return bool(re.fullmatch(r"-?([1-9][0-9]{3,}|0[0-9]{3})", form))
    return True


def is_true(left: Term, sign: str, right: Term) -> bool:
    """Whether a comparison is true in SPARQL; what cannot be compared is not."""
    if not isinstance(left, ox.Literal) or not isinstance(right, ox.Literal):
        return False
    if not (is_well_formed(left) and is_well_formed(right)):
        return False
    mine, theirs = comparable(left), comparable(right)
    if mine is None or theirs is None or mine[0] != theirs[0]:
        return False
    (kind, first), (_, second) = mine, theirs
    approximate = {f"{XSD}double", f"{XSD}float"} & {left.datatype.value, right.datatype.value}
    if kind == "number":
        if "NaN" in {left.value, right.value}:
            return False
        if approximate:
            first, second = float(first), float(second)
    return bool({"<": first < second, "<=": first <= second, ">": first > second, ">=": first >= second}[sign])


def comparable(literal: ox.Literal) -> tuple[str, Any] | None:
    name = literal.datatype.value.removeprefix(XSD)
    if literal.language:
        return None
    if literal.datatype.value in INTEGERS or name == "decimal":
        return "number", Fraction(literal.value)
    if name in {"double", "float"}:
        return "number", float(literal.value.replace("INF", "inf"))
    if name == "boolean":
        return name, literal.value in {"true", "1"}
    if name == "string":
        return name, literal.value
    if name == "date":
        return name, literal.value
    return (name, int(literal.value)) if name == "gYear" else None


def _class(self: Evaluator, value: Term, parameter: Term, _: Term) -> bool:
    return self.is_instance(value, parameter)


def _datatype(_: Evaluator, value: Term, parameter: Term, __: Term) -> bool:
    return isinstance(value, ox.Literal) and value.datatype == parameter and is_well_formed(value)


def _node_kind(_: Evaluator, value: Term, parameter: Term, __: Term) -> bool:
    kinds = {ox.NamedNode: "IRI", ox.BlankNode: "BlankNode", ox.Literal: "Literal"}
    return kinds[type(value)] in text_of(parameter).removeprefix(SH).split("Or")


COMPARISONS = ("minInclusive", "minExclusive", "maxInclusive", "maxExclusive")


def _comparison(sign: str) -> Callable[[Evaluator, Term, Term, Term], bool]:
    return lambda _, value, parameter, __: is_true(value, sign, parameter)


def _min_length(_: Evaluator, value: Term, parameter: Term, __: Term) -> bool:
    return not isinstance(value, ox.BlankNode) and len(text_of(value)) >= whole(parameter)


def _max_length(_: Evaluator, value: Term, parameter: Term, __: Term) -> bool:
    return not isinstance(value, ox.BlankNode) and len(text_of(value)) <= whole(parameter)


def _pattern(self: Evaluator, value: Term, parameter: Term, shape: Term) -> bool:
    flags = "".join(map(text_of, self.sh(shape, "flags")))
    regex = self.patterns[text_of(parameter), flags]
    return not isinstance(value, ox.BlankNode) and bool(regex.search(text_of(value)))


def _language_in(self: Evaluator, value: Term, parameter: Term, _: Term) -> bool:
    if not isinstance(value, ox.Literal) or not value.language:
        return False
    tag = value.language.lower()
    ranges = [text_of(tag_range).lower() for tag_range in self.shapes.items(parameter)]
    return any(tag == tag_range or tag.startswith(f"{tag_range}-") for tag_range in ranges)


def _in(self: Evaluator, value: Term, parameter: Term, _: Term) -> bool:
    return value in self.shapes.items(parameter)


def _not(self: Evaluator, value: Term, parameter: Term, _: Term) -> bool:
    return not self.conforms(value, parameter)


def _node(self: Evaluator, value: Term, parameter: Term, _: Term) -> bool:
    return self.conforms(value, parameter)


def _listed(fits: Callable[[int, int], bool]) -> Callable[[Evaluator, Term, Term, Term], bool]:
    def test(self: Evaluator, value: Term, parameter: Term, _: Term) -> bool:
        members = self.shapes.items(parameter)
        return fits(sum(self.conforms(value, member) for member in members), len(members))

    return test


VALUE_TESTS: Mapping[str, Callable[[Evaluator, Term, Term, Term], bool]] = {
    "class": _class, "datatype": _datatype, "nodeKind": _node_kind, "minInclusive": _comparison(">="),
    "minExclusive": _comparison(">"), "maxInclusive": _comparison("<="), "maxExclusive": _comparison("<"),
    "minLength": _min_length, "maxLength": _max_length, "pattern": _pattern, "languageIn": _language_in, "in": _in,
    "not": _not, "node": _node, "and": _listed(lambda right, number: right == number),
    "or": _listed(lambda right, _: right > 0), "xone": _listed(lambda right, _: right == 1),
}  # fmt: skip
"""Section 4, for the constraints on single value nodes: parameter → whether a value node keeps it."""
