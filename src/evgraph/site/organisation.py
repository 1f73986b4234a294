"""The page of an organisation: its names, what it published, commissioned and supported, what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evgraph.namespaces import ID
from evgraph.site import thing
from evgraph.site.addresses import square_name
from evgraph.site.document_links import Links, Thing
from evgraph.site.heads import thing_head
from evgraph.site.lists import Row, Rows
from evgraph.site.page import Crumb
from evgraph.site.paging import address_with, one_of_many
from evgraph.site.sources import Sources

if TYPE_CHECKING:
    from evgraph.site.page import Page, Parameters, Site
    from evgraph.site.paging import Part
    from evgraph.site.sources import Source

_ROLES = {
    "published": ("dcterms:publisher", "Published"),
    "commissioned": ("evg:commissionedBy", "Commissioned"),
    "commissioned-from": ("evg:commissionedFrom", "Wrote on commission"),
    "produced-for": ("evg:producedFor", "Had written for it"),
}


class Role(NamedTuple):
    """The documents towards which an organisation has a role; each has who says so."""

    key: str
    name: str
    documents: Part[tuple[Row, Source]]


class Support(NamedTuple):
    """How an organisation supports the page of a cell."""

    role: str
    cell: Thing
    snapshot: str
    date: str


def organisation(site: Site, parameters: Parameters, name: str) -> Page | None:
    """Show an organisation; another kind of page where it is none."""
    iri, address = f"{ID}org/{name}", f"/org/{name}"
    reader = site.reader
    if not reader.knows(iri):
        return thing.thing(site, parameters, f"org/{name}")
    sources, rows = Sources(site), Rows(site)
    links = Links(site, sources)
    shown = (parameters.get("list") or ("",))[0]

    def role(key: str) -> Role:
        name, words = _ROLES[key]
        documents = links.sort(reader.subjects(name, iri))
        part = one_of_many(documents, key, address, parameters)
        return Role(key, words, part.map(lambda document: (rows.of(document), sources.of(document, name, iri))))

    roles = [role(key) for key in _ROLES]
    supports = [
        supported for support in reader.subjects("evg:supporter", iri) for supported in _supports(site, support)
    ]
    return site.page(
        "organisation",
        title=reader.label(iri),
        address=address_with(address, {"list": shown, "page": (parameters.get("page") or ("",))[0]}),
        canonical=address,
        trail=[Crumb("Organisations", "/organisations")],
        formats=(".ttl", ".jsonld", ".nt", ".rdf"),
        iri=iri,
        shown=shown,
        other_names=reader.values(iri, "skos:altLabel"),
        countries=[
            Thing(country, label) for country, label in reader.labels(reader.values(iri, "evg:country")).items()
        ],
        successors=_follow(site, iri, forward=True),
        predecessors=_follow(site, iri, forward=False),
        roles=[role for role in roles if role.documents.count],
        supports=sorted(supports),
        **thing_head(site, iri, "Organization", alternateName=reader.values(iri, "skos:altLabel")),
    )


def _supports(site: Site, support: str) -> list[Support]:
    reader = site.reader
    role = reader.label(reader.value(support, "evg:supportRole")) if reader.value(support, "evg:supportRole") else ""
    return [
        Support(
            role,
            Thing(cell, square_name(cell)),
            snapshot,
            reader.value(snapshot, "dcterms:date"),
        )
        for snapshot in reader.subjects("evg:support", support)
        for cell in reader.values(snapshot, "prov:specializationOf")
    ]


def _follow(site: Site, iri: str, *, forward: bool) -> list[Thing]:
    """Return what became of an organisation, step by step, or what it comes from."""
    found: list[str] = []
    ahead = [iri]
    while ahead:
        current = ahead.pop(0)
        name = "dcterms:isReplacedBy"
        others = site.reader.values(current, name) if forward else site.reader.subjects(name, current)
        new = [other for other in others if other not in found and other != iri]
        found += new
        ahead += new
    return [Thing(other, site.reader.label(other)) for other in found]
