"""The namespaces and prefixes of evgraph, and conversion between IRIs and CURIEs.

This module has only strings, so that a command which needs a prefix does not load an RDF library.
"""

from __future__ import annotations

import re
from functools import lru_cache

EVG = "https://w3id.org/evgraph/ns#"
ID = "https://w3id.org/evgraph/id/"

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
SCHEMA = "https://schema.org/"
PROV = "http://www.w3.org/ns/prov#"
OA = "http://www.w3.org/ns/oa#"
CITO = "http://purl.org/spar/cito/"
FABIO = "http://purl.org/spar/fabio/"
DOCO = "http://purl.org/spar/doco/"
BIBO = "http://purl.org/ontology/bibo/"
VOID = "http://rdfs.org/ns/void#"
DCAT = "http://www.w3.org/ns/dcat#"
VANN = "http://purl.org/vocab/vann/"
SH = "http://www.w3.org/ns/shacl#"
FOAF = "http://xmlns.com/foaf/0.1/"
SPDX = "http://spdx.org/rdf/terms#"

LABEL_PROPERTIES = (f"{RDFS}label", f"{SKOS}prefLabel", f"{DCTERMS}title", f"{SCHEMA}headline")
"""The properties that name a thing, the best first."""

CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
"""The licence of the data that evgraph writes."""

VOCABULARIES = {
    "evg": EVG,
    "bibo": BIBO,
    "cito": CITO,
    "dcat": DCAT,
    "dcterms": DCTERMS,
    "doco": DOCO,
    "fabio": FABIO,
    "foaf": FOAF,
    "oa": OA,
    "owl": OWL,
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": SCHEMA,
    "sh": SH,
    "skos": SKOS,
    "spdx": SPDX,
    "vann": VANN,
    "void": VOID,
    "xsd": XSD,
}
"""Prefix → namespace of the vocabularies."""

SCHEMES = (
    "marker",
    "level",
    "alcohol-type",
    "drug-type",
    "country",
    "study-design",
    "setting",
    "section-role",
    "support-role",
    "reference-kind",
    "direction",
    "resolution",
    "topic",
    "identifier-scheme",
    "identification-status",
    "evidence-status",
    "stance",
)
"""The concept schemes of ``ontology/schemes.ttl``; their concepts are ``scheme/NAME/NOTATION``."""

RESOURCES = (
    "agent", "cell", "claim", "commentary", "doc", "entry", "graph", "identification", "matrix", "org", "passage",
    "recommendation", "ref", "section", "snapshot", "support",
)  # fmt: skip
"""The kinds of resource under ``ID``, each with its own path segment and prefix."""

PREFIXES = (
    VOCABULARIES | {name: f"{ID}{name}/" for name in RESOURCES} | {name: f"{ID}scheme/{name}/" for name in SCHEMES}
)
"""Prefix → namespace; evgraph writes these, and a query may use them without declaring them."""

_BY_NAMESPACE = {namespace: prefix for prefix, namespace in PREFIXES.items()}  # Each ends in / or #.

MATRICES = ("alcohol", "drug")
_CELL = re.compile(
    r"(?:cell\s++)?(?:(alcohol|drug)(?:\s++(?:treatment\s++)?matrix)?(?:\s++cell)?(?:\s*+[:\-]\s*+|\s++))?"
    r"(?:cell\s++)?([a-e]) ?([1-5])",
    re.IGNORECASE,
)

# A local name that needs no escapes in Turtle and SPARQL.
PLAIN_LOCAL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_\-]*")
# Characters that RFC 3987 and the RDF syntaxes forbid between angle brackets.
NOT_IN_IRI = re.compile(r"[\x00-\x20<>\"{}|^`\\]")


def cell_name(text: str) -> tuple[str, str] | None:
    """Parse the name of a cell: ``drug:E4``, ``drug-e4``, ``E 4``, ``cell drug E4``, ``drug matrix cell E4``.

    Returns:
        The matrix (empty if there is none) and the square, ``E4``; None for any other text.

    """
    match = _CELL.fullmatch(text.strip())
    return ((match[1] or "").lower(), f"{match[2].upper()}{match[3]}") if match else None


def scheme(name: str, notation: str) -> str:
    """Return the IRI of a concept: ``scheme("marker", "S")``."""
    return f"{ID}scheme/{name}/{notation}"


@lru_cache(maxsize=10_000)
def curie(iri: str) -> str:
    """Return an IRI as ``prefix:rest`` with the longest namespace, or unchanged if no namespace matches.

    The rest may contain slashes (``entry:drug-E4/timko-2007``); `expand` reverses this.
    """
    end = len(iri) - 1
    while (end := max(iri.rfind("/", 0, end), iri.rfind("#", 0, end))) > 0:
        if prefix := _BY_NAMESPACE.get(iri[: end + 1]):
            return f"{prefix}:{iri[end + 1 :]}"
    return iri


def expand(text: str) -> str | None:
    """Return the IRI for a CURIE with one of evgraph's prefixes, or for an absolute IRI, also in angle brackets.

    Returns:
        The IRI; None if ``text`` is neither.

    """
    text = text.strip().removeprefix("<").removesuffix(">")
    if ":" not in text or NOT_IN_IRI.search(text):
        return None
    prefix, _, rest = text.partition(":")
    if prefix in PREFIXES and not rest.startswith("//"):
        return PREFIXES[prefix] + rest if rest else None
    return text if re.match(r"(?:https?|urn|doi|mailto):\S", text) else None
