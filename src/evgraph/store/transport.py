"""SPARQL over HTTP through SPARQLWrapper, with the guards that it lacks: deadline, size, redirects, secrets, retries.

Imported only for an endpoint, because SPARQLWrapper takes a while. https://www.w3.org/TR/sparql11-protocol/
"""

from __future__ import annotations

import contextlib
import email.utils
import html
import http.client
import re
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Literal

from SPARQLWrapper import POST, SPARQLWrapper

from evgraph import __version__
from evgraph.errors import EndpointError, EvgraphError, LimitReachedError
from evgraph.store.credentials import HOW_TO_LOG_IN, Credentials, credentials

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

AGENT = f"evgraph/{__version__}"
"""How evgraph names itself to servers."""
CHUNK = 1 << 16
"""The number of bytes that are read at a time; as many of an error page are read."""

_RETRIES = 3  # Of a query, after 429 or 503.
_LONGEST_WAIT = 60.0  # Seconds; a server that asks for a longer pause is not asked again.
_IN_MEMORY = 1 << 25  # Bytes; longer answers go to a temporary file.
_LONGEST_MESSAGE = 300  # Characters of a server's own words.
_MARKUP = re.compile(r"<(script|style|title)\b.*?</\1\s*>|<!--.*?-->|</?[A-Za-z!?][^>]*>", re.DOTALL | re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer of a server, read whole.

    Attributes:
        url: the address that was asked.
        media_type: of the body, lower case, without parameters.
        headers: by lower-case name.
        body: at its beginning.

    """

    url: str
    media_type: str
    headers: Mapping[str, str]
    body: IO[bytes]

    def beginning(self) -> str:
        """Return the first words of the body, for a message."""
        self.body.seek(0)
        return clean(self.body.read(CHUNK))


def clean(page: bytes) -> str:
    """Return a server's message or error page as one line of text, without markup and control characters."""
    text = page.decode("utf-8", "replace").split("\n\nSPARQL query:")[0]  # Virtuoso repeats the query.
    text = _CONTROL.sub(" ", html.unescape(_MARKUP.sub(" ", text))).strip()
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[: _LONGEST_MESSAGE - 1]}…"


class _Body(tempfile.SpooledTemporaryFile[bytes]):
    """Bytes in memory, or in a temporary file once there are many; closed with the last reference."""

    def __del__(self) -> None:
        self.close()


class _Guarded(SPARQLWrapper):
    """A SPARQLWrapper that sends its request through an opener of ours.

    Its own, which the whole process shares, follows redirects to any host with the credentials, and opens ``file:``.
    """

    def __init__(self, url: str, form: Literal["SELECT", "INSERT"], opener: urllib.request.OpenerDirector) -> None:
        self._form = form
        self._opener = opener
        super().__init__(url, agent=AGENT)

    def _parseQueryType(self, query: str) -> str:  # noqa: ARG002, N802 - the original guesses from the text, and warns
        return self._form

    def _query(self) -> tuple[http.client.HTTPResponse, str]:
        return self._opener.open(self._createRequest(), timeout=self.timeout), self.returnFormat


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
    """Send a query or an update as a form, and read the whole answer.

    A query is sent again after 429 and 503, after the pause that the server asks for or a growing one; an update never.

    Raises:
        EndpointError: the server cannot be reached, takes too long, redirects, or answers with an error.
        LimitReachedError: the answer is longer than ``most_bytes``.

    """
    known = credentials(url)
    wrapper = _Guarded(url, "INSERT" if update else "SELECT", _opener(url, known))
    wrapper.setMethod(POST)
    wrapper.setOnlyConneg(True)
    wrapper.timeout = timeout  # type: ignore[assignment] # urllib takes fractions, too.
    wrapper.addCustomHttpHeader("Accept", accept)
    if known and known.token:
        wrapper.addCustomHttpHeader("Authorization", f"Bearer {known.token}")
    for name, value in parameters:
        wrapper.addParameter(name, value)
    wrapper.setQuery(sparql)
    deadline = time.monotonic() + timeout
    for attempt in range(_RETRIES + 1):
        try:
            with wrapper.query().response as response:
                return _read(url, response, deadline, most_bytes)
        except urllib.error.HTTPError as error:
            with error:
                pause = None if update else _pause(error, attempt)
                if pause is None or time.monotonic() + pause > deadline:
                    raise refusal(url, error.code, dict(error.headers), _beginning(error, deadline), known) from None
            time.sleep(pause)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise unreachable(url, error, timeout, known) from None
    raise AssertionError("the last attempt returns or raises")


def refusal(url: str, status: int, headers: Mapping[str, str], body: bytes, known: Credentials | None) -> EndpointError:
    """Return the error for a status other than success."""
    if 300 <= status < 400:
        target = clean(headers.get("Location", "").encode())
        return EndpointError(
            f"{url} redirects to {target or 'nowhere'} (HTTP {status}), and evgraph does not follow",
            status=status,
            hint="if you trust that address, use it instead",
        )
    words = known.hide_in(clean(body)) if known else clean(body)
    message, hint = {
        400: ("does not accept the request", None),
        401: ("does not accept these credentials" if known else "asks for credentials", HOW_TO_LOG_IN),
        403: ("forbids this", "ask the operator of the server for the right, or use another account"),
        404: ("does not exist", "check the address"),
        405: ("does not accept such requests", "check the address: queries, updates and graphs have one each"),
        406: ("offers no format that evgraph reads", "check the address"),
        429: ("has had too many requests", "wait, and try again"),
        503: ("is not available", "wait, and try again"),
    }.get(status, ("failed", None))
    return EndpointError(f"{url} {message} (HTTP {status}){f': {words}' if words else ''}", status=status, hint=hint)


def unreachable(url: str, error: Exception, timeout: float, known: Credentials | None = None) -> EvgraphError:
    """Return the error for no answer, or only a part of one."""
    if isinstance(error, EvgraphError):
        return error
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError):
        return EndpointError(f"{url} has not answered within {timeout:g} s", hint="ask for less, or allow more time")
    if isinstance(reason, http.client.IncompleteRead | ConnectionResetError | http.client.RemoteDisconnected):
        return EndpointError(f"{url} broke off its answer")
    words = clean((getattr(reason, "strerror", None) or str(reason) or type(reason).__name__).encode())
    return EndpointError(
        f"{url} cannot be reached: {known.hide_in(words) if known else words}", hint="check the address"
    )


def _read(url: str, response: http.client.HTTPResponse, deadline: float, most_bytes: int) -> Reply:
    body = _Body(_IN_MEMORY)
    for part in _parts(response, deadline):
        body.write(part)
        if body.tell() > most_bytes:
            raise LimitReachedError(f"{url} answers more than {most_bytes:,} bytes", hint="ask for less")
    body.seek(0)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(url, response.headers.get_content_type(), headers, body)


def _parts(response: http.client.HTTPResponse, deadline: float) -> Iterator[bytes]:
    """Iterate over a body until the deadline, which a server that sends a byte now and then meets too."""
    while part := response.read1(CHUNK):
        yield part
        if time.monotonic() > deadline:
            raise TimeoutError
    if response.length:  # `read1` ends without an error where the connection was closed.
        raise http.client.IncompleteRead(b"", response.length)


def _beginning(error: urllib.error.HTTPError, deadline: float) -> bytes:
    """Return the beginning of an error page, or as much of it as arrives."""
    body = b""
    if isinstance(error.fp, http.client.HTTPResponse):
        with contextlib.suppress(OSError, http.client.HTTPException):
            for part in _parts(error.fp, deadline):
                body += part
                if len(body) > CHUNK:
                    break
    return body


def _pause(error: urllib.error.HTTPError, attempt: int) -> float | None:
    """Return the seconds to wait before trying again; None if evgraph should give up."""
    if error.code not in {429, 503} or attempt == _RETRIES:
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


class _Once:
    """Sends a password once, and closes the answer that asked for it.

    The standard library's handlers send a refused password again and again, and leave each answer open.
    """

    def http_error_401(
        self,
        request: urllib.request.Request,
        answer: IO[bytes],
        code: int,
        message: str,
        headers: http.client.HTTPMessage,
    ) -> http.client.HTTPResponse | None:
        """Answer a challenge; None leaves it to other handlers."""
        if request.has_header("Authorization"):
            return None
        with contextlib.ExitStack() as closing:
            closing.enter_context(answer)
            again: http.client.HTTPResponse | None = super().http_error_401(  # type: ignore[misc]
                request, answer, code, message, headers
            )
            if again is None:
                closing.pop_all()
        return again


class _Digest(_Once, urllib.request.HTTPDigestAuthHandler):
    pass


class _Basic(_Once, urllib.request.HTTPBasicAuthHandler):
    pass


def _opener(url: str, known: Credentials | None) -> urllib.request.OpenerDirector:
    """Return an opener for HTTP only that follows no redirect and authenticates to this one server."""
    opener = urllib.request.OpenerDirector()
    handlers: list[urllib.request.BaseHandler] = [
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
    ]
    if known and known.user and known.password:
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, url, known.user, known.password)
        handlers += [_Digest(passwords), _Basic(passwords)]
    for handler in handlers:
        opener.add_handler(handler)
    return opener
