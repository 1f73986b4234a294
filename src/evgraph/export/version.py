"""One version of a graph, indexed for a comparison with another."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from pyoxigraph import Literal, NamedNode

from evgraph.namespaces import EVG, ID, LABEL_PROPERTIES, PROV, RDF, RESOURCES, SCHEMA, curie

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Quad

Values: TypeAlias = tuple[str, ...]
CLAIMED = tuple(f"{RDF}{name}" for name in ("subject", "predicate", "object"))
"""The properties of a claim that hold the statement claimed."""


class Version:
    """One version of a graph: statements by subject and predicate, and the entries and the snapshot of each cell."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self.statements: dict[str, dict[str, set[str]]] = {}
        for quad in quads:
            if isinstance(quad.subject, NamedNode):
                value = quad.object
                # Names of blank nodes do not last.
                text = value.value if isinstance(value, NamedNode | Literal) else "_:"
                self.statements.setdefault(quad.subject.value, {}).setdefault(quad.predicate.value, set()).add(text)
        self._index()

    def _index(self) -> None:
        self.snapshots: dict[str, str] = {}  # Cell → snapshot.
        self.cells: dict[str, str] = {}  # Snapshot → cell.
        self.claimed: dict[tuple[str, ...], set[str]] = defaultdict(set)  # Statement → what claims it.
        entries = defaultdict[str, list[str]](list)
        for iri in sorted(self.statements):
            if cell := self.value(iri, f"{PROV}specializationOf"):
                self.snapshots[cell], self.cells[iri] = iri, cell
            for cell in self.values(iri, f"{EVG}inCell"):
                entries[cell].append(iri)
            claimed = tuple(self.value(iri, name) for name in CLAIMED)
            if all(claimed):
                self.claimed[claimed].add(iri)
        self.entries = {cell: sorted(iris, key=self._position) for cell, iris in entries.items()}

    def _position(self, iri: str) -> tuple[int, str]:
        position = self.value(iri, f"{SCHEMA}position")
        return int(position) if position.isdecimal() and len(position) < 10 else 0, iri

    def rename(self, names: dict[str, str]) -> None:
        """Give things other IRIs: old → new."""
        renamed: dict[str, dict[str, set[str]]] = {}
        for iri, properties in self.statements.items():
            about = renamed.setdefault(names.get(iri, iri), {})
            for predicate, values in properties.items():
                about.setdefault(predicate, set()).update(names.get(value, value) for value in values)
        self.statements = renamed
        self._index()

    def values(self, iri: str, predicate: str) -> Values:
        """Return the values of a property, sorted."""
        return tuple(sorted(self.statements.get(iri, {}).get(predicate, ())))

    def value(self, iri: str, predicate: str) -> str:
        """Return the first value of a property, or nothing."""
        return next(iter(self.values(iri, predicate)), "")

    def label(self, iri: str) -> str:
        """Return the label of a thing; of a claim, what it claims; else nothing."""
        if label := next(filter(None, (self.value(iri, name) for name in LABEL_PROPERTIES)), ""):
            return label
        if supporter := self.value(iri, f"{EVG}supporter"):
            role = self.value(iri, f"{EVG}supportRole").rpartition("/")[2]
            return f"{self.label(supporter) or curie(supporter)} ({role})"
        claimed = [self.value(iri, name) for name in CLAIMED] if kind_of(iri) == "claim" else []
        return f"{curie(iri)} ({' '.join(map(curie, claimed))})" if all(claimed) and claimed else ""


def kind_of(iri: str) -> str:
    """Return the kind of a thing by its IRI, ``entry``; empty for what is not evgraph's."""
    kind = iri.removeprefix(ID).partition("/")[0] if iri.startswith(ID) else ""
    return kind if kind in RESOURCES else ""
