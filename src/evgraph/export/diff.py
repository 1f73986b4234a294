"""The changes between two versions of a graph, as cells, entries, references, topics and passages."""

from __future__ import annotations

from collections import defaultdict
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode

from evgraph.namespaces import DCTERMS, EVG, ID, OA, PROV, SCHEMA, curie

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import Quad

_Values: TypeAlias = tuple[str, ...]
_STATED_IN = f"{EVG}statedIn"
# Property of an entry or a reference → the name of its change.
_ENTRY = {
    f"{SCHEMA}headline": "retitled",
    f"{EVG}marker": "changed marker",
    f"{EVG}statedDate": "changed date",
    f"{EVG}statedPublisher": "changed publisher",
    f"{EVG}statedCountry": "changed country",
    f"{EVG}statedNote": "changed note",
    f"{EVG}lists": "lists another document",
}
_REFERENCE = {
    f"{EVG}resolution": "changed resolution",
    f"{EVG}target": "changed target",
    f"{EVG}candidate": "changed candidates",
    f"{EVG}referenceKind": "changed kind",
    f"{EVG}direction": "changed direction",
}


class Change(NamedTuple):
    """One change."""

    what: str  # ``cell``, ``entry``, ``reference``, ``topic`` or ``passage``.
    how: str  # ``came``, ``went``, ``moved``, ``retitled``, ``changed marker`` and so on; for a passage, ``gone``.
    cell: str  # The CURIE of the cell, or empty.
    iri: str  # The IRI of the thing.
    label: str  # The headline of an entry, the CURIE of anything else.
    before: _Values = ()  # The old values, as CURIEs or text.
    after: _Values = ()


class _Graph:
    """Statements by subject and predicate."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self.statements: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for quad in quads:
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode | Literal | BlankNode):
                self.statements[quad.subject.value][quad.predicate.value].add(quad.object.value)

    def values(self, iri: str, predicate: str) -> _Values:
        """Return the values of a property, sorted."""
        return tuple(sorted(self.statements[iri].get(predicate, ()))) if iri in self.statements else ()

    def value(self, iri: str, predicate: str) -> str:
        """Return the first value of a property, or nothing."""
        return next(iter(self.values(iri, predicate)), "")

    def entries(self, cell: str) -> list[str]:
        """Return the IRIs of a cell's entries, in order."""
        entries = [iri for iri, properties in self.statements.items() if cell in properties.get(f"{EVG}inCell", ())]
        return sorted(entries, key=lambda iri: (int(self.value(iri, f"{SCHEMA}position") or 0), iri))

    def cells(self) -> set[str]:
        """Return the IRIs of the cells whose page was read."""
        return {cell for thing in self.statements.values() for cell in thing.get(f"{PROV}specializationOf", ())}

    def references(self, cell: str) -> set[str]:
        """Return the IRIs of a cell's references."""
        return {iri for iri in self.statements if iri.startswith(f"{ID}ref/{cell}/")}


def changes(old: Iterable[Quad], new: Iterable[Quad]) -> list[Change]:
    """Return the changes between two versions of a graph, each its quads.

    They come by cell: topics, entries in the order of the page, references; then lost passages.
    """
    before, after = _Graph(old), _Graph(new)
    cells = sorted(before.cells() | after.cells())
    return [*(change for cell in cells for change in _of_cell(cell, before, after)), *_passages(before, after)]


def _of_cell(cell: str, before: _Graph, after: _Graph) -> Iterator[Change]:
    name = curie(cell)
    was, now = cell in before.cells(), cell in after.cells()
    if was != now:
        yield Change("cell", "came" if now else "went", name, cell, name)
    topics = [set(graph.values(cell, f"{DCTERMS}subject")) for graph in (before, after)]
    for topic in sorted(topics[0] ^ topics[1]):
        yield Change("topic", "came" if topic in topics[1] else "went", name, topic, curie(topic))
    old, new = before.entries(cell), after.entries(cell)
    for iri in old:
        if iri not in new:
            yield Change("entry", "went", name, iri, before.value(iri, f"{SCHEMA}headline"))
    moved = _moved([iri for iri in old if iri in new], [iri for iri in new if iri in old])
    for iri in new:
        headline = after.value(iri, f"{SCHEMA}headline")
        if iri not in old:
            yield Change("entry", "came", name, iri, headline, (), _position(iri, after))
            continue
        if iri in moved:
            yield Change("entry", "moved", name, iri, headline, _position(iri, before), _position(iri, after))
        yield from _changed("entry", name, iri, headline, _ENTRY, before, after)
    yield from _references(cell.removeprefix(f"{ID}cell/"), name, before, after)


def _position(iri: str, graph: _Graph) -> _Values:
    return graph.values(iri, f"{SCHEMA}position")


def _references(cell: str, name: str, before: _Graph, after: _Graph) -> Iterator[Change]:
    old, new = before.references(cell), after.references(cell)
    for iri in sorted(old | new):
        label = curie(iri)
        if iri in old and iri in new:
            yield from _changed("reference", name, iri, label, _REFERENCE, before, after)
        else:
            graph, how = (after, "came") if iri in new else (before, "went")
            target = tuple(map(curie, graph.values(iri, f"{EVG}target") or graph.values(iri, f"{EVG}resolution")))
            yield Change("reference", how, name, iri, label, *(((), target) if iri in new else (target, ())))


def _changed(
    what: str, cell: str, iri: str, label: str, properties: dict[str, str], before: _Graph, after: _Graph
) -> Iterator[Change]:
    for predicate, how in properties.items():
        old, new = before.values(iri, predicate), after.values(iri, predicate)
        if old != new:
            yield Change(what, how, cell, iri, label, tuple(map(curie, old)), tuple(map(curie, new)))


def _passages(before: _Graph, after: _Graph) -> Iterator[Change]:
    """Find what is stated in a passage whose snapshot is missing from the new graph."""
    for iri in sorted(after.statements):
        for passage in after.values(iri, _STATED_IN):
            snapshot = after.value(passage, f"{OA}hasSource") or before.value(passage, f"{OA}hasSource")
            if not after.values(snapshot, f"{PROV}specializationOf"):
                cell = snapshot.removeprefix(f"{ID}snapshot/").split("/")[0]
                yield Change("passage", "gone", f"cell:{cell}" if cell else "", iri, curie(iri), (curie(passage),))


def _moved(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """Return the IRIs that moved: all but those of the longest blocks that kept their order."""
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return set(old).difference(*(old[block.a : block.a + block.size] for block in blocks))
