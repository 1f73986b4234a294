"""What a graph knows by name: the members of schemes, organisations, documents."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from evgraph.namespaces import ID, PLAIN_LOCAL, scheme
from evgraph.store.embedded import OxigraphStore
from evgraph.store.protocol import Rows

if TYPE_CHECKING:
    from evgraph.store.protocol import Store, Term

_MOST_WORDS = 20
_LONGEST = 300  # Characters of a headline that is looked for in other spellings, which takes a long pattern.


def holds(
    store: Store, subject: NamedNode | None = None, predicate: str | None = None, value: Term | None = None
) -> bool:
    """Whether the graph has a triple of a subject, a predicate and an object, each of them free where it is None."""
    if isinstance(store, OxigraphStore):  # Without a query, which takes a hundred times as long.
        return next(store.matches(subject, predicate, value), None) is not None
    pattern = (subject or "?s", f"<{predicate}>" if predicate else "?p", value or "?o")
    return store.query(f"ASK {{ {' '.join(map(str, pattern))} }}") is True


def labels(store: Store, name: str) -> dict[str, str]:
    """Look up what the concepts of a scheme, or the organisations, are called: case folded → IRI.

    Concepts go by notation, label and other labels, organisations by their labels. A graph in this process is asked
    once.
    """
    look_up = partial(_labels, store, name)
    return store.recall(name, look_up) if isinstance(store, OxigraphStore) else look_up()


def _labels(store: Store, name: str) -> dict[str, str]:
    things = (
        "?thing a schema:Organization"
        if name == "organisation"
        else f"?thing skos:inScheme <{scheme(name, '').rstrip('/')}>"
    )
    rows = store.query(
        f"SELECT DISTINCT ?label ?thing WHERE {{ {things} ."
        " { ?thing skos:notation ?label } UNION { ?thing skos:prefLabel ?label }"
        " UNION { ?thing skos:altLabel ?label } UNION { ?thing rdfs:label ?label } }"
    )
    found: dict[str, str] = {}
    if isinstance(rows, Rows):
        for label, thing in sorted(rows.rows, key=str):
            found.setdefault(getattr(label, "value", "").casefold(), getattr(thing, "value", ""))
    return found


def documents(store: Store, text: str) -> dict[str, str]:
    """Look up the documents that a text may mean: IRI → label.

    A text that names one in an IRI means that one; so does an identifier (a DOI, a PubMed number, a key of the bank).
    Else it means the documents that are called so; else all those that have a headline, title or label with its words;
    else those that have it with these words in another spelling: accents, quotes and hyphens as they are printed.
    """
    iri = f"{ID}doc/{text}"
    if PLAIN_LOCAL.fullmatch(text) and holds(store, NamedNode(iri)):
        return {iri: ""}
    words = text.casefold().split()[:_MOST_WORDS]
    if not words:
        return {}
    exact = Literal(text.casefold())
    found = _documents(
        store,
        f"""{{ ?document bibo:doi|bibo:pmid|(evg:identification/evg:identifierValue) ?value
            FILTER(LCASE(STR(?value)) = {exact}) }}""",
    )
    called = "{ ?document dcterms:title|rdfs:label ?name } UNION { ?entry evg:lists ?document ; schema:headline ?name }"
    found = found or _documents(store, f"{called} FILTER(LCASE(STR(?name)) = {exact})")
    each = " && ".join(f"CONTAINS(LCASE(STR(?name)), {Literal(word)})" for word in words)
    found = found or _documents(store, f"{called} FILTER({each})")
    if found or len(text) > _LONGEST:
        return found
    from evgraph.query.spelling import printed

    each = " && ".join(f"REGEX(LCASE(STR(?name)), {Literal(printed(word))})" for word in words)
    return _documents(store, f"{called} FILTER({each})")


def _documents(store: Store, pattern: str) -> dict[str, str]:
    rows = store.query(
        f"SELECT DISTINCT ?document ?label WHERE {{ ?document a evg:Document . {pattern}"
        " OPTIONAL { ?document rdfs:label ?label } } ORDER BY STR(?document) STR(?label)"
    )
    found: dict[str, str] = {}
    for document, label in rows.rows if isinstance(rows, Rows) else ():
        found.setdefault(getattr(document, "value", ""), getattr(label, "value", ""))
    return found
