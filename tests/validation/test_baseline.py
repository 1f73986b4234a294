"""``--since``: findings of the data as it is, compared with those of the data at a revision of git."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from lxml import html as lxml_html
from tests.render.readers import github_commands, junit_cases, sarif_run

import evgraph
from evgraph.namespaces import SH

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Ran, Run

HEAD = """@prefix doc: <https://w3id.org/evgraph/id/doc/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix evg: <https://w3id.org/evgraph/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def document(name: str, year: str = "2021") -> str:
    return f'doc:{name} a evg:Document ; rdfs:label "{name}"@en ; dcterms:issued "{year}"^^xsd:gYear .\n'


def bad(name: str) -> str:
    """Return a document whose year is a warning: there is none."""
    return f'doc:{name} a evg:Document ; rdfs:label "{name}"@en .\n'


def violation(name: str) -> str:
    return f'doc:{name} a evg:Document ; rdfs:label "{name}"@en ; dcterms:issued {2021} .\n'


def git(folder: Path, *words: str) -> None:
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false", *words]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Commit one violation that stays, one that goes, and a document without findings."""
    (tmp_path / "data").mkdir()
    git(tmp_path, "init", "-q")
    (tmp_path / "data" / "a.ttl").write_text(HEAD + violation("stays"), encoding="utf-8")
    (tmp_path / "data" / "b.ttl").write_text(HEAD + violation("goes") + document("good"), encoding="utf-8")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "Add data")
    return tmp_path


def change(repository: Path) -> None:
    """Fix one violation and make another."""
    (repository / "data" / "b.ttl").write_text(HEAD + document("goes") + violation("good"), encoding="utf-8")


def since(run: Run, repository: Path, *options: str) -> tuple[Ran, Any]:
    ran = run("validate", "data", "--since", "HEAD", "--format", "json", *options, cwd=repository)
    return ran, json.loads(ran.stdout) if ran.stdout else None


def test_new_gone_and_unchanged_findings_are_counted_and_the_new_ones_reported(run: Run, repository: Path) -> None:
    change(repository)
    ran, whole = since(run, repository)
    assert (ran.code, ran.stderr) == (1, "")
    assert whole["since"] == {"revision": "HEAD", "new": 1, "gone": 1, "unchanged": 1}
    assert [finding["triple"] for finding in whole["findings"]] == ["doc:good dcterms:issued 2021"]
    assert [finding["triple"] for finding in whole["gone"]] == ["doc:goes dcterms:issued 2021"]
    assert (whole["gone"][0]["file"], whole["gone"][0]["line"]) == ("HEAD:data/b.ttl", 6)
    assert whole["conforms"] is False
    text = run("validate", "data", "--since", "HEAD", cwd=repository).stdout
    assert text.startswith("violation DocumentShape-issued: 1 finding\n")
    assert "  - data/b.ttl:7:" in text
    assert "gone: violation DocumentShape-issued: 1 finding\n  - doc:goes dcterms:issued 2021\n" in text
    assert "doc:stays" not in text
    assert text.splitlines()[-1] == "since HEAD: 1 new, 1 gone, 1 unchanged"


@pytest.mark.slow
def test_without_a_change_nothing_is_new_and_the_exit_code_is_clean(run: Run, repository: Path) -> None:
    ran, whole = since(run, repository)
    assert (ran.code, whole["findings"], whole["gone"]) == (0, [], [])
    assert whole["since"] == {"revision": "HEAD", "new": 0, "gone": 0, "unchanged": 2}
    assert whole["conforms"] is False, "the data has violations, new or not"
    assert run("validate", "data", cwd=repository).code == 1


@pytest.mark.slow
def test_fail_on_looks_at_new_findings_only(run: Run, repository: Path) -> None:
    (repository / "data" / "c.ttl").write_text(HEAD + bad("new"), encoding="utf-8")
    assert since(run, repository)[0].code == 0
    ran, whole = since(run, repository, "--fail-on", "warning")
    assert (ran.code, [finding["severity"] for finding in whole["findings"]]) == (1, ["warning"])


@pytest.mark.slow
def test_a_finding_in_a_renamed_file_on_another_line_is_unchanged(run: Run, repository: Path) -> None:
    data = repository / "data"
    (data / "a.ttl").unlink()
    (data / "z.ttl").write_text("# moved\n\n" + HEAD + document("other") + violation("stays"), encoding="utf-8")
    _, whole = since(run, repository)
    assert whole["since"] == {"revision": "HEAD", "new": 0, "gone": 0, "unchanged": 2}


@pytest.mark.slow
def test_blank_nodes_are_compared_by_number(run: Run, repository: Path) -> None:
    nameless = '[] a evg:Document ; rdfs:label "x"@en ; dcterms:issued "2021"^^xsd:gYear .\n'
    path = repository / "data" / "a.ttl"
    path.write_text(HEAD + nameless, encoding="utf-8")
    git(repository, "commit", "-qam", "Add a document without a name")
    path.write_text(HEAD + nameless.replace('"x"', '"y"') * 2, encoding="utf-8")
    _, whole = since(run, repository)
    assert {finding["rule"] for finding in whole["findings"]} == {"DocumentShape-iri"}
    assert whole["since"] == {"revision": "HEAD", "new": 2, "gone": 0, "unchanged": 3}, "it breaks two constraints"


@pytest.mark.slow
def test_the_whole_work_tree_and_a_folder_in_it_are_compared_alike(run: Run, repository: Path) -> None:
    change(repository)
    for path, folder in (
        (".", repository),
        ("data", repository),
        (".", repository / "data"),
        ("..", repository / "data"),
    ):
        text = run("validate", path, "--since", "HEAD", cwd=folder).stdout
        assert text.splitlines()[-1] == "since HEAD: 1 new, 1 gone, 1 unchanged"


def test_content_that_git_lacks_is_named(run: Run, repository: Path) -> None:
    change(repository)
    blob = subprocess.run(
        ["git", "rev-parse", "HEAD:data/a.ttl"], cwd=repository, check=True, capture_output=True, text=True
    ).stdout.strip()
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    ran = run("validate", "data", "--since", "HEAD", cwd=repository)
    assert (ran.code, ran.stdout) == (2, "")
    assert "git has no content of data/a.ttl at HEAD" in ran.stderr


@pytest.mark.slow
def test_waivers_apply_to_both_states(run: Run, repository: Path) -> None:
    change(repository)
    waiver = '[[waiver]]\nrule = "DocumentShape-issued"\nfocus = "doc:{}"\nreason = "A test."\nwho = "M. Keeper"\n'
    path = repository / "data" / "waivers.toml"
    path.write_text(waiver.format("good"), encoding="utf-8")
    ran, whole = since(run, repository)
    assert (ran.code, whole["findings"], len(whole["waived"])) == (0, [], 1)
    path.write_text(waiver.format("stays") + waiver.format("nobody"), encoding="utf-8")
    _, whole = since(run, repository)
    assert whole["since"] == {"revision": "HEAD", "new": 1, "gone": 1, "unchanged": 1}, "stale-waiver is in both"
    assert [finding["focus"].rpartition("/")[2] for finding in whole["findings"]] == ["good"]


@pytest.mark.slow
def test_strict_findings_about_files_are_compared_by_their_path(run: Run, repository: Path) -> None:
    for name in ("old.csv", "empty.ttl"):
        (repository / "data" / name).write_text("", encoding="utf-8")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "Add files that are not data")
    (repository / "data" / "new.n3").write_text("", encoding="utf-8")
    (repository / "data" / "also-empty.ttl").write_text("", encoding="utf-8")
    _, whole = since(run, repository, "--strict")
    names = {(finding["rule"], finding["focus"]) for finding in whole["findings"]}
    assert names == {("skipped-file", '"data/new.n3"'), ("empty-file", '"data/also-empty.ttl"')}
    assert whole["gone"] == []


@pytest.mark.default_cases(1)
@pytest.mark.parametrize("path", ["later", "data/later.ttl"])
def test_of_data_that_did_not_exist_all_findings_are_new(run: Run, repository: Path, path: str) -> None:
    target = repository / path
    if not target.suffix:
        target.mkdir()
        target = target / "x.ttl"
    target.write_text(HEAD + violation("new"), encoding="utf-8")
    ran = run("validate", path, "--since", "HEAD", "--format", "json", cwd=repository)
    assert ran.code == 1
    assert json.loads(ran.stdout)["since"] == {"revision": "HEAD", "new": 1, "gone": 0, "unchanged": 0}


@pytest.mark.slow
def test_sarif_has_a_baseline_state_for_each_finding(run: Run, repository: Path) -> None:
    change(repository)
    ran = run("validate", "data", "--since", "HEAD", "--format", "sarif", cwd=repository)
    states = {
        result["properties"]["triple"].split()[0]: (result["baselineState"], result["locations"][0]["physicalLocation"])
        for result in sarif_run(ran.stdout)["results"]
    }
    assert {name: state for name, (state, _) in states.items()} == {
        "doc:good": "new", "doc:stays": "unchanged", "doc:goes": "absent",
    }  # fmt: skip
    assert states["doc:stays"][1]["artifactLocation"]["uri"] == "data/a.ttl"
    assert states["doc:goes"][1]["artifactLocation"]["uri"] == "data", "there is no line any more"
    plain = sarif_run(run("validate", "data", "--format", "sarif", cwd=repository).stdout)
    assert not any("baselineState" in result for result in plain["results"])


@pytest.mark.slow
def test_the_other_formats_report_the_new_findings(run: Run, repository: Path) -> None:
    change(repository)

    def report(form: str) -> str:
        return run("validate", "data", "--since", "HEAD", "--format", form, cwd=repository).stdout

    rows = list(csv.DictReader(io.StringIO(report("csv"), newline="")))
    assert [row["triple"] for row in rows] == ["doc:good dcterms:issued 2021"]
    assert [command.command for command in github_commands(report("github"))] == ["error"]
    cases = [case for case in junit_cases(report("junit")) if case.result]
    assert [case.name for case in cases] == ["doc:good dcterms:issued 2021"]
    page = lxml_html.document_fromstring(report("html"))
    assert "Since HEAD: 1 new, 1 gone, 1 unchanged" in page.text_content()
    assert len(page.xpath("//table[@class='findings']/tbody/tr")) == 1
    assert "doc:goes dcterms:issued 2021" in page.xpath("string(//section[@aria-labelledby='gone'])")
    quiet = run("validate", "data", "--since", "HEAD", "--quiet", cwd=repository).stdout
    assert len(quiet.splitlines()) == 1


@pytest.mark.slow
def test_the_shacl_report_is_of_the_data_as_it_is(run: Run, repository: Path) -> None:
    change(repository)
    with_since = run("validate", "data", "--since", "HEAD", "--format", "turtle", cwd=repository).output
    assert with_since == run("validate", "data", "--format", "turtle", cwd=repository).output
    triples = list(ox.parse(with_since, format=ox.RdfFormat.TURTLE))
    assert sum(triple.predicate.value == f"{SH}result" for triple in triples) == 2


def test_python_returns_the_new_findings(repository: Path) -> None:
    change(repository)
    found = evgraph.open(repository / "data").validate(since="HEAD")
    assert [finding.triple for finding in found] == ["doc:good dcterms:issued 2021"]


def test_a_file_that_was_broken_is_named_with_revision_and_line(run: Run, repository: Path) -> None:
    path = repository / "data" / "a.ttl"
    path.write_text(HEAD + "doc:x a\n", encoding="utf-8")
    git(repository, "commit", "-qam", "Break a file")
    path.write_text(HEAD + document("x"), encoding="utf-8")
    ran = run("validate", "data", "--since", "HEAD", cwd=repository)
    assert (ran.code, ran.stdout) == (3, "")
    assert ran.stderr.startswith("evgraph: HEAD:data/a.ttl:")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["data", "--since", "nowhere"], "git has no revision 'nowhere'"),
        (["data", "--since", "HEAD", "--fix"], "--fix and --since cannot be combined"),
        (["data", "--since", "x" * 200_000], "git has no revision 'xxx"),
        (["-", "--since", "HEAD"], "only files in a git work tree can be compared"),
        (["--store", "store", "--since", "HEAD"], "only files in a git work tree can be compared"),
        (["--endpoint", "http://localhost:1/", "--since", "HEAD"], "only files in a git work tree can be compared"),
    ],
)
def test_what_cannot_be_compared_is_a_usage_error(run: Run, repository: Path, words: list[str], message: str) -> None:
    ran = run("validate", *words, cwd=repository, stdin="")
    assert (ran.code, ran.stdout) == (2, "")
    assert message in ran.stderr


def test_data_outside_a_work_tree_cannot_be_compared(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(HEAD + document("x"), encoding="utf-8")
    ran = run(
        "validate", "a.ttl", "--since", "HEAD", cwd=tmp_path, env={"GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    )
    assert ran.code == 2
    assert "is in no work tree of git" in ran.stderr
