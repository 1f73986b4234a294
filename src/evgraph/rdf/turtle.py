"""Turtle and TriG for people to read and for version control to compare.

Sorted, with prefixes, one predicate per line: the same triples give the same bytes whatever their order. Oxigraph's
serialiser does not sort and, with a base, writes prefixes as ``@prefix evg: </evgraph/ns#>``; hence this module.
https://www.w3.org/TR/turtle/ https://www.w3.org/TR/trig/
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from evgraph.namespaces import ID, PLAIN_LOCAL, PREFIXES, RDF, VOID, XSD
from evgraph.rdf.statements import statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Quad, Triple

_WIDTH = 100  # Characters of a line up to which it has several short objects.
_NAMESPACES = {namespace: prefix for prefix, namespace in PREFIXES.items()}

# A path below the base that every reader resolves alike: no scheme, query, fragment, dots or empty segments.
_RELATIVE = re.compile(r"[A-Za-z0-9_\-]+(?:/[A-Za-z0-9_\-][A-Za-z0-9_\-.~%:@+,;=]*)*")
_CURIE = re.compile(r"[A-Za-z][A-Za-z\-]*:[A-Za-z0-9_\-]+")
_BLANK_LABEL = re.compile(r"(?!odd-)[A-Za-z_](?:[A-Za-z0-9_\-]*[A-Za-z0-9_])?")

# Lexical forms that need no quotes; other forms of the same value, such as "01", keep them.
_BARE = {
    f"<{XSD}integer>": re.compile(r"0|-?[1-9][0-9]*"),
    f"<{XSD}decimal>": re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+"),
    f"<{XSD}boolean>": re.compile(r"true|false"),
}
_FIRST = ("a", "rdfs:label")

# Besides what N-Triples escapes: control characters, and what editors read as a line end or a byte-order mark.
_SPECIAL = re.compile("[\x80-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_HEAD, _IS_HEAD = f"<{ID}graph/", f"> <{RDF}type> <{VOID}Dataset>"


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
    blocks = list(words.blocks(statements(triples).triples()))
    yield words.top(header)
    for block in blocks:
        yield b"\n%b\n" % block


def trig_chunks(quads: Iterable[Quad], *, header: str | None = None) -> Iterator[bytes]:
    """Write quads as TriG: the default graph, then each named graph, sorted by IRI, laid out as `turtle` does."""
    words = _Words()
    graphs = statements(quads).graphs
    written = [
        (words.term(name).encode() if name else b"", list(words.blocks(graphs[name])))
        for name in sorted(graphs, key=by_value)
    ]
    yield words.top(header)
    for name, blocks in written:
        if name:
            yield b"\n%b {\n" % name
        for number, block in enumerate(blocks):
            yield b"%b%b\n" % (b"" if name and not number else b"\n", block)
        if name:
            yield b"}\n"


def blank_label(label: str) -> str:
    """Return the label of a blank node, or one derived from it where a syntax may not allow it; no two become equal."""
    return label if _BLANK_LABEL.fullmatch(label) else f"odd-{label.encode().hex()}"


def by_value(text: str) -> str:
    """Return the key of a term or a triple of N-Triples to sort it by the IRI of its (first) term, blank nodes last."""
    return text.partition(" ")[0].removesuffix(">")


def by_subject(triples: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Iterate over the subjects of sorted triples (of `evgraph.rdf.statements`), each with the rests of its triples."""
    last, rests = "", list[str]()
    for line in triples:
        subject, _, rest = line.partition(" ")
        if subject != last:
            if rests:
                yield last, rests
            last, rests = subject, []
        rests.append(rest)
    if rests:
        yield last, rests


def _heads_first(triples: Iterable[str]) -> list[str]:
    """Sort triples by subject, the ``void:Dataset`` of a graph first, where `evgraph.rdf.files` looks for it."""
    ordered = sorted(triples, key=by_value)
    heads = {line.partition(" ")[0] for line in ordered if line.endswith(_IS_HEAD) and line.startswith(_HEAD)}
    if heads:
        ordered.sort(key=lambda line: line.partition(" ")[0] not in heads)
    return ordered


class _Words:
    """Writes terms, and keeps the prefixes that it used."""

    def __init__(self) -> None:
        self._iris, self._predicates = _Iris(), _Iris()
        self._predicates[f"<{RDF}type>"] = "a"

    def top(self, header: str | None) -> bytes:
        """Return the comment, the base and the prefixes used."""
        prefixes = self._iris.prefixes | self._predicates.prefixes
        lines = [f"# {line}".rstrip() for line in (header or "").splitlines()]
        lines.append(f"@base <{ID}> .")
        lines += [f"@prefix {prefix}: <{PREFIXES[prefix]}> ." for prefix in sorted(prefixes)]
        return ("\n".join(lines) + "\n").encode()

    def blocks(self, triples: Iterable[str]) -> Iterator[bytes]:
        """Iterate over the subjects of triples, each with what is said about it."""
        predicates, term = self._predicates, self.term
        for subject, rests in by_subject(_heads_first(triples)):
            objects: dict[str, list[str]] = {}
            for rest in rests:
                predicate, _, value = rest.partition(" ")
                objects.setdefault(predicates[predicate], []).append(term(value))
            lines = " ;\n    ".join([_line(predicate, objects[predicate]) for predicate in _in_order(tuple(objects))])
            yield f"{term(subject)} {lines} .".encode()

    def term(self, text: str) -> str:
        """Return a term of N-Triples as Turtle; different terms have different texts."""
        if text[0] == '"':
            return self._literal(text)
        if text[0] == "_":
            return f"_:{blank_label(text[2:])}"
        if not text.startswith("<<("):
            return self._iris[text]
        subject, predicate, value = text[4:-4].split(" ", 2)
        return f"<<( {self.term(subject)} {self._iris[predicate]} {self.term(value)} )>>"

    def _literal(self, text: str) -> str:
        if _SPECIAL.search(text):
            text = _SPECIAL.sub(lambda match: f"\\u{ord(match[0]):04X}", text)
        if text[-1] != ">":
            return text
        quoted, _, datatype = text.rpartition("^^")
        bare = _BARE.get(datatype)
        if bare and bare.fullmatch(quoted, 1, len(quoted) - 1):
            return quoted[1:-1]
        return f"{quoted}^^{self._iris[datatype]}"


class _Iris(dict[str, str]):
    """An IRI in angle brackets → its text in Turtle, made on first use; and the prefixes used."""

    def __init__(self) -> None:
        super().__init__()
        self.prefixes: set[str] = set()

    def __missing__(self, text: str) -> str:
        self[text], prefix = _shortened(text[1:-1])
        if prefix:
            self.prefixes.add(prefix)
        return self[text]


@lru_cache(maxsize=4096)
def _shortened(iri: str) -> tuple[str, str]:
    """Return an IRI as Turtle has it, and the prefix used, or an empty text."""
    cut = max(iri.rfind("/"), iri.rfind("#")) + 1
    prefix = _NAMESPACES.get(iri[:cut])
    if prefix and PLAIN_LOCAL.fullmatch(iri, cut):
        return f"{prefix}:{iri[cut:]}", prefix
    if iri.startswith(ID) and _RELATIVE.fullmatch(iri, len(ID)):
        return f"<{iri[len(ID) :]}>", ""
    return f"<{iri}>", ""


@lru_cache(maxsize=1024)  # Most subjects have the same predicates as another one.
def _in_order(predicates: tuple[str, ...]) -> list[str]:
    return [*(name for name in _FIRST if name in predicates), *sorted(set(predicates).difference(_FIRST))]


def _line(predicate: str, objects: list[str]) -> str:
    if len(objects) == 1:
        return f"{predicate} {objects[0]}"
    ordered = sorted(set(objects))
    together = f"{predicate} {', '.join(ordered)}"
    if len(ordered) == 1 or (len(together) <= _WIDTH and all(map(_CURIE.fullmatch, ordered))):
        return together
    return f"{predicate}\n        " + ",\n        ".join(ordered)
