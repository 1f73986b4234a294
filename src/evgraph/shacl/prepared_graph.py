"""An rdflib graph that parses each SPARQL query once.

pySHACL runs the same query for every focus node, and rdflib takes 50 milliseconds to parse it. This module imports
rdflib, so import it only where it is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rdflib
from rdflib.plugins.sparql import prepareQuery

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib.graph import _TripleType
    from rdflib.plugins.sparql.sparql import Query
    from rdflib.query import Result


class PreparingGraph(rdflib.Graph):
    """A graph that keeps its queries, parsed, for the next time."""

    def __init__(self, triples: Iterable[_TripleType] = ()) -> None:
        super().__init__(bind_namespaces="none")
        self._prepared: dict[str, Query] = {}
        for triple in triples:
            self.add(triple)

    def query(self, query_object: str | Query, *args: Any, **kwargs: Any) -> Result:
        """See `rdflib.Graph.query`."""
        if isinstance(query_object, str):
            text = query_object
            if text not in self._prepared:
                self._prepared[text] = prepareQuery(text)
            query_object = self._prepared[text]
        return super().query(query_object, *args, **kwargs)
