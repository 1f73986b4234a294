"""Transfer of named graphs to and from a SPARQL server, each whole and counted there.

The server's graph `LOADED` holds a mark for each graph that arrived whole: the SHA-256 of its sorted N-Triples
(``schema:sha256``), and ``dcterms:isRequiredBy`` for a graph that is loaded beside the data. `push` removes the marks
of the graphs that it replaces, and marks each again once the server has counted it. So a push that was stopped is
resumed by another, and a second push sends nothing. A change that somebody else makes on the server is noticed if it
changes the number of triples.
"""

from __future__ import annotations

from collections import defaultdict
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from evgraph.errors import EndpointError, Hint, UnreadableError, UsageError
from evgraph.namespaces import DCTERMS, ID, SCHEMA
from evgraph.rdf.blank_nodes import relabelled
from evgraph.store.protocol import WholeAnswers, select
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.store.endpoint import EndpointStore

LOADED = f"{ID}graph/loaded"
"""The graph of the marks."""
LOADING = f"{ID}graph/loading"
"""The graph that updates fill until it is whole."""
_DIGEST, _BESIDE = f"{SCHEMA}sha256", f"{DCTERMS}isRequiredBy"
MARKS = (_DIGEST, _BESIDE)
"""The properties in `LOADED`: they are about loading, and no part of the data."""

_BATCH = 1_000  # Triples per update; Virtuoso fails near 5,000.
_PAGE = 10_000  # Triples per answer; the most that Virtuoso returns.
_SLOWEST = 2_000  # Triples that a slow server on disk stores per second.
_HEADERS = {
    "Content-Type": "application/n-triples",  # Virtuoso refuses Turtle with an integer of 30 digits.
    "Accept": "text/plain, */*;q=0.1",
}


class Part(NamedTuple):
    """The content of one named graph; see `evgraph.rdf.blank_nodes` for its labels."""

    graph: str  # Its IRI.
    lines: Sequence[str]  # N-Triples, sorted, each with its line end.
    digest: str  # SHA-256 of the lines, in hexadecimal digits.
    beside: bool  # Whether it is loaded beside any data, as the ontology is, and no part of it.


class Mark(NamedTuple):
    """What `LOADED` says about a graph; see `Part`."""

    digest: str
    beside: bool

    def lines(self, graph: str) -> list[str]:
        """Return the mark of a graph as N-Triples."""
        beside = [f"<{graph}> <{_BESIDE}> <{LOADED}> .\n"] if self.beside else []
        return [*beside, f'<{graph}> <{_DIGEST}> "{self.digest}" .\n']


def parts(data: Sequence[DataFile], beside: Sequence[DataFile] = ()) -> list[Part]:
    """Read files and return their triples by graph, sorted; files that name the same graph make one part.

    Other files are loaded beside the data; a file that is in the data too counts as data.

    Raises:
        UnreadableError: a file is missing or not well-formed, the name of a graph is a blank node, or a blank node is
            in two graphs, which cannot be sent one at a time.

    """
    quads: defaultdict[str, list[ox.Quad]] = defaultdict(list)
    home: dict[ox.BlankNode, str] = {}
    data_paths, data_graphs = {file.path for file in data}, set()
    for file in {file.path: file for file in (*data, *beside)}.values():
        for quad in file.quads(rename_blank_nodes=True):
            if not isinstance(quad.graph_name, ox.NamedNode):
                raise UnreadableError("the name of a graph is a blank node", path=file.path, hint="give it an IRI")
            graph = quad.graph_name.value
            quads[graph].append(quad)
            if file.path in data_paths:
                data_graphs.add(graph)
            for term in (quad.subject, quad.object):
                if isinstance(term, ox.BlankNode) and home.setdefault(term, graph) != graph:
                    message = f"a blank node is in two graphs, {home[term]} and {graph}"
                    raise UnreadableError(message, path=file.path, hint="give it an IRI")
    result = []
    for graph in sorted(quads):
        lines = sorted({f"{quad.subject} {quad.predicate} {quad.object} .\n" for quad in relabelled(quads[graph])})
        digest = sha256("".join(lines).encode()).hexdigest()
        result.append(Part(graph, lines, digest, graph not in data_graphs))
    return result


def marks(store: EndpointStore) -> dict[str, Mark]:
    """Return the graphs that have arrived whole, with their marks; errors as in `EndpointStore.query`."""
    triples = [tuple(map(value_of, triple)) for triple in _triples(store, LOADED)]
    beside = {graph for graph, name, _ in triples if name == _BESIDE}
    return {graph: Mark(value, graph in beside) for graph, name, value in triples if name == _DIGEST}


def pending(store: EndpointStore, parts: Sequence[Part]) -> list[Part]:
    """Return the parts that the server does not hold, or in another state; errors as in `EndpointStore.query`."""
    known = marks(store)
    return [
        part
        for part in parts
        if known.get(part.graph) != _mark(part, known) or store.count(part.graph) != len(part.lines)
    ]


def push(store: EndpointStore, parts: Sequence[Part]) -> Iterator[Part]:
    """Replace graphs, one after the other; yield each part when the server has counted it.

    Raises:
        UsageError: the endpoint has no address to write to.
        UnreadableError: a graph cannot be written that way.
        EndpointError: the server cannot be reached, refuses, fails, or kept another number of triples.

    """
    target = writer(store)
    before = marks(store)
    others = {graph: mark for graph, mark in before.items() if graph not in {part.graph for part in parts}}
    if len(others) < len(before):
        target.replace(LOADED, [line for graph, mark in sorted(others.items()) for line in mark.lines(graph)])
    for part in parts:
        target.replace(part.graph, part.lines)
        if (count := store.count(part.graph)) != len(part.lines):
            raise EndpointError(
                f"{part.graph}: evgraph sent {len(part.lines):,} triples, and the server counts {count:,}",
                hint="some servers merge equal values, such as 5 and 5.0; otherwise look into the server's log",
            )
        target.add(LOADED, _mark(part, before).lines(part.graph))
        store.forget_graphs()
        yield part


def _mark(part: Part, before: Mapping[str, Mark]) -> Mark:
    """Return the mark of a part; what was once loaded as data remains data when it is loaded beside other data."""
    was_data = part.graph in before and not before[part.graph].beside
    return Mark(part.digest, part.beside and not was_data)


class Updates:
    """Writes graphs by SPARQL updates that every server takes: one operation per request, no blank nodes.

    A graph grows in `LOADING` until it is whole, and one operation puts it in place. Errors are as in `GraphStore`.
    """

    def __init__(self, store: EndpointStore) -> None:
        self._store = store

    def replace(self, graph: str, lines: Sequence[str]) -> None:
        """Make these N-Triples the content of a graph, all or none; raise UnreadableError if they have blank nodes."""
        if any(line.startswith("_:") or " _:" in line.split('"')[0] for line in lines):
            raise UnreadableError(f"{graph} has blank nodes, which updates cannot send", hint=Hint.NAME_GRAPH_STORE)
        self._clear(LOADING)
        self.add(LOADING, lines)
        self._store.update(
            f"DELETE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }} INSERT {{ GRAPH <{graph}> {{ ?a ?b ?c }} }}"
            f" WHERE {{ {{ GRAPH <{graph}> {{ ?s ?p ?o }} }} UNION {{ GRAPH <{LOADING}> {{ ?a ?b ?c }} }} }}"
        )
        self._clear(LOADING)

    def add(self, graph: str, lines: Sequence[str]) -> None:
        """Add N-Triples to a graph."""
        for start in range(0, len(lines), _BATCH):
            triples = "".join(lines[start : start + _BATCH])
            self._store.update(f"INSERT DATA {{ GRAPH <{graph}> {{\n{triples}}} }}")

    def _clear(self, graph: str) -> None:
        pattern = f"GRAPH <{graph}> {{ ?s ?p ?o }}"
        self._store.update(f"DELETE {{ {pattern} }} WHERE {{ {pattern} }}")


class GraphStore:
    """Writes graphs by the SPARQL 1.1 Graph Store Protocol: one request per graph.

    Its methods raise EndpointError where the server cannot be reached, refuses, or fails.
    https://www.w3.org/TR/sparql11-http-rdf-update/

    Args:
        url: the server's address for the protocol, without ``?graph=``.
        timeout: seconds for an answer, besides the time that the triples take.

    """

    def __init__(self, url: str, timeout: float) -> None:
        self._url, self._timeout = url, timeout

    def replace(self, graph: str, lines: Sequence[str]) -> None:
        """Make these N-Triples the content of a graph, all of them or none as far as the server keeps to that."""
        self._send("PUT", graph, lines)

    def add(self, graph: str, lines: Sequence[str]) -> None:
        """Add N-Triples to a graph."""
        self._send("POST", graph, lines)

    def _send(self, method: str, graph: str, lines: Sequence[str]) -> None:
        from urllib.parse import urlencode
        from urllib.request import Request

        from evgraph.store.transport import AGENT, WRITTEN, send

        body = "".join(lines).encode()  # One piece has a Content-Length; a chunked one Virtuoso accepts and drops.
        address = f"{self._url}{'&' if '?' in self._url else '?'}{urlencode({'graph': graph})}"
        request = Request(address, body, _HEADERS | {"User-Agent": AGENT}, method=method)  # noqa: S310 - checked by `Endpoint`
        send(self._url, request, timeout=self._timeout + len(lines) / _SLOWEST, statuses=WRITTEN)


def writer(store: EndpointStore) -> GraphStore | Updates:
    """Return what writes to a server: the Graph Store Protocol if the endpoint has an address for it, else updates.

    Raise UsageError if it has neither address.
    """
    if store.endpoint.graph_store is not None:
        return GraphStore(store.endpoint.graph_store, store.endpoint.timeout)
    if store.endpoint.update is not None:
        return Updates(store)
    raise UsageError("this endpoint has no address to write graphs to", hint=Hint.NAME_WRITE_ADDRESS)


def pullable(store: EndpointStore) -> set[str]:
    """Return the graphs that evgraph has loaded there and those below its IRIs; other graphs are not evgraph's."""
    below = {graph for graph in store.graphs() if graph.startswith(ID)}
    return (below | marks(store).keys()) - {LOADED, LOADING}


def pull(store: EndpointStore, graph: str) -> list[ox.Triple]:
    """Fetch a named graph, in pages if the server cuts a single answer, and compare with the server's own count.

    Raises:
        UnreadableError: the graph has a blank node, which has no name that is the same on every page.
        EndpointError: the server failed, or returns another number of triples than it counts.
        LimitReachedError: the server cuts a page, too.

    """
    triples = _triples(store, graph)
    if len(triples) != (count := store.count(graph)):
        raise EndpointError(
            f"{store.endpoint.query} counts {count:,} triples in {graph}, and returns {len(triples):,}",
            hint="make sure that nobody writes to it meanwhile, and try again",
        )
    return triples


def _triples(store: EndpointStore, graph: str) -> list[ox.Triple]:
    query = f"SELECT ?s ?p ?o WHERE {{ GRAPH {ox.NamedNode(graph)} {{ ?s ?p ?o }} }}"
    triples = []
    for subject, predicate, value in select(WholeAnswers(store, _PAGE), query):
        blank = isinstance(value, ox.BlankNode)
        if not isinstance(subject, ox.NamedNode) or not isinstance(predicate, ox.NamedNode) or blank:
            raise UnreadableError(
                f"the server's graph {graph} has blank nodes", hint="export it with the server's own tools"
            )
        triples.append(ox.Triple(subject, predicate, value))
    return triples
