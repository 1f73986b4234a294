"""All documents of a graph with what they are chosen by, and choices among them with the number that each leaves."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from evgraph.namespaces import ID, scheme
from evgraph.site.addresses import square_name
from evgraph.site.document_links import KINDS
from evgraph.site.listing import instances, table
from evgraph.site.paging import address_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from evgraph.site.page import Parameters, Site


class Item(NamedTuple):
    """A document of the shelf; `values` is facet → what it may be chosen by."""

    iri: str
    label: str
    year: int  # 0 where it is not known.
    kinds: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]


class Choice(NamedTuple):
    """A value of a facet, and the number of documents that it would leave."""

    value: str
    name: str
    documents: int
    is_chosen: bool


class Facet(NamedTuple):
    """What documents are chosen by."""

    name: str
    label: str
    choices: tuple[Choice, ...]


class Chosen(NamedTuple):
    """A choice that is made, in words, and the address without it."""

    text: str
    address: str


class Shelf(NamedTuple):
    """The documents that are left of a choice."""

    items: list[Item]
    facets: tuple[Facet, ...]
    chosen: tuple[Chosen, ...]
    years: tuple[str, str]
    sort: str
    address: str
    total: int


FACETS = {"kind": "Kind", "cell": "Cell", "country": "Country", "publisher": "Publisher"}
SORTS: dict[str, Callable[[Item], tuple[object, ...]]] = {
    "newest": lambda item: (-item.year, item.label.casefold(), item.iri),
    "oldest": lambda item: (item.year or 9999, item.label.casefold(), item.iri),
    "name": lambda item: (item.label.casefold(), item.iri),
}
"""Order of a list → the key that sorts by it; documents without a year come last."""


def shelf(site: Site, parameters: Parameters, path: str, facets: Sequence[str], kind: str = "") -> Shelf:
    """Return the documents that the parameters of a request choose.

    Args:
        site: what is read.
        parameters: ``kind``, ``cell``, ``country``, ``publisher``, ``from`` and ``to`` (years), ``sort``.
        path: of the page.
        facets: those of the page.
        kind: the only kind on the page; empty for all.

    """
    wanted = {name: (parameters.get(name) or ("",))[0] for name in (*facets, "from", "to", "sort")}
    wanted["sort"] = wanted["sort"] if wanted["sort"] in SORTS else ""
    wanted["from"], wanted["to"] = (_year(wanted[name]) for name in ("from", "to"))
    everything = [item for item in all_documents(site) if not kind or kind in item.kinds]
    first, last = int(wanted["from"] or 0), int(wanted["to"] or 9999)
    in_time = [item for item in everything if not (wanted["from"] or wanted["to"]) or first <= item.year <= last]
    active = [name for name in facets if wanted[name]]
    items: list[Item] = []
    nearly: dict[str, list[Item]] = {name: [] for name in active}  # What fits all facets but one.
    for item in in_time:
        failing = [name for name in active if wanted[name] not in item.values[name]]
        if not failing:
            items.append(item)
        elif len(failing) == 1:
            nearly[failing[0]].append(item)
    if wanted["sort"] not in {"", "newest"}:
        items.sort(key=SORTS[wanted["sort"]])
    found = []
    for name in facets:
        counts = Counter(chain.from_iterable(item.values[name] for item in (*items, *nearly.get(name, ()))))
        if wanted[name]:
            counts.setdefault(wanted[name], 0)
        choices = [
            Choice(value, _name(site, name, value), count, value == wanted[name]) for value, count in counts.items()
        ]
        found.append(
            Facet(name, FACETS[name], tuple(sorted(choices, key=lambda choice: (choice.name.casefold(), choice.value))))
        )
    return Shelf(
        items, tuple(found), tuple(_chosen(site, wanted, path, facets)), (wanted["from"], wanted["to"]),
        wanted["sort"] or "newest", address_with(path, wanted), len(everything),
    )  # fmt: skip


def _chosen(site: Site, wanted: Mapping[str, str], path: str, facets: Sequence[str]) -> list[Chosen]:
    found = [
        Chosen(f"{FACETS[name]}: {_name(site, name, wanted[name])}", address_with(path, {**wanted, name: ""}))
        for name in facets
        if wanted[name]
    ]
    if wanted["from"] or wanted["to"]:
        years = f"{wanted['from'] or 'the first year'} to {wanted['to'] or 'the last'}"
        text = f"Year: {wanted['from']}" if wanted["from"] == wanted["to"] else f"Years: {years}"
        found.append(Chosen(text, address_with(path, {**wanted, "from": "", "to": ""})))
    return found


def _year(text: str) -> str:
    return text if text.isdecimal() and len(text) <= 4 else ""


def _name(site: Site, facet: str, value: str) -> str:
    if facet == "cell":
        return square_name(value)
    if facet == "country":
        return site.reader.label(scheme("country", value))
    return site.reader.label(f"{ID}org/{value}") if facet == "publisher" else value


def all_documents(site: Site) -> list[Item]:
    """Return every document that no other one replaces, the newest first; computed once for a graph."""
    return site.store.recall("site shelf", lambda: _read(site))


def _read(site: Site) -> list[Item]:
    """Read the documents in one pass over the graph for each property."""
    store = site.store
    classes = {name: instances(store, name) for name in KINDS}
    years, labels = table(store, "dcterms:issued"), table(store, "rdfs:label")
    cells, publishers = table(store, "evg:inCell"), table(store, "dcterms:publisher")
    designs, settings = table(store, "evg:studyDesign"), table(store, "evg:setting")
    countries = [table(store, "evg:studyCountry"), table(store, "evg:forCountry")]
    broader = table(store, "skos:broader")
    listed: dict[str, set[str]] = {}
    for entry, documents in table(store, "evg:lists").items():
        for document in documents:
            listed.setdefault(document, set()).update(cells.get(entry, ()))
    found = []
    for iri in instances(store, "Document") - set(table(store, "dcterms:isReplacedBy")):
        kinds = [name for name in KINDS if iri in classes[name]]
        places = {place for known in countries for place in known.get(iri, ())}
        places |= {wider for place in places for wider in broader.get(place, ())}
        values = {
            "kind": tuple(kinds),
            "cell": _names(listed.get(iri, ()), f"{ID}cell/"),
            "country": _names(places, scheme("country", "")),
            "publisher": _names(publishers.get(iri, ()), f"{ID}org/"),
            "study-design": _names(designs.get(iri, ()), scheme("study-design", "")),
            "setting": _names(settings.get(iri, ()), scheme("setting", "")),
        }
        digits = [text for text in years.get(iri, ()) if text.isdecimal() and len(text) == 4]
        shown = tuple(name for name in kinds if name != "Study" or "Trial" not in kinds)
        own = labels.get(iri, ())
        label = own[0] if len(own) == 1 else site.reader.label(iri)
        found.append(Item(iri, label, int(min(digits, default="0")), shown, values))
    return sorted(found, key=SORTS["newest"])


def _names(iris: Iterable[str], namespace: str) -> tuple[str, ...]:
    return tuple(sorted(iri.removeprefix(namespace) for iri in iris if iri.startswith(namespace)))
