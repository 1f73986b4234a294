"""The facts of a document, with who states each: a page, an entry that prints it, a curator, or the register."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from evgraph.namespaces import EVG, ID, scheme
from evgraph.site.addresses import href, square_name
from evgraph.site.paging import address_with

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evgraph.site.document_links import Links
    from evgraph.site.page import Site
    from evgraph.site.sources import Source, Sources

_MARKED_AS = {"Study": "SK", "Review": "R", "Guidance": "G"}
_STATED = {
    "dcterms:issued": "evg:statedDate",
    "evg:studyCountry": "evg:statedCountry",
    "evg:forCountry": "evg:statedCountry",
    "dcterms:publisher": "evg:statedPublisher",
}
_FACTS = {
    "dcterms:creator": "Authors",
    "dcterms:publisher": "Publisher",
    "evg:commissionedBy": "Commissioned by",
    "evg:commissionedFrom": "Commissioned from",
    "evg:producedFor": "Produced for",
    "dcterms:issued": "Year",
    "evg:studyCountry": "Studied in",
    "evg:forCountry": "Meant for",
    "evg:studyDesign": "Design",
    "evg:setting": "Setting",
    "dcterms:bibliographicCitation": "Published in",
}
_DOI = re.compile(r"10\.\d{4,9}/\S+")


class Value(NamedTuple):
    """A value in words, where it leads, and who states it."""

    text: str
    address: str
    source: Source
    printed: str = ""  # Where an entry prints it.


class Fact(NamedTuple):
    """The values of a document for one property."""

    name: str
    values: tuple[Value, ...]


class Identifier(NamedTuple):
    """An identifier of a document; how sure it is that it exists, and that the document is meant."""

    scheme: str
    value: str
    address: str
    status: str
    definition: str
    match: str
    source: str


class Listing(NamedTuple):
    """An entry that lists a document, as its page prints it."""

    iri: str
    headline: str
    markers: tuple[str, ...]
    cell: str
    cell_iri: str
    printed: str
    summary: str
    source: Source


def facts(site: Site, sources: Sources, links: Links, iri: str) -> list[Fact]:
    """Return what the graph says of a document, with who states it."""
    reader = site.reader
    printing = [*reader.subjects("evg:lists", iri), *reader.subjects("evg:target", iri)]

    def value(name: str, term: str) -> Value:
        is_iri = ":" in term and term.startswith((ID, "http", "javascript:"))
        text = reader.label(term) if is_iri else term
        address = href(term) if is_iri else ""
        if name == "dcterms:issued":
            address = address_with("/documents", {"from": term, "to": term})
        stated = sources.of(iri, name, term)
        return Value(text, address, stated, "" if stated else _printed(site, sources, printing, name, text))

    found = [Fact("Kind", tuple(_kinds(site, sources, links, iri, printing)))]
    found += [
        Fact(words, tuple(value(name, term) for term in _values(site, iri, name))) for name, words in _FACTS.items()
    ]
    return [fact for fact in found if fact.values]


def _values(site: Site, iri: str, name: str) -> list[str]:
    """Return the values of a property; authors in the order of the label, as triples have none."""
    found = site.reader.values(iri, name)
    if name == "dcterms:creator":
        label = site.reader.label(iri)
        found.sort(key=lambda author: (label.find(author.split(" ")[0]) % 10_000, author))
    return found


def _kinds(site: Site, sources: Sources, links: Links, iri: str, printing: list[str]) -> list[Value]:
    found = []
    for kind in links.kinds(iri):
        stated = sources.of(iri, "rdf:type", f"{EVG}{kind}")
        markers = {scheme("marker", letter) for letter in _MARKED_AS.get(kind, "")}
        marked = (mention for mention in printing if not markers.isdisjoint(site.reader.values(mention, "evg:marker")))
        printed = "" if stated else _first(site, sources, marked)
        found.append(Value(kind, address_with("/documents", {"kind": kind}), stated, printed))
    return found


def _printed(site: Site, sources: Sources, printing: list[str], name: str, text: str) -> str:
    """Return where an entry or a reference prints a fact; empty where none does."""
    stated = _STATED.get(name)
    if stated is None:
        return ""
    texts = ((mention, site.reader.values(mention, stated)) for mention in printing)
    is_year = name == "dcterms:issued"
    return _first(
        site, sources, (mention for mention, dates in texts if any(text in date or not is_year for date in dates))
    )


def _first(site: Site, sources: Sources, things: Iterable[str]) -> str:
    for thing in things:
        places = sources.of_things([thing]).places
        return places[0].name if places else site.reader.label(thing)
    return ""


def identifiers(site: Site, iri: str) -> list[Identifier]:
    """Return the identifiers of a document, verified ones first."""
    reader = site.reader
    found = []
    for identification in reader.values(iri, "evg:identification"):
        status = reader.value(identification, "evg:identificationStatus")
        match = reader.value(identification, "evg:matchStatus")
        name = reader.value(identification, "evg:identifierScheme")
        text = reader.value(identification, "evg:identifierValue")
        found.append(
            Identifier(
                reader.label(name) if name else "Identifier",
                text,
                _address(name.rpartition("/")[2], text),
                reader.label(status).lower() if status else "",
                reader.value(status, "skos:definition") if status else "",
                reader.label(match).lower() if match else "",
                reader.value(identification, "dcterms:source"),
            )
        )
    order = ["verified", "probable", "candidate"]
    return sorted(
        found,
        key=lambda identifier: (
            order.index(identifier.match) if identifier.match in order else 9,
            identifier.scheme,
            identifier.value,
        ),
    )


def _address(name: str, text: str) -> str:
    if name == "doi" and _DOI.fullmatch(text):
        return f"https://doi.org/{quote(text, safe='/:;()._-')}"
    return (
        f"https://pubmed.ncbi.nlm.nih.gov/{text}/"
        if name == "pmid" and re.fullmatch(r"\d{1,9}", text, re.ASCII)
        else ""
    )


def listings(site: Site, sources: Sources, entry: str) -> Listing:
    """Return an entry as its page prints it, with our summary."""
    reader = site.reader
    cell = reader.value(entry, "evg:inCell")
    printed = [*reader.values(entry, "evg:statedCountry"), *reader.values(entry, "evg:statedPublisher")]
    markers = sorted(
        (marker.removeprefix(scheme("marker", "")) for marker in reader.values(entry, "evg:marker")), key="SKRG".find
    )
    return Listing(
        entry,
        reader.value(entry, "schema:headline") or reader.label(entry),
        tuple(marker for marker in markers if marker in "SKRG"),
        square_name(cell) if cell else "",
        cell,
        ", ".join([*printed, *reader.values(entry, "evg:statedDate")]),
        reader.value(entry, "dcterms:abstract"),
        sources.of_things([entry]),
    )
