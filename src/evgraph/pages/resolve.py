"""What each phrase of a page refers to.

The rules, by the kind of phrase:

- another cell, a section of the page's own commentary: what the words name; outside where no page was read for the
  cell, or the commentary is folded away
- a place in a file: the entry's own document
- a dated or named document ("a simulation study (2011)"): that document, by the register or by a key of its own
- studies from several countries: the entries from these countries
- "above" and "below": the entries (in the commentary: its sections) on that side, narrowed step by step; a step that
  would leave none is skipped:

  1. the same document, where the words say so
  2. the entry whose own words point back
  3. the noun: study, review, guidance
  4. the countries, then the year, then "analysis"
  5. link numbers, where there are as many as entries left

One entry left: resolved. Several: ambiguous, with every candidate. None: dangling. On a web page, the link then settles
what the words leave open, and makes ambiguous what it contradicts. A person's decision overrides all of this.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from evgraph.namespaces import CITO, EVG, ID
from evgraph.pages.cell import Cell, IdentifiedEntry, MentionedDocument, Reference, Resolution, Statement  # fmt: skip
from evgraph.pages.header import LEVELS
from evgraph.pages.html import anchor_of, bank_key, cell_of, link_of, web_address
from evgraph.pages.page import Imprint, Kind, Phrase, Section
from evgraph.pages.source import Span
from evgraph.register import DOC, Register, document_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_Meaning: TypeAlias = tuple[Resolution, str | None, tuple[str, ...]]  # Resolution, target, candidates.
_Source: TypeAlias = IdentifiedEntry | Section

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
_PREDICATES = {
    Kind.CORRESPONDING: f"{EVG}correspondsTo",
    Kind.RELATED: f"{EVG}relatedTo",
    Kind.SEE_ALSO: f"{EVG}seeAlso",
    Kind.IMPLEMENTATION: f"{EVG}implements",
}
_IS_DISCUSSED_BY = f"{CITO}isDiscussedBy"
_CLAUSE_END = re.compile(r"[,;:.]\s")
_STEM = 4  # Letters.
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_ANALYSIS = re.compile("analys[ei]s", re.IGNORECASE)
_OPPOSITE = {"above": "below", "below": "above"}
_ASIDES = {"caption", "pull-quote", "intro"}
_NEVER_TARGETS = {*_ASIDES, "issues"}  # The heading over all issues has no text of its own.
_GENERIC_ROW = "2"  # "Generic and cross-cutting issues": the row of a level "as a whole".


def resolve(cell: Cell, register: Register, cells: Mapping[str, bool] | None = None) -> None:
    """Resolve the references of a cell: fill its ``references`` and ``mentioned``.

    ``cells`` are the other cells that have a page: IRI → whether the page shows its commentary.
    """
    _Resolver(cell, {**(cells or {}), cell.iri: cell.page.has_commentary}, register).run()


class _Resolver:
    def __init__(self, cell: Cell, cells: Mapping[str, bool], register: Register) -> None:
        self.cell, self.page, self.cells, self.register = cell, cell.page, cells, register
        self.counts = Counter[str]()
        self.phrase_counts = Counter[tuple[Span, Imprint]]()  # Of the phrases so far.
        self.directed = [(entry, phrase) for entry in cell.entries for phrase in entry.phrases if phrase.direction]
        self.phrases_of_section = {section.name: phrases for section, phrases in cell.section_phrases}
        self.sections = [(one, one.span) for one in self.page.sections if one.role not in _NEVER_TARGETS]
        self.documents = {entry.iri: entry.documents for entry in cell.entries}
        # An entry of unknown kind fits any noun.
        self.entries_of_noun = {
            noun: {entry for entry in cell.entries if not entry.kinds or not kinds.isdisjoint(entry.kinds)}
            for noun, kinds in _KINDS_OF_NOUN.items()
        }
        self.possible_targets: dict[tuple[int, bool], set[IdentifiedEntry]] = {}  # A cache.

    def run(self) -> None:
        for entry in self.cell.entries:
            self._resolve_all(entry.phrases, entry)
        for section, phrases in self.cell.section_phrases:
            self._resolve_all(phrases, section)
        for search in self.page.searches:
            line = self.page.trailer[bisect_right(self.page.trailer, (search.start, search.end)) - 1]
            links = self.page.source.links_in(search)
            addresses = [address for link in links if (address := web_address(link.href))]
            self._add(Phrase(Kind.SEARCH, search, line), None, _meaning_of(addresses))

    def _resolve_all(self, phrases: list[Phrase], source: _Source) -> None:
        meanings = []
        for phrase in phrases:
            meanings.append(self._meaning(phrase, source))
            self.phrase_counts[phrase.sentence, phrase.imprint] += 1
        pairs = list(zip(phrases, meanings, strict=True))
        same_target = Counter((phrase.span, meaning) for phrase, meaning in pairs)
        for index, (phrase, meaning) in enumerate(pairs):
            is_resolved = meaning[0] is Resolution.RESOLVED and phrase.kind is not Kind.FILE_PLACE
            if is_resolved and same_target[phrase.span, meaning] > 1:
                meaning = Resolution.DANGLING, None, ()  # The items of one phrase are different things.
            if self.page.source.links:
                first = next(i for i, other in enumerate(phrases) if other.span == phrase.span)
                meaning = self._with_link(phrase, source, index - first, meaning)
            self._add(phrase, source, meaning)

    def _add(self, phrase: Phrase, source: _Source | None, meaning: _Meaning) -> None:
        name, iri = source.name if source else "trailer", self.cell.iri
        if source:
            iri = source.iri if isinstance(source, IdentifiedEntry) else self.cell.section_iri(name)
        stem = f"{ID}ref/{self.page.cell}/{name}/{phrase.kind}"
        self.counts[stem] += 1
        reference = f"{stem}-{self.counts[stem]}"
        settled = self.register.settled.get(reference)
        if not settled and isinstance(source, IdentifiedEntry):
            # A decision from before the entry's document was identified names the reference by the document's key.
            settled = self.register.settled.get(reference.replace(f"/{name}/", f"/{source.key}/"))
        resolution, target, candidates = meaning
        settled_by = None
        if settled and settled.target:
            resolution, target, candidates, settled_by = Resolution.RESOLVED, settled.target, (), settled.by
        statement = None
        if resolution is Resolution.RESOLVED and source and target:
            statement = self._statement(phrase, iri, source, target)
        self.cell.references.append(
            Reference(reference, phrase, iri, resolution, target, candidates, statement, settled_by)
        )

    # What the words of a phrase mean.

    def _meaning(self, phrase: Phrase, source: _Source) -> _Meaning:
        if phrase.kind is Kind.CELL:
            return self._other_cell(phrase)
        if phrase.kind is Kind.COMMENTARY:
            return self._own_commentary(phrase, source)
        if phrase.kind is Kind.FILE_PLACE:
            return _meaning_of(source.documents if isinstance(source, IdentifiedEntry) else [])
        if phrase.direction or (phrase.number and phrase.kind is Kind.POSITION):
            entries = self._entries_on_side(phrase, source)
            if self._is_lost_icon(phrase):
                if isinstance(source, IdentifiedEntry):
                    return _meaning_of([entry.iri for entry in entries])
                if phrase.direction == "below":
                    return self._meaning_of_sections(self._sections_on_side(phrase, source))
                if named := self._of_words_before(phrase, self.cell.entries):
                    return _meaning_of([entry.iri for entry in named])
                sections = [self.cell.section_iri(section.name) for section in self._sections_on_side(phrase, source)]
                return _meaning_of(sections + [entry.iri for entry in self.cell.entries])
            if phrase.direction and not entries and (isinstance(source, Section) or not phrase.noun):
                return self._meaning_of_sections(self._sections_on_side(phrase, source))
            return _meaning_of([entry.iri for entry in self._narrow(phrase, source, entries)])
        if phrase.countries:
            entries = self._of_noun(phrase.noun, self._entries_on_side(phrase, source))
            entries = self._of_countries(phrase.countries, entries)
            return _meaning_of([entry.iri for entry in self._in_a_pair(phrase, source, entries) or entries])
        if phrase.link_lost:
            return Resolution.DANGLING, None, ()
        return _meaning_of(self._mentioned(phrase, source))

    def _other_cell(self, phrase: Phrase) -> _Meaning:
        matrix, square = phrase.matrix or self.page.matrix, phrase.square or self.page.square
        if phrase.label:
            level = "ABCDE"[[label.lower().split("/")[0] for label in LEVELS].index(phrase.label)]
            own_level, own_row = self.page.square[0], self.page.square[1]
            square = level + (_GENERIC_ROW if level == own_level else own_row)
        iri = f"{ID}cell/{matrix}-{square}"
        if phrase.matrix_uncertain and matrix != self.page.matrix:
            return Resolution.AMBIGUOUS, None, (f"{ID}cell/{self.page.matrix}-{square}", iri)
        return (Resolution.RESOLVED if iri in self.cells else Resolution.OUTSIDE), iri, ()

    def _own_commentary(self, phrase: Phrase, source: _Source) -> _Meaning:
        if phrase.noun in ("section", "issue"):
            sections = self._sections_on_side(phrase, source)
            if phrase.noun == "issue":
                sections = [section for section in sections if section.role == "issue"]
            elif isinstance(source, Section):  # "The section above" is the nearest one.
                sections = sections[-1:] if phrase.direction == "above" else sections[:1]
            return self._meaning_of_sections(sections)
        if not phrase.section:
            return Resolution.DANGLING, None, ()  # "Click here": only the lost link named the section.
        sections = [one for one in self.page.sections if one.role == phrase.section and one.name != source.name]
        if sections:
            return self._meaning_of_sections(sections)
        folded_away = {"issue": "issues", "supplement": "supplement-1"}.get(phrase.section, phrase.section)
        return Resolution.OUTSIDE, self.cell.section_iri(folded_away), ()

    def _sections_on_side(self, phrase: Phrase, source: _Source) -> list[Section]:
        """Return the sections in a phrase's direction; the commentary is below the entries."""
        if isinstance(source, IdentifiedEntry):
            return [section for section, _ in self.sections] if phrase.direction == "below" else []
        start = phrase.span.start
        if phrase.direction == "above":
            return [section for section, span in self.sections if span.end <= start and section != source]
        return [section for section, span in self.sections if span.start >= start]

    def _meaning_of_sections(self, sections: Iterable[Section]) -> _Meaning:
        return _meaning_of([self.cell.section_iri(section.name) for section in sections])

    def _entries_on_side(self, phrase: Phrase, source: _Source) -> list[IdentifiedEntry]:
        """Return the entries in a phrase's direction; without a direction, all but its own."""
        entries = self.cell.entries
        if isinstance(source, IdentifiedEntry):
            position = source.entry.position
            if not phrase.direction:
                return [entry for entry in entries if entry is not source]
            side = entries[: position - 1] if phrase.direction == "above" else entries[position:]
            if phrase.nearest:
                next_entry = side[-1:] if phrase.direction == "above" else side[:1]
                return self._of_noun(phrase.noun, next_entry) or side
            return side
        if not phrase.noun and not phrase.listed:
            return []  # In the commentary a bare "below" refers to a section.
        is_below_entries = bool(entries) and phrase.span.start > entries[0].entry.span.start
        return entries if phrase.direction is None or (phrase.direction == "above") == is_below_entries else []

    def _narrow(self, phrase: Phrase, source: _Source, entries: list[IdentifiedEntry]) -> list[IdentifiedEntry]:
        """Narrow the entries on one side to those that a phrase means; see the top of the module for the steps."""
        numbers = []  # Of the links that share the phrase's words and noun.
        back = set[IdentifiedEntry]()
        if isinstance(source, IdentifiedEntry):
            same_words = [one for one in source.phrases if one.span == phrase.span and one.noun == phrase.noun]
            numbers = [one.number for one in same_words if one.number]
            if phrase.same_document:
                entries = [one for one in entries if not set(one.documents).isdisjoint(source.documents)] or entries
            if not phrase.plural or len(numbers) == 1:  # Of several documents only some may point back.
                back = self._pointing_back(phrase, source)
                entries = [entry for entry in entries if entry in back] or entries
                back.intersection_update(entries)
        if not back:
            holds_kind = bool(self._of_noun(phrase.noun, self.cell.entries))  # Else the target is not on the page.
            entries = self._of_noun(phrase.noun, entries) or (entries if holds_kind else [])
            if self.page.seems_cut and phrase.direction == "below" and len(entries) == 1:
                return []  # What is missing may hold the target.
        entries = self._of_countries_and_year(phrase, entries)
        if phrase.noun == "analysis":
            folded = self.page.source.folded  # No marker stands for an analysis; the entry's own text says it.
            entries = [entry for entry in entries if _ANALYSIS.search(folded, *entry.entry.span)] or entries
        if phrase.direction and phrase.number and len(numbers) == len(entries) >= phrase.number:
            entries = [entries[numbers.index(phrase.number)]]
        return entries

    def _is_lost_icon(self, phrase: Phrase) -> bool:
        """Return whether a phrase is a bare "( above)", whose icon is lost."""
        words = self.page.source.folded[slice(*phrase.span)]
        return phrase.kind is Kind.POSITION and words.strip("() ").lower() == phrase.direction and words[0] == "("

    def _of_words_before(self, phrase: Phrase, entries: list[IdentifiedEntry]) -> list[IdentifiedEntry]:
        """Return the entries whose headlines share most words with those before a phrase; none if none shares any."""
        folded = self.page.source.folded
        words = _stems(_CLAUSE_END.split(folded[phrase.sentence.start : phrase.span.start].rstrip(" ("))[-1])
        shared = {entry: len(words & _stems(folded[slice(*entry.entry.headline)])) for entry in entries}
        most = max(shared.values(), default=0)
        return [entry for entry in entries if most and shared[entry] == most]

    def _in_a_pair(self, phrase: Phrase, source: _Source, entries: list[IdentifiedEntry]) -> list[IdentifiedEntry]:
        """Return the entries that correspond with one from another country that the same words name, if it is one.

        In "contemporary UK and US studies" the US study is the one that corresponds with the British one.
        """
        phrases = source.phrases if isinstance(source, IdentifiedEntry) else self.phrases_of_section[source.name]
        paired = {
            entry
            for other in phrases
            if other.span == phrase.span and other.countries != phrase.countries
            for partner in self._of_countries(other.countries, self._of_noun(other.noun, self.cell.entries))
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
        its words can mean nothing but this entry.
        """
        back = self._answering(phrase, source) & self._targets(phrase, source)
        if not back:
            back = self._answering(phrase, source, only=True) & self._targets(phrase, source, any_kind=True)
        return back

    def _answering(self, phrase: Phrase, source: IdentifiedEntry, *, only: bool = False) -> set[IdentifiedEntry]:
        """Return the entries whose words may mean, or with ``only`` must mean, a phrase's entry."""
        opposite, kinds = _OPPOSITE.get(phrase.direction or ""), _ANSWERS.get(phrase.kind, ())
        return {
            entry
            for entry, answer in self.directed
            if answer.direction == opposite
            and answer.kind in kinds
            # A bare "above" says nothing of its target.
            and (answer.noun or answer.countries or answer.kind is not Kind.POSITION)
            and source in (targets := self._targets(answer, entry))
            and not (only and len(targets) > 1)
        }

    def _targets(self, phrase: Phrase, source: IdentifiedEntry, *, any_kind: bool = False) -> set[IdentifiedEntry]:
        """Return the entries that a phrase may mean by its own words alone."""
        key = id(phrase), any_kind
        if key not in self.possible_targets:
            entries = self._entries_on_side(phrase, source)
            if not any_kind:
                entries = self._of_noun(phrase.noun, entries) or entries
            self.possible_targets[key] = set(self._of_countries_and_year(phrase, entries, or_unknown=True))
        return self.possible_targets[key]

    def _of_noun(self, noun: str | None, entries: list[IdentifiedEntry]) -> list[IdentifiedEntry]:
        """Return the entries that a noun fits; "document" fits all."""
        fitting = self.entries_of_noun.get(noun or "")
        return entries if fitting is None else [entry for entry in entries if entry in fitting]

    def _of_countries_and_year(
        self, phrase: Phrase, entries: list[IdentifiedEntry], *, or_unknown: bool = False
    ) -> list[IdentifiedEntry]:
        if phrase.countries:
            entries = self._of_countries(phrase.countries, entries, or_unknown=or_unknown) or entries
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

    def _of_countries(
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

    def _mentioned(self, phrase: Phrase, source: _Source) -> list[str]:
        """Return the IRIs of the documents that a phrase mentions: the register's decision, else the phrase's own key.

        The key is made of the whole sentence and the entry or section around it, because "See also a review (2006)"
        means another review in each entry.
        """
        folded, imprint = self.page.source.folded, phrase.imprint
        words = folded[slice(*phrase.sentence)]
        context = source.name if isinstance(source, Section) else folded[slice(*source.entry.headline)]
        earlier = self.phrase_counts[phrase.sentence, imprint]
        words = f"{context} {words}{f' {earlier + 1}' if earlier else ''}"
        key = document_key(self.page.cell, words, imprint.date, imprint.publisher)
        documents = self.register.documents(key)
        for iri in documents:
            self.cell.mentioned.setdefault(iri, MentionedDocument(phrase))
        return documents

    # What the link of a phrase means, on a web page.

    def _with_link(self, phrase: Phrase, source: _Source, index: int, meaning: _Meaning) -> _Meaning:
        """Return the meaning that the words and the link have together."""
        link = link_of(self.page.source, phrase, index)
        if link is None:
            return meaning
        target = self._link_target(link.href, phrase)
        if target is None and phrase.link_lost and bank_key(link.href):
            meaning = _meaning_of(self._mentioned(phrase, source))
        _, by_words, _ = meaning
        if by_words in self.cell.mentioned and by_words.startswith(f"{DOC}u-"):
            # The words say only that there is a document; the link says which.
            mentioned = self.cell.mentioned.pop(by_words)
            if target is None:
                self.cell.mentioned[by_words] = mentioned._replace(bank_key=bank_key(link.href))
                return meaning
        elif target is None or target == by_words:
            return meaning
        elif by_words and not (phrase.kind is Kind.CELL and target.startswith(f"{ID}cell/")):
            return Resolution.AMBIGUOUS, None, (by_words, target)
        is_outside = target.startswith(f"{ID}cell/") and target not in self.cells
        return (Resolution.OUTSIDE if is_outside else Resolution.RESOLVED), target, ()

    def _link_target(self, href: str, phrase: Phrase) -> str | None:
        """Return the IRI of what an address leads to: a place in this page, a cell, or a document of the bank."""
        offset = anchor_of(self.page.source, href)
        if offset is not None:
            places = [(span, self.cell.section_iri(section.name)) for section, span in self.sections]
            places += [(entry.entry.span, entry.iri) for entry in self.cell.entries]
            return next((iri for span, iri in places if span.start <= offset < span.end), None)
        key = bank_key(href)
        if not key:
            return cell_of(href)
        entry = next((entry for entry in self.cell.entries if key in entry.bank_keys), None)
        if entry and (phrase.direction or phrase.number):
            return entry.iri
        documents = entry.documents if entry else self.register.identified("bank-key", key)
        return documents[0] if documents else None

    def _statement(self, phrase: Phrase, iri: str, source: _Source, target: str) -> Statement | None:
        """Return the triple between documents that a resolved reference states, if any."""
        target_document = target if target.startswith(DOC) else self.documents.get(target, [None])[0]
        if isinstance(source, Section):
            is_discussed = target_document and source.role not in _ASIDES
            return (target_document, _IS_DISCUSSED_BY, iri) if target_document and is_discussed else None
        own = source.documents[0]
        if phrase.kind is Kind.COMMENTARY:
            return own, _IS_DISCUSSED_BY, target
        if phrase.kind is Kind.CELL:
            is_discussed = phrase.discusses and self.cells.get(target)
            return (own, _IS_DISCUSSED_BY, target.replace("/cell/", "/commentary/")) if is_discussed else None
        if phrase.kind not in _PREDICATES or not target_document or target_document == own:
            return None
        if phrase.kind is Kind.IMPLEMENTATION and not phrase.implemented:
            return target_document, _PREDICATES[phrase.kind], own
        return own, _PREDICATES[phrase.kind], target_document


def _stems(words: str) -> set[str]:
    """Return the first letters of the longer words, so that "called" and "calls" are alike."""
    return {word[:_STEM] for word in _LONG_WORD.findall(words.lower())}


def _meaning_of(iris: Sequence[str]) -> _Meaning:
    """Return the meaning of a phrase that can mean any of some things: resolved, ambiguous or dangling."""
    iris = tuple(dict.fromkeys(iris))
    if len(iris) == 1:
        return Resolution.RESOLVED, iris[0], ()
    return (Resolution.AMBIGUOUS, None, iris) if iris else (Resolution.DANGLING, None, ())
