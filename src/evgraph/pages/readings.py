"""Proposals for a person who settles ambiguous references: what a careful reader would take them to mean, and why.

Nothing here becomes a fact. A proposal rests on words that the reference's own text shares with one candidate (for
"(1 2)", with two): a section of the commentary that refers to the entry, a name, or two words side by side.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from evgraph.pages.cell import Resolution
from evgraph.pages.page import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evgraph.pages.cell import Cell, Reference
    from evgraph.pages.source import Span

_WORD = re.compile(r"[^\W_][\w'-]*")
_ACRONYM = re.compile(r"[A-Z]{3,}")
_CLAUSE_END = re.compile(r"[.,;:?!()\"]+(?:\s|$)| - ")
_STEM = 5  # Letters: "managers" and "management" are alike.
_SMALL_WORDS = frozenset(re.findall(r"\S+", """
    a about after again all also among an and any are as at be been before being but by can could did do does for from
    had has have how i if in into is it its may might more most much no not of on once only or other our out over own
    should so some such than that the their them then there these they this those through to under up us very was way we
    were what when where which while who why will with would you your
    above below bite bite's cell discussed discussion discussions entries entry guidance issue issues listed review
    reviews section sections see start studies study trial trials
    alcohol drinkers drug drugs outcome outcomes patient patients problem service services substance treatment
    treatments use users
    """))  # fmt: skip
"""Words that most entries share, and those of the references themselves."""
_NAMED = 100  # The weight of a candidate that refers to the entry.
_MAX_SHARE = 0.6  # Of the last proposed candidate's weight: the next one must have less.

_Term: TypeAlias = tuple[str, ...]


class Reading(NamedTuple):
    """A proposal: what an ambiguous reference may mean."""

    reference: str  # IRI.
    target: str  # IRI, one of the reference's candidates.
    reason: str  # ``issue 3 says “the British study (listed above)”``.


class _Use(NamedTuple):
    """How a text uses a term: as it first prints it, and how often."""

    words: str
    uses: int


def readings(cell: Cell) -> list[Reading]:
    """Return proposals for the ambiguous references of a cell, those in the commentary first.

    Args:
        cell: its references are resolved.

    """
    return list(_Readings(cell).propose())


class _Readings:
    def __init__(self, cell: Cell) -> None:
        self.cell, self.source = cell, cell.page.source
        self.entries = {entry.iri for entry in cell.entries}
        self.spans = {entry.iri: [entry.entry.headline, entry.entry.body] for entry in cell.entries}
        self.spans |= {
            cell.section_iri(section.name): [section.heading, *section.paragraphs] for section in cell.page.sections
        }
        self.terms = {iri: self._terms(spans) for iri, spans in self.spans.items()}
        self.headings = {iri: self._terms(spans[:1]) for iri, spans in self.spans.items()}
        self.ambiguous = [
            reference
            for reference in cell.references
            if reference.resolution is Resolution.AMBIGUOUS and set(reference.candidates) <= self.spans.keys()
        ]
        # Which entry or section may refer to which.
        self.may_mean: defaultdict[str, set[str]] = defaultdict(set)
        for reference in self.ambiguous:
            self.may_mean[reference.source].update(reference.candidates)
        # What the phrases of a source mean, as far as it is known.
        self.meant: defaultdict[tuple[str, Span], set[str]] = defaultdict(set)
        for reference in cell.references:
            if reference.target:
                self.meant[reference.source, reference.phrase.span].add(reference.target)
        # Which section refers to which entry, and the phrase that does.
        self.naming = {
            (reference.source, reference.target): reference
            for reference in cell.references
            if reference.resolution is Resolution.RESOLVED and reference.phrase.kind in (Kind.POSITION, Kind.COMMENTARY)
        }

    def propose(self) -> Iterator[Reading]:
        """Yield the proposals for references in sections, which may tell what those in entries mean, then these."""
        groups: defaultdict[tuple[str, Span, str | None], list[Reference]] = defaultdict(list)
        for reference in self.ambiguous:
            groups[reference.source, reference.phrase.span, reference.phrase.section].append(reference)
        for references in sorted(groups.values(), key=lambda group: group[0].source in self.entries):
            yield from self._propose(references)

    def _propose(self, references: Sequence[Reference]) -> Iterator[Reading]:
        """Yield targets for the references of one phrase, in the order of the page."""
        source, sentence = references[0].source, references[0].phrase.sentence
        around = [span for span in self.spans[source] if span.holds(sentence)]  # The paragraph.
        for words in (self._terms([sentence]), self.terms[source] if source in self.entries else self._terms(around)):
            targets, term = self._stand_out(references, words)
            if targets:
                break
        else:
            return
        for reference, target in zip(references, targets, strict=True):
            self.naming.setdefault((source, target), reference)
            naming = self.naming.get((target, source))
            evidence = self.source.slice(naming.phrase.span) if naming else self.terms[target][term].words
            yield Reading(reference.iri, target, f"{self._name(target)} says “{' '.join(evidence.split())}”")

    def _stand_out(self, references: Sequence[Reference], words: Iterable[_Term]) -> tuple[list[str], _Term]:
        """Return the candidates, as many as references, that alone share terms with some words, and the best term.

        Returns:
            No candidates where none, or several equally, stand out.

        """
        source, count = references[0].source, len(references)
        taken = self.meant[source, references[0].phrase.span]  # By another number of the same phrase.
        candidates = tuple(iri for iri in references[0].candidates if iri not in taken)
        answering = [iri for iri in candidates if iri in self.entries and source in self.may_mean.get(iri, ())]
        if len(answering) >= count:
            candidates = tuple(answering)
        weights: defaultdict[tuple[str, ...], float] = defaultdict(float)
        best: dict[tuple[str, ...], _Term] = {}
        for term in sorted(words, key=lambda term: (-len(term), term)):
            sharing = tuple(iri for iri in candidates if term in self.terms[iri])
            if len(sharing) == count:
                best.setdefault(sharing, term)
                weights[sharing] += sum(self._weight(term, source, iri) for iri in sharing)
        for iri in candidates:
            if (iri, source) in self.naming:
                if count == 1:
                    weights[iri,] += _NAMED
                else:
                    weights.update({targets: weights[targets] + _NAMED for targets in weights if iri in targets})
        ranked = sorted(weights, key=lambda targets: -weights[targets])
        if not ranked or (len(ranked) > 1 and weights[ranked[1]] >= _MAX_SHARE * weights[ranked[0]]):
            return [], ()
        return sorted(ranked[0], key=lambda iri: self.spans[iri][0]), best.get(ranked[0], ())

    def _weight(self, term: _Term, source: str, target: str) -> float:
        """Return how much a term counts: more if it is two words, is often used, or is in a heading."""
        in_heading = term in self.headings.get(source, ()) or term in self.headings[target]
        return len(term) * min(self.terms[target][term].uses, 3) * (3 if in_heading else 1)

    @staticmethod
    def _name(iri: str) -> str:
        return iri.rpartition("/")[2].replace("-", " ")

    def _terms(self, spans: Iterable[Span]) -> dict[_Term, _Use]:
        """Return the terms in some spans, as stems: acronyms ("NICE") and pairs of words ("case management")."""
        terms: dict[_Term, _Use] = {}

        def add(term: _Term, words: str) -> None:
            known = terms.get(term, _Use(words, 0))
            terms[term] = known._replace(uses=known.uses + 1)

        for span in spans:
            for clause in _CLAUSE_END.split(self.source.folded[slice(*span)]):
                matches = list(_WORD.finditer(clause))
                for acronym in filter(_ACRONYM.fullmatch, (match[0].removesuffix("'s") for match in matches)):
                    add((acronym,), acronym)
                for first, second in pairwise(matches):
                    pair = first[0].lower(), second[0].lower()
                    if _SMALL_WORDS.isdisjoint(pair) and not any(word.isdigit() for word in pair):
                        add(
                            tuple(word.removesuffix("s")[:_STEM] for word in pair), clause[first.start() : second.end()]
                        )
        return terms
