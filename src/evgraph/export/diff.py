"""What changed between two versions of a graph, in the words of the domain: entries, references, passages."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode

from evgraph.namespaces import DCTERMS, EVG, ID, OA, PROV, SCHEMA, curie

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import Quad

_Values: TypeAlias = tuple[str, ...]
_STATED_IN = f"{EVG}statedIn"
# What an entry may change, and how that is called.
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
    """One difference.

    Attributes:
        what: ``cell``, ``entry``, ``reference``, ``topic`` or ``passage``.
        how: ``came``, ``went``, ``moved``, ``retitled``, ``changed marker`` … or, of a passage, ``gone``.
        cell: as a CURIE; empty where no cell is concerned.
        iri: of the thing.
        label: what it is called; of an entry its headline.
        before: the old values, short.
        after: the new ones.

    """

    what: str
    how: str
    cell: str
    iri: str
    label: str
    before: _Values = ()
    after: _Values = ()


class _Graph:
    """Statements by subject and predicate; values as CURIEs or plain text."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self.said: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for quad in quads:
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode | Literal | BlankNode):
                self.said[quad.subject.value][quad.predicate.value].add(quad.object.value)

    def values(self, iri: str, predicate: str) -> _Values:
        """Give a property's values, sorted; empty where the thing has none."""
        return tuple(sorted(self.said[iri].get(predicate, ()))) if iri in self.said else ()

    def one(self, iri: str, predicate: str) -> str:
        return next(iter(self.values(iri, predicate)), "")

    def entries(self, cell: str) -> list[str]:
        """Give a cell's entries in their order."""
        own = [iri for iri, said in self.said.items() if cell in said.get(f"{EVG}inCell", ())]
        return sorted(own, key=lambda iri: (int(self.one(iri, f"{SCHEMA}position") or 0), iri))

    def cells(self) -> set[str]:
        """Give the cells that a page was read for."""
        return {cell for said in self.said.values() for cell in said.get(f"{PROV}specializationOf", ())}

    def references(self) -> dict[str, str]:
        """Give each reference's cell, as the last part of its IRI."""
        return {iri: iri.removeprefix(f"{ID}ref/").split("/")[0] for iri in self.said if iri.startswith(f"{ID}ref/")}


def changes(old: Iterable[Quad], new: Iterable[Quad]) -> list[Change]:
    """Compare two versions of a graph.

    Args:
        old: all quads of the one.
        new: all quads of the other.

    Returns:
        The changes, by cell, then entries before references, in the order of the page.

    """
    before, after = _Graph(old), _Graph(new)
    found: list[Change] = []
    for cell in sorted(before.cells() | after.cells()):
        found += _of_cell(cell, before, after)
    found += _passages(before, after)
    return found


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
            yield Change("entry", "went", name, iri, before.one(iri, f"{SCHEMA}headline"))
    moved = _moved([iri for iri in old if iri in new], [iri for iri in new if iri in old])
    for iri in new:
        headline = after.one(iri, f"{SCHEMA}headline")
        if iri not in old:
            yield Change("entry", "came", name, iri, headline, (), _place(iri, after))
            continue
        if iri in moved:
            yield Change("entry", "moved", name, iri, headline, _place(iri, before), _place(iri, after))
        yield from _changed("entry", name, iri, headline, _ENTRY, before, after)
    yield from _references(cell.removeprefix(f"{ID}cell/"), name, before, after)


def _place(iri: str, graph: _Graph) -> _Values:
    return graph.values(iri, f"{SCHEMA}position")


def _references(cell: str, name: str, before: _Graph, after: _Graph) -> Iterator[Change]:
    old = {iri for iri, where in before.references().items() if where == cell}
    new = {iri for iri, where in after.references().items() if where == cell}
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
    """Find what still points to a passage of a text that the new graph no longer has."""
    for iri in sorted(after.said):
        for passage in after.values(iri, _STATED_IN):
            snapshot = after.one(passage, f"{OA}hasSource") or before.one(passage, f"{OA}hasSource")
            if not after.values(snapshot, f"{PROV}specializationOf"):
                cell = snapshot.removeprefix(f"{ID}snapshot/").split("/")[0]
                yield Change("passage", "gone", f"cell:{cell}" if cell else "", iri, curie(iri), (curie(passage),))


def _moved(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """Give those that moved among the others: all but a longest run that kept its order."""
    place = {iri: i for i, iri in enumerate(new)}
    tails: list[int] = []
    chain: list[list[str]] = []
    for iri in old:
        at = bisect_left(tails, place[iri])
        kept = [*(chain[at - 1] if at else []), iri]
        if at == len(tails):
            tails.append(place[iri])
            chain.append(kept)
        else:
            tails[at], chain[at] = place[iri], kept
    return set(old) - set(chain[-1] if chain else [])
