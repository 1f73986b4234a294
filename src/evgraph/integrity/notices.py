"""What a validation passes over in silence: targets without a node, terms that nobody defines."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.integrity.findings import Notice
from evgraph.namespaces import SH as SHACL
from evgraph.namespaces import curie

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evgraph.integrity.shapes_graph import Node, ShapesGraph

# https://www.w3.org/TR/shacl/ : SHACL Core and SHACL-SPARQL. What extensions add is not carried out, so not listed.
_TERMS_OF_SHACL = """
    Shape NodeShape PropertyShape ValidationReport ValidationResult Severity Info Warning Violation NodeKind
    BlankNode IRI Literal BlankNodeOrIRI BlankNodeOrLiteral IRIOrLiteral ConstraintComponent Parameter
    Parameterizable PropertyGroup PrefixDeclaration SPARQLConstraint SPARQLConstraintComponent
    SPARQLExecutable SPARQLAskExecutable SPARQLAskValidator SPARQLSelectExecutable SPARQLSelectValidator
    Validator ResultAnnotation targetClass targetNode targetObjectsOf targetSubjectsOf severity message
    deactivated path property node entailment shapesGraph shapesGraphWellFormed suggestedShapesGraph
    alternativePath inversePath oneOrMorePath zeroOrMorePath zeroOrOnePath class datatype nodeKind minCount
    maxCount minExclusive minInclusive maxExclusive maxInclusive minLength maxLength pattern flags languageIn
    uniqueLang equals disjoint lessThan lessThanOrEquals not and or xone qualifiedValueShape
    qualifiedValueShapesDisjoint qualifiedMinCount qualifiedMaxCount closed ignoredProperties hasValue in name
    description defaultValue group order parameter optional labelTemplate sparql select ask prefixes declare
    prefix namespace validator nodeValidator propertyValidator annotationProperty annotationValue
    annotationVarName conforms result detail focusNode resultPath resultMessage resultSeverity value
    sourceShape sourceConstraint sourceConstraintComponent
"""


def notices(
    used: Iterable[str],
    shapes: ShapesGraph,
    classes: Mapping[str, int],
    defined: Iterable[str],
    left: Mapping[Node, str],
) -> list[Notice]:
    """Collect the notices, sorted.

    Args:
        used: the terms of our ontology's namespace in the user's own data.
        shapes: the shapes it is judged by.
        classes: how many nodes of each target class were judged.
        defined: the terms that the ontology defines.
        left: the shapes that pySHACL judged → why.

    """
    found = {
        Notice("unused-target", cls, f"the data holds no {curie(cls)}: nothing of the kind was checked")
        for cls, count in classes.items()
        if not count
    }
    terms = set(defined)
    for term in set(used) - terms:
        found.add(Notice("undefined-term", term, _not_defined(term, terms, "not a term of the ontology")))
    shacl = {SHACL + name for name in _TERMS_OF_SHACL.split()}
    for term in {one for one in shapes.iris if one.startswith(SHACL)} - shacl:
        message = _not_defined(term, shacl, "not a term of SHACL Core or SHACL-SPARQL, so it has no effect")
        found.add(Notice("unknown-shacl-term", term, message))
    for shape, reason in left.items():
        name = shape.value if isinstance(shape, ox.NamedNode) else str(shape)
        found.add(Notice("judged-by-pyshacl", name, f"pySHACL judged {shapes.rule(shape)}: {reason}"))
    return sorted(found)


def _not_defined(term: str, known: Iterable[str], what: str) -> str:
    near = difflib.get_close_matches(term, known, n=1, cutoff=0.9)
    return f"{curie(term)} is {what}" + (f"; did you mean {curie(near[0])}?" if near else "")
