"""What changed: a page for people, and feeds of everything, a matrix, a cell, a document or any other thing.

Where the operator has an earlier version of the graph, these are the changes since then; else the versions of pages
that were captured and the decisions of people, as far as the graph has their days.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode

from evgraph.export.concerning import concerning
from evgraph.export.describe import DATASET
from evgraph.export.diff import Change, changes
from evgraph.export.export import export
from evgraph.namespaces import ID, MATRICES, curie, expand
from evgraph.rdf.files import find, report_all_broken
from evgraph.render.atom import MEDIA_TYPE, Dated, atom
from evgraph.site import reader
from evgraph.site.addresses import href, iri_of, square_name
from evgraph.site.page import Crumb, Page
from evgraph.site.paging import address_with, part_of
from evgraph.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.site.page import Parameters, Site
    from evgraph.store.protocol import LookupStore

_MOST = 500  # Entries of a feed, the newest.
_NO_DAY = "1970-01-01"  # A feed must have one.
WORDS = {"reference": "link"}
"""Kind of thing that changed → what people call it."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class History(NamedTuple):
    """What happened, the newest first, and the versions of the graph that are compared, or the only one."""

    events: list[Dated]
    versions: tuple[LookupStore, ...]


class Line(NamedTuple):
    """A change for people; `before` and `after` are its values in words."""

    what: str  # What happened: ``reference settled``.
    label: str
    address: str
    cell: str
    before: str
    after: str


def history(site: Site) -> History:
    """Return what happened; computed once for a graph.

    Raises:
        UnreadableError: the earlier version is missing or not well-formed.

    """
    return site.store.recall("site history", lambda: _history(site))


def _history(site: Site) -> History:
    own = list(_dated(site))
    if not site.options.earlier:
        return History(_sorted(own), (site.store,))
    files = find([site.options.earlier])
    before = EmbeddedStore()
    with report_all_broken(files):
        before.extend(quad for file in files for quad in file.quads())
    last = max((event.day for event in own), default="")
    days = {event.change.iri: event.day for event in own if event.change.what == "reference"}
    found = changes(before.quads(), export(site.origin))
    events = [Dated(days.get(change.iri, last), _labelled(site, change)) for change in found]
    return History(_sorted(events), (before, site.store))


def _labelled(site: Site, change: Change) -> Change:
    """Return a change with a label that people know: of a reference, that of what refers; of a page, its cell's."""
    source = site.reader.value(change.iri, "evg:source")
    if change.what in {"page", "cell", "header"}:
        source = expand(change.cell) or ""
    return change._replace(label=site.reader.label(source)) if source else change


def _sorted(events: list[Dated]) -> list[Dated]:
    in_order = sorted(events, key=lambda event: (event.change.cell, event.change.what, event.change.iri))
    return sorted(in_order, key=lambda event: event.day, reverse=True)


def _dated(site: Site) -> Iterator[Dated]:
    """Yield the versions of pages and the decisions of people that have a day."""
    for quad in set(site.store.matches(None, reader.expand("dcterms:date"))):
        if not isinstance(quad.subject, NamedNode) or not isinstance(quad.object, Literal):
            continue
        iri, day = quad.subject.value, quad.object.value
        kind, _, rest = iri.removeprefix(ID).partition("/")
        cell = curie(f"{ID}cell/{rest.partition('/')[0]}")
        if not _DAY.fullmatch(day):
            continue
        if kind == "ref":
            targets = site.reader.values(iri, "evg:target") or site.reader.values(iri, "evg:resolution")
            change = Change("reference", "settled", cell, iri, curie(iri), (), tuple(map(curie, targets)))
        elif kind == "snapshot":
            change = Change("page", "captured", cell, iri, cell)
        else:
            continue
        yield Dated(day, _labelled(site, change))


def _about(site: Site, path: str) -> str | None:
    """Return the IRI of what a path names: ``alcohol``, ``cell/drug-E4``, ``doc/timko-2007``; None for nothing here."""
    iri = f"{ID}matrix/{path}" if path in MATRICES else iri_of(path)
    return iri if iri.startswith(ID) and site.reader.knows(iri) else None


def _events(site: Site, iri: str) -> list[Dated]:
    found = history(site)
    if not iri:
        return found.events
    near = {id(change) for change in concerning((event.change for event in found.events), iri, *found.versions)}
    return [event for event in found.events if id(event.change) in near]


def feed(site: Site, _parameters: Parameters, path: str = "") -> Page | None:
    """Write a feed: https://www.rfc-editor.org/rfc/rfc4287; None where the graph has nothing of that name."""
    iri = _about(site, path) if path else ""
    if iri is None:
        return None
    events = _events(site, iri)
    title = f"evgraph: what changed{f', {site.reader.label(iri)}' if iri else ''}"
    day = next((event.day for event in (*events, *history(site).events) if event.day), _NO_DAY)
    address = f"{href(f'{ID}feed/{path}') if path else '/feed'}.atom"
    text = "".join(atom(events[:_MOST], day, iri=iri or DATASET, title=title, address=address))
    return Page(text, media_type=MEDIA_TYPE)


def what_changed(site: Site, parameters: Parameters) -> Page | None:
    """List what changed, by day; ``?about=cell/drug-E4`` narrows it to a thing."""
    path = (parameters.get("about") or ("",))[-1].strip()
    iri = _about(site, path) if path else ""
    if iri is None:
        return None
    address = address_with("/changes", {"about": path})
    part = part_of(_events(site, iri), address, parameters).map(lambda event: (event.day, _line(site, event.change)))
    return site.page(
        "changes",
        title=f"What changed: {site.reader.label(iri)}" if iri else "What changed",
        address=address,
        trail=[Crumb(site.reader.label(iri), href(iri))] if iri else (),
        is_of_thing=bool(iri),
        part=part,
        is_compared=bool(site.options.earlier),
        feed=f"/feed/{path}.atom" if path else "/feed.atom",
    )


def _line(site: Site, change: Change) -> Line:
    cell = expand(change.cell) or ""
    return Line(
        f"{WORDS.get(change.what, change.what)} {_how(site, change.how)}",
        change.label,
        href(cell if change.what == "page" else change.iri),
        square_name(cell.removeprefix(f"{ID}cell/")) if cell else "",
        "; ".join(_named(site, text) for text in change.before),
        "; ".join(_named(site, text) for text in change.after),
    )


def _how(site: Site, how: str) -> str:
    """Return what happened, with a property in words: ``issued changed`` for ``dcterms:issued changed``."""
    name, _, rest = how.partition(" ")
    iri = expand(name) if ":" in name else None
    return f"{site.reader.property_name(iri)} {rest}" if iri else how


def _named(site: Site, text: str) -> str:
    """Return the label of a thing by its CURIE; any other text as it is."""
    iri = expand(text)
    return site.reader.label(iri) if iri and iri.startswith(ID) and site.reader.knows(iri) else text
