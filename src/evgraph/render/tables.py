"""Rows for people: a table, one field a line, a table in Markdown. No word, CURIE or number is ever broken."""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pyoxigraph import Literal, NamedNode

from evgraph.characters import visible
from evgraph.namespaces import curie
from evgraph.query.passages import COLUMN
from evgraph.render.rows import NUMBERS
from evgraph.terms import value_of
from evgraph.text import columns

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from evgraph.query.passages import Passages
    from evgraph.store.protocol import Rows, Term

    Row = Sequence[Term | None]

Labels: TypeAlias = "Callable[[Iterable[str]], Mapping[str, str]]"
"""IRIs → their labels; without those that have none worth showing."""
_GAP = "  "  # Between columns.
_AT_ONCE = 1000  # The number of rows in memory at a time.
_NARROWEST = 20  # The least width for the values of a list, and for the words of a passage.


class _Batch(NamedTuple):
    """Some rows, and their cells as `texts_of` returns them."""

    rows: Sequence[Row]
    body: Sequence[Sequence[str]]


def table(
    rows: Rows, width: int | None = None, passages: Passages | None = None, labels: Labels | None = None
) -> Iterator[str]:
    """Write an aligned table: a header, IRIs as CURIEs, numbers to the right.

    Args:
        rows: the first thousand decide the width of each column.
        width: of the terminal; long texts are wrapped between words to fit it. A table whose words are too wide for it
            is wider. Without it, every row is one line.
        passages: writes each passage as cell and line, and its words, where known, below its row.
        labels: returns the labels shown after IRIs, unless the row has the same text.

    """
    batches = _batches(rows, passages, labels)
    first = next(batches, _Batch([], []))
    layout = _Layout(rows.columns, first)
    yield from _table(rows, layout, chain([first], batches), width, passages)


def records(
    rows: Rows, width: int | None = None, passages: Passages | None = None, labels: Labels | None = None
) -> Iterator[str]:
    """Write each row as lines of ``name: value``, without empty values, and an empty line between rows.

    The arguments are those of `table`; the first rows are written before a thousand are read.
    """
    return _records(rows, _batches(rows, passages, labels, 1), width, passages)


def table_or_records(
    rows: Rows, width: int, passages: Passages | None = None, labels: Labels | None = None
) -> tuple[bool, Iterator[str]]:
    """Return whether a table fits a width, and the `table`, or the `records` where it does not."""
    batches = _batches(rows, passages, labels)
    first = next(batches, _Batch([], []))
    layout = _Layout(rows.columns, first)
    if layout.fits(width):
        return True, _table(rows, layout, chain([first], batches), width, passages)
    return False, _records(rows, chain([first], batches), width, passages)


def md(rows: Rows, passages: Passages | None = None, labels: Labels | None = None) -> Iterator[str]:
    """Write a table in GitHub's Markdown as `table` does; the words of passages are in a list below it."""
    batches = _batches(rows, passages, labels)
    first = next(batches, _Batch([], []))
    yield _md_line(rows.columns)
    yield "|" + "|".join(" ---: " if flush else " --- " for flush in right_aligned(rows.columns, first.rows)) + "|\n"
    iris: dict[str, None] = {}
    for batch in chain([first], batches):
        yield from map(_md_line, batch.body)
        if passages:
            iris.update(dict.fromkeys(iri for row in batch.rows for iri in _iris(rows, row)))
    for number, words in enumerate(filter(None, (passages.words(iri) for iri in iris) if passages else ())):
        yield ("\n" if number == 0 else "") + f"- {_md(visible(words))}\n"


def texts_of(rows: Rows, batch: Sequence[Row], passages: Passages | None, labels: Labels | None) -> list[list[str]]:
    """Return the cells of a table: terms on one line each, IRIs as CURIEs with labels, passages as cell and line.

    An IRI has no label where the row has the same text. Hidden characters are visible.
    """
    iris = {term.value for row in batch for term in row if isinstance(term, NamedNode)}
    known = labels(iris) if labels and iris else {}
    if passages:
        passages.look_up(iri for row in batch for iri in _iris(rows, row))
    body = []
    for row in batch:
        literals = {term.value for term in row if isinstance(term, Literal)}
        texts = [_text(term, known, literals) for term in row]
        if passages and COLUMN in rows.columns:
            # Two passages of one line have one name.
            names = dict.fromkeys(visible(passages.name(iri)) for iri in _iris(rows, row))
            texts[rows.columns.index(COLUMN)] = " ".join(names)
        body.append(texts)
    return body


def right_aligned(names: Sequence[str], batch: Sequence[Row]) -> list[bool]:
    """Return for each column whether it has only numbers or years."""
    columns = ([row[place] for row in batch if row[place] is not None] for place in range(len(names)))
    return [
        bool(terms) and all(isinstance(term, Literal) and term.datatype.value in NUMBERS for term in terms)
        for terms in columns
    ]


def _batches(rows: Rows, passages: Passages | None, labels: Labels | None, size: int = _AT_ONCE) -> Iterator[_Batch]:
    """Yield rows a thousand at a time; where the first batch is smaller, each has twice the size of the last."""
    while batch := list(islice(rows.rows, size)):
        yield _Batch(batch, texts_of(rows, batch, passages, labels))
        size = min(2 * size, _AT_ONCE)


def _text(term: Term | None, labels: Mapping[str, str], literals: Container[str]) -> str:
    if not isinstance(term, NamedNode):
        return visible(value_of(term))
    label = labels.get(term.value, "")
    return visible(f"{curie(term.value)} {label}" if label and label not in literals else curie(term.value))


def _iris(rows: Rows, row: Row) -> list[str]:
    """Return the passages of a row."""
    return value_of(row[rows.columns.index(COLUMN)]).split() if COLUMN in rows.columns else []


class _Layout:
    """The widths of the columns of a table."""

    def __init__(self, names: Sequence[str], first: _Batch) -> None:
        self._cells = list(zip(names, *first.body, strict=True))
        self.right = right_aligned(names, first.rows)
        self.full = [max(map(columns, cells)) for cells in self._cells]

    def fits(self, width: int) -> bool:
        return _total(self.widths(width)) <= width

    def widths(self, width: int | None) -> list[int]:
        """Return the widths for a terminal: the widest columns are narrowed as far as needed and their words allow."""
        if width is None or _total(self.full) <= width:
            return self.full
        floors = [
            full if flush else max((columns(piece) for cell in cells for _, piece in _pieces(cell)), default=0)
            for full, flush, cells in zip(self.full, self.right, self._cells, strict=True)
        ]
        for cap in range(min(max(self.full), width), 0, -1):
            widths = [min(full, max(cap, floor)) for full, floor in zip(self.full, floors, strict=True)]
            if _total(widths) <= width:
                return widths
        return floors


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _table(
    rows: Rows, layout: _Layout, batches: Iterable[_Batch], width: int | None, passages: Passages | None
) -> Iterator[str]:
    widths = layout.widths(width)
    yield from _lines(rows.columns, widths, layout.right, wrap=width is not None)
    yield _GAP.join("-" * size for size in widths) + "\n"
    for batch in batches:
        for row, texts in zip(batch.rows, batch.body, strict=True):
            yield from _lines(texts, widths, layout.right, wrap=width is not None)
            yield from _words(rows, row, width, passages)


def _records(rows: Rows, batches: Iterable[_Batch], width: int | None, passages: Passages | None) -> Iterator[str]:
    indent = max(map(columns, rows.columns), default=0) + len(": ")
    room = None if width is None else max(width - indent, _NARROWEST)
    gap = ""
    for batch in batches:
        for row, texts in zip(batch.rows, batch.body, strict=True):
            yield gap
            yield from (
                f"{f'{name}: ' if number == 0 else '':{indent}}{line}\n"
                for name, text in zip(rows.columns, texts, strict=True)
                for number, line in enumerate(_wrapped(text, room) if text.strip() else ())
            )
            if not any(map(str.strip, texts)):
                yield "(no values)\n"
            yield from _words(rows, row, width, passages)
            gap = "\n"


def _words(rows: Rows, row: Row, width: int | None, passages: Passages | None) -> Iterator[str]:
    """Yield the lines with the words of a row's passages."""
    for words in filter(None, (passages.words(iri) for iri in _iris(rows, row)) if passages else ()):
        lines = _wrapped(visible(words), None if width is None else max(width - 6, _NARROWEST))
        yield from (f"{'      ' if number else '    '}{line}\n" for number, line in enumerate(lines))


def _lines(texts: Sequence[str], widths: Sequence[int], right: Sequence[bool], *, wrap: bool) -> Iterator[str]:
    """Yield the lines of one row, as many as its longest cell has."""
    cells = [_wrapped(text, width if wrap else None) for text, width in zip(texts, widths, strict=True)]
    for number in range(max(map(len, cells), default=1)):
        pieces = [cell[number] if number < len(cell) else "" for cell in cells]
        aligned = [
            f"{blank}{piece}" if flush else f"{piece}{blank}"
            for piece, width, flush in zip(pieces, widths, right, strict=True)
            for blank in [" " * (width - columns(piece))]
        ]
        yield _GAP.join(aligned).rstrip() + "\n"


def _wrapped(text: str, width: int | None) -> list[str]:
    """Return the lines of a text; a line is wider than asked for only where a word is."""
    if width is None or columns(text) <= width:
        return [text]
    lines, used = [""], 0
    for space, piece in _pieces(text):
        size = columns(piece)
        if lines[-1] and used + len(space) + size > width:
            lines.append("")
            used = 0
        added = space + piece if lines[-1] else piece
        lines[-1] += added
        used += size + len(added) - len(piece)
    return lines


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a line may not break, each with the space before it: words, and each wide character.

    Scripts with wide characters, such as Chinese, have no spaces: https://www.unicode.org/reports/tr14/
    """
    for word in text.split():
        if columns(word) == len(word):
            yield " ", word
            continue
        pieces: list[str] = []
        for letter in word:
            size = columns(letter)
            if not pieces or (size and 2 in {size, columns(pieces[-1][0])}):
                pieces.append(letter)
            else:
                pieces[-1] += letter
        yield from zip((" ", *[""] * len(pieces)), pieces, strict=False)


def _md_line(texts: Sequence[str]) -> str:
    return "|" + "|".join(f" {_md(text)} " for text in texts) + "|\n"


def _md(text: str) -> str:
    return re.sub(r"([\\|<*`\[]|&(?=#?\w+;)|(?<!\w)_(?=\w))", r"\\\1", text)
