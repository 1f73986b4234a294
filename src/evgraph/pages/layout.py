"""From text to `Page`: what each line of a page is.

A page is read line by line, top to bottom: header, list of entries, trailer, commentary (the "Matrix Bite"). A line
that no rule knows is kept as not understood, never dropped.
"""

from __future__ import annotations

import re

from evgraph.errors import UnreadableError
from evgraph.pages import bite
from evgraph.pages.dates import headline_end
from evgraph.pages.header import LINKS, add_supporter, is_legend, name_the_cell, read_header, without_navigation
from evgraph.pages.page import Entry, Line, Page
from evgraph.pages.source import Source, Span

MOST_LINES = 20_000
MOST_ENTRIES = 200  # Ten times the longest list seen; the work grows with the square.
_I = re.IGNORECASE | re.ASCII
_SKRG = "[SKRG](?:[ ,/&+]+[SKRG])*"
_TAGS = re.compile(rf"(?P<tags>{_SKRG})(?::?\s+(?=\S)|(?=[A-Z][a-z]{{2}}))")  # "KOne trial": a lost space.
_TAGS_ALONE = re.compile(_SKRG)
_TAG = re.compile(r"\w")
_LONGEST_HEADLINE = 250
# Lines that are known by their first words wherever they stand; no line can be two of them.
_LANDMARK = re.compile(
    r"(?P<trailer>(?:more\s+(?:search|this search|find|retrieve)|(?:this )?search (?:for|retrieves)|for subtopics"
    r"|see also hot topics?|hot topics? on)\b|more$)"
    r"|(?P<bite>(?:(?:Open|Close) )?Matrix Bite\b)"
    rf"|(?P<links>{LINKS})"
    rf"|(?P<heading>{bite.STANDING_HEADING})",
    _I,
)
_ENDS_LIST = ("trailer", "bite", "heading")
_SEARCH = re.compile(
    r"this\s+search\s+retrieves\s[^.]{0,120}?analyses|search\s+for\s[^.]{0,120}?analyses"
    r"|search\s+more\s+specifically\s+at\s+the\s+subject\s+search\s+page"
    r"|(?:(?:go\s+to|use|at)\s+)?the\s+subject\s+search\s+page",
    _I,
)
_TOPICS = re.compile(r"hot\s+topic(?P<several>s?)\s+on\s(?P<topics>[^.]+)", _I)
_AND_ON = re.compile(r",? and on ")
_BITE_CLOSES = re.compile(r"Close Matrix Bite\b", _I)
_BITE_FUNDED = re.compile(r"First '*bites'* funded by (?P<name>[^.]+?)(?= web site|\.|$)", _I)


def read_page(source: Source, cell: str | None = None) -> Page:
    """Understand a page.

    Args:
        source: its text.
        cell: ``drug:E4`` for a page that does not say which cell it is.

    Returns:
        The page; `Page.not_understood` lists the lines that no rule knows.

    Raises:
        UsageError: ``cell`` is no cell, or the page says that it is another.
        UnreadableError: neither the page nor ``cell`` names the cell, or there are more lines or entries than in any
            page.

    """
    if len(source.lines) > MOST_LINES:
        raise UnreadableError(f"more than {MOST_LINES} lines; no page has so many", path=source.path)
    page, lines = Page(source), lines_of(source)
    name_the_cell(page, lines, cell)
    first = _start_of_list(source, lines)
    read_header(page, lines[:first])
    rest = _list(page, lines[first:])
    rest = _trailer(page, rest)
    _commentary(page, rest)
    return page


def lines_of(source: Source) -> list[Line]:
    """Give the lines of a page, with what their first words say of them."""
    lines = []
    for span in source.lines:
        words = source.words(span)
        found = _LANDMARK.match(words)
        lines.append(Line(span, words, found.lastgroup if found else None))
    return lines


def _start_of_list(source: Source, lines: list[Line]) -> int:
    """Find the first entry; only below the legend or the links line may its tag be lost."""
    announced = False
    for i, line in enumerate(lines):
        begun = i > 0 and _goes_on(lines[i - 1], line)
        whole = Span(lines[i - begun].span.start, line.span.end)
        if line.landmark == "links" or is_legend(line.words):
            announced = True
        elif line.landmark in _ENDS_LIST or _entry(source, whole, 1, tag_lost=announced):
            return i - begun
    return len(lines)


def _goes_on(above: Line, line: Line) -> bool:
    """Tell whether a line without a tag goes on with one of nothing but tags, or of a headline that breaks off."""
    if above.words[0] not in "SKRG" or above.landmark or is_legend(above.words) or _TAGS.match(line.words):
        return False
    broken_off = _TAGS.match(above.words) and above.words[-1] not in ".?!)"
    return bool(broken_off or _TAGS_ALONE.fullmatch(above.words))


def _other(line: Line) -> str | None:
    """Know a line that may stand anywhere."""
    return "links" if line.landmark == "links" else "header" if not without_navigation(line.words) else None


def _list(page: Page, lines: list[Line]) -> list[Line]:
    """Read the entries; hand back what follows them."""
    source = page.source
    begun: Line | None = None  # The line before, where it has the start of an entry at most.
    goes_on = False  # The next line too: below a lone headline its body, and what stands behind text that unfolds.
    for i, line in enumerate(lines):
        if line.landmark in _ENDS_LIST:
            return lines[i:]
        span, hidden = line.span, source.is_hidden(line.span)
        whole = Span(begun.span.start, span.end) if begun and _goes_on(begun, line) else span
        entry = _entry(source, whole, len(page.entries) + 1, tag_lost=not hidden)
        if entry and begun and whole != span:
            page.parts[begun.span] = "entry"
        begun = None if entry else line
        if entry:
            page.entries.append(entry)
            goes_on = entry.body.end == entry.body.start
        elif page.entries and (hidden or (goes_on and not _TAGS.match(line.words) and not _other(line))):
            above = page.entries[-1]
            start = above.body.start if above.body.end > above.body.start else span.start
            page.entries[-1] = above._replace(span=Span(above.span.start, span.end), body=Span(start, span.end))
            page.parts[span] = "entry"
            goes_on = hidden
            continue
        else:
            goes_on = False
        page.parts[span] = "entry" if entry else _other(line)
        if len(page.entries) > MOST_ENTRIES:
            raise UnreadableError(
                f"more than {MOST_ENTRIES} entries; no page has so many",
                path=source.path,
                line=source.line_of(span.start),
            )
    return []


def _entry(source: Source, line: Span, position: int, *, tag_lost: bool = False) -> Entry | None:
    """Read ``TAG headline (PAREN). body``; None where the line is no entry."""
    tags = _TAGS.match(source.folded, line.start, line.end)
    if not tags and not tag_lost:
        return None
    start = tags.end() if tags else line.start
    parenthesis = headline_end(source.folded, Span(start, line.end), tagged=bool(tags))
    if not parenthesis:
        return None
    headline = Span(start, start + len(source.folded[start : parenthesis.span.start].rstrip()))
    if headline.end <= headline.start or not (tags or _like_headline(source, headline)):
        return None
    body_start = parenthesis.span.end
    while body_start < line.end and source.folded[body_start] in ".,:;- ":
        body_start += 1
    markers = tuple(dict.fromkeys(_TAG.findall(tags["tags"]))) if tags else ()
    return Entry(line, markers, position, headline, parenthesis.imprint(source.text), Span(body_start, line.end))


def _like_headline(source: Source, words: Span) -> bool:
    """Tell a headline that lost its tag from a paragraph of prose that holds a year."""
    return words.end - words.start <= _LONGEST_HEADLINE and ". " not in source.folded[words.start : words.end]


def _trailer(page: Page, lines: list[Line]) -> list[Line]:
    """Read the searches and hot topics under the list; hand back what follows them."""
    source = page.source
    for i, line in enumerate(lines):
        if line.landmark in ("bite", "heading"):
            return lines[i:]
        if line.landmark == "trailer":
            page.trailer.append(line.span)
            page.parts[line.span] = "trailer"
            page.searches += [Span(*found.span()) for found in _SEARCH.finditer(source.folded, *line.span)]
            for found in _TOPICS.finditer(source.folded, *line.span):
                names = split_topics(source.repaired(Span(*found.span("topics"))), several=bool(found["several"]))
                page.topics += names or []
                if names is None:
                    page.parts[line.span] = None
        else:
            page.parts[line.span] = _other(line)
    return []


def split_topics(words: str, *, several: bool) -> list[str] | None:
    """Part ``A, B and C``, ``A and on B`` and ``A and B`` into names.

    A name may hold an "and" of its own, and then only what parts the others tells which "and" is which.

    Args:
        words: what stands behind "hot topics on".
        several: whether the words before speak of topics, not of one topic.

    Returns:
        The names; None where the words part in two ways.

    """
    words = " ".join(words.split())
    if _AND_ON.search(words):
        parts = [one for part in _AND_ON.split(words) for one in part.split(", on ") if one.strip()]
        return [name for part in parts for name in split_topics(part, several=False) or []]
    *first, last = words.split(", ")
    if last.startswith("and "):  # "A, B, and C": what follows is one name.
        return [*first, last.removeprefix("and ")]
    if first:  # The last "and" ends a list that commas part.
        return [*first, *last.rsplit(" and ", 1)]
    ands = last.count(" and ") if several else 0
    return None if ands > 1 else last.split(" and ") if ands else [last]


def _commentary(page: Page, lines: list[Line]) -> None:
    """Read the Matrix Bite, folded or open; what follows its closing line is no part of it."""
    paragraphs: list[Line] = []
    after: list[Line] = []
    closed = False
    for line in lines:
        if line.landmark == "bite":
            page.parts[line.span] = "commentary"
            closed = closed or bool(paragraphs and _BITE_CLOSES.match(line.words))
            for found in _BITE_FUNDED.finditer(line.words):
                add_supporter(page, found["name"], "funded")
        elif line.landmark == "links":
            page.parts[line.span] = "links"
        elif closed and line.landmark != "heading":
            after.append(line)
        else:
            closed = False
            paragraphs += [*after, line]
            after = []
    for line in after:
        page.parts[line.span] = _other(line)
    sections, strays = bite.sections(page.source, paragraphs)
    page.sections += sections
    page.has_commentary = bool(sections)
    lost = set(strays)
    for line in paragraphs:
        page.parts[line.span] = _other(line) if line.span in lost else "commentary"
