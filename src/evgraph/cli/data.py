"""The options that say where data is, the same for every command that reads any."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from evgraph.errors import UsageError
from evgraph.store.opening import Origin

if TYPE_CHECKING:
    from collections.abc import Callable

_PATH = click.Path(allow_dash=True)
_PATHS = click.argument("paths", nargs=-1, type=_PATH, envvar="EVGRAPH_DATA", metavar="[PATH]...")
_DATA = click.option(
    "--data",
    multiple=True,
    envvar="EVGRAPH_DATA",
    show_envvar=True,
    type=_PATH,
    metavar="PATH",
    help="RDF file, folder of them, or - for Turtle on standard input; may repeat.  [default: the shipped graph]",
)
_STORE = click.option(
    "--store",
    envvar="EVGRAPH_STORE",
    show_envvar=True,
    type=click.Path(),
    metavar="DIR",
    help="A graph kept on disk, as 'evgraph load --store' builds it.",
)
_VARIABLES = {"paths": "EVGRAPH_DATA", "data": "EVGRAPH_DATA", "store": "EVGRAPH_STORE"}


def data_options(*, arguments: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command the options that say where data is; it gets them as one ``origin``, an `Origin`.

    At most one may be given. What stands on the command line overrules whatever the environment says.

    Args:
        arguments: the files are the command's arguments, and not ``--data`` options.

    """
    files = "paths" if arguments else "data"

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def with_origin(*args: Any, **given: Any) -> Any:
            named = {name: given.pop(name) for name in (files, "store")}
            return command(*args, origin=_origin(click.get_current_context(), named), **given)

        for option in (_STORE, _PATHS if arguments else _DATA):
            with_origin = option(with_origin)
        return with_origin

    return decorate


def _origin(ctx: click.Context, named: dict[str, Any]) -> Origin:
    by_source: dict[ParameterSource | None, list[str]] = {}
    for name, value in named.items():
        if value:
            by_source.setdefault(ctx.get_parameter_source(name), []).append(name)
    from_line, from_environment = (
        by_source.get(source, []) for source in (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)
    )
    chosen = from_line or from_environment
    if len(chosen) > 1:
        words = [_VARIABLES[name] if not from_line else "PATH" if name == "paths" else f"--{name}" for name in chosen]
        raise UsageError(
            f"{' and '.join(words)} both say where the data is",
            way_out="unset one, or name the data on the command line" if not from_line else "give one of them",
        )
    found = {name: named[name] for name in chosen}
    return Origin(paths=tuple(found.get("data") or found.get("paths") or ()), directory=found.get("store"))
