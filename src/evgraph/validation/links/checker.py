"""The link checker: whether addresses on the web still work.

HEAD first, GET where HEAD fails; redirects one at a time; several hosts at once, each at its own pace.
https://www.rfc-editor.org/rfc/rfc9110
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections import defaultdict
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin, urlsplit

import requests

from evgraph.validation.links.outcome import NO_HOST, NO_LOOKUP, NOT_PUBLIC, CrawlSettings, Outcome, Status
from evgraph.validation.links.request import PrivateAddressError, request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HOSTS_AT_ONCE = 8
_HOPS = 10
_PERMANENT = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT}
_REDIRECTS = _PERMANENT | {HTTPStatus.FOUND, HTTPStatus.SEE_OTHER, HTTPStatus.TEMPORARY_REDIRECT}
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
# What servers answer to programs but not to people; 999 is one network's own.
_REFUSED = {401, 402, 403, 405, 406, 407, 409, 429, 451, 999}
_NOT_USABLE = Outcome(Status.DEAD, "it is no address that can be requested")


class LinkChecker:
    """Checks addresses without reading a body, and without cookies and credentials."""

    def __init__(self, settings: CrawlSettings | None = None) -> None:
        self._settings = settings or CrawlSettings()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._next_request: dict[str, float] = {}

    def check_all(self, addresses: Mapping[str, bool]) -> Iterator[tuple[str, Outcome]]:
        """Check addresses, several hosts at a time; yield each outcome when it is known.

        Args:
            addresses: address → whether its redirects are followed (see `check`).

        """
        hosts: defaultdict[str, list[str]] = defaultdict(list)
        for address in addresses:
            hosts[_host(address)].append(address)
        waiting = queue.SimpleQueue[list[str]]()
        for group in hosts.values():
            waiting.put(group)
        outcomes = queue.SimpleQueue[tuple[str, Outcome]]()

        def work() -> None:
            while True:
                try:
                    group = waiting.get_nowait()
                except queue.Empty:
                    return
                for address in group:
                    outcomes.put((address, self.check(address, follow=addresses[address])))

        for _ in range(min(_HOSTS_AT_ONCE, len(hosts))):
            # A daemon, so that a thread that waits for a server does not keep the process from ending.
            threading.Thread(target=work, daemon=True).start()
        for _ in addresses:
            yield outcomes.get()

    def check(self, address: str, *, follow: bool = True) -> Outcome:
        """Check one address, and the targets of its redirects.

        Args:
            address: its fragment is not sent.
            follow: whether redirects are followed; else, a redirect is a success, which is how resolvers of
                identifiers answer.

        """
        start = current = urldefrag(address).url
        moved = ""  # The target of the permanent redirects before any other.
        permanent = True
        for _ in range(_HOPS):
            answer = _unusable(current) or self._response(current)
            if isinstance(answer, Outcome):
                return answer if current == start else Outcome(answer.status, f"{answer.detail}, at {current}")
            target = answer.headers.get("Location")
            if not (follow and target and answer.status_code in _REDIRECTS):
                return _outcome(answer.status_code, start, current, moved)
            permanent = permanent and answer.status_code in _PERMANENT
            current = urldefrag(urljoin(current, _decoded(target))).url
            moved = current if permanent else moved
        return Outcome(Status.DEAD, f"it redirects more than {_HOPS} times")

    def _response(self, address: str) -> requests.Response | Outcome:
        """Request an address, again after a while if the server is busy or fails."""
        for remaining in reversed(range(self._settings.tries)):
            answer = self._request("HEAD", address)
            if not isinstance(answer, Outcome) and HTTPStatus.BAD_REQUEST <= answer.status_code not in _BUSY:
                answer = self._request("GET", address)  # Not every server supports HEAD.
            if isinstance(answer, Outcome):
                if answer.status is Status.UNKNOWN and remaining:
                    continue
                return answer
            code = answer.status_code
            if code not in _BUSY and code < HTTPStatus.INTERNAL_SERVER_ERROR:
                return answer
            wait = _seconds(answer.headers.get("Retry-After"))
            if wait > self._settings.patience:
                return Outcome(Status.BLOCKED, f"{_phrase(code)}, and not before {wait:.0f} seconds have passed")
            if remaining:
                time.sleep(wait)
        return answer

    def _request(self, method: str, address: str) -> requests.Response | Outcome:
        host, start = _host(address), time.monotonic()
        with self._locks[host]:
            time.sleep(max(0.0, self._next_request.get(host, 0.0) - time.monotonic()))
            self._next_request[host] = time.monotonic() + self._settings.pace
            start = time.monotonic()
        try:
            return request(method, address, self._settings)
        except (requests.RequestException, OSError, ValueError) as error:
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
    causes = list(_causes(error))
    for cause in causes:
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
    if any(isinstance(cause, requests.Timeout | TimeoutError) for cause in causes):
        return Outcome(Status.UNKNOWN, f"no answer within {seconds:.0f} seconds")
    return Outcome(Status.UNKNOWN, "the connection broke before there was an answer")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those that it wraps; libraries also keep them in `reason` and `args`."""
    ahead: list[object] = [error]
    seen: set[int] = set()
    while ahead:
        cause = ahead.pop()
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            ahead += [cause.__context__, cause.__cause__, getattr(cause, "reason", None), *cause.args]


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


def _seconds(retry_after: str | None) -> float:
    """Parse ``Retry-After``, seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#name-retry-after."""
    text = (retry_after or "").strip()
    if text.isdecimal():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _phrase(code: int) -> str:
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)
