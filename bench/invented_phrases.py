"""The phrases of an invented page that refer to something."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bench.invented_gold import COUNTRIES, NEW, OTHER, PUBLISHERS, Draft, Pointer, Sentence
from bench.invented_meaning import one_of

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Collection, Sequence

_FOLDED = "outside"
LOST = ("dangling", None, ())


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
        further: dict[str, Callable[[], Sentence]] = {
            "names with years": self._inline_name,
            "head nouns": self._see_what_kind,
            "see-also without a year": self._see_lost,
            "cells": self._cells_of_matrix,
            "numbers": self.numbers,
        }
        own = [make for kind, make in further.items() if kind in self.kinds]
        if own and self.dice.random() < 0.7:
            sentence = self.dice.choice(own)()
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
        heading, one = named[name], self._section(name)
        issues = self._section("issue")
        return self.dice.choice(
            (
                Sentence(f"Discussion in bite’s {heading} section.", "bite’s … section", (one,)),
                Sentence(f"It is discussed in bite’s {heading} section.", "bite’s … section", (one,)),
                Sentence("Discussion in bite’s Issues section.", "bite’s Issues section", (_link(issues, "Issues"),)),
                Sentence("For the work see bite’s Issues section.", "for … see bite’s Issues section", (issues,)),
                Sentence(
                    "It also covers nights, for which see discussion in bite’s Issues section.",
                    "for … see bite’s Issues section",
                    (issues,),
                ),
                Sentence(
                    "Relevant discussions in bite’s Issues sections (1 2).",
                    "Issues sections (1 2)",
                    _numbered(issues, 2),
                ),
                Sentence(
                    f"Discussion in bite’s {heading} and Issues (1 2) sections.",
                    "bite’s … and Issues (1 2) sections",
                    (one, *_numbered(issues, 2)),
                ),
            )
        )

    def _section(self, role: str) -> Pointer:
        """Return a pointer to the section of a role; "Issues" means one of the issues."""
        found = tuple(one for one in self.sections if one == role or one.startswith(f"{role}-"))
        if not self.sections:
            return Pointer("commentary", fixed=(_FOLDED, "issues" if role == "issue" else role, ()))
        return Pointer("commentary", fixed=one_of(found))

    def _year(self) -> int:
        return self.dice.randint(1980, 2019)

    def _see_also(self) -> Sentence:
        year, noun = self._year(), self.dice.choice(("a review", "a study", "an older review"))
        return _document(f"See also {noun} ({year}) limited to small towns.", "see-also", "see also … (year)", year)

    def _see_earlier(self) -> Sentence:
        year = self._year()
        return _document(f"From the same group see earlier review ({year}) of this.", "see-also", "see earlier …", year)

    def _see_publisher(self) -> Sentence:
        year = self._year()
        words = f"See also slightly earlier guidance ([UK] {self.dice.choice(PUBLISHERS)}, {year}) on rotas."
        return _document(words, "see-also", "see also … ([UK] publisher, year)", year)

    def _see_undated(self) -> Sentence:
        what = self.dice.choice(("retrospective by one of the team", "book on how it was done", "slide presentation"))
        return _document(f"See also a {what}.", "see-also", f"see also a {what.split()[0]}, no year", None)

    def _inline(self) -> Sentence:
        year = self._year()
        return _document(
            f"Offering lifts has been ({year}) one good way round it.", "inline", "has been (year) …", year
        )

    def _inline_noun(self) -> Sentence:
        year = self._year()
        return _document(f"It fed a simulation study ({year}) of costs.", "inline", "a simulation study (year)", year)

    def _inline_publisher(self) -> Sentence:
        year = self._year()
        words = f"It took its lead from associated clinical guidelines ([UK] {self.dice.choice(PUBLISHERS)}, {year})."
        return _document(words, "inline", "associated clinical guidelines ([UK] publisher, year)", year)

    def _inline_dates(self) -> Sentence:
        year, publisher = self._year(), self.dice.choice(PUBLISHERS)
        words, date = self.dice.choice(
            (
                (f"As in the county ({year}) it had to stop.", year),
                (f"Two reports ({year} and {year + 1}) say why.", f"{year} and {year + 1}"),
                (f"The manual ({year}; free source at time of writing) tells more.", year),
                (f"The manual ({publisher}, {year}; free source at time of writing) tells more.", year),
            )
        )
        return _document(words, "inline", "other documents’ years in a body", date)

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
        square, year = self.other_square(), self._year()
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

    def _inline_name(self) -> Sentence:
        year = self._year()
        words = self.dice.choice(
            (
                "It held up for two years (third report, {}).",
                "It was as true elsewhere (a smaller trial, {}).",
                "Few had asked (an early survey, {}) before that.",
            )
        )
        return _document(words.format(year), "inline", f"{NEW}a name and a year in brackets", year)

    def _see_what_kind(self) -> Sentence:
        year = self._year()
        words, types = self.dice.choice(
            (
                ("a slide presentation ({}) of a study of nights", ()),
                ("slides ({}) on a review of guidance", ()),
                ("a thesis ({}) on guidance for clinics", ()),
                ("a video ({}) about the trial and its reviews", ()),
                ("a review ({}) of trials and of guidance", ("Review",)),
                ("guidance ({}) based on studies of nights", ("Guidance",)),
                ("a study ({}) of how reviews are read", ("Study",)),
            )
        )
        pointer = Pointer("see-also", fixed=("resolved", "document", ()), date=f"{year}", types=types)
        return Sentence(f"See also {words.format(year)}.", f"{NEW}see also …, head noun", (pointer,))

    def _see_lost(self) -> Sentence:
        words, link = self.dice.choice(
            (
                ("More in this set of slides and recording.", "set of slides"),
                ("On costs see another group’s thesis (free source at the time of writing).", "thesis"),
                ("More in this book chapter.", "book chapter"),
            )
        )
        return Sentence(
            words, f"{NEW}more in this …, see another’s …, no year", (Pointer("see-also", fixed=LOST, words=link),)
        )

    def _cells_of_matrix(self) -> Sentence:
        first, second = self.dice.sample([a + b for a in "ABCDE" for b in "12345" if a + b != self.square], 2)
        other = OTHER[self.matrix]
        words = self.dice.choice(("See cell {} and cell {} of the", "It is met in cell {} and cell {} of the"))
        both = (f"{self.matrix}-{first}", f"{other}-{first}")
        pointers = (
            Pointer("cell", fixed=("ambiguous", None, both), words=first),
            replace(self.cell(second, other), words=second),
        )
        return Sentence(f"{words.format(first, second)} {other.capitalize()} Treatment Matrix.",
                        f"{NEW}cell … and cell … of the other matrix", pointers)  # fmt: skip

    def numbers(self, *, in_entry: bool = True) -> Sentence:
        """Return a phrase with link numbers that are documents."""
        count = self.dice.choice((2, 2, 3))
        numbers = " ".join(map(str, range(1, count + 1)))
        words = self.dice.choice(
            (
                "Trials ({}) of late hours gave one answer.",
                "None of the reports ({}) says why.",
                "It cites earlier work ({}) from the same town.",
            )
        )
        feature = f"{NEW}{'' if in_entry else 'bite: '}(1 2) beside a noun"
        return Sentence(words.format(numbers), feature, _numbered(Pointer("inline", fixed=LOST), count))

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
            kind: [i for i, one in enumerate(drafts) if one.markers and one.kinds == {kind}]
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
            there, back = self._place("US"), self._place("GB")
            found += [
                (first, _there(f"Corresponding {there} study below.", "corresponding", "below", "study", ("US",))),
                (second, _there(f"Corresponding {back} study above.", "corresponding", "above", "study", ("GB",))),
            ]
        elif "two countries" in self.kinds and len(by_kind["study"]) > 2:
            found += self._three_countries(by_kind["study"], drafts)
        reviews = [i for i in by_kind["review"] if any(i < j for j in by_kind["guidance"])]
        if reviews and self.dice.random() < 0.6:
            first = self.dice.choice(reviews)
            second = self.dice.choice([j for j in by_kind["guidance"] if first < j])
            there = self.dice.choice(("Related", "See also"))
            kind = "related" if there == "Related" else "see-also"
            feature = "" if kind == "related" else "a way back of another kind"
            tail, more = "", list[Pointer]()
            if self.dice.random() < 0.3:
                tail, more = " and discussion in bite’s Issues section", [self._section("issue")]
            answer = _there("Related review above", "related", "above", "review")
            found += [
                (first, _there(f"{there} guidance below.", kind, "below", "guidance", feature=feature)),
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
                (first, _there("Implementation guidance below.", "implementation", "below", "guidance")),
                (second, _there(words, "implementation", "above", None, feature="building on … (see above)")),
            ]
        return found

    def _three_countries(self, places: list[int], drafts: Sequence[Draft]) -> list[tuple[int, Sentence]]:
        """Return the phrases of three studies of three countries, each of which refers to the other two."""
        three = sorted(self.dice.sample(places, 3))
        codes = self.dice.sample(sorted(COUNTRIES), 3)
        if any(drafts[i].country not in (None, code) for i, code in zip(three, codes, strict=True)):
            return []
        for i, code in zip(three, codes, strict=True):
            drafts[i].country = code
        first, second, third = (self._place(code) for code in codes)

        def pointer(index: int, way: str) -> Pointer:
            return Pointer("corresponding", way, "study", (codes[index],), words=(first, second, third)[index])

        feature = f"{NEW}corresponding … and … studies"
        return [
            (three[0], Sentence(f"Corresponding {second} and {third} studies below.", feature,
                                (pointer(1, "below"), pointer(2, "below")))),
            (three[1], Sentence(f"Corresponding {first} study above and {third} study below.",
                                f"{NEW}corresponding … study above and … study below",
                                (pointer(0, "above"), pointer(2, "below")))),
            (three[2], Sentence(f"Corresponding {first} and {second} studies above.", feature,
                                (pointer(0, "above"), pointer(1, "above")))),
        ]  # fmt: skip

    def _two(self, places: list[int]) -> tuple[int, int]:
        if len(places) < 2 or self.dice.random() < 0.2:
            return -1, -1
        first, second = sorted(self.dice.sample(places, 2))
        return first, second

    def _place(self, code: str) -> str:
        return self.dice.choice(COUNTRIES.get(code, ("British",)))

    def directed(self, at: int, drafts: Sequence[Draft]) -> Sentence | None:
        """Return a phrase that refers above or below, or None where there is no entry on that side."""
        way = self.dice.choice(("above", "below"))
        side = range(at) if way == "above" else range(at + 1, len(drafts))
        if not side:
            return None
        there = [drafts[i] for i in side]
        noun = self.dice.choice(("study", "review", "guidance"))
        aim = self.dice.choice(there)  # What a narrowing phrase has in view.
        code = aim.country or "DK"
        reviews = sum("review" in one.kinds for one in there)
        several = max(1, min(6, reviews + self.dice.choice((-1, 0, 0, 1))))
        numbers = " ".join(map(str, range(1, several + 1)))
        links = tuple(
            Pointer("related", way, "review", link=i, links=several, words=f"{i}") for i in range(1, several + 1)
        )
        amount = "as many" if several == reviews else "more" if several < reviews else "fewer"
        kinds = [Pointer("related", way, one, words=one) for one in ("study", "review", "guidance")]
        if "two countries" in self.kinds and self.dice.random() < 0.4:
            return _uk_and_us(at, drafts)
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
            "bare pointers": _there(
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
                _there(f"Related {noun} {way}.", "related", way, noun),
                Sentence(f"Related study and review {way}.", "related study and review …", tuple(kinds[:2])),
                Sentence(f"Related study [and review] {way}.", "related study [and review] …", tuple(kinds[:2])),
                Sentence(
                    f"Study, review and guidance {way}.",
                    "study, review and guidance …",
                    (replace(kinds[0], words="Study"), *kinds[1:]),
                ),
                Sentence(f"Reviews ({numbers}) {way}.", f"reviews (1 2 3 4) …, {amount} reviews", links),
                Sentence(f"Related reviews ({numbers}) {way}.", f"related reviews (1 2 …) …, {amount} reviews", links),
                _there(f"Associated guidelines {way}.", "related", way, "guidance", feature="associated guidelines …"),
                _there(f"Related {self._place(code)} {noun} {way}.", "related", way, noun, (code,), "related, country"),
                _there(
                    f"Related {noun} ({aim.years[0]}) {way}.", "related", way, noun, (), "related, year", aim.years[:1]
                ),
                _there(
                    f"See also {self._place(code)} {noun} {way}.", "see-also", way, noun, (code,), "see also … below"
                ),
                _there(
                    f"It is set out in document listed {way}.", "position", way, None, feature="in document listed …"
                ),
                _there(f"The plan is the one listed {way}.", "position", way, None, feature="listed …"),
                _there(f"It held elsewhere (see {noun} {way}).", "position", way, noun, feature="(see review …)"),
                _there(
                    f"Also listed {way} as guidance.", "position", way, "guidance", feature="also listed … as guidance"
                ),
                _there(f"The same was tried again ( {way}).", "position", way, None, feature="( above), icon lost"),
                _there(
                    f"It copied a trial ( {way}) step by step.", "position", way, "study", feature="a trial ( above)"
                ),
            )
        )


def _uk_and_us(at: int, drafts: Sequence[Draft]) -> Sentence | None:
    """Return a phrase that names two countries: the two of a pair that corresponds, else each whatever fits it."""
    pair = [
        (i, one.countries[0])
        for i, draft in enumerate(drafts) for sentence in draft.body for one in sentence.pointers
        if one.kind == "corresponding"
    ]  # fmt: skip
    pointers, feature = [], f"{NEW}contemporary UK and US studies"
    for code, words in (("GB", "UK"), ("US", "US")):
        found = [
            i
            for i, one in enumerate(drafts)
            if i != at and one.country == code and (not one.markers or "study" in one.kinds)
        ]
        paired = [i for i in found if any(i == source for source, _ in pair)]
        if len(found) > 1 and len(paired) == 1:
            found, feature = paired, f"{NEW}contemporary UK and US studies, two of which correspond"
        if not found:
            return None
        pointers.append(Pointer("inline", fixed=one_of([f"entry {i + 1}" for i in found]), words=words))
    return Sentence(
        "Similar procedures have been trialled in contemporary UK and US studies.", feature, tuple(pointers)
    )


def _link(pointer: Pointer, words: str) -> Pointer:
    return replace(pointer, words=words)


def _numbered(pointer: Pointer, count: int) -> tuple[Pointer, ...]:
    return tuple(replace(pointer, words=f"{number}") for number in range(1, count + 1))


def _document(text: str, kind: str, feature: str, date: object) -> Sentence:
    stated = None if date is None else str(date)
    return Sentence(text, feature, (Pointer(kind, fixed=("resolved", "document", ()), date=stated),))


def _there(
    text: str,
    kind: str,
    way: str,
    noun: str | None,
    countries: tuple[str, ...] = (),
    feature: str = "",
    years: tuple[int, ...] = (),
) -> Sentence:
    date = str(years[0]) if years else None
    pointer = Pointer(kind, way, noun, countries, years, date=date, words=way)
    return Sentence(text, feature or f"{kind} … {way}", (pointer,))
