"""``evgraph ingest``: pages in, Turtle out, and what a person has to settle."""

from __future__ import annotations

import re
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evgraph import resources
from evgraph.errors import ExitCode, UsageError
from evgraph.namespaces import EVG, ID, NOT_IN_IRI

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.pages.cell import Cell, Reference

_SHOWN_CANDIDATES = 4
_MANY_PAGES = 50


def _day(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    try:
        return value and date.fromisoformat(value).isoformat()
    except ValueError:
        raise click.BadParameter(f"'{value}' is no day; write 2026-01-31") from None


def _address(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value and (not re.match(r"https?://[^/]", value) or NOT_IN_IRI.search(value)):
        raise click.BadParameter(f"'{value}' is no http address")
    return value


@click.command()
@click.argument("pages", nargs=-1, required=True, type=click.Path(path_type=Path))
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
@click.option("-q", "--quiet", is_flag=True, help="Count the references that a person must settle, do not list them.")
def ingest(
    pages: tuple[Path, ...],
    folder: Path,
    registers: tuple[Path, ...],
    cell: str | None,
    captured: str | None,
    address: str | None,
    with_text: bool,
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
    from evgraph.pages.ingest import ingest as read_and_resolve
    from evgraph.pages.ingest import pages_at
    from evgraph.pages.triples import triples
    from evgraph.publish import dataset

    found = pages_at(pages)
    if len(found) > 1 and (cell or captured or address):
        raise UsageError("--cell, --captured and --source speak of one page", way_out="ingest that page alone")
    for place in registers:
        registry.check(place)
    places = [*registers] or [folder if dataset.keeps_own_register(folder) else resources.data()]
    register = registry.load(places, output=folder if folder.is_dir() and folder not in places else None)
    hidden = len(found) < _MANY_PAGES or not sys.stderr.isatty()
    with click.progressbar(found, label="Reading", file=sys.stderr, hidden=hidden) as bar:
        done = read_and_resolve(bar, register, cell=cell, in_graph=dataset.cells_in(folder))
    said = {"captured": captured, "address": address}
    graphs = {one.page.cell: triples(one, register, **said, with_text=with_text) for one in done.cells}
    if graphs:
        dataset.write(folder, graphs, register)

    for failure in done.failures:
        click.echo(f"evgraph: {failure}", err=True)
    not_understood = sum(_account(one) for one in done.cells)
    if done.cells:
        _report(done.cells, folder, quiet=quiet)
    if done.cells and done.failures:
        names = ", ".join(one.path for one in done.failures if one.path)
        click.echo(f"{_count(len(done.failures), 'page')} could not be read{': ' if names else ''}{names}")
    if done.failures:
        return max(one.exit_code for one in done.failures)
    return ExitCode.FINDINGS if not_understood else ExitCode.CLEAN


def _account(cell: Cell) -> int:
    """Print the lines of a page that were not understood, and count them."""
    source = cell.page.source
    if source.notice:
        click.echo(f"{source.path}: {source.notice}", err=True)
    if cell.page.seems_cut:
        line = source.line_of(len(source.text.rstrip()))
        click.echo(
            f"{source.path}:{line}: the page seems to be cut off here: save it whole and read it again", err=True
        )
    spans = cell.page.not_understood()
    for span in spans:
        click.echo(f"{source.path}:{source.line_of(span.start)}: not understood: {_short(source.slice(span))}")
    return len(spans)


def _report(cells: list[Cell], folder: Path, *, quiet: bool) -> None:
    references = [(cell, one) for cell in cells for one in cell.references]
    counts = Counter(one.resolution.value for _, one in references)
    entries = sum(len(cell.listings) for cell in cells)
    names = ", ".join(f"{cell.page.matrix}:{cell.page.square}" for cell in cells[:6]) + (" …" if len(cells) > 6 else "")
    new = {name for cell in cells for name in _unregistered(cell)}
    open_ones = [(cell, one) for cell, one in references if one.resolution in ("ambiguous", "dangling")]
    if open_ones and not quiet:
        click.echo(f"To settle, in a file of {folder / 'curated'}, under these two lines:")
        click.echo(f"@base <{ID}> .\n@prefix evg: <{EVG}> .\n")
        for cell, one in open_ones:
            click.echo("\n".join(_to_settle(cell, one)))
        click.echo()
    click.echo(
        f"{_count(len(cells), 'cell')} ({names}), {_count(entries, 'entry', 'entries')}, "
        f"{_count(len(references), 'reference')}: ",
        nl=False,
    )
    click.echo(", ".join(f"{counts[word]} {word}" for word in ("resolved", "ambiguous", "dangling", "outside")))
    if new:
        example = sorted(new)[0]
        click.echo(
            f"{_count(len(new), 'document is', 'documents are')} not in the register. To name one: "
            f"<{example}> <http://purl.org/dc/terms/isReplacedBy> <doc/NAME-YEAR> ."
        )


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _unregistered(cell: Cell) -> Iterator[str]:
    documents: Iterable[str] = (one for listing in cell.listings for one in listing.documents)
    for iri in (*documents, *(one.iri for one in cell.named)):
        if iri.startswith(f"{ID}doc/u-"):
            yield iri.removeprefix(ID)


def _to_settle(cell: Cell, reference: Reference) -> Iterator[str]:
    source = cell.page.source
    line = source.line_of(reference.mention.words.start)
    yield f"{source.path}:{line}: {reference.resolution}: {_short(source.slice(reference.mention.words))}"
    iri = reference.iri.removeprefix(ID)
    if reference.candidates:
        first, *others = (one.removeprefix(ID) for one in reference.candidates)
        shown = [one.rpartition("/")[2] for one in others[:_SHOWN_CANDIDATES]]
        more = f" or {len(others) - len(shown)} more" if len(others) > len(shown) else ""
        yield f"    <{iri}> evg:target <{first}> .  # or {', '.join(shown)}{more}"
    elif reference.mention.kind == "commentary":
        yield f"    <{iri}> evg:target <section/{cell.page.cell}/issue-1> .  # the section that the lost link led to"
    elif reference.mention.kind == "search":
        yield f"    <{iri}> evg:target <https://…> .  # the address that the lost link led to"
    else:
        yield f"    <{iri}> evg:target <entry/{cell.page.cell}/NAME> .  # what the words mean"


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= 100 else words[:99] + "…"
