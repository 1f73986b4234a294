"""People's own folders of questions: found beside ours, and checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evgraph import shipped_files
from evgraph.errors import UnreadableError
from evgraph.query.catalogue import Catalogue
from evgraph.query.lint import lint
from evgraph.store.opening import open_store

if TYPE_CHECKING:
    from tests.conftest import Run

ROOT = Path(__file__).parent.parent.parent
MINE = """#+ summary: Entries that have a marker
#+ tags:
#+   - mine
#+ parameters:
#+   - name: marker
#+     type: marker
#+     required: false
#+     description: one marker only
#+     example: K
#+ columns:
#+   - entry: the entry

SELECT DISTINCT ?entry
WHERE { ?entry evg:marker ?__marker_iri }
ORDER BY STR(?entry)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/marked.rq").write_text(MINE)
    return tmp_path / "mine"


def test_they_are_listed_beside_the_shipped_ones(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "more/group").mkdir(parents=True)
    (tmp_path / "more/group/twice.rq").write_text(MINE)
    words = ("--queries", folder, "--queries", tmp_path / "more")
    listed = run("query", *words).stdout.splitlines()
    assert {"mine", "  marked [marker]", "  twice [marker]", "  shared-documents [cell] [other]"} <= set(listed)
    ran = run("query", "marked", "-p", "marker=G", "--format", "csv", *words)
    assert (ran.code, ran.stdout.splitlines()[0]) == (0, "entry")
    assert len(ran.stdout.splitlines()) > 2
    assert run("query", "marked", "-p", "marker=G", "--format", "csv", env={"EVGRAPH_QUERIES": str(folder)}) == ran


def test_a_question_is_read_again_when_its_file_has_changed(folder: Path) -> None:
    catalogue = Catalogue([folder])
    first = catalogue["marked"]
    assert catalogue["marked"] is first
    (folder / "marked.rq").write_text(MINE.replace("that have a marker", "that bear a marker"))
    assert catalogue["marked"].summary == "Entries that bear a marker"
    for _ in range(2):  # A mistake is reported each time.
        (folder / "marked.rq").write_text(MINE.replace("__marker_iri", "__maker_iri"))
        with pytest.raises(UnreadableError, match="declares no parameter for"):
            catalogue["marked"]
    (folder / "marked.rq").write_text(MINE)
    assert catalogue["marked"] == first


@pytest.mark.parametrize(
    ("make", "message"),
    [
        ("marked.rq", "a second question called 'marked'\n  the first is "),
        ("timeline.rq", "a second question called 'timeline'\n  the first is "),
        ("thesis.txt", "no question in this folder\n  a question is a file NAME.rq"),
    ],
)
def test_two_of_one_name(run: Run, folder: Path, tmp_path: Path, make: str, message: str) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / make).write_text(MINE)
    ran = run("query", "marked", "--queries", folder, "--queries", tmp_path / "more")
    assert (ran.code, ran.stdout) == (3, "")
    assert message in ran.stderr
    assert str(tmp_path / "more") in ran.stderr


def test_a_folder_that_is_not_there(run: Run) -> None:
    ran = run("query", "--queries", "nowhere")
    assert (ran.code, ran.stdout) == (3, "")
    assert "nowhere: no such folder of questions" in ran.stderr


@pytest.mark.slow
def test_shipped_questions_have_no_problems(run: Run) -> None:
    ran = run("query", "--check")
    assert (ran.code, ran.stdout) == (0, "")
    assert ran.stderr.endswith(" questions checked: 0 errors, 0 warnings\n")


ENTRY = "#+   - entry: the entry\n"
CHANGES = [
    (
        "#+   - entry: the entry\n",
        "#+   - entry: the entry\n#+ evidence:\n#+   - ?entry evg:marker marker:K\n",
        3,
        ":13: error: no pattern of the query states the evidence '?entry evg:marker marker:K'",
    ),
    ("#+   - entry: the entry\n", "#+   - entry: the entry\n#+ evidence:\n#+   - ?entry\n", 0, ""),
    ("SELECT DISTINCT ?entry", "SELECT ?entry", 1, ":13: warning: SELECT without DISTINCT"),
    ("?__marker_iri }", "?__marker_iri . ?a skos:broader+ ?b }", 1, ":14: warning: skos:broader+ with both ends open"),
    ("?__marker_iri }", "?__marker_iri . ?entry evg:lists ?b . ?b evg:seeAlso* ?c }", 0, ""),
    ("?__marker_iri }", "?__marker_iri . MINUS { ?a ?b ?c } }", 1, ":14: warning: MINUS: without a shared variable"),
    ("?__marker_iri }", "?__marker_iri . BIND(BNODE() AS ?c) }", 1, ":14: warning: BNODE: blank nodes"),
    ("?entry\n", "(COUNT(?e) AS ?entry)\n", 1, ":13: warning: COUNT without DISTINCT counts"),
    ("?entry\n", "(GROUP_CONCAT(DISTINCT ?e) AS ?entry)\n", 1, ":13: warning: GROUP_CONCAT without SEPARATOR"),
    ("?entry\n", "?entry ?more\n", 3, ":13: error: the head does not describe the column ?more"),
    ("?__marker_iri }", "?m }", 3, ":5: error: the query does not use the parameter 'marker'"),
    ("example: K", "example: nothing", 3, ":1: error: marker=nothing: expected a marker"),
    ("?__marker_iri }", "?__marker_iri ?x }", 3, ":14: error: the query is not legal SPARQL"),
    ("evg:marker ?_", "evg:marker?p SERVICE ?_", 3, ":14: error: SERVICE asks another server"),
    ("#+ tags", "#+ tag", 3, ":2: error: unknown key 'tag'; did you mean 'tags'?"),
]


@pytest.mark.default_cases(5)
@pytest.mark.parametrize(("old", "new", "code", "message"), CHANGES)
def test_a_check_reports_problems(run: Run, folder: Path, old: str, new: str, code: int, message: str) -> None:
    assert old in MINE
    (folder / "marked.rq").write_text(MINE.replace(old, new))
    for words in (["--queries", folder], [folder / "marked.rq"]):
        ran = run("query", *words, "--check")
        assert ran.code == code
        assert f"{folder / 'marked.rq'}{message}" in ran.stdout if message else ran.stdout == ""
        assert ran.stderr.startswith("1 question checked: ")


def test_a_query_without_a_head_is_checked_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "free.rq").write_text("SELECT * { ?s ?p ?o }")
    ran = run("query", tmp_path / "free.rq", "--check")
    assert ran.code == 1
    assert "free.rq:1: warning: SELECT *" in ran.stdout
    ran = run("query", tmp_path / "none.rq", "--check")
    assert ran.code == 3
    assert "none.rq: no such file" in ran.stdout + ran.stderr


def test_a_query_with_evidence_that_rdflib_refuses_is_a_problem_of_its_own(tmp_path: Path) -> None:
    own = tmp_path / "discussions-of.rq"
    shipped = next(shipped_files.queries().rglob("discussions-of.rq")).read_text(encoding="utf-8")
    own.write_text(shipped.replace("PREFIX cito:", "PREFIX other:"), encoding="utf-8")
    messages = [problem.message for problem in lint(own, open_store())]
    assert messages == ["rdflib cannot read the query: Unknown namespace prefix : cito"]
