"""A server with the answers that a test chooses: wrong, slow, endless."""

from __future__ import annotations

import threading
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
            given = answer if isinstance(answer, Answer) else answer(request)
            self.send_response(given.status)
            if given.media_type:
                self.send_header("Content-Type", given.media_type)
            for name, value in given.headers.items():
                self.send_header(name, value)
            whole = given.body if isinstance(given.body, bytes) else None
            if given.length is not None and (whole is not None or given.length >= 0):
                self.send_header("Content-Length", str(len(whole or b"") if given.length < 0 else given.length))
            self.end_headers()
            with suppress(OSError):
                for part in [whole] if whole is not None else given.body:
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
