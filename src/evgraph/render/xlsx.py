"""Rows as an Excel workbook, which LibreOffice, pandas and others read too.

Numbers and years are numbers. IRIs, and all else, are text that no program takes for a formula.
https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3 lists the limits of Excel.
"""

from __future__ import annotations

import re
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode

from evgraph.errors import LimitReachedError, UnreadableError
from evgraph.render.rows import NOT_IN_XML, json_value
from evgraph.text import columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.store.protocol import Rows

MAX_ROWS = 1_048_576  # Of a sheet, with its header.
MAX_COLUMNS = 16_384
MAX_CHARACTERS = 32_767  # Of a cell, in UTF-16.
MAX_LINKS = 65_530  # Of a sheet.
_MAX_ADDRESS = 2_079  # Characters of a link, in UTF-16.
_EXACT = 10**15  # A number has fifteen digits; longer ones are text.
_WIDTHS = range(8, 60)  # Of columns.
_FILTER = 3  # The columns that the button of a filter takes.
_CREATED = datetime(1980, 1, 1)  # The same rows give the same bytes; ZIP has no earlier date.
_PIECE = 1 << 20  # Bytes.


def xlsx(rows: Rows) -> Iterator[bytes]:
    """Write a workbook of one sheet, after all rows are read: a bold header that stays and filters, IRIs with links.

    Raises:
        LimitReachedError: Excel does not allow so many rows, columns or links, or so long a text.

    """
    yield from workbook([("rows", rows)])


def workbook(sheets: Iterable[tuple[str, Rows]]) -> Iterator[bytes]:
    """Write a workbook of sheets as `xlsx` does, each a name of at most 31 characters and its rows."""
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    with TemporaryDirectory(prefix="evgraph-") as folder:
        path = Path(folder, "rows.xlsx")
        try:
            # Its rows are in a temporary file, too. It closes that, and writes the workbook, also after an error.
            with Workbook(path, {"constant_memory": True, "tmpdir": folder, "use_zip64": True}) as workbook:
                workbook.set_properties({"created": _CREATED})
                for name, rows in sheets:
                    _Sheet(workbook, name).write(rows)
        except FileCreateError as error:
            raise UnreadableError(f"the workbook cannot be written: {error}") from None
        with path.open("rb") as file:
            yield from iter(lambda: file.read(_PIECE), b"")


class _Sheet:
    def __init__(self, workbook: Any, name: str) -> None:
        self._sheet = workbook.add_worksheet(name)
        self._bold = workbook.add_format({"bold": True})
        self._plain = workbook.add_format()
        # Excel takes "=1+1" for a formula once somebody edits the cell, unless this mark is there.
        self._quoted = workbook.add_format({"quote_prefix": True})
        self._not_in_xml = re.compile(NOT_IN_XML)
        self._links = 0

    def write(self, rows: Rows) -> None:
        if len(rows.columns) > MAX_COLUMNS:
            raise _too_much(f"{len(rows.columns):,} columns: a sheet has at most {MAX_COLUMNS:,}")
        sheet = self._sheet
        for place, name in enumerate(rows.columns):
            self._text(0, place, name, self._bold)
        widths = [columns(name) + _FILTER for name in rows.columns]
        number = 0
        for number, row in enumerate(islice(rows.rows, MAX_ROWS - 1), 1):
            for place, term in enumerate(row):
                value = json_value(term)
                if isinstance(value, bool):
                    sheet.write_boolean(number, place, value)
                elif isinstance(value, float) or (isinstance(value, int) and abs(value) < _EXACT):
                    sheet.write_number(number, place, value)
                elif value is not None and value != "":
                    text = re.sub(r"\r\n?", "\n", self._not_in_xml.sub("\ufffd", str(value)))
                    if _length(text) > MAX_CHARACTERS:
                        name = rows.columns[place]
                        raise _too_much(
                            f"row {number:,}, {name}: {_length(text):,} characters; a cell has at most"
                            f" {MAX_CHARACTERS:,}"
                        )
                    self._cell(number, place, text, is_iri=isinstance(term, NamedNode))
                widths[place] = max(widths[place], columns(str(value)[: _WIDTHS.stop]))
        if next(rows.rows, None) is not None:
            raise _too_much(f"more than {MAX_ROWS - 1:,} rows: a sheet has at most {MAX_ROWS:,}, with its header")
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, number, len(widths) - 1)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, min(max(width, _WIDTHS.start), _WIDTHS.stop))

    def _cell(self, number: int, place: int, text: str, *, is_iri: bool) -> None:
        if is_iri and text.startswith(("http://", "https://")) and _length(text) <= _MAX_ADDRESS:
            self._links += 1
            if self._links > MAX_LINKS:
                raise _too_much(f"row {number:,}: a sheet has at most {MAX_LINKS:,} links, and each IRI is one")
            self._sheet.write_url(number, place, text, string=text)
        else:
            self._text(number, place, text, self._quoted if text[0] in "=+-@" else None)

    def _text(self, number: int, place: int, text: str, style: Any = None) -> None:
        if text.startswith("<r>") and text.endswith("</r>"):  # XlsxWriter would take it for XML of its own.
            self._sheet.write_rich_string(number, place, "<", self._plain, text[1:])
        else:
            self._sheet.write_string(number, place, text, style)


def _length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _too_much(message: str) -> LimitReachedError:
    return LimitReachedError(message, hint="ask for less, or choose csv, which has no limits")
