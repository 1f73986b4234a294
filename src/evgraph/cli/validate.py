"""``evgraph validate``: data against shapes and checks."""

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
from evgraph.cli.validating import fix_options, online_options, report_options, rule_options, waiver_options
from evgraph.errors import ExitCode, UsageError
from evgraph.text import plural, summarize_names

_DELAY = 1.0  # Seconds before a terminal shows that work goes on.

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evgraph.cli.validating import ReportSettings, WaiverSettings
    from evgraph.rdf.files import DataFile
    from evgraph.store.opening import Origin
    from evgraph.validation.addresses import Addresses
    from evgraph.validation.check import Check
    from evgraph.validation.checks_in_code import Pages
    from evgraph.validation.fixes.plan import Plan
    from evgraph.validation.run import Validated, Validation
    from evgraph.validation.validate import Engine


@click.command(cls=Command, short_help="Check data against shapes and checks.")
@data_options(arguments=True, own_timeout=True)
@rule_options
@report_options
@waiver_options
@fix_options
@online_options
@option("Rules", "--list-rules", is_flag=True, help="List all rules, as text or JSON, and check nothing.")
@option("Rules", "--explain", metavar="RULE", help="Explain a rule: what is wrong, why it matters, how to fix it.")
def validate(
    origin: Origin,
    since: str | None,
    shapes: Sequence[str],
    more: Sequence[str],
    strict: bool,
    pages: Path | None,
    engine: Engine,
    timeout: float | None,
    report_settings: ReportSettings,
    waiver_settings: WaiverSettings,
    fix: bool,
    write: bool,
    addresses: Addresses | None,
    list_rules: bool,
    explain: str | None,
) -> int:
    """Check data: each thing against the shapes, and the whole graph with the checks.

    PATH is an RDF file, a folder of them, or - for Turtle on standard input. Without any, evgraph checks the data
    that EVGRAPH_DATA names, or else the shipped graph. Each finding names the file, line and column, the thing and the
    statement at fault, what is wrong and how to fix it, and the line of the source page. Data in a store or on a server
    is validated there; its findings name the named graph instead of a file.

    \b
    Examples:
      evgraph validate mydata/
      evgraph ingest page.txt -o mydata && evgraph validate mydata --quiet
      evgraph validate mydata/ -o report.html
      evgraph validate --explain dangling-reference
      evgraph validate mydata/ --fix
      evgraph validate mydata/ --fix -o fixes.diff
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
    that a spreadsheet opens without running formulas in it; sarif, junit and github for continuous integration; waivers
    has an entry for each finding, which lacks only the reason and who accepts it.

    With --since, findings are those that are new since the revision, and only they decide the exit code.

    Exit codes: 0 clean, 1 findings, 2 usage, 3 unreadable data or shapes, 4 the server failed,
    5 a limit was reached, 6 nothing was checked.
    """  # noqa: D301 - click's own mark
    from evgraph.rdf.files import find
    from evgraph.validation.checks import our_checks
    from evgraph.validation.checks_in_code import Pages
    from evgraph.validation.run import LONGEST, Validation, paths_of
    from evgraph.validation.validate import our_shapes

    if write and not fix:
        raise UsageError("--write needs --fix", hint="add --fix, or leave --write out")
    if fix and since is not None:
        raise UsageError("--fix and --since cannot be combined", hint="leave one of them out")
    if fix and not write and report_settings.format.name != "text":
        raise UsageError(
            f"--fix writes a diff, not a report as {report_settings.format.name}",
            hint="leave --format out, and name the file .diff; or add --write, for a report of the remaining findings",
        )
    if timeout is not None and origin.directory is not None:
        raise UsageError("--timeout is for pySHACL and servers, and a store needs neither", hint="leave it out")
    rules = [*(find(shapes) if shapes else our_shapes()), *find(more)]
    source_pages = Pages(pages) if pages else None
    checks = []
    if not shapes:
        checks = our_checks(present=waiver_settings.today.year, pages=source_pages, addresses=addresses)
    if list_rules or explain is not None:
        _write([_rules(rules, checks, explain, report_settings.format.name)], report_settings.output)
        return ExitCode.CLEAN
    validation = Validation(
        origin=origin,
        shapes=rules,
        checks=checks,
        today=waiver_settings.today,
        engine=engine,
        since=since,
        strict=strict,
        accepted=waiver_settings.waivers(paths_of(origin)),
        longest=timeout or LONGEST,
    )
    if fix:
        plan, difference = validation.fix(write=write)
        _report_fixes(plan, write=write)
        if not write:
            _write([difference.encode()], report_settings.output)
            return ExitCode.FINDINGS if plan.fixed else ExitCode.CLEAN
    with _progress("evgraph: checking …"):
        validated = validation.run()
    pieces = _report(validation, validated, report_settings, source_pages)
    _write((piece.encode() for piece in pieces), report_settings.output)
    for complaint in [*(source_pages.complaints if source_pages else ()), *(addresses.complaints if addresses else ())]:
        click.echo(f"evgraph: {complaint}", err=True)
    return ExitCode.FINDINGS if validated.report.fails(report_settings.threshold) else ExitCode.CLEAN


def _report(
    validation: Validation, validated: Validated, settings: ReportSettings, source_pages: Pages | None
) -> Iterator[str]:
    from evgraph.render.findings.text import one_line
    from evgraph.render.findings.view import ReportView
    from evgraph.validation.checks import can_run, rules
    from evgraph.validation.fixes.plan import edits_of, offers

    fixes = offers(validated.report.findings, validated.places, validated.files)
    fixable = [finding for finding, offer in fixes.items() if not offer.by_ingest]
    passages = {line.passage for line in validated.pages.values()} if source_pages else ()
    on_terminal = settings.format.name == "text" and settings.output == "-"
    view = ReportView(
        report=validated.report,
        today=validation.today,
        locations=validated.places,
        pages=validated.pages,
        passages={iri: words for iri in passages if source_pages and (words := source_pages.words(iri))},
        rules={rule.name: rule for rule in rules(validation.shapes, filter(can_run, validation.checks))},
        files=validated.files,
        folder=Path.cwd(),
        threshold=settings.threshold,
        most=settings.most,
        fixes=fixes,
        edits=edits_of(fixable, validated.files) if fixable and settings.format.name == "sarif" else {},
        width=terminal.width() if on_terminal else None,
        colours=on_terminal and terminal.colours(),
    )
    return one_line(view) if settings.quiet else settings.format.write(view)


def _report_fixes(plan: Plan, *, write: bool) -> None:
    """Say on standard error what was fixed, or can be, and what not."""
    numbers = f"{plural(len(plan.fixed), 'finding')} in {plural(len(plan.files), 'file')}"
    click.echo(f"evgraph: {'fixed' if write else 'can fix'} {numbers}", err=True)
    held_back: dict[tuple[str, str], list[str]] = {}
    for finding, why in plan.held_back.items():
        held_back.setdefault((finding.rule, why), []).append(finding.triple)
    for (rule, why), triples in held_back.items():
        click.echo(f"evgraph: did not fix {rule} ({summarize_names(triples)}): {why}", err=True)
    if plan.files and not write:
        click.echo("  to apply these changes, run with --fix --write", err=True)


def _rules(shapes: Sequence[DataFile], checks: Sequence[Check], name: str | None, form: str) -> bytes:
    """Render all rules, or one rule."""
    from evgraph.render.findings.data import rules_as_json
    from evgraph.render.findings.text import explained_rule, rule_list
    from evgraph.validation.checks import explain, rules

    if form not in {"text", "json"}:
        raise UsageError("rules are listed as text or JSON", hint="leave --format out, or use --format json")
    known = rules(shapes, checks)
    chosen = known if name is None else [explain(name, known)]
    if form == "json":
        return rules_as_json(chosen).encode()
    return (rule_list(chosen) if name is None else explained_rule(chosen[0])).encode()


def _write(pieces: Iterable[bytes], output: str) -> None:
    if output == "-":
        sys.stdout.buffer.writelines(pieces)
    else:
        from evgraph.writing import write_file

        write_file(Path(output), pieces)


@contextmanager
def _progress(message: str) -> Iterator[None]:
    """Show a message on a terminal while work takes more than a second."""
    shown = threading.Event()

    def show() -> None:
        shown.set()
        sys.stderr.write(message)
        sys.stderr.flush()

    timer = threading.Timer(_DELAY, show)
    if sys.stderr.isatty():
        timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if shown.is_set():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
