"""``evgraph load``: data onto a SPARQL server, or into a store on disk."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from evgraph.cli.sections import Command
from evgraph.errors import ExitCode, UsageError
from evgraph.namespaces import curie

if TYPE_CHECKING:
    from evgraph.store.parts import Part


@click.command(cls=Command)
@click.argument("paths", nargs=-1, type=click.Path(allow_dash=True), envvar="EVGRAPH_DATA", metavar="[PATH]...")
@click.option(
    "--store", type=click.Path(), metavar="DIR",
    help="Keep the data on disk, in this directory, in place of what it kept.",
)  # fmt: skip
@click.option(
    "--endpoint", envvar="EVGRAPH_ENDPOINT", show_envvar=True, metavar="URL", help="The server's address for queries."
)
@click.option(
    "--graph-store", "graph_store", envvar="EVGRAPH_GRAPH_STORE", show_envvar=True, metavar="URL",
    help="Its address for the Graph Store Protocol, by which graphs are written one a request.",
)  # fmt: skip
@click.option(
    "--update", envvar="EVGRAPH_UPDATE_ENDPOINT", show_envvar=True, metavar="URL",
    help="Its address for updates, by which graphs are written where it has no graph store.",
)  # fmt: skip
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), default=60, show_default=True, metavar="SECONDS",
    help="How long an answer may take.",
)  # fmt: skip
@click.option("--again", is_flag=True, help="Send every graph, those too that the server holds already.")
@click.option("--dry-run", "dry_run", is_flag=True, help="List what would be sent, and send nothing.")
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
    """Put data onto a SPARQL server, or into a store on disk, each file as the named graph that it names.

    PATH is an RDF file, a folder of them, or - for Turtle on standard input; without any, what EVGRAPH_DATA names,
    else the shipped graph. The ontology, the concept schemes and the matrices go along. A graph on the server that is
    sent is replaced whole; other graphs stay. Each is counted there, and what has arrived is not sent again: after a
    failure, run the same command once more.

    With --store the data is kept on disk, for a graph that is too big to load for each question: evgraph query --store
    DIR answers from there. It is built aside and swapped in whole, so that whoever reads the store goes on undisturbed.

    A user and password come from EVGRAPH_USER and EVGRAPH_PASSWORD, a bearer token from EVGRAPH_TOKEN; else ~/.netrc
    is asked. What is listed: a graph, its triples, and whether it was sent.

    \b
    Examples:
      evgraph load --endpoint http://localhost:7878/query --graph-store http://localhost:7878/store
      evgraph load mydata/ --endpoint http://localhost:8890/sparql --update http://localhost:8890/sparql-auth
      evgraph load --endpoint http://localhost:7878/query --dry-run
      evgraph load mydata/ --store my-store

    Exit codes: 0 all is there, 2 usage, 3 unreadable data, 4 the server failed, 5 a limit of the server was reached.
    """  # noqa: D301 - click's own mark
    if store is not None:
        return _keep(store, paths)
    if endpoint is None:
        raise UsageError(
            "where to?",
            hint="a server: --endpoint URL, such as http://localhost:7878/query; or a folder: --store DIR",
        )
    # Imported here, so that --help does not wait for the RDF library.
    from evgraph import shipped_files
    from evgraph.rdf.files import always_loaded, find, report_all_broken
    from evgraph.store.endpoint import Endpoint, EndpointStore
    from evgraph.store.graph_store import writer
    from evgraph.store.parts import parts
    from evgraph.store.push import pending, push

    server = EndpointStore(Endpoint(endpoint, update=update, graph_store=graph_store, timeout=timeout))
    if not dry_run:
        writer(server)  # Complains of a missing address before anything is read.
    data = find(paths or [shipped_files.data()])
    with report_all_broken(data):
        everything = parts(data, beside=always_loaded())
    to_send = everything if again else pending(server, everything)
    ahead = {part.graph for part in to_send}
    for part in everything:
        if part.graph not in ahead:
            _tell(part, "unchanged")
    if dry_run:
        for part in to_send:
            _tell(part, "to send")
    else:
        _progress(0, len(to_send))
        for done, part in enumerate(push(server, to_send), 1):
            _tell(part, "sent")
            _progress(done, len(to_send))
    total, sent = (sum(len(part.lines) for part in some) for some in (everything, to_send))
    told = "all there already" if not to_send else f"{sent:,} {'to send' if dry_run else 'sent'}"
    click.echo(f"{total:,} triples in {len(everything)} graphs, {told}", err=True)
    return ExitCode.CLEAN


def _keep(directory: str, paths: tuple[str, ...]) -> ExitCode:
    """Build a store on disk."""
    from evgraph import shipped_files
    from evgraph.rdf.files import find
    from evgraph.store.disk import build

    ctx = click.get_current_context()
    for name in ("endpoint", "graph_store", "update", "timeout", "again", "dry_run"):
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise UsageError(f"--{name.replace('_', '-')} is about a server, and --store is none", hint="leave one out")
    built = build(directory, find(paths or [shipped_files.data()]))
    click.echo(f"{built.quads:,} triples in {built.graphs} graphs kept in {directory}", err=True)
    return ExitCode.CLEAN


def _tell(part: Part, what: str) -> None:
    click.echo(f"{curie(part.graph)}\t{len(part.lines)}\t{what}")


def _progress(done: int, all_of_them: int) -> None:
    """Say on a terminal how far it is; the listing itself, where it is a terminal too, shows that already."""
    if sys.stderr.isatty() and not sys.stdout.isatty():
        end = "\r\x1b[K" if done == all_of_them else ""
        click.echo(f"\r{done} of {all_of_them} graphs sent{end}", err=True, nl=False)
