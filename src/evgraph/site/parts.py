"""The pages of small things: a recommendation, a claim, a passage, a snapshot of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.namespaces import ID
from evgraph.site import thing
from evgraph.site.addresses import square_name
from evgraph.site.document_links import Links, Thing
from evgraph.site.heads import thing_head
from evgraph.site.page import Crumb
from evgraph.site.paging import address_with, part_of
from evgraph.site.recommendations import recommendation as read_recommendation
from evgraph.site.sources import Sources

if TYPE_CHECKING:
    from evgraph.site.page import Page, Parameters, Site

_FORMATS = (".ttl", ".jsonld", ".nt", ".rdf")


def recommendation(site: Site, parameters: Parameters, path: str) -> Page | None:
    """Show a recommendation with its guidance, what it rests on and what bears on it."""
    iri = f"{ID}{path}"
    reader = site.reader
    guidance = reader.subjects("evg:hasRecommendation", iri)
    if not guidance and not reader.types(iri):
        return thing.thing(site, parameters, path)
    sources = Sources(site)
    links = Links(site, sources)
    first = guidance[0] if guidance else ""
    taken_over = reader.subjects("prov:wasDerivedFrom", iri)
    return site.page(
        "recommendation",
        title=reader.label(iri),
        address=f"/{path}",
        trail=[Crumb("Guidance", "/guidance")],
        formats=_FORMATS,
        iri=iri,
        guidance=[links.thing(document) for document in guidance],
        **thing_head(site, iri, "CreativeWork", isPartOf=[{"@id": document} for document in guidance]),
        it=read_recommendation(site, sources, links, iri, first),
        taken_over=[(links.thing(derived), sources.of(derived, "prov:wasDerivedFrom", iri)) for derived in taken_over],
    )


def claim(site: Site, parameters: Parameters, path: str) -> Page | None:
    """Show a claim as a sentence, with who makes it and where."""
    iri = f"{ID}{path}"
    reader = site.reader
    triple = [reader.value(iri, name) for name in ("rdf:subject", "rdf:predicate", "rdf:object")]
    if not all(triple):
        return thing.thing(site, parameters, path)
    subject, name, value = triple
    is_iri = value.startswith(ID) or reader.knows(value) if ":" in value else False
    return site.page(
        "claim",
        title="A claim",
        address=f"/{path}",
        formats=_FORMATS,
        iri=iri,
        subject=Thing(subject, reader.label(subject)),
        property=Thing(name, reader.property_name(name)),
        object=Thing(value if is_iri else "", reader.label(value) if is_iri else value),
        source=Sources(site).of_things([iri]),
    )


def passage(site: Site, parameters: Parameters, path: str) -> Page | None:
    """Show where a passage is, its words where they are at hand, and what is stated in it."""
    iri = f"{ID}{path}"
    reader = site.reader
    snapshot = reader.value(iri, "oa:hasSource")
    if not snapshot:
        return thing.thing(site, parameters, path)
    sources = Sources(site)
    place = sources.place(iri)
    stated = reader.subjects("evg:statedIn", iri)
    within = [
        whole for subject in stated for by in reader.values(subject, "evg:source") for whole in sources.places(by)
    ]
    return site.page(
        "passage",
        title=place.name,
        address=address_with(f"/{path}", {"page": (parameters.get("page") or ("",))[0]}),
        canonical=f"/{path}",
        formats=_FORMATS,
        iri=iri,
        place=place,
        quote=sources.quote(place, within),
        cells=_cells(site, snapshot),
        snapshot=Thing(snapshot, reader.label(snapshot)),
        start=reader.value(iri, "oa:start"),
        end=reader.value(iri, "oa:end"),
        part=part_of(stated, f"/{path}", parameters).map(lambda subject: _stated(site, subject)),
    )


def _stated(site: Site, iri: str) -> tuple[Thing, str, list[Thing]]:
    """Return what a passage states: the thing, its kinds, and subject, property and object of a claim."""
    reader = site.reader
    triple = [reader.value(iri, name) for name in ("rdf:subject", "rdf:predicate", "rdf:object")]
    kinds = [reader.label(name).lower() for name in reader.types(iri)]
    sentence = [Thing(term if ":" in term else "", reader.label(term) if ":" in term else term) for term in triple]
    sentence[1] = Thing(triple[1], reader.property_name(triple[1]))
    return Thing(iri, reader.label(iri)), ", ".join(kinds), sentence if all(triple) else []


def snapshot(site: Site, parameters: Parameters, cell: str, digest: str) -> Page | None:
    """Show a captured text of a page: of which cell, from when, who supports it, what was read from it."""
    path = f"snapshot/{cell}/{digest}"
    iri = f"{ID}{path}"
    reader = site.reader
    if not reader.types(iri):
        return thing.thing(site, parameters, path)
    supports = [
        (reader.label(reader.value(support, "evg:supportRole")), Thing(who, reader.label(who)))
        for support in reader.values(iri, "evg:support")
        for who in reader.values(support, "evg:supporter")
    ]
    return site.page(
        "snapshot",
        title=reader.label(iri),
        address=f"/{path}",
        formats=_FORMATS,
        iri=iri,
        cells=_cells(site, iri),
        date=reader.value(iri, "dcterms:date"),
        source=reader.value(iri, "dcterms:source"),
        sha256=reader.value(iri, "evg:sha256"),
        supports=sorted(supports),
        passages=len(reader.subjects("oa:hasSource", iri)),
        has_text=Sources(site).has_text,
        others=[
            (Thing(version, reader.label(version)), reader.value(version, "dcterms:date"))
            for of in reader.values(iri, "prov:specializationOf")
            for version in reader.subjects("prov:specializationOf", of)
            if version != iri
        ],
    )


def _cells(site: Site, snapshot: str) -> list[Thing]:
    cells = site.reader.values(snapshot, "prov:specializationOf")
    return [Thing(cell, square_name(cell)) for cell in cells]
