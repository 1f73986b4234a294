"""What a thing is linked to, one step out: those that point to it above, those that it points to below."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from evgraph.site.pictures.drawing import ROW, line, link, picture, point, text
from evgraph.site.pictures.drawing import label as words_at
from evgraph.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from markupsafe import Markup

MOST = 40
"""So many neighbours are drawn; a count of the others follows."""
_HUB, _X = 8, 46  # Where the thing and its neighbours are, in pixels.
_HEADING = 20


class Neighbour(NamedTuple):
    """A thing that another is linked to; `link` is in words: ``cited as evidence by``."""

    label: str
    link: str
    address: str = ""
    marker: str = ""
    is_incoming: bool = False


def neighbourhood(
    label: str, neighbours: Sequence[Neighbour], *, name: str = "neighbourhood", marker: str = "", more: int = 0
) -> Markup:
    """Draw a thing and its neighbours, grouped by direction and kind of link, each group in the order given.

    Args:
        label: of the thing in the middle.
        neighbours: the nearest first; `MOST` are drawn.
        name: of the picture, one of a kind on its page.
        marker: of the thing in the middle.
        more: the number of neighbours that the caller left out.

    """
    drawn = list(neighbours[:MOST])
    more += len(neighbours) - len(drawn)
    above = sorted((neighbour for neighbour in drawn if neighbour.is_incoming), key=lambda neighbour: neighbour.link)
    below = sorted(
        (neighbour for neighbour in drawn if not neighbour.is_incoming), key=lambda neighbour: neighbour.link
    )
    up, middle = _rows(above, 2)
    middle += ROW // 2
    down, height = _rows(below, middle + ROW // 2)
    rows = [line(_HUB, middle, _X - 8, y) for y, _ in (*up, *down) if y]
    rows += [markup for _, markup in up]
    rows.append(
        link("", label, point(_HUB, middle, radius=6) + words_at("beside-hub", middle, label, strong=True), marker)
    )
    rows += [markup for _, markup in down]
    if more:
        rows.append(text(_X, height + 16, f"and {more:,} more, in the list", classes="quiet"))
        height += ROW
    description = f"{plural(len(drawn) + more, 'neighbour')}: {plural(len(above), 'link')} to it, {len(below)} from it"
    return picture(name, f"What {label} is linked to", f"{description} drawn.", height + 4, rows)


def _rows(neighbours: Iterable[Neighbour], y: int) -> tuple[list[tuple[int, Markup]], int]:
    """Return the markup of each row with the height of its dot, 0 for a heading; and where the next row is."""
    rows: list[tuple[int, Markup]] = []
    for words, group in groupby(neighbours, key=lambda neighbour: neighbour.link):
        rows.append((0, words_at("beside-point", y + 11, words, quiet=True)))
        y += _HEADING
        for neighbour in group:
            middle = y + ROW // 2
            content = point(_X, middle, neighbour.marker) + words_at("beside-point", middle, neighbour.label)
            rows.append((middle, link(neighbour.address, f"{words} {neighbour.label}", content, neighbour.marker)))
            y += ROW
    return rows, y
