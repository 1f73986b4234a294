"""Canned questions over HTTP: the names, parameters, rows and notes of the shell."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.required import require
from tests.web.conftest import serving

from evgraph.query.catalogue import Catalogue

if TYPE_CHECKING:
    from tests.conftest import Run
    from tests.web.conftest import Served

NAMES = sorted(name for name in Catalogue().paths if name != "changes-since")


@pytest.mark.default_cases(10)
@pytest.mark.parametrize("name", NAMES)
def test_rows_are_those_of_the_shell(served: Served, run: Run, name: str) -> None:
    question = Catalogue()[name]
    needed = [
        parameter
        for parameter in question.parameters.values()
        if parameter.required or parameter.name in question.one_of[:1]
    ]
    values = {parameter.name: parameter.example for parameter in needed}
    form = "csv" if question.form == "SELECT" else "turtle"
    answer = served.get(f"/questions/{name}", params=values | {"format": form})
    options = [word for key, value in values.items() for word in ("-p", f"{key}={value}")]
    ran = run("query", name, *options, "--format", form)
    assert (answer.status_code, answer.content) == (200, ran.output)


def test_a_parameter_may_repeat(served: Served, run: Run) -> None:
    answer = served.get("/questions/guidance-by-publisher?country=GB&country=US&format=csv")
    ran = run("query", "guidance-by-publisher", "-p", "country=GB", "-p", "country=US", "--format", "csv")
    assert ran.output.count(b"\n") > 1
    assert (answer.status_code, answer.content) == (200, ran.output)


def test_the_options_of_the_shell(served: Served, run: Run) -> None:
    answer = served.get("/questions/shared-documents?no-labels=true&columns=document,drug_cell&format=csv")
    ran = run("query", "shared-documents", "--no-labels", "--columns", "document,drug_cell", "--format", "csv")
    assert answer.content == ran.output
    answer = served.get("/questions/guidance-citing-trials?trial=timko-2007&with-passages=true&format=csv")
    ran = run("query", "guidance-citing-trials", "-p", "trial=timko-2007", "--with-passages", "--format", "csv")
    assert answer.content == ran.output
    answer = served.get("/questions/shared-documents?format=spreadsheet")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content == run("query", "shared-documents", "--format", "spreadsheet").output


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/questions/shared-document", 404, "did you mean 'shared-documents'?"),
        ("/questions/changes-since?version=/etc", 404, "reads files, and is not answered over HTTP"),
        ("/questions/cell-contents?sell=E4", 400, "cell-contents has no parameter 'sell'; did you mean 'cell'?"),
        ("/questions/cell-contents", 400, "/questions/cell-contents?cell="),
        ("/questions/cell-contents?cell=", 400, "needs the parameter 'cell'"),
        ("/questions/cell-contents?cell=Z9", 400, "cell=Z9: expected a cell"),
        ("/questions/cell-contents?cell=E4", 400, "cell=drug:E4 or cell=alcohol:E4"),
        ("/questions/cell-contents?cell=drug:E4&limit=some", 400, "limit=some: expected a whole number"),
        ("/questions/cell-contents?cell=drug:E4&limit=1&limit=2", 400, "limit may be given once"),
        ("/questions/cell-contents?cell=drug:E4&format=docx", 406, "text/csv"),
        ("/questions/cell-contents?cell=drug:E4&columns=hedline", 400, "there is no column 'hedline'"),
        ("/questions/cell-contents?cell=drug:E4&no-labels=yes", 400, "no-labels=yes: expected true or false"),
        ("/questions/cell-contents?cell=%FF", 400, "not in UTF-8"),
        ("/questions/cell-contents/values/sell", 400, "has no parameter 'sell'"),
        ("/questions/search/values/text", 400, "there is no list of values for 'text'"),
    ],
)
def test_mistakes_get_a_reason_and_what_to_do(served: Served, path: str, status: int, words: str) -> None:
    answer = served.get(path)
    assert (answer.status_code, words in answer.text) == (status, True), answer.text


def test_pages_link_to_the_next_one_only_where_there_is_more(served: Served) -> None:
    path = "/questions/shared-documents"
    whole = served.get(path, "text/csv").text.splitlines()
    rows, following = [], "?format=csv&limit=4"
    while following:
        answer = served.get(path + following)
        rows += answer.text.splitlines()[1:]
        links = [link for link in answer.headers.get_list("link") if 'rel="next"' in link]
        following = links[0].partition(">")[0].removeprefix("<") if links else ""
    assert rows == whole[1:]
    assert len(rows) > 4
    exact = served.get(f"{path}?limit={len(rows)}")
    assert "link" not in exact.headers
    assert served.get(f"{path}?offset=1000&format=csv").text.splitlines() == whole[:1]
    assert served.get(f"{path}?limit=0&format=csv").text.splitlines() == whole[:1]


def test_the_text_of_a_question_has_its_values(served: Served) -> None:
    shipped = Catalogue()["cell-contents"].text
    assert served.get("/questions/cell-contents.rq").text == shipped
    answer = served.get("/questions/cell-contents.rq?cell=drug:E4")
    assert answer.headers["content-type"] == "application/sparql-query; charset=utf-8"
    rows = served.get("/sparql", "text/csv", params={"query": answer.text}).text.splitlines()
    plain = served.get("/questions/cell-contents?cell=drug:E4&no-labels=true", "text/csv").text.splitlines()
    assert sorted(rows) == sorted(plain)


def test_the_values_of_a_parameter(served: Served, run: Run) -> None:
    answer = served.get("/questions/cell-contents/values/cell", "text/csv")
    assert answer.content == run("query", "cell-contents", "--values", "cell", "--format", "csv").output


def test_notes_are_those_of_the_shell(served: Served, run: Run) -> None:
    answer = served.get("/questions/cell-contents?cell=drug:A1")
    ran = run("query", "cell-contents", "-p", "cell=drug:A1")
    notes = re.findall("note: (.*)", ran.stderr)
    assert notes
    assert answer.headers.get_list("evgraph-note") == notes


def test_the_answer_names_its_own_address(served: Served) -> None:
    answer = served.get("/questions/cell-contents?cell=drug:E4", "text/csv")
    location = answer.headers["content-location"]
    assert location == "/questions/cell-contents?cell=drug%3AE4&format=csv"
    assert served.get(location).content == answer.content


def test_the_list_and_openapi_describe_every_question(served: Served) -> None:
    listed = served.get("/questions").json()
    assert [question["name"] for question in listed] == NAMES
    for question in listed:
        assert question["summary"] == Catalogue()[question["name"]].summary
    described = served.get("/openapi.json").json()
    assert {f"/questions/{name}" for name in NAMES} < described["paths"].keys()
    (cell,) = (
        parameter
        for parameter in described["paths"]["/questions/cell-contents"]["get"]["parameters"]
        if parameter.get("name") == "cell"
    )
    assert (cell["required"], cell["schema"]["type"]) == (True, "array")


def test_openapi_is_valid(served: Served) -> None:
    require("openapi_spec_validator")
    from openapi_spec_validator import validate

    validate(served.get("/openapi.json").json())


# A name that the graph does not have is refused, which no schema can say. Boundary values and faulty ones of each
# parameter, in many combinations, are for a question of each kind: the parameters of all questions are read alike.
SCHEMATHESIS = r"""
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "400"]
[[operations]]
exclude-path-regex = '^/questions(/(cell-contents|describe|evidence-chain|search|most-connected)(\.rq|/.*)?)?$'
phases.coverage.enabled = false
"""


@pytest.mark.slow
def test_random_requests_get_what_openapi_describes(tmp_path: Path) -> None:
    """Run schemathesis with every check."""
    pytest.importorskip("schemathesis")
    config = tmp_path / "schemathesis.toml"
    config.write_text(SCHEMATHESIS)
    with serving("--workers", "2") as server:
        ran = subprocess.run(
            [
                *(Path(sys.executable).with_name("st"), "--config-file", config, "run", f"{server.url}/openapi.json"),
                *("--checks", "all", "--max-examples", "4", "--seed", "1"),
            ],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )
    assert ran.returncode == 0, ran.stdout
    assert re.search(r"Tested: (\d{2,})", ran.stdout)
