"""What people type for a thing, in one table for the command and for Python; what is like a name that nothing has."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

import evgraph
from evgraph.export.describe import DATASET
from evgraph.namespaces import ID, cell_name, curie
from evgraph.query.catalogue import Catalogue
from evgraph.query.notes import notes as notes_on
from evgraph.query.parameters import read
from evgraph.query.question import Parameter
from evgraph.query.runner import bind
from evgraph.query.things import KINDS, find, most_alike
from evgraph.rdf.files import find as find_files
from evgraph.store.disk import build

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Run
    from tests.servers import Server

DATA = f"""
@base <{ID}> . @prefix evg: <https://w3id.org/evgraph/ns#> . @prefix dcterms: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix prov: <http://www.w3.org/ns/prov#> .
@prefix bibo: <http://purl.org/ontology/bibo/> .
<doc/oak-2001> a evg:Document ; rdfs:label "Oak & Elm (2001)"@en ; bibo:doi "10.1234/OAK" ; bibo:pmid "17000001" ;
    evg:identification <identification/oak/key> .
<identification/oak/key> evg:identifierValue "Oak_C_1" ;
    evg:identifierScheme <scheme/identifier-scheme/bank-key> .
<doc/elm-2002> a evg:Document ; rdfs:label "Elm (2002)"@en ; dcterms:title "Trees in winter" .
<section/drug-E4/start> a evg:Section ; dcterms:title "Where do leaves go?" .
<section/drug-E4/issue-1> a evg:Section ; dcterms:title "Winter in the forest" .
<org/forest> a schema:Organization ; rdfs:label "Forest office" ; skos:altLabel "FO" .
<snapshot/drug-E4/a> prov:specializationOf <cell/drug-E4> .
<snapshot/alcohol-E4/a> prov:specializationOf <cell/alcohol-E4> .
"""
THING = Parameter("it", "iri", "", "", required=True)
DESCRIBE = Catalogue()["describe"]
OAK = "using Oak & Elm (2001) (doc:oak-2001) for"
GO = "using Where do leaves go? (section:drug-E4/start) for"
OFFICE = "using Forest office (org:forest) for"
THINGS = [
    ("doc:oak-2001", "doc:oak-2001", None),
    (f"<{ID}doc/oak-2001>", "doc:oak-2001", None),
    ("oak-2001", "doc:oak-2001", None),
    ("Oak-2001", "doc:oak-2001", None),
    ("oak", "doc:oak-2001", f"{OAK} 'oak'"),
    (" oak ", "doc:oak-2001", f"{OAK} 'oak'"),
    ("10.1234/oak", "doc:oak-2001", f"{OAK} '10.1234/oak'"),
    ("https://doi.org/10.1234/oak", "doc:oak-2001", f"{OAK} 'https://doi.org/10.1234/oak'"),
    ("PMID: 17000001", "doc:oak-2001", f"{OAK} 'PMID: 17000001'"),
    ("oak_c_1", "doc:oak-2001", f"{OAK} 'oak_c_1'"),
    ("section:drug-E4/start", "section:drug-E4/start", None),
    ("drug-E4/start", "section:drug-E4/start", None),
    ("leaves go", "section:drug-E4/start", f"{GO} 'leaves go'"),
    ("forest", "org:forest", None),
    ("fo", "org:forest", f"{OFFICE} 'fo'"),
    ("forest office", "org:forest", f"{OFFICE} 'forest office'"),
    ("drug:E4", "cell:drug-E4", None),
    ("Cell drug E4", "cell:drug-E4", None),
    ("drug matrix cell E4", "cell:drug-E4", None),
]
"""What is typed → the thing and the note, in each face that takes things of all kinds."""
AMBIGUOUS = [
    (
        "E4",
        "this may mean 2 things\n  name one of them:\n"
        "    cell:alcohol-E4  Alcohol Treatment Matrix cell E4: Treatment systems; Psychosocial therapies (cell)\n"
        "    cell:drug-E4  Drug Treatment Matrix cell E4: Treatment systems; Psychosocial therapies (cell)",
    ),
    (
        "winter",
        "this may mean 2 things\n  name one of them:\n    doc:elm-2002  Elm (2002) (document)\n"
        "    section:drug-E4/issue-1  Winter in the forest (section)",
    ),
    (
        "trees in wintr",
        "no document, section, organisation or cell in this graph has this name, or these words in a name or title;"
        " did you mean doc:elm-2002 (Elm (2002)), section:drug-E4/issue-1 (Winter in the forest)?",
    ),
    (
        "zzz",
        "no document, section, organisation or cell in this graph has this name, or these words in a name or title",
    ),
    ("\x1b[31m", "no document, section, organisation or cell in this graph has this name, or these words in a name or"),
    (
        "doc:",
        "expected an IRI, a CURIE such as doc:timko-2007, or the name of a document, section, organisation or cell",
    ),
]
"""What is typed → the message that each face gives."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("things") / "things.ttl"
    path.write_text(DATA, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def graph(data: Path) -> evgraph.Graph:
    return evgraph.open(data)


def warned(call: Callable[[], Any]) -> tuple[Any, list[str]]:
    """Return what a call returns, and its warnings, which must name this file."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        value = call()
    assert {warning.filename for warning in caught} <= {__file__}
    return value, [str(warning.message) for warning in caught]


def triples(content: str | bytes) -> set[ox.Triple]:
    """Return the triples, but for those that say of which dataset an export is."""
    found = (quad.triple for quad in ox.parse(content, format=ox.RdfFormat.N_TRIPLES))
    return {triple for triple in found if triple.subject != ox.NamedNode(DATASET)}


@pytest.mark.default_cases(3)
@pytest.mark.parametrize(("typed", "name", "note"), THINGS)
def test_a_name_means_the_same_thing_everywhere(
    run: Run, data: Path, graph: evgraph.Graph, typed: str, name: str, note: str | None
) -> None:
    notes = [note] if note else []
    stderr = "".join(f"note: {text}\n" for text in notes)
    expected = triples(run("export", "--data", data, "--resource", name, "--format", "ntriples").output)
    assert expected
    for words in (["export", "--resource", typed], ["query", "describe", "-p", f"iri={typed}"]):
        ran = run(*words, "--data", data, "--format", "ntriples")
        assert (ran.code, ran.stderr) == (0, stderr)
        assert triples(ran.output) == expected
    for call in (lambda: graph.describe(typed), lambda: graph.query("describe", iri=typed)):
        described, found = warned(call)
        assert (triples(described.serialize(format="nt")), found) == (expected, notes)
    exported, found = warned(lambda: graph.export(resources=[typed], format="ntriples"))
    assert (triples(exported), found) == (expected, notes)
    if name.startswith("doc:"):
        assert curie(graph.document(typed).iri) == name
        ran = run("query", "see-also", "-p", f"document={typed}", "--data", data, "--format", "csv")
        assert (ran.code, ran.stderr) == (0, f"{stderr}no rows\n")
        assert graph.query("see-also", document=typed).notes == tuple(notes)


@pytest.mark.parametrize(("typed", "message"), [*AMBIGUOUS, ("the office: tree", "no document, section, organisation")])
def test_a_name_of_several_things_or_none_is_refused_everywhere(
    run: Run, data: Path, graph: evgraph.Graph, typed: str, message: str
) -> None:
    value = re.sub("\x1b", "⟨U+001B⟩", typed)
    for words, option in (
        (["export", "--resource", typed], f"--resource {value}"),
        (["query", "describe", "-p", f"iri={typed}"], f"-p iri={value}"),
    ):
        ran = run(*words, "--data", data)
        assert (ran.code, ran.stdout) == (2, "")
        assert ran.stderr.startswith(f"evgraph: {option}: {message}")
    calls: dict[str, Callable[[], object]] = {
        "iri": lambda: graph.describe(typed),
        "resources": lambda: graph.export(resources=[typed]),
    }
    for name, call in calls.items():
        with pytest.raises(evgraph.UsageError) as refused:
            call()
        assert str(refused.value).startswith(f"{name}={value!r}: {message}")


@pytest.mark.default_cases(2)
@pytest.mark.parametrize(
    "typed", ["drug:E4", "drug E4", "Cell drug E4", "drug matrix cell E4", "Drug Treatment Matrix E4", "cell:drug-E4"]
)
def test_a_cell_is_named_alike_everywhere(run: Run, typed: str) -> None:
    graph = evgraph.open()
    assert graph.cell(typed) == graph.cell("drug:E4")
    assert graph.export(cells=[typed]) == graph.export(cells=[graph.cell("drug:E4")])
    assert list(graph.query("cell-contents", cell=typed)) == list(graph.query("cell-contents", cell="drug:E4"))
    named = run("export", "--cell", typed)
    assert (named.code, named.stderr) == (0, "")
    assert named.output == run("export", "--cell", "drug:E4").output


@pytest.mark.default_cases(1)
@pytest.mark.parametrize("typed", ["E4", "cell E4", "Cell e4"])
def test_a_square_is_the_cells_of_both_matrices(run: Run, typed: str) -> None:
    assert run("export", "--cell", typed).output == run("export", "--cell", "drug:E4", "--cell", "alcohol:E4").output
    with pytest.raises(evgraph.UsageError, match="a cell of both matrices"):
        evgraph.open().cell(typed)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("cell E4", ("", "E4")),
        ("Cell drug E4", ("drug", "E4")),
        ("alcohol cell b2", ("alcohol", "B2")),
        ("Alcohol Treatment Matrix cell A1", ("alcohol", "A1")),
        ("drug matrix: E 4", ("drug", "E4")),
        ("drug" + " " * 50_000 + "x", None),
        ("cellE4", None),
        ("matrix E4", None),
        ("drug matrix", None),
        ("cell", None),
    ],
)
def test_names_of_cells(typed: str, name: tuple[str, str] | None) -> None:
    assert cell_name(typed) == name


@pytest.mark.parametrize(
    ("typed", "notes"),
    [
        ("leaves go", [f"{GO} 'leaves go'"]),
        ("drug-E4/issue-1", []),
        (
            "section:drug-E4/issue-99",
            ["section:drug-E4/issue-99 is not in this graph; it has section:drug-E4/issue-1 (Winter in the forest)"],
        ),
    ],
)
def test_a_section_is_a_value_of_a_question(graph: evgraph.Graph, typed: str, notes: list[str]) -> None:
    found = [note.partition(", section:")[0] for note in graph.query("issue-evidence", section=typed).notes]
    assert found == notes
    with pytest.raises(evgraph.UsageError, match="no section in this graph has this name"):
        graph.query("issue-evidence", section="Oak")


@pytest.mark.parametrize(
    ("name", "value", "note"),
    [
        ("iri", "doc:oak-2002", "doc:oak-2002 is not in this graph; it has doc:oak-2001 (Oak & Elm (2001)),"),
        ("iri", "http://example.org/a", "http://example.org/a is not in this graph"),
        ("doi", "10.1234/oka", "this graph has no DOI '10.1234/oka'; did you mean '10.1234/OAK'?"),
        ("pmid", "17000002", "this graph has no PMID '17000002'; did you mean '17000001'?"),
        ("key", "Oak_C_2", "this graph has no key 'Oak_C_2'; did you mean 'Oak_C_1'?"),
        ("key", "\x1b", "this graph has no key '⟨U+001B⟩'"),
        ("doi", "https://doi.org/10.1234/Oak", None),
        ("pmid", "17000001", None),
        ("key", "oak_c_1", None),
    ],
)
def test_nothing_is_described_without_a_note(
    run: Run, data: Path, graph: evgraph.Graph, name: str, value: str, note: str | None
) -> None:
    values: dict[str, Any] = {name: value}
    described, notes = warned(lambda: graph.query("describe", **values))
    ran = run("query", "describe", "-p", f"{name}={value}", "--data", data)
    assert ran.code == 0
    if note is None:
        assert (bool(described), notes, ran.stderr) == (True, [], "")
        return
    (only,) = notes
    assert only.startswith(note)
    assert (len(described), ran.stderr) == (0, f"note: {only}\nno triples\n")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("oak-2002", "doc:oak-2002 is not in this graph; it has doc:oak-2001 (Oak & Elm (2001)), doc:elm-2002"),
        (
            "tres in Wnter",
            "document='tres in Wnter': no document in this graph has this name, or these words in a name or title; did"
            " you mean doc:elm-2002 (Elm (2002))?",
        ),
        ("", "document='': expected a document: timko-2007"),
    ],
)
def test_a_missing_document_is_refused_with_the_nearest(graph: evgraph.Graph, value: str, message: str) -> None:
    with pytest.raises(evgraph.UsageError) as refused:
        graph.document(value)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("engine", ["oxigraph_server", "virtuoso"])
def test_a_server_takes_names_too(
    graph: evgraph.Graph, engine: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    server: Server = request.getfixturevalue(engine)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    with server.holding((f"{ID}graph/all", graph.export(with_ontology=True))):
        asked = evgraph.open(endpoint=server.query)
        for typed, name, note in THINGS:
            notes: list[str] = []
            (term,) = read(THING, typed, asked.store, notes)
            assert (curie(str(term.value)), notes) == (name, [note] if note else [])
        for text in ("wintr elm", "forst ofice"):
            assert most_alike(asked.store, text, KINDS) == most_alike(graph.store, text, KINDS)
        for values in ({"doi": "10.1234/oka"}, {"pmid": "17000002"}, {"doi": "10.1234/oak"}, {"key": "Oak_C_2"}):
            bound = bind(asked.store, DESCRIBE, values)
            assert list(notes_on(asked.store, DESCRIBE, bound)) == list(notes_on(graph.store, DESCRIBE, bound))


def test_a_store_on_disk_takes_names_too(run: Run, data: Path, tmp_path: Path) -> None:
    build(tmp_path / "store", find_files([data]))
    ran = run("export", "--resource", "oak", "--store", tmp_path / "store", "--format", "ntriples")
    assert (ran.code, ran.stderr) == (0, f"note: {OAK} 'oak'\n")
    assert triples(ran.output) == triples(evgraph.open(data).export(resources=["oak-2001"], format="ntriples"))


def test_a_cell_without_statements_is_refused(tmp_path: Path) -> None:
    """A store or a server may lack the matrices, which describe the cells."""
    (tmp_path / "one.ttl").write_text(DATA, encoding="utf-8")
    opened = evgraph.open(tmp_path)
    for quad in list(opened.store.matches(ox.NamedNode(f"{ID}cell/drug-E4"))):  # type: ignore[attr-defined]
        opened.store.replace([quad], [])  # type: ignore[attr-defined]
    with pytest.raises(evgraph.UsageError, match="this graph says nothing about cell:drug-E4"):
        opened.cell("drug:E4")


def test_the_rarer_word_counts_for_more(graph: evgraph.Graph) -> None:
    def alike(text: str, *kinds: str) -> list[str]:
        return [curie(iri) for iri in most_alike(graph.store, text, kinds or KINDS)]

    assert alike("wintr elm") == ["doc:elm-2002", "section:drug-E4/issue-1", "doc:oak-2001"]
    assert alike("forst ofice") == ["org:forest", "section:drug-E4/issue-1"]
    assert alike("forst", "section") == ["section:drug-E4/issue-1"]
    assert alike("") == alike("?") == alike("zzz") == alike("in") == []
    assert find(graph.store, "forest", ["section"]) == {f"{ID}section/drug-E4/issue-1": "section"}
