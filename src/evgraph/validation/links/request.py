"""Requests that leave for the web: only to public addresses, and hung up on when they take too long.

The library itself looks a name up once to allow it and once more to connect; here it connects to what was allowed.
https://urllib3.readthedocs.io/
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.connection import create_connection

from evgraph import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from urllib3.poolmanager import PoolManager

_AGENT = f"evgraph/{__version__} (link check)"


class PrivateAddressError(OSError):
    """A name leads to an address that is not on the public internet."""


def request(method: str, address: str, *, timeout: float, deadline: float, allow_private: bool) -> requests.Response:
    """Send one request and read the head of its answer: no redirect followed, no cookies, no credentials from anywhere.

    Args:
        method: ``HEAD`` or ``GET``.
        address: http or https.
        timeout: seconds that the server may be silent.
        deadline: seconds after which the line is cut, whatever the server does.
        allow_private: connect to private, loopback and link-local addresses too.

    Raises:
        requests.RequestException: there was no answer. At its bottom lies a `PrivateAddressError` where the name leads
            into a private network.

    """
    lines: list[socket.socket] = []

    def connect(host: str, port: int) -> socket.socket:
        lines.append(_connected(_places(host, port, allow_private=allow_private), port, timeout))
        return lines[-1]

    def hang_up() -> None:
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    proxies = requests.utils.get_environ_proxies(address)
    if proxies:  # Then it is the proxy that looks the name up; what can be known here is.
        with suppress(socket.gaierror):
            _places(urlsplit(address).hostname or "", 0, allow_private=allow_private)
    watch = threading.Timer(deadline, hang_up)
    watch.daemon = True
    with requests.Session() as client:
        client.trust_env = False  # Or it would send what .netrc holds for the host.
        client.headers.update({"User-Agent": _AGENT, "Accept": "*/*", "Accept-Encoding": "identity"})
        for scheme in ("http://", "https://"):
            client.mount(scheme, _Adapter(connect))
        watch.start()
        try:
            with client.request(
                method, address, allow_redirects=False, stream=True, timeout=timeout, proxies=proxies
            ) as answer:
                return answer
        finally:
            watch.cancel()


def _places(host: str, port: int, *, allow_private: bool) -> list[str]:
    """Look a name up.

    Raises:
        PrivateAddressError: one of its addresses is not on the public internet.

    """
    places = [str(place[0]) for *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for ip in places:
        if not allow_private and not ipaddress.ip_address(ip.partition("%")[0]).is_global:
            raise PrivateAddressError(ip)
    return places


def _connected(places: list[str], port: int, timeout: float) -> socket.socket:
    """Connect to the first of some addresses that answers."""
    last = OSError("the name has no address")
    for ip in places:
        try:
            return create_connection((ip, port), timeout=timeout)
        except OSError as error:
            last = error
    raise last


class _Adapter(HTTPAdapter):
    """Connects by a function of ours. Through a proxy, it is the proxy that connects."""

    def __init__(self, connect: Callable[[str, int], socket.socket]) -> None:
        self._connect = connect
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Give the pools connections that ask `connect` for their socket."""
        connect = self._connect

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return connect(self.host, self.port)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return connect(self.host, self.port)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
