"""That nothing conforms which was not checked, and that nothing is a finding which conforms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.shacl.engines import PREFIXES, file

from evgraph.errors import UnreadableError
from evgraph.shacl.xpath_patterns import PatternError, translate
from evgraph.validation.validate import validate_files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

    from evgraph.validation.report import Report

DATA = """
ex:a a ex:T ; ex:p ex:x, "xyz" ; ex:state "open" ; ex:before false ; ex:after true ; ex:size 5 ; ex:mass 5.0 .
ex:b a ex:T ; ex:p "abc" ; ex:state "shut" ; ex:closed "2020" ; ex:code "a#b", "azzz" .
ex:x a ex:Z ."""
P = "PREFIX ex: <http://example.org/> "


def report_of(shapes: str, data: str = DATA) -> Report:
    return validate_files([file(data)], [file(shapes, "shapes.ttl")])


def found(shapes: str, data: str = DATA) -> list[tuple[str, str]]:
    """Return focus node and value of each finding, shortened."""
    report = report_of(shapes, data)
    return sorted(
        (str(finding.focus).rpartition("/")[2].rstrip(">"), str(finding.value or "").rpartition("/")[2].rstrip(">"))
        for finding in report.findings
    )


def target(constraint: str) -> str:
    return f"ex:S a sh:NodeShape ; sh:targetClass ex:T ; {constraint} ."


def select(query: str) -> str:
    return target(f"sh:sparql [ sh:select '''{P}{query}''' ]")


@pytest.mark.default_cases(4)
@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        (
            select(
                "SELECT $this { $this ex:state ?v OPTIONAL { BIND(STR($this) AS ?s) }"
                " FILTER(BOUND(?s) && STRENDS(?s, 'b')) }"
            ),
            ["b"],
        ),
        (select("SELECT $this { OPTIONAL { BIND(EXISTS { $this ex:closed ?z } AS ?has) } FILTER(!?has) }"), ["a"]),
        (
            select(
                "SELECT $this { OPTIONAL { ?y ex:closed ?n OPTIONAL { ?y ex:state ?m FILTER(?y = $this) } }"
                " FILTER(BOUND(?m)) }"
            ),
            ["b"],
        ),
        (
            select(
                "SELECT $this { { SELECT $this (COUNT(?x) AS ?n) { $this ex:p ?x } GROUP BY $this } FILTER(?n > 1) }"
            ),
            ["a"],
        ),
        (select("SELECT $this { { BIND($this AS ?t) FILTER(sameTerm(?t, ex:b)) } } LIMIT 1"), ["b"]),
        (target("sh:property [ sh:path ex:p ; sh:hasValue [] ]"), ["a", "b"]),
        (target("sh:property [ sh:path ex:p ; sh:in ( ex:x 'xyz' 'abc' [] ) ]"), []),
        (target("sh:hasValue []"), ["a", "b"]),
        (target("sh:property [ sh:path ex:p ; sh:pattern '^[a-z-[b]]+$' ]"), ["a", "b"]),
        (target("sh:property [ sh:path ex:code ; sh:pattern '^ a # b $' ; sh:flags 'x' ]"), ["b"]),
        (target(r"sh:property [ sh:path ex:state ; sh:pattern '^\\i\\c*$' ]"), []),
        (target("sh:property [ sh:path ex:before ; sh:lessThan ex:after ]"), []),
        (target("sh:property [ sh:path ex:after ; sh:minExclusive false ; sh:maxExclusive true ]"), ["a"]),
        (target("sh:property [ sh:path ex:size ; sh:maxInclusive 18446744073709551615 ]"), []),
        (target("sh:property [ sh:path ex:size ; sh:minExclusive 18446744073709551615 ]"), ["a"]),
        (target("sh:property [ sh:path ex:mass ; sh:maxInclusive 1000000000000000000000000.0 ]"), []),
        (target("sh:property [ sh:path ex:size ; sh:maxInclusive '300'^^xsd:byte ]"), ["a"]),
        (target("sh:or ( [ sh:property [ sh:path ex:p ; sh:minCount 2 ] ] [ sh:nodeKind sh:Literal ] )"), ["b"]),
    ],
)
def test_what_was_wrong_once_is_found_exactly(shapes: str, expected: list[str]) -> None:
    report = report_of(shapes)
    assert report.is_complete
    assert [focus for focus, _ in found(shapes)] == expected


@pytest.mark.default_cases(6)
@pytest.mark.parametrize(
    ("shapes", "reason"),
    [
        (select("SELECT ?x WHERE { ?x ex:p $this }"), "does not select $this"),
        (select("SELECT $this { { SELECT (COUNT(?x) AS ?n) { ?x a ex:T } } FILTER(?n > 1) }"), "does not select $this"),
        (select("SELECT $this { { SELECT * { FILTER($this = ex:a) } } }"), "selects *"),
        (select("SELECT $this { $this ex:p ?x MINUS { $this ex:p 1 } }"), "MINUS, which SHACL does not allow"),
        (select("SELECT $this { BIND(ex:a AS $this) }"), "assigns $this"),
        (select("SELECT $this { GRAPH ?g { $this ex:p ?x } }"), "GRAPH"),
        (select("SELECT $this { $this ex:p }"), "not legal SPARQL"),
        (target("sh:property [ sh:path ex:p ; sh:class [] ]"), "sh:class is"),
        (target("sh:property [ sh:path ex:p ; sh:class 'ex:A' ]"), "sh:class is"),
        (target("sh:property [ sh:path ex:p ; sh:datatype [] ]"), "sh:datatype is"),
        ("ex:S sh:targetNode [] ; sh:nodeKind sh:IRI .", "sh:targetNode is neither an IRI nor a literal"),
        ("ex:S sh:targetClass ex:T, [] ; sh:nodeKind sh:IRI .", "sh:targetClass is not an IRI"),
        ("ex:S sh:targetSubjectsOf [] ; sh:nodeKind sh:IRI .", "sh:targetSubjectsOf is not an IRI"),
        (target("sh:property [ sh:path ex:p ; sh:node ex:S ]"), "it is part of itself"),
        (target("sh:closed 'maybe'"), "must be true or false"),
    ],
)
def test_what_cannot_be_checked_is_named_and_does_not_conform(shapes: str, reason: str) -> None:
    with pytest.raises(UnreadableError) as error:
        report_of(shapes)
    assert reason in error.value.message
    assert error.value.path == "shapes.ttl"
    assert error.value.line == 8
    # Beside another shape it is a notice, and the other's findings stay.
    report = report_of(f"{shapes}\nex:Other sh:targetClass ex:T ; sh:property [ sh:path ex:none ; sh:minCount 1 ] .")
    assert [finding.rule for finding in report.findings] == ["Other-none", "Other-none"]
    (notice,) = report.not_checked
    assert reason in notice.message
    assert "shapes.ttl:8:1" in notice.message
    assert not report.is_complete


def test_an_unsupported_target_is_not_checked_and_the_exit_code_says_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data.ttl").write_text(PREFIXES + DATA)
    (tmp_path / "shapes.ttl").write_text(
        PREFIXES
        + "ex:S a sh:NodeShape ; sh:target [ a sh:SPARQLTarget ] ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ."
        "ex:Other sh:targetClass ex:T ; sh:nodeKind sh:IRI ."
    )
    words = ("validate", tmp_path / "data.ttl", "--shapes", tmp_path / "shapes.ttl")
    for name in ("text", "html", "json", "csv", "spreadsheet", "turtle", "sarif", "junit", "github", "waivers"):
        done = run(*words, "--format", name)
        assert (done.code, "S was not checked by sh:target" in done.stdout) == (3, True), name
    assert "sh:conforms false" in run(*words, "--format", "turtle").stdout
    assert run(*words, "--quiet").stdout == "not-checked: S was not checked by sh:target, which evgraph does not know\n"


@pytest.mark.parametrize(
    ("query", "data", "reason"),
    [
        ("$this ex:p ?v FILTER(STRLEN(STR(?v)) > 1)", "ex:a a ex:T ; ex:p 07 .", "uses STR, and the engine changes"),
        ("$this ex:p ?v . ex:b ex:q ?v FILTER(?v < 9)", "ex:a a ex:T ; ex:p '7'^^xsd:byte .", "?v for several values"),
        ("$this ex:p 7", "ex:a a ex:T ; ex:p 07 .", "uses the value 7"),
        ("$this ex:p ?v FILTER(DATATYPE(?v) = ex:a)", "ex:a a ex:T ; ex:p '7'^^xsd:int .", "uses DATATYPE"),
        ("$this ex:p ?v FILTER(?v != 5)", f"ex:a a ex:T ; ex:p {10**20} .", "uses =, and the engine does not compare"),
        ("$this ex:p ?v FILTER(?v < 5)", "ex:a a ex:T ; ex:p true .", "uses <, and the engine does not compare"),
    ],
)
def test_a_query_that_the_engine_would_answer_otherwise_is_not_checked(query: str, data: str, reason: str) -> None:
    with pytest.raises(UnreadableError) as error:
        report_of(select(f"SELECT $this {{ {query} }}"), data)
    assert reason in error.value.message
    assert error.value.line == 8


def test_a_query_that_compares_terms_only_keeps_literals_apart() -> None:
    shapes = select("SELECT $this { $this ex:p ?v FILTER NOT EXISTS { ex:b ex:q ?v } }")
    assert found(shapes, "ex:a a ex:T ; ex:p 07 . ex:b ex:q 7 .") == [("a", "a")]
    assert found(shapes, "ex:a a ex:T ; ex:p 07 . ex:b ex:q 07 .") == []


def test_a_query_about_one_node_sees_its_literal_as_written() -> None:
    shapes = """ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:most ] ;
        sh:validator [ sh:ask "ASK { FILTER(STRLEN(STR($value)) <= $most) }" ] .""" + target(
        "sh:property [ sh:path ex:p ; ex:most 1 ]"
    )
    (finding,) = report_of(shapes, "ex:a a ex:T ; ex:p 7 . ex:b a ex:T ; ex:p 007 .").findings
    assert (str(finding.focus), getattr(finding.value, "value", "")) == ("<http://example.org/b>", "007")


@pytest.mark.parametrize(
    ("constraint", "query", "expected"),
    [
        ("sh:not [ % ]", "SELECT $this { $this ex:p ex:x }", ["b"]),
        (
            "sh:or ( [ sh:class ex:Z ] [ % ] )",
            "SELECT $this { OPTIONAL { BIND($this AS ?t) } FILTER(?t = ex:a) }",
            ["a"],
        ),
        (
            "sh:property [ sh:path ex:p ; sh:qualifiedValueShape [ % ] ; sh:qualifiedMinCount 2 ]",
            "SELECT $this { FILTER(isIRI($this)) }",
            ["a", "b"],
        ),
    ],
)
def test_a_query_within_a_condition_runs_for_each_node(constraint: str, query: str, expected: list[str]) -> None:
    shapes = target(constraint.replace("%", f"sh:sparql [ sh:select '''{P}{query}''' ]"))
    assert report_of(shapes).is_complete
    assert [focus for focus, _ in found(shapes)] == expected


def test_beside_a_pattern_that_only_pyshacl_reads_all_else_is_compiled() -> None:
    shapes = target(
        "sh:property [ sh:path ex:before ; sh:pattern '(?=t)t' ; sh:lessThan ex:after ; sh:maxExclusive 7 ]"
    )
    # pySHACL compares booleans with numbers, and would find one less.
    report = report_of(shapes)
    assert sorted(finding.component.rpartition("#")[2] for finding in report.findings) == [
        "MaxExclusiveConstraintComponent", "PatternConstraintComponent",
    ]  # fmt: skip
    with pytest.raises(UnreadableError, match="pySHACL reads sh:maxExclusive otherwise than the standard"):
        report_of(target("sh:not [ sh:property [ sh:path ex:p ; sh:pattern '(?=t)t' ; sh:maxExclusive 7 ] ]"))
    with pytest.raises(UnreadableError, match="sh:class is"):
        report_of(target("sh:property [ sh:path ex:p ; sh:pattern '(?=t)t' ; sh:class [] ]"))


def test_entailment_is_refused_with_file_and_line() -> None:
    shapes = target("sh:nodeKind sh:IRI") + "\nex: sh:entailment <http://www.w3.org/ns/entailment/RDFS> ."
    with pytest.raises(UnreadableError, match="the shapes ask for entailment") as error:
        report_of(shapes)
    assert (error.value.path, error.value.line) == ("shapes.ttl", 9)


def test_one_is_not_true_and_a_notice_says_so() -> None:
    report = report_of(
        target('sh:closed "1"^^xsd:boolean ; sh:property [ sh:path ex:name ; sh:uniqueLang "1"^^xsd:boolean ]')
        + 'ex:Off sh:targetClass ex:T ; sh:deactivated "1"^^xsd:boolean ; sh:nodeKind sh:Literal .',
        'ex:a a ex:T ; ex:name "x"@en, "y"@en .',
    )
    assert [(finding.rule, finding.component.rpartition("#")[2]) for finding in report.findings] == [
        ("Off", "NodeKindConstraintComponent")
    ]
    assert sorted(notice.message.split()[0] for notice in report.notices if notice.kind == "other-boolean") == [
        "sh:closed", "sh:deactivated", "sh:uniqueLang",
    ]  # fmt: skip


def test_an_ask_validator_reports_the_value_and_its_parameter() -> None:
    declared = """ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:start ] ; sh:validator [
        sh:message "{$value} should start with {$start}" ;
        sh:ask "ASK { FILTER(STRSTARTS(STR($value), $start)) }" ] ."""
    report = report_of(
        declared + target("sh:property [ sh:path ex:p ; ex:start 'a' ]"), "ex:a a ex:T ; ex:p 'abc', 'xyz' ."
    )
    (finding,) = report.findings
    assert (str(finding.value), finding.message) == ('"xyz"', "xyz should start with a")
    assert finding.component == "http://example.org/C"


def test_two_nameless_shapes_on_one_path_are_two_results_that_differ(run: Run, tmp_path: Path) -> None:
    nameless = "[ sh:path ex:member ; sh:qualifiedMinCount 1 ; sh:qualifiedValueShape [ sh:class ex:%s ] ]"
    (tmp_path / "data.ttl").write_text(PREFIXES + DATA.replace("ex:b a ex:T ;", "ex:b"))
    (tmp_path / "shapes.ttl").write_text(PREFIXES + target(f"sh:property {nameless % 'Nurse'},\n{nameless % 'Doctor'}"))
    words = ("validate", tmp_path / "data.ttl", "--shapes", tmp_path / "shapes.ttl", "--format")
    assert run(*words, "turtle").stdout.count("a sh:ValidationResult") == 2
    assert run(*words, "turtle").stdout.count("sh:sourceShape <") == 2
    assert run(*words, "json").stdout.count('"source_shape"') == 2
    assert run(*words, "csv").stdout.count("violation,") == 2
    assert run(*words, "github").stdout.count("::error ") == 2
    text = run(*words, "text").stdout
    assert "2 violations" in text
    for kind, line in (("Nurse", 8), ("Doctor", 9)):
        assert f"conform to [ sh:class <http://example.org/{kind}> ]" in text
        assert f"This is the shape for <http://example.org/member> at {tmp_path}/shapes.ttl:{line}." in text


def test_counting_in_a_condition_is_quick() -> None:
    lines = "\n".join(f"ex:o ex:line ex:l{n} . ex:l{n} a ex:{'Gift' if n < 3 else 'Item'} ." for n in range(400))
    shapes = target(
        "sh:or ( [ sh:property [ sh:path ex:line ; sh:qualifiedValueShape [ sh:class ex:Gift ] ;"
        " sh:qualifiedMinCount 4 ]"
        " ] [ sh:property [ sh:path ex:note ; sh:minCount 1 ] ] )"
    )
    assert found(shapes, f"ex:o a ex:T . {lines}") == [("o", "o")]


def test_the_query_of_a_failure_is_an_error() -> None:
    with pytest.raises(UnreadableError, match=r"a query reports a failure for <http://example\.org/a>"):
        report_of(select("SELECT $this ?failure { OPTIONAL { BIND($this AS ?t) } BIND(?t = ex:a AS ?failure) }"))


def test_both_engines_refuse_shapes_that_are_part_of_themselves() -> None:
    shapes = [file(target("sh:property [ sh:path ex:p ; sh:node ex:S ]"), "shapes.ttl")]
    with pytest.raises(UnreadableError, match="it is part of itself"):
        validate_files([file(DATA)], shapes, engine="pyshacl")


@pytest.mark.parametrize(
    ("pattern", "flags", "expected"),
    [
        ("[a-z-[aeiou]]+", "", "[[a-z]--[aeiou]]+"),
        (r"\d\s\w", "", r"\p{Nd}[\t\n\r ][^\p{P}\p{Z}\p{C}]"),
        (" a [b c] ", "x", "a[b c]"),
        ("a.b", "", r"a[^\n\r]b"),
        ("a.b", "q", r"a\.b"),
        (r"\p{IsBasicLatin}", "", r"[\x{0}-\x{7F}]"),
        (r"\p{Lu}", "i", r"(?-i:\p{Lu})"),
        ("#&~", "", r"\#\&\~"),
        (r"https?:\/\/", "", "https?://"),
    ],
)
def test_patterns_of_xpath_are_translated(pattern: str, flags: str, expected: str) -> None:
    assert translate(pattern, flags).text == expected


@pytest.mark.parametrize(
    "pattern", [r"(a)\1", "(?=a)", r"\bfoo", "a**", "[b-a]", "[]", "(a", "a)", "a{2,1}", "+", r"\p{IsX}"]
)
def test_what_is_no_pattern_of_xpath_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        translate(pattern)
