"""The page that finds things by words, and narrows what it found by kind, cell and time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from evgraph.errors import UsageError
from evgraph.namespaces import ID, MATRICES, cell_name, curie
from evgraph.query.search import Hit, corrected_words, search
from evgraph.site.addresses import href
from evgraph.site.addresses import square_name as square
from evgraph.site.page import STATIC, Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from evgraph.site.page import Parameters, Site

_MOST = 1_000  # Hits that are counted by kind, cell and time.
_PAGE = 20
_SCRIPT = "search.js"  # Built from the folder "editor" of the source, for sites without a server.
_FACETS = ("kind", "cell", "years")


@dataclass(frozen=True, slots=True)
class Choice:
    """A way to narrow the hits, or to take that back."""

    name: str
    count: int
    address: str
    is_chosen: bool


class Found(NamedTuple):
    """A hit as the page shows it: `cells` are names with addresses."""

    label: str
    address: str
    kind: str
    cells: tuple[tuple[str, str], ...]
    year: int | None
    text: str


def find(site: Site, chosen: Parameters) -> Page:
    """Show the things that have some words; the name of a cell leads to its page."""
    text = " ".join(chosen.get("text", ())).strip()
    cell = cell_name(text)
    if cell and cell[0]:
        return Page("", (("Location", f"/cell/{cell[0]}-{cell[1]}"),), 303)
    filters = {name: chosen[name][0] for name in _FACETS if name in chosen}
    first = int(chosen["offset"][0]) if "offset" in chosen and chosen["offset"][0].isdecimal() else 0
    hits: list[Hit] = []
    notes: list[str] = []
    problem = corrected = ""
    if text:
        try:
            hits, notes = search(site.store, text, limit=_MOST)
            corrected = "" if hits else corrected_words(site.store, text)
            if corrected:
                hits, _ = search(site.store, corrected, limit=_MOST)
        except UsageError as error:
            problem = error.message
    kept = _narrowed(hits, filters)

    def address(**changes: str | int) -> str:
        pairs = {"text": text, **filters, **changes}
        return f"/search?{urlencode({key: value for key, value in pairs.items() if value})}"

    page = site.page(
        "search",
        title=f"Search: {text}" if text else "Search",
        address=address(),
        text=text,
        cells=[(square(iri), href(iri)) for iri in _cells(cell[1])] if cell else [],
        problem=problem,
        corrected=corrected,
        notes=notes,
        count=len(kept),
        is_cut=len(hits) == _MOST,
        found=[_shown(site, hit) for hit in kept[first : first + _PAGE]],
        first=first,
        page_size=_PAGE,
        facets={name: _choices(name, hits, filters, address) for name in _FACETS},
        filters=filters,
        address_of=address,
        search_script=_SCRIPT if (STATIC / _SCRIPT).exists() else None,
    )
    return page._replace(status=400) if problem else page


def _cells(name: str) -> list[str]:
    return [f"{ID}cell/{matrix}-{name}" for matrix in MATRICES]


def _values(hit: Hit, facet: str) -> tuple[str, ...]:
    if facet == "kind":
        return (hit.kind,)
    if facet == "cell":
        return hit.cells
    return (f"{hit.year // 10 * 10}s",) if hit.year else ()


def _narrowed(hits: list[Hit], filters: dict[str, str]) -> list[Hit]:
    return [hit for hit in hits if all(value in _values(hit, facet) for facet, value in filters.items())]


def _choices(facet: str, hits: list[Hit], filters: dict[str, str], address: Callable[..., str]) -> list[Choice]:
    """Return the values of a facet with the number of hits that each would leave."""
    others = {name: value for name, value in filters.items() if name != facet}
    counts = Counter(value for hit in _narrowed(hits, others) for value in _values(hit, facet))
    chosen = filters.get(facet)
    return [
        Choice(value, count, address(**{facet: "" if value == chosen else value}), value == chosen)
        for value, count in sorted(counts.items())
    ]


def _shown(site: Site, hit: Hit) -> Found:
    role = "" if hit.label else site.reader.value(hit.thing, "evg:sectionRole")
    cells = [f"{ID}cell/{name.replace(':', '-')}" for name in hit.cells]
    return Found(
        hit.label or (site.reader.label(role) if role else curie(hit.thing)),
        href(hit.thing),
        hit.kind,
        tuple((square(cell), href(cell)) for cell in cells),
        hit.year,
        hit.text if hit.text != hit.label else "",
    )
