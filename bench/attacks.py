"""Hostile queries and half-sent requests at ``evgraph serve``, and how others are served meanwhile.

Usage: python -m bench.attacks [--seconds LIMIT] [--half-sent N]

Each hostile query runs alone against a server with two workers and a time limit. Another client, in a process of its
own, asks short queries all the while, each with another text. ``over`` is the time beyond the limit until the hostile
query has ended, ``burnt`` the processor time of the server in the second after a pause; ``failed`` counts short
queries.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import socket
import time
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from bench.load import SERIAL, asked_together, post, processor_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing import SimpleQueue
from tests.web.conftest import serving
from tests.web.test_limits import ENDLESS, HOSTILE, SHORT


def hostile(port: int, query: str) -> tuple[str, float]:
    """Send a query and read until its end; return how it ended, and the seconds that this took."""
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(f"GET /sparql?query={quote(query)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        client.settimeout(60)
        answer = client.recv(1 << 16)
        status = answer.split()[1].decode()
        tail = answer
        while status == "200" and (part := client.recv(1 << 16)):
            tail = tail[-5:] + part
        took = time.perf_counter() - began
    if status == "200":
        return "whole" if tail.endswith(b"0\r\n\r\n") else "broken off", took
    return status, took


def half_sent(port: int, count: int) -> tuple[str, float]:
    """Open connections that each send half of a request; return how they ended, and the seconds until the last end."""
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
    began = time.perf_counter()
    for client in clients:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-")
    ends = set()
    for client in clients:
        client.settimeout(60)
        ends.add(b"".join(iter(lambda: client.recv(1 << 16), b"")).split()[1].decode())  # noqa: B023 - at once
        client.close()
    return ", ".join(sorted(ends)), time.perf_counter() - began


def _nothing(seconds: float) -> tuple[str, float]:
    time.sleep(seconds)
    return "", seconds


def _attack(attack: Callable[[], tuple[str, float]], ends: SimpleQueue[tuple[str, float]]) -> None:
    ends.put(attack())


def main() -> None:
    """Print a row for each attack."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--half-sent", type=int, default=1000)
    options = parser.parse_args()
    limit: float = options.seconds
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 1 << 16) if hard > 0 else 1 << 16, hard))
    print(
        f"{'attack':>16} {'ended':>10} {'after s':>8} {'over s':>7} {'burnt s':>8}"
        f" {'short':>6} {'p50 ms':>7} {'p99 ms':>7} {'max ms':>7} {'failed':>6}"
    )
    with serving("--timeout", str(limit), "--workers", "2", "--max-memory", "1000") as server:
        port = int(server.url.rpartition(":")[2])
        short = [post("/sparql", f"{SHORT}\n# {SERIAL}")]
        asked_together(port, short, 1, 0.5)
        queries = HOSTILE | {"endless": ENDLESS}
        attacks: dict[str, Callable[[], tuple[str, float]]] = {
            "(none)": partial(_nothing, limit),
            **{name: partial(hostile, port, query) for name, query in queries.items()},
            f"{options.half_sent} half-sent": partial(half_sent, port, options.half_sent),
        }
        processes = multiprocessing.get_context("fork")
        for name, attack in attacks.items():
            ends: SimpleQueue[tuple[str, float]] = processes.SimpleQueue()
            attacking = processes.Process(target=_attack, args=(attack, ends))
            attacking.start()
            times, failed = [], 0
            while attacking.is_alive():
                try:
                    times += asked_together(port, short, 1, 0.5)
                except RuntimeError:
                    failed += 1
            end = ends.get()
            time.sleep(0.5)  # In which a new worker starts.
            before = processor_time(server.process.pid)
            time.sleep(1)
            burnt = processor_time(server.process.pid) - before
            times.sort()
            middle, late = (times[int(len(times) * share)] * 1000 for share in (0.5, 0.99))
            print(
                f"{name:>16} {end[0]:>10} {end[1]:8.2f} {max(0, end[1] - limit):7.2f} {burnt:8.2f}"
                f" {len(times):6} {middle:7.2f} {late:7.2f} {times[-1] * 1000:7.2f} {failed:6}",
                flush=True,
            )


if __name__ == "__main__":
    main()
