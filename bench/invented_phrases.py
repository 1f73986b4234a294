"""The phrases of an invented page that refer to something."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bench.invented_further import (
    FURTHER_PHRASES,
    LOST,
    document,
    numbered,
    there,
    three_countries,
    uk_and_us,
)
from bench.invented_gold import COUNTRIES, NEW, OTHER, PUBLISHERS, Draft, Pointer, Sentence
from bench.invented_meaning import one_of

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Collection, Sequence

_FOLDED = "outside"


class Phrases:
    """The phrases of one page.

    Args:
        dice: what chance decides.
        cell: matrix and square of the page.
        sections: names of the open commentary's sections; empty where it is folded.
        kinds: the further kinds of phrases that the page has.

    """

    def __init__(
        self, dice: random.Random, cell: tuple[str, str], sections: Sequence[str], kinds: Collection[str] = ()
    ) -> None:
        self.dice, self.sections, self.kinds = dice, sections, kinds
        self.matrix, self.square = cell

    def other_square(self) -> str:
        """Draw another cell."""
        return self.dice.choice([a + b for a in "ABCDE" for b in "12345" if a + b != self.square])

    def anywhere(self, *, in_entry: bool = True) -> Sentence:
        """Return a phrase whose meaning does not depend on other entries; only an entry has a linked file."""
        makers: tuple[Callable[[], Sentence], ...] = (
            self._see_also,
            self._see_earlier,
            self._see_publisher,
            self._see_undated,
            self._inline,
            self._inline_noun,
            self._inline_publisher,
            self._inline_dates,
            self._other_cell,
            self._two_cells,
            self._other_matrix,
            self._inline_and_cell,
            self._click,
            self._clicks,
            self._file_place,
        )
        own = [make for kind, make in FURTHER_PHRASES.items() if kind in self.kinds]
        if own and self.dice.random() < 0.7:
            sentence = self.dice.choice(own)(self)
        else:
            sentence = self.dice.choice(makers if in_entry else makers[:-1])()
        if in_entry:
            return sentence
        new = NEW if sentence.feature.startswith(NEW) else ""
        return replace(sentence, feature=f"{new}bite: {sentence.feature.removeprefix(NEW)}")

    def own_bite(self) -> Sentence:
        """Return a phrase that refers to sections of the page's own commentary."""
        named = {
            "highlighted": "Highlighted study",
            "start": "Where should I start?",
            "about": "What is this cell about?",
        }
        if self.sections:
            named = {name: heading for name, heading in named.items() if name in self.sections}
        name = self.dice.choice(sorted(named))
        heading, section = named[name], self._section(name)
        issues = self._section("issue")
        return self.dice.choice(
            (
                Sentence(f"Discussion in bite’s {heading} section.", "bite’s … section", (section,)),
                Sentence(f"It is discussed in bite’s {heading} section.", "bite’s … section", (section,)),
                Sentence(
                    "Discussion in bite’s Issues section.", "bite’s Issues section", (replace(issues, words="Issues"),)
                ),
                Sentence("For the work see bite’s Issues section.", "for … see bite’s Issues section", (issues,)),
                Sentence(
                    "It also covers nights, for which see discussion in bite’s Issues section.",
                    "for … see bite’s Issues section",
                    (issues,),
                ),
                Sentence(
                    "Relevant discussions in bite’s Issues sections (1 2).",
                    "Issues sections (1 2)",
                    numbered(issues, 2),
                ),
                Sentence(
                    f"Discussion in bite’s {heading} and Issues (1 2) sections.",
                    "bite’s … and Issues (1 2) sections",
                    (section, *numbered(issues, 2)),
                ),
            )
        )

    def _section(self, role: str) -> Pointer:
        """Return a pointer to the section of a role; "Issues" means one of the issues."""
        found = tuple(name for name in self.sections if name == role or name.startswith(f"{role}-"))
        if not self.sections:
            return Pointer("commentary", fixed=(_FOLDED, "issues" if role == "issue" else role, ()))
        return Pointer("commentary", fixed=one_of(found))

    def year(self) -> int:
        """Draw the year of a document."""
        return self.dice.randint(1980, 2019)

    def _see_also(self) -> Sentence:
        year, noun = self.year(), self.dice.choice(("a review", "a study", "an older review"))
        return document(f"See also {noun} ({year}) limited to small towns.", "see-also", "see also … (year)", year)

    def _see_earlier(self) -> Sentence:
        year = self.year()
        return document(f"From the same group see earlier review ({year}) of this.", "see-also", "see earlier …", year)

    def _see_publisher(self) -> Sentence:
        year = self.year()
        words = f"See also slightly earlier guidance ([UK] {self.dice.choice(PUBLISHERS)}, {year}) on rotas."
        return document(words, "see-also", "see also … ([UK] publisher, year)", year)

    def _see_undated(self) -> Sentence:
        what = self.dice.choice(("retrospective by one of the team", "book on how it was done", "slide presentation"))
        return document(f"See also a {what}.", "see-also", f"see also a {what.split()[0]}, no year", None)

    def _inline(self) -> Sentence:
        year = self.year()
        return document(f"Offering lifts has been ({year}) one good way round it.", "inline", "has been (year) …", year)

    def _inline_noun(self) -> Sentence:
        year = self.year()
        return document(f"It fed a simulation study ({year}) of costs.", "inline", "a simulation study (year)", year)

    def _inline_publisher(self) -> Sentence:
        year = self.year()
        words = f"It took its lead from associated clinical guidelines ([UK] {self.dice.choice(PUBLISHERS)}, {year})."
        return document(words, "inline", "associated clinical guidelines ([UK] publisher, year)", year)

    def _inline_dates(self) -> Sentence:
        year, publisher = self.year(), self.dice.choice(PUBLISHERS)
        words, date = self.dice.choice(
            (
                (f"As in the county ({year}) it had to stop.", year),
                (f"Two reports ({year} and {year + 1}) say why.", f"{year} and {year + 1}"),
                (f"The manual ({year}; free source at time of writing) tells more.", year),
                (f"The manual ({publisher}, {year}; free source at time of writing) tells more.", year),
            )
        )
        return document(words, "inline", "other documents’ years in a body", date)

    def _other_cell(self) -> Sentence:
        square = self.other_square()
        words = self.dice.choice(
            (
                "Discussion in cell {}’s bite.",
                "Related discussion in cell {}’s bite.",
                "Highlighted study in cell {}.",
                "It is discussed in cell {}’s bite.",
                "See our ‘bite’ commentary on cell {}.",
                "It was met in cell {}.",
            )
        )
        return Sentence(words.format(square), words.format("…").rstrip("."), (self.cell(square),))

    def _two_cells(self) -> Sentence:
        squares = (self.other_square(), self.other_square())
        words = self.dice.choice(
            (
                "Discussed in cell {}’s bite and cell {}’s bite.",
                "Discussion in cells {} and {}.",
                "Related discussions in cell {}’s and cell {}’s bites.",
                "Highlighted study in cell {}, and met in cell {}.",
                "Introduced in cell {} and discussed in cell {}’s bite.",
                "Discussion in cell {} and cell {}’s bite.",
            )
        )
        return Sentence(words.format(*squares), "two cells in one sentence", tuple(map(self.cell, squares)))

    def _other_matrix(self) -> Sentence:
        square, other = self.other_square(), OTHER[self.matrix]
        words = f"It is discussed in cell {square} of the {other.capitalize()} Treatment Matrix."
        return Sentence(words, "cell … of the other matrix", (self.cell(square, other),))

    def cell(self, square: str, matrix: str = "") -> Pointer:
        """Return a pointer to another cell, for which no page was read."""
        return Pointer("cell", fixed=("outside", f"{matrix or self.matrix}-{square}", ()))

    def _inline_and_cell(self) -> Sentence:
        square, year = self.other_square(), self.year()
        pointers = (Pointer("inline", date=str(year), fixed=("resolved", "document", ())), self.cell(square))
        words = f"A telephone line was ({year}) another, discussed in cell {square}’s bite."
        return Sentence(words, "a year and a cell in one sentence", pointers)

    def _click(self) -> Sentence:
        words = self.dice.choice(("For discussion click", "For related discussion click", "For discussion click here"))
        return self._lost(f"{words} and scroll down to highlighted heading.", "click", 1, words.rpartition(" ")[2])

    def _clicks(self) -> Sentence:
        words, count = self.dice.choice((("click here and here", 2), ("click here, here and here", 3)))
        related = self.dice.choice(("", "related "))
        words = f"For {related}discussions {words} and scroll down to highlighted headings."
        return self._lost(words, "click here[, here] and here", count)

    @staticmethod
    def _lost(words: str, feature: str, count: int, link: str = "here") -> Sentence:
        return Sentence(words, feature, (Pointer("commentary", fixed=LOST, words=link),) * count)

    def _file_place(self) -> Sentence:
        words = self.dice.choice(("The figures stand on p. 4 of linked PDF file.", "See study 1 in linked PDF file."))
        feature = "place in a file"
        if "numbers" in self.kinds:
            words, feature = "A table (p. 23 of its PDF file) lists the clinics.", f"{NEW}(p. … of its PDF file)"
        return Sentence(words, feature, (Pointer("file-place", fixed=("resolved", "document", ())),))

    # Phrases that hang on the entries around.

    def pairs(self, drafts: Sequence[Draft]) -> list[tuple[int, Sentence]]:
        """Return phrases by which two entries refer to each other, each sort at most once, so that all resolve."""
        by_kind = {
            kind: [i for i, draft in enumerate(drafts) if draft.markers and draft.kinds == {kind}]
            for kind in ("study", "review", "guidance")
        }
        found: list[tuple[int, Sentence]] = []
        first, second = self._two(by_kind["study"])
        three = "two countries" in self.kinds and self.dice.random() < 0.5
        if (
            not three
            and first >= 0
            and drafts[first].country in (None, "GB")
            and drafts[second].country in (None, "US")
        ):
            drafts[first].country, drafts[second].country = "GB", "US"
            other, back = self.place("US"), self.place("GB")
            found += [
                (first, there(f"Corresponding {other} study below.", "corresponding", "below", "study", ("US",))),
                (second, there(f"Corresponding {back} study above.", "corresponding", "above", "study", ("GB",))),
            ]
        elif "two countries" in self.kinds and len(by_kind["study"]) > 2:
            found += three_countries(self, by_kind["study"], drafts)
        reviews = [i for i in by_kind["review"] if any(i < j for j in by_kind["guidance"])]
        if reviews and self.dice.random() < 0.6:
            first = self.dice.choice(reviews)
            second = self.dice.choice([j for j in by_kind["guidance"] if first < j])
            opening = self.dice.choice(("Related", "See also"))
            kind = "related" if opening == "Related" else "see-also"
            feature = "" if kind == "related" else "a way back of another kind"
            tail, more = "", list[Pointer]()
            if self.dice.random() < 0.3:
                tail, more = " and discussion in bite’s Issues section", [self._section("issue")]
            answer = there("Related review above", "related", "above", "review")
            found += [
                (first, there(f"{opening} guidance below.", kind, "below", "guidance", feature=feature)),
                (
                    second,
                    Sentence(
                        f"Related review above{tail}.",
                        feature or "related review above",
                        (*answer.pointers, *more),
                    ),
                ),
            ]
        first, second = self._two(by_kind["guidance"])
        if first >= 0 and self.dice.random() < 0.5:
            words = "Building on the steps recommended (see above) by others, it plans."
            found += [
                (first, there("Implementation guidance below.", "implementation", "below", "guidance")),
                (second, there(words, "implementation", "above", None, feature="building on … (see above)")),
            ]
        return found

    def _two(self, places: list[int]) -> tuple[int, int]:
        if len(places) < 2 or self.dice.random() < 0.2:
            return -1, -1
        first, second = sorted(self.dice.sample(places, 2))
        return first, second

    def place(self, code: str) -> str:
        """Draw a name of a country."""
        return self.dice.choice(COUNTRIES.get(code, ("British",)))

    def directed(self, at: int, drafts: Sequence[Draft]) -> Sentence | None:
        """Return a phrase that refers above or below, or None where there is no entry on that side."""
        way = self.dice.choice(("above", "below"))
        side = range(at) if way == "above" else range(at + 1, len(drafts))
        if not side:
            return None
        beside = [drafts[i] for i in side]
        noun = self.dice.choice(("study", "review", "guidance"))
        aim = self.dice.choice(beside)  # What a narrowing phrase has in view.
        code = aim.country or "DK"
        reviews = sum("review" in draft.kinds for draft in beside)
        several = max(1, min(6, reviews + self.dice.choice((-1, 0, 0, 1))))
        numbers = " ".join(map(str, range(1, several + 1)))
        links = tuple(
            Pointer("related", way, "review", link=i, links=several, words=f"{i}") for i in range(1, several + 1)
        )
        amount = "as many" if several == reviews else "more" if several < reviews else "fewer"
        kinds = [Pointer("related", way, kind, words=kind) for kind in ("study", "review", "guidance")]
        if "two countries" in self.kinds and self.dice.random() < 0.4:
            return uk_and_us(at, drafts)
        from_both = tuple(
            Pointer("position", way, "study", (code,), words=words) for code, words in (("GB", "UK"), ("US", "USA"))
        )
        further = {
            "two countries": Sentence(
                f"It drew on trials from the UK and USA {way}.", f"{NEW}trials from the UK and USA …", from_both
            ),
            "associated guidelines": Sentence(
                f"Associated guidelines from the same clinics {way}.",
                f"{NEW}associated guidelines from … below",
                (Pointer("related", way, "guidance", words=way),),
            ),
            "bare pointers": there(
                f"The people who were asked ( {way}) agreed.",
                "position",
                way,
                None,
                feature=f"{NEW}( above) within a sentence, icon lost",
            ),
        }
        own = [sentence for kind, sentence in further.items() if kind in self.kinds]
        if own and self.dice.random() < 0.5:
            return self.dice.choice(own)
        return self.dice.choice(
            (
                there(f"Related {noun} {way}.", "related", way, noun),
                Sentence(f"Related study and review {way}.", "related study and review …", tuple(kinds[:2])),
                Sentence(f"Related study [and review] {way}.", "related study [and review] …", tuple(kinds[:2])),
                Sentence(
                    f"Study, review and guidance {way}.",
                    "study, review and guidance …",
                    (replace(kinds[0], words="Study"), *kinds[1:]),
                ),
                Sentence(f"Reviews ({numbers}) {way}.", f"reviews (1 2 3 4) …, {amount} reviews", links),
                Sentence(f"Related reviews ({numbers}) {way}.", f"related reviews (1 2 …) …, {amount} reviews", links),
                there(f"Associated guidelines {way}.", "related", way, "guidance", feature="associated guidelines …"),
                there(f"Related {self.place(code)} {noun} {way}.", "related", way, noun, (code,), "related, country"),
                there(
                    f"Related {noun} ({aim.years[0]}) {way}.", "related", way, noun, (), "related, year", aim.years[:1]
                ),
                there(f"See also {self.place(code)} {noun} {way}.", "see-also", way, noun, (code,), "see also … below"),
                there(
                    f"It is set out in document listed {way}.", "position", way, None, feature="in document listed …"
                ),
                there(f"The plan is the one listed {way}.", "position", way, None, feature="listed …"),
                there(f"It held elsewhere (see {noun} {way}).", "position", way, noun, feature="(see review …)"),
                there(
                    f"Also listed {way} as guidance.", "position", way, "guidance", feature="also listed … as guidance"
                ),
                there(f"The same was tried again ( {way}).", "position", way, None, feature="( above), icon lost"),
                there(
                    f"It copied a trial ( {way}) step by step.", "position", way, "study", feature="a trial ( above)"
                ),
            )
        )
