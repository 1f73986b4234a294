"""RDF files as the pages need them: things in the order of their files, with the values of each property."""

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
        """Go through what is described, in the order of the files."""
        return iter(self._of)

    def triples(self, subject: str) -> list[Triple]:
        """Give a thing's own triples."""
        return self._triples.get(subject, [])

    def values(self, subject: str, name: str) -> list[str]:
        """Give the values of a property, ``rdfs:label``, as IRIs and text."""
        return self._of.get(subject, {}).get(_full(name), [])

    def value(self, subject: str, name: str) -> str:
        """Give the first value of a property; "" where there is none."""
        return next(iter(self.values(subject, name)), "")

    def instances(self, kind: str) -> list[str]:
        """Give the things of a class, by its IRI or CURIE."""
        return [subject for subject in self if _full(kind) in self._of[subject].get(f"{RDF}type", ())]

    def members(self, head: str) -> list[str]:
        """Give the members of an RDF list."""
        members = []
        while first := self.values(head, "rdf:first"):
            members += first
            head = self.value(head, "rdf:rest")
        return members


def short(iri: str) -> str:
    """Give a CURIE, where there is a prefix."""
    return f"shape:{iri.removeprefix(_SHAPES)}" if iri.startswith(_SHAPES) else curie(iri)


def code(words: Iterable[str]) -> str:
    """Give IRIs as CURIEs, set as code, parted by commas."""
    return ", ".join(f"`{short(one)}`" for one in words)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Lay out a table; its cells hold Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, row))} |\n" for row in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def plain(text: str) -> str:
    """Give text that Markdown leaves as it is."""
    return text.replace("<", "&lt;").replace("*", "\\*")


def _full(name: str) -> str:
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local if prefix in PREFIXES else name


def _key(term: NamedNode | BlankNode | Triple) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)
