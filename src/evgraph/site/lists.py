"""The lists of documents, of guidance and of organisations."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from evgraph.namespaces import ID, scheme
from evgraph.site.addresses import square_name
from evgraph.site.document_links import Links, Thing
from evgraph.site.paging import address_with, part_of
from evgraph.site.recommendations import STATUSES
from evgraph.site.shelf import SORTS, Item, shelf
from evgraph.site.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evgraph.site.page import Page, Parameters, Site


DOCUMENT_FACETS = ("kind", "cell", "country")
"""What documents are chosen by, beside their year."""


class Row(NamedTuple):
    """A document of a list."""

    document: Thing
    marker: str
    year: str
    kinds: tuple[str, ...]
    countries: tuple[str, ...]
    publishers: tuple[Thing, ...]
    cells: tuple[Thing, ...]
    statuses: tuple[tuple[str, str, int], ...] = ()  # Of its recommendations: sign, words, number.

    @property
    def recommendations(self) -> int:
        """The number of its recommendations."""
        return sum(count for _, _, count in self.statuses)


class Publisher(NamedTuple):
    """An organisation with the guidance that it has published."""

    organisation: Thing
    name: str  # The last part of its IRI, as questions take it.
    guidance: int
    recommendations: int
    none_offered: int


class Rows:
    """Reads the documents of a list."""

    def __init__(self, site: Site) -> None:
        self._reader = site.reader
        self._links = Links(site, Sources(site))

    def of(self, iri: str) -> Row:
        """Return a document as a row."""
        reader = self._reader
        cells = {cell for entry in reader.subjects("evg:lists", iri) for cell in reader.values(entry, "evg:inCell")}
        places = {place for name in ("evg:studyCountry", "evg:forCountry") for place in reader.values(iri, name)}
        return Row(
            Thing(iri, reader.label(iri)),
            self._links.marker(iri),
            reader.value(iri, "dcterms:issued"),
            tuple(self._links.kinds(iri)),
            tuple(reader.labels(places).values()),
            tuple(
                Thing(publisher, label)
                for publisher, label in reader.labels(reader.values(iri, "dcterms:publisher")).items()
            ),
            tuple(Thing(cell, square_name(cell)) for cell in sorted(cells)),
            self.statuses(iri),
        )

    def statuses(self, guidance: str) -> tuple[tuple[str, str, int], ...]:
        """Return the statuses of the recommendations of guidance: sign, words, number."""
        prefix = scheme("evidence-status", "")
        counts = Counter(
            self._reader.value(recommendation, "evg:evidenceStatus").removeprefix(prefix) or "not-stated"
            for recommendation in self._reader.values(guidance, "evg:hasRecommendation")
        )
        return tuple((sign, words, counts[name]) for name, (sign, words, _) in STATUSES.items() if counts[name])


def documents(site: Site, parameters: Parameters) -> Page:
    """List the documents, chosen by kind, year, cell and country."""
    found = shelf(site, parameters, "/documents", DOCUMENT_FACETS)
    rows = Rows(site)
    return site.page(
        "documents",
        title="Documents",
        behind="timeline",
        address=found.address,
        shelf=found,
        sorts=SORTS,
        part=part_of(found.items, found.address, parameters).map(lambda item: rows.of(item.iri)),
        downloads={
            suffix: found.address.replace("/documents", f"/documents{suffix}", 1) for suffix in (".csv", ".ris", ".bib")
        },
    )


def guidance(site: Site, parameters: Parameters) -> Page:
    """List the guidance by publisher and year, with the number of recommendations of each status."""
    found = shelf(site, parameters, "/guidance", ("publisher", "country"), "Guidance")
    rows = Rows(site)
    return site.page(
        "guidance",
        title="Guidance",
        behind="guidance-by-publisher",
        address=found.address,
        shelf=found,
        sorts=SORTS,
        part=part_of(found.items, found.address, parameters).map(lambda item: rows.of(item.iri)),
        publishers=_publishers(site, rows, found.items),
    )


def _publishers(site: Site, rows: Rows, items: Iterable[Item]) -> list[Publisher]:
    """Return who published some guidance, with the numbers of documents and recommendations."""
    none = STATUSES["none-offered"][1]
    guidance: Counter[str] = Counter()
    recommendations: Counter[str] = Counter()
    without: Counter[str] = Counter()
    for item in items:
        statuses = rows.statuses(item.iri)
        for name in item.values["publisher"]:
            guidance[name] += 1
            recommendations[name] += sum(count for _, _, count in statuses)
            without[name] += sum(count for _, words, count in statuses if words == none)
    labels = site.reader.labels(f"{ID}org/{name}" for name in guidance)
    names = {iri: iri.removeprefix(f"{ID}org/") for iri in labels}
    return [
        Publisher(Thing(iri, label), names[iri], guidance[names[iri]], recommendations[names[iri]], without[names[iri]])
        for iri, label in labels.items()
    ]


def organisations(site: Site, parameters: Parameters) -> Page:
    """List the organisations, with what they published."""
    found = site.reader.labels(site.reader.subjects("rdf:type", "https://schema.org/Organization"))
    countries = {iri: site.reader.labels(site.reader.values(iri, "evg:country")) for iri in found}
    return site.page(
        "organisations",
        title="Organisations",
        address=address_with("/organisations", {"page": (parameters.get("page") or ("",))[0]}),
        part=part_of(list(found.items()), "/organisations", parameters).map(
            lambda item: (
                Thing(*item),
                tuple(countries[item[0]].values()),
                len(site.reader.subjects("dcterms:publisher", item[0])),
            )
        ),
    )
