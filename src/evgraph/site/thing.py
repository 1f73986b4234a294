"""The page about a resource that has no page of its own kind: what the graph says about it, and what points to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode

from evgraph.export.describe import DATASET
from evgraph.namespaces import ID, LABEL_PROPERTIES, RDF, curie
from evgraph.site.addresses import iri_of
from evgraph.site.citing import cited

if TYPE_CHECKING:
    from evgraph.site.page import Page, Parameters, Site

_MOST = 50  # Values of one property, or things that point here with one; then a count follows.
_TYPE = f"{RDF}type"


class Value(NamedTuple):
    """A value of a property: an IRI with its label and address, or a text."""

    text: str
    iri: str = ""
    language: str = ""
    address: str = ""


class Statement(NamedTuple):
    """The values of one property; `more` is the number of those that are left out."""

    property: str
    name: str
    values: list[Value]
    more: int


def thing(site: Site, _parameters: Parameters, path: str) -> Page | None:
    """Show the statements about a resource in both directions; None where there are none."""
    iri = iri_of(path)
    about, pointing = statements(site, iri), statements(site, iri, inverse=True)
    if not about and not pointing:
        return None
    return site.page(
        "thing",
        title=site.reader.label(iri),
        address=f"/{path}",
        formats=(".ttl", ".jsonld", ".nt", ".rdf"),
        cite=cited(site, iri) if iri == DATASET else None,
        iri=iri,
        types=[Value(site.reader.label(name), name) for name in site.reader.types(iri)],
        about=[statement for statement in about if statement.property not in {*LABEL_PROPERTIES[:1], _TYPE}],
        pointing=pointing,
        name=curie(iri),
        is_term=not iri.startswith(ID),
    )


def statements(site: Site, iri: str, *, inverse: bool = False) -> list[Statement]:
    """Return what the graph says about a thing, or with which properties other things point to it, by property."""
    node = NamedNode(iri)
    by_property: dict[str, set[Value]] = {}
    for quad in site.store.matches(None, None, node) if inverse else site.store.matches(node):
        term = quad.subject if inverse else quad.object
        if isinstance(term, NamedNode):
            by_property.setdefault(quad.predicate.value, set()).add(Value("", term.value))
        elif isinstance(term, Literal):
            by_property.setdefault(quad.predicate.value, set()).add(Value(term.value, "", term.language or ""))
    found = []
    for name, values in by_property.items():
        shown = sorted(values, key=lambda value: (value.iri, value.text))[:_MOST]
        labelled = [
            value._replace(text=site.reader.label(value.iri), address=site.reader.leads(value.iri))
            if value.iri
            else value
            for value in shown
        ]
        labelled.sort(key=lambda value: (value.text.casefold(), value.iri))
        found.append(Statement(name, site.reader.property_name(name), labelled, len(values) - len(shown)))
    return sorted(found, key=lambda statement: (statement.name.casefold(), statement.property))
