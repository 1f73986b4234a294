"""Clients that ask a server again and again, each in a process of its own with one connection, and what that takes."""

from __future__ import annotations

import os
import pickle
import socket
import time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

Request = bytes
"""A request as it is sent, but for `SERIAL`."""
SERIAL = "123456789"
"""What each request has another number in place of, so that no cache knows it."""


class Load(NamedTuple):
    """What one run measures."""

    rate: float  # Requests a second, of all clients.
    p50: float  # Milliseconds from a request to the end of its answer.
    p99: float
    processor: float  # Milliseconds of the server's processes for a request.


def post(path: str, query: str) -> Request:
    """Return a request of a query for rows in JSON."""
    body = f"query={quote(query)}".encode()
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/sparql-results+json\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def get(path: str) -> Request:
    """Return a request for an address."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def free_port() -> int:
    """Return a port at which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def measured(pid: int, port: int, requests: list[Request], clients: int, seconds: float) -> Load:
    """Let clients ask a server for some seconds; raise RuntimeError where an answer is not a success."""
    asked_together(port, requests, clients, seconds / 8)  # To warm up.
    before, began = processor_time(pid), time.perf_counter()
    times = sorted(asked_together(port, requests, clients, seconds))
    took = time.perf_counter() - began
    used = processor_time(pid) - before
    at = [times[min(len(times) - 1, int(len(times) * share))] * 1000 for share in (0.5, 0.99)]
    return Load(len(times) / took, at[0], at[1], used * 1000 / len(times))


def processor_time(pid: int) -> float:
    """Return the seconds that a process and those below it have used."""
    children: dict[int, list[int]] = {}
    ticks: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        number = int(status.parent.name)
        children.setdefault(int(fields[1]), []).append(number)
        ticks[number] = int(fields[11]) + int(fields[12])
    total, ahead = 0, [pid]
    while ahead:
        each = ahead.pop()
        total += ticks.get(each, 0)
        ahead += children.get(each, [])
    return total / os.sysconf("SC_CLK_TCK")


def asked_together(port: int, requests: list[Request], clients: int, seconds: float) -> list[float]:
    """Return the seconds that each request of all clients took."""
    pipes = []
    for number in range(clients):
        reads, writes = os.pipe()
        child = os.fork()
        if not child:
            code = 1
            try:
                own = requests[number * len(requests) // clients :] + requests[: number * len(requests) // clients]
                with open(writes, "wb") as out:  # noqa: PTH123 - a descriptor
                    pickle.dump(_ask(port, own, seconds), out)
                code = 0
            finally:
                os._exit(code)
        os.close(writes)
        pipes.append((child, reads))
    times: list[float] = []
    for child, reads in pipes:
        with open(reads, "rb") as results:  # noqa: PTH123 - a descriptor
            content = results.read()
        if os.waitpid(child, 0)[1]:
            raise RuntimeError("a client has failed; see above")
        times += pickle.loads(content)  # noqa: S301 - of our child
    return times


def _ask(port: int, requests: list[Request], seconds: float) -> list[float]:
    times: list[float] = []
    first = time.monotonic_ns() * 7919 + os.getpid() * 100_003  # The numbers of no two clients meet.
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end = time.perf_counter() + seconds
        while (began := time.perf_counter()) < end:
            serial = b"%09d" % ((first + len(times)) % 10**9)
            client.sendall(requests[len(times) % len(requests)].replace(SERIAL.encode(), serial))
            read_answer(client)
            times.append(time.perf_counter() - began)
    return times


def read_answer(client: socket.socket) -> bytes:
    """Return the body of an answer, in chunks or with a length; raise RuntimeError where it is no success."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(client)
    head, _, body = received.partition(b"\r\n\r\n")
    if head[9:12] != b"200":
        raise RuntimeError(received.decode(errors="replace"))
    lower = head.lower()
    if b"\r\ncontent-length:" in lower:
        length = int(lower.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += _more(client)
        return body
    while not body.endswith(b"0\r\n\r\n"):
        body += _more(client)
    return body


def _more(client: socket.socket) -> bytes:
    part = client.recv(1 << 18)
    if not part:
        raise RuntimeError("the server has closed the connection")
    return part
