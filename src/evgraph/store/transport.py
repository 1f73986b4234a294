"""HTTP for SPARQL servers, with guards: credentials, deadline, size, no redirects, no secrets in messages, retries.

Imported only for a server, because requests takes a while: https://requests.readthedocs.io/
https://www.w3.org/TR/sparql11-protocol/

Credentials come from the environment or from netrc, and nowhere else. ``EVGRAPH_TOKEN`` is a bearer token;
``EVGRAPH_USER`` and ``EVGRAPH_PASSWORD`` answer a server that asks for basic or digest authentication. Without these,
evgraph looks the host up in ``~/.netrc``, or in the file that ``NETRC`` names.
"""

from __future__ import annotations

import html
import http.client
import os
import re
import ssl
import tempfile
import time
from contextlib import suppress
from functools import cache, partial
from itertools import count
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth, HTTPDigestAuth
from urllib3.exceptions import HTTPError, InvalidHeader
from urllib3.util import Retry

from evgraph import __version__
from evgraph.errors import EndpointError, LimitReachedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


HOW_TO_LOG_IN = "set EVGRAPH_USER and EVGRAPH_PASSWORD, or EVGRAPH_TOKEN, or name the host in ~/.netrc"

AGENT = f"evgraph/{__version__}"
"""How evgraph names itself to servers."""

_CHUNK = 1 << 16  # Bytes that are read at a time; as many of an error page are read.
_RETRIES = 3  # Of a query, after 429 or 503.
_LONGEST_WAIT = 60.0  # Seconds; a server that asks for a longer pause is not asked again.
_IN_MEMORY = 1 << 25  # Bytes; longer answers go to a temporary file.
_LONGEST_MESSAGE = 300  # Characters of a server's own words.
_MARKUP = re.compile(r"<(script|style|title)\b.*?</\1\s*>|<!--.*?-->|</?[A-Za-z!?][^>]*>", re.DOTALL | re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")


class Credentials(NamedTuple):
    """A user with a password, or a bearer token; neither secret shows in a repr."""

    user: str | None = None
    password: str | None = None
    token: str | None = None

    def __repr__(self) -> str:
        """Return the user only."""
        return f"Credentials({self.user!r})"

    def hide_in(self, text: str) -> str:
        """Return a text without the secrets."""
        for secret in filter(None, (self.password, self.token)):
            text = text.replace(secret, "…")
        return text


def credentials(url: str) -> Credentials:
    """Return the credentials for an address; all None where there are none.

    Raise UsageError for a user without a password, or a netrc that cannot be read.
    """
    user, password, token = (os.environ.get(f"EVGRAPH_{name}") for name in ("USER", "PASSWORD", "TOKEN"))
    if token:
        return Credentials(token=token.strip())
    if user and password:
        return Credentials(user, password)
    if user or password:
        raise UsageError("only one of EVGRAPH_USER and EVGRAPH_PASSWORD is set", hint="set both, or neither")
    return _from_netrc(urlsplit(url).hostname or "")


def _from_netrc(host: str) -> Credentials:
    import netrc

    path = os.environ.get("NETRC")
    try:
        entry = netrc.netrc(path).authenticators(host)
    except FileNotFoundError:
        return Credentials()
    except (OSError, UnicodeError, netrc.NetrcParseError) as error:
        reason = error.msg if isinstance(error, netrc.NetrcParseError) else type(error).__name__
        raise UsageError(f"cannot be read: {reason}", path=path or "~/.netrc", hint=HOW_TO_LOG_IN) from None
    return Credentials(entry[0], entry[2]) if entry and entry[0] and entry[2] else Credentials()


class Reply(NamedTuple):
    """A successful answer of a server, read whole."""

    url: str  # The address that was asked.
    media_type: str  # In lower case, without parameters.
    headers: Mapping[str, str]  # By name, in any case.
    body: IO[bytes]  # At its beginning.

    def beginning(self) -> str:
        """Return the first words of the body, for a message."""
        self.body.seek(0)
        return _clean(self.body.read(_CHUNK))


def _clean(page: bytes) -> str:
    """Return a server's message or error page as one line of text, without markup and control characters."""
    text = page.decode("utf-8", "replace").split("\n\nSPARQL query:")[0]  # Virtuoso repeats the query.
    text = _CONTROL.sub(" ", html.unescape(_MARKUP.sub(" ", text))).strip()
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[: _LONGEST_MESSAGE - 1]}…"


class _Body(tempfile.SpooledTemporaryFile[bytes]):
    """Bytes in memory, or in a temporary file once there are many; closed with the last reference."""

    def __del__(self) -> None:
        self.close()


def post(
    url: str,
    sparql: str,
    *,
    accept: str,
    timeout: float,
    most_bytes: int,
    update: bool = False,
    parameters: Sequence[tuple[str, str]] = (),
) -> Reply:
    """Send a query or an update as a form, and read the whole answer; errors as in `send`. An update is sent once."""
    form = [("update" if update else "query", sparql), *parameters]
    retries = 0 if update else _RETRIES
    return send("POST", url, form, {"Accept": accept}, timeout=timeout, most_bytes=most_bytes, retries=retries)


def send(
    method: str,
    url: str,
    data: bytes | list[tuple[str, str]],
    headers: Mapping[str, str],
    *,
    timeout: float,
    parameters: Mapping[str, str] | None = None,
    most_bytes: int = 1 << 20,
    retries: int = 0,
) -> Reply:
    """Send a request, and read the whole answer.

    Args:
        method: of HTTP.
        url: the address of the server, for its credentials and for messages.
        data: the body, or the fields of a form.
        headers: besides those for the credentials and the name of evgraph.
        timeout: in seconds, for the whole answer.
        parameters: what the address has after ``?``.
        most_bytes: the longest answer that is read.
        retries: how often the request is sent again after 429 and 503, each time after the pause that the server asks
            for, or a growing one.

    Raises:
        EndpointError: the server cannot be reached, takes too long, redirects, or answers with an error.
        LimitReachedError: the answer is longer than ``most_bytes``.

    """
    known = credentials(url)
    headers = {**headers, "User-Agent": AGENT, "Accept-Encoding": "identity"}
    if known.token:
        headers["Authorization"] = f"Bearer {known.token}"
    settings: dict[str, Any] = {"timeout": timeout, "stream": True, "allow_redirects": False}
    settings["proxies"] = requests.utils.get_environ_proxies(url)
    deadline = time.monotonic() + timeout
    with _Session(url) as session:
        request = partial(session.request, method, url, parameters, data, headers, **settings)
        for attempt in count():
            try:
                with _authenticated(request, known) as response:
                    if response.ok and not 300 <= response.status_code < 400:
                        return _read(url, response, deadline, most_bytes)
                    pause = _pause(response, attempt) if attempt < retries else None
                    if pause is None or time.monotonic() + pause > deadline:
                        raise _refusal(url, response, deadline, known)
            except (OSError, ValueError, HTTPError) as error:
                raise _unreachable(url, error, timeout, known) from None
            time.sleep(pause)
    raise AssertionError("the last attempt returns or raises")


class _Session(requests.Session):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.trust_env = False  # Credentials come from `credentials` only.
        if url.lower().startswith("https:"):
            self.mount("https://", _SystemAdapter())

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Find none; else requests reads the page of a redirect, however long that is."""


class _SystemAdapter(HTTPAdapter):
    """Trusts the certificates that the system trusts."""

    def init_poolmanager(self, *args: Any, **settings: Any) -> None:
        super().init_poolmanager(*args, **settings, ssl_context=_tls())


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()  # It takes a while.


class _DigestAuth(HTTPDigestAuth):
    def handle_401(self, r: Any, **kwargs: Any) -> Any:
        r._content = b""  # Else it reads the page, however long that is.
        return super().handle_401(r, **kwargs)  # type: ignore[no-untyped-call]


def _authenticated(request: Callable[..., requests.Response], known: Credentials) -> requests.Response:
    """Send a request, and a user with a password once the server asks for them."""
    if not known.user or not known.password:
        return request()
    response = request(auth=_DigestAuth(known.user, known.password))
    asks_for_basic = "basic" in response.headers.get("WWW-Authenticate", "").lower()
    if response.status_code == 401 and asks_for_basic and "Authorization" not in response.request.headers:
        response.close()
        return request(auth=HTTPBasicAuth(known.user.encode(), known.password.encode()))
    return response


def _refusal(url: str, response: requests.Response, deadline: float, known: Credentials) -> EndpointError:
    """Return the error for a status other than success, with as much of the server's page as arrives."""
    status = response.status_code
    if 300 <= status < 400:
        target = _clean(response.headers.get("Location", "").encode())
        return EndpointError(
            f"{url} redirects to {target or 'nowhere'} (HTTP {status}), and evgraph does not follow",
            status=status,
            hint="if you trust that address, use it instead",
        )
    page = b""
    with suppress(OSError, HTTPError):
        for part in _parts(response, deadline):
            page += part
            if len(page) > _CHUNK:
                break
    words = known.hide_in(_clean(page))
    message, hint = {
        400: ("does not accept the request", None),
        401: ("does not accept these credentials" if any(known) else "asks for credentials", HOW_TO_LOG_IN),
        403: ("forbids this", "ask the operator of the server for the right, or use another account"),
        404: ("does not exist", "check the address"),
        405: ("does not accept such requests", "check the address: queries, updates and graphs have one each"),
        406: ("offers no format that evgraph reads", "check the address"),
        429: ("has had too many requests", "wait, and try again"),
        503: ("is not available", "wait, and try again"),
    }.get(status, ("failed", None))
    return EndpointError(f"{url} {message} (HTTP {status}){f': {words}' if words else ''}", status=status, hint=hint)


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error of a request and those that the libraries wrap in it, down to the system's own."""
    cause: BaseException | None = error
    while isinstance(cause, OSError | ValueError | HTTPError | http.client.HTTPException):
        yield cause
        cause = cause.__context__


def _unreachable(url: str, error: Exception, timeout: float, known: Credentials) -> EndpointError:
    """Return the error for no answer, or only a part of one."""
    *_, reason = causes(error)
    if isinstance(reason, TimeoutError):
        return EndpointError(f"{url} has not answered within {timeout:g} s", hint="ask for less, or allow more time")
    if isinstance(reason, http.client.IncompleteRead | ConnectionResetError | http.client.RemoteDisconnected):
        return EndpointError(f"{url} broke off its answer")
    words = _clean((getattr(reason, "strerror", None) or str(reason) or type(reason).__name__).encode())
    return EndpointError(f"{url} cannot be reached: {known.hide_in(words)}", hint="check the address")


def _read(url: str, response: requests.Response, deadline: float, most_bytes: int) -> Reply:
    body = _Body(_IN_MEMORY)
    for part in _parts(response, deadline):
        body.write(part)
        if body.tell() > most_bytes:
            raise LimitReachedError(f"{url} answers more than {most_bytes:,} bytes", hint="ask for less")
    body.seek(0)
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Reply(url, media_type, response.headers, body)


def _parts(response: requests.Response, deadline: float) -> Iterator[bytes]:
    """Iterate over a body until the deadline, which a server that sends a byte now and then meets too."""
    while part := response.raw.read1(_CHUNK):
        yield part
        if time.monotonic() > deadline:
            raise TimeoutError


def _pause(response: requests.Response, attempt: int) -> float | None:
    """Return the seconds to wait before trying again; None if evgraph should give up."""
    if response.status_code not in {429, 503}:
        return None
    pause = retry_after(response.headers.get("Retry-After"))
    pause = 2.0**attempt if pause is None else pause
    return pause if pause <= _LONGEST_WAIT else None


def retry_after(value: str | None) -> float | None:
    """Return the seconds of a ``Retry-After``, a number or a date; None for anything else.

    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    try:
        return None if value is None else Retry().parse_retry_after(value)
    except InvalidHeader:
        return None
