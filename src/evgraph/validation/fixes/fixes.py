"""Findings with exactly one safe answer, and that answer.

What a person must decide is not here. Nor is anything in a file that ingest writes: there the answer is to mend the
cause and ingest again.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pyoxigraph as ox

from evgraph.namespaces import BIBO, EVG, ID, PROV, RDF, SKOS, XSD
from evgraph.rdf.files import DataFile, always_loaded
from evgraph.shacl.findings import term_text
from evgraph.shacl.shapes_graph import triples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evgraph.shacl.findings import Finding

_DOI = re.compile(r"\s*(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:\s*)?(10\.[0-9]{4,9}/[^ ]+?)\s*", re.IGNORECASE)
_PMID = re.compile(
    r"\s*(?:(?:https?://)?(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/|pmid:?\s*)?"
    r"([1-9][0-9]{0,8})/?\s*",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\s*([0-9]{4})\s*", re.ASCII)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NO_SLUG = re.compile(r"[^a-z0-9]+")
_INGESTED = re.compile(re.escape(f"{ID}graph/") + r"(?:alcohol|drug)-[A-E][1-5]")
AGAIN = "ingest the page again; files that ingest writes are not fixed"
_ALIKE = 0.85  # From here on, two terms are taken for one that was misspelt.
_SUPERCLASSES = {
    "TrialShape-type": ("Study", "Document"), "StudyShape-type": ("Document",), "ReviewShape-type": ("Document",),
    "GuidanceShape-type": ("Document",), "AnalysisShape-type": ("Document",),
}  # fmt: skip
_SCHEMES = {
    "DocumentShape-studyCountry": "country", "DocumentShape-forCountry": "country",
    "OrganisationShape-country": "country", "DocumentShape-setting": "setting",
    "DocumentShape-studyDesign": "study-design",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Replace:
    """Another object for a triple; an identification that holds the same text follows."""

    triple: ox.Triple
    value: ox.NamedNode | ox.Literal
    identification: bool = False


@dataclass(frozen=True, slots=True)
class Follow:
    """For the object of a triple, a name that was given up, the one that has replaced it."""

    triple: ox.Triple


@dataclass(frozen=True, slots=True)
class Type:
    """More classes for a subject, as far as it lacks them."""

    subject: ox.NamedNode
    classes: tuple[ox.NamedNode, ...]


@dataclass(frozen=True, slots=True)
class Rename:
    """One term for another."""

    old: ox.NamedNode
    new: ox.NamedNode


@dataclass(frozen=True, slots=True)
class Claim:
    """A curator's claim of a triple, in the file that states it."""

    triple: ox.Triple

    @property
    def iri(self) -> ox.NamedNode:
        """The IRI of the claim: what it is about, in words."""
        parts = (self.triple.subject, self.triple.predicate, self.triple.object)
        names = (re.split(r"[/#]", getattr(part, "value", ""))[-1] for part in parts)
        return ox.NamedNode(f"{ID}claim/{'-'.join(_slug(name) for name in names)}")

    def triples(self, iri: ox.NamedNode) -> list[ox.Triple]:
        """Give what is to be written, under an IRI."""
        return [
            ox.Triple(iri, ox.NamedNode(predicate), value)
            for predicate, value in (
                (f"{RDF}type", ox.NamedNode(f"{EVG}Claim")),
                (f"{PROV}wasAttributedTo", ox.NamedNode(f"{ID}agent/curator")),
                (f"{RDF}object", self.triple.object),
                (f"{RDF}predicate", self.triple.predicate),
                (f"{RDF}subject", self.triple.subject),
            )
        ]


Change: TypeAlias = Replace | Follow | Type | Rename | Claim


@dataclass(frozen=True, slots=True)
class Fix:
    """The one safe answer to a finding: in words, and as a change."""

    words: str
    change: Change


class Offer(NamedTuple):
    """What can be done about a finding that has one safe answer.

    Attributes:
        words: the answer, as what is to be done (``write 2007``).
        again: whether the statement stands in a file that ingest writes; then the page is to be ingested again.

    """

    words: str
    again: bool = False

    def __str__(self) -> str:
        """Say what the fix is, or why there is none."""
        return AGAIN if self.again else f"fix: {self.words}"


def _slug(name: str) -> str:
    return _NO_SLUG.sub("-", _CAMEL.sub("-", name).lower()).strip("-")


def ingested(file: DataFile) -> bool:
    """Whether ingest writes a file, and would write it again as it was."""
    return _INGESTED.fullmatch(file.graph) is not None


def fix_of(finding: Finding) -> Fix | None:
    """Give the one safe answer to a finding, None where there is none or a person must choose."""
    focus, path, value = finding.focus, finding.path, finding.value
    if not isinstance(focus, ox.NamedNode):
        return None
    if finding.rule in _SUPERCLASSES:
        classes = tuple(ox.NamedNode(EVG + name) for name in _SUPERCLASSES[finding.rule])
        return Fix(f"type it {' and '.join(map(term_text, classes))} too", Type(focus, classes))
    if finding.rule == "undefined-term":
        near = _near(focus)
        return near and Fix(f"write {term_text(near)}", Rename(focus, near))
    if not isinstance(path, ox.NamedNode) or not isinstance(value, ox.NamedNode | ox.Literal):
        return None
    triple = ox.Triple(focus, path, value)
    if finding.rule == "LinkShape-claimed" and path.value != f"{EVG}bearsOn" and isinstance(value, ox.NamedNode):
        return Fix("add a curator's claim of it", Claim(triple))
    if finding.rule == "replaced-name" and isinstance(value, ox.NamedNode):
        return Fix("write the name that has replaced it", Follow(triple))
    if finding.rule in _VALUES and isinstance(value, ox.Literal):
        better = _VALUES[finding.rule](value)
        if better is not None and better != value:
            of_identifier = path.value in {f"{BIBO}doi", f"{BIBO}pmid"}
            return Fix(f"write {term_text(better)}", Replace(triple, better, of_identifier))
    return None


def _bare(pattern: re.Pattern[str], value: ox.Literal) -> ox.Literal | None:
    found = pattern.fullmatch(value.value)
    return ox.Literal(found[1]) if found else None


def _year(value: ox.Literal) -> ox.Literal | None:
    found = _YEAR.fullmatch(value.value)
    return ox.Literal(found[1], datatype=ox.NamedNode(f"{XSD}gYear")) if found else None


def _concept(scheme: str, value: ox.Literal) -> ox.NamedNode | None:
    """Find the only concept of a scheme that people call so."""
    found = _concepts(scheme).get(value.value.strip().casefold(), set())
    return ox.NamedNode(next(iter(found))) if len(found) == 1 else None


_VALUES: dict[str, Callable[[ox.Literal], ox.NamedNode | ox.Literal | None]] = {
    "DocumentShape-doi": lambda value: _bare(_DOI, value),
    "DocumentShape-pmid": lambda value: _bare(_PMID, value),
    "DocumentShape-issued": _year,
    **{rule: partial(_concept, scheme) for rule, scheme in _SCHEMES.items()},
}


@cache
def _concepts(scheme: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    names = {f"{SKOS}{name}" for name in ("notation", "prefLabel", "altLabel")}
    for subject, predicate, value in triples(always_loaded(), "c"):
        of_scheme = subject.value.startswith(f"{ID}scheme/{scheme}/") and predicate.value in names
        if of_scheme and isinstance(value, ox.Literal):
            found.setdefault(value.value.casefold(), set()).add(subject.value)
    return found


def _near(term: ox.NamedNode) -> ox.NamedNode | None:
    """Find the only term of our ontology that this one can be a slip for."""
    if not term.value.startswith(EVG):
        return None
    names = {name.casefold(): name for name in _of_ontology()}
    word = term.value.removeprefix(EVG)
    near = difflib.get_close_matches(word.casefold(), sorted(names), n=2, cutoff=_ALIKE)
    # A class is no property: upper and lower case begin them.
    fitting = [names[one] for one in near if names[one][:1].isupper() == word[:1].isupper()]
    return ox.NamedNode(EVG + fitting[0]) if len(fitting) == 1 and len(near) == 1 else None


@cache
def _of_ontology() -> frozenset[str]:
    subjects: Iterator[str] = (subject.value for subject, _, _ in triples(always_loaded(), "o"))
    return frozenset(one.removeprefix(EVG) for one in subjects if one.startswith(EVG) and one != EVG)
