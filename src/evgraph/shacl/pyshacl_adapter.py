"""pySHACL as a judge: of the shapes that no SELECT was written for, or of all, as the reference to compare with.

pySHACL mixes up failing and finding, and changes the graphs that it is given. So it gets private copies, parsed
beforehand (a string it would fetch), and its answer is read with care.
"""

from __future__ import annotations

import logging
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.errors import UnreadableError
from evgraph.namespaces import SH
from evgraph.rdf.positions import place_of
from evgraph.shacl.bridge import graph_of
from evgraph.shacl.findings import Finding
from evgraph.shacl.messages import message_of
from evgraph.shacl.shapes_graph import TARGETS, plain
from evgraph.terms import from_rdflib, to_rdflib
from evgraph.text import summarize_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    import rdflib

    from evgraph.rdf.files import DataFile
    from evgraph.shacl.shapes_graph import Node, ShapesGraph

# rdflib's SPARQL parser breaks for the whole process when it is first used in several threads at once.
_ONE_AT_A_TIME = threading.Lock()


def findings_of(
    data: Sequence[DataFile],
    beside: Sequence[DataFile],
    files: Sequence[DataFile],
    shapes: ShapesGraph,
    roots: Collection[Node],
) -> list[Finding]:
    """Have pySHACL judge.

    Args:
        data: the user's files.
        beside: what stands beside them.
        files: the shapes.
        shapes: the same, read.
        roots: the shapes, of those with targets, that are to be judged.

    Raises:
        UnreadableError: pySHACL cannot work with the shapes.

    """
    with _ONE_AT_A_TIME, _quiet():
        whole = graph_of(data, blank="d") + graph_of(beside, blank="c")
        rules = graph_of(files, blank="s")
        try:
            return list(_findings(_run(whole, _judging(rules, shapes, roots)), shapes))
        except _FailureError as failure:
            reason, at_fault = failure, list(roots)
        for root in roots if len(roots) > 1 else ():  # Which one is it? The first that fails alone.
            try:
                _run(whole, _judging(rules, shapes, [root]))
            except _FailureError as failure:
                reason, at_fault = failure, [root]
                break
        raise _unreadable(reason, at_fault, shapes, files)


class _FailureError(Exception):
    """PySHACL gave up."""


def _judging(rules: rdflib.Graph, shapes: ShapesGraph, roots: Collection[Node]) -> rdflib.Graph:
    """Copy shapes so that of those with targets only some judge."""
    import rdflib

    copy = rules + rdflib.Graph()
    _without_targets(copy, shapes, [root for root in shapes.roots if root not in roots])
    return copy


def _without_targets(rules: rdflib.Graph, shapes: ShapesGraph, others: Iterable[Node]) -> None:
    """Take away what makes other shapes judge anything by themselves; as parts of these they stay what they are."""
    from rdflib import RDF as RDF_TERMS
    from rdflib import SH as SHACL

    for shape in others:
        for name in TARGETS:
            rules.remove((to_rdflib(shape), SHACL[name], None))
        if shape in shapes.implicit:
            kept = (SHACL.NodeShape, SHACL.PropertyShape)
            for kind in set(rules.objects(to_rdflib(shape), RDF_TERMS.type)).difference(kept):
                rules.remove((to_rdflib(shape), RDF_TERMS.type, kind))


def _run(data: rdflib.Graph, shapes: rdflib.Graph) -> rdflib.Graph:
    """Have pySHACL judge a copy of the data, and give its report."""
    import pyshacl
    import rdflib
    from pyshacl.errors import ShapeRecursionWarning

    from evgraph.shacl.prepared_graph import PreparingGraph

    try:
        with warnings.catch_warnings():
            # Of shapes that are part of themselves a notice tells. What rdflib cannot compare must not pass for true.
            warnings.filterwarnings("ignore", category=ShapeRecursionWarning)
            warnings.filterwarnings("error", message="NotImplemented should not be used in a boolean context")
            _, report, text = pyshacl.validate(PreparingGraph(data), shacl_graph=shapes, inference="none", inplace=True)
    except Exception as error:  # pySHACL lets through whatever its parts raise.
        raise _FailureError(str(error) or type(error).__name__) from error
    if not isinstance(report, rdflib.Graph):
        raise _FailureError(str(getattr(report, "message", "") or text))
    return report


def _unreadable(
    failure: _FailureError, roots: Sequence[Node], shapes: ShapesGraph, files: Sequence[DataFile]
) -> UnreadableError:
    """Name the shape that pySHACL failed at, with its file and line."""
    reason = next((line.strip() for line in str(failure).splitlines() if line.strip()), "no reason given")
    what, path, line = "these shapes", summarize_names(file.path for file in files), None
    if len(roots) == 1:
        what = f"the shape {shapes.rule(roots[0])}"
        place = place_of(roots[0], files)
        path, line = (place.path, place.line or None) if place else (path, None)
    return UnreadableError(
        f"pySHACL could not work with {what}: {reason}",
        path=path,
        line=line,
        hint="this is no finding about the data; mend the shape and run again",
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep rdflib from logging, with a traceback, an ill-formed literal that will be a finding."""
    log = logging.getLogger("rdflib.term")
    before = log.disabled
    log.disabled = True
    try:
        yield
    finally:
        log.disabled = before


def _findings(report: rdflib.Graph, shapes: ShapesGraph) -> Iterator[Finding]:
    from rdflib import RDF as RDF_TERMS
    from rdflib import SH as SHACL

    for root in report.subjects(RDF_TERMS.type, SHACL.ValidationReport):
        for result in report.objects(root, SHACL.result):  # Not every result: some are a detail of another.
            focus, shape = report.value(result, SHACL.focusNode), report.value(result, SHACL.sourceShape)
            component = report.value(result, SHACL.sourceConstraintComponent)
            if focus is None or shape is None or component is None:
                raise UnreadableError("pySHACL's report lacks a focus node, a source shape or a component")
            source = from_rdflib(shape)
            given = report.value(result, SHACL.resultPath)
            path = None if given is None else from_rdflib(given)
            value = report.value(result, SHACL.value)
            said = [from_rdflib(message) for message in report.objects(result, SHACL.resultMessage)]
            yield Finding(
                severity=shapes.severity(source),
                other_severity=shapes.other_severity(source),
                rule=shapes.rule(source),
                focus=from_rdflib(focus),
                # The report names blank nodes anew; the shape has the original.
                path=path if path is None or isinstance(path, ox.NamedNode) else shapes.path_of(source),
                value=None if value is None else from_rdflib(value),
                message=plain(one for one in said if isinstance(one, ox.Literal))
                or plain(
                    message_of(shapes, source, str(component).removeprefix(SH).removesuffix("ConstraintComponent"))
                ),
                source_shape=source,
                component=str(component),
            )
