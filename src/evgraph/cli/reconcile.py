"""``evgraph reconcile``: which new documents may be ones that the register knows."""

from __future__ import annotations

import os
from pathlib import Path

import click

from evgraph.cli.sections import Command
from evgraph.errors import ExitCode
from evgraph.text import plural


@click.command(cls=Command)
@click.argument("data", nargs=-1, type=click.Path(allow_dash=True))
@click.option(
    "--register",
    "registers",
    multiple=True,
    type=click.Path(),
    envvar="EVGRAPH_REGISTER",
    help="Folder or file of documents that are known, beside those in DATA.  [default: the shipped graph]",
)
@click.option("-o", "--output", default="-", metavar="FILE", help="Where to write; - is standard output.  [default: -]")
def reconcile(data: tuple[str, ...], registers: tuple[str, ...], output: str) -> ExitCode:
    """Propose which documents of DATA that nobody has identified are documents that are known.

    Each proposal names its evidence: year, publisher, country, identifiers, what both point to, how alike their
    headlines are. What comes out is a Turtle file in which you accept or reject by uncommenting a line: put it into
    curated/ beside the data and ingest the pages again. Nothing merges without you, and a rejected pair does not
    come back.

    \b
    Example:
      evgraph reconcile my-graph -o my-graph/curated/decisions.ttl
    """  # noqa: D301 - click's own mark
    from evgraph import shipped_files
    from evgraph.errors import UsageError
    from evgraph.rdf.files import all_told, find
    from evgraph.reconcile.decisions import decisions
    from evgraph.reconcile.proposals import propose
    from evgraph.writing import write_file

    named = data or tuple(path for path in os.environ.get("EVGRAPH_DATA", "").split(os.pathsep) if path)
    if not named:
        raise UsageError("nothing to reconcile", hint="name the folder that ingest wrote: evgraph reconcile my-graph")
    if output != "-" and Path(output).exists():
        raise UsageError(
            f"{output} is there already, and may hold decisions", hint="choose another name, or remove it first"
        )
    files = {file.path: file for file in find([*named, *(registers or (shipped_files.data(),))])}
    with all_told(files.values()):
        proposals = propose(quad for file in files.values() for quad in file.quads())
    content = decisions(proposals)
    if output == "-":
        click.echo(content, nl=False)
    else:
        write_file(Path(output), content.encode())
    documents = len({one.new for one in proposals})
    if proposals:
        click.echo(f"{plural(len(proposals), 'proposal')} for {plural(documents, 'document')}", err=True)
    else:
        click.echo("no proposals", err=True)
    return ExitCode.CLEAN
