"""`Graph.search`: the hits of the command, as rows of a `Result`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import evgraph

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run
    from tests.servers import Server


@pytest.fixture(scope="module")
def graph() -> evgraph.Graph:
    return evgraph.open()


def test_the_hits_are_those_of_the_command(graph: evgraph.Graph, run: Run) -> None:
    ran = run("search", "mutual", "aid", "--kind", "entry", "--year", "2005-2012", "--format", "ndjson")
    hits = graph.search("mutual aid", kind="entry", year="2005-2012")
    assert hits.to_dicts() == [json.loads(line) for line in ran.stdout.splitlines()]
    assert (hits.cut, hits.notes) == (False, ())
    assert "score" in hits.descriptions


def test_filters_take_things_numbers_and_lists(graph: evgraph.Graph) -> None:
    (document, entry) = graph.search("timko", cell=graph.cell("drug:E4"), year=2007)
    assert (str(document["kind"]), str(entry["cells"])) == ("trial", "drug:E4")
    assert len(graph.search("timko", kind=["trial", "entry"], matrix=["alcohol"], year=range(2000, 2010))) == 2
    assert graph.search("timko", kind="section").notes == ("without the filters, there are 3 hits",)


def test_limits_and_frames(graph: evgraph.Graph) -> None:
    hits = graph.search("mutual", limit=2)
    assert (len(hits), hits.cut) == (2, True)
    assert repr(hits).endswith("2 rows, as limit=2 asks; there are more")
    assert len(graph.search("mutual")) == 20 < len(graph.search("mutual", limit=None))
    assert graph.search("timko").to_dicts(curies=True)[0]["thing"] == "doc:timko-2007"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"text": ""}, "'': expected words with letters or digits"),
        ({"text": 7}, "a search is for words in a str, not int"),
        ({"kind": "trail"}, "there is no kind 'trail'; did you mean 'trial'?"),
        ({"kind": []}, "kind: an empty list"),
        ({"cell": "Q9"}, "cell 'Q9': expected a cell"),
        ({"matrix": 3.5}, "matrix=3.5: expected text"),
        ({"year": "now"}, "year 'now': expected a year"),
        ({"limit": -1}, "limit=-1: expected a whole number from 0"),
    ],
)
def test_wrong_use(graph: evgraph.Graph, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(evgraph.UsageError) as raised:
        graph.search(**({"text": "timko"} | arguments))
    assert str(raised.value).startswith(message)


def test_stores_and_servers(run: Run, tmp_path: Path, oxigraph_server: Server) -> None:
    assert run("load", "examples/faulty.ttl", "--store", tmp_path / "store").code == 0
    expected = evgraph.open("examples/faulty.ttl").search("holm").to_dicts()
    assert expected
    assert evgraph.open(store=tmp_path / "store").search("holm").to_dicts() == expected
    assert len(evgraph.open(endpoint=oxigraph_server.query).search("holm")) == 0
