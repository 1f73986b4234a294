"""RDF/XML in a stable order, for readers that support nothing else.

https://www.w3.org/TR/rdf-syntax-grammar/

Oxigraph's own serialiser writes names and characters that XML forbids; this one raises an error.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from evgraph.errors import UsageError
from evgraph.namespaces import PREFIXES, RDF, RDFS, XSD
from evgraph.rdf.turtle import blank_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FIRST = {f"{RDF}type": 0, f"{RDFS}label": 1}
_LOCAL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*\Z")
_NOT_IN_XML = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\ufffe\uffff]")
# Names reserved by the syntax, and namespaces reserved by XML.
_RESERVED = {
    *("Description", "RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype", "li"),
    *("bagID", "aboutEach", "aboutEachPrefix"),
}
_XML_NAMESPACES = ("http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/")


def rdfxml_chunks(triples: Iterable[Triple | Quad]) -> Iterator[bytes]:
    """Write triples as RDF/XML (UTF-8), one subject at a time, sorted by subject, predicate and object.

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

    declared = sorted(f"\n    xmlns:{prefixes[namespace]}={quoteattr(namespace)}" for namespace in used)
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
        return f"rdf:{attribute}={quoteattr(term.value)}"
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
        kind = f" rdf:datatype={quoteattr(term.datatype.value)}"
    return f"{kind}>{escape(term.value, {chr(13): '&#13;'})}</"


def _inexpressible(what: str) -> UsageError:
    return UsageError(f"RDF/XML cannot express {what}", hint="choose another format, such as turtle")
