"""Whole graphs onto a server, by the Graph Store Protocol where the server has it, else by updates.

https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from evgraph.errors import Hint, UnreadableError, UsageError
from evgraph.namespaces import ID
from evgraph.store.credentials import credentials

if TYPE_CHECKING:
    from collections.abc import Sequence

    import requests
    from requests.auth import AuthBase

    from evgraph.store.credentials import Credentials
    from evgraph.store.endpoint import Endpoint, EndpointStore

LOADING = f"{ID}graph/loading"
"""Where a graph grows that is sent by updates, until it is whole."""

_BATCH = 1_000  # Triples an update; Virtuoso gives up near 5,000.
_SLOWEST = 2_000  # Triples a second: what a slow server on disk takes in.
# N-Triples, because Virtuoso refuses Turtle with an integer of 30 digits.
_HEADERS = {"Content-Type": "application/n-triples", "Accept": "text/plain, */*;q=0.1"}
_LONGEST_PAGE = 1 << 16


class Writer(Protocol):
    """Puts N-Triples into named graphs of a server."""

    def replace(self, graph: str, lines: Sequence[str]) -> None:
        """Make these triples the graph's, all of them or none.

        Raises:
            EndpointError: the server cannot be reached, refuses, or fails.

        """
        ...

    def add(self, graph: str, lines: Sequence[str]) -> None:
        """Add triples to those that the graph has.

        Raises:
            EndpointError: the server cannot be reached, refuses, or fails.

        """
        ...


def writer(store: EndpointStore) -> Writer:
    """Choose how to write: by the Graph Store Protocol if the endpoint has an address for it, else by updates.

    Raises:
        UsageError: it has neither address.

    """
    endpoint = store.endpoint
    if endpoint.graph_store is not None:
        return GraphStore(endpoint.graph_store, endpoint)
    if endpoint.update is not None:
        return Updates(store)
    raise UsageError(
        "nothing says where graphs are to be written",
        hint=Hint.NAME_WRITE_ADDRESS,
    )


class GraphStore:
    """A `Writer` by the Graph Store Protocol: one request a graph, whole or not at all as far as the server is."""

    def __init__(self, url: str, endpoint: Endpoint) -> None:
        import requests

        self._url = url
        self._timeout = endpoint.timeout
        self._known = credentials(url)
        self._requests = requests.Session()
        self._requests.auth = _token(self._known)

    def replace(self, graph: str, lines: Sequence[str]) -> None:
        """See `Writer.replace`."""
        self._send("PUT", graph, lines)

    def add(self, graph: str, lines: Sequence[str]) -> None:
        """See `Writer.add`."""
        self._send("POST", graph, lines)

    def _send(self, method: str, graph: str, lines: Sequence[str]) -> None:
        from evgraph.store.transport import refusal

        body = "".join(lines).encode()
        patience = self._timeout + len(lines) / _SLOWEST
        answer, page = self._request(method, graph, body, patience)
        if answer.status_code == 401 and self._known and self._known.user and self._known.password:
            self._requests.auth = _asked_for(answer, self._known.user, self._known.password)
            answer, page = self._request(method, graph, body, patience)
        if not 200 <= answer.status_code < 300:
            raise refusal(self._url, answer.status_code, answer.headers, page, self._known)

    def _request(self, method: str, graph: str, body: bytes, patience: float) -> tuple[requests.Response, bytes]:
        """Send a body, its length told beforehand: Virtuoso says 201 to a chunked one, and keeps nothing."""
        import requests

        from evgraph.store.transport import AGENT, unreachable

        until = time.monotonic() + patience
        try:
            with self._requests.request(
                method,
                self._url,
                params={"graph": graph},
                data=body,
                # N-Triples, because Virtuoso refuses Turtle with an integer of 30 digits.
                headers={
                    "Content-Type": "application/n-triples",
                    "User-Agent": AGENT,
                    "Accept": "text/plain, */*;q=0.1",
                },
                timeout=patience,
                allow_redirects=False,
                stream=True,
            ) as answer:
                page = b""
                for piece in answer.iter_content(None):
                    page += piece
                    if len(page) > _LONGEST_PAGE or time.monotonic() > until:
                        break
                return answer, page
        except requests.Timeout:
            raise unreachable(self._url, TimeoutError(), patience) from None
        except requests.RequestException as error:
            raise unreachable(self._url, _cause(error), patience, self._known) from None


class Updates:
    """A `Writer` by SPARQL updates that every server takes: one operation a request, named graphs, no blank nodes.

    A graph grows in `LOADING` until it is whole, and then takes its place by one operation.
    """

    def __init__(self, store: EndpointStore) -> None:
        self._store = store

    def replace(self, graph: str, lines: Sequence[str]) -> None:
        """See `Writer.replace`."""
        if any(line.startswith("_:") or " _:" in line.split('"')[0] for line in lines):
            raise UnreadableError(
                f"{graph} has blank nodes, which updates cannot send",
                hint=Hint.NAME_GRAPH_STORE,
            )
        self._empty(LOADING)
        self.add(LOADING, lines)
        self._store.update(
            f"DELETE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }} INSERT {{ GRAPH <{graph}> {{ ?a ?b ?c }} }}"
            f" WHERE {{ {{ GRAPH <{graph}> {{ ?s ?p ?o }} }} UNION {{ GRAPH <{LOADING}> {{ ?a ?b ?c }} }} }}"
        )
        self._empty(LOADING)

    def add(self, graph: str, lines: Sequence[str]) -> None:
        """See `Writer.add`."""
        for start in range(0, len(lines), _BATCH):
            triples = "".join(lines[start : start + _BATCH])
            self._store.update(f"INSERT DATA {{ GRAPH <{graph}> {{\n{triples}}} }}")

    def _empty(self, graph: str) -> None:
        pattern = f"GRAPH <{graph}> {{ ?s ?p ?o }}"
        self._store.update(f"DELETE {{ {pattern} }} WHERE {{ {pattern} }}")


def _asked_for(answer: requests.Response, user: str, password: str) -> AuthBase:
    """Choose what the server asks for."""
    from requests.auth import HTTPBasicAuth, HTTPDigestAuth

    digest = "digest" in answer.headers.get("WWW-Authenticate", "").lower()
    return (HTTPDigestAuth if digest else HTTPBasicAuth)(user, password)


def _token(known: Credentials | None) -> AuthBase:
    """Send the token where there is one; else nothing, until asked, and nothing that `requests` finds by itself."""
    from requests.auth import AuthBase

    class Bearer(AuthBase):
        def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
            if known and known.token:
                request.headers["Authorization"] = f"Bearer {known.token}"
            return request

    return Bearer()


def _cause(error: BaseException) -> Exception:
    """Find the operating system's own error below those that wrap it, for a message without object addresses."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.strerror:
            return seen
        inner = seen.args[0] if seen.args and isinstance(seen.args[0], BaseException) else None
        seen = getattr(inner, "reason", None) or inner or seen.__cause__ or seen.__context__
    return ConnectionError("no connection")
