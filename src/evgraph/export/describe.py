"""The description of a dataset: title, licence, version, formats, and counts.

It uses DCAT 3 (https://www.w3.org/TR/vocab-dcat-3/), and VoID (https://www.w3.org/TR/void/) for the counts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from evgraph.formats import FORMATS
from evgraph.namespaces import CC0, DCAT, DCTERMS, EVG, FOAF, ID, RDF, RDFS, SPDX, VOID, XSD, curie

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence, Set

    from pyoxigraph import Quad

    from evgraph.formats import Format

_Node: TypeAlias = NamedNode | BlankNode | Triple

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
_GZIP = f"{_MEDIA_TYPE}application/gzip"
_FORMATS = "http://www.w3.org/ns/formats/"
_NON_NEGATIVE = NamedNode(f"{XSD}nonNegativeInteger")
# https://www.w3.org/ns/formats/
_SYNTAX = {
    "turtle": "Turtle",
    "ntriples": "N-Triples",
    "nquads": "N-Quads",
    "trig": "TriG",
    "rdfxml": "RDF_XML",
    "jsonld": "JSON-LD",
}


class About(NamedTuple):
    """The parts of a description that are not counts, for any graph of the matrices by default."""

    iri: str = DATASET
    title: str = _TITLE  # In English, as the description.
    description: str = _ABOUT
    version: str | None = None
    issued: str | None = None  # The date of the first publication (``2026-01-31``).
    modified: str | None = None  # The date of this version.
    previous: str | None = None  # The IRI of the version before.
    publisher: str = "The evgraph maintainers"
    licence: str = CC0  # Its IRI.


class File(NamedTuple):
    """A file of a dump, with what a harvester wants to know of it."""

    address: str  # Where it can be fetched.
    kind: Format
    size: int  # In bytes.
    sha256: str
    is_compressed: bool = False  # With gzip.


def describe(quads: Iterable[Quad], about: About | None = None, files: Sequence[File] = ()) -> list[Triple]:
    """Describe a dataset as ``dcat:Dataset`` and ``void:Dataset``.

    The counts are of the union of the graphs, each triple once, without an earlier description. Every node is an IRI,
    and the same data gives the same triples; those about the graph `DESCRIPTION` come first. Without files, there is
    one distribution per format.
    """
    about = about or About()
    distributions = _of_files(about, files) if files else _distributions(about)
    typed = list(_typed(about))
    statistics = _statistics({quad.triple for quad in quads}.difference(typed), about.iri)
    return [*_head(), *_facts(about), *_publisher(about), *typed, *statistics, *distributions]


def describe_part(name: str, title: str, about: About, files: Sequence[File]) -> Iterator[Triple]:
    """Describe a part of a dataset, such as a cell, that has files of its own: ``dcat:Dataset`` below the whole."""
    part = about._replace(iri=f"{about.iri}/{name}", title=title, previous=None)
    yield _triple(about.iri, f"{DCTERMS}hasPart", NamedNode(part.iri))
    yield _triple(part.iri, f"{DCTERMS}isPartOf", NamedNode(about.iri))
    yield from _facts(part, publisher=_publisher_of(about))
    yield from _of_files(part, files)


def catalogue(about: About, parts: Iterable[str]) -> Iterator[Triple]:
    """Describe a ``dcat:Catalog`` of a dataset and of parts of it, by their names, as harvesters expect one."""
    catalog = f"{about.iri}/catalog"
    yield _triple(catalog, f"{RDF}type", NamedNode(f"{DCAT}Catalog"))
    yield _triple(catalog, f"{DCTERMS}title", _english(about.title))
    yield _triple(catalog, f"{DCTERMS}description", _english("The dataset and its parts, with their files"))
    yield _triple(catalog, f"{DCTERMS}publisher", NamedNode(_publisher_of(about)))
    yield _triple(catalog, f"{DCTERMS}license", NamedNode(about.licence))
    for name in ("", *parts):
        yield _triple(catalog, f"{DCAT}dataset", NamedNode(f"{about.iri}/{name}" if name else about.iri))


def _typed(about: About) -> Iterator[Triple]:
    """State the types of what others describe: DCAT-AP has them checked, and a description has to stand alone."""
    types = {about.licence: "LicenseDocument", EVG.removesuffix("#"): "Standard", _GZIP: "MediaType"}
    for kind in FORMATS.values():
        types[_MEDIA_TYPE + kind.media_type] = "MediaType"
        types[_FORMATS + _SYNTAX[kind.name]] = "MediaTypeOrExtent"
    for iri, name in types.items():
        yield _triple(iri, f"{RDF}type", NamedNode(f"{DCTERMS}{name}"))


def provenance(about: About) -> Iterator[Triple]:
    """Say of which dataset something is a part: its title, licence and version."""
    yield _triple(about.iri, f"{RDF}type", NamedNode(f"{DCAT}Dataset"))
    yield _triple(about.iri, f"{DCTERMS}title", _english(about.title))
    yield _triple(about.iri, f"{DCTERMS}license", NamedNode(about.licence))
    if about.version:
        yield _triple(about.iri, f"{DCAT}version", Literal(about.version))


def _head() -> Iterator[Triple]:
    yield _triple(DESCRIPTION, f"{RDF}type", NamedNode(f"{VOID}Dataset"))
    yield _triple(DESCRIPTION, f"{DCTERMS}title", _english("What the dataset is, and how much it holds"))
    yield _triple(DESCRIPTION, f"{DCTERMS}license", NamedNode(CC0))


def _publisher_of(about: About) -> str:
    return f"{about.iri}/publisher"


def _publisher(about: About) -> Iterator[Triple]:
    publisher = _publisher_of(about)
    yield _triple(publisher, f"{RDF}type", NamedNode(f"{FOAF}Agent"))
    yield _triple(publisher, f"{FOAF}name", Literal(about.publisher))
    yield _triple(publisher, f"{RDFS}label", Literal(about.publisher))


def _facts(about: About, publisher: str = "") -> Iterator[Triple]:
    for kind in (f"{DCAT}Dataset", f"{VOID}Dataset"):
        yield _triple(about.iri, f"{RDF}type", NamedNode(kind))
    yield _triple(about.iri, f"{DCTERMS}title", _english(about.title))
    yield _triple(about.iri, f"{DCTERMS}description", _english(about.description))
    yield _triple(about.iri, f"{DCTERMS}license", NamedNode(about.licence))
    yield _triple(about.iri, f"{DCTERMS}publisher", NamedNode(publisher or _publisher_of(about)))
    yield _triple(about.iri, f"{DCTERMS}rights", _english(_RIGHTS))
    yield _triple(about.iri, f"{DCTERMS}conformsTo", NamedNode(EVG.removesuffix("#")))
    for keyword in _KEYWORDS:
        yield _triple(about.iri, f"{DCAT}keyword", _english(keyword))
    if about.version:
        yield _triple(about.iri, f"{DCAT}version", Literal(about.version))
    for name, date in (("issued", about.issued), ("modified", about.modified)):
        if date:
            yield _triple(about.iri, f"{DCTERMS}{name}", Literal(date, datatype=NamedNode(f"{XSD}date")))
    if about.previous:
        yield _triple(about.iri, f"{DCAT}previousVersion", NamedNode(about.previous))


def _statistics(statements: Iterable[Triple], dataset: str) -> Iterator[Triple]:
    by_class, by_property = defaultdict[str, set[_Node]](set), defaultdict[str, set[Triple]](set)
    triples = {triple for triple in statements if not _is_of_a_description(triple.subject)}
    for triple in triples:
        by_property[triple.predicate.value].add(triple)
        if triple.predicate.value == f"{RDF}type" and isinstance(triple.object, NamedNode):
            by_class[triple.object.value].add(triple.subject)
    iris = {triple.subject.value for triple in triples if isinstance(triple.subject, NamedNode)}
    yield _triple(dataset, f"{VOID}uriSpace", Literal(ID))
    yield from _counts(dataset, triples)
    yield _count(dataset, "entities", sum(iri.startswith(ID) for iri in iris))
    yield _count(dataset, "classes", len(by_class))
    yield _count(dataset, "properties", len(by_property))
    for part in by_class.get(f"{VOID}Dataset", ()):
        if isinstance(part, NamedNode) and part.value.startswith(f"{ID}graph/"):
            yield _triple(dataset, f"{VOID}subset", part)
    for cls, things in sorted(by_class.items()):
        partition = yield from _partition(dataset, "class", cls)
        yield _count(partition, "entities", len(things))
    for name, of_property in sorted(by_property.items()):
        partition = yield from _partition(dataset, "property", name)
        yield from _counts(partition, of_property)


def _is_of_a_description(node: _Node) -> bool:
    return isinstance(node, NamedNode) and (node.value == DESCRIPTION or node.value.startswith(DATASET))


def _partition(dataset: str, kind: str, term: str) -> Generator[Triple, None, str]:
    """Yield what names the partition of a class or a property, and return its IRI."""
    partition = f"{dataset}/{kind}/{quote(curie(term), safe=':')}"
    yield _triple(dataset, f"{VOID}{kind}Partition", NamedNode(partition))
    yield _triple(partition, f"{RDFS}label", _english(curie(term)))
    yield _triple(partition, f"{VOID}{kind}", NamedNode(term))
    yield _triple(dataset, f"{VOID}vocabulary", NamedNode(_vocabulary(term)))
    return partition


def _distributions(about: About) -> Iterator[Triple]:
    for kind in FORMATS.values():
        distribution = f"{about.iri}/distribution/{kind.name}"
        how = f"evgraph export writes it as {kind.name}"
        yield from _distribution(about, distribution, kind, how)
        yield _triple(distribution, f"{DCAT}accessURL", NamedNode(about.iri))


def _of_files(about: About, files: Sequence[File]) -> Iterator[Triple]:
    for file in files:
        distribution = f"{about.iri}/distribution/{file.kind.name}{'-gzip' if file.is_compressed else ''}"
        address, checksum = NamedNode(file.address), f"{distribution}/checksum"
        how = "The file, compressed with gzip" if file.is_compressed else "The file"
        yield from _distribution(about, distribution, file.kind, how)
        yield _triple(about.iri, f"{VOID}dataDump", address)
        yield _triple(distribution, f"{DCAT}accessURL", address)
        yield _triple(distribution, f"{DCAT}downloadURL", address)
        yield _triple(distribution, f"{DCAT}byteSize", Literal(str(file.size), datatype=_NON_NEGATIVE))
        yield _triple(distribution, f"{SPDX}checksum", NamedNode(checksum))
        yield _triple(checksum, f"{RDF}type", NamedNode(f"{SPDX}Checksum"))
        yield _triple(checksum, f"{SPDX}algorithm", NamedNode(f"{SPDX}checksumAlgorithm_sha256"))
        yield _triple(checksum, f"{SPDX}checksumValue", Literal(file.sha256, datatype=NamedNode(f"{XSD}hexBinary")))
        if file.is_compressed:
            yield _triple(distribution, f"{DCAT}compressFormat", NamedNode(_GZIP))


def _distribution(about: About, distribution: str, kind: Format, how: str) -> Iterator[Triple]:
    name = _SYNTAX[kind.name]
    title = f"{about.title}, as {name.replace('_', '/')}"
    syntax = NamedNode(_FORMATS + name)
    yield _triple(about.iri, f"{DCAT}distribution", NamedNode(distribution))
    yield _triple(about.iri, f"{VOID}feature", syntax)
    yield _triple(distribution, f"{RDF}type", NamedNode(f"{DCAT}Distribution"))
    yield _triple(distribution, f"{DCTERMS}title", _english(title))
    yield _triple(distribution, f"{DCTERMS}description", _english(how))
    yield _triple(distribution, f"{DCTERMS}format", syntax)
    yield _triple(distribution, f"{DCTERMS}license", NamedNode(about.licence))
    yield _triple(distribution, f"{DCAT}mediaType", NamedNode(_MEDIA_TYPE + kind.media_type))


def _counts(subject: str, triples: Set[Triple]) -> Iterator[Triple]:
    yield _count(subject, "triples", len(triples))
    yield _count(subject, "distinctSubjects", len({triple.subject for triple in triples}))
    yield _count(subject, "distinctObjects", len({triple.object for triple in triples}))


def _count(subject: str, name: str, count: int) -> Triple:
    return _triple(subject, f"{VOID}{name}", Literal(count))


def _vocabulary(term: str) -> str:
    """Return the IRI of the vocabulary of a term: its namespace, or for evgraph's terms the ontology."""
    namespace = re.sub(r"[^/#]*$", "", term) or re.sub(r"[^:]*$", "", term)  # The latter for a URN.
    return EVG.removesuffix("#") if namespace == EVG else namespace


def _triple(subject: str, predicate: str, target: NamedNode | Literal) -> Triple:
    return Triple(NamedNode(subject), NamedNode(predicate), target)


def _english(text: str) -> Literal:
    return Literal(text, language="en")
