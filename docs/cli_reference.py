"""The page of the commands, made from the commands themselves."""

from __future__ import annotations

import click
from click.testing import CliRunner

from evgraph.cli.main import cli

HEAD = """\
# The commands

What `evgraph COMMAND --help` says, for every command. This page is written by `python -m docs.build`; a test
fails when it is out of date.

Shell completion: [shell-completion.md](shell-completion.md).
"""


def reference() -> str:
    """Give the page."""
    names = list(cli.list_commands(click.Context(cli)))
    return HEAD + _block("evgraph", []) + "".join(_block(f"evgraph {name}", [name]) for name in names)


def _block(title: str, words: list[str]) -> str:
    ran = CliRunner().invoke(cli, [*words, "--help"], prog_name="evgraph", terminal_width=100)  # As wide as a page.
    return f"\n## {title}\n\n```text\n{ran.output.rstrip()}\n```\n"
