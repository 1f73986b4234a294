"""Whole pages written by hand, most before their writer had seen the reader, and the correct reading of each.

Each page in ``handwritten/`` has its reading beside it, one line per item, in the order of the page::

    cell drug-B1
    support funded | NAME
    topic NAME
    1 S G | HEADLINE | DATE | PUBLISHER | COUNTRY
    section issue-1 | HEADING
    SOURCE KIND DIRECTION RESOLUTION TARGET…
    unread LINE

``-`` is an empty value; a source or target is an entry's position, a section's name, a cell, or ``document``. The text
after ``~`` is what the reader reads instead of a line, and why.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.pages.made import words_only

from evgraph.namespaces import ID
from evgraph.pages.cell import Cell, identify
from evgraph.pages.decoding import decode
from evgraph.pages.layout import read_page
from evgraph.pages.resolve import resolve
from evgraph.register import DOC

if TYPE_CHECKING:
    from evgraph.pages.source import Source

FOLDER = Path(__file__).parent / "handwritten"
ENCODED = {
    "alcohol-d4.txt": "utf-16", "drug-a4.txt": "latin-1", "drug-d5.txt": "cp1252", "drug-e1.html": "cp1252",
}  # fmt: skip
"""Page → the encoding that it is read in; in the folder each is UTF-8."""
WINDOWS = {"alcohol-a1.txt", "alcohol-d4.txt"}
"""Pages that are read with the line ends of Windows."""
NAMELESS = {"drug-c2.txt": "drug:C2"}
"""Page that does not name its cell → the cell."""


def reading(cell: Cell) -> list[str]:
    """Return the reading of a page, in lines."""
    page, slices = cell.page, cell.page.source.slice
    lines = [f"cell {page.cell}"]
    lines += [f"support {one.role} | {one.name}" for one in page.supports]
    lines += [f"topic {one}" for one in page.topics]
    for one in page.entries:
        stated = (one.imprint.date or "-", one.imprint.publisher or "-", one.imprint.country or "-")
        headline = " ".join(slices(one.headline).split())
        lines.append(" | ".join((" ".join((str(one.position), *one.markers)), headline, *stated)))
    lines += [f"section {one.name} | {' '.join(slices(one.heading).split()) or '-'}" for one in page.sections]
    names = {one.iri: str(one.entry.position) for one in cell.entries}
    names |= {cell.section_iri(one.name): one.name for one in page.sections} | {cell.iri: "trailer"}

    def name(iri: str) -> str:
        return names.get(iri) or ("document" if iri.startswith(DOC) else iri.removeprefix(ID).rpartition("/")[2])

    for found in cell.references:
        said, meant = found.phrase, [found.target] if found.target else found.candidates
        words = (name(found.source), said.kind, said.direction or "-", found.resolution, *map(name, meant))
        lines.append(" ".join(words))
    return [*lines, *(f"unread {slices(one)}" for one in page.not_understood())]


def read(path: Path) -> Source:
    """Return the text of a page in its own encoding."""
    text = path.read_text(encoding="utf-8")
    text = text.replace("\n", "\r\n") if path.name in WINDOWS else text
    return decode(text.encode(ENCODED.get(path.name, "utf-8")), path.name)


def expected(path: Path) -> list[str]:
    """Return the reading beside a page, with the known shortcomings of the reader."""
    lines = path.with_suffix(".reading").read_text(encoding="utf-8").splitlines()
    return [line.partition(" ~ ")[2].partition(": ")[0] or line for line in lines]


@pytest.mark.parametrize("name", sorted(one.name for one in FOLDER.iterdir() if one.suffix != ".reading"))
def test_handwritten_pages_are_read_as_their_readings_say(name: str) -> None:
    cell = identify(read_page(read(FOLDER / name), NAMELESS.get(name)), words_only())
    resolve(cell, words_only())
    assert reading(cell) == expected(FOLDER / name)
