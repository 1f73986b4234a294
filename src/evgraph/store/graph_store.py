"""The SPARQL 1.1 Graph Store Protocol: whole graphs written to a server.

https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import requests
from requests.auth import HTTPBasicAuth, HTTPDigestAuth

from evgraph.store.credentials import credentials
from evgraph.store.transport import AGENT, CHUNK, refusal, unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SLOWEST = 2_000  # Triples that a slow server on disk stores per second.
_HEADERS = {
    "Content-Type": "application/n-triples",  # Virtuoso refuses Turtle with an integer of 30 digits.
    "Accept": "text/plain, */*;q=0.1",
    "User-Agent": AGENT,
}


class GraphStore:
    """Writes graphs by the Graph Store Protocol: one request per graph.

    Args:
        url: the server's address for the protocol, without ``?graph=``.
        timeout: seconds for an answer, besides the time that the triples take.

    """

    def __init__(self, url: str, timeout: float) -> None:
        self._url, self._timeout = url, timeout
        self._credentials = credentials(url)
        self._client = requests.Session()
        self._client.headers.update(_HEADERS)
        self._client.auth = self._authorize

    def replace(self, graph: str, lines: Sequence[str]) -> None:
        """Make these N-Triples the content of a graph, all of them or none as far as the server keeps to that.

        Raises:
            EndpointError: the server cannot be reached, refuses, or fails.

        """
        self._send("PUT", graph, lines)

    def add(self, graph: str, lines: Sequence[str]) -> None:
        """Add N-Triples to a graph.

        Raises:
            EndpointError: the server cannot be reached, refuses, or fails.

        """
        self._send("POST", graph, lines)

    def _send(self, method: str, graph: str, lines: Sequence[str]) -> None:
        body = "".join(lines).encode()  # One piece has a Content-Length; a chunked one Virtuoso accepts and drops.
        timeout = self._timeout + len(lines) / _SLOWEST
        status, headers, page = self._request(method, graph, body, timeout)
        if status == 401 and self._credentials and self._credentials.user and self._credentials.password:
            digest = "digest" in headers.get("WWW-Authenticate", "").lower()
            kind = HTTPDigestAuth if digest else HTTPBasicAuth
            self._client.auth = kind(self._credentials.user, self._credentials.password)
            status, headers, page = self._request(method, graph, body, timeout)
        if not 200 <= status < 300:
            raise refusal(self._url, status, headers, page, self._credentials)

    def _request(self, method: str, graph: str, body: bytes, timeout: float) -> tuple[int, Mapping[str, str], bytes]:
        """Send one request; return the status, the headers and the beginning of the answer."""
        deadline = time.monotonic() + timeout
        try:
            with self._client.request(
                method,
                self._url,
                params={"graph": graph},
                data=body,
                timeout=timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                page = b""
                for piece in response.iter_content(1):  # Larger pieces could take longer than the deadline.
                    page += piece
                    if len(page) > CHUNK or time.monotonic() > deadline:
                        break
                return response.status_code, response.headers, page
        except requests.Timeout:
            raise unreachable(self._url, TimeoutError(), timeout) from None
        except requests.RequestException as error:
            # The text of the error holds addresses of objects; the system's own words are enough.
            reason = re.search(r"\[Errno -?\d+\] ([^'\")]+)", str(error))
            cause = ConnectionError(reason[1] if reason else "no connection")
            raise unreachable(self._url, cause, timeout, self._credentials) from None

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Send the token if there is one, else nothing until the server asks: `requests` must not read netrc itself."""
        if self._credentials and self._credentials.token:
            request.headers["Authorization"] = f"Bearer {self._credentials.token}"
        return request
