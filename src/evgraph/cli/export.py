"""``evgraph export``: write data as RDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evgraph.cli.common import Command, data_options, note, write_output
from evgraph.cli.hints import options_named
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
    metavar="THING",
    help="One thing, by its IRI, CURIE or name, with everything that is said about it, as 'describe' gives it; may"
    " repeat.",
)
@click.option(
    "--format",
    "name",
    type=click.Choice(list(FORMATS), case_sensitive=False),
    help="Format of the output.  [default: by the suffix of -o, else turtle]",
)
@click.option(
    "-o",
    "--output",
    default="-",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="File to write; - is standard output.",
)
@click.option("--with-ontology", is_flag=True, help="Add the ontology, the concept schemes and the matrices.")
@click.option("--describe", is_flag=True, help="Write a description of the data instead, with counts (DCAT and VoID).")
def export(
    origin: Origin,
    cells: tuple[str, ...],
    resources: tuple[str, ...],
    name: str | None,
    output: str,
    with_ontology: bool,
    describe: bool,
) -> ExitCode:
    """Write data as Turtle or another RDF format, sorted: the same data gives the same bytes.

    Without --cell and --resource, evgraph writes all data. A cell includes whatever its page mentions, so that you can
    validate it on its own. A resource includes the triples that 'evgraph query describe' gives: its own statements and
    those that point to it, its identifications, the claims and references about it, the entries that list it, and
    their passages. trig, nquads and jsonld keep the named graphs.

    \b
    Examples:
      evgraph export -o everything.trig
      evgraph export --cell drug:E4 --format jsonld
      evgraph export --resource doc:timko-2007
      evgraph export --resource timko
      evgraph export --describe -o void.ttl
    """  # noqa: D301 - click's mark
    # Imported here, so that --help does not wait for the RDF library.
    from evgraph.export.export import description
    from evgraph.export.export import export as select

    kind = FORMATS.choose(name, output)
    if describe:
        if cells or resources:
            raise UsageError("--describe is about all the data", hint="leave out --cell and --resource")
        content = kind.write(description(origin, with_ontology=with_ontology))
    else:
        notes: list[str] = []
        with options_named({"cells": "--cell", "resources": "--resource"}):
            quads = select(origin, cells=cells, resources=resources, with_ontology=with_ontology, notes=notes)
        note(notes)
        content = kind.write(quads)
    write_output(content, output)
    return ExitCode.CLEAN
