"""The links and forms of a page, for a site without a server: what nobody answers there is no link and no form."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape, unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, NamedTuple

from evgraph.site.citing import cited_by
from evgraph.site.page import fragment
from evgraph.site.routes import DOWNLOADS
from evgraph.site.static_addresses import (
    MOST_VALUES,
    Address,
    address_of_file,
    feed_of,
    is_asked,
    read_address,
    stem_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from evgraph.query.question import Question

# The pages are evgraph's own: no tag nests in itself, and the values of attributes are escaped.
_LINK = re.compile(r"<a\b([^>]*)>(.*?)</a>", re.DOTALL)
_HREF = re.compile(r'\bhref="([^"]*)"')
_RELATION = re.compile(r'<link rel="(?:alternate|canonical|describedby|prev|next)" [^>]*>\n?')
_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>\n?", re.DOTALL)
_PICTURE = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_ADDRESS = re.compile(r'\b((?:href|src|action|data-index)=")/(?!/)')


class _Link(NamedTuple):
    """A link on the site.

    Attributes:
        attributes: of its tag; None where it leads to nothing, and is its text.
        useless_on: the path of a page that the link would lead back to.
        address: of a page with parameters.

    """

    attributes: str | None
    useless_on: str | None = None
    address: Address | None = None


class Field(NamedTuple):
    """A field of a form: what it is called, and the texts and addresses of its values, the present one marked."""

    label: str
    links: list[tuple[str, str, bool]]
    total: int


class StaticLinks:
    """Rewrites the links of pages.

    Args:
        is_known: says whether the site has something at a path without its first slash, unescaped.
        questions: those that are answered, by name.
        prefix: the path at which the site is, without a slash at the end.

    """

    def __init__(self, is_known: Callable[[str], bool], questions: Mapping[str, Question], prefix: str) -> None:
        self._is_known, self._questions, self._prefix = is_known, questions, prefix
        self._read = lru_cache(maxsize=4096)(self._link)  # Most links of a page are those of other pages, too.

    def rewritten(self, html: str, here: Address) -> tuple[str, set[Address]]:
        """Return a page of the server for the site, and the addresses with parameters that it links to.

        A link to a page that the site does not have is its text; a form is a list of links.
        """
        found: set[Address] = set()

        def attributes(text: str) -> str | None:
            link = self._read(text)
            if link.address is not None:
                found.add(link.address)
            return None if link.useless_on == here.path else link.attributes

        def link(match: re.Match[str]) -> str:
            text = attributes(match[1])
            return match[2] if text is None else match[0] if text == match[1] else f"<a{text}>{match[2]}</a>"

        html = _FORM.sub(lambda match: self._choices(match, here), html)
        html = _RELATION.sub(lambda match: attributes(match[0]) or "", _LINK.sub(link, html))
        return self.prefixed(html), found

    def prefixed(self, html: str) -> str:
        """Return a page with the path of the site before its addresses."""
        return _ADDRESS.sub(rf"\1{self._prefix}/", html) if self._prefix else html

    def _link(self, attributes: str) -> _Link:
        """Return a link of the server as it is on the site."""
        href = _HREF.search(attributes)
        if href is None or not href[1].startswith("/") or href[1].startswith(("//", "/static/")):
            return _Link(attributes)
        old = unescape(href[1])
        new, useless_on, address = self._led_to(old)
        if new is not None and new != old:
            attributes = attributes.replace(href[0], f'href="{escape(new)}"', 1)
        return _Link(None if new is None else attributes, useless_on, address)

    def _led_to(self, href: str) -> tuple[str | None, str | None, Address | None]:
        """Return where a link leads, the path of a page that the link is useless on, and the page with parameters."""
        rest, hash_sign, fragment_of_page = href.partition("#")
        path, _, query = rest.partition("?")
        address = read_address(path, query)
        if (cited := cited_by(address.path)) and not address.pairs and self._is_known(cited):
            return href, None, None  # It is written with the page.
        if feed := feed_of(address.path):
            is_there = feed == "feed" or self._is_known(feed)
            return (href, None, address) if is_there else (None, None, None)
        if not self._is_known(address.path):
            return None, None, None
        if path == "/search" or not address.pairs:  # A script reads the parameters of a search.
            return href, None, None
        stem = stem_of(address, self._questions)
        if stem is None:
            new = None if address.path in DOWNLOADS else path + hash_sign + fragment_of_page
            return new, address.path, None
        return address_of_file(stem) + hash_sign + fragment_of_page, None, address

    def _choices(self, form: re.Match[str], here: Address) -> str:
        """Return the values of a form as links to the pages that it would lead to."""
        if 'role="search"' in form[1] or "data-index=" in form[1]:
            return form[0]
        reader = _Fields()
        reader.feed(form[2])
        fields = []
        for name, values in reader.values.items():
            addresses = [(text, Address(here.path, ((name, value),))) for value, text in values if value]
            if addresses and stem_of(addresses[0][1], self._questions) is not None:
                links = [
                    (text, f"/{here.path}?{_query(address)}", address.pairs == here.pairs)
                    for text, address in addresses[:MOST_VALUES]
                ]
                fields.append(Field(reader.label(name), links if len(addresses) <= MOST_VALUES else [], len(addresses)))
        question = self._questions.get(here.path.removeprefix("questions/"))
        is_open = question is not None and not fields and not is_asked(question, set())
        return fragment("choices", fields=fields, pictures=_PICTURE.findall(form[2]), is_open=is_open)


def _query(address: Address) -> str:
    from urllib.parse import urlencode

    return urlencode(address.pairs)


class _Fields(HTMLParser):
    """Reads the fields of a form with their values: those of lists, of boxes, and those that a field suggests."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[tuple[str, str]]] = {}
        self._labels: dict[str, str] = {}  # Name, or id, of a field → its label.
        self._ids: dict[str, str] = {}  # Name → id.
        self._suggested: dict[str, str] = {}  # The id of a list of suggestions → name of the field.
        self._name = self._legend = self._text = ""
        self._value: str | None = None
        self._label_for = ""

    def label(self, name: str) -> str:
        """Return what a field is called."""
        label = self._labels.get(self._ids.get(name, name)) or self._labels.get(name) or name
        return label.removesuffix("(optional)").strip()

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        """Note a field or one of its values."""
        attributes = {name: value or "" for name, value in pairs}
        if tag == "select":
            self._begin(attributes)
            self._labels.setdefault(self._name, self._text.strip())
        elif tag == "datalist":
            self._name = self._suggested.get(attributes.get("id", ""), "")
        elif tag == "input" and attributes.get("type") in {"checkbox", "radio"}:
            self._name, self._value, self._text = attributes.get("name", ""), attributes.get("value", ""), ""
            self._labels[self._name] = self._legend
        elif tag == "input" and "list" in attributes:
            self._begin(attributes)
            self._suggested[attributes["list"]] = self._name
        elif tag == "option":
            self._value, self._text = attributes.get("value", ""), ""
        elif tag in {"label", "legend"}:
            self._text, self._label_for = "", attributes.get("for", "")

    def _begin(self, attributes: dict[str, str]) -> None:
        self._name = attributes.get("name", "")
        self._ids[self._name] = attributes.get("id", self._name)

    def handle_data(self, data: str) -> None:
        """Collect the text of a label or a value."""
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        """Keep what was collected."""
        text = " ".join(self._text.split())
        if tag == "legend":
            self._legend = text
        elif tag in {"option", "label"} and self._value is not None:
            if self._name:
                self.values.setdefault(self._name, []).append((self._value, text or self._value))
            self._value = None
        elif tag == "label" and self._label_for:
            self._labels[self._label_for] = text
