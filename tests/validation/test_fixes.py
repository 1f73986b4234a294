"""Fixes: what has one safe answer, how a file's text is changed for it, and when it is not."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from evgraph.errors import UnreadableError
from evgraph.namespaces import EVG, ID
from evgraph.rdf.files import find
from evgraph.rdf.turtle_edits import TurtleText
from evgraph.validation.fixes import plan
from evgraph.validation.fixes.plan import ChangedFile
from evgraph.validation.locations import ingested

if TYPE_CHECKING:
    from tests.conftest import Ran, Run

HEAD = """@prefix agent: <https://w3id.org/evgraph/id/agent/> .
@prefix bibo: <http://purl.org/ontology/bibo/> .
@prefix claim: <https://w3id.org/evgraph/id/claim/> .
@prefix country: <https://w3id.org/evgraph/id/scheme/country/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix doc: <https://w3id.org/evgraph/id/doc/> .
@prefix evg: <https://w3id.org/evgraph/ns#> .
@prefix identification: <https://w3id.org/evgraph/id/identification/> .
@prefix identification-status: <https://w3id.org/evgraph/id/scheme/identification-status/> .
@prefix identifier-scheme: <https://w3id.org/evgraph/id/scheme/identifier-scheme/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix setting: <https://w3id.org/evgraph/id/scheme/setting/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

"""
IVES = 'doc:ives a evg:Study, evg:Document ; rdfs:label "Ives"@en ; dcterms:issued "2020"^^xsd:gYear .\n'
HOLM = 'doc:holm a evg:Document ; rdfs:label "Holm"@en ; dcterms:issued "2021"^^xsd:gYear'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder / "documents.ttl"


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def findings(ran: Ran) -> set[str]:
    return {finding["rule"] for finding in json.loads(ran.stdout)["findings"]}


def fix(run: Run, *paths: Path) -> Ran:
    ran = run("validate", *paths, "--fix", "--write", "--format", "json")
    assert ran.code in {0, 1}, ran.stderr
    return ran


@pytest.mark.default_cases(2)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (IVES.replace("evg:Study, evg:Document", "evg:Study"), IVES),
        (
            IVES.replace("evg:Study, evg:Document", "evg:Trial"),
            IVES.replace("evg:Study, evg:Document", "evg:Trial, evg:Document, evg:Study"),
        ),
        (IVES.replace("evg:Study, evg:Document", "evg:Trial , evg:Document"), IVES.replace(
            "evg:Study, evg:Document", "evg:Trial , evg:Document , evg:Study")),
        (IVES.replace('"2020"^^xsd:gYear', "2020"), IVES),
        (IVES.replace('"2020"^^xsd:gYear', '"2020"'), IVES),
        (IVES.replace('"2020"^^xsd:gYear', "'''2020 '''@en"), IVES),
        (IVES.replace('"2020"^^xsd:gYear', '" 2020"^^xsd:gYear'), IVES),
        (IVES.replace('"2020"^^xsd:gYear', '"2020\\t" ^^ <http://www.w3.org/2001/XMLSchema#gYear>'), IVES),
        (HOLM + " ; evg:studyCountry 'Dutch' .\n", HOLM + " ; evg:studyCountry country:NL .\n"),
        (
            HOLM + ' ; evg:studyCountry "gb-sct"@en, "US" .\n',
            HOLM + " ; evg:studyCountry country:GB-SCT, country:US .\n",
        ),
        (HOLM + ' ; evg:setting "outpatient" .\n', HOLM + " ; evg:setting setting:outpatient .\n"),
        (HOLM + " ; evg:comissionedBy 5 .\n", None),
    ],
)  # fmt: skip
def test_a_value_is_written_as_it_shall_be_and_nothing_else_changes(
    run: Run, file: Path, old: str, new: str | None
) -> None:
    comment = "# doc:ives evg:Study ; 'a' \"b\" . in a comment\n"
    write(file, HEAD + comment + old + comment)
    before = findings(run("validate", file, "--format", "json", "--strict"))
    ran = fix(run, file)
    assert file.read_text(encoding="utf-8") == HEAD + comment + (old if new is None else new) + comment
    if new is not None:
        assert not findings(ran) & {"StudyShape-type", "TrialShape-type", "DocumentShape-issued"}
        assert findings(ran) < before
        assert "evgraph: fixed " in ran.stderr


@pytest.mark.slow
def test_an_identifier_and_its_identification_are_written_bare(run: Run, file: Path) -> None:
    old = (
        HEAD + HOLM + ' ;\n    bibo:doi "https://doi.org/10.1234/ab(c)" ; bibo:pmid " PMID: 123" ;\n'
        "    evg:identification identification:d, identification:p .\n"
        "identification:d a evg:Identification ; evg:identifierScheme identifier-scheme:doi ; dcterms:source 's' ;\n"
        '    evg:identifierValue "https://doi.org/10.1234/ab(c)" ;\n'
        "    evg:identificationStatus identification-status:verified .\n"
        "identification:p a evg:Identification ; evg:identifierScheme identifier-scheme:pmid ; dcterms:source 's' ;\n"
        '    evg:identifierValue " PMID: 123" ; evg:identificationStatus identification-status:verified .\n'
    )
    ran = fix(run, write(file, old))
    assert file.read_text(encoding="utf-8") == old.replace("https://doi.org/10", "10").replace(" PMID: 123", "123")
    assert (ran.code, findings(ran)) == (0, set())


@pytest.mark.default_cases(1)
@pytest.mark.parametrize("value", ["10.1234", "https://example.org/10.1234/abc", "doi 10.1234/a b", "see 10.1234/abc"])
def test_what_is_no_identifier_is_left_to_people(run: Run, file: Path, value: str) -> None:
    text = f'{HEAD}{HOLM} ; bibo:doi "{value}" .\n'
    fix(run, write(file, text))
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.default_cases(1)
@pytest.mark.parametrize(
    ("value", "predicate"),
    [
        ('"about 2020"', "dcterms:issued"),
        ('"20"', "dcterms:issued"),
        ('"Ruritania"', "evg:studyCountry"),
        ("5", "evg:setting"),
    ],
)
def test_what_may_mean_several_things_or_none_is_left_to_people(
    run: Run, file: Path, value: str, predicate: str
) -> None:
    text = f"{HEAD}doc:holm a evg:Document ; rdfs:label 'Holm' ; {predicate} {value} .\n"
    fix(run, write(file, text))
    assert file.read_text(encoding="utf-8") == text


def test_a_misspelt_term_is_written_as_the_ontology_has_it_wherever_it_stands(run: Run, file: Path) -> None:
    old = (
        HEAD + "# evg:studycountry and evg:Documnt\n" + HOLM.replace("evg:Document", "evg:Document, evg:Documnt")
        + " ;\n\tevg:studycountry country:NL ; <https://w3id.org/evgraph/ns#studycountry> country:US ;\n"
        "\trdfs:comment '''evg:studycountry ; . \\\\''' .\n"
    )  # fmt: skip
    ran = fix(run, write(file, old))
    comment, rest = old.split("\n", HEAD.count("\n") + 1)[HEAD.count("\n")], old.split("Documnt\n", 1)[1]
    rest = rest.replace(", evg:Documnt", ", evg:Document").replace("\tevg:studycountry", "\tevg:studyCountry")
    rest = rest.replace("<https://w3id.org/evgraph/ns#studycountry>", "evg:studyCountry")
    assert file.read_text(encoding="utf-8") == f"{HEAD}{comment}\n{rest}"
    assert "undefined-term" not in findings(ran)


@pytest.mark.slow
def test_a_link_that_a_person_made_gets_that_persons_claim(run: Run, file: Path) -> None:
    link = "doc:ives evg:seeAlso doc:holm ."  # The file ends without a line feed.
    write(file, HEAD + HOLM + " .\n" + IVES + link)
    ran = fix(run, file)
    assert file.read_text(encoding="utf-8") == HEAD + HOLM + " .\n" + IVES + link + (
        "\n\nclaim:ives-see-also-holm a evg:Claim ;\n    prov:wasAttributedTo agent:curator ;\n"
        "    rdf:object doc:holm ;\n    rdf:predicate evg:seeAlso ;\n    rdf:subject doc:ives .\n"
    )
    assert findings(ran) == set()


@pytest.mark.slow
def test_a_claim_takes_no_name_that_is_taken(run: Run, file: Path) -> None:
    taken = (
        "claim:ives-see-also-holm a evg:Claim ; prov:wasAttributedTo agent:curator ; rdf:subject doc:ives ;\n"
        "    rdf:predicate evg:relatedTo ; rdf:object doc:holm .\n"
    )
    write(file, HEAD + HOLM + " .\n" + IVES + "doc:ives evg:seeAlso doc:holm ; evg:relatedTo doc:holm .\n" + taken)
    assert findings(fix(run, file)) == set()
    assert "\nclaim:ives-see-also-holm-2 a evg:Claim ;\n" in file.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_fix_that_would_bring_other_findings_is_held_back_and_the_rest_done(run: Run, file: Path) -> None:
    text = HEAD + HOLM + " ; evg:seAlso doc:ives .\n" + IVES.replace(", evg:Document", "")
    ran = fix(run, write(file, text))
    assert file.read_text(encoding="utf-8") == text.replace("evg:Study ;", "evg:Study, evg:Document ;")
    assert "did not fix undefined-term (evg:seAlso): it would cause LinkShape-claimed" in ran.stderr


HOSTILE = (
    HEAD.replace("@prefix dcterms: <http://purl.org/dc/terms/> .", "PREFIX  dcterms:\t<http://purl.org/dc/terms/>\n#x")
    + "# doc:ives dcterms:issued 1999 .\n"
    + "doc:ives\ta evg:Study # evg:Trial ; .\n\t, evg:Document;rdfs:label \"\"\"Ives ; . \\\"\"\" \n"
    + "doc:ives dcterms:issued 1999 ;\n\"\"\"@en;;\n\tdcterms:abstract 'dcterms:issued 1999 . é𝄞',\n"
    + '"' + "long ; . [ ] ( ) { } # " * 500 + '"\n;dcterms:issued # the year: "2020"\n\t1999#.\n.\n'
    + "doc:ives-2 dcterms:issued 1999 .\n"
)  # fmt: skip


@pytest.mark.default_cases(1)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_hostile_layouts_are_kept_to_the_byte(run: Run, file: Path, newline: str, mark: str) -> None:
    old = (mark + HOSTILE).replace("\n", newline)
    write(file, old)
    ran = run("validate", file, "--fix", "--write", "--format", "json")
    new = old.replace("\t1999#.", '\t"1999"^^xsd:gYear#.').replace(
        "doc:ives-2 dcterms:issued 1999 .", "doc:ives-2 dcterms:issued 1999 ."
    )
    assert file.read_bytes().decode() == new, ran.stderr


@pytest.mark.slow
def test_a_declaration_in_the_middle_and_terms_in_full_are_understood(run: Run, file: Path) -> None:
    text = (
        "<https://w3id.org/evgraph/id/doc/ives> a <https://w3id.org/evgraph/ns#Study> .\n"
        "@base <https://w3id.org/evgraph/id/> .\n"
        '<doc/ives> <http://www.w3.org/2000/01/rdf-schema#label> "Ives" ;\n <http://purl.org/dc/terms/issued> 2020 .\n'
    )
    assert findings(fix(run, write(file, text))) == set()
    assert file.read_text(encoding="utf-8") == text.replace(
        "#Study> .", "#Study>, <https://w3id.org/evgraph/ns#Document> ."
    ).replace(" 2020 ", ' "2020"^^<http://www.w3.org/2001/XMLSchema#gYear> ')


@pytest.mark.slow
def test_ntriples_stay_ntriples(run: Run, tmp_path: Path) -> None:
    lines = (
        f"<{ID}doc/ives> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{EVG}Document> .\n"
        f'<{ID}doc/ives> <http://www.w3.org/2000/01/rdf-schema#label> "Ives" .\n'
        f'<{ID}doc/ives> <http://purl.org/dc/terms/issued> "2020" .\n'
    )
    path = write(tmp_path / "d.nt", lines)
    assert findings(fix(run, path)) == set()
    assert path.read_text(encoding="utf-8") == lines.replace(
        '"2020"', '"2020"^^<http://www.w3.org/2001/XMLSchema#gYear>'
    )
    study = write(tmp_path / "s.nt", lines.replace(f"{EVG}Document", f"{EVG}Study").replace("ives", "olm"))
    first = study.read_text(encoding="utf-8").splitlines()[0]
    link = f"<{ID}doc/olm> <{EVG}seeAlso> <{ID}doc/ives> ."
    study.write_text(study.read_text(encoding="utf-8") + link, encoding="utf-8")
    assert findings(fix(run, path, study)) == set()
    lines_after = study.read_text(encoding="utf-8").splitlines()
    assert lines_after[:2] == [first.replace("Study", "Document"), first]
    assert lines_after[4] == link
    assert len(lines_after) == 10
    assert len(list(ox.parse(study.read_bytes(), format=ox.RdfFormat.N_TRIPLES))) == 10


def test_the_diff_comes_first_and_changes_nothing_and_patch_reads_it(run: Run, file: Path) -> None:
    text = HEAD + IVES.replace('"2020"^^xsd:gYear', "2020").rstrip("\n")
    write(file, text)
    ran = run("validate", "documents.ttl", "--fix", cwd=file.parent)
    assert ran.code == 1
    assert file.read_text(encoding="utf-8") == text
    assert ran.stdout.startswith("--- documents.ttl\n+++ documents.ttl\n@@ ")
    assert "evgraph: can fix 1 finding in 1 file\n  to apply these changes, run with --fix --write\n" in ran.stderr
    subprocess.run(["patch", "-s", "-p0"], input=ran.output, cwd=file.parent, check=True)
    assert file.read_text(encoding="utf-8") == HEAD + IVES.rstrip("\n")


@pytest.mark.slow
def test_the_diff_goes_into_a_file_that_is_not_called_a_report(run: Run, file: Path) -> None:
    write(file, HEAD + IVES.replace('"2020"^^xsd:gYear', "2020"))
    shown = run("validate", "documents.ttl", "--fix", cwd=file.parent)
    for name in ("fixes.diff", "fixes.txt", "fixes"):
        assert run("validate", "documents.ttl", "--fix", "-o", name, cwd=file.parent).code == 1
        assert (file.parent / name).read_bytes() == shown.output
    for words in (["-o", "report.html"], ["-o", "documents.ttl"], ["--format", "json"]):
        before = file.read_bytes()
        done = run("validate", "documents.ttl", "--fix", *words, cwd=file.parent)
        assert (done.code, done.stdout) == (2, "")
        assert "--fix writes a diff, not a report as " in done.stderr
        assert ".diff; or add --write" in done.stderr
        assert file.read_bytes() == before
        assert not (file.parent / "report.html").exists()
    assert run("validate", "documents.ttl", "--fix", "--write", "-o", "report.html", cwd=file.parent).code == 0
    assert (file.parent / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.slow
def test_twice_is_as_good_as_once(run: Run, file: Path) -> None:
    write(file, HEAD + IVES.replace(", evg:Document", "") + HOLM + " ; evg:seeAlso doc:ives .\n")
    fix(run, file)
    once = file.read_bytes()
    ran = run("validate", file, "--fix")
    assert (ran.code, ran.stdout, ran.stderr) == (
        0,
        "",
        "evgraph: nothing can be fixed\nevgraph: there are no findings\n",
    )
    fix(run, file)
    assert file.read_bytes() == once


def test_what_ingest_writes_is_never_edited(run: Run, tmp_path: Path) -> None:
    graph = "<https://w3id.org/evgraph/id/graph/drug-C2> a <http://rdfs.org/ns/void#Dataset> .\n"
    cell = write(tmp_path / "drug-C2.ttl", HEAD + graph + IVES.replace(", evg:Document", ""))
    before = cell.read_bytes()
    ran = fix(run, cell)
    assert cell.read_bytes() == before
    assert "StudyShape-type" in findings(ran)
    assert {finding["fix"] for finding in json.loads(ran.stdout)["findings"]} == {None}
    assert [ingested(file) for file in find([cell])] == [True]


@pytest.mark.slow
def test_several_files_change_together(run: Run, file: Path) -> None:
    other = write(file.with_name("more.ttl"), HEAD + HOLM.replace('"2021"^^xsd:gYear', "2021") + " .\n")
    write(file, HEAD + IVES.replace('"2020"^^xsd:gYear', "2020"))
    ran = fix(run, file.parent)
    assert "fixed 2 findings in 2 files" in ran.stderr
    assert file.read_text(encoding="utf-8") == HEAD + IVES
    assert other.read_text(encoding="utf-8") == HEAD + HOLM + " .\n"
    assert sorted(path.name for path in file.parent.iterdir()) == ["documents.ttl", "more.ttl"]


def test_where_one_file_is_read_only_none_is_changed(run: Run, file: Path) -> None:
    other = write(file.with_name("more.ttl"), HEAD + HOLM.replace('"2021"^^xsd:gYear', "2021") + " .\n")
    write(file, HEAD + IVES.replace('"2020"^^xsd:gYear', "2020"))
    before = file.read_bytes(), other.read_bytes()
    other.chmod(0o444)
    ran = run("validate", file.parent, "--fix", "--write")
    assert (ran.code, ran.stdout) == (3, "")
    assert f"{other}: is read-only; nothing was written" in ran.stderr
    assert (file.read_bytes(), other.read_bytes()) == before


def test_a_file_that_changed_meanwhile_is_left_alone(file: Path, tmp_path: Path) -> None:
    first, second = write(file, HEAD), write(tmp_path / "other.ttl", HEAD)
    changes = [ChangedFile(data, HEAD.encode(), b"# new\n") for data in find([first, second])]
    second.write_text(HEAD + IVES, encoding="utf-8")
    with pytest.raises(UnreadableError, match="changed while it was checked; nothing was written"):
        plan.write(changes)
    assert first.read_text(encoding="utf-8") == HEAD


def test_where_one_file_cannot_be_put_in_place_all_are_as_before(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = write(file, HEAD)
    second = write(tmp_path / "other.ttl", HEAD)
    rename = Path.replace

    def refuse_the_other(part: Path, target: Path) -> Path:
        if target == second:
            raise PermissionError(13, "Permission denied", str(target))
        return rename(part, target)

    monkeypatch.setattr(Path, "replace", refuse_the_other)
    with pytest.raises(UnreadableError, match="cannot be written, so nothing was"):
        plan.write([ChangedFile(data, HEAD.encode(), b"# new\n") for data in find([first, second])])
    assert first.read_text(encoding="utf-8") == second.read_text(encoding="utf-8") == HEAD


@pytest.mark.slow
def test_permissions_stay(run: Run, file: Path) -> None:
    write(file, HEAD + IVES.replace('"2020"^^xsd:gYear', "2020")).chmod(0o640)
    fix(run, file)
    assert file.stat().st_mode & 0o777 == 0o640
    assert file.read_text(encoding="utf-8") == HEAD + IVES


def test_a_symbolic_link_is_not_followed(run: Run, file: Path, tmp_path: Path) -> None:
    text = HEAD + IVES.replace('"2020"^^xsd:gYear', "2020")
    real = write(tmp_path / "real.ttl", text)
    file.symlink_to(real)
    ran = run("validate", file, "--fix", "--write")
    assert ran.code == 3
    assert f"{file}: is a symbolic link; nothing was written" in ran.stderr
    assert (file.is_symlink(), real.read_text(encoding="utf-8")) == (True, text)


def test_a_waived_finding_is_not_fixed(run: Run, file: Path) -> None:
    text = HEAD + IVES.replace('"2020"^^xsd:gYear', "2020")
    write(file, text)
    write(
        file.with_name("waivers.toml"),
        '[[waiver]]\nrule = "DocumentShape-issued"\nfocus = "doc:ives"\nreason = "A test."\nwho = "M. Keeper"\n',
    )
    fix(run, file.parent)
    assert file.read_text(encoding="utf-8") == text


def test_findings_say_what_would_be_done(run: Run, file: Path) -> None:
    write(file, HEAD + IVES.replace('"2020"^^xsd:gYear', "2020"))
    assert '    fix: write "2020"^^xsd:gYear\n' in run("validate", file).stdout
    (finding,) = json.loads(run("validate", file, "--format", "json").stdout)["findings"]
    assert finding["fix"] == 'write "2020"^^xsd:gYear'


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--fix"], "only files can be fixed"),
        (["-", "--fix"], "only files can be fixed"),
        ([".", "--write"], "--write needs --fix"),
    ],
)
def test_wrong_use_is_reported(run: Run, tmp_path: Path, args: list[str], message: str) -> None:
    ran = run("validate", *args, cwd=tmp_path)
    assert (ran.code, ran.stdout) == (2, "")
    assert message in ran.stderr


@pytest.mark.slow
def test_a_copy_of_the_shipped_graph_needs_no_fix(run: Run, tmp_path: Path) -> None:
    shutil.copytree(Path(__file__).parents[2] / "data", tmp_path / "data")
    ran = run("validate", tmp_path / "data", "--fix")
    assert (ran.code, ran.stdout) == (0, "")


def test_terms_are_written_with_the_files_own_prefixes() -> None:
    text = TurtleText("@prefix d: <http://example.org/d/> .\n@prefix : <http://example.org/> .\n", ID)
    assert text.written(ox.NamedNode("http://example.org/d/x-1")) == "d:x-1"
    assert text.written(ox.NamedNode("http://example.org/x")) == ":x"
    assert text.written(ox.NamedNode("http://example.org/d/x.y")) == "<http://example.org/d/x.y>"
    assert text.written(ox.Literal('a"\n', language="en")) == '"a\\"\\n"@en'
    assert text.written(ox.Literal("1", datatype=ox.NamedNode("http://example.org/d/t"))) == '"1"^^d:t'
