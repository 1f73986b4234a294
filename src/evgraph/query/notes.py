"""Notes on what was asked about and is not in the graph, each with what looks most like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from evgraph.namespaces import EVG, ID, PREFIXES, PROV, RDF, XSD, curie, expand
from evgraph.query.names import has_triple, labels, with_labels
from evgraph.query.parameters import terms as listed_terms
from evgraph.query.things import KINDS
from evgraph.sparql.tokens import prefixes, significant
from evgraph.store.protocol import select
from evgraph.terms import value_of
from evgraph.text import did_you_mean, nearest, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evgraph.query.question import Parameter, Question
    from evgraph.store.protocol import Store, Term

_MAX_NAMES = 20  # So many names of a query are looked up.
_MAX_LISTED = 5
_MAX_COMPARED = 10_000
# What a misspelt name is compared with, by its namespace.
_KNOWN = {
    EVG: "VALUES ?kind { owl:Class owl:ObjectProperty owl:DatatypeProperty } ?it a ?kind",
    f"{ID}doc/": "{ ?it a evg:Document } UNION { ?entry evg:lists ?it }",
    f"{ID}org/": "?it a schema:Organization",
    f"{ID}cell/": "?it a evg:Cell",
    f"{ID}section/": "?it a evg:Section",
    f"{ID}entry/": "?it a evg:Entry",
}


def notes(store: Store, question: Question, bound: Mapping[str, Sequence[Term]]) -> Iterator[str]:
    """Iterate over notes on the cells, documents and things that were asked about and are not in the graph.

    Args:
        store: the graph.
        question: the question.
        bound: name of a parameter → its terms.

    """
    for name, terms in bound.items():
        cls = expand(question.asked_class(name) or "")
        for term in terms:
            if note := absence(store, question.parameters[name], term):
                yield note
            elif cls and isinstance(term, NamedNode) and not has_triple(store, term, f"{RDF}type", NamedNode(cls)):
                kinds = _iris(store, f"{term} a ?it . FILTER(?it != evg:Document)")
                known = labels(store, {cls, *kinds})
                words = " and ".join(known.get(iri, curie(iri)) for iri in sorted(kinds)) or "of no known kind"
                other = f"{words}, not {known.get(cls, curie(cls))}"
                yield f"{curie(term.value)} is of another kind than this question asks for: {other}"


def absence(store: Store, parameter: Parameter, term: Term) -> str:
    """Return a note if the graph does not have the value of a parameter, else an empty text."""
    if isinstance(term, Literal):
        return _unknown_value(store, parameter, term)
    if not isinstance(term, NamedNode) or parameter.type not in {"cell", "iri", *KINDS}:
        return ""
    name = curie(term.value)
    if parameter.type == "cell":
        if has_triple(store, predicate=f"{PROV}specializationOf", value=term):
            return ""
        cells = sorted(_iris(store, "?snapshot prov:specializationOf ?it"))[:_MAX_LISTED]
        return f"no page of {name} is in this graph{_it_has(', '.join(map(curie, cells)))}"
    if has_triple(store, term) or (parameter.type != "document" and has_triple(store, value=term)):
        return ""
    return f"{name} is not in this graph{_it_has(with_labels(store, alike(store, term.value, 3)))}"


def _it_has(names: str) -> str:
    return f"; it has {names}" if names else ""


def _unknown_value(store: Store, parameter: Parameter, term: Literal) -> str:
    """Return a note on an identifier, or a text of a pick list, that the graph does not have."""
    if parameter.type in {"doi", "pmid"}:
        pattern = KINDS["document"].identifier
        if store.query(f"ASK {{ {pattern} FILTER(LCASE(STR(?name)) = {Literal(term.value.casefold())}) }}"):
            return ""
        query = f"SELECT DISTINCT ?name WHERE {{ {pattern} }} LIMIT {_MAX_COMPARED}"
        known = {value_of(name) for (name,) in select(store, query)}
    elif parameter.type == "text" and parameter.pick_list:
        known = {listed.value for listed in listed_terms(store, parameter)}
        if term.value.casefold() in map(str.casefold, known):
            return ""
    else:
        return ""
    name = parameter.name.upper() if parameter.type in {"doi", "pmid"} else parameter.name
    return f"this graph has no {name} '{shown(term.value)}'{did_you_mean(term.value, known)}"


def alike(store: Store, iri: str, count: int) -> list[str]:
    """Return the IRIs in the namespace of a misspelt IRI that look most like it, the most alike first."""
    namespace = next((namespace for namespace in _KNOWN if iri.startswith(namespace)), None)
    if namespace is None:
        return []
    found = _iris(store, _KNOWN[namespace])
    known = [other.removeprefix(namespace) for other in found if other.startswith(namespace)]
    return [f"{namespace}{name}" for name in nearest(iri.removeprefix(namespace), known, count)]


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
            near = "".join(f"; did you mean '{curie(other)}'?" for other in alike(store, iri, 1))
            found.append(f"{curie(iri)} is not in this graph{near}")
    return found


def _iris(store: Store, pattern: str) -> set[str]:
    return {
        value_of(term) for (term,) in select(store, f"SELECT DISTINCT ?it WHERE {{ {pattern} }} LIMIT {_MAX_COMPARED}")
    }


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
