"""The values of parameters in the data, as shell, Python and completion list them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode

import evgraph
from evgraph.errors import UsageError
from evgraph.namespaces import ID
from evgraph.query.catalogue import Catalogue
from evgraph.query.parameters import is_listed, pick_list, terms, typed
from evgraph.query.question import Parameter
from evgraph.query.runner import bind
from evgraph.rdf.files import always_loaded, find
from evgraph.store.opening import open_store
from evgraph.store.transfer import parts, push

if TYPE_CHECKING:
    from tests.conftest import Run
    from tests.servers import Server

    from evgraph.query.question import Question

ROOT = Path(__file__).parent.parent.parent
SHIPPED = open_store()
LISTED = [
    (question, name)
    for question in Catalogue()
    for name, parameter in question.parameters.items()
    if is_listed(parameter)
]
HEAD = """#+ summary: Guidance of a publisher
#+ tags:
#+   - mine
#+ parameters:
#+   - name: publisher
#+     type: organisation
#+     required: false
#+     description: who published it
#+     example: nice
#+     pick_list: {}
#+ columns:
#+   - guidance: the guidance

SELECT DISTINCT ?guidance
WHERE {{ ?guidance dcterms:publisher ?__publisher_iri }}
ORDER BY STR(?guidance)
"""
PUBLISHERS = "SELECT DISTINCT ?publisher WHERE { ?guidance a evg:Guidance ; dcterms:publisher ?publisher }"


@pytest.mark.parametrize(("question", "name"), LISTED, ids=[f"{question.name}-{name}" for question, name in LISTED])
def test_listed_values_can_be_typed(question: Question, name: str) -> None:
    parameter = question.parameters[name]
    offered = pick_list(SHIPPED, parameter)
    assert offered
    assert parameter.example in offered
    required = {needed.name: needed.example for needed in question.parameters.values() if needed.required}
    for value in offered:
        (term,) = bind(SHIPPED, question, {**required, name: value})[name]
        if parameter.type not in {"choice", "matrix", "doi"}:  # A DOI is bound in lower case.
            assert typed(parameter, term) == value


@pytest.mark.parametrize("engine", ["oxigraph_server", "virtuoso"])
def test_servers_offer_the_same(request: pytest.FixtureRequest, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    server: Server = request.getfixturevalue(engine)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    with server.holding() as store:
        list(push(store, parts(find([ROOT / "data"]), beside=always_loaded())))
        for question, name in LISTED:
            parameter = question.parameters[name]
            assert pick_list(store, parameter) == pick_list(SHIPPED, parameter)
        server.drop(*(graph for graph in store.graphs() if graph.startswith(ID)))


def test_the_shell_lists_them_as_rows(run: Run) -> None:
    ran = run("query", "guidance-citing-trials", "--values", "trial", "--format", "csv", "--limit", "1")
    assert (ran.code, ran.stdout) == (0, "value,label\r\nblankers-2011,Blankers et al. (2011)\r\n")
    assert ran.stderr == "1 row, as --limit 1 asks; there are more\n"
    # A question that gives triples, and one that cannot be answered without a parameter.
    keys = run("query", "describe", "--values", "key", "--timeout", "60").stdout.splitlines()
    assert keys[0].split() == ["value", "label"]
    assert "Timko_C_9" in keys
    assert "drug:E4" in run("query", "cell-contents", "--values", "cell").stdout
    own = run("query", "cell-contents", "--values", "cell", "--data", ROOT / "tests/query/data/off-graph-cells.ttl")
    assert "drug:E4" in own.stdout
    assert "alcohol:E4" not in own.stdout


def test_python_lists_them() -> None:
    assert evgraph.open().pick_list("timeline", "marker") == {
        "G": "Guidance", "K": "Key study", "R": "Review", "S": "Seminal study",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("search", "--values", "text"),
            "there is no list of values for 'text': the words to look for\n  such as mutual",
        ),
        (("search", "--values", "txt"), "search has no parameter 'txt'; did you mean 'text'?\n  its parameters: text"),
        (("see-also", "--values", "document", "-p", "document=x"), "--values runs no query\n  leave out -p"),
        (("--values", "cell"), "need the name of a question"),
        (("guidance-by-publisher", "-p", "publisher=nuce"), "--values publisher' lists the values"),
        (("timeline", "-p", "marker=X"), "\n  'evgraph query timeline --values marker' lists the values"),
    ],
)
def test_wrong_use(run: Run, words: tuple[str, ...], message: str) -> None:
    ran = run("query", *words)
    assert (ran.code, ran.stdout) == (2, "")
    assert message in ran.stderr


def test_the_hint_in_python_names_a_method() -> None:
    with pytest.raises(UsageError) as error:
        evgraph.open().query("timeline", marker="X")
    assert error.value.hint == 'graph.pick_list("timeline", "marker") lists the values'


@pytest.mark.default_cases(2)
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT DISTINCT ?p WHERE { ?g dcterms:publisher ?p", "not legal SPARQL"),
        ("SELECT DISTINCT ?g ?p WHERE { ?g dcterms:publisher ?p }", "must be a SELECT of one variable, the value"),
        ("ASK { ?g dcterms:publisher ?p }", "must be a SELECT of one variable, the value"),
        ("SELECT DISTINCT ?p WHERE { SERVICE <http://127.0.0.1:9/> { ?g dcterms:publisher ?p } }", "not allowed"),
        ("SELECT DISTINCT ?t WHERE { ?t a evg:Trial }", "the pick_list of 'publisher': publisher=doc:"),
    ],
)
def test_a_check_finds_a_wrong_pick_list(run: Run, tmp_path: Path, query: str, message: str) -> None:
    path = tmp_path / "mine.rq"
    path.write_text(HEAD.format(query))
    ran = run("query", path, "--check")
    assert ran.code == 3
    assert ran.stdout.startswith(f"{path}:10: error: ")
    assert message in ran.stdout
    path.write_text(HEAD.format(PUBLISHERS))
    assert run("query", path, "--check").code == 0
    assert (
        run("query", "mine", "--queries", tmp_path, "--values", "publisher", "--format", "csv")
        .stdout.splitlines()[2]
        .startswith("nice,National")
    )


def test_a_choice_has_its_choices(run: Run, tmp_path: Path) -> None:
    text = HEAD.format(PUBLISHERS).replace("type: organisation", "type: choice\n#+     choices: a, b")
    (tmp_path / "mine.rq").write_text(text)
    ran = run("query", tmp_path / "mine.rq")
    assert (ran.code, f"{tmp_path / 'mine.rq'}:11: a 'choice' has no pick_list" in ran.stderr) == (3, True)


def test_foreign_things_are_listed_with_their_whole_iri() -> None:
    document = Parameter("d", "document", "a document", "timko-2007", required=False)
    assert typed(document, NamedNode("http://example.org/x")) == "http://example.org/x"
    assert typed(document, Literal("10.1/x")) == "10.1/x"
    assert NamedNode(f"{ID}doc/timko-2007") in terms(SHIPPED, document)
