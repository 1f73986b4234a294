"""``evgraph reconcile``: propose which new documents are ones that the register knows."""

from __future__ import annotations

from pathlib import Path

import click

from evgraph.cli.common import Command, write_output
from evgraph.errors import ExitCode
from evgraph.text import plural


@click.command(cls=Command)
@click.argument("data", nargs=-1, type=click.Path(allow_dash=True), envvar="EVGRAPH_DATA", metavar="[DATA]...")
@click.option(
    "--register",
    "registers",
    multiple=True,
    type=click.Path(),
    envvar="EVGRAPH_REGISTER",
    help="Folder or file of known documents, besides those in DATA.  [default: the shipped graph]",
)
@click.option("-o", "--output", default="-", metavar="FILE", help="Where to write; - is standard output.  [default: -]")
def reconcile(data: tuple[str, ...], registers: tuple[str, ...], output: str) -> ExitCode:
    """Propose which documents of DATA that nobody has identified are known documents.

    Each proposal shows its evidence: year, publisher, country, identifiers, what both documents refer to, how similar
    their headlines are. Writes a Turtle file in which you accept or reject each proposal by uncommenting a line. Put
    that file into curated/ in the folder of the data and ingest the pages again. Nothing is merged without you, and a
    rejected pair is not proposed again.

    \b
    Example:
      evgraph reconcile my-graph -o my-graph/curated/decisions.ttl
    """  # noqa: D301 - click's own mark
    from evgraph import shipped_files
    from evgraph.errors import UsageError
    from evgraph.rdf.files import find, report_all_broken
    from evgraph.reconcile import decisions, propose

    if not data:
        raise UsageError("nothing to reconcile", hint="name the folder that ingest wrote: evgraph reconcile my-graph")
    if output != "-" and Path(output).exists():
        raise UsageError(
            f"{output} exists and may hold decisions", hint="choose another name, or remove the file first"
        )
    files = {file.path: file for file in find([*data, *(registers or (shipped_files.data(),))])}
    with report_all_broken(files.values()):
        proposals = propose(quad for file in files.values() for quad in file.quads())
    write_output([decisions(proposals).encode()], output)
    documents = {proposal.new for proposal in proposals}
    counts = f"{plural(len(proposals), 'proposal')} for {plural(len(documents), 'document')}"
    click.echo(counts if proposals else "no proposals", err=True)
    return ExitCode.CLEAN
