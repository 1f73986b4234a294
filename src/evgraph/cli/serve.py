"""``evgraph serve``: open the graph over HTTP."""

from __future__ import annotations

import os
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from evgraph.cli.common import SECONDS, Command, data_options, option, say
from evgraph.cli.hints import worded
from evgraph.errors import ExitCode, UsageError
from evgraph.limits import MOST_MEMORY
from evgraph.namespaces import ID
from evgraph.store.opening import Origin

if TYPE_CHECKING:
    from collections.abc import Callable

_MORE_WORKERS = 2  # Than there are cores, because a worker waits while its answer is written.
_LIBRARIES = ("starlette", "uvicorn", "httptools", "uvloop", "werkzeug")


@click.command(cls=Command, context_settings={"help_option_names": ["-h", "--help"]})
@data_options(arguments=True, own_timeout=True)
@option(
    "The server", "--host", default="127.0.0.1", show_default=True, metavar="ADDRESS",
    help="The address to listen at; on a loopback address evgraph answers this machine only.",
)  # fmt: skip
@option(
    "The server", "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, metavar="N",
    help="The port; 0 for any that is free.",
)  # fmt: skip
@option(
    "The pages", "--pages", type=click.Path(), metavar="DIR",
    help="The source pages; their passages are then quoted.",
)  # fmt: skip
@option(
    "The pages", "--contact", metavar="ADDRESS",
    help="Where comments go: mailto:… or https://….",
)  # fmt: skip
@option(
    "The pages", "--edit", type=click.Path(file_okay=False), metavar="DIR",
    help="Let people at this machine settle the references of DIR, which 'evgraph ingest' wrote, at /settle.",
)  # fmt: skip
@option(
    "The pages", "--earlier", type=click.Path(), metavar="PATH",
    help="An earlier version of the graph, a file or a folder: the feeds and what changed are seen from it.",
)  # fmt: skip
@option(
    "The server", "--workers", type=click.IntRange(1, 256), metavar="N",
    help="Run at most N queries of one client at the same time, and one more of others.  [default: cores + 2]",
)  # fmt: skip
@option(
    "Limits", "--timeout", type=SECONDS, default=30, show_default=True, metavar="SECONDS",
    help="End a query after this time.",
)  # fmt: skip
@option(
    "Limits", "--max-memory", type=click.IntRange(64, MOST_MEMORY), default=1024, show_default=True, metavar="MB",
    help="End a query that needs more memory than this, beside the graph.",
)  # fmt: skip
def serve(
    origin: Origin,
    host: str,
    port: int,
    pages: str | None,
    contact: str | None,
    edit: str | None,
    earlier: str | None,
    workers: int | None,
    timeout: float,
    max_memory: int,
) -> int:
    """Serve the graph over HTTP: pages for people, linked data, SPARQL, and the canned questions.

    \b
    Examples:
      evgraph serve
      evgraph serve my-graph --port 8080
      evgraph serve --store my-store --timeout 10
      evgraph serve --endpoint http://localhost:7878/query

    PATH is an RDF file or a folder of them; the default is EVGRAPH_DATA, else the shipped graph. evgraph prints the
    address when it is ready. SIGTERM, or Ctrl-C, ends it after the requests that have begun. SIGHUP loads the data
    again; a store on disk is loaded again when another build replaces it.
    """  # noqa: D301 - click's own mark
    missing = [name for name in _LIBRARIES if find_spec(name) is None]
    if missing:
        raise UsageError(f"serve needs {', '.join(missing)}, not installed here", hint="pip install 'evgraph[serve]'")
    if contact is not None and not contact.startswith(("mailto:", "https://", "http://")):
        raise UsageError(f"--contact {contact}: expected an address such as mailto:editor@example.org")
    if "-" in origin.paths:
        raise UsageError("serve loads its data again and again, so it cannot be standard input", hint="name a file")
    # Named, not imported: neither face depends on the other.
    run: Callable[..., None] = import_module("evgraph.web.server").serve
    options = import_module("evgraph.site.page").Options(pages=pages, contact=contact, edit=edit, earlier=earlier)
    run(
        Origin(paths=(edit,)) if edit and origin == Origin() else origin,
        host=host,
        port=port,
        seconds=timeout,
        megabytes=max_memory,
        workers=workers or len(os.sched_getaffinity(0)) + _MORE_WORKERS,
        options=options,
        on_ready=_say_ready,
        on_problem=lambda error: say(f"evgraph: {worded(error)}\n  serving the earlier data until then", err=True),
    )
    return ExitCode.CLEAN


def _say_ready(address: str) -> None:
    say(f"evgraph is ready at {address}")
    say(f"{ID}X is served as {address}X", err=True)
