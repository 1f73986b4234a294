"""Documents by their names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.query.engines import in_process

import evgraph
from evgraph.errors import UsageError
from evgraph.namespaces import EVG, ID, PREFIXES, RDF, RDFS
from evgraph.query import parameters, runner
from evgraph.query.catalogue import Catalogue
from evgraph.query.question import Parameter
from evgraph.query.reading import parse
from evgraph.query.things import find
from evgraph.store.embedded import EmbeddedStore
from evgraph.text import plain, printed

if TYPE_CHECKING:
    from tests.conftest import Run
    from tests.servers import Server

    from evgraph.store.protocol import Answer

TURTLE_PREFIXES = "".join(f"@prefix {name}: <{start}> .\n" for name, start in PREFIXES.items())
DATA = """@base <https://w3id.org/evgraph/id/> .
<doc/oak-2001> a evg:Document ; rdfs:label "Oak & Elm (2001)"@en ; bibo:doi "10.1234/OAK" ; bibo:pmid "17000001" ;
    evg:identification <identification/oak-2001/key> .
<identification/oak-2001/key> evg:identifierValue "Oak_1.txt" .
<doc/elm-2002> a evg:Document ; rdfs:label "Elm (2002)"@en ; dcterms:title "Trees in winter" .
<doc/u-0123456789ab> a evg:Document .
<entry/drug-A1/elm> evg:lists <doc/elm-2002> ; schema:headline "Elms lose their leaves"@en .
<entry/drug-A1/u> evg:lists <doc/u-0123456789ab> ; schema:headline "Leaves \\"in autumn\\""@en .
<doc/old-2000> dcterms:isReplacedBy <doc/oak-2001> .
"""


def library() -> EmbeddedStore:
    store = EmbeddedStore()
    store.extend(
        ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode("a:g"))
        for quad in ox.parse(TURTLE_PREFIXES + DATA, ox.RdfFormat.TURTLE)
    )
    return store


LIBRARY = library()
ASKING = """#+ summary: Ask
#+ parameters:
#+   - name: it
#+     type: document
#+     required: true
#+     description: which
#+     example: oak-2001
#+ columns:
#+   - it: the same
SELECT DISTINCT ?it WHERE { BIND(?_it_iri AS ?it) }
"""


def read(text: str) -> list[str]:
    terms = parameters.read(Parameter("it", "document", "", "", required=True), text, LIBRARY)
    return [term.value.removeprefix(f"{ID}doc/") for term in terms]


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("oak-2001", "oak-2001"),
        ("doc:oak-2001", "oak-2001"),
        (f"<{ID}doc/oak-2001>", "oak-2001"),
        ("10.1234/oak", "oak-2001"),
        ("doi:10.1234/Oak", "oak-2001"),
        ("https://doi.org/10.1234/OAK", "oak-2001"),
        ("17000001", "oak-2001"),
        ("PMID: 17000001", "oak-2001"),
        ("oak_1.TXT", "oak-2001"),
        ("Elm (2002)", "elm-2002"),
        ("oak", "oak-2001"),
        ("Oak 2001", "oak-2001"),
        ("trees", "elm-2002"),
        ("lose THEIR", "elm-2002"),
        ('"in autumn"', "u-0123456789ab"),
        ("old-2000", "old-2000"),
        ("nobody-1999", "nobody-1999"),
        ("17999999", "17999999"),
        ("https://doi.org/10.9/none", "https://doi.org/10.9/none"),
    ],
)
def test_a_name_means_a_document(typed: str, slug: str) -> None:
    assert read(typed) == [slug]


def notes_on(text: str) -> list[str]:
    """Ask about a document, and return the notes."""
    question = parse(ASKING, Path("asking.rq"))
    return runner.ask(LIBRARY, question, {"it": text}).notes


@pytest.mark.parametrize(
    ("typed", "note"),
    [
        ("Oak 2001", "using Oak & Elm (2001) (doc:oak-2001) for 'Oak 2001'"),
        ("lose THEIR", "using Elm (2002) (doc:elm-2002) for 'lose THEIR'"),
        ('"in autumn"', "using doc:u-0123456789ab for '\"in autumn\"'"),
        ("doi:10.1234/Oak", "using Oak & Elm (2001) (doc:oak-2001) for 'doi:10.1234/Oak'"),
        ("oak-2001", None),
        (" oak-2001 ", None),
        ("doc:oak-2001", None),
        (f"<{ID}doc/oak-2001>", None),
    ],
)
def test_a_note_says_which_document_is_used(typed: str, note: str | None) -> None:
    assert notes_on(typed) == ([note] if note else [])


def test_a_note_shows_hidden_characters_of_a_label() -> None:
    store = library()
    label = ox.Literal("Red \x1b[31m book")
    a_document = (ox.NamedNode(f"{RDF}type"), ox.NamedNode(f"{EVG}Document"))
    red, graph = ox.NamedNode(f"{ID}doc/red-2001"), ox.NamedNode("a:g")
    store.extend([ox.Quad(red, *a_document, graph), ox.Quad(red, ox.NamedNode(f"{RDFS}label"), label, graph)])
    (note,) = runner.ask(store, parse(ASKING, Path("asking.rq")), {"it": "red"}).notes
    assert note == "using Red ⟨U+001B⟩[31m book (doc:red-2001) for 'red'"


def test_notes_are_on_standard_error_and_in_the_result(run: Run) -> None:
    note = "using Schmidt et al. (2012) (doc:schmidt-2012) for 'forging inter-service'"
    words = ["query", "headline-variants", "-p", "document=forging inter-service", "--format", "csv"]
    named = run("query", "headline-variants", "-p", "document=schmidt-2012", "--format", "csv")
    for limits in ([], ["--timeout", "60"]):
        done = run(*words, *limits)
        assert (done.code, done.output) == (0, named.output)
        assert done.stderr == f"note: {note}\n"
    assert note not in named.stderr
    assert evgraph.open().query("headline-variants", document="forging inter-service").notes == (note,)


def test_several_documents_are_listed() -> None:
    with pytest.raises(UsageError) as refused:
        read("leaves")
    assert str(refused.value) == (
        "it='leaves': this may mean 2 documents\n  name one of them:\n"
        "    doc:elm-2002  Elm (2002)\n    doc:u-0123456789ab  "
    )


def test_a_long_list_is_truncated_and_says_so(run: Run) -> None:
    ran = run("query", "see-also", "-p", "document=20")
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr.count("\n    doc:") == 10
    assert " more\n" in ran.stderr


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        *((typed, "no document in this graph has this name") for typed in ("Oak 2009", "no such", "javascript:x")),
        ("10.9999/none", "no document in this graph has this name"),
        *((typed, "expected a document: timko-2007") for typed in ("cell:drug-E4", "doc:", "")),
    ],
)
def test_a_name_that_means_no_document(typed: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read(typed)


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("naive sorensen", "sorensen-2003"),
        ("naïve SØRENSEN", "sorensen-2003"),
        ("S\u00f8rensen's", "sorensen-2003"),
        ("people's", "sorensen-2003"),
        ('"view"', "sorensen-2003"),
        ("12-step", "sorensen-2003"),
        ("etude (1)", "plus-2004"),
        ("Études", "plus-2004"),
    ],
)
@pytest.mark.parametrize("engine", ["embedded", "oxigraph_server", "virtuoso"])
def test_accents_quotes_and_hyphens_may_be_typed_plainly(
    engine: str, typed: str, slug: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Printed or typed ones match each other; a text that has them as they were typed comes first."""
    label = "Sørensen’s naïve “view” of people’s 12‑step (2003)"
    graph = (
        "http://example.org/print",
        f"""{TURTLE_PREFIXES}<{ID}doc/sorensen-2003> a evg:Document ; rdfs:label "{label}" .
        <{ID}doc/plus-2004> a evg:Document ; rdfs:label "Deux études (1)+[2] \\\\ $^" .
        <{ID}doc/plain-2005> a evg:Document ; rdfs:label "Naiveté about peoples" .""",
    )
    if engine == "embedded":
        assert list(find(in_process(engine, (graph,)), typed, ["document"])) == [f"{ID}doc/{slug}"]
        return
    server: Server = request.getfixturevalue(engine)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    with server.holding(graph) as store:
        assert list(find(store, typed, ["document"])) == [f"{ID}doc/{slug}"]


def test_the_typed_spelling_comes_first() -> None:
    """Another spelling is looked for where there is none."""
    graph = (
        "http://example.org/both",
        f"""{TURTLE_PREFIXES}<{ID}doc/muller-2001> a evg:Document ; rdfs:label "Muller" .
        <{ID}doc/mueller-2002> a evg:Document ; rdfs:label "Müller" .""",
    )
    store = in_process("embedded", (graph,))
    assert list(find(store, "Muller", ["document"])) == [f"{ID}doc/muller-2001"]
    assert list(find(store, "MÜLLER", ["document"])) == [f"{ID}doc/mueller-2002"]
    assert len(find(store, "Mùller", ["document"])) == 2


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
@example("\U0001d56c")
@example("\u207b")
def test_a_text_is_found_in_its_own_spelling(text: str) -> None:
    assert re.search(printed(text), plain(text), re.DOTALL)
    assert re.search(printed(plain(text)), plain(text), re.DOTALL)


def test_a_long_text_is_not_looked_for_in_every_spelling() -> None:
    asked: list[str] = []

    class Recorded(EmbeddedStore):
        def query(self, sparql: str) -> Answer:
            asked.append(sparql)
            return super().query(sparql)

    assert find(Recorded(), "a" * 10_000, ["document"]) == {}
    assert len(asked) == 3
    assert "REGEX" not in "".join(asked)
    assert find(Recorded(), "a" * 100, ["document"]) == {}
    assert "REGEX" in asked[-1]


@given(st.text(st.characters(codec="utf-8")))
def test_no_text_gets_out_of_its_literal(text: str) -> None:
    """Whatever is typed is a document of the library, one that might be in another, or refused."""
    try:
        found = read(text)
    except UsageError:
        return
    assert all(ox.NamedNode(f"{ID}doc/{slug}") for slug in found)


@pytest.mark.parametrize("kind", ["cell", "document", "organisation", "marker", "country", "topic", "matrix", "iri"])
@given(st.text(st.sampled_from("ab:<>\"'\\\\{}()#?$ \n/.-_%&|^`")))
def test_an_iri_made_of_a_value_is_legal(kind: str, text: str) -> None:
    try:
        terms = parameters.read(Parameter("it", kind, "", "", required=False), text, LIBRARY)
    except UsageError:
        return
    for term in terms:
        assert next(iter(ox.parse(f"{term} <a:p> {term} .", ox.RdfFormat.N_TRIPLES))).subject == term


def test_a_name_that_the_graph_learns_is_known_at_once() -> None:
    store, question = library(), Catalogue()["guidance-by-publisher"]
    body, label = ox.NamedNode(f"{ID}org/forest"), ox.NamedNode(f"{PREFIXES['rdfs']}label")
    called = [
        ox.Quad(body, ox.NamedNode(f"{PREFIXES['rdf']}type"), ox.NamedNode(f"{PREFIXES['schema']}Organization")),
        ox.Quad(body, label, ox.Literal("Forest office")),
    ]
    with pytest.raises(UsageError, match="Forest office"):
        runner.bind(store, question, {"publisher": "Forest office"})
    store.extend(called)
    assert runner.bind(store, question, {"publisher": "Forest office"})["publisher"] == (body,)
    store.replace(called[1:], [ox.Quad(body, label, ox.Literal("Wood office"))])
    assert runner.bind(store, question, {"publisher": "wood office"})["publisher"] == (body,)
    with pytest.raises(UsageError, match="Forest office"):
        runner.bind(store, question, {"publisher": "Forest office"})


def test_a_question_takes_names_of_documents() -> None:
    bound = runner.bind(LIBRARY, Catalogue()["see-also"], {"document": "lose their"})
    assert bound == {"document": (ox.NamedNode(f"{ID}doc/elm-2002"),)}
