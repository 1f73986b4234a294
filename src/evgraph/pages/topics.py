"""The hot topics that a page lists below its entries: ``See also hot topics on A, B and C``.

A name may hold an "and" of its own. Names that are known, from links of the page, from other pages or from the scheme,
are found whole before the other words are split.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evgraph.pages.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evgraph.pages.page import Page

_TOPICS = re.compile(r"hot\s+topic(?P<several>s?)\s+on\s(?P<topics>[^.]+)", re.IGNORECASE | re.ASCII)
_SEPARATORS = re.compile(r"^(?:,| and\b| on\b|\s)+|(?:,|\band| on|\s)+$")  # Around a link.
_AND_ON = re.compile(r",? and on ")


def _is_unknown(_name: str) -> bool:
    return False


def name_topics(page: Page, is_known: Callable[[str], bool] = _is_unknown) -> None:
    """Set the topics of a page, and mark the lines whose topics can be split in two ways as not understood.

    Args:
        page: its trailer is read.
        is_known: whether a name is that of a topic.

    """
    page.topics.clear()
    for line in page.trailer:
        page.parts[line] = "trailer"
        for match in _TOPICS.finditer(page.source.folded, *line):
            start, end = match.span("topics")
            names: list[str] | None = []
            for link in [*page.source.links_in(Span(start, end)), None]:  # What links name is whole.
                before = page.source.repaired(Span(start, link.span.start if link else end))
                words = _SEPARATORS.sub("", before) if link or names else before
                if words:
                    split = split_topics(words, several=bool(match["several"]), is_known=is_known)
                    names = None if names is None or split is None else names + split
                if link:
                    names = None if names is None else [*names, page.source.repaired(link.span)]
                    start = link.span.end
            page.topics += names or []
            if names is None:
                page.parts[line] = None


def linked_topics(page: Page, line: Span) -> Iterator[str]:
    """Yield the names of hot topics that a line links to."""
    for match in _TOPICS.finditer(page.source.folded, *line):
        for link in page.source.links_in(Span(*match.span("topics"))):
            yield page.source.repaired(link.span)


def certain_topics(page: Page) -> Iterator[str]:
    """Yield the names that a page gives without doubt: of links, of one topic, or between commas without an "and"."""
    for line in page.trailer:
        yield from linked_topics(page, line)
        for match in _TOPICS.finditer(page.source.folded, *line):
            names = " ".join(match["topics"].split()).split(", ")
            is_single = not match["several"] and len(names) == 1 and not _AND_ON.search(names[0])
            yield from (name for name in names if is_single or " and " not in f" {name} ")


def split_topics(words: str, *, several: bool, is_known: Callable[[str], bool] = _is_unknown) -> list[str] | None:
    """Split ``A, B and C``, ``A and on B`` and ``A and B``, after "hot topics on", into names.

    Args:
        words: the words after "on".
        several: whether the words before say "topics", not "topic".
        is_known: whether a name is that of a topic.

    Returns:
        The names; None where the words can be split in two ways.

    """
    words = " ".join(words.split())
    if is_known(words):
        return [words]
    if _AND_ON.search(words):
        parts = [part for words in _AND_ON.split(words) for part in words.split(", on ") if part.strip()]
        return [name for part in parts for name in split_topics(part, several=False, is_known=is_known) or []]
    *first, last = words.split(", ")
    if last.startswith("and "):  # "A, B, and C": the rest is one name.
        return [*first, last.removeprefix("and ")]
    last_names = _join_known(last.split(" and "), is_known)
    if first:  # "A, B and C": only the last "and" separates names, unless the others are known.
        if len(last_names) > 2 and not all(map(is_known, last_names)):
            last_names = last.rsplit(" and ", 1)
        return [*first, *last_names]
    if len(last_names) < len(last.split(" and ")):  # A known name holds an "and".
        return last_names if len(last_names) < 3 or all(map(is_known, last_names[:-1])) else None
    ands = len(last_names) - 1 if several else 0
    return None if ands > 1 else last_names if ands else [last]


def _join_known(parts: list[str], is_known: Callable[[str], bool]) -> list[str]:
    """Join neighbours that make a known name together, the longest first."""
    names = []
    while parts:
        count = next((n for n in range(len(parts), 1, -1) if is_known(" and ".join(parts[:n]))), 1)
        names.append(" and ".join(parts[:count]))
        parts = parts[count:]
    return names
