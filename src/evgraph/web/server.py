"""Run the server: workers, front, signals."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import resource
import signal
import socket
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
import uvloop

from evgraph.errors import UsageError
from evgraph.web import answers
from evgraph.web.app import Front
from evgraph.web.pool import Pool
from evgraph.web.protocol import LimitedProtocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evgraph.errors import EvgraphError
    from evgraph.site.page import Options
    from evgraph.store.endpoint import Endpoint
    from evgraph.store.opening import Origin

_BACKLOG = 2048
_MOST_FILES = 1 << 16  # Each connection is one; systems allow 1,024 until a program asks for more.
_WATCH_SECONDS = 1.0
_GRACE = 5  # Seconds that the front has to send what the workers answered, when it stops.
_BEFORE_END = 0.5  # Seconds.
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


class _Server(uvicorn.Server):
    """A server that ends after SIGTERM or SIGINT without passing the signal on."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def serve(
    origin: Origin,
    *,
    host: str,
    port: int,
    seconds: float,
    megabytes: int,
    workers: int,
    options: Options,
    on_ready: Callable[[str], None],
    on_problem: Callable[[EvgraphError], None],
) -> None:
    """Serve a graph until SIGTERM or SIGINT; then finish the requests that have begun. Load it again on SIGHUP.

    Args:
        origin: the data: files, a store on disk, or a SPARQL server.
        host: the address or the name to listen at; on a loopback address, only requests for local names are answered.
        port: 0 for any that is free.
        seconds: the time limit of a query.
        megabytes: the memory of a query, beside that of the graph.
        workers: so many queries run at the same time.
        options: of the pages for people.
        on_ready: is called with the address of the server, once it answers.
        on_problem: is called when the data cannot be loaded again.

    Raises:
        UsageError: it cannot listen there, or this is not Linux.
        UnreadableError: the data cannot be read.

    """
    if sys.platform != "linux":
        raise UsageError("evgraph serve needs Linux", hint="run it in a container")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
    if origin.endpoint is not None:
        origin = origin._replace(endpoint=_within(origin.endpoint, seconds, megabytes))
    make_pool = partial(
        Pool,
        answers.prepare,
        (origin, options),
        answers.warm,
        size=workers,
        seconds=seconds,
        megabytes=megabytes,
        on_problem=on_problem,
    )
    with _listening(host, port) as listener, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(make_pool(), origin, listener, host, seconds, options, on_ready))


def _within(endpoint: Endpoint, seconds: float, megabytes: int) -> Endpoint:
    """Return an endpoint that answers within the limits of a query, and a little before a worker would be ended."""
    return replace(endpoint, timeout=max(seconds - _BEFORE_END, seconds / 2), most_bytes=megabytes << 20)


async def _run(
    pool: Pool,
    origin: Origin,
    listener: socket.socket,
    host: str,
    seconds: float,
    options: Options,
    on_ready: Callable[[str], None],
) -> None:
    address, port = listener.getsockname()[:2]
    is_local = ipaddress.ip_address(address).is_loopback
    hosts = frozenset({*_LOCAL_NAMES, host.lower()}) if is_local else frozenset[str]()
    if options.edit and not is_local:
        raise UsageError("decisions can be made from this machine only", hint="listen at 127.0.0.1")
    config = uvicorn.Config(
        Front(pool, hosts, options, is_remote=origin.endpoint is not None).app(),
        http=LimitedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=int(seconds) + _GRACE,
    )
    server = _Server(config)
    try:
        await pool.start()
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, pool.reload)
        watching = asyncio.ensure_future(_watch(origin, pool))
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        while not server.started and not serving.done():
            await asyncio.sleep(0.005)
        if server.started:
            on_ready(f"http://{_in_address(host)}:{port}/")
        await serving
        watching.cancel()
    finally:
        await pool.close()


async def _watch(origin: Origin, pool: Pool) -> None:
    """Load a store on disk again when another build has replaced it."""
    known = _build(origin)
    while origin.directory is not None:
        await asyncio.sleep(_WATCH_SECONDS)
        now = _build(origin)
        if now and now != known:
            known = now
            pool.reload()


def _build(origin: Origin) -> set[tuple[int, int]]:
    """Return what tells one build of a store from another; the file that names the version is replaced."""
    found = set()
    for file in Path(origin.directory).glob("*.json") if origin.directory is not None else ():
        with contextlib.suppress(OSError):
            found.add((file.stat().st_ino, file.stat().st_mtime_ns))
    return found


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # Else a short answer waits for 40 ms.
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(
            f"cannot listen at {host}, port {port}: {reason}", hint="choose another address or port"
        ) from None
    return listener


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host
