"""What every picture is made of: the frame with its title and description, texts, points, lines, links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Iterable

ROW = 26
"""The height of a row in pixels: a target of at least 24."""
_MARKERS = frozenset("SKRG")
_SAFE = ("/", "#", "?", "https://", "http://")


def markup(template: str, *values: object) -> Markup:
    """Return a template with values in its places, texts escaped; `Markup.format` would take ten times longer."""
    escaped = (value if isinstance(value, int | float) else escape(value) for value in values)
    return Markup(template.format(*escaped))  # noqa: S704 - each template is a text of this package


def picture(name: str, title: str, description: str, height: int, parts: Iterable[Markup]) -> Markup:
    """Return a picture as wide as its place.

    Args:
        name: the start of its identifiers, one of a kind on its page.
        title: what it shows, in a few words.
        description: what a reader can see in it, in a sentence or two.
        height: in pixels.
        parts: markup in reading order.

    """
    return markup(
        '<svg class="picture" role="group" aria-labelledby="{0}-title" aria-describedby="{0}-about" width="100%"'
        ' height="{1}"><title id="{0}-title">{2}</title><desc id="{0}-about">{3}</desc>{4}</svg>',
        name,
        height,
        title,
        description,
        Markup("").join(parts),
    )


def link(address: str, title: str, content: Markup, marker: str = "") -> Markup:
    """Return markup as a link, with a title if there is one; a group where a browser may not follow the address."""
    attributes = markup(' class="{}"', marker) if marker in _MARKERS else ""
    content = markup("<title>{}</title>{}", title, content) if title else content
    if address.startswith(_SAFE):
        return markup('<a href="{}"{}>{}</a>', address, attributes, content)
    return markup("<g{}>{}</g>", attributes, content)


def label(place: str, middle: int, words: str, *, strong: bool = False, quiet: bool = False) -> Markup:
    """Return a text that ends with an ellipsis where the picture ends.

    Args:
        place: where it starts: the name of a class of the style sheet, such as ``beside-axis``.
        middle: the height of its middle.
        words: the text.
        strong: whether it is bold.
        quiet: whether it is grey.

    """
    classes = f"{place}{' strong' if strong else ''}{' quiet' if quiet else ''}"
    return markup(
        '<foreignObject class="{}" y="{}" height="20"><span>{}</span></foreignObject>', classes, middle - 10, words
    )


def point(x: str | int, middle: int, marker: str = "", radius: int = 4) -> Markup:
    """Return the letter of a marker, or a dot where there is none."""
    if marker in _MARKERS:
        return text(x, middle + 5, marker, classes="point")
    return markup('<circle cx="{}" cy="{}" r="{}"/>', x, middle, radius)


def text(x: str | int, y: int, words: str, *, classes: str = "", anchor: str = "") -> Markup:
    """Return a short text at a place."""
    return markup(
        '<text x="{}" y="{}"{}{}>{}</text>',
        x,
        y,
        markup(' class="{}"', classes) if classes else "",
        markup(' text-anchor="{}"', anchor) if anchor else "",
        words,
    )


def line(x1: str | int, y1: int, x2: str | int, y2: int, classes: str = "line") -> Markup:
    """Return a line from one place to another."""
    return markup('<line x1="{}" y1="{}" x2="{}" y2="{}" class="{}"/>', x1, y1, x2, y2, classes)
