"""Data in a store on disk or on a server, which stays there: everything is asked with queries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.errors import EndpointError
from evgraph.namespaces import RDFS
from evgraph.rdf.files import always_loaded
from evgraph.shacl.findings import Notice
from evgraph.store.embedded import OxigraphStore
from evgraph.store.select import WholeAnswers, select, select_for
from evgraph.terms import value_of
from evgraph.validation.locations import locate_in_graphs
from evgraph.validation.source import Source, statements_by_node

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evgraph.rdf.positions import Place
    from evgraph.shacl.findings import Finding
    from evgraph.store.protocol import Store, Term

_REPEATED_PATH = re.compile(r"[>)][*+?]")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


class StoreSource(Source):
    """A store.

    Args:
        store: the data, with the ontology, the concept schemes and the matrices.

    """

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store if isinstance(store, OxigraphStore) else WholeAnswers(store)
        background_files = always_loaded()
        shipped = statements_by_node(background_files)
        self._shipped_subclasses: dict[str, set[str]] = {}
        for below, about in shipped.items():
            for name, above in about:
                if name.value == f"{RDFS}subClassOf":
                    self._shipped_subclasses.setdefault(value_of(above), set()).add(below.value)
        stored: dict[Term, set[tuple[Term, Term]]] = {}
        query = "SELECT DISTINCT ?s ?p ?o WHERE { VALUES ?s {} ?s ?p ?o }"
        for node, predicate, value in select_for(self.store, query, shipped):
            stored.setdefault(node, set()).add((predicate, value))
        graphs: dict[Term, set[str]] = {}
        query = "SELECT DISTINCT ?s ?g WHERE { VALUES ?s {} GRAPH ?g { ?s ?p ?o } }"
        for node, graph in select_for(self.store, query, shipped):
            graphs.setdefault(node, set()).add(value_of(graph))
        shipped_graphs = {file.graph for file in background_files}
        if shipped_graphs.isdisjoint(set().union(*graphs.values())):  # Everything may be in one graph.
            texts: dict[Term, set[tuple[str, str]]] = {node: _texts(about) for node, about in shipped.items()}
            self.background = {node: about for node, about in stored.items() if _texts(about) <= texts[node]}
        else:
            self.background = {
                node: about for node, about in stored.items() if graphs.get(node, set()) <= shipped_graphs
            }
        self._missing, self._shipped = len(shipped) - len(stored), len(shipped)
        self._walks_paths = self.in_process or _follows_empty_paths(self.store)

    def direct_subclasses(self, classes: set[str]) -> set[str]:
        """Return the classes directly below some classes, in the data or in the shipped ontology."""
        query = f"SELECT DISTINCT ?below ?above WHERE {{ VALUES ?above {{}} ?below <{RDFS}subClassOf> ?above }}"
        rows = select_for(self.store, query, classes)
        below = {node.value for node, _ in rows if isinstance(node, ox.NamedNode)}
        return below.union(*(self._shipped_subclasses.get(cls, ()) for cls in classes))

    def why_not_run(self, select: str) -> str:
        """Return the reason why a query is not run, because the engine would answer it wrongly; else an empty text."""
        if self._walks_paths or not _REPEATED_PATH.search(_STRING.sub("", select)):
            return ""
        return "the engine misses steps of repeated paths"

    def notices(self) -> Iterable[Notice]:
        """Return notices about the data as a whole."""
        yield Notice(
            "lexical-forms",
            "",
            "literals were judged as the engine gives them: 036 may have become 36, an ill-formed year a year",
        )
        if self._missing:
            yield Notice(
                "beside-missing",
                "",
                f"the store lacks {self._missing} of the {self._shipped} terms, concepts and cells that evgraph brings"
                " along, so links to them may be findings; loading a graph with evgraph puts them there",
            )

    def locate(self, findings: Sequence[Finding]) -> Mapping[Finding, Place]:
        """Return the named graph of each finding whose focus node is in one."""
        return locate_in_graphs(findings, self.store)


def _texts(statements: Iterable[tuple[Term, Term]]) -> set[tuple[str, str]]:
    """Return statements without datatypes and languages, which servers change."""
    return {(value_of(predicate), value_of(value)) for predicate, value in statements}


def _follows_empty_paths(store: Store) -> bool:
    """Whether the engine knows that a repeated path may have no steps."""
    for (node,) in select(store, "SELECT ?s WHERE { ?s ?p ?o FILTER(isIRI(?s)) } LIMIT 1"):
        none = "<urn:evgraph:no-such-property>"
        try:
            return all(
                len(list(select(store, f"SELECT ?o WHERE {{ VALUES ?s {{ {node} }} ?s {none}{sign} ?o }}"))) == 1
                for sign in "?*"
            )
        except EndpointError:
            return False
    return True
