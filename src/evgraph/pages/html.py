"""A web page as text, and what the text alone would lose: links, hover notes, anchors, styled and hidden words.

Blocks become lines as in a browser, hidden ones that unfold on a click included. An image becomes its alternative text.
Scripts, styles and frames are left out, and nothing is fetched.
https://html.spec.whatwg.org/multipage/rendering.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from pyoxigraph import NamedNode

from evgraph.errors import UnreadableError
from evgraph.namespaces import ID
from evgraph.pages.source import Anchor, Link, Opening, Source, Span

if TYPE_CHECKING:
    from lxml.etree import _Element

    from evgraph.pages.page import Phrase

_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_WHITE = re.compile(r"[ \t\n\r\f]+")
_LEFT_OUT = {
    "script", "style", "head", "template", "noscript", "iframe", "frame", "frameset", "object", "svg", "select",
}  # fmt: skip
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol", "table", "hr"}
_BLOCKS = _PARAGRAPHS | {
    "address", "article", "aside", "body", "caption", "center", "dd", "details", "div", "dl", "dt", "figcaption",
    "figure", "footer", "form", "header", "li", "main", "nav", "section", "summary", "td", "th", "tr",
}  # fmt: skip
_BOLD = {"b", "strong", "h1", "h2", "h3", "h4", "h5", "h6"}
# If these are hidden, they unfold within a line.
_INLINE = {"a", "b", "em", "font", "i", "small", "span", "strong", "sub", "sup"}
_CELL_FILE = re.compile(
    r"(?:.*/)?matrix/(?P<matrix>alcohol|drug)s?/(?P<square>[A-E][1-5])\.(?:html?|php)", re.IGNORECASE
)
_KEY = re.compile(r"(?:.*/)?(?P<key>[A-Za-z0-9][\w\-]*)\.(?:txt|pdf|html?)", re.IGNORECASE)
_MOST_ATTRIBUTES = 128  # Of an element: the parser takes a time that grows with their square.
_TOO_MANY_ATTRIBUTES = re.compile(  # https://html.spec.whatwg.org/multipage/parsing.html#before-attribute-name-state
    r"""<[A-Za-z][^\s/>]*+(?>[\s/]*+=?[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?)?)"""
    f"{{{_MOST_ATTRIBUTES + 1}}}"
)
_NUMBER = re.compile(r"\d{1,2}")
_FURNITURE = re.compile(r"click to\b|opens? (?:in )?(?:a )?new window|(?:un)?fold\b", re.IGNORECASE)  # As a hover text.
_SCRIPT = re.compile(r"javascript:\s*(?:void )?\w+\(\s*(['\"])(?P<name>[\w.:-]+)\1\s*\);?", re.IGNORECASE)


def read_html(markup: str, path: str, notice: str | None = None) -> Source:
    """Return the text of a web page; path and notice are those of the `Source`.

    Raises:
        UnreadableError: the page is nested too deeply to be read whole, has too many attributes, or holds no text.

    """
    from lxml import etree

    if element := _TOO_MANY_ATTRIBUTES.search(markup):
        raise UnreadableError(
            f"an element with more than {_MOST_ATTRIBUTES} attributes, which no page needs",
            path=path,
            line=markup.count("\n", 0, element.start()) + 1,
            hint="save the page anew, or as text",
        )

    parser = etree.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True, no_network=True, encoding="utf-8")
    try:
        root = etree.fromstring(markup.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableError(f"not a web page: {error.msg}", path=path, line=error.lineno) from None
    too_deep = next((entry.line for entry in parser.error_log if "depth" in entry.message.lower()), None)
    if too_deep:
        raise UnreadableError(
            "nested too deeply to be read whole", path=path, line=too_deep, hint="save the page anew, or as text"
        )
    page = _Text()
    if root is not None:
        page.read(root)
    text = "".join(page.parts).rstrip() + "\n"
    if not text.strip():
        raise UnreadableError("the page holds no text", path=path)
    links = tuple(sorted(link._replace(span=_without_space(link.span, text)) for link in page.links))
    return Source(
        path, text, notice, links, tuple(page.anchors), tuple(page.hidden), tuple(page.lines), tuple(page.openings)
    )


def _without_space(span: Span, text: str) -> Span:
    """Return a span without the space at its start."""
    return Span(span.end - len(text[span.start : span.end].lstrip()), span.end)


class _Text:
    """The text so far; its links, styled and hidden words begin at the offsets of the elements that are open."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0  # Of all parts.
        self.breaks = 0  # Line breaks before the next word.
        self.space = False  # Whether a space precedes the next word.
        self.waiting: list[str] = []  # The names of anchors at the next word.
        self.links: list[Link] = []
        self.anchors: list[Anchor] = []
        self.lines: list[tuple[int, int]] = []
        self.hidden: list[Span] = []
        self.openings: list[Opening] = []
        self.open_links: dict[_Element, int] = {}
        self.open_hidden: dict[_Element, int] = {}
        self.open_styles: dict[_Element, tuple[int, str]] = {}

    def read(self, root: _Element) -> None:
        """Read the tree, without recursion: it may be deep."""
        from lxml import etree

        walker = etree.iterwalk(root, events=("start", "end"))
        line = 1
        for event, element in walker:
            tag = element.tag if isinstance(element.tag, str) else ""
            if event == "end":
                self._end(element, tag)
                line = self._words(element.tail, line)
                continue
            line = element.sourceline or line
            if tag in _LEFT_OUT:
                walker.skip_subtree()
            else:
                self._start(element, tag)
                line = self._words(element.text, line)

    def _start(self, element: _Element, tag: str) -> None:
        name = element.get("id") or (element.get("name") if tag == "a" else None)
        if name:
            self.waiting.append(name)
        if element.get("hidden") is not None or _HIDDEN.search(element.get("style") or ""):
            if tag not in _INLINE:
                self._break(2)
            self.open_hidden[element] = self.length + (self.breaks or self.space)
        if tag in _BLOCKS or tag == "br":
            self._break(2 if tag in _PARAGRAPHS else 1)
        elif tag == "img":
            self._words(element.get("alt"), element.sourceline or 0)
        style = "bold" if tag in _BOLD else element.get("class") if tag in _INLINE else None
        if style and self.breaks:
            self.open_styles[element] = self.length + self.breaks, style
        if element.get("title") or (tag == "a" and element.get("href")):
            self.open_links[element] = self.length

    def _end(self, element: _Element, tag: str) -> None:
        if (start := self.open_links.pop(element, None)) is not None:
            note = _WHITE.sub(" ", element.get("title") or "").strip()
            note = "" if _FURNITURE.match(note) else note
            self.links.append(Link(Span(start, self.length), (element.get("href") or "").strip(), note))
        start, style = self.open_styles.pop(element, (self.length, ""))
        if self.length > start:
            self.openings.append(Opening(Span(start, self.length), style))
        if (start := self.open_hidden.pop(element, None)) is not None:
            if self.length > start:
                self.hidden.append(Span(start, self.length))
            if tag not in _INLINE:
                self._break(2)
        if tag in _BLOCKS:
            self._break(2 if tag in _PARAGRAPHS else 1)

    def _break(self, count: int) -> None:
        if self.length:
            self.breaks = max(self.breaks, count)
        self.space = False

    def _words(self, text: str | None, line: int) -> int:
        """Add text with its white space collapsed; return the line of the file that it ends on."""
        for number, piece in enumerate((text or "").split("\n")):
            if number:
                line += 1
                self._space()
            words = _WHITE.sub(" ", piece)
            if words.startswith(" "):
                self._space()
            if not words.strip(" "):
                continue
            self._write("\n" * self.breaks or " " * self.space)
            self.breaks, self.space = 0, False
            self.lines.append((self.length, line))
            self.anchors += [Anchor(name, self.length) for name in self.waiting]
            self.waiting.clear()
            self._write(words.strip(" "))
            if words.endswith(" "):
                self._space()
        return line

    def _write(self, words: str) -> None:
        self.parts.append(words)
        self.length += len(words)

    def _space(self) -> None:
        self.space = self.length > 0 and not self.breaks


def _file_of(href: str) -> str | None:
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
    match = _CELL_FILE.fullmatch(_file_of(href) or "")
    return f"{ID}cell/{match['matrix'].lower()}-{match['square'].upper()}" if match else None


def bank_key(href: str) -> str | None:
    """Return the bank's own key of the document that an address leads to: ``Timko_C_9``."""
    file = _file_of(href)
    match = _KEY.fullmatch(file) if file and not _CELL_FILE.fullmatch(file) else None
    return match["key"] if match else None


def bank_keys_in(source: Source, span: Span) -> list[str]:
    """Return the bank's keys in the links of a span, in order, each once."""
    return list(dict.fromkeys(key for link in source.links_in(span) if (key := bank_key(link.href))))


def link_of(source: Source, phrase: Phrase, index: int) -> Link | None:
    """Return the link of a phrase, by its place from 0 among those with the same words: the second "here"."""
    links = source.links_in(phrase.span) or source.links_around(phrase.span)
    numbered = [link for link in links if _NUMBER.fullmatch(source.slice(link.span).strip())]
    if phrase.number:  # The noun before the numbers may be a link too.
        links = numbered or links
    elif numbered:
        links = [link for link in links if link not in numbered]
    return links[index] if index < len(links) else None


def anchor_of(source: Source, href: str) -> int | None:
    """Return the offset of the place in this page that an address leads to, or a script such as ``Highlight('b4')``."""
    if script := _SCRIPT.fullmatch(href):
        name = script["name"]
    else:
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
