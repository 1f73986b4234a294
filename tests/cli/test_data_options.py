"""``--data`` and ``--store``, on the command line and in the environment: at most one of them counts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from evgraph.cli.common import data_options
from evgraph.errors import UsageError
from evgraph.store.endpoint import Endpoint
from evgraph.store.opening import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conftest import Run

DATA = Path(__file__).parent.parent / "query/data/cell-contents.ttl"


def origin_of(*words: str, env: Mapping[str, str] | None = None, arguments: bool = False) -> Origin:
    """Give what a command with these options makes of some words and an environment."""
    found: list[Origin] = []

    @click.command()
    @data_options(arguments=arguments)
    def command(origin: Origin) -> None:
        found.append(origin)

    result = CliRunner().invoke(command, words, env=dict(env or {}))
    if result.exception:
        raise result.exception
    return found[0]


UNION = Endpoint("http://x/", default_graph="union")
FROM_ENVIRONMENT = {"EVGRAPH_DATA": "d", "EVGRAPH_STORE": ""}


@pytest.mark.parametrize(
    ("words", "env", "origin"),
    [
        ([], {}, Origin()),
        (["--data", "a", "--data", "-"], {}, Origin(paths=("a", "-"))),
        (["--store", "s"], {}, Origin(directory="s")),
        ([], {"EVGRAPH_DATA": "a:b"}, Origin(paths=("a", "b"))),
        ([], {"EVGRAPH_STORE": "s"}, Origin(directory="s")),
        ([], FROM_ENVIRONMENT, Origin(paths=("d",))),
        (["--data", "a"], {"EVGRAPH_STORE": "s"}, Origin(paths=("a",))),
        (["--store", "s"], {"EVGRAPH_DATA": "a"}, Origin(directory="s")),
        (["--store", "s"], {"EVGRAPH_DATA": "a", "EVGRAPH_STORE": "t"}, Origin(directory="s")),
        (["--endpoint", "http://x/"], {"EVGRAPH_STORE": "t"}, Origin(endpoint=Endpoint("http://x/"))),
        (["--default-graph", "union"], {"EVGRAPH_ENDPOINT": "http://x/"}, Origin(endpoint=UNION)),
        (["--endpoint", "http://x/", "--timeout", "2"], {}, Origin(endpoint=Endpoint("http://x/", timeout=2))),
    ],
)
def test_the_command_line_overrules_the_environment(words: list[str], env: dict[str, str], origin: Origin) -> None:
    assert origin_of(*words, env=env) == origin
    if "--data" not in words:
        assert origin_of(*words, env=env, arguments=True) == origin


def test_files_may_be_arguments() -> None:
    assert origin_of("a", "-", env={"EVGRAPH_STORE": "s"}, arguments=True) == Origin(paths=("a", "-"))


@pytest.mark.parametrize(
    ("words", "env", "arguments", "message"),
    [
        (["--data", "a", "--store", "s"], {}, False, "--data and --store both name"),
        (["--data", "a", "--store", "s", "--endpoint", "http://x/"], {}, False, "--data, --store and --endpoint all"),
        (["--data", "a", "--default-graph", "union"], {}, False, "--default-graph is for servers only"),
        (["--timeout", "3"], {}, False, "--timeout is for servers only"),
        (["--endpoint", "file:///etc/passwd"], {}, False, "is not an address with http or https"),
        (["a", "--store", "s"], {}, True, "PATH and --store both name"),
        ([], {"EVGRAPH_DATA": "a", "EVGRAPH_STORE": "s"}, False, "EVGRAPH_DATA and EVGRAPH_STORE both name"),
    ],
)
def test_more_than_one_is_refused(words: list[str], env: dict[str, str], arguments: bool, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        origin_of(*words, env=env, arguments=arguments)


@pytest.mark.parametrize(
    "words",
    [
        ["query", "timeline", "--endpoint", ""],
        ["query", "timeline", "--endpoint="],
        ["query", "timeline", "--store", "", "--limit", "1"],
        ["query", "timeline", "--queries", ""],
        ["query", "timeline", "-o", ""],
        ["export", "--data", ""],
        ["export", "-o", ""],
        ["validate", "--endpoint", ""],
        ["load", "--store", ""],
        ["load", "--endpoint", "http://127.0.0.1:9/", "--update", ""],
        ["ingest", "page.txt", "-o", ""],
        ["reconcile", "-o", ""],
    ],
    ids=" ".join,
)
def test_an_empty_option_is_refused(run: Run, words: list[str], tmp_path: Path) -> None:
    """An option without a value means neither the shipped graph nor the current folder."""
    ran = run(*words, cwd=tmp_path)
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr.endswith(" is empty\n  give it a value, or leave it out\n")
    assert not list(tmp_path.iterdir())


def test_an_empty_variable_of_the_environment_is_none(run: Run) -> None:
    whole = run("query", "timeline", "--format", "csv")
    empty = {"EVGRAPH_ENDPOINT": "", "EVGRAPH_STORE": "", "EVGRAPH_DATA": "", "EVGRAPH_QUERIES": ""}
    assert run("query", "timeline", "--format", "csv", env=empty).output == whole.output


@pytest.mark.parametrize("command", [["query", "timeline"], ["export"]])
def test_commands_have_them(run: Run, command: list[str]) -> None:
    ran = run(*command, "--data", DATA, "--store", "s")
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr == "evgraph: --data and --store both name the data\n  give one of them\n"
    both = run(*command, env={"EVGRAPH_DATA": str(DATA), "EVGRAPH_STORE": "s"})
    assert (both.code, both.stdout) == (2, "")
    assert "EVGRAPH_DATA and EVGRAPH_STORE both" in both.stderr
    assert run(*command, "--data", DATA, env={"EVGRAPH_STORE": "s"}).code == 0
