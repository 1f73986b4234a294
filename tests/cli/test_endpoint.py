"""The commands on a server: what they write is, byte for byte, what they write from the files loaded there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evgraph.namespaces import ID
from evgraph.rdf.files import always_loaded, find
from evgraph.store.transfer import parts, push

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Run
    from tests.servers import Server

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
OWN_GRAPH = """<urn:example:graph> { <urn:example:a> <urn:example:b> "outside our IRIs" . }
<https://w3id.org/evgraph/id/org/mine> <http://www.w3.org/2000/01/rdf-schema#label> "Größe\\n\\"2\\""@de .
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two cells of the example pages, with TriG of somebody's own beside them."""
    from click.testing import CliRunner

    from evgraph.cli.main import cli

    out = tmp_path_factory.mktemp("data")
    words = ["ingest", str(EXAMPLES / "pages"), "-o", str(out), "--register", str(EXAMPLES / "register"), "--quiet"]
    CliRunner().invoke(cli, words, catch_exceptions=False)
    (out / "own.trig").write_text(OWN_GRAPH, encoding="utf-8")
    assert len(list(out.glob("cells/*.ttl"))) == 2
    return out


@pytest.fixture(scope="module", params=["oxigraph_server", "virtuoso"])
def loaded(request: pytest.FixtureRequest, folder: Path) -> Iterator[Server]:
    """Load the folder into a server that also holds a graph which is none of ours."""
    server: Server = request.getfixturevalue(request.param)
    with server.holding(("urn:example:strange", "<urn:x> <urn:y> <urn:z> .")) as store:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in server.environment.items():
                patch.setenv(name, value)
            list(push(store, parts(find([folder]), beside=always_loaded())))
        yield server
        server.drop(*(graph for graph in store.graphs() if graph.startswith((ID, "urn:example:"))))


@pytest.mark.default_cases(3)
@pytest.mark.parametrize(
    "words",
    [
        ["export", "--format", "trig"],
        ["export", "--format", "ntriples", "--with-ontology"],
        ["export", "--cell", "C2", "--format", "jsonld"],
        ["export", "--resource", "doc:bell-2006"],
        ["export", "--describe"],
        ["query", "shared-documents", "--format", "csv"],
        ["query", "cell-contents", "-p", "cell=drug:C2", "--format", "json"],
        ["query", "corresponding-studies", "--with-passages", "--format", "csv"],
        ["query", "unsettled-references", "--format", "table"],
    ],
    ids=" ".join,
)
def test_a_server_gives_the_bytes_that_the_files_give(run: Run, loaded: Server, folder: Path, words: list[str]) -> None:
    from_files = run(*words, "--data", folder)
    from_server = run(*words, "--endpoint", loaded.query)
    assert from_files.code == 0
    assert from_server.output == from_files.output
    assert (from_server.code, from_server.stderr) == (from_files.code, from_files.stderr)


def test_what_evgraph_has_not_loaded_and_its_own_notes_stay_out(run: Run, loaded: Server) -> None:
    done = run("export", "--format", "nquads", "--endpoint", loaded.query)
    assert "urn:example:graph" in done.stdout
    for absent in ("urn:example:strange", f"{ID}graph/loaded", f"{ID}graph/ontology", f"{ID}graph/matrices"):
        assert absent not in done.stdout
