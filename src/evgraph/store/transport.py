"""HTTP for SPARQL servers, with guards: credentials, deadline, size, no redirects, no secrets in messages, retries.

SPARQLWrapper makes the requests for queries and updates; `requests` sends them, because SPARQLWrapper itself follows
redirects to any host with the credentials, and opens ``file:``. Imported only for a server, because both take a while.
https://www.w3.org/TR/sparql11-protocol/

Credentials come from the environment or from netrc, and nowhere else. ``EVGRAPH_TOKEN`` is a bearer token;
``EVGRAPH_USER`` and ``EVGRAPH_PASSWORD`` answer a server that asks for basic or digest authentication. Without these,
evgraph looks the host up in ``~/.netrc``, or in the file that ``NETRC`` names.
"""

from __future__ import annotations

import email.utils
import html
import http.client
import os
import re
import tempfile
import time
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import requests
import urllib3
from requests.auth import HTTPBasicAuth, HTTPDigestAuth
from SPARQLWrapper import INSERT, POST, SELECT, SPARQLWrapper

from evgraph import __version__
from evgraph.errors import EndpointError, LimitReachedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

HOW_TO_LOG_IN = "set EVGRAPH_USER and EVGRAPH_PASSWORD, or EVGRAPH_TOKEN, or name the host in ~/.netrc"

_AGENT = f"evgraph/{__version__}"
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

    Raises:
        UsageError: a user without a password, or a netrc that cannot be read.

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
    """A successful answer of a server, read whole.

    Attributes:
        url: the address that was asked.
        media_type: of the body, lower case, without parameters.
        headers: by name, in any case.
        body: at its beginning.

    """

    url: str
    media_type: str
    headers: Mapping[str, str]
    body: IO[bytes]

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
    """Send a query or an update as a form, and read the whole answer; an update is sent once.

    Raises:
        EndpointError: see `send`.
        LimitReachedError: see `send`.

    """
    form = SPARQLWrapper(url, agent=_AGENT)
    form.setMethod(POST)
    form.setOnlyConneg(True)
    form.addCustomHttpHeader("Accept", accept)
    for name, value in parameters:
        form.addParameter(name, value)
    form.queryString, form.queryType = sparql, INSERT if update else SELECT  # `setQuery` guesses from the text.
    request = form._createRequest()
    return send(
        "POST",
        request.full_url,
        request.data,  # type: ignore[arg-type] # Bytes.
        dict(request.header_items()),
        timeout=timeout,
        most_bytes=most_bytes,
        retries=0 if update else _RETRIES,
    )


def send(
    method: str,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout: float,
    most_bytes: int = 1 << 20,
    retries: int = 0,
    parameters: Mapping[str, str] | None = None,
) -> Reply:
    """Send a request, and read the whole answer.

    Args:
        method: such as ``POST``.
        url: the address.
        body: what to send.
        headers: besides those for the credentials.
        timeout: in seconds, for the whole answer.
        most_bytes: the longest answer that is read.
        retries: how often the request is sent again after 429 and 503, each time after the pause that the server asks
            for, or a growing one.
        parameters: added to the address.

    Raises:
        EndpointError: the server cannot be reached, takes too long, redirects, or answers with an error.
        LimitReachedError: the answer is longer than ``most_bytes``.

    """
    known = credentials(url)
    headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity", **headers}
    deadline = time.monotonic() + timeout
    for attempt in range(retries + 1):
        try:
            settings = {"params": parameters, "data": body, "headers": headers, "timeout": timeout}
            with _answer(method, url, known, settings) as response:
                if 200 <= response.status_code < 300:
                    return _read(url, response, deadline, most_bytes)
                pause = _pause(response, attempt) if attempt < retries else None
                if pause is None or time.monotonic() + pause > deadline:
                    raise _refusal(url, response, _beginning(response, deadline), known)
        except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
            raise _unreachable(url, error, timeout, known) from None
        time.sleep(pause)
    raise AssertionError("the last attempt returns or raises")


class _Digest(HTTPDigestAuth):
    """Answers a server that asks for digest authentication."""

    def handle_401(self, r: Any, **kwargs: Any) -> Any:
        r._content = b""  # Else `requests` reads the page to its end, which may never come.
        return super().handle_401(r, **kwargs)  # type: ignore[no-untyped-call]


@contextmanager
def _answer(method: str, url: str, known: Credentials, settings: Mapping[str, Any]) -> Iterator[requests.Response]:
    """Send a request, and again with the password where the server asks for it; do not follow redirects."""
    login = _Digest(known.user, known.password) if known.user and known.password else None
    with requests.Session() as client:

        def bearer(request: requests.PreparedRequest) -> requests.PreparedRequest:
            if known.token:
                request.headers["Authorization"] = f"Bearer {known.token}"
            return request  # Without an `auth`, `requests` would read netrc itself.

        def ask(auth: Callable[[requests.PreparedRequest], requests.PreparedRequest]) -> requests.Response:
            return client.request(method, url, auth=auth, allow_redirects=False, stream=True, **settings)

        response = ask(login or bearer)
        asked = response.headers.get("WWW-Authenticate", "").lower() if response.status_code == 401 else ""
        if login and "basic" in asked and "digest" not in asked:
            response.close()
            response = ask(HTTPBasicAuth(known.user or "", known.password or ""))
        with response:
            yield response


def _refusal(url: str, response: requests.Response, page: bytes, known: Credentials) -> EndpointError:
    """Return the error for a status other than success."""
    status = response.status_code
    if 300 <= status < 400:
        target = _clean(response.headers.get("Location", "").encode())
        return EndpointError(
            f"{url} redirects to {target or 'nowhere'} (HTTP {status}), and evgraph does not follow",
            status=status,
            hint="if you trust that address, use it instead",
        )
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


def _unreachable(url: str, error: BaseException, timeout: float, known: Credentials) -> EndpointError:
    """Return the error for no answer, or only a part of one."""
    if isinstance(error, TimeoutError | requests.Timeout | urllib3.exceptions.TimeoutError):
        return EndpointError(f"{url} has not answered within {timeout:g} s", hint="ask for less, or allow more time")
    # The system's error is in those of the libraries, whose texts hold addresses of objects.
    while inner := error.__cause__ or next((each for each in error.args if isinstance(each, Exception)), None):
        error = inner
    if isinstance(error, http.client.IncompleteRead | ConnectionResetError | http.client.RemoteDisconnected):
        return EndpointError(f"{url} broke off its answer")
    words = _clean((getattr(error, "strerror", None) or str(error) or type(error).__name__).encode())
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


def _beginning(response: requests.Response, deadline: float) -> bytes:
    """Return the beginning of an error page, or as much of it as arrives."""
    page = b""
    with suppress(OSError, urllib3.exceptions.HTTPError):
        for part in _parts(response, deadline):
            page += part
            if len(page) > _CHUNK:
                break
    return page


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
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
