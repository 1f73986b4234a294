"""Which entries of a page an "above", a "below" or a country can mean: see the steps in `evgraph.pages.resolve`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from evgraph.pages.cell import Cell, IdentifiedEntry, capitalised_words
from evgraph.pages.page import Kind, Phrase, Section

if TYPE_CHECKING:
    from evgraph.register import Register

Source: TypeAlias = IdentifiedEntry | Section
"""Where a phrase is."""

_KINDS_OF_NOUN = {
    "study": {"study"}, "trial": {"study"}, "review": {"review"}, "guidance": {"guidance"},
    "analysis": {"study", "review", "analysis"},
}  # fmt: skip
# Kind of phrase → the kinds that can point back: "See also US guidance below" is answered by "Related review above".
_ANSWERS = {
    Kind.CORRESPONDING: {Kind.CORRESPONDING},
    Kind.RELATED: {Kind.RELATED, Kind.SEE_ALSO, Kind.POSITION},
    Kind.SEE_ALSO: {Kind.RELATED, Kind.SEE_ALSO, Kind.POSITION},
    Kind.IMPLEMENTATION: {Kind.IMPLEMENTATION, Kind.POSITION},
    Kind.POSITION: {Kind.RELATED, Kind.SEE_ALSO, Kind.POSITION, Kind.CORRESPONDING, Kind.IMPLEMENTATION},
}
_CLAUSE_END = re.compile(r"[,;:.]\s")
_STEM = 4  # Letters.
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_ANALYSIS = re.compile("analys[ei]s", re.IGNORECASE)
_OPPOSITE = {"above": "below", "below": "above"}


class Narrower:
    """Narrows the entries of one page to those that a phrase can mean."""

    def __init__(self, cell: Cell, register: Register) -> None:
        self.cell, self.page, self.register = cell, cell.page, register
        self.directed = [(entry, phrase) for entry in cell.entries for phrase in entry.phrases if phrase.direction]
        self.phrases_of_section = {section.name: phrases for section, phrases in cell.section_phrases}
        # An entry of unknown kind fits any noun.
        self.entries_of_noun = {
            noun: {entry for entry in cell.entries if not entry.kinds or not kinds.isdisjoint(entry.kinds)}
            for noun, kinds in _KINDS_OF_NOUN.items()
        }
        self.possible_targets: dict[tuple[int, bool], set[IdentifiedEntry]] = {}  # A cache.

    def entries_on_side(self, phrase: Phrase, source: Source) -> list[IdentifiedEntry]:
        """Return the entries in a phrase's direction; without a direction, all but its own."""
        entries = self.cell.entries
        if isinstance(source, IdentifiedEntry):
            position = source.entry.position
            if not phrase.direction:
                return [entry for entry in entries if entry is not source]
            side = entries[: position - 1] if phrase.direction == "above" else entries[position:]
            if phrase.nearest:
                next_entry = side[-1:] if phrase.direction == "above" else side[:1]
                return self.of_noun(phrase.noun, next_entry) or side
            return side
        if not phrase.noun and not phrase.listed:
            return []  # In the commentary a bare "below" refers to a section.
        is_below_entries = bool(entries) and phrase.span.start > entries[0].entry.span.start
        return entries if phrase.direction is None or (phrase.direction == "above") == is_below_entries else []

    def narrow(self, phrase: Phrase, source: Source, entries: list[IdentifiedEntry]) -> list[IdentifiedEntry]:
        """Narrow the entries on one side to those that a phrase means; see the top of the module for the steps."""
        numbers = []  # Of the links that share the phrase's words and noun.
        back = set[IdentifiedEntry]()
        if isinstance(source, IdentifiedEntry):
            numbers = [
                sibling.number
                for sibling in source.phrases
                if sibling.number and sibling.span == phrase.span and sibling.noun == phrase.noun
            ]
            if phrase.same_document:
                entries = [
                    entry for entry in entries if not set(entry.documents).isdisjoint(source.documents)
                ] or entries
            if (
                phrase.kind is Kind.POSITION and phrase.countries
            ):  # "A British study below" says more than the way back.
                entries = self.of_countries(phrase.countries, entries) or entries
            if not phrase.plural or len(numbers) == 1:  # Of several documents only some may point back.
                back = self._pointing_back(phrase, source)
                entries = [entry for entry in entries if entry in back] or entries
                back.intersection_update(entries)
        if not back:
            entries = self.of_kind(phrase, source, entries)
        entries = self._of_countries_and_year(phrase, entries)
        if phrase.noun == "analysis":
            folded = self.page.source.folded  # No marker means an analysis; the entry's own text says it.
            entries = [entry for entry in entries if _ANALYSIS.search(folded, *entry.entry.span)] or entries
        if phrase.direction and phrase.number and len(numbers) == len(entries) >= phrase.number:
            entries = [entries[numbers.index(phrase.number)]]
        if self.page.list_is_cut and phrase.direction == "below" and len(entries) == 1 and not back:
            return []  # What is missing may hold the target.
        return entries

    def of_words_before(self, phrase: Phrase, entries: list[IdentifiedEntry]) -> list[IdentifiedEntry]:
        """Return the entries that the words before a phrase name; none if they name none.

        They name a country ("the Australian sums ( above)"), or share most words with the headline.
        """
        folded = self.page.source.folded
        clause = _CLAUSE_END.split(folded[phrase.sentence.start : phrase.span.start].rstrip(" ("))[-1]
        names = tuple(name for name in capitalised_words(clause) if self.register.concept("country", name))
        if names and (from_there := self.of_countries(names, entries)):
            return from_there
        words = _stems(clause)
        shared = {entry: len(words & _stems(folded[slice(*entry.entry.headline)])) for entry in entries}
        most = max(shared.values(), default=0)
        return [entry for entry in entries if most and shared[entry] == most]

    def in_a_pair(self, phrase: Phrase, source: Source, entries: list[IdentifiedEntry]) -> list[IdentifiedEntry]:
        """Return the entries that correspond with one from another country that the same words name, if it is one.

        In "contemporary UK and US studies" the US study is the one that corresponds with the British one.
        """
        phrases = source.phrases if isinstance(source, IdentifiedEntry) else self.phrases_of_section[source.name]
        paired = {
            entry
            for other in phrases
            if other.span == phrase.span and other.countries != phrase.countries
            for partner in self.of_countries(other.countries, self.of_noun(other.noun, self.cell.entries))
            for entry in entries
            if self._corresponds(entry, partner) and self._corresponds(partner, entry)
        }
        return list(paired) if len(paired) == 1 else []

    def _corresponds(self, entry: IdentifiedEntry, other: IdentifiedEntry) -> bool:
        """Return whether the words of an entry may name another as a corresponding study."""
        return any(
            phrase.kind is Kind.CORRESPONDING and other in self._targets(phrase, entry) for phrase in entry.phrases
        )

    def _pointing_back(self, phrase: Phrase, source: IdentifiedEntry) -> set[IdentifiedEntry]:
        """Return the entries that a phrase may mean and whose own words may mean its entry.

        Where there are none, the phrase may name a kind that its target is not. Then an entry of any kind will do if
        its words can mean nothing but this entry. If the page holds nothing of the kind, only one entry may answer.
        """
        back = self._answering(phrase, source) & self._targets(phrase, source)
        if not back:
            back = self._answering(phrase, source, only=True) & self._targets(phrase, source, any_kind=True)
        return back if len(back) == 1 or self._is_held(phrase, source) else set()

    def _answering(self, phrase: Phrase, source: IdentifiedEntry, *, only: bool = False) -> set[IdentifiedEntry]:
        """Return the entries whose words may mean, or with ``only`` must mean, a phrase's entry.

        Those whose words name a kind that the page does not hold count only if there are no others.
        """
        opposite, kinds = _OPPOSITE.get(phrase.direction or ""), _ANSWERS.get(phrase.kind, ())
        answers = [
            (entry, answer)
            for entry, answer in self.directed
            if answer.direction == opposite
            and answer.kind in kinds
            # A bare "above" says nothing of its target.
            and (answer.noun or answer.countries or answer.kind is not Kind.POSITION)
            and source in (targets := self._targets(answer, entry))
            and not (only and len(targets) > 1)
        ]
        held = {entry for entry, answer in answers if self._is_held(answer, entry)}
        return held or {entry for entry, _ in answers}

    def _targets(self, phrase: Phrase, source: IdentifiedEntry, *, any_kind: bool = False) -> set[IdentifiedEntry]:
        """Return the entries that a phrase may mean by its own words alone."""
        key = id(phrase), any_kind
        if key not in self.possible_targets:
            entries = self.entries_on_side(phrase, source)
            if not any_kind:
                entries = self.of_noun(phrase.noun, entries) or entries
            # A document with another word for it may be from a country of which the page says nothing.
            or_unknown = phrase.kind is not Kind.POSITION
            self.possible_targets[key] = set(self._of_countries_and_year(phrase, entries, or_unknown=or_unknown))
        return self.possible_targets[key]

    def _is_held(self, phrase: Phrase, source: Source) -> bool:
        """Return whether another entry of the page is of the kind that a phrase names."""
        return bool(
            self.of_noun(phrase.noun, [entry for entry in self.cell.entries if entry.kinds and entry is not source])
        )

    def of_kind(self, phrase: Phrase, source: Source, entries: list[IdentifiedEntry]) -> list[IdentifiedEntry]:
        """Return the entries of the kind that a phrase names; if only others on the page are of it, all of them.

        Then the phrase may name a kind that its target is not. A kind that the page does not hold is not on it.
        """
        return self.of_noun(phrase.noun, entries) or (entries if self._is_held(phrase, source) else [])

    def of_noun(self, noun: str | None, entries: list[IdentifiedEntry]) -> list[IdentifiedEntry]:
        """Return the entries that a noun fits; "document" fits all."""
        fitting = self.entries_of_noun.get(noun or "")
        return entries if fitting is None else [entry for entry in entries if entry in fitting]

    def _of_countries_and_year(
        self, phrase: Phrase, entries: list[IdentifiedEntry], *, or_unknown: bool = False
    ) -> list[IdentifiedEntry]:
        if phrase.countries:
            entries = self.of_countries(phrase.countries, entries, or_unknown=or_unknown) or entries
            if len(entries) > 1 and phrase.kind is Kind.CORRESPONDING:
                # A Spanish study does not name a "corresponding Spanish study".
                entries = [entry for entry in entries if not self._names_partner_from(phrase, entry)] or entries
        years = phrase.imprint.years
        return [entry for entry in entries if not set(years).isdisjoint(entry.entry.imprint.years)] or entries

    @staticmethod
    def _names_partner_from(phrase: Phrase, entry: IdentifiedEntry) -> bool:
        countries = {
            country for other in entry.phrases if other.kind is Kind.CORRESPONDING for country in other.countries
        }
        return not countries.isdisjoint(phrase.countries)

    def of_countries(
        self, words: tuple[str, ...], entries: list[IdentifiedEntry], *, or_unknown: bool = False
    ) -> list[IdentifiedEntry]:
        """Return the entries from one of some countries; words that the register does not know are ignored."""
        countries = {country for word in words if (country := self.register.concept("country", word))}
        if not countries:
            return entries
        return [
            entry
            for entry in entries
            if not countries.isdisjoint(entry.countries) or (or_unknown and not entry.countries)
        ]


def _stems(words: str) -> set[str]:
    """Return the first letters of the longer words, so that "called" and "calls" are alike."""
    return {word[:_STEM] for word in _LONG_WORD.findall(words.lower())}
