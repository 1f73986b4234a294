"""A thing of the graph as a Python object, and the passages where pages speak of it.

It is a view: it knows its IRI and what the graph says of it, and asks the graph for the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from evgraph.errors import UsageError
from evgraph.namespaces import DCTERMS, EVG, LABEL_PROPERTIES, OA, SCHEMA, curie
from evgraph.python.records import Record, records, records_of
from evgraph.query.passages import Passages

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rdflib import URIRef

    from evgraph.python.graph import Graph


@dataclass(frozen=True, repr=False)
class Thing:
    """Anything that the graph describes.

    Attributes:
        iri: its name.
        graph: where it was found.
        record: what is said of it.

    """

    iri: URIRef
    graph: Graph = field(compare=False)
    record: Record = field(compare=False)

    def __repr__(self) -> str:
        """Give its kind, its CURIE and what people call it."""
        return f"<{type(self).__name__} {curie(self.iri)}: {self}>"

    def __str__(self) -> str:
        """Give what people call it."""
        return self.label

    @property
    def label(self) -> str:
        """What people call it; its CURIE where nobody says."""
        return self.record.text(*LABEL_PROPERTIES) or curie(self.iri)

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Where pages say so."""
        return described(self.graph, Passage, self.record.iris(f"{EVG}statedIn"))


class Placed(Thing):
    """What has its place in an order."""

    @property
    def position(self) -> int | None:
        """Its place, from 1."""
        return self.record.number(f"{SCHEMA}position")


class Passage(Thing):
    """A stretch of a page: offsets count code points of the snapshot's text, from 0, the end excluded."""

    @property
    def line(self) -> int | None:
        """Its line in the page, from 1."""
        return self.record.number(f"{EVG}line")

    @property
    def start(self) -> int | None:
        """Where it begins."""
        return self.record.number(f"{OA}start")

    @property
    def end(self) -> int | None:
        """Where it ends."""
        return self.record.number(f"{OA}end")

    @property
    def snapshot(self) -> URIRef | None:
        """The captured text that it is a part of."""
        return self.record.iri(f"{OA}hasSource")

    def __str__(self) -> str:
        """Give cell and line, ``drug-E4:48``."""
        places = Passages(self.graph.store)
        iri = str(self.iri)  # A URIRef is never equal to a str.
        places.look_up([iri])
        return places.name(iri)

    def text(self, pages: str | Path | None = None) -> str:
        """Give its words, which stand in the page and not in the graph, unless it was ingested with its text.

        Args:
            pages: the page, or a folder of pages.

        Raises:
            UsageError: no pages are named, and the graph does not hold the words.
            UnreadableError: the page is not there, or it has changed since the graph was read from it.

        """
        if pages is None:
            kept = self.record.text(f"{OA}exact")
            if kept is None:
                raise UsageError(
                    "this graph holds where passages stand, not their words",
                    hint='name the folder of the pages: text(pages="FOLDER")',
                )
            return kept
        return self.graph.text_of(str(self.iri), pages)


_Kind = TypeVar("_Kind", bound=Thing)
_Ordered = TypeVar("_Ordered", bound=Placed)


def find(graph: Graph, kind: type[_Kind], pattern: str) -> tuple[_Kind, ...]:
    """Find things by a pattern of SPARQL that binds ``?thing``; sorted by IRI."""
    return _made(graph, kind, records(graph.store, pattern))


def described(graph: Graph, kind: type[_Kind], iris: Iterable[str]) -> tuple[_Kind, ...]:
    """Give things by their IRIs, in that order; one that the graph says nothing of is left out."""
    iris = list(dict.fromkeys(map(str, iris)))
    found = records_of(graph.store, iris)
    return _made(graph, kind, {iri: found[iri] for iri in iris if iri in found})


def _made(graph: Graph, kind: type[_Kind], found: dict[str, Record]) -> tuple[_Kind, ...]:
    from rdflib import URIRef

    return tuple(kind(URIRef(iri), graph, record) for iri, record in found.items())


def in_order(things: Iterable[_Ordered]) -> tuple[_Ordered, ...]:
    """Sort by what they stand in, then by place."""
    within = (f"{EVG}inCell", f"{DCTERMS}isPartOf")
    return tuple(sorted(things, key=lambda one: (one.record.iris(*within), one.position or 0, one.iri)))
