"""HTTP for SPARQL servers, with guards: credentials, deadline, size, no redirects, no secrets in messages, retries.

SPARQLWrapper makes the requests for queries and updates. It does not send them, because it follows redirects to any
host with the credentials, and opens ``file:``. Imported only for a server, because SPARQLWrapper takes a while.
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
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress
from typing import IO, TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from SPARQLWrapper import INSERT, POST, SELECT, SPARQLWrapper

from evgraph import __version__
from evgraph.errors import EndpointError, LimitReachedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


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
    headers: http.client.HTTPMessage
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
    form = SPARQLWrapper(url, agent=AGENT)
    form.setMethod(POST)
    form.setOnlyConneg(True)
    form.addCustomHttpHeader("Accept", accept)
    for name, value in parameters:
        form.addParameter(name, value)
    form.queryString, form.queryType = sparql, INSERT if update else SELECT  # `setQuery` guesses from the text.
    retries = 0 if update else _RETRIES
    return send(url, form._createRequest(), timeout=timeout, most_bytes=most_bytes, retries=retries)


def send(
    url: str, request: urllib.request.Request, *, timeout: float, most_bytes: int = 1 << 20, retries: int = 0
) -> Reply:
    """Send a request, and read the whole answer.

    Args:
        url: the address of the server, for its credentials and for messages.
        request: what to send.
        timeout: in seconds, for the whole answer.
        most_bytes: the longest answer that is read.
        retries: how often the request is sent again after 429 and 503, each time after the pause that the server asks
            for, or a growing one.

    Raises:
        EndpointError: the server cannot be reached, takes too long, redirects, or answers with an error.
        LimitReachedError: the answer is longer than ``most_bytes``.

    """
    known = credentials(url)
    opener = _opener(url, known)
    if known.token:
        request.add_header("Authorization", f"Bearer {known.token}")
    deadline = time.monotonic() + timeout
    for attempt in range(retries + 1):
        try:
            with opener.open(request, timeout=timeout) as response:
                return _read(url, response, deadline, most_bytes)
        except urllib.error.HTTPError as error:
            with error:
                pause = _pause(error, attempt) if attempt < retries else None
                if pause is None or time.monotonic() + pause > deadline:
                    raise _refusal(url, error, _beginning(error, deadline), known) from None
            time.sleep(pause)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _unreachable(url, error, timeout, known) from None
    raise AssertionError("the last attempt returns or raises")


def _refusal(url: str, error: urllib.error.HTTPError, page: bytes, known: Credentials) -> EndpointError:
    """Return the error for a status other than success."""
    status = error.code
    if 300 <= status < 400:
        target = _clean(error.headers.get("Location", "").encode())
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


def _unreachable(url: str, error: Exception, timeout: float, known: Credentials) -> EndpointError:
    """Return the error for no answer, or only a part of one."""
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError):
        return EndpointError(f"{url} has not answered within {timeout:g} s", hint="ask for less, or allow more time")
    if isinstance(reason, http.client.IncompleteRead | ConnectionResetError | http.client.RemoteDisconnected):
        return EndpointError(f"{url} broke off its answer")
    words = _clean((getattr(reason, "strerror", None) or str(reason) or type(reason).__name__).encode())
    return EndpointError(f"{url} cannot be reached: {known.hide_in(words)}", hint="check the address")


def _read(url: str, response: http.client.HTTPResponse, deadline: float, most_bytes: int) -> Reply:
    body = _Body(_IN_MEMORY)
    for part in _parts(response, deadline):
        body.write(part)
        if body.tell() > most_bytes:
            raise LimitReachedError(f"{url} answers more than {most_bytes:,} bytes", hint="ask for less")
    body.seek(0)
    return Reply(url, response.headers.get_content_type(), response.headers, body)


def _parts(response: http.client.HTTPResponse, deadline: float) -> Iterator[bytes]:
    """Iterate over a body until the deadline, which a server that sends a byte now and then meets too."""
    while part := response.read1(_CHUNK):
        yield part
        if time.monotonic() > deadline:
            raise TimeoutError
    if response.length:  # `read1` ends without an error where the connection was closed.
        raise http.client.IncompleteRead(b"", response.length)


def _beginning(error: urllib.error.HTTPError, deadline: float) -> bytes:
    """Return the beginning of an error page, or as much of it as arrives."""
    body = b""
    if isinstance(error.fp, http.client.HTTPResponse):
        with suppress(OSError, http.client.HTTPException):
            for part in _parts(error.fp, deadline):
                body += part
                if len(body) > _CHUNK:
                    break
    return body


def _pause(error: urllib.error.HTTPError, attempt: int) -> float | None:
    """Return the seconds to wait before trying again; None if evgraph should give up."""
    if error.code not in {429, 503}:
        return None
    pause = retry_after(error.headers.get("Retry-After"))
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


class _ReadsOn:
    """Reads the answer of a server that does not read the whole request, as where it wants a password first."""

    sock: object

    def send(self, data: object) -> None:
        is_connected = self.sock is not None
        try:
            super().send(data)  # type: ignore[misc]
        except (BrokenPipeError, ConnectionResetError):
            if not is_connected:
                raise


class _HttpConnection(_ReadsOn, http.client.HTTPConnection):
    pass


class _HttpsConnection(_ReadsOn, http.client.HTTPSConnection):
    pass


class _Handler(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_HttpConnection, req)

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_HttpsConnection, req)


class _Once:
    """Sends a password once, and closes the answer that asked for it.

    The standard library's handlers send a refused password again and again, and leave each answer open.
    """

    def http_error_401(self, request: urllib.request.Request, answer: IO[bytes], *details: object) -> object:
        """Answer a challenge; None leaves it to other handlers."""
        if request.has_header("Authorization"):
            return None
        with ExitStack() as closing:
            closing.enter_context(answer)
            again: object = super().http_error_401(request, answer, *details)  # type: ignore[misc]
            if again is None:
                closing.pop_all()
        return again


class _Digest(_Once, urllib.request.HTTPDigestAuthHandler):
    pass


class _Basic(_Once, urllib.request.HTTPBasicAuthHandler):
    pass


def _opener(url: str, known: Credentials) -> urllib.request.OpenerDirector:
    """Return an opener for HTTP only that follows no redirect and authenticates to this one server."""
    opener = urllib.request.OpenerDirector()
    handlers: list[urllib.request.BaseHandler] = [
        urllib.request.ProxyHandler(),
        _Handler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
    ]
    if known.user and known.password:
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, url, known.user, known.password)
        handlers += [_Digest(passwords), _Basic(passwords)]
    for handler in handlers:
        opener.add_handler(handler)
    return opener
