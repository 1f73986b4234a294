"""Invented pages in every layout of the family, each with the reading that is right for it.

A page is put together from features drawn at random from a seed: how its header is laid out, how an entry is dated, how
its text points. Each feature writes text and says what must be read from it, so that a reader can be measured without
anybody's pages. All words are made up.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

LEVELS = {
    "A": "Interventions", "B": "Practitioners", "C": "Management/supervision", "D": "Organisational functioning",
    "E": "Treatment systems",
}  # fmt: skip
TYPES = {
    "1": {"alcohol": "Screening and brief intervention", "drug": "Reducing harm"},
    "2": "Generic and cross-cutting issues", "3": "Medical treatment", "4": "Psychosocial therapies",
    "5": "Safeguarding the community",
}  # fmt: skip

_SUBJECTS = ("Night clinics", "Shared meals", "Postal reminders", "Waiting lists", "Group walks", "Evening calls",
             "Paper diaries", "Drop-in hours", "Home visits", "Quiet rooms")  # fmt: skip
_VERBS = ("keep clients in touch", "shorten delays", "leave dropout unchanged", "reach people who stay away",
          "help staff to plan", "cost little and last", "divide opinion")  # fmt: skip
_PUBLISHERS = ("Northfield Institute", "Harbour Forum", "Riverside Administration", "Board of Example Counties",
               "Ministry of Examples and Office for Trials")  # fmt: skip
_SENTENCES = ("Ten clinics took part for a year.", "Results held for men and women alike.", "Staff liked it.",
              "Few of the clients had been asked before.", "The effect faded within six months.",
              "Costs were not reported; the authors say why.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class GoldEntry:
    """An entry as it must be read."""

    markers: tuple[str, ...]
    headline: str
    date: str
    publisher: str | None
    country: str | None
    feature: str


@dataclass(frozen=True, slots=True)
class GoldReference:
    """A reference as it must be read.

    Attributes:
        source: ``entry 3`` (its position) or the name of a section.
        kind: a notation of the reference-kind scheme.
        direction: ``above``, ``below`` or None.
        resolution: a notation of the resolution scheme.
        target: ``entry 5``, a section's name, a cell (``drug-E3``), ``document``, or None.
        feature: what wrote it.

    """

    source: str
    kind: str
    direction: str | None
    resolution: str
    target: str | None
    feature: str


@dataclass(slots=True)
class GeneratedPage:
    """A page's text and the reading that is right for it."""

    cell: str
    text: str = ""
    layout: str = ""
    entries: list[GoldEntry] = field(default_factory=list)
    references: list[GoldReference] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Draft:
    """An entry being put together."""

    markers: tuple[str, ...]
    headline: str
    parenthesis: str
    gold: tuple[str, str | None, str | None]
    feature: str
    country: str = ""
    body: list[str] = field(default_factory=list)


def generate(seed: int) -> GeneratedPage:
    """Make the page of a seed: the same seed, the same page."""
    return _Maker(random.Random(seed)).make()  # noqa: S311 - nothing secret.


class _Maker:
    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.matrix = dice.choice(("alcohol", "drug"))
        self.square = dice.choice("ABCDE") + dice.choice("12345")
        self.open_commentary = dice.random() < 0.5
        self.issues = dice.randint(1, 4)
        self.page = GeneratedPage(f"{self.matrix}-{self.square}")
        self.drafts: list[_Draft] = []
        self.used_years: set[int] = set()

    def make(self) -> GeneratedPage:
        self._entries()
        self._pairs()
        self._single_references()
        text = self._layout()
        self.page.text = self._characters(text)
        return self.page

    # Entries: how they are headed and dated.

    def _entries(self) -> None:
        for marker in "SKRG":
            for _ in range(self.dice.randint(0 if marker != "K" else 3, 5)):
                self.drafts.append(self._entry(marker))
        for position, draft in enumerate(self.drafts, 1):
            draft.headline = f"{draft.headline} {position}" if "1" not in draft.feature else draft.headline

    def _entry(self, marker: str) -> _Draft:
        stem = f"{self.dice.choice(_SUBJECTS)} {self.dice.choice(_VERBS)}"
        headline, feature = self.dice.choice(
            (
                (stem, "plain headline"),
                (f"{stem} (seemed to) again", "brackets in headline"),
                (f"{stem}: who gains?", "question in headline"),
                (f"{stem} since the law (1996) changed", "year in headline"),
                (f"{stem}; 45% did, 5% did not", "digits in headline"),
            )
        )
        year = self.dice.randint(1975, 2020)
        publisher = self.dice.choice(_PUBLISHERS)
        dating: tuple[str, tuple[str, str | None, str | None], str]
        dating = self.dice.choice(
            (
                (f"{year}", (f"{year}", None, None), "year"),
                (f"{year} and {year + 1}", (f"{year} and {year + 1}", None, None), "two years"),
                (f"{year}; free source at time of writing", (f"{year}", None, None), "free source"),
                (f"{year}; alternative free source at the time of writing", (f"{year}", None, None), "free source"),
                (f"{publisher}, {year}", (f"{year}", publisher, None), "publisher"),
                (f"[UK] {publisher}, {year}", (f"{year}", publisher, "UK"), "publisher with country"),
                (f"[US] {publisher} [ABC], {year}", (f"{year}", f"{publisher} [ABC]", "US"), "nested brackets"),
            )
        )
        markers = (marker,)
        if self.dice.random() < 0.05 and marker != "G":
            markers = (marker, "G")
        draft = _Draft(markers, headline, f"({dating[0]})", dating[1], f"{feature}, {dating[2]}")
        draft.body = self.dice.sample(_SENTENCES, self.dice.randint(1, 3))
        return draft

    # References: two that answer each other, and those that stand alone.

    def _pairs(self) -> None:
        """Let two entries of a kind point to each other; each kind of pair at most once, so that both are plain."""
        by_marker = {m: [i for i, d in enumerate(self.drafts) if d.markers == (m,)] for m in "SKRG"}
        studies = by_marker["K"]
        first, second = sorted(self.dice.sample(studies, 2)) if len(studies) > 1 else (-1, -1)
        # The British one points to the US one, so neither may print the other's country.
        if first >= 0 and self.drafts[first].gold[2] != "US" and self.drafts[second].gold[2] != "UK":
            self._say(first, "Corresponding US study below.", "corresponding", "below", f"entry {second + 1}", "pair")
            self._say(
                second, "Corresponding British study above.", "corresponding", "above", f"entry {first + 1}", "pair"
            )
        if by_marker["R"] and by_marker["G"] and self.dice.random() < 0.7:
            first, second = self.dice.choice(by_marker["R"]), self.dice.choice(by_marker["G"])
            there, kind = self.dice.choice(
                (("Related guidance below.", "related"), ("See also US guidance below.", "see-also"))
            )
            self._say(
                first,
                there,
                kind,
                "below",
                f"entry {second + 1}",
                "way back of another kind" if kind == "see-also" else "pair",
            )
            self._say(second, "Related review above.", "related", "above", f"entry {first + 1}", "pair")
        if len(by_marker["G"]) >= 2 and self.dice.random() < 0.6:
            first, second = sorted(self.dice.sample(by_marker["G"], 2))
            self._say(
                first,
                "Implementation guidance below.",
                "implementation",
                "below",
                f"entry {second + 1}",
                "implementation",
            )
            self._say(
                second, "Building on the steps recommended (see above) by others, it plans.", "implementation",
                "above", f"entry {first + 1}", "implementation",
            )  # fmt: skip

    def _single_references(self) -> None:
        for i in range(len(self.drafts)):
            for add in self.dice.sample(self._features(), self.dice.choice((0, 1, 1, 2))):
                add(i)

    def _features(self) -> list:  # type: ignore[type-arg]
        return [
            self._see_also, self._see_earlier, self._see_undated, self._inline, self._inline_publisher,
            self._other_cell,
            self._two_cells, self._other_matrix, self._click, self._click_twice, self._own_section, self._own_issues,
            self._file_place,
        ]  # fmt: skip

    def _say(
        self,
        i: int,
        words: str,
        kind: str,
        direction: str | None,
        target: str | None,
        feature: str,
        resolution: str = "resolved",
    ) -> None:
        self.drafts[i].body.append(words)
        self._gold(f"entry {i + 1}", kind, direction, resolution, target, feature)

    def _gold(
        self, source: str, kind: str, direction: str | None, resolution: str, target: str | None, feature: str
    ) -> None:
        self.page.references.append(GoldReference(source, kind, direction, resolution, target, feature))

    def _year(self) -> int:
        return self.dice.randint(1980, 2019)

    def _see_also(self, i: int) -> None:
        self._say(
            i, f"See also a review ({self._year()}) limited to small towns.", "see-also", None, "document", "see also"
        )

    def _see_earlier(self, i: int) -> None:
        words = f"From the same group see earlier review ({self._year()}) of the same question."
        self._say(i, words, "see-also", None, "document", "see earlier")

    def _see_undated(self, i: int) -> None:
        self._say(
            i, "See also a retrospective by one of the authors.", "see-also", None, "document", "see also, undated"
        )

    def _inline(self, i: int) -> None:
        self._say(
            i, f"Offering lifts has been ({self._year()}) one way round it.", "inline", None, "document", "inline year"
        )

    def _inline_publisher(self, i: int) -> None:
        words = f"It follows a code ([UK] Harbour Forum, {self._year()}) for clinics."
        self._say(i, words, "inline", None, "document", "inline publisher")

    def _square(self) -> str:
        return self.dice.choice([a + b for a in "ABCDE" for b in "12345" if a + b != self.square])

    def _other_cell(self, i: int) -> None:
        square = self._square()
        words = self.dice.choice(
            (
                f"Discussion in cell {square}’s bite.",
                f"Highlighted study in cell {square}.",
                f"Much of this is discussed in cell {square}’s bite.",
            )
        )
        self._say(i, words, "cell", None, f"{self.matrix}-{square}", "other cell", "outside")

    def _two_cells(self, i: int) -> None:
        first, second = self._square(), self._square()
        self.drafts[i].body.append(f"Discussed in cell {first}’s bite and cell {second}’s bite.")
        for square in (first, second):
            self._gold(f"entry {i + 1}", "cell", None, "outside", f"{self.matrix}-{square}", "two cells in a sentence")

    def _other_matrix(self, i: int) -> None:
        square, other = self._square(), {"alcohol": "drug", "drug": "alcohol"}[self.matrix]
        words = f"Discussed in cell {square} of the {other.capitalize()} Treatment Matrix."
        self._say(i, words, "cell", None, f"{other}-{square}", "the other matrix", "outside")

    def _click(self, i: int) -> None:
        words = self.dice.choice(
            (
                "For discussion click and scroll down to highlighted heading.",
                "For related discussion click here and scroll down to highlighted heading.",
            )
        )
        self._say(i, words, "commentary", None, None, "click", "dangling")

    def _click_twice(self, i: int) -> None:
        words, count = self.dice.choice((("click here and here", 2), ("click here, here and here", 3)))
        self.drafts[i].body.append(f"For discussions {words} and scroll down to highlighted headings.")
        for _ in range(count):
            self._gold(f"entry {i + 1}", "commentary", None, "dangling", None, "click here and here")

    def _own_section(self, i: int) -> None:
        name, heading = self.dice.choice((("highlighted", "Highlighted study"), ("start", "Where should I start?")))
        resolution = "resolved" if self.open_commentary else "outside"
        words = self.dice.choice(
            (f"Discussion in bite’s {heading} section.", f"It is discussed in bite’s {heading} section.")
        )
        self._say(i, words, "commentary", None, name, "own section", resolution)

    def _own_issues(self, i: int) -> None:
        count = self.dice.choice((1, 2))
        words = (
            "Discussion in bite’s Issues section."
            if count == 1
            else "Relevant discussions in bite’s Issues sections (1 2)."
        )
        self.drafts[i].body.append(words)
        if not self.open_commentary:
            resolution, target = "outside", "issues"
        else:
            resolution, target = ("resolved", "issue-1") if self.issues == 1 else ("ambiguous", None)
        for _ in range(count):
            self._gold(f"entry {i + 1}", "commentary", None, resolution, target, "own issues")

    def _file_place(self, i: int) -> None:
        words = self.dice.choice(("The figures stand on p. 4 of linked PDF file.", "See study 1 in linked PDF file."))
        self._say(i, words, "file-place", None, "document", "place in a file")

    # The page around the entries.

    def _layout(self) -> str:
        kind = TYPES[self.square[1]]
        label = kind if isinstance(kind, str) else kind[self.matrix]
        level = LEVELS[self.square[0]]
        title = f"{self.matrix.capitalize()} Treatment Matrix cell {self.square}: {level}; {label}"
        layout = self.dice.choice(("new", "old", "bank title", "no title", "no legend", "compact"))
        self.page.layout = layout
        legend = self.dice.choice(
            (
                "S Seminal studiesK Key studiesR ReviewsG Guidancemore Search for more studies",
                "S Seminal studies K Key studies R Reviews G Guidance more Search for more studies",
            )
        )
        links = "Links to other documents. Hover over for notes. Unfold extra text Unfold supplementary text"
        funders = [
            "Funded by",
            "Example Trust web site",
            "Example Trust",
            "Developed with",
            "Harbour Forum web site. Opens new window",
        ]
        header = [
            "Alcohol Treatment Matrix",
            "Effectiveness Bank Alcohol Treatment Matrix",
            "Includes brief interventions",
            "Drug Treatment Matrix",
            "Includes harm reduction",
            "About the matrices",
            "Effectiveness bank home page. Opens new window Matrix cell",
        ]
        intro = "An invented page about an invented cell. It asks two questions and answers neither of them."
        logo = [f"{self.matrix.capitalize()} Treatment Matrix cell {self.square} Matrix cell logo", f"{level}; {label}"]
        if layout == "old":
            lines = [
                "Send email for updates",
                "About updates",
                "Matrix cell",
                "Supported by Example Trust web site Harbour Forum web site. Opens new window",
                "Title and link for copying Comment/query to editor Drug Matrix Alcohol Matrix",
                legend,
                links,
                title.replace("Treatment ", ""),
            ]
        elif layout == "no title":
            lines = [*funders, *header, *logo, intro, legend, links]
        elif layout == "bank title":
            lines = [f"Effectiveness Bank {title}".replace(";", ":"), *funders, *header, *logo, intro, legend, links]
        else:
            lines = [title, *funders, *header, *logo, intro, *([] if layout == "no legend" else [legend]), links]
        entries = []
        for draft in self.drafts:
            date, publisher, country = draft.gold
            self.page.entries.append(GoldEntry(draft.markers, draft.headline, date, publisher, country, draft.feature))
            entries.append(f"{' '.join(draft.markers)} {draft.headline} {draft.parenthesis}. {' '.join(draft.body)}")
        topics, trailer = self._trailer()
        self.page.topics = topics
        gap = "\n" if layout == "compact" else "\n\n"
        return gap.join([*lines, *entries, *trailer, *self._commentary()]) + "\n"

    def _trailer(self) -> tuple[list[str], list[str]]:
        searches = ["search-1", "search-2"]
        for _ in searches:
            self._gold("trailer", "search", None, "dangling", None, "searches")
        topics, words, form = self.dice.choice(
            (
                (
                    ["pay and rations", "night work", "travel"],
                    "hot topics on pay and rations, night work and travel.",
                    "new",
                ),
                (["night work", "travel"], "hot topics on night work and on travel.", "old"),
                (["travel"], "hot topics on travel.", "new"),
            )
        )
        if form == "new":
            return topics, [
                "more Search for all relevant Effectiveness Bank analyses or search more specifically at the subject "
                f"search page. See also {words}"
            ]
        return topics, [
            "more This search retrieves all relevant analyses.",
            f"For subtopics go to the subject search page and {words}",
        ]

    def _commentary(self) -> list[str]:
        folded = "Matrix Bite Open Matrix Bite guide to this cell Open Matrix Bite guide and commentary"
        if not self.open_commentary:
            return [folded]
        spaced = self.page.layout != "compact"
        close = "Close Matrix Bite guide and commentary Close Matrix Bite Close Matrix Bite guide and commentary"
        pad = "\n" if spaced else ""
        square = self._square()
        lines = [
            folded, close,
            f"What is this cell about? Everything that is invented. It overlaps with what cell {square}’s bite says.",
            f"{pad}Where should I start? With whatever comes first in the list, for it is as good as the rest of it.",
            f"{pad}Highlighted study It has a design that nobody has used since, and results to match its design.",
            "Issues to consider and discuss",
        ]  # fmt: skip
        self._gold("about", "cell", None, "outside", f"{self.matrix}-{square}", "cell in the commentary")
        self.page.sections = ["about", "start", "highlighted", "issues"]
        questions = ("Is it worth the bother?", "Who should pay for it?", "Would you do it?", "What if nobody comes?")
        for number in range(1, self.issues + 1):
            lines.append(
                f"{pad if number > 1 else ''}{questions[number - 1]} Nobody asked before, and nobody has answered."
            )
            self.page.sections.append(f"issue-{number}")
            if number > 1 and self.dice.random() < 0.5:
                lines.append("The section above asked something else, which matters here too.")
                self._gold(f"issue-{number}", "commentary", "above", "resolved", f"issue-{number - 1}", "section above")
        return [*lines, close]

    def _characters(self, text: str) -> str:
        odd = self.dice.choice(("curly", "straight", "mojibake", "no-break", "crlf"))
        self.page.layout += f", {odd}"
        if odd == "straight":
            return text.replace("’", "'")
        if odd == "mojibake":
            return text.replace("’", "‚Äô")
        if odd == "no-break":
            return text.replace(". ", ".\u00a0", 3)
        return text.replace("\n", "\r\n") if odd == "crlf" else text
