"""A page's text with runs of spaces collapsed, as the patterns expect it, and the way back to the original offsets."""

from __future__ import annotations

import re
from bisect import bisect_right

from evgraph.pages.source import Source, Span

_RUN = re.compile("  +")


class CollapsedWhitespace:
    """A text in which each run of spaces is one space: the last of the run.

    Attributes:
        source: the collapsed text, as a source of its own.

    """

    def __init__(self, page: Source) -> None:
        # From the last space of one run to the next run, offsets of both texts go in step: where these stretches start.
        self._original, self._collapsed = [0], [0]
        parts, start = [], 0
        for run in _RUN.finditer(page.folded):
            parts += [page.text[start : run.start()], " "]
            start = run.end()
            self._original.append(start - 1)
            self._collapsed.append(self._collapsed[-1] + run.start() - self._original[-2])
        self.source = Source(page.path, "".join([*parts, page.text[start:]]))

    def collapsed(self, span: Span) -> Span:
        """Return the span in the collapsed text of a span in the original."""
        start, end = map(self._collapsed_offset, span)
        return Span(start, end)

    def original(self, span: Span) -> Span:
        """Return the span in the original text of a span in the collapsed one."""
        return Span(self._original_offset(span.start), self._original_offset(span.end - 1) + 1)

    def _collapsed_offset(self, offset: int) -> int:
        following = bisect_right(self._original, offset)
        moved = self._collapsed[following - 1] + offset - self._original[following - 1]
        return min([moved, *self._collapsed[following : following + 1]])  # Within a run: the offset of its one space.

    def _original_offset(self, offset: int) -> int:
        stretch = bisect_right(self._collapsed, offset) - 1
        return self._original[stretch] + offset - self._collapsed[stretch]
