"""HTTP connections with limits of time and size, which uvicorn does not have by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

HEADER_SECONDS = 5.0
"""The time from the connection, or from the first byte of a request, to the end of its headers."""
BODY_SECONDS = 15.0
"""The time from there to the end of the body."""
WRITE_SECONDS = 20.0
"""The time that a client may take without reading anything."""
LINGER_SECONDS = 1.0
"""The time in which a client that still sends can read why it was refused."""
MAX_HEADERS = 1 << 16
"""In bytes: address and headers of a request."""
GONE = "evgraph.gone"
"""The key of a request's scope with functions that are called when the client is gone."""
_PART = 1 << 14  # Bytes that are read at a time while headers come.


class LimitedProtocol(HttpToolsProtocol):
    """A connection that is closed when a client sends or reads too slowly, or sends too long headers."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to wait for the first request."""
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None
        self._size = 0
        self._when_gone: set[Callable[[], object]] = set()
        self._in_headers = True
        self._is_refused = False
        self._await_for(HEADER_SECONDS)
        self._set_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop to wait, and tell those who work for the client."""
        self._stop()
        self.resume_writing()
        super().connection_lost(exc)
        for function in [*self._when_gone]:
            function()

    def data_received(self, data: bytes) -> None:
        """Count the bytes of the headers."""
        while data and not self._is_refused and not self.transport.is_closing():
            part = data
            if self._in_headers:
                part = data[:_PART]
                self._size += len(part)
                if self._size > MAX_HEADERS:
                    self._refuse(b"431 Request Header Fields Too Large", b"address and headers are longer than 64 KiB")
                    return
            data = data[len(part) :]
            super().data_received(part)
        if self._is_new_wait and not self._is_refused:
            self._set_timer()

    def on_message_begin(self) -> None:
        """Wait for the end of the headers."""
        super().on_message_begin()
        self.scope[GONE] = self._when_gone  # type: ignore[literal-required]
        self._in_headers = True
        self._await_for(HEADER_SECONDS)

    def on_headers_complete(self) -> None:
        """Wait for the end of the body."""
        self._in_headers, self._size = False, 0
        self._await_for(BODY_SECONDS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait for nothing more."""
        self._await_for(None)
        self._in_headers, self._size = True, 0
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Wait for the client to read."""
        super().pause_writing()
        self._writing = self.loop.call_later(WRITE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop to wait for the client to read."""
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
        super().resume_writing()

    def _await_for(self, seconds: float | None) -> None:
        # Most requests come whole, and need none of the timers of their parts.
        self._seconds, self._is_new_wait = seconds, True

    def _set_timer(self) -> None:
        self._stop()
        self._is_new_wait = False
        if self._seconds is not None:
            self._timer = self.loop.call_later(self._seconds, self._close_slow)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _close_slow(self) -> None:
        if self._in_headers and not self._size:
            self.transport.close()  # Opened in advance, perhaps, and then not needed.
            return
        self._refuse(b"408 Request Timeout", b"the request did not come in time")

    def _refuse(self, status: bytes, reason: bytes) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.close()
            return
        self._stop()
        self._is_refused = True
        length = str(len(reason) + 1).encode()
        self.transport.write(
            b"HTTP/1.1 " + status + b"\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " + length
            + b"\r\nConnection: close\r\n\r\n" + reason + b"\n"
        )  # fmt: skip
        self.transport.write_eof()
        self._timer = self.loop.call_later(LINGER_SECONDS, self.transport.abort)
