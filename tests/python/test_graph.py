"""The graph from Python: `import evgraph`, its questions, its rows and what they become, its things, wrong use."""

from __future__ import annotations

import doctest
import importlib
import inspect
import math
import pickle
import pkgutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import rdflib
from rdflib import URIRef
from tests.project.test_hints import OF_THE_COMMAND
from tests.project.test_structure import HEAVY
from tests.required import require

import evgraph
import evgraph.python
from evgraph import shipped_files
from evgraph.namespaces import EVG, ID, XSD
from evgraph.python.things import Entry
from evgraph.rdf.files import always_loaded, find
from evgraph.store.disk import build
from evgraph.store.transfer import parts, push

if TYPE_CHECKING:
    from tests.conftest import Run
    from tests.servers import Server

ROOT = Path(__file__).parent.parent.parent
PAGES = ROOT / "examples" / "pages"
OPEN: Any = evgraph.open  # To be called as no type checker would let it be called.
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
MODULES = ["evgraph", *(f"evgraph.python.{module.name}" for module in pkgutil.iter_modules(evgraph.python.__path__))]


@pytest.fixture(scope="module")
def graph() -> evgraph.Graph:
    """Open the shipped graph."""
    return evgraph.open()


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give tables the room that they have in the documentation."""
    monkeypatch.setenv("COLUMNS", "120")


@pytest.fixture
def small(tmp_path: Path) -> evgraph.Graph:
    """Open a graph of awkward values."""
    (tmp_path / "awkward.ttl").write_text(
        f"""@prefix x: <http://example.org/> . @prefix xsd: <{XSD}> .
        x:a x:whole 1 ; x:broken 0.5 ; x:year "2007"^^xsd:gYear ; x:day "2007-02-03"^^xsd:date ; x:yes true ;
            x:bad "20x7"^^xsd:gYear ; x:words "<b>&\\""@en ; x:huge 123456789012345678901234567890 ;
            x:link <javascript:alert(1)> ; x:web <https://example.org/?a=1&b="> .
        """.replace('b="', "b=2")
    )
    return evgraph.open(tmp_path)


def rows(graph: evgraph.Graph, query: str) -> evgraph.Result:
    """Run a SELECT."""
    answer = graph.sparql(query)
    assert isinstance(answer, evgraph.Result)
    return answer


# What rdflib 7 says of itself when a Dataset is asked.
asks_a_dataset = pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated:DeprecationWarning")


@pytest.mark.default_cases(4)
@asks_a_dataset
@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_are_true(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    ran = doctest.testmod(
        importlib.import_module(name),
        extraglobs={"evgraph": evgraph, "rdflib": rdflib},
        optionflags=FLAGS,
    )
    assert ran.failed == 0


@asks_a_dataset
def test_the_examples_of_the_page_are_true(monkeypatch: pytest.MonkeyPatch) -> None:
    require("pandas")
    monkeypatch.chdir(ROOT)
    page = ROOT / "docs" / "python.md"
    ran = doctest.testfile(str(page), module_relative=False, optionflags=doctest.ELLIPSIS, encoding="utf-8")
    assert (ran.failed, ran.attempted > 30) == (0, True)


def test_there_are_examples_in_docstrings() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    examples = [test for name in MODULES for test in finder.find(importlib.import_module(name)) if test.examples]
    assert len(examples) > 8


def loaded_by(code: str) -> set[str]:
    """Give the modules that a new interpreter loads for some code."""
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys; before = set(sys.modules)\n{code}\nprint(*(set(sys.modules) - before))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ran.stdout.split())


def test_importing_evgraph_loads_no_library() -> None:
    loaded = loaded_by("import evgraph; dir(evgraph)")
    assert "evgraph" in loaded
    assert {name for name in loaded if name.startswith("evgraph.")} == set()
    assert {name.partition(".")[0] for name in loaded} & (HEAVY | {"pyoxigraph", "click", "lxml", "requests"}) == set()


def test_asking_and_counting_needs_no_rdflib() -> None:
    code = "import evgraph; rows = evgraph.open().query('cell-contents', cell='drug:E4'); assert rows.to_dicts()"
    assert HEAVY & loaded_by(code) == set()


def test_every_name_that_is_offered_is_there() -> None:
    assert set(evgraph.__all__) <= set(dir(evgraph))
    for name in evgraph.__all__:
        assert getattr(evgraph, name).__name__ == name
    with pytest.raises(AttributeError, match="module 'evgraph' has no attribute 'opne'"):
        evgraph.opne  # type: ignore[attr-defined] # noqa: B018


def test_a_row_is_read_by_place_by_name_and_as_a_mapping(graph: evgraph.Graph) -> None:
    answer = graph.query("guidance-citing-trials", trial="timko-2007")
    first = answer[0]
    guidance, label, *_ = first
    assert first[0] == first["guidance"] == guidance == URIRef(f"{ID}doc/nice-2011-guidelines")
    assert label == rdflib.Literal("NICE clinical guidelines on alcohol use disorders (2011)")
    assert first["year"] == rdflib.Literal("2011", datatype=URIRef(f"{XSD}gYear"), normalize=False)
    assert first["citing"] == guidance
    assert first[:2] == (guidance, label)
    assert dict(first)["how"] == rdflib.Literal("direct")
    assert list(dict(first)) == list(answer.columns)
    assert [name for name in answer.columns if not name.endswith("_label")] == [*answer.descriptions, "passages"]
    assert pickle.loads(pickle.dumps(first)) == tuple(first)  # noqa: S301 - our own
    assert answer.descriptions["how"] == "direct or chained"
    assert answer.labels[URIRef(f"{ID}doc/timko-2007")] == "Timko & DeBenedetti (2007)"


def test_answers_and_things_are_pickled_with_the_way_to_their_graph(graph: evgraph.Graph, tmp_path: Path) -> None:
    (tmp_path / "one.ttl").write_text(f"<{ID}doc/one-2001> a <{EVG}Document> .")
    answer = graph.query("guidance-citing-trials", trial="timko-2007", limit=1)
    other = pickle.loads(pickle.dumps(answer))  # noqa: S301 - our own
    assert (repr(other), other.cut, other.descriptions) == (repr(answer), True, answer.descriptions)
    assert (other.labels, other[0].passages) == (answer.labels, answer[0].passages)
    assert other.to_dicts() == answer.to_dicts()
    cell, own = pickle.loads(pickle.dumps((graph.cell("drug:E4"), evgraph.open(tmp_path))))  # noqa: S301
    assert cell == graph.cell("drug:E4")
    assert cell.entries == graph.cell("drug:E4").entries
    assert repr(own) == f"<evgraph.Graph of {tmp_path}>"
    assert own.sparql(f"ASK {{ <{ID}doc/one-2001> a evg:Document }}") is True


def test_a_pickle_holds_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVGRAPH_USER", "anna")
    monkeypatch.setenv("EVGRAPH_PASSWORD", "open sesame")
    pickled = pickle.dumps(evgraph.open(endpoint="http://127.0.0.1:9/query"))
    assert b"http://127.0.0.1:9/query" in pickled
    assert b"sesame" not in pickled


def test_a_result_is_a_sequence(graph: evgraph.Graph) -> None:
    answer = graph.query("cell-contents", cell="drug:E4")
    assert len(answer) == 15
    assert answer[-1] == list(answer)[-1]
    assert list(answer[2:4]) == list(answer)[2:4]
    assert answer[2:4].columns == answer.columns
    with pytest.raises(IndexError):
        answer[15]


def test_a_limit_cuts_and_says_so(graph: evgraph.Graph) -> None:
    cut = graph.query("cell-contents", cell="drug:E4", limit=3)
    assert (len(cut), cut.cut) == (3, True)
    assert repr(cut).endswith("\n3 rows, as limit=3 asks; there are more")
    whole = graph.query("cell-contents", cell="drug:E4", limit=15)
    assert (len(whole), whole.cut) == (15, False)


def test_an_answer_is_written_as_csv(graph: evgraph.Graph, tmp_path: Path, run: Run) -> None:
    text = graph.query("shared-documents").to_csv(tmp_path / "new" / "shared.csv")
    assert (tmp_path / "new" / "shared.csv").read_bytes() == text.encode()
    assert run("query", "shared-documents", "--format", "csv").output == text.encode()


def test_an_answer_within_limits_is_the_same(graph: evgraph.Graph) -> None:
    asked = graph.query("cell-contents", cell="drug:A1", timeout=60, max_memory=1000, limit=5)
    assert (list(asked), asked.notes) == ([], graph.query("cell-contents", cell="drug:A1").notes)
    limited = graph.query("shared-documents", timeout=60.5, limit=1)
    assert list(limited) == list(graph.query("shared-documents", limit=1))
    assert limited.cut == (len(graph.query("shared-documents")) > 1)
    assert graph.sparql("ASK { doc:timko-2007 a evg:Trial }", timeout=60) is True
    assert set(graph.query("describe", iri="doc:timko-2007", timeout=60)) == set(
        graph.query("describe", iri="doc:timko-2007")
    )


@pytest.mark.slow
def test_a_query_that_takes_too_much_is_ended(graph: evgraph.Graph) -> None:
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
    with pytest.raises(evgraph.LimitReachedError) as late:
        graph.sparql(endless, timeout=0.5)
    assert str(late.value) == (
        "the query took longer than 0.5 s and was ended\n  allow more with timeout=…, or ask for less"
    )
    with pytest.raises(evgraph.LimitReachedError, match=r"more memory than 300 MB .*\n.* with max_memory=…"):
        graph.sparql("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?i ?f ?c", max_memory=300)


def test_questions_of_ones_own(tmp_path: Path) -> None:
    mine = evgraph.open(queries=ROOT / "examples" / "questions")
    assert len(mine.questions) == len(evgraph.open().questions) + 1
    assert mine.query("guidance-since", year=2011).to_dicts()[0]["year"] == 2011
    assert list(evgraph.open(queries=[ROOT / "examples" / "questions"]).questions) == list(mine.questions)
    with pytest.raises(evgraph.UnreadableError, match="no question in this folder"):
        evgraph.open(queries=tmp_path)
    with pytest.raises(evgraph.UnreadableError, match="no such folder of questions"):
        evgraph.open(queries=[tmp_path / "none"])


@pytest.mark.parametrize(
    "value",
    ["timko-2007", "doc:timko-2007", URIRef(f"{ID}doc/timko-2007"), ["timko-2007"], None],
    ids=["slug", "curie", "iri", "list", "left out"],
)
def test_what_a_parameter_takes(graph: evgraph.Graph, value: Any) -> None:
    assert [row["how"] for row in graph.query("guidance-citing-trials", trial=value)] == [
        rdflib.Literal("direct"),
        rdflib.Literal("chained"),
    ]


def test_a_parameter_takes_numbers_of_data_frames() -> None:
    """Those of numpy, and the fractions that pandas makes of whole numbers beside gaps."""
    require("pandas", "polars")
    pandas = pytest.importorskip("pandas")
    graph = evgraph.open(queries=ROOT / "examples" / "questions")
    expected = list(graph.query("guidance-since", year=2007))
    for column in ([2007, 2008], [2007, None]):
        year = pandas.Series(column).iloc[0]
        assert list(graph.query("guidance-since", year=year)) == expected
        assert list(graph.query("guidance-since", year=[year])) == expected


def test_a_parameter_takes_a_thing_of_the_graph(graph: evgraph.Graph) -> None:
    cell = graph.cell("drug:E4")
    assert list(graph.query("cell-contents", cell=cell)) == list(graph.query("cell-contents", cell="drug:E4"))


def test_a_question_that_gives_triples_gives_a_graph(graph: evgraph.Graph) -> None:
    record = graph.query("describe", iri="doc:timko-2007")
    assert (URIRef(f"{ID}doc/timko-2007"), rdflib.RDF.type, URIRef("https://w3id.org/evgraph/ns#Trial")) in record
    assert "doc:timko-2007 a evg:" in record.serialize()


def test_sparql_of_ones_own(graph: evgraph.Graph) -> None:
    assert graph.sparql("ASK { doc:timko-2007 a evg:Guidance }") is False
    made = graph.sparql("CONSTRUCT { ?s a evg:Trial } WHERE { ?s a evg:Trial }", limit=1)
    assert isinstance(made, rdflib.Graph)
    assert len(made) == 1
    assert rows(graph, "SELECT ?x WHERE {} LIMIT 1")[0]["x"] is None


def test_notes_tell_why_there_is_no_row(graph: evgraph.Graph) -> None:
    answer = graph.query("cell-contents", cell="drug:A1")
    assert answer.notes == ("no page of cell:drug-A1 is in this graph; it has cell:alcohol-E4, cell:drug-E4",)
    assert repr(answer).endswith(f"note: {answer.notes[0]}\n0 rows")
    assert "note: no page of cell:drug-A1" in answer._repr_html_()


AWKWARD = (
    "SELECT ?whole ?broken ?year ?day ?yes ?bad ?words ?huge ?none WHERE { ?s <http://example.org/whole> ?whole "
    + (
        "".join(
            f"; <http://example.org/{name}> ?{name} "
            for name in ("broken", "year", "day", "yes", "bad", "words", "huge")
        )
        + "}"
    )
)


def test_plain_values(small: evgraph.Graph) -> None:
    [values] = rows(small, AWKWARD).to_dicts()
    assert values == {
        "whole": 1,
        "broken": 0.5,
        "year": 2007,
        "day": __import__("datetime").date(2007, 2, 3),
        "yes": True,
        "bad": "20x7",
        "words": '<b>&"',
        "huge": 123456789012345678901234567890,
        "none": None,
    }


def test_data_frames_have_types(small: evgraph.Graph) -> None:
    require("pandas", "polars")
    answer = rows(small, AWKWARD)
    frame = answer.to_pandas()
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "whole": "Int64",
        "broken": "Float64",
        "year": "Int64",
        "day": "datetime64[s]",
        "yes": "boolean",
        "bad": "string",
        "words": "string",
        "huge": "string",
        "none": "string",
    }
    assert frame["year"][0] == 2007
    assert frame["none"].isna().all()
    assert frame["huge"][0] == "123456789012345678901234567890"
    import polars as pl

    other = answer.to_polars()
    assert other.schema == {
        "whole": pl.Int64,
        "broken": pl.Float64,
        "year": pl.Int64,
        "day": pl.Date,
        "yes": pl.Boolean,
        "bad": pl.String,
        "words": pl.String,
        "huge": pl.String,
        "none": pl.String,
    }
    assert other.rows() == [tuple((answer.to_dicts()[0] | {"huge": "123456789012345678901234567890"}).values())]


def test_a_column_of_whole_numbers_and_others_is_of_numbers(small: evgraph.Graph) -> None:
    require("pandas", "polars")
    answer = rows(small, "SELECT ?n WHERE { VALUES ?n { 1 0.5 UNDEF } } ORDER BY ?n")
    assert answer.to_polars().rows() == [(None,), (0.5,), (1.0,)]
    assert str(answer.to_pandas().dtypes["n"]) == "Float64"
    mixed = rows(small, 'SELECT ?n WHERE { VALUES ?n { 1 "b" } } ORDER BY ?n')
    assert sorted(mixed.to_polars()["n"]) == ["1", "b"]


def test_data_frames_of_no_row_keep_the_columns(graph: evgraph.Graph) -> None:
    require("pandas", "polars")
    answer = graph.query("cell-contents", cell="drug:A1")
    assert list(answer.to_pandas().columns) == list(answer.to_polars().columns) == list(answer.columns)


def test_iris_are_text_and_short_if_asked(graph: evgraph.Graph) -> None:
    require("pandas", "polars")
    answer = graph.query("shared-documents")
    assert answer.to_pandas()["document"][0] == f"{ID}doc/ghose-2008"
    assert answer.to_polars(curies=True)["document"][0] == "doc:ghose-2008"


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_a_missing_library_is_told_with_the_way_out(
    graph: evgraph.Graph, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    answer = graph.query("shared-documents")
    with pytest.raises(evgraph.UsageError, match=f"{name} is not installed\n  pip install {name}"):
        getattr(answer, f"to_{name}")()


def test_csv_is_the_commands(graph: evgraph.Graph) -> None:
    lines = graph.query("cell-contents", cell="drug:E4").to_csv().splitlines()
    assert lines[0] == "position,marker,entry,headline,document,document_label,year,date,publisher"
    assert len(lines) == 16


def test_a_notebook_shows_a_table_with_everything_escaped(small: evgraph.Graph) -> None:
    shown = rows(
        small,
        "SELECT * WHERE { ?s <http://example.org/words> ?words ; <http://example.org/link> ?link ; "
        "<http://example.org/web> ?web }",
    )._repr_html_()
    assert "&lt;b&gt;&amp;&#34;" in shown
    assert "<b>" not in shown
    assert '<a href="https://example.org/?a=1&amp;b=2" rel="noreferrer">' in shown
    assert 'href="javascript' not in shown


def test_a_notebook_shows_the_first_rows_and_says_how_many_there_are(graph: evgraph.Graph) -> None:
    answer = rows(graph, "SELECT DISTINCT ?p WHERE { ?p a evg:Passage }")
    assert len(answer) > 50
    shown = answer._repr_html_()
    assert shown.count("<tr>") == 51
    assert f"<p>the first 50 of {len(answer)} rows</p>" in shown
    assert repr(answer).endswith(f"\nthe first 20 of {len(answer)} rows")
    assert len(repr(answer).splitlines()) == 23


def test_questions_show_themselves(graph: evgraph.Graph) -> None:
    assert "cell-contents" in graph.questions
    assert "cell" not in graph.questions
    assert graph.questions.get("cell") is None
    assert len(graph.questions) == len(list(graph.questions)) == len(repr(graph.questions).splitlines())
    assert "<td" in graph.questions._repr_html_()
    question = graph.questions["cell-contents"]
    assert question.parameters["cell"].example == "drug:E4"
    assert "<code>drug:E4</code>" in question._repr_html_()
    assert "  cell: the cell whose entries to list; such as drug:E4" in repr(question)


def test_a_cell_and_what_it_lists(graph: evgraph.Graph) -> None:
    cell = graph.cell("drug:E4")
    assert graph.cell(URIRef(f"{ID}cell/drug-E4")) == cell
    assert cell in graph.cells
    assert (cell.matrix, cell.square) == ("drug", "E4")
    listed = [(str(row["headline"]), str(row["marker"])) for row in graph.query("cell-contents", cell=cell)]
    assert [(entry.headline, " ".join(entry.markers)) for entry in cell.entries] == listed
    guidance = next(entry for entry in cell.entries if entry.publisher)
    assert guidance.country == "UK"
    assert guidance.cell == cell
    assert [document.kinds for document in guidance.documents] == [("Guidance",)]
    assert cell.commentary is None
    commentary = graph.cell("alcohol:E4").commentary
    assert commentary
    assert [section.position for section in commentary.sections] == sorted(
        section.position or 0 for section in commentary.sections
    )
    assert commentary.sections[0].role == "about"


def test_a_document_and_what_leads_to_it(graph: evgraph.Graph) -> None:
    document = graph.document("timko-2007")
    assert [str(entry.cell and entry.cell.iri) for entry in document.entries] == [
        f"{ID}cell/alcohol-E4",
        f"{ID}cell/drug-E4",
    ]
    assert document.identifiers.items() >= {"doi": "10.1016/j.drugalcdep.2007.04.007", "pmid": "17524574"}.items()
    kinds = {(reference.kind, reference.resolution) for reference in document.references}
    assert ("corresponding", "resolved") in kinds
    guidance = graph.document("nice-2011-commissioning")
    ambiguous = next(reference for reference in guidance.references if reference.resolution == "ambiguous")
    assert ambiguous.target is None
    assert len(ambiguous.candidates) > 1
    assert graph.document("nice-2011-guidelines").publishers == ("National Institute for Health and Care Excellence",)
    assert repr(document) == "<Document doc:timko-2007: Timko & DeBenedetti (2007)>"
    assert {document: 1}[graph.document("doc:timko-2007")] == 1


def test_every_property_of_a_thing_has_its_docstring() -> None:
    properties = {name: value for name, value in vars(Entry).items() if isinstance(value, property)}
    assert properties.keys() >= {"headline", "markers", "documents"}
    docs = [inspect.getdoc(value) for value in properties.values()]
    assert len(set(docs)) == len(docs)
    assert inspect.getdoc(Entry.date) == "The date, as printed."


@asks_a_dataset
def test_rdflib_gets_all_of_it(graph: evgraph.Graph) -> None:
    dataset = graph.to_rdflib()
    triples = rows(graph, "SELECT (COUNT(*) AS ?n) WHERE { SELECT DISTINCT ?s ?p ?o WHERE { ?s ?p ?o } }")
    assert rdflib.Literal(len(set(dataset.triples((None, None, None))))) == triples[0]["n"]
    assert URIRef(f"{ID}graph/drug-E4") in {named.identifier for named in dataset.graphs()}
    [found] = dataset.query('SELECT ?d WHERE { ?d bibo:pmid "17524574" }')
    assert found == (URIRef(f"{ID}doc/timko-2007"),)
    assert (None, None, rdflib.Literal("17524574")) in dataset
    assert graph.to_rdflib() is not dataset


def test_a_validation_tells_each_fault_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    require("pandas", "polars")
    monkeypatch.chdir(ROOT)
    found = evgraph.open("examples/faulty.ttl").validate(year=2026)
    assert not found.conforms
    assert [(finding.severity, finding.rule, finding.line) for finding in found] == [
        ("violation", "DocumentShape-issued", 23),
        ("violation", "EntryShape-lists", 15),
        ("violation", "EntryShape-statedIn", 13),
        ("info", "unreached-document", 21),
    ]
    assert found[1].focus == URIRef(f"{ID}entry/drug-C2/lost-2020")
    assert found[1].value == URIRef(f"{ID}doc/lost-2020")
    assert found[2].value is None
    assert found.of("info") == [found[3]]
    assert repr(found).startswith("examples/faulty.ttl:23: violation DocumentShape-issued: doc:holm-2021 ")
    assert repr(found).endswith("\n3 violations, 1 info; 2 things checked")
    assert list(found.to_pandas()["line"]) == list(found.to_polars()["line"]) == [23, 15, 13, 21]
    assert "<td" in found._repr_html_()
    with pytest.raises(evgraph.UsageError, match="no severity 'warnings'; did you mean 'warning'"):
        found.of("warnings")


def test_a_validation_by_other_shapes(graph: evgraph.Graph, tmp_path: Path) -> None:
    shapes = tmp_path / "house.ttl"
    shapes.write_text(
        f"@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix evg: <{EVG}> . @prefix x: <http://example.org/> .\n"
        "x:House a sh:NodeShape ; sh:targetClass evg:Trial ; sh:property x:House-doi .\n"
        'x:House-doi sh:path <http://purl.org/ontology/bibo/issn> ; sh:minCount 1 ; sh:message "A trial has a DOI." .'
    )
    trials = rows(graph, "SELECT DISTINCT ?t WHERE { ?t a evg:Trial }")
    assert {finding.rule for finding in graph.validate(shapes=[shapes])} == {"House-doi"}
    assert len(graph.validate(shapes=[shapes])) == len(trials)
    assert {finding.rule for finding in graph.validate(add_shapes=[shapes])} > {"House-doi"}
    sound = tmp_path / "sound.ttl"
    sound.write_text(
        f"@prefix evg: <{EVG}> .\n"
        '<http://example.org/t> a evg:Trial ; <http://purl.org/ontology/bibo/issn> "1234-5678" .'
    )
    conforming = evgraph.open(sound).validate(shapes=[shapes])
    assert conforming.conforms
    assert repr(conforming) == "no findings; 1 thing checked"


def same_as_shipped(other: evgraph.Graph, graph: evgraph.Graph) -> None:
    """Hold a graph from elsewhere to what the shipped one answers."""
    asked: dict[str, dict[str, Any]] = {
        "guidance-citing-trials": {"trial": "timko-2007"},
        "cell-contents": {"cell": "drug:E4"},
    }
    for name, values in asked.items():
        answer, expected = other.query(name, **values), graph.query(name, **values)
        assert list(answer) == list(expected)
        assert repr(answer) == repr(expected)
    assert other.cells == graph.cells
    assert other.cell("drug:E4").entries == graph.cell("drug:E4").entries
    assert other.document("timko-2007").identifiers == graph.document("timko-2007").identifiers
    assert set(other.query("describe", iri="doc:timko-2007")) == set(graph.query("describe", iri="doc:timko-2007"))


@pytest.mark.slow
def test_a_store_on_disk_answers_the_same(graph: evgraph.Graph, tmp_path: Path) -> None:
    build(tmp_path / "store", find([shipped_files.data()]))
    kept = evgraph.open(store=tmp_path / "store")
    assert repr(kept) == f"<evgraph.Graph of {tmp_path / 'store'}>"
    same_as_shipped(kept, graph)
    assert kept.export(cells=["drug:E4"]) == graph.export(cells=["drug:E4"])
    found, expected = kept.validate(year=2026), graph.validate(year=2026)
    assert {(finding.rule, finding.triple) for finding in found} == {
        (finding.rule, finding.triple) for finding in expected
    }
    assert found[0].file
    assert "notice: literals were checked as the engine returns them" in repr(found)


@pytest.mark.slow
def test_a_server_answers_the_same(graph: evgraph.Graph, oxigraph_server: Server) -> None:
    with oxigraph_server.holding(("http://example.org/all", graph.export(with_ontology=True))):
        asked = evgraph.open(endpoint=oxigraph_server.query)
        assert repr(asked) == f"<evgraph.Graph of {oxigraph_server.query}>"
        same_as_shipped(asked, graph)
        [only] = [named for named in asked.to_rdflib().graphs() if len(named)]
        assert only.identifier == URIRef("http://example.org/all")
        assert {finding.rule for finding in asked.validate(year=2026)} == {
            finding.rule for finding in graph.validate(year=2026)
        }
        assert rows(asked, "SELECT ?t WHERE { ?t a evg:Trial }").columns == ("t",)
        assert asked.query("shared-documents", timeout=60)[0] == graph.query("shared-documents")[0]
        with pytest.raises(evgraph.UsageError, match="a server has memory limits of its own\n  leave max_memory out"):
            asked.query("shared-documents", max_memory=500)


def test_what_was_loaded_into_a_server_is_exported_as_from_files(oxigraph_server: Server) -> None:
    files = find([ROOT / "examples" / "register"])
    with oxigraph_server.holding() as server:
        list(push(server, parts(files, beside=always_loaded())))
        asked, here = evgraph.open(endpoint=server.endpoint.query), evgraph.open(ROOT / "examples" / "register")
        assert asked.export(format="trig") == here.export(format="trig")
        assert asked.export(resources=["org:harbour-forum"]) == here.export(resources=["org:harbour-forum"])
        oxigraph_server.drop(*server.graphs())


def test_a_server_that_is_not_there() -> None:
    nobody = evgraph.open(endpoint="http://127.0.0.1:9/query")
    with pytest.raises(evgraph.EndpointError):
        nobody.query("shared-documents")


@pytest.mark.slow
def test_an_export_is_the_commands(graph: evgraph.Graph, run: Run) -> None:
    for options, arguments in (
        ((), {}),
        (("--cell", "E4", "--format", "trig"), {"cells": ["E4"], "format": "trig"}),
        (("--resource", "doc:timko-2007", "--with-ontology"), {"resources": ["doc:timko-2007"], "with_ontology": True}),
    ):
        export: Any = graph.export
        assert export(**arguments) == run("export", *options).stdout


def test_the_words_of_a_passage(run: Run, tmp_path: Path) -> None:
    require("pandas", "polars")
    register = ROOT / "examples" / "register"
    folder = tmp_path / "graph"
    run("ingest", PAGES, "-o", folder, "--register", register)
    pages = tmp_path / "pages"
    pages.mkdir()
    passage = evgraph.open(folder).cell("drug:C2").entries[0].passages[0]
    with pytest.raises(evgraph.UnreadableError, match="no page in this folder"):
        passage.text(pages)
    page = (PAGES / "drug-c2.txt").read_bytes()
    (pages / "page.txt").write_bytes(page + b"More.\n")
    with pytest.raises(evgraph.UnreadableError, match=r"has changed: .*page\.txt is not the text"):
        passage.text(pages)
    (pages / "page.txt").write_bytes(page)
    words = passage.text(pages)
    assert words == page.decode()[passage.start : passage.end]
    assert "First test of live supervision" in words
    run("ingest", PAGES, "-o", folder, "--register", register, "--with-text")
    assert evgraph.open(folder).cell("drug:C2").entries[0].passages[0].text() == words


NOBODY = "http://127.0.0.1:9/query"
WRONG_CALLS: list[tuple[Any, str]] = [
    (lambda g: g.query("guidance-citing-trial"), "guidance-citing-trials'?\n  graph.questions lists them"),
    (lambda g: g.query(7), "the name of a question is a str, not int"),
    (lambda g: g.query("cell-contents"), '\n  graph.query("cell-contents", cell="drug:E4")'),
    (lambda g: g.query("cell-contents", cell="E4"), '\n  cell="drug:E4" or cell="alcohol:E4"'),
    (lambda g: g.query("cell-contents", cel="drug:E4"), "has no parameter 'cel'; did you mean 'cell'?"),
    (lambda g: g.query("cell-contents", cell="drug:E9"), "cell='drug:E9': expected a cell"),
    (lambda g: g.query("cell-contents", cell=4.5), "cell=4.5: expected text, a whole number"),
    (lambda g: g.query("cell-contents", cell=True), "cell=True: expected text"),
    (lambda g: g.query("cell-contents", cell=b"drug:E4"), "cell=b'drug:E4': expected text"),
    (lambda g: g.document(""), "words of its headline"),
    (lambda g: g.document(float("nan")), "document=nan: expected text"),
    (lambda g: g.query("cell-contents", cell={"a": 1}), "expected text"),
    (lambda g: g.query("cell-contents", cell=[]), "cell: an empty list"),
    (lambda g: g.query("cell-contents", cell="drug:E4", limit=-1), "limit=-1: expected a whole number from 0"),
    (lambda g: g.query("cell-contents", cell="drug:E4", limit="3"), "limit='3': expected"),
    (lambda g: g.query("shared-documents", timeout=0), "timeout=0: expected a number of seconds above 0"),
    (lambda g: g.query("shared-documents", timeout="1"), "timeout='1': expected a number of seconds"),
    (lambda g: g.sparql("ASK {}", timeout=math.inf), "timeout=inf: expected a number of seconds above 0 and up to"),
    (lambda g: g.validate(timeout=math.nan), "timeout=nan: expected a number of seconds above 0 and up to"),
    (lambda g: g.sparql("ASK {}", max_memory=1 << 40), "max_memory=1099511627776: expected at most 16777216"),
    (lambda g: g.sparql("ASK {}", max_memory=0.5), "max_memory=0.5: expected a whole number from 1"),
    (
        lambda g: g.sparql("ASK {}", max_memory=1),
        "1 MB are too little for any query\n  give max_memory at least 256, or leave it out",
    ),
    (lambda _: OPEN(queries=7), "a path is a str or a Path, not int"),
    (lambda g: g.query("SELECT * { ?s ?p ?o }"), 'takes the name of a question\n  sparql("…") runs a SPARQL query'),
    (lambda g: g.sparql("shared-documents"), 'is a canned question, not SPARQL\n  graph.query("shared-documents")'),
    (lambda g: g.pick_list("timelin", "marker"), "did you mean 'timeline'?"),
    (lambda g: g.pick_list("timeline", "markr"), "did you mean 'marker'?"),
    (lambda g: g.pick_list("search", "text"), "there is no list of values for 'text'"),
    (lambda g: g.query("changes-since", version="none"),
     "version='none': no such file or folder\n  name an earlier export"),
    (lambda g: g.query("shared-documents").to_csv("/dev/null/x"), "/dev/null/x: cannot be written"),
    (lambda g: g.query("describe"), 'query("describe", iri="doc:timko-2007")'),
    (lambda g: g.cell("E4"), "a cell of both matrices"),
    (lambda g: g.cell("drug:A1"), "no page of cell:drug-A1 is in this graph; it has cell:alcohol-E4"),
    (lambda g: g.cell(None), "cell=None: expected text"),
    (lambda g: g.document("timko-2006"), "doc:timko-2006 is not in this graph; it has doc:timko-2007"),
    (lambda g: g.sparql("SELECT ?x WHERE { ?x a }"), "query:1: the query is not legal SPARQL"),
    (lambda g: g.sparql("DELETE WHERE { ?s ?p ?o }"), "a query changes nothing"),
    (lambda g: g.sparql("SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }"), "not allowed"),
    (lambda g: g.sparql("SELECT ?x { ?x a \ud800 }"), "query:1: not UTF-8"),
    (lambda g: g.sparql(b"ASK {}"), "a query is a str, not bytes"),
    (lambda g: g.query("shared-documents")[0]["documnet"], "no column 'documnet'; did you mean 'document'?"),
    (lambda g: g.query("shared-documents")["document"], 'rows.to_pandas()["document"]'),
    (lambda g: g.cell("drug:E4").entries[0].passages[0].text(), "not their words\n  name the folder"),
    (lambda g: g.cell("drug:E4").entries[0].passages[0].text("no-such-folder"), "no such folder of pages"),
    (lambda g: g.cell("drug:E4").entries[0].passages[0].text(PAGES), "is the page of cell:drug-E4"),
    (lambda _: evgraph.open("no-such-folder"), "no-such-folder: no such file or folder"),
    (lambda _: OPEN(4), "a path is a str or a Path, not int"),
    (lambda _: OPEN("a", store="b"), "paths and store both say where the data is"),
    (lambda _: OPEN(store="examples"), "examples"),
    (lambda _: OPEN(endpoint="localhost:7878"), "is not an address with http or https"),
    (lambda g: g.export(format="ttl"), "cannot write triples as ttl; use turtle"),
    (lambda g: g.export(cells="drug:E4"), 'cells is a list\n  cells=["drug:E4"]'),
    (lambda g: g.export(cells=["drug:A1"]), "cell drug:A1 is not in the data"),
    (lambda _: OPEN(["a", "b"]), "a path is a str or a Path, not list"),
    (lambda g: g.describe("timkko"), "iri='timkko': no document, section, organisation or cell in this graph"),
    (lambda g: g.validate(shapes=["no-such.ttl"]), "no-such.ttl: no such file or folder"),
    (lambda g: g.validate(timeout=0), "timeout=0: expected a number of seconds above 0"),
    (lambda g: g.export(resources=["doc:timko-2006"]), "about doc:timko-2006\n  did you mean doc:timko-2007"),
    (lambda g: g.questions["timelin"], "did you mean 'timeline'?\n  graph.questions lists them"),
    (lambda _: evgraph.open(store="no-such-store").cells, "no-such-store"),
    (lambda _: evgraph.open(endpoint=NOBODY).cells, NOBODY),
    (lambda _: evgraph.open(endpoint=NOBODY).labels(["doc:timko-2007"]), NOBODY),
    (lambda _: evgraph.open(endpoint=NOBODY).to_rdflib(), NOBODY),
    (lambda g: g.text_of("passage:1/2-3", "no-such-folder"), "no such folder of pages"),
]  # fmt: skip
"""Call → a part of its error."""


@pytest.mark.parametrize(("wrong", "message"), WRONG_CALLS)
def test_an_error_names_arguments_and_methods(graph: evgraph.Graph, wrong: Any, message: str) -> None:
    with pytest.raises(evgraph.EvgraphError) as error:
        wrong(graph)
    assert message in str(error.value)
    assert isinstance(error.value.hint, str | None)
    assert not OF_THE_COMMAND.search(str(error.value))
    assert "Hint." not in str(error.value)


def test_every_public_method_is_called_wrongly() -> None:
    called = {name for call, _ in WRONG_CALLS for name in call.__code__.co_names}
    assert {name for name in vars(evgraph.Graph) if not name.startswith("_")} - called == set()


def test_threads_ask_one_graph(graph: evgraph.Graph) -> None:
    expected = list(graph.query("guidance-citing-trials", trial="timko-2007"))

    def ask(number: int) -> bool:
        if number % 3 == 0:
            return len(graph.cell("drug:E4").entries) == 15
        if number % 3 == 1:
            answer = graph.query("guidance-citing-trials", trial="timko-2007")
            return list(answer) == expected and "alcohol-E4:41" in repr(answer)
        return graph.sparql("ASK { doc:timko-2007 a evg:Trial }") is True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(48)))
