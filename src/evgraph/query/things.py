"""What people type for a thing: the documents, sections and organisations that it may name, and those most like it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode

from evgraph.namespaces import ID
from evgraph.query.names import has_triple
from evgraph.store.protocol import select
from evgraph.terms import value_of
from evgraph.text import nearest, plain, printed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evgraph.store.protocol import Store


class Kind(NamedTuple):
    """A kind of thing that has names: the folder of its IRIs, its class, and patterns for its ``?name``."""

    folder: str
    cls: str
    name: str
    identifier: str = ""


KINDS = {
    "document": Kind(
        "doc",
        "evg:Document",
        "{ ?it dcterms:title|rdfs:label ?name } UNION { ?entry evg:lists ?it ; schema:headline ?name }",
        "?it bibo:doi|bibo:pmid|(evg:identification/evg:identifierValue) ?name",
    ),
    "section": Kind("section", "evg:Section", "?it dcterms:title ?name"),
    "organisation": Kind(
        "org", "schema:Organization", "?it rdfs:label|skos:prefLabel|skos:altLabel|skos:notation ?name"
    ),
}
"""Type of a parameter → the things that are its values."""

_LOCAL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_\-]*(?:/[A-Za-z0-9_\-]+)?")
_MAX_WORDS = 20
_MAX_LENGTH = 300  # Characters of a name that is searched for in other spellings, which takes a long pattern.
_MAX_COMPARED = 10_000  # Comparing with a name takes long,
_MAX_MISSPELT = 5  # and with a word, too.
_LEAST_LETTERS = 3
_LEAST_ALIKE = 0.7


def find(store: Store, text: str, kinds: Iterable[str]) -> dict[str, str]:
    """Return the things of some `KINDS` that a text may mean: IRI → kind, sorted by IRI.

    A text that is the end of a thing's IRI means that thing; so does an identifier (a DOI, a PubMed number, a key of
    the bank). Else it means the things with exactly this name: a title, a headline, a label. Else it means all those
    that have a name with its words; else those that have one with these words in another spelling: accents, quotes and
    hyphens as in print.
    """
    chosen = {kind: KINDS[kind] for kind in kinds}
    if _LOCAL.fullmatch(text):
        named = {f"{ID}{kind.folder}/{slug}": name for name, kind in chosen.items() for slug in (text, text.lower())}
        if present := {iri: name for iri, name in sorted(named.items()) if has_triple(store, NamedNode(iri))}:
            return present
    words = text.casefold().split()[:_MAX_WORDS]
    if not words:
        return {}
    exact = f"LCASE(STR(?name)) = {Literal(text.casefold())}"
    contains = " && ".join(f"CONTAINS(LCASE(STR(?name)), {Literal(word)})" for word in words)
    searches = [("identifier", exact), ("name", exact), ("name", contains)]
    if len(text) <= _MAX_LENGTH:
        alike = " && ".join(f"REGEX(LCASE(STR(?name)), {Literal(printed(word))})" for word in words)
        searches.append(("name", alike))
    for pattern, condition in searches:
        found: dict[str, str] = {}
        for name, kind in chosen.items():
            if names := getattr(kind, pattern):
                query = f"SELECT DISTINCT ?it WHERE {{ ?it a {kind.cls} . {{ {names} }} FILTER({condition}) }}"
                found |= {value_of(thing): name for (thing,) in select(store, query)}
        if found:
            return dict(sorted(found.items()))
    return {}


def most_alike(store: Store, text: str, kinds: Iterable[str], count: int = 3) -> list[str]:
    """Return the IRIs of the things whose names have words most like those of a text, the most alike first.

    A word counts for more the fewer names it is in.
    """
    names: dict[tuple[str, str], list[str]] = {}
    for kind in (KINDS[kind] for kind in kinds):
        query = f"SELECT DISTINCT ?it ?name WHERE {{ ?it a {kind.cls} . {{ {kind.name} }} }} LIMIT {_MAX_COMPARED}"
        for thing, name in select(store, query):
            iri = value_of(thing)
            names[iri, value_of(name)] = _words(value_of(name))
            names[iri, iri] = _words(iri.removeprefix(f"{ID}{kind.folder}/"))
    frequency = Counter(word for words in names.values() for word in set(words))
    typed = [word for word in _words(text) if len(word) >= _LEAST_LETTERS][:_MAX_MISSPELT]
    meant = {near for word in typed for near in nearest(word, frequency, cutoff=_LEAST_ALIKE)}
    scores = {
        (-sum(1 / frequency[word] for word in shared), len(words), iri)
        for (iri, _), words in names.items()
        if (shared := meant.intersection(words))
    }
    return list(dict.fromkeys(iri for _, _, iri in sorted(scores)))[:count]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", plain(text))
