"""``evgraph validate``: data against the shapes."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from evgraph.errors import ExitCode

_PATIENCE = 1.0  # Seconds before a terminal is told that work goes on.

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@click.command(short_help="Check data against the shapes.")
@click.argument("paths", nargs=-1, type=click.Path(allow_dash=True), envvar="EVGRAPH_DATA", metavar="[PATH]...")
@click.option(
    "--shapes", "shapes", multiple=True, metavar="FILE", help="Judge by these shapes instead of evgraph's own."
)
@click.option("--add-shapes", "more", multiple=True, metavar="FILE", help="Judge by these shapes too.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "turtle"]), default="text", show_default=True,
    help="How to write the report.",
)  # fmt: skip
@click.option(
    "--fail-on", "fail_on", type=click.Choice(["violation", "warning", "info"]), default="violation", show_default=True,
    help="The lightest finding that makes the exit code 1.",
)  # fmt: skip
@click.option(
    "--engine", type=click.Choice(["auto", "pyshacl"]), default="auto", show_default=True,
    help="Who judges: the shapes as SPARQL, with pySHACL for what that cannot say, or pySHACL alone.",
)  # fmt: skip
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False),
    default="-",
    metavar="FILE",
    help="Where to write it, whole or not at all; - is standard output.",
)
def validate(
    paths: Sequence[str],
    shapes: Sequence[str],
    more: Sequence[str],
    form: str,
    fail_on: str,
    engine: Literal["auto", "pyshacl"],
    output: str,
) -> int:
    """Check data against the shapes.

    PATH is an RDF file, a folder of them, or - for Turtle on standard input; without any, what EVGRAPH_DATA
    names, else the shipped graph. Each finding names the rule, the file, line and column of the statement, the thing,
    the triple, what to do about it, and the line of the page that it was read from.

    \b
    Examples:
      evgraph validate
      evgraph validate mydata/ --fail-on warning
      evgraph validate mydata/ --add-shapes house-rules.ttl --format json
      evgraph ingest page.txt -o out && evgraph validate out

    Exit codes: 0 clean, 1 findings, 2 usage, 3 unreadable data or shapes, 6 nothing was checked.
    """  # noqa: D301 - click's own mark
    from evgraph import resources
    from evgraph.integrity.findings import Severity
    from evgraph.integrity.judge import judge, our_shapes
    from evgraph.integrity.locate import locate, page_lines
    from evgraph.render import findings as render
    from evgraph.store.files import find, write_whole

    data = find(paths or [resources.data()])
    rules = [*(find(shapes) if shapes else our_shapes()), *find(more)]
    with _patience(f"evgraph: checking {len(data)} {'file' if len(data) == 1 else 'files'} …"):
        report = judge(data, rules, engine=engine)
        places, pages = locate(report.findings, data), page_lines(report.findings, data)
    if form == "turtle":
        content = render.turtle(report)
    else:
        content = (render.as_json if form == "json" else render.text)(report, places, pages).encode()
    if output == "-":
        sys.stdout.buffer.write(content)
    else:
        write_whole(Path(output), content)
    return ExitCode.FINDINGS if report.fails(Severity[fail_on.upper()]) else ExitCode.CLEAN


@contextmanager
def _patience(message: str) -> Iterator[None]:
    """Say on a terminal what takes so long, once it has taken a second."""
    said = threading.Event()

    def say() -> None:
        said.set()
        sys.stderr.write(message)
        sys.stderr.flush()

    timer = threading.Timer(_PATIENCE, say)
    if sys.stderr.isatty():
        timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if said.is_set():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
