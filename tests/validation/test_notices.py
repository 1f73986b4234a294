"""What is said of whatever was not checked, and what becomes of it when one is strict."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from evgraph import shipped_files
from evgraph.namespaces import DCTERMS, PREFIXES, RDF
from evgraph.rdf.files import always_loaded, find
from evgraph.shacl.ineffective_shapes import TERMS
from evgraph.validation import notices

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Ran, Run

HEAD = "".join(
    f"@prefix {name}: <{PREFIXES[name]}> .\n"
    for name in ("cito", "dcterms", "doc", "evg", "owl", "rdf", "rdfs", "schema", "sh", "xsd")
)
EX = HEAD + "@prefix ex: <http://example.org/> .\n"
DOCUMENT = 'doc:holm-2021 a evg:Document ; rdfs:label "Holm (2021)"@en ; dcterms:issued "2021"^^xsd:gYear .\n'
WORKING = "ex:W a sh:NodeShape ; sh:targetClass evg:Document ; sh:nodeKind sh:IRI .\n"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def messages_by_kind(ran: Ran, but: str = "unused-target") -> dict[str, str]:
    return {notice["kind"]: notice["message"] for notice in json.loads(ran.stdout)["notices"] if notice["kind"] != but}


@pytest.mark.default_cases(4)
@pytest.mark.parametrize(
    ("shape", "kind", "message"),
    [
        ("ex:A a sh:NodeShape ; sh:nodeKind sh:IRI .", "shape-without-target", "the shape A has no target"),
        ("ex:A sh:property [ sh:path ex:p ; sh:minCount 1 ] .", "shape-without-target", "the shape A has no target"),
        ("ex:A a sh:NodeShape ; sh:targetClass evg:Document .", "empty-shape", "the shape A demands nothing"),
        (
            "ex:A a sh:NodeShape ; sh:targetClass evg:Document ; sh:property [ sh:path ex:p ; sh:message 'm' ] .",
            "empty-shape", "the shape A demands nothing",
        ),
        (
            "ex:A a sh:NodeShape ; sh:targetClass evg:Document ; sh:nodeKind sh:IRI ; sh:deactivated true .",
            "deactivated-shape", "the shape A is switched off",
        ),
        ("ex: owl:imports <http://example.org/more> .", "import-not-followed", "<http://example.org/more> was not"),
        (
            "ex:A a sh:NodeShape ; sh:targetClass evg:Document ; sh:closed '1'^^xsd:boolean ; sh:nodeKind sh:IRI .",
            "other-boolean", "sh:closed of A is",
        ),
        (
            "ex:A sh:targetClass evg:Document ; sh:class [] .",
            "not-checked", "A (shapes.ttl:13:1) was not checked: sh:class is",
        ),
        (
            "ex:A sh:targetClass evg:Document ; sh:property [ sh:path dcterms:tite ; sh:maxCount 1 ] .",
            "undefined-term", "and the shapes use it; did you mean dcterms:title?",
        ),
        (
            "ex:A a sh:NodeShape ; sh:targetClass evg:Document ; sh:minCout 1 ; sh:nodeKind sh:IRI .",
            "unknown-shacl-term", "did you mean sh:minCount?",
        ),
    ],
)  # fmt: skip
def test_shapes_that_check_nothing_are_reported(run: Run, tmp_path: Path, shape: str, kind: str, message: str) -> None:
    shapes = write(tmp_path / "shapes.ttl", EX + WORKING + shape)
    ran = run("validate", "-", "--shapes", shapes, "--format", "json", stdin=EX + DOCUMENT)
    assert ran.code == (3 if kind in {"unknown-shacl-term", "not-checked"} else 0)
    assert message in messages_by_kind(ran)[kind].replace(f"{tmp_path}/", "")
    strict = run("validate", "-", "--shapes", shapes, "--format", "json", "--strict", stdin=EX + DOCUMENT)
    severity = next(rule.severity.word for rule in notices.RULES if rule.name == kind)
    (finding,) = [candidate for candidate in json.loads(strict.stdout)["findings"] if candidate["rule"] == kind]
    assert finding["severity"] == severity
    assert strict.code == (1 if severity == "violation" else 0)
    assert json.loads(strict.stdout)["notices"] == []


@pytest.mark.default_cases(2)
@pytest.mark.parametrize(
    "shape",
    [
        "ex:W sh:node ex:A . ex:A a sh:NodeShape ; sh:nodeKind sh:IRI .",
        "ex:W sh:or ( ex:A ) . ex:A a sh:NodeShape ; sh:nodeKind sh:IRI .",
        "ex: owl:imports ex:more . ex:more a owl:Ontology .",
        "ex:A a sh:NodeShape ; sh:targetClass evg:Document ; sh:property [ sh:path rdf:_1 ; sh:maxCount 1 ] .",
        "ex:A a sh:NodeShape ; sh:targetClass evg:Document ; ex:most 1 . ex:C a sh:ConstraintComponent ; "
        "sh:parameter [ sh:path ex:most ] ; sh:validator [ sh:ask 'ASK {}' ] .",
    ],
)
def test_shapes_that_others_use_or_that_demand_something_give_no_notice(run: Run, tmp_path: Path, shape: str) -> None:
    shapes = write(tmp_path / "shapes.ttl", EX + WORKING + shape)
    ran = run("validate", "-", "--shapes", shapes, "--format", "json", stdin=EX + DOCUMENT)
    assert messages_by_kind(ran).keys() <= {"validated-by-pyshacl"}


@pytest.mark.parametrize(
    "shape",
    [
        "ex:A a sh:NodeShape ; sh:targetClass evg:Document .",
        "ex:A a sh:NodeShape ; sh:targetClass evg:Document ; sh:nodeKind sh:IRI ; sh:deactivated true .",
        "ex:A a sh:NodeShape ; sh:targetClass evg:Document ; sh:property [ sh:path ex:p ; sh:minCout 1 ] .",
        "ex:A a sh:NodeShape ; sh:targetClas evg:Document ; sh:nodeKind sh:IRI .",
    ],
)
def test_where_no_shape_checks_anything_nothing_was_checked(run: Run, tmp_path: Path, shape: str) -> None:
    shapes = write(tmp_path / "shapes.ttl", EX + shape)
    ran = run("validate", "-", "--shapes", shapes, stdin=EX + DOCUMENT)
    assert (ran.code, ran.stdout) == (6, "")
    assert "nothing was checked" in ran.stderr


def test_the_reason_why_nothing_was_checked_is_reported(run: Run, tmp_path: Path) -> None:
    shapes = write(
        tmp_path / "shapes.ttl", EX + "ex:A a sh:NodeShape ; sh:targetClas evg:Document ; sh:nodeKind sh:IRI ."
    )
    assert "did you mean sh:targetClass?" in run("validate", "-", "--shapes", shapes, stdin=EX + DOCUMENT).stderr


@pytest.mark.default_cases(2)
@pytest.mark.parametrize(
    ("triple", "message"),
    [
        ("doc:holm-2021 evg:correspondTo doc:holm-2021 .", "did you mean evg:correspondsTo?"),
        ("doc:holm-2021 a evg:Studdy .", "did you mean evg:Study?"),
        ("doc:holm-2021 dcterms:tittle 'x' .", "did you mean dcterms:title?"),
        ("doc:holm-2021 cito:citesAsEvidense doc:holm-2021 .", "did you mean cito:citesAsEvidence?"),
        ("doc:holm-2021 a schema:CreativeWrok .", "did you mean schema:CreativeWork?"),
        ("doc:holm-2021 rdfs:lable 'x' .", "did you mean rdfs:label?"),
    ],
)
def test_terms_that_no_vocabulary_defines_are_reported(run: Run, triple: str, message: str) -> None:
    ran = run("validate", "-", "--format", "json", stdin=EX + DOCUMENT + triple)
    assert (ran.code, messages_by_kind(ran)) == (1, {})
    (finding,) = [finding for finding in json.loads(ran.stdout)["findings"] if finding["rule"] == "undefined-term"]
    assert message in finding["message"]
    assert (finding["severity"], finding["file"], finding["line"]) == ("violation", "-", EX.count("\n") + 2)
    quiet = run("validate", "-", "--quiet", stdin=EX + DOCUMENT + triple)
    assert f"-:{finding['line']}:{finding['column']}: violation undefined-term: {finding['triple']}: " in quiet.stdout


def test_strict_findings_have_a_line_where_there_is_one(run: Run, tmp_path: Path) -> None:
    shapes = write(tmp_path / "shapes.ttl", EX + WORKING + "\nex:A a sh:NodeShape ; sh:nodeKind sh:IRI .")
    ran = run("validate", "-", "--shapes", shapes, "--strict", "--format", "json", stdin=EX + DOCUMENT)
    (finding,) = json.loads(ran.stdout)["findings"]
    assert (finding["file"], finding["line"], finding["column"]) == (str(shapes), EX.count("\n") + 3, 1)


def test_strict_findings_about_terms_point_to_their_first_use_and_can_be_fixed(run: Run, tmp_path: Path) -> None:
    data = write(
        tmp_path / "data.ttl", EX + "# evg:studycountry\n" + DOCUMENT + "\ndoc:holm-2021 evg:studycountry ex:nl .\n"
    )
    shapes = write(tmp_path / "shapes.ttl", EX + WORKING + "ex:W\n  sh:minCout 1 .")
    ran = run("validate", data, "--shapes", shapes, "--strict", "--format", "json")
    found = {
        finding["rule"]: (finding["file"], finding["line"], finding["column"], finding["fix"])
        for finding in json.loads(ran.stdout)["findings"]
    }
    lines = EX.count("\n")
    assert found == {
        "undefined-term": (str(data), lines + 4, 15, "write evg:studyCountry"),
        "unknown-shacl-term": (str(shapes), lines + 3, 3, None),
        "not-checked": (str(shapes), lines + 1, 1, None),
    }


def test_terms_of_anybody_else_are_not_checked(run: Run) -> None:
    data = EX + DOCUMENT + "doc:holm-2021 ex:shelf 3 ; rdf:_7 1 ; a ex:Book ."
    assert messages_by_kind(run("validate", "-", "--format", "json", stdin=data)) == {}


def test_the_lists_of_terms_hold_what_we_write() -> None:
    files = [*always_loaded(), *find([shipped_files.data(), shipped_files.ontology()])]
    used = {quad.predicate.value for file in files for quad in file.parsed()}
    assert notices.unknown_terms(used) == {}
    assert {"dcterms", "skos", "cito", "prov", "schema", "oa", "foaf", "bibo", "fabio", "doco", "dcat", "void"} <= set(
        notices.listed_terms()
    )
    assert list(notices.unknown_terms([f"{DCTERMS}titel", f"{DCTERMS}title", f"{RDF}_1", f"{RDF}_x"])) == [
        f"{DCTERMS}titel", f"{RDF}_x",
    ]  # fmt: skip
    assert {"minCount", "targetClass"} <= TERMS


def test_the_list_of_terms_is_what_its_script_makes(tmp_path: Path) -> None:
    from docs.vocabularies import gathered, written

    vocabulary = write(tmp_path / "cito.ttl", EX + "cito:likesBest a rdf:Property . dcterms:other a rdf:Property .")
    terms = gathered(find([vocabulary]))
    assert terms["cito"] == {"likesBest"}
    kept = {prefix: names for prefix, names in gathered([]).items() if prefix != "cito"}
    assert {prefix: names for prefix, names in terms.items() if prefix != "cito"} == kept
    assert notices.read_terms(written(gathered([]))) == notices.listed_terms()


def test_a_path_with_nothing_to_check_is_reported_beside_one_that_has_something(run: Run, tmp_path: Path) -> None:
    full, other = write(tmp_path / "full.ttl", EX + DOCUMENT), write(tmp_path / "other.ttl", EX + "ex:a ex:p ex:b .")
    more = write(tmp_path / "more.ttl", EX + "doc:holm-2021 dcterms:abstract 'ours' .")
    ran = run("validate", full, other, more, "--format", "json")
    assert ran.code == 0
    assert messages_by_kind(ran) == {
        "path-without-target": f"no shape targets anything in {other}, so nothing in it was checked"
    }
    assert run("validate", other).code == 6
    assert run("validate", full, other, "--strict").code == 1


@pytest.mark.slow
def test_files_of_a_folder_that_are_not_read_are_reported(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "full.ttl", EX + DOCUMENT)
    for name in ("a.n3", "b.n3", "c.csv", "README.md", "LICENSE", "waivers.toml", ".hidden.n3"):
        write(tmp_path / name, "")
    ran = run("validate", tmp_path, "--format", "json")
    messages = [notice["message"] for notice in json.loads(ran.stdout)["notices"] if notice["kind"] == "skipped-file"]
    assert messages == [
        f"not read, because .n3 is an unknown suffix: {tmp_path / 'a.n3'}, {tmp_path / 'b.n3'}",
        f"not read, because .csv is an unknown suffix: {tmp_path / 'c.csv'}",
    ]
    assert run("validate", tmp_path, "--strict").code == 1


def test_an_empty_file_is_reported(run: Run, tmp_path: Path) -> None:
    full, empty = write(tmp_path / "full.ttl", EX + DOCUMENT), write(tmp_path / "empty.ttl", "# nothing\n")
    assert messages_by_kind(run("validate", tmp_path, "--format", "json")) == {"empty-file": f"no triple in {empty}"}
    assert full.exists()


@pytest.mark.slow
def test_the_shipped_graph_gives_no_notice_and_so_is_as_good_when_strict(run: Run) -> None:
    assert json.loads(run("validate", "--format", "json").stdout)["notices"] == []
    assert run("validate", "--strict").stdout == run("validate").stdout


def test_strict_findings_can_be_waived_and_lenient_runs_do_not_call_that_stale(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "full.ttl", EX + DOCUMENT + "doc:holm-2021 dcterms:tittle 'x' .")
    write(
        tmp_path / "waivers.toml",
        '[[waiver]]\nrule = "undefined-term"\nfocus = "dcterms:tittle"\nreason = "A test."\nwho = "M. Keeper"\n',
    )
    ran = run("validate", tmp_path, "--strict", "--format", "json")
    assert [finding["rule"] for finding in json.loads(ran.stdout)["waived"]] == ["undefined-term"]
    assert ran.code == 0
    assert json.loads(run("validate", tmp_path, "--format", "json").stdout)["findings"] == []


def test_every_kind_is_in_the_list_of_rules(run: Run) -> None:
    listed = {
        rule["name"]: rule["kind"] for rule in json.loads(run("validate", "--list-rules", "--format", "json").stdout)
    }
    assert {name for name, kind in listed.items() if kind == "notice"} == {rule.name for rule in notices.RULES}


@pytest.mark.parametrize("query", ["SELECT $this WHERE { $this a ?x MINUS { $this a ?y } }", "SELECT $this WHERE {"])
def test_a_query_that_cannot_run_is_no_violation_and_is_named_with_its_line(
    run: Run, tmp_path: Path, query: str
) -> None:
    bad = f'ex:Bad a sh:NodeShape ; sh:targetClass evg:Document ; sh:sparql [ sh:select "{query}" ] .\n'
    more = bad.replace("ex:Bad", "ex:Fine").replace(query, "SELECT $this WHERE { $this a ?x } LIMIT 5")
    shapes = write(tmp_path / "shapes.ttl", EX + WORKING + "\n" + more + bad)
    ran = run("validate", "-", "--shapes", shapes, "--quiet", stdin=EX + DOCUMENT)
    *findings, not_checked = ran.stdout.splitlines()
    assert (ran.code, len(findings)) == (1, 1)
    assert "Fine" in findings[0]
    assert not_checked.startswith(f"not-checked: Bad ({shapes}:{EX.count(chr(10)) + 4}:1) was not checked: a query ")
