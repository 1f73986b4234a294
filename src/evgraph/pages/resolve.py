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
what the words leave open, and makes ambiguous what it contradicts. A person's decision overrides all of this: it names
the target, or says that the target is outside the graph, or that nobody can find it (dangling).
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from evgraph.namespaces import CITO, EVG, ID
from evgraph.pages.cell import Cell, IdentifiedEntry, MentionedDocument, Reference, Resolution, Statement  # fmt: skip
from evgraph.pages.header import LEVELS
from evgraph.pages.html import anchor_of, bank_key, cell_of, link_of, web_address
from evgraph.pages.narrow import Narrower, Source
from evgraph.pages.page import Imprint, Kind, Phrase, Section
from evgraph.pages.source import Span
from evgraph.register import DOC, Register, SettledReference, document_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_Meaning: TypeAlias = tuple[Resolution, str | None, tuple[str, ...]]  # Resolution, target, candidates.

_PREDICATES = {
    Kind.CORRESPONDING: f"{EVG}correspondsTo",
    Kind.RELATED: f"{EVG}relatedTo",
    Kind.SEE_ALSO: f"{EVG}seeAlso",
    Kind.IMPLEMENTATION: f"{EVG}implements",
}
_IS_DISCUSSED_BY = f"{CITO}isDiscussedBy"
_ARROW = re.compile(r"\([ \u00a0]*(?:above|below)\)$")  # In a bracket of its own, where an icon was.
_OF_DOCUMENTS = (Kind.INLINE, Kind.SEE_ALSO, Kind.FILE_PLACE)
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
        self.counts = Counter[tuple[str, str]]()  # Of references, by name of the source, and kind.
        # IRI of the reference of a phrase, and how many phrases of its sentence state the same before it.
        self.places: dict[int, tuple[str, int]] = {}
        self.names = {entry.name for entry in cell.entries}
        self.narrower = Narrower(cell, register)
        self.sections = [
            (section, section.span) for section in self.page.sections if section.role not in _NEVER_TARGETS
        ]
        self.documents = {entry.iri: entry.documents for entry in cell.entries}

    def run(self) -> None:
        for entry in self.cell.entries:
            self._resolve_all(entry.phrases, entry)
        for section, phrases in self.cell.section_phrases:
            self._resolve_all(phrases, section)
        for phrase in self.cell.search_phrases():
            links = self.page.source.links_in(phrase.span)
            addresses = [address for link in links if (address := web_address(link.href))]
            self._add(self._reference_iri("trailer", phrase), phrase, None, _meaning_of(addresses))

    def _resolve_all(self, phrases: list[Phrase], source: Source) -> None:
        meanings = []
        alike = Counter[tuple[Span, Imprint]]()
        for phrase in phrases:
            self.places[id(phrase)] = self._reference_iri(source.name, phrase), alike[phrase.sentence, phrase.imprint]
            alike[phrase.sentence, phrase.imprint] += 1
            meanings.append(self._meaning(phrase, source))
        pairs = list(zip(phrases, meanings, strict=True))
        same_target = Counter((phrase.span, meaning) for phrase, meaning in pairs)
        for index, (phrase, meaning) in enumerate(pairs):
            is_entry = meaning[0] is Resolution.RESOLVED and meaning[1] in self.documents
            if is_entry and same_target[phrase.span, meaning] > 1:
                meaning = Resolution.DANGLING, None, ()  # The items of one phrase are different things.
            if self.page.source.links:
                before = [bool(other.number) for other in phrases[:index] if other.span == phrase.span]
                meaning = self._with_link(phrase, source, before.count(bool(phrase.number)), meaning)
            self._add(self.places[id(phrase)][0], phrase, source, meaning)

    def _add(self, reference: str, phrase: Phrase, source: Source | None, meaning: _Meaning) -> None:
        first, iri = reference, self.cell.iri
        if source:
            iri = source.iri if isinstance(source, IdentifiedEntry) else self.cell.section_iri(source.name)
        decision, number = self._decision(reference, source, meaning), 1
        resolution, target, candidates = decision[0] if decision else meaning
        while True:
            settled_by = decision[1] if decision else None
            statement = None
            if resolution is Resolution.RESOLVED and source and target:
                statement = self._statement(phrase, iri, source, target)
            self.cell.references.append(
                Reference(reference, phrase, iri, resolution, target, candidates, statement, settled_by)
            )
            # A person may have decided that the words mean several things; each has a reference of its own.
            number, reference = number + 1, f"{first}-{number + 1}"
            decision = decision and self._decision(reference, source)
            if not decision:
                return
            resolution, target, candidates = decision[0]

    def _decision(
        self, reference: str, source: Source | None, stated: _Meaning | None = None
    ) -> tuple[_Meaning, str] | None:
        """Return what a person has decided on a reference, and who; note whether the page states the same."""
        names = [reference]
        if isinstance(source, IdentifiedEntry):
            # A decision may name the entry by the key of its document, or by its name in an earlier version.
            formers = [former for former in source.former_names if former not in self.names]
            names += [reference.replace(f"/{source.name}/", f"/{former}/") for former in formers]
        for name in names:
            settled = self.register.settled.get(name)
            meaning = settled and _decided_meaning(settled)
            if settled and meaning:
                self.cell.decided[name] = meaning != stated or meaning[0] is Resolution.DANGLING
                return meaning, settled.by
        return None

    def _reference_iri(self, name: str, phrase: Phrase) -> str:
        """Return the IRI of the next reference of a kind from an entry, a section or the trailer."""
        self.counts[name, phrase.kind] += 1
        number, numbers = self.counts[name, phrase.kind], self.cell.numbers.get(f"{name}/{phrase.kind}")
        return f"{ID}ref/{self.page.cell}/{name}/{phrase.kind}-{numbers[number - 1] if numbers else number}"

    # What the words of a phrase mean.

    def _meaning(self, phrase: Phrase, source: Source) -> _Meaning:
        if phrase.kind is Kind.CELL:
            return self._other_cell(phrase)
        if phrase.kind is Kind.COMMENTARY:
            return self._own_commentary(phrase, source)
        if phrase.kind is Kind.FILE_PLACE:
            return _meaning_of(source.documents if isinstance(source, IdentifiedEntry) else [])
        if phrase.direction or (phrase.number and phrase.kind is Kind.POSITION):
            entries = self.narrower.entries_on_side(phrase, source)
            has_arrow = _ARROW.search(self.page.source.slice(phrase.span))
            if has_arrow and not self.narrower.of_kind(phrase, source, entries):
                phrase = phrase._replace(noun=None)  # "A guide ( above)" may be a person.
            if self._is_lost_icon(phrase):
                if isinstance(source, IdentifiedEntry):
                    return _meaning_of([entry.iri for entry in entries])
                if phrase.direction == "below":
                    return self._meaning_of_sections(self._sections_on_side(phrase, source))
                if named := self.narrower.of_words_before(phrase, self.cell.entries):
                    return _meaning_of([entry.iri for entry in named])
                sections = [self.cell.section_iri(section.name) for section in self._sections_on_side(phrase, source)]
                return _meaning_of(sections + [entry.iri for entry in self.cell.entries])
            if phrase.direction and not entries and (isinstance(source, Section) or not phrase.noun):
                return self._meaning_of_sections(self._sections_on_side(phrase, source))
            return _meaning_of([entry.iri for entry in self.narrower.narrow(phrase, source, entries)])
        if phrase.countries:
            entries = self.narrower.of_noun(phrase.noun, self.narrower.entries_on_side(phrase, source))
            entries = self.narrower.of_countries(phrase.countries, entries)
            return _meaning_of([entry.iri for entry in self.narrower.in_a_pair(phrase, source, entries) or entries])
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

    def _own_commentary(self, phrase: Phrase, source: Source) -> _Meaning:
        if phrase.noun in ("section", "issue"):
            sections = self._sections_on_side(phrase, source)
            if phrase.noun == "issue":
                sections = [section for section in sections if section.role == "issue"]
            elif isinstance(source, Section):  # "The section above" is the nearest one.
                sections = sections[-1:] if phrase.direction == "above" else sections[:1]
            return self._meaning_of_sections(sections)
        if not phrase.section:
            return Resolution.DANGLING, None, ()  # "Click here": only the lost link named the section.
        sections = [
            section for section in self.page.sections if section.role == phrase.section and section.name != source.name
        ]
        if sections:
            return self._meaning_of_sections(sections)
        folded_away = {"issue": "issues", "supplement": "supplement-1"}.get(phrase.section, phrase.section)
        return Resolution.OUTSIDE, self.cell.section_iri(folded_away), ()

    def _sections_on_side(self, phrase: Phrase, source: Source) -> list[Section]:
        """Return the sections in a phrase's direction; the commentary is below the entries."""
        if isinstance(source, IdentifiedEntry):
            return [section for section, _ in self.sections] if phrase.direction == "below" else []
        start = phrase.span.start
        if phrase.direction == "above":
            return [section for section, span in self.sections if span.end <= start and section != source]
        return [section for section, span in self.sections if span.start >= start]

    def _meaning_of_sections(self, sections: Iterable[Section]) -> _Meaning:
        return _meaning_of([self.cell.section_iri(section.name) for section in sections])

    def _is_lost_icon(self, phrase: Phrase) -> bool:
        """Return whether a phrase is a bare "( above)", whose icon is lost."""
        words = self.page.source.folded[slice(*phrase.span)]
        return phrase.kind is Kind.POSITION and words.strip("() ").lower() == phrase.direction and words[0] == "("

    def _mentioned(self, phrase: Phrase, source: Source) -> list[str]:
        """Return the IRIs of the documents that a phrase mentions: the register's decision, else the phrase's own key.

        The key is made of the whole sentence and the entry or section around it, because "See also a review (2006)"
        means another review in each entry.
        """
        folded, imprint = self.page.source.folded, phrase.imprint
        words = folded[slice(*phrase.sentence)]
        context = source.name if isinstance(source, Section) else folded[slice(*source.entry.headline)]
        reference, earlier = self.places[id(phrase)]
        number = f" {earlier + 1}" if earlier else ""
        key = document_key(self.page.cell, f"{context} {words}{number}", imprint.date, imprint.publisher)
        documents = self.register.decisions.get(key, [])
        if documents:
            self.cell.decided[key] = True
        else:
            former = self.cell.former_mentions.get(reference)
            older = former.key(self.page.cell, words, number, imprint, self.register) if former else key
            documents = self.register.documents(older)
            if older in self.register.decisions:
                self.cell.decided[older] = True
            if older != key:
                self.cell.replaced[key] = older
        for iri in documents:
            self.cell.mentioned.setdefault(iri, MentionedDocument(phrase))
        return documents

    # What the link of a phrase means, on a web page.

    def _with_link(self, phrase: Phrase, source: Source, index: int, meaning: _Meaning) -> _Meaning:
        """Return the meaning that the words and the link have together."""
        link = link_of(self.page.source, phrase, index)
        if link is None:
            return meaning
        target = self._link_target(link.href, phrase)
        if (
            target is None
            and meaning[0] is Resolution.DANGLING
            and bank_key(link.href)
            and phrase.kind in _OF_DOCUMENTS
        ):
            meaning = _meaning_of(self._mentioned(phrase, source))
        by_words = None if self._is_lost_icon(phrase) else meaning[1]
        if by_words in self.cell.mentioned and by_words.startswith(f"{DOC}u-"):
            # The words say only that there is a document; the link says which.
            mentioned = self.cell.mentioned.pop(by_words)
            if target is None:
                self.cell.mentioned[by_words] = mentioned._replace(bank_key=bank_key(link.href))
                return meaning
        elif target is None or target == by_words:
            return meaning
        elif by_words and not (phrase.kind is Kind.CELL and target[-2:] == by_words[-2:]):  # The link has the matrix.
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

    def _statement(self, phrase: Phrase, iri: str, source: Source, target: str) -> Statement | None:
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


def _decided_meaning(decision: SettledReference) -> _Meaning | None:
    """Return what a decision makes of a reference; None where it decides nothing."""
    if decision.resolution == Resolution.DANGLING:
        return Resolution.DANGLING, None, ()
    if decision.resolution == Resolution.OUTSIDE:
        return Resolution.OUTSIDE, decision.target or None, ()
    return (Resolution.RESOLVED, decision.target, ()) if decision.target else None


def _meaning_of(iris: Sequence[str]) -> _Meaning:
    """Return the meaning of a phrase that can mean any of some things: resolved, ambiguous or dangling."""
    iris = tuple(dict.fromkeys(iris))
    if len(iris) == 1:
        return Resolution.RESOLVED, iris[0], ()
    return (Resolution.AMBIGUOUS, None, iris) if iris else (Resolution.DANGLING, None, ())
