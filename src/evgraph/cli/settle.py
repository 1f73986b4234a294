"""``evgraph settle``: ask a person about each reference that ingest could not settle."""

from __future__ import annotations

import shlex
from datetime import date
from pathlib import Path

import click

from evgraph.cli.common import Command, say, write_output
from evgraph.cli.deciding import decide, deciding_options, new_worklist, summarize
from evgraph.errors import ExitCode
from evgraph.text import plural

_WORKLIST = """\
# References to settle. Remove the "# " from at most one line of Turtle for each: what it says becomes your decision.
# A target that is not listed, and the address of a search, can be written in the same way. "outside": the target is not
# among the pages. "dangling": nobody can find it. Then put this file into curated/ in the folder of the data and ingest
# the pages again.
"""


@click.command(cls=Command)
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--pages",
    type=click.Path(path_type=Path),
    envvar="EVGRAPH_PAGES",
    show_envvar=True,
    metavar="PATH",
    help="The pages, a folder or a file, to show the words of the references.",
)
@deciding_options("DIR/curated/settled.ttl")
def settle(
    folder: Path, pages: Path | None, output: Path | None, worklist: str | None, by: str, decided_on: str | None
) -> int:
    """Decide on each reference that ingest could not settle, one by one.

    DIR is a folder that 'evgraph ingest' wrote. For each ambiguous or dangling reference you see where it is, its
    words (with --pages), what it may mean, and what each choice states. Choose one target, or several; or say that the
    target is outside the pages, or lost (nobody can find it). Each choice is written at once. What is decided is not
    asked again.

    \b
    Examples:
      evgraph settle my-graph --pages examples/pages
      evgraph settle my-graph --pages examples/pages --worklist to-settle.ttl
    """  # noqa: D301 - click's own mark
    from evgraph.decisions.file import DecisionFile, Person, path_in
    from evgraph.decisions.question import prefixes_of
    from evgraph.decisions.question import worklist as worklist_of
    from evgraph.decisions.references import HEADER, unsettled

    path = output or path_in(folder, "settled.ttl")
    if worklist:
        new_worklist(worklist)
    questions, complaints = unsettled(folder, pages, also_decided_in=[path])
    for complaint in complaints:
        say(f"note: {complaint}", err=True)
    if worklist:
        head = _WORKLIST + "\n" + "\n".join(prefixes_of(questions)) + "\n"
        write_output([worklist_of(head, questions).encode()], worklist)
        say(f"{plural(len(questions), 'reference')} to settle", err=True)
        return ExitCode.CLEAN
    if not questions:
        say("no reference to settle")
        return ExitCode.CLEAN
    say(f"{plural(len(questions), 'reference')} to settle; decisions go to {path}")
    if not pages:
        say("add --pages PATH to see the words of each")
    file = DecisionFile(path, HEADER, Person.named(by), decided_on or date.today().isoformat())
    outcome = decide(questions, file)
    is_read = path.resolve().is_relative_to((folder / "curated").resolve())
    first = "" if is_read else f"move it to {folder / 'curated'}, then "
    command = f"evgraph ingest {shlex.quote(str(pages)) if pages else 'PAGES'} -o {shlex.quote(str(folder))}"
    again = f"ingest again, with the same --register if you named one: {command}"
    summarize(outcome, "reference", path, f"next: {first}{again}")
    return ExitCode.CLEAN
