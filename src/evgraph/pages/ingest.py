"""Which pages paths mean, and what one page comes to: the part of ``evgraph ingest`` that is done page by page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from evgraph.errors import UnreadableError
from evgraph.pages.cell import Cell, identify
from evgraph.pages.layout import read_page
from evgraph.pages.resolve import resolve
from evgraph.pages.source import read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evgraph.pages.page import Page
    from evgraph.register import Register

PAGE_SUFFIXES = (".txt", ".html", ".htm")


def pages_at(paths: Sequence[str | Path]) -> list[Path]:
    """Find the pages that paths mean: a file, or every ``.txt``, ``.html`` and ``.htm`` below a folder.

    Raises:
        UnreadableError: a folder holds none, or cannot be looked into.

    """
    pages: list[Path] = []
    for path in map(Path, paths):
        found = [path]
        if path.is_dir():
            found = sorted(file for file in path.rglob("*") if file.suffix.lower() in PAGE_SUFFIXES and file.is_file())
        if not found:
            raise UnreadableError(
                "no page in this folder", path=path, way_out=f"pages end in {', '.join(PAGE_SUFFIXES)}"
            )
        pages += found
    return list(dict.fromkeys(pages))


def look(path: Path, cell: str | None = None) -> Page:
    """Read a page as far as its layout goes: which cell it is, and what each line is.

    Args:
        path: the file.
        cell: ``drug:E4`` for a page that does not say which cell it is.

    Raises:
        EvgraphError: see `read` and `read_page`.

    """
    return read_page(read(path), cell)


def understand(page: Page, register: Register, there: Mapping[str, bool] | None = None) -> Cell:
    """Tell a page's entries apart and resolve its references.

    Args:
        page: from `look`.
        register: which document is which.
        there: the other cells that a page was or will be read for: IRI → whether their commentary stands open.

    Raises:
        UnreadableError: there are more references than any page has.

    """
    cell = identify(page, register)
    resolve([cell], register, there)
    return cell
