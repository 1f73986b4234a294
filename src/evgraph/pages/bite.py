"""The sections of the commentary on a cell (the "Matrix Bite"), found by their headings.

A heading is run into the first sentence of its paragraph. Four fixed headings are known by their words. The headings of
the issues differ on each page: most are short questions, and on a page that kept its blank lines two precede each.
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

_FIXED = (
    ("about", re.compile(r"What\s+is\s+this\s+cell\s+about\?\s*", re.IGNORECASE)),
    ("start", re.compile(r"Where\s+should\s+I\s+start\?\s*", re.IGNORECASE)),
    ("highlighted", re.compile(r"Highlighted\s+study\b[:.]?\s*", re.IGNORECASE)),
    ("issues", re.compile(r"Issues\s+to\s+consider\s+and\s+discuss\b[:.]?\s*", re.IGNORECASE)),
)
FIXED_HEADING = "|".join(pattern.pattern for _, pattern in _FIXED)
_QUESTION = re.compile(r"(?P<heading>[A-Z\"'0-9][^.?!]{3,110}\?['\"]?)(?:\s+(?=[A-Z\"'0-9(])|$)")
# A heading without a question mark ends before a word that starts a sentence, though no full stop precedes it.
_SURE = (
    "The|This|That|These|Those|There|In|At|From|If|When|While|It|We|You|They|Despite|Though|Although|Since|Among|But"
    "|With|Without|For|On|After|Before|Some|Many|Most|Not|And|Its|Yet|Usually|Often|Perhaps|Only|Even|Such|Another"
)
_OPENER = f"{_SURE}|Here|A|An|As|What|Who|How|Why|Where|Which|One|All"
_HEADING = r"(?P<heading>(?:[^\s.?!:;]+ +){1,10}[^\s.?!:;]+)"
_PLAIN_HEADING = re.compile(rf"{_HEADING}\s+(?=(?:{_OPENER})\s+[a-z])")
# Where no blank lines announce a heading, stricter rules apply.
_SURE_HEADING = re.compile(
    rf"(?=[A-Z\"'0-9])(?P<heading>(?:[^\s.,?!:;]+ +){{1,8}}[^\s.,?!:;]+)\s+(?=(?:{_SURE})\s+[a-z])"
)
# Failing that, below blank lines that announce a heading: where a capitalised word follows one in small letters.
_LAST_RESORT = re.compile(r"(?P<heading>[^\s.?!:;,]+(?: [^\s.?!:;,]+){0,6}? [a-z'\-]+)\s+(?=[A-Z][a-z]+ [a-z])")
# Where nothing announces a heading, the capital may be that of a name: see `_capitalised_once`.
_NOUN_HEADING = re.compile(
    r"(?=[A-Z\"'0-9])(?P<heading>(?:[^\s.,?!:;]+ +){1,7}?[a-z'\-]+)\s+(?=(?P<noun>[A-Z][a-z]+) [a-z])"
)
_SMALL, _CAPITAL = re.compile(r"\b[a-z]+\b"), re.compile(r"(?<=[a-z,] )[A-Z][a-z]+\b")
_MARKS = "'\"(),.;:?!"
_FEW_WORDS = 10
_QUOTE_WORDS = 6  # A short paragraph whose first six words are in a longer one too is a pull quote.
_SHORT_PARAGRAPH = 320  # Characters.


@dataclass(slots=True)
class _OpenSection:
    role: str
    name: str
    heading: Span
    paragraphs: list[Span] = field(default_factory=list)


def split_sections(source: Source, lines: Sequence[Line]) -> tuple[list[Section], list[Span]]:
    """Split the commentary's paragraphs into sections.

    Returns:
        The sections in the order of the page, and the paragraphs above the first heading.

    """
    lines_before = {line: source.text.count("\n", above.span.end, line.span.start) for above, line in pairwise(lines)}
    spaced = any(gap > 2 for gap in lines_before.values())
    bold = {span.start: span for span in source.bold}
    if not any(line.landmark == "heading" and line.span.start in bold for line in lines):
        bold = {}  # Only a page whose fixed headings are bold has bold issue headings.
    repeated = _repeated_openings(source, lines)
    unfolded = _supplements(source, lines)
    parts: list[_OpenSection] = []
    strays: list[Span] = []
    counts: dict[str, int] = {}

    def begin(role: str, heading: Span, paragraph: Span) -> _OpenSection:
        counts[role] = counts.get(role, 0) + 1
        numbered = role in {"issue", "caption", "pull-quote", "supplement"} or counts[role] > 1
        part = _OpenSection(role, f"{role}-{counts[role]}" if numbered else role, heading)
        if paragraph.end > paragraph.start:
            part.paragraphs.append(paragraph)
        parts.append(part)
        return part

    current: _OpenSection | None = None  # The section that paragraphs are added to; never an aside.
    for line in lines:
        span = line.span
        if span in unfolded and current:
            if parts[-1].role == "supplement" and unfolded.get(parts[-1].paragraphs[-1]) == unfolded[span]:
                parts[-1].paragraphs.append(span)
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
    return [Section(part.name, part.role, part.heading, tuple(part.paragraphs)) for part in parts], strays


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
    """Return the role of the section that a paragraph's heading opens (None: no heading), the heading, and the rest."""
    span = line.span
    nothing = Span(span.start, span.start)
    for role, pattern in _FIXED if line.landmark == "heading" else ():
        if match := pattern.match(source.folded, *span):
            end = match.start() + len(match[0].rstrip())
            return role, Span(span.start, end), Span(match.end(), span.end)
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
    match = next(filter(None, (pattern.match(source.folded, *span) for pattern in patterns)), None)
    if not (match or announced) and patterns:
        match = _noun_heading(source, span)
    if match and (announced or len(match["heading"].split()) <= _FEW_WORDS):
        return "issue", Span(*match.span("heading")), Span(match.end(), span.end)
    return None, nothing, span


def _noun_heading(source: Source, line: Span) -> re.Match[str] | None:
    """Match a heading that ends before a capitalised noun which the page writes in small letters elsewhere."""
    match = _NOUN_HEADING.match(source.folded, *line)
    return match if match and match["noun"] in _capitalised_once(source.folded) else None


@lru_cache(maxsize=1)
def _capitalised_once(text: str) -> set[str]:
    """Return the words that a text capitalises once within a line, and writes in small letters elsewhere."""
    small = set(_SMALL.findall(text))
    return {word for word, count in Counter(_CAPITAL.findall(text)).items() if count == 1 and word.lower() in small}


def _supplements(source: Source, lines: Sequence[Line]) -> dict[Span, Span]:
    """Return the paragraphs that a web page unfolds within the commentary, each with the block that it unfolds."""
    found: dict[Span, Span] = {}
    for block in source.hidden:
        inside = [line for line in lines if block.start <= line.span.start and line.span.end <= block.end]
        if not any(line.landmark == "heading" for line in inside):
            found |= {line.span: block for line in inside}
    return found


def _repeated_openings(source: Source, lines: Sequence[Line]) -> set[Span]:
    """Return the pull quotes: short paragraphs whose first words are in a longer one too."""
    folded = source.folded
    short, phrases = {}, set()
    begin, end = (lines[0].span.start, lines[-1].span.end) if lines else (0, 0)
    for span, _, landmark in lines:
        if span.end - span.start <= _SHORT_PARAGRAPH and landmark != "heading":
            words = folded[span.start : span.end].split(maxsplit=_QUOTE_WORDS)
            if len(words) < _QUOTE_WORDS:
                continue
            phrase = words[1] if source.has_space_runs else " ".join(words[1 : _QUOTE_WORDS - 1])
            if folded.find(phrase, folded.find(phrase, begin) + 1, end) >= 0:
                short[span] = _opening(words, 0)
                phrases.add(phrase)
    longest = dict.fromkeys(short.values(), 0)
    seconds = {opening[1] for opening in longest}
    for span, _, _ in lines if short else ():
        if not any(folded.find(phrase, *span) >= 0 for phrase in phrases):
            continue
        words = folded[span.start : span.end].split()
        for i in range(1, len(words) - _QUOTE_WORDS + 2):
            if words[i] in seconds and (opening := _opening(words, i - 1)) in longest:
                longest[opening] = max(longest[opening], span.end - span.start)
    return {span for span, opening in short.items() if span.end - span.start < longest[opening]}


def _opening(words: Sequence[str], at: int) -> tuple[str, ...]:
    """Return six words to compare: in a quote the first may be capitalised, and marks may surround both ends."""
    first, *middle, last = words[at : at + _QUOTE_WORDS]
    return (first.strip(_MARKS).lower(), *middle, last.strip(_MARKS))


def _is_caption(source: Source, line: Span) -> bool:
    """Return whether a line is a chart's caption: few words without a full stop, but not the page's last words."""
    if line.end == source.lines[-1].end:
        return False
    words = source.folded[line.start : line.end]
    return words[-1] not in ".?!\"'):" and len(words.split(maxsplit=21)) <= 20
