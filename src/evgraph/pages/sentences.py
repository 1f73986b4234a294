"""Sentences, and which of them can hold a formula at all: most hold none of the words that every formula needs."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from evgraph.pages import formulas
from evgraph.pages.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator


def sentences(folded: str, within: Span) -> Iterator[Span]:
    """Part a stretch of text into sentences; the question mark inside a section's name ends none."""
    start = within.start
    for found in formulas.SENTENCE_END.finditer(folded, *within):
        mark = found.start() + 1
        if folded[mark - 1] == "?" and formulas.PROTECTED_QUESTION.search(folded, max(start, mark - 30), mark):
            continue
        space = folded.rfind(" ", start, mark)
        if space >= 0 and folded[space + 1 : mark].lstrip("(") in formulas.ABBREVIATIONS:
            continue
        yield Span(start, found.start("gap"))
        start = found.end()
    if start < within.end:
        yield Span(start, within.end)


@lru_cache(maxsize=2)  # The page, and a paragraph of it without its runs of spaces.
def small_letters(text: str) -> str:
    """Make a page's letters small, each at its place."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(one.lower()[:1] for one in text)


@lru_cache(maxsize=2)  # The page, and a paragraph of it without its runs of spaces.
def hints(small: str) -> list[int]:
    """Find where in a page the words stand that every formula holds one of; most sentences hold none."""
    found = []
    for hint in formulas.HINTS:
        at = small.find(hint)
        while at >= 0:
            found.append(at)
            at = small.find(hint, at + 1)
    return sorted(found)


def may_point(words: str) -> bool:
    """Tell whether words, made small, hold what every formula holds one of; most sentences do not."""
    if _any(formulas.TRIGGERS, words) or ("(" in words and formulas.YEAR.search(words)):
        return True
    return " and " in words and ("studies" in words or "trials" in words)


def _any(needles: tuple[str, ...], words: str) -> bool:
    for needle in needles:  # noqa: SIM110 (any() takes three times as long, and this runs for every sentence)
        if needle in words:
            return True
    return False
