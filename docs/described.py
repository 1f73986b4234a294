"""RDF files as subjects, in the order of the files, with the values of each property."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from evgraph.namespaces import PREFIXES, RDF, curie
from evgraph.rdf.files import find

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_SHAPES = "https://w3id.org/evgraph/shapes#"


class Described:
    """The content of some RDF files.

    Args:
        paths: files or folders.

    """

    def __init__(self, *paths: Path) -> None:
        self._of: dict[str, dict[str, list[str]]] = {}
        self._triples: dict[str, list[Triple]] = {}
        for file in find(paths):
            for quad in file.quads():
                subject, value = _key(quad.subject), quad.object
                self._triples.setdefault(subject, []).append(quad.triple)
                values = self._of.setdefault(subject, {}).setdefault(quad.predicate.value, [])
                values.append(value.value if isinstance(value, Literal) else _key(value))

    def __iter__(self) -> Iterator[str]:
        """Iterate over the subjects, in the order of the files."""
        return iter(self._of)

    def triples(self, subject: str) -> list[Triple]:
        """Return the triples of a subject."""
        return self._triples.get(subject, [])

    def values(self, subject: str, name: str) -> list[str]:
        """Return the values of a property such as ``rdfs:label``, as IRIs and text."""
        return self._of.get(subject, {}).get(_full(name), [])

    def value(self, subject: str, name: str) -> str:
        """Return the first value of a property, or ""."""
        return next(iter(self.values(subject, name)), "")

    def instances(self, kind: str) -> list[str]:
        """Return the instances of a class, an IRI or CURIE."""
        return [subject for subject in self if _full(kind) in self._of[subject].get(f"{RDF}type", ())]

    def members(self, head: str) -> list[str]:
        """Return the members of an RDF list."""
        members = []
        while first := self.values(head, "rdf:first"):
            members += first
            head = self.value(head, "rdf:rest")
        return members


def short(iri: str) -> str:
    """Return the CURIE of an IRI, or the IRI if it has no prefix."""
    return f"shape:{iri.removeprefix(_SHAPES)}" if iri.startswith(_SHAPES) else curie(iri)


def code(iris: Iterable[str]) -> str:
    """Return IRIs as CURIEs in code format, separated by commas."""
    return ", ".join(f"`{short(iri)}`" for iri in iris)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table of Markdown cells."""
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, row))} |\n" for row in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def plain(text: str) -> str:
    """Escape text for Markdown."""
    return text.replace("<", "&lt;").replace("*", "\\*")


def _full(name: str) -> str:
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local if prefix in PREFIXES else name


def _key(term: NamedNode | BlankNode | Triple) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)
