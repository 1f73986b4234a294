"""Run pySHACL in a worker process, which ends at a deadline.

pySHACL validates what SPARQL cannot express: regular expressions with lookaround or backreferences.
Python tries every way to match one, and for some texts there are more ways than anybody can wait for.
https://docs.python.org/3/library/re.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph import offline, workers
from evgraph.errors import Hint, LimitReachedError
from evgraph.limits import Limits
from evgraph.rdf.positions import place_of
from evgraph.shacl.shapes_graph import ShapesGraph
from evgraph.text import summarize_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.shacl.findings import Finding
    from evgraph.shacl.shapes_graph import Node


def findings_within(
    seconds: float,
    data: Sequence[DataFile],
    beside: Sequence[DataFile],
    files: Sequence[DataFile],
    shapes: ShapesGraph,
    roots: Sequence[Node],
) -> list[Finding]:
    """Return the findings of `evgraph.shacl.pyshacl_adapter.findings_of`, or raise an error after so many seconds.

    Raises:
        LimitReachedError: it took longer.
        UnreadableError: pySHACL cannot work with the shapes, or its process ended.

    """
    limits = Limits(seconds)
    try:
        (findings,) = workers.iterate(
            _findings, data, beside, files, roots, limits=limits, task="pySHACL", key="pySHACL"
        )
    except LimitReachedError:
        place = place_of(roots[0], files) if len(roots) == 1 else None
        names = summarize_names(map(shapes.rule, roots))
        raise LimitReachedError(
            f"pySHACL, which alone can validate {names}, took longer than {seconds:g} s and was ended;"
            " regular expressions with (?…) or \\1 may take for ever",
            path=place and place.path,
            line=(place and place.line) or None,
            hint=Hint.ALLOW_MORE_TIME,
        ) from None
    return findings


def _findings(
    data: Sequence[DataFile], beside: Sequence[DataFile], files: Sequence[DataFile], roots: Sequence[Node]
) -> list[list[Finding]]:
    from evgraph.shacl.pyshacl_adapter import findings_of

    offline.refuse_connections()
    return [findings_of(data, beside, files, ShapesGraph(files), roots)]
