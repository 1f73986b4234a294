"""The commentary on a cell, the "Matrix Bite": its sections, found by their headings.

Headings are run into the first sentence of their paragraph. The standing ones are known by their words. Those of the
issues differ on each page: most are short questions, and where a page kept its blank lines, two stand before each.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from evgraph.pages.page import Section
from evgraph.pages.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

_STANDING = (
    ("about", re.compile(r"What is this cell about\?\s*", re.IGNORECASE)),
    ("start", re.compile(r"Where should I start\?\s*", re.IGNORECASE)),
    ("highlighted", re.compile(r"Highlighted study\b[:.]?\s*", re.IGNORECASE)),
    ("issues", re.compile(r"Issues to consider and discuss\b[:.]?\s*", re.IGNORECASE)),
)
_QUESTION = re.compile(r"(?P<heading>[A-Z\"'0-9][^.?!]{3,110}\?['\"]?)(?:\s+(?=[A-Z\"'0-9(])|$)")
# A heading without a question mark ends where a word starts a sentence that no full stop announced.
_OPENER = (
    "The|This|That|These|Those|There|Here|A|An|In|On|At|For|From|With|Without|As|If|When|While|What|Who|How|Why|Where"
    "|Which|It|Its|We|You|They|One|Some|Many|Most|All|Not|But|And|Despite|Though|Although|Since|Among|After|Before"
)
_PLAIN_HEADING = re.compile(rf"(?P<heading>(?:[^\s.?!:;]+ ){{1,10}}[^\s.?!:;]+)\s+(?=(?:{_OPENER})\s+[a-z])")
# Failing that, where a word with a capital follows a word without: only behind blank lines that announce a heading.
_LAST_RESORT = re.compile(r"(?P<heading>[^\s.?!:;,]+(?: [^\s.?!:;,]+){0,6}? [a-z'\-]+)\s+(?=[A-Z][a-z]+ [a-z])")
_FEW_WORDS = 10


def sections(source: Source, lines: Sequence[Span]) -> tuple[list[Section], list[Span]]:
    """Part the commentary's paragraphs into sections.

    Returns:
        The sections in the order of the page, and the paragraphs that belong to none.

    """
    asides = {line: role for line in lines if (role := _aside(source, line, lines))}
    lines_before = {line: _lines_between(source, before, line) for before, line in pairwise(lines)}
    spaced = any(gap > 2 for gap in lines_before.values())
    found: list[Section] = []
    strays: list[Span] = []
    counts: dict[str, int] = {}

    def begin(role: str, heading: Span, paragraph: Span) -> None:
        counts[role] = counts.get(role, 0) + 1
        numbered = role in {"issue", "caption", "pull-quote", "supplement"} or counts[role] > 1
        name = f"{role}-{counts[role]}" if numbered else role
        paragraphs = (paragraph,) if paragraph.end > paragraph.start else ()
        found.append(Section(name, role, heading, paragraphs))

    current = -1  # The section that paragraphs are added to; asides do not count.
    for line in lines:
        if line in asides and current >= 0:
            begin(asides[line], Span(line.start, line.start), line)
            continue
        role, heading, paragraph = _heading(
            source, line, in_issues="issues" in counts, spaced=spaced, gap=lines_before.get(line, 0),
            first_issue=bool(found) and found[current].role == "issues" and not found[current].paragraphs,
        )  # fmt: skip
        if role:
            begin(role, heading, paragraph)
            current = len(found) - 1
        elif current < 0:
            strays.append(line)
        else:
            section = found[current]
            found[current] = Section(section.name, section.role, section.heading, (*section.paragraphs, line))
    return found, strays


def _heading(
    source: Source, line: Span, *, in_issues: bool, spaced: bool, gap: int, first_issue: bool
) -> tuple[str | None, Span, Span]:
    """Give the role that a paragraph's heading opens (None: it has none), the heading, and the rest."""
    nothing = Span(line.start, line.start)
    for role, pattern in _STANDING:
        if found := pattern.match(source.folded, line.start, line.end):
            end = found.start() + len(found[0].rstrip())
            return role, Span(line.start, end), Span(found.end(), line.end)
    if not in_issues:
        return None, nothing, line
    announced = first_issue or gap > 2
    question = _QUESTION.match(source.folded, line.start, line.end)
    if question and (announced or (not spaced and len(question["heading"].split()) <= _FEW_WORDS)):
        return "issue", Span(*question.span("heading")), Span(question.end(), line.end)
    plain = None
    if announced:
        patterns = (_PLAIN_HEADING, _LAST_RESORT)
        plain = next(filter(None, (one.match(source.folded, line.start, line.end) for one in patterns)), None)
    if plain:
        return "issue", Span(*plain.span("heading")), Span(plain.end(), line.end)
    return None, nothing, line


def _lines_between(source: Source, before: Span, line: Span) -> int:
    return source.line_of(line.start) - source.line_of(before.start)


def _aside(source: Source, line: Span, lines: Sequence[Span]) -> str | None:
    """Tell a pull quote (its words stand in a longer paragraph too) and a chart's caption (no sentence)."""
    words = source.folded[line.start : line.end]
    if any(pattern.match(words) for _, pattern in _STANDING) or len(words.split()) > 40:
        return None
    opening = " ".join(words.split()[:6])
    repeated = len(opening.split()) == 6 and any(
        other.end - other.start > line.end - line.start and opening in source.folded[other.start : other.end]
        for other in lines
    )
    if repeated:
        return "pull-quote"
    return "caption" if words[-1] not in ".?!\"'):" and len(words.split()) <= 20 else None
