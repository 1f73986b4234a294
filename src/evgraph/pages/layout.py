"""From text to `Page`: what each line of a page is.

A page is read line by line, top to bottom: header, list of entries, trailer, commentary (the "Matrix Bite"). A line
that no rule knows is kept as not understood, never dropped.
"""

from __future__ import annotations

import re
from dataclasses import replace

from evgraph.errors import UnreadableError
from evgraph.pages import bite
from evgraph.pages.dates import parenthesis
from evgraph.pages.header import (
    add_supporter,
    is_legend,
    is_links_line,
    name_the_cell,
    read_header,
    without_navigation,
)
from evgraph.pages.page import Entry, Page
from evgraph.pages.source import Source, Span

MOST_LINES = 20_000
MOST_ENTRIES = 200  # Ten times the longest list seen; the work grows with the square.
_I = re.IGNORECASE
_TAGS = re.compile(r"(?P<tags>[SKRG](?:[ ,/]+[SKRG])*)\s+(?=\S)")
_LONGEST_HEADLINE = 250
_TRAILER = re.compile(
    r"(?:more\s+(?:search|this search|find|retrieve)|(?:this )?search (?:for|retrieves)|for subtopics"
    r"|see also hot topics?|hot topics? on)\b.*|more",
    _I,
)
_SEARCH = re.compile(
    r"this\s+search\s+retrieves\s[^.]{0,120}?analyses|search\s+for\s[^.]{0,120}?analyses"
    r"|search\s+more\s+specifically\s+at\s+the\s+subject\s+search\s+page"
    r"|(?:(?:go\s+to|use|at)\s+)?the\s+subject\s+search\s+page",
    _I,
)
_TOPICS = re.compile(r"hot\s+topics?\s+on\s(?P<topics>[^.]+)", _I)
_BITE = re.compile(r"(?:(?:Open|Close) )?Matrix Bite\b.*", _I)
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
    page = Page(source)
    name_the_cell(page, cell)
    lines = source.lines
    first = _start_of_list(source, lines)
    read_header(page, lines[:first])
    rest = _list(page, lines[first:])
    rest = _trailer(page, rest)
    _commentary(page, rest)
    return page


def _start_of_list(source: Source, lines: list[Span]) -> int:
    """Find the first entry; only below the legend or the links line may its tag be lost."""
    announced = False
    for i, line in enumerate(lines):
        words = source.words(line)
        if is_legend(words) or is_links_line(words):
            announced = True
        elif _ends_list(words) or _entry(source, line, 1, tag_lost=announced):
            return i
    return len(lines)


def _ends_list(words: str) -> bool:
    return bool(_TRAILER.fullmatch(words) or _BITE.fullmatch(words) or bite.opens_commentary(words))


def _other(words: str) -> str | None:
    """Know a line that may stand anywhere."""
    return "links" if is_links_line(words) else "header" if not without_navigation(words) else None


def _list(page: Page, lines: list[Span]) -> list[Span]:
    """Read the entries; hand back what follows them."""
    source = page.source
    for i, line in enumerate(lines):
        words = source.words(line)
        if _ends_list(words):
            return lines[i:]
        entry = _entry(source, line, len(page.entries) + 1, tag_lost=not source.is_hidden(line))
        if entry:
            page.entries.append(entry)
        elif page.entries and source.is_hidden(line):  # Extra text that a web page unfolds under an entry.
            above = page.entries[-1]
            page.entries[-1] = replace(
                above, span=Span(above.span.start, line.end), body=Span(above.body.start, line.end)
            )
            page.parts[line] = "entry"
            continue
        page.parts[line] = "entry" if entry else _other(words)
        if len(page.entries) > MOST_ENTRIES:
            raise UnreadableError(
                f"more than {MOST_ENTRIES} entries; no page has so many",
                path=source.path,
                line=source.line_of(line.start),
            )
    return []


def _entry(source: Source, line: Span, position: int, *, tag_lost: bool = False) -> Entry | None:
    """Read ``TAG headline (PAREN). body``; None where the line is no entry."""
    tags = _TAGS.match(source.folded, line.start, line.end)
    if not tags and not tag_lost:
        return None
    start = tags.end() if tags else line.start
    found = parenthesis(source.folded, Span(start, line.end))
    if not found:
        return None
    headline = Span(start, start + len(source.folded[start : found.span.start].rstrip()))
    if headline.end <= headline.start or not (tags or _like_headline(source, headline)):
        return None
    body_start = found.span.end
    while body_start < line.end and source.folded[body_start] in ". ":
        body_start += 1
    markers = tuple(dict.fromkeys(re.findall(r"\w", tags["tags"]))) if tags else ()
    return Entry(line, markers, position, headline, found.stated(source.text), Span(body_start, line.end))


def _like_headline(source: Source, words: Span) -> bool:
    """Tell a headline that lost its tag from a paragraph of prose that holds a year."""
    return words.end - words.start <= _LONGEST_HEADLINE and ". " not in source.folded[words.start : words.end]


def _trailer(page: Page, lines: list[Span]) -> list[Span]:
    """Read the searches and hot topics under the list; hand back what follows them."""
    source = page.source
    for i, line in enumerate(lines):
        words = source.words(line)
        if _BITE.fullmatch(words) or bite.opens_commentary(words):
            return lines[i:]
        if _TRAILER.fullmatch(words):
            page.trailer.append(line)
            page.parts[line] = "trailer"
            page.searches += [Span(*found.span()) for found in _SEARCH.finditer(source.folded, *line)]
            for found in _TOPICS.finditer(source.folded, *line):
                page.topics += split_topics(source.text[found.start("topics") : found.end("topics")])
        else:
            page.parts[line] = _other(words)
    return []


def split_topics(words: str) -> list[str]:
    """Part ``A, B and C`` and ``A and on B`` into names; a name may hold an "and" of its own."""
    words = " ".join(words.split())
    if re.search(r",? and on ", words):
        return [name.strip() for part in re.split(r",? and on |, on ", words) for name in [part] if name.strip()]
    *first, last = re.split(r", ", words)
    if first and " and " in last:
        last, _, end = last.rpartition(" and ")
        return [*first, last.removeprefix("and "), end]
    return [*first, last.removeprefix("and ")]


def _commentary(page: Page, lines: list[Span]) -> None:
    """Read the Matrix Bite, folded or open; what follows its closing line is no part of it."""
    source = page.source
    paragraphs: list[Span] = []
    after: list[Span] = []
    closed = False
    for line in lines:
        words = source.words(line)
        if _BITE.fullmatch(words):
            page.parts[line] = "commentary"
            closed = closed or bool(paragraphs and _BITE_CLOSES.match(words))
            for found in _BITE_FUNDED.finditer(words):
                add_supporter(page, found["name"], "funded")
        elif is_links_line(words):
            page.parts[line] = "links"
        elif closed and not bite.opens_commentary(words):
            after.append(line)
        else:
            closed = False
            paragraphs += [*after, line]
            after = []
    for line in after:
        page.parts[line] = _other(source.words(line))
    sections, strays = bite.sections(source, paragraphs)
    page.sections += sections
    page.commentary = bool(sections)
    lost = set(strays)
    for line in paragraphs:
        page.parts[line] = _other(source.words(line)) if line in lost else "commentary"
