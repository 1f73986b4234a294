"""Validation by pySHACL: of the shapes that cannot be compiled, or of all, to compare with.

pySHACL reports some failures as findings, and changes the graphs that it gets. So it gets private copies, parsed
beforehand (it would fetch an address), and its report is read with care.

This module imports pySHACL and rdflib, so import it only where it is needed.
"""

from __future__ import annotations

import logging
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pyshacl
import rdflib
from pyshacl.errors import ShapeRecursionWarning
from rdflib import RDF as RDF_TERMS
from rdflib import SH as SHACL
from rdflib.plugins.sparql import prepareQuery

from evgraph.errors import UnreadableError
from evgraph.namespaces import SH
from evgraph.rdf.positions import place_of
from evgraph.shacl.findings import Finding
from evgraph.shacl.messages import message_of
from evgraph.shacl.shapes_graph import DEEPEST, TARGETS, plain, triples
from evgraph.terms import from_rdflib, to_rdflib
from evgraph.text import summarize_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from rdflib.graph import _TripleType
    from rdflib.plugins.sparql.sparql import Query
    from rdflib.query import Result

    from evgraph.rdf.files import DataFile
    from evgraph.shacl.shapes_graph import Node, ShapesGraph

# rdflib's SPARQL parser breaks for the whole process if several threads use it for the first time at once.
_ONE_AT_A_TIME = threading.Lock()


def findings_of(
    data: Sequence[DataFile],
    background: Sequence[DataFile],
    files: Sequence[DataFile],
    shapes: ShapesGraph,
    roots: Collection[Node],
) -> list[Finding]:
    """Return the findings of pySHACL.

    Args:
        data: the user's files.
        background: files that belong to the data graph and get no findings.
        files: the shapes.
        shapes: the same, as a graph.
        roots: the shapes with targets to validate by.

    Raises:
        UnreadableError: pySHACL cannot work with the shapes.

    """
    with _ONE_AT_A_TIME, _quiet():
        whole = _graph_of(data, blank="d") + _graph_of(background, blank="c")
        graph = _graph_of(files, blank="s")
        try:
            return list(_findings(_run(whole, _with_targets(graph, shapes, roots)), shapes))
        except _FailureError as failure:
            reason, failing = failure, list(roots)
        for root in roots if len(roots) > 1 else ():  # The error names the first shape that fails alone.
            try:
                _run(whole, _with_targets(graph, shapes, [root]))
            except _FailureError as failure:
                reason, failing = failure, [root]
                break
        raise _unreadable(reason, failing, shapes, files)


def _graph_of(files: Iterable[DataFile], *, blank: str) -> rdflib.Graph:
    """Return one rdflib graph of files; see `triples`.

    Raises:
        UnreadableError: a file is not well-formed, or contains a triple term, which SHACL does not know.

    """
    graph = rdflib.Graph(bind_namespaces="none")
    for subject, predicate, value in triples(files, blank):
        node = to_rdflib(subject)
        assert isinstance(node, rdflib.URIRef | rdflib.BNode)  # noqa: S101 - a subject is not a literal
        graph.add((node, rdflib.URIRef(predicate.value), to_rdflib(value)))
    return graph


class _FailureError(Exception):
    """PySHACL failed."""


def _with_targets(graph: rdflib.Graph, shapes: ShapesGraph, roots: Collection[Node]) -> rdflib.Graph:
    """Return a copy of a shapes graph in which only some shapes have targets; the others stay as parts of these."""
    copy = graph + rdflib.Graph()
    for shape in shapes.roots:
        if shape in roots:
            continue
        for name in TARGETS:
            copy.remove((to_rdflib(shape), SHACL[name], None))
        if shape in shapes.implicit:
            kept = (SHACL.NodeShape, SHACL.PropertyShape)
            for kind in set(copy.objects(to_rdflib(shape), RDF_TERMS.type)).difference(kept):
                copy.remove((to_rdflib(shape), RDF_TERMS.type, kind))
    return copy


def _run(data: rdflib.Graph, shapes: rdflib.Graph) -> rdflib.Graph:
    """Return pySHACL's report on a copy of the data."""
    try:
        with warnings.catch_warnings():
            # A notice names shapes that are part of themselves. A comparison that rdflib cannot make is not true.
            warnings.filterwarnings("ignore", category=ShapeRecursionWarning)
            warnings.filterwarnings("error", message="NotImplemented should not be used in a boolean context")
            _, report, text = pyshacl.validate(
                _PreparingGraph(data),
                shacl_graph=shapes,
                inference="none",
                inplace=True,
                max_validation_depth=4 * DEEPEST,
            )
    except Exception as error:  # pySHACL raises whatever its parts raise.
        raise _FailureError(str(error) or type(error).__name__) from error
    if not isinstance(report, rdflib.Graph):
        raise _FailureError(str(getattr(report, "message", "") or text))
    return report


def _unreadable(
    failure: _FailureError, roots: Sequence[Node], shapes: ShapesGraph, files: Sequence[DataFile]
) -> UnreadableError:
    """Return the error that names the shape at which pySHACL failed, with its file and line."""
    reason = next((line.strip() for line in str(failure).splitlines() if line.strip()), "no reason given")
    name, path, line = "these shapes", summarize_names(file.path for file in files), None
    if len(roots) == 1:
        name = f"the shape {shapes.rule(roots[0])}"
        place = place_of(roots[0], files)
        path, line = (place.path, place.line or None) if place else (path, None)
    return UnreadableError(
        f"pySHACL could not work with {name}: {reason}",
        path=path,
        line=line,
        hint="this is not a finding about the data; correct the shape and run again",
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep rdflib from logging ill-formed literals, which are findings, with a traceback."""
    log = logging.getLogger("rdflib.term")
    before = log.disabled
    log.disabled = True
    try:
        yield
    finally:
        log.disabled = before


def _findings(report: rdflib.Graph, shapes: ShapesGraph) -> Iterator[Finding]:
    for root in report.subjects(RDF_TERMS.type, SHACL.ValidationReport):
        for result in report.objects(root, SHACL.result):  # Some results are a detail of another one.
            focus, shape = report.value(result, SHACL.focusNode), report.value(result, SHACL.sourceShape)
            component = report.value(result, SHACL.sourceConstraintComponent)
            if focus is None or shape is None or component is None:
                raise UnreadableError("pySHACL's report lacks a focus node, a source shape or a component")
            source = from_rdflib(shape)
            result_path = report.value(result, SHACL.resultPath)
            path = None if result_path is None else from_rdflib(result_path)
            value = report.value(result, SHACL.value)
            messages = [from_rdflib(message) for message in report.objects(result, SHACL.resultMessage)]
            yield Finding(
                severity=shapes.severity(source),
                other_severity=shapes.other_severity(source),
                rule=shapes.rule(source),
                focus=from_rdflib(focus),
                # The report has other labels of blank nodes than the shape.
                path=path if path is None or isinstance(path, ox.NamedNode) else shapes.path_of(source),
                value=None if value is None else from_rdflib(value),
                message=plain(message for message in messages if isinstance(message, ox.Literal))
                or plain(
                    message_of(shapes, source, str(component).removeprefix(SH).removesuffix("ConstraintComponent"))
                ),
                source_shape=source,
                component=str(component),
            )


class _PreparingGraph(rdflib.Graph):
    """A graph that parses each query once: pySHACL runs it for every focus node, and rdflib takes 50 ms to parse it."""

    def __init__(self, triples: Iterable[_TripleType] = ()) -> None:
        super().__init__(bind_namespaces="none")
        self._prepared: dict[str, Query] = {}
        for triple in triples:
            self.add(triple)

    def query(self, query_object: str | Query, *args: Any, **kwargs: Any) -> Result:
        if isinstance(query_object, str):
            text = query_object
            if text not in self._prepared:
                self._prepared[text] = prepareQuery(text)
            query_object = self._prepared[text]
        return super().query(query_object, *args, **kwargs)
