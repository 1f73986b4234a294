"""Where the pages of a site without a server are: such a site cannot read the parameters of an address.

A page at `/questions/cell-contents?cell=drug:E4` is at `/questions/cell-contents/cell=drug:E4` there. Not every choice
of parameters gets a page: those of a question that needs one value, the pages of a long list, and lists narrowed by one
property.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, quote, unquote

from evgraph.formats import FORMATS, ROW_FORMATS
from evgraph.namespaces import MATRICES
from evgraph.site.addresses import SAFE
from evgraph.site.routes import DOWNLOADS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evgraph.query.question import Question

MOST_VALUES = 100
"""A question with a list of more values than this, or a list narrowed by one, has no pages for them."""

_LISTS = re.compile(r"|matrix/[^/]+|documents|guidance|organisations|topics|selection\.(csv|ttl)")
_FACETS = frozenset({"marker", "kind", "country", "topic", "cell", "publisher", "matrix"})
_PAGED = frozenset({"page", "list", "offset"})
_PLAIN = re.compile(r"[\w.:-]{1,80}", re.ASCII)
_ROWS = {"csv": ".csv", "spreadsheet": ".spreadsheet.csv", "tsv": ".tsv", "json": ".json"}
_TRIPLES = {"turtle": ".ttl", "jsonld": ".jsonld"}
SUFFIXES = _ROWS | _TRIPLES
"""The formats of answers that are written as files → their suffixes."""
_LONGEST = 255  # Bytes of a name, of most file systems.
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\\]")


class Address(NamedTuple):
    """The address of a page on the server: its path without the first slash, and its parameters."""

    path: str
    pairs: tuple[tuple[str, str], ...] = ()

    @property
    def parameters(self) -> dict[str, tuple[str, ...]]:
        """The parameters as views take them."""
        found: dict[str, tuple[str, ...]] = {}
        for name, text in self.pairs:
            found[name] = (*found.get(name, ()), text)
        return found

    def without(self, name: str) -> Address:
        """Return the address without a parameter."""
        return Address(self.path, tuple(pair for pair in self.pairs if pair[0] != name))


def read_address(path: str, query: str) -> Address:
    """Return the address that a link with parameters leads to; empty parameters are left out."""
    return Address(unquote(path.removeprefix("/")), tuple(sorted(parse_qsl(query))))


def stem_of(address: Address, questions: Mapping[str, Question]) -> str | None:
    """Return the path at which the site has a page, without a first slash; None where it has no such page.

    Args:
        address: of the page on the server.
        questions: those that are answered over HTTP, by name.

    """
    path, names = address.path, [name for name, _ in address.pairs]
    if not names:
        return path
    if len({*names}) < len(names):
        return None
    suffix, pairs = "", dict(address.pairs)
    if path.startswith("questions/"):
        question = questions.get(path.removeprefix("questions/"))
        if question is None or not is_asked(question, {*names} - _PAGED - {"format"}):
            return None
        if "format" in names:
            suffix = SUFFIXES.get(pairs.pop("format"), "")
            if not suffix:
                return None
    else:
        facets = {*names} - _PAGED
        most = 2 if "matrix" in facets else 1
        if facets and (len(facets) > most or not facets <= _FACETS or not _LISTS.fullmatch(path)):
            return None
        if path in DOWNLOADS:
            if path.endswith(".ttl"):  # They would take longer than all pages.
                return None
            path, _, suffix = path.partition(".")
            suffix = f".{suffix}"
    steps = [f"{name}={text if _PLAIN.fullmatch(text) else _digest(text)}" for name, text in pairs.items()]
    return "/".join(filter(None, (path, ",".join(steps)))) + suffix


def is_asked(question: Question, names: set[str]) -> bool:
    """Return whether the site has the answer to a question with values for some parameters: those that it needs."""
    needed = {parameter.name for parameter in question.parameters.values() if parameter.required}
    return names == needed and len(needed) < 2 and not question.one_of


def feed_of(path: str) -> str:
    """Return the path of what a file is the feed of, ``feed`` for everything; empty where it is no feed."""
    if not path.endswith(".atom") or not path.startswith("feed"):
        return ""
    about = path.removesuffix(".atom").removeprefix("feed/")
    return f"matrix/{about}" if about in MATRICES else about


def file_of(path: str, suffix: str = ".html") -> str | None:
    """Return the name of a file of the site; None where no file can have it.

    A host looks for a file by the path of the address, unescaped.
    """
    name = f"{unquote(path)}{suffix}" if path else f"index{suffix}"
    steps = name.split("/")
    if _UNWRITABLE.search(name) or any(step in {"", ".", ".."} or len(step.encode()) > _LONGEST for step in steps):
        return None
    return name if unquote(path).count("/") == path.count("/") else None


def address_of_file(stem: str) -> str:
    """Return the path of the page in a file, with its first slash; see `file_of`."""
    return f"/{quote(stem, safe=SAFE.replace('%', ''))}"


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=6).hexdigest()


RDF_SUFFIXES = {kind.suffixes[0]: kind for kind in FORMATS.values()}
"""Suffix → format of the files about a resource."""
ROW_KINDS = {name: ROW_FORMATS[name] for name in _ROWS}
"""Name → format of rows."""
