"""Lists in pages of 50."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from evgraph.site.page import Parameters

_T = TypeVar("_T")
_U = TypeVar("_U")
SIZE = 50
"""So many items are on one page."""
_PREVIEW = 10


@dataclass(frozen=True, slots=True)
class Part(Generic[_T]):
    """A page of a list.

    Attributes:
        items: those of this page.
        count: the number of items of the whole list.
        number: of this page, from 1.
        last: the number of the last page.
        address: of the list, to which the number of a page is added.

    """

    items: Sequence[_T]
    count: int
    number: int
    last: int
    address: str

    @property
    def is_preview(self) -> bool:
        """Whether it is the start of a list that has a page of its own."""
        return self.last == 1 and len(self.items) < self.count

    @property
    def first(self) -> int:
        """The place of the first item of this page in the list, from 1."""
        return (self.number - 1) * SIZE + 1

    def page(self, number: int) -> str:
        """Return the address of another page."""
        mark = "&" if "?" in self.address else "?"
        return f"{self.address}{mark}page={number}" if number > 1 else self.address

    def map(self, read: Callable[[_T], _U]) -> Part[_U]:
        """Return the same page with something made of each of its items."""
        return Part([read(item) for item in self.items], self.count, self.number, self.last, self.address)


def part_of(items: Sequence[_T], address: str, parameters: Parameters) -> Part[_T]:
    """Return the page of a list that the parameter ``page`` names, or the first, or the last.

    Args:
        items: the whole list.
        address: of the list, without the number of the page.
        parameters: of the request.

    """
    text = (parameters.get("page") or ("1",))[0]
    last = max(1, -(-len(items) // SIZE))
    number = min(max(1, int(text)), last) if text.isdecimal() and len(text) < 10 else 1
    return Part(items[(number - 1) * SIZE : number * SIZE], len(items), number, last, address)


def one_of_many(items: Sequence[_T], name: str, address: str, parameters: Parameters) -> Part[_T]:
    """Return a list of a page with several: the start of a long one, or its own page where ``list`` names it.

    Where ``list`` names another, it is empty.

    Args:
        items: the whole list.
        name: of the list.
        address: of the page.
        parameters: of the request.

    """
    shown = (parameters.get("list") or ("",))[0]
    own = address_with(address, {"list": name})
    if shown == name:
        return part_of(items, own, parameters)
    if shown:
        return Part((), 0, 1, 1, own)
    return Part(items if len(items) <= SIZE else items[:_PREVIEW], len(items), 1, 1, own)


def address_with(path: str, values: Mapping[str, str]) -> str:
    """Return a path with parameters, without those that are empty."""
    query = urlencode({name: text for name, text in values.items() if text})
    return f"{path}?{query}" if query else path
