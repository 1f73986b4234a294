"""Labels of blank nodes that follow from the content: the same statements get the same labels, in whatever order.

Each set of connected blank nodes is labelled by itself. A node's colour is a hash of what is said about it; the colours
of its neighbours divide nodes of one colour further, until nothing changes (colour refinement). If some nodes still
look alike, one of them is given a colour of its own, and so on. In a tree it does not matter which one. Elsewhere each
of them is tried, and the least result counts, as long as that is quick.
https://www.w3.org/TR/rdf-canon/ takes more memory and time than there is for long lists.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from copy import copy
from hashlib import blake2b
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from evgraph.rdf.statements import Statements, replaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyoxigraph as ox

_Ordered: TypeAlias = "tuple[int, list[int]]"

_HASHES = 1 << 64
_STEPS = 500_000  # Ends of links looked at to try nodes that look alike; a few seconds.


class _Link(NamedTuple):
    """A statement about several blank nodes."""

    content: int  # A hash of the rest of it.
    nodes: tuple[int, ...]


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


class _Names:
    def __init__(self, count: int) -> None:
        self._content = array("Q", bytes(8 * count))  # Of each node: the sum of the hashes of what only it is in.
        self._links: list[_Link] = []
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
            self._content[int(found[0])] = (self._content[int(found[0])] + content) % _HASHES
        elif found:
            self._links.append(_Link(content, tuple(map(int, found))))

    def numbers(self) -> Sequence[int]:
        """Return the new number of each node."""
        of_node: defaultdict[int, list[_Link]] = defaultdict(list)
        for link in self._links:
            for node in link.nodes:
                of_node[node].append(link)
        parts: list[_Ordered] = []
        steps = [_STEPS]
        for nodes in _connected(of_node):
            part = _Part({node: self._content[node] for node in nodes}, of_node, steps)
            parts.append(part.ordered())
            self.uncertain += len(nodes) if part.is_uncertain else 0
        parts.sort(key=lambda part: part[0])
        order = [node for _, nodes in parts for node in nodes]
        order += sorted((n for n in range(len(self._content)) if n not in of_node), key=self._content.__getitem__)
        numbers = array("Q", bytes(8 * len(order)))
        for number, node in enumerate(order):
            numbers[node] = number
        return numbers


class _Part:
    """Connected blank nodes: their colours, and the nodes of each colour."""

    def __init__(self, content: dict[int, int], links: dict[int, list[_Link]], steps: list[int]) -> None:
        self._content, self._links = content, links
        self._steps = steps  # What is left of them, in a list of its own, which copies share.
        self._colours = dict(content)
        self._nodes: dict[int, set[int]] = {}
        for node, colour in content.items():
            self._nodes.setdefault(colour, set()).add(node)
        self._alike = [colour for colour, nodes in self._nodes.items() if len(nodes) > 1]  # A heap; some are outdated.
        heapify(self._alike)
        pairs = {tuple(sorted(link.nodes)) for node in content for link in links[node]}
        self._is_tree = len(pairs) == len(content) - 1 and all(len(pair) == 2 for pair in pairs)
        self.is_uncertain = False

    def ordered(self) -> _Ordered:
        """Return a hash of all statements about the nodes, and the nodes in their order."""
        self._refine(list(self._content))
        return self._least()

    def _least(self) -> _Ordered:
        while self._alike:
            nodes = self._nodes[self._alike[0]]
            if len(nodes) < 2:
                heappop(self._alike)
            elif self._is_tree or self._steps[0] <= 0:
                self.is_uncertain |= not self._is_tree
                self._pick(nodes.pop())  # As `next(iter(…))`, in constant time.
            else:
                return self._least_of(sorted(nodes))
        return self._result()

    def _least_of(self, nodes: Sequence[int]) -> _Ordered:
        """Try each of some nodes that look alike as the first of them."""
        results: list[_Ordered] = []
        for node in nodes:
            if results and self._steps[0] <= 0:
                self.is_uncertain = True
                break
            trial = copy(self)
            trial._colours, trial._alike = dict(self._colours), [*self._alike]
            trial._nodes = {colour: {*members} for colour, members in self._nodes.items()}
            self._steps[0] -= len(self._colours)
            trial._pick(node)
            results.append(trial._least())
            self.is_uncertain |= trial.is_uncertain
        return min(results)

    def _pick(self, node: int) -> None:
        """Give a node a colour of its own."""
        colour = self._colours[node]
        self._nodes[colour].add(node)
        self._recolour([node], _hash(f"{colour} {len(self._nodes[colour])}"))
        self._refine([node])

    def _recolour(self, nodes: Sequence[int], colour: int) -> None:
        self._nodes[self._colours[nodes[0]]].difference_update(nodes)
        self._nodes.setdefault(colour, set()).update(nodes)
        self._colours.update(dict.fromkeys(nodes, colour))
        if len(self._nodes[colour]) > 1:
            heappush(self._alike, colour)

    def _refine(self, changed: Sequence[int]) -> None:
        """Divide colours until nodes of one colour have neighbours of the same colours."""
        while changed:
            around: defaultdict[int, list[int]] = defaultdict(list)
            for link in {link for node in changed for link in self._links[node]}:
                colours = [self._colours[node] for node in link.nodes]
                for place, node in enumerate(link.nodes):
                    around[node].append(_hash(f"{link.content} {place} {colours}"))
            self._steps[0] -= sum(map(len, around.values()))
            divided: defaultdict[int, defaultdict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
            for node, hashes in around.items():
                colour = self._colours[node]
                divided[colour][_hash(f"{colour} {sorted(hashes)}")].append(node)
            changed = []
            for colour, parts in divided.items():
                # The largest part keeps the colour, as in Hopcroft's algorithm, so that each node changes rarely.
                largest = max(parts, key=lambda new: (len(parts[new]), new))
                if len(self._nodes[colour]) - sum(map(len, parts.values())) < len(parts[largest]):
                    del parts[largest]
                for new, nodes in parts.items():
                    self._recolour(nodes, new)
                    changed += nodes

    def _result(self) -> _Ordered:
        order = sorted(self._colours, key=self._colours.__getitem__)
        place = {node: number for number, node in enumerate(order)}
        links = {link for node in order for link in self._links[node]}
        about = sorted((link.content, *(place[node] for node in link.nodes)) for link in links)
        return _hash(f"{[self._content[node] for node in order]} {about}"), order


def _connected(links: dict[int, list[_Link]]) -> Iterator[list[int]]:
    """Iterate over the sets of nodes that links connect."""
    seen: set[int] = set()
    for start in links:
        if start in seen:
            continue
        seen.add(start)
        nodes = [start]
        for node in nodes:  # It grows.
            new = {other for link in links[node] for other in link.nodes} - seen
            seen |= new
            nodes += new
        yield nodes


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())
