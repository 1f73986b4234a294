"""``evgraph diff``: what changed between two versions of a graph."""

from __future__ import annotations

import click

from evgraph.cli.sections import Command
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
    help="How to write it.",
)
def diff(old: str, new: str, form: str) -> ExitCode:
    """Tell what changed from OLD to NEW (RDF files or folders of them), in the words of the domain.

    Cells, entries and hot topics that came or went; entries that moved, were retitled or changed marker, date or
    publisher; references that came, went, or mean something else; statements whose passage is gone because the page's
    text is another one.

    \b
    Example:
      evgraph diff my-graph-last-year my-graph

    Exit codes: 0 nothing changed, 1 something did, 2 usage, 3 unreadable input.
    """  # noqa: D301 - click's own mark
    from evgraph.export.diff import changes
    from evgraph.rdf.files import find, report_all_broken
    from evgraph.render.changes import as_json, text

    before, after = find([old]), find([new])
    with report_all_broken([*before, *after]):
        found = changes(*([quad for file in some for quad in file.quads()] for some in (before, after)))
    click.echo(as_json(found) if form == "json" else text(found), nl=False)
    return ExitCode.FINDINGS if found else ExitCode.CLEAN
