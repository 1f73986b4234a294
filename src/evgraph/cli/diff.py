"""``evgraph diff``: the changes between two versions of a graph."""

from __future__ import annotations

import json
import re
from itertools import groupby
from typing import TYPE_CHECKING

import click

from evgraph.characters import visible
from evgraph.cli.common import Command, note, refuse, say, write_output
from evgraph.cli.hints import options_named
from evgraph.errors import ExitCode, UsageError
from evgraph.namespaces import DCTERMS, ID, MATRICES, curie
from evgraph.terms import value_of
from evgraph.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from pyoxigraph import Quad

    from evgraph.export.diff import Change
    from evgraph.store.embedded import EmbeddedStore

_EMPTY_PATCH = 2  # Lines: the start and the end of the transaction.


@click.command(cls=Command)
@click.argument("old", type=click.Path(allow_dash=True))
@click.argument("new", type=click.Path(allow_dash=True))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "patch", "atom"], case_sensitive=False),
    default="text",
    show_default=True,
    help="Format of the output: patch is an RDF Patch, which other programs apply; atom is a feed.",
)
@click.option("--about", metavar="THING", help="Only changes of this matrix, cell or document: drug, drug:E4, timko.")
@click.option(
    "--date",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Day of the new version, for atom.  [default: the last day on which one of its pages was captured]",
)
def diff(old: str, new: str, form: str, about: str | None, date: datetime | None) -> ExitCode:
    """List the changes from OLD to NEW (RDF files or folders of them).

    It compares everything that the graphs describe. Of a cell it lists entries that came, went, moved, were retitled,
    or whose year, marker or publisher was corrected; a new title of the page, supporters and hot topics; references
    that came, went, were settled by a person or changed their target; and statements whose passage is gone because the
    text of the page changed. A new text of a page is one change, although all its passages shift.

    \b
    Examples:
      evgraph diff my-graph-last-year my-graph
      evgraph diff my-graph-last-year my-graph --format patch
      evgraph diff my-graph-last-year my-graph --format atom --about drug:E4 --date 2026-01-31

    Exit codes: 0 no changes, 1 changes, 2 usage, 3 unreadable input.
    """  # noqa: D301 - click's own mark
    from evgraph.export.concerning import concerning
    from evgraph.export.describe import DATASET
    from evgraph.export.diff import changes
    from evgraph.rdf.files import find, report_all_broken

    if date and form != "atom":
        refuse("date", message="is for --format atom only", hint="leave it out")
    if about and form == "patch":
        refuse("about", message="is not for a patch, which has all that differs", hint="leave it out")
    before, after = find([old]), find([new])
    if len(before) == len(after) == 1:
        after = [after[0]._replace(graph=before[0].graph)]  # A file without a header is a graph of its own name.
    with report_all_broken([*before, *after]):
        versions = [[quad for file in files for quad in file.quads()] for files in (before, after)]
    if form == "patch":
        from evgraph.export.patch import patch

        lines = list(patch(*versions))
        write_output((line.encode() for line in lines), "-")
        return ExitCode.FINDINGS if len(lines) > _EMPTY_PATCH else ExitCode.CLEAN
    listed, iri = changes(*versions), DATASET
    if about:
        iri = _thing(about, [*versions[0], *versions[1]])
        listed = concerning(listed, iri, *map(_store, versions))
    if form == "json":
        click.echo(json.dumps([change._asdict() for change in listed], ensure_ascii=False, indent=2))
    elif form == "atom":
        from evgraph.render.atom import atom

        day = f"{date:%Y-%m-%d}" if date else _last_day(versions[1])
        title = f"Changes: {curie(iri)}" if about else "Changes of evgraph"
        write_output((piece.encode() for piece in atom(listed, day, iri=iri, title=title)), "-")
    else:
        say("\n".join(_lines(listed)))
    return ExitCode.FINDINGS if listed else ExitCode.CLEAN


def _thing(text: str, quads: Iterable[Quad]) -> str:
    """Return the IRI of what people type for a matrix, a cell or any other thing of two versions."""
    from evgraph.export.citations import named

    if text.casefold() in MATRICES:
        return f"{ID}matrix/{text.casefold()}"
    notes: list[str] = []
    with options_named({"thing": "--about"}):
        iri = named(_store(quads), text, notes)
    note(notes)
    return iri


def _store(quads: Iterable[Quad]) -> EmbeddedStore:
    from evgraph.store.embedded import EmbeddedStore

    store = EmbeddedStore()
    store.extend(quads)
    return store


def _last_day(quads: Iterable[Quad]) -> str:
    """Return the last day on which a page was captured."""
    days = [
        value_of(quad.object)
        for quad in quads
        if quad.predicate.value == f"{DCTERMS}date" and re.fullmatch(r"\d{4}-\d\d-\d\d", value_of(quad.object))
    ]
    if not days:
        raise UsageError("a feed needs the day of the new version, and the data has none", hint="name it with --date")
    return max(days)


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
