"""A new version of a page keeps the names that an earlier one gave: of its entries, documents, sections, references.

What people decided names these. So what is the same keeps its IRI, what is new gets one that neither the earlier
version nor a decision uses, and nothing takes the IRI of something else.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode

from evgraph.namespaces import ID
from evgraph.pages.cell import FormerEntry, FormerMention
from evgraph.pages.html import bank_keys_in
from evgraph.pages.matching import EntryFacts, SectionFacts, match_entries, match_sections
from evgraph.pages.reference_matches import match_references
from evgraph.register import document_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import Triple

    from evgraph.pages.cell import Cell
    from evgraph.pages.earlier import EarlierReference, EarlierVersion
    from evgraph.pages.page import Entry, Page, Phrase
    from evgraph.pages.source import Span
    from evgraph.register import Register


class KeptName(NamedTuple):
    """An entry or a section that kept its IRI although the page words it otherwise."""

    line: int  # Of the file, from 1.
    label: str  # The headline of an entry; empty where that is what changed.
    what: str  # ``retitled``, ``year corrected``, ``date changed``, ``publisher changed``, ``heading changed``.
    iri: str
    before: str
    after: str


class LostName(NamedTuple):
    """Something that curated data names and the new version of the page has no longer."""

    iri: str
    label: str  # Its words in the earlier version; empty if unknown.
    now: str | None  # The new IRI of an entry whose document was identified.


class Continuation:
    """What a new version of a page keeps of the earlier one.

    Args:
        page: the new version; `keep_sections` changes the names of its sections.
        earlier: the earlier one.
        register: which document is which, and what curated data names.

    """

    def __init__(self, page: Page, earlier: EarlierVersion, register: Register) -> None:
        self.page, self.earlier, self.register = page, earlier, register
        self._curated = {
            term.value
            for triple in register.curated
            for term in (triple.subject, triple.object)
            if isinstance(term, NamedNode)
        }
        facts = [self._facts_of(entry) for entry in page.entries]
        matches = match_entries([entry.facts for entry in earlier.entries], facts)
        pairs = [(page.entries[own], facts[own], earlier.entries[old]) for own, old in sorted(matches.items())]
        self.entries = {entry.position: FormerEntry(former.iri, earlier.key_of(former)) for entry, _, former in pairs}
        """Position of an entry → the earlier one."""
        self.kept = [
            KeptName(
                page.source.line_of(entry.span.start),
                "" if what == "retitled" else own.headline,
                what,
                former.iri,
                before,
                after,
            )
            for entry, own, former in pairs
            for what, before, after in entry_changes(former.facts, own)
        ]
        """What kept its name although its words changed."""

    def _facts_of(self, entry: Entry) -> EntryFacts:
        source, imprint = self.page.source, entry.imprint
        headline = source.words(entry.headline)
        key = document_key(self.page.cell, headline, imprint.date, imprint.publisher)
        linked = [
            iri for key in bank_keys_in(source, entry.headline) for iri in self.register.identified("bank-key", key)
        ]
        return EntryFacts(
            headline,
            imprint.date or "",
            imprint.publisher or "",
            frozenset(entry.markers),
            frozenset(self.register.decisions.get(key) or linked),
            source.slice(entry.body),
        )

    def keep_sections(self) -> None:
        """Give the sections of the page the names that they had; others get names that are free."""
        page, earlier = self.page, self.earlier.sections
        stem = f"{ID}section/{page.cell}/"
        facts = [
            SectionFacts(section.role, page.source.words(section.heading), page.source.slice(section.span))
            for section in page.sections
        ]
        matches = match_sections([section.facts for section in earlier], facts)
        kept = {own: earlier[old].iri.removeprefix(stem) for own, old in matches.items()}
        used = {section.iri.removeprefix(stem) for section in earlier}
        if any(section.facts.role != "intro" for section in earlier):  # Else the commentary comes unfolded only now.
            used |= {iri.removeprefix(stem) for iri in self._curated if iri.startswith(stem)}
        for own, section in enumerate(page.sections):
            names = (name for number in count(1) for name in [section.name, f"{section.role}-{number}"][number > 1 :])
            name = kept.get(own) or next(name for name in names if name not in used)
            used.add(name)
            page.sections[own] = section._replace(name=name)
            if own in matches:
                before = earlier[matches[own]].facts.heading
                if before.split() != facts[own].heading.split() and section.heading.end > section.heading.start:
                    line = page.source.line_of(section.span.start)
                    self.kept.append(KeptName(line, "", "heading changed", stem + name, before, facts[own].heading))

    def number_references(self, cell: Cell) -> None:
        """Give the references of an identified cell the numbers that they had; others get numbers that are free."""
        by_source: dict[str, list[EarlierReference]] = defaultdict(list)
        for reference in self.earlier.references:
            by_source[reference.source].append(reference)
        used = defaultdict[str, set[int]](set)  # ``SOURCE/KIND`` → numbers.
        stem = f"{ID}ref/{self.page.cell}/"
        for iri in self._curated:
            name, _, number = iri.removeprefix(stem).rpartition("-")
            if iri.startswith(stem) and number.isdecimal():
                used[name].add(int(number))
        for name, former_names, source, context, phrases in self._sources(cell):
            earlier = by_source.get(source, [])
            matches = match_references(earlier, phrases, self.page.source)
            numbers = defaultdict[str, list[int | None]](list)
            for index, phrase in enumerate(phrases):
                former = earlier[matches[index]] if index in matches else None
                numbers[phrase.kind.value].append(former.number if former else None)
                if former and context is not None:
                    mention = FormerMention(context, former.words, former.target, self.earlier.replaced)
                    cell.former_mentions[f"{stem}{name}/{phrase.kind}-{former.number}"] = mention
            for kind, known in numbers.items():
                taken = {reference.number for reference in earlier if reference.kind == kind}
                taken = taken.union(*(used.get(f"{source_name}/{kind}", ()) for source_name in (name, *former_names)))
                free = (number for number in count(1) if number not in taken)
                cell.numbers[f"{name}/{kind}"] = [next(free) if number is None else number for number in known]

    def _sources(self, cell: Cell) -> Iterator[tuple[str, tuple[str, ...], str, str | None, Sequence[Phrase]]]:
        """Yield whatever has references: name, earlier names, earlier IRI, the context of its mentions, phrases."""
        headlines = {entry.iri: entry.facts.headline for entry in self.earlier.entries}
        for entry in cell.entries:
            former = self.entries.get(entry.entry.position)
            iri = former.iri if former else ""
            yield entry.name, entry.former_names, iri, headlines.get(iri), entry.phrases
        for section, phrases in cell.section_phrases:
            yield section.name, (), cell.section_iri(section.name), section.name, phrases
        yield "trailer", (), cell.iri, None, cell.search_phrases()

    def parts(self, cell: Cell) -> dict[str, Span]:
        """Return the entries and sections that were there before: earlier IRI → span in the new text."""
        parts = {cell.section_iri(section.name): section.span for section in cell.page.sections}
        for entry in cell.entries:
            if former := self.entries.get(entry.entry.position):
                parts[former.iri] = entry.entry.span
        return parts

    def lost(self, cell: Cell, graph: Iterable[Triple]) -> list[LostName]:
        """Return what curated data names and the new graph of the cell has no longer."""
        names = {triple.subject.value for triple in graph if isinstance(triple.subject, NamedNode)}
        for reference in cell.references:
            for entry in cell.entries if reference.source.startswith(f"{ID}entry/") else ():
                if entry.iri == reference.source:
                    names |= {reference.iri.replace(f"/{entry.name}/", f"/{name}/") for name in entry.former_names}
        now = {former.iri: entry.iri for entry in cell.entries if (former := self.entries.get(entry.entry.position))}
        matched = {former.iri for former in self.entries.values()}
        decided = {self.earlier.key_of(entry) for entry in self.earlier.entries if entry.iri not in matched}
        gone = (self.earlier.names & self._curated) - names - self.register.decisions.keys()
        gone |= decided & self._curated & self.register.decisions.keys()
        return [LostName(iri, self.earlier.label(iri), now.get(iri)) for iri in sorted(gone)]


def entry_changes(before: EntryFacts, after: EntryFacts) -> Iterator[tuple[str, str, str]]:
    """Yield how an entry's headline, date and publisher changed: name of the change, before, after."""
    (headline, date, publisher), (new_headline, new_date, new_publisher) = before.key, after.key
    if headline != new_headline:
        yield "retitled", before.headline, after.headline
    if date != new_date:
        is_year = all(len(text) == 4 and text.isdecimal() for text in (date, new_date))
        yield "year corrected" if is_year else "date changed", before.date, after.date
    if publisher != new_publisher:
        yield "publisher changed", before.publisher, after.publisher
