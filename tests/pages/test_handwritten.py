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

Further lines, where a reading has any of the kind::

    marker 3 K            the markers of an entry in the triples, also one that only its neighbours tell
    note 2 | NOTE         what follows an entry's date, in small letters
    hover 1 | NOTE        the hover text of its headline
    documents 5 | YEARS   the years of its documents
    type 2006 | Review    what the document of a see-also with this year is: Study, Review, Guidance, or none of them

``*`` is any value, where the description of the pages sets none down; ``open`` is any resolution that leaves the
reference open; ``never LINE`` is a line that must not be read.
It is a test of its own that must fail: whoever makes it pass removes the reason. ``refused-*`` are pages of no cell.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Triple
from tests.pages.made import words_only

from evgraph.namespaces import DCTERMS, EVG, ID, RDF, SKOS
from evgraph.pages.cell import Cell, identify
from evgraph.pages.decoding import decode
from evgraph.pages.layout import read_page
from evgraph.pages.resolve import resolve
from evgraph.pages.triples import triples
from evgraph.register import DOC

if TYPE_CHECKING:
    from tests.conftest import Run

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

FURTHER = {"marker", "note", "hover", "documents", "type"}


def reading(cell: Cell) -> list[str]:
    """Return the reading of a page, in lines."""
    page, slices = cell.page, cell.page.source.slice
    lines = [f"cell {page.cell}"]
    lines += [f"support {support.role} | {support.name}" for support in page.supports]
    lines += [f"topic {topic}" for topic in page.topics]
    for entry in page.entries:
        stated = (entry.imprint.date or "-", entry.imprint.publisher or "-", entry.imprint.country or "-")
        headline = " ".join(slices(entry.headline).split())
        lines.append(" | ".join((" ".join((str(entry.position), *entry.markers)), headline, *stated)))
    lines += [
        f"section {section.name} | {' '.join(slices(section.heading).split()) or '-'}" for section in page.sections
    ]
    names = {entry.iri: str(entry.entry.position) for entry in cell.entries}
    names |= {cell.section_iri(section.name): section.name for section in page.sections} | {cell.iri: "trailer"}

    def name(iri: str) -> str:
        return names.get(iri) or ("document" if iri.startswith(DOC) else iri.removeprefix(ID).rpartition("/")[2])

    for found in cell.references:
        phrase, meant = found.phrase, [found.target] if found.target else found.candidates
        words = (name(found.source), phrase.kind, phrase.direction or "-", found.resolution, *map(name, meant))
        lines.append(" ".join(words))
    return [*lines, *(f"unread {slices(span)}" for span in page.not_understood())]


def read(path: Path) -> Source:
    """Return the text of a page in its own encoding."""
    text = path.read_text(encoding="utf-8")
    text = text.replace("\n", "\r\n") if path.name in WINDOWS else text
    return decode(text.encode(ENCODED.get(path.name, "utf-8")), path.name)


def further(cell: Cell) -> list[str]:
    """Return the further lines of a reading, all of each kind."""
    graph: dict[tuple[str, str], set[str]] = defaultdict(set)
    for triple in triples(cell, words_only(), with_text=True):
        if isinstance(triple.subject, Triple) or isinstance(triple.object, Triple):
            continue
        graph[triple.subject.value, triple.predicate.value].add(triple.object.value)

    def values(subject: str, predicate: str) -> list[str]:
        return sorted(graph.get((subject, predicate), ()))

    lines = []
    for entry in cell.entries:
        at, documents = entry.entry.position, values(entry.iri, f"{EVG}lists")
        markers = [marker.rpartition("/")[2] for marker in values(entry.iri, f"{EVG}marker")]
        lines.append(" ".join((f"marker {at}", *(markers or "-"))))
        notes = [text.strip(". ").lower() for text in values(entry.iri, f"{EVG}statedNote")]
        lines += [f"note {at} | {note}" for note in notes]
        hovers = [note for subject in (entry.iri, *documents) for note in values(subject, f"{SKOS}note")]
        lines += [f"hover {at} | {hover}" for hover in hovers or ["-"]]
        years = sorted(year for document in documents for year in values(document, f"{DCTERMS}issued"))
        lines.append(" ".join((f"documents {at} |", *years)))
    for found in cell.references:
        if found.phrase.kind == "see-also" and found.target:
            types = values(found.target, f"{RDF}type")
            kinds = [kind for kind in ("Study", "Review", "Guidance") if f"{EVG}{kind}" in types]
            lines.append(f"type {found.phrase.imprint.date or '-'} | {' '.join(kinds) or '-'}")
    return lines


def compared(path: Path) -> tuple[list[str], list[str]]:
    """Return the lines that are read from a page, and those that are expected."""
    cell = identify(read_page(read(path), NAMELESS.get(path.name)), words_only())
    resolve(cell, words_only())
    wanted = [_in_order(line) for line in expected(path) if not line.startswith("never ")]
    kinds = {line.split()[0] for line in wanted} & FURTHER
    of_entries = {tuple(line.split()[:2]) for line in wanted if line.startswith("documents")}
    lines = [
        *reading(cell),
        *(
            line
            for line in further(cell)
            if line.split()[0] in kinds and (not line.startswith("documents") or tuple(line.split()[:2]) in of_entries)
        ),
    ]
    loose = Counter(line for line in wanted if "*" in line.split() or line.endswith(" open"))
    return [_as_expected(_in_order(line), wanted, loose) for line in lines], wanted


def _in_order(line: str) -> str:
    """Return a line with its candidates sorted."""
    before, ambiguous, after = line.partition(" ambiguous ")
    return f"{before}{ambiguous}{' '.join(sorted(after.split()))}"


def _as_expected(line: str, wanted: list[str], loose: Counter[str]) -> str:
    """Return a line, or the expected line with any values that it fits and that no line before has fitted."""
    for pattern in loose:
        regex = re.escape(pattern).replace(r"\*", r"\S+").removesuffix("open")
        regex += "(ambiguous .*|dangling)" if pattern.endswith(" open") else ""
        if line not in wanted and loose[pattern] and re.fullmatch(regex, line):
            loose[pattern] -= 1
            return pattern
    return line


def expected(path: Path) -> list[str]:
    """Return the reading beside a page, with the known shortcomings of the reader."""
    lines = path.with_suffix(".reading").read_text(encoding="utf-8").splitlines()
    return [line.partition(" ~ ")[2].partition(": ")[0] or line for line in lines]


PAGES = sorted(
    path.name for path in FOLDER.iterdir() if path.suffix != ".reading" and not path.name.startswith("refused")
)
REFUSED = {
    "refused-listing.txt": "alcohol:B3", "refused-row.txt": "drug:A5", "refused-index.txt": "alcohol:D4",
    "refused-mailing.txt": "drug:D4", "refused-analysis.txt": "drug:D4", "refused-hot-topic.txt": "drug:A4",
}  # fmt: skip
"""Page of no cell → a cell that it names."""


@pytest.mark.parametrize("name", PAGES)
def test_handwritten_pages_are_read_as_their_readings_say(name: str) -> None:
    lines, wanted = compared(FOLDER / name)
    assert sorted(lines) == sorted(wanted)
    ordered = [[line for line in found if line.split()[0] not in FURTHER] for found in (lines, wanted)]
    assert ordered[0] == ordered[1]
    never = {line.removeprefix("never ") for line in expected(FOLDER / name) if line.startswith("never ")}
    assert never.isdisjoint(lines)


@pytest.mark.parametrize(("name", "cell"), [(name, cell) for name in REFUSED for cell in (None, REFUSED[name])])
def test_a_page_of_no_cell_is_refused(run: Run, tmp_path: Path, name: str, cell: str | None) -> None:
    ran = run("ingest", FOLDER / name, "-o", tmp_path / "out", *(("--cell", cell) if cell else ()))
    assert ran.code == 3
    assert "--cell" not in ran.stderr
    assert not list(tmp_path.glob("out/cells/*.ttl"))
