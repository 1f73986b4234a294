"""The references that a stretch of text makes, as its words state them: not yet what they mean.

A formula is matched once; what a stronger formula has taken, a weaker one does not read again. From strong to weak:
other cells, the own commentary, links that lost their words ("click here"), places in a file, pairs ("corresponding",
"related"), implementation, "see also", dated parentheses, and last every "above" and "below" that is left.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from evgraph.pages import formulas
from evgraph.pages.dates import Parenthesis, dated
from evgraph.pages.page import Stated
from evgraph.pages.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator


class Kind(StrEnum):
    """Notations of the reference-kind scheme."""

    CORRESPONDING = "corresponding"
    RELATED = "related"
    SEE_ALSO = "see-also"
    IMPLEMENTATION = "implementation"
    INLINE = "inline"
    POSITION = "position"
    COMMENTARY = "commentary"
    CELL = "cell"
    FILE_PLACE = "file-place"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class Mention:
    """One pointer, as its words state it.

    Attributes:
        kind: what sort of pointer.
        words: the span of the formula.
        sentence: the span of the sentence around it.
        direction: ``above``, ``below`` or None.
        noun: what sort of document the words name (``study``, ``review`` …), if any.
        countries: the words for countries beside that noun, as printed.
        stated: what a parenthesis says of the document.
        square: ``E3``, for another cell.
        matrix: that cell's matrix where the words name it.
        label: for another cell named by its level's label instead.
        section: the role of the commentary's section.
        number: a link number, ``(1 2)``.
        listed: whether the words say that the target is listed, hence an entry.
        implemented: for implementation, whether the target is what is put into practice (else it is the source).
        discusses: for another cell, whether the words say that it discusses what stands here.
        locator: the place in a file.

    """

    kind: Kind
    words: Span
    sentence: Span
    direction: str | None = None
    noun: str | None = None
    countries: tuple[str, ...] = ()
    stated: Stated = field(default_factory=Stated)
    square: str | None = None
    matrix: str | None = None
    label: str | None = None
    section: str | None = None
    number: int | None = None
    listed: bool = False
    implemented: bool = False
    discusses: bool = False
    locator: str | None = None


def sentences(folded: str, within: Span) -> list[Span]:
    """Part a stretch of text into sentences; the question mark inside a section's name ends none."""
    protected = [found.span() for found in formulas.PROTECTED_QUESTIONS.finditer(folded, *within)]
    ends = []
    for found in formulas.SENTENCE_END.finditer(folded, *within):
        inside = any(a <= found.start() < b for a, b in protected)
        if inside or formulas.ABBREVIATIONS.search(folded[max(within.start, found.start() - 8) : found.start() + 1]):
            continue
        ends.append(found.end())
    spans, start = [], within.start
    for end in [*ends, within.end]:
        while start < end and folded[start].isspace():
            start += 1
        while end > start and folded[end - 1].isspace():
            end -= 1
        if end > start:
            spans.append(Span(start, end))
        start = max(start, end)
    return spans


def mentions(source: Source, within: Span) -> list[Mention]:
    """Find the references in a stretch of text, in the order of the text."""
    return _Reader(source, within).read()


class _Reader:
    def __init__(self, source: Source, within: Span) -> None:
        self.text, self.folded, self.within = source.text, source.folded, within
        self.sentences = sentences(source.folded, within)
        self.taken: list[Span] = []
        self.found: list[Mention] = []

    def read(self) -> list[Mention]:
        if self.within.end <= self.within.start:
            return []
        self._other_cells()
        self._own_commentary()
        self._places()
        self._pairs()
        self._implementation()
        parentheses = [one for one in dated(self.folded, self.within) if self._free(one.span)]
        self._see(parentheses)
        self._inline(parentheses)
        self._positions()
        return sorted(self.found, key=lambda one: (one.words, one.number or 0))

    # What each formula does with its match: check that it is free, take it, add a mention for each thing it names.

    def _other_cells(self) -> None:
        for found in self._matches(formulas.CELL):
            for square in re.findall(r"[A-E][1-5]", found["squares"]):
                self._add(
                    Kind.CELL, found, square=square, matrix=found["matrix"] and found["matrix"].lower(),
                    discusses=bool(found["discussed"] or found["bite"]),
                )  # fmt: skip
        for found in self._matches(formulas.CELL_BY_LABEL):
            self._add(Kind.CELL, found, label=found["label"].lower())
        for found in self._matches(formulas.THIS_CELL):
            for number in _numbers(found):
                self._add(Kind.POSITION, found, noun=formulas.NOUNS[found["noun"].lower()], number=number)

    def _own_commentary(self) -> None:
        for found in self._matches(formulas.OWN_BITE):
            parts = list(formulas.SECTION_WITH_NUMBERS.finditer(found["sections"]))
            for part in parts:
                numbers = _numbers(part) if part["numbers"] or part is not parts[-1] else _numbers(found)
                for number in numbers:
                    self._add(Kind.COMMENTARY, found, section=formulas.ROLES[part["name"].lower()], number=number)
        for found in self._matches(formulas.CLICK):
            count = max(1, found["heres"].lower().count("here"))
            for number in range(1, count + 1):
                self._add(Kind.COMMENTARY, found, number=number if count > 1 else None)

    def _places(self) -> None:
        for found in self._matches(formulas.FILE_PLACE):
            self._add(Kind.FILE_PLACE, found, locator=found["locator"].removeprefix("on ").removeprefix("See "))

    def _pairs(self) -> None:
        for found in self._matches(formulas.PAIR):
            kind = Kind.CORRESPONDING if found["kind"].lower() == "corresponding" else Kind.RELATED
            self._add_each_noun(kind, found)
        for sentence in self.sentences:
            alone = formulas.NOUN_SENTENCE.fullmatch(self.folded, *sentence)
            if alone and self._take(Span(*alone.span())):
                self._add_each_noun(Kind.RELATED, alone)

    def _add_each_noun(self, kind: Kind, found: re.Match[str]) -> None:
        nouns = [
            formulas.NOUNS[noun.lower()] for noun in re.findall(rf"\b{formulas.NOUN}\b", found["nouns"], re.IGNORECASE)
        ]
        for noun in nouns:
            for number in _numbers(found):
                self._add(
                    Kind.COMMENTARY if noun in formulas.PARTS else kind, found, direction=found["direction"].lower(),
                    noun=noun, countries=_countries(found), number=number,
                )  # fmt: skip

    def _implementation(self) -> None:
        for found in self._matches(formulas.IMPLEMENTED_BY):
            self._add(
                Kind.IMPLEMENTATION,
                found,
                direction=found["direction"].lower(),
                noun=formulas.NOUNS[found["noun"].lower()],
            )
        for found in self._matches(formulas.IMPLEMENTS):
            self._add(Kind.IMPLEMENTATION, found, direction=found["direction"].lower(), implemented=True)

    def _see(self, parentheses: list[Parenthesis]) -> None:
        for found in self._matches(formulas.SEE_DIRECTED):
            noun = found["noun"]
            self._add(
                Kind.SEE_ALSO, found, direction=found["direction"].lower(), noun=noun and formulas.NOUNS[noun.lower()],
                countries=_countries(found),
            )  # fmt: skip
        for found in formulas.SEE.finditer(self.folded, *self.within):
            span = Span(*found.span())
            end = next((one.end for one in self.sentences if one.start <= span.start < one.end), span.end)
            reach = Span(span.start, end)
            here = [one for one in parentheses if reach.start <= one.span.start < reach.end and self._free(one.span)]
            for one in here:
                if self._take(one.span):
                    words = self.folded[span.start : one.span.start]
                    self._add(Kind.SEE_ALSO, Span(span.start, one.span.end), **self._said(one, words))
            if not here and found["also"] and self._undated(found["what"]) and self._take(span):
                self._add(Kind.SEE_ALSO, span, noun=_last_noun(found["what"]))

    @staticmethod
    def _undated(what: str) -> bool:
        return not re.search(r"\b(?:above|below|cells?|bite|hot topics?|rest of row|section)\b", what, re.IGNORECASE)

    def _inline(self, parentheses: list[Parenthesis]) -> None:
        for one in parentheses:
            if self._take(one.span):
                sentence = self._sentence(one.span)
                self._add(Kind.INLINE, one.span, **self._said(one, self.folded[sentence.start : one.span.start]))
        for found in self._matches(formulas.SEVERAL_COUNTRIES):
            after = self.folded[found.end() : found.end() + 8].strip().lower()
            direction = next((word for word in ("above", "below") if after.startswith(word)), None)
            if direction and self._take(Span(found.end(), self.folded.index(direction, found.end()) + len(direction))):
                self._add(Kind.POSITION, found, direction=direction, noun="study", countries=_countries(found))
            elif not direction:
                self._add(Kind.INLINE, found, noun="study", countries=_countries(found))

    def _said(self, one: Parenthesis, words_before: str) -> dict[str, Any]:
        return {"stated": one.stated(self.text), "noun": _last_noun(words_before)}

    def _positions(self) -> None:
        for found in formulas.POSITION.finditer(self.folded, *self.within):
            span = Span(*found.span())
            before = self.folded[max(self.within.start, found.start() - 25) : found.start("direction")]
            if (
                not self._free(span)
                or formulas.MEASURES.search(before)
                or formulas.MEASURES.match(self.folded[found.end() :][:20])
            ):
                continue
            sentence = self._sentence(span)
            noun, countries, start = self._noun_before(Span(sentence.start, span.start))
            after = re.match(
                rf"\s*,? (?:the|this|that) (?P<noun>{formulas.NOUN})\b",
                self.folded[span.end : sentence.end],
                re.IGNORECASE,
            )
            if found["listed"] and after and not noun:
                noun = formulas.NOUNS[after["noun"].lower()]
            self.taken.append(span)
            opened = "(" in self.folded[start : span.end] and self.folded[span.end : span.end + 1] == ")"
            self._add(
                Kind.COMMENTARY if noun in formulas.PARTS else Kind.POSITION, Span(start, span.end + opened),
                direction=found["direction"].lower(), noun=noun, countries=countries,
                section="supplement" if noun == "supplement" else None,
                listed="listed" in (found["listed"] or "").lower(),
            )  # fmt: skip

    def _noun_before(self, words: Span) -> tuple[str | None, tuple[str, ...], int]:
        """Read the noun that a following "above" belongs to: ``a British study (listed``, ``trials from the UK``."""
        near = formulas.NOUN_BEFORE.search(self.folded[words.start : words.end])
        if not near:
            bracket = re.search(r"\([ ]*$", self.folded[words.start : words.end])
            return None, (), words.start + bracket.start() if bracket else words.end
        places = _split_countries(near["places"]) if near["places"] else _countries(near)
        return formulas.NOUNS[near["noun"].lower()], places, words.start + near.start()

    # Bookkeeping.

    def _matches(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        for found in pattern.finditer(self.folded, *self.within):
            if self._take(Span(*found.span())):
                yield found

    def _free(self, span: Span) -> bool:
        return all(span.end <= other.start or other.end <= span.start for other in self.taken)

    def _take(self, span: Span) -> bool:
        if not self._free(span):
            return False
        self.taken.append(span)
        return True

    def _sentence(self, span: Span) -> Span:
        return next((one for one in self.sentences if one.start <= span.start < one.end), self.within)

    def _add(self, kind: Kind, where: re.Match[str] | Span, **said: Any) -> None:
        words = where if isinstance(where, Span) else Span(*where.span())
        self.found.append(Mention(kind, words, self._sentence(words), **said))


def _numbers(found: re.Match[str]) -> list[int | None]:
    """Give the link numbers of a match, or one None where it has none: each is one reference."""
    return [int(one) for one in re.findall(r"\d+", found["numbers"])] if found["numbers"] else [None]


def _countries(found: re.Match[str]) -> tuple[str, ...]:
    return _split_countries(found["countries"]) if found["countries"] else ()


def _split_countries(words: str) -> tuple[str, ...]:
    return tuple(word.removeprefix("the ") for word in re.split(r", | and |/", words))


def _last_noun(words: str) -> str | None:
    nouns = re.findall(rf"\b{formulas.NOUN}\b", words, re.IGNORECASE)
    return formulas.NOUNS[nouns[-1].lower()] if nouns else None
