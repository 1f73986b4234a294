"""The sentences of a text that may refer to something, found by the few words that every pattern needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evgraph.pages import patterns
from evgraph.pages.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DATED = re.compile(r"\((?=[^()]*(?:(?:18|19|20)\d\d|\())")


def sentences_at(folded: str, within: Span, offsets: Sequence[int]) -> Iterator[Span]:
    """Yield the sentences of a stretch of text that hold one of some offsets; the offsets are sorted."""
    start = end = within.start
    for offset in offsets:
        if offset < end:
            continue
        start = _sentence_start(folded, start, offset)
        for match in patterns.SENTENCE_END.finditer(folded, start, within.end):
            end, next_start = match.span("gap")
            if offset < end:
                yield Span(start, end)
                start = next_start
                break
            start = next_start
        else:
            yield Span(start, within.end)
            return


def _sentence_start(folded: str, start: int, offset: int) -> int:
    """Return the start of a sentence at or shortly before an offset; ``start`` is the start of an earlier one."""
    stop = folded.rfind(". ", start, offset)
    while stop >= 0:
        if match := patterns.SENTENCE_END.match(folded, stop, offset + 1):
            return match.end()
        stop = folded.rfind(". ", start, stop)
    return start


def ascii_lower(text: str) -> str:
    """Return the text in lower case, of the same length; characters beyond ASCII, in no pattern, become ``?``."""
    plain = text if text.isascii() else text.encode("ascii", "replace").decode("ascii")
    return plain.lower()


def offsets_of(needles: Sequence[str], text: str) -> list[int]:
    """Return the sorted offsets of all occurrences of some strings in a text."""
    offsets = []
    for needle in needles:
        offset = text.find(needle)
        while offset >= 0:
            offsets.append(offset)
            offset = text.find(needle, offset + 1)
    offsets.sort()
    return offsets


def find_cues(text: str) -> list[int]:
    """Return the sorted offsets in a lower-case text at which a pattern may match.

    Every pattern needs one of a few words, "see" beside "also", "… and … studies", or a year in parentheses (it stands
    before the next bracket, or a bracket opens before it).
    """
    cues = offsets_of(("above", "below", "cell", "section", "click", "linked"), text)
    cues += [offset for offset in offsets_of(("also",), text) if "see" in text[max(0, offset - 4) : offset + 8]]
    several = offsets_of(("studies", "trials"), text)
    cues += [offset for offset in several if " and " in text[max(0, offset - 40) : offset]]
    cues += [match.start() for match in _DATED.finditer(text)]
    return sorted(cues)
