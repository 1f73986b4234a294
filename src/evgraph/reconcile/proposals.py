"""Which new documents may be ones that the register knows: proposals with their evidence, for a person to decide.

Nothing merges here. A proposal weighs what the graph says of both: year, publisher, country, kind, identifiers,
what their entries point to, and how alike their headlines are (RapidFuzz, https://rapidfuzz.github.io/RapidFuzz/).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode

from evgraph.namespaces import BIBO, DCTERMS, EVG, ID, OWL, RDF, RDFS, SCHEMA, curie

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Quad

_DOC = f"{ID}doc/"
_NEW = f"{_DOC}u-"
_LINKS = {f"{EVG}{name}" for name in ("correspondsTo", "relatedTo", "seeAlso", "implements", "takesLeadFrom")}
_IDENTIFIERS = {f"{BIBO}doi", f"{BIBO}pmid", f"{EVG}identifierValue"}
_ENOUGH = 0.5  # Below it a proposal wastes the librarian's time: see the tests for what that finds and leaves.
_MOST = 3  # Proposals for one new document.


class Proposal(NamedTuple):
    """That a document nobody has identified may be one that is known.

    Attributes:
        new: IRI of the one.
        known: IRI of the other; it may be unidentified too, from another cell.
        score: 0 to 1, the higher the likelier; for ranking only.
        evidence: for and against, in words.
        new_label: what the one is called.
        known_label: what the other is called.

    """

    new: str
    known: str
    score: float
    evidence: tuple[str, ...]
    new_label: str
    known_label: str


@dataclass
class _Facts:
    """What a graph says of one document."""

    label: str = ""
    years: set[str] = field(default_factory=set)
    publishers: set[str] = field(default_factory=set)
    countries: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    identifiers: set[str] = field(default_factory=set)
    titles: set[str] = field(default_factory=set)
    cells: set[str] = field(default_factory=set)
    pointers: set[str] = field(default_factory=set)
    mentioned_by: set[str] = field(default_factory=set)

    @property
    def traits(self) -> set[str]:
        """What makes a document worth comparing with others that have it."""
        return self.years | self.identifiers | self.mentioned_by


def propose(data: Iterable[Quad]) -> list[Proposal]:
    """Propose, for each document that nobody has identified, the known ones that it may be.

    Args:
        data: the graph with the new documents, together with the register and whatever else is known.

    Returns:
        At most three for each new document, the likeliest first; none for a pair that is decided or rejected
        (``owl:differentFrom``).

    """
    graph = _Graph(data)
    facts = {iri: graph.facts(iri) for iri in graph.documents()}
    by_trait: dict[str, set[str]] = defaultdict(set)  # Only documents that share a year or more are compared.
    for iri, one in facts.items():
        for trait in one.traits:
            by_trait[trait].add(iri)
    found: list[Proposal] = []
    for iri, one in sorted(facts.items()):
        if iri.startswith(_NEW) and iri not in graph.decided:
            near = set().union(*(by_trait[trait] for trait in one.traits))
            own = [_weigh(iri, one, other, facts[other]) for other in sorted(near) if graph.open(iri, other)]
            enough = [proposal for proposal in own if proposal and proposal.score >= _ENOUGH]
            found += sorted(enough, key=lambda proposal: -proposal.score)[:_MOST]
    return found


def _weigh(iri: str, one: _Facts, other_iri: str, other: _Facts) -> Proposal | None:
    if one.cells & other.cells:
        return None  # A page that lists both holds them for two.
    evidence: list[str] = []
    score = 0.0
    for name, weight, ours, theirs in (
        ("year", 0.25, one.years, other.years),
        ("publisher", 0.2, one.publishers, other.publishers),
        ("country", 0.1, one.countries, other.countries),
        ("kind", 0.05, one.kinds, other.kinds),
    ):
        if ours and theirs:
            same = ours & theirs
            shown = ", ".join(sorted(value.rpartition("/")[2].rpartition("#")[2] for value in same or theirs))
            evidence.append(f"same {name} ({shown})" if same else f"another {name} ({shown})")
            score += weight if same else -0.3
    if same := one.identifiers & other.identifiers:
        evidence.append(f"same identifier ({', '.join(sorted(same))})")
        score += 1
    likeness, pair = _likeness(one.titles, other.titles)
    if likeness >= 0.5:
        evidence.append(f"headlines {likeness:.0%} alike (“{pair}”)")
        score += 0.5 * likeness
    if shared := one.pointers & other.pointers:
        evidence.append(f"both point to {', '.join(sorted(shared))}")
        score += min(0.3, 0.15 * len(shared))
    if shared := one.mentioned_by & other.mentioned_by:
        evidence.append(f"both mentioned by {', '.join(sorted(shared))}")
        score += 0.3
    return Proposal(iri, other_iri, min(score, 1.0), tuple(evidence), one.label, other.label)


def _likeness(ours: set[str], theirs: set[str]) -> tuple[float, str]:
    """Give how alike the most alike of two sets of headlines are, 0 to 1, and the other's headline."""
    from rapidfuzz import fuzz, utils

    return max(
        (
            (fuzz.WRatio(mine, other, processor=utils.default_process) / 100, other)
            for mine in sorted(ours)
            for other in sorted(theirs)
        ),
        default=(0.0, ""),
    )


class _Graph:
    """A graph indexed for what `_Facts` holds."""

    def __init__(self, data: Iterable[Quad]) -> None:
        self.said: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.decided: set[str] = set()
        self.rejected: set[frozenset[str]] = set()
        self._listed_by: dict[str, list[str]] = defaultdict(list)
        self._pointing: dict[str, list[str]] = defaultdict(list)
        self._pointed_at_by: dict[str, list[str]] = defaultdict(list)
        for quad in data:
            if not isinstance(quad.subject, NamedNode) or not isinstance(quad.object, NamedNode | Literal):
                continue
            subject, predicate, value = quad.subject.value, quad.predicate.value, quad.object.value
            if predicate == f"{DCTERMS}isReplacedBy" and subject.startswith(_NEW):
                self.decided.add(subject)
            elif predicate == f"{OWL}differentFrom":
                self.rejected.add(frozenset((subject, value)))
            elif predicate == f"{EVG}lists":
                self._listed_by[value].append(subject)
            elif predicate == f"{EVG}source":
                self._pointing[value].append(subject)
            elif predicate == f"{EVG}target":
                self._pointed_at_by[value].append(subject)
            self.said[subject][predicate].add(value)

    def documents(self) -> Iterator[str]:
        """Iterate over the documents that the graph describes."""
        for iri, said in self.said.items():
            if iri.startswith(_DOC) and f"{EVG}Document" in said.get(f"{RDF}type", ()):
                yield iri

    def open(self, one: str, other: str) -> bool:
        """Tell whether a pair may be proposed; of two new documents only one is, to the other."""
        twice = other.startswith(_NEW) and (other in self.decided or other >= one)
        return one != other and not twice and frozenset((one, other)) not in self.rejected

    def facts(self, iri: str) -> _Facts:
        """Collect what is said of a document, and by the entries that list it."""
        said = self.said[iri]
        labels = sorted(said.get(f"{RDFS}label", ()))
        classes = {one.removeprefix(EVG) for one in said.get(f"{RDF}type", ())}
        facts = _Facts(
            label=labels[0] if labels else curie(iri),
            years=set(said.get(f"{DCTERMS}issued", ())),
            publishers=set(said.get(f"{DCTERMS}publisher", ())) | set(said.get(f"{EVG}producedFor", ())),
            countries={one for name in ("studyCountry", "forCountry") for one in said.get(f"{EVG}{name}", ())},
            kinds=classes & {"Study", "Review", "Guidance", "Analysis"},
            identifiers={value for name in _IDENTIFIERS for value in said.get(name, ())},
            titles=set(said.get(f"{DCTERMS}title", ())),
        )
        for identification in said.get(f"{EVG}identification", ()):
            facts.identifiers |= self.said[identification].get(f"{EVG}identifierValue", set())
        facts.pointers = {curie(target) for link in _LINKS for target in said.get(link, ())}
        for entry in self._listed_by.get(iri, ()):
            facts.titles |= self.said[entry].get(f"{SCHEMA}headline", set())
            facts.cells |= self.said[entry].get(f"{EVG}inCell", set())
            for reference in self._pointing.get(entry, ()):
                facts.pointers |= set(self._pointers(self.said[reference]))
        for reference in self._pointed_at_by.get(iri, ()):
            for entry in self.said[reference].get(f"{EVG}source", ()):
                names = self.said[entry].get(f"{EVG}lists", ())
                facts.mentioned_by |= {curie(name) for name in names if not name.startswith(_NEW)}
        if not facts.titles and not iri.startswith(_NEW):  # The label of a new one is evgraph's, not the page's.
            facts.titles = set(labels)
        return facts

    @staticmethod
    def _pointers(said: dict[str, set[str]]) -> Iterator[str]:
        """Name what a reference points to in a way that holds on both matrices' pages."""
        for target in said.get(f"{EVG}target", ()):
            if target.startswith(f"{ID}cell/"):
                yield f"cell {target.rpartition('-')[2]}"
            elif target.startswith(_DOC) and not target.startswith(_NEW):
                yield curie(target)
        kinds = [kind.rpartition("/")[2] for kind in said.get(f"{EVG}referenceKind", ())]
        for date in said.get(f"{EVG}statedDate", ()):
            yield f"a document of {date} ({', '.join(sorted(kinds))})"
