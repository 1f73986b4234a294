"""Answers as pictures: the rows of some questions and of queries like theirs, else the links of one thing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode

from evgraph.namespaces import ID, MATRICES, curie
from evgraph.site.addresses import href, square_name
from evgraph.site.document_links import VERBS, Links
from evgraph.site.pictures.coverage import Square, coverage
from evgraph.site.pictures.neighbourhood import MOST, Neighbour, neighbourhood
from evgraph.site.pictures.years import Citation, Document, Span, age, citations, timeline
from evgraph.site.reader import expand
from evgraph.site.sources import Sources
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from markupsafe import Markup
    from pyoxigraph import Triple

    from evgraph.site.page import Site
    from evgraph.site.reader import Reader
    from evgraph.store.protocol import Term

    Row = dict[str, str]

_MOST = 60  # Groups or citations in a picture; the rows have them all.
_MARKERS = {"seminal": "S", "key": "K", "reviews": "R", "guidance": "G"}


class _Picture(NamedTuple):
    columns: frozenset[str]  # Those that it needs.
    draw: Callable[[Reader, Sequence[Row]], list[Markup]]


def pictures(reader: Reader, name: str, columns: Sequence[str], rows: Sequence[Sequence[Term | None]]) -> list[Markup]:
    """Return the pictures of the answer to a question, none for most questions.

    Args:
        reader: for labels.
        name: of the question.
        columns: the names of the columns.
        rows: all of them.

    """
    found = [dict(zip(columns, map(value_of, row), strict=True)) for row in rows]
    return _PICTURES[name].draw(reader, found) if name in _PICTURES and found else []


def pictures_of_rows(site: Site, columns: Sequence[str], rows: Sequence[Sequence[Term | None]]) -> list[Markup]:
    """Return the pictures of the answer to any SELECT: those of a question with such columns, or else of its links.

    Links are the rows with two things of the graph, the first of which points to the second.
    """
    name = next((name for name, picture in _PICTURES.items() if picture.columns <= set(columns)), "")
    if name:
        return pictures(site.reader, name, columns, rows)
    things = [place for place in range(len(columns)) if rows and all(_is_thing(row[place]) for row in rows)]
    if len(things) != 2:
        return []
    start, end = things
    found = {(value_of(row[start]), columns[end], value_of(row[end])): columns[start] for row in rows}
    return _linked(site, found) if len(found) > 1 else []


def pictures_of_triples(site: Site, triples: Iterable[Triple]) -> list[Markup]:
    """Return the picture of a graph: of the thing that has most links in it, one step out; classes are left out."""
    found = {}
    for subject, property_, value in triples:
        if _is_thing(subject) and isinstance(value, NamedNode) and property_.value != expand("rdf:type"):
            name = VERBS.get(curie(property_.value)) or site.reader.property_name(property_.value)
            found[value_of(subject), name, value.value] = name
    return _linked(site, found)


def _is_thing(term: object) -> bool:
    return isinstance(term, NamedNode) and term.value.startswith(ID)


def _linked(site: Site, words: dict[tuple[str, str, str], str]) -> list[Markup]:
    """Draw the thing with most links: subject, words, and object of each link → its words as its object sees it."""
    degrees = Counter(thing for start, _, end in words if start != end for thing in (start, end))
    if not degrees:
        return []
    links = Links(site, Sources(site))
    hub = min(degrees, key=lambda thing: (-degrees[thing], thing))
    near = [(end, name, False) for start, name, end in words if start == hub != end]
    near += [(start, name, True) for (start, _, end), name in words.items() if end == hub != start]
    drawn = [
        Neighbour(site.reader.label(iri), name, href(iri), links.marker(iri), is_incoming)
        for iri, name, is_incoming in near[:MOST]
    ]
    more = len(degrees) - 1 - len({iri for iri, _, _ in near[:MOST]})
    return [neighbourhood(site.reader.label(hub), drawn, marker=links.marker(hub), more=more)]


def _timeline(reader: Reader, rows: Sequence[Row]) -> list[Markup]:
    documents = {
        row["document"]: Document(
            reader.label(row["document"]), _year(row["year"]), href(row["document"]), row.get("marker", "")
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
            title = f"{matrix.capitalize()} Matrix: entries by cell"
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


_PICTURES = {
    "cell-coverage": _Picture(frozenset({"cell", "pages", *_MARKERS}), _coverage),
    "evidence-age": _Picture(frozenset({"cell", "marker", "documents", "oldest", "newest"}), _age),
    "guidance-citing-trials": _Picture(
        frozenset({"guidance", "year", "trial", "trial_year", "how", "citing"}), _citations
    ),
    "timeline": _Picture(frozenset({"document", "year"}), _timeline),
}
