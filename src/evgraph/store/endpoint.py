"""Any server that speaks the SPARQL 1.1 Protocol, as a store.

Made against what real servers do rather than what they ought to: answers that were cut without an error, pages in HTML,
broken JSON. https://www.w3.org/TR/sparql11-protocol/
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
from evgraph.sparql.tokens import form as form_of
from evgraph.sparql.tokens import limit, tokens
from evgraph.store import answers
from evgraph.store.credentials import WAY_IN
from evgraph.store.embedded import EmbeddedStore, OfflineStore
from evgraph.store.protocol import Answer, Rows, Term, Triples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.store.reply import Reply

_PAGE = 5_000  # Rows; fewer than any server that we know cuts.


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a SPARQL server is, and how to ask it. Whoever asks is told by `evgraph.store.credentials`.

    Attributes:
        query: the address for queries, http or https.
        update: the address for updates; None where nothing will be written by updates.
        graph_store: the address for the Graph Store Protocol (without ``?graph=``); None where there is none.
        default_graph: what a query without GRAPH is to see. ``union``: the server's default graph, which is the union
            of its graphs (Virtuoso, Neptune, QLever). ``named``: the server's default graph is apart (Oxigraph's and
            Fuseki's as they come), so that each query is sent with the list of the named graphs; what the default
            graph itself holds is then not seen. ``auto`` asks the server whether a triple of a named graph is in its
            default graph.
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

    Rows and triples are handed out as they are parsed, after the answer has come in whole; where it turns out to be cut
    or broken, the iteration ends with an error, never as if it were complete.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint

    def query(self, sparql: str) -> Answer:
        """See `Store.query`.

        Raises:
            UnreadableError: the query is not legal SPARQL; ``line`` says where.
            EndpointError: the server failed, or its answer is none; also while the answer is read.
            LimitReachedError: the server cut the answer; also while the answer is read.

        """
        return self._ask(sparql, self._dataset)

    def update(self, sparql: str) -> None:
        """Change the data; never tried twice. evgraph's prefixes need not be declared.

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
        """Give the IRIs of the named graphs, sorted; a server may count some of its own among them."""
        return sorted(graph for (graph,) in self._pages("?g", "GRAPH ?g { ?s ?p ?o }"))

    def pairs(self, graph: str, predicate: str) -> dict[str, str]:
        """Read a table of a named graph: subject → object, the last where there are several."""
        pattern = f"GRAPH {ox.NamedNode(graph)} {{ ?s {ox.NamedNode(predicate)} ?o }}"
        return {row[0]: row[-1] for row in self._pages("?s ?o", pattern)}

    def count(self, graph: str) -> int:
        """Count the triples of a named graph."""
        answer = self._ask(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH {ox.NamedNode(graph)} {{ ?s ?p ?o }} }}", ())
        return int(*(getattr(term, "value", 0) for row in _rows(answer) for term in row))

    @cached_property
    def _dataset(self) -> tuple[tuple[str, str], ...]:
        """The protocol's parameters that make a query see the union of the graphs; found once."""
        mode = self.endpoint.default_graph
        if mode == "union" or (mode == "auto" and self._sees_named_graphs()):
            return ()
        graphs = self.graphs()
        return tuple((name, graph) for graph in graphs for name in ("default-graph-uri", "named-graph-uri"))

    def _sees_named_graphs(self) -> bool:
        """Whether the default graph holds what a named graph does; so, too, where there is no named graph."""
        answer = self._ask("SELECT ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } FILTER(isIRI(?s) && isIRI(?o)) } LIMIT 1", ())
        sample = list(_rows(answer))
        return not sample or self._ask(f"ASK {{ {' '.join(map(str, sample[0]))} }}", ()) is True

    def _pages(self, columns: str, pattern: str) -> Iterator[tuple[str, ...]]:
        """Read a long answer in pages, sorted by the first column, of which no value may fill a page."""
        first, after = columns.split()[0], ""
        select = f"SELECT DISTINCT {columns} WHERE"
        while True:
            answer = self._ask(f"{select} {{ {pattern} {after} }} ORDER BY STR({first}) LIMIT {_PAGE}", ())
            page = [tuple(getattr(term, "value", "") for term in row) for row in _rows(answer)]
            yield from page
            if len(page) < _PAGE:
                return
            after = f"FILTER(STR({first}) > {ox.Literal(page[-1][0])})"

    def _ask(self, sparql: str, dataset: tuple[tuple[str, str], ...]) -> Answer:
        form = form_of(tokens(sparql)) or "SELECT"
        if form not in {"CONSTRUCT", "DESCRIBE"}:
            reply = self._post(sparql, answers.ROWS, dataset)
            found = answers.rows(reply, own_limit=limit(tokens(sparql)))
            return answers.yes_or_no(found) if form == "ASK" and isinstance(found, Rows) else found
        reply = self._post(sparql, answers.TRIPLES, dataset)
        triples = answers.triples(reply)
        if form == "CONSTRUCT" and answers.is_virtuoso(reply):
            return Triples(self._whole(triples, sparql, dataset))
        return triples

    def _whole(self, given: Triples, sparql: str, dataset: tuple[tuple[str, str], ...]) -> Iterator[ox.Triple]:
        """Hand out the triples of Virtuoso, which cuts these answers, too, and says so only of a SELECT."""
        yield from given.triples
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
                OfflineStore(EmbeddedStore()).query(sparql)  # Says in which line the query is wrong, where it is.
            raise


def _rows(answer: Answer) -> Iterator[tuple[Term | None, ...]]:
    return answer.rows if isinstance(answer, Rows) else iter(())


def _check(url: str) -> None:
    """Refuse what is no address of a server before anything is sent to it."""
    try:
        parts = urlsplit(url)
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        raise UsageError(f"'{url}' is not an address", hint="such as http://localhost:7878/query") from None
    if parts.username is not None or parts.password is not None:
        raise UsageError(f"the address of {parts.hostname} holds a user or a password", hint=WAY_IN)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_right or NOT_IN_IRI.search(url):
        raise UsageError(
            f"'{url}' is not the address of a server: http and https are", hint="such as http://localhost:7878/query"
        )
    if parts.fragment:
        raise UsageError(f"'{url}' holds a #, which no server gets to see", hint="leave out what follows it")
