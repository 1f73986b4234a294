"""Shapes and statements of a shapes graph that have no effect, such as shapes without a target or a constraint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.namespaces import OWL, SH, curie
from evgraph.shacl.findings import Notice
from evgraph.shacl.shapes_graph import LISTS_OF_SHAPES, SINGLE_SHAPES, TARGETS
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.shacl.shapes_graph import Node, ShapesGraph
    from evgraph.store.protocol import Term

# https://www.w3.org/TR/shacl/ : SHACL Core and SHACL-SPARQL. Terms of extensions are not supported, so not listed.
_TERMS_OF_SHACL = """
    Shape NodeShape PropertyShape ValidationReport ValidationResult Severity Info Warning Violation NodeKind
    BlankNode IRI Literal BlankNodeOrIRI BlankNodeOrLiteral IRIOrLiteral ConstraintComponent Parameter
    Parameterizable PropertyGroup PrefixDeclaration SPARQLConstraint SPARQLConstraintComponent SPARQLExecutable
    SPARQLAskExecutable SPARQLAskValidator SPARQLSelectExecutable SPARQLSelectValidator Validator
    ResultAnnotation targetClass targetNode targetObjectsOf targetSubjectsOf severity message deactivated path
    property node entailment shapesGraph shapesGraphWellFormed suggestedShapesGraph alternativePath inversePath
    oneOrMorePath zeroOrMorePath zeroOrOnePath class datatype nodeKind minCount maxCount minExclusive
    minInclusive maxExclusive maxInclusive minLength maxLength pattern flags languageIn uniqueLang equals
    disjoint lessThan lessThanOrEquals not and or xone qualifiedValueShape qualifiedValueShapesDisjoint
    qualifiedMinCount qualifiedMaxCount closed ignoredProperties hasValue in name description defaultValue group
    order parameter optional labelTemplate sparql select ask prefixes declare prefix namespace validator
    nodeValidator propertyValidator annotationProperty annotationValue annotationVarName conforms result detail
    focusNode resultPath resultMessage resultSeverity value sourceShape sourceConstraint
    sourceConstraintComponent
"""
TERMS = frozenset(_TERMS_OF_SHACL.split())
"""The local names of SHACL's own terms."""
_NO_CONSTRAINTS = {
    *TARGETS, "path", "name", "description", "message", "severity", "deactivated", "order", "group", "defaultValue",
    "flags", "ignoredProperties", "qualifiedValueShapesDisjoint",
}  # fmt: skip
# Terms of SHACL Advanced Features and SHACL 1.2 that demand nothing of the data.
_HARMLESS = {"rule", "values", "intent", "agentInstruction", "codeIdentifier", "unit"}


def why_ineffective(shapes: ShapesGraph, node: Node) -> str:
    """Return ``deactivated-shape`` or ``empty-shape`` for a shape without effect, an empty text for any other."""
    if _deactivated(shapes, node):
        return "deactivated-shape"
    return "" if _has_constraint(shapes, node) else "empty-shape"


def effective_roots(shapes: ShapesGraph) -> list[Node]:
    """Return the shapes with a target that have an effect."""
    return [root for root in shapes.roots if not why_ineffective(shapes, root)]


def notices(shapes: ShapesGraph) -> Iterator[Notice]:
    """Iterate over notices about the parts of a shapes graph that have no effect."""
    for root in shapes.roots:
        if why_ineffective(shapes, root) == "empty-shape":
            yield _notice(shapes, "empty-shape", root, "demands nothing of what it targets")
    for subject in shapes.subjects(f"{SH}deactivated"):
        if _deactivated(shapes, subject):
            yield _notice(shapes, "deactivated-shape", subject, "is switched off (sh:deactivated)")
    roots: set[Term] = {*shapes.roots}
    nodes = shapes.typed(f"{SH}NodeShape", f"{SH}PropertyShape").union(
        *(shapes.subjects(SH + name) for name in ("path", *SINGLE_SHAPES, *LISTS_OF_SHAPES))
    )
    for node in nodes - roots - shapes.all_objects:
        if isinstance(node, ox.NamedNode | ox.BlankNode) and not _deactivated(shapes, node):
            yield _notice(shapes, "shape-without-target", node, "has no target, and no other shape uses it")
    for subject in shapes.subjects(f"{OWL}imports"):
        for value in shapes.values(subject, f"{OWL}imports"):
            if value not in shapes:
                name = value_of(value)
                message = f"owl:imports is not followed, and <{name}> was not given"
                yield Notice("import-not-followed", name, message)
    yield from _unknown_constraints(shapes)
    yield from _other_booleans(shapes)


def _unknown_constraints(shapes: ShapesGraph) -> Iterator[Notice]:
    """Iterate over notices about what shapes demand in terms that SHACL Core and SHACL-SPARQL do not have."""
    kinds = shapes.typed(f"{SH}NodeShape", f"{SH}PropertyShape")
    marks = {SH + name for name in (*TARGETS, *SINGLE_SHAPES, *LISTS_OF_SHAPES, "path", "sparql")}
    for predicate in shapes.iris:
        name = predicate.removeprefix(SH)
        if name == predicate or name in TERMS or name in _HARMLESS:
            continue
        for node in shapes.subjects(predicate):
            if node in kinds or not marks.isdisjoint(shapes.predicates(node)):
                message = f"{shapes.rule(node)} was not checked by {curie(predicate)}, which evgraph does not know"
                yield Notice("not-checked", value_of(node), message)


def _other_booleans(shapes: ShapesGraph) -> Iterator[Notice]:
    """Iterate over notices about ``"1"^^xsd:boolean`` where SHACL has ``true``."""
    for name in ("closed", "deactivated", "uniqueLang", "qualifiedValueShapesDisjoint"):
        for node in shapes.subjects(SH + name):
            if any(isinstance(value, ox.Literal) and value.value == "1" for value in shapes.sh(node, name)):
                message = f'sh:{name} of {shapes.rule(node)} is "1"^^xsd:boolean, not true, so it has no effect'
                yield Notice("other-boolean", value_of(node), message)


def _notice(shapes: ShapesGraph, kind: str, node: Node, what: str) -> Notice:
    return Notice(kind, value_of(node), f"the shape {shapes.rule(node)} {what}, so it checks nothing")


def _deactivated(shapes: ShapesGraph, node: Term) -> bool:
    return any(isinstance(value, ox.Literal) and value.value == "true" for value in shapes.sh(node, "deactivated"))


def _has_constraint(shapes: ShapesGraph, shape: Node) -> bool:
    """Whether a shape, or a property shape within it, has a constraint."""
    seen: set[Term] = set()
    ahead: list[Term] = [shape]
    while ahead:
        node = ahead.pop()
        if node in seen:
            continue
        seen.add(node)
        if not shapes.parameters.isdisjoint(shapes.predicates(node)):
            return True
        for predicate in shapes.predicates(node):
            name = predicate.removeprefix(SH)
            if name == predicate or name not in TERMS or name in _NO_CONSTRAINTS:
                continue
            if name != "property":
                return True
            ahead += [inner for inner in shapes.sh(node, "property") if not _deactivated(shapes, inner)]
    return False
