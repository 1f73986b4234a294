"""The commentary on a cell, the "Matrix Bite": its sections, found by their headings.

Headings are run into the first sentence of their paragraph. The standing ones are known by their words. Those of the
issues differ on each page: most are short questions, and where a page kept its blank lines, two stand before each.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from evgraph.pages.page import Line, Section
from evgraph.pages.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_STANDING = (
    ("about", re.compile(r"What\s+is\s+this\s+cell\s+about\?\s*", re.IGNORECASE)),
    ("start", re.compile(r"Where\s+should\s+I\s+start\?\s*", re.IGNORECASE)),
    ("highlighted", re.compile(r"Highlighted\s+study\b[:.]?\s*", re.IGNORECASE)),
    ("issues", re.compile(r"Issues\s+to\s+consider\s+and\s+discuss\b[:.]?\s*", re.IGNORECASE)),
)
STANDING_HEADING = "|".join(pattern.pattern for _, pattern in _STANDING)
_QUESTION = re.compile(r"(?P<heading>[A-Z\"'0-9][^.?!]{3,110}\?['\"]?)(?:\s+(?=[A-Z\"'0-9(])|$)")
# A heading without a question mark ends where a word starts a sentence that no full stop announced.
_SURE = (
    "The|This|That|These|Those|There|In|At|From|If|When|While|It|We|You|They|Despite|Though|Although|Since|Among|But"
    "|With|Without|For|On|After|Before|Some|Many|Most|Not|And|Its|Yet|Usually|Often|Perhaps|Only|Even|Such|Another"
)
_OPENER = f"{_SURE}|Here|A|An|As|What|Who|How|Why|Where|Which|One|All"
_HEADING = r"(?P<heading>(?:[^\s.?!:;]+ +){1,10}[^\s.?!:;]+)"
_PLAIN_HEADING = re.compile(rf"{_HEADING}\s+(?=(?:{_OPENER})\s+[a-z])")
# Where no blank lines announce a heading, less will not do.
_SURE_HEADING = re.compile(
    rf"(?=[A-Z\"'0-9])(?P<heading>(?:[^\s.,?!:;]+ +){{1,8}}[^\s.,?!:;]+)\s+(?=(?:{_SURE})\s+[a-z])"
)
# Failing that, where a word with a capital follows a word without: only behind blank lines that announce a heading.
_LAST_RESORT = re.compile(r"(?P<heading>[^\s.?!:;,]+(?: [^\s.?!:;,]+){0,6}? [a-z'\-]+)\s+(?=[A-Z][a-z]+ [a-z])")
# Where nothing announces a heading, and the capital may be a name's: what the rest of the page says of the word counts.
_NOUN_HEADING = re.compile(
    r"(?=[A-Z\"'0-9])(?P<heading>(?:[^\s.,?!:;]+ +){1,7}?[a-z'\-]+)\s+(?=(?P<noun>[A-Z][a-z]+) [a-z])"
)
_SMALL, _CAPITAL = re.compile(r"\b[a-z]+\b"), re.compile(r"(?<=[a-z,] )[A-Z][a-z]+\b")
_MARKS = "'\"(),.;:?!"
_FEW_WORDS = 10
_QUOTED = 6  # So many words of a short paragraph that stand in a longer one too make it a pull quote.
_SHORT = 320  # In characters.


@dataclass(slots=True)
class _Part:
    role: str
    name: str
    heading: Span
    paragraphs: list[Span] = field(default_factory=list)


def sections(source: Source, lines: Sequence[Line]) -> tuple[list[Section], list[Span]]:
    """Part the commentary's paragraphs into sections.

    Returns:
        The sections in the order of the page, and the paragraphs that belong to none.

    """
    lines_before = {line: source.text.count("\n", above.span.end, line.span.start) for above, line in pairwise(lines)}
    spaced = any(gap > 2 for gap in lines_before.values())
    bold = {one.start: one for one in source.bold}
    if not any(line.landmark == "heading" and line.span.start in bold for line in lines):
        bold = {}  # Only a page that sets the standing headings so does it with the others.
    repeated = _repeated_openings(source, lines)
    unfolded = _supplements(source, lines)
    found: list[_Part] = []
    strays: list[Span] = []
    counts: dict[str, int] = {}

    def begin(role: str, heading: Span, paragraph: Span) -> _Part:
        counts[role] = counts.get(role, 0) + 1
        numbered = role in {"issue", "caption", "pull-quote", "supplement"} or counts[role] > 1
        part = _Part(role, f"{role}-{counts[role]}" if numbered else role, heading)
        if paragraph.end > paragraph.start:
            part.paragraphs.append(paragraph)
        found.append(part)
        return part

    current: _Part | None = None  # What paragraphs are added to; asides do not count.
    for line in lines:
        span = line.span
        if span in unfolded and current:
            if found[-1].role == "supplement" and unfolded.get(found[-1].paragraphs[-1]) == unfolded[span]:
                found[-1].paragraphs.append(span)
            else:
                begin("supplement", Span(span.start, span.start), span)
            continue
        gap = lines_before.get(line, 0)
        role, heading, paragraph = _heading(
            source, line, bold, in_issues="issues" in counts, spaced=spaced, gap=gap,
            first_issue=current is not None and current.role == "issues" and not current.paragraphs,
            quoted=span in repeated,
        )  # fmt: skip
        if role:
            current = begin(role, heading, paragraph)
        elif current is None:
            strays.append(span)
        elif span in repeated or _is_caption(source, span):
            begin("pull-quote" if span in repeated else "caption", Span(span.start, span.start), span)
        else:
            current.paragraphs.append(span)
    return [Section(one.name, one.role, one.heading, tuple(one.paragraphs)) for one in found], strays


def _heading(
    source: Source,
    line: Line,
    bold: Mapping[int, Span],
    *,
    in_issues: bool,
    spaced: bool,
    gap: int,
    first_issue: bool,
    quoted: bool,
) -> tuple[str | None, Span, Span]:
    """Give the role that a paragraph's heading opens (None: it has none), the heading, and the rest."""
    span = line.span
    nothing = Span(span.start, span.start)
    for role, pattern in _STANDING if line.landmark == "heading" else ():
        if found := pattern.match(source.folded, *span):
            end = found.start() + len(found[0].rstrip())
            return role, Span(span.start, end), Span(found.end(), span.end)
    if bold:
        heading = bold.get(span.start, nothing) if in_issues else nothing
        return "issue" if heading.end > heading.start else None, heading, Span(heading.end, span.end)
    announced = first_issue or gap > 2
    if not in_issues or (quoted and not announced):
        return None, nothing, span
    patterns: tuple[re.Pattern[str], ...] = ()
    if announced:
        patterns = (_QUESTION, _PLAIN_HEADING, _LAST_RESORT)
    elif not spaced and not _is_caption(source, span):
        patterns = (_QUESTION, _SURE_HEADING)
    matches = (one.match(source.folded, *span) for one in patterns)
    one = next(filter(None, matches), None)
    if not (one or announced) and patterns:
        one = _before_a_noun(source, span)
    if one and (announced or len(one["heading"].split()) <= _FEW_WORDS):
        return "issue", Span(*one.span("heading")), Span(one.end(), span.end)
    return None, nothing, span


def _before_a_noun(source: Source, line: Span) -> re.Match[str] | None:
    """Find a heading that ends where a noun of the page, else written small, stands with the capital of a sentence."""
    found = _NOUN_HEADING.match(source.folded, *line)
    return found if found and found["noun"] in _once_with_a_capital(source.folded) else None


@lru_cache(maxsize=1)
def _once_with_a_capital(text: str) -> set[str]:
    """Find the words that a text writes small, and within a line only once with a capital."""
    small = set(_SMALL.findall(text))
    return {word for word, count in Counter(_CAPITAL.findall(text)).items() if count == 1 and word.lower() in small}


def _supplements(source: Source, lines: Sequence[Line]) -> dict[Span, Span]:
    """Find the paragraphs that a web page unfolds within the commentary, each with the block that is unfolded."""
    found: dict[Span, Span] = {}
    for block in source.hidden:
        inside = [line for line in lines if block.start <= line.span.start and line.span.end <= block.end]
        if not any(line.landmark == "heading" for line in inside):
            found |= {line.span: block for line in inside}
    return found


def _repeated_openings(source: Source, lines: Sequence[Line]) -> set[Span]:
    """Find the pull quotes: short paragraphs whose first words stand in a longer one too."""
    folded = source.folded
    short, phrases = {}, set()
    begin, end = (lines[0].span.start, lines[-1].span.end) if lines else (0, 0)
    for span, _, landmark in lines:
        if span.end - span.start <= _SHORT and landmark != "heading":
            words = folded[span.start : span.end].split(maxsplit=_QUOTED)
            if len(words) < _QUOTED:
                continue
            phrase = words[1] if source.has_space_runs else " ".join(words[1 : _QUOTED - 1])
            if folded.find(phrase, folded.find(phrase, begin) + 1, end) >= 0:
                short[span] = _opening(words, 0)
                phrases.add(phrase)
    longest = dict.fromkeys(short.values(), 0)
    seconds = {opening[1] for opening in longest}
    for span, _, _ in lines if short else ():
        if not any(folded.find(phrase, *span) >= 0 for phrase in phrases):
            continue
        words = folded[span.start : span.end].split()
        for i in range(1, len(words) - _QUOTED + 2):
            if words[i] in seconds and (opening := _opening(words, i - 1)) in longest:
                longest[opening] = max(longest[opening], span.end - span.start)
    return {span for span, opening in short.items() if span.end - span.start < longest[opening]}


def _opening(words: Sequence[str], at: int) -> tuple[str, ...]:
    """Give six words; a quote may open before the first, and give it a capital, and a full stop follow the last."""
    first, *middle, last = words[at : at + _QUOTED]
    return (first.strip(_MARKS).lower(), *middle, last.strip(_MARKS))


def _is_caption(source: Source, line: Span) -> bool:
    """Tell a chart's caption: a few words that make no sentence; at the very end they are what a cut left of one."""
    if line.end == source.lines[-1].end:
        return False
    words = source.folded[line.start : line.end]
    return words[-1] not in ".?!\"'):" and len(words.split(maxsplit=21)) <= 20
