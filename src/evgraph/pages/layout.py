"""From text to `Page`: what each line of a page is.

A page is read line by line, top to bottom: header, list of entries, trailer, commentary (the "Matrix Bite"). Newer and
older layouts differ in what stands where in the header; every line of it is known by its own words, so their order
does not matter. A line that no rule knows is kept as not understood, never dropped.
"""

from __future__ import annotations

import re

from evgraph.errors import UnreadableError, UsageError
from evgraph.namespaces import CELL_NAME
from evgraph.pages import bite
from evgraph.pages.dates import parenthesis
from evgraph.pages.page import Entry, Page, Section, Support
from evgraph.pages.source import Source, Span

LEVELS = (
    "Interventions", "Practitioners", "Management/supervision", "Organisational functioning", "Treatment systems",
    "Local and national systems",
)  # fmt: skip
TYPES = {
    "Screening and brief intervention": "alcohol",
    "Reducing harm": "drug",
    "Generic and cross-cutting issues": None,
    "Medical treatment": None,
    "Psychosocial therapies": None,
    "Safeguarding the community": None,
}
"""Row label → the one matrix that has it, where only one has."""

_I = re.IGNORECASE
_LABELS = rf"(?:{'|'.join(map(re.escape, LEVELS))})\s*[;:,]\s*(?:{'|'.join(map(re.escape, TYPES))})"
_TITLE = re.compile(
    r"(?:Effectiveness Bank )?(?P<matrix>Alcohol|Drug) (?:Treatment )?Matrix cell (?P<square>[A-E][1-5])\s*[:;]\s*\S.*",
    _I,
)
_LOGO = re.compile(
    r"(?P<matrix>Alcohol|Drug) (?:Treatment )?Matrix cell (?P<square>[A-E][1-5])(?: Matrix cell logo)?", _I
)
_SQUARE_ALONE = re.compile(r"(?:Matrix )?cell (?P<square>[A-E][1-5])\b.*", _I)
_FURNITURE = re.compile(
    r"(?:(?:Send email for updates|About updates|Matrix cell(?: logo)?|(?:Copy )?title and link(?: for copying)?"
    r"|Comment/query(?: to editor)?|(?:Effectiveness Bank )?(?:Alcohol|Drug) (?:Treatment )?Matrix"
    r"|Includes (?:brief interventions?|harm reduction)|(?:About the|Effectiveness Bank) matrices"
    r"|Articles, slides,? and videos?|Effectiveness bank(?: home page)?|Opens new window)[\s.;,|]*)+",
    _I,
)
_LEGEND = re.compile(r"S\s*Seminal stud(?:y|ies).*", _I)
_LINKS = re.compile(r"Links to other documents\b.*", _I)
_ROLE = re.compile(
    r"(?:First 'bites' |(?:\d{4}(?:/\d{2,4})? )?update )?"
    r"(?P<role>Previously (?:also )?(?:funded|supported) by|Funded by|Supported by|Developed with)\b:?\s*(?P<rest>.*)",
    _I,
)
_WEB_SITE = re.compile(r"\s*web ?site(?:\.? Opens new window)?\.?\s*", _I)
_NAME = re.compile(r"[A-Z][\w&'\-]*(?:[ ,]+(?:[A-Z&][\w&'\-]*|of|for|the|and|in|on))*\.?")
_TAGS = re.compile(r"(?P<tags>[SKRG](?: [SKRG])*)\s+(?=\S)")
_TRAILER = re.compile(
    r"(?:more\s+(?:search|this search|find|retrieve)|(?:this )?search (?:for|retrieves)|for subtopics"
    r"|see also hot topics?|hot topics? on)\b.*",
    _I,
)
_SEARCH = re.compile(
    r"this search retrieves [^.]*?analyses|search for [^.]*?analyses"
    r"|search more specifically at the subject search page"
    r"|(?:go to |use |at )?the subject search page",
    _I,
)
_TOPICS = re.compile(r"hot topics? on (?P<topics>[^.]+)", _I)
_BITE_FOLDED = re.compile(r"Matrix Bite Open\b.*", _I)
_BITE_EDGE = re.compile(r"(?:Open|Close) Matrix Bite\b.*", _I)

_ROLES = {"funded by": "funded", "supported by": "supported", "developed with": "developed-with"}


def read_page(source: Source, cell: str | None = None) -> Page:
    """Understand a page.

    Args:
        source: its text.
        cell: ``drug:E4`` for a page that does not say which cell it is.

    Returns:
        The page; `Page.not_understood` lists the lines that no rule knows.

    Raises:
        UsageError: ``cell`` is no cell, or the page says that it is another.
        UnreadableError: neither the page nor ``cell`` names the cell.

    """
    page = Page(source)
    _name_the_cell(page, cell)
    lines = source.lines
    start_of_list = next(
        (i for i, line in enumerate(lines) if _entry(source, line, 1) and not _is_legend(source, line)), len(lines)
    )
    rest = _header(page, lines[:start_of_list], lines[start_of_list:])
    rest = _list(page, rest)
    rest = _trailer(page, rest)
    _commentary(page, rest)
    return page


def _name_the_cell(page: Page, cell: str | None) -> None:
    """Take the cell from the title, else from the logo's words, else from a lone ``cell B1`` and the row's label."""
    folded = page.source.folded
    lines = [folded[a:b] for a, b in page.source.lines]
    title = next(filter(None, map(_TITLE.fullmatch, lines)), None)
    named = title or next(filter(None, map(_LOGO.fullmatch, lines)), None)
    if named:
        page.matrix, page.square = named["matrix"].lower(), named["square"].upper()
    elif square := next(filter(None, map(_SQUARE_ALONE.fullmatch, lines)), None):
        matrices = {
            matrix for label, matrix in TYPES.items() if matrix for line in lines[:40] if label.lower() in line.lower()
        }
        if len(matrices) == 1:
            page.matrix, page.square = matrices.pop(), square["square"].upper()
    page.title = title[0] if title else ""
    if cell:
        given = CELL_NAME.fullmatch(cell)
        if not given or not given["matrix"]:
            raise UsageError(f"'{cell}' is no cell", way_out="write --cell drug:E4 or --cell alcohol:E4")
        wanted = (given["matrix"].lower(), given["square"].upper())
        if page.matrix and (page.matrix, page.square) != wanted:
            raise UsageError(
                f"the page says that it is {page.matrix}:{page.square}, --cell says {cell}",
                path=page.source.path,
                way_out="leave --cell out for this page",
            )
        page.matrix, page.square = wanted
    if not page.matrix:
        raise UnreadableError(
            "the page does not say which cell it is", path=page.source.path, way_out="say it: --cell drug:E4"
        )
    page.title = page.title or f"{page.matrix.capitalize()} Treatment Matrix cell {page.square}"


def _is_legend(source: Source, line: Span) -> bool:
    return bool(_LEGEND.match(source.folded, *line))


def _header(page: Page, header: list[Span], rest: list[Span]) -> list[Span]:
    """Read what stands above the first entry; hand back what follows it."""
    source, role, paragraphs = page.source, None, []
    for i, line in enumerate(header):
        words = source.folded[line.start : line.end]
        if _TRAILER.fullmatch(words) or _BITE_FOLDED.fullmatch(words) or _BITE_EDGE.fullmatch(words):
            rest = header[i:] + rest  # A page without entries.
            break
        part: str | None = None
        if _TITLE.fullmatch(words) or _LOGO.fullmatch(words) or re.fullmatch(_LABELS, words, _I):
            part, role = "title", None
        elif _LEGEND.fullmatch(words):
            part, role = "legend", None
        elif _LINKS.fullmatch(words):
            part, role = "links", None
        elif found := _ROLE.fullmatch(words):
            part, role = "header", _role(found["role"])
            _add_supports(page, found["rest"], role)
        elif _FURNITURE.fullmatch(words):
            part, role = "header", None
        elif role and (_WEB_SITE.search(words) or _NAME.fullmatch(words)):
            part = "header"
            _add_supports(page, words, role)
        elif _SQUARE_ALONE.fullmatch(words) or words in TYPES or words in LEVELS:
            part, role = "title", None
        elif len(words.split()) >= 6 and words[-1] in ".?!\"'":
            part, role = "intro", None
            paragraphs.append(line)
        page.parts[line] = part
    if paragraphs:
        page.sections.append(
            Section("intro", "intro", Span(paragraphs[0].start, paragraphs[0].start), tuple(paragraphs))
        )
    return rest


def _role(words: str) -> str:
    words = words.lower()
    return "previously-funded" if words.startswith("previously") else _ROLES[words]


def _add_supports(page: Page, words: str, role: str) -> None:
    for name in _WEB_SITE.split(words):
        support = Support(" ".join(name.split()).strip(" .,;"), role)
        if support.name and support not in page.supports:
            page.supports.append(support)


def _list(page: Page, lines: list[Span]) -> list[Span]:
    """Read the entries; hand back what follows them."""
    source = page.source
    for i, line in enumerate(lines):
        words = source.folded[line.start : line.end]
        if _TRAILER.fullmatch(words) or _BITE_FOLDED.fullmatch(words) or _BITE_EDGE.fullmatch(words):
            return lines[i:]
        entry = _entry(source, line, len(page.entries) + 1, tag_lost=True)
        if entry:
            page.entries.append(entry)
        page.parts[line] = "entry" if entry else "links" if _LINKS.fullmatch(words) else None
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
    headline = Span(start, start + len(source.text[start : found.span.start].rstrip()))
    if headline.end <= headline.start:
        return None
    body_start = found.span.end
    while body_start < line.end and source.text[body_start] in ". \u00a0":
        body_start += 1
    markers = tuple(dict.fromkeys(tags["tags"].split())) if tags else ()
    return Entry(line, markers, position, headline, found.stated(source.text), Span(body_start, line.end))


def _trailer(page: Page, lines: list[Span]) -> list[Span]:
    """Read the searches and hot topics under the list; hand back what follows them."""
    source = page.source
    for i, line in enumerate(lines):
        words = source.folded[line.start : line.end]
        if _BITE_FOLDED.fullmatch(words) or _BITE_EDGE.fullmatch(words):
            return lines[i:]
        if _TRAILER.fullmatch(words):
            page.trailer.append(line)
            page.parts[line] = "trailer"
            page.searches += [Span(*found.span()) for found in _SEARCH.finditer(source.folded, *line)]
            for found in _TOPICS.finditer(source.folded, *line):
                page.topics += split_topics(source.text[found.start("topics") : found.end("topics")])
        else:
            page.parts[line] = "links" if _LINKS.fullmatch(words) else None
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
    """Read the Matrix Bite, folded or open."""
    source, paragraphs = page.source, []
    for line in lines:
        words = source.folded[line.start : line.end]
        if _BITE_FOLDED.fullmatch(words) or _BITE_EDGE.fullmatch(words):
            page.parts[line] = "commentary"
            for found in re.finditer(r"First 'bites' funded by (?P<name>[^.]+?)(?= web site|\.|$)", words, _I):
                _add_supports(page, found["name"], "funded")
        elif _LINKS.fullmatch(words):
            page.parts[line] = "links"
        else:
            paragraphs.append(line)
    sections, strays = bite.sections(source, paragraphs)
    page.sections += sections
    page.commentary = bool(sections)
    for line in paragraphs:
        page.parts[line] = None if line in strays else "commentary"
