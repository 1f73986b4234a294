"""Proposals for a person to decide: which new documents may be ones that the register knows.

A proposal compares what the graph states of two documents: year, publisher, country, kind, identifiers, what their
entries refer to, and the similarity of their headlines (RapidFuzz, https://rapidfuzz.github.io/RapidFuzz/).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from evgraph import shipped_files
from evgraph.decisions.question import Choice, Question
from evgraph.namespaces import BIBO, DCTERMS, EVG, ID, OWL, RDF, RDFS, SCHEMA, curie
from evgraph.pages.dataset import has_own_register
from evgraph.rdf.files import find, report_all_broken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import Quad

HEADER = """\
Decisions on documents. You may edit this file; further decisions are added at its end.
dcterms:isReplacedBy: they are one document. owl:differentFrom: they are two, for good."""
"""The comment at the top of a file of such decisions."""

_DOC = f"{ID}doc/"
_NEW = f"{_DOC}u-"
_LINKS = {f"{EVG}{name}" for name in ("correspondsTo", "relatedTo", "seeAlso", "implements", "takesLeadFrom")}
_IDENTIFIERS = {f"{BIBO}doi", f"{BIBO}pmid", f"{EVG}identifierValue"}
_INVERSE = {f"{EVG}lists", f"{EVG}source", f"{EVG}target"}
_MIN_SCORE = 0.5  # Proposals below it are nearly always wrong; the tests show what is found and what is left out.
_MAX_PROPOSALS = 3  # For one new document.


class Proposal(NamedTuple):
    """A proposal that a document which nobody has identified is a known one."""

    new: str  # The IRI of the new document.
    known: str  # The IRI of the known document; it may be unidentified too, from another cell.
    score: float  # 0 to 1, the higher the likelier; for ranking only.
    evidence: tuple[str, ...]  # For and against, in words.
    new_label: str
    known_label: str


@dataclass
class _Facts:
    """What a graph states of one document."""

    label: str
    years: set[str]
    publishers: set[str]
    countries: set[str]
    kinds: set[str]
    identifiers: set[str]
    titles: set[str]
    targets: set[str]
    cells: set[str] = field(default_factory=set)
    mentioned_by: set[str] = field(default_factory=set)

    @property
    def traits(self) -> set[str]:
        """Values of which two documents share at least one if they are worth comparing."""
        return self.years | self.identifiers | self.mentioned_by


def proposals_in(
    data: Sequence[str | Path], registers: Sequence[str | Path] = (), *, also_decided_in: Sequence[Path] = ()
) -> list[Proposal]:
    """Return the proposals for the new documents of files and folders.

    Args:
        data: files and folders with the new documents.
        registers: those with the known documents; by default the shipped graph, unless the data has a register.
        also_decided_in: files with decisions elsewhere.

    Raises:
        UnreadableError: files are missing or not well-formed; all of them are named.

    """
    has_register = any(has_own_register(Path(place)) for place in data)
    known = registers or (() if has_register else (shipped_files.data(),))
    files = {file.path: file for file in find([*data, *known, *also_decided_in])}
    with report_all_broken(files.values()):
        return propose(quad for file in files.values() for quad in file.quads())


def propose(data: Iterable[Quad]) -> list[Proposal]:
    """Return, for each document that nobody has identified, proposals of known ones that it may be.

    The data is the graph with the new documents, and the register. There are at most three proposals for each new
    document, the likeliest first; none for a document that is decided, and no pair that is rejected
    (``owl:differentFrom``).
    """
    graph = _Graph(data)
    facts = {iri: graph.facts(iri) for iri in graph.documents()}
    by_trait: dict[str, set[str]] = defaultdict(set)
    for iri, document in facts.items():
        for trait in document.traits:
            by_trait[trait].add(iri)
    proposals: list[Proposal] = []
    for iri, document in sorted(facts.items()):
        if iri.startswith(_NEW) and not graph.is_decided(iri):
            others = set().union(*(by_trait[trait] for trait in document.traits))
            compared = [
                _compare(iri, document, other, facts[other])
                for other in sorted(others)
                if graph.may_propose(iri, other)
            ]
            likely = [proposal for proposal in compared if proposal and proposal.score >= _MIN_SCORE]
            proposals += sorted(likely, key=lambda proposal: -proposal.score)[:_MAX_PROPOSALS]
    return proposals


def _compare(new_iri: str, new: _Facts, known_iri: str, known: _Facts) -> Proposal | None:
    if new.cells & known.cells:
        return None  # A page that lists both takes them for two documents.
    evidence: list[str] = []
    score = 0.0
    for name, weight, ours, theirs in (
        ("year", 0.25, new.years, known.years),
        ("publisher", 0.2, new.publishers, known.publishers),
        ("country", 0.1, new.countries, known.countries),
        ("kind", 0.05, new.kinds, known.kinds),
    ):
        if ours and theirs:
            same = ours & theirs
            shown = ", ".join(sorted(value.rpartition("/")[2].rpartition("#")[2] for value in same or theirs))
            evidence.append(f"same {name} ({shown})" if same else f"another {name} ({shown})")
            score += weight if same else -0.3
    if same := new.identifiers & known.identifiers:
        evidence.append(f"same identifier ({', '.join(sorted(same))})")
        score += 1
    similarity, headline = _similarity(new.titles, known.titles)
    if similarity >= 0.5:
        evidence.append(f"headlines {similarity:.0%} alike (“{headline}”)")
        score += 0.5 * similarity
    if shared := new.targets & known.targets:
        evidence.append(f"both refer to {', '.join(sorted(shared))}")
        score += min(0.3, 0.15 * len(shared))
    if shared := new.mentioned_by & known.mentioned_by:
        evidence.append(f"both mentioned by {', '.join(sorted(shared))}")
        score += 0.3
    return Proposal(new_iri, known_iri, min(score, 1.0), tuple(evidence), new.label, known.label)


def _similarity(ours: set[str], theirs: set[str]) -> tuple[float, str]:
    """Return how similar the most similar of two sets of headlines are, 0 to 1, and that headline of the second set."""
    from rapidfuzz import fuzz, utils

    return max(
        (
            (fuzz.WRatio(mine, other, processor=utils.default_process) / 100, other)
            for mine in sorted(ours)
            for other in sorted(theirs)
        ),
        default=(0.0, ""),
    )


def questions(proposals: Sequence[Proposal]) -> list[Question]:
    """Return each proposal as a question: accept it, or reject it for good."""
    return [
        Question(
            subject=proposal.new,
            place=_line(proposal.new_label),
            heading=f"may be {_line(proposal.known_label)}",
            details=(curie(proposal.new), curie(proposal.known), *map(_line, proposal.evidence)),
            choices=(
                Choice("a", "accept", "they are one document", (_pair(proposal, f"{DCTERMS}isReplacedBy"),), "", True),
                Choice("r", "reject", "they are two documents, for good", (_pair(proposal, f"{OWL}differentFrom"),)),
            ),
            group=proposal.new,
        )
        for proposal in proposals
    ]


def _pair(proposal: Proposal, predicate: str) -> Triple:
    return Triple(NamedNode(proposal.new), NamedNode(predicate), NamedNode(proposal.known))


def _line(words: str) -> str:
    """Return a text on one line."""
    return " ".join(words.split())


class _Graph:
    """A graph, indexed for `facts`."""

    def __init__(self, data: Iterable[Quad]) -> None:
        self.values = defaultdict[str, dict[str, set[str]]](lambda: defaultdict(set))
        self.subjects = defaultdict[tuple[str, str], list[str]](list)  # By property, of those in _INVERSE, and value.
        for quad in data:
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode | Literal):
                subject, predicate, value = quad.subject.value, quad.predicate.value, quad.object.value
                self.values[subject][predicate].add(value)
                if predicate in _INVERSE:
                    self.subjects[predicate, value].append(subject)

    def documents(self) -> list[str]:
        """Return the IRIs of the documents that the graph describes."""
        return [
            iri
            for iri, values in self.values.items()
            if iri.startswith(_DOC) and f"{EVG}Document" in values.get(f"{RDF}type", ())
        ]

    def is_decided(self, iri: str) -> bool:
        """Return whether a person has decided which known document a new one is."""
        return f"{DCTERMS}isReplacedBy" in self.values[iri]

    def may_propose(self, new: str, other: str) -> bool:
        """Return whether a pair may be proposed; of two new documents, only once."""
        twice = other.startswith(_NEW) and (self.is_decided(other) or other >= new)
        is_rejected = any(b in self.values[a][f"{OWL}differentFrom"] for a, b in ((new, other), (other, new)))
        return new != other and not twice and not is_rejected

    def facts(self, iri: str) -> _Facts:
        """Return what the graph states of a document, and what its entries state."""
        values = self.values[iri]
        labels = sorted(values.get(f"{RDFS}label", ()))
        classes = {cls.removeprefix(EVG) for cls in values.get(f"{RDF}type", ())}
        facts = _Facts(
            label=labels[0] if labels else curie(iri),
            years=set(values.get(f"{DCTERMS}issued", ())),
            publishers=set(values.get(f"{DCTERMS}publisher", ())) | set(values.get(f"{EVG}producedFor", ())),
            countries={value for name in ("studyCountry", "forCountry") for value in values.get(f"{EVG}{name}", ())},
            kinds=classes & {"Study", "Review", "Guidance", "Analysis"},
            identifiers={value for name in _IDENTIFIERS for value in values.get(name, ())},
            titles=set(values.get(f"{DCTERMS}title", ())),
            targets={curie(target) for link in _LINKS for target in values.get(link, ())},
        )
        for identification in values.get(f"{EVG}identification", ()):
            facts.identifiers |= self.values[identification].get(f"{EVG}identifierValue", set())
        for entry in self.subjects.get((f"{EVG}lists", iri), ()):
            facts.titles |= self.values[entry].get(f"{SCHEMA}headline", set())
            facts.cells |= self.values[entry].get(f"{EVG}inCell", set())
            for reference in self.subjects.get((f"{EVG}source", entry), ()):
                facts.targets |= set(self._targets(self.values[reference]))
        for reference in self.subjects.get((f"{EVG}target", iri), ()):
            for entry in self.values[reference].get(f"{EVG}source", ()):
                names = self.values[entry].get(f"{EVG}lists", ())
                facts.mentioned_by |= {curie(name) for name in names if not name.startswith(_NEW)}
        if not facts.titles and not iri.startswith(_NEW):  # The label of a new document is made by evgraph.
            facts.titles = set(labels)
        return facts

    @staticmethod
    def _targets(values: dict[str, set[str]]) -> Iterator[str]:
        """Yield names of what a reference refers to that are the same for the pages of both matrices."""
        for target in values.get(f"{EVG}target", ()):
            if target.startswith(f"{ID}cell/"):
                yield f"cell {target.rpartition('-')[2]}"
            elif target.startswith(_DOC) and not target.startswith(_NEW):
                yield curie(target)
        kinds = [kind.rpartition("/")[2] for kind in values.get(f"{EVG}referenceKind", ())]
        for date in values.get(f"{EVG}statedDate", ()):
            yield f"a document of {date} ({', '.join(sorted(kinds))})"
