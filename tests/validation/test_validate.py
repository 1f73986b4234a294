"""The reports of `validate_files`, and that nothing unchecked passes as valid."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Literal

import pyoxigraph as ox
import pytest

from evgraph.errors import NothingCheckedError, UnreadableError
from evgraph.rdf.files import find
from evgraph.shacl.findings import Finding, Severity, path_text
from evgraph.validation.validate import our_shapes, validate_files

if TYPE_CHECKING:
    from pathlib import Path

    from evgraph.validation.report import Report

PREFIXES = """
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix ex: <http://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
PERSON = "ex:ada a ex:Person ; rdfs:label 'Ada'@en ; ex:age 36 ."


@pytest.fixture
def verdict(tmp_path: Path) -> Verdict:
    return Verdict(tmp_path)


class Verdict:
    """Judges Turtle by Turtle."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, data: str, shapes: str, engine: Literal["auto", "pyshacl"] = "auto") -> Report:
        for name, text in (("data", data), ("shapes", shapes)):
            (self.folder / f"{name}.ttl").write_text(PREFIXES + text, encoding="utf-8")
        return validate_files(find([self.folder / "data.ttl"]), find([self.folder / "shapes.ttl"]), engine=engine)

    def only_finding(self, data: str, shapes: str) -> Finding:
        (finding,) = self(data, shapes).findings
        return finding


def shape(constraint: str) -> str:
    return f"ex:PersonShape a sh:NodeShape ; sh:targetClass ex:Person ; sh:property ex:PersonShape-p . " \
        f"ex:PersonShape-p a sh:PropertyShape ; {constraint} ."  # fmt: skip


def sparql(select: str) -> str:
    return (
        f'ex:PersonShape a sh:NodeShape ; sh:targetClass ex:Person ; sh:sparql ex:s . ex:s sh:select """{select}""" .'
    )


def test_a_finding_has_all_attributes(verdict: Verdict) -> None:
    finding = verdict.only_finding(
        PERSON,
        shape("sh:path ex:name ; sh:minCount 1 ; sh:severity sh:Warning ; sh:message 'Ein Name'@de, 'No name.'@en"),
    )
    assert finding == Finding(
        severity=Severity.WARNING,
        rule="PersonShape-p",
        focus=ox.NamedNode("http://example.org/ada"),
        path=ox.NamedNode("http://example.org/name"),
        value=None,
        message="No name.",
        source_shape=ox.NamedNode("http://example.org/PersonShape-p"),
        component="http://www.w3.org/ns/shacl#MinCountConstraintComponent",
        label="Ada",
    )
    assert finding.triple == "<http://example.org/ada> <http://example.org/name> (nothing)"


@pytest.mark.parametrize(
    ("constraint", "names"),
    [("sh:maxCount 1", "'Ada', 'Augusta'"), ("sh:uniqueLang true", "'Ada'@en, 'Augusta'@en")],
)
def test_too_many_values_are_not_reported_as_none(verdict: Verdict, constraint: str, names: str) -> None:
    finding = verdict.only_finding(f"ex:ada a ex:Person ; ex:name {names} .", shape(f"sh:path ex:name ; {constraint}"))
    assert finding.triple == "<http://example.org/ada> <http://example.org/name> (several)"


def test_lexical_forms_are_validated_as_they_are_in_the_file(verdict: Verdict) -> None:
    finding = verdict.only_finding(
        "ex:ada a ex:Person ; ex:age '036'^^xsd:integer .", shape("sh:path ex:age ; sh:pattern '^[1-9]'")
    )
    assert finding.value == ox.Literal("036", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
    assert finding.triple.endswith('"036"^^xsd:integer')


def test_an_unknown_severity_counts_as_a_violation(verdict: Verdict) -> None:
    found = verdict.only_finding(PERSON, shape("sh:path ex:name ; sh:minCount 1 ; sh:severity sh:Voilation"))
    assert found.severity is Severity.VIOLATION


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("[ sh:inversePath dcterms:creator ]", "^dcterms:creator"),
        ("( dcterms:creator rdfs:label )", "dcterms:creator/rdfs:label"),
        (
            "( dcterms:creator [ sh:inversePath ( rdfs:label rdfs:seeAlso ) ] )",
            "dcterms:creator/^(rdfs:label/rdfs:seeAlso)",
        ),
        ("[ sh:alternativePath ( dcterms:creator dcterms:publisher ) ]", "dcterms:creator|dcterms:publisher"),
        ("[ sh:zeroOrMorePath dcterms:creator ]", "dcterms:creator*"),
        ("[ sh:oneOrMorePath dcterms:creator ]", "dcterms:creator+"),
        ("[ sh:zeroOrOnePath dcterms:creator ]", "dcterms:creator?"),
    ],
)
def test_paths_of_several_steps_are_told_as_sparql_writes_them(verdict: Verdict, path: str, text: str) -> None:
    finding = verdict.only_finding(PERSON, shape(f"sh:path {path} ; sh:minCount 2"))
    assert finding.path is not None
    assert path_text(finding.path) == text


def test_a_shape_without_a_name_goes_by_that_of_its_parent_and_its_path(verdict: Verdict) -> None:
    shapes = (
        "ex:PersonShape a sh:NodeShape ; sh:targetClass ex:Person ; sh:property [ sh:path ex:name ; sh:minCount 1 ] ."
    )
    assert verdict.only_finding(PERSON, shapes).rule == "PersonShape-name"
    assert verdict(PERSON, shapes) == verdict(PERSON, shapes)


def test_of_two_files_each_has_its_own_blank_nodes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.ttl").write_text(f"{PREFIXES} _:x a ex:Person ; ex:name '{name}' .", encoding="utf-8")
    (tmp_path / "shapes.ttl").write_text(PREFIXES + shape("sh:path ex:name ; sh:maxCount 1"), encoding="utf-8")
    report = validate_files(find([tmp_path / "one.ttl", tmp_path / "two.ttl"]), find([tmp_path / "shapes.ttl"]))
    assert (report.findings, report.focus_count) == ((), 2)


def test_what_stands_beside_the_data_is_not_reported(verdict: Verdict) -> None:
    shapes = """
    @prefix evg: <https://w3id.org/evgraph/ns#> .
    ex:CellShape a sh:NodeShape ; sh:targetClass evg:Cell ; sh:property ex:CellShape-p .
    ex:CellShape-p a sh:PropertyShape ; sh:path ex:colour ; sh:minCount 1 ."""
    data = "@prefix cell: <https://w3id.org/evgraph/id/cell/> . cell:drug-E4 dcterms:title 'Ours' ."
    report = verdict(data, shapes)
    assert [str(finding.focus) for finding in report.findings] == ["<https://w3id.org/evgraph/id/cell/drug-E4>"]
    assert (report.focus_count, report.checked) == (1, (("https://w3id.org/evgraph/ns#Cell", 1),))


def test_a_thing_that_nothing_describes_is_reported(verdict: Verdict) -> None:
    shapes = "ex:S a sh:NodeShape ; sh:targetObjectsOf ex:knows ; sh:property ex:S-p . " \
        "ex:S-p a sh:PropertyShape ; sh:path rdfs:label ; sh:minCount 1 ."  # fmt: skip
    assert verdict.only_finding("ex:ada ex:knows ex:nobody .", shapes).focus == ox.NamedNode(
        "http://example.org/nobody"
    )


@pytest.mark.parametrize(
    "select",
    [
        "SELECT $this WHERE { $this ?p ?o MINUS { $this ex:a ?o } }",
        "SELECT $this WHERE { VALUES ?p { <http://example.org/p> } $this ?p ?o }",
        "SELECT $this WHERE { $this ?p ",
        "SELECT $this WHERE { $this nowhere:p ?o }",
    ],
)
def test_queries_that_the_standard_does_not_allow_are_an_error(verdict: Verdict, select: str) -> None:
    with pytest.raises(UnreadableError, match="no shape can be checked; PersonShape: a query ") as raised:
        verdict(PERSON, sparql(select))
    assert raised.value.path == str(verdict.folder / "shapes.ttl")


def test_a_crash_of_pyshacl_is_an_error(verdict: Verdict) -> None:
    data = "ex:ada a ex:Person ; ex:born '1815'^^xsd:gYear ; ex:died '1852'^^xsd:gYear ."
    shapes = shape("sh:path ex:born ; sh:lessThanOrEquals ex:died")
    assert verdict(data, shapes).conforms
    with pytest.raises(UnreadableError):
        verdict(data, shapes, "pyshacl")


def test_a_constraint_in_sparql_that_names_a_file_is_refused(verdict: Verdict) -> None:
    secret = verdict.folder / "secret.ttl"
    secret.write_text(PREFIXES + "ex:ada ex:secret ex:told .", encoding="utf-8")
    select = f"SELECT $this FROM <{secret.as_uri()}> WHERE {{ $this <http://example.org/secret> ?x }}"  # noqa: S608
    with pytest.raises(UnreadableError, match=r"query text of .* is refused: FROM"):
        verdict(PERSON, sparql(select))


def test_shapes_that_lack_a_part_are_refused(verdict: Verdict) -> None:
    with pytest.raises(UnreadableError, match="Missing"):
        verdict(PERSON, shape("sh:path ex:name ; sh:node ex:Missing"))
    with pytest.raises(UnreadableError, match="Gone"):
        verdict(PERSON, shape("sh:path ex:name ; sh:or ( ex:PersonShape ex:Gone )"))


@pytest.mark.parametrize(
    ("data", "shapes", "message"),
    [
        ("", shape("sh:path ex:name"), "no triple in the data"),
        (PERSON, "", "no shape in the shapes"),
        ("ex:rex a ex:Dog .", shape("sh:path ex:name ; sh:minCount 1"), "the shapes have no target in the data"),
        (PERSON, "ex:S a sh:NodeShape ; sh:nodeKind sh:IRI .", "the shapes have no target in the data"),
    ],
)
def test_nothing_checked_is_no_pass(verdict: Verdict, data: str, shapes: str, message: str) -> None:
    with pytest.raises(NothingCheckedError, match=message):
        verdict(data, shapes)


def test_notices_name_shapes_and_terms_without_effect(verdict: Verdict) -> None:
    data = PERSON + "@prefix evg: <https://w3id.org/evgraph/ns#> . ex:ada evg:statedin ex:page ; evg:statedIn ex:page ."
    shapes = (
        shape("sh:path ex:name ; sh:minCout 1 ; sh:maxCount 9")
        + "ex:DogShape a sh:NodeShape ; sh:targetClass ex:Dog ; sh:nodeKind sh:IRI ."
    )
    report = verdict(data, shapes)
    assert not report.conforms
    assert [(notice.kind, notice.term.rpartition("#")[2]) for notice in report.notices] == [
        ("not-checked", "http://example.org/PersonShape-p"),
        ("undefined-term", "statedin"),
        ("unknown-shacl-term", "minCout"),
        ("unused-target", "http://example.org/Dog"),
    ]
    assert report.notices[1].message == "evg:statedin is not a term of the ontology; did you mean evg:statedIn?"
    assert "did you mean sh:minCount?" in report.notices[2].message


def test_targets_of_every_kind_count(verdict: Verdict) -> None:
    data = """ex:ada a ex:Person ; ex:knows ex:bob . ex:eve a ex:Spy . ex:Spy rdfs:subClassOf ex:Person ."""
    shapes = """
    ex:A a sh:NodeShape ; sh:nodeKind sh:IRI ; sh:targetClass ex:Person .
    ex:B a sh:NodeShape ; sh:nodeKind sh:IRI ; sh:targetObjectsOf ex:knows .
    ex:Spy a sh:NodeShape, rdfs:Class ; sh:nodeKind sh:BlankNode .
    ex:D a sh:NodeShape ; sh:nodeKind sh:IRI ; sh:targetNode ex:zoe ; sh:targetSubjectsOf ex:knows ."""
    report = verdict(data, shapes)
    assert report.focus_count == 4
    assert report.checked == (("http://example.org/Person", 2), ("http://example.org/Spy", 1))
    assert [finding.rule for finding in report.findings] == ["Spy"]


def test_a_triple_within_a_triple_is_refused_with_its_file(verdict: Verdict) -> None:
    with pytest.raises(UnreadableError, match="within a triple") as raised:
        verdict(PERSON + "ex:ada ex:says <<( ex:a ex:b ex:c )>> .", shape("sh:path ex:name"))
    assert raised.value.path == str(verdict.folder / "data.ttl")


def test_the_files_stay_as_they_are_and_the_order_is_the_same_each_time(verdict: Verdict) -> None:
    data = " ".join(f"ex:p{n} a ex:Person ." for n in range(9, 0, -1))
    shapes = shape("sh:path ex:name ; sh:minCount 1") + shape("sh:path ex:age ; sh:minCount 1").replace("-p", "-q")
    first, second = verdict(data, shapes), verdict(data, shapes)
    assert first == second
    assert [finding.rule for finding in first.findings] == ["PersonShape-p"] * 9 + ["PersonShape-q"] * 9
    focus = [str(finding.focus) for finding in first.findings[:9]]
    assert focus == sorted(focus)


def test_several_threads_may_validate_at_once(verdict: Verdict) -> None:
    verdict(PERSON, sparql("SELECT $this WHERE { $this a ?class }"))
    data, shapes = find([verdict.folder / "data.ttl"]), find([verdict.folder / "shapes.ttl"])
    reports: list[Report] = []
    threads = [threading.Thread(target=lambda: reports.append(validate_files(data, shapes))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(report.findings) for report in reports] == [1] * 4


def test_nothing_is_logged(verdict: Verdict, caplog: pytest.LogCaptureFixture) -> None:
    verdict("ex:ada a ex:Person ; ex:age 'old'^^xsd:integer .", shape("sh:path ex:age ; sh:datatype xsd:integer"))
    assert caplog.records == []


def test_the_shipped_graph_has_no_violation() -> None:
    from evgraph import shipped_files

    report = validate_files(find([shipped_files.data()]), our_shapes())
    assert [finding for finding in report.findings if finding.severity is Severity.VIOLATION] == []
    assert {notice.kind for notice in report.notices} <= {"unused-target"}
