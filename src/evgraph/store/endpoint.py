"""A store on a server that speaks the SPARQL 1.1 Protocol.

It expects what real servers do: answers cut without an error, pages in HTML, broken JSON.
https://www.w3.org/TR/sparql11-protocol/
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import pyoxigraph as ox

from evgraph.errors import EndpointError, Hint, UsageError
from evgraph.namespaces import NOT_IN_IRI
from evgraph.sparql.rewriting import row_per_solution, with_prefixes
from evgraph.sparql.tokens import form, limit, tokens
from evgraph.store import answers
from evgraph.store.credentials import HOW_TO_LOG_IN
from evgraph.store.embedded import EmbeddedStore, OfflineStore
from evgraph.store.protocol import Answer, Rows, Term, Triples
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.store.transport import Reply

_PAGE = 5_000  # Names of graphs per answer; no known server cuts so few rows.


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The addresses of a SPARQL server, and how to ask it; credentials come from `evgraph.store.credentials`.

    Attributes:
        query: the address for queries, http or https.
        update: the address for updates; None where nothing will be written by updates.
        graph_store: the address for the Graph Store Protocol (without ``?graph=``); None where there is none.
        default_graph: how a query without GRAPH sees all named graphs. ``union``: the server's default graph is their
            union (Virtuoso, Neptune, QLever). ``named``: the default graph is separate (Oxigraph and Fuseki by
            default), so evgraph sends the list of the named graphs with each query, which then does not see the
            default graph. ``auto``: evgraph asks the server whether a triple of a named graph is in its default graph.
        timeout: seconds for one answer, to its last byte.
        most_bytes: the longest answer that is read.

    Raises:
        UsageError: an address is not http or https, or holds a password.

    """

    query: str
    update: str | None = None
    graph_store: str | None = None
    default_graph: Literal["auto", "union", "named"] = "auto"
    timeout: float = 60.0
    most_bytes: int = 1 << 31

    def __post_init__(self) -> None:
        for url in (self.query, self.update, self.graph_store):
            if url is not None:
                _check(url)


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
        return self._ask(sparql, self._dataset)

    def update(self, sparql: str) -> None:
        """Run an update, once; evgraph's prefixes need not be declared.

        Raises:
            UsageError: the endpoint has no address for updates.
            EndpointError: the server refused or failed.

        """
        if self.endpoint.update is None:
            raise UsageError("this endpoint has no address for updates", hint=Hint.NAME_UPDATE_ADDRESS)
        from evgraph.store.transport import post

        post(
            self.endpoint.update,
            with_prefixes(sparql),
            accept="*/*",
            timeout=self.endpoint.timeout,
            most_bytes=self.endpoint.most_bytes,
            update=True,
        )

    def graphs(self) -> list[str]:
        """Return the IRIs of the named graphs, sorted; some may be the server's own."""
        graphs: list[str] = []
        after = ""
        while True:
            pattern = f"GRAPH ?g {{ ?s ?p ?o }} {after}"
            answer = self._ask(f"SELECT DISTINCT ?g WHERE {{ {pattern} }} ORDER BY STR(?g) LIMIT {_PAGE}", ())
            page = [value_of(graph) for (graph,) in _rows(answer)]
            graphs += page
            if len(page) < _PAGE:
                return sorted(graphs)
            after = f"FILTER(STR(?g) > {ox.Literal(page[-1])})"

    def count(self, graph: str) -> int:
        """Count the triples of a named graph."""
        answer = self._ask(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH {ox.NamedNode(graph)} {{ ?s ?p ?o }} }}", ())
        return int(*(value_of(number) for (number,) in _rows(answer)))

    def forget_graphs(self) -> None:
        """Look up again, at the next query, how a query sees the union of the graphs: there may be new ones."""
        self.__dict__.pop("_dataset", None)

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
        answer = self._ask("SELECT ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } FILTER(isIRI(?s) && isIRI(?o)) } LIMIT 1", ())
        sample = list(_rows(answer))
        return not sample or self._ask(f"ASK {{ {' '.join(map(str, sample[0]))} }}", ()) is True

    def _ask(self, sparql: str, dataset: tuple[tuple[str, str], ...]) -> Answer:
        kind = form(tokens(sparql))
        if kind not in {"CONSTRUCT", "DESCRIBE"}:
            reply = self._post(sparql, answers.ROWS, dataset)
            answer = answers.rows(reply, own_limit=limit(tokens(sparql)))
            return answers.yes_or_no(answer) if kind == "ASK" and isinstance(answer, Rows) else answer
        reply = self._post(sparql, answers.TRIPLES, dataset)
        triples = answers.triples(reply)
        if kind == "CONSTRUCT" and answers.is_virtuoso(reply):
            return Triples(self._whole(triples, sparql, dataset))
        return triples

    def _whole(self, answer: Triples, sparql: str, dataset: tuple[tuple[str, str], ...]) -> Iterator[ox.Triple]:
        """Iterate over triples of Virtuoso, which cuts them silently; of the same SELECT it says so."""
        yield from answer.triples
        rows = self._post(row_per_solution(sparql), answers.ROWS, dataset)
        answers.refuse_cut(rows, own_limit=limit(tokens(sparql)))

    def _post(self, sparql: str, accept: str, dataset: tuple[tuple[str, str], ...]) -> Reply:
        from evgraph.store.transport import post

        try:
            return post(
                self.endpoint.query,
                with_prefixes(sparql),
                accept=accept,
                timeout=self.endpoint.timeout,
                most_bytes=self.endpoint.most_bytes,
                parameters=dataset,
            )
        except EndpointError as error:
            if error.status == 400 and "SERVICE" not in sparql.upper():
                OfflineStore(EmbeddedStore()).query(sparql)  # Raises an error with the line, if the query is wrong.
            raise


def _rows(answer: Answer) -> Iterator[tuple[Term | None, ...]]:
    return answer.rows if isinstance(answer, Rows) else iter(())


def _check(url: str) -> None:
    """Refuse what is not the address of a server, before anything is sent there."""
    try:
        parts = urlsplit(url)
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        raise UsageError(f"'{url}' is not an address", hint="such as http://localhost:7878/query") from None
    if parts.username is not None or parts.password is not None:
        raise UsageError(f"the address of {parts.hostname} contains a user name or a password", hint=HOW_TO_LOG_IN)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_right or NOT_IN_IRI.search(url):
        raise UsageError(f"'{url}' is not an address with http or https", hint="such as http://localhost:7878/query")
    if parts.fragment:
        raise UsageError(
            f"'{url}' contains a #, which is not sent to servers", hint="leave out the # and what follows it"
        )
