"""A page comes in a newer version: a new snapshot, the same IRIs, curated statements kept, and what changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evgraph.pages.decoding import read

if TYPE_CHECKING:
    from tests.conftest import Ran, Run

ROOT = Path(__file__).parent.parent.parent
PAGE = "drug-c2.txt"


@pytest.fixture
def place(tmp_path: Path, run: Run) -> Path:
    """Ingest the example pages, add a curated statement with a passage, and keep a copy of the graph as ``old``."""
    shutil.copytree(ROOT / "examples" / "pages", tmp_path / "pages")
    shutil.copytree(ROOT / "examples" / "register", tmp_path / "register")
    snapshot = read(tmp_path / "pages" / PAGE).hash
    curated = tmp_path / "new" / "curated"
    curated.mkdir(parents=True)
    (curated / "claims.ttl").write_text(
        f"""
        @base <https://w3id.org/evgraph/id/> .
        @prefix doc: <https://w3id.org/evgraph/id/doc/> .
        @prefix evg: <https://w3id.org/evgraph/ns#> .
        @prefix oa: <http://www.w3.org/ns/oa#> .
        @prefix prov: <http://www.w3.org/ns/prov#> .
        @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
        doc:okoro-2016 evg:seeAlso doc:tremblay-2009 .
        <claim/one> a evg:Claim ; rdf:subject doc:okoro-2016 ; rdf:predicate evg:seeAlso ;
            rdf:object doc:tremblay-2009 ; prov:wasAttributedTo <snapshot/drug-C2/{snapshot}> ;
            evg:statedIn <passage/{snapshot}/10-20> .
        <passage/{snapshot}/10-20> a evg:Passage ; oa:hasSource <snapshot/drug-C2/{snapshot}> ;
            oa:start 10 ; oa:end 20 ; evg:line 1 .
        """,
        encoding="utf-8",
    )
    assert ingest(run, tmp_path).code == 0
    assert run("validate", tmp_path / "new").code == 0
    shutil.copytree(tmp_path / "new", tmp_path / "old")
    return tmp_path


def ingest(run: Run, place: Path, *options: str | Path) -> Ran:
    return run("ingest", place / "pages", "-o", place / "new", "--register", place / "register", "-q", *options)


def rewrite(place: Path, before: str, after: str) -> None:
    """Put other words into the page, and keep the earlier one in ``before``."""
    page = place / "pages" / PAGE
    earlier = place / "before" / PAGE
    earlier.parent.mkdir(exist_ok=True)
    if not earlier.exists():
        shutil.copy(page, earlier)
    text = page.read_text(encoding="utf-8")
    assert before in text
    page.write_text(text.replace(before, after), encoding="utf-8")


def changes(run: Run, place: Path) -> list[tuple[str, str, str]]:
    done = run("diff", place / "old", place / "new", "--format", "json")
    return [(change["what"], change["how"], change["label"]) for change in json.loads(done.stdout)]


def violations(run: Run, place: Path) -> list[str]:
    findings = json.loads(run("validate", place / "new", "--format", "json").stdout)["findings"]
    return [finding["rule"] for finding in findings if finding["severity"] == "violation"]


def test_the_same_page_again_changes_nothing(run: Run, place: Path) -> None:
    assert ingest(run, place).code == 0
    assert run("diff", place / "old", place / "new").code == 0


def test_a_new_version_keeps_the_iris_and_moves_curated_passages(run: Run, place: Path) -> None:
    rewrite(place, "Drug Treatment Matrix cell C2", "\n\nDrug Treatment Matrix cell C2")
    ran = ingest(run, place, "--earlier", place / "before")
    assert ran.code == 0, ran.stdout
    assert ran.stdout.splitlines()[-1] == (
        f"{place / 'new' / 'curated'}: moved 1 curated passage to the new version of the page:"
        " 1 with the same words, 0 reworded"
    )
    assert changes(run, place) == [("page", "text changed", "cell:drug-C2")]
    assert violations(run, place) == []
    before, after = (
        (place / folder / "curated" / "claims.ttl").read_text(encoding="utf-8") for folder in ("old", "new")
    )
    page, hashes = place / "pages" / PAGE, [read(place / folder / PAGE).hash for folder in ("before", "pages")]
    words = (place / "before" / PAGE).read_text(encoding="utf-8")[10:20]
    start = page.read_text(encoding="utf-8").index(words)
    after = after.replace(f"{start}-{start + 10}", "10-20").replace(f"oa:end {start + 10}", "oa:end 20")
    after = after.replace(f"oa:start {start}", "oa:start 10").replace("evg:line 3", "evg:line 1")
    assert after.replace(hashes[1], hashes[0]) == before
    bytes_of = {path: path.read_bytes() for path in (place / "new").rglob("*.ttl")}
    assert ingest(run, place).code == 0
    assert {path: path.read_bytes() for path in (place / "new").rglob("*.ttl")} == bytes_of


@pytest.mark.slow
def test_earlier_pages_in_the_folder_are_found(run: Run, place: Path) -> None:
    rewrite(place, "Found no difference after a year.", "Found no difference after two years.")
    shutil.move(place / "before", place / "new" / "pages")
    assert ingest(run, place).code == 0
    assert violations(run, place) == []


@pytest.mark.slow
def test_without_the_earlier_page_the_passages_are_a_finding_until_it_is_named(run: Run, place: Path) -> None:
    curated = place / "new" / "curated" / "claims.ttl"
    before = curated.read_bytes()
    rewrite(place, "Found no difference after a year.", "Found no difference after two years.")
    ran = ingest(run, place)
    assert ran.code == 1
    assert ran.stdout.splitlines()[-1] == (
        f"{curated}:11:26: 1 curated passage of an earlier version of {place / 'pages' / PAGE} not found, because its"
        " text is not known; name it with --earlier FILE"
    )
    assert curated.read_bytes() == before
    assert [change[:2] for change in changes(run, place)] == [("page", "text changed"), ("passage", "gone")]
    assert violations(run, place) == ["PassageShape-hasSource"]
    assert ingest(run, place, "--earlier", place / "before" / PAGE).code == 0
    assert violations(run, place) == []


def test_diff_reports_an_edit_as_entries_and_references(run: Run, place: Path) -> None:
    rewrite(place, "K Feedback to counsellors did not lengthen stays (2009).", "R Feedback changed little (2010).")
    rewrite(place, "See also a review (2003) limited to trainees.", "")
    assert ingest(run, place, "--earlier", place / "before").code == 0
    changed = changes(run, place)
    assert ("entry", "went", "Feedback to counsellors did not lengthen stays") in changed
    assert ("entry", "came", "Feedback changed little") in changed
    assert ("reference", "went", "ref:drug-C2/okoro-2016/see-also-1") in changed
    assert not [change for change in changed if change[1] == "moved"]
