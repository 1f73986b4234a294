"""``evgraph load``: send data to a SPARQL server, or keep it in a store on disk."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from evgraph.cli.common import SECONDS, Command, refuse, say
from evgraph.errors import ExitCode, UsageError
from evgraph.namespaces import curie

if TYPE_CHECKING:
    from evgraph.store.transfer import Part


@click.command(cls=Command)
@click.argument("paths", nargs=-1, type=click.Path(allow_dash=True), envvar="EVGRAPH_DATA", metavar="[PATH]...")
@click.option(
    "--store", type=click.Path(), metavar="DIR",
    help="Build a store on disk in this directory; it replaces the one that is there.",
)  # fmt: skip
@click.option(
    "--endpoint", envvar="EVGRAPH_ENDPOINT", show_envvar=True, metavar="URL", help="The server's address for queries."
)
@click.option(
    "--graph-store", "graph_store", envvar="EVGRAPH_GRAPH_STORE", show_envvar=True, metavar="URL",
    help="Its address for the Graph Store Protocol, one request per graph.",
)  # fmt: skip
@click.option(
    "--update", envvar="EVGRAPH_UPDATE_ENDPOINT", show_envvar=True, metavar="URL",
    help="Its address for updates, for a server without the Graph Store Protocol.",
)  # fmt: skip
@click.option(
    "--timeout", type=SECONDS, default=60, show_default=True, metavar="SECONDS",
    help="The time limit for one answer.",
)  # fmt: skip
@click.option("--again", is_flag=True, help="Send every graph, even if the server has it already.")
@click.option("--dry-run", "dry_run", is_flag=True, help="List what evgraph would send, and send nothing.")
def load(
    paths: tuple[str, ...],
    store: str | None,
    endpoint: str | None,
    graph_store: str | None,
    update: str | None,
    timeout: float,
    again: bool,
    dry_run: bool,
) -> ExitCode:
    """Send data to a SPARQL server, or keep it in a store on disk, each file as its own named graph.

    PATH is an RDF file, a folder of them, or - for Turtle on standard input; the default is EVGRAPH_DATA, else the
    shipped graph. evgraph also loads the ontology, the concept schemes and the matrices. Each graph replaces the graph
    of the same name on the server; other graphs stay. evgraph counts the triples there and does not send a graph again
    that has arrived: after a failure, run the same command once more.

    A store on disk suits a graph that is too big to load for each question: evgraph query --store DIR reads from there.
    A new build replaces the store in one step and does not disturb those who read it.

    A user and password come from EVGRAPH_USER and EVGRAPH_PASSWORD, a bearer token from EVGRAPH_TOKEN, else from
    ~/.netrc. The output has one line per graph: its name, the number of its triples, and whether it was sent.

    \b
    Examples:
      evgraph load --endpoint http://localhost:7878/query --graph-store http://localhost:7878/store
      evgraph load mydata/ --endpoint http://localhost:8890/sparql --update http://localhost:8890/sparql-auth
      evgraph load --endpoint http://localhost:7878/query --dry-run
      evgraph load mydata/ --store my-store

    Exit codes: 0 everything is loaded, 2 usage, 3 unreadable data, 4 the server failed, 5 a limit was reached.
    """  # noqa: D301 - click's own mark
    if store is not None:
        return _build(store, paths)
    if endpoint is None:
        raise UsageError(
            "load needs a destination",
            hint="add --endpoint URL for a server, such as http://localhost:7878/query, or --store DIR",
        )
    # Imported here so that --help does not wait for the RDF library.
    from evgraph import shipped_files
    from evgraph.rdf.files import always_loaded, find, report_all_broken
    from evgraph.store.endpoint import Endpoint, EndpointStore
    from evgraph.store.transfer import parts, pending, push, writer

    server = EndpointStore(Endpoint(endpoint, update=update, graph_store=graph_store, timeout=timeout))
    if not dry_run:
        writer(server)  # Raises an error if there is no address to write to, before anything is read.
    data = find(paths or [shipped_files.data()])
    with report_all_broken(data):
        all_parts = parts(data, beside=always_loaded())
    to_send = all_parts if again else pending(server, all_parts)
    graphs = {part.graph for part in to_send}
    for part in all_parts:
        if part.graph not in graphs:
            _list(part, "unchanged")
    if dry_run:
        for part in to_send:
            _list(part, "to send")
    else:
        # Where the listing goes to the terminal too, it shows the progress.
        hidden = sys.stdout.isatty() or not sys.stderr.isatty()
        with click.progressbar(length=len(to_send), label="Sending", file=sys.stderr, hidden=hidden) as bar:
            for part in push(server, to_send):
                _list(part, "sent")
                bar.update(1)
    total, sent = (sum(len(part.lines) for part in parts) for parts in (all_parts, to_send))
    result = f"{sent:,} {'to send' if dry_run else 'sent'}" if to_send else "nothing to send"
    say(f"{total:,} triples in {len(all_parts)} graphs, {result}", err=True)
    return ExitCode.CLEAN


def _build(directory: str, paths: tuple[str, ...]) -> ExitCode:
    """Build a store on disk."""
    from evgraph import shipped_files
    from evgraph.rdf.files import find
    from evgraph.store.disk import build

    for_servers = ("endpoint", "graph_store", "update", "timeout", "again", "dry_run")
    refuse(*for_servers, message="is for a server, not for --store", hint="leave one out")
    built = build(directory, find(paths or [shipped_files.data()]))
    say(f"{built.quads:,} triples in {built.graphs} graphs in {directory}", err=True)
    return ExitCode.CLEAN


def _list(part: Part, state: str) -> None:
    say(f"{curie(part.graph)}\t{len(part.lines)}\t{state}")
