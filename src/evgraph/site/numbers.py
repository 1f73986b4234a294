"""What is beside the map: five numbers, each with the question that has its rows, and what is new."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode

from evgraph.namespaces import EVG, ID
from evgraph.query import runner
from evgraph.query.catalogue import Catalogue
from evgraph.site.addresses import square_name
from evgraph.site.changes import WORDS, history
from evgraph.site.listing import all_items, notation, pages_of
from evgraph.site.reader import expand
from evgraph.store.protocol import Rows
from evgraph.terms import value_of
from evgraph.text import plural

if TYPE_CHECKING:
    from evgraph.site.page import Site

_NEWEST = 3
_PLURALS = {"entry": "entries", "commentary": "commentaries", "analysis": "analyses"}
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
    """What is new: changes since the earlier version, or versions and decisions by date; and the newest documents."""

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
            len(_values(site, "guidance-citing-trials", "guidance")),
            "guidance documents that cite trials",
            "/questions/guidance-citing-trials",
        ),
        Number(
            len(unsettled(site)),
            "links whose target is not clear",
            "/questions/unsettled-references",
        ),
    ]


def unsettled(site: Site) -> list[str]:
    """Return the references that a person should settle; computed once for a graph."""
    return site.store.recall("unsettled references", lambda: _values(site, "unsettled-references", "reference"))


def _values(site: Site, name: str, column: str) -> list[str]:
    """Return the different values in a column of a question's rows, in their order."""
    answer, _ = runner.ask(site.store, Catalogue()[name], {}, None)
    if not isinstance(answer, Rows):
        raise TypeError(name)
    place = list(answer.columns).index(column)
    return list(dict.fromkeys(value_of(row[place]) for row in answer.rows))


def whats_new(site: Site) -> News:
    """Return what is new; computed once for a graph."""
    return site.store.recall("site news", lambda: _news(site))


def _news(site: Site) -> News:
    newest = sorted(
        {(year, document) for item in all_items(site.store) for year in item.years for document in item.documents}
    )
    documents = [(document, site.reader.label(document), year) for year, document in reversed(newest[-_NEWEST:])]
    return News((_changed(site) if site.options.earlier else _dated(site))[:_NEWEST], documents)


def _changed(site: Site) -> list[tuple[str, str, str]]:
    """Return what changed since the earlier version, the most frequent change first."""
    changes = [event.change for event in history(site).events]
    counts = Counter(
        (WORDS.get(change.what, change.what), "changed" if ":" in change.how else change.how) for change in changes
    )
    found = []
    for (what, how), count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        found.append(("", f"{plural(count, what, _PLURALS.get(what, ''))} {how} since the earlier version", "/changes"))
    return found


def _dated(site: Site) -> list[tuple[str, str, str]]:
    """Return the versions of pages and the decisions of people that have a day, the newest first."""
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
    return sorted([*events, *settled], reverse=True)
