"""The sections of the commentary on a cell (the "Matrix Bite"), found by their headings.

A heading is run into the first sentence of its paragraph. Four fixed headings are known by their words. The headings of
the issues differ on each page: most are short questions, and on a page that kept its blank lines two precede each.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from evgraph.pages.page import Line, Section
from evgraph.pages.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    "|Or|Nor|More|Less|Fewer|Few|Several|Both|Neither|Either|Then|Now|Anyone|Everyone|Nobody|Nothing|Each|Every|Here"
)
_OPENER = f"{_SURE}|No|Any|Other|So|Do|A|An|As|What|Who|How|Why|Where|Which|One|All"
_HEADING = r"(?P<heading>(?:[^\s.?!:;]+ +){1,13}?[^\s.,?!:;]+)"
_PLAIN_HEADING = re.compile(rf"{_HEADING}\s+(?=(?:{_OPENER})\s+[a-z])")
# Where no blank lines announce a heading, stricter rules apply.
_SURE_HEADING = re.compile(
    rf"(?=[A-Z\"'0-9])(?P<heading>(?:[^\s.,?!:;]+ +){{1,8}}[^\s.,?!:;]+)\s+(?=(?:{_SURE})\s+[a-z])"
)
# Failing that, below blank lines that announce a heading: where a capitalised word follows one in small letters.
_LAST_RESORT = re.compile(r"(?P<heading>[^\s.?!:;]+(?: [^\s.?!:;]+){0,8}? [a-z'\-]+)\s+(?=[A-Z][a-z]+ [a-z])")
# Where nothing announces a heading, the capital may be that of a name: see `_capitalised_once`.
_NOUN_HEADING = re.compile(
    r"(?=[A-Z\"'0-9])(?P<heading>(?:[^\s.,?!:;]+ +){1,7}?[a-z'\-]+)\s+(?=(?P<noun>[A-Z][a-z]+) [a-z])"
)
_LAST_CUT = re.compile(r"(?<=[a-z'\-] )[A-Z][a-z]+ [a-z]")  # Where such a heading may end, too.
_SMALL, _CAPITAL = re.compile(r"\b[a-z]+\b"), re.compile(r"(?<=[a-z,] )[A-Z][a-z]+\b")
_MARKS = "'\"(),.;:?!"
_FEW_WORDS = 10
_NEAR = 60  # Characters.
_QUOTE_WORDS = 6  # A short paragraph whose first six words are in a longer one too is a pull quote.
_SHORT_PARAGRAPH = 320  # Characters.


def split_sections(source: Source, lines: Sequence[Line]) -> tuple[list[Section], list[Span], list[Span]]:
    """Split the commentary's paragraphs into sections.

    Returns:
        The sections in the order of the page, the paragraphs above the first heading, and the headings that may end
        elsewhere.

    """
    splitter = _Splitter(source, lines)
    for line in lines:
        splitter.add(line)
    return splitter.sections, splitter.strays, splitter.doubtful


class _Splitter:
    def __init__(self, source: Source, lines: Sequence[Line]) -> None:
        self.source = source
        self.gaps = {line: source.text.count("\n", above.span.end, line.span.start) for above, line in pairwise(lines)}
        self.keeps_blank_lines = any(gap > 2 for gap in self.gaps.values())
        # On a web page the headings of the issues have the style of the fixed ones.
        fixed = {line.span.start for line in lines if line.landmark == "heading"}
        styles = {opening.style for opening in source.openings if opening.span.start in fixed}
        self.styled = {opening.span.start: opening.span for opening in source.openings if opening.style in styles}
        self.pull_quotes = _pull_quotes(lines)
        self.unfolded = _supplements(source, lines)
        self.sections: list[Section] = []
        self.current: Section | None = None  # The section that paragraphs are added to; never an aside.
        self.strays: list[Span] = []
        self.counts = Counter[str]()
        self.doubtful: list[Span] = []  # Headings that may end elsewhere.

    def add(self, line: Line) -> None:
        """Add a paragraph: begin a section with it, or add it to one."""
        span = line.span
        no_heading = Span(span.start, span.start)
        if span in self.unfolded and self.current:
            last = self.sections[-1]
            if last.role == "supplement" and self.unfolded.get(last.paragraphs[-1]) == self.unfolded[span]:
                last.paragraphs.append(span)
            else:
                self._begin("supplement", no_heading, span)
        elif heading := self._heading(line):
            self.current = self._begin(*heading)
        elif self.current is None:
            self.strays.append(span)
        elif span in self.pull_quotes:
            self._begin("pull-quote", no_heading, span)
        elif _is_caption(self.source, span):
            self._begin("caption", no_heading, span)
        else:
            self.current.paragraphs.append(span)

    def _begin(self, role: str, heading: Span, paragraph: Span) -> Section:
        self.counts[role] += 1
        is_numbered = role in {"issue", "caption", "pull-quote", "supplement"} or self.counts[role] > 1
        name = f"{role}-{self.counts[role]}" if is_numbered else role
        section = Section(name, role, heading, [paragraph] if paragraph.end > paragraph.start else [])
        self.sections.append(section)
        return section

    def _heading(self, line: Line) -> tuple[str, Span, Span] | None:
        """Return the role of the section that a paragraph's heading opens, the heading, and the rest, or None."""
        span, folded = line.span, self.source.folded
        for role, pattern in _FIXED if line.landmark == "heading" else ():
            if match := pattern.match(folded, *span):
                return role, Span(span.start, span.start + len(match[0].rstrip())), Span(match.end(), span.end)
        if "issues" not in self.counts:
            return None
        if self.styled:
            heading = self.styled.get(span.start)
            return ("issue", heading, Span(heading.end, span.end)) if heading else None
        match = self._issue_heading(span, self.gaps.get(line, 0))
        return ("issue", Span(*match.span("heading")), Span(match.end(), span.end)) if match else None

    def _issue_heading(self, span: Span, gap: int) -> re.Match[str] | None:
        folded, current = self.source.folded, self.current
        is_first = current is not None and current.role == "issues" and not current.paragraphs
        if is_first or gap > 2:
            question, plain = _QUESTION.match(folded, *span), _PLAIN_HEADING.match(folded, *span)
            if question and plain:  # "Small is safe Or is it …?": the heading is the shorter one.
                return min(question, plain, key=lambda match: match.end("heading"))
            return question or plain or self._last_resort(span)
        if span in self.pull_quotes or self.keeps_blank_lines or _is_caption(self.source, span):
            return None
        match = _first_match((_QUESTION, _SURE_HEADING), folded, span) or _noun_heading(self.source, span)
        return match if match and len(match["heading"].split()) <= _FEW_WORDS else None

    def _last_resort(self, span: Span) -> re.Match[str] | None:
        """Match a heading that ends before any capital; a second capital close behind makes it doubtful."""
        match = _LAST_RESORT.match(self.source.folded, *span)
        if match:
            end = min(self.source.folded.find(". ", match.end(), span.end) % (span.end + 1), match.end() + _NEAR)
            if _LAST_CUT.search(self.source.folded, match.end() + 1, end):
                self.doubtful.append(Span(*match.span("heading")))
        return match


def _first_match(patterns: Iterable[re.Pattern[str]], folded: str, span: Span) -> re.Match[str] | None:
    return next(filter(None, (pattern.match(folded, *span) for pattern in patterns)), None)


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
    supplements: dict[Span, Span] = {}
    for block in source.hidden:
        inside = [line for line in lines if block.holds(line.span)]
        if not any(line.landmark == "heading" for line in inside):
            supplements |= {line.span: block for line in inside}
    return supplements


def _pull_quotes(lines: Sequence[Line]) -> set[Span]:
    """Return the pull quotes: short paragraphs whose first words are in a longer one too."""
    openings: dict[Span, tuple[str, ...]] = {}
    for span, text, landmark in lines:
        words = text.split(maxsplit=_QUOTE_WORDS)
        if span.end - span.start <= _SHORT_PARAGRAPH and landmark != "heading" and len(words) >= _QUOTE_WORDS:
            openings[span] = _opening(words, 0)
    longest = dict.fromkeys(openings.values(), 0)
    seconds = {opening[1] for opening in longest}
    for span, text, _ in lines if openings else ():
        words = text.split()
        for i in range(1, len(words) - _QUOTE_WORDS + 2):
            if words[i] in seconds and (opening := _opening(words, i - 1)) in longest:
                longest[opening] = max(longest[opening], span.end - span.start)
    return {span for span, opening in openings.items() if span.end - span.start < longest[opening]}


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
