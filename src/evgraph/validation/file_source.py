"""Data in files: loaded into one store, each triple once, each literal as it is written.

Handing each triple through Python takes as long as validating it, so the engine loads a file by itself where it changes
nothing that SHACL validates: a file without blank nodes that writes its literals as the engine gives them back. `scan`
sees that from the text. It is cautious: whatever is unusual, or looks so, makes a file one for the parser.
https://www.w3.org/TR/turtle/#sec-grammar
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from itertools import count, pairwise
from typing import TYPE_CHECKING, TypeVar

import pyoxigraph as ox

from evgraph.namespaces import RDFS, XSD
from evgraph.rdf import lexical_forms
from evgraph.shacl.comparisons import FUNCTIONS
from evgraph.shacl.lexical_queries import Uncommon
from evgraph.shacl.shapes_graph import nested
from evgraph.store.embedded import EmbeddedStore, OxigraphStore
from evgraph.store.protocol import select
from evgraph.terms import value_of
from evgraph.validation.locations import locate_in_files
from evgraph.validation.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.rdf.positions import Place
    from evgraph.shacl.findings import Finding
    from evgraph.shacl.shapes_graph import Node
    from evgraph.store.protocol import Term

_T = TypeVar("_T", bound="Term")
_SCANNED = {"turtle", "ntriples"}
_HERE = ox.NamedNode("urn:evgraph:here")
_SUBCLASS_OF = f"{RDFS}subClassOf"


class FileSource(Source):
    """The user's files and the background files, in one graph of a store.

    Args:
        files: the user's files.
        other_files: shipped files of which no nodes get findings, unless the user's files describe them.

    Raises:
        UnreadableError: a file is not well-formed, or contains a triple term.

    """

    store: EmbeddedStore

    def __init__(self, files: Sequence[DataFile], other_files: Sequence[DataFile]) -> None:
        super().__init__()
        self.store = EmbeddedStore()
        self.store.functions = FUNCTIONS
        self.files, self.other_files = files, other_files
        self.marked_datatypes: set[str] = set()
        self._marked_quads: list[ox.Quad] = []
        self._is_marked = True
        self._added: list[ox.Quad] = []
        self._marks: dict[ox.Literal, ox.Literal] = {}
        self._blank_numbers = count(1)
        for file in files:
            self._load(file)
        self.is_empty = not len(self.store)
        shipped: dict[Node, set[tuple[ox.NamedNode, Term]]] = defaultdict(set)
        quads = [quad for file in other_files for quad in self._quads(file)]
        for quad in quads:
            assert not isinstance(quad.subject, ox.Triple)  # noqa: S101 - `_quads` refuses it
            shipped[quad.subject].add((quad.predicate, quad.object))
        self.background = {
            node: about for node, about in shipped.items() if next(self.store.matches(node), None) is None
        }
        objects = {quad.object for quad in quads if isinstance(quad.object, ox.NamedNode)}
        for node in objects - shipped.keys():
            if all(next(uses, None) is None for uses in (self.store.matches(node), self.store.matches(value=node))):
                self.background[node] = set()
        self.store.extend(quads)

    def _load(self, file: DataFile) -> None:
        """Have the engine load a file of which it changes no literal, and parse any other one."""
        ill_formed = scan(file.content()) if file.format.name in _SCANNED else None
        if ill_formed is None:
            self.store.extend(self._quads(file))
            return
        self.store.load(file, named=False)
        for literal in set(ill_formed):
            quads = list(self.store.matches(value=literal))
            marked = [ox.Quad(quad.subject, quad.predicate, lexical_forms.marked(literal)) for quad in quads]
            self.store.replace(quads, marked)
            self._marked_quads += marked

    def _quads(self, file: DataFile) -> Iterator[ox.Quad]:
        """Iterate over the quads of a file, without a graph, with numbered blank nodes and marked literals."""
        labels: dict[Term, ox.BlankNode] = {}

        def renamed(term: _T) -> _T | ox.BlankNode:
            if not isinstance(term, ox.BlankNode):
                return term
            if term not in labels:
                labels[term] = ox.BlankNode(f"d{next(self._blank_numbers)}")
            return labels[term]

        # Most quads are yielded unchanged, after as few comparisons as possible.
        named, literal, string = ox.NamedNode, ox.Literal, f"{XSD}string"
        in_default_graph = not file.format.quads
        for quad in file.parsed():
            subject, value = quad.subject, quad.object
            unchanged = type(value) is named or (
                type(value) is literal and bool(value.language or value.datatype.value == string)
            )
            if unchanged and in_default_graph and type(subject) is named:
                yield quad
                continue
            if isinstance(subject, ox.Triple) or isinstance(value, ox.Triple):
                raise nested(file)
            node = renamed(subject)
            yield ox.Quad(node, quad.predicate, self._marked(node, quad.predicate, renamed(value)))

    def _marked(self, subject: Node, predicate: ox.NamedNode, value: Term) -> Term:
        if not isinstance(value, ox.Literal):
            return value
        if value not in self._marks:
            self._marks[value] = marked = lexical_forms.marked(value)
            if marked.datatype.value.startswith(lexical_forms.WRITTEN):
                self.marked_datatypes.add(value.datatype.value)
        marked = self._marks[value]
        if marked != value:
            self._marked_quads.append(ox.Quad(subject, predicate, marked))
        return marked

    def add_nodes(self, nodes: Iterable[Term]) -> None:
        """Make terms nodes of the data until `unmark_literals`, so that a path without steps starts from them, too."""
        self._added = [ox.Quad(_HERE, _HERE, self._marked(_HERE, _HERE, node)) for node in nodes]
        self.store.extend(self._added)

    def unmark_literals(self) -> None:
        """Give the store all literals under their own datatypes."""
        if self._is_marked:
            self.store.replace(self._added, ())
            quads = [quad for quad in self._marked_quads if quad.predicate != _HERE]
            self.store.replace(quads, map(_for_queries, quads))
            self._is_marked = False

    def uncommon(self) -> Uncommon:
        """Return the literals of the data that the engine takes for others."""
        rewritten: dict[str, ox.Literal] = {}
        not_compared: dict[str, ox.Literal] = {}
        for predicate, value in {(quad.predicate.value, quad.object) for quad in self._marked_quads}:
            assert isinstance(value, ox.Literal)  # noqa: S101 - only literals are marked
            literal = lexical_forms.unmarked(value)
            if lexical_forms.normalized(literal) != literal:
                rewritten[predicate] = literal
            elif not value.datatype.value.startswith(lexical_forms.ILL_FORMED):
                not_compared[predicate] = literal
        for value in (ox.Literal(True), ox.Literal(False)):
            query = f"SELECT DISTINCT ?predicate WHERE {{ ?subject ?predicate {value} }}"
            not_compared.update((value_of(predicate), value) for (predicate,) in select(self.store, query))
        return Uncommon(rewritten, not_compared)

    def store_for_queries(self) -> OxigraphStore:
        """Return the data as queries of authors see it, while literals are marked: a copy if any is."""
        if not self._is_marked or not (self._marked_quads or self._added):
            return self.store
        copy = EmbeddedStore()
        copy.extend(self.store.quads())
        copy.replace(self._added, ())
        quads = [quad for quad in self._marked_quads if quad.predicate != _HERE]
        copy.replace(quads, map(_for_queries, quads))
        return copy

    @cached_property
    def _written(self) -> dict[tuple[Term, Term | None, Term], ox.Literal]:
        """Subject, predicate and value as the engine returns it → the value as written; predicate None for any."""
        written: dict[tuple[Term, Term | None, Term], ox.Literal] = {}
        for quad in self._marked_quads:
            assert isinstance(quad.object, ox.Literal)  # noqa: S101 - only literals are marked
            literal = lexical_forms.unmarked(quad.object)
            for predicate in (quad.predicate, None):
                written[quad.subject, predicate, lexical_forms.normalized(literal)] = literal
        return written

    def as_written(self, subject: Term, predicate: Term | None, value: Term) -> Term:
        """Return the value of a row as it is written in the files."""
        if not isinstance(value, ox.Literal) or not self._marked_quads:
            return value
        if self._is_marked:
            return lexical_forms.unmarked(value)
        return self._written.get((subject, predicate, value)) or lexical_forms.unmarked(value)

    def direct_subclasses(self, classes: set[str]) -> set[str]:
        """Return the classes directly below some classes."""
        quads = (
            quad for cls in classes for quad in self.store.matches(predicate=_SUBCLASS_OF, value=ox.NamedNode(cls))
        )
        return {quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)}

    def locate(self, findings: Sequence[Finding]) -> Mapping[Finding, Place]:
        """Return file, line and column of each finding whose focus node is in one of the files."""
        return locate_in_files(findings, self.files)


def _for_queries(quad: ox.Quad) -> ox.Quad:
    assert isinstance(quad.object, ox.Literal)  # noqa: S101 - only literals are marked
    return ox.Quad(quad.subject, quad.predicate, lexical_forms.for_queries(quad.object))


_IN_IRI = rb'[^\x00-\x20<>"{}|^`\\]*'
_ABSOLUTE = rb"[A-Za-z][A-Za-z0-9+.-]*:" + _IN_IRI
# What may hold anything between its ends: plain strings, IRIs, comments, then strings with escapes or other quotes.
_OPAQUE = re.compile(
    rb'"(?:[^"\\\r\n]+"|"(?!"))|<' + _IN_IRI + rb">|#[^\r\n]*"
    rb'|"(?:[^"\\\r\n]|\\.)*"'
    rb"|'(?:[^'\\\r\n]|\\.)*'",
)
# Outside of them: blank nodes, lists, graphs, triple terms, what is said of triples, escapes, loose ends.
_UNUSUAL = (b"[", b"(", b"_:", b"{", b"<", b"~", b"\\", b"'")
# A number in what is left: after a space, once letters are gone and characters of a kind are the same one.
_ALIKE = bytes.maketrans(b'23456789\n\r\t,"E', b"11111111     e")
_LETTERS = bytes(set(range(ord("A"), ord("z") + 1)) - set(rb"eE\[]") | set(b";%@"))
_SIGNED = (b" +", b" -0", b" -1", b" -.", b" .0", b" .1")  # A prefix may have a hyphen.
_LEADING_ZERO = re.compile(rb" 0(?:[01e]|\.[01e])")
_NOT_WHOLE = re.compile(rb" 1(?:[01]{17}|[01]*(?:e|\.[01e]))")
_DATATYPE = re.compile(rb"(?:<(" + _ABSOLUTE + rb")>|([\w.-]*):([\w-]*))(?=[\s,;#]|\.\s|\.?$)")


class _UncertainError(Exception):
    """The text alone does not tell."""


def scan(body: bytes) -> list[ox.Literal] | None:
    """Read the text of Turtle or N-Triples.

    Returns:
        The ill-formed literals of the file, perhaps with some that are in no triple; None where the engine would
        change something, and where that is not certain. Of text that is not well-formed anything may be said.

    """
    if b'"""' in body or b"'''" in body:
        return None
    rest = _OPAQUE.sub(b'"', body)
    if any(mark in rest for mark in _UNUSUAL):
        return None
    numbers = rest.translate(_ALIKE, _LETTERS)
    if any(sign in numbers for sign in _SIGNED) or _LEADING_ZERO.search(numbers) or _NOT_WHOLE.search(numbers):
        return None
    try:
        return list(_ill_formed(body))
    except (_UncertainError, ValueError):  # The latter of what is no IRI, or no literal.
        return None


def _ill_formed(body: bytes) -> Iterator[ox.Literal]:
    """Go through the literals with a datatype for those that are ill-formed, which the engine keeps as they are."""
    pieces = body.split(b"^^")
    found: set[tuple[bytes, ...]] = set()
    for before, after in pairwise(pieces):
        # The text between the last two quotes is the whole literal, unless it has escapes or longer quotes.
        start = before.rfind(b'"', 0, -1)
        form, datatype = before[start + 1 : -1], _DATATYPE.match(after)
        sure = before.endswith(b'"') and start >= 0 and before[start - 1 : start] not in {b'"', b"\\"}
        if not sure or b"\\" in form or b"\n" in form or b"\r" in form or datatype is None:
            raise _UncertainError
        found.add((form, *datatype.groups(b"")))
    namespaces = {prefix: _namespace(body, prefix) for prefix in {prefix for _, iri, prefix, _ in found if not iri}}
    for form, iri, prefix, local in found:
        name = (iri or namespaces[prefix] + local).decode(errors="replace")
        if "/." in name:  # The parser would work it out.
            raise _UncertainError
        literal = ox.Literal(form.decode(errors="replace"), datatype=ox.NamedNode(name))
        if lexical_forms.marked(literal) != literal:
            if lexical_forms.well_formed(literal.value, name) or lexical_forms.normalized(literal) != literal:
                raise _UncertainError
            yield literal


def _namespace(body: bytes, prefix: bytes) -> bytes:
    """Find the only namespace that a prefix means."""
    alone = re.escape(prefix) + rb":(?![\w%\\:\x80-\xff-])"  # Not before the rest of a name.
    found = set(re.findall(alone + rb"\s*(?:<(" + _ABSOLUTE + rb")>)?", body))
    if len(found) != 1 or b"" in found:
        raise _UncertainError
    return bytes(found.pop())
