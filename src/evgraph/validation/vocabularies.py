"""The terms of well-known vocabularies, at hand without a network.

``ontology/vocabularies.txt`` lists them; ``python -m docs.vocabularies`` makes it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from evgraph import shipped_files
from evgraph.namespaces import RDF, VOCABULARIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FILE_NAME = "vocabularies.txt"

# Our own ontology is read whole, SHACL has a list of its own, and datatypes of XML Schema are not used as terms.
OF_VOCABULARIES = {
    prefix: iri for prefix, iri in VOCABULARIES.items() if prefix not in {"evg", "sh", "xsd"}
} | {
    "dc": "http://purl.org/dc/elements/1.1/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "time": "http://www.w3.org/2006/time#",
}  # fmt: skip
"""Prefix → namespace of the vocabularies that the file may hold."""


@cache
def listed() -> Mapping[str, frozenset[str]]:
    """Give what the file lists: prefix → local names."""
    path = shipped_files.ontology() / FILE_NAME
    return read(path.read_text(encoding="utf-8") if path.is_file() else "")


def read(text: str) -> Mapping[str, frozenset[str]]:
    """Read such a list."""
    found: dict[str, list[str]] = {}
    prefix = ""
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        head, colon, rest = line.partition(":")
        if colon:
            prefix, line = head, rest
        found.setdefault(prefix, []).extend(line.split())
    return {name: frozenset(terms) for name, terms in found.items()}


def unknown(iris: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Find the IRIs that lie in the namespace of a vocabulary and are none of its terms.

    Returns:
        Each such IRI → the terms that the vocabulary has.

    """
    found: dict[str, frozenset[str]] = {}
    for iri in iris:
        for prefix, namespace in OF_VOCABULARIES.items():
            if iri.startswith(namespace) and prefix in listed():
                name = iri.removeprefix(namespace)
                if name not in listed()[prefix] and not _numbered(namespace, name):
                    found[iri] = frozenset(namespace + term for term in listed()[prefix])
    return found


def _numbered(namespace: str, name: str) -> bool:
    """Tell the members of RDF containers, ``rdf:_1`` and so on, of which there is no end."""
    return namespace == RDF and name.startswith("_") and name[1:].isdigit()
