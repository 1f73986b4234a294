"""``evgraph reconcile``: ask a person which new documents are ones that the register knows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from evgraph.cli.common import Command, say, write_output
from evgraph.cli.deciding import decide, deciding_options, new_worklist, summarize
from evgraph.errors import ExitCode
from evgraph.text import plural

_WORKLIST = """\
# Proposals: which new documents may be known ones. In each, remove the "# " from one of its two lines of Turtle:
# dcterms:isReplacedBy accepts the proposal, owl:differentFrom rejects it for good. Then put this file into curated/
# in the folder of the data and ingest the pages again.
"""


@click.command(cls=Command)
@click.argument("data", nargs=-1, type=click.Path(allow_dash=True), envvar="EVGRAPH_DATA", metavar="[DATA]...")
@click.option(
    "--register",
    "registers",
    multiple=True,
    type=click.Path(),
    envvar="EVGRAPH_REGISTER",
    help="Folder or file of known documents, besides those in DATA.  [default: the register in DATA, else the shipped"
    " graph]",
)
@deciding_options("DATA/curated/reconciled.ttl")
def reconcile(
    data: tuple[str, ...],
    registers: tuple[str, ...],
    output: Path | None,
    worklist: str | None,
    by: str,
    decided_on: str | None,
) -> int:
    """Decide which documents of DATA that nobody has identified are known documents, one by one.

    Each proposal shows its evidence: year, publisher, country, identifiers, what both documents refer to, how similar
    their headlines are. You accept or reject it; each decision is written at once. Nothing is merged without you, and
    a rejected pair is not proposed again.

    \b
    Examples:
      evgraph reconcile my-graph
      evgraph reconcile my-graph --worklist to-decide.ttl
    """  # noqa: D301 - click's own mark
    from evgraph.decisions.documents import HEADER, proposals_in, questions
    from evgraph.decisions.file import DecisionFile, Person, path_in
    from evgraph.decisions.question import prefixes_of
    from evgraph.decisions.question import worklist as worklist_of
    from evgraph.errors import UsageError

    if not data:
        raise UsageError("nothing to reconcile", hint="name the folder that ingest wrote: evgraph reconcile my-graph")
    if worklist:
        new_worklist(worklist)
    elif "-" in data:
        raise UsageError("DATA is standard input, where your answers come from", hint="name a file, or add --worklist")
    elif not output and not Path(data[0]).is_dir():
        raise UsageError(f"{data[0]} is no folder with a curated/ for the decisions", hint="name their file: -o FILE")
    path = output or path_in(Path(data[0]), "reconciled.ttl")
    proposals = proposals_in(data, registers, also_decided_in=[path] if output and output.is_file() else [])
    asked = questions(proposals)
    documents = {proposal.new for proposal in proposals}
    counts = (
        f"{plural(len(proposals), 'proposal')} for {plural(len(documents), 'document')}" if asked else "no proposals"
    )
    if worklist:
        head = _WORKLIST + "\n" + "\n".join(prefixes_of(asked)) + "\n"
        write_output([worklist_of(head, asked).encode()], worklist)
        say(counts, err=True)
        return ExitCode.CLEAN
    say(f"{counts}; decisions go to {path}" if asked else counts)
    if asked:
        file = DecisionFile(path, HEADER, Person.named(by), decided_on or date.today().isoformat())
        outcome = decide(asked, file)
        summarize(outcome, "proposal", path, "next: ingest the pages again, to use them")
    return ExitCode.CLEAN
