"""What a validation passes over in silence: targets without a node, terms that nobody defines."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from evgraph.integrity.findings import Notice
from evgraph.namespaces import EVG, curie
from evgraph.namespaces import SH as SHACL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import rdflib
    from rdflib.term import Node

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


class Targets:
    """The nodes that shapes are to judge.

    https://www.w3.org/TR/shacl/#targets

    Attributes:
        classes: the class of each class target → its instances.
        nodes: every focus node.

    """

    def __init__(self, data: rdflib.Graph, shapes: rdflib.Graph) -> None:
        from rdflib import OWL, RDF, RDFS, SH

        self.classes: dict[Node, set[Node]] = {}
        self.nodes: set[Node] = set()
        kinds = {SH.NodeShape, SH.PropertyShape}
        implicit = {
            shape
            for owner in (RDFS.Class, OWL.Class)
            for shape in shapes.subjects(RDF.type, owner)
            if not kinds.isdisjoint(shapes.objects(shape, RDF.type))
        }
        for cls in implicit.union(shapes.objects(None, SH.targetClass)):
            self.classes[cls] = {
                node
                for subclass in data.transitive_subjects(RDFS.subClassOf, cls)
                for node in data.subjects(RDF.type, subclass)
            }
            self.nodes |= self.classes[cls]
        self.nodes.update(shapes.objects(None, SH.targetNode))
        for predicate in shapes.objects(None, SH.targetSubjectsOf):
            self.nodes.update(data.subjects(predicate, None))
        for predicate in shapes.objects(None, SH.targetObjectsOf):
            self.nodes.update(data.objects(None, predicate))


def notices(data: rdflib.Graph, shapes: rdflib.Graph, targets: Targets, defined: Iterable[Node]) -> list[Notice]:
    """Collect the notices, sorted.

    Args:
        data: the user's own data.
        shapes: the shapes it is judged by.
        targets: what these shapes were to judge.
        defined: the terms that the ontology defines.

    """
    found = {
        Notice("unused-target", str(cls), f"the data holds no {curie(str(cls))}: nothing of the kind was checked")
        for cls, members in targets.classes.items()
        if not members
    }
    terms = {str(term) for term in defined if str(term).startswith(EVG)}
    for term in _used(data, EVG) - terms:
        found.add(Notice("undefined-term", term, _not_defined(term, terms, "not a term of the ontology")))
    shacl = {SHACL + name for name in _TERMS_OF_SHACL.split()}
    for term in _used(shapes, SHACL) - shacl:
        message = _not_defined(term, shacl, "not a term of SHACL Core or SHACL-SPARQL, so it has no effect")
        found.add(Notice("unknown-shacl-term", term, message))
    return sorted(found)


def _used(graph: rdflib.Graph, namespace: str) -> set[str]:
    return {term for term in _iris(graph) if term.startswith(namespace)}


def _iris(graph: rdflib.Graph) -> Iterator[str]:
    from rdflib import URIRef

    for triple in graph:
        for node in triple:
            if isinstance(node, URIRef):
                yield str(node)


def _not_defined(term: str, known: Iterable[str], what: str) -> str:
    near = difflib.get_close_matches(term, known, n=1, cutoff=0.9)
    return f"{curie(term)} is {what}" + (f"; did you mean {curie(near[0])}?" if near else "")
