"""The page of a document: where it is listed, who cites it, what it is linked to, and who states each of its facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pyoxigraph import Literal, NamedNode

from evgraph.namespaces import ID
from evgraph.site import thing
from evgraph.site.addresses import href, square_name
from evgraph.site.citing import cited
from evgraph.site.document_links import CITES, LEADS, RESTS, SYMMETRIC, VERBS, Chain, Links, Sentence, Thing
from evgraph.site.facts import facts, identifiers, listings
from evgraph.site.heads import document_head
from evgraph.site.page import Crumb
from evgraph.site.paging import SIZE, address_with, one_of_many
from evgraph.site.pictures import MOST, Neighbour, neighbourhood
from evgraph.site.reader import expand
from evgraph.site.recommendations import bearings, recommendations
from evgraph.site.sources import Source, Sources

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markupsafe import Markup

    from evgraph.site.page import Page, Parameters, Site
    from evgraph.site.paging import Part

_OTHER = tuple(name for name in VERBS if name not in {CITES, LEADS, "evg:correspondsTo"})

CONTENTS = {
    "recommendations": "Recommendations",
    "listed": "Listed as",
    "cited_by": "Cited by",
    "chains": "Through other guidance",
    "bears_on": "Speaks for or against",
    "counterparts": "Corresponding studies",
    "draws_on": "Draws on",
    "links": "Other links",
    "discussions": "Commentary",
}
"""The lists of a page, in their order, with their names."""


class Citing(NamedTuple):
    """A document that cites this one as evidence, its kinds, and those of its recommendations that rest on this one."""

    sentence: Sentence
    kinds: tuple[str, ...]
    recommendations: tuple[Sentence, ...]


class Chained(NamedTuple):
    """Guidance that follows, in some steps, guidance that cites this document."""

    chain: Chain
    recommendations: tuple[Sentence, ...]


class Counterpart(NamedTuple):
    """A corresponding study beside this one; each has its year and countries."""

    study: Thing
    year: str
    countries: tuple[str, ...]
    source: Source


class Discussion(NamedTuple):
    """A section of a commentary that discusses this document, or what a page points to for its discussion.

    Attributes:
        how: what is between the document and the places.
        where: section, commentary or cell with the cell that it is of; several where the page does not say which.
        source: who says so.

    """

    how: str
    where: tuple[tuple[Thing, str], ...]
    source: Source


class _Document:
    """Reads the lists of a document's page; each is cut to a page before its details are read."""

    def __init__(self, site: Site, parameters: Parameters, iri: str, address: str) -> None:
        self._site, self._parameters, self.iri, self._address = site, parameters, iri, address
        self.reader, self.sources = site.reader, Sources(site)
        self.links = Links(site, self.sources)
        self.resting = self.reader.subjects(RESTS, iri)

    def part(self, name: str, items: Sequence[Any], read: Callable[[Any], Any]) -> Part[Any]:
        """Return a list of the page, and read what is shown of it."""
        return one_of_many(items, name, self._address, self._parameters).map(read)

    def cited_by(self) -> Part[Citing]:
        """Return what cites this document as evidence, or has a recommendation that rests on it."""
        return self.part("cited-by", self.links.sort(self.reader.subjects(CITES, self.iri)), self._citing)

    def _citing(self, guidance: str) -> Citing:
        return Citing(
            self.links.sentence(guidance, CITES, self.iri), tuple(self.links.kinds(guidance)), self._resting(guidance)
        )

    def _resting(self, guidance: str) -> tuple[Sentence, ...]:
        known = set(self.resting)
        return tuple(
            Sentence(
                self.links.thing(recommendation),
                "rests on",
                self.links.thing(self.iri),
                self.sources.of(recommendation, RESTS, self.iri),
            )
            for recommendation in self.reader.values(guidance, "evg:hasRecommendation")
            if recommendation in known
        )

    def chains(self) -> Part[Chained]:
        """Return the guidance that leads to this document through other guidance."""
        return self.part(
            "chains",
            self.links.paths_to(self.iri),
            lambda way: Chained(self.links.chain(way, self.iri), self._resting(way[0])),
        )

    def draws_on(self) -> Part[Sentence]:
        """Return what this document cites as evidence or takes its lead from."""
        found = [(self.iri, name, other) for name in (LEADS, CITES) for other in self.reader.values(self.iri, name)]
        return self.part("draws-on", found, lambda triple: self.links.sentence(*triple))

    def counterparts(self) -> Part[Counterpart]:
        """Return the corresponding studies."""
        return self.part("counterparts", self.links.pairs(self.iri, ["evg:correspondsTo"]), self._counterpart)

    def _counterpart(self, triple: tuple[str, str, str]) -> Counterpart:
        subject, name, value = triple
        other = value if subject == self.iri else subject
        return self.study(other, self.links.sentence(subject, name, value).source)

    def study(self, iri: str, source: Source) -> Counterpart:
        """Return a study with year and countries."""
        countries = self.reader.labels(self.reader.values(iri, "evg:studyCountry"))
        return Counterpart(
            self.links.thing(iri), self.reader.value(iri, "dcterms:issued"), tuple(countries.values()), source
        )

    def other_links(self) -> Part[Sentence]:
        """Return the other links with documents, in both directions."""
        found = [triple for triple in self.links.pairs(self.iri, _OTHER) if not _is_part(triple[0])]
        return self.part("links", found, lambda triple: self.links.sentence(*triple))

    def discussions(self) -> Part[Discussion]:
        """Return the sections that discuss or critique this document, and what its entries point to besides."""
        found: list[tuple[str, tuple[str, ...], str]] = []
        found += [("is discussed in", (section,), "") for section in self.reader.values(self.iri, "cito:isDiscussedBy")]
        found += [
            ("is critiqued in", (section,), "")
            for section in self.reader.subjects("cito:critiques", self.iri)
            if _is_part(section)
        ]
        for entry in self.reader.subjects("evg:lists", self.iri):
            for reference in self.reader.subjects("evg:source", entry):
                found += self._pointed_to(reference)
        return self.part("discussions", found, lambda item: self._discussion(*item))

    def _pointed_to(self, reference: str) -> list[tuple[str, tuple[str, ...], str]]:
        kind = self.reader.value(reference, "evg:referenceKind").rpartition("/")[2]
        targets = self.reader.values(reference, "evg:target")
        if kind == "cell":
            return [("is discussed, says the page, in the commentary of", (target,), reference) for target in targets]
        if kind != "commentary" or targets:
            return []
        candidates = tuple(self.reader.values(reference, "evg:candidate"))
        if candidates:
            return [("is discussed in one of these, and the page does not say which:", candidates, reference)]
        return [("is discussed in a commentary, but the page has lost the link", (), reference)]

    def _discussion(self, how: str, where: tuple[str, ...], reference: str) -> Discussion:
        if reference:
            source = self.sources.of_things([reference])
        elif how == "is critiqued in":
            source = self.sources.of(where[0], "cito:critiques", self.iri)
        else:
            source = self.sources.of(self.iri, "cito:isDiscussedBy", where[0])
        return Discussion(how, tuple(map(self._place, where)), source)

    def _place(self, where: str) -> tuple[Thing, str]:
        """Return a section, commentary or cell by its heading, or else by what it is, and its cell in words."""
        cell = self.reader.value(where, "evg:ofCell").removeprefix(f"{ID}cell/")
        thing = self.links.thing(where)
        if cell:  # The page shows it next to the label.
            thing = thing._replace(label=thing.label.removesuffix(f" of {square_name(cell)}"))
        return thing, square_name(cell)

    def picture(self, label: str) -> Markup | None:
        """Draw what this document is linked to, one step out."""
        found: list[tuple[str, str, bool]] = []
        names = ["evg:correspondsTo", CITES, LEADS, *_OTHER]
        for subject, name, value in self.links.pairs(self.iri, names):
            is_incoming = value == self.iri and name not in SYMMETRIC
            words = VERBS[name]
            found.append((subject if value == self.iri else value, words, is_incoming))
        found += [(recommendation, "rests on", True) for recommendation in self.resting]
        found += [(section, "is discussed in", False) for section in self.reader.values(self.iri, "cito:isDiscussedBy")]
        found = [item for item in found if not (item[1] == "critiques" and _is_part(item[0]))]
        neighbours = [
            Neighbour(self._name(iri), words, href(iri), self.links.marker(iri), is_incoming)
            for iri, words, is_incoming in found[:MOST]
        ]
        marker = self.links.marker(self.iri)
        if not found:
            return None
        return neighbourhood(label, neighbours, marker=marker, more=len(found) - len(neighbours))

    def _name(self, iri: str) -> str:
        if not _is_part(iri):
            return self.reader.label(iri)
        place, cell = self._place(iri)
        return f"{place.label} ({cell})"


def document(site: Site, parameters: Parameters, slug: str) -> Page | None:
    """Show a document, and the recommendations of one that is guidance."""
    iri, address = f"{ID}doc/{slug}", f"/doc/{slug}"
    types = site.reader.types(iri)
    entries = site.reader.subjects("evg:lists", iri)
    if not types and not entries:
        return thing.thing(site, parameters, f"doc/{slug}")
    page = _Document(site, parameters, iri, address)
    label = site.reader.label(iri)
    kinds = page.links.kinds(iri)
    only = (parameters.get("list") or ("",))[0]
    lists: dict[str, Any] = {
        "recommendations": page.part("recommendations", *recommendations(site, page.sources, page.links, iri)),
        "listed": page.part("listed", entries, lambda entry: listings(site, page.sources, entry)),
        "cited_by": page.cited_by(),
        "chains": page.chains(),
        "bears_on": page.part("bears-on", *bearings(site, page.sources, page.links, iri)),
        "counterparts": page.counterparts(),
        "draws_on": page.draws_on(),
        "links": page.other_links(),
        "discussions": page.discussions(),
    }
    same = fellows(site, iri, entries)
    if only and not any(part.count for part in lists.values()):
        return document(site, {}, slug)
    return site.page(
        "document",
        title=label,
        address=address_with(address, {"list": only, "page": (parameters.get("page") or ("",))[0]}),
        trail=[Crumb("Guidance", "/guidance") if "Guidance" in kinds else Crumb("Documents", "/documents")],
        formats=(".ttl", ".jsonld", ".nt", ".rdf"),
        thing=iri,
        cite=cited(site, iri),
        iri=iri,
        kinds=kinds,
        full_title=site.reader.value(iri, "dcterms:title"),
        is_unidentified=slug.startswith("u-"),
        only=only,
        contents=[(name.replace("_", "-"), CONTENTS[name], part.count) for name, part in lists.items() if part.count],
        fellows=[(page.links.thing(other), headline) for other, headline in same[:SIZE]],
        facts=facts(site, page.sources, page.links, iri),
        identifiers=identifiers(site, iri),
        this=page.study(iri, Source()),
        picture=None if only else page.picture(label),
        **document_head(site, iri, address),
        **lists,
    )


def fellows(site: Site, iri: str, entries: Sequence[str]) -> list[tuple[str, str]]:
    """Return the documents that other entries list under a headline of this one, with the headline.

    Capitals do not matter. Documents that one entry lists together share its headline, and are left out.
    """
    known = site.store.recall("site headlines", lambda: _headlines(site))
    together = {other for entry in entries for other in site.reader.values(entry, "evg:lists")}
    found = {
        (document, headline)
        for entry in entries
        for headline in site.reader.values(entry, "schema:headline")
        for other in known.get(headline.casefold(), ())
        for document in site.reader.values(other, "evg:lists")
        if document not in together | {iri}
    }
    return sorted(found)


def _headlines(site: Site) -> dict[str, list[str]]:
    """Return headline in small letters → the entries that have it, for those that several have."""
    found: dict[str, set[str]] = {}
    for quad in site.store.matches(None, expand("schema:headline")):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
            found.setdefault(quad.object.value.casefold(), set()).add(quad.subject.value)
    return {headline: sorted(entries) for headline, entries in found.items() if len(entries) > 1}


def _is_part(iri: str) -> bool:
    return iri.startswith((f"{ID}section/", f"{ID}commentary/"))
