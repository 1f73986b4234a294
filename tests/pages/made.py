"""Small invented pages, and the short way from a text to what the reader makes of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from evgraph import register as registry
from evgraph.pages.cell import Cell, identify
from evgraph.pages.layout import read_page
from evgraph.pages.resolve import resolve
from evgraph.pages.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evgraph.pages.page import Page
    from evgraph.register import Register

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
LEGEND = "S Seminal studiesK Key studiesR ReviewsG Guidancemore Search for more studies"
LINKS = (
    "Links to other documents. Hover over for notes. Click to highlight passage referred to. Unfold extra text"
    " Unfold supplementary text"
)
FOLDED = "Matrix Bite Open Matrix Bite guide to this cell Open Matrix Bite guide and commentary"
CLOSE = "Close Matrix Bite guide and commentary Close Matrix Bite Close Matrix Bite guide and commentary"


def title(matrix: str = "Drug", square: str = "C2") -> str:
    """Return a title line."""
    return f"{matrix} Treatment Matrix cell {square}: Management/supervision; Generic and cross-cutting issues"


def page_text(*entries: str, bite: str = "", matrix: str = "Drug", square: str = "C2") -> str:
    """Return a whole page with these entry lines, and with this commentary if any."""
    parts = [title(matrix, square), LEGEND, LINKS, *entries, FOLDED]
    return "\n\n".join([*parts, CLOSE, LINKS, bite, CLOSE] if bite else parts)


def read(text: str, cell: str | None = None) -> Page:
    """Read a page's text."""
    return read_page(Source("page.txt", text), cell)


def lines_without_part(page: Page) -> list[str]:
    """Return the lines that were not understood."""
    return [page.source.slice(span) for span in page.not_understood()]


def accounts_for_every_line(page: Page) -> bool:
    """Return whether each line that is not blank is in one part of the page, or not understood."""
    return sorted(page.parts) == page.source.lines


@cache
def words_only() -> Register:
    """Return a register of no document, with the controlled words."""
    return registry.load([Path(__file__).parent])


def resolved(
    *texts: str, register: Register | None = None, others: Mapping[str, bool] | None = None, cell: str | None = None
) -> list[Cell]:
    """Read the texts of some pages and resolve their references, across them all and to other cells."""
    known = register or words_only()
    cells = [identify(read(text, cell), known) for text in texts]
    resolve_all(cells, known, others)
    return cells


def resolve_all(cells: Sequence[Cell], register: Register, others: Mapping[str, bool] | None = None) -> None:
    """Resolve the references of some cells, across them all and to other cells."""
    has_commentary = {**(others or {}), **{cell.iri: cell.page.has_commentary for cell in cells}}
    for cell in cells:
        resolve(cell, register, has_commentary)
