"""Turtle and TriG for people to read and for version control to compare.

Sorted, with prefixes, one predicate per line: the same triples give the same bytes whatever their order. Oxigraph's
serialiser does not sort and, with a base, writes prefixes as ``@prefix evg: </evgraph/ns#>``; hence this module.
https://www.w3.org/TR/turtle/ https://www.w3.org/TR/trig/
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from evgraph.namespaces import ID, PLAIN_LOCAL, PREFIXES, RDF, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_Term: TypeAlias = NamedNode | BlankNode | Literal | Triple
_ByPredicate: TypeAlias = defaultdict[str, list[str]]  # A repeated triple is in it twice.

_WIDTH = 100  # Characters of a line up to which it has several short objects.
_NAMESPACES = {namespace: prefix for prefix, namespace in PREFIXES.items()}

# A path below the base that every reader resolves alike: no scheme, query, fragment, dots or empty segments.
_RELATIVE = re.compile(r"[A-Za-z0-9_\-]+(?:/[A-Za-z0-9_\-][A-Za-z0-9_\-.~%:@+,;=]*)*")
_CURIE = re.compile(r"[A-Za-z][A-Za-z\-]*:[A-Za-z0-9_\-]+")
_BLANK_LABEL = re.compile(r"(?!odd-)[A-Za-z_](?:[A-Za-z0-9_\-]*[A-Za-z0-9_])?")

# Lexical forms that need no quotes; other forms of the same value, such as "01", keep them.
_BARE = {
    f"{XSD}integer": re.compile(r"0|-?[1-9][0-9]*"),
    f"{XSD}decimal": re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+"),
    f"{XSD}boolean": re.compile(r"true|false"),
}
_STRING = f"{XSD}string"
_FIRST = ("a", "rdfs:label")

# Besides what Turtle requires: control characters, and what editors read as a line end or a byte-order mark.
_SPECIAL = re.compile('[\\x00-\\x1f\\x7f-\\x9f"\\\\\u2028\u2029\ufeff\ufffe\uffff]')
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def turtle(triples: Iterable[Triple | Quad], *, header: str | None = None) -> bytes:
    """Return triples as Turtle (UTF-8).

    Subjects are sorted by IRI, with the ``void:Dataset`` of the file first and blank nodes last; a repeated triple is
    written once; lexical forms stay as they are.

    Args:
        triples: in any order; the graph of a quad is ignored.
        header: a comment for the top of the file, without the ``#``; it may have several lines.

    """
    return b"".join(turtle_chunks(triples, header=header))


def turtle_chunks(triples: Iterable[Triple | Quad], *, header: str | None = None) -> Iterator[bytes]:
    """Write triples as `turtle` does, one subject at a time."""
    words = _Words()
    subjects = words.group(triples)
    yield words.top(header)
    for block in _blocks(subjects):
        yield f"\n{block}\n".encode()


def trig_chunks(quads: Iterable[Quad], *, header: str | None = None) -> Iterator[bytes]:
    """Write quads as TriG: the default graph, then each named graph, sorted by IRI, laid out as `turtle` does."""
    words = _Words()
    by_graph: dict[tuple[int, str], list[Quad]] = defaultdict(list)
    for quad in quads:
        by_graph[_order_of_graph(quad.graph_name)].append(quad)
    grouped = [
        (words.graph(graph_quads[0].graph_name), words.group(graph_quads))
        for _, graph_quads in sorted(by_graph.items())
    ]
    yield words.top(header)
    for name, subjects in grouped:
        if name:
            yield f"\n{name} {{\n".encode()
        for number, block in enumerate(_blocks(subjects)):
            yield f"{'' if name and not number else chr(10)}{block}\n".encode()
        if name:
            yield b"}\n"


def blank_label(node: BlankNode) -> str:
    """Return the label of a blank node, or one derived from it where a syntax may not allow it; no two become equal."""
    return node.value if _BLANK_LABEL.fullmatch(node.value) else f"odd-{node.value.encode().hex()}"


class _Words:
    """Writes terms, and keeps the prefixes that it used."""

    def __init__(self) -> None:
        self._iris, self._predicates = _Iris(), _Iris()
        self._predicates[f"{RDF}type"] = "a"

    def top(self, header: str | None) -> bytes:
        """Return the comment, the base and the prefixes used."""
        prefixes = self._iris.prefixes | self._predicates.prefixes
        lines = [f"# {line}".rstrip() for line in (header or "").splitlines()]
        lines.append(f"@base <{ID}> .")
        lines += [f"@prefix {prefix}: <{PREFIXES[prefix]}> ." for prefix in sorted(prefixes)]
        return ("\n".join(lines) + "\n").encode()

    def group(self, triples: Iterable[Triple | Quad]) -> list[tuple[str, _ByPredicate]]:
        """Return triples sorted by subject, with predicates and objects as text."""
        subjects: dict[str, tuple[str, _ByPredicate]] = {}
        iris, predicates, term, last = self._iris, self._predicates, self.term, None
        said: _ByPredicate = defaultdict(list)
        for triple in triples:
            subject, value = triple.subject, triple.object
            if subject != last:  # Mostly, the triples of a subject follow each other.
                key = subject.value if isinstance(subject, NamedNode) else f"\uffff{subject}"
                if key not in subjects:
                    subjects[key] = (term(subject), defaultdict(list))
                said, last = subjects[key][1], subject
            text = iris[value.value] if type(value) is NamedNode else term(value)
            said[predicates[triple.predicate.value]].append(text)
        return _heads_first(subjects)

    def graph(self, name: NamedNode | BlankNode | DefaultGraph) -> str:
        """Return the name of a graph as text; empty for the default graph."""
        return "" if isinstance(name, DefaultGraph) else self.term(name)

    def term(self, term: _Term) -> str:
        """Return a term as text; different terms have different texts."""
        if isinstance(term, NamedNode):
            return self._iris[term.value]
        if isinstance(term, Literal):
            return self._literal(term)
        if isinstance(term, BlankNode):
            return f"_:{blank_label(term)}"
        return f"<<( {self.term(term.subject)} {self._iris[term.predicate.value]} {self.term(term.object)} )>>"

    def _literal(self, term: Literal) -> str:
        value, datatype = term.value, term.datatype.value
        bare = _BARE.get(datatype)
        if bare and bare.fullmatch(value):
            return value
        text = f'"{_SPECIAL.sub(_escaped, value)}"'
        if term.direction:
            return f"{text}@{term.language}--{str(term.direction).rpartition('.')[2].lower()}"
        if term.language:
            return f"{text}@{term.language}"
        return text if datatype == _STRING else f"{text}^^{self._iris[datatype]}"


class _Iris(dict[str, str]):
    """IRI → its text, made on first use; and the prefixes used."""

    def __init__(self) -> None:
        super().__init__()
        self.prefixes: set[str] = set()

    def __missing__(self, iri: str) -> str:
        text = self[iri] = self._shorten(iri)
        return text

    def _shorten(self, iri: str) -> str:
        cut = max(iri.rfind("/"), iri.rfind("#")) + 1
        prefix = _NAMESPACES.get(iri[:cut])
        if prefix and PLAIN_LOCAL.fullmatch(iri, cut):
            self.prefixes.add(prefix)
            return f"{prefix}:{iri[cut:]}"
        if iri.startswith(ID) and _RELATIVE.fullmatch(iri, len(ID)):
            return f"<{iri[len(ID) :]}>"
        return f"<{iri}>"


def _heads_first(subjects: dict[str, tuple[str, _ByPredicate]]) -> list[tuple[str, _ByPredicate]]:
    """Sort subjects by IRI, the ``void:Dataset`` of a graph first, where `evgraph.rdf.files` looks for it."""
    heads = {
        iri
        for iri, (_, said) in subjects.items()
        if iri.startswith(f"{ID}graph/") and "void:Dataset" in said.get("a", ())
    }
    return [subjects[iri] for iri in [*sorted(heads), *sorted(subjects.keys() - heads)]]


def _escaped(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04X}"


def _order_of_graph(name: NamedNode | BlankNode | DefaultGraph) -> tuple[int, str]:
    if isinstance(name, DefaultGraph):
        return 0, ""
    return (1 if isinstance(name, NamedNode) else 2), name.value


@lru_cache(maxsize=1024)  # Most subjects have the same predicates as another one.
def _in_order(predicates: tuple[str, ...]) -> list[str]:
    return [*(name for name in _FIRST if name in predicates), *sorted(set(predicates).difference(_FIRST))]


def _blocks(subjects: Iterable[tuple[str, _ByPredicate]]) -> Iterator[str]:
    for subject, said in subjects:
        yield f"{subject} " + " ;\n    ".join([_line(one, said[one]) for one in _in_order(tuple(said))]) + " ."


def _line(predicate: str, objects: list[str]) -> str:
    if len(objects) == 1:
        return f"{predicate} {objects[0]}"
    ordered = sorted(set(objects))
    together = f"{predicate} {', '.join(ordered)}"
    if len(ordered) == 1 or (len(together) <= _WIDTH and all(map(_CURIE.fullmatch, ordered))):
        return together
    return f"{predicate}\n        " + ",\n        ".join(ordered)
