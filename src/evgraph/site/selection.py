"""What a reader chooses entries by, as the address of a page has it: ``?marker=K&from=2005&to=2012&country=GB``."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from evgraph.errors import UsageError
from evgraph.namespaces import scheme
from evgraph.site.listing import KINDS, MARKERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evgraph.site.listing import Item
    from evgraph.site.page import Parameters
    from evgraph.site.reader import Reader

FACETS = {"marker": "Marker", "kind": "Kind", "country": "Country", "topic": "Hot topic"}
"""Name in the address → name on the page, of what an entry has one or several values of."""
_LAST = 9999


class Choice(NamedTuple):
    """A value that can be chosen: so many entries would be left."""

    value: str
    name: str
    left: int
    is_chosen: bool


class Chip(NamedTuple):
    """What was chosen, and the parameters of the address without it."""

    name: str
    without: str


class Selection(NamedTuple):
    """Values chosen, by facet; within a facet any of them will do.

    Attributes:
        values: facet and value, in the order of `FACETS`, those of a facet sorted.
        first: the first year, or None.
        last: the last year, or None.

    """

    values: tuple[tuple[str, str], ...] = ()
    first: int | None = None
    last: int | None = None

    def of(self, items: Iterable[Item], but: str = "") -> list[Item]:
        """Return the entries that are chosen; a facet, or ``year``, may be left out."""
        wanted = {facet: set(self.chosen(facet)) for facet, _ in self.values if facet != but}
        found = list(items)
        for facet, values in wanted.items():
            found = [item for item in found if not values.isdisjoint(_values(item, facet))]
        if but == "year" or (self.first is None and self.last is None):
            return found
        first, last = self.first or 0, self.last if self.last is not None else _LAST
        return [item for item in found if any(first <= year <= last for year in item.years)]

    def chosen(self, facet: str) -> list[str]:
        """Return the values of a facet that are chosen."""
        return [value for name, value in self.values if name == facet]

    def toggled(self, facet: str, value: str) -> Selection:
        """Return the selection with a value of a facet, or without it where it was chosen."""
        return self._replace(values=_ordered(set(self.values) ^ {(facet, value)}))

    @property
    def query(self) -> str:
        """The parameters of an address: ``marker=K&from=2005``."""
        years = [(name, str(year)) for name, year in (("from", self.first), ("to", self.last)) if year is not None]
        return urlencode([*self.values, *years])

    def address(self, path: str, **more: object) -> str:
        """Return the address of a page with this selection and other parameters."""
        query = "&".join(filter(None, (self.query, urlencode({name: value for name, value in more.items() if value}))))
        return f"{path}?{query}" if query else path

    def chips(self, reader: Reader, path: str) -> list[Chip]:
        """Return one chip for each thing that is chosen."""
        chips = [
            Chip(f"{FACETS[facet]}: {name_of(reader, facet, value)}", self.toggled(facet, value).address(path))
            for facet, value in self.values
        ]
        if self.first is not None:
            chips.append(Chip(f"From {self.first}", self._replace(first=None).address(path)))
        if self.last is not None:
            chips.append(Chip(f"To {self.last}", self._replace(last=None).address(path)))
        return chips

    def choices(self, items: Iterable[Item], reader: Reader) -> dict[str, list[Choice]]:
        """Return facet → its values, and how many entries each would leave with what else is chosen."""
        profiles = _profiles(items)
        counts: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}
        known: dict[str, set[str]] = {facet: set(self.chosen(facet)) for facet in FACETS}
        for facet, counter in counts.items():
            for item in profiles:
                known[facet].update(_values(item, facet))
            for item in self.of(profiles, facet):
                for value in set(_values(item, facet)):
                    counter[value] += profiles[item]
        found = {}
        for facet, counter in counts.items():
            named = {value: name_of(reader, facet, value) for value in known[facet]}
            ordered = {"marker": list(MARKERS), "kind": list(KINDS)}.get(facet, [])
            named = {value: named.pop(value) for value in ordered if value in named} | dict(
                sorted(named.items(), key=lambda pair: (pair[1].casefold(), pair[0]))
            )
            chosen = self.chosen(facet)
            found[facet] = [Choice(value, name, counter[value], value in chosen) for value, name in named.items()]
        return found

    def years(self, items: Iterable[Item]) -> Counter[int]:
        """Return year → the number of entries that it would leave, whatever years are chosen."""
        profiles = _profiles(items)
        counts: Counter[int] = Counter()
        for item in self.of(profiles, "year"):
            for year in item.years:
                counts[year] += profiles[item]
        return counts


def read_selection(parameters: Parameters) -> Selection:
    """Return what an address chooses.

    Raises:
        UsageError: a year is none.

    """
    values = {(facet, value.strip()) for facet in FACETS for value in parameters.get(facet, ())}
    return Selection(_ordered(values), _year(parameters, "from"), _year(parameters, "to"))


def _profiles(items: Iterable[Item]) -> Counter[Item]:
    """Count the entries that are alike in all that one can choose them by."""
    return Counter(item._replace(entry="", cell="", position=0, documents=()) for item in items)


def _ordered(values: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(values, key=lambda pair: (list(FACETS).index(pair[0]), pair[1])))


def _year(parameters: Parameters, name: str) -> int | None:
    texts = parameters.get(name, ())
    if not texts:
        return None
    if not re.fullmatch("[0-9]{1,4}", texts[-1].strip(), re.ASCII):
        raise UsageError("expected a year", parameter=name, value=texts[-1], hint=f"such as {name}=2006")
    return int(texts[-1])


def name_of(reader: Reader, facet: str, value: str) -> str:
    """Return what a value of a facet is called."""
    if facet == "marker":
        return MARKERS.get(value, value)
    if facet == "kind":
        return KINDS.get(value, value)
    iri = value if ":" in value else scheme(facet, value)
    try:
        return reader.label(iri) if reader.knows(iri) else value
    except ValueError:  # It is no IRI: somebody typed it.
        return value


def _values(item: Item, facet: str) -> tuple[str, ...]:
    if facet == "marker":
        return item.markers
    if facet == "kind":
        return item.kinds
    if facet == "topic":
        return item.topics
    # A part of a country is the country, too: GB-SCT.
    wholes = (code.partition("-")[0] for code in item.countries if ":" not in code)
    return tuple(dict.fromkeys((*item.countries, *wholes)))
