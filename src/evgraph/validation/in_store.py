"""Data that lies in a store, which is asked for whatever a validation must know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.namespaces import EVG, LABEL_PROPERTIES, RDF, RDFS
from evgraph.rdf.files import always_loaded
from evgraph.shacl.graph_patterns import pattern
from evgraph.shacl.shapes_graph import triples
from evgraph.store.select import select, select_for
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from evgraph.store.protocol import Store, Term


class InStore:
    """Data that lies in a store and stays there: whatever must be known of it is asked.

    Args:
        store: where the data is, with the ontology, the schemes and the matrices beside it.

    Attributes:
        store: the same.
        missing: how many of the things that stand beside any data the store knows nothing of, and of how many.

    """

    written: Collection[str] = ()

    def __init__(self, store: Store) -> None:
        self.store = store
        self._subclasses: dict[str, list[str]] = {}
        self._below: dict[str, set[str]] = {}
        ours: dict[Term, set[tuple[str, str]]] = {}
        files = always_loaded()
        for subject, predicate, value in triples(files, "c"):
            ours.setdefault(subject, set()).add((predicate.value, value_of(value)))
            if predicate.value == f"{RDFS}subClassOf" and isinstance(subject, ox.NamedNode):
                self._below.setdefault(value_of(value), set()).add(subject.value)
        theirs: dict[Term, set[tuple[str, str]]] = {}
        for one, said, about in select_for(store, "SELECT DISTINCT ?s ?p ?o WHERE { VALUES ?s {} ?s ?p ?o }", ours):
            theirs.setdefault(one, set()).add((value_of(said), value_of(about)))
        graphs: dict[Term, set[str]] = {}
        query = "SELECT DISTINCT ?s ?g WHERE { VALUES ?s {} GRAPH ?g { ?s ?p ?o } }"
        for one, graph in select_for(store, query, ours):
            graphs.setdefault(one, set()).add(value_of(graph))
        apart = {file.graph for file in files}
        if apart.isdisjoint(set().union(*graphs.values())):  # All in one graph, it may be.
            self.elsewhere = {one for one, known in theirs.items() if known <= ours[one]}
        else:
            self.elsewhere = {one for one in theirs if graphs.get(one, set()) <= apart}
        self.missing = len(ours) - len(theirs), len(ours)

    def subclasses(self, cls: str) -> list[str]:
        """Give a class and all that are below it, in the data or in our ontology, sorted."""
        if cls not in self._subclasses:
            found: set[str] = set()
            ahead = {cls}
            while ahead:
                found |= ahead
                query = f"SELECT DISTINCT ?below ?above WHERE {{ VALUES ?above {{}} ?below <{RDFS}subClassOf> ?above }}"
                rows = list(select_for(self.store, query, ahead))
                below = {one.value for one, _ in rows if isinstance(one, ox.NamedNode)}
                ahead = below.union(*(self._below.get(one, ()) for one in ahead)) - found
            self._subclasses[cls] = sorted(found)
        return self._subclasses[cls]

    def apart(self, kind: str, value: Term) -> set[Term]:
        """Give the nodes of a target that are not the user's."""
        where = pattern(kind, value, "?this", self.subclasses)
        query = f"SELECT DISTINCT ?this WHERE {{ VALUES ?this {{}} {where} }}"
        return {this for (this,) in select_for(self.store, query, self.elsewhere)}

    def forget_forms(self) -> None:
        """Do nothing: the literals are as the engine has them."""

    def as_written(self, subject: Term, predicate: Term | None, value: Term) -> Term:  # noqa: ARG002
        """Give the value as the engine has it."""
        return value

    def used(self) -> set[str]:
        """Give the terms of our ontology's namespace that stand as property, as class, or as property of a claim."""
        found: set[str] = set()
        for where in ("?s ?term ?o", f"?s <{RDF}type> ?term", f"?s <{RDF}predicate> ?term"):
            ours = f"FILTER(STRSTARTS(STR(?term), '{EVG}'))"
            rows = select(self.store, f"SELECT DISTINCT ?term WHERE {{ {where} {ours} }}")
            found.update(value_of(term) for (term,) in rows)
        return found

    def names(self, nodes: Iterable[Term]) -> Mapping[Term, list[ox.Literal]]:
        """Find what people call nodes."""
        ranked: dict[Term, dict[int, list[ox.Literal]]] = {}
        properties = " ".join(f"<{name}>" for name in LABEL_PROPERTIES)
        query = f"SELECT DISTINCT ?s ?p ?o WHERE {{ VALUES ?s {{}} VALUES ?p {{ {properties} }} ?s ?p ?o }}"
        for subject, predicate, value in select_for(self.store, query, nodes):
            if isinstance(value, ox.Literal):
                ranked.setdefault(subject, {}).setdefault(LABEL_PROPERTIES.index(value_of(predicate)), []).append(value)
        return {subject: by_rank[min(by_rank)] for subject, by_rank in ranked.items()}
