"""The description of a dataset: title, licence, version, formats, and counts.

It uses DCAT 3 (https://www.w3.org/TR/vocab-dcat-3/), and VoID (https://www.w3.org/TR/void/) for the counts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, cast
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from evgraph.formats import FORMATS
from evgraph.namespaces import CC0, DCAT, DCTERMS, EVG, ID, RDF, RDFS, VOID, XSD, curie

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.store.protocol import Rows, Store

DATASET = f"{ID}dataset"
"""The IRI of the dataset in any version; partitions and distributions have IRIs below it."""

DESCRIPTION = f"{ID}graph/description"
"""The named graph of a description."""

_TITLE = "evgraph: the Alcohol and Drug Treatment Matrices as linked data"
_ABOUT = (
    "Cells of the matrices with their entries, the documents that these list, how documents, recommendations and "
    "commentary rest on each other, and for each statement who makes it and in which passage of a page."
)
_RIGHTS = "The text of the pages is its owner's; the licence does not reach it."
_KEYWORDS = ("alcohol treatment", "drug treatment", "evidence", "clinical guidance", "citations")
_MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"
# https://www.w3.org/ns/formats/
_SYNTAX = {
    "turtle": "Turtle",
    "ntriples": "N-Triples",
    "nquads": "N-Quads",
    "trig": "TriG",
    "rdfxml": "RDF_XML",
    "jsonld": "JSON-LD",
}

# Each triple once, without those of an earlier description.
_TRIPLES = f"""
    {{ SELECT DISTINCT ?s ?p ?o WHERE {{
        ?s ?p ?o
        FILTER (!STRSTARTS(STR(?s), "{DATASET}") && ?s != <{DESCRIPTION}>)
    }} }}
"""
_TOTALS = f"""
    SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?distinctSubjects) (COUNT(DISTINCT ?o) AS ?distinctObjects)
    WHERE {{ {_TRIPLES} }}
"""
_ENTITIES = f'SELECT (COUNT(DISTINCT ?s) AS ?entities) WHERE {{ {_TRIPLES} FILTER STRSTARTS(STR(?s), "{ID}") }}'
_CLASSES = f"""
    SELECT ?o (COUNT(DISTINCT ?s) AS ?entities)
    WHERE {{ {_TRIPLES} FILTER (?p = rdf:type && isIRI(?o)) }} GROUP BY ?o
"""
_PROPERTIES = f"""
    SELECT ?p (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?distinctSubjects) (COUNT(DISTINCT ?o) AS ?distinctObjects)
    WHERE {{ {_TRIPLES} }} GROUP BY ?p
"""
_PARTS = f"""
    SELECT DISTINCT ?s WHERE {{
        ?s a void:Dataset FILTER (STRSTARTS(STR(?s), "{ID}graph/") && ?s != <{DESCRIPTION}>)
    }}
"""


class About(NamedTuple):
    """The parts of a description that are not counts, for any graph of the matrices by default."""

    iri: str = DATASET
    title: str = _TITLE  # In English, as the description.
    description: str = _ABOUT
    version: str | None = None
    issued: str | None = None  # The date of publication (``2026-01-31``).
    licence: str = CC0  # Its IRI.


def describe(store: Store, about: About | None = None) -> list[Triple]:
    """Describe a dataset as ``dcat:Dataset`` and ``void:Dataset``.

    The counts are of the union of its graphs, each triple once, without an earlier description. Every node is an IRI,
    and the same data gives the same triples; those about the graph `DESCRIPTION` come first.
    """
    about = about or About()
    return [*_head(), *_facts(about), *_statistics(store, about.iri), *_distributions(about)]


def _head() -> Iterator[Triple]:
    yield _triple(DESCRIPTION, f"{RDF}type", NamedNode(f"{VOID}Dataset"))
    yield _triple(DESCRIPTION, f"{DCTERMS}title", _english("What the dataset is, and how much it holds"))
    yield _triple(DESCRIPTION, f"{DCTERMS}license", NamedNode(CC0))


def _facts(about: About) -> Iterator[Triple]:
    for kind in (f"{DCAT}Dataset", f"{VOID}Dataset"):
        yield _triple(about.iri, f"{RDF}type", NamedNode(kind))
    yield _triple(about.iri, f"{DCTERMS}title", _english(about.title))
    yield _triple(about.iri, f"{DCTERMS}description", _english(about.description))
    yield _triple(about.iri, f"{DCTERMS}license", NamedNode(about.licence))
    yield _triple(about.iri, f"{DCTERMS}rights", _english(_RIGHTS))
    yield _triple(about.iri, f"{DCTERMS}conformsTo", NamedNode(EVG.removesuffix("#")))
    for keyword in _KEYWORDS:
        yield _triple(about.iri, f"{DCAT}keyword", _english(keyword))
    if about.version:
        yield _triple(about.iri, f"{DCAT}version", Literal(about.version))
    if about.issued:
        yield _triple(about.iri, f"{DCTERMS}issued", Literal(about.issued, datatype=NamedNode(f"{XSD}date")))


def _statistics(store: Store, dataset: str) -> Iterator[Triple]:
    yield _triple(dataset, f"{VOID}uriSpace", Literal(ID))
    yield from _counts(dataset, *_rows(store, _TOTALS))
    yield from _counts(dataset, *_rows(store, _ENTITIES))
    classes, properties = _rows(store, _CLASSES), _rows(store, _PROPERTIES)
    yield from _counts(dataset, {"classes": len(classes), "properties": len(properties)})
    for part in _rows(store, _PARTS):
        yield _triple(dataset, f"{VOID}subset", NamedNode(str(part["s"])))
    for kind, column, rows in (("class", "o", classes), ("property", "p", properties)):
        for row in rows:
            term = str(row.pop(column))
            partition = f"{dataset}/{kind}/{quote(curie(term), safe=':')}"
            yield _triple(dataset, f"{VOID}{kind}Partition", NamedNode(partition))
            yield _triple(partition, f"{RDFS}label", _english(curie(term)))
            yield _triple(partition, f"{VOID}{kind}", NamedNode(term))
            yield from _counts(partition, row)
            yield _triple(dataset, f"{VOID}vocabulary", NamedNode(_vocabulary(term)))


def _distributions(about: About) -> Iterator[Triple]:
    for kind in FORMATS.values():
        distribution = f"{about.iri}/distribution/{kind.name}"
        name = _SYNTAX[kind.name]
        title = f"The dataset as {name.replace('_', '/')}"
        how = f"evgraph export writes it as {kind.name}"
        syntax = NamedNode(f"http://www.w3.org/ns/formats/{name}")
        yield _triple(about.iri, f"{DCAT}distribution", NamedNode(distribution))
        yield _triple(about.iri, f"{VOID}feature", syntax)
        yield _triple(distribution, f"{RDF}type", NamedNode(f"{DCAT}Distribution"))
        yield _triple(distribution, f"{DCTERMS}title", _english(title))
        yield _triple(distribution, f"{DCTERMS}description", _english(how))
        yield _triple(distribution, f"{DCTERMS}format", syntax)
        yield _triple(distribution, f"{DCTERMS}license", NamedNode(about.licence))
        yield _triple(distribution, f"{DCAT}mediaType", NamedNode(_MEDIA_TYPE + kind.media_type))


def _rows(store: Store, sparql: str) -> list[dict[str, str | int]]:
    """Return the rows of a SELECT, counts as numbers and IRIs as text."""
    answer = cast("Rows", store.query(sparql))
    return [
        {
            column: int(term.value) if isinstance(term, Literal) else str(getattr(term, "value", term))
            for column, term in zip(answer.columns, row, strict=True)
        }
        for row in answer.rows
    ]


def _counts(subject: str, row: dict[str, str | int]) -> Iterator[Triple]:
    for name, count in row.items():
        yield _triple(subject, f"{VOID}{name}", Literal(str(count), datatype=NamedNode(f"{XSD}integer")))


def _vocabulary(term: str) -> str:
    """Return the IRI of the vocabulary of a term: its namespace, or for evgraph's terms the ontology."""
    namespace = re.sub(r"[^/#]*$", "", term) or re.sub(r"[^:]*$", "", term)  # The latter for a URN.
    return EVG.removesuffix("#") if namespace == EVG else namespace


def _triple(subject: str, predicate: str, target: NamedNode | Literal) -> Triple:
    return Triple(NamedNode(subject), NamedNode(predicate), target)


def _english(text: str) -> Literal:
    return Literal(text, language="en")
