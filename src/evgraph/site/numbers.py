"""What is beside the map: five numbers, each with the question that has its rows, and what is new."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode

from evgraph.namespaces import EVG, ID
from evgraph.query import runner
from evgraph.query.catalogue import Catalogue
from evgraph.site.listing import all_items, notation, pages_of, square_name
from evgraph.site.reader import expand
from evgraph.store.protocol import Rows
from evgraph.terms import value_of
from evgraph.text import plural

if TYPE_CHECKING:
    from evgraph.site.page import Site

_NEWEST = 3
_KINDS = {
    "cell": "to other cells",
    "commentary": "to the commentary",
    "corresponding": "between corresponding studies",
    "implementation": "to guidance put into practice",
    "inline": "in a sentence",
    "position": "above or below",
    "related": "to related documents",
    "search": "to a search",
    "see-also": "“see also”",
}
"""Notation of a kind of reference → words for it after a number of links."""


class Number(NamedTuple):
    """A number, what it counts, where its rows are, and more about it."""

    value: int
    name: str
    address: str
    detail: str = ""


class News(NamedTuple):
    """What is new: versions of pages and decisions by date, the newest first, and the newest documents with years."""

    events: list[tuple[str, str, str]]  # Date, what happened, address.
    documents: list[tuple[str, str, int]]  # IRI, label, year.


def numbers(site: Site) -> list[Number]:
    """Return the five numbers; computed once for a graph."""
    return site.store.recall("site numbers", lambda: _numbers(site))


def _numbers(site: Site) -> list[Number]:
    documents = {quad.subject for quad in site.store.matches(None, expand("rdf:type"), NamedNode(f"{EVG}Document"))}
    kinds = Counter(
        notation(quad.object.value, "reference-kind")
        for quad in set(site.store.matches(None, expand("evg:referenceKind")))
        if isinstance(quad.object, NamedNode)
    )
    by_kind = ", ".join(
        f"{count} {_KINDS.get(kind, kind)}"
        for kind, count in sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))
    )
    cells = len(pages_of(site.store))
    return [
        Number(len(documents), "documents", "/questions/timeline"),
        Number(len(all_items(site.store)), "entries", "/questions/cell-coverage", f"in {plural(cells, 'cell')}"),
        Number(sum(kinds.values()), "links", "/questions/most-connected", by_kind),
        Number(
            _distinct(site, "guidance-citing-trials", "guidance"),
            "guidance documents that cite trials",
            "/questions/guidance-citing-trials",
        ),
        Number(
            _distinct(site, "unsettled-references", "reference"),
            "links whose target is not clear",
            "/questions/unsettled-references",
        ),
    ]


def _distinct(site: Site, name: str, column: str) -> int:
    """Count the different values in a column of a question's rows."""
    answer, _ = runner.ask(site.store, Catalogue()[name], {}, None)
    if not isinstance(answer, Rows):
        raise TypeError(name)
    place = list(answer.columns).index(column)
    return len({value_of(row[place]) for row in answer.rows})


def whats_new(site: Site) -> News:
    """Return what is new; computed once for a graph."""
    return site.store.recall("site news", lambda: _news(site))


def _news(site: Site) -> News:
    decided: Counter[str] = Counter()
    events = []
    for quad in set(site.store.matches(None, expand("dcterms:date"))):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
            iri, date = quad.subject.value, quad.object.value
            if iri.startswith(f"{ID}ref/"):
                decided[date] += 1
            elif iri.startswith(f"{ID}snapshot/"):
                cell = iri.removeprefix(f"{ID}snapshot/").rpartition("/")[0]
                events.append((date, f"A version of the page of {square_name(cell)} was read", f"/cell/{cell}"))
    settled = [
        (date, f"{plural(count, 'unclear link')} decided by people", "/links") for date, count in decided.items()
    ]
    newest = sorted({(year, one) for item in all_items(site.store) for year in item.years for one in item.documents})
    documents = [(one, site.reader.label(one), year) for year, one in reversed(newest[-_NEWEST:])]
    return News(sorted([*events, *settled], reverse=True)[:_NEWEST], documents)
