"""What the addresses of a web page's links say: which document of the bank, which cell, which place in the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from pyoxigraph import NamedNode

from evgraph.namespaces import ID

if TYPE_CHECKING:
    from evgraph.pages.mention import Mention
    from evgraph.pages.source import Link, Source, Span

_CELL_FILE = re.compile(
    r"(?:.*/)?matrix/(?P<matrix>alcohol|drug)s?/(?P<square>[A-E][1-5])\.(?:html?|php)", re.IGNORECASE
)
_KEY = re.compile(r"(?:.*/)?(?P<key>[A-Za-z0-9][\w\-]*)\.(?:txt|pdf|html?)", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,2}")


def file_of(href: str) -> str | None:
    """Give the file that a download address of the bank names, in its ``f`` (older: ``file``) parameter."""
    try:
        parts = urlsplit(href)
        given = parse_qs(parts.query)
    except ValueError:
        return None
    for name in ("f", "file"):
        if name in given:
            return given[name][0]
    return unquote(parts.path) if _CELL_FILE.fullmatch(unquote(parts.path)) else None


def cell_of(href: str) -> str | None:
    """Give the IRI of the cell that an address leads to."""
    found = _CELL_FILE.fullmatch(file_of(href) or "")
    return f"{ID}cell/{found['matrix'].lower()}-{found['square'].upper()}" if found else None


def bank_key(href: str) -> str | None:
    """Give the bank's own key of the document that an address leads to: ``Timko_C_9``."""
    file = file_of(href)
    found = _KEY.fullmatch(file) if file and not _CELL_FILE.fullmatch(file) else None
    return found["key"] if found else None


def keys_in(source: Source, span: Span) -> list[str]:
    """Give the bank's keys that the links in a span name, in order, each once."""
    if not source.links:
        return []
    return list(dict.fromkeys(key for link in source.links_in(span) if (key := bank_key(link.href))))


def link_of(source: Source, mention: Mention, place: int) -> Link | None:
    """Find the link that belongs to a mention.

    Args:
        source: the page.
        mention: one pointer.
        place: which it is of those that share its words, from 0: the second "here", the second number.

    """
    links = source.links_in(mention.words) or source.links_around(mention.words)
    if mention.number:  # The words hold more links than these where a noun is linked too.
        numbered = [one for one in links if _NUMBER.fullmatch(source.slice(one.span).strip())]
        links = numbered or links
    if len(links) == 1 and place == 0:
        return links[0]
    return links[place] if place < len(links) else None


def anchor_of(source: Source, href: str) -> int | None:
    """Give the offset of the place in this page that an address leads to."""
    name = unquote(urlsplit(href).fragment) if href.startswith("#") else ""
    return next((one.offset for one in source.anchors if name and one.name == name), None)


def address(href: str) -> str | None:
    """Give an absolute web address as it is; None for anything that is none, or no IRI (``http://[x``)."""
    if not re.match(r"https?://[^/]", href, re.IGNORECASE):
        return None
    try:
        return NamedNode(href).value
    except ValueError:
        return None
