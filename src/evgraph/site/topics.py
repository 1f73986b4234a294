"""Hot topics: all of them, and each with its cells, their documents and years."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evgraph.namespaces import ID, scheme
from evgraph.site.addresses import square_name
from evgraph.site.heads import thing_head
from evgraph.site.home import lines, page_number
from evgraph.site.listing import all_items, notation, pages_of
from evgraph.site.page import Crumb
from evgraph.site.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evgraph.site.listing import Item
    from evgraph.site.page import Page, Parameters, Site

_PER_PAGE, _MOST_CELLS = 50, 50
_CELL = f"{ID}cell/"
_WEB = ("https://", "http://")
_ELSEWHERE = ("rdfs:seeAlso", "schema:url", "skos:exactMatch", "skos:closeMatch", "dcterms:source")
"""Properties of a topic whose values are pages about it, such as the bank's own."""


class Topic(NamedTuple):
    """A hot topic.

    Attributes:
        iri: of the concept.
        name: its label.
        cells: the first of those whose pages link to it: ``drug-E4`` → ``Drug E4``.
        more: how many others there are.
        documents: how many these list.
        years: from and to which, as ``1981 to 2019``; empty where none is known.
        elsewhere: pages about it outside the graph.

    """

    iri: str
    name: str
    cells: dict[str, str]
    more: int
    documents: int
    years: str
    elsewhere: list[str]


def topics(site: Site, parameters: Parameters) -> Page:
    """List every topic, the linked ones first."""
    concepts = site.reader.subjects("skos:inScheme", scheme("topic", "").rstrip("/"))
    by_topic: dict[str, list[Item]] = {}
    for item in all_items(site.store):
        for name in item.topics:
            by_topic.setdefault(name, []).append(item)
    found = [_topic(site, iri, by_topic.get(notation(iri, "topic"), [])) for iri in concepts]
    found.sort(key=lambda topic: (-len(topic.cells) - topic.more, topic.name.casefold(), topic.iri))
    number, count = page_number(parameters, len(found), _PER_PAGE)
    return site.page(
        "topics",
        title="Hot topics",
        behind="hot-topics",
        address="/topics",
        topics=found[(number - 1) * _PER_PAGE : number * _PER_PAGE],
        selection=Selection(),
        number=number,
        count=count,
    )


def topic(site: Site, parameters: Parameters, name: str) -> Page | None:
    """Show a topic; None where there is none of this notation."""
    reader, iri = site.reader, scheme("topic", name)
    if not reader.knows(iri):
        return None
    items = [item for item in all_items(site.store) if name in item.topics]
    number, count = page_number(parameters, len(items), _PER_PAGE)
    return site.page(
        "topic",
        title=reader.label(iri),
        address=f"/scheme/topic/{name}",
        trail=[Crumb("Hot topics", "/topics")],
        formats=(".ttl", ".jsonld"),
        thing=iri,
        iri=iri,
        **thing_head(site, iri, "DefinedTerm"),
        topic=_topic(site, iri, items),
        other_names=[label for label in reader.values(iri, "skos:altLabel") if label != reader.label(iri)],
        definition=reader.value(iri, "skos:definition"),
        lines=lines(site, items[(number - 1) * _PER_PAGE : number * _PER_PAGE]),
        selection=Selection((("topic", name),)),
        number=number,
        count=count,
    )


def _topic(site: Site, iri: str, items: Iterable[Item]) -> Topic:
    reader = site.reader
    items = list(items)
    cells = {cell.removeprefix(_CELL) for cell in reader.subjects("dcterms:subject", iri) if cell.startswith(_CELL)}
    known = pages_of(site.store).keys() | {item.cell for item in items}
    linking = sorted(cells & known)
    years = sorted({year for item in items for year in item.years})
    span = "" if not years else str(years[0]) if years[0] == years[-1] else f"{years[0]} to {years[-1]}"
    return Topic(
        iri,
        reader.label(iri),
        {cell: square_name(cell) for cell in linking[:_MOST_CELLS]},
        max(0, len(linking) - _MOST_CELLS),
        len({document for item in items for document in item.documents}),
        span,
        sorted({url for name in _ELSEWHERE for url in reader.values(iri, name) if url.startswith(_WEB)}),
    )
