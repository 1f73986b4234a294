"""A store on a server that speaks the SPARQL 1.1 Protocol.

It expects what real servers do: answers cut without an error. https://www.w3.org/TR/sparql11-protocol/
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import pyoxigraph as ox

from evgraph.errors import EndpointError, EvgraphError, Hint, RowsWithheldError, UsageError
from evgraph.limits import MOST_SECONDS, are_seconds
from evgraph.namespaces import NOT_IN_IRI
from evgraph.sparql.rewriting import row_per_solution, with_prefixes
from evgraph.sparql.tokens import form, limit, tokens
from evgraph.store.answers import ROWS, is_virtuoso, read_boolean, read_rows, read_triples
from evgraph.store.embedded import EmbeddedStore, OfflineStore
from evgraph.store.nesting import refuse_nested
from evgraph.store.protocol import (
    Answer,
    Rows,
    Term,
    Triples,
    construct,
    count_rows,
    read_number,
    select_paged,
    select_rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evgraph.store.reply import Reply

# N-Triples first, because Virtuoso's Turtle makes decimals of doubles.
_TRIPLES = "application/n-triples, text/turtle;q=0.5"
# Oxigraph's own parameter: the default graph of the query is the union of all graphs. Others ignore it.
_OF_OXIGRAPH = (("union-default-graph", "true"),)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The addresses of a SPARQL server, and how to ask it; credentials come from `evgraph.store.credentials`.

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
        query = tokens(sparql)
        kind, own_limit = form(query), limit(query)
        if kind == "ASK":
            return read_boolean(self._post(sparql, ROWS))
        if kind not in {"CONSTRUCT", "DESCRIBE"}:
            rows = read_rows(self._post(sparql, ROWS), query)
            return Rows(rows.columns, self._whole_rows(rows.rows, sparql, own_limit))
        reply = self._post(sparql, _TRIPLES)
        triples = read_triples(reply)
        if kind == "CONSTRUCT":
            return Triples(self._whole_triples(triples, sparql, from_virtuoso=is_virtuoso(reply)))
        return Triples(triples)

    def matches(
        self,
        subject: ox.NamedNode | ox.BlankNode | None = None,
        predicate: str | None = None,
        value: Term | None = None,
    ) -> Iterator[ox.Quad]:
        """Iterate over the triples with a subject, a predicate and an object, without their graphs; None matches any.

        For a blank node there are none, because servers name it anew in each answer.
        """
        if isinstance(subject, ox.BlankNode) or isinstance(value, ox.BlankNode):
            return iter(())
        pattern = f"{subject or '?s'} {f'<{predicate}>' if predicate else '?p'} {value or '?o'}"
        return (ox.Quad(*triple) for triple in construct(self, f"CONSTRUCT {{ {pattern} }} WHERE {{ {pattern} }}"))

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
        return sorted(graph.value for (graph,) in rows if isinstance(graph, ox.NamedNode))

    def count(self, graph: str) -> int:
        """Count the triples of a named graph."""
        query = f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH {ox.NamedNode(graph)} {{ ?s ?p ?o }} }}"
        return read_number(self._plain, query)

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

    def _whole_rows(
        self, rows: Iterator[tuple[Term | None, ...]], sparql: str, own_limit: int | None
    ) -> Iterator[tuple[Term | None, ...]]:
        """Iterate over rows, and count them on the server if a limit that it does not mention may have cut them."""
        count = 0
        for row in rows:
            count += 1
            yield row
        if _may_be_a_limit(count) and (own_limit is None or own_limit > count):
            self._recount(sparql, count, f"{count:,} rows")

    def _whole_triples(self, triples: Iterator[ox.Triple], sparql: str, *, from_virtuoso: bool) -> Iterator[ox.Triple]:
        """Iterate over triples of a CONSTRUCT, and check afterwards that they are of all solutions."""
        count = 0
        for triple in triples:
            count += 1
            yield triple
        if from_virtuoso:  # It cuts triples silently; of the same SELECT it says so.
            for _ in select_rows(self, row_per_solution(sparql)).rows:
                pass
        elif _may_be_a_limit(count) or _may_be_a_limit(count - 1):  # Virtuoso returns one more, if it hides its name.
            self._recount(row_per_solution(sparql), count, f"{count:,} triples")

    def _recount(self, select: str, count: int, returned: str) -> None:
        """Compare what the server has returned with its own count of the solutions."""
        try:
            solutions = count_rows(self, select)
        except EvgraphError as error:
            raise RowsWithheldError(
                f"{self.endpoint.query} returned {returned}, which may be its limit; it does not count them:"
                f" {error.message}",
                hint="ask for less (LIMIT)",
            ) from None
        if solutions > count:
            raise RowsWithheldError(
                f"{self.endpoint.query} returned {returned}, and counts {solutions:,} solutions",
                hint="ask for less (LIMIT), or raise the server's limit",
            )

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
        if (reply.header("server") or "").startswith("Oxigraph/"):
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
        from evgraph.store.credentials import HOW_TO_LOG_IN

        raise UsageError(f"the address of {parts.hostname} contains a user name or a password", hint=HOW_TO_LOG_IN)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_right or NOT_IN_IRI.search(url):
        raise UsageError(f"'{url}' is not an address with http or https", hint="such as http://localhost:7878/query")
    if parts.fragment:
        raise UsageError(
            f"'{url}' contains a #, which is not sent to servers", hint="leave out the # and what follows it"
        )


def _may_be_a_limit(count: int) -> bool:
    """Return whether a number is as round as the limits of servers are."""
    return count >= 1_000 and not str(count)[2:].strip("0")
