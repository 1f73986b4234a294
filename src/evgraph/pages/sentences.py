"""Sentences, and which of them can hold a formula at all: most hold none of the words that every formula needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.pages import formulas
from evgraph.pages.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def sentences_at(folded: str, within: Span, places: Sequence[int]) -> Iterator[Span]:
    """Give those sentences of a stretch of text that hold one of some places, which are in order."""
    rest, end = within.start, within.start
    for place in places:
        if place >= end:
            start, end, rest = _sentence(folded, _behind_full_stop(folded, rest, place), within.end, place)
            yield Span(start, end)


def _sentence(folded: str, start: int, end: int, place: int) -> tuple[int, int, int]:
    """Give the start and the end of the sentence that holds a place, and where the next one starts.

    The question mark inside a section's name ends no sentence, and the full stop of an abbreviation none either.
    """
    for found in formulas.SENTENCE_END.finditer(folded, start, end):
        mark = found.start() + 1
        if folded[mark - 1] == "?" and formulas.PROTECTED_QUESTION.search(folded, max(start, mark - 30), mark):
            continue
        space = folded.rfind(" ", start, mark)
        if space >= 0 and folded[space + 1 : mark].lstrip("(") in formulas.ABBREVIATIONS:
            continue
        gap, behind = found.span("gap")
        if place < gap:
            return start, gap, behind
        start = behind
    return start, end, end


def _behind_full_stop(folded: str, start: int, place: int) -> int:
    """Give the start of a sentence that stands near before a place, or holds it; "start" is the start of one."""
    at = folded.rfind(". ", start, place)
    while at >= 0:
        found = formulas.SENTENCE_END.match(folded, at, place + 1)
        if found and folded[folded.rfind(" ", start, at) + 1 : at + 1].lstrip("(") not in formulas.ABBREVIATIONS:
            return found.end()
        at = folded.rfind(". ", start, at)
    return start


def small_letters(text: str) -> str:
    """Make letters small, each at its place; what is not ASCII, and so in no formula, becomes a question mark."""
    plain = text if text.isascii() else text.encode("ascii", "replace").decode("ascii")
    return plain.lower()


def places(needles: Sequence[str], text: str) -> list[int]:
    """Find where in a text some words stand, in the order of the text."""
    found = []
    for needle in needles:
        at = text.find(needle)
        while at >= 0:
            found.append(at)
            at = text.find(needle, at + 1)
    found.sort()
    return found


def hints(text: str) -> list[int]:
    """Find where in a text a formula may stand, in the order of the text."""
    found = places(formulas.HINTS, text)
    found += [one.start() for one in formulas.DATED.finditer(text)]
    return sorted(found)


def may_point(words: str) -> bool:
    """Tell whether words, made small, hold what every formula holds one of; most sentences do not."""
    for trigger in formulas.TRIGGERS:  # any() takes three times as long, and this runs for every sentence.
        if trigger in words:
            return True
    if "(" in words and formulas.YEAR.search(words):
        return True
    return " and " in words and ("studies" in words or "trials" in words)
