"""``evgraph ingest``: pages in, Turtle out, and what a person has to settle."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evgraph import shipped_files
from evgraph.cli.sections import Command
from evgraph.errors import ExitCode, UsageError
from evgraph.namespaces import EVG, ID
from evgraph.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.pages.driver import Ingested
    from evgraph.pages.report import Account, Unsettled

_SHOWN_CANDIDATES = 4
_MANY_PAGES = 50
_SHOWN_FAILURES = 20


def _day(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    try:
        return value and date.fromisoformat(value).isoformat()
    except ValueError:
        raise click.BadParameter(f"'{value}' is no day; write 2026-01-31") from None


def _address(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    from evgraph.pages.links import address

    if value and not address(value):
        raise click.BadParameter(f"'{value}' is no http address")
    return value


@click.command(cls=Command)
@click.argument("pages", nargs=-1, required=True, type=click.Path())
@click.option(
    "-o",
    "--output",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the Turtle; made if it does not exist.",
)
@click.option(
    "--register",
    "registers",
    multiple=True,
    type=click.Path(path_type=Path),
    envvar="EVGRAPH_REGISTER",
    help="Folder or file that says which document is which. [default: the output folder's own, else the shipped one]",
)
@click.option("--cell", metavar="CELL", help="The cell of a page that does not name it: drug:E4.")
@click.option("--captured", metavar="DATE", callback=_day, help="The day the page was captured: 2026-01-31.")
@click.option("--source", "address", metavar="URL", callback=_address, help="The address it was captured from.")
@click.option("--with-text", is_flag=True, help="Keep the passages' words in the graph; they are their owner's.")
@click.option(
    "-j",
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help="Read in so many processes.  [default: 1 for a small folder, else one a core]",
)
@click.option("-q", "--quiet", is_flag=True, help="Count the references that a person must settle, do not list them.")
def ingest(
    pages: tuple[str, ...],
    folder: Path,
    registers: tuple[Path, ...],
    cell: str | None,
    captured: str | None,
    address: str | None,
    with_text: bool,
    jobs: int | None,
    quiet: bool,
) -> int:
    """Turn PAGES of the Matrices (text files, or folders of them) into Turtle.

    Writes a file a cell into cells/ below the output folder, and beside it the documents and organisations that the
    cells mention. The report names each line that was not understood, counts the references by what became of them,
    and gives, for each that a person must settle, the file, the line and the Turtle that would settle it. Put those
    lines into a file in curated/ below the output folder and run the command again.

    \b
    Example:
      evgraph ingest examples/pages -o my-graph
      evgraph validate my-graph
    """  # noqa: D301 - click's own mark
    from evgraph import register as registry
    from evgraph.errors import EvgraphError
    from evgraph.pages import dataset
    from evgraph.pages.driver import Wanted
    from evgraph.pages.driver import ingest as read_and_write
    from evgraph.pages.ingest import pages_at

    missing: list[EvgraphError] = []
    found = pages_at(pages, missing)
    if len(found) > 1 and (cell or captured or address):
        raise UsageError("--cell, --captured and --source speak of one page", hint="ingest that page alone")
    for place in registers:
        registry.check(place)
    places = [*registers] or [folder if dataset.keeps_own_register(folder) else shipped_files.data()]
    register = registry.load(places, output=folder if folder.is_dir() and folder not in places else None)
    wanted = Wanted(cell, captured, address, with_text)
    hidden = len(found) < _MANY_PAGES or not sys.stderr.isatty()
    with click.progressbar(length=len(found), label="Reading", file=sys.stderr, hidden=hidden) as bar:
        done = read_and_write(found, folder, register, wanted, jobs=jobs, step=bar.update)
    failures = [*missing, *done.failures]
    for failure in failures:
        click.echo(f"evgraph: {failure}", err=True)
    for one in done.accounts:
        _account(one)
    if done.accounts:
        _report(done.accounts, folder, quiet=quiet)
        _later(done, folder)
    if done.accounts and failures:
        lost = [one for one in failures if one.path]
        names = ", ".join(one.path or "" for one in lost[:_SHOWN_FAILURES])
        more = f" and {len(lost) - _SHOWN_FAILURES} more" if len(lost) > _SHOWN_FAILURES else ""
        what = "path" if missing else "page"
        click.echo(f"{plural(len(failures), what)} could not be read{': ' if names else ''}{names}{more}")
    if failures:
        return max(one.exit_code for one in failures)
    return ExitCode.FINDINGS if any(one.not_understood for one in done.accounts) else ExitCode.CLEAN


def _account(page: Account) -> None:
    """Print what a page's reader should know, and the lines that were not understood."""
    for line, notice in page.notices:
        click.echo(f"{page.path}{f':{line}' if line else ''}: {notice}", err=True)
    for line, words in page.not_understood:
        click.echo(f"{page.path}:{line}: not understood: {words}")


def _report(pages: list[Account], folder: Path, *, quiet: bool) -> None:
    counts = sum((one.resolutions for one in pages), Counter[str]())
    cells = [one.cell.replace("-", ":") for one in pages]
    names = ", ".join(cells[:6]) + (" …" if len(cells) > 6 else "")
    open_ones = [(page, one) for page in pages for one in page.unsettled]
    if open_ones and not quiet:
        click.echo(f"To settle, in a file of {folder / 'curated'}, under these two lines:")
        click.echo(f"@base <{ID}> .\n@prefix evg: <{EVG}> .\n")
        for page, one in open_ones:
            click.echo("\n".join(_to_settle(page, one)))
        click.echo()
    click.echo(
        f"{plural(len(pages), 'cell')} ({names}), {plural(sum(one.entries for one in pages), 'entry', 'entries')}, "
        f"{plural(counts.total(), 'reference')}: ",
        nl=False,
    )
    click.echo(", ".join(f"{counts[word]} {word}" for word in ("resolved", "ambiguous", "dangling", "outside")))
    if new := sorted({iri for one in pages for iri in one.unregistered}):
        click.echo(
            f"{plural(len(new), 'document is', 'documents are')} not in the register. To name one: "
            f"<{new[0].removeprefix(ID)}> <http://purl.org/dc/terms/isReplacedBy> <doc/NAME-YEAR> ."
        )


def _later(done: Ingested, folder: Path) -> None:
    """Tell what the new pages changed in cells that were read before."""
    for name, number in done.reached.items():
        click.echo(f"{folder / 'cells' / name}.ttl: {plural(number, 'reference')} to what came in now resolved")
    if done.again:
        names = ", ".join(
            f"{name.replace('-', ':')} (points to the Matrix Bite of {', '.join(map(_cell, cells))})"
            for name, cells in done.again.items()
        )
        click.echo(f"To be read again, evgraph ingest PAGE -o {folder}, to say which documents are discussed: {names}")


def _cell(iri: str) -> str:
    return iri.rpartition("/")[2].replace("-", ":")


def _to_settle(page: Account, one: Unsettled) -> Iterator[str]:
    yield f"{page.path}:{one.line}: {one.resolution}: {one.words}"
    iri = one.iri.removeprefix(ID)
    if one.candidates:
        first, *others = (each.removeprefix(ID) for each in one.candidates)
        shown = [each.rpartition("/")[2] for each in others[:_SHOWN_CANDIDATES]]
        more = f" or {len(others) - len(shown)} more" if len(others) > len(shown) else ""
        yield f"    <{iri}> evg:target <{first}> .  # or {', '.join(shown)}{more}"
    elif one.kind == "commentary":
        yield f"    <{iri}> evg:target <section/{page.cell}/issue-1> .  # the section that the lost link led to"
    elif one.kind == "search":
        yield f"    <{iri}> evg:target <https://…> .  # the address that the lost link led to"
    else:
        yield f"    <{iri}> evg:target <entry/{page.cell}/NAME> .  # what the words mean"
