"""Sentences, and where formulas may stand at all: most sentences hold none of the words that every formula needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evgraph.pages import patterns as formulas
from evgraph.pages.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DATED = re.compile(r"\((?=[^()]*(?:(?:18|19|20)\d\d|\())")


def sentences_at(folded: str, within: Span, places: Sequence[int]) -> Iterator[Span]:
    """Give those sentences of a stretch of text that hold one of some places, which are in order."""
    start = behind = within.start
    for place in places:
        if place < behind:
            continue
        start = _behind_full_stop(folded, start, place)
        for found in formulas.SENTENCE_END.finditer(folded, start, within.end):
            behind, next_start = found.span("gap")
            if place < behind:
                yield Span(start, behind)
                start = next_start
                break
            start = next_start
        else:
            yield Span(start, within.end)
            return


def _behind_full_stop(folded: str, start: int, place: int) -> int:
    """Give the start of a sentence that stands near before a place, or holds it; "start" is the start of one."""
    at = folded.rfind(". ", start, place)
    while at >= 0:
        if found := formulas.SENTENCE_END.match(folded, at, place + 1):
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
    """Find where in a text, made small, formulas may stand, in the order of the text.

    Every formula holds one of a few words, or "see" beside "also", or studies from here and there, or a year in
    parentheses: it stands before the next bracket, or a bracket opens before it.
    """
    found = places(("above", "below", "cell", "section", "click", "linked"), text)
    found += [at for at in places(("also",), text) if "see" in text[max(0, at - 4) : at + 8]]
    found += [at for at in places(("studies", "trials"), text) if " and " in text[max(0, at - 40) : at]]
    found += [one.start() for one in _DATED.finditer(text)]
    return sorted(found)
