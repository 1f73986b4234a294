"""The terms of well-known vocabularies, listed in a file, so that no network is needed.

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

# evgraph's ontology is a file of its own, SHACL has its own list, and datatypes of XML Schema are not used as terms.
OF_VOCABULARIES = {
    prefix: iri for prefix, iri in VOCABULARIES.items() if prefix not in {"evg", "sh", "xsd"}
} | {
    "dc": "http://purl.org/dc/elements/1.1/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "time": "http://www.w3.org/2006/time#",
}  # fmt: skip
"""Prefix → namespace of the vocabularies that the file may list."""


@cache
def listed() -> Mapping[str, frozenset[str]]:
    """Return the lists of the file: prefix → local names."""
    path = shipped_files.ontology() / FILE_NAME
    return read(path.read_text(encoding="utf-8") if path.is_file() else "")


def read(text: str) -> Mapping[str, frozenset[str]]:
    """Parse the text of such a file: prefix → local names."""
    names: dict[str, list[str]] = {}
    prefix = ""
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        head, colon, rest = line.partition(":")
        if colon:
            prefix, line = head, rest
        names.setdefault(prefix, []).extend(line.split())
    return {prefix: frozenset(terms) for prefix, terms in names.items()}


def unknown(iris: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Return the IRIs in the namespace of a vocabulary that it does not define, each → the terms of the vocabulary."""
    undefined: dict[str, frozenset[str]] = {}
    for iri in iris:
        for prefix, namespace in OF_VOCABULARIES.items():
            name = iri.removeprefix(namespace)
            # RDF containers have numbered properties: rdf:_1, rdf:_2 and so on.
            is_numbered = namespace == RDF and name[:1] == "_" and name[1:].isdigit()
            if name != iri and prefix in listed() and name not in listed()[prefix] and not is_numbered:
                undefined[iri] = frozenset(namespace + term for term in listed()[prefix])
    return undefined
