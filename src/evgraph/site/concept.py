"""The page of a concept, such as a country or a study design: what it means, and the documents that have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.namespaces import ID
from evgraph.site import thing
from evgraph.site.document_links import Thing
from evgraph.site.heads import thing_head
from evgraph.site.lists import Rows
from evgraph.site.paging import address_with, part_of
from evgraph.site.reader import expand
from evgraph.site.shelf import all_documents

if TYPE_CHECKING:
    from evgraph.site.page import Page, Parameters, Site

_OF_DOCUMENTS = ("evg:studyCountry", "evg:forCountry", "evg:studyDesign", "evg:setting")
_SHOWN = frozenset(
    expand(name)
    for name in ("skos:prefLabel", "skos:altLabel", "skos:definition", "skos:notation", "skos:broader", "skos:inScheme",
                 "skos:topConceptOf", "rdf:type", "rdf:object", "rdfs:label")
)  # fmt: skip


def concept(site: Site, parameters: Parameters, path: str) -> Page | None:
    """Show a concept of a scheme; another kind of page where it is none."""
    iri, address = f"{ID}{path}", f"/{path}"
    reader = site.reader
    schemes = reader.values(iri, "skos:inScheme")
    narrower = reader.subjects("skos:broader", iri)
    if not schemes:
        return thing.thing(site, parameters, path)
    rows = Rows(site)
    kind, _, notation = path.removeprefix("scheme/").partition("/")
    found = [item.iri for item in all_documents(site) if notation in item.values.get(kind, ())]
    pointing = thing.statements(site, iri, inverse=True)
    documents_by = {expand(name) for name in _OF_DOCUMENTS}
    return site.page(
        "concept",
        title=reader.label(iri),
        address=address_with(address, {"page": (parameters.get("page") or ("",))[0]}),
        canonical=address,
        formats=(".ttl", ".jsonld", ".nt", ".rdf"),
        iri=iri,
        schemes=[Thing(scheme, reader.label(scheme)) for scheme in schemes],
        notation=reader.value(iri, "skos:notation"),
        definition=reader.value(iri, "skos:definition"),
        other_names=reader.values(iri, "skos:altLabel"),
        broader=[Thing(wider, reader.label(wider)) for wider in reader.values(iri, "skos:broader")],
        narrower=[Thing(term, label) for term, label in reader.labels(narrower).items()],
        **thing_head(site, iri, "DefinedTerm", termCode=reader.value(iri, "skos:notation")),
        part=part_of(found, address, parameters).map(rows.of),
        about=[statement for statement in thing.statements(site, iri) if statement.property not in _SHOWN],
        pointing=[statement for statement in pointing if statement.property not in documents_by | _SHOWN],
    )
