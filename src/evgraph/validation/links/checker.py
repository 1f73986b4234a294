"""Whether an address on the web still answers: asked politely, one hop at a time, never inside a private network."""

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

from evgraph.validation.links.outcome import NO_HOST, NO_LOOKUP, NOT_PUBLIC, Manners, Outcome, Status
from evgraph.validation.links.request import PrivateAddressError, request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_AT_ONCE = 8  # Hosts.
_HOPS = 10
_PERMANENT = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT}
_REDIRECTS = _PERMANENT | {HTTPStatus.FOUND, HTTPStatus.SEE_OTHER, HTTPStatus.TEMPORARY_REDIRECT}
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
# What servers say to programs and not to people; 999 is one network's own invention.
_REFUSED = {401, 402, 403, 405, 406, 407, 409, 429, 451, 999}


class Asker:
    """Asks addresses: HEAD first, GET where HEAD is not understood, no body read, no cookies, no credentials.

    https://www.rfc-editor.org/rfc/rfc9110
    """

    def __init__(self, manners: Manners | None = None) -> None:
        self._manners = manners or Manners()
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._free: dict[str, float] = {}

    def ask_all(self, addresses: Mapping[str, bool]) -> Iterator[tuple[str, Outcome]]:
        """Ask addresses, several hosts at a time; the outcomes come as they are known.

        Args:
            addresses: address → whether its redirects are followed (see `ask`).

        """
        hosts: defaultdict[str, list[str]] = defaultdict(list)
        for address in addresses:
            hosts[_host(address)].append(address)
        waiting = queue.SimpleQueue[list[str]]()
        for group in hosts.values():
            waiting.put(group)
        known = queue.SimpleQueue[tuple[str, Outcome]]()

        def work() -> None:
            while True:
                try:
                    group = waiting.get_nowait()
                except queue.Empty:
                    return
                for address in group:
                    known.put((address, self.ask(address, follow=addresses[address])))

        for _ in range(min(_AT_ONCE, len(hosts))):
            # A thread that waits for a server shall not keep the process from ending.
            threading.Thread(target=work, daemon=True).start()
        for _ in addresses:
            yield known.get()

    def ask(self, address: str, *, follow: bool = True) -> Outcome:
        """Ask one address; each hop of its redirects is judged like the address itself.

        Args:
            address: its fragment is left out.
            follow: whether redirects are followed; else one is as good an answer as any: resolvers of identifiers
                give it for what they know.

        """
        start = here = urldefrag(address).url
        moved = ""  # Where permanent redirects lead to, as far as no other comes between.
        lasting = True
        for _ in range(_HOPS):
            answer = _not_askable(here) or self._insisting(here)
            if isinstance(answer, Outcome):
                return answer if here == start else Outcome(answer.status, f"{answer.detail}, at {here}")
            target = answer.headers.get("Location")
            if not (follow and target and answer.status_code in _REDIRECTS):
                return _judged(answer.status_code, start, here, moved)
            lasting = lasting and answer.status_code in _PERMANENT
            here = urldefrag(urljoin(here, _decoded(target))).url
            moved = here if lasting else moved
        return Outcome(Status.DEAD, f"it redirects more than {_HOPS} times")

    def _insisting(self, address: str) -> requests.Response | Outcome:
        """Ask again, after a while, a server that is busy or fails."""
        for left in reversed(range(self._manners.tries)):
            answer = self._request(address)
            if isinstance(answer, Outcome):
                if answer.status is Status.UNKNOWN and left:
                    continue
                return answer
            code = answer.status_code
            if code not in _BUSY and code < HTTPStatus.INTERNAL_SERVER_ERROR:
                return answer
            wait = _seconds(answer.headers.get("Retry-After"))
            if wait > self._manners.patience:
                return Outcome(Status.BLOCKED, f"{_said(code)}, and not before {wait:.0f} seconds have passed")
            if not left:
                break
            time.sleep(wait)
        return answer

    def _request(self, address: str) -> requests.Response | Outcome:
        """Ask with HEAD; and with GET, since not every server knows HEAD, before bad news is believed."""
        answer = self._once("HEAD", address)
        if isinstance(answer, Outcome) or answer.status_code < HTTPStatus.BAD_REQUEST or answer.status_code in _BUSY:
            return answer
        return self._once("GET", address)

    def _once(self, method: str, address: str) -> requests.Response | Outcome:
        manners = self._manners
        self._wait_for_turn(_host(address))
        began = time.monotonic()
        try:
            return request(
                method,
                address,
                timeout=manners.timeout,
                deadline=manners.deadline,
                allow_private=manners.allow_private,
            )
        except (requests.RequestException, OSError, ValueError) as error:
            return _fault(error, time.monotonic() - began)

    def _wait_for_turn(self, host: str) -> None:
        with self._turns[host]:
            time.sleep(max(0.0, self._free.get(host, 0.0) - time.monotonic()))
            self._free[host] = time.monotonic() + self._manners.pace


def _judged(code: int, start: str, here: str, moved: str) -> Outcome:
    """Judge the last answer."""
    if code < HTTPStatus.BAD_REQUEST:
        if urlsplit(here).path.strip("/") == "" != urlsplit(start).path.strip("/"):
            return Outcome(Status.MOVED, f"it leads to a front page, {here}, and what it stood for may be gone")
        return Outcome(Status.MOVED, f"moved to {moved}") if moved else Outcome(Status.ALIVE)
    said = _said(code) if here == start else f"{_said(code)}, at {here}"
    if code in _GONE:
        return Outcome(Status.DEAD, said)
    return Outcome(Status.BLOCKED if code in _REFUSED else Status.UNKNOWN, said)


def _fault(error: Exception, seconds: float) -> Outcome:
    """Judge a request that got no answer, by what lies at the bottom of it."""
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
            return Outcome(Status.DEAD, "it is no address that can be asked")
    if isinstance(error, requests.Timeout) or any(isinstance(one, TimeoutError) for one in _causes(error)):
        return Outcome(Status.UNKNOWN, f"no answer within {seconds:.0f} seconds")
    return Outcome(Status.UNKNOWN, "the connection broke before there was an answer")


def _causes(error: BaseException) -> Iterator[BaseException]:
    ahead: list[object] = [error]
    seen: set[int] = set()
    while ahead:
        one = ahead.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            ahead += [one.__context__, one.__cause__, getattr(one, "reason", None), *one.args]


def _not_askable(address: str) -> Outcome | None:
    try:
        parts = urlsplit(address)
        named, secret = parts.hostname, parts.username or parts.password
        _ = parts.port
    except ValueError:
        return Outcome(Status.DEAD, "it is no address that can be asked")
    if parts.scheme not in {"http", "https"} or not named:
        return Outcome(Status.DEAD, "it is no address of the web")
    if secret is not None:
        return Outcome(Status.BLOCKED, "it holds a user name or a password, which were not sent")
    return None


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _decoded(target: str) -> str:
    """Read a header as UTF-8, where it is that: it arrives as if it were Latin-1."""
    try:
        return target.encode("latin-1").decode()
    except UnicodeError:
        return target


def _seconds(retry_after: str | None) -> float:
    """Read ``Retry-After``: seconds, or a date.

    https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
    """
    text = (retry_after or "").strip()
    if text.isdecimal():
        return float(text)
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    return max(0.0, (then.replace(tzinfo=then.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _said(code: int) -> str:
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)
