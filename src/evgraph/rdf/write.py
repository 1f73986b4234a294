"""Quads written in any RDF format, sorted: the same quads give the same bytes, whatever their order and the process.

The writers of Turtle and TriG are in `evgraph.rdf.turtle`, the others here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from heapq import merge
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from evgraph.errors import UsageError
from evgraph.namespaces import PREFIXES, RDF, RDFS, XSD, curie
from evgraph.rdf.statements import replaced, statements
from evgraph.rdf.turtle import blank_label, by_subject, by_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Quad, Triple

    from evgraph.formats import Format

_BATCH = 10_000  # Quads that are kept in memory and sorted at a time.
_TYPE_IRI, _LABEL_IRI = f"<{RDF}type>", f"<{RDFS}label>"
_BOOLEAN, _INTEGER, _TRUTHS = f"<{XSD}boolean>", f"<{XSD}integer>", {'"true"', '"false"'}
_SCHEME = re.compile(f"<({'|'.join(PREFIXES)}):")
_FIRST = {_TYPE_IRI: 0, _LABEL_IRI: 1}
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
    graphs = {_with_plain_labels(name): lines for name, lines in statements(quads).graphs.items()}
    # A space sorts before whatever may continue a term, so triples sort as they do with the name of their graph.
    parts = [
        map(f"{{}} {name} .\n".format if name else "{} .\n".format, sorted(map(_with_plain_labels, graphs[name])))
        for name in graphs
    ]
    yield from map(str.encode, merge(*parts))


def _with_plain_labels(line: str) -> str:
    """Return a line with labels that every reader of N-Triples allows; the same object if it has no others."""
    if "_:" not in line:
        return line
    plain = replaced(line, lambda label: f"_:{blank_label(label)}")
    return line if plain == line else plain


def rdfxml(triples: Iterable[Triple | Quad]) -> Iterator[bytes]:
    """Write triples as RDF/XML (UTF-8), one subject at a time, sorted by subject, predicate and object.

    Oxigraph's own serialiser writes names and characters that XML forbids; this one raises an error.
    https://www.w3.org/TR/rdf-syntax-grammar/

    Raises:
        UsageError: RDF/XML cannot express a predicate, a character or a term; raised before anything is yielded.

    """
    lines = statements(triples).triples()
    names = {iri: _split(iri) for iri in sorted({line.split(" ", 2)[1][1:-1] for line in lines})}
    prefixes = {namespace: prefix for prefix, namespace in PREFIXES.items()}
    foreign = sorted({namespace for namespace, _ in names.values()} - prefixes.keys())
    prefixes |= {namespace: f"ns{number}" for number, namespace in enumerate(foreign, 1)}
    tags = {iri: f"{prefixes[namespace]}:{local}" for iri, (namespace, local) in names.items()}
    blocks = [_described(subject, rests, tags) for subject, rests in by_subject(sorted(lines, key=by_value))]

    used = {RDF, *(namespace for namespace, _ in names.values())}
    declared = sorted(f"\n    xmlns:{prefixes[namespace]}={_quoted(namespace)}" for namespace in used)
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{"".join(declared)}>\n'.encode()
    yield from blocks
    yield b"</rdf:RDF>\n"


def _described(subject: str, rests: Iterable[str], tags: dict[str, str]) -> bytes:
    """Return an element of RDF/XML with what is said about a subject."""
    lines: list[tuple[int, str, str]] = []
    for rest in rests:
        predicate, _, term = rest.partition(" ")
        try:
            text = _object(term)
        except UsageError as error:
            raise _of_statement(error, subject, predicate) from None
        lines.append((_FIRST.get(predicate, 2), predicate[1:-1], text))
    inner = "".join(
        f"    <{tags[iri]}{text}{f'{tags[iri]}>' if text.endswith('</') else ''}\n" for _, iri, text in sorted(lines)
    )
    return f"  <rdf:Description {_node('about', subject)}>\n{inner}  </rdf:Description>\n".encode()


def _split(iri: str) -> tuple[str, str]:
    """Split the IRI of a predicate into a namespace and a name that XML allows."""
    local = _LOCAL_NAME.search(iri)
    namespace = iri[: local.start()] if local else ""
    if not local or not namespace or namespace in _XML_NAMESPACES or (namespace == RDF and local[0] in _RESERVED):
        raise _inexpressible("RDF/XML", f"the predicate <{iri}>: its end is not a name that XML allows")
    return namespace, local[0]


def _node(attribute: str, term: str) -> str:
    if term[0] == "_":
        return f'rdf:nodeID="{blank_label(term[2:])}"'
    if term.startswith("<<("):
        raise _inexpressible("RDF/XML", "a triple as a term")
    return f"rdf:{attribute}={_quoted(term[1:-1])}"


def _object(term: str) -> str:
    """Return what follows the name of the tag: ``…/>``, or ``…>text</`` if the closing tag follows."""
    if term[0] != '"':
        return f" {_node('resource', term)}/>"
    quoted, language, datatype = _parts(term)
    text = _value(quoted)
    if forbidden := _NOT_IN_XML.search(text):
        raise _inexpressible("RDF/XML", f"the character U+{ord(forbidden[0]):04X} in a literal")
    if "--" in language:
        raise _inexpressible("RDF/XML", "a literal with a base direction")
    kind = f' xml:lang="{language}"' if language else f" rdf:datatype={_quoted(datatype[1:-1])}" if datatype else ""
    return f"{kind}>{_escaped(text)}</"


def _parts(literal: str) -> tuple[str, str, str]:
    """Return the quoted text of a literal of N-Triples, its language and its datatype; these may be empty."""
    if literal[-1] == '"':
        return literal, "", ""
    if literal[-1] == ">":
        quoted, _, datatype = literal.rpartition("^^")
        return quoted, "", datatype
    quoted, _, language = literal.rpartition("@")
    return quoted, language, ""


def _escaped(text: str) -> str:
    return escape(text, quote=False).replace("\r", "&#13;")


def _quoted(iri: str) -> str:
    return f'"{_escaped(iri)}"'


def _inexpressible(syntax: str, what: str) -> UsageError:
    return UsageError(
        f"{syntax} cannot express {what}", hint="change that statement, or choose another format, such as turtle"
    )


def _of_statement(error: UsageError, subject: str, predicate: str) -> UsageError:
    """Return an error that also names the subject and the predicate."""
    return UsageError(f"{error.message}: {curie(subject.strip('<>'))} {curie(predicate[1:-1])} …", hint=error.hint)


def jsonld(quads: Iterable[Quad]) -> Iterator[bytes]:
    """Write quads as JSON-LD (UTF-8): the subjects of the default graph, then each named graph with its subjects.

    It is also readable as plain JSON: short names, one object per subject, one property per line, sorted. The context
    has only the prefixes that are used, so a reader has nothing to fetch. https://www.w3.org/TR/json-ld11/

    Raises:
        UsageError: a term is a triple, or a literal has a base direction; raised before anything is yielded.

    """
    graphs = statements(quads).graphs
    names = _Names(_schemes(graphs))
    written = [
        (names[name] if name else "", list(names.objects(graphs[name], "        " if name else "    ")))
        for name in sorted(graphs, key=by_value)
    ]
    context = ",\n".join(f'    "{prefix}": "{PREFIXES[prefix]}"' for prefix in sorted(names.used))
    context = f"{{\n{context}\n  }}" if context else "{}"
    yield f'{{\n  "@context": {context},\n  "@graph": ['.encode()
    comma = b"\n"
    for name, objects in written:
        if name:
            yield comma + f'    {{\n      "@id": {name},\n      "@graph": ['.encode()
            comma = b"\n"
        for content in objects:
            yield comma + content
            comma = b",\n"
        if name:
            yield b"\n      ]\n    }"
    yield b"\n  ]\n}\n"


def _schemes(graphs: dict[str, dict[str, None]]) -> set[str]:
    """Return the prefixes that are spelt like the scheme of an IRI."""
    schemes = {name for graph in graphs for name in _SCHEME.findall(graph)}
    for lines in graphs.values():
        rest = iter(lines)
        while batch := "\n".join(islice(rest, _BATCH)):
            schemes.update(_SCHEME.findall(batch))
    return schemes


class _Names(dict[str, str]):
    """An IRI or a blank node of N-Triples → its text as a string of JSON, short where it can be.

    Attributes:
        used: the prefixes used; none that is spelt like a scheme of the IRIs.

    """

    def __init__(self, schemes: set[str]) -> None:
        super().__init__()
        self.used: set[str] = set()
        self._schemes = schemes
        # Most subjects have the same predicates and types as another one.
        self._in_order, self._types = lru_cache(1024)(self._sorted), lru_cache(1024)(self._divided)

    def __missing__(self, term: str) -> str:
        if term[0] == "_":
            return f'"_:{blank_label(term[2:])}"'  # Not kept: others seldom have it, too.
        text = self[term] = f'"{self._short(term)}"'
        return text

    def _short(self, term: str) -> str:
        if term.startswith("<<("):
            raise _inexpressible("JSON-LD", "a triple as a term")
        iri = term[1:-1]
        short = curie(iri)
        prefix, _, rest = short.partition(":")
        if short == iri or prefix in self._schemes or rest.startswith("//"):
            return iri
        self.used.add(prefix)
        return short

    def objects(self, triples: Iterable[str], indent: str) -> Iterator[bytes]:
        """Iterate over the subjects of a graph, each as one JSON object with a property per line."""
        for subject, rests in by_subject(sorted(triples, key=by_value)):
            values: dict[str, list[str]] = {}
            for rest in rests:
                predicate, _, value = rest.partition(" ")
                values.setdefault(predicate, []).append(value)
            lines = [f'{indent}  "@id": {self[subject]}']
            if types := values.get(_TYPE_IRI):
                resources, values[_TYPE_IRI] = self._types(tuple(types))
                if resources:
                    lines.append(f'{indent}  "@type": {_one_or_list(resources, indent)}')
                if not values[_TYPE_IRI]:
                    del values[_TYPE_IRI]
            for predicate in self._in_order(tuple(values)):
                found = values[predicate]
                try:
                    if len(found) == 1:
                        text = self._value(found[0])
                    else:
                        found.sort(key=lambda text: (text[0] == '"', text.removesuffix(">")))
                        text = _one_or_list([self._value(value) for value in found], indent)
                except UsageError as error:
                    raise _of_statement(error, subject, predicate) from None
                lines.append(f"{indent}  {self[predicate]}: {text}")
            inner = ",\n".join(lines)
            yield f"{indent}{{\n{inner}\n{indent}}}".encode()

    def _sorted(self, predicates: tuple[str, ...]) -> list[str]:
        return sorted(predicates, key=lambda predicate: (predicate != _LABEL_IRI, self[predicate]))

    def _divided(self, types: tuple[str, ...]) -> tuple[list[str], list[str]]:
        """Return the names of types, and the literals among them, which are no types."""
        resources = sorted((value for value in types if value[0] != '"'), key=by_value)
        return [self[value] for value in resources], [value for value in types if value[0] == '"']

    def _value(self, text: str) -> str:
        if text[-1] == '"':
            return _json(text)
        if text[0] != '"':
            return f'{{"@id": {self[text]}}}'
        quoted, language, datatype = _parts(text)
        if language:
            if "--" in language:
                raise _inexpressible("JSON-LD", "a literal with a base direction")
            return f'{{"@language": "{language}", "@value": {_json(quoted)}}}'
        if (datatype == _BOOLEAN and quoted in _TRUTHS) or (
            datatype == _INTEGER and _SMALL_INTEGER.fullmatch(quoted, 1, len(quoted) - 1)
        ):
            return quoted[1:-1]
        return f'{{"@type": {self[datatype]}, "@value": {_json(quoted)}}}'


def _json(quoted: str) -> str:
    """Return a string of N-Triples as one of JSON, whose escapes are nearly the same."""
    if "\\u" not in quoted:
        return quoted
    import json  # Rarely needed.

    return json.dumps(_value(quoted), ensure_ascii=False)


def _value(quoted: str) -> str:
    """Return what a string of N-Triples says; its escapes are those of JSON."""
    if "\\" not in quoted:
        return quoted[1:-1]
    import json  # Rarely needed.

    value: str = json.loads(quoted)
    return value


def _one_or_list(values: list[str], indent: str) -> str:
    """Return a value, or a list of them: one per line if it is long."""
    if len(values) == 1:
        return values[0]
    text = f"[{', '.join(values)}]"
    if len(text) <= _WIDTH:
        return text
    return "[" + ",".join(f"\n{indent}    {value}" for value in values) + f"\n{indent}  ]"
