"""Findings without a file, since the data is in a store or on a server: no report for machines names one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.conftest import command
from tests.render.readers import github_commands, junit_cases, sarif_run

from evgraph.rdf.files import find
from evgraph.store.disk import build

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers import Server

GRAPHS = ["https://w3id.org/evgraph/id/graph/drug-A1", "urn:example:mine"]
PREFIXES = """@prefix doc: <https://w3id.org/evgraph/id/doc/> . @prefix evg: <https://w3id.org/evgraph/ns#> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
BROKEN = 'doc:{} a evg:Document ; dcterms:issued "21"^^xsd:gYear .\n'
WAIVERS = '[[waiver]]\nrule = "DocumentShape-issued"\nfocus = "doc:nobody"\nreason = "no reason"\nwho = "me"\n'


@pytest.fixture(scope="module", params=["store", "endpoint", "stdin"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Validate two graphs, and a waiver that nothing matches, in each format; empty for an origin without graphs."""
    tmp_path = tmp_path_factory.mktemp("no_file")
    parts = dict(zip(GRAPHS, ("a", "b"), strict=True))
    data, stdin, words = "", "", ["-"]
    for graph, name in parts.items():
        data += f"<{graph}> {{ {BROKEN.format(name)} }}\n"
    (tmp_path / "data.trig").write_text(PREFIXES + data)
    (tmp_path / "waivers.toml").write_text(WAIVERS)
    if request.param == "store":
        build(tmp_path / "kept", find([tmp_path / "data.trig"]))
        words = ["--store", "kept"]
    elif request.param == "endpoint":
        server: Server = request.getfixturevalue("oxigraph_server")
        for graph, name in parts.items():
            server.put(graph, PREFIXES + BROKEN.format(name))
        words = ["--endpoint", server.query]
    else:
        stdin = PREFIXES + "".join(map(BROKEN.format, parts.values()))
    found = {"origin": str(request.param)}
    with pytest.MonkeyPatch.context() as patch:
        for form in ("github", "junit", "sarif"):
            words_of_form = (*words, "--waivers", "waivers.toml", "--format", form)
            done = command(patch)("validate", *words_of_form, stdin=stdin, cwd=tmp_path)
            assert done.code == 1, done.stderr
            found[form] = done.stdout
    yield found
    if request.param == "endpoint":
        server.drop(*GRAPHS)


@pytest.mark.default_cases(1)
def test_an_annotation_has_no_file_and_says_where_it_is(report: dict[str, str]) -> None:
    commands = github_commands(report["github"])
    about_data = [command for command in commands if command.properties["title"] == "DocumentShape-issued"]
    assert [command.properties for command in about_data] == [{"title": "DocumentShape-issued"}] * len(about_data)
    places = {command.text.splitlines()[-1] for command in about_data}
    assert places == (
        {"at -:3:39", "at -:4:39"} if report["origin"] == "stdin" else {f"at {graph}" for graph in GRAPHS}
    )
    (stale,) = (command for command in commands if command.properties["title"] == "stale-waiver")
    assert stale.properties["file"] == "waivers.toml"


@pytest.mark.default_cases(1)
def test_a_junit_test_has_no_file_and_says_where_it_is(report: dict[str, str]) -> None:
    cases = [case for case in junit_cases(report["junit"]) if case.classname == "DocumentShape-issued"]
    assert len(cases) == (4 if report["origin"] == "stdin" else 2)  # The year breaks two constraints; a store mends it.
    for case in cases:
        assert (case._elem.get("file"), case._elem.get("line")) == (None, None)
    for graph in GRAPHS if report["origin"] != "stdin" else ():
        assert f"\nat {graph}\n" in report["junit"]


@pytest.mark.default_cases(1)
def test_a_sarif_result_has_no_artifact_and_names_the_graph(report: dict[str, str]) -> None:
    results = [result for result in sarif_run(report["sarif"])["results"] if result["ruleId"] == "DocumentShape-issued"]
    assert len(results) == (4 if report["origin"] == "stdin" else 2)
    if report["origin"] == "stdin":  # The line says something even there.
        places = [result["locations"][0]["physicalLocation"] for result in results[::2]]
        assert [(place["artifactLocation"], place["region"]["startLine"]) for place in places] == [
            ({"uri": "-"}, 3), ({"uri": "-"}, 4),
        ]  # fmt: skip
        return
    assert {result["properties"]["graph"] for result in results} == set(GRAPHS)
    for result in results:
        assert [*result["locations"][0]] == ["logicalLocations"]
