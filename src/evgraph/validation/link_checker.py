"""The link checker: whether addresses on the web still work.

HEAD first, GET where HEAD fails; redirects one at a time, with the cookies that they set; several hosts at once, each
at its own pace. A request goes only to public addresses and is cut off at a deadline. requests resolves a name once to
allow it and again to connect; here, the connection goes to the address that was allowed. https://www.rfc-editor.org/rfc/rfc9110
https://urllib3.readthedocs.io/
"""

from __future__ import annotations

import http.client
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections import defaultdict
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urldefrag, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from evgraph import __version__
from evgraph.characters import visible
from evgraph.redaction import redact
from evgraph.store.deadline import Deadline, connect, resolve, response_class
from evgraph.store.transport import retry_after
from evgraph.validation.addresses import NO_HOST, NO_LOOKUP, NOT_PUBLIC, Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from http.cookiejar import CookieJar

_HOSTS_AT_ONCE = 8
_HOPS = 10
_HEADERS = {"User-Agent": f"evgraph/{__version__} (link check)", "Accept": "*/*", "Accept-Encoding": "identity"}
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
# What servers answer to programs but not to people; 999 is one network's own.
_REFUSED = {401, 402, 403, 405, 406, 407, 409, 451, 999}
_NOT_USABLE = Outcome(Status.DEAD, "it is no address that can be requested")


class CrawlSettings(NamedTuple):
    """How servers are requested; times are in seconds."""

    pace: float = 1.0  # Between two requests to one host.
    timeout: float = 10.0  # For which a server may send nothing.
    deadline: float = 30.0  # For one request in all.
    tries: int = 3  # The number of requests to a server that is busy or fails.
    patience: float = 60.0  # The longest ``Retry-After`` that is waited for.
    allow_private: bool = False  # Whether private, loopback and link-local addresses are requested, too.


class PrivateAddressError(OSError):
    """A host name has an address that is not on the public internet."""


class LinkChecker:
    """Checks addresses without reading a body, and without credentials; cookies last for the check of one address."""

    def __init__(self, settings: CrawlSettings) -> None:
        self._settings = settings
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._next_request: dict[str, float] = {}

    def check_all(self, addresses: Mapping[str, bool]) -> Iterator[tuple[str, Outcome]]:
        """Check addresses, several hosts at a time; yield each outcome when it is known.

        `addresses` says of each whether its redirects are followed; see `check`. An error in a check ends all of them.
        """
        hosts: defaultdict[str, list[str]] = defaultdict(list)
        for address in addresses:
            hosts[_host(address)].append(address)
        outcomes = queue.SimpleQueue[tuple[str, Outcome] | BaseException]()
        free = threading.Semaphore(_HOSTS_AT_ONCE)

        def check_host(group: Sequence[str]) -> None:
            try:
                for address in group:
                    outcomes.put((address, self.check(address, follow=addresses[address])))
            except BaseException as error:  # Or the run would wait for the outcome for ever.
                outcomes.put(error)
            finally:
                free.release()

        for group in hosts.values():
            free.acquire()
            # A daemon, so that a thread that waits for a server does not keep the process from ending.
            threading.Thread(target=check_host, args=(group,), daemon=True).start()
        for _ in addresses:
            outcome = outcomes.get()
            if isinstance(outcome, BaseException):
                raise outcome
            yield outcome

    def check(self, address: str, *, follow: bool = True) -> Outcome:
        """Check one address without its fragment, and the targets of its redirects.

        Where they are not followed, a redirect is a success, which is how resolvers of identifiers answer.
        """
        outcome = self._follow(address.partition("#")[0], follow=follow)
        return outcome._replace(detail=visible(redact(outcome.detail)))  # A server may have written parts of it.

    def _follow(self, start: str, *, follow: bool) -> Outcome:
        current = start
        moved = ""  # The target of the permanent redirects before any other.
        permanent = True
        cookies = requests.cookies.RequestsCookieJar()
        for _ in range(_HOPS):
            answer = _unusable(current) or self._response(current, cookies)
            if isinstance(answer, Outcome):
                return answer if current == start else Outcome(answer.status, f"{answer.detail}, at {current}")
            target = answer.headers.get("Location")
            if not (follow and target and answer.is_redirect):
                return _outcome(answer.status_code, start, current, moved)
            permanent = permanent and answer.is_permanent_redirect
            try:
                current = urldefrag(urljoin(current, _decoded(target))).url
            except ValueError:
                return Outcome(_NOT_USABLE.status, f"{_NOT_USABLE.detail}, at {_decoded(target)}")
            moved = current if permanent else moved
        return Outcome(Status.UNKNOWN, f"it redirects more than {_HOPS} times")

    def _response(self, address: str, cookies: CookieJar) -> requests.Response | Outcome:
        """Request an address, again after a while if the server is busy or fails."""
        for remaining in reversed(range(self._settings.tries)):
            start = time.monotonic()
            answer = self._request("HEAD", address, cookies)
            if not isinstance(answer, Outcome) and HTTPStatus.BAD_REQUEST <= answer.status_code not in _BUSY:
                answer = self._request("GET", address, cookies)  # Not every server supports HEAD.
            if isinstance(answer, Outcome):
                took_all_its_time = time.monotonic() - start >= self._settings.deadline
                if answer.status is Status.UNKNOWN and remaining and not took_all_its_time:
                    continue
                return answer
            code = answer.status_code
            if code not in _BUSY and code < HTTPStatus.INTERNAL_SERVER_ERROR:
                return answer
            wait = retry_after(answer.headers.get("Retry-After")) or 0.0
            if wait > self._settings.patience:
                return Outcome(Status.BLOCKED, f"{_phrase(code)}, and not before {wait:.0f} seconds have passed")
            if remaining:
                time.sleep(wait)
        return answer

    def _request(self, method: str, address: str, cookies: CookieJar) -> requests.Response | Outcome:
        host = _host(address)
        with self._locks[host]:
            time.sleep(max(0.0, self._next_request.get(host, 0.0) - time.monotonic()))
            start = time.monotonic()
            self._next_request[host] = start + self._settings.pace
        try:
            return _send(method, address, self._settings, cookies)
        except (requests.RequestException, HTTPError, http.client.HTTPException, OSError, ValueError) as error:
            return _failure(error, time.monotonic() - start)


def _outcome(code: int, start: str, current: str, moved: str) -> Outcome:
    """Return the outcome of the last response."""
    if code < HTTPStatus.BAD_REQUEST:
        if urlsplit(current).path.strip("/") == "" != urlsplit(start).path.strip("/"):
            return Outcome(Status.MOVED, f"it leads to a front page, {current}, and its content may be gone")
        return Outcome(Status.MOVED, f"moved to {moved}") if moved else Outcome(Status.ALIVE)
    phrase = _phrase(code) if current == start else f"{_phrase(code)}, at {current}"
    status = Status.DEAD if code in _GONE else Status.BLOCKED if code in _REFUSED else Status.UNKNOWN
    return Outcome(status, phrase)


def _failure(error: Exception, seconds: float) -> Outcome:
    """Return the outcome of a request without a response, by the causes of the error."""
    for cause in _causes(error):
        if isinstance(cause, PrivateAddressError):
            return Outcome(Status.BLOCKED, f"{cause} {NOT_PUBLIC}")
        if isinstance(cause, socket.gaierror):
            return NO_HOST if cause.errno == socket.EAI_NONAME else NO_LOOKUP
        if isinstance(cause, ssl.SSLError):
            return Outcome(Status.UNKNOWN, f"no secure connection: {cause.reason or cause}")
        if isinstance(cause, ConnectionRefusedError):
            return Outcome(Status.UNKNOWN, "the host refuses connections")
        if isinstance(cause, UnicodeError | requests.exceptions.InvalidURL):
            return _NOT_USABLE
        if isinstance(cause, requests.Timeout | TimeoutError):
            return Outcome(Status.UNKNOWN, f"no answer within {seconds:.0f} seconds")
    return Outcome(Status.UNKNOWN, "the connection broke before there was an answer")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error of a request and those that the libraries wrap in it, down to the system's own."""
    cause: BaseException | None = error
    while isinstance(cause, OSError | ValueError | HTTPError | http.client.HTTPException):
        yield cause
        cause = cause.__context__


def _unusable(address: str) -> Outcome | None:
    """Return the outcome of an address that is not to be requested."""
    try:
        parts = urlsplit(address)
        host, secret = parts.hostname, parts.username or parts.password
        _ = parts.port
    except ValueError:
        return _NOT_USABLE
    if parts.scheme not in {"http", "https"} or not host:
        return Outcome(Status.DEAD, "it is no address of the web")
    if secret is not None:
        return Outcome(Status.BLOCKED, "it contains a user name or a password, which were not sent")
    return None


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _decoded(target: str) -> str:
    """Decode a header as UTF-8 where it is that; it arrives as Latin-1."""
    try:
        return target.encode("latin-1").decode()
    except UnicodeError:
        return target


def _phrase(code: int) -> str:
    return f"{code} {http.client.responses.get(code, '')}".strip()


def _send(method: str, address: str, settings: CrawlSettings, cookies: CookieJar) -> requests.Response:
    """Send a request and read the head of the response; no redirects, no credentials; cookies are added to the jar.

    Raise RequestException if there was none; one of its causes is a `PrivateAddressError` if the host is in a private
    network.
    """
    deadline = Deadline(settings.deadline, settings.timeout)
    proxies = requests.utils.get_environ_proxies(address)
    if proxies:  # The proxy resolves the name itself; refuse at least what this machine knows as private.
        with suppress(socket.gaierror):
            _resolve(urlsplit(address).hostname or "", 0, deadline, allow_private=settings.allow_private)
    with requests.Session() as client:
        client.trust_env = False  # Or it sends the credentials that .netrc has for the host.
        client.headers.update(_HEADERS)
        client.cookies = cookies  # type: ignore[assignment]
        for scheme in ("http://", "https://"):
            client.mount(scheme, _Adapter(deadline, allow_private=settings.allow_private))
        with client.request(
            method, address, allow_redirects=False, stream=True, timeout=settings.timeout, proxies=proxies
        ) as response:
            return response


def _resolve(host: str, port: int, deadline: Deadline, *, allow_private: bool) -> list[str]:
    """Return the IP addresses of a host; raise PrivateAddressError if one of them is not on the public internet."""
    ips = resolve(host, port, deadline)
    for ip in ips:
        if not allow_private and not _is_public(ip):
            raise PrivateAddressError(ip)
    return ips


# https://www.iana.org/assignments/ipv6-address-space: what is outside is for loopback, links, sites and groups.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # https://www.rfc-editor.org/rfc/rfc6052


def _is_public(ip: str) -> bool:
    """Return whether an address is of one host on the public internet, itself or the IPv4 address inside it."""
    address = ipaddress.ip_address(ip.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is None:
            return address.is_global and address in _GLOBAL_UNICAST
        address = inside
    return address.is_global and not address.is_multicast


class _Adapter(HTTPAdapter):
    """Opens connections that end at a deadline, to public addresses; to a proxy, at any address."""

    def __init__(self, deadline: Deadline, *, allow_private: bool) -> None:
        self._read = {"response_class": staticmethod(response_class(deadline))}

        def open_connection(connection: HTTPConnection) -> socket.socket:
            ips = _resolve(connection.host, connection.port, deadline, allow_private=allow_private)
            return connect(ips, connection.port, deadline)

        self._open = {"_new_conn": open_connection}
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._read | self._open)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _pools(self._read)
        return manager


def _pools(methods: Mapping[str, Any]) -> dict[str, Any]:
    """Return the pools of connections, by scheme, whose connections have these methods."""
    kinds = {"http": (HTTPConnectionPool, HTTPConnection), "https": (HTTPSConnectionPool, HTTPSConnection)}
    return {
        scheme: type("Pool", (pool,), {"ConnectionCls": type("Connection", (connection,), dict(methods))})
        for scheme, (pool, connection) in kinds.items()
    }
