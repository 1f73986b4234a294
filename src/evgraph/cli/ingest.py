"""``evgraph ingest``: turn pages into Turtle, and report what a person must settle."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evgraph import shipped_files
from evgraph.characters import visible
from evgraph.cli.common import Command, say
from evgraph.cli.deciding import day
from evgraph.cli.hints import worded
from evgraph.cli.page_changes import print_changes
from evgraph.errors import ExitCode, UsageError
from evgraph.namespaces import curie
from evgraph.text import plural, summarize_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.errors import EvgraphError
    from evgraph.pages.ingest import IngestResult, PageReport, UnsettledReference

_SHOWN_CANDIDATES = 4
_SHOWN_CELLS = 6
_SHOWN_FAILURES = 20
_PROGRESS_FROM = 50  # Pages; fewer take less than a second.


def _address(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    from evgraph.pages.html import web_address

    if value and not web_address(value):
        raise click.BadParameter(f"'{value}' is not an http address")
    return value


@click.command(cls=Command)
@click.argument("pages", nargs=-1, required=True, type=click.Path())
@click.option(
    "-o",
    "--output",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the Turtle files; created if missing.",
)
@click.option(
    "--register",
    "registers",
    multiple=True,
    type=click.Path(path_type=Path),
    envvar="EVGRAPH_REGISTER",
    help="Folder or file of the register, which records which document is which. [default: the register in the output"
    " folder, else the shipped one]",
)
@click.option("--cell", metavar="CELL", help="The cell of a page that does not name it: drug:E4.")
@click.option("--captured", metavar="DATE", callback=day, help="The day the page was captured: 2026-01-31.")
@click.option("--source", "address", metavar="URL", callback=_address, help="The address the page was captured from.")
@click.option("--with-text", is_flag=True, help="Store the words of the passages; they belong to the pages' owner.")
@click.option(
    "--earlier",
    "earlier_pages",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="File or folder with earlier versions of the pages, to find again the words that curated data is about."
    " [default: pages/ in the output folder, if it exists]",
)
@click.option("-q", "--quiet", is_flag=True, help="Only count the references to settle, do not list them.")
def ingest(
    pages: tuple[str, ...],
    folder: Path,
    registers: tuple[Path, ...],
    cell: str | None,
    captured: str | None,
    address: str | None,
    with_text: bool,
    earlier_pages: tuple[Path, ...],
    quiet: bool,
) -> int:
    """Turn PAGES of the Matrices (text or HTML files, or folders of them) into Turtle.

    Writes one Turtle file per cell into cells/ in the output folder, and beside it the documents and organisations
    that the cells mention. Reports each line that it did not understand, each reference that you must settle, with its
    file and line and what it may mean, and each decision in curated/ in the output folder that it could not use. To
    settle references, run 'evgraph settle', then this command again.

    A new version of a page keeps the IRIs of what is the same, and moves the passages in curated/ with their words.

    \b
    Examples:
      evgraph ingest examples/pages -o my-graph
      evgraph ingest page.html -o my-graph --cell drug:E4 --captured 2026-01-31
      evgraph validate my-graph
    """  # noqa: D301 - click's own mark
    from evgraph import register as registry
    from evgraph.pages import dataset
    from evgraph.pages.decoding import find_pages
    from evgraph.pages.ingest import IngestOptions
    from evgraph.pages.ingest import ingest as ingest_pages

    missing: list[EvgraphError] = []
    paths = find_pages(pages, missing)
    if len(paths) > 1 and (cell or captured or address):
        raise UsageError(
            f"--cell, --captured and --source describe one page, not {len(paths)}", hint="ingest that page alone"
        )
    for place in registers:
        registry.check(place)
    places = [*registers] or [folder if dataset.has_own_register(folder) else shipped_files.data()]
    register = registry.load(places, output=folder if folder.is_dir() and folder not in places else None)
    if register.former and not registers:
        known = next(iter(register.former))
        raise UsageError(
            f"{folder} was ingested with another register: the shipped one does not identify {curie(known)}",
            hint=f"name it with --register; to use the shipped one, remove {folder / 'documents.ttl'} first",
        )
    own_pages = folder / "pages"
    earlier = earlier_pages or ((own_pages,) if own_pages.is_dir() and any(own_pages.iterdir()) else ())
    options = IngestOptions(cell, captured, address, with_text, earlier)
    hidden = len(paths) < _PROGRESS_FROM or not sys.stderr.isatty()
    with click.progressbar(length=len(paths), label="Reading", file=sys.stderr, hidden=hidden) as bar:
        result = ingest_pages(paths, folder, register, options, step=bar.update)
    failures = [*missing, *result.failures]
    for failure in [*failures, *(result.unread_earlier if earlier_pages else ())]:
        say(f"evgraph: {worded(failure)}", err=True)
    if result.reports:
        _print_result(result, folder, pages, registers, quiet=quiet)
        is_whole = print_changes(result, folder)
        if failures:
            _print_failures(failures, "path" if missing else "page")
    if failures or not result.reports:
        return max(failure.exit_code for failure in failures)
    has_findings = result.decisions.unusable or not is_whole or any(page.not_understood for page in result.reports)
    return ExitCode.FINDINGS if has_findings else ExitCode.CLEAN


def _print_result(
    result: IngestResult, folder: Path, pages: Sequence[str], registers: Sequence[Path], *, quiet: bool
) -> None:
    for page in result.reports:
        for line, notice in page.notices:
            say(f"{page.path}{f':{line}' if line else ''}: {notice}", err=True)
        for number, words in page.not_understood:
            say(f"{page.path}:{number}: not understood: {words}")
    unsettled = [(page, reference) for page in result.reports for reference in page.unsettled]
    advised = [(page, reference, _advice(page, reference)) for page, reference in unsettled]
    for advice, group in groupby(advised if not quiet else (), key=lambda row: row[2]):
        for page, reference, _advice_once in group:
            say(f"{page.path}:{reference.line}: {reference.resolution}: {visible(reference.words)}")
        say(f"    {visible(advice)}")
    if unsettled and not quiet:
        words = f" --pages {shlex.quote(pages[0])}" if len(pages) == 1 else ""
        say(f"\n{plural(len(unsettled), 'reference')} to settle: evgraph settle {shlex.quote(str(folder))}{words}")
    _print_decisions(result, folder)
    _print_counts(result.reports, folder, registers)
    for name, number in result.resolved_later.items():
        say(f"{folder / 'cells' / name}.ttl: {plural(number, 'reference')} to the new cells now resolved")
    if result.to_reread:
        cells = ", ".join(
            f"{_cell_name(name)} (refers to the Matrix Bite of {', '.join(map(_cell_name, targets))})"
            for name, targets in result.to_reread.items()
        )
        say(
            "Ingest the pages of these cells again, to record which of their documents a Matrix Bite (the commentary on"
            f" a cell) discusses: {cells}"
        )


def _advice(page: PageReport, reference: UnsettledReference) -> str:
    """Return what a reference may mean, or why it cannot be said."""
    if reference.candidates:
        more = len(reference.candidates) - _SHOWN_CANDIDATES
        names = "; ".join(reference.candidates[:_SHOWN_CANDIDATES])
        return f"may be {names}{f'; or {more} more' if more > 0 else ''}"
    if reference.kind == "commentary":
        if page.has_commentary:
            return "the link to a section of the Matrix Bite (the commentary) is lost"
        return "the page lacks its Matrix Bite (the commentary): save it with the Matrix Bite unfolded, as HTML"
    return "the link is lost" if reference.kind == "search" else "nothing on the page fits"


def _print_decisions(result: IngestResult, folder: Path) -> None:
    decisions, curated = result.decisions, folder / "curated"
    for place, reason in decisions.unusable:
        say(f"{place}: cannot be used: {visible(reason)}")
    for place, reason in decisions.without_effect:
        say(f"{place}: no effect: {visible(reason)}")
    counts = [
        f"{number} {words}"
        for number, words in (
            (decisions.used, "used"),
            (len(decisions.unusable), "cannot be used"),
            (len(decisions.without_effect), "without effect"),
        )
        if number
    ]
    if counts:
        advice = "; correct them, then ingest again" if decisions.unusable else ""
        say(f"decisions in {curated}: {', '.join(counts)}{advice}")
    if decisions.waiting:
        cells = ", ".join(f"{_cell_name(name)} ({number})" for name, number in sorted(decisions.waiting.items()))
        say(f"decisions in {curated} that wait for the pages of these cells, to be ingested again: {cells}")


def _print_counts(pages: Sequence[PageReport], folder: Path, registers: Sequence[Path]) -> None:
    resolutions = sum((page.resolutions for page in pages), Counter[str]())
    names = ", ".join(_cell_name(page.cell) for page in pages[:_SHOWN_CELLS])
    more = " …" if len(pages) > _SHOWN_CELLS else ""
    entries = plural(sum(page.entries for page in pages), "entry", "entries")
    counts = ", ".join(f"{resolutions[name]} {name}" for name in ("resolved", "ambiguous", "dangling", "outside"))
    references = plural(resolutions.total(), "reference")
    say(f"{plural(len(pages), 'cell')} ({names}{more}), {entries}, {references}: {counts}")
    if unregistered := {iri for page in pages for iri in page.unregistered}:
        words = [
            "evgraph",
            "reconcile",
            str(folder),
            *(word for place in registers for word in ("--register", str(place))),
        ]
        say(
            f"{plural(len(unregistered), 'document is', 'documents are')} not in the register; to find known ones among"
            f" them: {shlex.join(words)}"
        )


def _print_failures(failures: Sequence[EvgraphError], noun: str) -> None:
    paths = [failure.path for failure in failures if failure.path]
    names = summarize_names(paths, _SHOWN_FAILURES)
    say(f"{plural(len(failures), noun)} could not be read{names and f': {names}'}")


def _cell_name(name: str) -> str:
    return name.rpartition("/")[2].replace("-", ":")
