"""Servers with the answers that a test chooses: wrong, slow, endless."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

ROWS = "application/sparql-results+json"


@dataclass(frozen=True, slots=True)
class Request:
    """A request: method, path with its query, headers by lower-case name, body."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; with ``length`` None it has no Content-Length, and ends with the connection."""

    body: bytes | Iterable[bytes] = b""
    status: int = 200
    media_type: str | None = ROWS
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = -1


@dataclass(slots=True)
class Stub:
    """A running stub: its address, and the requests that it received."""

    url: str
    requests: list[Request] = field(default_factory=list)


@contextmanager
def stub(answer: Callable[[Request], Answer] | Answer) -> Iterator[Stub]:
    """Run a server on 127.0.0.1 that gives this answer to every request."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, self.path, headers, body)
            running.requests.append(request)
            reply = answer if isinstance(answer, Answer) else answer(request)
            self.send_response(reply.status)
            if reply.media_type:
                self.send_header("Content-Type", reply.media_type)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            whole = reply.body if isinstance(reply.body, bytes) else None
            if reply.length is not None and (whole is not None or reply.length >= 0):
                self.send_header("Content-Length", str(len(whole or b"") if reply.length < 0 else reply.length))
            self.end_headers()
            with suppress(OSError):
                for part in [whole] if whole is not None else reply.body:
                    self.wfile.write(part)  # type: ignore[arg-type] # bytes are parts, too
                    self.wfile.flush()

        do_GET = do_POST = do_PUT = answer  # noqa: N815 - the library's names

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    running = Stub(f"http://127.0.0.1:{server.server_address[1]}/sparql")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def dripping(head: bytes, drop: bytes, pause: float = 0.05) -> Iterator[str]:
    """Run a server that answers with a beginning, and then with the same few bytes again and again; yield its address.

    It ends a connection after 400 pauses.
    """

    def drip(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(1 << 16)
            connection.sendall(head)
            for _ in range(400):
                connection.sendall(drop)
                time.sleep(pause)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=drip, args=(listening.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
DRIPS = {
    "status line": (b"", b"H"),
    "header": (OK + b"X-A: ", b"a"),
    "headers": (OK, b"X-A: a\r\n"),
    "body": (OK + b"\r\n", b" "),
    "body with a length": (OK + b"Content-Length: 1000\r\n\r\n", b" "),
    "size of a chunk": (CHUNKED, b"0"),
    "extension of a chunk": (CHUNKED + b"5;", b"a"),
    "chunk": (CHUNKED + b"500\r\n", b" "),
    "chunks": (CHUNKED, b"1\r\n \r\n"),
    "trailers": (CHUNKED + b"1\r\n \r\n0\r\n", b"X-A: a\r\n"),
    "100 Continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "error page": (b"HTTP/1.1 500 No\r\n\r\n", b"a"),
    "challenge": (b'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="x"\r\n\r\n', b"a"),
}
"""Phase → how an answer begins, and what is sent again and again in that phase."""
