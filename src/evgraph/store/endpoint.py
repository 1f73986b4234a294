"""A store on a server that speaks the SPARQL 1.1 Protocol.

It expects what real servers do: answers cut without an error, pages in HTML, broken JSON.
https://www.w3.org/TR/sparql11-protocol/ https://www.w3.org/TR/sparql11-results-json/
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import pyoxigraph as ox

from evgraph.errors import EndpointError, Hint, LimitReachedError, RowsWithheldError, UsageError
from evgraph.formats import FORMATS
from evgraph.limits import MOST_SECONDS, are_seconds
from evgraph.namespaces import NOT_IN_IRI, XSD
from evgraph.sparql.rewriting import row_per_solution, with_prefixes
from evgraph.sparql.tokens import form, limit, tokens
from evgraph.store.embedded import EmbeddedStore, OfflineStore
from evgraph.store.nesting import refuse_nested
from evgraph.store.protocol import Answer, Rows, Term, Triples, select, select_paged, select_rows
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evgraph.store.transport import Reply

_ROWS = "application/sparql-results+json"  # The ``Accept`` of a SELECT or an ASK.
# N-Triples first, because Virtuoso's Turtle makes decimals of doubles.
_TRIPLES = "application/n-triples, text/turtle;q=0.5"

# Oxigraph's own parameter: the default graph of the query is the union of all graphs. Others ignore it.
_OF_OXIGRAPH = (("union-default-graph", "true"),)
_BOOLEAN = ox.NamedNode(f"{XSD}boolean")
_NODE_ID = re.compile(rb'("type": *"bnode", *"value": *")nodeID://')  # No legal name of a blank node.
_OF_NUMBER = {
    ox.Literal(number, datatype=_BOOLEAN): ox.Literal(word, datatype=_BOOLEAN)
    for number, word in (("1", "true"), ("0", "false"))
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The addresses of a SPARQL server, and how to ask it; credentials come from `evgraph.store.transport`.

    How a query without GRAPH sees all named graphs is the `default_graph`. ``union``: the server's default graph is
    their union (Virtuoso, Neptune, QLever). ``named``: the default graph is separate (Oxigraph and Fuseki by default),
    so evgraph sends the list of the named graphs with each query, which then does not see the default graph. ``auto``:
    evgraph asks Oxigraph, which says its name with each answer, for the union; it asks any other server whether a
    triple of a named graph is in its default graph.

    Raises:
        UsageError: an address is not http or https, or holds a password; or the timeout is no number of seconds.

    """

    query: str  # The address for queries.
    update: str | None = None  # The address for updates.
    graph_store: str | None = None  # The address for the Graph Store Protocol, without ``?graph=``.
    default_graph: Literal["auto", "union", "named"] = "auto"
    timeout: float = 60.0  # Seconds for one answer, to its last byte.
    most_bytes: int = 1 << 31  # The longest answer that is read.

    def __post_init__(self) -> None:
        for url in (self.query, self.update, self.graph_store):
            if url is not None:
                _check(url)
        if not are_seconds(self.timeout):
            raise UsageError(f"timeout={self.timeout!r}: expected a number of seconds above 0, up to {MOST_SECONDS}")


class EndpointStore:
    """A `Store` on a SPARQL server.

    Rows and triples are parsed while they are iterated over, after the whole answer has arrived; if it is cut or
    broken, the iteration ends with an error, never as if it were complete.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint

    def query(self, sparql: str) -> Answer:
        """See `Store.query`.

        Raises:
            UnreadableError: the query is not legal SPARQL; ``line`` says where.
            EndpointError: the server failed, or did not answer the query; also while the answer is read.
            LimitReachedError: the server cut the answer; also while the answer is read.

        """
        kind, own_limit = form(tokens(sparql)), limit(tokens(sparql))
        if kind not in {"CONSTRUCT", "DESCRIBE"}:
            answer = _rows(self._post(sparql, _ROWS), own_limit)
            return _yes_or_no(answer) if kind == "ASK" and isinstance(answer, Rows) else answer
        reply = self._post(sparql, _TRIPLES)
        triples = _triples(reply)
        if kind == "CONSTRUCT" and _is_virtuoso(reply):
            return Triples(self._whole(triples, sparql, own_limit))
        return Triples(triples)

    def update(self, sparql: str) -> None:
        """Run an update, once; evgraph's prefixes need not be declared.

        Raise UsageError if the endpoint has no address for updates, and EndpointError if the server refuses or fails.
        """
        if self.endpoint.update is None:
            raise UsageError("this endpoint has no address for updates", hint=Hint.NAME_UPDATE_ADDRESS)
        self._send(self.endpoint.update, sparql, accept="*/*", update=True)

    def graphs(self) -> list[str]:
        """Return the IRIs of the named graphs, sorted; some may be the server's own."""
        rows = select_paged(self._plain, "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }").rows
        return sorted(value_of(graph) for (graph,) in rows)

    def count(self, graph: str) -> int:
        """Count the triples of a named graph."""
        query = f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH {ox.NamedNode(graph)} {{ ?s ?p ?o }} }}"
        ((number,),) = select(self._plain, query)
        return int(value_of(number))

    def forget_graphs(self) -> None:
        """Look up again, at the next query, how a query sees the union of the graphs: there may be new ones."""
        self.__dict__.pop("_dataset", None)

    @cached_property
    def _plain(self) -> EndpointStore:
        """The same server, which gets queries as they are."""
        return EndpointStore(replace(self.endpoint, default_graph="union"))

    @cached_property
    def _dataset(self) -> tuple[tuple[str, str], ...]:
        """The protocol's parameters with which a query sees the union of the graphs."""
        mode = self.endpoint.default_graph
        if mode == "union" or (mode == "auto" and self._sees_named_graphs()):
            return ()
        graphs = self.graphs()
        return tuple((name, graph) for graph in graphs for name in ("default-graph-uri", "named-graph-uri"))

    def _sees_named_graphs(self) -> bool:
        """Return whether a triple of a named graph is in the default graph; True if there is no named graph."""
        sample = "SELECT ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } FILTER(isIRI(?s) && isIRI(?o)) } LIMIT 1"
        query = f"SELECT ?o ?seen WHERE {{ {{ {sample} }} OPTIONAL {{ ?s ?p ?seen FILTER(?seen = ?o) }} }}"
        rows = list(select_rows(self._plain, query).rows)
        return not rows or any(seen is not None for _, seen in rows)

    def _whole(self, triples: Iterator[ox.Triple], sparql: str, own_limit: int | None) -> Iterator[ox.Triple]:
        """Iterate over triples of Virtuoso, which cuts them silently; of the same SELECT it says so."""
        yield from triples
        _refuse_cut(self._post(row_per_solution(sparql), _ROWS), own_limit)

    def _post(self, sparql: str, accept: str) -> Reply:
        try:
            reply = self._ask(sparql, accept)
        except EndpointError as error:
            if error.status == 400 and "SERVICE" not in sparql.upper():
                OfflineStore(EmbeddedStore()).query(sparql)  # Raises an error with the line, if the query is wrong.
            raise
        refuse_nested(reply)
        return reply

    def _ask(self, sparql: str, accept: str) -> Reply:
        """Send a query so that it sees the union of the graphs; the first query finds out how, where it can."""

        def send(parameters: Sequence[tuple[str, str]]) -> Reply:
            return self._send(self.endpoint.query, sparql, accept=accept, parameters=parameters)

        if self.endpoint.default_graph != "auto" or "_dataset" in self.__dict__:
            return send(self._dataset)
        reply = send(_OF_OXIGRAPH)
        if reply.headers.get("server", "").startswith("Oxigraph/"):
            self._dataset = _OF_OXIGRAPH
        return send(self._dataset) if self._dataset not in ((), _OF_OXIGRAPH) else reply

    def _send(self, url: str, sparql: str, **settings: Any) -> Reply:
        from evgraph.store.transport import post

        timeout, most_bytes = self.endpoint.timeout, self.endpoint.most_bytes
        return post(url, with_prefixes(sparql), timeout=timeout, most_bytes=most_bytes, **settings)


def _check(url: str) -> None:
    """Refuse what is not the address of a server, before anything is sent there."""
    try:
        parts = urlsplit(url)
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        raise UsageError(f"'{url}' is not an address", hint="such as http://localhost:7878/query") from None
    if parts.username is not None or parts.password is not None:
        from evgraph.store.transport import HOW_TO_LOG_IN

        raise UsageError(f"the address of {parts.hostname} contains a user name or a password", hint=HOW_TO_LOG_IN)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_right or NOT_IN_IRI.search(url):
        raise UsageError(f"'{url}' is not an address with http or https", hint="such as http://localhost:7878/query")
    if parts.fragment:
        raise UsageError(
            f"'{url}' contains a #, which is not sent to servers", hint="leave out the # and what follows it"
        )


def _is_virtuoso(reply: Reply) -> bool:
    """Return whether the server calls itself Virtuoso."""
    return reply.headers.get("server", "").startswith("Virtuoso")


def _refuse_cut(reply: Reply, own_limit: int | None) -> None:
    """Refuse an answer that the server says it has cut; a query may have a LIMIT of its own."""
    if "x-sql-state" in reply.headers:
        reason = reply.headers.get("x-sql-message", "it gives no reason")
        raise LimitReachedError(
            f"{reply.url} stopped before its answer was whole: {reason}",
            hint="ask for less, or raise the server's limit",
        )
    most = reply.headers.get("x-sparql-maxrows", "")
    if most.isdecimal() and (own_limit is None or own_limit > int(most)):
        raise RowsWithheldError(
            f"{reply.url} returns at most {int(most):,} rows, and this answer has as many or more",
            hint="ask for less (LIMIT), or raise the server's limit (Virtuoso: ResultSetMaxRows)",
        )


def _rows(reply: Reply, own_limit: int | None) -> Rows | bool:
    """Read rows, or yes or no, from JSON."""
    if reply.media_type not in {_ROWS, "application/json"}:
        raise _no_answer(reply)
    body: IO[bytes] = reply.body
    if _is_virtuoso(reply):
        body = io.BytesIO(_NODE_ID.sub(rb"\1", body.read()))
    try:
        results = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    except (SyntaxError, ValueError, MemoryError) as error:
        raise _broken(reply, error) from None
    if isinstance(results, ox.QueryBoolean):
        return bool(results)
    if not isinstance(results, ox.QuerySolutions):
        raise _no_answer(reply)
    columns = [variable.value for variable in results.variables]
    return Rows(columns, _tuples(results, len(columns), reply, own_limit))


def _yes_or_no(rows: Rows) -> bool:
    """Return the truth of Virtuoso's answer to an ASK: a row that holds 1 or 0."""
    return [getattr(term, "value", "") for row in rows.rows for term in row] == ["1"]


def _triples(reply: Reply) -> Iterator[ox.Triple]:
    """Read triples from N-Triples or Turtle."""
    kind = FORMATS.by_media_type(reply.media_type)
    if kind is None or kind.name not in {"ntriples", "turtle"}:
        raise _no_answer(reply)
    _refuse_cut(reply, None)
    return _parsed(reply, kind.rdf_format())


def _tuples(
    solutions: ox.QuerySolutions, width: int, reply: Reply, own_limit: int | None
) -> Iterator[tuple[Term | None, ...]]:
    virtuoso = _is_virtuoso(reply)  # It returns "1"^^xsd:boolean for what it was sent as "true".
    try:
        for solution in solutions:
            row = tuple(solution[i] for i in range(width))
            yield tuple(_OF_NUMBER.get(term, term) for term in row) if virtuoso else row
    except (SyntaxError, ValueError, MemoryError) as error:
        raise _broken(reply, error) from None
    finally:
        del solutions  # They must end in their own thread, and a traceback may carry this frame to another.
    _refuse_cut(reply, own_limit)


def _parsed(reply: Reply, kind: ox.RdfFormat) -> Iterator[ox.Triple]:
    try:
        for quad in ox.parse(reply.body, format=kind):
            yield quad.triple
    except (SyntaxError, ValueError, MemoryError) as error:
        raise _broken(reply, error) from None


def _no_answer(reply: Reply) -> EndpointError:
    return EndpointError(
        f"{reply.url} answers with {reply.media_type or 'no media type'}, which is no answer to a query:"
        f" {reply.beginning()}",
        hint="check that this is the server's address for queries",
    )


def _broken(reply: Reply, error: SyntaxError | ValueError | MemoryError) -> EndpointError:
    """Return the error for an answer that cannot be read, with its end: a server may say there why it stopped."""
    if isinstance(error, MemoryError):
        return EndpointError(f"{reply.url} sent a term longer than evgraph reads: {error}", hint="ask for less")
    size = reply.body.seek(0, 2)
    reply.body.seek(max(0, size - 120))
    end = " ".join(reply.body.read().decode("utf-8", "replace").split())
    reason = getattr(error, "msg", None) or str(error)
    return EndpointError(
        f"{reply.url} sent an answer that is broken or holds an ill-formed term: {reason}; it ends: {end}",
        hint="look into the server's log, or ask for less",
    )
