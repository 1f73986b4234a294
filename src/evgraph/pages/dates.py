"""The parenthesis that dates a document: ``(2012)``, ``([UK] Department of Health, 2006)``, ``(2003; free …)``."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from evgraph.pages.page import Imprint
from evgraph.pages.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_YEAR = r"(?:18|19|20)\d\d"
_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_QUALIFIER = rf"(?:in press|(?:first |last )?(?:published|updated|revised|issued|produced)|(?:\d\d? )?(?:{_MONTH}))"
_LEADS = r"(?:an?|the|another|\w+th|first|second|third|final|full|interim|later|earlier|last|new|original)\b"
_CONTENT = re.compile(
    rf"\s*(?:(?P<lead>{_LEADS}(?: [a-z][a-z'-]*){{1,4}}), |"
    r"(?:\[(?P<country>[^\][]{2,40})\]\s*)?"
    r"(?P<publisher>[A-Z\[][^;]{0,300}?(?:; ?[A-Z\[][^;]{0,300}?){0,3})[,;]\s*)?"
    rf"(?:{_QUALIFIER},? )?(?P<date>{_YEAR}(?:(?:,? +(?:and|&) +| +to +|, *|; *| ?- ?|/){_YEAR}){{0,9}}(?:[-/]\d\d?)?)"
    r"(?:\s*(?:[;,]\s*|- |(?=[(\[]))(?P<note>(?!\d+\b).*))?\s*"
)
_MAX_LENGTH = 500
_BRACKET = re.compile(r"[()]")
_FULL_STOP = re.compile(r" *[.]")
_OTHER_MARK = re.compile(r" *(?:[,:;?!]|- )")
_CONTINUES = re.compile(r",? (?:and |or )?[a-z]")  # Behind a date within a headline.
FREE_SOURCE = re.compile(r"(?:alternative )?free source(?: at (?:the )?time of writing)?\b(?=\s*\.)", re.IGNORECASE)
_CAPITAL = re.compile(r" *(?:['\"(\[]*(?P<first>\w)|$)")
# Words that open a body, and hardly ever continue a headline.
_BODY_OPENER = re.compile(r" *(?:See|Also|The|This|That|These|An?|In|On|For|From|It|Its|If|How|Why|What|With) [a-z]")


class Parenthesis(NamedTuple):
    """A parenthesis that dates a document."""

    span: Span  # Brackets included.
    content: re.Match[str]  # Of what is between the brackets, with groups country, publisher, date and note.

    def imprint(self, text: str) -> Imprint:
        """Return what the parenthesis states, in the characters of ``text``, with runs of space collapsed."""

        def words(group: str) -> str | None:
            start, end = self.content.span(group)
            return " ".join(text[start:end].split()) or None if start < end else None

        return Imprint(words("date"), words("publisher"), words("country"), words("note"))


def dated_parentheses(folded: str, within: Span) -> Iterator[Parenthesis]:
    """Yield the parentheses that date a document, left to right; of two nested ones the outer."""
    opened: list[int] = []
    pending: list[Parenthesis] = []  # Until the parenthesis around them is closed, and turns out not to be dated.
    for bracket in _BRACKET.finditer(folded, *within):
        offset = bracket.start()
        if folded[offset] == "(":
            opened.append(offset)
        elif opened:
            start = opened.pop()
            if offset - start < _MAX_LENGTH and (match := _CONTENT.fullmatch(folded, start + 1, offset)):
                while pending and pending[-1].span.start > start:
                    pending.pop()
                pending.append(Parenthesis(Span(start, offset + 1), match))
            if not opened:
                yield from pending
                pending.clear()
    yield from pending


def dated_headline(folded: str, within: Span) -> list[Parenthesis]:
    """Return the parentheses of a headline that dates several documents, or none.

    ``Done in surgeries (2013), casualty departments (2014) or probation offices (2015), a booklet does as well. …``
    """
    end = folded.find(". ", *within)
    sentence = Span(within.start, end if end >= 0 else within.end)
    parentheses = list(dated_parentheses(folded, sentence))
    if len(parentheses) < 2 or folded[parentheses[-1].span.end : sentence.end].strip(" ") == "":
        return []
    between = [folded[a.span.end : b.span.start] for a, b in pairwise(parentheses)]
    return (
        parentheses
        if all(map(_CONTINUES.match, between)) and _CONTINUES.match(folded, parentheses[-1].span.end)
        else []
    )


def headline_end(folded: str, within: Span, *, tagged: bool = True) -> Parenthesis | None:
    """Return the dated parenthesis that ends an entry's headline, or None.

    Headlines and bodies may hold dated parentheses too. The first one with a full stop behind it ends the headline;
    where that full stop is lost, the first one with a capital, or nothing, behind it; failing that, on a line that
    starts with a tag, the first one with another mark behind it.
    """
    without_stop: Parenthesis | None = None
    before_mark: Parenthesis | None = None
    for parenthesis in dated_parentheses(folded, within):
        after = parenthesis.span.end
        if _FULL_STOP.match(folded, after, within.end):
            earlier = without_stop or before_mark
            if earlier and _has_body(folded, Span(earlier.span.end, parenthesis.span.start)):
                return earlier
            return parenthesis
        if without_stop is None and (capital := _CAPITAL.match(folded, after, within.end)):
            first = capital["first"]
            without_stop = parenthesis if first is None or first.isupper() else None
        if tagged and before_mark is None and _OTHER_MARK.match(folded, after, within.end):
            before_mark = parenthesis
    return without_stop or before_mark


def _has_body(folded: str, words: Span) -> bool:
    return folded.find(". ", words.start, words.end - 2) >= 0 or bool(_BODY_OPENER.match(folded, *words))
