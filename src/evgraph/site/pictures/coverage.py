"""The squares of a matrix, each with its number of entries and a bar by marker."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from evgraph.site.pictures.drawing import link, markup, picture, text
from evgraph.text import plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SIDE = 44  # The height of a square in pixels; its width is a fifth of the picture's.
_TOP = 24  # The height of the title.
_NAMES = {"S": "seminal study", "K": "key study", "R": "review", "G": "guidance document"}
_MANY = {"S": "seminal studies", "K": "key studies"}


class Square(NamedTuple):
    """A square of a matrix: ``E4``; `counts` is marker → entries; a page that was not read has no counts."""

    notation: str
    counts: Mapping[str, int]
    address: str = ""
    is_read: bool = True


def coverage(squares: Sequence[Square], *, name: str = "coverage", title: str = "Entries by cell") -> Markup:
    """Draw a matrix under its title: columns are levels A to E, rows types 1 to 5; what was not read is dashed."""
    longest = max((sum(square.counts.values()) for square in squares), default=0) or 1
    parts = [text("0.5%", 16, title, classes="strong")]
    for square in sorted(squares, key=lambda square: (square.notation[1:], square.notation)):
        column, row = "ABCDE".find(square.notation[:1]), "12345".find(square.notation[1:])
        if column < 0 or row < 0:
            continue
        x, y = column * 20, row * (_SIDE + 4) + _TOP
        total = sum(square.counts.values())
        frame = markup(
            '<rect x="{}%" y="{}" width="18.5%" height="{}" class="square{}"/>',
            x + 0.5,
            y + 1,
            _SIDE,
            "" if square.is_read else " unread",
        )
        words = text(f"{x + 2}%", y + 17, square.notation, classes="" if square.is_read else "quiet")
        if square.is_read:
            words += text(f"{x + 17.5}%", y + 17, str(total), anchor="end")
        bars, at = Markup(""), x + 2.0
        for marker, count in square.counts.items():
            width = count / longest * 15.5
            if count and marker in _NAMES:
                bars += markup(
                    '<rect x="{:.1f}%" y="{}" width="{:.1f}%" height="8" class="{}"/>', at, y + 28, width, marker
                )
            at += width
        parts.append(link(square.address, _description(square, total), frame + words + bars))
    read = sum(square.is_read for square in squares)
    description = f"{plural(read, 'cell')} of {len(squares)} read; the others are dashed."
    return picture(name, title, description, 5 * (_SIDE + 4) + _TOP + 2, parts)


def _description(square: Square, total: int) -> str:
    if not square.is_read:
        return f"{square.notation}, not read"
    counts = ", ".join(
        plural(count, _NAMES[marker], _MANY.get(marker, ""))
        for marker, count in square.counts.items()
        if count and marker in _NAMES
    )
    return f"{square.notation}, {plural(total, 'entry', 'entries')}{f': {counts}' if counts else ''}"
