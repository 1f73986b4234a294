"""Quads written in any RDF format, sorted: the same quads give the same bytes, whatever their order and the process.

The writers of N-Triples, N-Quads and RDF/XML are here; the others have modules of their own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode

from evgraph.errors import UsageError
from evgraph.namespaces import PREFIXES, RDF, RDFS, XSD
from evgraph.rdf.turtle import blank_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Quad, Triple

    from evgraph.formats import Format

_BATCH = 10_000  # Quads that are kept in memory and sorted at a time.
_FIRST = {f"{RDF}type": 0, f"{RDFS}label": 1}
_LOCAL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*\Z")
_NOT_IN_XML = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\ufffe\uffff]")
# Names reserved by the syntax, and namespaces reserved by XML.
_RESERVED = {
    *("Description", "RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype", "li"),
    *("bagID", "aboutEach", "aboutEachPrefix"),
}
_XML_NAMESPACES = ("http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/")


def write(quads: Iterable[Quad], kind: Format) -> bytes:
    """Return quads in a format, in UTF-8; a format without named graphs gets each triple once.

    Raises:
        UsageError: the format cannot express a term, as RDF/XML cannot express some predicates.

    """
    return b"".join(kind.write(quads))


def write_along(quads: Iterable[Quad], kind: Format) -> Iterator[bytes]:
    """Iterate over quads in a format; N-Triples and N-Quads are written in sorted batches while the quads arrive.

    Raises:
        UsageError: see `write`.

    """
    if kind.name not in {"ntriples", "nquads"}:
        yield write(quads, kind)
        return
    rest = iter(quads)
    while batch := list(islice(rest, _BATCH)):
        yield from kind.write(batch)


def ntriples(quads: Iterable[Quad]) -> Iterator[bytes]:
    """Iterate over the sorted lines of N-Triples: https://www.w3.org/TR/n-triples/ ."""
    for line in sorted({f"{_plain(quad.subject)} {quad.predicate} {_plain(quad.object)} .\n" for quad in quads}):
        yield line.encode()


def nquads(quads: Iterable[Quad]) -> Iterator[bytes]:
    """Iterate over the sorted lines of N-Quads: https://www.w3.org/TR/n-quads/ ."""
    lines = set()
    for quad in quads:
        graph = "" if isinstance(quad.graph_name, DefaultGraph) else f" {_plain(quad.graph_name)}"
        lines.add(f"{_plain(quad.subject)} {quad.predicate} {_plain(quad.object)}{graph} .\n")
    for line in sorted(lines):
        yield line.encode()


def _plain(term: NamedNode | BlankNode | Literal | Triple) -> str:
    return f"_:{blank_label(term)}" if isinstance(term, BlankNode) else str(term)


def rdfxml(triples: Iterable[Triple | Quad]) -> Iterator[bytes]:
    """Write triples as RDF/XML (UTF-8), one subject at a time, sorted by subject, predicate and object.

    Oxigraph's own serialiser writes names and characters that XML forbids; this one raises an error.
    https://www.w3.org/TR/rdf-syntax-grammar/

    Raises:
        UsageError: RDF/XML cannot express a predicate, a character or a term; raised before anything is yielded.

    """
    names: dict[str, tuple[str, str]] = {}
    subjects: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for triple in triples:
        predicate = triple.predicate.value
        if predicate not in names:
            names[predicate] = _split(predicate)
        subjects[_node("about", triple.subject)].add((predicate, _object(triple.object)))

    prefixes = {namespace: prefix for prefix, namespace in PREFIXES.items()}
    foreign = sorted({namespace for namespace, _ in names.values()} - prefixes.keys())
    prefixes |= {namespace: f"ns{number}" for number, namespace in enumerate(foreign, 1)}
    used = {RDF, *(namespace for namespace, _ in names.values())}
    tags = {iri: f"{prefixes[namespace]}:{local}" for iri, (namespace, local) in names.items()}

    declared = sorted(f"\n    xmlns:{prefixes[namespace]}={_quoted(namespace)}" for namespace in used)
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{"".join(declared)}>\n'.encode()
    for subject in sorted(subjects):
        lines = [f"  <rdf:Description {subject}>"]
        for predicate, rest in sorted(subjects[subject], key=lambda line: (_FIRST.get(line[0], 2), line)):
            tag = tags[predicate]
            lines.append(f"    <{tag}{rest}{f'{tag}>' if rest.endswith('</') else ''}")
        yield ("\n".join(lines) + "\n  </rdf:Description>\n").encode()
    yield b"</rdf:RDF>\n"


def _split(iri: str) -> tuple[str, str]:
    """Split the IRI of a predicate into a namespace and a name that XML allows."""
    local = _LOCAL_NAME.search(iri)
    namespace = iri[: local.start()] if local else ""
    if not local or not namespace or namespace in _XML_NAMESPACES or (namespace == RDF and local[0] in _RESERVED):
        raise _inexpressible(f"the predicate <{iri}>: its end is not a name that XML allows")
    return namespace, local[0]


def _node(attribute: str, term: NamedNode | BlankNode | Triple) -> str:
    if isinstance(term, NamedNode):
        return f"rdf:{attribute}={_quoted(term.value)}"
    if isinstance(term, BlankNode):
        return f'rdf:nodeID="{blank_label(term)}"'
    raise _inexpressible("a triple as a term")


def _object(term: NamedNode | BlankNode | Literal | Triple) -> str:
    """Return what follows the name of the tag: ``…/>``, or ``…>text</`` if the closing tag follows."""
    if not isinstance(term, Literal):
        return f" {_node('resource', term)}/>"
    if forbidden := _NOT_IN_XML.search(term.value):
        raise _inexpressible(f"the character U+{ord(forbidden[0]):04X} in a literal")
    if term.direction:
        raise _inexpressible("a literal with a base direction")
    kind = ""
    if term.language:
        kind = f' xml:lang="{term.language}"'
    elif term.datatype.value != f"{XSD}string":
        kind = f" rdf:datatype={_quoted(term.datatype.value)}"
    return f"{kind}>{_escaped(term.value)}</"


def _escaped(text: str) -> str:
    return escape(text, quote=False).replace("\r", "&#13;")


def _quoted(iri: str) -> str:
    return f'"{_escaped(iri)}"'


def _inexpressible(what: str) -> UsageError:
    return UsageError(f"RDF/XML cannot express {what}", hint="choose another format, such as turtle")
