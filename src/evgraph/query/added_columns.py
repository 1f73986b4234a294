"""Columns that evgraph adds to the rows of a question: labels beside things, and the passages that a row rests on."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from evgraph.namespaces import EVG, RDF
from evgraph.query.names import labels as labels_of
from evgraph.query.passages import COLUMN
from evgraph.store.protocol import BATCH, Rows, select_for
from evgraph.terms import value_of
from evgraph.text import unknown_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from evgraph.query.passages import Passages
    from evgraph.query.question import Evidence, Question
    from evgraph.store.protocol import Store, Term

    Row = tuple[Term | None, ...]

LABEL = "_label"
"""The end of the name of a column with labels: those of the things in ``trial`` are in ``trial_label``."""


def complete(
    store: Store,
    question: Question,
    rows: Rows,
    *,
    labels: bool,
    passages: Passages | None,
    locations: bool = False,
    columns: Sequence[str] = (),
) -> Rows:
    """Add what evgraph adds to the rows of a question, and leave out what nobody asked for.

    Args:
        store: the graph.
        question: the question; a query without a head gets nothing.
        rows: its rows.
        labels: whether to add labels.
        passages: finds the passages that rows rest on; None leaves them out.
        locations: whether to add where the passages are, see `Passages.with_locations`.
        columns: the only columns to keep, in this order; all where there are none.

    Raises:
        UsageError: there is no such column; the error has the nearest.

    """
    if passages is not None:
        rows = with_passages(store, rows, question.evidence, passages)
        rows = passages.with_locations(rows) if locations else rows
    if labels:
        rows = with_labels(store, rows, question.labels)
    for name in columns:
        if name not in rows.columns:
            raise unknown_name(f"there is no column '{name}'", name, rows.columns)
    places = [rows.columns.index(name) for name in columns]
    return Rows(columns, (tuple(row[place] for place in places) for row in rows.rows)) if columns else rows


def with_labels(store: Store, rows: Rows, names: Collection[str]) -> Rows:
    """Add a column with labels behind each column of things.

    Args:
        store: the graph.
        rows: read `BATCH` at a time.
        names: the columns of things, as the head of a question names them.

    Returns:
        The rows; a label is a literal without a language, and None where a thing has none.

    """
    places = [place for place, name in enumerate(rows.columns) if name in names]
    if not places:
        return rows
    columns = [column for name in rows.columns for column in ([name, name + LABEL] if name in names else [name])]
    return Rows(columns, _labelled(store, rows.rows, places))


def _labelled(store: Store, rows: Iterator[Row], places: Sequence[int]) -> Iterator[Row]:
    known: dict[str, Literal | None] = {}
    while batch := list(islice(rows, BATCH)):
        iris = {term.value for row in batch for place in places if isinstance(term := row[place], NamedNode)}
        new = iris.difference(known)
        known.update(dict.fromkeys(new))
        known.update((iri, Literal(label)) for iri, label in labels_of(store, new).items())
        for row in batch:
            terms = list(row)
            for place in reversed(places):
                term = row[place]
                terms.insert(place + 1, known[term.value] if isinstance(term, NamedNode) else None)
            yield tuple(terms)


def with_passages(store: Store, rows: Rows, evidence: Sequence[Evidence], passages: Passages) -> Rows:
    """Add the column `COLUMN`: the IRIs of the passages that each row rests on, separated by spaces, in page order.

    Args:
        store: the graph.
        rows: read `BATCH` at a time.
        evidence: what a row rests on, as the head of a question states it.
        passages: finds where they are.

    """
    return Rows([*rows.columns, COLUMN], _supported(store, rows, evidence, passages)) if evidence else rows


def _supported(store: Store, rows: Rows, evidence: Sequence[Evidence], passages: Passages) -> Iterator[Row]:
    places = {f"?{name}": place for place, name in enumerate(rows.columns)}

    def supports_of(row: Row) -> Iterator[tuple[str, ...]]:
        for item in evidence:
            support = tuple(value_of(row[places[text]]) if text in places else text for text in item)
            if all(part or not text for part, text in zip(support, item, strict=True)):  # No variable is unbound.
                yield support

    while batch := list(islice(rows.rows, BATCH)):
        supports = [list(supports_of(row)) for row in batch]
        stated = _stated(store, {support for of_row in supports for support in of_row})
        passages.look_up(iri for iris in stated.values() for iri in iris)
        for row, of_row in zip(batch, supports, strict=True):
            iris = {iri for support in of_row for iri in stated.get(support, ())}
            yield (*row, Literal(" ".join(sorted(iris, key=passages.order))))


def _stated(store: Store, supports: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], set[str]]:
    """Return triple, or thing alone → the passages that state it; any engine can look up the subjects quickly."""
    subjects = {(subject, bool(predicate)) for subject, predicate, _ in supports}
    stated: dict[tuple[str, ...], set[str]] = {}
    query = (
        f"SELECT DISTINCT ?s ?p ?o ?passage WHERE {{ VALUES ?s {{}} ?claim <{RDF}subject> ?s ;"
        f" <{RDF}predicate> ?p ; <{RDF}object> ?o ; <{EVG}statedIn> ?passage }}"
    )
    for *triple, passage in select_for(store, query, (subject for subject, in_triple in subjects if in_triple)):
        stated.setdefault(tuple(map(value_of, triple)), set()).add(value_of(passage))
    query = f"SELECT DISTINCT ?s ?passage WHERE {{ VALUES ?s {{}} ?s <{EVG}statedIn> ?passage }}"
    for thing, passage in select_for(store, query, (subject for subject, in_triple in subjects if not in_triple)):
        stated.setdefault((value_of(thing), "", ""), set()).add(value_of(passage))
    return stated
