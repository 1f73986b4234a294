"""``evgraph cite``: how to cite a document, a cell or the dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evgraph.cli.common import Command, data_options, note, write_output
from evgraph.cli.hints import options_named
from evgraph.errors import ExitCode
from evgraph.formats import CITATION_FORMATS

if TYPE_CHECKING:
    from evgraph.store.opening import Origin


@click.command(cls=Command)
@click.argument("things", nargs=-1, required=True, metavar="THING...")
@click.option(
    "--format",
    "name",
    type=click.Choice(list(CITATION_FORMATS), case_sensitive=False),
    help="Format of the output.  [default: by the suffix of -o, else text]",
)
@click.option("-o", "--output", default="-", type=click.Path(dir_okay=False, allow_dash=True), metavar="FILE",
              help="File to write; - is standard output.")  # fmt: skip
@data_options()
def cite(things: tuple[str, ...], origin: Origin, name: str | None, output: str) -> ExitCode:
    """Write how to cite documents, cells, matrices or the dataset, for a text or a reference manager.

    A THING is what 'evgraph query describe' accepts: a name, a DOI, a CURIE or an IRI; or 'dataset' for the whole.
    'evgraph export --citations' writes all documents.

    \b
    Examples:
      evgraph cite timko-2007
      evgraph cite drug:E4 dataset --format bibtex
      evgraph cite 10.1016/j.drugalcdep.2007.04.007 -o timko.ris
    """  # noqa: D301 - click's mark
    from evgraph.export.citations import citation, named
    from evgraph.store.opening import open_store

    kind = CITATION_FORMATS.choose(name, output)
    store = open_store(origin)
    notes: list[str] = []
    with options_named({"thing": "THING"}):
        cited = [citation(store, named(store, thing, notes)) for thing in dict.fromkeys(things)]
    note(notes)
    write_output((piece.encode() for piece in kind.write(cited)), output)
    return ExitCode.CLEAN
