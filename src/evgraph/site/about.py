"""The pages about the site itself: what it holds, who speaks in it, its limits; and its data to download."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.export.describe import DATASET
from evgraph.site import thing
from evgraph.site.addresses import square_name
from evgraph.site.citing import cited
from evgraph.site.listing import pages_of

if TYPE_CHECKING:
    from evgraph.site.page import Page, Parameters, Site

_MOST = 10  # Pages, people that are named.
# What a page says is attributed to a version of it.
_PEOPLE = """SELECT ?who (COUNT(DISTINCT ?claim) AS ?claims) {
  ?claim prov:wasAttributedTo ?who FILTER NOT EXISTS { ?who a evg:CellSnapshot } } GROUP BY ?who"""
_STATUSES = (
    """SELECT ?status (COUNT(DISTINCT ?one) AS ?identifiers) { ?one evg:matchStatus ?status } GROUP BY ?status"""
)


def about(site: Site, _parameters: Parameters) -> Page:
    """Say what the graph is, how it was made, and what it cannot tell."""
    counts = site.store.recall("site speakers", lambda: (_counted(site, _PEOPLE), _counted(site, _STATUSES)))
    return site.page(
        "about",
        title="About evgraph",
        address="/about",
        cite=cited(site, DATASET),
        modified=site.reader.value(DATASET, "dcterms:modified"),
        read=[(square_name(cell), f"/cell/{cell}") for cell in sorted(pages_of(site.store))[:_MOST]],
        pages=len(pages_of(site.store)),
        people=counts[0],
        statuses=counts[1],
    )


def _counted(site: Site, query: str) -> list[tuple[str, str, int]]:
    """Return IRI, label and count of the rows of a query, the largest count first."""
    rows = [(iri, site.reader.label(iri), int(count)) for iri, count in site.reader.rows(query) if iri]
    return sorted(rows, key=lambda row: (-row[2], row[1]))[:_MOST]


def dataset(site: Site, parameters: Parameters) -> Page:
    """Show what the graph says about the dataset; where it says nothing, what programs can read."""
    return thing.thing(site, parameters, "dataset") or data(site, parameters)


def data(site: Site, _parameters: Parameters) -> Page:
    """List what programs can read."""
    return site.page("data", title="Data", address="/data", cite=cited(site, DATASET))
