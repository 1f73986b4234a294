"""``evgraph mcp`` as assistants use it: the SDK's own client, with a process at standard input, and over HTTP."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import jsonschema
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from docs.transcript import PAGE, transcript, with_transcript
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from evgraph import workers
from evgraph.assistants.answers import call
from evgraph.assistants.server import PATH, Assistants
from evgraph.assistants.tools import MOST_ROWS
from evgraph.limits import Limits
from evgraph.query.catalogue import Catalogue
from evgraph.store.opening import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mcp.types import CallToolResult, Tool
    from tests.conftest import Run

ROOT = Path(__file__).parent.parent.parent
PAGES = ROOT / "examples" / "pages"
ARGUMENTS = ["mcp"]
"""What the docs configure."""
PASSAGE = "https://w3id.org/evgraph/id/passage/efce44c0c094406b"
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
NOTHING = (
    "no rows: nothing in this graph says so, which does not mean that it is not so; the graph holds the pages of"
    " alcohol:E4, drug:E4"
)


class Assistant:
    """A client of a server, without ``async``."""

    def __init__(self, portal: BlockingPortal, client: Client) -> None:
        self._portal, self._client = portal, client
        self.instructions = client.instructions

    def tools(self) -> dict[str, Tool]:
        """Return the tools by name."""
        return {tool.name: tool for tool in self._portal.call(self._client.list_tools).tools}

    def transcript(self) -> str:
        """Return the conversation of the docs."""
        return self._portal.call(transcript, self._client)

    def call(self, tool: str, **arguments: object) -> CallToolResult:
        """Call a tool."""
        result: CallToolResult = self._portal.call(self._client.call_tool, tool, arguments)
        return result

    def ask(self, tool: str, **arguments: object) -> dict[str, Any]:
        """Return the content of an answer that is no error; its text is the same."""
        result = self.call(tool, **arguments)
        content: dict[str, Any] = result.structured_content
        assert not result.is_error, result.content
        assert [json.loads(block.text) for block in result.content if block.type == "text"] == [content]
        return content

    def error(self, tool: str, **arguments: object) -> str:
        """Return the text of an error."""
        result = self.call(tool, **arguments)
        assert result.is_error
        assert result.structured_content is None
        (block,) = result.content
        assert block.type == "text"
        return block.text


@pytest.fixture(scope="session")
def assistant() -> Iterator[Assistant]:
    """Start a server at standard input and output."""
    arguments = ["-m", "evgraph", *ARGUMENTS, "--timeout", "60"]
    process = StdioServerParameters(command=sys.executable, args=arguments, env=ENVIRONMENT)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(stdio_client(process))) as client,
    ):
        yield Assistant(portal, client)


def things(answer: dict[str, Any], column: str) -> list[str]:
    """Return the last parts of the IRIs in a column."""
    return [row[column]["iri"].rpartition("/")[2] for row in answer["rows"]]


def test_which_guidance_cites_the_timko_trial_and_where_is_it_said(assistant: Assistant) -> None:
    answer = assistant.ask("guidance-citing-trials", trial="timko-2007")
    assert things(answer, "guidance") == ["nice-2011-guidelines", "nice-2011-commissioning"]
    first, second = answer["rows"]
    cited = {"cell": "alcohol:E4", "line": 95, "passage": f"{PASSAGE}/18454-18759"}
    assert first == {
        "guidance": {
            "iri": "https://w3id.org/evgraph/id/doc/nice-2011-guidelines",
            "label": "NICE clinical guidelines on alcohol use disorders (2011)",
        },
        "year": 2011,
        "trial": {"iri": "https://w3id.org/evgraph/id/doc/timko-2007", "label": "Timko & DeBenedetti (2007)"},
        "trial_year": 2007,
        "how": "direct",
        "citing": first["guidance"],
        "evidence": [cited],
    }
    followed = {"cell": "alcohol:E4", "line": 41, "passage": f"{PASSAGE}/5668-5816"}
    assert (second["how"], second["evidence"]) == ("chained", [followed, cited])
    assert answer["complete"] is True


def test_each_question_is_a_tool_with_typed_parameters(assistant: Assistant) -> None:
    tools = assistant.tools()
    questions = {question.name: question for question in Catalogue()}
    for name in ("describe", "search", "changes-since"):
        del questions[name]
    assert list(tools) == ["describe", "search", "cite", "sparql", *questions]
    for name, tool in tools.items():
        jsonschema.Draft202012Validator.check_schema(tool.input_schema)
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        properties = dict(tool.input_schema["properties"])
        if name == "cite":
            assert properties["format"]["enum"] == ["text", "bibtex", "ris", "csl"]
            continue
        limit = properties.pop("limit")
        assert (limit["default"], limit["maximum"]) == (50, MOST_ROWS)
        if name in questions:
            parameters = questions[name].parameters
            assert list(properties) == list(parameters)
            assert tool.input_schema["required"] == [each.name for each in parameters.values() if each.required]
            assert (tool.description or "").startswith(f"{questions[name].summary}.\n")
    marker = tools["timeline"].input_schema["properties"]["marker"]
    assert marker["enum"] == ["G", "K", "R", "S"]
    assert marker["description"] == "one marker only (G: Guidance; K: Key study; R: Review; S: Seminal study)"
    assert "enum" not in tools["mentions"].input_schema["properties"]["document"], "the graph has too many"
    assert "timko-2007: Timko & DeBenedetti (2007)" in json.dumps(tools["guidance-citing-trials"].input_schema)
    assert "An empty answer means that the graph does not say it" in (assistant.instructions or "")


def test_describe_gives_each_statement_with_its_passages(assistant: Assistant) -> None:
    answer = assistant.ask("describe", thing="Timko & DeBenedetti")
    statements = {
        (row["subject"]["iri"].rpartition("/")[2], row["property"]["label"]): row["evidence"] for row in answer["rows"]
    }
    assert [(place["cell"], place["line"]) for place in statements["manning-2012", "corresponds to"]] == [
        ("alcohol:E4", 25),
        ("drug:E4", 48),
    ]
    assert [(place["cell"], place["line"]) for place in statements["nice-2011-guidelines", "cito:citesAsEvidence"]] == [
        ("alcohol:E4", 95)
    ]
    assert statements["timko-2007", "dcterms:creator"] == []
    assert any("without evidence: no passage of a page is recorded" in note for note in answer["notes"])
    assert "using Timko & DeBenedetti (2007) (doc:timko-2007) for 'Timko & DeBenedetti'" in answer["notes"]


def test_search_finds_things_with_their_lines(assistant: Assistant) -> None:
    answer = assistant.ask("search", words="aftercare", cell="drug:E4", limit=2)
    assert things(answer, "thing") == ["lash-2011", "schmidt-2012"]
    assert [(row["evidence"][0]["cell"], row["evidence"][0]["line"]) for row in answer["rows"]] == [
        ("drug:E4", 54),
        ("drug:E4", 44),
    ]
    assert answer["complete"] is False
    assert answer["notes"] == [
        "the answer was cut after 2 rows, there are more: raise the limit, to at most 500, or narrow the question"
    ]
    assert assistant.ask("search", words="aftrcare")["notes"] == [
        "nothing has 'aftrcare'; did you mean 'aftercare'?",
        NOTHING,
    ]


def test_evidence_is_that_of_the_entry_in_the_row(assistant: Assistant) -> None:
    answer = assistant.ask("cell-contents", cell="drug:E4", limit=1)
    assert [(place["cell"], place["line"]) for place in answer["rows"][0]["evidence"]] == [("drug:E4", 44)]
    (listed, *_) = assistant.ask("shared-documents", limit=1)["rows"]
    assert [(place["cell"], place["line"]) for place in listed["evidence"]] == [("alcohol:E4", 21), ("drug:E4", 46)]


def test_cite(assistant: Assistant) -> None:
    assert assistant.ask("cite", thing="timko-2007") == {
        "rows": [
            {
                "thing": {
                    "iri": "https://w3id.org/evgraph/id/doc/timko-2007",
                    "label": "Timko & DeBenedetti (2007)",
                },
                "citation": "Timko C, DeBenedetti (2007). [In USA active and persistent attempts to link patients to"
                " mutual aid groups helps reduce substance use]. https://doi.org/10.1016/j.drugalcdep.2007.04.007",
            }
        ],
        "complete": True,
        "notes": [],
    }
    (row,) = assistant.ask("cite", thing="drug:E4", format="ris")["rows"]
    assert row["citation"].splitlines()[:2] == ["TY  - ELEC", "ID  - cell-drug-E4"]
    assert assistant.error("cite", thing="evg:Trial") == (
        "evg:Trial is no document, cell or matrix of this graph (name one of these, or 'dataset' for the whole)"
    )


def test_sparql(assistant: Assistant) -> None:
    query = "SELECT DISTINCT ?d WHERE { ?d a evg:Guidance } ORDER BY ?d"
    answer = assistant.ask("sparql", query=query, limit=2)
    assert things(answer, "d") == ["models-of-care-2006", "nice-2007"]
    assert "evidence" not in answer["rows"][0]
    assert assistant.ask("sparql", query="ASK { ?d a evg:Guidance }")["rows"] == [{"answer": True}]
    triples = assistant.ask("sparql", query="CONSTRUCT { ?d a evg:Trial } WHERE { ?d a evg:Trial }", limit=1)
    assert list(triples["rows"][0]) == ["subject", "predicate", "object"]
    assert triples["complete"] is False


def test_where_nothing_is_the_answer_says_so(assistant: Assistant) -> None:
    assert assistant.ask("guidance-citing-trials", trial="lash-2011") == {
        "rows": [],
        "complete": True,
        "notes": ["doc:lash-2011 is of another kind than this question asks for: review, not trial", NOTHING],
    }
    assert assistant.ask("sparql", query="SELECT ?x WHERE { ?x a evg:Gidance }")["notes"] == [
        "evg:Gidance is not in this graph; did you mean 'evg:Guidance'?",
        NOTHING,
    ]


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("guidance-citing-trial", {}, "there is no tool 'guidance-citing-trial'; did you mean 'guidance-citing-trials'?"
         " (the list of tools has all names)"),
        ("changes-since", {"version": "x.ttl"}, "there is no tool 'changes-since' (the list of tools has all names)"),
        ("cell-contents", {}, "cell-contents needs the parameter 'cell': the cell whose entries to list"
         ' (call cell-contents with cell = "drug:E4")'),
        ("cell-contents", {"cell": "E4"}, 'cell = "E4": a cell of both matrices, and this question is about one'
         ' (cell = "drug:E4" or cell = "alcohol:E4")'),
        ("cell-contents", {"cell": ["drug:E4"]}, "cell-contents: 'cell' must be a text or a number (give one value)"),
        ("cell-contents", {"cell": "drug:E4", "limit": 501}, 'limit = "501": expected a number from 1 to 500'),
        ("search", {"word": "x"}, "search has no parameter 'word'; did you mean 'words'?"
         " (choose one of kind, cell, matrix, year, words)"),
        ("search", {"words": ""}, "search needs the parameter 'words' (give it words)"),
        ("sparql", {"query": "SELECT * { SERVICE <http://a.example/> { ?s ?p ?o } }"},
         "line 1: SERVICE asks another server: not allowed (leave it out, and open what it names as data)"),
        ("sparql", {"query": "DELETE WHERE { ?s ?p ?o }"},
         "line 1: DELETE is a keyword of updates, and a query changes nothing (use SELECT or CONSTRUCT)"),
        ("sparql", {"query": "SELECT ?x WHERE { ?x a evg:Guidance"},
         "line 1: the query is not legal SPARQL: it ends before it is complete (column 36)\n"
         "  SELECT ?x WHERE { ?x a evg:Guidance\n                                     ^"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_errors_say_what_to_do(assistant: Assistant, tool: str, arguments: dict[str, object], message: str) -> None:
    assert assistant.error(tool, **arguments) == message


@pytest.mark.slow
def test_a_query_ends_at_a_limit() -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    assistants = Assistants(Origin(), Limits(seconds=8))
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(Client(assistants.server())) as client:
        assert Assistant(portal, client).error("sparql", query=query) == (
            "sparql took longer than 8 s and was ended (ask for less: narrow the question, or give values for more"
            " parameters)"
        )


def test_the_page_has_the_transcript_and_what_clients_need(assistant: Assistant) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_transcript(page, assistant.transcript()) == page, "python -m docs.transcript writes it"
    configurations = [json.loads(block) for block in re.findall(r"(?ms)^```json\n(.*?)^```$", page)]
    servers = [(each.get("mcpServers") or each["servers"])["evgraph"] for each in configurations]
    assert [server.get("args") for server in servers] == [ARGUMENTS, ARGUMENTS, None]
    assert servers[2]["url"] == f"http://127.0.0.1:8001{PATH}"


def test_long_answers_are_cut(assistant: Assistant) -> None:
    query = 'SELECT (CONCAT(STR(?s), "x") AS ?text) ?n ?p { ?s ?p ?o . VALUES ?n { 1 2 3 4 5 6 7 8 9 } }'
    answer = assistant.ask("sparql", query=query.replace('"x"', f'"{"x" * 3_000}"'), limit=500)
    assert 60 < len(answer["rows"]) < 70
    assert answer["complete"] is False
    count = len(answer["rows"])
    assert answer["notes"] == [
        f"the answer was cut after {count} rows, the others are too long for one answer: narrow the question"
    ]
    (row,) = assistant.ask("sparql", query=f'SELECT ("{"y" * 5_000}" AS ?text) {{}}')["rows"]
    assert row["text"] == f"{'y' * 4_000} … (5,000 characters)"


@pytest.mark.slow
def test_the_server_ends_with_its_client_and_says_nothing_else() -> None:
    command = [sys.executable, "-m", "evgraph", "mcp"]
    done = subprocess.run(command, input=b"", capture_output=True, env=ENVIRONMENT, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["--data", "-"], 2, "evgraph: --data -: standard input is not free for data\n  name a file or a folder\n"),
        (["--pages", "none"], 2, "evgraph: --pages none: no such folder of pages\n  check the name\n"),
        (["--data", "none.ttl"], 3, "evgraph: none.ttl: "),
    ],
    ids=["input", "pages", "data"],
)
def test_what_cannot_be_served(run: Run, args: list[str], code: int, message: str) -> None:
    ran = run("mcp", *args)
    assert ran.code == code
    assert ran.stderr.startswith(message)
    assert ran.stdout == ""


@pytest.mark.slow
def test_a_passage_has_its_text_where_the_pages_are_at_hand(run: Run, tmp_path: Path) -> None:
    assert run("ingest", PAGES, "--register", "examples/register", "-o", tmp_path, "--quiet", cwd=ROOT).code == 0
    arguments = (Origin(paths=(tmp_path,)), PAGES, "cell-contents", {"cell": "drug:C2", "limit": 1})
    (answer,) = workers.iterate(call, *arguments, limits=Limits(30), task="the call", key=tmp_path)
    (place,) = answer.rows[0]["evidence"]
    assert (place["cell"], place["line"]) == ("drug:C2", 41)
    assert place["text"] == (
        "S First test of live supervision (1979). Thirty counsellors, half of them watched through a one-way screen."
        " Discussion in cell A2’s bite."
    )


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Start a server over HTTP, and end it as a shell does."""
    command = [sys.executable, "-m", "evgraph", "mcp", "--http", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["auto", "legacy"])  # Legacy clients begin with the request 'initialize'.
def test_the_same_answers_over_http(address: str, assistant: Assistant, mode: str) -> None:
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(address, mode=mode)) as client,
    ):
        over_http = Assistant(portal, client)
        assert list(over_http.tools()) == list(assistant.tools())
        trial = "timko-2007"
        assert over_http.ask("guidance-citing-trials", trial=trial) == assistant.ask(
            "guidance-citing-trials", trial=trial
        )
        assert over_http.error("nothing").startswith("there is no tool 'nothing'")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "rebound.example"}, 421),
        ({"host": "127.0.0.1:1"}, 421),
        ({"origin": "http://rebound.example"}, 403),
        ({"origin": "null"}, 403),
        ({"content-type": "text/plain"}, 400),
    ],
    ids=lambda value: " ".join(map(": ".join, value.items())) if isinstance(value, dict) else "",
)
def test_pages_of_other_origins_get_nothing(address: str, headers: dict[str, str], status: int) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    accept = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18"}
    answer = httpx.post(address, json=body, headers=accept | headers, timeout=30)
    assert answer.status_code == status
    assert ("guidance-citing-trials" in answer.text) == (status == 200)
    assert "access-control-allow-origin" not in answer.headers
