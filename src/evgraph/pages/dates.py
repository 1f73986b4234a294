"""The parenthesis that dates a document: ``(2012)``, ``([UK] Department of Health, 2006)``, ``(2003; free …)``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evgraph.pages.page import Stated
from evgraph.pages.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_YEAR = r"(?:18|19|20)\d\d"
_CONTENT = re.compile(
    rf"(?:(?:\[(?P<country>[^\][]{{2,40}})\]\s*)?(?P<publisher>[A-Z\[][^;]{{1,300}}?),\s*)?"
    rf"(?P<date>{_YEAR}(?:(?:,? and |, ?|-){_YEAR})*)(?:\s*[;,]\s*(?P<note>\D.*))?"
)


@dataclass(frozen=True, slots=True)
class Parenthesis:
    """A parenthesis in a text that dates a document; ``span`` includes its brackets."""

    span: Span
    date: Span
    publisher: Span | None
    country: Span | None
    note: Span | None

    def stated(self, text: str) -> Stated:
        """Give what it says, in the words of ``text``, runs of space made one."""

        def words(span: Span | None) -> str | None:
            return None if span is None else " ".join(text[span.start : span.end].split())

        return Stated(words(self.date), words(self.publisher), words(self.country), words(self.note))


def dated(folded: str, within: Span) -> Iterator[Parenthesis]:
    """Find the parentheses that date a document, left to right; nested brackets belong to the outer one."""
    depth, start = 0, -1
    for i in range(within.start, within.end):
        if folded[i] == "(":
            depth += 1
            start = i if depth == 1 else start
        elif folded[i] == ")" and depth:
            depth -= 1
            if depth == 0 and i - start < 500:
                found = _CONTENT.fullmatch(folded, start + 1, i)
                if found:
                    spans = {name: Span(*found.span(name)) for name, words in found.groupdict().items() if words}
                    date, publisher = spans["date"], spans.get("publisher")
                    yield Parenthesis(Span(start, i + 1), date, publisher, spans.get("country"), spans.get("note"))


def parenthesis(folded: str, within: Span) -> Parenthesis | None:
    """Find the parenthesis that ends an entry's headline.

    Headlines carry brackets and years of their own, bodies too. The one that a full stop follows wins, the first of
    them; where the full stop is lost, the first behind which a capital, or nothing, follows.
    """
    without_stop = None
    for found in dated(folded, within):
        after = folded[found.span.end : within.end].lstrip(" ")
        if after.startswith("."):
            if without_stop and ". " in folded[without_stop.span.end : found.span.start]:
                return without_stop
            return found
        if without_stop is None and (not after or after[0].isupper()):
            without_stop = found
    return without_stop
