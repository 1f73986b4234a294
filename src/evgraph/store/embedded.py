"""Oxigraph in this process: the default engine, in memory; `evgraph.store.disk` keeps graphs on disk.

https://pyoxigraph.readthedocs.io/
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, TypeVar

import pyoxigraph as ox

from evgraph import offline
from evgraph.errors import IllegalQueryError
from evgraph.namespaces import PREFIXES
from evgraph.store.protocol import Answer, Rows, Term, Triples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from evgraph.rdf.files import DataFile

_T = TypeVar("_T")
_FEW = 20_000  # Quads; starting to load more in bulk takes longer than adding these.
_POSITION = r"error at (\d+):(\d+): "
_FUNCTION = r"function <([^>]*)> is not supported"


@lru_cache(10_000)
def node(iri: str) -> ox.NamedNode:
    """Return an IRI as a term; making it anew takes longer than to look up what it is the subject of."""
    return ox.NamedNode(iri)


class OxigraphStore:
    """A `Store` on an Oxigraph store; queries see the union of its graphs."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self.functions: dict[ox.NamedNode, Callable[..., Term | None]] = {}  # Those that queries may call, by IRI.
        self._cache: dict[str, Any] = {}

    def matches(
        self,
        subject: ox.NamedNode | ox.BlankNode | None = None,
        predicate: str | None = None,
        value: Term | None = None,
    ) -> Iterator[ox.Quad]:
        """Iterate over the quads with a subject, a predicate and an object; None matches any."""
        return self._store.quads_for_pattern(subject, None if predicate is None else node(predicate), value)

    def recall(self, name: str, compute: Callable[[], _T]) -> _T:
        """Return the cached value of a name; compute it the first time, and again after the graph has changed."""
        if name not in self._cache:
            self._cache[name] = compute()
        value: _T = self._cache[name]
        return value

    def query(self, sparql: str) -> Answer:
        """See `Store.query`."""
        answer = self._evaluate(sparql)
        if isinstance(answer, ox.QueryBoolean):
            return bool(answer)
        if isinstance(answer, ox.QueryTriples):
            return Triples(self._triples(answer))
        return Rows([variable.value for variable in answer.variables], self._tuples(answer))

    def write_json(self, sparql: str, output: IO[bytes]) -> None:
        """Write the answer to a SELECT or an ASK in SPARQL's JSON, which the engine does without Python.

        Raise what `query` does, and what the output raises.
        """
        answer = self._evaluate(sparql)
        if isinstance(answer, ox.QueryTriples):
            raise TypeError(sparql)
        answer.serialize(output, format=ox.QueryResultsFormat.JSON)

    def _evaluate(self, sparql: str) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        if "PREFIX" in sparql:  # A query that declares prefixes mostly declares all; the engine reads ours each time.
            with suppress(IllegalQueryError):
                return self._ask(sparql, {})
        return self._ask(
            sparql, {name: iri for name, iri in PREFIXES.items() if f"{name}:" in sparql or "\\" in sparql}
        )

    def _ask(self, sparql: str, prefixes: dict[str, str]) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        try:
            return self._store.query(
                sparql, prefixes=prefixes, use_default_graph_as_union=True, custom_functions=self.functions
            )
        except SyntaxError as error:
            position = re.match(_POSITION, str(error))
            raise IllegalQueryError(
                f"the query is not legal SPARQL: {re.sub(_POSITION, '', str(error))}",
                line=int(position[1]) if position else 1,
                column=int(position[2]) if position else 1,
            ) from None
        except RuntimeError as error:
            function = re.search(_FUNCTION, str(error))
            raise IllegalQueryError(
                f"the query cannot be evaluated: {error}", value=function[1] if function else None
            ) from None

    def select_bound(self, sparql: str, values: Mapping[str, Term], *, union: bool = True) -> Rows:
        """Return the answer to a SELECT in which variables that it selects are bound beforehand, in groups within, too.

        Raises:
            SyntaxError: the query is not legal SPARQL.
            RuntimeError: the query does not select such a variable.

        """
        bound = {ox.Variable(name): term for name, term in values.items()}
        answer = self._store.query(sparql, substitutions=bound, use_default_graph_as_union=union)
        if not isinstance(answer, ox.QuerySolutions):
            raise TypeError(sparql)
        return Rows([variable.value for variable in answer.variables], self._tuples(answer))

    def quads(self, graph: str | None = None) -> Iterator[ox.Quad]:
        """Iterate over all quads, or over those of one graph."""
        return self._store.quads_for_pattern(None, None, None, None if graph is None else ox.NamedNode(graph))

    def graphs(self) -> list[str]:
        """Return the IRIs of the named graphs, sorted."""
        return sorted(graph.value for graph in self._store.named_graphs() if isinstance(graph, ox.NamedNode))

    def __len__(self) -> int:
        """Return the number of quads."""
        return len(self._store)

    # Generators, because they keep the store alive while they are iterated over.
    def _tuples(self, solutions: ox.QuerySolutions) -> Iterator[tuple[Term | None, ...]]:
        yield from map(tuple, solutions)

    def _triples(self, triples: ox.QueryTriples) -> Iterator[ox.Triple]:
        yield from triples


class OfflineStore:
    """A `Store` that evaluates queries in a thread without network access, for queries that other people wrote.

    See `evgraph.offline`.
    """

    def __init__(self, store: OxigraphStore) -> None:
        self._store = store

    def query(self, sparql: str) -> Answer:
        """See `Store.query`."""
        heads: list[Answer] = []

        def start() -> Iterator[Any]:
            answer = self._store.query(sparql)
            if isinstance(answer, bool):
                heads.append(answer)
                return iter(())
            heads.append(Rows(answer.columns, iter(())) if isinstance(answer, Rows) else Triples(iter(())))
            return answer.rows if isinstance(answer, Rows) else answer.triples

        results = offline.iterate(start)
        (head,) = heads
        if isinstance(head, bool):
            return head
        return Rows(head.columns, results) if isinstance(head, Rows) else Triples(results)


class EmbeddedStore(OxigraphStore):
    """A `Store` in memory; each file is a named graph."""

    def __init__(self) -> None:
        super().__init__(ox.Store())

    def load(self, file: DataFile, *, named: bool = True) -> None:
        """Add the triples of a file to its graph, or unless `named` to the default graph.

        Raise UnreadableError if the file is not well-formed; the error names the line, and nothing is added.
        """
        self._cache.clear()
        try:
            self._store.load(
                file.content(),
                format=file.format.rdf_format(),
                base_iri=file.base,
                to_graph=None if file.format.quads or not named else ox.NamedNode(file.graph),
            )
        except (SyntaxError, MemoryError) as error:
            raise file.unreadable(error) from None

    def extend(self, quads: Iterable[ox.Quad]) -> None:
        """Add quads."""
        self._cache.clear()
        quads = iter(quads)
        few = list(islice(quads, _FEW))
        self._store.extend(few)
        if len(few) == _FEW:
            self._store.bulk_extend(quads)

    def replace(self, old: Iterable[ox.Quad], new: Iterable[ox.Quad]) -> None:
        """Remove quads and add others."""
        self._cache.clear()
        for quad in old:
            self._store.remove(quad)
        self._store.extend(new)
