"""The ontology, the concept schemes, the matrices and the JSON-LD context are complete and consistent."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, VANN, BNode, Literal, URIRef

from evgraph.namespaces import EVG, ID, PREFIXES, SCHEMES, VOCABULARIES, scheme

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
ONTOLOGY = ROOT / "ontology"
IRI = URIRef(EVG.removesuffix("#"))
TURTLE = sorted([*ONTOLOGY.rglob("*.ttl"), ROOT / "data" / "matrices.ttl"])
DATA = sorted((ROOT / "data").rglob("*.ttl"))
CC0 = URIRef("https://creativecommons.org/publicdomain/zero/1.0/")

CLASSES = """
    Matrix Cell CellSnapshot Support Entry Document Study Trial Review Guidance Analysis Identification Commentary
    Section Recommendation Reference Claim Passage
""".split()  # noqa: SIM905
SUPERCLASSES = {
    "Matrix": "schema:CreativeWork", "Cell": "schema:CreativeWork", "CellSnapshot": "prov:Entity",
    "Entry": "schema:ListItem", "Study": "evg:Document", "Trial": "evg:Study", "Review": "evg:Document",
    "Guidance": "evg:Document", "Analysis": "evg:Document", "Identification": "prov:Entity",
    "Commentary": "doco:Section", "Section": "doco:Section", "Recommendation": "schema:CreativeWork",
    "Reference": "prov:Entity", "Claim": "rdf:Statement", "Passage": "oa:SpecificResource",
}  # fmt: skip
SUPERPROPERTIES = {
    "correspondsTo": "dcterms:relation", "relatedTo": "dcterms:relation", "seeAlso": "rdfs:seeAlso",
    "implements": "dcterms:relation", "takesLeadFrom": "cito:citesAsAuthority", "fromSameStudy": "dcterms:relation",
}  # fmt: skip


def iri(short: str) -> URIRef:
    prefix, _, local = short.partition(":")
    return URIRef(PREFIXES[prefix] + local)


@cache
def graph(*paths: Path) -> rdflib.Graph:
    whole = rdflib.Graph()
    for path in paths:
        whole.parse(path)
    return whole


def ontology() -> rdflib.Graph:
    return graph(ONTOLOGY / "evgraph.ttl")


def schemes() -> rdflib.Graph:
    return graph(ONTOLOGY / "schemes.ttl")


def terms() -> set[URIRef]:
    return {term for term in ontology().subjects() if isinstance(term, URIRef) and term.startswith(EVG)}


def test_there_is_one_ontology_with_version_licence_and_prefix() -> None:
    assert list(graph(ONTOLOGY / "evgraph.ttl", ONTOLOGY / "alignments.ttl").subjects(RDF.type, OWL.Ontology)) == [IRI]
    version = ontology().value(IRI, OWL.versionInfo)
    assert ontology().value(IRI, OWL.versionIRI) == URIRef(f"{IRI}/{version}")
    assert ontology().value(IRI, DCTERMS.license) == CC0
    assert ontology().value(IRI, VANN.preferredNamespacePrefix) == Literal("evg")
    assert ontology().value(IRI, VANN.preferredNamespaceUri) == Literal(EVG)


def test_every_term_has_one_label_one_definition_and_names_the_ontology() -> None:
    for term in terms():
        for predicate in (RDFS.label, SKOS.definition):
            (text,) = ontology().objects(term, predicate)
            assert isinstance(text, Literal)
            assert (text.language, bool(str(text).strip())) == ("en", True)
        assert list(ontology().objects(term, RDFS.isDefinedBy)) == [IRI]
        kinds = set(ontology().objects(term, RDF.type))
        assert kinds & {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty}
        assert re.fullmatch(r"[A-Z]\w*" if OWL.Class in kinds else r"[a-z]\w*", term.removeprefix(EVG))


def test_the_classes_and_their_superclasses_are_those_of_the_model() -> None:
    assert {term for term in terms() if (term, RDF.type, OWL.Class) in ontology()} == {
        iri(f"evg:{name}") for name in CLASSES
    }
    for name, above in SUPERCLASSES.items():
        assert (iri(f"evg:{name}"), RDFS.subClassOf, iri(above)) in ontology()


def test_the_properties_have_superproperties() -> None:
    for name, above in SUPERPROPERTIES.items():
        assert (iri(f"evg:{name}"), RDFS.subPropertyOf, iri(above)) in ontology()
    symmetric = {"correspondsTo", "relatedTo", "fromSameStudy"}
    assert set(ontology().subjects(RDF.type, OWL.SymmetricProperty)) == {iri(f"evg:{name}") for name in symmetric}


def words_of(text: str) -> Iterator[str]:
    """Yield the local names of evgraph's terms in a text, as CURIEs or IRIs."""
    for match in re.finditer(rf"(?:\bevg:|{re.escape(EVG)})([A-Za-z]\w*)", text):
        yield match[1]


def test_every_term_used_is_defined() -> None:
    files = [*TURTLE, *DATA, ONTOLOGY / "context.jsonld", *sorted((ROOT / "queries").rglob("*.rq"))]
    files += [*sorted((ROOT / "tests" / "shapes").rglob("*.ttl"))]
    known = {term.removeprefix(EVG) for term in terms()}
    used = {
        (word, str(path.relative_to(ROOT))) for path in files for word in words_of(path.read_text(encoding="utf-8"))
    }
    assert {(word, path) for word, path in used if word not in known} == set()


def test_some_shape_covers_every_property() -> None:
    shapes = "".join(path.read_text(encoding="utf-8") for path in sorted((ONTOLOGY / "shapes").glob("*.ttl")))
    properties = {term.removeprefix(EVG) for term in terms() if (term, RDF.type, OWL.Class) not in ontology()}
    assert properties - set(words_of(shapes)) == {"linkedTo"}  # Only its sub-properties are in data.


@pytest.mark.parametrize("path", TURTLE, ids=lambda path: path.name)
def test_prefixes_have_their_canonical_iris(path: Path) -> None:
    others = {"foaf": "http://xmlns.com/foaf/0.1/", "shape": "https://w3id.org/evgraph/shapes#"}
    declared = dict(re.findall(r"^@prefix ([\w-]*): <([^>]*)> \.$", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert declared
    assert {name: other for name, other in declared.items() if (PREFIXES | others).get(name) != other} == {}
    body = re.sub(r'"""(?:.|\n)*?"""|"[^"\n]*"|^[@#].*$', "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert {name for name in declared if not re.search(rf"(?<![\w-]){name}:", body)} == set()


def test_vocabularies_have_the_iris_of_rdflib() -> None:
    for name in ("dcat", "dcterms", "owl", "prov", "rdf", "rdfs", "schema", "sh", "skos", "vann", "void", "xsd"):
        namespace = {"schema": "https://schema.org/"}.get(name) or str(getattr(rdflib, name.upper())._NS)
        assert VOCABULARIES[name] == namespace


@pytest.mark.parametrize("path", [*TURTLE, *DATA], ids=lambda path: path.name)
def test_published_data_has_no_blank_node(path: Path) -> None:
    blank = {node for triple in graph(path) for node in triple if isinstance(node, BNode)}
    if path.parent.name == "shapes":  # SHACL lists and paths need blank nodes; shapes do not.
        lists = {node for node in blank if (node, RDF.first, None) in graph(path)}
        kinds = (rdflib.SH.inversePath, rdflib.SH.alternativePath)
        paths = {node for node in blank for kind in kinds if (node, kind, None) in graph(path)}
        blank -= lists | paths
    assert blank == set()


@pytest.mark.parametrize("path", [path for path in TURTLE if path.parent.name != "shapes"], ids=lambda path: path.name)
def test_each_file_begins_with_its_header(path: Path) -> None:
    first = next(line for line in path.read_text(encoding="utf-8").splitlines() if line and line[0] not in "@#")
    assert re.fullmatch(r"<graph/[a-z]+>", first)
    header = URIRef(ID + first[1:-1])
    assert (header, RDF.type, iri("void:Dataset")) in graph(path)
    assert graph(path).value(header, DCTERMS.license) == CC0
    assert graph(path).value(header, DCTERMS.title)


def test_shapes_have_names_messages_and_severities() -> None:
    whole = graph(*sorted((ONTOLOGY / "shapes").glob("*.ttl")))
    sh = rdflib.SH
    shapes = {node for kind in (sh.NodeShape, sh.PropertyShape) for node in whole.subjects(RDF.type, kind)}
    used = set(whole.objects(None, sh.property)) | set(whole.objects(None, sh.node))
    assert used <= shapes
    targets = (sh.targetClass, sh.targetObjectsOf, sh.targetSubjectsOf, sh.targetNode)
    roots = {node for target in targets for node in whole.subjects(target)}
    for shape in shapes:
        assert str(shape).startswith("https://w3id.org/evgraph/shapes#")
        assert whole.value(shape, sh.name), shape
    for shape in {part for root in roots for part in whole.objects(root, sh.property)}:
        message = str(whole.value(shape, sh.message))
        assert message.endswith((".", "?")), shape
        assert whole.value(shape, sh.severity) in {sh.Violation, sh.Warning, sh.Info}, shape
    assert {str(cls) for cls in whole.objects(None, sh.targetClass)} == {EVG + name for name in CLASSES}


def test_years_carry_a_pattern_beside_the_datatype() -> None:
    whole = graph(*sorted((ONTOLOGY / "shapes").glob("*.ttl")))
    years = set(whole.subjects(rdflib.SH.datatype, rdflib.XSD.gYear))
    assert years
    assert {str(whole.value(shape, rdflib.SH.pattern)) for shape in years} == {"^[0-9]{4}$"}


def test_each_scheme_has_a_prefix() -> None:
    names = {str(node) for node in schemes().subjects(RDF.type, SKOS.ConceptScheme)}
    assert names == {f"{ID}scheme/{name}" for name in SCHEMES}
    for node in names:
        assert schemes().value(URIRef(node), SKOS.prefLabel)
        assert schemes().value(URIRef(node), SKOS.definition)


@pytest.mark.parametrize("name", SCHEMES)
def test_every_concept_has_notation_label_and_scheme_and_no_two_share_a_label(name: str) -> None:
    concepts = set(schemes().subjects(SKOS.inScheme, URIRef(f"{ID}scheme/{name}")))
    assert concepts
    labels: Counter[str] = Counter()
    for concept in concepts:
        assert (concept, RDF.type, SKOS.Concept) in schemes()
        (notation,) = schemes().objects(concept, SKOS.notation)
        assert str(concept) == scheme(name, str(notation))
        (label,) = schemes().objects(concept, SKOS.prefLabel)
        labels.update({str(text).casefold() for text in (label, *schemes().objects(concept, SKOS.altLabel))})
        (above,) = (*schemes().objects(concept, SKOS.broader), *schemes().objects(concept, SKOS.topConceptOf))
        assert above in concepts | {URIRef(f"{ID}scheme/{name}")}
    assert [text for text, count in labels.items() if count > 1] == []
    assert set(schemes().subjects(RDF.type, SKOS.Concept)) >= concepts


def test_every_concept_is_in_one_scheme() -> None:
    for concept in schemes().subjects(RDF.type, SKOS.Concept):
        assert len(list(schemes().objects(concept, SKOS.inScheme))) == 1


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("UK", "GB"), ("U.K.", "GB"), ("British", "GB"), ("Britain", "GB"), ("United Kingdom", "GB"),
        ("England", "GB-ENG"), ("English", "GB-ENG"), ("Scottish", "GB-SCT"), ("Wales", "GB-WLS"),
        ("Northern Ireland", "GB-NIR"), ("US", "US"), ("USA", "US"), ("American", "US"), ("United States", "US"),
        ("Dutch", "NL"), ("Netherlands", "NL"), ("Irish", "IE"),
    ],
)  # fmt: skip
def test_countries_have_the_labels_that_pages_print(label: str, code: str) -> None:
    text = Literal(label, lang="en")
    countries = {*schemes().subjects(SKOS.prefLabel, text), *schemes().subjects(SKOS.altLabel, text)}
    assert countries == {URIRef(scheme("country", code))}
    if code.startswith("GB-"):
        assert (URIRef(scheme("country", code)), SKOS.broader, URIRef(scheme("country", "GB"))) in schemes()


def test_the_matrices_have_fifty_cells() -> None:
    whole = graph(ROOT / "data" / "matrices.ttl")
    cells = set(whole.subjects(RDF.type, iri("evg:Cell")))
    assert len(cells) == 50
    for cell in cells:
        matrix, square = str(cell).removeprefix(f"{ID}cell/").split("-")
        title = f"{matrix.capitalize()} Treatment Matrix"
        level, kind = URIRef(scheme("level", square[0])), URIRef(scheme(f"{matrix}-type", square[1]))
        names = "; ".join(str(schemes().value(concept, SKOS.prefLabel)) for concept in (level, kind))
        assert whole.value(cell, SKOS.notation) == Literal(square)
        assert whole.value(cell, iri("evg:inMatrix")) == URIRef(f"{ID}matrix/{matrix}")
        assert whole.value(cell, iri("evg:level")) == level
        assert whole.value(cell, iri("evg:interventionType")) == kind
        assert whole.value(cell, RDFS.label) == Literal(f"{title} cell {square}: {names}", lang="en")
        assert whole.value(URIRef(f"{ID}matrix/{matrix}"), DCTERMS.title) == Literal(title, lang="en")


def test_alignments_are_about_terms_of_the_ontology() -> None:
    whole = graph(ONTOLOGY / "alignments.ttl")
    about = {str(node) for node in whole.subjects() if str(node).startswith(EVG)}
    assert about <= {str(term) for term in terms()}
    used = {str(node).removesuffix(local) for node in whole.objects() if (local := re.split("[/#]", str(node))[-1])}
    assert {PREFIXES[name] for name in ("bibo", "cito", "dcterms", "doco", "fabio", "prov", "schema")} <= used


def test_the_context_gives_json_the_triples_of_the_model() -> None:
    context = json.loads((ONTOLOGY / "context.jsonld").read_text(encoding="utf-8"))["@context"]
    assert {name: context[name]["@id"] for name in PREFIXES} == PREFIXES
    document = {
        "@context": context,
        "id": "entry:drug-E4/timko-2007",
        "type": "evg:Entry",
        "evg:inCell": "cell:drug-E4",
        "evg:marker": ["marker:K"],
        "evg:statedDate": "2007",
        "schema:position": 4,
        "evg:lists": {"id": "doc:timko-2007", "dcterms:issued": "2007", "evg:studyCountry": "country:US"},
    }
    turtle = f"""<{ID}entry/drug-E4/timko-2007> a evg:Entry ; evg:inCell cell:drug-E4 ; evg:marker marker:K ;
            evg:statedDate "2007" ; schema:position 4 ; evg:lists doc:timko-2007 .
        doc:timko-2007 dcterms:issued "2007"^^xsd:gYear ; evg:studyCountry country:US ."""
    declared = "".join(f"PREFIX {name}: <{namespace}>\n" for name, namespace in PREFIXES.items())
    assert set(ox.parse(json.dumps(document).encode(), format=ox.RdfFormat.JSON_LD)) == set(
        ox.parse((declared + turtle).encode(), format=ox.RdfFormat.TURTLE)
    )


def test_the_context_types_every_object_property() -> None:
    context = json.loads((ONTOLOGY / "context.jsonld").read_text(encoding="utf-8"))["@context"]
    for term in terms():
        short = f"evg:{term.removeprefix(EVG)}"
        if (term, RDF.type, OWL.ObjectProperty) in ontology():
            assert context[short] == {"@type": "@id"}, short
