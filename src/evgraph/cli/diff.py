"""``evgraph diff``: the changes between two versions of a graph."""

from __future__ import annotations

import click

from evgraph.cli.options import Command
from evgraph.errors import ExitCode


@click.command(cls=Command)
@click.argument("old", type=click.Path(allow_dash=True))
@click.argument("new", type=click.Path(allow_dash=True))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"], case_sensitive=False),
    default="text",
    show_default=True,
    help="Format of the output.",
)
def diff(old: str, new: str, form: str) -> ExitCode:
    """List the changes from OLD to NEW (RDF files or folders of them).

    It lists cells, entries and hot topics that came or went; entries that moved, were retitled or changed marker, date
    or publisher; references that came, went or changed their target; and statements whose passage is gone because the
    text of the page changed.

    \b
    Example:
      evgraph diff my-graph-last-year my-graph

    Exit codes: 0 no changes, 1 changes, 2 usage, 3 unreadable input.
    """  # noqa: D301 - click's own mark
    from evgraph.export.diff import changes
    from evgraph.rdf.files import find, report_all_broken
    from evgraph.render.changes import as_json, text

    before, after = find([old]), find([new])
    with report_all_broken([*before, *after]):
        listed = changes(*([quad for file in files for quad in file.quads()] for files in (before, after)))
    click.echo(as_json(listed) if form == "json" else text(listed), nl=False)
    return ExitCode.FINDINGS if listed else ExitCode.CLEAN
