"""``evgraph diff``: the changes between two versions of a graph."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING

import click

from evgraph.characters import visible
from evgraph.cli.common import Command, say
from evgraph.errors import ExitCode
from evgraph.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evgraph.export.diff import Change


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

    It compares everything that the graphs describe. Of a cell it lists entries that came, went, moved, were retitled,
    or whose year, marker or publisher was corrected; a new title of the page, supporters and hot topics; references
    that came, went, were settled by a person or changed their target; and statements whose passage is gone because the
    text of the page changed. A new text of a page is one change, although all its passages shift.

    \b
    Example:
      evgraph diff my-graph-last-year my-graph

    Exit codes: 0 no changes, 1 changes, 2 usage, 3 unreadable input.
    """  # noqa: D301 - click's own mark
    from evgraph.export.diff import changes
    from evgraph.rdf.files import find, report_all_broken

    before, after = find([old]), find([new])
    with report_all_broken([*before, *after]):
        listed = changes(*([quad for file in files for quad in file.quads()] for files in (before, after)))
    if form == "json":
        click.echo(json.dumps([change._asdict() for change in listed], ensure_ascii=False, indent=2))
    else:
        say("\n".join(_lines(listed)))
    return ExitCode.FINDINGS if listed else ExitCode.CLEAN


def _lines(changes: Sequence[Change]) -> Iterator[str]:
    """Yield one line per change, grouped by cell, and their number."""
    for cell, group in groupby(changes, key=lambda change: change.cell):
        yield cell or "everything else"
        for change in group:
            values = " → ".join(filter(None, [", ".join(change.before), ", ".join(change.after)]))
            label = "" if change.how == "retitled" else change.label
            yield visible(f"  {change.what} {change.how}: {': '.join(filter(None, [label, values]))}")
        yield ""
    yield plural(len(changes), "change")
