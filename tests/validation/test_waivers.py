"""Waivers: what they cover, until when, what is said of them, and what is wrong with a file of them."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from evgraph.namespaces import SH, XSD

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Ran, Run

PREFIXES = """@prefix doc: <https://w3id.org/evgraph/id/doc/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix evg: <https://w3id.org/evgraph/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
# A violation (a year of two digits) and a warning (no year).
DATA = (
    PREFIXES
    + 'doc:holm-2021 a evg:Document ; rdfs:label "Holm (2021)"@en ; dcterms:issued "21"^^xsd:gYear .\n'
    + 'doc:ives a evg:Document ; rdfs:label "Ives"@en .\n'
)
YEAR = """[[waiver]]
rule = "DocumentShape-issued"
focus = "doc:holm-2021"
reason = "Printed so."
who = "M. Keeper"
"""
TODAY = ("--today", "2026-11-22")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data"
    made.mkdir()
    (made / "documents.ttl").write_text(DATA, encoding="utf-8")
    return made


def waive(folder: Path, *waivers: str) -> Path:
    path = folder / "waivers.toml"
    path.write_text("\n".join(waivers), encoding="utf-8")
    return path


def findings(ran: Ran) -> dict[str, list[str]]:
    whole = json.loads(ran.stdout)
    # A year of two digits breaks two constraints of one shape.
    return {key: sorted({finding["rule"] for finding in whole[key]}) for key in ("findings", "waived")}


def test_a_waived_finding_does_not_count_and_is_listed_apart(run: Run, folder: Path) -> None:
    assert run("validate", folder, *TODAY).code == 1
    path = waive(folder, "# Known.", YEAR)
    ran = run("validate", folder, "--format", "json", *TODAY)
    assert (ran.code, ran.stderr) == (0, "")
    assert findings(ran) == {"findings": ["DocumentShape-issued-missing"], "waived": ["DocumentShape-issued"]}
    whole = json.loads(ran.stdout)
    assert whole["conforms"] is False
    assert whole["waived"][0]["triple"] == 'doc:holm-2021 dcterms:issued "21"^^xsd:gYear'
    assert whole["waived"][0]["waiver"] == {
        "reason": "Printed so.", "who": "M. Keeper", "until": None, "file": str(path), "line": 2, "column": 1,
    }  # fmt: skip


def test_text_counts_what_is_waived_in_a_line(run: Run, folder: Path) -> None:
    waive(folder, YEAR, YEAR.replace("holm-2021", "ives").replace("-issued", "-issued-missing"))
    ran = run("validate", folder, "--fail-on", "info", *TODAY)
    assert ran.code == 0
    assert ran.stdout.splitlines()[-2:] == [
        "3 findings waived: 2 DocumentShape-issued, 1 DocumentShape-issued-missing",
        "no findings; 2 things checked: 2 documents",
    ]


@pytest.mark.slow
def test_a_standard_report_holds_waived_findings_too(run: Run, folder: Path) -> None:
    waive(folder, YEAR)
    triples = list(ox.parse(run("validate", folder, "--format", "turtle").output, format=ox.RdfFormat.TURTLE))
    (conforms,) = [triple.object for triple in triples if triple.predicate.value == f"{SH}conforms"]
    assert conforms == ox.Literal("false", datatype=ox.NamedNode(f"{XSD}boolean"))
    assert sum(triple.predicate.value == f"{SH}focusNode" for triple in triples) == 3


@pytest.mark.default_cases(2)
@pytest.mark.parametrize(
    "more",
    [
        'path = "dcterms:issued"', 'path = "<http://purl.org/dc/terms/issued>"',
        'path = "http://purl.org/dc/terms/issued"\nvalue = "21"', """value = '"21"^^xsd:gYear'""",
        "until = 2026-11-22", "until = 9999-12-31",
    ],
)  # fmt: skip
def test_path_value_and_day_may_narrow_it(run: Run, folder: Path, more: str) -> None:
    waive(folder, YEAR, more)
    assert findings(run("validate", folder, "--format", "json", *TODAY))["waived"] == ["DocumentShape-issued"]


@pytest.mark.default_cases(2)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("doc:holm-2021", "doc:ives"), ("DocumentShape-issued", "DocumentShape-title"),
        ("who", 'path = "dcterms:title"\nwho'), ("who", 'value = "22"\nwho'), ("who", "value = '\"21\"'\nwho"),
    ],
)  # fmt: skip
def test_what_matches_nothing_is_stale(run: Run, folder: Path, old: str, new: str) -> None:
    path = waive(folder, "", "", YEAR.replace(old, new))
    ran = run("validate", folder, "--format", "json", *TODAY)
    assert ran.code == 1
    (stale,) = [finding for finding in json.loads(ran.stdout)["findings"] if finding["rule"] == "stale-waiver"]
    assert (stale["severity"], stale["file"], stale["line"], stale["column"]) == ("warning", str(path), 3, 1)
    assert "matches no finding. Delete the waiver." in stale["message"]
    assert json.loads(ran.stdout)["waived"] == []


def test_a_misspelt_rule_is_reported(run: Run, folder: Path) -> None:
    waive(folder, YEAR.replace("issued", "isued"))
    assert "there is no such rule; did you mean 'DocumentShape-issued'?" in run("validate", folder, *TODAY).stdout


def test_a_finding_counts_again_when_its_waiver_has_run_out(run: Run, folder: Path) -> None:
    path = waive(folder, YEAR + "until = 2026-11-21")
    ran = run("validate", folder, "--format", "json", *TODAY)
    assert ran.code == 1
    assert findings(ran) == {"findings": ["DocumentShape-issued", "DocumentShape-issued-missing"], "waived": []}
    (expired,) = [related for finding in json.loads(ran.stdout)["findings"] for related in finding["related"]]
    assert (expired["rule"], expired["file"], expired["line"], expired["column"]) == ("expired-waiver", str(path), 1, 1)
    assert "was valid until 2026-11-21" in expired["message"]
    assert findings(run("validate", folder, "--format", "json", "--today", "2026-11-21"))["waived"]


def test_waivers_of_rules_that_were_not_checked_are_not_stale(run: Run, folder: Path, tmp_path: Path) -> None:
    shapes = tmp_path / "house.ttl"
    shapes.write_text(
        PREFIXES + "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "doc:S a sh:NodeShape ; sh:targetClass evg:Document ; sh:nodeKind sh:IRI .",
        encoding="utf-8",
    )
    waive(folder, YEAR, YEAR.replace("DocumentShape-issued", "changed-page"))
    assert findings(run("validate", folder, "--shapes", shapes, "--format", "json"))["findings"] == []
    assert findings(run("validate", folder, "--format", "json"))["findings"] == ["DocumentShape-issued-missing"]
    (tmp_path / "drug-e4.txt").write_text("Drug Treatment Matrix cell E4\n", encoding="utf-8")
    ran = run("validate", folder, "--pages", tmp_path, "--format", "json")
    assert "stale-waiver" in findings(ran)["findings"]


@pytest.mark.slow
def test_files_can_be_named_or_left_unread(run: Run, folder: Path, tmp_path: Path) -> None:
    waive(folder, YEAR)
    assert run("validate", folder, "--no-waivers").code == 1
    assert run("validate", folder / "documents.ttl").code == 1
    first, second = tmp_path / "one.toml", tmp_path / "other.toml"
    first.write_text(YEAR, encoding="utf-8")
    second.write_text(YEAR.replace("holm-2021", "ives").replace("-issued", "-issued-missing"), encoding="utf-8")
    ran = run("validate", folder / "documents.ttl", "--waivers", first, "--waivers", second, "--fail-on", "info")
    assert ran.code == 0
    ran = run("validate", folder, "--waivers", first, "--no-waivers")
    assert (ran.code, "contradict" in ran.stderr) == (2, True)


@pytest.mark.slow
def test_entries_for_the_findings_can_be_printed_and_lack_only_the_reason(run: Run, folder: Path) -> None:
    (folder / "documents.ttl").write_text(
        DATA + 'doc:odd a evg:Document ; rdfs:label "O\'Dd"@en ; dcterms:issued "a\'\\"b\\\\c\\u0001\\u007F" .\n'
        "[] a evg:Document ; rdfs:label 'no name' ; dcterms:issued '2001'^^xsd:gYear .\n",
        encoding="utf-8",
    )
    written = run("validate", folder, "--format", "waivers", *TODAY).stdout
    assert "# Holm (2021)\n[[waiver]]\n" in written
    assert "until = 2027-11-22" in written
    assert "Not listed: 1 things without a name" in written
    path = waive(folder, written)
    ran = run("validate", folder, *TODAY)
    assert ran.code == 3
    assert f"{path}:" in ran.stderr
    assert "the 'reason' of a waiver is text, and not empty" in ran.stderr
    path.write_text(written.replace('= ""\n', '= "Seen."\n'), encoding="utf-8")
    ran = run("validate", folder, "--format", "json", *TODAY)
    assert findings(ran)["findings"] == ["DocumentShape-iri"]
    again = run("validate", folder, "--format", "waivers", *TODAY).stdout
    assert tomllib.loads(again) == {}


@pytest.mark.default_cases(4)
@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[[waiver]]\nrule = 'a\n", 3, "not well-formed TOML"),
        ("rule = 'a'\n", 1, "'rule' is outside a waiver"),
        ("# x\n[waivers]\n", 2, "'waivers' is outside a waiver"),
        ("\n" + YEAR.replace("who", "by"), 6, "a waiver has no 'by'"),
        ("\n" + YEAR.replace("reason", "reasn"), 5, "did you mean 'reason'?"),
        ("\n" + YEAR.replace('who = "M. Keeper"', ""), 2, "a waiver needs a 'who'"),
        (YEAR.replace("Printed so.", "  "), 4, "the 'reason' of a waiver is text, and not empty"),
        (YEAR.replace('"doc:holm-2021"', "5"), 3, "the 'focus' of a waiver is text"),
        (YEAR.replace("doc:holm-2021", "holm-2021"), 3, "neither a CURIE"),
        (YEAR.replace("doc:holm-2021", "doc:holm-2[021"), 3, "'doc:holm-2[021' is neither a CURIE"),
        (YEAR.replace("doc:holm-2021", "<http://a]b>"), 3, "'<http://a]b>' is neither a CURIE"),
        (YEAR + 'until = "2027-01-01"', 6, "the 'until' of a waiver is a day"),
        (YEAR + "until = 2027-01-01T10:00:00", 6, "the 'until' of a waiver is a day"),
        (YEAR + "until = 2027-02-30", 6, "not well-formed TOML"),
        ("waiver = [{rule = 'a'}]", None, "each waiver begins with a line [[waiver]]"),
        ("waiver = 5", None, "each waiver begins with a line [[waiver]]"),
        (f"\n{'.'.join('a' * 100_000)} = 1", 2, "a key with more than 50 parts: a.a.a."),
        (f"\nwhy = {'[' * 100_000}", 2, "nested too deeply"),
        (f"\nwhy = {'{a=' * 10_000}", 2, "nested too deeply"),
        (YEAR + f"until = {'9' * 100_000}", 6, "a number with more than a thousand digits: 999"),
        ("[[waiver]]\nreason = '''\n[[waiver]]\n'''\n" * 20_000, 1, "a waiver needs a 'rule'"),
    ],
    ids=[*map(str, range(21))],
)
def test_a_malformed_file_is_refused_at_its_line(
    run: Run, folder: Path, text: str, line: int | None, message: str
) -> None:
    path = waive(folder, text)
    ran = run("validate", folder)
    assert (ran.code, ran.stdout) == (3, "")
    assert ran.stderr.startswith(f"evgraph: {path}:{line}: " if line else f"evgraph: {path}: ")
    assert message in ran.stderr


def test_a_file_that_is_not_there_or_not_text_is_refused(run: Run, folder: Path, tmp_path: Path) -> None:
    ran = run("validate", folder, "--waivers", tmp_path / "nowhere.toml")
    assert (ran.code, "nowhere.toml: waivers cannot be read: No such file" in ran.stderr) == (3, True)
    (folder / "waivers.toml").write_bytes(b"# a\n# \xff\n")
    ran = run("validate", folder)
    assert (ran.code, "waivers.toml:2: not UTF-8" in ran.stderr) == (3, True)


def test_headers_are_found_in_any_layout(run: Run, folder: Path) -> None:
    reason = '"""\n[[waiver]]\nrule = "no header, this"\n"""'
    text = YEAR.replace('"Printed so."', reason) + "\n  [[ waiver ]] # two\n" + YEAR.replace("[[waiver]]", "")
    (folder / "waivers.toml").write_bytes(
        b"\xef\xbb\xbf"
        + text.replace('"doc:holm-2021"\nreason = "P', '"doc:gone"\nreason = "P').replace("\n", "\r\n").encode()
    )
    ran = run("validate", folder, "--format", "json")
    (stale,) = [finding for finding in json.loads(ran.stdout)["findings"] if finding["rule"] == "stale-waiver"]
    assert (stale["line"], stale["column"]) == (10, 3)


@pytest.mark.parametrize("text", ["", "# none\n"])
def test_a_file_without_a_waiver_is_all_right(run: Run, folder: Path, text: str) -> None:
    waive(folder, text)
    assert findings(run("validate", folder, "--format", "json"))["waived"] == []


@pytest.mark.parametrize("name", ["stale-waiver", "expired-waiver"])
def test_its_rules_are_in_the_list_of_rules(run: Run, name: str) -> None:
    assert name in run("validate", "--list-rules").stdout
    assert f"{name} (warning; a waiver)" in run("validate", "--explain", name).stdout


def test_the_day_is_checked(run: Run, folder: Path) -> None:
    ran = run("validate", folder, "--today", "tomorrow")
    assert (ran.code, "tomorrow" in ran.stderr) == (2, True)
    assert run("validate", "--list-rules", "--format", "waivers").code == 2


@pytest.mark.default_cases(2)
@pytest.mark.parametrize(
    "waiver",
    [
        'rule = "DocumentShape-issued*"\nfocus = "doc:*"',
        'rule = "*"\nfocus = "https://w3id.org/evgraph/id/doc/*"',
        'rule = "*"\nfile = "documents.ttl"',
        'rule = "DocumentShape-*"\nfile = "doc*.ttl"\nfocus = "*"',
    ],
)
def test_a_waiver_may_be_of_a_rule_of_things_alike_or_of_a_file(run: Run, folder: Path, waiver: str) -> None:
    waive(folder, f'[[waiver]]\n{waiver}\nreason = "Known."\nwho = "M. Keeper"\n')
    ran = run("validate", folder, "--fail-on", "info", "--format", "json", *TODAY)
    assert (ran.code, ran.stderr) == (0, "")
    assert findings(ran) == {"findings": [], "waived": ["DocumentShape-issued", "DocumentShape-issued-missing"]}


@pytest.mark.default_cases(1)
@pytest.mark.parametrize("waiver", ['focus = "doc:i*"', 'focus = "*"\nfile = "other.ttl"', 'focus = "doc:holm*.*"'])
def test_a_pattern_covers_nothing_else(run: Run, folder: Path, waiver: str) -> None:
    path = waive(folder, f'[[waiver]]\nrule = "DocumentShape-issued"\n{waiver}\nreason = "Known."\nwho = "M. Keeper"\n')
    ran = run("validate", folder, "--format", "json", *TODAY)
    (stale,) = [finding for finding in json.loads(ran.stdout)["findings"] if finding["rule"] == "stale-waiver"]
    assert (ran.code, stale["file"], stale["line"]) == (1, str(path), 1)


def test_a_waiver_of_everything_is_refused(run: Run, folder: Path) -> None:
    path = waive(folder, '[[waiver]]\nrule = "*"\nfocus = "*"\nreason = "All."\nwho = "M. Keeper"\n')
    ran = run("validate", folder, *TODAY)
    assert (ran.code, ran.stdout) == (3, "")
    assert f"{path}:2: this waiver would accept everything\n  name a rule, a focus or a file\n" in ran.stderr
