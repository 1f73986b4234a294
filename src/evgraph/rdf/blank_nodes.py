"""Labels of blank nodes that follow from the content: the same statements get the same labels, in whatever order.

Each set of connected blank nodes is labelled by itself. Nodes that look alike are a class: at first those about which
the same is said. Where the neighbours of its nodes are of different classes, a class is divided, until nothing changes
(colour refinement). If some nodes still look alike, one of them becomes a class of its own, and so on. In a tree it
does not matter which one. Elsewhere each of them is tried, and the least result counts, as long as that is quick.
https://www.w3.org/TR/rdf-canon/ takes more memory and time than there is for long lists.

Nodes, links and classes are numbers, and arrays have what is known of each: objects would take ten times the memory.
"""

from __future__ import annotations

from array import array
from copy import copy
from functools import cached_property
from hashlib import blake2b
from heapq import heappop, heappush
from itertools import chain, compress, groupby, pairwise
from typing import TYPE_CHECKING, TypeAlias

from evgraph.rdf.statements import Statements, replaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyoxigraph as ox

_Ordered: TypeAlias = "tuple[int, array[int]]"

_HASHES = 1 << 64
_STEPS = 500_000  # Ends of links looked at to try nodes that look alike; a few seconds.


def relabelled(quads: Iterable[ox.Quad]) -> Statements:
    """Return quads, each once, with blank nodes called ``b0``, ``b1``, ….

    Args:
        quads: blank nodes of different files have different labels.

    """
    result = Statements()
    result.add(quads, numbered=True)
    relabel(result)
    return result


def relabel(statements: Statements, notes: list[str] | None = None) -> None:
    """Call numbered blank nodes ``b0``, ``b1``, ….

    Args:
        statements: whose blank nodes are all numbered.
        notes: gets a note if the labels depend on the order of the statements.

    """
    if not statements.nodes:
        return
    names = _Names(statements.nodes)
    for graph, lines in statements.graphs.items():
        for line in lines:
            if "_:" in line or "_:" in graph:
                names.add(f"{line} {graph}")
    numbers = names.numbers()
    if names.uncertain and notes is not None:
        notes.append(
            f"{names.uncertain:,} blank nodes look so much alike that their labels depend on the order of the"
            " statements; with IRIs the output would be the same in any order"
        )
    statements.rename(lambda node: f"b{numbers[node]}")


class _Links:
    """Statements about several blank nodes each."""

    def __init__(self) -> None:
        self.contents = array("Q")  # A hash of the rest of each.
        self._nodes, self._ends = array("I"), array("I", [0])

    def __len__(self) -> int:
        return len(self.contents)

    def __getitem__(self, link: int) -> array[int]:
        """Return the nodes of a link."""
        return self._nodes[self._ends[link] : self._ends[link + 1]]

    def add(self, content: int, nodes: Iterable[int]) -> None:
        self.contents.append(content)
        self._nodes.extend(nodes)
        self._ends.append(len(self._nodes))

    def of_nodes(self, count: int) -> tuple[array[int], array[int]]:
        """Return the links of all nodes, one node after the other, and where those of each node end."""
        ends = array("I", bytes(4 * (count + 1)))
        for node in self._nodes:
            ends[node] += 1
        for node in range(count):
            ends[node + 1] += ends[node]
        links = array("I", bytes(4 * len(self._nodes)))
        for link in range(len(self)):
            for node in self[link]:
                ends[node] -= 1
                links[ends[node]] = link
        return links, ends

    def connected(self, count: int) -> Iterator[tuple[array[int], array[int]]]:
        """Iterate over the sets of nodes, of `count`, that links connect, each with its links."""
        above = array("I", range(count))  # Of each node one of the same set, up to the first of the set.

        def first(node: int) -> int:
            while above[node] != node:
                above[node] = node = above[above[node]]
            return node

        def first_of_link(link: int) -> int:
            return first(self._nodes[self._ends[link]])

        for start, end in pairwise(self._ends):
            for place in range(start + 1, end):
                above[first(self._nodes[place])] = first(self._nodes[place - 1])
        is_linked = bytearray(count)
        for node in self._nodes:
            is_linked[node] = 1
        nodes = array("I", sorted(compress(range(count), is_linked), key=first))
        links = array("I", sorted(range(len(self)), key=first_of_link))
        for (_, members), (_, their_links) in zip(groupby(nodes, first), groupby(links, first_of_link), strict=True):
            yield array("I", members), array("I", their_links)


class _Names:
    def __init__(self, count: int) -> None:
        self._contents = array("Q", bytes(8 * count))  # Of each node: the sum of the hashes of what only it is in.
        self._links = _Links()
        self.uncertain = 0
        """The number of nodes whose order was not found."""

    def add(self, quad: str) -> None:
        """Note the blank nodes of a quad, a line of N-Quads."""
        found: list[str] = []

        def word(label: str) -> str:
            if label not in found:
                found.append(label)
            return f"_:{found.index(label)}"

        content = _hash(replaced(quad, word))
        if len(found) == 1:
            self._contents[int(found[0])] = (self._contents[int(found[0])] + content) % _HASHES
        elif found:
            self._links.add(content, map(int, found))

    def numbers(self) -> Sequence[int]:
        """Return the new number of each node."""
        count, steps, parts = len(self._contents), [_STEPS], list[_Ordered]()
        numbers = array("I", bytes(4 * count))  # At first those within a part.
        is_linked = bytearray(count)
        for nodes, links in self._links.connected(count):
            for number, node in enumerate(nodes):
                numbers[node], is_linked[node] = number, True
            part_links = _Links()
            for link in links:
                part_links.add(self._links.contents[link], map(numbers.__getitem__, self._links[link]))
            part = _Part(array("Q", map(self._contents.__getitem__, nodes)), part_links, steps)
            result, order = part.ordered()
            parts.append((result, array("I", map(nodes.__getitem__, order))))
            self.uncertain += len(nodes) if part.is_uncertain else 0
        parts.sort(key=lambda part: part[0])
        alone = sorted((node for node in range(count) if not is_linked[node]), key=self._contents.__getitem__)
        for number, node in enumerate(chain(*(nodes for _, nodes in parts), alone)):
            numbers[node] = number
        return numbers


class _Part:
    """Connected blank nodes in classes of those that look alike; nodes and classes are numbered from 0."""

    def __init__(self, contents: array[int], links: _Links, steps: list[int]) -> None:
        self._contents, self._links = contents, links
        self._steps = steps  # What is left of them, in a list of its own, which copies share.
        self._round = 0
        self._sums = array("Q", bytes(8 * len(contents)))  # Of each node: of the hashes of its links, in a round.
        self._nodes = array("I", sorted(range(len(contents)), key=contents.__getitem__))  # Those of a class together.
        self._places = array("I", self._nodes)  # Of each node there.
        self._classes = array("I", self._nodes)  # Of each node.
        self._starts, self._sizes, self._colours = array("I"), array("I"), array("Q")  # Of each class.
        self._alike: list[tuple[int, int]] = []  # A heap of classes with several nodes, by colour; some are outdated.
        start = 0
        for colour, nodes in groupby(self._nodes, contents.__getitem__):
            for place, node in enumerate(nodes, start):
                self._places[node], self._classes[node] = place, len(self._colours)
            self._add_class(start, place + 1 - start, colour)
            start = place + 1
        self.is_uncertain = False

    def _add_class(self, start: int, size: int, colour: int) -> None:
        if size > 1:
            heappush(self._alike, (colour, len(self._colours)))
        self._starts.append(start)
        self._sizes.append(size)
        self._colours.append(colour)

    @cached_property
    def _is_tree(self) -> bool:
        count = len(self._contents)
        pairs = {tuple(sorted(self._links[link])) for link in range(len(self._links))}
        return len(pairs) == count - 1 and all(len(pair) == 2 for pair in pairs)

    def ordered(self) -> _Ordered:
        """Return a hash of all statements about the nodes, and the nodes in their order."""
        self._refine(range(len(self._contents)))
        return self._least()

    def _least(self) -> _Ordered:
        while self._alike:
            _, name = self._alike[0]
            start, size = self._starts[name], self._sizes[name]
            if size < 2:
                heappop(self._alike)
            elif self._is_tree or self._steps[0] <= 0:
                self.is_uncertain |= not self._is_tree
                self._pick(self._nodes[start])
            else:
                return self._least_of(sorted(self._nodes[start : start + size]))
        return self._result()

    def _least_of(self, nodes: Sequence[int]) -> _Ordered:
        """Try each of some nodes that look alike as the first of them."""
        results: list[_Ordered] = []
        for node in nodes:
            if results and self._steps[0] <= 0:
                self.is_uncertain = True
                break
            trial = copy(self)
            for name in ("_nodes", "_places", "_classes", "_starts", "_sizes", "_colours", "_alike"):
                setattr(trial, name, getattr(self, name)[:])
            self._steps[0] -= len(self._contents)
            trial._pick(node)
            results.append(trial._least())
            self.is_uncertain |= trial.is_uncertain
        return min(results)

    def _pick(self, node: int) -> None:
        """Make a node a class of its own."""
        old = self._classes[node]
        self._divide([node], _hash(f"{self._colours[old]} {self._sizes[old]}"))
        self._refine([node])

    def _divide(self, nodes: Sequence[int], colour: int) -> None:
        """Make a class of some nodes of another one."""
        old = self._classes[nodes[0]]
        self._sizes[old] -= len(nodes)
        start = self._starts[old] + self._sizes[old]
        for place, node in enumerate(nodes, start):
            other, freed = self._nodes[place], self._places[node]
            self._nodes[freed], self._nodes[place] = other, node
            self._places[other], self._places[node] = freed, place
            self._classes[node] = len(self._colours)
        self._add_class(start, len(nodes), colour)

    def _refine(self, changed: Sequence[int]) -> None:
        """Divide classes until nodes of one class have neighbours of the same classes."""
        sums = self._sums
        while changed:
            self._round += 1
            touched = array("I")  # Nodes that look like others; their sums are not 0.
            for link in self._links_of(changed):
                nodes, content = self._links[link], self._links.contents[link]
                classes = [self._classes[node] for node in nodes]
                colours = [self._colours[name] for name in classes]
                self._steps[0] -= len(nodes)
                for place, (node, name) in enumerate(zip(nodes, classes, strict=True)):
                    if self._sizes[name] > 1:
                        if not sums[node]:
                            touched.append(node)
                        sums[node] = (sums[node] + _hash(f"{content} {place} {colours}")) % _HASHES or 1
            for node in touched:
                sums[node] = _hash(f"{self._colours[self._classes[node]]} {self._round} {sums[node]}")
            touched = array("I", sorted(touched, key=sums.__getitem__))
            # The largest part keeps the class, as in Hopcroft's algorithm, so that each node changes rarely.
            largest: dict[int, tuple[int, int]] = {}
            untouched: dict[int, int] = {}
            for colour, part in groupby(touched, sums.__getitem__):
                alike = [*part]
                old = self._classes[alike[0]]
                largest[old] = max(largest.get(old, (0, 0)), (len(alike), colour))
                untouched[old] = untouched.get(old, self._sizes[old]) - len(alike)
            changed = []
            for colour, part in groupby(touched, sums.__getitem__):
                alike = [*part]
                old = self._classes[alike[0]]
                if largest[old] != (len(alike), colour) or untouched[old] >= len(alike):
                    self._divide(alike, colour)
                    changed += alike
            for node in touched:
                sums[node] = 0

    def _links_of(self, nodes: Sequence[int]) -> Iterable[int]:
        if len(nodes) == len(self._contents):
            return range(len(self._links))
        links, ends = self._links_of_nodes
        return {link for node in nodes for link in links[ends[node] : ends[node + 1]]}

    @cached_property
    def _links_of_nodes(self) -> tuple[array[int], array[int]]:
        return self._links.of_nodes(len(self._contents))

    def _result(self) -> _Ordered:
        classes = sorted(range(len(self._colours)), key=self._colours.__getitem__)
        order = array("I", (self._nodes[self._starts[name]] for name in classes))
        places = array("I", order)
        total = 0
        for place, node in enumerate(order):
            places[node] = place
            total += _hash(f"{place} {self._contents[node]}")
        for link, content in enumerate(self._links.contents):
            total += _hash(f"{content} {[places[node] for node in self._links[link]]}")
        return total % _HASHES, order


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())
