"""The command reference, made from the commands' help."""

from __future__ import annotations

import click
from click.testing import CliRunner

from evgraph.cli.main import cli

HEAD = """\
# The commands

This page contains the output of `evgraph COMMAND --help` for every command. `python -m docs.build` writes it; a test
fails if it is out of date.

Shell completion: [shell-completion.md](shell-completion.md).
"""


def reference() -> str:
    """Return the page as Markdown."""
    names = list(cli.list_commands(click.Context(cli)))
    return HEAD + _block("evgraph", []) + "".join(_block(f"evgraph {name}", [name]) for name in names)


def _block(title: str, words: list[str]) -> str:
    ran = CliRunner().invoke(cli, [*words, "--help"], prog_name="evgraph", terminal_width=100)  # As wide as a page.
    return f"\n## {title}\n\n```text\n{ran.output.rstrip()}\n```\n"
