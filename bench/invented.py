"""Invented pages in every layout of the Matrices, each with its correct reading.

A page is made of features drawn at random from a seed: the layout of its header, the date of an entry, a reference in
its text. Each feature writes text and its correct reading, so that a reader can be measured without real pages. All
words are made up. Layouts that the description of the pages leaves open are not written.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from bench.invented_bite import add_pointers, draw_bite, lines
from bench.invented_entries import draw_entries, entry_line, place_in, plain_sentences
from bench.invented_frame import CHARACTERS, ENCODINGS, draw_frame, draw_trailer
from bench.invented_further import there
from bench.invented_gold import FURTHER, NEW, GeneratedPage, GoldEntry, GoldReference, GoldSection, Pointer, Sentence
from bench.invented_html import Html
from bench.invented_meaning import BARE_ANSWERS, is_plain, meaning, ways_back
from bench.invented_phrases import Phrases

if TYPE_CHECKING:
    from bench.invented_meaning import Meaning

_CUTS = ("none",) * 8 + (
    "in a headline",
    "in a date",
    "in a body",
    "in a phrase",
    "in the trailer",
    "in the commentary",
)
_LIST_CUTS = ("in a headline", "in a date", "in a body", "in a phrase")
BARE = f"{NEW}a pointer that a bare ( above) does not confirm"
CUT = f"{NEW}below, on a page whose list is cut"
NOT_HELD = f"{NEW}a kind that the page does not hold"
_WITH_LINKS = frozenset({"links", "numbers", "cells", "bare pointers", "see-also without a year", "two countries"})


def generate(seed: int, prose: int = 0) -> GeneratedPage:
    """Return the page of a seed; a seed always gives the same page.

    Args:
        seed: any number.
        prose: the number of plain sentences to add to each entry, and four times as many to each paragraph of the
            commentary.

    """
    return _Maker(random.Random(seed), prose).make()  # noqa: S311 - nothing secret.


class _Maker:
    def __init__(self, dice: random.Random, prose: int) -> None:
        self.dice, self.prose = dice, prose
        self.matrix = dice.choice(("alcohol", "drug"))
        self.square = dice.choice("ABCDE") + dice.choice("12345")
        kind = dice.choice(("", *FURTHER, "links", "links", "mixed")) if dice.random() < 0.6 else ""
        self.kinds = frozenset(FURTHER) - {"links"} if kind == "mixed" else frozenset({kind} - {""})
        self.html = None
        if kind == "links":
            self.kinds, self.html = _WITH_LINKS, Html(dice)
        self.gap = "\n\n" if self.html else dice.choice(("\n\n", "\n\n", "\n"))
        self.cut = "none" if self.html else dice.choice(_LIST_CUTS if kind == "cut lists" else _CUTS)
        self.frame = draw_frame(dice, self.matrix, self.square, self.kinds)
        self.bite = draw_bite(dice, self.kinds, spaced=self.gap == "\n\n")
        if self.cut in (*_LIST_CUTS, "in the trailer"):
            self.bite.parts, self.bite.open = [], False
        elif self.cut == "in the commentary" and not self.bite.open:
            self.cut = "none"
        self.phrases = Phrases(dice, (self.matrix, self.square), self.bite.names, self.kinds)
        self.drafts = draw_entries(dice, self.kinds)
        self.page = GeneratedPage(f"{self.matrix}-{self.square}", self.frame.cell_option)
        self.page.kind, self.page.html, self.page.cut = kind, bool(self.html), self.cut in _LIST_CUTS
        self.fragment = ""  # The rest of a last line that is cut.

    def make(self) -> GeneratedPage:
        if self.cut in ("in a headline", "in a date"):
            rest = (
                ("lie",)
                if self.cut == "in a headline"
                else ("lients (20", "lients ([UK] Harbour For", "lients (2003; free sou")
            )
            self.fragment = f"{self.dice.choice('SKRG')} Night clinics keep c{self.dice.choice(rest)}"
            self.page.not_understood.append(self.fragment)
        self._point()
        if self.html:
            return self._make_html(self.html)
        entries = [self._line(number) for number in range(len(self.drafts))]
        below = self._below()
        text = self.gap.join([*self.frame.lines, *entries, *below])
        name, self.spoil = self.dice.choice(sorted(CHARACTERS.items()))
        encoding = self.dice.choice(ENCODINGS)
        written = self.spoil(text if self.fragment or self.cut == "in the commentary" else f"{text}\n")
        if name.startswith("mojibake"):
            encoding = "utf-8"
        self.page.data = _encoded(written, encoding)
        title = f"{self.frame.title}; {'blank lines' if self.gap == chr(10) * 2 else 'single newlines'}"
        self.page.layout = f"{title}; {name}; {encoding}; cut {self.cut}; {self.page.kind or 'usual'}"
        self.page.title = self.frame.title
        self.page.supports = list(dict.fromkeys(self.page.supports))
        self._write_gold(name)
        return self.page

    def _make_html(self, html: Html) -> GeneratedPage:
        """Write the page with its links; what a phrase means is what it links to."""
        self.spoil = str
        for draft in self.drafts:
            draft.hover = html.draw_hover()
        self._write_gold("in HTML")
        trailer, searches, topics, feature = draw_trailer(self.dice, self.kinds)
        self._write_trailer(searches, topics, feature)
        below, supports = lines(self.dice, self.bite, html)
        self.page.supports = list(dict.fromkeys([*self.page.supports, *supports]))
        entries = [html.entry(number, draft) for number, draft in enumerate(self.drafts, 1)]
        above = [html.paragraph(line) for line in self.frame.lines]
        self.page.data = html.page([*above, *entries, *html.trailer(trailer, topics), *below]).encode()
        self.page.layout, self.page.title = f"{self.frame.title}; HTML", self.frame.title
        return self.page

    def _write_trailer(self, searches: list[str], topics: list[str], feature: str) -> None:
        self.page.topics, self.page.topics_feature = topics, feature
        for sentence in searches:
            gold = GoldReference("trailer", "search", None, "dangling", None, (), None, "searches", sentence)
            self.page.references.append(gold)

    def _point(self) -> None:
        """Add references to the entries and the commentary."""
        for at, sentence in self.phrases.pairs(self.drafts):
            self.drafts[at].body.append(sentence)
        if "bare pointers" in self.kinds and len(self.drafts) > 3:
            self.drafts[0].body.append(there("Related study below.", "related", "below", "study"))
            feature = f"{NEW}( above) within a sentence, icon lost"
            words = "The people who were asked ( above) agreed."
            self.drafts[1].body.append(there(words, "position", "above", None, feature=feature))
        if "kinds not held" in self.kinds:
            kinds = tuple(Pointer("related", "below", noun) for noun in ("study", "review", "guidance"))
            self.drafts[0].body.append(
                Sentence("Related study, review and guidance below.", "study, review and guidance …", kinds)
            )
        for draft in self.drafts:
            place_in(self.dice, draft)
        for at, draft in enumerate(self.drafts):
            for _ in range(self.dice.choice((0, 1, 1, 2) if not self.kinds else (1, 1, 2, 3))):
                kind = self.dice.random()
                if kind < 0.45:
                    self._add_directed(at)
                else:
                    draft.body.append(self.phrases.own_bite() if kind < 0.6 else self.phrases.anywhere())
        add_pointers(self.dice, self.bite, self.phrases, self.drafts)
        for draft in self.drafts:
            draft.body += plain_sentences(self.dice, self.prose)
        for part in self.bite.parts:
            for paragraph in [] if part.aside else part.paragraphs:
                paragraph += plain_sentences(self.dice, 4 * self.prose)

    def _add_directed(self, at: int) -> None:
        sentence = self.phrases.directed(at, self.drafts)
        if sentence and all(other.text != sentence.text for other in self.drafts[at].body):
            self.drafts[at].body.append(sentence)
            if not is_plain(self.drafts) or self._is_further():
                self.drafts[at].body.pop()

    def _is_further(self) -> bool:
        """Return whether a phrase is of a further kind that this page does not have."""
        allowed = {
            BARE: "bare pointers" in self.kinds,
            NOT_HELD: "kinds not held" in self.kinds,
            CUT: "cut lists" in self.kinds,
        }
        return any(
            not allowed.get(self._meaning(at, pointer, "")[1], True)
            for at, draft in enumerate(self.drafts) for sentence in draft.body for pointer in sentence.pointers
        )  # fmt: skip

    def _meaning(self, at: int, pointer: Pointer, feature: str) -> tuple[Meaning, str]:
        """Return what a pointer means in text, and its feature."""
        meant = meaning(at, pointer, self.drafts)
        if pointer.fixed or not pointer.direction:
            return meant, feature
        if self.page.cut and pointer.direction == "below" and not ways_back(at, pointer, self.drafts):
            return ("open", None, ()), CUT
        if meant != meaning(at, pointer, self.drafts, BARE_ANSWERS):
            return meant, BARE
        return meant, NOT_HELD if meant[0] == "dangling" else feature

    def _line(self, number: int) -> str:
        draft = self.drafts[number]
        last = number == len(self.drafts) - 1
        if last and self.cut == "in a body":
            draft.body.append(Sentence("Nobody had exp"))
            self.fragment = "…"
        elif last and self.cut == "in a phrase":
            draft.body.append(Sentence(self.dice.choice(("Related guidan", "For discussion cli", "Discussion in bit"))))
            self.fragment = "…"
        end_stop = self.dice.random() > 0.1
        if not end_stop:
            draft.features = (*draft.features, "no full stop at the end")
        return entry_line(draft, end_stop=end_stop)

    def _below(self) -> list[str]:
        """Return the lines below the list, up to the cut."""
        if self.fragment:
            return [self.fragment] if self.page.not_understood else []
        trailer, searches, topics, feature = draw_trailer(self.dice, self.kinds)
        if self.cut == "in the trailer":
            self.fragment = trailer[0][: len("more Search for all rele")]
            return [self.fragment]
        self._write_trailer(searches, topics, feature)
        found, supports = lines(self.dice, self.bite)
        self.page.supports += supports
        if self.cut == "in the commentary":
            found = [*found[:-1], "Nobody had exp"]
        return [*trailer, *found]

    def _write_gold(self, characters: str) -> None:
        """Set the correct reading, in the characters of the page."""
        spoil = self.spoil
        self.page.supports = [*self.frame.supports, *self.page.supports]
        for draft in self.drafts:
            date, publisher, country = draft.stated
            features = (*draft.features, f"characters: {characters}")
            if draft.documents:
                features = draft.features[:1]
            headline, publisher = spoil(draft.headline), publisher and spoil(publisher)
            entry = GoldEntry(
                draft.markers, headline, date, publisher, country, features, draft.note, draft.hover, draft.inferred,
                draft.documents,
            )  # fmt: skip
            self.page.entries.append(entry)
        for at, draft in enumerate(self.drafts):
            for sentence in draft.body:
                self._write_references(f"entry {at + 1}", sentence, at)
        for part in self.bite.parts:
            for paragraph in part.paragraphs:
                for sentence in paragraph:
                    self._write_references(part.name, sentence, -1)
        intro = [GoldSection("intro", "", "introduction")] if self.frame.intro else []
        heading = f"{NEW}HTML: heading within an element of its own"
        gold = [
            GoldSection(section.name, spoil(section.heading), heading if self.html else section.feature)
            for section in self.bite.gold()
        ]
        self.page.sections = [*intro, *gold]

    def _write_references(self, source: str, sentence: Sentence, at: int) -> None:
        links, taken = [], {source}
        for pointer in sentence.pointers:
            meant, feature = self._meaning(at, pointer, sentence.feature)
            if self.html and pointer.words:
                meant, link = self.html.link(pointer, meant, taken, len(self.drafts), self.bite.names)
                taken.add(meant[1] or source)
                links.append((pointer.words, link))
                feature = f"{NEW}HTML: {_to(meant[1])}, {pointer.kind}{', script' if link.startswith('java') else ''}"
            resolution, target, candidates = meant
            in_bite = at < 0 or any(
                name and not name.startswith(("entry", "document")) for name in (target, *candidates)
            )
            if self.bite.hard and not self.html and (at < 0 or (in_bite and pointer.kind != "cell")):
                feature = self.bite.hard
            gold = GoldReference(
                source, pointer.kind, pointer.direction, resolution, target, candidates, pointer.date, feature,
                self.spoil(sentence.text), pointer.types,
            )  # fmt: skip
            self.page.references.append(gold)
        if self.html:
            self.html.mark(sentence, links)


def _to(target: str | None) -> str:
    if target is None or target == "document":
        return target or "nothing"
    return (
        "an entry"
        if target.startswith("entry")
        else "a cell"
        if target[-1:].isdigit() and "-" in target and (target.startswith(("drug-", "alcohol-")))
        else "a section"
    )


def _encoded(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:  # The encoding has no such character: nobody can have saved this page in it.
        return text.encode()
