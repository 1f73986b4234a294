"""SPARQL over HTTP through SPARQLWrapper, and every guard that it lacks, in one place.

Imported only where there is an endpoint, for the time that SPARQLWrapper takes. https://www.w3.org/TR/sparql11-protocol/
"""

from __future__ import annotations

import contextlib
import email.utils
import http.client
import tempfile
import time
import urllib.error
import urllib.request
from typing import IO, TYPE_CHECKING, Literal

from SPARQLWrapper import POST, SPARQLWrapper

from evgraph import __version__
from evgraph.errors import EndpointError, EvgraphError, LimitReachedError
from evgraph.store.credentials import WAY_IN, Credentials, credentials
from evgraph.store.reply import CHUNK, Reply, clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

AGENT = f"evgraph/{__version__}"
RETRIES = 3
"""How often a read is tried again after 429 or 503."""

_LONGEST_WAIT = 60.0  # Seconds; a server that asks for more is told to the user.
_IN_MEMORY = 1 << 25  # Larger bodies wait in a temporary file.


class _Body(tempfile.SpooledTemporaryFile[bytes]):
    """In memory while it is small, in a temporary file when it grows; goes when the last reader goes."""

    def __del__(self) -> None:
        self.close()


class _Guarded(SPARQLWrapper):
    """SPARQLWrapper makes the request; it is opened here, without its process-wide opener.

    That opener would follow a redirect to any host with the credentials in hand, and open ``file:``.
    """

    def __init__(self, url: str, form: Literal["SELECT", "INSERT"], opener: urllib.request.OpenerDirector) -> None:
        self._form = form
        self._opener = opener
        super().__init__(url, agent=AGENT)

    def _parseQueryType(self, query: str) -> str:  # noqa: ARG002, N802 - theirs guesses from the text, and warns
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
    """Send a query or an update as a form, and read the answer whole.

    A query is tried again after 429 and 503, when the server says or after a growing pause; an update never.

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
    for attempt in range(RETRIES + 1):
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
    """Say what a status other than success means."""
    words = clean(body)
    if known:
        words = known.hide_in(words)
    said = f": {words}" if words else ""
    if 300 <= status < 400:
        elsewhere = clean(headers.get("Location", "").encode())
        return EndpointError(
            f"{url} redirects to {elsewhere or 'nowhere'} (HTTP {status}), and evgraph does not follow",
            status=status,
            hint="if you trust that address, give it instead",
        )
    if status == 401:
        return EndpointError(
            f"{url} {'does not accept these credentials' if known else 'asks who you are'} (HTTP 401){said}",
            status=status,
            hint=WAY_IN,
        )
    message, hint = {
        400: ("does not accept the request", None),
        403: ("forbids this", "ask whoever runs the server for the right, or name another user"),
        404: ("does not exist", "check the address"),
        405: ("takes no such requests", "check the address: queries, updates and graphs have one each"),
        406: ("offers no format that evgraph reads", "check the address"),
        429: ("has had too many requests", "wait, and try again"),
        503: ("is not available", "wait, and try again"),
    }.get(status, ("failed", None))
    return EndpointError(f"{url} {message} (HTTP {status}){said}", status=status, hint=hint)


def unreachable(url: str, error: Exception, timeout: float, known: Credentials | None = None) -> EvgraphError:
    """Say why there was no answer at all, or only a part of one."""
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
    """Read a body against the clock: a server that sends a byte now and then is slow, too."""
    while part := response.read1(CHUNK):
        yield part
        if time.monotonic() > deadline:
            raise TimeoutError
    if response.length:  # `read1` takes a closed connection for the end.
        raise http.client.IncompleteRead(b"", response.length)


def _beginning(error: urllib.error.HTTPError, deadline: float) -> bytes:
    """Read the beginning of an error page, or as much of it as comes."""
    body = b""
    if isinstance(error.fp, http.client.HTTPResponse):
        with contextlib.suppress(OSError, http.client.HTTPException):
            for part in _parts(error.fp, deadline):
                body += part
                if len(body) > CHUNK:
                    break
    return body


def _pause(error: urllib.error.HTTPError, attempt: int) -> float | None:
    """Give the seconds to wait before trying again, None where that is no use."""
    if error.code not in {429, 503} or attempt == RETRIES:
        return None
    pause = retry_after(error.headers.get("Retry-After"))
    pause = 2.0**attempt if pause is None else pause
    return pause if pause <= _LONGEST_WAIT else None


def retry_after(value: str | None) -> float | None:
    """Read a ``Retry-After``: seconds or a date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


class _Once:
    """Offers a password once, and closes the answer that asked for it.

    The standard library's handlers offer one that was refused again and again, and leave each answer open.
    """

    def http_error_401(
        self,
        request: urllib.request.Request,
        answer: IO[bytes],
        code: int,
        message: str,
        headers: http.client.HTTPMessage,
    ) -> http.client.HTTPResponse | None:
        """Answer a challenge; None leaves it to others."""
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
    """Make an opener that speaks HTTP only, follows nothing, and answers the one server that asks who we are."""
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
