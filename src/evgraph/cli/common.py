"""What the commands share: options in the sections of their help, the options for the data, and where output goes."""

from __future__ import annotations

import os
import sys
from functools import wraps
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click
from click.core import ParameterSource

from evgraph.characters import printable
from evgraph.errors import UsageError
from evgraph.limits import MOST_MEMORY, MOST_SECONDS, are_seconds
from evgraph.redaction import redact
from evgraph.store.opening import Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Decorator: TypeAlias = "Callable[[Callable[..., Any]], Callable[..., Any]]"


class _Seconds(click.FloatRange):
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        seconds = super().convert(value, param, ctx)
        return seconds if are_seconds(seconds) else self.fail(f"{value} is no number of seconds.", param, ctx)


SECONDS = _Seconds(min=0, min_open=True, max=MOST_SECONDS)
"""What ``--timeout`` takes."""
MEGABYTES = click.IntRange(min=1, max=MOST_MEMORY)
"""What ``--max-memory`` takes."""


class _Option(click.Option):
    def __init__(self, *args: Any, section: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section = section


class Command(click.Command):
    """A command whose help has its options in sections, in the order of the first option of each."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse an option with an empty value, ``--endpoint ""``: most likely a variable that the shell lacks."""
        words = args[: args.index("--")] if "--" in args else args
        for parameter in self.params:
            is_empty = any(f"{name}=" in words or (name, "") in pairwise(words) for name in parameter.opts)
            if is_empty and isinstance(parameter, click.Option) and not parameter.is_flag:
                raise UsageError(f"{parameter.opts[-1]} is empty", hint="give it a value, or leave it out")
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, click's own last. The text above describes the arguments."""
        sections: dict[str, list[tuple[str, str]]] = {}
        options = [parameter for parameter in self.get_params(ctx) if isinstance(parameter, click.Option)]
        for option in sorted(options, key=lambda option: not isinstance(option, _Option)):
            if record := option.get_help_record(ctx):
                sections.setdefault(getattr(option, "section", "Options"), []).append(record)
        for heading, records in sections.items():
            with formatter.section(heading):
                formatter.write_dl(records)


def option(section: str, *names: str, **settings: Any) -> Decorator:
    """Declare an option of a section; see `click.option` for the rest."""
    return click.option(*names, cls=_Option, section=section, **settings)


_WHERE = "Where the data is"
_PATH = click.Path(allow_dash=True)
_PATHS = click.argument("paths", nargs=-1, type=_PATH, envvar="EVGRAPH_DATA", metavar="[PATH]...")
_DATA = option(
    _WHERE, "--data", multiple=True, envvar="EVGRAPH_DATA", show_envvar=True, type=_PATH, metavar="PATH",
    help="RDF file, folder, or - for Turtle on standard input. May be repeated.  [default: the shipped graph]",
)  # fmt: skip
_STORE = option(
    _WHERE, "--store", envvar="EVGRAPH_STORE", show_envvar=True, type=click.Path(), metavar="DIR",
    help="A graph on disk, built with 'evgraph load --store'.",
)  # fmt: skip
_ENDPOINT = option(
    _WHERE, "--endpoint", envvar="EVGRAPH_ENDPOINT", show_envvar=True, metavar="URL",
    help="A SPARQL server: its address for queries.",
)  # fmt: skip
_DEFAULT_GRAPH = option(
    _WHERE, "--default-graph", type=click.Choice(["auto", "union", "named"], case_sensitive=False), default="auto",
    show_default=True,
    help="Whether the server's default graph is the union of its named graphs; auto finds out.",
)  # fmt: skip
_TIMEOUT = option(
    _WHERE, "--timeout", type=SECONDS, metavar="SECONDS",
    help="The server's time for one answer.  [default: 60]",
)  # fmt: skip


def data_options(*, arguments: bool = False, own_timeout: bool = False) -> Decorator:
    """Return a decorator that adds the options for the data to a command, which gets one ``origin``, an `Origin`.

    At most one may be used. The command line overrides the environment.

    Args:
        arguments: whether the files are the command's arguments, and not ``--data`` options.
        own_timeout: whether the command has its own ``--timeout``, which is the server's too.

    """
    files = "paths" if arguments else "data"
    added = [_DEFAULT_GRAPH, _ENDPOINT, _STORE, _PATHS if arguments else _DATA]
    for_servers = ["default_graph"] if own_timeout else ["default_graph", "timeout"]

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def with_origin(**values: Any) -> Any:
            named = {name: values.pop(name) for name in (files, "store", "endpoint")}
            timeout = values["timeout"] if own_timeout else values.pop("timeout")
            origin = _origin(named, default_graph=values.pop("default_graph"), timeout=timeout)
            if origin.endpoint is None:
                refuse(*for_servers, message="is for servers only", hint="add --endpoint URL, or leave it out")
            return command(origin=origin, **values)

        decorated: Callable[..., Any] = with_origin
        for add in added if own_timeout else [_TIMEOUT, *added]:
            decorated = add(decorated)
        return decorated

    return decorate


def refuse(*names: str, message: str, hint: str) -> None:
    """Raise a `UsageError`, whose message begins with the option, for the first of these on the command line."""
    for name in names:
        if click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise UsageError(f"--{name.replace('_', '-')} {message}", hint=hint)


def _origin(named: dict[str, Any], default_graph: Any, timeout: float | None) -> Origin:
    source = click.get_current_context().get_parameter_source
    on_line = [name for name, value in named.items() if value and source(name) is ParameterSource.COMMANDLINE]
    chosen = on_line or [name for name, value in named.items() if value]
    if len(chosen) > 1:
        if on_line:
            words, hint = ["PATH" if name == "paths" else f"--{name}" for name in chosen], "give one of them"
        else:
            words = [f"EVGRAPH_{'DATA' if name == 'paths' else name.upper()}" for name in chosen]
            hint = "unset all but one, or name the data on the command line"
        raise UsageError(
            f"{', '.join(words[:-1])} and {words[-1]} {'both' if len(words) == 2 else 'all'} name the data", hint=hint
        )
    values = {name: named[name] for name in chosen}
    origin = Origin(paths=tuple(values.get("data") or values.get("paths") or ()), directory=values.get("store"))
    if "endpoint" not in values:
        return origin
    from evgraph.store.endpoint import Endpoint  # Not needed for files.

    limits: dict[str, Any] = {} if timeout is None else {"timeout": timeout}
    return origin._replace(endpoint=Endpoint(values["endpoint"], default_graph=default_graph, **limits))


def as_spreadsheet(name: str | None, *, is_asked: bool) -> str | None:
    """Return the name of a format of rows, with ``--spreadsheet`` that of csv which is safe in a spreadsheet."""
    if is_asked and name not in {None, "csv", "spreadsheet"}:
        raise UsageError(f"--spreadsheet is for csv, not for {name}", hint="leave one of them out")
    return "spreadsheet" if is_asked else name


def write_output(pieces: Iterable[bytes], output: str) -> None:
    """Write to a file, which is replaced only when all is written, or to standard output for ``-``."""
    if output == "-":
        sys.stdout.buffer.writelines(pieces)
        sys.stdout.buffer.flush()
    else:
        from evgraph.writing import write_file

        write_file(Path(output), pieces)


def say(text: str = "", *, err: bool = False) -> None:
    """Write a message, without secrets and with what could drive a terminal made visible, to an output.

    Whatever the commands say to people goes through here.
    """
    click.echo("\t".join(map(printable, redact(text).split("\t"))), err=err)  # Tabs separate columns.


def note(notes: Iterable[str]) -> None:
    """Write notes to standard error."""
    for text in notes:
        say(f"note: {text}", err=True)


def terminal_width() -> int | None:
    """Return the columns of the terminal; None, for no wrapping, where output is no terminal and COLUMNS is not set."""
    if not sys.stdout.isatty() and not os.environ.get("COLUMNS"):
        return None
    from shutil import get_terminal_size

    return get_terminal_size().columns


def has_colours() -> bool:
    """Return whether the terminal shows colours and the user wants them: https://no-color.org."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
