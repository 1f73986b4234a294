"""Every check on data with the fault and without it, on two engines, in one graph and in two; how the command tells it.

``checks/NAME-invalid.ttl`` begins with the exact findings, one a line: ``# expect: ENTITY PROPERTY VALUE``.
``NAME-valid.ttl`` is the same without the faults. Both contain what must not be taken for one.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from evgraph import shipped_files
from evgraph.errors import UnreadableError, UsageError
from evgraph.namespaces import ID, PREFIXES, SH
from evgraph.query import runner
from evgraph.query.catalogue import Catalogue
from evgraph.query.reading import read as read_question
from evgraph.rdf.files import DataFile, always_loaded, find
from evgraph.shacl.findings import Severity
from evgraph.sparql import tokens as sparql
from evgraph.store.embedded import EmbeddedStore
from evgraph.validation.addresses import Status
from evgraph.validation.check import Check, findings_of
from evgraph.validation.checks import explain, our_checks, read, rules
from evgraph.validation.checks_in_code import Pages
from evgraph.validation.validate import our_shapes

if TYPE_CHECKING:
    from tests.conftest import Run

    from evgraph.store.protocol import Answer

CASES = Path(__file__).parent / "checks"
BASE = CASES.parent / "shapes" / "base.ttl"
EXAMPLES = Path(__file__).parents[2] / "examples"
QUERIES = sorted((shipped_files.queries() / "checks").glob("*.rq"))
YEAR = 2026
SEVERITIES = {
    "violation": {
        "dead-address", "duplicate-position", "identifier-on-two-documents", "link-of-wrong-kind", "link-to-itself",
        "unapplied-decision", "undescribed-thing", "year-out-of-range",
    },
    "warning": {
        "ambiguous-reference", "changed-page", "counterpart-in-same-country", "dangling-reference",
        "guidance-citing-later-study", "guidance-not-citing-evidence", "marker-of-other-kind", "missing-section",
        "listed-under-two-dates", "moved-address", "near-headlines", "outside-yet-inside", "replaced-name",
        "shared-identification", "stated-date-differs", "unreciprocated-link",
    },
    "info": {"blocked-address", "unknown-address", "unreached-document"},
}  # fmt: skip
WITH_CASES = sorted(
    set().union(*SEVERITIES.values())
    - {"changed-page", "unapplied-decision"}
    - {f"{status}-address" for status in Status}
)


@cache
def check(name: str) -> Check:
    return next(check for check in our_checks(present=YEAR) if check.name == name)


def store(path: Path, graphs: int = 1) -> EmbeddedStore:
    filled = EmbeddedStore()
    (file,) = find([path])
    for number in range(graphs):
        filled.load(DataFile(file.path, file.format, f"{ID}graph/test-{number}"))
    filled.load(always_loaded()[0])  # Checks ask the ontology which properties are links.
    return filled


def expected(name: str) -> list[str]:
    lines = (CASES / f"{name}-invalid.ttl").read_text(encoding="utf-8").splitlines()
    return sorted(line.removeprefix("# expect: ") for line in lines if line.startswith("# expect: "))


def test_every_check_is_known_with_its_severity_and_has_its_cases() -> None:
    found: dict[str, set[str]] = {}
    for check in our_checks(present=YEAR):
        found.setdefault(check.rule.severity.word, set()).add(check.name)
    assert found == SEVERITIES
    assert {path.stem.removesuffix("-invalid") for path in CASES.glob("*-invalid.ttl")} == set(WITH_CASES)
    assert {path.stem.removesuffix("-valid") for path in CASES.glob("*-valid.ttl")} == set(WITH_CASES)


@pytest.mark.parametrize("graphs", [1, 2])
@pytest.mark.parametrize("name", WITH_CASES)
def test_a_check_finds_exactly_the_faults(name: str, graphs: int) -> None:
    found = list(findings_of(store(CASES / f"{name}-invalid.ttl", graphs), [check(name)]))
    assert sorted(finding.triple for finding in found) == expected(name) != []
    for finding in found:
        assert (finding.rule, finding.severity) == (name, check(name).rule.severity)
        assert finding.source_shape == NamedNode(f"https://w3id.org/evgraph/shapes#check-{name}")
        assert finding.message == f"{check(name).rule.summary} {check(name).rule.solution}"
    assert [finding.triple for finding in findings_of(store(CASES / f"{name}-valid.ttl", graphs), [check(name)])] == []


@pytest.mark.parametrize("kind", ["valid", "invalid"])
@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
@pytest.mark.slow
def test_another_engine_gives_the_same_rows(path: Path, kind: str) -> None:
    import rdflib

    case = CASES / f"{path.stem}-{kind}.ttl"
    question = read_question(path)
    bound = runner.bind(EmbeddedStore(), question, {name: str(YEAR) for name in question.parameters})
    graph = rdflib.Graph().parse(case).parse(always_loaded()[0].path)
    theirs = list(graph.query(runner.sparql_of(question, bound)))
    rows = [[str(term) for term in row] for row in theirs if isinstance(row, tuple)]
    ours = [[getattr(term, "value", "") for term in row] for row in check(path.stem).rows(store(case))]
    assert sorted(rows) == sorted(ours)
    assert bool(rows) is (kind == "invalid")


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_a_query_is_distinct_ordered_and_declares_what_it_uses(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    words = [token.text.upper() for token in sparql.tokens(text) if token.kind == "word"]
    assert words[words.index("SELECT") + 1] == "DISTINCT"
    declared = dict(re.findall(r"(?m)^PREFIX ([\w-]+): <(.*)>$", text))
    used = {token.text.partition(":")[0] for token in sparql.tokens(text) if token.kind == "name"}
    assert declared == {name: PREFIXES[name] for name in used}
    assert set(re.findall(r"COUNT\((\w+)", text)) <= {"DISTINCT"}


def test_checks_are_no_questions() -> None:
    assert not {path.stem for path in QUERIES} & set(Catalogue().paths)


def test_a_check_may_be_asked_as_a_query_of_ones_own(run: Run) -> None:
    path = next(path for path in QUERIES if path.stem == "dangling-reference")
    ran = run("query", path, "--data", CASES / "dangling-reference-invalid.ttl", "--format", "csv")
    assert ran.stdout.splitlines()[1:] == [
        f"{ID}ref/drug-E4/one/search-1,{PREFIXES['evg']}resolution,{PREFIXES['resolution']}dangling"
    ]


HEAD = """#+ summary: Wrong
#+ problem: why
#+ solution: how
#+ severity: warning
#+ columns:
#+   - entity: a
#+   - property: b
#+   - value: c

SELECT DISTINCT ?entity ?property ?value WHERE { ?entity ?property ?value }
"""
PARAMETER = """#+ parameters:
#+   - name: x
#+     type: iri
#+     required: true
#+     description: d
#+     example: e
#+ columns"""


@pytest.mark.parametrize(
    ("changes", "line", "message"),
    [
        ([("#+ problem: why\n", "")], 1, "a check needs a 'problem'"),
        ([("warning", "warnign")], 4, "'warnign' is no severity (violation, warning, info); did you mean 'warning'?"),
        ([("solution", "solutoin")], 3, "unknown key 'solutoin'; did you mean 'solution'?"),
        ([("entity", "thing")], 1, "the columns of a check are entity, property, value"),
        (
            [("#+ columns", PARAMETER), ("{ ?entity", "{ ?_x_iri a ?y . ?entity")],
            1,
            "a check has no parameter 'x', only 'present'",
        ),
    ],
)
def test_a_malformed_check_is_reported_with_its_line(
    tmp_path: Path, changes: list[tuple[str, str]], line: int, message: str
) -> None:
    path = tmp_path / "wrong.rq"
    path.write_text(HEAD, encoding="utf-8")
    assert read(path, YEAR).rule.severity is Severity.WARNING
    text = HEAD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableError) as error:
        read(path, YEAR)
    assert (error.value.path, error.value.line) == (str(path), line)
    assert message in error.value.message


@pytest.mark.parametrize(("year", "named"), [("2027", {"doc/old"}), ("2025", {"doc/old", "doc/new", "doc/last"})])
def test_the_year_of_today_decides_what_is_in_the_future(run: Run, year: str, named: set[str]) -> None:
    ran = run("validate", CASES / "year-out-of-range-invalid.ttl", "--today", f"{year}-06-30", "--format", "json")
    findings = [finding for finding in json.loads(ran.stdout)["findings"] if finding["rule"] == "year-out-of-range"]
    assert {finding["focus"].removeprefix(ID) for finding in findings} == named | {"entry/drug-E4/old"}


def test_the_command_reports_a_check_like_a_shape(run: Run) -> None:
    path = CASES / "year-out-of-range-invalid.ttl"
    ran = run("validate", path, "--today", f"{YEAR}-06-30")
    assert ran.code == 1
    rule = check("year-out-of-range").rule
    count = len(expected("year-out-of-range"))
    head = f"violation year-out-of-range: {count} findings\n  {rule.summary}\n  Why it matters: {rule.problem}\n"
    assert f"{head}  How to fix it: {rule.solution}\n  - {path}:" in ran.stdout
    assert f"    {expected('year-out-of-range')[0]}\n" in ran.stdout


def test_a_standard_report_names_the_check(run: Run) -> None:
    import rdflib

    ran = run("validate", BASE, CASES / "unreached-document-invalid.ttl", "--format", "turtle")
    report = rdflib.Graph().parse(data=ran.output, format="turtle")
    shape = rdflib.URIRef("https://w3id.org/evgraph/shapes#check-unreached-document")
    (result,) = report.subjects(rdflib.SH.sourceShape, shape)
    assert report.value(result, rdflib.SH.sourceConstraintComponent) == rdflib.URIRef(f"{SH}SPARQLConstraintComponent")
    assert report.value(result, rdflib.SH.focusNode) == rdflib.URIRef(f"{ID}doc/lost")
    assert report.value(result, rdflib.SH.resultSeverity) == rdflib.SH.Info


@pytest.mark.default_cases(1)
@pytest.mark.parametrize(("fail_on", "code"), [("violation", 0), ("warning", 1), ("info", 1)])
def test_fail_on_counts_checks_too(run: Run, fail_on: str, code: int) -> None:
    text = "@base <https://w3id.org/evgraph/id/> .\n@prefix evg: <https://w3id.org/evgraph/ns#> .\n"
    entry = next(line for line in BASE.read_text(encoding="utf-8").splitlines() if line.startswith("<entry/"))
    text += f"{entry.split()[0]} evg:lists <doc/plain> ; evg:marker <scheme/marker/R> .\n"
    text += '<doc/plain> a evg:Document ; <http://www.w3.org/2000/01/rdf-schema#label> "Plain" ;\n'
    text += '    <http://purl.org/dc/terms/issued> "2001"^^<http://www.w3.org/2001/XMLSchema#gYear> .\n'
    text += "<ref/drug-E4/plain/search-1> a evg:Reference ; evg:resolution <scheme/resolution/dangling> ;\n"
    text += f"    evg:referenceKind <scheme/reference-kind/search> ; evg:source {entry.split()[0]} ;\n"
    text += "    evg:statedIn <passage/0011223344556677/10-42> ;\n"
    text += f"    <{PREFIXES['prov']}wasAttributedTo> <snapshot/drug-E4/0011223344556677> .\n"
    ran = run("validate", BASE, "-", "--fail-on", fail_on, "--format", "json", stdin=text)
    findings = {(finding["severity"], finding["rule"]) for finding in json.loads(ran.stdout)["findings"]}
    assert findings == {("warning", "dangling-reference")}
    assert ran.code == code


def test_other_shapes_switch_the_checks_off_and_added_ones_do_not(run: Run, tmp_path: Path) -> None:
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(
        f"@prefix sh: <{SH}> .\n<urn:S> a sh:NodeShape ; sh:targetSubjectsOf <{PREFIXES['evg']}resolution> ;"
        ' sh:nodeKind sh:IRI ; sh:message "Named?" .\n',
        encoding="utf-8",
    )
    data = CASES / "dangling-reference-invalid.ttl"
    assert run("validate", data, "--shapes", shapes, "--fail-on", "info").code == 0
    assert "warning dangling-reference: 1 finding\n" in run("validate", data, "--add-shapes", shapes).stdout


def test_rules_are_listed(run: Run) -> None:
    known = rules(our_shapes(), our_checks(present=YEAR))
    names = [rule.name for rule in known]
    assert len(names) == len(set(names)) > 130
    assert names.index("EntryShape-lists") < names.index("ambiguous-reference"), "shapes first"
    for rule in known:
        assert rule.summary, rule.name
        assert rule.source, rule.name
        root = shipped_files.ontology().parent
        assert (root / rule.source).is_file(), rule.source
        assert rule.solution, rule.name
        assert rule.kind == "shape" or rule.problem, rule.name
    listed = run("validate", "--list-rules").stdout
    assert [line.split()[:2] for line in listed.splitlines()] == [[rule.severity.word, rule.name] for rule in known]
    as_json = json.loads(run("validate", "--list-rules", "--format", "json").stdout)
    assert [rule["name"] for rule in as_json] == names
    assert set(as_json[0]) == {"name", "severity", "kind", "summary", "problem", "solution", "source"}


def test_the_rules_of_other_shapes_are_listed_too(run: Run, tmp_path: Path) -> None:
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(
        f"@prefix sh: <{SH}> .\n@prefix ex: <http://example.org/> .\nex:S a sh:NodeShape ; sh:targetClass ex:T ;"
        ' sh:description "Ts are dear." ; sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:severity sh:Info ;'
        ' sh:description "A p is needed." ; sh:message "It has a p. Add one." ] .\n',
        encoding="utf-8",
    )
    listed = json.loads(run("validate", "--shapes", shapes, "--list-rules", "--format", "json").stdout)
    (rule,) = [candidate for candidate in listed if candidate["kind"] == "shape"]
    assert rule == {
        "name": "S-p", "severity": "info", "kind": "shape", "summary": "It has a p.",
        "problem": "A p is needed.", "solution": "Add one.", "source": str(shapes),
    }  # fmt: skip


def test_a_rule_is_explained_and_a_misspelt_one_guessed(run: Run) -> None:
    rule = check("dangling-reference").rule
    explanation = " ".join(run("validate", "--explain", "dangling-reference").stdout.split())
    for words in (rule.summary, rule.problem, rule.solution, "queries/checks/dangling-reference.rq"):
        assert words in explanation
    shape = run("validate", "--explain", "entryshape-marker-missing").stdout
    assert "How to fix it\n  Look it up on the page, and add it.\n" in shape
    ran = run("validate", "--explain", "EntryShape-list")
    assert (ran.code, ran.stdout) == (2, "")
    assert "there is no rule 'EntryShape-list'; did you mean 'EntryShape-lists'?" in ran.stderr
    assert run("validate", "--list-rules", "--format", "turtle").code == 2
    with pytest.raises(UsageError):
        explain("", [])


def test_a_page_that_has_changed_is_found(run: Run, tmp_path: Path) -> None:
    graph, pages = tmp_path / "graph", tmp_path / "pages"
    run("ingest", EXAMPLES / "pages", "-o", graph, "--register", EXAMPLES / "register", "--quiet")
    pages.mkdir()
    for path in (EXAMPLES / "pages").glob("*.txt"):
        (pages / path.name).write_bytes(path.read_bytes())

    def found() -> tuple[list[str], str]:
        ran = run("validate", graph, "--pages", pages, "--format", "json")
        findings = json.loads(ran.stdout)["findings"]
        return [finding["focus"] for finding in findings if finding["rule"] == "changed-page"], ran.stderr

    assert found() == ([], "")
    with (pages / "drug-c2.txt").open("a", encoding="utf-8") as page:
        page.write("\n")
    (subject,), messages = found()
    assert subject.startswith(f"{ID}snapshot/drug-C2/")
    assert messages == ""
    (pages / "drug-c2.txt").unlink()
    focuses, messages = found()
    assert focuses == []
    assert f"not compared: {pages} has no page for snapshot:drug-C2/" in messages
    (pages / "alcohol-c2.txt").unlink()
    ran = run("validate", graph, "--pages", pages)
    assert (ran.code, ran.stdout) == (3, "")
    with pytest.raises(UnreadableError, match="no such folder of pages"):
        Pages(tmp_path / "nowhere")


def test_near_headlines_of_many_documents_take_as_many_queries_as_those_of_two() -> None:
    class Counting(EmbeddedStore):
        asked = 0

        def query(self, sparql: str) -> Answer:
            self.asked += 1
            return super().query(sparql)

    def asked(documents: int) -> tuple[int, int]:
        counting = Counting()
        for number in range(documents):
            document = NamedNode(f"{ID}doc/study-{number}")
            title = Literal(f"The same headline of every document {'abcdefghij'[number]}")
            year = Literal("2011", datatype=NamedNode(f"{PREFIXES['xsd']}gYear"))
            counting.extend(
                [
                    Quad(document, NamedNode(f"{PREFIXES['dcterms']}title"), title),
                    Quad(document, NamedNode(f"{PREFIXES['dcterms']}issued"), year),
                ]
            )
        findings = list(findings_of(counting, [check("near-headlines")]))
        return len(findings), counting.asked

    assert asked(2) == (1, 5)
    assert asked(10) == (45, 5)
