"""Full-text search over labels, headlines, abstracts and the like.

A word matches its other grammatical forms (Porter's stemmer), forms with other accents, and longer words that begin
with it. BM25 ranks the hits. https://www.sqlite.org/fts5.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode

from evgraph.errors import UsageError
from evgraph.namespaces import XSD
from evgraph.query import parameters
from evgraph.query.question import Parameter
from evgraph.query.runner import Limited, LimitedRows
from evgraph.query.search_index import FIELDS, KINDS, SEPARATOR, UNRANKED, Index, facet, open_index
from evgraph.text import plain, plural, shown, unknown_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evgraph.store.protocol import Store, Term

COLUMNS = {
    "thing": "what was found",
    "kind": f"what it is: {', '.join(KINDS)}",
    "label": "its label, title or headline",
    "cells": "the cells that list it, or that it is in",
    "year": "its year, or that of its document; the earliest of several",
    "field": "where the words are: label, creator, identifier, publisher, abstract, related, spelling",
    "text": "the text around the words, if it is not the label",
    "score": "how well it fits (BM25); compare it within one search only",
}
"""Column → description."""
LIMIT = 20
"""The largest number of hits, unless another is chosen."""

_MARK = "\x02"  # Before each word that was found.
_SNIPPETS = [f"snippet(texts, {place}, '{_MARK}', '', '…', 16)" for place, _ in enumerate(FIELDS, len(UNRANKED))]
# FTS5 itself sorts by rank, so that only the first hits get snippets.
_SELECT = (
    f"SELECT iri, kind, label, cells, year, -rank, {', '.join(_SNIPPETS)}"  # noqa: S608 - constants
    " FROM texts(?) ORDER BY rank LIMIT ?"
)
_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"') | {"\0": " "})
_LEAST_PREFIX = 3  # Letters of a word that longer words may begin with.
_MAX_WORDS = 100
_MANY = 2_000
_MAX_SHOWN = 80
_SIMILAR = 0.7  # One letter in four differs, or two in seven.


class Hit(NamedTuple):
    """Something that was found; the fields are those of `COLUMNS`."""

    thing: str
    kind: str
    label: str
    cells: tuple[str, ...]
    year: int | None
    field: str
    text: str
    score: float


def search(
    store: Store,
    text: str,
    *,
    kinds: Iterable[str] = (),
    cells: Iterable[str] = (),
    matrices: Iterable[str] = (),
    years: Iterable[str] = (),
    limit: int | None = LIMIT,
) -> tuple[list[Hit], list[str]]:
    """Return the things that have all the words, the best first, and notes.

    A word without a hit is left out, and a note offers the word that is most like it. If the words occur only apart,
    the hits have some of them, and a note says so. If there are thousands of hits, but fewer are asked for than have
    the words in their labels, only the labels count.

    Args:
        store: the graph.
        text: words; those in double quotes must follow each other. No other sign has a meaning.
        kinds: some of `KINDS`.
        cells: as ``drug:E4``; ``E4`` is the cell of both matrices.
        matrices: ``alcohol`` or ``drug``.
        years: as ``2007`` or ``2000-2010``. A thing without a year is in none of them.
        limit: the largest number of hits; None for all.

    Raises:
        UsageError: there are no words, or too many, or a filter is not understood.
        UnreadableError: a kept index is damaged; or as `open_index`.
        LimitReachedError: as `open_index`.

    """
    words = _words(text)
    facets = [
        [facet("kind", _kind(kind)) for kind in kinds],
        [facet("cell", name) for cell in cells for name in _names(store, "cell", cell)],
        [facet("cell", name) + "*" for matrix in matrices for name in _names(store, "matrix", matrix)],
    ]
    spans = [_span(year) for year in years]
    index = open_index(store)
    if spans:
        facets.append([facet("year", year) for span in spans for year in _years(index, *span)])
    notes, patterns = list(index.notes), []
    for word in words:
        if pattern := _pattern(index, word):
            patterns.append(pattern)
            continue
        near = _nearest(index, word)
        offer = f"; did you mean '{near}'?" if near else ""
        notes.append(f"nothing has '{shown(word, _MAX_SHOWN)}'{offer}")
    if not patterns:
        return [], notes
    if len(patterns) < len(words):
        notes.append("these are hits for the other words")
    pattern = " AND ".join(patterns)
    if len(patterns) > 1 and not index.count(pattern, 1):
        pattern = " OR ".join(patterns)
        notes.append("nothing has all these words; these are hits for some of them")
    filters = "".join(f" AND facets : ({' OR '.join(words)})" for words in facets if words)
    everywhere, in_labels = f"({pattern}){filters}", f"(label : ({pattern})){filters}"
    # Ranking takes a few microseconds per hit. Of many, those with the words in their labels are enough.
    if limit is not None and index.count(everywhere, _MANY) == _MANY and index.count(in_labels, limit) == limit:
        everywhere = in_labels
    rows = index.fetch(_SELECT, everywhere, -1 if limit is None else limit)
    hits = [_hit(*row) for row in rows]
    if not hits and filters and limit != 0:
        notes.append(f"without the filters, there are {plural(index.count(pattern), 'hit')}")
    return hits, notes


def ask(
    store: Store, text: str, *, limit: int | None = LIMIT, **filters: Iterable[str]
) -> tuple[LimitedRows, list[str]]:
    """Return the hits of `search` as rows with `COLUMNS`, and the notes.

    Raises:
        EvgraphError: as `search` does.

    """
    hits, notes = search(store, text, limit=None if limit is None else limit + 1, **filters)
    return LimitedRows(list(COLUMNS), Limited(map(_row, hits), limit)), notes


def _row(hit: Hit) -> tuple[Term | None, ...]:
    return (
        NamedNode(hit.thing),
        Literal(hit.kind),
        Literal(hit.label) if hit.label else None,
        Literal(" ".join(hit.cells)) if hit.cells else None,
        Literal(str(hit.year), datatype=NamedNode(f"{XSD}gYear")) if hit.year else None,
        Literal(hit.field),
        Literal(hit.text) if hit.text != hit.label else None,
        Literal(f"{hit.score:.2f}", datatype=NamedNode(f"{XSD}decimal")),
    )


def corrected_words(store: Store, text: str) -> str:
    """Return a text with words of the graph in place of those that it has not; empty where nothing is to be corrected.

    Raises:
        EvgraphError: as `search` does.

    """
    index = open_index(store)
    words = _words(text)
    corrected = [word if _pattern(index, word) else _nearest(index, word) for word in words]
    return "" if corrected == words else " ".join(filter(None, corrected))


def _words(text: str) -> list[str]:
    """Return the words, and the phrases in quotes, without those that have no letter or digit."""
    text = text.encode(errors="replace").decode().translate(_QUOTES)
    pieces = [phrase or word for phrase, word in re.findall(r'"([^"]*)"|([^\s"]+)', text)]
    words = list(dict.fromkeys(" ".join(piece.split()) for piece in pieces if any(map(str.isalnum, piece))))
    if not 0 < len(words) <= _MAX_WORDS:
        raise UsageError(f"'{shown(text, _MAX_SHOWN)}': expected words with letters or digits, at most {_MAX_WORDS}")
    return words


def _kind(text: str) -> str:
    if text not in KINDS:
        raise unknown_name(f"there is no kind '{shown(text, _MAX_SHOWN)}'", text, KINDS)
    return text


def _names(store: Store, type_: str, text: str) -> list[str]:
    """Return the names of cells or of a matrix: ``alcohol-E4`` and ``drug-E4`` for ``E4``."""
    try:
        terms = parameters.read(Parameter(type_, type_, "", "", required=False), text, store)
    except UsageError as error:
        raise UsageError(f"{type_} '{error.value}': {error.message}", value=error.value) from None
    return [term.value.rpartition("/")[2] for term in terms]


def _span(text: str) -> tuple[str, str]:
    span = re.fullmatch(r"([0-9]{4})(?:[-–]([0-9]{4}))?", text.strip())
    if not span or (span[2] or span[1]) < span[1]:
        raise UsageError(f"year '{shown(text, _MAX_SHOWN)}': expected a year, or the first and last: 2007, 2000-2010")
    return span[1], span[2] or span[1]


def _years(index: Index, first: str, last: str) -> list[str]:
    """Return the years of a span that the index has; if none, the first, which no hit has."""
    rows = index.fetch("SELECT year FROM years WHERE year BETWEEN ? AND ?", first, last)
    return [year for (year,) in rows] or [first]


def _pattern(index: Index, word: str) -> str:
    """Return the FTS5 expression for a word or a phrase, or an empty text if nothing has it.

    A word also finds longer ones that begin with it, which rank lower. What adds no hit is left out: each part of an
    expression makes ranking slower. https://www.sqlite.org/fts5.html#full_text_query_syntax
    """
    forms = [f'"{form}"' for form in dict.fromkeys([word, plain(word).replace('"', " ")])]
    columns = f"{{{' '.join(FIELDS)}}}"
    whole = f"{columns} : ({' OR '.join(forms)})"
    longer = f"{columns} : ({' OR '.join(f'{form}*' for form in forms)})"
    count = index.count(whole)
    if len(word) < _LEAST_PREFIX or " " in word or index.count(longer) == count:
        return whole if count else ""
    return f"({whole} OR {longer})" if count else longer


def _nearest(index: Index, word: str) -> str:
    """Return the word of the graph that is most like a misspelt one, or an empty text."""
    if len(word) > _MAX_SHOWN:
        return ""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    known = [known for (known,) in index.fetch("SELECT word FROM words")]
    near = process.extractOne(plain(word), known, scorer=OSA.normalized_similarity, score_cutoff=_SIMILAR)
    return near[0] if near else ""


def _hit(iri: str, kind: str, labels: str, cells: str, year: str | None, score: float, *snippets: str) -> Hit:
    marked = ((field, text) for field, text in zip(FIELDS, snippets, strict=True) if _MARK in text)
    field, text = next(marked, ("", ""))
    label = labels.partition(SEPARATOR)[0]
    text = text.replace(_MARK, "").replace(SEPARATOR, "; ")
    return Hit(iri, kind, label, tuple(cells.split()), int(year) if year else None, field, text, score)
