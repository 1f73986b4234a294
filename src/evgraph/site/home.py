"""The map: both grids of cells, narrowed by what the address chooses; the home page, and a page for each matrix."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from evgraph.errors import UnreadableError
from evgraph.namespaces import ID, MATRICES, scheme
from evgraph.query.catalogue import Catalogue
from evgraph.query.search_index import prepare_index
from evgraph.site.addresses import square_name
from evgraph.site.changes import history
from evgraph.site.citing import cited
from evgraph.site.heads import thing_head
from evgraph.site.listing import MARKERS, all_items, pages_of, references_outside
from evgraph.site.numbers import numbers, whats_new
from evgraph.site.selection import Selection, read_selection
from evgraph.site.shelf import all_documents
from evgraph.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evgraph.site.listing import Item
    from evgraph.site.page import Page, Parameters, Site

LEVELS, TYPES = "ABCDE", "12345"
WORTH_ASKING = ("guidance-citing-trials", "recommendations-without-evidence", "newer-counterparts")
PER_PAGE = 50
_MOST_BARS = 80
_SINGULAR = {"S": "seminal study", "K": "key study", "R": "review", "G": "guidance"}
_PLURAL = {"S": "seminal studies", "K": "key studies", "R": "reviews", "G": "guidance"}


class Part(NamedTuple):
    """A part of the bar of a square: the entries of a marker, from `x` on, `width` wide, of 100."""

    letter: str
    entries: int
    x: float
    width: float


class Square(NamedTuple):
    """A square of a grid.

    Attributes:
        notation: ``E4``.
        cell: ``drug-E4``.
        state: ``read``, ``empty`` (read, and it lists nothing), ``away`` (read, and nothing of it is chosen),
            ``referred`` (not read; pages refer to it) or ``unmentioned``.
        amount: the entries that are chosen, or the references to it.
        total: all its entries.
        parts: of its bar.
        address: of its page; empty where there is nothing to see.
        name: all of it in words.
        title: its level and type.
        newest: its newest document, or an empty text.

    """

    notation: str
    cell: str
    state: str
    amount: int
    total: int
    parts: list[Part]
    address: str
    name: str
    title: str
    newest: str


class Row(NamedTuple):
    """The squares of a type of intervention."""

    number: str
    name: str
    squares: list[Square]


class Grid(NamedTuple):
    """A matrix: the names of its levels, and its rows."""

    matrix: str
    name: str
    levels: list[tuple[str, str]]
    rows: list[Row]


class Bar(NamedTuple):
    """A bar of the histogram: a year or several, how many entries, how high (of 100), and whether it is chosen."""

    years: str
    entries: int
    height: float
    is_chosen: bool


class Line(NamedTuple):
    """An entry in a list."""

    iri: str
    markers: tuple[str, ...]
    headline: str
    imprint: str
    cell: str


def home(site: Site, parameters: Parameters) -> Page:
    """Show both grids."""
    return _map(site, parameters, MATRICES, "/", "The Alcohol and Drug Treatment Matrices")


def matrix(site: Site, parameters: Parameters, name: str) -> Page:
    """Show one grid."""
    title = site.reader.label(f"{ID}matrix/{name}")
    return _map(site, parameters, (name,), f"/matrix/{name}", title)


def _map(site: Site, parameters: Parameters, matrices: Sequence[str], path: str, title: str) -> Page:
    selection = read_selection(parameters)
    items = [item for item in all_items(site.store) if item.cell.partition("-")[0] in matrices]
    chosen = selection.of(items)
    grids = [_grid(site, name, items, chosen, selection) for name in matrices]
    drawn = {square.cell for grid in grids for row in grid.rows for square in row.squares}
    number, count = page_number(parameters, len(chosen))
    only = {} if len(matrices) > 1 else {"matrix": matrices[0]}
    questions = Catalogue()
    return site.page(
        "home",
        title=title,
        address=selection.address(path),
        canonical=path,
        formats=() if path == "/" else (".ttl", ".jsonld"),
        path=path,
        thing=f"{ID}matrix/{matrices[0]}" if len(matrices) == 1 else "",
        cite=cited(site, f"{ID}matrix/{matrices[0]}") if len(matrices) == 1 else None,
        **(thing_head(site, f"{ID}matrix/{matrices[0]}", "CreativeWork") if len(matrices) == 1 else {}),
        behind="cell-coverage" if len(matrices) > 1 else f"cell-coverage?matrix={matrices[0]}",
        grids=grids,
        selection=selection,
        chips=selection.chips(site.reader, path),
        choices=selection.choices(items, site.reader),
        bars=_histogram(items, selection),
        total=len(items),
        chosen=len(chosen),
        cells=len({item.cell for item in chosen}),
        pages=len(pages_of(site.store)),
        off_grid=sum(item.cell not in drawn for item in chosen),
        lines=lines(site, chosen[(number - 1) * PER_PAGE : number * PER_PAGE]) if selection.query else [],
        number=number,
        count=count,
        downloads={
            suffix: selection.address(f"/selection{suffix}", **only) for suffix in (".csv", ".ttl", ".ris", ".bib")
        },
        numbers=numbers(site) if path == "/" else [],
        news=whats_new(site) if path == "/" else None,
        questions=[(name, questions[name].summary) for name in WORTH_ASKING] if path == "/" else [],
    )


def warm(site: Site) -> None:
    """Compute what the map shows of a whole graph, and read the pages, before the first page is asked for.

    Raises:
        UnreadableError: the folder of pages is missing.

    """
    _ = site.passages
    numbers(site)
    whats_new(site)
    all_documents(site)
    with suppress(UnreadableError):  # This Python has no full-text search, and the page says so.
        prepare_index(site.store)
    if site.options.earlier:
        history(site)
    references_outside(site.store)


def page_number(parameters: Parameters, length: int, per_page: int = PER_PAGE) -> tuple[int, int]:
    """Return the number of the page that the address names (the nearest that there is), and how many there are."""
    count = max(1, -(-length // per_page))
    text = (parameters.get("page") or ("1",))[-1]
    return min(max(1, int(text)), count) if text.isdecimal() and len(text) < 10 else 1, count


def lines(site: Site, items: Iterable[Item]) -> list[Line]:
    """Return entries for a list."""
    reader = site.reader
    found = []
    for item in items:
        imprint = (*reader.values(item.entry, "evg:statedPublisher"), *reader.values(item.entry, "evg:statedDate"))
        headline = reader.value(item.entry, "schema:headline") or reader.label(item.entry)
        found.append(Line(item.entry, item.markers, headline, ", ".join(imprint), item.cell))
    return found


def _grid(site: Site, name: str, items: Sequence[Item], chosen: Sequence[Item], selection: Selection) -> Grid:
    reader = site.reader
    totals = Counter(item.cell for item in items)
    of_cell: dict[str, list[Item]] = {}
    for item in chosen:
        of_cell.setdefault(item.cell, []).append(item)
    most = max((len(found) for found in of_cell.values()), default=1)
    levels = [(level, reader.label(scheme("level", level))) for level in LEVELS]
    rows = []
    for number in TYPES:
        kind = reader.label(scheme(f"{name}-type", number))
        squares = []
        for level, level_name in levels:
            cell, title = f"{name}-{level}{number}", f"{level_name}; {kind}"
            squares.append(_square(site, cell, title, totals[cell], of_cell.get(cell, []), selection, most))
        rows.append(Row(number, kind, squares))
    return Grid(name, reader.label(f"{ID}matrix/{name}"), levels, rows)


def _square(
    site: Site, cell: str, title: str, total: int, chosen: Sequence[Item], selection: Selection, most: int
) -> Square:
    square, name = cell.rpartition("-")[2], square_name(cell)
    address, count, parts, newest = f"/cell/{cell}", len(chosen), list[Part](), ""
    if cell not in pages_of(site.store) and not total:
        count = len(references_outside(site.store).get(cell, ()))
        state = "referred" if count else "unmentioned"
        words = (
            f"not in the graph; referred to {plural(count, 'time')}"
            if count
            else "not in the graph; nobody mentions it"
        )
        address = f"{address}#referring" if count else ""
    elif not total:
        state, words = "empty", "in the graph; its page has no entries"
    elif not chosen:
        state, words = "away", f"0 of {plural(total, 'entry', 'entries')}: filtered away"
        address = selection.address(address)
    else:
        state, parts = "read", _parts(chosen, most)
        mix = ", ".join(
            f"{part.entries} {(_SINGULAR if part.entries == 1 else _PLURAL).get(part.letter, 'without a marker')}"
            for part in parts
        )
        amount = plural(total, "entry", "entries")
        words = f"{amount if count == total else f'{count} of {amount}'}: {mix}"
        address = selection.address(address)
        newest = _newest(site, chosen)
    return Square(square, cell, state, count, total, parts, address, f"{name}, {words}", title, newest)


def _parts(items: Sequence[Item], most: int) -> list[Part]:
    """Return the bar of a square; an entry with two markers counts under the first, as on its page."""
    counts = Counter(item.markers[0] if item.markers else "" for item in items)
    parts, x = [], 0.0
    for letter in (*MARKERS, *sorted(counts.keys() - MARKERS.keys())):
        if counts[letter]:
            width = round(100 * counts[letter] / most, 1)
            parts.append(Part(letter, counts[letter], round(x, 1), width))
            x += width
    return parts


def _newest(site: Site, items: Iterable[Item]) -> str:
    dated = [item for item in items if item.years]
    if not dated:
        return ""
    newest = max(dated, key=lambda item: (item.years[-1], -item.position))
    headline = site.reader.value(newest.entry, "schema:headline") or site.reader.label(newest.entry)
    return f"{headline} ({newest.years[-1]})"


def _histogram(items: Sequence[Item], selection: Selection) -> list[Bar]:
    counts = selection.years(items)
    years = sorted({year for item in items for year in item.years})
    if not years:
        return []
    step = -(-(years[-1] - years[0] + 1) // _MOST_BARS)
    spans = [(first, first + step - 1) for first in range(years[0], years[-1] + 1, step)]
    sums = [sum(counts[year] for year in range(first, last + 1)) for first, last in spans]
    most = max(*sums, 1) if sums else 1
    return [
        Bar(
            str(first) if first == last else f"{first} to {last}",
            total,
            round(100 * total / most, 1),
            (selection.first is None or last >= selection.first)
            and (selection.last is None or first <= selection.last),
        )
        for (first, last), total in zip(spans, sums, strict=True)
    ]
