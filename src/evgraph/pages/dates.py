"""The parenthesis that dates a document: ``(2012)``, ``([UK] Department of Health, 2006)``, ``(2003; free …)``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from evgraph.pages.page import Stated
from evgraph.pages.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_YEAR = r"(?:18|19|20)\d\d"
_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_QUALIFIER = rf"(?:in press|(?:first |last )?(?:published|updated|revised|issued|produced)|(?:\d\d? )?(?:{_MONTH}))"
_CONTENT = re.compile(
    r"\s*(?:(?:\[(?P<country>[^\][]{2,40})\]\s*)?"
    r"(?P<publisher>[A-Z\[][^;]{0,300}?(?:; ?[A-Z\[][^;]{0,300}?){0,3})[,;]\s*)?"
    rf"(?:{_QUALIFIER},? )?(?P<date>{_YEAR}(?:(?:,? +(?:and|&) +| +to +|, *|; *| ?- ?|/){_YEAR}){{0,9}}(?:[-/]\d\d?)?)"
    r"(?:\s*(?:[;,]\s*|- |(?=[(\[]))(?P<note>(?!\d+\b).*))?\s*"
)
_LONGEST = 500
_BRACKET = re.compile(r"[()]")
_STOP = re.compile(r" *[.]")
_OTHER_MARK = re.compile(r" *(?:[,:;?!]|- )")
_CAPITAL = re.compile(r" *(?:['\"(\[]*(?P<first>\w)|$)")
# Words that open a body, but go on with a headline only by a strange chance.
_OPENER = re.compile(r" *(?:See|Also|The|This|That|These|An?|In|On|For|From|It|Its|If|How|Why|What|With) [a-z]")


class Parenthesis(NamedTuple):
    """A parenthesis in a text that dates a document; ``span`` includes its brackets."""

    span: Span
    content: re.Match[str]

    def stated(self, text: str) -> Stated:
        """Give what it says, in the words of ``text``, runs of space made one."""

        def words(name: str) -> str | None:
            start, end = self.content.span(name)
            return " ".join(text[start:end].split()) if start < end else None

        start, end = self.content.span()
        if self.content.span("date") == (start, end):  # Most parentheses hold nothing else.
            return Stated(" ".join(text[start:end].split()))
        return Stated(words("date"), words("publisher"), words("country"), words("note"))


def dated(folded: str, within: Span) -> Iterator[Parenthesis]:
    """Find the parentheses that date a document, left to right; of two, one in the other, the outer one."""
    open_at: list[int] = []
    waiting: list[Parenthesis] = []  # Until what they stand in is closed, and turns out not to be dated itself.
    for bracket in _BRACKET.finditer(folded, *within):
        at = bracket.start()
        if folded[at] == "(":
            open_at.append(at)
        elif open_at:
            start = open_at.pop()
            if at - start < _LONGEST and (found := _CONTENT.fullmatch(folded, start + 1, at)):
                while waiting and waiting[-1].span.start > start:
                    waiting.pop()
                waiting.append(Parenthesis(Span(start, at + 1), found))
            if not open_at:
                yield from waiting
                waiting.clear()
    yield from waiting


def parenthesis(folded: str, within: Span, *, tagged: bool = True) -> Parenthesis | None:
    """Find the parenthesis that ends an entry's headline.

    Headlines carry brackets and years of their own, bodies too. The one that a full stop follows wins, the first of
    them; where the full stop is lost, the first behind which a capital, or nothing, follows. On a line that begins with
    a tag another mark will do, failing that.
    """
    without_stop: Parenthesis | None = None
    before_mark: Parenthesis | None = None
    for found in dated(folded, within):
        after = found.span.end
        if folded.startswith(".", after, within.end) or _STOP.match(folded, after, within.end):
            earlier = without_stop or before_mark
            if earlier and _body_between(folded, Span(earlier.span.end, found.span.start)):
                return earlier
            return found
        if without_stop is None and (capital := _CAPITAL.match(folded, after, within.end)):
            first = capital["first"]
            without_stop = found if first is None or first.isupper() else None
        if tagged and before_mark is None and _OTHER_MARK.match(folded, after, within.end):
            before_mark = found
    return without_stop or before_mark


def _body_between(folded: str, words: Span) -> bool:
    return folded.find(". ", words.start, words.end - 2) >= 0 or bool(_OPENER.match(folded, *words))
