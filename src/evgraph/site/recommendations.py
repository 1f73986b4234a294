"""What guidance says to do: what each recommendation rests on, its status, and what bears on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evgraph.namespaces import scheme

if TYPE_CHECKING:
    from collections.abc import Callable

    from evgraph.site.document_links import Links, Thing
    from evgraph.site.page import Site
    from evgraph.site.sources import Source, Sources

STATUSES = {
    "cited": ("●", "cited", "Evidence is cited for it."),
    "indirect": ("◐", "indirect", "It rests on evidence at one remove, such as that of other guidance."),
    "none-offered": ("○", "none offered", "A page says that no evidence is offered for it."),
    "not-stated": ("?", "not stated", "The pages say nothing about its evidence; that is not the same as none."),
}
"""Notation of an evidence status → its sign, its words, and what it means."""


class Support(NamedTuple):
    """A document that a recommendation rests on, or another recommendation that it comes from."""

    how: str
    thing: Thing
    source: Source


class Bearing(NamedTuple):
    """A study or review that speaks for or against a recommendation."""

    stance: str
    document: Thing
    year: str
    is_newer: bool
    recommendation: Thing
    guidance: Thing | None
    source: Source


class Recommendation(NamedTuple):
    """A recommendation, in our words."""

    iri: str
    locator: str
    text: str
    status: str
    sign: str
    words: str
    meaning: str
    status_source: Source
    text_source: Source
    supports: tuple[Support, ...]
    bearings: tuple[Bearing, ...]


def recommendations(
    site: Site, sources: Sources, links: Links, guidance: str
) -> tuple[list[str], Callable[[str], Recommendation]]:
    """Return the recommendations of guidance by number and words, and what reads one."""
    reader = site.reader
    found = reader.values(guidance, "evg:hasRecommendation")

    def order(iri: str) -> tuple[list[tuple[int, str]], str]:
        number = reader.value(iri, "bibo:locator")
        parts = [(int(part) if part.isdecimal() and len(part) < 9 else 0, part) for part in number.split(".")]
        return (parts if number else [(10**9, "")], reader.label(iri))

    return sorted(found, key=order), lambda iri: recommendation(site, sources, links, iri, guidance)


def recommendation(site: Site, sources: Sources, links: Links, iri: str, guidance: str) -> Recommendation:
    """Return a recommendation with what it rests on and what bears on it."""
    reader = site.reader
    status = reader.value(iri, "evg:evidenceStatus")
    notation = status.removeprefix(scheme("evidence-status", ""))
    sign, words, meaning = STATUSES.get(notation, STATUSES["not-stated"])
    supports = [
        Support(how, links.thing(other), sources.of(iri, name, other))
        for name, how in (
            ("evg:restsOn", "rests on"),
            ("prov:wasDerivedFrom", "taken over from"),
            ("evg:supportedBy", "the Effectiveness Bank’s own support"),
        )
        for other in reader.values(iri, name)
    ]
    return Recommendation(
        iri,
        reader.value(iri, "bibo:locator"),
        reader.label(iri),
        notation if notation in STATUSES else "not-stated",
        sign,
        words,
        meaning,
        sources.of(iri, "evg:evidenceStatus", status),
        sources.of(guidance, "evg:hasRecommendation", iri),
        tuple(supports),
        tuple(
            bearing(site, sources, links, document, iri, guidance)
            for document in links.sort(reader.subjects("evg:bearsOn", iri))
        ),
    )


def bearing(
    site: Site, sources: Sources, links: Links, document: str, iri: str, guidance: str, *, is_support: bool = False
) -> Bearing:
    """Return what a document says for or against a recommendation, or that the bank counts it as its own support."""
    source = sources.of(iri, "evg:supportedBy", document) if is_support else sources.of(document, "evg:bearsOn", iri)
    year, of_guidance = site.reader.value(document, "dcterms:issued"), site.reader.value(guidance, "dcterms:issued")
    return Bearing(
        "is the Effectiveness Bank’s own support for" if is_support else source.stance or "bears on",
        links.thing(document),
        year,
        bool(year and of_guidance) and year > of_guidance,
        links.thing(iri),
        links.thing(guidance) if guidance else None,
        source,
    )


def bearings(
    site: Site, sources: Sources, links: Links, document: str
) -> tuple[list[tuple[str, str, bool]], Callable[[tuple[str, str, bool]], Bearing]]:
    """Return the recommendations that a document bears on, with their guidance, and what reads one."""
    reader = site.reader
    both = ((reader.values(document, "evg:bearsOn"), False), (reader.subjects("evg:supportedBy", document), True))
    found = [
        (iri, next(iter(reader.subjects("evg:hasRecommendation", iri)), ""), is_support)
        for iris, is_support in both
        for iri in iris
    ]
    return found, lambda row: bearing(site, sources, links, document, row[0], row[1], is_support=row[2])
