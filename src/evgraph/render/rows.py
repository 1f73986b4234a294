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
from evgraph.text import columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from evgraph.query.passages import Passages
    from evgraph.store.protocol import Rows, Term

_NUMBERS = INTEGERS | {f"{XSD}{name}" for name in ("decimal", "double", "float")}
_RIGHT = _NUMBERS | {f"{XSD}gYear"}  # What reads best flush right.
_NARROWEST = 8  # A column of text is never squeezed below this.
_GAP = "  "
_AT_ONCE = 1000  # So many rows are held at a time.


Labels: TypeAlias = "Callable[[Iterable[str]], Mapping[str, str]]"
"""IRIs → what they are called, those that have a name worth telling."""


def table(
    rows: Rows, width: int | None = None, passages: Passages | None = None, labels: Labels | None = None
) -> Iterator[str]:
    """Write an aligned table: a header, IRIs as CURIEs, numbers flush right.

    Args:
        rows: the first thousand say how wide a column is.
        width: of the terminal; long texts are wrapped to fit it. Without it every row is one line.
        passages: tells each passage as cell and line, and its words, where it has them, below its row.
        labels: tells what stands behind an IRI, unless its row says so already.

    """
    given = list(islice(rows.rows, _AT_ONCE))
    body = _body(rows, given, passages, labels)
    right = _flush_right(rows, given)
    widths = [max(map(columns, column)) for column in zip(rows.columns, *body, strict=True)]
    if width is not None:
        widths = _squeezed(widths, width, body, right)
    yield from _lines(rows.columns, widths, right, wrap=width is not None)
    yield _GAP.join("-" * one for one in widths) + "\n"
    while given:
        for row, texts in zip(given, body, strict=True):
            yield from _lines(texts, widths, right, wrap=width is not None)
            for words in filter(None, (passages.words(iri) for iri in _iris(rows, row)) if passages else ()):
                yield from _indented(words, width)
        given = list(islice(rows.rows, _AT_ONCE))
        body = _body(rows, given, passages, labels)


def md(rows: Rows, passages: Passages | None = None, labels: Labels | None = None) -> Iterator[str]:
    """Write a table in GitHub's Markdown: IRIs as CURIEs, numbers flush right.

    Args:
        rows: the first thousand say which columns are numbers.
        passages: tells each passage as cell and line, and its words, where it has them, in a list below the table.
        labels: tells what stands behind an IRI, unless its row says so already.

    """
    given = list(islice(rows.rows, _AT_ONCE))
    yield _md_line(rows.columns)
    yield "|" + "|".join(" ---: " if flush else " --- " for flush in _flush_right(rows, given)) + "|\n"
    iris: dict[str, None] = {}
    while given:
        for texts in _body(rows, given, passages, labels):
            yield _md_line(texts)
        if passages:
            iris.update(dict.fromkeys(iri for row in given for iri in _iris(rows, row)))
        given = list(islice(rows.rows, _AT_ONCE))
    for number, words in enumerate(filter(None, (passages.words(iri) for iri in iris) if passages else ())):
        yield ("\n" if number == 0 else "") + f"- {_md(_shown(words))}\n"


def readable(term: Term | None) -> str:
    """Give a term as a person reads it, on one line and without characters that would drive a terminal."""
    return _shown(curie(term.value) if isinstance(term, NamedNode) else plain(term))


def _shown(text: str) -> str:
    return text if text.isprintable() else "".join(one if one.isprintable() else " " for one in text)


def called(given: Sequence[Sequence[Term | None]], labels: Labels | None) -> list[list[str]]:
    """Give for each term of some rows the label to be shown behind it; empty for one that needs none."""
    iris = {term.value for row in given for term in row if isinstance(term, NamedNode)}
    known = labels(iris) if labels and iris else {}
    found = []
    for row in given:
        said = {term.value for term in row if isinstance(term, Literal)}
        names = (known.get(term.value, "") if isinstance(term, NamedNode) else "" for term in row)
        found.append(["" if name in said else _shown(name) for name in names])
    return found


def _body(
    rows: Rows, given: Sequence[Sequence[Term | None]], passages: Passages | None, labels: Labels | None
) -> list[list[str]]:
    """Give what stands in the table: terms as people read them, labels behind IRIs, passages by their names."""
    body = [
        [f"{readable(term)} {name}" if name else readable(term) for term, name in zip(row, names, strict=True)]
        for row, names in zip(given, called(given, labels), strict=True)
    ]
    if passages and COLUMN in rows.columns:
        place = rows.columns.index(COLUMN)
        passages.look_up(iri for row in given for iri in _iris(rows, row))
        for row, texts in zip(given, body, strict=True):
            # Two passages of one line have one name.
            texts[place] = " ".join(dict.fromkeys(_shown(passages.name(iri)) for iri in _iris(rows, row)))
    return body


def _iris(rows: Rows, row: Sequence[Term | None]) -> list[str]:
    """Give the passages of a row."""
    return plain(row[rows.columns.index(COLUMN)]).split() if COLUMN in rows.columns else []


def _indented(text: str, width: int | None) -> Iterator[str]:
    """Lay out the words of a passage below their row."""
    from textwrap import wrap

    lines = [_shown(text)] if width is None else wrap(_shown(text), max(width, 30) - 6)
    yield from (f"{'      ' if number else '    '}{line}\n" for number, line in enumerate(lines))


def _lines(texts: Sequence[str], widths: Sequence[int], right: Sequence[bool], *, wrap: bool) -> Iterator[str]:
    """Lay out one row; it takes as many lines as its longest cell."""
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

    if taken > len(text):  # It counts characters, of which a wide one takes two columns.
        width = max(width // 2, 1)
    return wrap(text, width, break_on_hyphens=max(map(len, text.split()), default=0) > width) or [""]


def _flush_right(rows: Rows, given: Sequence[Sequence[Term | None]]) -> list[bool]:
    """Say of each column whether it holds numbers (or years) and nothing else."""
    columns = ([row[place] for row in given if row[place] is not None] for place in range(len(rows.columns)))
    return [
        bool(terms) and all(isinstance(term, Literal) and term.datatype.value in _RIGHT for term in terms)
        for terms in columns
    ]


def _squeezed(widths: list[int], total: int, body: Sequence[Sequence[str]], right: Sequence[bool]) -> list[int]:
    """Narrow the widest columns until a row fits: at first so far that no word is broken, then as far as it takes."""
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
