"""Quads as text: lines of N-Triples by graph, which take less memory and time than an engine's objects.

https://www.w3.org/TR/n-quads/
"""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from evgraph.rdf.files import DataFile

_BATCH = 2_000  # Quads or lines that are converted at a time.
# In the text that pyoxigraph writes; a label ends at a space.
_BLANK_NODE = re.compile(r'"(?:[^"\\]|\\.)*+"|<[^<>]*+>|_:([^ ]+)')


class Statements:
    """Quads, each once, in the order in which they are added.

    Attributes:
        graphs: the name of a graph as N-Quads has it, empty for the default graph → its triples as N-Triples has them,
            without the full stop.
        nodes: the number of blank nodes that were numbered.

    """

    def __init__(self, quads: Iterable[ox.Quad | ox.Triple] = ()) -> None:
        self.graphs: dict[str, dict[str, None]] = {}
        self.nodes = 0
        self.add(quads)

    def __iter__(self) -> Iterator[ox.Quad]:
        for name, lines in self.graphs.items():
            rest, end = iter(lines), f" {name} .\n" if name else " .\n"
            while batch := list(islice(rest, _BATCH)):
                yield from ox.parse(end.join((*batch, "")).encode(), format=ox.RdfFormat.N_QUADS)

    def triples(self) -> Iterable[str]:
        """Return the triples of all graphs, each once."""
        if len(self.graphs) < 2:
            return next(iter(self.graphs.values()), {})
        return dict.fromkeys(chain.from_iterable(self.graphs.values()))

    def __len__(self) -> int:
        return sum(map(len, self.graphs.values()))

    def add(self, quads: Iterable[ox.Quad | ox.Triple], *, numbered: bool = False) -> None:
        """Add quads; where blank nodes are `numbered`, those of another call are others, whatever their labels."""
        for lines in self._lines(quads, numbered=numbered):
            for line in lines:
                triple, name = _split(line)
                self.graphs.setdefault(name, {})[triple] = None

    def add_file(self, file: DataFile) -> None:
        """Add what a file says, as `DataFile.quads` has it, with numbered blank nodes; errors as there."""
        own = self.graphs.setdefault(f"<{file.graph}>", {})
        if file.format.quads:
            self.add(file.quads(), numbered=True)
        else:
            for lines in self._lines(file.parsed(), numbered=True):
                own.update(dict.fromkeys(lines))
        if not own:
            del self.graphs[f"<{file.graph}>"]

    def rename(self, label: Callable[[int], str]) -> None:
        """Give numbered blank nodes other labels."""
        if not self.nodes:
            return

        def new(line: str) -> str:
            return replaced(line, lambda number: f"_:{label(int(number))}") if "_:" in line else line

        old, self.graphs = self.graphs, {}
        while old:
            name, lines = old.popitem()
            renamed = self.graphs.setdefault(new(name), {})
            while lines:  # Whose memory is wanted.
                renamed[new(lines.popitem()[0])] = None

    def _lines(self, quads: Iterable[ox.Quad | ox.Triple], *, numbered: bool) -> Iterator[list[str]]:
        rest = iter(quads)
        numbers: dict[str, int] = {}

        def number(label: str) -> str:
            if label not in numbers:
                numbers[label] = self.nodes
                self.nodes += 1
            return f"_:{numbers[label]}"

        while batch := list(islice(rest, _BATCH)):
            text: bytes = ox.serialize(batch, format=ox.RdfFormat.N_QUADS)  # type: ignore[arg-type, assignment] # mixed
            lines = text.decode().split(" .\n")
            lines.pop()
            yield [replaced(line, number) if "_:" in line else line for line in lines] if numbered else lines


def statements(quads: Iterable[ox.Quad | ox.Triple]) -> Statements:
    """Return quads as `Statements`, without a copy where they are that."""
    return quads if isinstance(quads, Statements) else Statements(quads)


def replaced(line: str, term: Callable[[str], str]) -> str:
    """Return a line with other terms for its blank nodes, by their labels."""
    return _BLANK_NODE.sub(lambda match: term(match[1]) if match[1] is not None else match[0], line)


def _split(line: str) -> tuple[str, str]:
    """Split a line of N-Quads, without the full stop, into a triple and the name of a graph, which may be empty."""
    triple, _, last = line.rpartition(" ")
    # A name has no quotes, and three terms before it.
    is_name = last[0] in "<_" and '"' not in last and triple.count(" ") > 1
    return (triple, last) if is_name else (line, "")
