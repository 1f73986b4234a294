"""Queries of shapes' authors in conditions, such as ``sh:sparql`` in ``sh:not``, as functions that the engine calls.

A condition is part of a larger query, and a query of an author must run for one node, with variables bound beforehand.
So the larger query calls a function, and the function runs the author's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from evgraph.errors import UnreadableError
from evgraph.rdf import lexical_forms as lexical
from evgraph.shacl import components, one_node, sparql_constraints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from evgraph.shacl.lexical_queries import Uncommon
    from evgraph.shacl.one_node import OneNodeQuery
    from evgraph.shacl.paths import Path
    from evgraph.shacl.shapes_graph import Node, ShapesGraph
    from evgraph.shacl.targets import Source
    from evgraph.store.protocol import Term

_START = "urn:evgraph:query:"


class ConditionQuery(NamedTuple):
    """A query of an author in a condition."""

    shape: Node
    query: OneNodeQuery


def queries_of(
    shapes: ShapesGraph,
    shape: Node,
    path: Path | None,
    declared: list[components.Component],
    uncommon: Uncommon,
    more: str,
) -> Iterator[OneNodeQuery]:
    """Iterate over the queries of a shape: of its constraints in SPARQL, and of components that the shapes declare.

    Raises:
        MalformedError: one does not follow the standard.
        InexactError: the engine would answer it otherwise than the standard.

    """
    for node in shapes.sh(shape, "sparql"):
        if ox.Literal(True) not in shapes.sh(node, "deactivated"):
            text = sparql_constraints.text_of(shapes, node)
            yield one_node.for_one_node(text, shape, path, uncommon=uncommon, more=more)
    for use in components.uses(shapes, shape, declared):
        text = sparql_constraints.text_of(shapes, use.validator, use.text)
        yield one_node.for_one_node(text, shape, path, use.values, uncommon, more)


class ConditionQueries:
    """The queries of authors in the conditions of some shapes, each with a function.

    The function has a focus node and, for an ASK, a value node; it returns whether they break the constraint.
    """

    def __init__(self) -> None:
        self._queries: dict[str, ConditionQuery] = {}
        self._errors: list[UnreadableError] = []

    def call(self, shape: Node, query: OneNodeQuery, *nodes: str) -> str:
        """Return the text of a call; ``nodes`` are variables."""
        iri = f"{_START}{len(self._queries) + 1}"
        self._queries[iri] = ConditionQuery(shape, query)
        return f"<{iri}>({', '.join(nodes)})"

    def functions(self, data: Source, shapes: ShapesGraph) -> Mapping[ox.NamedNode, Callable[..., Term | None]]:
        """Return the functions by their IRIs."""
        store = data.store_for_queries() if self._queries else None
        return {
            ox.NamedNode(iri): self._function(one_node.Runner(store, shapes, query.query), shapes.rule(query.shape))
            for iri, query in self._queries.items()
            if store is not None
        }

    def _function(self, runner: one_node.Runner, rule: str) -> Callable[..., Term | None]:
        known: dict[tuple[Term, ...], Term] = {}

        def breaks(*nodes: Term) -> Term | None:
            if nodes not in known:
                row = {
                    name: lexical.for_queries(node) if isinstance(node, ox.Literal) else node
                    for name, node in zip(("this", "value"), nodes, strict=False)
                }
                try:
                    known[nodes] = ox.Literal(any(True for _ in runner.rows(row)))
                except UnreadableError as error:  # The engine would take an error for no value.
                    self._errors.append(error)
                    return None
                except (RuntimeError, ValueError) as error:
                    self._errors.append(UnreadableError(f"a query of {rule} cannot be evaluated: {error}"))
                    return None
            return known[nodes]

        return breaks

    def raise_error(self) -> None:
        """Raise the error of a function that was called, if there was one.

        Raises:
            UnreadableError: a query cannot be evaluated, or reports a failure.

        """
        if self._errors:
            raise self._errors[0]
