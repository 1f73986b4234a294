from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple
from tests.conftest import ROOT
from tests.pages.made import EXAMPLES, page_text, resolve_all, resolved, words_only

from evgraph import register as registry
from evgraph.namespaces import BIBO, DCTERMS, EVG, ID, OA, PROV, RDF, SCHEMA, SKOS, curie
from evgraph.pages.cell import Cell, identify
from evgraph.pages.decoding import read
from evgraph.pages.layout import read_page
from evgraph.pages.triples import triples
from evgraph.rdf.turtle import turtle

if TYPE_CHECKING:
    from collections.abc import Iterable

BITE = """Where should I start? With it.


Issues to consider and discuss


Who pays? Clinics do (1999).


Why wait? So."""
ENTRIES = (
    "S G One test ([US] Forum, 2001). Corresponding study below. Discussion in bite’s Issues section.",
    "K Two  tests (2002; free source at time of writing). See also a review (1998). See p. 3 of linked PDF file.",
    "G Advice (Report Produced for the Harbour Forum, 2008). In cell A2. Related review above.",
)


class Graph:
    """Triples, looked up by prefixed names."""

    def __init__(self, found: Iterable[Triple]) -> None:
        self.triples = list(found)
        self.by_subject: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for triple in self.triples:
            assert isinstance(triple.subject, NamedNode)
            assert isinstance(triple.object, NamedNode | Literal)
            value = triple.object.value
            value = curie(value) if isinstance(triple.object, NamedNode) else value
            subject = triple.subject.value.removeprefix(ID)
            self.by_subject[subject][curie(triple.predicate.value)].append(value)

    def of(self, subject: str) -> dict[str, list[str]]:
        """Return all that is said of ``entry/drug-C2/…``."""
        return {name: sorted(set(values)) for name, values in self.by_subject[subject].items()}

    def subjects(self, cls: str) -> list[str]:
        """Return the subjects of a class, in the order written."""
        return [name for name, properties in self.by_subject.items() if cls in properties["rdf:type"]]


def values(found: Iterable[Triple], predicate: str) -> set[str]:
    """Return the IRIs that a property has."""
    return {
        triple.object.value
        for triple in found
        if triple.predicate.value == predicate and isinstance(triple.object, NamedNode)
    }


def graph(*entries: str, bite: str = BITE, with_text: bool = False) -> tuple[Cell, Graph]:
    (cell,) = resolved(page_text(*entries, bite=bite))
    return cell, Graph(triples(cell, words_only(), with_text=with_text))


@pytest.fixture(scope="module")
def examples() -> list[tuple[Cell, list[Triple]]]:
    register = registry.load([EXAMPLES / "register"])
    pages = sorted((EXAMPLES / "pages").glob("*.txt"))
    cells = [identify(read_page(read(page)), register) for page in pages]
    resolve_all(cells, register)
    return [(cell, list(triples(cell, register, with_text=True))) for cell in cells]


def test_an_entry_as_printed() -> None:
    cell, found = graph(*ENTRIES)
    first, second, third = (entry.iri.removeprefix(ID) for entry in cell.entries)
    entry = found.of(first)
    assert entry.pop("evg:statedIn")
    assert entry == {
        "rdf:type": ["evg:Entry"],
        "evg:inCell": ["cell:drug-C2"],
        "evg:marker": ["marker:G", "marker:S"],
        "schema:position": ["1"],
        "schema:headline": ["One test"],
        "evg:lists": [f"doc:{cell.entries[0].key}"],
        "evg:statedDate": ["2001"],
        "evg:statedPublisher": ["Forum"],
        "evg:statedCountry": ["US"],
    }
    assert found.of(second)["schema:headline"] == ["Two tests"]
    assert found.of(second)["evg:statedNote"] == ["free source at time of writing"]
    assert found.of(third)["evg:statedPublisher"] == ["Report Produced for the Harbour Forum"]


def test_a_document_that_nobody_registered_is_described_by_what_the_page_states() -> None:
    cell, found = graph(*ENTRIES)
    first, second, third = (f"doc/{listing.key}" for listing in cell.entries)
    assert found.of(first) == {
        "rdf:type": ["evg:Document", "evg:Guidance", "evg:Study"],
        "rdfs:label": ["One test"],
        "dcterms:issued": ["2001"],
        "dcterms:publisher": ["org:forum"],
        "evg:forCountry": ["country:US"],
        "evg:correspondsTo": [f"doc:{cell.entries[1].key}"],
    }
    assert found.of(second)["rdf:type"] == ["evg:Document", "evg:Study"]
    assert found.of(third)["evg:producedFor"] == ["org:harbour-forum"]
    assert "dcterms:publisher" not in found.of(third)
    assert found.of("org/forum") == {"rdf:type": ["schema:Organization"], "rdfs:label": ["Forum"]}
    review, report = (iri.removeprefix(ID) for iri in cell.mentioned)
    assert found.of(review)["rdf:type"] == ["evg:Document", "evg:Review"]
    assert found.of(review)["rdfs:label"] == ["Review (1998) mentioned in drug C2"]
    assert found.of(report)["rdf:type"] == ["evg:Document"]


def test_the_snapshot_has_date_and_address_only_if_they_are_options() -> None:
    (cell,) = resolved(page_text(*ENTRIES))
    name = cell.snapshot_iri.removeprefix(ID)
    assert name == f"snapshot/drug-C2/{cell.page.source.hash}"
    bare = Graph(triples(cell, words_only())).of(name)
    assert bare == {
        "rdf:type": ["evg:CellSnapshot"],
        "prov:specializationOf": ["cell:drug-C2"],
        "rdfs:label": [cell.page.title],
        "evg:sha256": [cell.page.source.sha256],
    }
    stated = list(triples(cell, words_only(), captured="2026-01-31", address="https://example.org/c2"))
    assert Graph(stated).of(name)["dcterms:date"] == ["2026-01-31"]
    assert Graph(stated).of(name)["dcterms:source"] == ["https://example.org/c2"]
    day = next(triple.object for triple in stated if triple.predicate.value == f"{DCTERMS}date")
    assert isinstance(day, Literal)
    assert day.datatype.value.endswith("#date")
    assert Graph(stated).of(f"graph/{cell.page.cell}")["prov:wasDerivedFrom"] == [curie(f"{ID}{name}")]


def test_supporters_have_roles() -> None:
    text = page_text(*ENTRIES).replace(
        "\n\nS Seminal", "\n\nFunded by Forum web site Developed with Forum web site\n\nS Seminal", 1
    )
    (cell,) = resolved(text)
    found = Graph(triples(cell, words_only()))
    roles = {
        tuple(support["evg:supporter"] + support["evg:supportRole"])
        for support in map(found.of, found.subjects("evg:Support"))
    }
    assert roles == {("org:forum", "support-role:funded"), ("org:forum", "support-role:developed-with")}


def test_sections_and_their_commentary() -> None:
    cell, found = graph(*ENTRIES)
    assert [(name.rpartition("/")[2], found.of(name)["schema:position"]) for name in found.subjects("evg:Section")] == [
        ("start", ["1"]),
        ("issues", ["2"]),
        ("issue-1", ["3"]),
        ("issue-2", ["4"]),
    ]
    section = found.of("section/drug-C2/issue-1")
    assert section["dcterms:title"] == ["Who pays?"]
    assert section["dcterms:isPartOf"] == ["commentary:drug-C2"]
    assert section["evg:sectionRole"] == ["section-role:issue"]
    assert found.of("commentary/drug-C2")["schema:about"] == ["cell:drug-C2"]
    intro = page_text(*ENTRIES).replace("\n\nS Sem", "\n\nIt asks who should pay for all of this.\n\nS Sem", 1)
    (cell,) = resolved(intro)
    found = Graph(triples(cell, words_only()))
    assert found.of("section/drug-C2/intro")["dcterms:isPartOf"] == ["cell:drug-C2"]
    assert found.subjects("evg:Commentary") == []


def test_a_reference_has_its_words_and_its_resolution() -> None:
    cell, found = graph(*ENTRIES)
    first, second, third = (listing.name for listing in cell.entries)
    reference = found.of(f"ref/drug-C2/{first}/corresponding-1")
    assert reference.pop("evg:statedIn")
    snapshot = curie(cell.snapshot_iri)
    assert reference == {
        "rdf:type": ["evg:Claim", "evg:Reference"],
        "evg:referenceKind": ["reference-kind:corresponding"],
        "evg:direction": ["direction:below"],
        "evg:resolution": ["resolution:resolved"],
        "evg:source": [f"entry:drug-C2/{first}"],
        "evg:target": [f"entry:drug-C2/{second}"],
        "prov:wasAttributedTo": [snapshot],
        "rdf:subject": [f"doc:{first}"],
        "rdf:predicate": ["evg:correspondsTo"],
        "rdf:object": [f"doc:{second}"],
    }
    ambiguous = found.of(f"ref/drug-C2/{first}/commentary-1")
    assert ambiguous["rdf:type"] == ["evg:Reference"]
    assert ambiguous["evg:candidate"] == ["section:drug-C2/issue-1", "section:drug-C2/issue-2"]
    assert "evg:target" not in ambiguous
    place = found.of(f"ref/drug-C2/{second}/file-place-1")
    assert place["bibo:locator"] == ["p. 3"]
    assert place["evg:target"] == [f"doc:{second}"]
    outside = found.of(f"ref/drug-C2/{third}/cell-1")
    assert (outside["evg:resolution"], outside["evg:target"]) == (["resolution:outside"], ["cell:drug-A2"])
    assert found.of(f"ref/drug-C2/{second}/see-also-1")["evg:statedDate"] == ["1998"]


LINKS = ("correspondsTo", "relatedTo", "seeAlso", "implements")


def test_every_document_level_triple_has_its_claim_and_only_the_stated_direction(
    examples: list[tuple[Cell, list[Triple]]],
) -> None:
    for cell, found in examples:
        by_subject = Graph(found)
        links = {
            (curie(triple.subject.value), curie(triple.predicate.value), curie(triple.object.value))
            for triple in found
            if isinstance(triple.object, NamedNode)
            and isinstance(triple.subject, NamedNode)
            and triple.predicate.value
            in {f"{EVG}{name}" for name in LINKS} | {"http://purl.org/spar/cito/isDiscussedBy"}
        }
        claims = {
            (*claim["rdf:subject"], *claim["rdf:predicate"], *claim["rdf:object"])
            for claim in map(by_subject.of, by_subject.subjects("evg:Claim"))
        }
        assert links == claims
        assert claims
        stated = {reference.statement for reference in cell.references if reference.statement}
        assert len(stated) == len(claims)
        assert all(
            set(by_subject.of(subject)["rdf:type"]) == {"evg:Claim", "evg:Reference"}
            for subject in by_subject.subjects("evg:Claim")
        )


def test_a_passage_gives_back_the_words_and_the_line(examples: list[tuple[Cell, list[Triple]]]) -> None:
    for cell, found in examples:
        by_subject = Graph(found)
        source = cell.page.source
        passages = by_subject.subjects("evg:Passage")
        assert len(passages) >= 20
        for name in passages:
            passage = by_subject.of(name)
            start, end = int(passage["oa:start"][0]), int(passage["oa:end"][0])
            assert name == f"passage/{source.hash}/{start}-{end}"
            assert passage["oa:exact"] == [source.text[start:end]]
            assert passage["evg:line"] == [str(source.text.count("\n", 0, start) + 1)]
            assert passage["oa:hasSource"] == [curie(cell.snapshot_iri)]
        stated = {iri.removeprefix(ID) for iri in values(found, f"{EVG}statedIn")}
        assert stated == set(passages)


def test_no_word_of_the_text_without_with_text() -> None:
    _, found = graph(*ENTRIES)
    assert not [triple for triple in found.triples if triple.predicate.value == f"{OA}exact"]
    written = turtle(found.triples)
    assert b"Corresponding study below" not in written
    _, found = graph(*ENTRIES, with_text=True)
    assert [triple for triple in found.triples if triple.predicate.value == f"{OA}exact"]


def test_every_type_is_in_the_ontology_or_the_model(examples: list[tuple[Cell, list[Triple]]]) -> None:
    for _, found in examples:
        types = {curie(iri) for iri in values(found, f"{RDF}type")}
        assert types <= {
            "void:Dataset", "evg:CellSnapshot", "evg:Support", "evg:Entry", "evg:Section", "evg:Commentary",
            "evg:Reference", "evg:Claim", "evg:Passage", "evg:Document", "evg:Study", "evg:Review", "evg:Guidance",
            "skos:Concept",
        }  # fmt: skip
        assert {"evg:Entry", "evg:CellSnapshot", "evg:Reference", "evg:Claim", "evg:Passage"} <= types


def test_a_new_hot_topic_becomes_a_concept_and_a_known_one_keeps_its_name() -> None:
    text = page_text(*ENTRIES, "See also hot topics on commissioning and on night buses.")
    (cell,) = resolved(text)
    found = Graph(triples(cell, words_only()))
    assert found.of("cell/drug-C2")["dcterms:subject"] == ["topic:commissioning", "topic:night-buses"]
    assert found.of("scheme/topic/night-buses") == {
        "rdf:type": ["skos:Concept"],
        "skos:inScheme": [curie(f"{ID}scheme/topic")],
        "skos:notation": ["night-buses"],
        "skos:prefLabel": ["night buses"],
    }
    assert not found.of("scheme/topic/commissioning")


def test_no_blank_nodes_and_no_triple_twice(examples: list[tuple[Cell, list[Triple]]]) -> None:
    for _, found in examples:
        assert not [
            triple for triple in found if isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode)
        ]
        described = [
            triple
            for triple in found
            if triple.predicate.value in (f"{SCHEMA}position", f"{BIBO}locator", f"{SKOS}notation")
        ]
        assert len(described) == len(set(described))
        assert all(re.fullmatch(r"https?://[^\s<>\"]+", triple.predicate.value) for triple in found)
        attributed = [triple for triple in found if triple.predicate.value == f"{PROV}wasAttributedTo"]
        assert len(attributed) == len({triple.subject for triple in attributed})


SCRIPT = """
import sys
from pathlib import Path
from evgraph import register
from evgraph.pages.cell import identify
from evgraph.pages.decoding import read
from evgraph.pages.layout import read_page
from evgraph.pages.resolve import resolve
from evgraph.pages.triples import triples
from evgraph.rdf.turtle import turtle
known = register.load(["examples/register"])
for path in map(Path, sys.argv[1:]):
    cell = identify(read_page(read(path)), known)
    resolve(cell, known)
    sys.stdout.buffer.write(turtle(triples(cell, known)))
"""


def test_the_same_bytes_twice_and_under_any_hash_seed() -> None:
    pages = ["examples/pages/alcohol-c2.txt", "examples/pages/drug-c2.txt"]
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT, *pages],
            cwd=ROOT,
            env={"PYTHONPATH": "src", "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(outputs) == 1
    assert len(outputs.pop()) > 10_000
