"""What a graph says of things: one query, and for each thing its properties with their values."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from evgraph.store.select import select, select_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib import URIRef

    from evgraph.store.protocol import Store, Term


class Record(dict[str, list["Term"]]):
    """What is said of one thing: IRI of a property → its values, sorted."""

    def text(self, *properties: str) -> str | None:
        """Give the first value of the first property that has one."""
        return next((text for name in properties for text in self.texts(name)), None)

    def texts(self, name: str) -> tuple[str, ...]:
        """Give the values that are literals, as text."""
        return tuple(one.value for one in self.get(name, ()) if isinstance(one, Literal))

    def number(self, name: str) -> int | None:
        """Give the first value that is a whole number or a year."""
        for text in self.texts(name):
            with suppress(ValueError):
                return int(text)
        return None

    def iris(self, *properties: str) -> tuple[URIRef, ...]:
        """Give the values that are IRIs."""
        from rdflib import URIRef

        values = (one for name in properties for one in self.get(name, ()))
        return tuple(URIRef(one.value) for one in values if isinstance(one, NamedNode))

    def iri(self, name: str) -> URIRef | None:
        """Give the first value that is an IRI."""
        return next(iter(self.iris(name)), None)

    def notations(self, name: str) -> tuple[str, ...]:
        """Give the values that are concepts, by the last part of their IRIs: ``K``, ``GB-SCT``, ``corresponding``."""
        return tuple(str(iri).rpartition("/")[2] for iri in self.iris(name))

    def notation(self, name: str) -> str | None:
        """Give the first value that is a concept; see `notations`."""
        return next(iter(self.notations(name)), None)


def records(store: Store, pattern: str) -> dict[str, Record]:
    """Describe things.

    Args:
        store: the graph.
        pattern: of SPARQL, which binds ``?thing``.

    Returns:
        IRI → what is said of it, sorted by IRI.

    """
    return _grouped(select(store, f"SELECT DISTINCT ?thing ?name ?value WHERE {{ {pattern} ?thing ?name ?value }}"))


def records_of(store: Store, iris: Iterable[str]) -> dict[str, Record]:
    """Describe things by their IRIs; one that the graph says nothing of is left out."""
    query = "SELECT DISTINCT ?thing ?name ?value WHERE { VALUES ?thing {} ?thing ?name ?value }"
    return _grouped(select_for(store, query, iris))


def _grouped(rows: Iterable[tuple[Term, ...]]) -> dict[str, Record]:
    found: dict[str, Record] = {}
    for thing, name, value in sorted(rows, key=str):
        if isinstance(thing, NamedNode) and isinstance(name, NamedNode):
            found.setdefault(thing.value, Record()).setdefault(name.value, []).append(value)
    return found
