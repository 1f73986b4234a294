"""The lines above a page's entries: the cell, the supporters, the introduction, and the site's navigation.

Layouts order these differently, and some fuse several into one line; each is known by its words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evgraph.errors import Hint, UnreadableError, UsageError
from evgraph.namespaces import cell_name
from evgraph.pages.page import Line, Page, Section, Support
from evgraph.pages.source import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

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
"""Row label → the matrix, where only one of them has that label."""

_I = re.IGNORECASE
_MAX_TITLE = 300  # In characters.
_HEADER_LINES = 40  # The label of the row, which may tell the matrix, is in these first lines.
_LABEL = rf"(?:{'|'.join(map(re.escape, LEVELS))})\s*[;:,]\s*(?:{'|'.join(map(re.escape, TYPES))})s?\.?"
_LABELS = re.compile(_LABEL, _I)
_ONE_LABEL = re.compile(rf"(?:{'|'.join(map(re.escape, (*LEVELS, *TYPES)))})s?\.?", _I)
_NAMED = r"(?P<matrix>Alcohol|Drug) (?:Treatment )?Matrix cell (?P<square>[A-E][1-5])"
_TITLE = re.compile(rf"(?:Effectiveness Bank )?{_NAMED}\s*[:;]\s*\S.*", _I)
_LOGO_ENDS = rf"(?: Matrix cell logo)?(?:\s+{_LABEL})?"
_LOGO = re.compile(rf"(?:Effectiveness Bank )?{_NAMED}{_LOGO_ENDS}", _I)
_TITLE_LINE = re.compile(rf"(?:Effectiveness Bank )?{_NAMED}(?:\s*[:;]\s*\S.*|{_LOGO_ENDS})|{_LABEL}", _I)
_SQUARE_ALONE = re.compile(
    rf"(?:Matrix )?cell (?P<square>[A-E][1-5])(?: Matrix cell logo)?(?:\s*[:;]?\s*{_LABEL})?", _I
)
_NAVIGATION = re.compile(
    r"(?>Send email for updates|About updates|Matrix cell logo|Matrix cell(?! [A-E][1-5])"
    r"|(?:Copy )?title and link(?: for copying)?|Comment/query(?: to editor)?"
    r"|(?:Effectiveness Bank )?(?:Alcohol|Drug) (?:Treatment )?Matrix(?! cell [A-E][1-5])"
    r"|Includes (?:brief interventions?|harm reduction)|(?:About the|Effectiveness Bank) matrices"
    r"|One of 25 cells in the (?:Alcohol|Drug) (?:Treatment )?Matrix|Get updates"
    r"|(?:Unf|F)old (?:supplementary|extra) text"
    r"|Articles, slides,? and videos?|Effectiveness Bank(?: home page)?|Opens (?:in )?(?:a )?new window"
    r"|(?:See )?(?:the )?rest of (?:row|column) [A-E1-5] of the matrix)(?=[\s.;,|]|(?-i:[A-Z])|$)[\s.;,|]*",
    _I,
)
_LEGEND = re.compile(
    r"(?:S\s*Seminal stud(?:y|ies)|K\s*Key stud(?:y|ies)|R\s*Reviews?(?=\s*G|\s*more|$)|G\s*Guidance(?=\s*more|$)"
    r"|more search for more studies)(?:\s.*|[KRG]\s?(?:Key|Rev|Gui).*|more\b.*)?",
    _I,
)
LINKS = r"Links to other documents\b"
_LINKS = re.compile(LINKS, _I)
_ROLE = re.compile(
    r"(?:First '*bites'* |(?:\d{4}(?:/\d{2,4})? )?update )?"
    r"(?P<role>(?:(?P<previously>previously|originally) )?(?:also |part[- ]|co-)?(?P<what>funded|supported) by"
    r"|Developed with)\b:?\s*",
    _I,
)
_WEB_SITE = re.compile(r"\s*\bweb ?site\b(?:\.? Opens (?:in )?(?:a )?new window)?\.?\s*", _I)
_NAME = re.compile(r"[A-Z][\w&'\-]*(?:[ ,]+(?:[A-Z&][\w&'\-]*|of|for|the|and|in|on))*\.?")
_SENTENCE_ENDS = ".?!\"')"


def cell_of_title(words: str) -> str | None:
    """Return the cell that a title line names, as ``drug-E4``."""
    match = _TITLE.fullmatch(words) if len(words) <= _MAX_TITLE else None
    return f"{match['matrix'].lower()}-{match['square'].upper()}" if match else None


def name_the_cell(page: Page, lines: Sequence[Line], cell: str | None) -> None:
    """Set the page's cell: from the title, else the text of the logo, else a lone ``cell B1`` and the row's label.

    Where none of its lines names the cell, ``cell`` does (``drug:E4``).

    Raises:
        UsageError: ``cell`` is not a cell, or the page names another one.
        UnreadableError: neither the page nor ``cell`` names the cell.

    """
    near = [line.words for line in lines if len(line.words) <= _MAX_TITLE and "cell" in line.words.lower()]
    near += [without_navigation(words) for words in near]
    title = next(filter(None, map(_TITLE.fullmatch, near)), None)
    named = title or next(filter(None, map(_LOGO.fullmatch, near)), None)
    page.title = title[0] if title else ""
    alone = None
    if named:
        page.matrix, page.square = named["matrix"].lower(), named["square"].upper()
    elif alone := next(filter(None, map(_SQUARE_ALONE.fullmatch, near)), None):
        matrices = {
            matrix
            for _, words, _ in lines[:_HEADER_LINES]
            if _SQUARE_ALONE.fullmatch(words) or _LABELS.fullmatch(words) or _ONE_LABEL.fullmatch(words)
            for label, matrix in TYPES.items()
            if matrix and label.lower() in words.lower()
        }
        if len(matrices) == 1:
            page.matrix, page.square = matrices.pop(), alone["square"].upper()
    if cell:
        _set_cell(page, cell, page.square or (alone["square"].upper() if alone else ""))
    if not page.matrix:
        raise UnreadableError("the page does not say which cell it is", path=page.source.path, hint=Hint.NAME_CELL)
    page.title = page.title or f"{page.matrix.capitalize()} Treatment Matrix cell {page.square}"


def check_cell(cell: str) -> tuple[str, str]:
    """Return the matrix and the square of a cell as people write it: ``drug:E4``.

    Raises:
        UsageError: it is not a cell.

    """
    matrix, square = cell_name(cell) or ("", "")
    if not matrix:
        raise UsageError(f"'{cell}' is not a cell", value=cell, expected=("drug:E4", "alcohol:E4"), hint=Hint.NAME_CELL)
    return matrix, square


def _set_cell(page: Page, cell: str, printed: str) -> None:
    matrix, square = check_cell(cell)
    if page.matrix not in ("", matrix) or printed not in ("", square):
        raise UsageError(
            f"the page says that it is {page.matrix + ':' if page.matrix else 'cell '}{printed}, not {cell}",
            path=page.source.path,
            hint=Hint.LEAVE_OUT_CELL,
        )
    page.matrix, page.square = matrix, square


def without_navigation(words: str) -> str:
    """Return a line without the site's navigation at its start."""
    while match := _NAVIGATION.match(words):
        words = words[match.end() :]
    return words


def is_legend(words: str) -> bool:
    """Return whether a line explains the tags; it starts like an entry."""
    return bool(_LEGEND.fullmatch(words))


def read_header(page: Page, lines: Sequence[Line]) -> None:
    """Set the part of each line above the entries, and add the supporters and the introduction."""
    _HeaderReader(page).read(lines)


def add_supporter(page: Page, words: str, role: str) -> None:
    """Add the supporters that a line names; several names share the role."""
    for part in _WEB_SITE.split(words):
        support = Support(" ".join(without_navigation(part).split()).strip(" .,;"), role)
        if support.name and support not in page.supports:
            page.supports.append(support)


class _HeaderReader:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.role: str | None = None  # The role of the names that follow, until another part of the page begins.
        self.paragraphs: list[Span] = []

    def read(self, lines: Sequence[Line]) -> None:
        for line in lines:
            span, words, _ = line
            part = self._part(line)
            if part is None and len(words.split(maxsplit=6)) > 5 and words[-1] in _SENTENCE_ENDS:
                part = "intro"
                self.paragraphs.append(span)
            if part != "header":
                self.role = None
            self.page.parts[span] = part
        if self.paragraphs:
            first = self.paragraphs[0].start
            self.page.sections.append(Section("intro", "intro", Span(first, first), self.paragraphs))

    def _part(self, line: Line) -> str | None:
        """Return the part of the page that a line is by its words, or None."""
        words = line.words
        rest = without_navigation(words)
        variants = {words, rest}
        if any(map(_TITLE_LINE.fullmatch, variants)):
            return "title"
        if any(map(is_legend, variants)):
            return "legend"
        if line.landmark == "links" or _LINKS.match(rest):
            return "links"
        if _ROLE.match(rest):
            self._supporters(rest)
            return "header"
        if not rest:
            self.role = None
            return "header"
        if self.role and (_WEB_SITE.search(words) or _NAME.fullmatch(words)):
            add_supporter(self.page, words, self.role)
            return "header"
        return "title" if _SQUARE_ALONE.fullmatch(rest) or _ONE_LABEL.fullmatch(rest) else None

    def _supporters(self, words: str) -> None:
        """Read ``Funded by A web site Developed with B web site``: the names of a role extend to the next role."""
        roles = list(_ROLE.finditer(words))
        for role, end in zip(roles, [*(match.start() for match in roles[1:]), len(words)], strict=True):
            self.role = "previously-funded" if role["previously"] else (role["what"] or "developed-with").lower()
            add_supporter(self.page, words[role.end() : end], self.role)
