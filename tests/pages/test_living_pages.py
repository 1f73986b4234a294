"""A page comes in a newer version: a new snapshot, the same IRIs, curated statements kept, and what changed is told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evgraph.pages.decoding import read

if TYPE_CHECKING:
    from tests.conftest import Run

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
    ingest(run, tmp_path)
    assert run("validate", tmp_path / "new").code == 0
    shutil.copytree(tmp_path / "new", tmp_path / "old")
    return tmp_path


def ingest(run: Run, place: Path) -> None:
    done = run("ingest", place / "pages", "-o", place / "new", "--register", place / "register", "-q")
    assert done.code == 0, done.stderr


def rewrite(place: Path, before: str, after: str) -> None:
    page = place / "pages" / PAGE
    text = page.read_text(encoding="utf-8")
    assert before in text
    page.write_text(text.replace(before, after), encoding="utf-8")


def changes(run: Run, place: Path) -> list[tuple[str, str, str]]:
    done = run("diff", place / "old", place / "new", "--format", "json")
    return [(one["what"], one["how"], one["label"]) for one in json.loads(done.stdout)]


def test_the_same_page_again_changes_nothing(run: Run, place: Path) -> None:
    ingest(run, place)
    assert run("diff", place / "old", place / "new").code == 0


def test_a_new_version_keeps_the_iris_and_what_people_added(run: Run, place: Path) -> None:
    curated = (place / "new" / "curated" / "claims.ttl").read_bytes()
    rewrite(place, "Found no difference after a year.", "Found no difference after two years.")
    ingest(run, place)
    assert (place / "new" / "curated" / "claims.ttl").read_bytes() == curated
    assert changes(run, place) == [("passage", "gone", "claim:one")]


def test_a_statement_whose_text_is_gone_is_a_finding(run: Run, place: Path) -> None:
    rewrite(place, "Found no difference after a year.", "Found no difference after two years.")
    ingest(run, place)
    done = run("validate", place / "new", "--format", "json")
    assert done.code == 1
    (one,) = [each for each in json.loads(done.stdout)["findings"] if each["severity"] == "violation"]
    assert one["rule"] == "PassageShape-hasSource"


def test_diff_reports_an_edit_as_entries_and_references(run: Run, place: Path) -> None:
    rewrite(place, "K Feedback to counsellors did not lengthen stays (2009).", "R Feedback changed little (2010).")
    rewrite(place, "See also a review (2003) limited to trainees.", "")
    ingest(run, place)
    told = changes(run, place)
    assert ("entry", "went", "Feedback to counsellors did not lengthen stays") in told
    assert ("entry", "came", "Feedback changed little") in told
    assert ("reference", "went", "ref:drug-C2/okoro-2016/see-also-1") in told
    assert not [one for one in told if one[1] == "moved"]
