from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from evgraph import register as registry
from evgraph.errors import UnreadableError
from evgraph.namespaces import DCTERMS, EVG, ID, RDF, RDFS, scheme
from evgraph.register import CURATOR, DOC, ORG, Register, SettledReference, document_key, normalize, slug

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """@base <https://w3id.org/evgraph/id/> .
@prefix evg: <https://w3id.org/evgraph/ns#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
DOCUMENTS = """
<doc/jensen-2014> a evg:Document, evg:Study, evg:Trial ; rdfs:label "Jensen (2014)"@en ;
    dcterms:publisher <org/forum> ; evg:studyCountry <scheme/country/DK> ;
    evg:identification <identification/jensen-2014/doi> .
<identification/jensen-2014/doi> a evg:Identification ; evg:identifierScheme <scheme/identifier-scheme/doi> ;
    evg:identifierValue "10.1234/ABC" .
<doc/advice-2012> a evg:Document, evg:Guidance ; evg:forCountry <scheme/country/GB-WLS> .
<doc/lone-2000> a evg:Document .
<doc/u-000000000001> dcterms:isReplacedBy <doc/jensen-2014> .
<doc/u-000000000002> dcterms:isReplacedBy <doc/jensen-2014>, <doc/advice-2012> .
<doc/old-name> dcterms:isReplacedBy <doc/lone-2000> .
"""
ORGANISATIONS = """
<org/forum> rdfs:label "Harbour Forum"@en ; skos:altLabel "HF", "The Harbour Forum" ; evg:country <scheme/country/GB> .
<org/trust> rdfs:label "Example Trust"@en .
<org/both> rdfs:label "Bread and Roses"@en .
"""
CURATED = """
<ref/drug-C2/x/related-1> evg:target <entry/drug-C2/y> ; prov:wasAttributedTo <agent/jo> .
<ref/drug-C2/x/related-2> prov:wasAttributedTo <agent/jo> ; evg:target <entry/drug-C2/z> .
<ref/drug-C2/x/related-3> evg:target <entry/drug-C2/z> .
<doc/jensen-2014> evg:seeAlso <doc/lone-2000> .
<doc/u-000000000003> dcterms:isReplacedBy <doc/lone-2000> .
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "documents.ttl").write_text(HEAD + DOCUMENTS, encoding="utf-8")
    (tmp_path / "organisations.ttl").write_text(HEAD + ORGANISATIONS, encoding="utf-8")
    (tmp_path / "curated" / "deep").mkdir(parents=True)
    (tmp_path / "curated" / "deep" / "a.ttl").write_text(HEAD + CURATED, encoding="utf-8")
    (tmp_path / "cells").mkdir()
    (tmp_path / "cells" / "not-read.ttl").write_text("no Turtle", encoding="utf-8")
    return tmp_path


@pytest.fixture
def register(folder: Path) -> Register:
    return registry.load([folder])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("  What’s   “new”?  ", "whats new"),
        ("What's new", "whats new"),
        ("NICE: 50% (2nd)", "nice 50 2nd"),
        ("Ｆｕｌｌ ﬁve", "full five"),
        ("Straße_ÉTÉ", "strasse été"),
        ("", ""),
    ],
)
def test_normalize(words: str, expected: str) -> None:
    assert normalize(words) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [("Société de l’Été 2", "societe-de-lete-2"), ("Jo's Trust", "jos-trust"), ("  --  ", "x"), ("研究", "x")],
)
def test_slug(words: str, expected: str) -> None:
    assert slug(words) == expected


def test_the_key_of_a_document_is_made_of_what_the_page_states() -> None:
    key = document_key("drug-E4", "Who pays?", "2012", "Harbour Forum")
    stated = "drug-E4\nwho pays\n2012\nharbour forum"
    assert key == f"{DOC}u-{hashlib.sha256(stated.encode()).hexdigest()[:12]}"
    assert key == document_key("drug-E4", "  who PAYS ", "2012", "harbour forum")
    others = {
        document_key("drug-E3", "Who pays?", "2012", "Harbour Forum"),
        document_key("drug-E4", "Who paid?", "2012", "Harbour Forum"),
        document_key("drug-E4", "Who pays?", "2013", "Harbour Forum"),
        document_key("drug-E4", "Who pays?", "2012", None),
        document_key("drug-E4", "Who pays?", None, "2012 Harbour Forum"),
    }
    assert len(others | {key}) == 6


def test_decisions(register: Register) -> None:
    assert register.documents(f"{DOC}u-000000000001") == [f"{DOC}jensen-2014"]
    assert sorted(register.documents(f"{DOC}u-000000000002")) == [f"{DOC}advice-2012", f"{DOC}jensen-2014"]
    assert register.documents(f"{DOC}u-000000000003") == [f"{DOC}lone-2000"]
    assert register.documents(f"{DOC}u-00000000000f") == [f"{DOC}u-00000000000f"]
    assert register.documents(f"{DOC}old-name") == [f"{DOC}old-name"]  # A merge, not what a page's words mean.


def test_what_is_known_of_a_document(register: Register) -> None:
    jensen = f"{DOC}jensen-2014"
    assert register.types(jensen) == {"Document", "Study", "Trial"}
    assert register.countries(jensen) == {f"{ID}scheme/country/DK"}
    assert register.countries(f"{DOC}advice-2012") == {f"{ID}scheme/country/GB-WLS"}
    assert register.objects(jensen, f"{RDFS}label") == ["Jensen (2014)"]
    assert register.objects(jensen, f"{DCTERMS}title") == []
    assert register.types(f"{DOC}nobody") == set()


def test_the_identified(register: Register) -> None:
    assert register.identified("doi", "10.1234/abc") == [f"{DOC}jensen-2014"]
    assert register.identified("pmid", "10.1234/abc") == []


def test_organisations_and_publishers(register: Register) -> None:
    assert register.organisation("harbour  FORUM") == register.organisation("HF") == f"{ORG}forum"
    assert register.organisation("Nobody") is None
    assert register.publishers("Harbour Forum") == [f"{ORG}forum"]
    assert register.publishers("Example Trust and Harbour Forum") == [f"{ORG}trust", f"{ORG}forum"]
    assert register.publishers("Bread and Roses") == [f"{ORG}both"]
    assert register.publishers("Example Trust and Nobody") == []


def test_controlled_words(register: Register) -> None:
    assert register.concept("country", "british") == f"{ID}scheme/country/GB"
    assert register.concept("country", "Dutch") == f"{ID}scheme/country/NL"
    assert register.concept("topic", "commissioning services") == f"{ID}scheme/topic/commissioning"
    assert register.concept("country", "Nowhere") is None
    assert register.concept("topic", "British") is None
    britain, wales = f"{ID}scheme/country/GB", f"{ID}scheme/country/GB-WLS"
    assert register.broader_country(wales) == britain
    assert register.broader_country(britain) is None


def test_settled_references(register: Register) -> None:
    assert {name.rpartition("/")[2]: settled for name, settled in register.settled.items()} == {
        "related-1": SettledReference(f"{ID}entry/drug-C2/y", by=f"{ID}agent/jo"),
        "related-2": SettledReference(f"{ID}entry/drug-C2/z", by=f"{ID}agent/jo"),
        "related-3": SettledReference(f"{ID}entry/drug-C2/z", by=CURATOR),
    }
    reference = NamedNode(f"{ID}ref/drug-C2/x/related-9")
    register.add(Triple(reference, NamedNode(f"{EVG}resolution"), NamedNode(scheme("resolution", "outside"))))
    assert register.settled[reference.value] == SettledReference("", "outside", CURATOR)


def test_extract_includes_what_its_triples_mention(register: Register) -> None:
    documents, organisations = register.extract([f"{DOC}jensen-2014", "https://example.org/other", f"{DOC}nobody"])
    subjects = {quad.subject.value.removeprefix(ID) for quad in documents if isinstance(quad.subject, NamedNode)}
    assert subjects == {
        "doc/jensen-2014", "identification/jensen-2014/doi", "doc/u-000000000001", "doc/u-000000000002",
    }  # fmt: skip
    assert {quad.subject.value for quad in organisations if isinstance(quad.subject, NamedNode)} == {f"{ORG}forum"}
    assert len([quad for quad in organisations if isinstance(quad.object, Literal)]) == 3
    statements = {(str(quad.predicate.value), getattr(quad.object, "value", "")) for quad in documents}
    assert (f"{EVG}seeAlso", f"{DOC}lone-2000") not in statements  # Curated: it stays where it is.
    assert (f"{RDF}type", f"{EVG}Trial") in statements


def test_extract_of_a_curated_decision_leaves_the_decision_where_it_is(register: Register) -> None:
    documents, _ = register.extract([f"{DOC}lone-2000"])
    keys = {quad.subject.value for quad in documents if isinstance(quad.subject, NamedNode)}
    assert f"{DOC}u-000000000003" not in keys


def test_an_earlier_extract_describes_unknown_documents_and_decides_nothing(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "output"
    (output / "curated").mkdir(parents=True)
    old = """<doc/jensen-2014> rdfs:label "An old label"@en . <doc/gone-1999> a evg:Document ; rdfs:label "Gone"@en .
    <doc/u-00000000000a> dcterms:isReplacedBy <doc/gone-1999> ."""
    (output / "documents.ttl").write_text(HEAD + old, encoding="utf-8")
    curated = (
        "<doc/gone-1999> evg:seeAlso <doc/lone-2000> . <doc/u-00000000000b> dcterms:isReplacedBy <doc/lone-2000> ."
    )
    (output / "curated" / "a.ttl").write_text(HEAD + curated, encoding="utf-8")
    register = registry.load([folder], output=output)
    assert register.objects(f"{DOC}jensen-2014", f"{RDFS}label") == ["Jensen (2014)"]
    assert register.documents(f"{DOC}u-00000000000a") == [f"{DOC}u-00000000000a"]
    assert register.documents(f"{DOC}u-00000000000b") == [f"{DOC}lone-2000"]
    documents, _ = register.extract([f"{DOC}gone-1999"])
    assert {quad.subject.value for quad in documents if isinstance(quad.subject, NamedNode)} == {
        f"{DOC}gone-1999",
        f"{DOC}u-00000000000a",
    }
    assert len(documents) == 3


def test_a_single_file_is_a_register_too(folder: Path) -> None:
    register = registry.load([folder / "documents.ttl"])
    assert register.types(f"{DOC}lone-2000") == {"Document"}
    assert register.organisation("HF") is None
    assert register.settled == {}


def test_without_a_place_the_shipped_one() -> None:
    assert len(registry.load().decisions) > 30


@pytest.mark.parametrize("name", ["missing", "missing.ttl"])
def test_missing_files(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        registry.load([tmp_path / name])
    assert caught.value.path == str(tmp_path / name)


def test_a_broken_file_is_an_error_with_its_line(folder: Path) -> None:
    (folder / "organisations.ttl").write_text(f"{HEAD}<org/x> rdfs:label .", encoding="utf-8")
    with pytest.raises(UnreadableError) as caught:
        registry.load([folder])
    assert (caught.value.path, caught.value.line) == (str(folder / "organisations.ttl"), 8)


def test_a_folder_that_holds_no_register(tmp_path: Path, folder: Path) -> None:
    registry.check(folder)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UnreadableError, match="no register in this folder"):
        registry.check(empty)
