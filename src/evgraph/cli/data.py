"""The options that say where data is, the same for every command that reads any."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from evgraph.cli.sections import option
from evgraph.errors import UsageError
from evgraph.store.opening import Origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from evgraph.store.endpoint import Endpoint

SECONDS = click.FloatRange(min=0, min_open=True)
"""What ``--timeout`` takes."""

_WHERE = "Where the data is"
_PATH = click.Path(allow_dash=True)
_PATHS = click.argument("paths", nargs=-1, type=_PATH, envvar="EVGRAPH_DATA", metavar="[PATH]...")
_DATA = option(
    _WHERE,
    "--data",
    multiple=True,
    envvar="EVGRAPH_DATA",
    show_envvar=True,
    type=_PATH,
    metavar="PATH",
    help="RDF file, folder of them, or - for Turtle on standard input; may repeat.  [default: the shipped graph]",
)
_STORE = option(
    _WHERE,
    "--store",
    envvar="EVGRAPH_STORE",
    show_envvar=True,
    type=click.Path(),
    metavar="DIR",
    help="A graph kept on disk, as 'evgraph load --store' builds it.",
)
_ENDPOINT = option(
    _WHERE,
    "--endpoint",
    envvar="EVGRAPH_ENDPOINT",
    show_envvar=True,
    metavar="URL",
    help="A SPARQL server: its address for queries.",
)
_DEFAULT_GRAPH = option(
    _WHERE,
    "--default-graph",
    type=click.Choice(["auto", "union", "named"], case_sensitive=False),
    default="auto",
    show_default=True,
    help="Whether the server's default graph is the union of its graphs, or the graphs must be named; auto asks it.",
)
_TIMEOUT = option(
    _WHERE,
    "--timeout",
    type=SECONDS,
    metavar="SECONDS",
    help="How long the server may take for one answer.  [default: 60]",
)
_VARIABLES = {
    "paths": "EVGRAPH_DATA",
    "data": "EVGRAPH_DATA",
    "store": "EVGRAPH_STORE",
    "endpoint": "EVGRAPH_ENDPOINT",
}


def data_options(
    *, arguments: bool = False, own_timeout: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command the options that say where data is; it gets them as one ``origin``, an `Origin`.

    At most one may be given. What stands on the command line overrules whatever the environment says.

    Args:
        arguments: the files are the command's arguments, and not ``--data`` options.
        own_timeout: the command has a ``--timeout`` of its own, which is the server's, too.

    """
    files = "paths" if arguments else "data"

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def with_origin(*args: Any, **given: Any) -> Any:
            named = {name: given.pop(name) for name in (files, "store", "endpoint")}
            mode = given.pop("default_graph")
            timeout = given["timeout"] if own_timeout else given.pop("timeout")
            ctx = click.get_current_context()
            origin = _origin(ctx, named, mode, timeout)
            if origin.endpoint is None:
                names = ["default_graph"] if own_timeout else ["default_graph", "timeout"]
                _refuse_without_server(ctx, names)
            return command(*args, origin=origin, **given)

        wrapped: Callable[..., Any] = with_origin
        options = [_DEFAULT_GRAPH, _ENDPOINT, _STORE, _PATHS if arguments else _DATA]
        for one in options if own_timeout else [_TIMEOUT, *options]:
            wrapped = one(wrapped)
        return wrapped

    return decorate


def _origin(ctx: click.Context, named: dict[str, Any], mode: Any, timeout: float | None) -> Origin:
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
            f"{', '.join(words[:-1])} and {words[-1]} {'both' if len(words) == 2 else 'all'} say where the data is",
            hint="unset all but one, or name the data on the command line" if not from_line else "give one of them",
        )
    found = {name: named[name] for name in chosen}
    return Origin(
        paths=tuple(found.get("data") or found.get("paths") or ()),
        directory=found.get("store"),
        endpoint=_endpoint(found["endpoint"], mode, timeout) if "endpoint" in found else None,
    )


def _endpoint(url: str, mode: Any, timeout: float | None) -> Endpoint:
    from evgraph.store.endpoint import Endpoint  # Only who asks a server pays for it.

    return Endpoint(url, default_graph=mode) if timeout is None else Endpoint(url, default_graph=mode, timeout=timeout)


def _refuse_without_server(ctx: click.Context, names: list[str]) -> None:
    for name in names:
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise UsageError(
                f"--{name.replace('_', '-')} is about a server, and none is asked", hint="add --endpoint URL"
            )
