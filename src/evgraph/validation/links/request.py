"""One HTTP request: only to public addresses, and cut off at a deadline.

requests resolves a name once to allow it and again to connect; here, the connection goes to the address that was
allowed. https://urllib3.readthedocs.io/
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

    from evgraph.validation.links.outcome import CrawlSettings

_HEADERS = {"User-Agent": f"evgraph/{__version__} (link check)", "Accept": "*/*", "Accept-Encoding": "identity"}


class PrivateAddressError(OSError):
    """A host name has an address that is not on the public internet."""


def request(method: str, address: str, settings: CrawlSettings) -> requests.Response:
    """Send a request and read the head of the response; no redirects, no cookies, no credentials.

    Args:
        method: ``HEAD`` or ``GET``.
        address: http or https.
        settings: of the link checker.

    Raises:
        requests.RequestException: there was no response; one of its causes is a `PrivateAddressError` where the host
            is in a private network.

    """
    sockets: list[socket.socket] = []

    def connect(host: str, port: int) -> socket.socket:
        ips = _resolve(host, port, allow_private=settings.allow_private)
        sockets.append(_connect(ips, port, settings.timeout))
        return sockets[-1]

    def hang_up() -> None:
        for opened in sockets:
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)

    proxies = requests.utils.get_environ_proxies(address)
    if proxies:  # The proxy resolves the name itself; refuse at least what this machine knows as private.
        with suppress(socket.gaierror):
            _resolve(urlsplit(address).hostname or "", 0, allow_private=settings.allow_private)
    timer = threading.Timer(settings.deadline, hang_up)
    timer.daemon = True
    with requests.Session() as client:
        client.trust_env = False  # Or it sends the credentials that .netrc has for the host.
        client.headers.update(_HEADERS)
        for scheme in ("http://", "https://"):
            client.mount(scheme, _Adapter(connect))
        timer.start()
        try:
            with client.request(
                method, address, allow_redirects=False, stream=True, timeout=settings.timeout, proxies=proxies
            ) as response:
                return response
        finally:
            timer.cancel()


def _resolve(host: str, port: int, *, allow_private: bool) -> list[str]:
    """Return the IP addresses of a host.

    Raises:
        PrivateAddressError: one of them is not on the public internet.

    """
    ips = [str(address[0]) for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for ip in ips:
        if not allow_private and not ipaddress.ip_address(ip.partition("%")[0]).is_global:
            raise PrivateAddressError(ip)
    return ips


def _connect(ips: list[str], port: int, timeout: float) -> socket.socket:
    """Connect to the first address that answers."""
    failure = OSError("the name has no address")
    for ip in ips:
        try:
            return create_connection((ip, port), timeout=timeout)
        except OSError as error:
            failure = error
    raise failure


class _Adapter(HTTPAdapter):
    """Opens connections with a given function; a proxy's are its own."""

    def __init__(self, connect: Callable[[str, int], socket.socket]) -> None:
        self._connect = connect
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make pools whose connections get their socket from `connect`."""
        connect = self._connect

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return connect(self.host, self.port)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return connect(self.host, self.port)

        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {
            "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": Plain}),
            "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": Secure}),
        }
