"""``evgraph mcp``: give assistants the questions as tools."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evgraph.cli.common import MEGABYTES, SECONDS, Command, data_options, option, say
from evgraph.errors import ExitCode, UsageError
from evgraph.limits import Limits

if TYPE_CHECKING:
    from evgraph.store.opening import Origin


@click.command(cls=Command, context_settings={"help_option_names": ["-h", "--help"]})
@option(
    "The server", "--http", type=click.IntRange(0, 65535), metavar="PORT",
    help="Serve over HTTP on this port, for this machine only; 0 for any that is free.  [default: standard input and"
    " output]",
)  # fmt: skip
@option(
    "The answers", "--pages", type=click.Path(path_type=Path), metavar="DIR",
    help="Give the text of the passages too, from the pages in this folder.",
)  # fmt: skip
@data_options(own_timeout=True)
@option(
    "Limits", "--timeout", type=SECONDS, default=30, show_default=True, metavar="SECONDS",
    help="End a call after this time.",
)  # fmt: skip
@option(
    "Limits", "--max-memory", type=MEGABYTES, default=1024, show_default=True, metavar="MB",
    help="End a call that needs more memory than this, the graph included.",
)  # fmt: skip
def mcp(origin: Origin, http: int | None, pages: Path | None, timeout: float, max_memory: int) -> int:
    """Give an assistant the canned questions, search and SPARQL as tools (Model Context Protocol).

    \b
    Examples:
      evgraph mcp
      evgraph mcp --data my-graph --pages my-pages
      evgraph mcp --http 8001

    The program of the assistant starts the first two; docs/assistants.md has its configuration. The answers have
    labels, and the cell and line of each passage. Nothing can change the graph.
    """  # noqa: D301 - click's own mark
    if find_spec("mcp") is None:
        raise UsageError("mcp needs the library mcp, which is not installed", hint="pip install 'evgraph[mcp]'")
    if "-" in origin.paths:
        raise UsageError("--data -: standard input is not free for data", hint="name a file or a folder")
    if pages is not None and not pages.exists():
        raise UsageError(f"--pages {pages}: no such folder of pages", hint="check the name")
    # Named, not imported: no face depends on another. A memory limit needs Linux: others count addresses differently.
    limits = Limits(timeout, max_memory if sys.platform == "linux" else None)
    assistants: Any = import_module("evgraph.assistants.server").Assistants(origin, limits, pages)
    assistants.check()
    if http is None:
        if sys.stdin.isatty():
            say("waiting for a client at standard input; Ctrl-C ends it", err=True)
        assistants.run_stdio()
    else:
        assistants.run_http(http, lambda address: say(f"evgraph is ready at {address}"))
    return ExitCode.CLEAN
