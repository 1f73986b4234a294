"""``evgraph validate``: data against shapes and checks."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evgraph.cli.common import SECONDS, Command, data_options, option, write_output
from evgraph.errors import ExitCode, UsageError
from evgraph.formats import FINDING_FORMATS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.store.opening import Origin
    from evgraph.validation.addresses import Addresses
    from evgraph.validation.validate import Engine


@click.command(cls=Command, short_help="Check data against shapes and checks.")
@data_options(arguments=True, own_timeout=True)
@option(
    "What to check", "--since", metavar="REV",
    help="Compare with a git revision: report which findings are new, which are gone, and how many stay.",
)  # fmt: skip
@option(
    "What to check", "--shapes", multiple=True, metavar="FILE",
    help="Use these shapes instead of evgraph's own shapes and checks; may repeat.",
)  # fmt: skip
@option("What to check", "--add-shapes", multiple=True, metavar="FILE", help="Use these shapes, too; may repeat.")
@option(
    "What to check", "--strict", is_flag=True,
    help="Turn notices into findings: misspelt terms, ineffective shapes, files that were not read.",
)  # fmt: skip
@option(
    "What to check", "--pages", type=click.Path(path_type=Path), metavar="DIR",
    help="Compare the snapshots with these pages, too, and show the words of passages.",
)  # fmt: skip
@option(
    "What to check", "--engine", type=click.Choice(["auto", "pyshacl"], case_sensitive=False), default="auto",
    show_default=True,
    help="auto runs shapes as SPARQL, and with pySHACL what SPARQL cannot express; pyshacl runs all with it.",
)  # fmt: skip
@option(
    "What to check", "--timeout", type=SECONDS, metavar="SECONDS",
    help="Time limit for the queries of shapes and checks, and as much for pySHACL [default: 600], or for one answer of"
    " a server [default: 60].",
)  # fmt: skip
@option(
    "Report", "--format", "format_name", type=click.Choice([*FINDING_FORMATS], case_sensitive=False),
    help="Format of the report.  [default: by the suffix of the -o file, else text]",
)  # fmt: skip
@option("Report", "--quiet", is_flag=True, help="Write only one line per finding: FILE:LINE:COLUMN: …")
@option(
    "Report", "--max-findings", type=click.IntRange(min=0), metavar="N",
    help="Show at most N findings of a rule in text and html, and count the rest; 0 shows all."
    "  [default: text 20, html 1000]",
)  # fmt: skip
@option(
    "Report", "--related", is_flag=True,
    help="In text, list the findings that have the same cause as another one, not only their number.",
)  # fmt: skip
@option(
    "Report", "--fail-on", type=click.Choice(["violation", "warning", "info"], case_sensitive=False),
    default="violation", show_default=True, help="The least severity that makes the exit code 1.",
)  # fmt: skip
@option(
    "Report", "-o", "--output", type=click.Path(dir_okay=False), default="-", metavar="FILE",
    help="Write the report to this file; - is standard output.",
)  # fmt: skip
@option(
    "Waivers and fixes", "--waivers", "waiver_files", multiple=True, metavar="FILE",
    help="File of accepted findings; may repeat.  [default: waivers.toml in each folder that is checked]",
)  # fmt: skip
@option("Waivers and fixes", "--no-waivers", is_flag=True, help="Ignore all waivers.")
@option(
    "Waivers and fixes", "--today", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
    help="The date of the report, for waivers and for checks of years.  [default: of SOURCE_DATE_EPOCH, else today]",
)  # fmt: skip
@option(
    "Waivers and fixes", "--fix", is_flag=True,
    help="Show a diff that fixes the findings with exactly one safe fix; change no file.",
)  # fmt: skip
@option(
    "Waivers and fixes", "--write", is_flag=True,
    help="With --fix: change the files, all or none, and report the remaining findings.",
)  # fmt: skip
@option(
    "Addresses on the web", "--online", is_flag=True,
    help="Check whether external addresses, DOIs and PMIDs in the data still work.",
)  # fmt: skip
@option(
    "Addresses on the web", "--cache", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Keep the results in this file.  [default: evgraph/addresses.json in the user's cache]",
)  # fmt: skip
@option(
    "Addresses on the web", "--max-age", type=click.IntRange(min=0), metavar="DAYS",
    help="Use results that are at most this old; 0 checks every address again.  [default: 7]",
)  # fmt: skip
@option("Addresses on the web", "--allow-private", is_flag=True, help="Check private and loopback addresses, too.")
@option("Rules", "--list-rules", is_flag=True, help="List all rules, as text or JSON, and check nothing.")
@option("Rules", "--explain", metavar="RULE", help="Explain a rule: what is wrong, why it matters, how to fix it.")
def validate(
    origin: Origin,
    since: str | None,
    shapes: Sequence[str],
    add_shapes: Sequence[str],
    strict: bool,
    pages: Path | None,
    engine: Engine,
    timeout: float | None,
    format_name: str | None,
    quiet: bool,
    max_findings: int | None,
    related: bool,
    fail_on: str,
    output: str,
    waiver_files: Sequence[str],
    no_waivers: bool,
    today: datetime.datetime | None,
    fix: bool,
    write: bool,
    online: bool,
    cache: Path | None,
    max_age: int | None,
    allow_private: bool,
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

    Exit codes: 0 clean, 1 findings, 2 usage, 3 unreadable data or shapes, or no findings but something was not
    checked, 4 the server failed, 5 a limit was reached, 6 nothing was checked.
    """  # noqa: D301 - click's own mark
    from evgraph.cli import reporting
    from evgraph.rdf.files import find
    from evgraph.validation import waivers
    from evgraph.validation.checks import our_checks
    from evgraph.validation.checks_in_code import Pages
    from evgraph.validation.run import LONGEST, Validation, paths_of
    from evgraph.validation.validate import our_shapes

    settings = reporting.settings(format_name, output, fail_on, max_findings, quiet=quiet, related=related)
    if no_waivers and waiver_files:
        raise UsageError("--waivers and --no-waivers contradict each other", hint="leave one of them out")
    if not online and (cache or max_age is not None or allow_private):
        raise UsageError("--cache, --max-age and --allow-private need --online", hint="add --online, or leave them out")
    if write and not fix:
        raise UsageError("--write needs --fix", hint="add --fix, or leave --write out")
    if fix and since is not None:
        raise UsageError("--fix and --since cannot be combined", hint="leave one of them out")
    if fix and not write and settings.format.name != "text":
        raise UsageError(
            f"--fix writes a diff, not a report as {settings.format.name}",
            hint="leave --format out, and name the file .diff; or add --write, for a report of the remaining findings",
        )
    day = today.date() if today else _today()
    rules = [*(find(shapes) if shapes else our_shapes()), *find(add_shapes)]
    source_pages = Pages(pages) if pages else None
    addresses = _addresses(cache, max_age, allow_private=allow_private) if online else None
    checks = [] if shapes else our_checks(present=day.year, pages=source_pages, addresses=addresses)
    if list_rules or explain is not None:
        write_output([reporting.listed_rules(rules, checks, explain, settings.format.name)], output)
        return ExitCode.CLEAN
    files = [Path(file) for file in waiver_files] or ([] if no_waivers else waivers.beside(paths_of(origin)))
    validation = Validation(
        origin=origin,
        shapes=rules,
        checks=checks,
        today=day,
        engine=engine,
        since=since,
        strict=strict,
        accepted=[waiver for file in files for waiver in waivers.read(file)],
        longest=timeout or LONGEST,
    )
    if fix:
        plan, difference, remaining = validation.fix(write=write)
        reporting.report_fixes(plan, remaining, write=write)
        if not write:
            write_output([difference.encode()], output)
            return ExitCode.FINDINGS if plan.fixed else ExitCode.CLEAN
    with reporting.progress("evgraph: checking …"):
        validated = validation.run()
    pieces = reporting.report(validation, validated, settings, source_pages)
    write_output((piece.encode() for piece in pieces), output)
    for complaint in [*(source_pages.complaints if source_pages else ()), *(addresses.complaints if addresses else ())]:
        click.echo(f"evgraph: {complaint}", err=True)
    if validated.report.fails(settings.threshold):
        return ExitCode.FINDINGS
    return ExitCode.CLEAN if validated.report.is_complete else ExitCode.UNREADABLE


def _today() -> datetime.date:
    """Return the date of the clock, or of SOURCE_DATE_EPOCH, with which the same input gives the same report.

    https://reproducible-builds.org/specs/source-date-epoch/
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        moment = (
            datetime.datetime.now(datetime.UTC)
            if not epoch
            else datetime.datetime.fromtimestamp(int(epoch), datetime.UTC)
        )
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"SOURCE_DATE_EPOCH={epoch}: not a number of seconds", hint="correct it, or unset it"
        ) from None
    return moment.date()


def _addresses(cache: Path | None, max_age: int | None, *, allow_private: bool) -> Addresses:
    from evgraph.validation.addresses import Addresses
    from evgraph.validation.link_checker import CrawlSettings, LinkChecker

    # https://specifications.freedesktop.org/basedir-spec/latest/
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    age = datetime.timedelta(days=7 if max_age is None else max_age)
    checker = LinkChecker(CrawlSettings(allow_private=allow_private))
    return Addresses(checker.check_all, cache or caches / "evgraph" / "addresses.json", age)
