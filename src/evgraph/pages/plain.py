"""Triples as strings: to make and write them takes half the time that pyoxigraph's terms take.

A page comes to a thousand of them, and most are only written. `terms` turns them into what everything else speaks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from pyoxigraph import Literal, NamedNode, Triple

from evgraph.namespaces import VOCABULARIES, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Words: TypeAlias = tuple[str, str, str]
"""A literal: what it says, its language and the IRI of its datatype; one of the two is empty, or both."""

PlainTriple: TypeAlias = tuple[str, str, str | Words]
"""Subject, predicate and object, each an IRI, which nothing checks again; the object may be `Words`."""


def terms(plain: Iterable[PlainTriple]) -> Iterator[Triple]:
    """Give the same triples as terms."""
    for subject, predicate, value in plain:
        yield Triple(NamedNode(subject), NamedNode(predicate), _term(value))


def _term(value: str | Words) -> NamedNode | Literal:
    if isinstance(value, str):
        return NamedNode(value)
    words, language, datatype = value
    if language:
        return Literal(words, language=language)
    return Literal(words, datatype=NamedNode(datatype)) if datatype else Literal(words)


def string(words: str) -> Words:
    """Give a literal without a language."""
    return words, "", ""


def english(words: str) -> Words:
    """Give a literal in English."""
    return words, "en", ""


def typed(value: object, datatype: str) -> Words:
    """Give a literal of a datatype of XML Schema: ``typed(3, "integer")``."""
    return str(value), "", XSD + datatype


class _Predicates(dict[str, str]):
    def __missing__(self, name: str) -> str:
        prefix, _, local = name.partition("_")
        iri = self[name] = VOCABULARIES[prefix] + local
        return iri


PREDICATES = _Predicates()
"""``dcterms_title`` → the property's IRI; keyword arguments can be written so."""
