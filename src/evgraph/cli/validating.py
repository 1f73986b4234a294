"""The options of ``evgraph validate`` in their sections, each section read as one object."""

from __future__ import annotations

import datetime
import os
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

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
    from evgraph.validation.waiver import Waiver

Decorator: TypeAlias = "Callable[[Callable[..., Any]], Callable[..., Any]]"

_DATE = click.DateTime(["%Y-%m-%d"])


@dataclass(frozen=True, slots=True)
class Writing:
    """How the report is written.

    Attributes:
        format: of the report.
        quiet: whether it is a line a finding.
        most: how many findings of a rule are shown; 0 for all.
        threshold: the lightest finding that makes the exit code 1.
        output: the file; ``-`` for standard output.

    """

    format: Format
    quiet: bool
    most: int
    threshold: Severity
    output: str


def _gathered(name: str, read: Callable[..., Any], options: Sequence[Decorator], keys: Sequence[str]) -> Decorator:
    """Make of options one argument of the command.

    Args:
        name: of the argument.
        read: makes it of the options' values, by name; it is called before the command is.
        options: as help shows them.
        keys: the names of their values.

    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def gathering(**given: Any) -> Any:
            values = {key: given.pop(key) for key in keys}
            return command(**given, **{name: read(**values)})

        wrapped: Callable[..., Any] = gathering
        for one in reversed(options):
            wrapped = one(wrapped)
        return wrapped

    return decorate


def _writing(form: str | None, quiet: bool, most: int | None, fail_on: str, output: str) -> Writing:
    """Choose how the report is written: as told, else as the file's name ends, else for people."""
    chosen = FINDING_FORMATS[form] if form else FINDING_FORMATS.by_suffix(output) or FINDING_FORMATS["text"]
    if quiet and chosen.name != "text":
        raise UsageError(f"--quiet: {chosen.name} has no shorter form", hint="leave --quiet out, or say --format text")
    if most is not None and (quiet or chosen.most is None):
        raise UsageError(
            f"--max-findings: {'--quiet' if quiet else chosen.name} gives all of them",
            hint="leave it out, or choose --format text or html",
        )
    shown = chosen.most or 0 if most is None else most
    return Writing(chosen, quiet, shown, Severity[fail_on.upper()], output)


_REPORT = "Report"
writing_options = _gathered(
    "writing",
    _writing,
    [
        option(
            _REPORT, "--format", "form", type=click.Choice([*FINDING_FORMATS], case_sensitive=False),
            help="How to write the report.  [default: as the name of -o ends, else text]",
        ),
        option(_REPORT, "--quiet", is_flag=True, help="Write a line a finding, FILE:LINE:COLUMN first, and no more."),
        option(
            _REPORT, "--max-findings", "most", type=click.IntRange(min=0), metavar="N",
            help="For people: show so many findings of a rule and count the rest; 0 shows all."
            "  [default: text 20, html 1000]",
        ),
        option(
            _REPORT, "--fail-on", "fail_on",
            type=click.Choice(["violation", "warning", "info"], case_sensitive=False), default="violation",
            show_default=True, help="The lightest finding that makes the exit code 1.",
        ),
        option(
            _REPORT, "-o", "--output", type=click.Path(dir_okay=False), default="-", metavar="FILE",
            help="Where to write it, whole or not at all; - is standard output.",
        ),
    ],
    ["form", "quiet", "most", "fail_on", "output"],
)  # fmt: skip


def _addresses(online: bool, cache: Path | None, max_age: int | None, allow_private: bool) -> Addresses | None:
    if not online:
        if cache or max_age is not None or allow_private:
            raise UsageError("that is of use to --online only", hint="add --online, or leave it out")
        return None
    from evgraph.validation.addresses import Addresses
    from evgraph.validation.links.outcome import Manners

    # https://specifications.freedesktop.org/basedir-spec/latest/
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    age = datetime.timedelta(days=7 if max_age is None else max_age)
    return Addresses(Manners(allow_private=allow_private), cache or caches / "evgraph" / "addresses.json", age)


_WEB = "Addresses on the web"
online_options = _gathered(
    "addresses",
    _addresses,
    [
        option(
            _WEB, "--online", is_flag=True,
            help="Ask whether the addresses that leave the graph, DOIs and PMIDs still answer.",
        ),
        option(
            _WEB, "--cache", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
            help="Where what was learnt is kept.  [default: evgraph/addresses.json in the user's cache]",
        ),
        option(
            _WEB, "--max-age", type=click.IntRange(min=0), metavar="DAYS",
            help="How old what is kept may be; 0 asks every address anew.  [default: 7]",
        ),
        option(_WEB, "--allow-private", is_flag=True, help="Ask private and loopback addresses, too."),
    ],
    ["online", "cache", "max_age", "allow_private"],
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Accepting:
    """Which waivers hold, and on which day.

    Attributes:
        files: the files named; None takes those that lie beside the data.
        today: the day.

    """

    files: Sequence[Path] | None
    today: datetime.date

    def waivers(self, paths: Sequence[str | Path]) -> list[Waiver]:
        """Read the waivers for data in some files and folders.

        Raises:
            UnreadableError: a file of waivers is malformed.

        """
        from evgraph.validation import waivers

        files = waivers.beside(paths) if self.files is None else self.files
        return [waiver for file in files for waiver in waivers.read(file)]


def _accepting(waiver_files: Sequence[str], no_waivers: bool, today: datetime.datetime | None) -> Accepting:
    if no_waivers and waiver_files:
        raise UsageError("--waivers and --no-waivers contradict each other", hint="leave one of them out")
    files = [Path(file) for file in waiver_files]
    day = (today or datetime.datetime.now(datetime.UTC)).date()
    return Accepting(files if files or no_waivers else None, day)


_ACCEPT = "Accepting and mending"
accepting_options = _gathered(
    "accepting",
    _accepting,
    [
        option(
            _ACCEPT, "--waivers", "waiver_files", multiple=True, metavar="FILE",
            help="Findings that somebody accepts.  [default: waivers.toml in each folder that is checked]",
        ),
        option(_ACCEPT, "--no-waivers", is_flag=True, help="Let every finding count, whoever accepts it."),
        option(_ACCEPT, "--today", type=_DATE, metavar="DATE", help="The day to judge by.  [default: the clock's]"),
    ],
    ["waiver_files", "no_waivers", "today"],
)  # fmt: skip


def mending_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--fix`` and ``--write``."""
    fix = option(
        _ACCEPT, "--fix", is_flag=True,
        help="Show, as a diff, how to mend what has exactly one safe answer; nothing is changed.",
    )  # fmt: skip
    write = option(
        _ACCEPT, "--write", is_flag=True, help="With --fix: change the files, all or none, and report what is left."
    )
    return fix(write(command))


_JUDGED = "What is judged, and by what"


def judging_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say what it judges by, and of what."""
    options = [
        option(
            _JUDGED, "--since", metavar="REV",
            help="Compare with this revision of git: say which findings are new, which are gone and how many stay.",
        ),
        option(
            _JUDGED, "--shapes", "shapes", multiple=True, metavar="FILE",
            help="Judge by these shapes instead of evgraph's own shapes and checks.",
        ),
        option(_JUDGED, "--add-shapes", "more", multiple=True, metavar="FILE", help="Judge by these shapes too."),
        option(
            _JUDGED, "--strict", is_flag=True,
            help="Make findings of the notices: misspelt terms, shapes that judge nothing, files not read.",
        ),
        option(
            _JUDGED, "--pages", type=click.Path(path_type=Path), metavar="DIR",
            help="Compare the snapshots with these pages, too, and show the words of passages.",
        ),
        option(
            _JUDGED, "--engine", type=click.Choice(["auto", "pyshacl"], case_sensitive=False), default="auto",
            show_default=True,
            help="Who judges: the shapes as SPARQL, with pySHACL for what that cannot say, or pySHACL alone.",
        ),
        option(
            _JUDGED, "--timeout", type=SECONDS, metavar="SECONDS",
            help="How long pySHACL may take for what only it can judge.  [default: 600]"
            " Of a server: how long an answer may take.  [default: 60]",
        ),
    ]  # fmt: skip
    for one in reversed(options):
        command = one(command)
    return command
