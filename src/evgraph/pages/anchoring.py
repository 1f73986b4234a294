"""Where the words of a passage are in a new version of its page: the same words, else the nearest.

Words are the same if only white space, quotes and dashes differ. The nearest words are found by RapidFuzz, and extended
or cut to whole sentences where the earlier words were.
https://rapidfuzz.github.io/RapidFuzz/Usage/fuzz.html#partial-ratio-alignment
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from evgraph.pages.matching import ratio
from evgraph.pages.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEAST = 0.8  # Words less alike than this are gone.
_SHORT = 40  # Characters; shorter words must be more alike.
_LEAST_OF_SHORT = 0.9
_MARGIN = 0.1  # By so much the nearest words must be nearer than any others.
_WHOLE = 0.1  # What makes up for it that a sentence begins or ends there, where the earlier words did so, too.
_TELLING = 20  # Characters from which on words are searched outside their entry or section, too.
_WORD = re.compile(r"\S+")
_SENTENCE_END = re.compile(r"[.?!][\"')\]]*(?= )")


class Anchor(NamedTuple):
    """Words in the new version that match those of a passage."""

    span: Span
    alikeness: float  # 1 if they are the same.


class Searched:
    """A page's text, to search for words in.

    Args:
        source: the page.

    """

    def __init__(self, source: Source) -> None:
        self.source = source
        letters: list[str] = []
        self._offsets: list[int] = []  # Of each letter of `text` in the page's text.
        for match in _WORD.finditer(source.folded):
            if letters:
                letters.append(" ")
                self._offsets.append(match.start() - 1)
            letters += match[0]
            self._offsets += range(*match.span())
        self.text = "".join(letters)  # Folded, with each run of white space as one space.

    def span(self, start: int, end: int) -> Span:
        """Return a span of `text` as one of the page's text."""
        return Span(self._offsets[start], self._offsets[end - 1] + 1)

    def within(self, span: Span | None) -> tuple[int, int]:
        """Return a span of the page's text as start and end in `text`; without one, those of all of it."""
        if span is None:
            return 0, len(self.text)
        return bisect_left(self._offsets, span.start), bisect_left(self._offsets, span.end)

    def occurrences(self, words: str, start: int, end: int) -> list[int]:
        """Return where words begin in a stretch of `text`."""
        found: list[int] = []
        at = self.text.find(words, start, end)
        while at >= 0:
            found.append(at)
            at = self.text.find(words, at + 1, end)
        return found


def folded(words: str) -> str:
    """Return words as `Searched.text` has them."""
    return " ".join(Source("", words).folded.split())


def find_same(
    words: str, old: tuple[Searched, Span] | None, new: Searched, old_part: Span | None, new_part: Span | None
) -> Anchor | None:
    """Return where the words of a passage are unchanged; None where they are not, or it is not clear which they are.

    Of words that occur several times, the order tells which they are if they occur as often as before.

    Args:
        words: those of the passage, `folded`.
        old: the earlier text and the passage in it, if the text is known.
        new: the new text.
        old_part: the entry or section of the earlier text that the passage is in.
        new_part: the same entry or section of the new text.

    """
    parts: list[tuple[Span | None, Span | None]] = [(old_part, new_part)] if old_part and new_part else []
    if not parts or len(words) >= _TELLING:
        parts.append((None, None))
    for earlier, own in parts:
        places = new.occurrences(words, *new.within(own))
        number, count = 0, 1
        if old:
            before = old[0].occurrences(words, *old[0].within(earlier))
            at = old[0].within(old[1])[0]
            number, count = (before.index(at), len(before)) if at in before else (0, -1)
        if len(places) == count:
            return Anchor(new.span(places[number], places[number] + len(words)), 1.0)
    return None


def find_near(
    words: str, old: Searched | None, new: Searched, part: Span | None
) -> tuple[Anchor | None, Anchor | None]:
    """Return the words most like those of a passage, if they are alike enough and no others are about as much so.

    Args:
        words: those of the passage, `folded`.
        old: the earlier text, if it is known. Words that it holds as often as the new text are other words' own.
        new: the new text.
        part: the entry or section to search; all of the text if None.

    Returns:
        The words that match those of the passage, if any; and the nearest ones, whether they do or not.

    """
    start, end = new.within(part)
    nearest = _nearest(words, new.text[start:end])
    if nearest is None:
        return None, None
    alike, first, last = nearest
    anchor = Anchor(new.span(start + first, start + last), alike)
    text = new.text[start:end]
    rests = [rest for rest in (text[:first], text[last:]) if len(rest) >= len(words) // 2]
    rivals = [rival[0] for rest in rests if (rival := _nearest(words, rest))]
    least = _LEAST if len(words) >= _SHORT else _LEAST_OF_SHORT
    found = text[first:last]
    is_other = old is not None and 0 < new.text.count(found) <= old.text.count(found)
    is_sure = alike >= least and alike - max(rivals, default=0) >= _MARGIN and not is_other
    return (anchor if is_sure else None), anchor


def _nearest(words: str, text: str) -> tuple[float, int, int] | None:
    """Return the stretch of whole words of a text that is most like some words: how alike, start, end."""
    from rapidfuzz import fuzz

    if not text.strip() or not words:
        return None
    found = fuzz.partial_ratio_alignment(words, text) if len(words) <= len(text) else None
    start, end = (found.dest_start, found.dest_end) if found else (0, len(text))
    starts, ends = set(_starts(text, start)), set(_ends(text, end))
    sentences = _sentences(text)
    whole_start, whole_end = words[0].isupper(), _SENTENCE_END.search(f"{words} ", len(words) - 2) is not None

    def fit(stretch: tuple[float, int, int]) -> tuple[float, int]:
        alike, first, last = stretch
        whole = (whole_start and first in sentences) + (whole_end and last + 1 in sentences)
        return alike + _WHOLE * whole, last - first

    stretches = [(ratio(words, text[a:b]), a, b) for a in starts for b in ends if a < b]
    return max(sorted(stretches), key=fit, default=None)


def _sentences(text: str) -> list[int]:
    """Return where sentences begin, and where one after the text would."""
    return [0, *(match.end() + 1 for match in _SENTENCE_END.finditer(text)), len(text) + 1]


def _starts(text: str, at: int) -> Iterator[int]:
    """Yield where a stretch that begins about an offset may begin: with that word, or with a sentence near it."""
    yield text.rfind(" ", 0, at + 1) + 1
    yield at if at == 0 else text.find(" ", at) + 1 or at
    sentences = _sentences(text)[:-1]
    index = bisect_left(sentences, at)
    yield from sentences[max(0, index - 1) : index + 2]


def _ends(text: str, at: int) -> Iterator[int]:
    """Yield where a stretch that ends about an offset may end: after that word, or after a sentence near it."""
    after = text.find(" ", max(0, at - 1))
    yield len(text) if after < 0 else after
    before = text.rfind(" ", 0, at)
    if before > 0:
        yield before
    sentences = [start - 1 for start in _sentences(text)[1:]]
    index = bisect_left(sentences, at)
    yield from sentences[max(0, index - 1) : index + 2]
