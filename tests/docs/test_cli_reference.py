"""The help of the commands, and shell completion. test_docs.py tests that the command reference is up to date."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evgraph.cli.main import _COMMANDS

if TYPE_CHECKING:
    from tests.conftest import Run

DOCS = Path(__file__).parent.parent.parent / "docs"


@pytest.mark.parametrize("name", _COMMANDS)
def test_the_help_of_each_command_has_an_example_and_describes_each_option(run: Run, name: str) -> None:
    ran = run(name, "--help", env={"COLUMNS": "100"})
    assert ran.code == 0
    assert re.search(rf"(?m)^  Examples?:\n    evgraph {name}\b", ran.stdout), "an example, on a line of its own"
    assert "\\b" not in ran.stdout, "click's mark shows: use a docstring that is not raw"
    undescribed = re.findall(r"(?m)^  (-\S+(?: \S+)*)$(?!\n {10})", ran.stdout)
    assert not undescribed


def test_the_list_of_commands_has_summaries(run: Run) -> None:
    ran = run("--help", env={"COLUMNS": "100"})
    for name, summary in _COMMANDS.items():
        assert re.search(rf"(?m)^  {name} +{re.escape(summary)}$", ran.stdout)


def test_completion_offers_commands_and_options(run: Run) -> None:
    env = {"_EVGRAPH_COMPLETE": "bash_complete", "COMP_WORDS": "evgraph ex", "COMP_CWORD": "1"}
    assert run(env=env).stdout.splitlines() == ["plain,export"]
    env |= {"COMP_WORDS": "evgraph export --for", "COMP_CWORD": "2"}
    assert run(env=env).stdout.splitlines() == ["plain,--format"]
    env |= {"COMP_WORDS": "evgraph export --format tu", "COMP_CWORD": "3"}
    assert run(env=env).stdout.splitlines() == ["plain,turtle"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_those_of_the_docs(run: Run, shell: str) -> None:
    page = (DOCS / "shell-completion.md").read_text(encoding="utf-8")
    assert f"_EVGRAPH_COMPLETE={shell}_source evgraph" in page
    ran = run(env={"_EVGRAPH_COMPLETE": f"{shell}_source"})
    assert "_EVGRAPH_COMPLETE" in ran.stdout
