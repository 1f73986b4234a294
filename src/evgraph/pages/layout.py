"""From text to `Page`: which part of the page each line is.

A page is read line by line, top to bottom: header, list of entries, trailer, commentary (the "Matrix Bite"). A line
that no rule knows is reported as not understood, never dropped.
"""

from __future__ import annotations

import re

from evgraph.errors import UnreadableError
from evgraph.pages import bite
from evgraph.pages.dates import FREE_SOURCE, dated_headline, headline_end
from evgraph.pages.header import (
    LINKS,
    add_supporter,
    cell_of_title,
    check_cell,
    is_legend,
    name_the_cell,
    read_header,
    without_navigation,
)  # fmt: skip
from evgraph.pages.page import Entry, Line, Page
from evgraph.pages.source import Source, Span
from evgraph.pages.topics import name_topics

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
_TOP = r"\A(?:.*\n){0,15}?.*"  # The first lines of a page.
_OTHER_PAGES = (
    (
        "the results of a search, a mailing or a list of documents",
        r"^(?:STUDY|REVIEW|GUIDANCE|ANALYSIS|DOCUMENT|ABSTRACT|HOT TOPIC|SLIDES) (?:\d{4}\b|(?:HTM|PDF|PPT)L?\b)"
        r"|\bUnsubscribe\b|\bYour search\b",
    ),
    ("a hot topic", rf"{_TOP}\bHot topic\b"),
    (
        "an analysis of one document",
        "^(?:This entry is our|DOI:|Key points|Summary|Findings|Original (?:study|review))",
    ),
    ("a row of a matrix", rf"{_TOP}\b[Rr]ow [1-5]\b"),
    ("the index of a matrix", r"(?:\b[A-E][1-5]\b[\s\S]{0,300}?){6}|\b25 cells\b|\ball (?:the )?cells\b"),
)
"""What pages look like that are not those of a cell, and the patterns that show it."""
_BITE_CLOSES = re.compile(r"Close Matrix Bite\b", _I)
_BITE_FUNDED = re.compile(r"First '*bites'* funded by (?P<name>[^.]+?)(?= web site|\.|$)", _I)


def read_page(source: Source, cell: str | None = None) -> Page:
    """Return what is on a page; `Page.not_understood` lists the lines that no rule knows.

    Raises:
        UsageError: ``cell``, for a page that does not name it, is not a cell (``drug:E4``), or the page names another.
        UnreadableError: this is no page of one cell, nothing names the cell, or there are more lines or entries than on
            any real page.

    """
    if len(source.lines) > MAX_LINES:
        raise UnreadableError(f"more than {MAX_LINES} lines; no page has so many", path=source.path)
    if cell is not None:
        check_cell(cell)
    page, lines = Page(source), lines_of(source)
    first = _start_of_list(source, lines)
    rest = _list(page, lines[first:])
    _refuse_other_pages(page, lines)
    _infer_markers(page)
    name_the_cell(page, lines, cell)
    read_header(page, lines[:first])
    rest = _trailer(page, rest)
    name_topics(page)
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


def _refuse_other_pages(page: Page, lines: list[Line]) -> None:
    """Raise `UnreadableError` for a page that is not that of one cell, saying what it looks like."""
    titles = {cell for line in lines if (cell := cell_of_title(line.words))}
    if len(titles) < 2 and any(entry.markers for entry in page.entries):
        return
    text = "\n".join(line.words for line in lines)
    kind = next((kind for kind, pattern in _OTHER_PAGES if re.search(pattern, text, re.MULTILINE)), None)
    if page.entries and not kind and len(titles) < 2:
        return
    if not kind and len(titles) > 1:
        kind = "a page about several cells"
    reason = f"it looks like {kind}" if kind else "no line of it is an entry that starts with S, K, R or G"
    raise UnreadableError(
        f"this is not the page of a cell: {reason}",
        path=page.source.path,
        hint="evgraph reads the page of one cell, with its list of studies: save that page",
    )


def _infer_markers(page: Page) -> None:
    """Infer the marker of each entry that lost its tag between two of one kind; they come in the order S, K, R, G."""
    last: str | None = None
    for index, entry in enumerate(page.entries):
        if entry.markers:
            last = entry.markers[0]
            continue
        following = next((later.markers[0] for later in page.entries[index:] if later.markers), None)
        if last and last == following:
            page.entries[index] = entry._replace(inferred_marker=last)


def _entry(source: Source, line: Span, position: int, *, tag_lost: bool = False) -> Entry | None:
    """Return the entry of a line ``TAG headline (PARENTHESIS). body``, or None."""
    tags = _TAGS.match(source.folded, line.start, line.end)
    if not tags and not tag_lost:
        return None
    start = tags.end() if tags else line.start
    several = dated_headline(source.folded, Span(start, line.end)) if tags else []
    parenthesis = several[0] if several else headline_end(source.folded, Span(start, line.end), tagged=bool(tags))
    if not parenthesis:
        return None
    if several:
        end = body_start = source.folded.find(". ", several[-1].span.end, line.end)
        end = body_start = end if end >= 0 else line.end
    else:
        end, body_start = parenthesis.span.start, parenthesis.span.end
    headline = Span(start, start + len(source.folded[start:end].rstrip()))
    if headline.end <= headline.start or not (tags or _is_headline(source, headline)):
        return None
    body_start = _skip_marks(source, Span(body_start, line.end))
    imprint = parenthesis.imprint(source.text)
    if not imprint.note and (note := FREE_SOURCE.match(source.folded, body_start, line.end)):
        imprint = imprint._replace(note=source.slice(Span(*note.span())))
        body_start = _skip_marks(source, Span(note.end(), line.end))
    markers = tuple(dict.fromkeys(_TAG.findall(tags["tags"]))) if tags else ()
    others = tuple(other.imprint(source.text) for other in several[1:])
    return Entry(line, markers, position, headline, imprint, Span(body_start, line.end), others)


def _skip_marks(source: Source, span: Span) -> int:
    """Return the offset of the first word in a span."""
    start = span.start
    while start < span.end and source.folded[start] in ".,:;- ":
        start += 1
    return start


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
        else:
            page.parts[line.span] = _anywhere(line)
    return []


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
        elif part := _anywhere(line):
            page.parts[line.span] = part
        elif closed and line.landmark != "heading":
            after.append(line)
        else:
            closed = False
            paragraphs += [*after, line]
            after = []
    for line in after:
        page.parts[line.span] = _anywhere(line)
    sections, strays, page.doubtful_headings = bite.split_sections(page.source, paragraphs)
    page.sections += sections
    page.has_commentary = bool(sections)
    unassigned = set(strays)
    for line in paragraphs:
        page.parts[line.span] = _anywhere(line) if line.span in unassigned else "commentary"
