"""Changes between two versions of a graph as an Atom feed: https://www.rfc-editor.org/rfc/rfc4287."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr

from evgraph.render.rows import NOT_IN_XML

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.export.diff import Change

MEDIA_TYPE = "application/atom+xml"


class Dated(NamedTuple):
    """A change, and the day on which it happened; empty where that is not known."""

    day: str
    change: Change


def atom(
    changes: Iterable[Change | Dated],
    day: str,
    *,
    iri: str,
    title: str,
    address: str | None = None,
    author: str = "evgraph",
) -> Iterator[str]:
    """Write a feed with an entry per change; the same changes on the same day give the same bytes.

    Args:
        changes: in their order.
        day: on which the new version was published, ``2026-01-31``, and each change that has no day of its own.
        iri: of what the changes are about: the dataset, a matrix, a cell, a document.
        title: of the feed.
        address: at which the feed will be.
        author: who publishes the changes.

    """
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">\n'
    yield f"<id>{uuid5(NAMESPACE_URL, f'{iri}#changes').urn}</id>\n"
    yield f"<title>{_text(title)}</title>\n<updated>{day}T00:00:00Z</updated>\n"
    yield f"<author><name>{_text(author)}</name></author>\n"
    if address:
        yield f'<link rel="self" type="{MEDIA_TYPE}" href={_attribute(address)}/>\n'
    yield f'<link rel="related" href={_attribute(iri)}/>\n'
    for change in changes:
        yield from _entry(change.change, change.day or day) if isinstance(change, Dated) else _entry(change, day)
    yield "</feed>\n"


def _entry(change: Change, day: str) -> Iterator[str]:
    content = "\n".join((day, change.what, change.how, change.iri, *change.before, "", *change.after))
    values = " → ".join(filter(None, [", ".join(change.before), ", ".join(change.after)]))
    yield f"<entry>\n<id>{uuid5(NAMESPACE_URL, content).urn}</id>\n"
    yield f"<title>{_text(f'{change.what} {change.how}: {change.label}')}</title>\n"
    yield f"<updated>{day}T00:00:00Z</updated>\n"
    yield f'<link rel="alternate" href={_attribute(change.iri)}/>\n'
    yield f"<category term={_attribute(change.what)}/>\n"
    if change.cell:
        yield f"<category term={_attribute(change.cell)}/>\n"
    yield f"<summary>{_text(values or change.how)}</summary>\n</entry>\n"


def _text(text: str) -> str:
    return escape(re.sub(NOT_IN_XML, "\ufffd", text)).replace("\r", "&#13;")


def _attribute(text: str) -> str:
    return quoteattr(re.sub(NOT_IN_XML, "\ufffd", text))
