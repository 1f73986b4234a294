"""Read the statements about a thing, by CURIEs of properties, and its label."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from evgraph.namespaces import ID, LABEL_PROPERTIES, NOT_IN_IRI, PREFIXES, curie
from evgraph.site.addresses import href, square_name
from evgraph.store.embedded import node
from evgraph.terms import value_of
from evgraph.text import label_rank

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evgraph.store.embedded import OxigraphStore


_MOST_LABELS = 50_000  # That are kept.
_NAMED = (NamedNode, Literal)  # Made once: it is looked at thousands of times for a page.


@cache
def expand(name: str) -> str:
    """Return the IRI of a CURIE with one of evgraph's prefixes: ``evg:lists``."""
    prefix, _, local = name.partition(":")
    return f"{PREFIXES[prefix]}{local}"


class Reader:
    """Statements of a graph by subject or object; properties are CURIEs, things are IRIs.

    Lists are sorted and without duplicates. Blank nodes are left out.
    """

    def __init__(self, store: OxigraphStore) -> None:
        self.store = store

    def values(self, iri: str, name: str) -> list[str]:
        """Return the IRIs and the texts that a thing has for a property."""
        return sorted(self._values(iri, name))

    def _values(self, iri: str, name: str) -> set[str]:
        quads = self.store.matches(node(iri), expand(name))
        return {term.value for quad in quads if isinstance(term := quad.object, _NAMED)}

    def value(self, iri: str, name: str) -> str:
        """Return the first of `values`, or an empty text."""
        return min(self._values(iri, name), default="")

    def subjects(self, name: str, iri: str) -> list[str]:
        """Return the things that have a thing for a property."""
        quads = self.store.matches(None, expand(name), node(iri))
        return sorted({term.value for quad in quads if isinstance(term := quad.subject, NamedNode)})

    def types(self, iri: str) -> list[str]:
        """Return the classes of a thing."""
        return self.values(iri, "rdf:type")

    def knows(self, iri: str) -> bool:
        """Return whether the graph has a statement about a thing."""
        return next(self.store.matches(node(iri)), None) is not None

    def label(self, iri: str) -> str:
        """Return what a thing is called, or what it is; the CURIE of one of which neither is known."""
        known: dict[str, str] = self.store.recall("site labels", dict)
        if iri not in known:
            if len(known) >= _MOST_LABELS:
                known.clear()
            known[iri] = self._named(iri) or self._described(iri) or curie(iri)
        return known[iri]

    def _named(self, iri: str) -> str:
        if ":" not in iri or NOT_IN_IRI.search(iri):  # A text where an IRI should be.
            return ""
        ranks = [
            label_rank(term.value, term.language, name)
            for name in LABEL_PROPERTIES
            for quad in self.store.matches(node(iri), name)
            if isinstance(term := quad.object, Literal) and term.value
        ]
        return min(ranks)[-1] if ranks else ""

    def _described(self, iri: str) -> str:
        """Return what something is that has no name of its own, such as a reference; else an empty text."""
        kind, _, path = iri.removeprefix(ID).partition("/") if iri.startswith(ID) else ("", "", "")
        cell, _, name = path.partition("/")
        if kind == "ref":
            source, of = self.value(iri, "evg:source"), self._named(self.value(iri, "evg:referenceKind"))
            by = square_name(source) if source.startswith(f"{ID}cell/") else self._named(source) or curie(source)
            return f"{of} link {name.rpartition('-')[2]} of {by}" if source and of else ""
        if kind == "section":
            role = self._named(self.value(iri, "evg:sectionRole")) or f"Section “{name.replace('-', ' ')}”"
            return f"{role} of {square_name(cell)}"
        if kind == "commentary":
            return f"The Matrix Bite of {square_name(cell)}"
        if kind == "identification":
            scheme = self._named(self.value(iri, "evg:identifierScheme"))
            return f"{scheme} {self.value(iri, 'evg:identifierValue')}" if scheme else ""
        if kind == "claim":
            triple = [self.value(iri, name) for name in ("rdf:subject", "rdf:predicate", "rdf:object")]
            return self.sentence(*triple) if all(triple) else ""
        if kind == "passage":
            snapshot = self.value(iri, "oa:hasSource").removeprefix(f"{ID}snapshot/")
            return f"{square_name(snapshot.partition('/')[0])}, line {self.value(iri, 'evg:line')}" if snapshot else ""
        return ""

    def property_name(self, iri: str) -> str:
        """Return what a property is called: ``was attributed to`` for ``prov:wasAttributedTo``."""
        name = curie(iri)
        return self._named(iri) or (name if "://" in name else re.sub("(?=[A-Z])", " ", name.partition(":")[2]).lower())

    def sentence(self, subject: str, property_: str, value: str) -> str:
        """Return a triple in words: ``Elm (2001) cites as evidence Oak (1999)``."""
        verb = "is a" if property_ == expand("rdf:type") else self.property_name(property_)
        start, end = (self._named(term) or (curie(term) if term.startswith(ID) else term) for term in (subject, value))
        return f"{start} {verb} {end}"

    def leads(self, iri: str) -> str:
        """Return the address of a thing; empty for a part of a page that is not in the graph, and so has no place."""
        address = href(iri)
        return "" if "#" in address and iri.startswith(ID) and not self.knows(iri) else address

    def labels(self, iris: Iterable[str]) -> dict[str, str]:
        """Return the `label` of each thing, sorted by label."""
        named = {iri: self.label(iri) for iri in iris}
        return dict(sorted(named.items(), key=lambda item: (item[1].casefold(), item[0])))

    def rows(self, query: str) -> list[tuple[str, ...]]:
        """Return the rows of a SELECT as texts; a variable without a value is an empty text."""
        from evgraph.store.protocol import select_rows

        return [
            tuple("" if term is None else value_of(term) for term in row) for row in select_rows(self.store, query).rows
        ]
