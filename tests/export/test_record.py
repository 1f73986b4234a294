"""One record for each thing: ``query describe``, ``export --resource`` and Python give the same triples everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

import evgraph
from evgraph import shipped_files
from evgraph.export.describe import DATASET
from evgraph.export.export import export, record
from evgraph.namespaces import ID, PREFIXES
from evgraph.rdf.files import find
from evgraph.sparql.rewriting import bind
from evgraph.store.disk import DiskStore, build
from evgraph.store.embedded import EmbeddedStore, OxigraphStore
from evgraph.store.opening import Origin, open_store
from evgraph.store.protocol import Triples

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.conftest import Run
    from tests.servers import Server

ROOT = Path(__file__).parent.parent.parent
RESOURCES = {
    "doc:timko-2007": 240,
    "entry:drug-E4/timko-2007": 20,
    "cell:drug-E4": 40,
    "section:alcohol-E4/issue-1": 50,
    "ref:drug-E4/manning-2012/corresponding-1": 10,
    "claim:aa-costs-same-study": 5,
    "recommendation:nice-2007/mutual-aid": 5,
    "org:nice": 5,
    "marker:K": 10,
    "evg:Entry": 20,
}
"""Resource → at least so many triples."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("record") / "store"
    build(folder, find([shipped_files.data()]))
    return folder


@pytest.fixture(scope="module")
def graph() -> evgraph.Graph:
    return evgraph.open()


def parse(content: str | bytes) -> set[ox.Triple]:
    return {quad.triple for quad in about_things(ox.parse(content, format=ox.RdfFormat.N_TRIPLES))}


def about_things(quads: Iterable[ox.Quad]) -> set[ox.Quad]:
    """Leave out what an export says about the dataset."""
    return {quad for quad in quads if quad.subject != ox.NamedNode(DATASET)}


@pytest.mark.default_cases(1)
@pytest.mark.parametrize("name", RESOURCES)
def test_a_record_is_the_same_everywhere(run: Run, graph: evgraph.Graph, folder: Path, name: str) -> None:
    wanted = ("-p", f"iri={name}", "--format", "ntriples")
    expected = parse(run("query", "describe", *wanted).output)
    assert len(expected) >= RESOURCES[name]
    assert parse(run("query", "describe", *wanted, "--store", folder).output) == expected
    assert parse(run("export", "--resource", name, "--format", "ntriples").output) == expected
    assert parse(run("export", "--resource", name, "--format", "ntriples", "--store", folder).output) == expected
    for opened in (graph, evgraph.open(store=folder)):
        assert parse(opened.describe(name).serialize(format="nt")) == expected
        assert parse(opened.query("describe", iri=name).serialize(format="nt")) == expected
        assert parse(opened.export(resources=[name], format="ntriples")) == expected


@pytest.mark.parametrize("engine", ["oxigraph_server", "virtuoso"])
def test_a_record_comes_from_a_server_too(
    graph: evgraph.Graph, engine: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    server: Server = request.getfixturevalue(engine)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    with server.holding((f"{ID}graph/all", graph.export(with_ontology=True))):
        asked = evgraph.open(endpoint=server.query)
        for name in [*RESOURCES][:4]:
            quads = about_things(export(Origin(endpoint=server.endpoint()), resources=[name]))
            assert {str(quad.graph_name) for quad in quads} == {f"<{ID}graph/all>"}
            expected = parse(graph.describe(name).serialize(format="nt"))
            assert {quad.triple for quad in quads} == expected
            assert parse(asked.describe(name).serialize(format="nt")) == expected


DATA = f"""@base <{ID}> .
""" + "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items()) + """
GRAPH <graph/a> {
  doc:it a evg:Document ; dcterms:issued "02007"^^xsd:gYear ; evg:n 01 ; evg:hasRecommendation <recommendation/it/a> .
  <entry/x> evg:lists doc:it , doc:other ; evg:statedIn <passage/1/0-9> .
  <passage/1/0-9> evg:line 1 .
  <ref/x/1> evg:source <entry/x> ; evg:statedIn <passage/1/2-3> ;
    rdf:subject doc:other ; rdf:predicate evg:seeAlso ; rdf:object doc:third .
  doc:other evg:seeAlso doc:third , doc:it ; rdfs:label "Other" .
  <passage/1/2-3> evg:line 2 .
  <ref/y/1> evg:candidate doc:it .
  doc:old dcterms:isReplacedBy doc:it .
  <recommendation/it/a> rdfs:label "Do" .
  <snapshot/x> evg:support <support/x> . <support/x> evg:by org:it .
}
GRAPH <graph/b> { doc:it a evg:Document . doc:third rdfs:label "Third" . }
"""  # fmt: skip


@pytest.fixture
def two(tmp_path: Path) -> Path:
    (tmp_path / "two.trig").write_text(DATA, encoding="utf-8")
    return tmp_path / "two.trig"


def subjects(quads: Iterable[ox.Quad]) -> dict[str, int]:
    names = [str(quad.subject)[1:-1].removeprefix(ID) for quad in about_things(quads)]
    return {name: names.count(name) for name in names}


def test_what_a_record_holds(two: Path) -> None:
    assert subjects(export(Origin((two,)), resources=["doc:it"])) == {
        "doc/it": 5,  # Its type in two graphs.
        "entry/x": 3,
        "passage/1/0-9": 1,
        "passage/1/2-3": 1,
        "ref/x/1": 5,
        "ref/y/1": 1,
        "doc/old": 1,
        "doc/other": 2,  # What the reference accompanies, and what points to the document.
        "recommendation/it/a": 1,
    }
    assert subjects(export(Origin((two,)), resources=[f"{ID}snapshot/x"])) == {"snapshot/x": 1, "support/x": 1}


def test_lexical_forms_and_graphs_are_those_of_the_file(two: Path) -> None:
    quads = about_things(export(Origin((two,)), resources=["doc:it"]))
    assert quads < set(ox.parse(path=str(two)))
    assert {str(quad.object)[:7] for quad in quads if str(quad.object).startswith('"0')} == {'"02007"', '"01"^^<'}


def test_a_store_names_the_graphs_of_a_record(two: Path, tmp_path: Path) -> None:
    build(tmp_path / "store", find([two]))
    embedded = EmbeddedStore()
    for file in find([two]):
        embedded.load(file)
    expected = {
        (str(quad.subject), str(quad.predicate), str(quad.graph_name)) for quad in record(embedded, f"{ID}doc/it")
    }
    kept = record(DiskStore(tmp_path / "store"), f"{ID}doc/it")
    assert {(str(quad.subject), str(quad.predicate), str(quad.graph_name)) for quad in kept} == expected
    assert {f"<{ID}graph/a>", f"<{ID}graph/b>"} == {graph for _, _, graph in expected}


def test_nothing_is_said_about_a_stranger(two: Path) -> None:
    with pytest.raises(evgraph.UsageError, match="says nothing about doc:stranger"):
        export(Origin((two,)), resources=["doc:stranger"])


@pytest.mark.parametrize("path", [None, ROOT / "tests" / "site" / "hostile.ttl"])
def test_the_record_of_an_embedded_graph_is_that_of_the_question(path: Path | None) -> None:
    store = open_store(Origin() if path is None else Origin((path,)))
    assert isinstance(store, OxigraphStore)
    query = (shipped_files.queries() / "find" / "describe.rq").read_text(encoding="utf-8")
    nodes = {node for quad in store.quads() for node in (quad.subject, quad.object) if isinstance(node, ox.NamedNode)}
    things = sorted(node.value for node in nodes if node.value.startswith(ID))
    for thing in things[:: 1 if path else 4]:
        answer = store.query(bind(query, {"__iri_iri": (str(ox.NamedNode(thing)),)}))
        assert isinstance(answer, Triples)
        assert {quad.triple for quad in record(store, thing)} == set(answer.triples), thing
