"""Labels to read beside IRIs, and the names of concepts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from evgraph.namespaces import ID, LABEL_PROPERTIES, NOT_IN_IRI, PREFIXES, curie, scheme
from evgraph.store.embedded import OxigraphStore, node
from evgraph.store.protocol import select, select_for
from evgraph.terms import value_of
from evgraph.text import label_rank, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evgraph.store.protocol import Store, Term

# A reader of cell:drug-E4 or country:GB needs no label, and neither do terms of a vocabulary.
_SPEAKING = (
    *(f"{ID}{folder}/" for folder in ("cell", "matrix", "scheme", "snapshot", "passage")),
    *(namespace for namespace in PREFIXES.values() if not namespace.startswith(ID)),
)


def has_triple(
    store: Store, subject: NamedNode | None = None, predicate: str | None = None, value: Term | None = None
) -> bool:
    """Return whether the graph has a triple of a subject, a predicate and an object; None matches any."""
    if isinstance(store, OxigraphStore):  # Without a query, which takes a hundred times as long.
        return next(store.matches(subject, predicate, value), None) is not None
    pattern = (subject or "?s", f"<{predicate}>" if predicate else "?p", value or "?o")
    return store.query(f"ASK {{ {' '.join(map(str, pattern))} }}") is True


def labels(store: Store, iris: Iterable[str]) -> dict[str, str]:
    """Return what things are called: IRI → label, sorted by IRI, without the things that have none.

    Of several labels, `evgraph.text.label_rank` chooses one.
    """
    best: dict[str, tuple[int, bool, bool, str]] = {}
    for thing, property_, label in _named(store, iris):
        if isinstance(label, Literal) and label.value and value_of(property_) in LABEL_PROPERTIES:
            rank = label_rank(label.value, label.language, value_of(property_))
            best[value_of(thing)] = min(best.get(value_of(thing), rank), rank)
    return {iri: label for iri, (*_, label) in sorted(best.items())}


def _named(store: Store, iris: Iterable[str]) -> Iterator[tuple[Term, ...]]:
    """Yield things with the properties and values that name them, perhaps repeatedly."""
    if isinstance(store, OxigraphStore):  # Without a query: the engine would read the names of everything.
        for iri in set(iris):
            if ":" in iri and not NOT_IN_IRI.search(iri):
                for name in LABEL_PROPERTIES:
                    yield from ((quad.subject, quad.predicate, quad.object) for quad in store.matches(node(iri), name))
        return
    properties = " ".join(f"<{name}>" for name in LABEL_PROPERTIES)
    yield from select_for(
        store,
        "SELECT DISTINCT ?thing ?property ?label WHERE {"
        f" VALUES ?thing {{}} VALUES ?property {{ {properties} }} ?thing ?property ?label }}",
        iris,
    )


def labels_beside(store: Store, iris: Iterable[str]) -> dict[str, str]:
    """Return `labels` of those things whose IRI says little: not of cells, concepts and terms of a vocabulary."""
    return labels(store, (iri for iri in iris if not iri.startswith(_SPEAKING)))


def with_labels(store: Store, iris: Sequence[str]) -> str:
    """Return things for a sentence, in this order: ``doc:elm-2002 (Elm (2002)), doc:u-0123456789ab``."""
    known = labels(store, iris)
    return ", ".join(f"{curie(iri)} ({shown(known[iri])})" if iri in known else curie(iri) for iri in iris)


def members(store: Store, kind: str) -> dict[str, str]:
    """Return the names of the concepts of a scheme, such as ``country``: case-folded name → IRI.

    The names are notations and labels. A graph in this process is asked once.
    """
    look_up = partial(_members, store, kind)
    return store.recall(kind, look_up) if isinstance(store, OxigraphStore) else look_up()


def _members(store: Store, kind: str) -> dict[str, str]:
    query = (
        f"SELECT DISTINCT ?name ?thing WHERE {{ ?thing skos:inScheme <{scheme(kind, '').rstrip('/')}> ."
        " { ?thing skos:notation ?name } UNION { ?thing skos:prefLabel ?name }"
        " UNION { ?thing skos:altLabel ?name } UNION { ?thing rdfs:label ?name } }"
    )
    names: dict[str, str] = {}
    for name, thing in sorted(select(store, query), key=str):
        names.setdefault(value_of(name).casefold(), value_of(thing))
    return names
