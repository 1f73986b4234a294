"""The options for the data, the same for every command that reads some."""

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
_VARIABLES = {
    "paths": "EVGRAPH_DATA",
    "data": "EVGRAPH_DATA",
    "store": "EVGRAPH_STORE",
    "endpoint": "EVGRAPH_ENDPOINT",
}


def data_options(
    *, arguments: bool = False, own_timeout: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds the options for the data to a command, which gets one ``origin``, an `Origin`.

    At most one may be used. The command line overrides the environment.

    Args:
        arguments: whether the files are the command's arguments, and not ``--data`` options.
        own_timeout: whether the command has its own ``--timeout``, which is the server's too.

    """
    files = "paths" if arguments else "data"

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def with_origin(*args: Any, **options: Any) -> Any:
            named = {name: options.pop(name) for name in (files, "store", "endpoint")}
            mode = options.pop("default_graph")
            timeout = options["timeout"] if own_timeout else options.pop("timeout")
            ctx = click.get_current_context()
            origin = _origin(ctx, named, mode, timeout)
            for name in ("default_graph",) if own_timeout else ("default_graph", "timeout"):
                if origin.endpoint is None and ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
                    option = f"--{name.replace('_', '-')}"
                    raise UsageError(f"{option} is for servers only", hint="add --endpoint URL, or leave it out")
            return command(*args, origin=origin, **options)

        wrapped: Callable[..., Any] = with_origin
        decorators = [_DEFAULT_GRAPH, _ENDPOINT, _STORE, _PATHS if arguments else _DATA]
        for add in decorators if own_timeout else [_TIMEOUT, *decorators]:
            wrapped = add(wrapped)
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
            f"{', '.join(words[:-1])} and {words[-1]} {'both' if len(words) == 2 else 'all'} name the data",
            hint="unset all but one, or name the data on the command line" if not from_line else "give one of them",
        )
    values = {name: named[name] for name in chosen}
    return Origin(
        paths=tuple(values.get("data") or values.get("paths") or ()),
        directory=values.get("store"),
        endpoint=_endpoint(values["endpoint"], mode, timeout) if "endpoint" in values else None,
    )


def _endpoint(url: str, mode: Any, timeout: float | None) -> Endpoint:
    from evgraph.store.endpoint import Endpoint  # Not needed for files.

    return Endpoint(url, default_graph=mode) if timeout is None else Endpoint(url, default_graph=mode, timeout=timeout)
