"""Links between documents as sentences, and the chains that lead from guidance to what it rests on."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode

from evgraph.namespaces import EVG, scheme
from evgraph.site.reader import expand

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evgraph.site.page import Site
    from evgraph.site.sources import Source, Sources

CITES, LEADS, RESTS = "cito:citesAsEvidence", "evg:takesLeadFrom", "evg:restsOn"
VERBS = {
    CITES: "cites as evidence",
    LEADS: "takes its lead from",
    "evg:implements": "puts into practice",
    "evg:correspondsTo": "corresponds to",
    "evg:relatedTo": "is related to",
    "evg:seeAlso": "says “see also”",
    "evg:fromSameStudy": "reports on the same study as",
    "evg:analyses": "is the Effectiveness Bank’s analysis of",
    "cito:critiques": "critiques",
    "cito:usesDataFrom": "uses data from",
    "cito:sharesAuthorWith": "shares an author with",
}
"""Property of a link between documents → its words, between the subject and the object."""
SYMMETRIC = frozenset({"evg:correspondsTo", "evg:relatedTo", "evg:fromSameStudy", "cito:sharesAuthorWith"})
"""Links that mean the same from either end."""
KINDS = ("Trial", "Study", "Review", "Guidance", "Analysis")
"""The classes of documents that are shown, the most specific first."""
_MARKERS = {"Guidance": "G", "Review": "R"}
_MOST_STEPS = 20  # Of a chain.


class Thing(NamedTuple):
    """A thing that a sentence names."""

    iri: str
    label: str
    year: str = ""


class Sentence(NamedTuple):
    """A link in words, with who states it; a symmetric one may be stated from both ends."""

    subject: Thing
    verb: str
    object: Thing
    source: Source
    property: str = ""


class Chain(NamedTuple):
    """What leads from guidance to a document: one hop a step, each with who states it."""

    hops: tuple[Sentence, ...]


class Links:
    """Reads the links of documents for one page."""

    def __init__(self, site: Site, sources: Sources) -> None:
        self._site, self._reader, self._sources = site, site.reader, sources
        self._things: dict[str, Thing] = {}

    def thing(self, iri: str) -> Thing:
        """Return a thing with its label, and its year where the label does not have it."""
        if iri not in self._things:
            label, year = self._reader.label(iri), self._reader.value(iri, "dcterms:issued")
            self._things[iri] = Thing(iri, label, "" if year in label else year)
        return self._things[iri]

    def kinds(self, iri: str) -> list[str]:
        """Return the names of the classes of a document: a trial is not also called a study."""
        types = set(self._reader.types(iri))
        found = [name for name in KINDS if f"{EVG}{name}" in types]
        return [name for name in found if name != "Study" or "Trial" not in found]

    def marker(self, iri: str) -> str:
        """Return the letter of a document: that of an entry that lists it, or of its kind."""
        for entry in self._reader.subjects("evg:lists", iri):
            for marker in self._reader.values(entry, "evg:marker"):
                return marker.removeprefix(scheme("marker", ""))
        return next((_MARKERS[kind] for kind in self.kinds(iri) if kind in _MARKERS), "")

    def sort(self, iris: Iterable[str]) -> list[str]:
        """Return things with the newest first, those without a year last."""
        years = {iri: self._reader.value(iri, "dcterms:issued") for iri in iris}
        return sorted(years, key=lambda iri: (-int(years[iri]) if years[iri].isdecimal() else 0, iri))

    def sentence(self, subject: str, name: str, value: str) -> Sentence:
        """Return a link between two documents in words."""
        claims = self._sources.claims_of(subject, name, value)
        if name in SYMMETRIC:
            claims = [*claims, *self._sources.claims_of(value, name, subject)]
        source = self._sources.of_things(claims)
        return Sentence(self.thing(subject), VERBS[name], self.thing(value), source, name)

    def pairs(self, document: str, names: Iterable[str]) -> list[tuple[str, str, str]]:
        """Return the links of a document in both directions as triples; a symmetric link stands once."""
        found = []
        for name in names:
            outgoing = [(document, name, other) for other in self._reader.values(document, name)]
            others = {other for _, _, other in outgoing} if name in SYMMETRIC else set()
            incoming = [(other, name, document) for other in self._reader.subjects(name, document)]
            found += outgoing + [triple for triple in incoming if triple[0] not in others]
        return [triple for triple in found if triple[0] != triple[2]]

    def paths_to(self, document: str) -> list[tuple[str, ...]]:
        """Return the shortest way to a document from each guidance that follows, in some steps, one that cites it.

        A way is a tuple of guidance; the last one cites the document.
        """
        ways: dict[str, tuple[str, ...]] = {}
        ahead: list[tuple[str, ...]] = [(guidance,) for guidance in self._reader.subjects(CITES, document)]
        direct = {way[0] for way in ahead}
        followers = self._site.store.recall("site followers", self._followers)
        while ahead:
            further = []
            for way in ahead:
                for follower in followers.get(way[0], ()):
                    if follower not in ways and follower not in way and len(way) < _MOST_STEPS:
                        ways[follower] = (follower, *way)
                        further.append(ways[follower])
            ahead = further
        return sorted(ways.values(), key=lambda way: (way[0] in direct, len(way), way))

    def _followers(self) -> dict[str, list[str]]:
        """Return guidance → the guidance that takes its lead from it, in the whole graph."""
        found: dict[str, set[str]] = {}
        for quad in self._site.store.matches(None, expand(LEADS)):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
                found.setdefault(quad.object.value, set()).add(quad.subject.value)
        return {guidance: sorted(followers) for guidance, followers in found.items()}

    def chain(self, way: tuple[str, ...], document: str) -> Chain:
        """Return a way of `paths_to` hop by hop, with who states each."""
        hops = [self.sentence(start, LEADS, end) for start, end in pairwise(way)]
        return Chain((*hops, self.sentence(way[-1], CITES, document)))
