"""Quads written in any RDF format, sorted: the same quads give the same bytes, whatever their order and the process.

The writers of Turtle and TriG are in `evgraph.rdf.turtle`, the others here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode

from evgraph.errors import UsageError
from evgraph.namespaces import PREFIXES, RDF, RDFS, XSD, curie
from evgraph.rdf.statements import replaced, statements
from evgraph.rdf.turtle import blank_label, by_subject, by_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Quad, Triple

    from evgraph.formats import Format

_BATCH = 10_000  # Quads that are kept in memory and sorted at a time.
_TYPE, _LABEL = f"{RDF}type", f"{RDFS}label"
_TYPE_IRI, _LABEL_IRI = f"<{_TYPE}>", f"<{_LABEL}>"
_BOOLEAN, _INTEGER, _TRUTHS = f"<{XSD}boolean>", f"<{XSD}integer>", {'"true"', '"false"'}
_SCHEME = re.compile(f"<({'|'.join(PREFIXES)}):")
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


def ntriples(triples: Iterable[Triple | Quad]) -> Iterator[bytes]:
    """Iterate over the sorted lines of N-Triples: https://www.w3.org/TR/n-triples/ ."""
    for line in sorted(map(_with_plain_labels, statements(triples).triples())):
        yield f"{line} .\n".encode()


def nquads(quads: Iterable[Quad]) -> Iterator[bytes]:
    """Iterate over the sorted lines of N-Quads: https://www.w3.org/TR/n-quads/ ."""
    graphs = statements(quads).graphs
    lines = [f"{line} {name} ." if name else f"{line} ." for name in graphs for line in graphs[name]]
    for line in sorted(map(_with_plain_labels, lines)):
        yield f"{line}\n".encode()


def _with_plain_labels(line: str) -> str:
    return replaced(line, lambda label: f"_:{blank_label(label)}") if "_:" in line else line


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
        return f'rdf:nodeID="{blank_label(term.value)}"'
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
    graphs = statements(quads).graphs
    names = _Names(_schemes(graphs))
    objects = list(names.objects(graphs.get("", ()), "    "))
    for graph in sorted(filter(None, graphs), key=by_value):
        inner = ",\n".join(names.objects(graphs[graph], "        "))
        objects.append(f'    {{\n      "@id": {names.key(graph)},\n      "@graph": [\n{inner}\n      ]\n    }}')
    context = ",\n".join(f'    "{prefix}": "{PREFIXES[prefix]}"' for prefix in names.used())
    context = f"{{\n{context}\n  }}" if context else "{}"
    yield f'{{\n  "@context": {context},\n  "@graph": [\n'.encode()
    for number, text in enumerate(objects, 1):
        yield f"{text}{',' if number < len(objects) else ''}\n".encode()
    yield b"  ]\n}\n"


def _schemes(graphs: dict[str, dict[str, None]]) -> set[str]:
    """Return the prefixes that are spelt like the scheme of an IRI."""
    schemes = {name for graph in graphs for name in _SCHEME.findall(graph)}
    for lines in graphs.values():
        rest = iter(lines)
        while batch := "\n".join(islice(rest, _BATCH)):
            schemes.update(_SCHEME.findall(batch))
    return schemes


class _Names:
    """Writes terms, and keeps the prefixes that it used; none that is spelt like a scheme of the IRIs."""

    def __init__(self, schemes: set[str]) -> None:
        self._schemes = schemes
        self._keys: dict[str, str] = {}
        self._used: set[str] = set()

    def used(self) -> list[str]:
        """Return the prefixes used, sorted."""
        return sorted(self._used)

    def key(self, term: str) -> str:
        """Return an IRI or a blank node of N-Triples as the text of a string of JSON: short where it can be."""
        if term not in self._keys:
            self._keys[term] = f'"{self._short(term)}"'
        return self._keys[term]

    def _short(self, term: str) -> str:
        if term[0] == "_":
            return f"_:{blank_label(term[2:])}"
        if term.startswith("<<("):
            raise _inexpressible("JSON-LD", "a triple as a term")
        iri = term[1:-1]
        short = curie(iri)
        prefix, _, rest = short.partition(":")
        if short == iri or prefix in self._schemes or rest.startswith("//"):
            return iri
        self._used.add(prefix)
        return short

    def objects(self, triples: Iterable[str], indent: str) -> Iterator[str]:
        """Iterate over the subjects of a graph, each as one JSON object with a property per line."""
        for subject, rests in by_subject(sorted(triples, key=by_value)):
            values: dict[str, list[str]] = {}
            for rest in rests:
                predicate, _, value = rest.partition(" ")
                values.setdefault(predicate, []).append(value)
            members = [('"@id"', [self.key(subject)])]
            types = sorted((value for value in values.get(_TYPE_IRI, ()) if value[0] != '"'), key=by_value)
            if types:
                members.append(('"@type"', list(map(self.key, types))))
                values[_TYPE_IRI] = [value for value in values[_TYPE_IRI] if value[0] == '"']
            keyed = ((self.key(predicate), predicate) for predicate, found in values.items() if found)
            for key, predicate in sorted(keyed, key=lambda pair: (pair[1] != _LABEL_IRI, pair[0])):
                found = values[predicate]
                if len(found) > 1:
                    found.sort(key=lambda text: (text[0] == '"', text.removesuffix(">")))
                members.append((key, list(map(self._value, found))))
            lines = ",\n".join([f"{indent}  {key}: {_one_or_list(found, indent)}" for key, found in members])
            yield f"{indent}{{\n{lines}\n{indent}}}"

    def _value(self, text: str) -> str:
        if text[0] != '"':
            return f'{{"@id": {self.key(text)}}}'
        if text[-1] == '"':
            return _json(text)
        if text[-1] != ">":
            quoted, _, language = text.rpartition("@")
            if "--" in language:
                raise _inexpressible("JSON-LD", "a literal with a base direction")
            return f'{{"@language": "{language}", "@value": {_json(quoted)}}}'
        quoted, _, datatype = text.rpartition("^^")
        if (datatype == _BOOLEAN and quoted in _TRUTHS) or (
            datatype == _INTEGER and _SMALL_INTEGER.fullmatch(quoted, 1, len(quoted) - 1)
        ):
            return quoted[1:-1]
        return f'{{"@type": {self.key(datatype)}, "@value": {_json(quoted)}}}'


def _json(quoted: str) -> str:
    """Return a string of N-Triples as one of JSON, whose escapes are nearly the same."""
    if "\\u" not in quoted:
        return quoted
    import json  # Rarely needed.

    return json.dumps(json.loads(quoted), ensure_ascii=False)


def _one_or_list(values: list[str], indent: str) -> str:
    """Return a value, or a list of them: one per line if it is long."""
    if len(values) == 1:
        return values[0]
    text = f"[{', '.join(values)}]"
    if len(text) <= _WIDTH:
        return text
    return "[" + ",".join(f"\n{indent}    {value}" for value in values) + f"\n{indent}  ]"
