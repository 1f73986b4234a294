"""A page's text with runs of spaces made one, as the formulas expect it, and the way back to where words stood."""

from __future__ import annotations

import re
from bisect import bisect_right

from evgraph.pages.source import Source, Span

_RUN = re.compile("  +")


class Squeezed:
    """A text whose runs of spaces are one space, the last of each.

    Attributes:
        source: the text, as a source of its own.

    """

    def __init__(self, page: Source) -> None:
        # From one run's last space to the next run, offsets in the two texts go in step: where these stretches start.
        self._before, self._after = [0], [0]
        parts, start = [], 0
        for run in _RUN.finditer(page.folded):
            parts += [page.text[start : run.start()], " "]
            start = run.end()
            self._before.append(start - 1)
            self._after.append(self._after[-1] + run.start() - self._before[-2])
        self.source = Source(page.path, "".join([*parts, page.text[start:]]))

    def squeezed(self, span: Span) -> Span:
        """Give the span in the squeezed text of one in the page."""
        start, end = map(self._squeezed, span)
        return Span(start, end)

    def unsqueezed(self, span: Span) -> Span:
        """Give the span in the page of one in the squeezed text."""
        return Span(self._unsqueezed(span.start), self._unsqueezed(span.end - 1) + 1)

    def _squeezed(self, offset: int) -> int:
        following = bisect_right(self._before, offset)
        moved = self._after[following - 1] + offset - self._before[following - 1]
        return min([moved, *self._after[following : following + 1]])  # Within a run, it is the one space's.

    def _unsqueezed(self, offset: int) -> int:
        stretch = bisect_right(self._after, offset) - 1
        return self._before[stretch] + offset - self._after[stretch]
