"""What a dataset says about itself: exact counts on small data, and another library's counts of the shipped graph."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import RDF, VOID, URIRef

from evgraph import __version__, shipped_files
from evgraph.export.describe import DATASET, DESCRIPTION, About, describe
from evgraph.formats import FORMATS
from evgraph.namespaces import DCAT, ID, PREFIXES, curie
from evgraph.rdf.files import find
from evgraph.rdf.turtle import turtle

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

    from evgraph.formats import Format

TOP = f"@base <{ID}> .\n" + "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
FIRST = """
<graph/one> a void:Dataset .
doc:amber-2001 a evg:Study, evg:Document ; rdfs:label "Amber"@en, "Bernstein"@de .
doc:brown-2002 a evg:Document ; rdfs:label "Brown"@en ; evg:seeAlso doc:amber-2001 .
<https://example.org/x> <https://example.org/terms/colour> "red" .
"""
# Repeats two statements of the first graph.
SECOND = """
<graph/two> a void:Dataset .
doc:amber-2001 a evg:Study ; rdfs:label "Amber"@en .
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "one.ttl").write_text(TOP + FIRST, encoding="utf-8")
    (folder / "two.ttl").write_text(TOP + SECOND, encoding="utf-8")
    return folder


def quads_of(folder: Path) -> list[ox.Quad]:
    return [quad for file in find([folder]) for quad in file.quads()]


def by_subject(triples: list[ox.Triple]) -> dict[str, dict[str, set[str]]]:
    """Subject below the dataset (the dataset itself is "") → property → values, CURIEs where there are prefixes."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for triple in triples:
        assert isinstance(triple.subject, ox.NamedNode)
        assert isinstance(triple.object, ox.NamedNode | ox.Literal)
        subject = triple.subject.value.removeprefix(DATASET).removeprefix("/")
        found[subject][curie(triple.predicate.value)].add(curie(triple.object.value))
    return found


def test_each_triple_counts_once_though_two_graphs_hold_it(data: Path) -> None:
    dataset = by_subject(describe(quads_of(data)))[""]
    counts = {name: values for name, values in dataset.items() if next(iter(values)).isdigit()}
    # 2 headers, 4 of Amber, 3 of Brown, 1 elsewhere.
    assert counts == {
        "void:triples": {"10"},
        "void:distinctSubjects": {"5"},
        "void:distinctObjects": {"8"},
        "void:entities": {"4"},
        "void:classes": {"3"},
        "void:properties": {"4"},
    }
    assert dataset["void:subset"] == {"graph:one", "graph:two"}
    assert dataset["void:vocabulary"] == {
        *("https://w3id.org/evgraph/ns", "https://example.org/terms/"),
        *(PREFIXES[name] for name in ("rdf", "rdfs", "void")),
    }


def test_the_partitions_count_classes_and_properties(data: Path) -> None:
    found = by_subject(describe(quads_of(data)))
    classes = {iri: found[iri] for iri in found if iri.startswith("class/")}
    assert {iri: (values["void:class"], values["void:entities"]) for iri, values in classes.items()} == {
        "class/evg:Document": ({"evg:Document"}, {"2"}),
        "class/evg:Study": ({"evg:Study"}, {"1"}),
        "class/void:Dataset": ({"void:Dataset"}, {"2"}),
    }
    names = ("void:property", "void:triples", "void:distinctSubjects", "void:distinctObjects")
    properties = {iri: [values[name] for name in names] for iri, values in found.items() if iri.startswith("property/")}
    assert properties == {
        "property/evg:seeAlso": [{"evg:seeAlso"}, {"1"}, {"1"}, {"1"}],
        "property/https:%2F%2Fexample.org%2Fterms%2Fcolour": [
            {"https://example.org/terms/colour"}, {"1"}, {"1"}, {"1"}
        ],
        "property/rdf:type": [{"rdf:type"}, {"5"}, {"4"}, {"3"}],
        "property/rdfs:label": [{"rdfs:label"}, {"3"}, {"2"}, {"3"}],
    }  # fmt: skip
    for kind, partitions in (("class", classes), ("property", properties)):
        assert found[""][f"void:{kind}Partition"] == {curie(f"{DATASET}/{iri}") for iri in partitions}


def test_every_format_is_a_distribution_with_its_media_type(data: Path) -> None:
    found = by_subject(describe(quads_of(data)))
    kinds = {
        iri.rpartition("/")[2]: next(iter(values["dcat:mediaType"])).partition("media-types/")[2]
        for iri, values in found.items()
        if "dcat:Distribution" in values["rdf:type"]
    }
    assert kinds == {kind.name: kind.media_type for kind in FORMATS.values()}
    assert len(found[""]["void:feature"]) == len(FORMATS)


def test_a_description_does_not_count_itself(data: Path) -> None:
    before = describe(quads_of(data))
    (data / "void.ttl").write_bytes(turtle(before))
    [file] = find([data / "void.ttl"])
    assert file.graph == DESCRIPTION, "its header is found at the top"
    assert turtle(describe(quads_of(data))) == turtle(before)


def test_nothing_is_dated_or_versioned_unless_somebody_says_so(data: Path) -> None:
    bare = by_subject(describe(quads_of(data)))[""]
    assert {"dcat:version", "dcterms:issued", "dcterms:modified"}.isdisjoint(bare)
    about = About(iri="https://example.org/set", title="Mine", version="2", issued="2026-01-31")
    triples = describe(quads_of(data), about)
    mine = {
        curie(triple.predicate.value): str(triple.object)
        for triple in triples
        if str(triple.subject) == f"<{about.iri}>"
    }
    assert mine["dcat:version"] == '"2"'
    assert mine["dcterms:issued"] == '"2026-01-31"^^<http://www.w3.org/2001/XMLSchema#date>'
    assert mine["dcterms:title"] == '"Mine"@en'
    assert not [triple for triple in triples if DATASET in str(triple)], "our dataset is not theirs"


def test_no_data_is_described_as_such() -> None:
    dataset = by_subject(describe([]))[""]
    assert (dataset["void:triples"], dataset["void:classes"]) == ({"0"}, {"0"})
    assert "void:classPartition" not in dataset


def test_the_shipped_graph_counted_by_another_library() -> None:
    graph = rdflib.Graph()
    for file in sorted(shipped_files.data().rglob("*.ttl")):
        if file.name != "void.ttl":
            graph.parse(file)
    described = rdflib.Graph().parse(data=turtle(describe(quads_of(shipped_files.data()))), format="turtle")
    dataset = URIRef(DATASET)
    expected = {
        VOID.triples: len(graph),
        VOID.distinctSubjects: len(set(graph.subjects())),
        VOID.distinctObjects: len(set(graph.objects())),
        VOID.classes: len(set(graph.objects(None, RDF.type))),
        VOID.properties: len(set(graph.predicates())),
        VOID.entities: len({subject for subject in graph.subjects() if str(subject).startswith(ID)}),
    }
    assert {name: described.value(dataset, name).toPython() for name in expected} == expected  # type: ignore[union-attr]
    for kind in set(graph.objects(None, RDF.type)):
        partition = described.value(None, VOID["class"], kind)
        assert described.value(partition, VOID.entities) == rdflib.Literal(len(set(graph.subjects(RDF.type, kind))))
    for name in set(graph.predicates()):
        partition = described.value(None, VOID.property, name)
        assert described.value(partition, VOID.triples) == rdflib.Literal(len(list(graph.triples((None, name, None)))))


def test_the_shipped_description_is_up_to_date(run: Run) -> None:
    fresh = run("export", "--describe", own_process=True)
    assert (fresh.code, fresh.stderr) == (0, "")
    shipped = (shipped_files.data() / "void.ttl").read_bytes()
    assert shipped == fresh.output, "out of date; to refresh it: evgraph export --describe -o data/void.ttl"
    assert f'dcat:version "{__version__}"' in fresh.stdout


@pytest.mark.parametrize("kind", FORMATS.values(), ids=lambda kind: kind.name)
def test_the_command_writes_it_in_every_format(run: Run, data: Path, tmp_path: Path, kind: Format) -> None:
    fresh = {str(triple) for triple in describe(quads_of(data))}
    target = tmp_path / f"void{kind.suffixes[0]}"
    assert run("export", "--describe", "--data", data, "-o", target).code == 0
    quads = list(ox.parse(target.read_bytes(), format=kind.rdf_format()))
    assert {str(quad.triple) for quad in quads} == fresh
    graphs = {str(quad.graph_name) for quad in quads}
    assert graphs == ({f"<{DESCRIPTION}>"} if kind.quads else {str(ox.DefaultGraph())})


def test_the_ontology_counts_where_it_is_written(run: Run, data: Path) -> None:
    alone, together = (
        run("export", "--describe", "--data", data, *more).stdout.partition("void:triples ")[2].split()[0]
        for more in ((), ("--with-ontology",))
    )
    assert int(alone) == 10
    assert int(together) > 500


@pytest.mark.parametrize("part", [("--cell", "E4"), ("--resource", "doc:amber-2001")])
def test_a_part_has_no_description(run: Run, part: tuple[str, str]) -> None:
    ran = run("export", "--describe", *part)
    assert (ran.code, ran.stdout) == (2, "")
    assert f"{part[0]} is not for --describe, which is about all the data\n  leave it out" in ran.stderr


def test_its_terms_exist(data: Path) -> None:
    """Rdflib's DCAT lacks some of version 3, so those of DCAT are listed here."""
    used = {triple.predicate.value for triple in describe(quads_of(data), About(version="1", issued="2026-01-31"))}
    assert {iri for iri in used if iri.startswith(DCAT)} == {
        f"{DCAT}{name}" for name in ("accessURL", "distribution", "keyword", "mediaType", "version")
    }
    others = {URIRef(iri) for iri in used if not iri.startswith(DCAT)}
    known = (VOID, rdflib.DCTERMS, rdflib.FOAF, RDF, rdflib.RDFS)
    assert not {term for term in others if not any(term in vocabulary for vocabulary in known)}


def test_a_description_stands_alone(data: Path) -> None:
    """DCAT-AP's shapes have the class of each of these values checked."""
    triples = describe(quads_of(data))
    types = {
        triple.subject: curie(str(triple.object)[1:-1]) for triple in triples if triple.predicate.value == str(RDF.type)
    }
    found: dict[str, set[str | None]] = defaultdict(set)
    for triple in triples:
        if isinstance(triple.object, ox.NamedNode):
            found[curie(triple.predicate.value)].add(types.get(triple.object))
    assert {name: found[f"dcterms:{name}"] for name in ("conformsTo", "format", "license")} == {
        "conformsTo": {"dcterms:Standard"},
        "format": {"dcterms:MediaTypeOrExtent"},
        "license": {"dcterms:LicenseDocument"},
    }
    assert found["dcat:mediaType"] == {"dcterms:MediaType"}
