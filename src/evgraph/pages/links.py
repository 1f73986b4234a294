"""The links of a web page: which document of the bank, which cell, which place in the page they lead to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from pyoxigraph import NamedNode

from evgraph.namespaces import ID

if TYPE_CHECKING:
    from evgraph.pages.references import Phrase
    from evgraph.pages.source import Link, Source, Span

_CELL_FILE = re.compile(
    r"(?:.*/)?matrix/(?P<matrix>alcohol|drug)s?/(?P<square>[A-E][1-5])\.(?:html?|php)", re.IGNORECASE
)
_KEY = re.compile(r"(?:.*/)?(?P<key>[A-Za-z0-9][\w\-]*)\.(?:txt|pdf|html?)", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,2}")


def file_of(href: str) -> str | None:
    """Return the file that a download address of the bank names in its ``f`` (older: ``file``) parameter."""
    try:
        parts = urlsplit(href)
        parameters = parse_qs(parts.query)
    except ValueError:
        return None
    for name in ("f", "file"):
        if name in parameters:
            return parameters[name][0]
    return unquote(parts.path) if _CELL_FILE.fullmatch(unquote(parts.path)) else None


def cell_of(href: str) -> str | None:
    """Return the IRI of the cell that an address leads to."""
    match = _CELL_FILE.fullmatch(file_of(href) or "")
    return f"{ID}cell/{match['matrix'].lower()}-{match['square'].upper()}" if match else None


def bank_key(href: str) -> str | None:
    """Return the bank's own key of the document that an address leads to: ``Timko_C_9``."""
    file = file_of(href)
    match = _KEY.fullmatch(file) if file and not _CELL_FILE.fullmatch(file) else None
    return match["key"] if match else None


def bank_keys_in(source: Source, span: Span) -> list[str]:
    """Return the bank's keys in the links of a span, in order, each once."""
    return list(dict.fromkeys(key for link in source.links_in(span) if (key := bank_key(link.href))))


def link_of(source: Source, phrase: Phrase, index: int) -> Link | None:
    """Return the link that belongs to a phrase.

    Args:
        source: the page.
        phrase: the words that refer to something.
        index: its place, from 0, among the phrases with the same words: the second "here", the second number.

    """
    links = source.links_in(phrase.span) or source.links_around(phrase.span)
    if phrase.number:  # The noun before the numbers may be a link too.
        links = [link for link in links if _NUMBER.fullmatch(source.slice(link.span).strip())] or links
    return links[index] if index < len(links) else None


def anchor_of(source: Source, href: str) -> int | None:
    """Return the offset of the place in this page that an address leads to."""
    name = unquote(urlsplit(href).fragment) if href.startswith("#") else ""
    return next((anchor.offset for anchor in source.anchors if name and anchor.name == name), None)


def web_address(href: str) -> str | None:
    """Return an absolute web address as it is, or None for anything else, and for no IRI (``http://[x``)."""
    if not re.match(r"https?://[^/]", href, re.IGNORECASE):
        return None
    try:
        return NamedNode(href).value
    except ValueError:
        return None
