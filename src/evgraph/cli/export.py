"""``evgraph export``: data as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from evgraph.cli.data import data_options
from evgraph.cli.sections import Command
from evgraph.errors import ExitCode, UsageError
from evgraph.formats import FORMATS

if TYPE_CHECKING:
    from evgraph.store.opening import Origin


@click.command(cls=Command)
@data_options()
@click.option(
    "--cell", "cells", multiple=True, metavar="CELL", help="One cell, drug:E4; E4 means both matrices; may repeat."
)
@click.option(
    "--resource",
    "resources",
    multiple=True,
    metavar="IRI|CURIE",
    help="One thing with the claims and references about it; may repeat.",
)
@click.option(
    "--format",
    "name",
    type=click.Choice(list(FORMATS), case_sensitive=False),
    help="How to write it.  [default: by the suffix of -o, else turtle]",
)
@click.option(
    "-o",
    "--output",
    default="-",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Where to write it, whole or not at all; - is standard output.",
)
@click.option("--with-ontology", is_flag=True, help="Add the ontology, the concept schemes and the matrices.")
@click.option("--describe", is_flag=True, help="Instead of the data, what it is and how much it holds (DCAT and VoID).")
def export(
    origin: Origin,
    cells: tuple[str, ...],
    resources: tuple[str, ...],
    name: str | None,
    output: str,
    with_ontology: bool,
    describe: bool,
) -> ExitCode:
    """Write data as Turtle and its sister formats, sorted: the same data gives the same bytes.

    Without --cell and --resource, all of it. A cell comes with whatever its page mentions, so that it can be
    validated on its own; a resource with its identifications, the claims and references about it, the entries that
    list it, and their passages. trig, nquads and jsonld keep the named graphs.

    \b
    Examples:
      evgraph export -o everything.trig
      evgraph export --cell drug:E4 --format jsonld
      evgraph export --resource doc:timko-2007
      evgraph export --describe -o void.ttl
    """  # noqa: D301 - click's own mark
    # Imported here, so that --help does not wait for the RDF library.
    from evgraph.export import export as take_out
    from evgraph.rdf.write import write
    from evgraph.writing import write_file

    kind = FORMATS.choose(name, output)
    if describe:
        if cells or resources:
            raise UsageError("--describe speaks of all the data", hint="leave out --cell and --resource")
        content = write(take_out.description(origin, with_ontology=with_ontology), kind)
    else:
        content = write(take_out.export(origin, cells=cells, resources=resources, with_ontology=with_ontology), kind)
    if output == "-":
        click.echo(content, nl=False)
    else:
        write_file(Path(output), content)
    return ExitCode.CLEAN
