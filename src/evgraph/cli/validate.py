"""``evgraph validate``: data against the shapes and the checks."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evgraph.cli import terminal
from evgraph.cli.data import data_options
from evgraph.cli.sections import Command, option
from evgraph.cli.validating import (
    accepting_options,
    judging_options,
    mending_options,
    online_options,
    writing_options,
)
from evgraph.errors import ExitCode, UsageError
from evgraph.render.findings import Account, one_line
from evgraph.text import plural, summarize_names

_PATIENCE = 1.0  # Seconds before a terminal is told that work goes on.

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evgraph.cli.validating import Accepting, Writing
    from evgraph.rdf.files import DataFile
    from evgraph.store.opening import Origin
    from evgraph.validation.addresses import Addresses
    from evgraph.validation.changed_pages import Pages
    from evgraph.validation.check import Check
    from evgraph.validation.fixes.plan import Plan
    from evgraph.validation.run import Engine, Validated, Validation


@click.command(cls=Command, short_help="Check data against shapes and checks.")
@data_options(arguments=True, own_timeout=True)
@judging_options
@writing_options
@accepting_options
@mending_options
@online_options
@option("Rules", "--list-rules", is_flag=True, help="List what is checked, as text or JSON, and nothing else.")
@option("Rules", "--explain", metavar="RULE", help="Say what a rule is about, why it matters and how to mend it.")
def validate(
    origin: Origin,
    since: str | None,
    shapes: Sequence[str],
    more: Sequence[str],
    strict: bool,
    pages: Path | None,
    engine: Engine,
    timeout: float | None,
    writing: Writing,
    accepting: Accepting,
    fix: bool,
    write: bool,
    addresses: Addresses | None,
    list_rules: bool,
    explain: str | None,
) -> int:
    """Check data: each thing against the shapes, and the graph as a whole against the checks.

    PATH is an RDF file, a folder of them, or - for Turtle on standard input; without any, what EVGRAPH_DATA
    names, else the shipped graph. Each finding names the file, line and column, the thing and the statement at fault,
    what is wrong and how to mend it, and the line of the page that it was read from. A store or a server is judged
    where it is, and its findings name the graph instead of a file.

    \b
    Examples:
      evgraph validate mydata/
      evgraph ingest page.txt -o mydata && evgraph validate mydata --quiet
      evgraph validate mydata/ -o report.html
      evgraph validate --explain dangling-reference
      evgraph validate mydata/ --fix
      evgraph validate mydata/ --fix -o mended.diff
      evgraph validate mydata/ --fix --write
      evgraph validate mydata/ --format waivers >> mydata/waivers.toml
      evgraph validate mydata/ --fail-on warning --strict
      evgraph validate mydata/ --since HEAD
      evgraph validate mydata/ --pages pages/
      evgraph validate mydata/ --online
      evgraph validate mydata/ --add-shapes house-rules.ttl --format json
      evgraph validate --store mystore
      evgraph validate --endpoint http://localhost:7878/query

    Formats: text and html for people; json, csv and turtle (a SHACL validation report) for programs; spreadsheet is csv
    in which no cell is taken for a formula; sarif, junit and github for continuous integration; waivers, an entry for
    each finding, to be given its reason.

    Exit codes: 0 clean, 1 findings, 2 usage, 3 unreadable data or shapes, 4 the server failed,
    5 a limit was reached, 6 nothing was checked.
    """  # noqa: D301 - click's own mark
    from evgraph.rdf.files import find
    from evgraph.validation.changed_pages import Pages
    from evgraph.validation.checks import our_checks
    from evgraph.validation.run import LONGEST, Validation, paths_of
    from evgraph.validation.validate import our_shapes

    if write and not fix:
        raise UsageError("--write is of use to --fix only", hint="add --fix, or leave --write out")
    if fix and not write and writing.format.name != "text":
        raise UsageError(
            f"--fix writes a diff, and no report as {writing.format.name}",
            hint="leave --format out, and end the file in .diff; or add --write, for a report of what is left",
        )
    if timeout is not None and origin.directory is not None:
        raise UsageError("--timeout: a store is judged without pySHACL and without a server", hint="leave it out")
    rules = [*(find(shapes) if shapes else our_shapes()), *find(more)]
    compared = Pages(pages) if pages else None
    checks = [] if shapes else our_checks(present=accepting.today.year, pages=compared, addresses=addresses)
    if list_rules or explain is not None:
        _write([_about(rules, checks, explain, writing.format.name)], writing.output)
        return ExitCode.CLEAN
    paths = paths_of(origin)
    validation = Validation(
        origin=origin,
        shapes=rules,
        checks=checks,
        today=accepting.today,
        engine=engine,
        since=since,
        strict=strict,
        accepted=accepting.waivers(paths),
        longest=timeout or LONGEST,
    )
    if fix:
        plan, difference = validation.mend(write=write)
        _tell(plan, write=write)
        if not write:
            _write([difference.encode()], writing.output)
            return ExitCode.FINDINGS if plan.fixed else ExitCode.CLEAN
    with _patience("evgraph: checking …"):
        validated = validation.run()
    _write((piece.encode() for piece in _report(validation, validated, writing, compared)), writing.output)
    for complaint in [*(compared.complaints if compared else ()), *(addresses.complaints if addresses else ())]:
        click.echo(f"evgraph: {complaint}", err=True)
    return ExitCode.FINDINGS if validated.report.fails(writing.threshold) else ExitCode.CLEAN


def _report(validation: Validation, validated: Validated, writing: Writing, compared: Pages | None) -> Iterator[str]:
    from evgraph.validation.checks import carried_out
    from evgraph.validation.fixes.plan import edits_of, offers
    from evgraph.validation.rules import rules

    fixes = offers(validated.report.findings, validated.places, validated.files)
    mendable = [one for one, offer in fixes.items() if not offer.again]
    passages = {line.passage for line in validated.pages.values()} if compared else ()
    account = Account(
        report=validated.report,
        today=validation.today,
        places=validated.places,
        pages=validated.pages,
        words={iri: words for iri in passages if compared and (words := compared.words(iri))},
        rules={one.name: one for one in rules(validation.shapes, filter(carried_out, validation.checks))},
        files=validated.files,
        folder=Path.cwd(),
        threshold=writing.threshold,
        most=writing.most,
        fixes=fixes,
        edits=edits_of(mendable, validated.files) if mendable and writing.format.name == "sarif" else {},
    )
    if writing.quiet:
        return one_line(account)
    if writing.format.name == "text" and writing.output == "-":
        from evgraph.render.findings.text import text

        return text(account, terminal.width(), colours=terminal.colours())
    return writing.format.write(account)


def _tell(plan: Plan, *, write: bool) -> None:
    """Say what was mended, or can be."""
    said = f"{plural(len(plan.fixed), 'finding')} in {plural(len(plan.files), 'file')}"
    click.echo(f"evgraph: {'mended' if write else 'can mend'} {said}", err=True)
    left: dict[tuple[str, str], list[str]] = {}
    for finding, why in plan.held_back.items():
        left.setdefault((finding.rule, why), []).append(finding.triple)
    for (rule, why), triples in left.items():
        click.echo(f"evgraph: left {rule} ({summarize_names(triples)}) alone: {why}", err=True)
    if plan.files and not write:
        click.echo("  say --fix --write to change the files", err=True)


def _about(rules: Sequence[DataFile], checks: Sequence[Check], name: str | None, form: str) -> bytes:
    """Write what is checked: one rule, or the list of all."""
    from evgraph.render import rules as render
    from evgraph.validation import rules as integrity

    if form not in {"text", "json"}:
        raise UsageError("rules are listed as text or JSON", hint="leave --format out, or say --format json")
    known = integrity.rules(rules, checks)
    chosen = known if name is None else [integrity.explain(name, known)]
    if form == "json":
        return render.as_json(chosen).encode()
    return (render.listed(chosen) if name is None else render.explained(chosen[0])).encode()


def _write(pieces: Iterable[bytes], output: str) -> None:
    from evgraph.writing import write_file

    if output == "-":
        sys.stdout.buffer.writelines(pieces)
    else:
        write_file(Path(output), pieces)


@contextmanager
def _patience(message: str) -> Iterator[None]:
    """Say on a terminal what takes so long, once it has taken a second."""
    said = threading.Event()

    def say() -> None:
        said.set()
        sys.stderr.write(message)
        sys.stderr.flush()

    timer = threading.Timer(_PATIENCE, say)
    if sys.stderr.isatty():
        timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if said.is_set():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
