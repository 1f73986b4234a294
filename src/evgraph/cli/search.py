"""``evgraph search``: find entries, documents, recommendations and sections by words."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from evgraph.cli.common import Command, data_options, note, option
from evgraph.cli.rows import write_rows
from evgraph.errors import ExitCode
from evgraph.formats import ROW_FORMATS
from evgraph.query.names import labels_beside
from evgraph.query.passages import Passages
from evgraph.query.search import LIMIT, ask
from evgraph.query.search_index import KINDS
from evgraph.store.opening import open_store
from evgraph.text import plural

if TYPE_CHECKING:
    from evgraph.store.opening import Origin


@click.command(cls=Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("words", nargs=-1, required=True, metavar="WORDS...")
@option(
    "What is found", "--kind", "kinds", multiple=True, type=click.Choice(KINDS, case_sensitive=False),
    help="Only things of this kind; a trial is a study and a document too. May be repeated.",
)  # fmt: skip
@option(
    "What is found", "--cell", "cells", multiple=True, metavar="CELL",
    help="Only what is in this cell or listed there: drug:E4, or E4 for both matrices. May be repeated.",
)  # fmt: skip
@option(
    "What is found", "--matrix", "matrices", multiple=True, metavar="MATRIX",
    help="Only what is in this matrix or listed there: alcohol or drug.",
)  # fmt: skip
@option(
    "What is found", "--year", "years", multiple=True, metavar="YEAR",
    help="Only documents of this year, what lists them, and what they recommend: 2007, or 2000-2010.",
)  # fmt: skip
@option(
    "The answer", "--limit", type=click.IntRange(min=0), default=LIMIT, show_default=True, metavar="N",
    help="At most N hits.",
)  # fmt: skip
@option(
    "The answer", "--format", "format_name", type=click.Choice(list(ROW_FORMATS), case_sensitive=False),
    help="Default: the format of the -o file's suffix, else table. spreadsheet is csv that a spreadsheet opens without"
    " running formulas in it.",
)  # fmt: skip
@option(
    "The answer", "-o", "--output", default="-", type=click.Path(dir_okay=False, allow_dash=True),
    help="Write the answer to this file.",
)  # fmt: skip
@data_options()
def search(
    words: tuple[str, ...],
    origin: Origin,
    kinds: tuple[str, ...],
    cells: tuple[str, ...],
    matrices: tuple[str, ...],
    years: tuple[str, ...],
    limit: int,
    format_name: str | None,
    output: str,
) -> int:
    """Find entries, documents, recommendations and sections by words, the best hits first.

    \b
    Examples:
      evgraph search mutual aid
      evgraph search '"mutual aid" attendance' --kind trial
      evgraph search aftercare --cell drug:E4 --year 2000-2012

    evgraph searches labels, titles, headlines, creators, publishers, identifiers and summaries. A word also finds its
    other forms (study, studies), other accents, and longer words that begin with it. Words in double quotes must follow
    each other. If a word is not found, evgraph offers the word that is most like it.

    The index of a store on disk is kept there. From a server evgraph reads all texts each time; for a big graph, the
    question 'search' is quicker: evgraph query search -p text=WORDS.
    """  # noqa: D301 - click's own mark
    form = ROW_FORMATS.choose(format_name, output).name
    store = open_store(origin)
    answer, notes = ask(store, " ".join(words), kinds=kinds, cells=cells, matrices=matrices, years=years, limit=limit)
    note(notes)
    beside = partial(labels_beside, store)
    too_wide = write_rows(answer, form, output, Passages(store), beside, is_chosen=format_name is not None)
    hits = answer.rows
    if hits.truncated:
        click.echo(f"{plural(hits.count, 'hit')}, as --limit {limit} asks; {hits.more}", err=True)
    elif form in {"table", "list"} or not hits.count:
        click.echo(plural(hits.count, "hit") if hits.count else "no hits", err=True)
    note(too_wide)
    return ExitCode.CLEAN
