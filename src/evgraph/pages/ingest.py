"""Which pages paths mean, and what one page comes to: the part of ``evgraph ingest`` that is done page by page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from evgraph.errors import EvgraphError, UnreadableError
from evgraph.pages.cell import Cell, identify
from evgraph.pages.decoding import read
from evgraph.pages.layout import read_page
from evgraph.pages.resolve import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evgraph.pages.page import Page
    from evgraph.register import Register

PAGE_SUFFIXES = (".txt", ".html", ".htm")


def pages_at(paths: Sequence[str | Path], failures: list[EvgraphError] | None = None) -> list[Path]:
    """Find the pages that paths mean: a file, or every ``.txt``, ``.html`` and ``.htm`` below a folder.

    Hidden files are no pages, and links to other folders are not followed.

    Args:
        paths: files and folders.
        failures: where errors go, so that the rest is found; without it, the first is raised.

    Raises:
        UnreadableError: a folder holds no page, or cannot be looked into.

    """
    pages: list[Path] = []
    errors: list[EvgraphError] = []
    for given in paths:
        path = Path(given)
        if not str(given):  # As a shell hands on a variable that is not set: it means no folder, and not this one.
            errors.append(UnreadableError("a path is empty", hint="name a file or a folder; . is this folder"))
            found: list[Path] = []
        else:
            found = list(_below(path, errors)) if path.is_dir() else [path]
        if not found and not errors:
            hint = f"pages end in {', '.join(PAGE_SUFFIXES)}"
            errors.append(UnreadableError("no page in this folder", path=path, hint=hint))
        pages += sorted(found)
        if errors and failures is None:
            raise errors[0]
        (failures if failures is not None else []).extend(errors)
        errors.clear()
    return list(dict.fromkeys(pages))


def _below(folder: Path, errors: list[EvgraphError]) -> Iterator[Path]:
    def tell(error: OSError) -> None:
        errors.append(UnreadableError(f"cannot be looked into: {error.strerror}", path=error.filename))

    for place, _, names in os.walk(folder, onerror=tell):
        for name in names:
            path = Path(place, name)
            if (
                path.suffix.lower() in PAGE_SUFFIXES
                and not name.startswith(".")
                and (path.is_file() or not path.exists())
            ):
                yield path


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
