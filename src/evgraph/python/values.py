"""RDF terms as Python knows them: rdflib's terms for those who go on in RDF, plain values for data frames."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from evgraph.namespaces import PREFIXES, XSD, curie
from evgraph.render.results import INTEGERS, TRUTH
from evgraph.terms import to_rdflib as term
from evgraph.terms import value_of as plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import rdflib

    from evgraph.store.protocol import Term as Stored

Value: TypeAlias = "str | int | float | bool | date | datetime"
"""What a term is in a data frame."""

_READERS: dict[str, Callable[[str], Value]] = {
    **dict.fromkeys([*INTEGERS, f"{XSD}gYear"], int),
    **dict.fromkeys([f"{XSD}decimal", f"{XSD}double", f"{XSD}float"], float),
    f"{XSD}boolean": TRUTH.__getitem__,
    f"{XSD}date": date.fromisoformat,
    f"{XSD}dateTime": datetime.fromisoformat,
}


def value(stored: Stored | None, *, curies: bool = False) -> Value | None:
    """Give a plain value: numbers and years as numbers, dates as dates, IRIs and all else as text.

    A literal that is not what its datatype says stays text.

    Args:
        stored: a term; None where a variable is unbound.
        curies: shorten IRIs (``doc:timko-2007``).

    """
    if stored is None:
        return None
    if isinstance(stored, ox.Literal):
        with suppress(ValueError, KeyError):
            return _READERS.get(stored.datatype.value, str)(stored.value)
    text = plain(stored)
    return curie(text) if curies and isinstance(stored, ox.NamedNode) else text


def dataset_of(rows: Iterable[tuple[Stored | None, ...]]) -> rdflib.Dataset:
    """Give quads (graph, subject, predicate, object) as a dataset of rdflib, with evgraph's prefixes bound."""
    import rdflib

    dataset = rdflib.Dataset(default_union=True)
    _bind(dataset)
    graphs: dict[Stored, rdflib.Graph] = {}
    for row in rows:
        name, *triple = (one for one in row if one is not None)
        if name not in graphs:
            graphs[name] = dataset.graph(rdflib.URIRef(plain(name)))
        subject, predicate, target = map(term, triple)
        graphs[name].add((subject, predicate, target))
    return dataset


def graph_of(triples: Iterable[ox.Triple]) -> rdflib.Graph:
    """Give triples as a graph of rdflib, with evgraph's prefixes bound."""
    import rdflib

    graph = rdflib.Graph(bind_namespaces="none")
    _bind(graph)
    for one in triples:
        graph.add((term(one.subject), term(one.predicate), term(one.object)))
    return graph


def _bind(graph: rdflib.Graph) -> None:
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace, replace=True)
