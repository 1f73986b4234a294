"""One thing with everything that is said about it: the triples of the question ``describe``, as quads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad, Triple

from evgraph import shipped_files
from evgraph.sparql.rewriting import bind
from evgraph.store.embedded import OxigraphStore
from evgraph.store.protocol import Triples
from evgraph.store.select import select_for

if TYPE_CHECKING:
    from evgraph.store.protocol import Store

_GRAPHS = """
    SELECT DISTINCT ?graph ?subject ?property ?value
    WHERE { VALUES ?subject {} GRAPH ?graph { ?subject ?property ?value } }
"""


def record(store: Store, iri: str) -> set[Quad]:
    """Return the record of a thing, each triple with the graphs that hold it; empty if nothing is said about it.

    The triples are those of ``queries/find/describe.rq``.

    Args:
        store: any engine.
        iri: of the thing.

    """
    question = (shipped_files.queries() / "find" / "describe.rq").read_text(encoding="utf-8")
    answer = store.query(bind(question, {"_iri_iri": (str(NamedNode(iri)),)}))
    triples = set(answer.triples) if isinstance(answer, Triples) else set()
    if isinstance(store, OxigraphStore):
        return {
            quad
            for triple in triples
            if not isinstance(triple.subject, Triple)
            for quad in store.matches(triple.subject, triple.predicate.value, triple.object)
        }
    subjects = {triple.subject for triple in triples}
    named = {
        Quad(subject, predicate, value, graph)  # type: ignore[arg-type] # As the pattern has them.
        for graph, subject, predicate, value in select_for(store, _GRAPHS, subjects)
    }
    quads = {quad for quad in named if quad.triple in triples}
    unnamed = triples - {quad.triple for quad in quads}
    return quads | {Quad(triple.subject, triple.predicate, triple.object) for triple in unnamed}
