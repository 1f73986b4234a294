"""``evgraph validate``: data against the shapes and the checks."""

from __future__ import annotations

import datetime
import os
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from evgraph.cli import fixing, terminal
from evgraph.cli.data import data_options
from evgraph.cli.judging import change_options, changes_of, judge_there, nothing_changed
from evgraph.errors import ExitCode, UsageError
from evgraph.render.findings import FINDING_FORMATS, Account, format_of_file, one_line, text

_PATIENCE = 1.0  # Seconds before a terminal is told that work goes on.

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evgraph.integrity.addresses import Addresses
    from evgraph.integrity.check import Check
    from evgraph.integrity.findings import Finding, Report
    from evgraph.integrity.locate import PageLine, Place
    from evgraph.render.findings import FindingFormat
    from evgraph.store.files import DataFile
    from evgraph.store.opening import Origin


@click.command(short_help="Check data against shapes and checks.")
@data_options(arguments=True)
@change_options
@click.option(
    "--shapes",
    "shapes",
    multiple=True,
    metavar="FILE",
    help="Judge by these shapes instead of evgraph's own shapes and checks.",
)
@click.option("--add-shapes", "more", multiple=True, metavar="FILE", help="Judge by these shapes too.")
@click.option(
    "--format", "form", type=click.Choice([*FINDING_FORMATS]),
    help="How to write the report.  [default: as the name of -o ends, else text]",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="Write a line a finding, FILE:LINE:COLUMN first, and nothing else.")
@click.option(
    "--max-findings", "most", type=click.IntRange(min=0), metavar="N",
    help="For people: show so many findings of a rule and count the rest; 0 shows all.  [default: text 20, html 1000]",
)  # fmt: skip
@click.option(
    "--fail-on", "fail_on", type=click.Choice(["violation", "warning", "info"]), default="violation", show_default=True,
    help="The lightest finding that makes the exit code 1.",
)  # fmt: skip
@click.option(
    "--engine", type=click.Choice(["auto", "pyshacl"]), default="auto", show_default=True,
    help="Who judges: the shapes as SPARQL, with pySHACL for what that cannot say, or pySHACL alone.",
)  # fmt: skip
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False),
    default="-",
    metavar="FILE",
    help="Where to write it, whole or not at all; - is standard output.",
)
@click.option(
    "--pages",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Compare the snapshots with these pages, too, and show the words of passages.",
)
@click.option(
    "--waivers", "waiver_files", multiple=True, metavar="FILE",
    help="Findings that somebody accepts.  [default: waivers.toml in each folder that is checked]",
)  # fmt: skip
@click.option(
    "--strict", "is_strict", is_flag=True,
    help="Make findings of the notices: misspelt terms, shapes that judge nothing, files not read.",
)  # fmt: skip
@click.option(
    "--fix", is_flag=True, help="Show, as a diff, how to mend what has exactly one safe answer; nothing is changed."
)
@click.option("--write", is_flag=True, help="With --fix: change the files, all or none, and report what is left.")
@click.option("--no-waivers", "no_waivers", is_flag=True, help="Let every finding count, whoever accepts it.")
@click.option(
    "--today", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The day to judge by.  [default: the clock's]"
)
@click.option(
    "--online", is_flag=True, help="Ask the web whether addresses that leave the graph, and DOIs, still answer."
)
@click.option(
    "--address-memory", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Where --online keeps what it learnt.  [default: evgraph/addresses.json in the user's cache]",
)  # fmt: skip
@click.option(
    "--max-age", type=click.IntRange(min=0), metavar="DAYS",
    help="How old what --online remembers may be; 0 asks every address anew.  [default: 7]",
)  # fmt: skip
@click.option("--allow-private", is_flag=True, help="Let --online ask private and loopback addresses too.")
@click.option(
    "--list-rules", "list_rules", is_flag=True, help="List what is checked, as text or JSON, and nothing else."
)
@click.option("--explain", metavar="RULE", help="Say what a rule is about, why it matters and how to mend it.")
def validate(
    origin: Origin,
    since: str | None,
    changed: Sequence[str],
    shapes: Sequence[str],
    more: Sequence[str],
    form: str | None,
    quiet: bool,
    most: int | None,
    fail_on: str,
    engine: Literal["auto", "pyshacl"],
    output: str,
    pages: Path | None,
    waiver_files: Sequence[str],
    is_strict: bool,
    fix: bool,
    write: bool,
    no_waivers: bool,
    today: datetime.datetime | None,
    online: bool,
    address_memory: Path | None,
    max_age: int | None,
    allow_private: bool,
    list_rules: bool,
    explain: str | None,
) -> int:
    """Check data against the shapes, and against checks of the graph as a whole.

    PATH is an RDF file, a folder of them, or - for Turtle on standard input; without any, what EVGRAPH_DATA
    names, else the shipped graph. A store or a server is judged where it is, and its findings name the graph instead
    of a file. Each finding names the rule, the file, line and column of the statement, the thing,
    the triple, what to do about it, and the line of the page that it was read from.

    Formats: text and html for people; json, csv and turtle (a SHACL validation report) for programs; spreadsheet is csv
    in which no cell is taken for a formula; sarif, junit and github for continuous integration; waivers, an entry for
    each finding, to be given its reason.

    \b
    Examples:
      evgraph validate
      evgraph validate mydata/ -o report.html
      evgraph validate mydata/ --fail-on warning
      evgraph validate mydata/ --add-shapes house-rules.ttl --format json
      evgraph ingest page.txt -o out && evgraph validate out
      evgraph validate mydata/ --since HEAD
      evgraph validate --store mystore --changed mydata/cells/drug-E4.ttl
      evgraph validate --endpoint http://localhost:7878/query
      evgraph validate --online
      evgraph validate mydata/ --add-shapes house-rules.ttl --strict
      evgraph validate mydata/ --fix
      evgraph validate mydata/ --fix --write
      evgraph validate --explain dangling-reference
      evgraph validate mydata/ --format waivers >> mydata/waivers.toml

    Exit codes: 0 clean, 1 findings, 2 usage, 3 unreadable data or shapes, 4 the server failed,
    5 an answer was cut, 6 nothing was checked.
    """  # noqa: D301 - click's own mark
    from evgraph import resources
    from evgraph.integrity import mending, notices, waivers
    from evgraph.integrity.changed_pages import Pages
    from evgraph.integrity.checks import carried_out, our_checks
    from evgraph.integrity.findings import Severity
    from evgraph.integrity.judge import judge, our_shapes
    from evgraph.integrity.locate import locate, page_lines
    from evgraph.integrity.rules import left_out
    from evgraph.integrity.rules import rules as all_rules
    from evgraph.store.files import find

    if no_waivers and waiver_files:
        raise UsageError("--waivers and --no-waivers contradict each other", way_out="leave one of them out")
    is_there = origin.directory is not None or origin.endpoint is not None
    if fix and (is_there or since is not None or changed):
        raise UsageError("--fix mends files, and all of them", way_out="name files, without --since and --changed")
    fixing.check(origin.paths, fix=fix, write=write)
    written_as = _format(form, output, most, quiet=quiet)
    day = (today or datetime.datetime.now(datetime.UTC)).date()
    rules = [*(find(shapes) if shapes else our_shapes()), *find(more)]
    compared = Pages(pages) if pages else None
    if not online and (address_memory or max_age is not None or allow_private):
        raise UsageError("that is of use to --online only", way_out="add --online, or leave it out")
    addresses = _addresses(address_memory, max_age, allow_private=allow_private) if online else None
    checks = [] if shapes else our_checks(present=day.year, pages=compared, addresses=addresses)
    if list_rules or explain is not None:
        _write([_about(rules, checks, explain, written_as.name)], output)
        return ExitCode.CLEAN
    given: Sequence[str | Path] = [] if is_there else origin.paths or [resources.data()]
    changes = changes_of(since, changed, origin, given)
    named = {str(path): find([path]) for path in given}
    data = [file for files in named.values() for file in files]
    accepting = [] if no_waivers else [Path(file) for file in waiver_files] or waivers.beside(given)
    accepted = [waiver for file in accepting for waiver in waivers.read(file)]

    def judged(files: Sequence[DataFile]) -> Report:
        return judge(files, rules, engine=engine, checks=checks)

    if fix:
        strict = notices.strict(judged(data))
        waived = [one.finding for one in waivers.applied(strict, accepted, today=day)[0].waived]
        plan, mended = fixing.mend(data, lambda files: notices.strict(judged(files)), waived, write=write)
        if not write:
            _write([mended.encode()], output)
            return ExitCode.FINDINGS if plan.fixed else ExitCode.CLEAN
        named = {str(path): find([path]) for path in given}
        data = [file for files in named.values() for file in files]
    what = "a store" if is_there else f"{len(data)} {'file' if len(data) == 1 else 'files'}"
    with _patience(f"evgraph: checking {what} …"):
        places: Mapping[Finding, Place] = {}
        lines: Mapping[Finding, PageLine] = {}
        if changes is not None and not changes:
            report = nothing_changed(since)
        elif is_there:
            report, places, lines = judge_there(origin, rules, checks, changes, engine)
        else:
            report = judge(data, rules, engine=engine, checks=checks, named=named, changes=changes)
            report = notices.also(report, notices.skipped(given))
        if is_strict:
            report = notices.strict(report)
        if not is_there:
            places, lines = locate(report.findings, data), page_lines(report.findings, data)
        if is_strict:
            places = {**places, **notices.places(report.findings, data, rules)}
        if accepted:
            report, of_waivers = waivers.applied(
                report,
                accepted,
                today=day,
                # Of what has not changed a waiver may match a finding that was not looked for.
                left_out=(lambda _: True) if changes is not None else left_out(rules, checks, strict=is_strict),
                known=lambda: [rule.name for rule in all_rules(rules, checks)],
            )
            places = {**places, **of_waivers}
    passages = {line.passage for line in lines.values()} if compared else ()
    account = Account(
        report=report,
        today=day,
        places=places,
        pages=lines,
        words={iri: words for iri in passages if compared and (words := compared.words(iri))},
        rules={one.name: one for one in all_rules(rules, filter(carried_out, checks))},
        files=data,
        folder=Path.cwd(),
        threshold=Severity[fail_on.upper()],
        most=written_as.most or 0 if most is None else most,
        fixes=mending.offers(report.findings, places, data),
    )
    if quiet:
        pieces = one_line(account)
    elif written_as.name == "text" and output == "-":
        pieces = text(account, terminal.width(), colours=terminal.colours())
    else:
        pieces = written_as.write(account)
    _write((piece.encode() for piece in pieces), output)
    for complaint in [*(compared.complaints if compared else ()), *(addresses.complaints if addresses else ())]:
        click.echo(f"evgraph: {complaint}", err=True)
    return ExitCode.FINDINGS if report.fails(account.threshold) else ExitCode.CLEAN


def _addresses(memory: Path | None, max_age: int | None, *, allow_private: bool) -> Addresses:
    from datetime import timedelta

    from evgraph.integrity.addresses import Addresses
    from evgraph.integrity.outcome import Manners

    # https://specifications.freedesktop.org/basedir-spec/latest/
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    memory = memory or caches / "evgraph" / "addresses.json"
    return Addresses(Manners(allow_private=allow_private), memory, timedelta(days=7 if max_age is None else max_age))


def _about(rules: Sequence[DataFile], checks: Sequence[Check], name: str | None, form: str) -> bytes:
    """Write what is checked: one rule, or the list of all."""
    from evgraph.integrity import rules as integrity
    from evgraph.render import rules as render

    if form not in {"text", "json"}:
        raise UsageError("rules are listed as text or JSON", way_out="leave --format out, or say --format json")
    known = integrity.rules(rules, checks)
    chosen = known if name is None else [integrity.explain(name, known)]
    if form == "json":
        return render.as_json(chosen).encode()
    return (render.listed(chosen) if name is None else render.explained(chosen[0])).encode()


def _format(name: str | None, output: str, most: int | None, *, quiet: bool) -> FindingFormat:
    """Choose how the report is written: as told, else as the file's name ends, else for people."""
    chosen = FINDING_FORMATS[name] if name else format_of_file(output) or FINDING_FORMATS["text"]
    if quiet and chosen.name != "text":
        raise UsageError(
            f"--quiet: {chosen.name} has no shorter form", way_out="leave --quiet out, or say --format text"
        )
    if most is not None and (quiet or chosen.most is None):
        raise UsageError(
            f"--max-findings: {'--quiet' if quiet else chosen.name} gives all of them",
            way_out="leave it out, or choose --format text or html",
        )
    return chosen


def _write(pieces: Iterable[bytes], output: str) -> None:
    from evgraph.store.files import write_whole

    if output == "-":
        sys.stdout.buffer.writelines(pieces)
    else:
        write_whole(Path(output), pieces)


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
