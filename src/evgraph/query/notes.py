"""What to know about an answer beside its rows: cells, documents and names that the graph does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from evgraph.namespaces import EVG, ID, PREFIXES, PROV, XSD, curie
from evgraph.query.names import has_triple
from evgraph.sparql.tokens import prefixes, significant
from evgraph.spelling import did_you_mean, nearest
from evgraph.store.select import select
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evgraph.query.question import Question
    from evgraph.store.protocol import Store, Term

_MAX_NAMES = 20  # So many names of a query are looked up.
_MAX_LISTED = 5
# What a misspelt name is compared with, by its namespace.
_KNOWN = {
    EVG: "VALUES ?kind { owl:Class owl:ObjectProperty owl:DatatypeProperty } ?it a ?kind",
    f"{ID}doc/": "?it a evg:Document",
    f"{ID}org/": "?it a schema:Organization",
    f"{ID}cell/": "?it a evg:Cell",
}


def notes(store: Store, question: Question, bound: Mapping[str, Sequence[Term]]) -> Iterator[str]:
    """Iterate over notes on the cells, documents and things that were asked about and are not in the graph.

    Args:
        store: the graph.
        question: the question.
        bound: name of a parameter → its terms.

    """
    for name, terms in bound.items():
        kind = question.parameters[name].type
        for term in (term for term in terms if isinstance(term, NamedNode)):
            short = curie(term.value)
            if kind == "cell" and not has_triple(store, predicate=f"{PROV}specializationOf", value=term):
                cells = sorted(_iris(store, "?snapshot prov:specializationOf ?it"))
                yield f"no page of {short} is in this graph{_listed(cells)}"
            elif kind == "iri" and not (has_triple(store, term) or has_triple(store, value=term)):
                yield f"{short} is not in this graph"
            elif kind == "document" and not has_triple(store, term):
                known = _iris(store, "?entry evg:lists ?it") | _iris(store, "?it a evg:Document")
                slugs = [iri.removeprefix(f"{ID}doc/") for iri in known]
                near = nearest(term.value.removeprefix(f"{ID}doc/"), slugs, 3)
                yield f"{short} is not in this graph{_listed(f'{ID}doc/{slug}' for slug in near)}"


def unknown_names(store: Store, question: Question) -> list[str]:
    """Return notes on the names in a query that the graph does not have, each with the one that looks most like it.

    Args:
        store: the graph.
        question: one that has no rows. The names in a question of the catalogue are right; the note on it is only
            that the graph has no evgraph data, as a server into which nothing was loaded.

    """
    if question.tags:
        has_data = store.query("ASK { VALUES ?class { evg:Document evg:Entry } ?thing a ?class }")
        return [] if has_data else ["there are neither entries nor documents in this graph"]
    found = []
    for iri in list(dict.fromkeys(_names(question)))[:_MAX_NAMES]:
        if store.query(f"ASK {{ {{ <{iri}> ?p ?o }} UNION {{ ?s <{iri}> ?o }} UNION {{ ?s ?p <{iri}> }} }}") is False:
            pattern = next((pattern for namespace, pattern in _KNOWN.items() if iri.startswith(namespace)), "")
            known = map(curie, _iris(store, pattern)) if pattern else ()
            found.append(f"{curie(iri)} is not in this graph{did_you_mean(curie(iri), known)}")
    return found


def _iris(store: Store, pattern: str) -> set[str]:
    return {value_of(term) for (term,) in select(store, f"SELECT DISTINCT ?it WHERE {{ {pattern} }}")}


def _listed(iris: Iterable[str]) -> str:
    names = [curie(iri) for iri in iris][:_MAX_LISTED]
    return f"; it has {', '.join(names)}" if names else ""


def _names(question: Question) -> Iterator[str]:
    """Iterate over the IRIs in a query: whole, or with a prefix of evgraph's that it does not declare otherwise."""
    query = list(significant(question.tokens))
    namespaces = PREFIXES | {prefix: iri[1:-1] for prefix, iri in prefixes(query).items()}
    in_template = question.form == "CONSTRUCT"  # What it makes need not be known.
    start = next((place for place, token in enumerate(query) if token.keyword == question.form), len(query))
    for token in query[start:]:
        in_template = in_template and token.keyword != "WHERE"
        if in_template:
            continue
        if token.kind == "iri" and ":" in token.text:
            yield token.text[1:-1]
        elif token.kind == "name":
            prefix, _, local = token.text.partition(":")
            if prefix in namespaces and namespaces[prefix] != XSD and "\\" not in local:
                yield f"{namespaces[prefix]}{local}"
