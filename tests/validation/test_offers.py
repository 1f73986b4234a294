"""What reports say of fixes: what ``--fix`` would do, as words and as edits, and whose turn it is where it does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.validation.test_fixes import HEAD, HOLM, IVES, fix, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

AGAIN = "ingest the page again; files that ingest writes are not fixed"
OLD = HOLM.replace("doc:holm", "doc:u-000000000001") + " ; dcterms:isReplacedBy doc:older .\n"
OLDER = 'doc:older dcterms:isReplacedBy doc:holm ; rdfs:label "Older"@en .\n'
LINK = (
    "doc:ives evg:seeAlso {0} .\n"
    "claim:one a evg:Claim ; rdf:subject doc:ives ; rdf:predicate evg:seeAlso ; rdf:object {0} ;\n"
    "    prov:wasAttributedTo agent:me .\n"
)
SLIPS = "# 𝒜\r\n" + IVES.replace('"2020"^^xsd:gYear', '"𝒜" , 2020 ; evg:studyCountry "US"').replace(
    "evg:Study, evg:Document", "evg:Trial"
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.mark.slow
def test_a_name_that_was_given_up_is_followed_to_the_last(run: Run, data: Path) -> None:
    known = write(data / "known.ttl", HEAD + HOLM + " .\n" + IVES + OLD + OLDER)
    links = write(data / "links.ttl", HEAD + LINK.format("doc:u-000000000001"))
    ran = run("validate", data)
    assert ran.stdout.count("fix: write the name that has replaced it") == 2
    before = known.read_bytes()
    fix(run, data)
    assert links.read_text(encoding="utf-8") == HEAD + LINK.format("doc:holm")
    assert known.read_bytes() == before  # That one name was given up for the other stays.
    assert "replaced-name" not in run("validate", data).stdout


@pytest.mark.default_cases(1)
@pytest.mark.parametrize(
    "known",
    [
        OLD + OLDER.replace("doc:holm", "doc:u-000000000001"),  # They lead to each other,
        OLD + OLDER + "doc:older dcterms:isReplacedBy doc:ives .\n",  # to two,
    ],
)
def test_a_name_that_leads_nowhere_certain_is_left(run: Run, data: Path, known: str) -> None:
    write(data / "known.ttl", HEAD + HOLM + " .\n" + IVES + known)
    links = write(data / "links.ttl", HEAD + LINK.format("doc:u-000000000001"))
    ran = run("validate", data)
    assert "warning replaced-name: 2 findings" in ran.stdout
    assert "fix: " not in ran.stdout
    assert "evgraph: nothing can be fixed\n" in run("validate", data, "--fix").stderr
    assert links.read_text(encoding="utf-8") == HEAD + LINK.format("doc:u-000000000001")


def test_what_is_said_under_an_old_name_is_left_to_people(run: Run, data: Path) -> None:
    write(data / "known.ttl", HEAD + HOLM + " .\n" + IVES + OLD + OLDER + "doc:older evg:seeAlso doc:ives .\n")
    ran = run("validate", data)
    assert "doc:older evg:seeAlso doc:ives" in ran.stdout.partition("replaced-name")[2]
    assert "write the name" not in ran.stdout


@pytest.mark.slow
def test_of_a_file_that_ingest_writes_it_the_page_is_to_be_ingested_again(run: Run, data: Path) -> None:
    header = "<https://w3id.org/evgraph/id/graph/drug-E4> a <http://rdfs.org/ns/void#Dataset> .\n"
    cell = write(
        data / "drug-E4.ttl", HEAD + header + IVES.replace('"2020"^^xsd:gYear', "2020") + HOLM + " ; a evg:Trial .\n"
    )
    before = cell.read_bytes()
    ran = run("validate", data)
    assert ran.stdout.count(AGAIN) == 2
    assert "fix: " not in ran.stdout
    assert AGAIN in run("validate", data, "--format", "html").stdout
    ran = run("validate", data, "--fix", "--write")
    lines = [line for line in ran.stderr.splitlines() if line.startswith("evgraph: did not fix ")]
    assert lines == [
        f"evgraph: did not fix DocumentShape-issued (doc:ives dcterms:issued 2020): {AGAIN}",
        f"evgraph: did not fix TrialShape-type (doc:holm rdf:type (nothing)): {AGAIN}",
    ]
    assert cell.read_bytes() == before
    whole = json.loads(run("validate", data, "--format", "json").stdout)
    assert {finding["fix"] for finding in whole["findings"]} == {None}


def test_html_says_what_fix_would_do(run: Run, data: Path) -> None:
    write(data / "slips.ttl", HEAD + SLIPS)
    page = run("validate", data, "--format", "html").stdout
    assert "<code>evgraph validate --fix</code> can fix 4 findings" in page
    assert '<span class="fix">fix: write country:US</span>' in page


@pytest.mark.slow
def test_sarif_holds_the_edits_that_fix_makes(run: Run, data: Path) -> None:
    path = write(data / "slips.ttl", HEAD + SLIPS)
    report = json.loads(run("validate", data, "--format", "sarif").stdout)
    results = [result for result in report["runs"][0]["results"] if "fixes" in result]
    descriptions = {result["ruleId"]: result["fixes"][0]["description"]["text"] for result in results}
    assert descriptions == {
        "DocumentShape-issued": 'Write "2020"^^xsd:gYear',
        "DocumentShape-studyCountry": "Write country:US",
        "StudyShape-type": "Add the type evg:Document",
        "TrialShape-type": "Add the type evg:Study and evg:Document",
    }
    edits = set()
    for result in results:
        (change,) = result["fixes"][0]["artifactChanges"]
        assert change["artifactLocation"]["uri"].endswith("slips.ttl")
        for edit in change["replacements"]:
            region = edit["deletedRegion"]
            edits.add((*(region[key] for key in ("startLine", "startColumn", "endLine", "endColumn")),
                       edit["insertedContent"]["text"]))  # fmt: skip
    lines = [line.encode("utf-16-le") for line in path.read_bytes().decode().split("\n")]
    for line, start, last, end, text in sorted(edits, reverse=True):  # From the end, so that the places hold.
        assert line == last
        body = lines[line - 1]
        lines[line - 1] = body[: 2 * start - 2] + text.encode("utf-16-le") + body[2 * end - 2 :]
    by_report = "\n".join(line.decode("utf-16-le") for line in lines)
    fix(run, data)
    assert path.read_bytes().decode() == by_report
