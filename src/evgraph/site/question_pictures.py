"""The rows of some questions as pictures: timeline, coverage, age, citations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.namespaces import ID, MATRICES
from evgraph.site.addresses import href
from evgraph.site.listing import square_name
from evgraph.site.pictures.coverage import Square, coverage
from evgraph.site.pictures.years import Citation, Document, Span, age, citations, timeline
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markupsafe import Markup

    from evgraph.site.reader import Reader
    from evgraph.store.protocol import Term

    Row = dict[str, str]

_MOST = 60  # Groups or citations in a picture; the rows have them all.
_MARKERS = {"seminal": "S", "key": "K", "reviews": "R", "guidance": "G"}


def pictures(reader: Reader, name: str, columns: Sequence[str], rows: Sequence[Sequence[Term | None]]) -> list[Markup]:
    """Return the pictures of the answer to a question, none for most questions.

    Args:
        reader: for labels.
        name: of the question.
        columns: the names of the columns.
        rows: all of them.

    """
    draw = _PICTURES.get(name)
    found = [dict(zip(columns, map(value_of, row), strict=True)) for row in rows]
    return draw(reader, found) if draw and found else []


def _timeline(reader: Reader, rows: Sequence[Row]) -> list[Markup]:
    documents = {
        row["document"]: Document(
            reader.label(row["document"]), _year(row["year"]), href(row["document"]), row["marker"]
        )
        for row in rows
        if _year(row["year"])
    }
    return [timeline(list(documents.values()))] if documents else []


def _coverage(_reader: Reader, rows: Sequence[Row]) -> list[Markup]:
    found = []
    for matrix in MATRICES:
        start = f"{ID}cell/{matrix}-"
        squares = [
            Square(
                row["cell"].removeprefix(start),
                {marker: int(row[column] or 0) for column, marker in _MARKERS.items()},
                href(row["cell"]),
                row["pages"] != "0",
            )
            for row in rows
            if row["cell"].startswith(start)
        ]
        if squares:
            title = f"{matrix.capitalize()} Treatment Matrix: entries by cell"
            found.append(coverage(squares, name=f"coverage-{matrix}", title=title))
    return found


def _age(_reader: Reader, rows: Sequence[Row]) -> list[Markup]:
    spans = [
        Span(
            square_name(row["cell"]),
            _year(row["oldest"]),
            _year(row["newest"]),
            int(row["documents"]),
            href(row["cell"]),
            row["marker"],
        )
        for row in rows[:_MOST]
        if _year(row["oldest"]) and _year(row["newest"])
    ]
    return [age(spans)] if spans else []


def _citations(reader: Reader, rows: Sequence[Row]) -> list[Markup]:
    found = [
        Citation(
            reader.label(row["guidance"]),
            _year(row["year"]),
            reader.label(row["trial"]),
            _year(row["trial_year"]),
            href(row["guidance"]),
            href(row["trial"]),
            "" if row["how"] == "direct" else reader.label(row["citing"]),
        )
        for row in sorted(rows, key=lambda row: (row["trial_year"], row["trial"]))[:_MOST]
        if _year(row["year"]) and _year(row["trial_year"])
    ]
    return [citations(found)] if found else []


def _year(text: str) -> int:
    return int(text[:4]) if text[:4].isascii() and text[:4].isdecimal() else 0


_PICTURES: dict[str, Callable[[Reader, Sequence[Row]], list[Markup]]] = {
    "timeline": _timeline,
    "cell-coverage": _coverage,
    "evidence-age": _age,
    "guidance-citing-trials": _citations,
}
