"""From text to `Page`: which part of the page each line is.

A page is read line by line, top to bottom: header, list of entries, trailer, commentary (the "Matrix Bite"). A line
that no rule knows is reported as not understood, never dropped.
"""

from __future__ import annotations

import re

from evgraph.errors import UnreadableError
from evgraph.pages import bite
from evgraph.pages.dates import headline_end
from evgraph.pages.header import LINKS, add_supporter, is_legend, name_the_cell, read_header, without_navigation
from evgraph.pages.page import Entry, Line, Page
from evgraph.pages.source import Source, Span

MAX_LINES = 20_000
MAX_ENTRIES = 200  # Ten times the longest known list; the work grows with the square.
_I = re.IGNORECASE | re.ASCII
_SKRG = "[SKRG](?:[ ,/&+]+[SKRG])*"
_TAGS = re.compile(rf"(?P<tags>{_SKRG})(?::?\s+(?=\S)|(?=[A-Z][a-z]{{2}}))")  # "KOne trial": a lost space.
_TAGS_ALONE = re.compile(_SKRG)
_TAG = re.compile(r"\w")
_MAX_HEADLINE = 250
# Lines that are known by their first words in any part of the page.
_LANDMARK = re.compile(
    r"(?P<trailer>(?:more\s+(?:search|this search|find|retrieve)|(?:this )?search (?:for|retrieves)|for subtopics"
    r"|see also hot topics?|hot topics? on)\b|more$)"
    r"|(?P<bite>(?:(?:Open|Close) )?Matrix Bite\b)"
    rf"|(?P<links>{LINKS})"
    rf"|(?P<heading>{bite.FIXED_HEADING})",
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
    """Return what is on a page; `Page.not_understood` lists the lines that no rule knows.

    Raises:
        UsageError: ``cell``, for a page that does not name it, is not a cell (``drug:E4``), or the page names another.
        UnreadableError: neither names the cell, or there are more lines or entries than on any real page.

    """
    if len(source.lines) > MAX_LINES:
        raise UnreadableError(f"more than {MAX_LINES} lines; no page has so many", path=source.path)
    page, lines = Page(source), lines_of(source)
    name_the_cell(page, lines, cell)
    first = _start_of_list(source, lines)
    read_header(page, lines[:first])
    rest = _list(page, lines[first:])
    rest = _trailer(page, rest)
    _commentary(page, rest)
    return page


def lines_of(source: Source) -> list[Line]:
    """Return the lines of a page, each with its landmark."""
    lines = []
    for span in source.lines:
        words = source.words(span)
        match = _LANDMARK.match(words)
        lines.append(Line(span, words, match.lastgroup if match else None))
    return lines


def _start_of_list(source: Source, lines: list[Line]) -> int:
    """Return the index of the first entry; its tag may be lost only below the legend or the links line."""
    below_legend = False
    for i, line in enumerate(lines):
        joined = i > 0 and _continues(lines[i - 1], line)
        whole = Span(lines[i - joined].span.start, line.span.end)
        if line.landmark == "links" or is_legend(line.words):
            below_legend = True
        elif line.landmark in _ENDS_LIST or _entry(source, whole, 1, tag_lost=below_legend):
            return i - joined
    return len(lines)


def _continues(above: Line, line: Line) -> bool:
    """Return whether a line continues the one above, which holds only tags or breaks off within a headline."""
    if above.words[0] not in "SKRG" or above.landmark or is_legend(above.words) or _TAGS.match(line.words):
        return False
    breaks_off = _TAGS.match(above.words) and above.words[-1] not in ".?!)"
    return bool(breaks_off or _TAGS_ALONE.fullmatch(above.words))


def _anywhere(line: Line) -> str | None:
    """Return the part of a line that may be anywhere on a page: links or the site's navigation."""
    return "links" if line.landmark == "links" else "header" if not without_navigation(line.words) else None


def _list(page: Page, lines: list[Line]) -> list[Line]:
    """Read the entries; return the lines below them."""
    source = page.source
    above: Line | None = None  # The line before, where it is not an entry of its own.
    extends = False  # Whether the next line belongs to this entry: a body below its headline, text after hidden text.
    for i, line in enumerate(lines):
        if line.landmark in _ENDS_LIST:
            return lines[i:]
        span, hidden = line.span, source.is_hidden(line.span)
        whole = Span(above.span.start, span.end) if above and _continues(above, line) else span
        entry = _entry(source, whole, len(page.entries) + 1, tag_lost=not hidden)
        if entry and above and whole != span:
            page.parts[above.span] = "entry"
        above = None if entry else line
        if entry:
            page.entries.append(entry)
            extends = entry.body.end == entry.body.start
        elif page.entries and (hidden or (extends and not _TAGS.match(line.words) and not _anywhere(line))):
            last = page.entries[-1]
            start = last.body.start if last.body.end > last.body.start else span.start
            page.entries[-1] = last._replace(span=Span(last.span.start, span.end), body=Span(start, span.end))
            page.parts[span] = "entry"
            extends = hidden
            continue
        else:
            extends = False
        page.parts[span] = "entry" if entry else _anywhere(line)
        if len(page.entries) > MAX_ENTRIES:
            raise UnreadableError(
                f"more than {MAX_ENTRIES} entries; no page has so many",
                path=source.path,
                line=source.line_of(span.start),
            )
    return []


def _entry(source: Source, line: Span, position: int, *, tag_lost: bool = False) -> Entry | None:
    """Return the entry of a line ``TAG headline (PARENTHESIS). body``, or None."""
    tags = _TAGS.match(source.folded, line.start, line.end)
    if not tags and not tag_lost:
        return None
    start = tags.end() if tags else line.start
    parenthesis = headline_end(source.folded, Span(start, line.end), tagged=bool(tags))
    if not parenthesis:
        return None
    headline = Span(start, start + len(source.folded[start : parenthesis.span.start].rstrip()))
    if headline.end <= headline.start or not (tags or _is_headline(source, headline)):
        return None
    body_start = parenthesis.span.end
    while body_start < line.end and source.folded[body_start] in ".,:;- ":
        body_start += 1
    markers = tuple(dict.fromkeys(_TAG.findall(tags["tags"]))) if tags else ()
    return Entry(line, markers, position, headline, parenthesis.imprint(source.text), Span(body_start, line.end))


def _is_headline(source: Source, words: Span) -> bool:
    """Return whether words are a headline that lost its tag, not the start of a paragraph with a year."""
    return words.end - words.start <= _MAX_HEADLINE and ". " not in source.folded[words.start : words.end]


def _trailer(page: Page, lines: list[Line]) -> list[Line]:
    """Read the searches and hot topics below the list; return the lines below them."""
    source = page.source
    for i, line in enumerate(lines):
        if line.landmark in ("bite", "heading"):
            return lines[i:]
        if line.landmark == "trailer":
            page.trailer.append(line.span)
            page.parts[line.span] = "trailer"
            page.searches += [Span(*match.span()) for match in _SEARCH.finditer(source.folded, *line.span)]
            for match in _TOPICS.finditer(source.folded, *line.span):
                names = split_topics(source.repaired(Span(*match.span("topics"))), several=bool(match["several"]))
                page.topics += names or []
                if names is None:
                    page.parts[line.span] = None
        else:
            page.parts[line.span] = _anywhere(line)
    return []


def split_topics(words: str, *, several: bool) -> list[str] | None:
    """Split ``A, B and C``, ``A and on B`` and ``A and B``, after "hot topics on", into names.

    A name may contain an "and" of its own: None where the words can be split in two ways. ``several`` is whether the
    words before say "topics", not "topic".
    """
    words = " ".join(words.split())
    if _AND_ON.search(words):
        parts = [part for words in _AND_ON.split(words) for part in words.split(", on ") if part.strip()]
        return [name for part in parts for name in split_topics(part, several=False) or []]
    *first, last = words.split(", ")
    if last.startswith("and "):  # "A, B, and C": the rest is one name.
        return [*first, last.removeprefix("and ")]
    if first:  # "A, B and C": only the last "and" separates names.
        return [*first, *last.rsplit(" and ", 1)]
    ands = last.count(" and ") if several else 0
    return None if ands > 1 else last.split(" and ") if ands else [last]


def _commentary(page: Page, lines: list[Line]) -> None:
    """Read the Matrix Bite, folded or open; lines below its closing line are not part of it."""
    paragraphs: list[Line] = []
    after: list[Line] = []
    closed = False
    for line in lines:
        if line.landmark == "bite":
            page.parts[line.span] = "commentary"
            closed = closed or bool(paragraphs and _BITE_CLOSES.match(line.words))
            for match in _BITE_FUNDED.finditer(line.words):
                add_supporter(page, match["name"], "funded")
        elif line.landmark == "links":
            page.parts[line.span] = "links"
        elif closed and line.landmark != "heading":
            after.append(line)
        else:
            closed = False
            paragraphs += [*after, line]
            after = []
    for line in after:
        page.parts[line.span] = _anywhere(line)
    sections, strays = bite.split_sections(page.source, paragraphs)
    page.sections += sections
    page.has_commentary = bool(sections)
    unassigned = set(strays)
    for line in paragraphs:
        page.parts[line.span] = _anywhere(line) if line.span in unassigned else "commentary"
