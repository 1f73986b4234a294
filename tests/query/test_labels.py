"""Labels, for tables, beside IRIs that say little."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode

import evgraph
from evgraph.namespaces import ID
from evgraph.query.added_columns import with_labels, with_passages
from evgraph.query.names import labels, labels_beside
from evgraph.query.passages import Passages
from evgraph.query.question import Evidence
from evgraph.rdf.files import find
from evgraph.render.tables import md, table
from evgraph.store.embedded import EmbeddedStore
from evgraph.store.protocol import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.conftest import Run

    from evgraph.store.protocol import Answer

NAMED = """
PREFIX dcterms: <http://purl.org/dc/terms/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
<a:several> schema:headline "the headline" ; rdfs:label "das Schild"@de , "a label" , "the label"@en .
<a:foreign> rdfs:label "b"@de , "a"@fr ; skos:prefLabel "preferred"@en .
<a:titled> dcterms:title "a title" , "another" ; rdfs:label <a:thing> .
<a:nameless> rdfs:comment "nothing" .
"""


class Counting:
    """A store that counts how often it is asked."""

    def __init__(self, store: EmbeddedStore) -> None:
        self.store, self.asked = store, 0

    def query(self, sparql: str) -> Answer:
        self.asked += 1
        return self.store.query(sparql)


def store_of(tmp_path: Path, turtle: str) -> Counting:
    (tmp_path / "some.ttl").write_text(turtle)
    store = EmbeddedStore()
    for file in find([tmp_path / "some.ttl"]):
        store.load(file)
    return Counting(store)


def test_the_best_label_is_chosen(tmp_path: Path) -> None:
    store = store_of(tmp_path, NAMED)
    iris = ["a:titled", "a:several", "a:foreign", "a:nameless", "a:nowhere", "not an iri", ""]
    assert labels(store, iris) == {"a:foreign": "a", "a:several": "the label", "a:titled": "a title"}
    assert store.asked == 1


def test_many_are_asked_for_in_parts(tmp_path: Path) -> None:
    iris = [f"a:{number:04}" for number in range(1200)]
    turtle = "".join(f'<{iri}> <http://www.w3.org/2000/01/rdf-schema#label> "label of {iri}" .\n' for iri in iris)
    store = store_of(tmp_path, turtle)
    assert labels(store, reversed(iris)) == {iri: f"label of {iri}" for iri in iris}
    assert store.asked == 3
    assert labels(store, []) == {}
    assert store.asked == 3


def test_an_iri_that_says_enough_gets_no_label() -> None:
    graph = evgraph.open()
    speaking = [f"{ID}cell/drug-E4", f"{ID}scheme/marker/K", "https://w3id.org/evgraph/ns#Trial"]
    assert len(graph.labels(speaking)) == 3
    assert labels_beside(graph.store, [*speaking, f"{ID}doc/timko-2007"]) == {
        f"{ID}doc/timko-2007": "Timko & DeBenedetti (2007)"
    }


def test_a_label_stands_behind_its_iri_unless_the_row_has_it() -> None:
    def known(iris: Iterable[str]) -> dict[str, str]:
        return dict.fromkeys(iris, "a *label*\x1b[31m")

    label = "a *label*\x1b[31m"
    body = [(NamedNode("a:x"), Literal("else")), (NamedNode("a:x"), Literal(label)), (None, Literal("a:x"))]
    lines = list(table(Rows(["x", "text"], iter(body)), labels=known))
    assert [line.split("  ")[0].strip() for line in lines[2:]] == ["a:x a *label*⟨U+001B⟩[31m", "a:x", ""]
    assert list(md(Rows(["x", "text"], iter(body)), labels=known))[2] == "| a:x a \\*label\\*⟨U+001B⟩\\[31m | else |\n"
    assert "label" not in "".join(table(Rows(["x"], iter([(NamedNode("a:x"),)]))))


def test_each_block_of_rows_is_looked_up_for_itself() -> None:
    asked = []

    def known(iris: Iterable[str]) -> dict[str, str]:
        asked.append(len(set(iris)))
        return {}

    body = ((NamedNode(f"a:{number}"),) for number in range(2500))
    assert len(list(table(Rows(["x"], body), labels=known))) == 2502
    assert asked == [1000, 1000, 500]


@pytest.mark.slow
def test_columns_of_things_have_their_labels_beside_them_in_every_format(run: Run) -> None:
    words = ("query", "corresponding-studies")
    header = "study,study_label,country,year,other,other_label,other_country,other_year"
    assert run(*words, "--format", "csv").stdout.splitlines()[0] == header
    for form in ("table", "md", "csv", "tsv", "json", "xml", "ndjson"):
        text = run(*words, "--format", form).stdout
        assert len(re.findall("Timko &(?:amp;)? DeBenedetti", text)) == 1, form
        assert "DeBenedetti" not in run(*words, "--format", form, "--no-labels").stdout
    assert run(*words, "--timeout", "60").stdout == run(*words).stdout
    assert run(*words, "--columns", "other_label,year", "--format", "csv").stdout.splitlines() == [
        "other_label,year",
        "Timko & DeBenedetti (2007),2012",
    ]
    wrong = run(*words, "--columns", "other_lable")
    assert (wrong.code, wrong.stdout) == (2, "")
    assert "there is no column 'other_lable'; did you mean 'other_label'?" in wrong.stderr


def test_tables_of_other_queries_have_labels_behind_iris(run: Run) -> None:
    free = (
        "SELECT DISTINCT ?d ?label WHERE { ?d a evg:Trial OPTIONAL { ?d rdfs:label ?label FILTER(STR(?label) < 'N') } }"
    )
    lines = {" ".join(line.split()) for line in run("query", "-", stdin=free).stdout.splitlines()}
    assert {"doc:timko-2007 Timko & DeBenedetti (2007)", "doc:manning-2012 Manning et al. (2012)"} <= lines
    assert not [line for line in lines if line.count("Manning") > 1]
    assert "Timko" not in run("query", "-", "--no-labels", stdin=free).stdout


def test_python_has_them_too() -> None:
    graph = evgraph.open()
    (row,) = graph.query("corresponding-studies")
    assert str(row["other_label"]) == "Timko & DeBenedetti (2007)"
    (bare,) = graph.query("corresponding-studies", labels=False, passages=False)
    assert list(bare.keys()) == list(graph.questions["corresponding-studies"].columns)


def test_labels_are_looked_up_once_and_missing_ones_are_none(tmp_path: Path) -> None:
    store = store_of(tmp_path, NAMED)
    things = [NamedNode("a:titled"), NamedNode("a:nameless"), None, Literal("a:titled")]
    rows = list(with_labels(store, Rows(["x", "n"], ((thing, thing) for thing in things * 400)), ["x"]).rows)
    assert rows[:4] == [
        (things[0], Literal("a title"), things[0]),
        (things[1], None, things[1]),
        (None, None, None),
        (things[3], None, things[3]),
    ]
    assert (len(rows), store.asked) == (1600, 1)


def test_a_row_with_an_unbound_variable_has_no_passages_of_that_evidence(tmp_path: Path) -> None:
    stated = "<a:x> <https://w3id.org/evgraph/ns#statedIn> <a:passage> ."
    store = store_of(tmp_path, stated)
    rows = [(NamedNode("a:x"), None, None), (None, NamedNode("a:p"), NamedNode("a:y"))]
    for evidence, passages in ((Evidence("?s", "?p", "?o"), ["", ""]), (Evidence("?s"), ["a:passage", ""])):
        found = with_passages(store, Rows(["s", "p", "o"], iter(rows)), [evidence], Passages(store)).rows
        assert [row[3] for row in found] == [Literal(text) for text in passages]
