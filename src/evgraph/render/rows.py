"""Rows as tables for people."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from pyoxigraph import Literal, NamedNode

from evgraph.namespaces import XSD, curie
from evgraph.query.passages import COLUMN
from evgraph.render.results import INTEGERS, XML_HEAD
from evgraph.terms import value_of as plain
from evgraph.text import columns, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from evgraph.query.passages import Passages
    from evgraph.store.protocol import Rows, Term

_NUMBERS = INTEGERS | {f"{XSD}{name}" for name in ("decimal", "double", "float")}
_RIGHT = _NUMBERS | {f"{XSD}gYear"}  # Datatypes that are aligned to the right.
_NARROWEST = 8  # The least width of a column of text.
_GAP = "  "
_AT_ONCE = 1000  # The number of rows in memory at a time.


Labels: TypeAlias = "Callable[[Iterable[str]], Mapping[str, str]]"
"""IRIs → their labels; without those that have none worth showing."""


def table(
    rows: Rows, width: int | None = None, passages: Passages | None = None, labels: Labels | None = None
) -> Iterator[str]:
    """Write an aligned table: a header, IRIs as CURIEs, numbers to the right.

    Args:
        rows: the first thousand decide the width of each column.
        width: of the terminal; long texts are wrapped to fit it. Without it, every row is one line.
        passages: writes each passage as cell and line, and its words, where known, below its row.
        labels: returns the labels shown after IRIs, unless the row has the same text.

    """
    batch = list(islice(rows.rows, _AT_ONCE))
    body = _body(rows, batch, passages, labels)
    right = _right_aligned(rows, batch)
    widths = [max(map(columns, column)) for column in zip(rows.columns, *body, strict=True)]
    if width is not None:
        widths = _narrowed(widths, width, body, right)
    yield from _lines(rows.columns, widths, right, wrap=width is not None)
    yield _GAP.join("-" * size for size in widths) + "\n"
    while batch:
        for row, texts in zip(batch, body, strict=True):
            yield from _lines(texts, widths, right, wrap=width is not None)
            for words in filter(None, (passages.words(iri) for iri in _iris(rows, row)) if passages else ()):
                yield from _indented(words, width)
        batch = list(islice(rows.rows, _AT_ONCE))
        body = _body(rows, batch, passages, labels)


def md(rows: Rows, passages: Passages | None = None, labels: Labels | None = None) -> Iterator[str]:
    """Write a table in GitHub's Markdown: IRIs as CURIEs, numbers to the right.

    Args:
        rows: the first thousand decide which columns are numbers.
        passages: writes each passage as cell and line, and its words, where known, in a list below the table.
        labels: returns the labels shown after IRIs, unless the row has the same text.

    """
    batch = list(islice(rows.rows, _AT_ONCE))
    yield _md_line(rows.columns)
    yield "|" + "|".join(" ---: " if flush else " --- " for flush in _right_aligned(rows, batch)) + "|\n"
    iris: dict[str, None] = {}
    while batch:
        for texts in _body(rows, batch, passages, labels):
            yield _md_line(texts)
        if passages:
            iris.update(dict.fromkeys(iri for row in batch for iri in _iris(rows, row)))
        batch = list(islice(rows.rows, _AT_ONCE))
    for number, words in enumerate(filter(None, (passages.words(iri) for iri in iris) if passages else ())):
        yield ("\n" if number == 0 else "") + f"- {_md(visible(words))}\n"


def readable(term: Term | None) -> str:
    """Return a term as a person reads it: on one line, hidden characters made visible."""
    return visible(curie(term.value) if isinstance(term, NamedNode) else plain(term))


def called(rows: Sequence[Sequence[Term | None]], labels: Labels | None) -> list[list[str]]:
    """Return for each term of the rows the label to show after it; empty where it needs none."""
    iris = {term.value for row in rows for term in row if isinstance(term, NamedNode)}
    known = labels(iris) if labels and iris else {}
    all_names = []
    for row in rows:
        texts = {term.value for term in row if isinstance(term, Literal)}
        names = (known.get(term.value, "") if isinstance(term, NamedNode) else "" for term in row)
        all_names.append(["" if name in texts else visible(name) for name in names])
    return all_names


def _body(
    rows: Rows, batch: Sequence[Sequence[Term | None]], passages: Passages | None, labels: Labels | None
) -> list[list[str]]:
    """Return the cells of the table: terms as people read them, labels after IRIs, names of passages."""
    body = [
        [f"{readable(term)} {name}" if name else readable(term) for term, name in zip(row, names, strict=True)]
        for row, names in zip(batch, called(batch, labels), strict=True)
    ]
    if passages and COLUMN in rows.columns:
        place = rows.columns.index(COLUMN)
        passages.look_up(iri for row in batch for iri in _iris(rows, row))
        for row, texts in zip(batch, body, strict=True):
            # Two passages of one line have one name.
            texts[place] = " ".join(dict.fromkeys(visible(passages.name(iri)) for iri in _iris(rows, row)))
    return body


def _iris(rows: Rows, row: Sequence[Term | None]) -> list[str]:
    """Return the passages of a row."""
    return plain(row[rows.columns.index(COLUMN)]).split() if COLUMN in rows.columns else []


def _indented(text: str, width: int | None) -> Iterator[str]:
    """Yield the lines with the words of a passage."""
    from textwrap import wrap

    lines = [visible(text)] if width is None else wrap(visible(text), max(width, 30) - 6)
    yield from (f"{'      ' if number else '    '}{line}\n" for number, line in enumerate(lines))


def _lines(texts: Sequence[str], widths: Sequence[int], right: Sequence[bool], *, wrap: bool) -> Iterator[str]:
    """Yield the lines of one row, as many as its longest cell has."""
    cells = [_wrapped(text, width) if wrap else [text] for text, width in zip(texts, widths, strict=True)]
    for number in range(max(map(len, cells), default=1)):
        pieces = [cell[number] if number < len(cell) else "" for cell in cells]
        aligned = [
            f"{blank}{piece}" if flush else f"{piece}{blank}"
            for piece, width, flush in zip(pieces, widths, right, strict=True)
            for blank in [" " * (width - columns(piece))]
        ]
        yield _GAP.join(aligned).rstrip() + "\n"


def _wrapped(text: str, width: int) -> list[str]:
    taken = columns(text)
    if taken <= width:
        return [text]
    from textwrap import wrap

    if taken > len(text):  # textwrap counts characters; wide ones take two columns.
        width = max(width // 2, 1)
    return wrap(text, width, break_on_hyphens=max(map(len, text.split()), default=0) > width) or [""]


def _right_aligned(rows: Rows, batch: Sequence[Sequence[Term | None]]) -> list[bool]:
    """Return for each column whether it has only numbers or years."""
    columns = ([row[place] for row in batch if row[place] is not None] for place in range(len(rows.columns)))
    return [
        bool(terms) and all(isinstance(term, Literal) and term.datatype.value in _RIGHT for term in terms)
        for terms in columns
    ]


def _narrowed(widths: list[int], total: int, body: Sequence[Sequence[str]], right: Sequence[bool]) -> list[int]:
    """Narrow the widest columns until a row fits: first without breaking words, then as far as needed."""
    room = total - len(_GAP) * (len(widths) - 1)
    words = [
        max((columns(word) for row in body for word in row[place].split()), default=0) for place in range(len(widths))
    ]
    for floors in (words, [_NARROWEST] * len(widths)):
        cap = max(widths, default=0)
        while sum(widths) > room and cap > _NARROWEST:
            cap -= 1
            widths = [
                width if flush else min(width, max(cap, floor))
                for width, floor, flush in zip(widths, floors, right, strict=True)
            ]
    return widths


def _md_line(texts: Sequence[str]) -> str:
    return "|" + "|".join(f" {_md(text)} " for text in texts) + "|\n"


def _md(text: str) -> str:
    return re.sub(r"([\\|<*`\[]|&(?=#?\w+;)|(?<!\w)_(?=\w))", r"\\\1", text)


def yes_or_no(answer: bool, name: str) -> str:
    """Write the answer to an ASK in the format of a name."""
    word = str(answer).lower()
    if name == "json":
        return f'{{"head": {{}}, "boolean": {word}}}\n'
    if name == "xml":
        return f"{XML_HEAD}</head>\n<boolean>{word}</boolean>\n</sparql>\n"
    if name in {"table", "md"}:
        return "yes\n" if answer else "no\n"
    return f"{word}\n"
