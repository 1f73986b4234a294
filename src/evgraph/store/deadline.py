"""HTTP connections with one deadline for the whole exchange, whatever a server sends byte by byte.

A socket's timeout is for one read. A status line, a header, the size of a chunk or an endless ``100 Continue`` takes
many reads; here, each of them gets the time that remains, and so does the look-up of the name. https://docs.python.org/3/library/http.client.html
"""

from __future__ import annotations

import http.client
import io
import math
import queue
import socket
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class Deadline:
    """A point in time, so many seconds from now, and how many of them a server may be silent."""

    def __init__(self, seconds: float, silence: float = math.inf) -> None:
        self._end, self._silence = time.monotonic() + seconds, silence

    def remaining(self) -> float:
        """Return the seconds that the next step may take; raise TimeoutError if the time has passed."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return min(seconds, self._silence)


class _Reader(io.RawIOBase):
    """What arrives at a socket, read until a deadline."""

    def __init__(self, raw: io.RawIOBase, connection: socket.socket, deadline: Deadline) -> None:
        self._raw, self._connection, self._deadline = raw, connection, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._connection.settimeout(self._deadline.remaining())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, deadline: Deadline, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Reader(self.fp.detach(), sock, deadline))


def response_class(deadline: Deadline) -> Any:
    """Return a `response_class` of `http.client.HTTPConnection` that reads until a deadline."""
    return partial(_Response, deadline)


def connect(ips: Iterable[str], port: int, deadline: Deadline) -> socket.socket:
    """Return a connection to the first address that answers; raise OSError if none does."""
    failure = OSError("the name has no address")
    for ip in ips:
        try:
            return socket.create_connection((ip, port), timeout=deadline.remaining())
        except OSError as error:
            failure = error
    raise failure


def resolve(host: str, port: int, deadline: Deadline) -> list[str]:
    """Return the IP addresses of a host; raise socket.gaierror if it has none, TimeoutError if nobody says it in time.

    The system's look-up knows no deadline, so it runs in a thread, which may outlive the call.
    """
    answers = queue.SimpleQueue[list[str] | BaseException]()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([str(address[0]) for *_, address in found])
        except BaseException as error:  # Or the caller would wait for a thread that has ended.
            answers.put(error)

    threading.Thread(target=look_up, daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.remaining())
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, BaseException):
        raise answer
    return answer


class _Timed:
    """Connects, sends and receives until a deadline.

    It reads the answer of a server that does not read the whole request, as where it wants a password first.
    """

    sock: socket.socket | None
    timeout: float | None

    def __init__(self, deadline: Deadline, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline = deadline
        self.response_class = response_class(deadline)
        self._create_connection = lambda address, *_: connect(
            resolve(address[0], address[1], deadline), address[1], deadline
        )

    def send(self, data: object) -> None:
        is_connected = self.sock is not None
        if self.sock is not None:
            self.sock.settimeout(self._deadline.remaining())
        try:
            super().send(data)  # type: ignore[misc]
        except (BrokenPipeError, ConnectionResetError):
            if not is_connected:
                raise


class HttpConnection(_Timed, http.client.HTTPConnection):
    """A connection that ends at a deadline."""


class HttpsConnection(_Timed, http.client.HTTPSConnection):
    """A secure connection that ends at a deadline."""
