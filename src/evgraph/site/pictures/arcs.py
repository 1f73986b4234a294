"""The links between the rows of a list, as arcs beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evgraph.site.pictures.drawing import ROW, label, link, markup, picture, point
from evgraph.text import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

_X = 84  # Where the rows start and arcs end, in pixels.


class Row(NamedTuple):
    """A row of the list, such as an entry of a cell; `address` may be its place on the same page: ``#entry-…``."""

    label: str
    address: str = ""
    marker: str = ""


class Arc(NamedTuple):
    """A link from one row to another, by their places from 0; `is_certain` is False for a possible target."""

    start: int
    end: int
    words: str  # The link: "corresponds to".
    is_certain: bool = True


def arcs(
    rows: Sequence[Row], links: Sequence[Arc], *, name: str = "arcs", title: str = "Links between the entries"
) -> Markup:
    """Draw rows with arcs between those that are linked; the arcs of uncertain links are dashed."""
    parts: list[Markup] = []
    for arc in links:
        if not (0 <= arc.start < len(rows) and 0 <= arc.end < len(rows)) or arc.start == arc.end:
            continue
        y1, y2 = (place * ROW + ROW // 2 for place in (arc.start, arc.end))
        # The apex of the curve is at three quarters of the way to its control points.
        far = _X - 6 - min(_X - 8, 14 + abs(y2 - y1) * 0.35) * 4 / 3
        curve = markup(
            '<path d="M{0},{1}C{2:.0f},{1} {2:.0f},{3} {0},{3}" class="line{4}"/>',
            _X - 6,
            y1,
            max(far, -22),
            y2,
            "" if arc.is_certain else " chained",
        )
        words = f"{rows[arc.start].label} {arc.words} {rows[arc.end].label}"
        parts.append(link("", words, curve))
    for place, row in enumerate(rows):
        y = place * ROW + ROW // 2
        content = point(_X + 2, y, row.marker) + label("beside-arcs", y, row.label)
        parts.append(link(row.address, "", content, row.marker))
    description = f"{plural(len(links), 'link')} between {plural(len(rows), 'entry', 'entries')}."
    return picture(name, title, description, len(rows) * ROW + 2, parts)
