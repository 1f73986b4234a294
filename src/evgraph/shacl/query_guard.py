"""Refuse query texts in shapes that ask for more than the data, before any engine reads them.

SHACL has SPARQL in constraints, validators of components and targets, and SHACL Advanced Features in functions and
rules. Each such text passes the guard of `evgraph.sparql.guard`, whether or not evgraph uses it.
https://www.w3.org/TR/shacl/#sparql-constraints https://www.w3.org/TR/shacl-af/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.errors import UnreadableError
from evgraph.namespaces import SH
from evgraph.rdf.positions import place_of
from evgraph.shacl.shapes_graph import MalformedError
from evgraph.shacl.sparql_constraints import prefixes_of
from evgraph.sparql.guard import check_query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.shacl.shapes_graph import Node, ShapesGraph

QUERY_TEXTS = ("select", "ask", "construct", "update")
"""The properties of SHACL whose values are SPARQL."""


def refuse_foreign_queries(shapes: ShapesGraph, files: Sequence[DataFile]) -> None:
    """Refuse shapes whose queries ask other servers, name graphs, or change data.

    Args:
        shapes: the shapes.
        files: the files of the shapes.

    Raises:
        UnreadableError: a query text contains such a word, or one of its prefixes is not well-formed; the error names
            the shape, and file and line where the shape has an IRI.

    """
    for name in QUERY_TEXTS:
        for node in shapes.subjects(SH + name):
            for text in shapes.sh(node, name):
                try:
                    prefixes = prefixes_of(shapes, node)
                    check_query(prefixes + (text.value if isinstance(text, ox.Literal) else str(text)))
                except (MalformedError, UnreadableError) as error:
                    message = error.message if isinstance(error, UnreadableError) else str(error)
                    raise _refused(message, node, shapes, files) from None


def _refused(message: str, node: Node, shapes: ShapesGraph, files: Sequence[DataFile]) -> UnreadableError:
    owner = shapes.owner(node)
    place = place_of(owner, files)
    path, line = (place.path, place.line or None) if place else (", ".join(file.path for file in files), None)
    return UnreadableError(
        f"the query text of {shapes.rule(owner)} is refused: {message}",
        path=path,
        line=line,
        hint="change the query: it may ask only the data that is validated",
    )
