"""Quads written in any RDF format, sorted: the same quads give the same bytes, whatever their order and the process.

The writers of Turtle and TriG are in `evgraph.rdf.turtle`, the others here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Any

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode

from evgraph.errors import UsageError
from evgraph.namespaces import PREFIXES, RDF, RDFS, XSD, curie
from evgraph.rdf.turtle import blank_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pyoxigraph import Quad, Triple

    from evgraph.formats import Format

_BATCH = 10_000  # Quads that are kept in memory and sorted at a time.
_TYPE, _LABEL = f"{RDF}type", f"{RDFS}label"
_FIRST = {_TYPE: 0, _LABEL: 1}
# A name without a colon: https://www.w3.org/TR/xml-names/#NT-NCName https://www.w3.org/TR/xml/#NT-Name
_NAME_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_LOCAL_NAME = re.compile(f"[{_NAME_START}][{_NAME_START}\\-.0-9\u00b7\u0300-\u036f\u203f-\u2040]*\\Z")
_NOT_IN_XML = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\ufffe\uffff]")
# Names reserved by the syntax, and namespaces reserved by XML.
_RESERVED = {
    *("Description", "RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype", "li"),
    *("bagID", "aboutEach", "aboutEachPrefix"),
}
_WIDTH = 100  # Characters; longer lists in JSON have one value per line.
_SMALL_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,8}")  # Every JSON reader keeps these exactly.
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
    return _sorted_lines(quad.triple for quad in quads)


def nquads(quads: Iterable[Quad]) -> Iterator[bytes]:
    """Iterate over the sorted lines of N-Quads: https://www.w3.org/TR/n-quads/ ."""
    return _sorted_lines(quads)


def _sorted_lines(statements: Iterable[Triple | Quad]) -> Iterator[bytes]:
    lines = set()
    for statement in statements:
        text = str(statement)  # Asking for its terms takes three times as long.
        if "_:" in text:
            text = " ".join(_plain(term) for term in statement if not isinstance(term, DefaultGraph))
        lines.add(f"{text} .\n")
    yield from map(str.encode, sorted(lines))


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
        raise _inexpressible("RDF/XML", f"the predicate <{iri}>: its end is not a name that XML allows")
    return namespace, local[0]


def _node(attribute: str, term: NamedNode | BlankNode | Triple) -> str:
    if isinstance(term, NamedNode):
        return f"rdf:{attribute}={_quoted(term.value)}"
    if isinstance(term, BlankNode):
        return f'rdf:nodeID="{blank_label(term)}"'
    raise _inexpressible("RDF/XML", "a triple as a term")


def _object(term: NamedNode | BlankNode | Literal | Triple) -> str:
    """Return what follows the name of the tag: ``…/>``, or ``…>text</`` if the closing tag follows."""
    if not isinstance(term, Literal):
        return f" {_node('resource', term)}/>"
    if forbidden := _NOT_IN_XML.search(term.value):
        raise _inexpressible("RDF/XML", f"the character U+{ord(forbidden[0]):04X} in a literal")
    if term.direction:
        raise _inexpressible("RDF/XML", "a literal with a base direction")
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


def _inexpressible(syntax: str, what: str) -> UsageError:
    return UsageError(f"{syntax} cannot express {what}", hint="choose another format, such as turtle")


def jsonld(quads: Iterable[Quad]) -> Iterator[bytes]:
    """Write quads as JSON-LD (UTF-8): the subjects of the default graph, then each named graph with its subjects.

    It is also readable as plain JSON: short names, one object per subject, one property per line, sorted. The context
    has only the prefixes that are used, so a reader has nothing to fetch. https://www.w3.org/TR/json-ld11/

    Raises:
        UsageError: a term is a triple, or a literal has a base direction; raised before anything is yielded.

    """
    graphs: dict[str, list[Quad]] = defaultdict(list)
    schemes = set()
    for quad in quads:
        graph = quad.graph_name
        graphs["" if isinstance(graph, DefaultGraph) else _key(graph)].append(quad)
        for term in (quad.subject, quad.predicate, quad.object, graph):
            iri = term.datatype if isinstance(term, Literal) else term
            if isinstance(iri, NamedNode):
                schemes.add(iri.value.partition(":")[0])
    names = _Names(schemes)
    objects = [_lines(each, "    ") for each in names.objects(graphs.pop("", []))]
    for name in sorted(graphs):
        inner = ",\n".join(_lines(each, "        ") for each in names.objects(graphs[name]))
        objects.append(f'    {{\n      "@id": {_json(names.short(name))},\n      "@graph": [\n{inner}\n      ]\n    }}')
    yield f'{{\n  "@context": {_lines(names.context(), "  ").lstrip()},\n  "@graph": [\n'.encode()
    for number, text in enumerate(objects, 1):
        yield f"{text}{',' if number < len(objects) else ''}\n".encode()
    yield b"  ]\n}\n"


def _json(value: object) -> str:
    return _encoder()(value)


@cache
def _encoder() -> Callable[[object], str]:
    import json  # The other formats do not need it.

    return json.JSONEncoder(ensure_ascii=False).encode


def _lines(each: dict[str, Any], indent: str) -> str:
    """Return an object with one key per line, and one value per line in long lists."""
    lines = []
    for key, value in each.items():
        text = _json(value)
        if isinstance(value, list) and len(text) > _WIDTH:
            text = "[" + ",".join(f"\n{indent}    {_json(item)}" for item in value) + f"\n{indent}  ]"
        lines.append(f"{indent}  {_json(key)}: {text}")
    return f"{indent}{{\n" + ",\n".join(lines) + f"\n{indent}}}" if lines else f"{indent}{{}}"


class _Names:
    """Shortens IRIs, and keeps the prefixes that it used; none that is spelt like a scheme of the IRIs."""

    def __init__(self, schemes: set[str]) -> None:
        self._schemes = schemes
        self._short: dict[str, str] = {}
        self._used: set[str] = set()

    def context(self) -> dict[str, str]:
        """Return prefix → namespace, sorted."""
        return {prefix: PREFIXES[prefix] for prefix in sorted(self._used)}

    def short(self, iri: str) -> str:
        """Return ``prefix:rest``, or the IRI (or the ``_:label``) as it is."""
        if iri not in self._short:
            short = curie(iri)
            prefix, _, rest = short.partition(":")
            if short == iri or prefix in self._schemes or rest.startswith("//"):
                short = iri
            else:
                self._used.add(prefix)
            self._short[iri] = short
        return self._short[iri]

    def objects(self, quads: Iterable[Quad]) -> Iterator[dict[str, Any]]:
        """Iterate over the subjects of a graph, each as one JSON object."""
        subjects: dict[str, dict[str, set[Literal | str]]] = defaultdict(lambda: defaultdict(set))
        for quad in quads:
            value = quad.object if isinstance(quad.object, Literal) else _key(quad.object)
            subjects[_key(quad.subject)][quad.predicate.value].add(value)
        for subject in sorted(subjects):
            each: dict[str, Any] = {"@id": self.short(subject)}
            predicates = subjects[subject]
            if types := sorted(value for value in predicates.get(_TYPE, ()) if isinstance(value, str)):
                each["@type"] = _one_or_list([self.short(value) for value in types])
                predicates[_TYPE].difference_update(types)  # A literal as a type is legal, and stays below.
            used = (predicate for predicate, values in predicates.items() if values)
            for predicate in sorted(used, key=lambda iri: (iri != _LABEL, self.short(iri))):
                values = sorted(predicates[predicate], key=lambda value: (isinstance(value, Literal), str(value)))
                each[self.short(predicate)] = _one_or_list([self._value(value) for value in values])
            yield each

    def _value(self, value: Literal | str) -> Any:
        if isinstance(value, str):
            return {"@id": self.short(value)}
        if value.direction:
            raise _inexpressible("JSON-LD", "a literal with a base direction")
        if value.language:
            return {"@language": value.language, "@value": value.value}
        datatype = value.datatype.value
        if datatype == f"{XSD}string":
            return value.value
        if datatype == f"{XSD}boolean" and value.value in ("true", "false"):
            return value.value == "true"
        if datatype == f"{XSD}integer" and _SMALL_INTEGER.fullmatch(value.value):
            return int(value.value)
        return {"@type": self.short(datatype), "@value": value.value}


def _key(term: NamedNode | BlankNode | Triple) -> str:
    if isinstance(term, NamedNode):
        return term.value
    if isinstance(term, BlankNode):
        return f"_:{blank_label(term)}"
    raise _inexpressible("JSON-LD", "a triple as a term")


def _one_or_list(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
