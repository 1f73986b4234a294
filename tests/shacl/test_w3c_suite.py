"""The test suite of the W3C's SHACL working group, every case of Core and of SPARQL, judged strictly.

https://w3c.github.io/data-shapes/data-shapes-test-suite/ It is not part of this project: ``EVGRAPH_SHACL_SUITE`` names
the folder that holds its ``manifest.ttl``. The source distribution of pySHACL has one (``test/resources/sht_tests``).
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox
import pytest
from tests.required import missing

from evgraph.errors import NothingCheckedError, UnreadableError
from evgraph.namespaces import ID
from evgraph.rdf.files import find
from evgraph.shacl.paths import text
from evgraph.shacl.shapes_graph import ShapesGraph
from evgraph.validation.validate import validate_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.shacl.findings import Finding
    from evgraph.shacl.paths import Path as PropertyPath
    from evgraph.store.protocol import Term

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
NAMED = os.environ.get("EVGRAPH_SHACL_SUITE", "")
SUITE = Path(__file__).parent.parent.parent / NAMED if NAMED else None
CASES = 121


class Case(NamedTuple):
    """What is validated, and what the suite expects: None means a failure."""

    file: Path
    data: Path
    shapes: Path
    results: Counter[tuple[str, ...]] | None


def cases(manifest: Path) -> Iterator[Case]:
    graph = ShapesGraph(find([manifest]))
    here = manifest.parent
    for including in graph.subjects(f"{MF}include"):
        for included in graph.values(including, f"{MF}include"):
            yield from cases(here / name(included))
    for listing in graph.subjects(f"{MF}entries"):
        (head,) = graph.values(listing, f"{MF}entries")
        for case in graph.items(head):
            ((action,), (result,)) = (graph.values(case, MF + what) for what in ("action", "result"))
            data, shapes = (
                here / (name(graph.values(action, SHT + what)[0]) or manifest.name)
                for what in ("dataGraph", "shapesGraph")
            )
            failure = result == ox.NamedNode(f"{SHT}Failure")
            yield Case(manifest, data, shapes, None if failure else Counter(expected(graph, result)))


def name(term: Term) -> str:
    """Give a file's name relative to the manifest; nothing where it is the manifest itself."""
    assert isinstance(term, ox.NamedNode)
    return term.value.removeprefix(ID)


def expected(graph: ShapesGraph, report: Term) -> Iterator[tuple[str, ...]]:
    for result in graph.sh(report, "result"):
        path = next(iter(graph.sh(result, "resultPath")), None)
        value = next(iter(graph.sh(result, "value")), None)
        ((focus,), (shape,), (component,), (severity,)) = (
            graph.sh(result, what)
            for what in ("focusNode", "sourceShape", "sourceConstraintComponent", "resultSeverity")
        )
        yield as_texts(focus, None if path is None else graph.path(path), value, shape, str(component), str(severity))


def found(finding: Finding) -> tuple[str, ...]:
    component, severity = f"<{finding.component}>", f"<{finding.other_severity or finding.severity.iri}>"
    return as_texts(finding.focus, finding.path, finding.value, finding.source_shape, component, severity)


def as_texts(
    focus: Term, path: PropertyPath | None, value: Term | None, shape: Term, component: str, severity: str
) -> tuple[str, ...]:
    return plain(focus), "" if path is None else text(path), plain(value), plain(shape), component, severity


def plain(term: Term | None) -> str:
    """Write a term; blank nodes are numbered as they come in a file, and begin with what the file was read as."""
    return "" if term is None else f"_:{term.value[1:]}" if isinstance(term, ox.BlankNode) else str(term)


def test_the_suite_is_there_and_whole() -> None:
    if SUITE is None:
        missing("suite", "EVGRAPH_SHACL_SUITE does not name a folder with the SHACL test suite")
    assert len(list(cases(SUITE / "manifest.ttl"))) == CASES


def parameters() -> Iterator[object]:
    for case in cases(SUITE / "manifest.ttl") if SUITE else ():
        assert SUITE is not None
        yield pytest.param(case, id=case.file.relative_to(SUITE).with_suffix("").as_posix())


@pytest.mark.parametrize("case", list(parameters()))
def test_case(case: Case) -> None:
    data, shapes = find([case.data]), find([case.shapes])
    if case.results is None:
        with pytest.raises(UnreadableError):
            validate_files(data, shapes)
        return
    try:
        report = validate_files(data, shapes)
    except NothingCheckedError:
        assert not case.results
        return
    assert Counter(result for finding in report.findings for result in [found(finding)] * finding.times) == case.results
    assert report.conforms == (not case.results)
    assert all(finding.message for finding in report.findings)
