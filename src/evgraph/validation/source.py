"""The data of a validation: what is the same wherever it is, and data in a store on disk or on a server.

Such a store stays where it is: everything is asked with queries.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.errors import EndpointError
from evgraph.namespaces import EVG, LABEL_PROPERTIES, RDF, RDFS
from evgraph.rdf.files import always_loaded
from evgraph.shacl.comparisons import FUNCTIONS
from evgraph.shacl.findings import Notice
from evgraph.shacl.lexical_queries import Uncommon
from evgraph.shacl.shapes_graph import triples
from evgraph.store.embedded import OxigraphStore
from evgraph.store.protocol import WholeAnswers, WithoutSecrets, select, select_for
from evgraph.terms import value_of
from evgraph.validation.locations import locate_in_graphs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set

    from evgraph.rdf.files import DataFile
    from evgraph.rdf.positions import Place
    from evgraph.shacl.findings import Finding
    from evgraph.shacl.shapes_graph import Node
    from evgraph.store.protocol import Store, Term


class Source(ABC):
    """Data that is validated; see `evgraph.shacl.targets.Source`.

    The ontology, the concept schemes and the matrices are always part of the data. Nodes that only they describe are
    its background.

    Attributes:
        store: all of the data.
        files: the user's files; none where the data is in a store.
        other_files: the files with the background that are loaded beside them.
        marked_datatypes: the datatypes of literals that the store holds under another one.
        background: node of the background → its statements, as predicate and object.

    """

    store: Store
    files: Sequence[DataFile] = ()
    other_files: Sequence[DataFile] = ()
    marked_datatypes: Collection[str] = ()
    background: Mapping[Term, Set[tuple[Term, Term]]]

    def __init__(self) -> None:
        self._subclasses: dict[str, list[str]] = {}

    @cached_property
    def in_process(self) -> bool:
        """Whether the engine is in this process: then its queries run in two threads, and it refuses none."""
        return isinstance(self.store, OxigraphStore)

    def subclasses(self, cls: str) -> list[str]:
        """Return a class and all classes below it, sorted.

        https://www.w3.org/TR/shacl/#dfn-shacl-subclass
        """
        if cls not in self._subclasses:
            classes, ahead = {cls}, {cls}
            while ahead:
                ahead = self.direct_subclasses(ahead) - classes
                classes |= ahead
            self._subclasses[cls] = sorted(classes)
        return self._subclasses[cls]

    @abstractmethod
    def direct_subclasses(self, classes: set[str]) -> set[str]:
        """Return the classes directly below some classes."""

    def add_nodes(self, nodes: Iterable[Term]) -> None:  # noqa: B027 - a store is not changed
        """Make terms nodes of the data, where that is possible."""

    def unmark_literals(self) -> None:  # noqa: B027 - a store has no marked literals
        """Give the store all literals under their own datatypes."""

    def call_functions(self, functions: Mapping[ox.NamedNode, Callable[..., Term | None]]) -> None:
        """Have queries call functions beside those that compare, where the engine is in this process."""
        if isinstance(self.store, OxigraphStore):
            self.store.functions = {**FUNCTIONS, **functions}

    def uncommon(self) -> Uncommon:
        """Return the literals of the data that the engine takes for others; those of a store are not known."""
        return Uncommon()

    def store_for_queries(self) -> OxigraphStore:
        """Return the data as queries of authors see it, where the engine is in this process."""
        assert isinstance(self.store, OxigraphStore)  # noqa: S101 - others get no such queries
        return self.store

    def as_written(self, subject: Term, predicate: Term | None, value: Term) -> Term:  # noqa: ARG002
        """Return the value of a row as it is written in the data, as far as that is known."""
        return value

    def labels(self, nodes: Collection[Term]) -> dict[Term, list[ox.Literal]]:
        """Return the labels of nodes that have one: the values of the first of `LABEL_PROPERTIES` that has any."""
        # A VALUES for the properties, too, makes Oxigraph go through all labels of the data.
        properties = ", ".join(f"<{name}>" for name in LABEL_PROPERTIES)
        query = f"SELECT DISTINCT ?s ?p ?o WHERE {{ VALUES ?s {{}} ?s ?p ?o FILTER(?p IN ({properties})) }}"
        rows = list(select_for(self.store, query, nodes))
        if self.files and any(isinstance(node, ox.BlankNode) for node in nodes):  # Blank nodes of servers change.
            rows += select(self.store, query.replace("VALUES ?s {}", "").replace("FILTER(", "FILTER(isBlank(?s) && "))
        ranked: dict[Term, dict[int, list[ox.Literal]]] = {}
        for node, predicate, value in rows:
            if isinstance(value, ox.Literal):
                rank = LABEL_PROPERTIES.index(value_of(predicate))
                ranked.setdefault(node, {}).setdefault(rank, []).append(value)
        return {node: by_rank[min(by_rank)] for node, by_rank in ranked.items()}

    def used_terms(self) -> set[str]:
        """Return the IRIs of every property, class and claimed property in the data."""
        patterns = ("?s ?term ?o", f"?s <{RDF}type> ?term", f"?s <{RDF}predicate> ?term")
        rows = (row for where in patterns for row in select(self.store, f"SELECT DISTINCT ?term WHERE {{ {where} }}"))
        return {term.value for (term,) in rows if isinstance(term, ox.NamedNode)}

    def why_not_run(self, select: str) -> str:  # noqa: ARG002
        """Return the reason why a query is not run, because the engine would answer it wrongly; else an empty text."""
        return ""

    def notices(self) -> Iterable[Notice]:
        """Return notices about the data as a whole."""
        return ()

    @abstractmethod
    def locate(self, findings: Sequence[Finding]) -> Mapping[Finding, Place]:
        """Return the place of each finding that has one: in a file, or a named graph."""


def statements_by_node(files: Iterable[DataFile]) -> dict[Node, set[tuple[ox.NamedNode, Term]]]:
    """Return the nodes of files that evgraph ships with their statements, as predicate and object."""
    statements: dict[Node, set[tuple[ox.NamedNode, Term]]] = {}
    for file in files:
        for subject, predicate, value in _triples_of(file):
            statements.setdefault(subject, set()).add((predicate, value))
    return statements


def ontology_terms() -> set[str]:
    """Return the IRIs of the terms that the ontology defines."""
    subjects = (subject for subject, _, _ in _triples_of(always_loaded()[0]))
    return {node.value for node in subjects if isinstance(node, ox.NamedNode) and node.value.startswith(EVG)}


@lru_cache(maxsize=3)
def _triples_of(file: DataFile) -> Sequence[tuple[Node, ox.NamedNode, Term]]:
    return list(triples([file], "c"))


_REPEATED_PATH = re.compile(r"[>)][*+?]")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


class StoreSource(Source):
    """A store.

    Args:
        store: the data, with the ontology, the concept schemes and the matrices.

    """

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store if isinstance(store, OxigraphStore) else WithoutSecrets(WholeAnswers(store))
        if isinstance(store, OxigraphStore):
            store.functions = FUNCTIONS
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
            "literals were checked as the engine returns them: 036 may have become 36, an ill-formed year a year",
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
