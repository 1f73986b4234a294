"""Every constraint of ``ontology/shapes``, on data with the fault and on data without it.

``shapes/CLASS/NAME-invalid.ttl`` begins with what it must give rise to, one finding a line, and nothing else
may come: ``# expect: FOCUS PATH SHAPE SEVERITY COMPONENT`` (PATH ``-`` where the whole node is at fault).
``NAME-valid.ttl`` is the same without the fault. ``base.ttl`` is loaded with each. A folder is validated at once, since
its files share no subject.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import BlankNode, NamedNode

from evgraph import shipped_files
from evgraph.namespaces import ID, PREFIXES, SH, curie
from evgraph.rdf.files import find
from evgraph.shacl.findings import path_text
from evgraph.validation.validate import our_shapes, validate_files

if TYPE_CHECKING:
    from evgraph.store.protocol import Term
    from evgraph.validation.report import Report

CASES = Path(__file__).parent / "shapes"
FOLDERS = sorted(folder.name for folder in CASES.iterdir() if folder.is_dir())
SHAPE = "https://w3id.org/evgraph/shapes#"


def files(folder: str, kind: str) -> list[Path]:
    return sorted((CASES / folder).glob(f"*-{kind}.ttl"))


@cache
def validated(folder: str, kind: str) -> Report:
    return validate_files(find([CASES / "base.ttl", *files(folder, kind)]), our_shapes())


def subjects(path: Path) -> set[str]:
    return {_name(quad.subject) for file in find([path]) for quad in file.quads()}


def _name(term: Term) -> str:
    # A blank node has no name that outlives its file; no folder holds two.
    return "_:" if isinstance(term, BlankNode) else term.value if isinstance(term, NamedNode) else str(term)


def expected(path: Path) -> set[tuple[str, ...]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {tuple(line.split()[2:]) for line in lines if line.startswith("# expect: ")}


def found(report: Report, about: set[str]) -> set[tuple[str, ...]]:
    return {
        (
            _short(finding.focus),
            "-" if finding.path is None else path_text(finding.path),
            _name(finding.source_shape).removeprefix(SHAPE),
            finding.severity.word,
            finding.component.removeprefix(SH).removesuffix("ConstraintComponent"),
        )
        for finding in report.findings
        if _name(finding.focus) in about
    }


def _short(term: Term) -> str:
    """Name a focus node as the case files do: relative to our base."""
    return "_:somebody" if isinstance(term, BlankNode) else f"<{_name(term).removeprefix(ID)}>"


@pytest.mark.default_cases(6)
@pytest.mark.parametrize("folder", FOLDERS)
def test_each_fault_gives_exactly_the_findings_that_its_file_expects(folder: str) -> None:
    report = validated(folder, "invalid")
    wrong = {
        path.name: {"expected": sorted(wanted), "found": sorted(got)}
        for path in files(folder, "invalid")
        if (wanted := expected(path)) != (got := found(report, subjects(path))) or not wanted
    }
    assert not wrong


@pytest.mark.default_cases(3)
@pytest.mark.parametrize("folder", FOLDERS)
def test_without_the_fault_there_is_no_finding(folder: str) -> None:
    assert [(finding.rule, finding.triple) for finding in validated(folder, "valid").findings] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_invalid_file_has_its_valid_twin_and_no_file_shares_a_subject(folder: str) -> None:
    twins = {path.name.removesuffix("-valid.ttl") for path in files(folder, "valid")}
    assert twins == {path.name.removesuffix("-invalid.ttl") for path in files(folder, "invalid")}
    base = subjects(CASES / "base.ttl")
    for kind in ("valid", "invalid"):
        seen = set(base)
        for path in files(folder, kind):
            own = subjects(path)
            assert not own & seen, path.name
            seen |= own


def constraints() -> set[tuple[str, str]]:
    """Return each shape with a target, or a property shape of one, with each of its constraint components."""
    from rdflib import RDF, Graph, URIRef
    from rdflib import SH as SHACL

    graph = Graph()
    for path in sorted((shipped_files.ontology() / "shapes").glob("*.ttl")):
        graph.parse(path)
    components = {
        name: name[0].upper() + name[1:]
        for name in (
            "class", "datatype", "disjoint", "hasValue", "lessThan", "maxCount", "minCount", "minInclusive",
            "minLength", "node", "nodeKind", "or", "pattern", "uniqueLang",
        )
    } | {"sparql": "SPARQL"}  # fmt: skip
    not_constraints = {
        "description", "message", "name", "path", "property", "severity",
        "targetClass", "targetObjectsOf", "targetSubjectsOf",
    }  # fmt: skip
    targets = (SHACL.targetClass, SHACL.targetObjectsOf, SHACL.targetSubjectsOf)
    roots = {shape for target in targets for shape in graph.subjects(target)}
    constrained = roots | {shape for root in roots for shape in graph.objects(root, SHACL.property)}
    assert len(roots) > 20
    known = set()
    for shape in constrained:
        assert isinstance(shape, URIRef)
        for predicate in set(graph.predicates(shape)) - {RDF.type}:
            local = str(predicate).removeprefix(SH)
            assert local in components or local in not_constraints, f"{shape}: sh:{local}"
            if local in components:
                known.add((str(shape).removeprefix(SHAPE), components[local]))
    return known


def test_every_constraint_fires_in_some_invalid_file() -> None:
    fired = {(shape, component) for folder in FOLDERS for path in files(folder, "invalid")
             for _, _, shape, _, component in expected(path)}  # fmt: skip
    assert constraints() - fired == set()


def test_a_cell_that_no_page_was_read_for_and_a_bare_decision_are_no_fault(tmp_path: Path) -> None:
    decision = tmp_path / "decision.ttl"
    decision.write_text(
        f"@prefix dcterms: <{PREFIXES['dcterms']}> .\n@prefix doc: <{PREFIXES['doc']}> .\n"
        "doc:u-0123456789ab dcterms:isReplacedBy doc:study-2007 .\n",
        encoding="utf-8",
    )
    report = validate_files(find([CASES / "base.ttl", shipped_files.data() / "matrices.ttl", decision]), our_shapes())
    assert report.findings == ()
    assert dict(report.checked)[PREFIXES["evg"] + "Cell"] == 50
    assert curie(PREFIXES["evg"] + "Cell") == "evg:Cell"
