"""Data against shapes, by pySHACL, with what it leaves unsaid said.

pySHACL mixes up failing and finding, passes in silence where nothing was there to judge, and changes the graphs that it
is given. So it gets private copies, parsed beforehand (a string it would fetch), and its answer is read with care.
https://www.w3.org/TR/shacl/
"""

from __future__ import annotations

import logging
import re
import threading
from contextlib import contextmanager
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from evgraph import resources
from evgraph.errors import NothingCheckedError, UnreadableError
from evgraph.integrity import paths
from evgraph.integrity.bridge import graph_of, to_ox
from evgraph.integrity.findings import Finding, Report, Severity
from evgraph.integrity.notices import Targets, notices
from evgraph.namespaces import curie
from evgraph.store.files import DataFile, always_loaded, find

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import rdflib
    from rdflib.term import Node

# rdflib's SPARQL parser breaks for the whole process when it is first used in several threads at once.
_ONE_AT_A_TIME = threading.Lock()


def our_shapes() -> list[DataFile]:
    """Find evgraph's own shapes."""
    return find([resources.ontology() / "shapes"])


def judge(data: Sequence[DataFile], shapes: Sequence[DataFile]) -> Report:
    """Judge data by shapes; the ontology, the concept schemes and the matrices stand beside it.

    Args:
        data: the user's files. Only nodes that they describe, or that nothing describes, are reported.
        shapes: SHACL shapes, such as `our_shapes`.

    Raises:
        UnreadableError: a file is not well-formed, or pySHACL cannot work with the shapes.
        NothingCheckedError: no node of the user's files was judged.

    """
    with _ONE_AT_A_TIME, _quiet():
        return _judge(data, shapes)


def _judge(data: Sequence[DataFile], shapes: Sequence[DataFile]) -> Report:
    own = graph_of(data, blank="d")
    rules = graph_of(shapes, blank="s")
    if not own:
        raise NothingCheckedError(
            "nothing was checked: there is no triple in the data", way_out="name a file that holds some"
        )
    if not rules:
        raise NothingCheckedError(
            "nothing was checked: there is no shape in the shapes", way_out="name a file that holds some"
        )
    _all_there(rules, shapes)
    given = {_whereabouts(file) for file in data}
    beside = graph_of([file for file in always_loaded() if _whereabouts(file) not in given], blank="c")
    elsewhere = set(beside.subjects()) - set(own.subjects())
    everything = own + beside
    targets = Targets(everything, rules)
    focus = targets.nodes - elsewhere
    if not focus:
        raise NothingCheckedError(
            "nothing was checked: the shapes have no target in the data",
            way_out=f"they look for {_and_so_on(curie(str(cls)) for cls in targets.classes) or 'no class'}",
        )
    found = {
        finding
        for finding, node in _findings(_run(everything, rules, shapes), everything, rules)
        if node not in elsewhere
    }
    ontology = graph_of(find([resources.ontology() / "evgraph.ttl"]), blank="o")
    counts = {str(cls): len(members - elsewhere) for cls, members in targets.classes.items()}
    return Report(
        findings=tuple(sorted(found, key=lambda finding: finding.order)),
        notices=tuple(notices(own, rules, targets, ontology.subjects())),
        checked=tuple(sorted((cls, count) for cls, count in counts.items() if count)),
        focus_count=len(focus),
    )


def _all_there(rules: rdflib.Graph, files: Sequence[DataFile]) -> None:
    """Refuse shapes that refer to others which are not there: pySHACL takes a missing shape for one without demands."""
    from rdflib import SH

    single = (SH.node, SH.property, SH["not"], SH.qualifiedValueShape)
    used = {shape for link in single for shape in rules.objects(None, link)}
    for link in (SH["or"], SH["and"], SH.xone):
        used.update(shape for members in rules.objects(None, link) for shape in rules.items(members))
    missing = {str(shape) for shape in used if (shape, None, None) not in rules}
    if missing:
        raise UnreadableError(
            f"these shapes refer to shapes that are not there: {_and_so_on(missing)}",
            path=_and_so_on(file.path for file in files),
            way_out="add the file that holds them, or mend the names",
        )


def _run(data: rdflib.Graph, shapes: rdflib.Graph, files: Sequence[DataFile]) -> rdflib.Graph:
    """Have pySHACL judge copies, and give its report."""
    import pyshacl
    import rdflib

    from evgraph.integrity.prepared import PreparingGraph

    try:
        _, report, text = pyshacl.validate(
            PreparingGraph(data), shacl_graph=shapes + rdflib.Graph(), inference="none", inplace=True
        )
    except Exception as error:  # pySHACL lets through whatever its parts raise.
        raise _failure(str(error) or type(error).__name__, files) from error
    if not isinstance(report, rdflib.Graph):
        raise _failure(str(getattr(report, "message", "") or text), files)
    return report


def _failure(reason: str, files: Iterable[DataFile]) -> UnreadableError:
    line = next((line.strip() for line in reason.splitlines() if line.strip()), "no reason given")
    return UnreadableError(
        f"pySHACL could not work with these shapes: {line}",
        path=_and_so_on(file.path for file in files),
        way_out="this is no finding about the data; mend the shapes and run again",
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


def _findings(report: rdflib.Graph, data: rdflib.Graph, shapes: rdflib.Graph) -> Iterator[tuple[Finding, Node]]:
    from rdflib import RDF, SH

    for root in report.subjects(RDF.type, SH.ValidationReport):
        for result in report.objects(root, SH.result):  # Not every sh:ValidationResult: some are a detail of another.
            focus, shape = report.value(result, SH.focusNode), report.value(result, SH.sourceShape)
            component = report.value(result, SH.sourceConstraintComponent)
            if focus is None or shape is None or component is None:
                raise UnreadableError("pySHACL's report lacks a focus node, a source shape or a component")
            path = report.value(result, SH.resultPath)
            if path is not None and _is_blank(path):
                path = shapes.value(shape, SH.path)  # The report names blank nodes anew; the shape has the original.
            value = report.value(result, SH.value)
            yield (
                Finding(
                    severity=_severity(report.value(result, SH.resultSeverity)),
                    rule=_rule(shape, shapes),
                    focus=to_ox(focus),
                    path=None if path is None else paths.read(shapes, path),
                    value=None if value is None else to_ox(value),
                    message=_plain(report.objects(result, SH.resultMessage)),
                    source_shape=to_ox(shape),
                    component=str(component),
                    label=_label(focus, data),
                ),
                focus,
            )


def _severity(node: Node | None) -> Severity:
    return next((one for one in Severity if one.iri == str(node)), Severity.VIOLATION)


def _rule(shape: Node, shapes: rdflib.Graph) -> str:
    from rdflib import SH

    if not _is_blank(shape):
        return _local(str(shape))
    parents = sorted(_rule(parent, shapes) for parent in shapes.subjects(SH.property, shape) if parent != shape)
    path = shapes.value(shape, SH.path)
    steps = [] if path is None else [paths.text(paths.read(shapes, path), lambda name: _local(name.value))]
    return "-".join([*parents[:1], *steps]) or "unnamed"


def _local(iri: str) -> str:
    return re.split(r"[#/:]", iri.rstrip("#/:"))[-1]


def _is_blank(node: Node) -> bool:
    import rdflib

    return isinstance(node, rdflib.BNode)


def _label(node: Node, data: rdflib.Graph) -> str:
    from rdflib import DCTERMS, RDFS, SKOS, URIRef

    for predicate in (RDFS.label, URIRef("https://schema.org/headline"), DCTERMS.title, SKOS.prefLabel):
        label = _plain(data.objects(node, predicate))
        if label:
            return label
    return ""


def _plain(texts: Iterable[Node]) -> str:
    """Choose English, then what has no language, then the first by the alphabet."""

    def order(text: Node) -> tuple[bool, bool, str]:
        language = getattr(text, "language", None)
        return language != "en", language is not None, str(text)

    return next((" ".join(str(text).split()) for text in sorted(texts, key=order)), "")


def _whereabouts(file: DataFile) -> str:
    return file.path if file.body is not None else str(FilePath(file.path).resolve())


def _and_so_on(names: Iterable[str], most: int = 3) -> str:
    ordered = sorted(names)
    return ", ".join(ordered[:most]) + (f" and {len(ordered) - most} more" if len(ordered) > most else "")
