"""The options of ``evgraph validate``: some sections are read as one object each."""

from __future__ import annotations

import datetime
import os
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import click

from evgraph.cli.data import SECONDS
from evgraph.cli.sections import option
from evgraph.errors import UsageError
from evgraph.formats import FINDING_FORMATS
from evgraph.shacl.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from evgraph.formats import Format
    from evgraph.validation.addresses import Addresses
    from evgraph.validation.waivers import Waiver

Decorator: TypeAlias = "Callable[[Callable[..., Any]], Callable[..., Any]]"

_DATE = click.DateTime(["%Y-%m-%d"])


class ReportSettings(NamedTuple):
    """How the report is written.

    Attributes:
        format: of the report.
        quiet: whether it has one line per finding.
        most: how many findings of a rule are shown; 0 for all.
        threshold: the least severity that makes the exit code 1.
        output: the file; ``-`` for standard output.

    """

    format: Format
    quiet: bool
    most: int
    threshold: Severity
    output: str


def _options(*options: Decorator, name: str = "", read: Callable[..., Any] | None = None) -> Decorator:
    """Return a decorator that adds options to a command.

    Args:
        options: in the order of the help.
        name: of the one argument that the command gets for all of them; by default, it gets one for each.
        read: returns that argument; its parameters are named as the options.

    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        decorated = command
        if read is not None:
            keys = signature(read).parameters

            @wraps(command)
            def decorated(**values: Any) -> Any:
                of_section = {key: values.pop(key) for key in keys}
                return command(**values, **{name: read(**of_section)})

        for add in reversed(options):
            decorated = add(decorated)
        return decorated

    return decorate


def _report_settings(form: str | None, quiet: bool, most: int | None, fail_on: str, output: str) -> ReportSettings:
    """Choose the format: as named, else by the suffix of the file, else text."""
    is_report = Path(output).suffix not in {"", ".diff", ".patch"}  # What --fix writes is a diff.
    chosen = FINDING_FORMATS.choose(form, output if is_report else None)
    if quiet and chosen.name != "text":
        raise UsageError(f"--quiet: {chosen.name} has no shorter form", hint="leave --quiet out, or use --format text")
    if most is not None and (quiet or chosen.most is None):
        raise UsageError(
            f"--max-findings: {'--quiet' if quiet else chosen.name} writes all of them",
            hint="leave it out, or choose --format text or html",
        )
    shown = chosen.most or 0 if most is None else most
    return ReportSettings(chosen, quiet, shown, Severity[fail_on.upper()], output)


_REPORT = "Report"
report_options = _options(
    option(
        _REPORT, "--format", "form", type=click.Choice([*FINDING_FORMATS], case_sensitive=False),
        help="Format of the report.  [default: by the suffix of the -o file, else text]",
    ),
    option(_REPORT, "--quiet", is_flag=True, help="Write only one line per finding: FILE:LINE:COLUMN: …"),
    option(
        _REPORT, "--max-findings", "most", type=click.IntRange(min=0), metavar="N",
        help="Show at most N findings of a rule in text and html, and count the rest; 0 shows all."
        "  [default: text 20, html 1000]",
    ),
    option(
        _REPORT, "--fail-on", "fail_on",
        type=click.Choice(["violation", "warning", "info"], case_sensitive=False), default="violation",
        show_default=True, help="The least severity that makes the exit code 1.",
    ),
    option(
        _REPORT, "-o", "--output", type=click.Path(dir_okay=False), default="-", metavar="FILE",
        help="Write the report to this file; - is standard output.",
    ),
    name="report_settings",
    read=_report_settings,
)  # fmt: skip


def _addresses(online: bool, cache: Path | None, max_age: int | None, allow_private: bool) -> Addresses | None:
    if not online:
        if cache or max_age is not None or allow_private:
            raise UsageError(
                "--cache, --max-age and --allow-private need --online", hint="add --online, or leave them out"
            )
        return None
    from evgraph.validation.addresses import Addresses
    from evgraph.validation.link_checker import CrawlSettings, LinkChecker

    # https://specifications.freedesktop.org/basedir-spec/latest/
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    age = datetime.timedelta(days=7 if max_age is None else max_age)
    checker = LinkChecker(CrawlSettings(allow_private=allow_private))
    return Addresses(checker.check_all, cache or caches / "evgraph" / "addresses.json", age)


_WEB = "Addresses on the web"
online_options = _options(
    option(
        _WEB, "--online", is_flag=True,
        help="Check whether external addresses, DOIs and PMIDs in the data still work.",
    ),
    option(
        _WEB, "--cache", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
        help="Keep the results in this file.  [default: evgraph/addresses.json in the user's cache]",
    ),
    option(
        _WEB, "--max-age", type=click.IntRange(min=0), metavar="DAYS",
        help="Use results that are at most this old; 0 checks every address again.  [default: 7]",
    ),
    option(_WEB, "--allow-private", is_flag=True, help="Check private and loopback addresses, too."),
    name="addresses",
    read=_addresses,
)  # fmt: skip


class WaiverSettings(NamedTuple):
    """Which waivers are used, and for which day.

    Attributes:
        files: the files; None for those in the folders of the data.
        today: the day.

    """

    files: Sequence[Path] | None
    today: datetime.date

    def waivers(self, paths: Sequence[str | Path]) -> list[Waiver]:
        """Read the waivers for data in files and folders.

        Raises:
            UnreadableError: a file of waivers is malformed.

        """
        from evgraph.validation import waivers

        files = waivers.beside(paths) if self.files is None else self.files
        return [waiver for file in files for waiver in waivers.read(file)]


def _waiver_settings(waiver_files: Sequence[str], no_waivers: bool, today: datetime.datetime | None) -> WaiverSettings:
    if no_waivers and waiver_files:
        raise UsageError("--waivers and --no-waivers contradict each other", hint="leave one of them out")
    files = [Path(file) for file in waiver_files]
    day = (today or datetime.datetime.now(datetime.UTC)).date()
    return WaiverSettings(files if files or no_waivers else None, day)


_WAIVERS = "Waivers and fixes"
waiver_options = _options(
    option(
        _WAIVERS, "--waivers", "waiver_files", multiple=True, metavar="FILE",
        help="File of accepted findings; may repeat.  [default: waivers.toml in each folder that is checked]",
    ),
    option(_WAIVERS, "--no-waivers", is_flag=True, help="Ignore all waivers."),
    option(
        _WAIVERS, "--today", type=_DATE, metavar="DATE",
        help="The date for waivers, and for checks of years.  [default: the clock's]",
    ),
    name="waiver_settings",
    read=_waiver_settings,
)  # fmt: skip


fix_options = _options(
    option(
        _WAIVERS, "--fix", is_flag=True,
        help="Show a diff that fixes the findings with exactly one safe fix; change no file.",
    ),
    option(
        _WAIVERS, "--write", is_flag=True,
        help="With --fix: change the files, all or none, and report the remaining findings.",
    ),
)  # fmt: skip

_RULES = "What to check"
rule_options = _options(
    option(
        _RULES, "--since", metavar="REV",
        help="Compare with a git revision: report which findings are new, which are gone, and how many stay.",
    ),
    option(
        _RULES, "--shapes", "shapes", multiple=True, metavar="FILE",
        help="Use these shapes instead of evgraph's own shapes and checks; may repeat.",
    ),
    option(
        _RULES, "--add-shapes", "more", multiple=True, metavar="FILE", help="Use these shapes, too; may repeat."
    ),
    option(
        _RULES, "--strict", is_flag=True,
        help="Turn notices into findings: misspelt terms, ineffective shapes, files that were not read.",
    ),
    option(
        _RULES, "--pages", type=click.Path(path_type=Path), metavar="DIR",
        help="Compare the snapshots with these pages, too, and show the words of passages.",
    ),
    option(
        _RULES, "--engine", type=click.Choice(["auto", "pyshacl"], case_sensitive=False), default="auto",
        show_default=True,
        help="auto runs shapes as SPARQL, and with pySHACL what SPARQL cannot express; pyshacl runs all with it.",
    ),
    option(
        _RULES, "--timeout", type=SECONDS, metavar="SECONDS",
        help="Time limit for pySHACL [default: 600], or for one answer of a server [default: 60].",
    ),
)  # fmt: skip
