"""From what a reference says to what it means.

Positions ("above", "below") are taken within the page. Among several candidates the one whose own words point back
wins, then the one whose kind, country and year the words name; what is still open stays ambiguous, with every
candidate. Nothing is guessed, and what a person has settled is taken over as theirs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from evgraph.namespaces import CITO, EVG, ID
from evgraph.pages.cell import Cell, Listing, NamedDocument, Reference, Resolution, Statement, countries
from evgraph.pages.header import LEVELS
from evgraph.pages.links import address, anchor_of, bank_key, cell_of, link_of
from evgraph.pages.mention import Kind, Mention
from evgraph.pages.page import Section
from evgraph.register import DOC, Register, document_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_Meaning: TypeAlias = tuple[Resolution, str | None, tuple[str, ...]]

_FITS = {
    "study": {"study"}, "trial": {"study"}, "review": {"review"}, "guidance": {"guidance"},
    "analysis": {"study", "review", "analysis"},
}  # fmt: skip
# Which kinds of reference answer one: the way back may be of another kind.
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
_DISCUSSED = f"{CITO}isDiscussedBy"
_OPPOSITE = {"above": "below", "below": "above"}
_ASIDES = {"caption", "pull-quote", "intro"}
_NOT_MEANT = {*_ASIDES, "issues"}  # The issues' common heading holds nothing itself.
_GENERIC_ROW = "2"  # "Generic and cross-cutting issues": what a page means by a level "as a whole".


def resolve(cells: Sequence[Cell], register: Register, there: Mapping[str, bool] | None = None) -> None:
    """Resolve the references of some pages, across them all; the order of the pages does not matter.

    Args:
        cells: from `identify`; their ``references`` and ``named`` are filled.
        register: decisions, and what people have settled.
        there: further cells that a page was read for: IRI → whether their commentary stands open.

    """
    known = {**(there or {}), **{cell.iri: cell.page.commentary for cell in cells}}
    for cell in cells:
        _Resolver(cell, known, register).run()


class _Resolver:
    def __init__(self, cell: Cell, known: Mapping[str, bool], register: Register) -> None:
        self.cell, self.page, self.register, self.known = cell, cell.page, register, known
        self.counts = defaultdict[str, int](int)
        self.directed = [(one, said) for one in cell.listings for said in one.mentions if said.direction]
        self.sections = [(one, one.span) for one in self.page.sections if one.role not in _NOT_MEANT]
        self.documents = {one.iri: one.documents for one in cell.listings}
        self.iri = f"{ID}ref/{cell.page.cell}"
        self.section = cell.section_iri("")
        # What is asked of the same entries time and again, by their positions.
        self.countries: dict[int, set[str]] = {}  # → concept IRIs
        self.of_kind: dict[str, set[int]] = {}  # Noun → the entries that it fits.
        self.may_mean: dict[tuple[int, bool], set[int]] = {}  # id of a mention → entries

    def run(self) -> None:
        for i, listing in enumerate(self.cell.listings):
            self._each(listing.mentions, listing.name, listing.iri, listing, i)
        for section, found in self.cell.spoken:
            self._each(found, section.name, self.section + section.name, section, 0)
        for search in self.page.searches:
            line = self.page.trailer[bisect_right(self.page.trailer, (search.start, search.end)) - 1]
            mention = Mention(Kind.SEARCH, search, line)
            addresses = [address(link.href) for link in self.page.source.links_in(search)]
            self._add(mention, "trailer", self.cell.iri, None, _one([one for one in addresses if one]))

    def _each(self, found: list[Mention], name: str, iri: str, source: Listing | Section, at: int) -> None:
        links = self.page.source.links
        for place, mention in enumerate(found):
            meaning = self._meaning(mention, name, source, at)
            if links:
                first = next(i for i, one in enumerate(found) if one.words == mention.words)
                meaning = self._by_link(mention, place - first, meaning)
            self._add(mention, name, iri, source, meaning)

    def _add(
        self, mention: Mention, name: str, iri: str, source: Listing | Section | None,
        meaning: _Meaning,
    ) -> None:  # fmt: skip
        stem = f"{self.iri}/{name}/{mention.kind}"
        self.counts[stem] += 1
        own = f"{stem}-{self.counts[stem]}"
        resolution, target, candidates = meaning
        settled = self.register.settled.get(own)
        if not settled and isinstance(source, Listing) and source.key != name:
            # A decision made before the entry's document was identified names the reference by the document's key.
            settled = self.register.settled.get(own.replace(f"/{name}/", f"/{source.key}/"))
        by = None
        if settled and settled.target:
            resolution, target, candidates, by = Resolution.RESOLVED, settled.target, (), settled.by
        statement = self._statement(mention, iri, source, target) if resolution is Resolution.RESOLVED else None
        self.cell.references.append(Reference(own, mention, iri, resolution, target, candidates, statement, by))

    # What a mention means: its resolution, its target, its candidates.

    def _meaning(self, mention: Mention, name: str, source: Listing | Section, at: int) -> _Meaning:
        if mention.kind is Kind.CELL:
            return self._other_cell(mention)
        if mention.kind is Kind.COMMENTARY:
            return self._own_commentary(mention, name, source)
        if mention.kind is Kind.FILE_PLACE:
            return _one(source.documents if isinstance(source, Listing) else [])
        listings = self._listings(mention, source, at)
        if mention.direction or (mention.number and mention.kind is Kind.POSITION):
            if mention.direction and not listings and (isinstance(source, Section) or not mention.noun):
                return _one([self.section + one.name for one in self._sections(mention, source)])
            return self._narrow(mention, source, listings)
        if mention.countries:
            fitting = self._of_kind(mention.noun)
            found = [one for one in listings if one.entry.position in fitting]
            return _one([one.iri for one in self._of_countries(mention.countries, found)])
        return _one([document.iri for document in self._named(mention, source)])

    def _by_link(self, mention: Mention, place: int, meaning: _Meaning) -> _Meaning:
        """Let a web page's link settle what the words leave open; where the two differ, both stand as candidates."""
        link = link_of(self.page.source, mention, place)
        if link is None:
            return meaning
        _, by_words, _ = meaning
        key = bank_key(link.href)
        target = self._led_to(link.href, mention)
        named = next((one for one in self.cell.named if one.iri == by_words and one.iri.startswith(f"{DOC}u-")), None)
        if named:  # The words say only that there is a document; the link says which.
            self.cell.named.remove(named)
            if target is None:
                self.cell.named.append(named._replace(bank_key=key))
                return meaning
        elif target is None or target == by_words:
            return meaning
        elif by_words and by_words != target:
            return Resolution.AMBIGUOUS, None, (by_words, target)
        outside = target.startswith(f"{ID}cell/") and target not in self.known
        return (Resolution.OUTSIDE if outside else Resolution.RESOLVED), target, ()

    def _led_to(self, href: str, mention: Mention) -> str | None:
        """Give what an address leads to: a place in this page, a cell, or a document of the bank."""
        offset = anchor_of(self.page.source, href)
        if offset is not None:
            places = [(span, self.section + one.name) for one, span in self.sections]
            places += [(one.entry.span, one.iri) for one in self.cell.listings]
            return next((iri for span, iri in places if span.start <= offset < span.end), None)
        key = bank_key(href)
        if not key:
            return cell_of(href)
        listed = [one for one in self.cell.listings if key in one.bank_keys]
        if listed and (mention.direction or mention.number):
            return listed[0].iri
        documents = listed[0].documents if listed else self.register.identified("bank-key", key)
        return documents[0] if documents else None

    def _other_cell(self, mention: Mention) -> _Meaning:
        matrix, square = mention.matrix or self.page.matrix, mention.square or self.page.square
        if mention.label:
            level = "ABCDE"[[one.lower().split("/")[0] for one in LEVELS].index(mention.label)]
            own_level, own_row = self.page.square[0], self.page.square[1]
            square = level + (_GENERIC_ROW if level == own_level else own_row)
        iri = f"{ID}cell/{matrix}-{square}"
        return (Resolution.RESOLVED if iri in self.known else Resolution.OUTSIDE), iri, ()

    def _own_commentary(self, mention: Mention, name: str, source: Listing | Section) -> _Meaning:
        if mention.noun in ("section", "issue"):
            found = [one for one in self._sections(mention, source) if mention.noun == "section" or one.role == "issue"]
            if mention.noun == "section" and isinstance(source, Section):
                found = found[-1:] if mention.direction == "above" else found[:1]  # "The section above" is the nearest.
            return _one([self.section + one.name for one in found])
        if not mention.section:
            return Resolution.DANGLING, None, ()  # "Click here": only the lost link said where.
        found = [one for one in self.page.sections if one.role == mention.section and one.name != name]
        if found:
            return _one([self.section + one.name for one in found])
        lost = {"issue": "issues", "supplement": "supplement-1"}.get(mention.section, mention.section)
        return Resolution.OUTSIDE, self.section + lost, ()  # Named, and folded away on this page.

    def _sections(self, mention: Mention, source: Listing | Section) -> list[Section]:
        """Sections of the commentary in the mention's direction, in order."""
        if isinstance(source, Listing):
            return [one for one, _ in self.sections] if mention.direction == "below" else []
        start = mention.words.start
        if mention.direction == "above":
            return [one for one, span in self.sections if span.end <= start and one != source]
        return [one for one, span in self.sections if span.start >= start]

    def _listings(self, mention: Mention, source: Listing | Section, at: int) -> list[Listing]:
        listings = self.cell.listings
        if isinstance(source, Listing):
            if mention.direction:
                found = listings[:at] if mention.direction == "above" else listings[at + 1 :]
                return self._next(mention, found) if mention.nearest else found
            return [one for one in listings if one is not source]
        if not mention.noun and not mention.listed:
            return []  # In the commentary a bare "below" points within it.
        above = mention.words.start > listings[0].entry.span.start if listings else False
        return listings if mention.direction is None or (mention.direction == "above") == above else []

    def _next(self, mention: Mention, listings: list[Listing]) -> list[Listing]:
        """Choose the entry that stands next, unless it is of another kind than the words say."""
        found = listings[-1:] if mention.direction == "above" else listings[:1]
        return [one for one in found if one.entry.position in self._of_kind(mention.noun)] or listings

    def _narrow(self, mention: Mention, source: Listing | Section, listings: list[Listing]) -> _Meaning:
        """Choose among the entries on one side: who points back, then kind, country and year."""
        found = listings
        if isinstance(source, Listing):
            if mention.itself:
                found = [one for one in found if set(one.documents) & set(source.documents)] or found
            several = mention.plural and len(self._numbers_beside(mention, source)) != 1
            if not several:  # Of several, who points back is not all that are meant.
                back = self._answering(mention, source) & self._may_mean(mention, source)
                if not back:  # Words may name a kind that their target is not; its own words then mean nothing else.
                    back = self._answering(mention, source, surely=True)
                    back &= self._may_mean(mention, source, any_kind=True)
                found = _among(found, back)
        if mention.noun:
            found = _among(found, self._of_kind(mention.noun))
        if mention.countries:
            found = self._of_countries(mention.countries, found) or found
        if mention.stated.date:
            found = [one for one in found if self._year_fits(mention, one)] or found
        if mention.noun == "analysis":
            found = [one for one in found if self._says_analysis(one)] or found
        if mention.number and mention.direction and mention.number <= len(found):
            numbers = self._numbers_beside(mention, source)
            if len(numbers) == len(found):  # As many links as entries that fit: each link is one of them, in order.
                found = [found[numbers.index(mention.number)]]
        return _one([one.iri for one in found])

    @staticmethod
    def _numbers_beside(mention: Mention, source: Listing | Section) -> list[int]:
        if isinstance(source, Section):
            return []
        return [
            one.number
            for one in source.mentions
            if one.words == mention.words and one.noun == mention.noun and one.number
        ]

    def _answering(self, mention: Mention, source: Listing, *, surely: bool = False) -> set[int]:
        """Find the entries, by position, whose words may mean the entry that a mention stands in, or surely mean it."""
        opposite, kinds = _OPPOSITE.get(mention.direction or ""), _ANSWERS.get(mention.kind, ())
        return {
            other.entry.position
            for other, answer in self.directed
            if answer.direction == opposite
            and answer.kind in kinds
            and (answer.noun or not answer.plural)  # "All are listed above" may mean any.
            and source.entry.position in (meant := self._may_mean(answer, other))
            and not (surely and len(meant) > 1)
        }

    def _may_mean(self, mention: Mention, source: Listing, *, any_kind: bool = False) -> set[int]:
        """Narrow the entries on one side by what the words name; one whose country is unknown stays."""
        key = id(mention), any_kind
        if key not in self.may_mean:
            found = self._listings(mention, source, source.entry.position - 1)
            if mention.noun and not any_kind:
                found = _among(found, self._of_kind(mention.noun))
            if mention.countries:
                found = self._of_countries(mention.countries, found, or_unknown=True) or found
            if mention.stated.date:
                found = [one for one in found if self._year_fits(mention, one)] or found
            self.may_mean[key] = {one.entry.position for one in found}
        return self.may_mean[key]

    def _of_kind(self, noun: str | None) -> set[int]:
        """Find the entries that a noun fits; one whose kind is unknown fits any."""
        noun = noun or ""
        if noun not in self.of_kind:
            wanted = _FITS.get(noun)
            self.of_kind[noun] = {
                one.entry.position
                for one in self.cell.listings
                if wanted is None or not one.kinds or not wanted.isdisjoint(one.kinds)
            }
        return self.of_kind[noun]

    def _countries(self, listing: Listing) -> set[str]:
        """Give the countries of an entry, and those that they are parts of."""
        at = listing.entry.position
        if at not in self.countries:
            found = countries(self.page, listing, self.register)
            self.countries[at] = found.union(filter(None, map(self.register.wider, found)))
        return self.countries[at]

    def _of_countries(
        self, words: tuple[str, ...], listings: list[Listing], *, or_unknown: bool = False
    ) -> list[Listing]:
        """Choose the entries from one of some countries; words that the register does not know narrow nothing."""
        wanted = {found for one in words if (found := self.register.concept("country", one))}
        if not wanted:
            return listings
        return [
            one
            for one in listings
            if not wanted.isdisjoint(known := self._countries(one)) or (or_unknown and not known)
        ]

    @staticmethod
    def _year_fits(mention: Mention, listing: Listing) -> bool:
        return not set(mention.stated.years).isdisjoint(listing.entry.stated.years)

    def _says_analysis(self, listing: Listing) -> bool:
        """Tell whether an entry's own text uses a word that no marker stands for."""
        text = self.page.source.folded[listing.entry.span.start : listing.entry.span.end].lower()
        return "analysis" in text or "analyses" in text

    def _named(self, mention: Mention, source: Listing | Section) -> list[NamedDocument]:
        """Name the documents that a phrase mentions, by the register's decision or by the phrase's own key.

        The key holds the whole sentence and whose text it stands in: "See also a review (2006)" means another review
        under another entry.
        """
        stated, text = mention.stated, self.page.source
        around = [mention.sentence] if isinstance(source, Section) else [source.entry.headline, mention.sentence]
        words = " ".join(text.folded[one.start : one.end] for one in around)
        words = f"{source.name} {words}" if isinstance(source, Section) else words
        alike = sum(
            1
            for one in self.cell.references
            if one.mention.sentence == mention.sentence and one.mention.stated == stated
        )
        if alike:
            words += f" {alike + 1}"
        key = document_key(self.page.cell, words, stated.date, stated.publisher)
        documents = [NamedDocument(iri, mention.noun, stated) for iri in self.register.documents(key)]
        self.cell.named += [one for one in documents if one not in self.cell.named]
        return documents

    def _statement(
        self, mention: Mention, iri: str, source: Listing | Section | None, target: str | None
    ) -> Statement | None:
        """Give the document-level triple that a resolved reference makes."""
        target_document = target if target and target.startswith(DOC) else self.documents.get(target or "", [None])[0]
        if isinstance(source, Section):
            discussed = target_document and source.role not in _ASIDES
            return (target_document, _DISCUSSED, iri) if target_document and discussed else None
        if not isinstance(source, Listing) or not target:
            return None
        own = source.documents[0]
        if mention.kind is Kind.COMMENTARY:
            return own, _DISCUSSED, target
        if mention.kind is Kind.CELL:
            discussed = mention.discusses and self.known.get(target)
            return (own, _DISCUSSED, target.replace("/cell/", "/commentary/")) if discussed else None
        if mention.kind not in _PREDICATES or not target_document or target_document == own:
            return None
        if mention.kind is Kind.IMPLEMENTATION and not mention.implemented:
            return target_document, _PREDICATES[mention.kind], own
        return own, _PREDICATES[mention.kind], target_document


def _among(listings: list[Listing], positions: set[int]) -> list[Listing]:
    """Keep the entries at some positions; where none is left, what was known before still counts."""
    return [one for one in listings if one.entry.position in positions] or listings


def _one(iris: Sequence[str]) -> _Meaning:
    """One thing is meant, or one of several, or the text has lost it."""
    if len(iris) > 1:
        iris = tuple(dict.fromkeys(iris))
    if len(iris) == 1:
        return Resolution.RESOLVED, iris[0], ()
    return (Resolution.AMBIGUOUS, None, tuple(iris)) if iris else (Resolution.DANGLING, None, ())
