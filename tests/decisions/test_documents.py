"""Which new documents are proposed to be known ones, on what evidence, and what becomes of a decision."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from evgraph.decisions.documents import Proposal, propose, questions
from evgraph.decisions.question import prefixes_of, worklist
from evgraph.namespaces import ID, PREFIXES

if TYPE_CHECKING:
    from tests.conftest import Ran, Run

ROOT = Path(__file__).parent.parent.parent
HEAD = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())

KNOWN = """
doc:riverside-2001 a evg:Document, evg:Guidance ; rdfs:label "Riverside (2001)" ; dcterms:issued "2001"^^xsd:gYear ;
    dcterms:publisher org:riverside ; evg:forCountry country:US .
<https://w3id.org/evgraph/id/entry/drug-C2/riverside-2001> evg:inCell cell:drug-C2 ; evg:lists doc:riverside-2001 ;
    schema:headline "Standards for clinics" .
"""
NEW = """
doc:u-000000000001 a evg:Document, evg:Guidance ; rdfs:label "Clinic standards" ; dcterms:issued "2001"^^xsd:gYear ;
    dcterms:publisher org:riverside ; evg:forCountry country:US .
<https://w3id.org/evgraph/id/entry/alcohol-C2/u-000000000001> evg:inCell cell:alcohol-C2 ;
    evg:lists doc:u-000000000001 ; schema:headline "Clinic standards" .
"""


def proposed(*parts: str) -> list[tuple[str, str]]:
    found = propose(ox.parse(HEAD + "".join(parts), format=ox.RdfFormat.TURTLE))
    return [(proposal.new.removeprefix(f"{ID}doc/"), proposal.known.removeprefix(f"{ID}doc/")) for proposal in found]


def test_a_proposal_names_its_evidence() -> None:
    (proposal,) = propose(ox.parse(HEAD + KNOWN + NEW, format=ox.RdfFormat.TURTLE))
    assert (proposal.new, proposal.known) == (f"{ID}doc/u-000000000001", f"{ID}doc/riverside-2001")
    assert proposal.evidence[:4] == (
        "same year (2001)",
        "same publisher (riverside)",
        "same country (US)",
        "same kind (Guidance)",
    )
    assert re.fullmatch(r"headlines \d\d% alike \(“Standards for clinics”\)", proposal.evidence[4])
    assert proposal.score > 0.8


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"2001"^^xsd:gYear', '"2002"^^xsd:gYear'),  # Another year is another document, whatever it is called.
        ("cell:alcohol-C2", "cell:drug-C2"),  # One page lists both, so it holds them for two.
        ("org:riverside ; evg:forCountry country:US", "org:other ; evg:forCountry country:GB"),
    ],
)
def test_evidence_against_a_proposal(before: str, after: str) -> None:
    assert proposed(KNOWN, NEW.replace(before, after)) == []


def test_one_headline_in_two_years_is_no_proposal() -> None:
    same = KNOWN.replace("Standards for clinics", "Clinic standards").replace("2001", "2019")
    assert proposed(same, NEW) == []


def test_a_decided_document_is_not_proposed() -> None:
    assert proposed(KNOWN, NEW, "doc:u-000000000001 dcterms:isReplacedBy doc:riverside-2001 .") == []


def test_a_rejected_pair_is_not_proposed_again() -> None:
    assert proposed(KNOWN, NEW, "doc:u-000000000001 owl:differentFrom doc:riverside-2001 .") == []
    assert proposed(KNOWN, NEW, "doc:riverside-2001 owl:differentFrom doc:u-000000000001 .") == []


def test_two_new_documents_are_proposed_once() -> None:
    other = NEW.replace("000000000001", "000000000002").replace("alcohol-C2", "drug-D2")
    assert proposed(NEW, other) == [("u-000000000002", "u-000000000001")]


def test_a_shared_identifier_is_enough() -> None:
    new = 'doc:u-000000000003 a evg:Document ; rdfs:label "x" ; bibo:doi "10.1000/1" .'
    known = (
        'doc:holm-2021 a evg:Document ; rdfs:label "Holm" ; bibo:doi "10.1000/1" ; dcterms:issued "2021"^^xsd:gYear .'
    )
    assert proposed(new, known) == [("u-000000000003", "holm-2021")]


def test_no_text_leaves_its_comment() -> None:
    proposal = Proposal(f"{ID}doc/u-1", f"{ID}doc/x;y", 0.5, ("a\nb .\r\n<x:y> <x:y> <x:y> .",), "c\nd", "e\u2028f")
    asked = questions([proposal])
    written = worklist("\n".join(prefixes_of(asked)) + "\n", asked)
    assert list(ox.parse(written, format=ox.RdfFormat.TURTLE)) == []
    accepted = written.replace("# doc:u-1 dcterms", "doc:u-1 dcterms")
    (quad,) = ox.parse(accepted, format=ox.RdfFormat.TURTLE)
    assert quad.object == ox.NamedNode(f"{ID}doc/x;y")


@pytest.fixture
def folder(tmp_path: Path, run: Run) -> Path:
    """Ingest the example pages; their register does not know the alcohol page's words for one document."""
    shutil.copytree(ROOT / "examples" / "register", tmp_path / "register")
    assert ingest(run, tmp_path).code == 0
    return tmp_path


def ingest(run: Run, folder: Path) -> Ran:
    return run("ingest", ROOT / "examples" / "pages", "-o", folder / "out", "--register", folder / "register", "-q")


def test_accept_and_ingest_again(run: Run, folder: Path) -> None:
    file = folder / "out" / "curated" / "decisions.ttl"
    done = run("reconcile", folder / "out", "--register", folder / "register", "--worklist", file)
    assert (done.code, done.stdout) == (0, "")
    line = "# doc:u-0a897f1b3c77 dcterms:isReplacedBy doc:riverside-2001 ."
    text = file.read_text(encoding="utf-8")
    assert line in text
    file.write_text(text.replace(line, line[2:]), encoding="utf-8")
    assert ingest(run, folder).code == 0
    rows = run("query", "shared-documents", "--data", folder / "out", "--format", "csv").stdout
    assert f"{ID}doc/riverside-2001," in rows
    again = run("reconcile", folder / "out", "--register", folder / "register", "--worklist", "-")
    assert "u-0a897f1b3c77" not in again.stdout


def test_reject_for_good(run: Run, folder: Path) -> None:
    first = run("reconcile", folder / "out", "--register", folder / "register", "--worklist", "-").stdout
    line = "# doc:u-0a897f1b3c77 owl:differentFrom doc:riverside-2001 ."
    assert line in first
    curated = folder / "out" / "curated"
    curated.mkdir()
    (curated / "decisions.ttl").write_text(first.replace(line, line[2:]), encoding="utf-8")
    again = run("reconcile", folder / "out", "--register", folder / "register", "--worklist", "-").stdout
    assert "doc:u-0a897f1b3c77 dcterms:isReplacedBy doc:riverside-2001" not in again
    assert run("validate", folder / "out").code == 0


def test_decisions_are_never_overwritten(run: Run, folder: Path) -> None:
    file = folder / "decisions.ttl"
    file.write_text("# mine", encoding="utf-8")
    done = run("reconcile", folder / "out", "--worklist", file)
    assert done.code == 2
    assert "exists and may hold decisions" in done.stderr
    assert file.read_text(encoding="utf-8") == "# mine"


def test_nothing_to_reconcile(run: Run) -> None:
    assert run("reconcile").code == 2


def test_the_register_in_the_folder_replaces_the_shipped_one(run: Run, tmp_path: Path) -> None:
    decided_there = "doc:u-6cf4ad55ac34"
    text = (HEAD + KNOWN + NEW).replace("doc:u-000000000001", decided_there)
    (tmp_path / "documents.ttl").write_text(text, encoding="utf-8")
    assert run("reconcile", tmp_path, "--worklist", "-").stderr == "1 proposal for 1 document\n"
