"""Names and things: labels to read beside IRIs, the things that a name may mean, and notes on unknown names."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from evgraph.namespaces import EVG, ID, LABEL_PROPERTIES, PREFIXES, PROV, RDF, XSD, curie, expand, scheme
from evgraph.sparql.tokens import prefixes, significant
from evgraph.store.embedded import OxigraphStore
from evgraph.store.protocol import select, select_for
from evgraph.terms import value_of
from evgraph.text import did_you_mean, label_rank, nearest, printed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evgraph.query.question import Question
    from evgraph.store.protocol import Store, Term

_LOCAL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_\-]*(?:/[A-Za-z0-9_\-]+)?")
_MAX_WORDS = 20
_MAX_LENGTH = 300  # Characters of a headline that is searched for in other spellings, which takes a long pattern.
_MAX_NAMES = 20  # So many names of a query are looked up.
_MAX_LISTED = 5
# What a misspelt name is compared with, by its namespace.
_KNOWN = {
    EVG: "VALUES ?kind { owl:Class owl:ObjectProperty owl:DatatypeProperty } ?it a ?kind",
    f"{ID}doc/": "?it a evg:Document",
    f"{ID}org/": "?it a schema:Organization",
    f"{ID}cell/": "?it a evg:Cell",
}
# A reader of cell:drug-E4 or country:GB needs no label, and neither do terms of a vocabulary.
_SPEAKING = (
    *(f"{ID}{folder}/" for folder in ("cell", "matrix", "scheme", "snapshot", "passage")),
    *(namespace for namespace in PREFIXES.values() if not namespace.startswith(ID)),
)


def has_triple(
    store: Store, subject: NamedNode | None = None, predicate: str | None = None, value: Term | None = None
) -> bool:
    """Return whether the graph has a triple of a subject, a predicate and an object; None stands for any."""
    if isinstance(store, OxigraphStore):  # Without a query, which takes a hundred times as long.
        return next(store.matches(subject, predicate, value), None) is not None
    pattern = (subject or "?s", f"<{predicate}>" if predicate else "?p", value or "?o")
    return store.query(f"ASK {{ {' '.join(map(str, pattern))} }}") is True


def labels(store: Store, iris: Iterable[str]) -> dict[str, str]:
    """Return what things are called: IRI → label, sorted by IRI, without the things that have none.

    Of several labels, `evgraph.text.label_rank` chooses one.
    """
    properties = " ".join(f"<{name}>" for name in LABEL_PROPERTIES)
    query = (
        "SELECT DISTINCT ?thing ?property ?label WHERE {"
        f" VALUES ?thing {{}} VALUES ?property {{ {properties} }} ?thing ?property ?label }}"
    )
    best: dict[str, tuple[int, bool, bool, str]] = {}
    for thing, property_, label in select_for(store, query, iris):
        if isinstance(label, Literal) and label.value:
            rank = label_rank(label.value, label.language, value_of(property_))
            best[value_of(thing)] = min(best.get(value_of(thing), rank), rank)
    return {iri: label for iri, (*_, label) in sorted(best.items())}


def labels_beside(store: Store, iris: Iterable[str]) -> dict[str, str]:
    """Return `labels` of those things whose IRI says little: not of cells, concepts and terms of a vocabulary."""
    return labels(store, (iri for iri in iris if not iri.startswith(_SPEAKING)))


def members(store: Store, kind: str) -> dict[str, str]:
    """Return the names of the concepts of a scheme, or of all organisations: case-folded name → IRI.

    The names are notations and labels. A graph in this process is asked once.

    Args:
        store: the graph.
        kind: the name of a scheme (``country``), or ``organisation``.

    """
    look_up = partial(_members, store, kind)
    return store.recall(kind, look_up) if isinstance(store, OxigraphStore) else look_up()


def _members(store: Store, kind: str) -> dict[str, str]:
    things = (
        "?thing a schema:Organization"
        if kind == "organisation"
        else f"?thing skos:inScheme <{scheme(kind, '').rstrip('/')}>"
    )
    query = (
        f"SELECT DISTINCT ?name ?thing WHERE {{ {things} ."
        " { ?thing skos:notation ?name } UNION { ?thing skos:prefLabel ?name }"
        " UNION { ?thing skos:altLabel ?name } UNION { ?thing rdfs:label ?name } }"
    )
    names: dict[str, str] = {}
    for name, thing in sorted(select(store, query), key=str):
        names.setdefault(value_of(name).casefold(), value_of(thing))
    return names


def documents(store: Store, text: str) -> dict[str, str]:
    """Return the documents that a text may mean: IRI → label, sorted by IRI.

    A text that is the end of a document's IRI means that document; so does an identifier (a DOI, a PubMed number, a key
    of the bank). Else it means the documents with exactly this headline, title or label; else all those that have one
    with its words; else those that have one with these words in another spelling: accents, quotes and hyphens as in
    print.
    """
    identifier = "?it bibo:doi|bibo:pmid|(evg:identification/evg:identifierValue) ?name"
    name = "{ ?it dcterms:title|rdfs:label ?name } UNION { ?entry evg:lists ?it ; schema:headline ?name }"
    return _named(store, text, f"{ID}doc/", "evg:Document", name, identifier)


def sections(store: Store, text: str) -> dict[str, str]:
    """Return the sections that a text may mean, as `documents` does, by the end of their IRI or by their title."""
    return _named(store, text, f"{ID}section/", "evg:Section", "?it dcterms:title ?name")


def _named(store: Store, text: str, folder: str, cls: str, name: str, identifier: str = "") -> dict[str, str]:
    """Return the things of a class that a text means; patterns give their ``?name`` and identifier."""
    iri = f"{folder}{text}"
    if _LOCAL.fullmatch(text) and has_triple(store, NamedNode(iri)):
        return {iri: ""}
    words = text.casefold().split()[:_MAX_WORDS]
    if not words:
        return {}

    def find(pattern: str, condition: str) -> dict[str, str]:
        query = f"SELECT DISTINCT ?it WHERE {{ ?it a {cls} . {{ {pattern} }} FILTER({condition}) }}"
        iris = sorted(value_of(thing) for (thing,) in select(store, query))
        return dict.fromkeys(iris, "") | labels(store, iris)

    exact = f"LCASE(STR(?name)) = {Literal(text.casefold())}"
    contains = " && ".join(f"CONTAINS(LCASE(STR(?name)), {Literal(word)})" for word in words)
    for pattern, condition in ((identifier, exact), (name, exact), (name, contains)):
        if pattern and (found := find(pattern, condition)):
            return found
    if len(text) > _MAX_LENGTH:
        return {}
    return find(name, " && ".join(f"REGEX(LCASE(STR(?name)), {Literal(printed(word))})" for word in words))


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
            elif (cls := expand(question.classes.get(name, ""))) and not has_triple(
                store, term, f"{RDF}type", NamedNode(cls)
            ):
                kinds = sorted(map(curie, _iris(store, f"{term} a ?it . FILTER(?it != evg:Document)")))
                known = " and ".join(kinds) or "of no known kind"
                yield f"{short} is {known}, and this question is about an {curie(cls)}"


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
