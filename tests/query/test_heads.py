"""A malformed head, or one that its query belies, is an error with file and line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evgraph.errors import UnreadableError
from evgraph.namespaces import PREFIXES
from evgraph.query.catalogue import Catalogue
from evgraph.query.question import Evidence
from evgraph.query.reading import parse, read_ad_hoc

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """#+ summary: Entries
#+ description: |
#+   First line.
#+
#+     Second line: with a colon.
#+ tags:
#+   - cells
#+   - other
#+ parameters:
#+   - name: cell
#+     type: cell
#+     required: false
#+     description: a cell
#+     example: drug:E4
#+ columns:
#+   - entry: the entry
#+   - size: how big it is

PREFIX evg: <https://w3id.org/evgraph/ns#>
SELECT DISTINCT ?entry (COUNT(DISTINCT ?x) AS ?size)
WHERE { ?entry evg:inCell ?__cell_iri . ?entry ?x ?y }
GROUP BY ?entry
"""
SIZE = "#+   - size: how big it is\n"
REST = "#+     description: a cell\n#+     example: drug:E4\n"


def test_labels_and_evidence(tmp_path: Path) -> None:
    added = f"{SIZE}#+ labels: entry, size\n#+ evidence:\n#+   - ?entry a evg:Entry\n#+   - ?entry\n"
    question = parse(GOOD.replace(SIZE, added), tmp_path / "good.rq")
    assert question.labels == ("entry", "size")
    types = (f"{PREFIXES['rdf']}type", f"{PREFIXES['evg']}Entry")
    assert question.evidence == (Evidence("?entry", *types), Evidence("?entry"))
    assert question.order == []
    assert question.is_distinct


def written(folder: Path, text: str, name: str = "good") -> Path:
    path = folder / "group" / f"{name}.rq"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_a_good_head(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    question = Catalogue([tmp_path])["good"]
    assert (question.name, question.group, question.path) == ("good", "group", str(path))
    assert question.summary == "Entries"
    assert question.description == "First line.\n\n  Second line: with a colon."
    assert question.tags == ("cells", "other")
    assert question.columns == {"entry": "the entry", "size": "how big it is"}
    (cell,) = question.parameters.values()
    assert (cell.name, cell.type, cell.required, cell.default, cell.variable) == (
        "cell",
        "cell",
        False,
        None,
        "__cell_iri",
    )
    assert Catalogue([tmp_path]).by_tag() == {"cells": [question]}


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("#+ summary: Entries", "#+ summary Entries", 1, "'summary Entries' is not 'key: text'"),
        ("#+ summary: Entries", "#+ sumary: Entries", 1, "unknown key 'sumary'; did you mean 'summary'?"),
        ("#+ summary: Entries\n", "", 1, "the head has no summary"),
        ("#+ summary: Entries", "#+ summary: [Entries", 1, "is not plain text"),
        ("#+ summary: Entries", "#+ summary: What: this", 1, "is not plain text"),
        ("#+ tags:", "#+ summary: Again", 6, "a second 'summary', the first is in line 1"),
        ("#+ tags:\n#+   - cells\n#+   - other", "#+ tags: cells", 6, "'tags' is a list"),
        ("#+ summary: Entries", "#+ summary:\n#+   - Entries", 1, "'summary' is a text"),
        ("#+   - cells", "#+ - cells", 7, "'- cells' is not 'key: text'"),
        ("#+   - cells", "#+      - cells", 7, "'- cells' does not belong here"),
        ("#+     type: cell", "#+       type: cell", 11, "'type: cell' does not belong here"),
        ("#+     type: cell", "#+     type:", 11, "'type' is empty"),
        (SIZE, f"{SIZE}#+ labels: entri\n", 18, "unknown column in 'labels': 'entri'; did you mean 'entry'?"),
        (SIZE, f"{SIZE}#+ labels:\n#+   - entry\n", 18, "'labels' is a text"),
        (SIZE, f"{SIZE}#+ evidence:\n#+   - ?entry evg:lists ?x\n", 19, "unknown column in 'evidence': 'x'"),
        (SIZE, f"{SIZE}#+ evidence:\n#+   - ?entry evg:lists\n", 19, "is neither a triple nor a variable"),
        (SIZE, f"{SIZE}#+ evidence:\n#+   - ?entry evgg:lists ?size\n", 19, "is neither a triple nor a variable"),
        ("#+     type: cell", "#+     name: cell", 11, "a second 'name' in one item"),
        ("#+     type: cell", "#+     type: cel", 11, "unknown type 'cel'; did you mean 'cell'?"),
        ("#+     type: cell", "#+     kind: cell", 11, "unknown key 'kind'"),
        ("#+     example: drug:E4\n", "", 10, "a parameter without 'example'"),
        ("required: false", "required: maybe", 12, "'required' is true or false"),
        ("required: false", "required: true\n#+     default: E4", 13, "a required parameter has no default"),
        (
            "required: false",
            "required: false\n#+     choices: a, b",
            13,
            "a parameter has 'choices' if its type is 'choice'",
        ),
        ("#+ tags:", "#+ one_of: cel, cell\n#+ tags:", 6, "unknown parameter in 'one_of': 'cel'; did you mean 'cell'?"),
        (
            "required: false\n" + REST,
            "required: true\n" + REST + "#+ one_of: cell\n",
            15,
            "'one_of': 'cell' is required",
        ),
        (REST, REST + "#+     default: E4\n#+ one_of: cell\n", 16, "or has a default"),
        ("- name: cell", "- name: Cell", 10, "'Cell' cannot be a parameter's name"),
        ("- name: cell", "- name: the_cell", 10, "'the_cell' cannot be a parameter's name"),
        ("- name: cell", "- name: other", 21, "declares no parameter for ?__cell_iri"),
        ("?__cell_iri", "?__cel_iri", 21, "no parameter for ?__cel_iri; did you mean '__cell_iri'?"),
        ("?__cell_iri", "?_cell_iri", 21, "no parameter for ?_cell_iri; did you mean '__cell_iri'?"),
        ("?__cell_iri", "?cell", 10, "does not use the parameter 'cell', which is ?__cell_iri in it"),
        ("SELECT DISTINCT ?entry", "SELECT DISTINCT ?__cell_iri", 20, "is a parameter and cannot be a column"),
        ("#+   - size: how big it is\n", "", 19, "does not describe the column ?size"),
        ("#+   - size: how big it is", "#+   - sise: how big", 17, "does not select the column 'sise'"),
        ("AS ?size)", "AS ?size) ?y", 20, "does not describe the column ?y"),
        ("?entry (COUNT(DISTINCT ?x) AS ?size)", "(COUNT(DISTINCT ?x) AS ?size) ?entry", 16, "in another order"),
        ("#+   - size: how big it is", "#+   - size", 17, "a column is one '- name: what it is'"),
        ("SELECT DISTINCT ?entry (COUNT(DISTINCT ?x) AS ?size)", "SELECT *", 20, "name the columns"),
        ("SELECT DISTINCT ?entry (COUNT(DISTINCT ?x) AS ?size)", "ASK", 20, "is a SELECT or a CONSTRUCT"),
    ],
)
def test_a_mistake_is_reported_with_its_line(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    assert GOOD.count(old)
    path = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(UnreadableError) as refused:
        Catalogue([tmp_path])["good"]
    assert str(refused.value).startswith(f"{path}:{line}: ")
    assert message in str(refused.value)


def test_one_of_names_parameters(tmp_path: Path) -> None:
    written(tmp_path, GOOD.replace("#+ tags:", "#+ one_of: cell\n#+ tags:"))
    assert Catalogue([tmp_path])["good"].one_of == ("cell",)


def test_a_construct_has_no_columns(tmp_path: Path) -> None:
    text = "#+ summary: All\n#+ tags:\n#+   - x\nCONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }\n"
    assert parse(text, tmp_path / "all.rq").columns == {}
    with pytest.raises(UnreadableError, match="a CONSTRUCT has no columns"):
        parse(text.replace("#+ tags", "#+ columns:\n#+   - s: subject\n#+ tags"), tmp_path / "all.rq")


def test_a_question_of_the_catalogue_has_tags(tmp_path: Path) -> None:
    written(tmp_path, "#+ summary: All\nCONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }\n")
    with pytest.raises(UnreadableError, match="needs tags"):
        Catalogue([tmp_path])["good"]


def test_a_name_stands_once(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "good.rq").write_text(GOOD)
    with pytest.raises(UnreadableError, match="a second question called 'good'"):
        list(Catalogue([tmp_path]))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="no such folder"):
        list(Catalogue([tmp_path / "none"]))
    with pytest.raises(UnreadableError, match="no such file"):
        read_ad_hoc(tmp_path / "none.rq")
    (tmp_path / "latin.rq").write_bytes(b"SELECT ?s\n# caf\xe9\n")
    with pytest.raises(UnreadableError, match=r"latin\.rq:2: not UTF-8"):
        read_ad_hoc(tmp_path / "latin.rq")
