"""One finding for each cause: undescribed things, missing files, wrong prefixes and terms, decisions not ingested."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from lxml import html as lxml_html

from evgraph import shipped_files
from evgraph.namespaces import ID, curie

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

HEAD = "@base <https://w3id.org/evgraph/id/> .\n@prefix evg: <https://w3id.org/evgraph/ns#> .\n"
FORMATS = ("text", "json", "csv", "html", "turtle", "sarif", "junit")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    shutil.copytree(shipped_files.data(), folder)
    return folder


SHIPPED: list[tuple[str, str, str]] = []
"""Rule, focus node and path of the findings of the shipped data, once they are known."""


def new(run: Run, data: Path) -> list[dict[str, Any]]:
    """Return the findings that the shipped data does not have."""
    if not SHIPPED:
        SHIPPED.extend(findings(run, shipped_files.data()))
    return [finding for key, finding in findings(run, data).items() if key not in SHIPPED]


def findings(run: Run, data: Path) -> dict[tuple[str, str, str], dict[str, Any]]:
    report = json.loads(run("validate", data, "--format", "json").stdout)
    return {(finding["rule"], finding["focus"], finding["path"]): finding for finding in report["findings"]}


def replace(path: Path, old: str, text: str) -> None:
    before = path.read_text(encoding="utf-8")
    assert re.search(old, before, re.MULTILINE | re.DOTALL)
    path.write_text(re.sub(old, text, before, flags=re.MULTILINE | re.DOTALL), encoding="utf-8")


def without_document(data: Path, name: str) -> None:
    replace(data / "documents.ttl", rf"^doc:{name} .*? \.\n\n", "")


@pytest.mark.default_cases(1)
@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "<ref/alcohol-E4/whitte-2009/commentary-1> evg:target <section/alcohol-E4/issue-2> .",
            "ref:alcohol-E4/whitte-2009/commentary-1 is described nowhere; 1 statement uses it;"
            " did you mean ref:alcohol-E4/white-2009/commentary-1?",
        ),
        (
            '<section/alcohol-E4/issue-9> <http://purl.org/dc/terms/abstract> "In our words"@en .',
            "section:alcohol-E4/issue-9 is described nowhere; 1 statement uses it;"
            " did you mean section:alcohol-E4/issue-1?",
        ),
        (
            "<doc/u-0123456789ab> <http://purl.org/dc/terms/isReplacedBy> <doc/timko-2070> .",
            "doc:timko-2070 is described nowhere; 1 statement uses it; did you mean doc:timko-2007?",
        ),
        (
            "<doc:timko-2007> evg:relatedTo <doc/white-2009> .",
            "<doc:timko-2007> is not doc:timko-2007: the prefix is not declared there, or the name is in angle"
            " brackets; 1 statement uses it.",
        ),
        (
            "<docs/timko-2007> evg:relatedTo <doc/white-2009> .",
            f"{ID}docs/ is no namespace of evgraph; 1 statement uses it; did you mean {ID}doc/?",
        ),
    ],
)
def test_a_statement_about_something_undescribed_is_a_finding_where_it_is_written(
    run: Run, data: Path, statement: str, message: str
) -> None:
    path = data / "curated" / "new.ttl"
    path.write_text(HEAD + statement + "\n", encoding="utf-8")
    (finding,) = new(run, data)
    assert finding["message"].startswith(message)
    column = statement.index("<doc/timko-2070>") + 1 if "2070" in statement else 1
    assert (finding["severity"], finding["file"], finding["line"], finding["column"]) == (
        "violation",
        str(path),
        3,
        column,
    )
    line = next(line for line in run("validate", data, "--quiet").stdout.splitlines() if line.startswith(str(path)))
    assert line.startswith(f"{path}:3:{column}: violation undescribed-thing: ")
    assert "did you mean" in line or "angle brackets" in line


def test_a_wrong_target_is_reported_in_curated_data(run: Run, data: Path) -> None:
    path = data / "curated" / "settled.ttl"
    replace(path, "entry/alcohol-E4/manning-2012", "entry/alcohol-E4/maning-2012")
    (finding,) = new(run, data)
    assert finding["focus"] == f"{ID}entry/alcohol-E4/maning-2012"
    lines = path.read_text(encoding="utf-8").splitlines()
    assert "maning-2012" in lines[finding["line"] - 1][finding["column"] - 1 :]
    assert finding["message"].endswith(
        "did you mean entry:alcohol-E4/manning-2012? Correct its IRI, or add the thing; after a change in curated/,"
        " ingest the pages again."
    )
    assert {related["rule"] for related in finding["related"]} == {"ReferenceShape-known", "ReferenceShape-resolved"}


def test_a_misspelt_document_is_one_finding(run: Run, data: Path) -> None:
    replace(data / "documents.ttl", "^doc:timko-2007 ", "doc:timko-2070 ")
    (finding,) = new(run, data)
    assert finding["message"].startswith(
        "doc:timko-2007 is described nowhere; 21 statements use it; did you mean doc:timko-2070?"
    )
    assert len(finding["related"]) == 26


@pytest.mark.slow
def test_a_deleted_document_is_one_finding(run: Run, data: Path) -> None:
    without_document(data, "timko-2007")
    (finding,) = new(run, data)
    assert finding["message"].startswith("doc:timko-2007 is described nowhere; 21 statements use it. ")
    assert "IdentificationShape-document" in {related["rule"] for related in finding["related"]}


@pytest.mark.default_cases(1)
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("documents.ttl", "The file documents.ttl is missing: 35 things are described nowhere"),
        ("organisations.ttl", "The file organisations.ttl is missing: 13 things are described nowhere"),
        ("cells/drug-E4.ttl", "The file cells/drug-E4.ttl is missing: 17 things are described nowhere"),
    ],
)
def test_a_missing_file_is_one_finding(run: Run, data: Path, name: str, message: str) -> None:
    (data / name).unlink()
    (finding,) = [finding for finding in new(run, data) if finding["severity"] == "violation"]
    assert finding["message"].startswith(message)


@pytest.mark.default_cases(1)
@pytest.mark.parametrize(
    ("name", "old", "text", "focus"),
    [
        ("curated/documents.ttl", "evg:analyses", "evg:analysis", "evg:analysis"),
        ("cells/drug-E4.ttl", "https://schema.org/", "http://schema.org/", "http://schema.org/headline"),
        ("curated/settled.ttl", "evgraph/ns#", "evgraf/ns#", "https://w3id.org/evgraf/ns#target"),
        ("documents.ttl", "evg:Trial", "evg:Trail", "evg:Trail"),
    ],
)
def test_a_misspelt_term_or_namespace_is_one_finding(
    run: Run, data: Path, name: str, old: str, text: str, focus: str
) -> None:
    replace(data / name, old, text)
    (finding,) = new(run, data)
    assert (finding["rule"], curie(finding["focus"]), finding["file"]) == ("undefined-term", focus, str(data / name))


@pytest.mark.default_cases(1)
@pytest.mark.parametrize(
    ("old", "text", "rule", "message"),
    [
        ("rdf:subject doc:aa-or-outpatient-costs", "rdf:subject doc:aa-or-outpatient-cost", "undescribed-thing",
         "did you mean doc:aa-or-outpatient-costs?"),
        ("rdf:object doc:humphreys-untreated", "rdf:object doc:humphreys-untreatd", "undescribed-thing",
         "did you mean doc:humphreys-untreated?"),
        ("rdf:predicate evg:fromSameStudy", "rdf:predicate evg:fromSamStudy", "undefined-term",
         "did you mean evg:fromSameStudy?"),
    ],
)  # fmt: skip
def test_a_misspelt_word_of_a_claim_is_one_finding(
    run: Run, data: Path, old: str, text: str, rule: str, message: str
) -> None:
    path = data / "curated" / "documents.ttl"
    replace(path, old, text)
    (finding,) = new(run, data)
    assert (finding["rule"], finding["file"], message in finding["message"]) == (rule, str(path), True)
    assert text.split()[1] in path.read_text(encoding="utf-8").splitlines()[finding["line"] - 1]


def test_a_decision_that_was_not_ingested_is_reported(run: Run, data: Path) -> None:
    path = data / "curated" / "new.ttl"
    reference = "<ref/alcohol-E4/nice-2011-commissioning/commentary-3>"
    path.write_text(f"{HEAD}{reference} evg:target <section/alcohol-E4/issue-2> .\n", encoding="utf-8")
    (finding,) = new(run, data)
    assert (finding["rule"], finding["file"], finding["line"], finding["column"]) == (
        "unapplied-decision",
        str(path),
        3,
        66,
    )
    assert finding["message"] == (
        "This decision is not in the file of the cell yet: section:alcohol-E4/issue-2. Keep the one that is right, then"
        " ingest the pages again."
    )


def test_decisions_that_contradict_each_other_are_reported(run: Run, data: Path) -> None:
    path = data / "curated" / "new.ttl"
    path.write_text(f"{HEAD}<ref/alcohol-E4/start/commentary-1> evg:target <section/alcohol-E4/issue-3> .\n", "utf-8")
    (finding,) = new(run, data)
    assert (finding["rule"], finding["file"]) == ("unapplied-decision", str(data / "curated" / "settled.ttl"))
    assert finding["message"].startswith(
        "The decisions about this reference contradict each other: section:alcohol-E4/issue-3"
        f" ({path}:3) and section:alcohol-E4/issue-2 ({data / 'curated' / 'settled.ttl'}:86)."
    )


@pytest.mark.slow
def test_every_format_counts_a_cause_once(run: Run, data: Path) -> None:
    without_document(data, "timko-2007")
    outputs = {name: run("validate", data, "--format", name, "--max-findings", "0").stdout if name in {"text", "html"}
               else run("validate", data, "--format", name).stdout for name in FORMATS}  # fmt: skip
    findings = json.loads(outputs["json"])["findings"]
    (result,) = [
        result for result in json.loads(outputs["sarif"])["runs"][0]["results"] if "relatedLocations" in result
    ]
    related = next(finding["related"] for finding in findings if finding["related"])
    assert len(result["relatedLocations"]) == len(related) == 28
    assert {
        "text": outputs["text"].count("\n  - "),
        "csv": outputs["csv"].count("\n") - 1,
        "html": len(lxml_html.fromstring(outputs["html"]).xpath("//section[@data-rule]//tbody/tr")),
        "turtle": outputs["turtle"].count("a sh:ValidationResult") - len(related),
        "sarif": len(json.loads(outputs["sarif"])["runs"][0]["results"]),
        "junit": outputs["junit"].count("<failure") + outputs["junit"].count("<skipped"),
    } == dict.fromkeys(("text", "csv", "html", "turtle", "sarif", "junit"), len(findings))


@pytest.mark.slow
def test_text_counts_what_a_finding_explains_and_lists_it_if_asked(run: Run, data: Path) -> None:
    without_document(data, "timko-2007")
    ran = run("validate", data)
    assert "    explains 28 more findings: " in ran.stdout
    assert ran.stderr == "evgraph: --related lists the findings that others explain\n"
    ran = run("validate", data, "--related")
    assert (ran.stdout.count(": related "), ran.stderr) == (28, "")
    assert run("validate", data, "--related", "--format", "json").code == 2


@pytest.mark.slow
def test_a_cause_can_be_waived_and_so_can_what_it_explains(run: Run, data: Path) -> None:
    without_document(data, "timko-2007")
    waiver = 'reason = "Known."\nwho = "M. Keeper"\n'
    text = f'[[waiver]]\nrule = "undescribed-thing"\nfocus = "doc:timko-2007"\n{waiver}'
    (data / "waivers.toml").write_text(text, encoding="utf-8")
    ran = run("validate", data, "--format", "json")
    assert (ran.code, len(json.loads(ran.stdout)["waived"])) == (0, 1)
    text = f'[[waiver]]\nrule = "EntryShape-lists"\nfocus = "entry:*/timko-2007"\n{waiver}'
    (data / "waivers.toml").write_text(text, encoding="utf-8")
    (finding,) = new(run, data)
    assert len(finding["related"]) == 26


def test_candidates_are_listed_with_their_titles(run: Run) -> None:
    assert "    candidate: section:alcohol-E4/issue-4 (Support mutual aid says NICE)\n" in run("validate").stdout


def test_nothing_to_fix_is_said_with_what_remains(run: Run, data: Path) -> None:
    ran = run("validate", data, "--fix")
    assert (ran.code, ran.stdout) == (0, "")
    assert ran.stderr == (
        "evgraph: nothing can be fixed\nevgraph: 24 findings without a safe fix: 12 dangling-reference, 8"
        " DocumentShape-issued-missing, 2 ambiguous-reference, 1 missing-section and 1 of other rules\n"
    )


@pytest.mark.slow
def test_html_unfolds_what_a_finding_explains(run: Run, data: Path) -> None:
    without_document(data, "timko-2007")
    root = lxml_html.fromstring(run("validate", data, "--format", "html").stdout)
    (folded,) = root.xpath("//section[@data-rule]//details")
    assert folded.xpath("string(summary)").startswith("explains 28 more findings: ")
    assert len(folded.xpath("ul/li")) == 28
    assert root.text_content().count("explains 28 more findings: ") == 1
