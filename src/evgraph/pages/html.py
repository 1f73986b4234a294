"""A web page as text, and what the text alone would lose: links, hover notes, anchors, bold and hidden words.

Blocks become lines as in a browser, hidden ones that unfold on a click included. An image becomes its alternative text.
Scripts, styles and frames are left out, and nothing is fetched.
https://html.spec.whatwg.org/multipage/rendering.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evgraph.errors import UnreadableError
from evgraph.pages.source import Anchor, Link, Source, Span

if TYPE_CHECKING:
    from lxml.etree import _Element

_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_WHITE = re.compile(r"[ \t\n\r\f]+")
_LEFT_OUT = {
    *("script", "style", "head", "template", "noscript", "iframe", "frame", "frameset", "object", "svg", "select"),
}
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol", "table", "hr"}
_BLOCKS = _PARAGRAPHS | {
    *("address", "article", "aside", "body", "caption", "center", "dd", "details", "div", "dl", "dt", "figcaption"),
    *("figure", "footer", "form", "header", "li", "main", "nav", "section", "summary", "td", "th", "tr"),
}  # fmt: skip

_BOLD = {"b", "strong", "h1", "h2", "h3", "h4", "h5", "h6"}
_INLINE = {
    "a",
    "b",
    "em",
    "font",
    "i",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
}  # If hidden, they unfold within a line.


def read_html(markup: str, path: str, notice: str | None = None) -> Source:
    """Return the text of a web page.

    Args:
        markup: the decoded page.
        path: the file, as the user named it.
        notice: what the user should know of how the bytes were decoded.

    Raises:
        UnreadableError: the page is nested too deeply to be read whole, or holds no text.

    """
    from lxml import etree

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
    return Source(
        path,
        text,
        notice,
        tuple(sorted(page.links)),
        tuple(page.anchors),
        tuple(page.hidden),
        tuple(page.lines),
        tuple(page.bold),
    )


@dataclass(slots=True)
class _Text:
    """The text so far.

    Attributes:
        parts: its pieces.
        length: their total length.
        breaks: the number of line breaks before the next word.
        space: whether a space precedes the next word.
        waiting: the names of anchors at the next word.
        open_links: open elements with their offsets; likewise the other ``open_`` lists.

    """

    parts: list[str] = field(default_factory=list)
    length: int = 0
    breaks: int = 0
    space: bool = False
    links: list[Link] = field(default_factory=list)
    anchors: list[Anchor] = field(default_factory=list)
    lines: list[tuple[int, int]] = field(default_factory=list)
    hidden: list[Span] = field(default_factory=list)
    open_links: list[tuple[_Element, int]] = field(default_factory=list)
    open_hidden: list[tuple[_Element, int]] = field(default_factory=list)
    bold: list[Span] = field(default_factory=list)
    open_bold: list[tuple[_Element, int]] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    def read(self, root: _Element) -> None:
        """Read the tree, without recursion: it may be deep."""
        from lxml import etree

        skipping: _Element | None = None
        line = 1
        for event, element in etree.iterwalk(root, events=("start", "end")):
            tag = element.tag if isinstance(element.tag, str) else ""
            if event == "start":
                if skipping is not None:
                    continue
                line = element.sourceline or line
                if tag in _LEFT_OUT:
                    skipping = element
                    continue
                self._start(element, tag)
                line = self._words(element.text, line)
            else:
                if skipping is None:
                    self._end(element, tag)
                elif skipping is element:
                    skipping = None
                if skipping is None:
                    line = self._words(element.tail, line)

    def _start(self, element: _Element, tag: str) -> None:
        name = element.get("id") or (element.get("name") if tag == "a" else None)
        if name:
            self.waiting.append(name)
        if element.get("hidden") is not None or _HIDDEN.search(element.get("style") or ""):
            if tag not in _INLINE:
                self._break(2)
            self.open_hidden.append((element, self.length + (self.breaks or self.space)))
        if tag in _BLOCKS or tag == "br":
            self._break(2 if tag in _PARAGRAPHS else 1)
        elif tag == "img":
            self._words(element.get("alt"), element.sourceline or 0)
        if tag in _BOLD and self.breaks:
            self.open_bold.append((element, self.length + self.breaks))
        if element.get("title") or (tag == "a" and element.get("href")):
            self.open_links.append((element, self.length))

    def _end(self, element: _Element, tag: str) -> None:
        if (start := _close(self.open_links, element)) is not None:
            start += next((i for i, letter in enumerate(self._since(start)) if not letter.isspace()), 0)
            note = _WHITE.sub(" ", element.get("title") or "").strip()
            self.links.append(Link(Span(start, self.length), (element.get("href") or "").strip(), note))
        if (start := _close(self.open_bold, element)) is not None and self.length > start:
            self.bold.append(Span(start, self.length))
        if (start := _close(self.open_hidden, element)) is not None:
            if self.length > start:
                self.hidden.append(Span(start, self.length))
            if tag not in _INLINE:
                self._break(2)
        if tag in _BLOCKS:
            self._break(2 if tag in _PARAGRAPHS else 1)

    def _since(self, start: int) -> str:
        """Return the text since an offset, from the last few parts."""
        recent: list[str] = []
        offset = self.length
        for part in reversed(self.parts):
            if offset <= start:
                break
            offset -= len(part)
            recent.append(part)
        return "".join(reversed(recent))[start - offset :]

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


def _close(opened: list[tuple[_Element, int]], element: _Element) -> int | None:
    """Remove an element from a list of open ones; return its offset, or None where it is not the innermost of them."""
    return opened.pop()[1] if opened and opened[-1][0] is element else None
