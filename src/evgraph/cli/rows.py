"""Rows that a command writes, for ``evgraph query`` and ``evgraph search``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.cli.common import terminal_width, write_output
from evgraph.formats import ROW_FORMATS
from evgraph.render.tables import md, records, table, table_or_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.query.passages import Passages
    from evgraph.render.tables import Labels
    from evgraph.store.protocol import Rows

_TOO_WIDE = """a table does not fit {} columns, so each field has its own line
  choose columns with --columns A,B, or write a table with --format table"""


def write_rows(
    rows: Rows, form: str, output: str, passages: Passages, labels: Labels | None, *, is_chosen: bool
) -> list[str]:
    """Write rows in a format; a table that nobody chose and that does not fit the terminal becomes a list.

    Args:
        rows: the rows.
        form: the name of one of `evgraph.formats.ROW_FORMATS`.
        output: a file, or ``-`` for standard output.
        passages: names each passage by its cell and line, and has its words where pages are at hand.
        labels: the labels behind IRIs; None for none.
        is_chosen: whether somebody named the format.

    Returns:
        The notes to give once the rows have been counted.

    """
    width = terminal_width() if output == "-" else None
    fits = True
    pieces: Iterator[str | bytes]
    if form == "table" and width is not None and not is_chosen:
        fits, pieces = table_or_records(rows, width, passages, labels)
    elif form in {"table", "list"}:
        pieces = (table if form == "table" else records)(rows, width, passages, labels)
    else:
        pieces = md(rows, passages, labels) if form == "md" else ROW_FORMATS[form].write(rows)
    write_output((piece.encode() if isinstance(piece, str) else piece for piece in pieces), output)
    return [] if fits else [_TOO_WIDE.format(width)]
