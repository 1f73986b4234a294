"""HTTP for SPARQL servers, with guards: credentials, deadline, size, no redirects, no secrets in messages, retries.

SPARQLWrapper makes the requests for queries and updates. It does not send them, because it follows redirects to any
host with the credentials, and opens ``file:``. Imported only for a server, because SPARQLWrapper takes a while.
https://www.w3.org/TR/sparql11-protocol/
"""

from __future__ import annotations

import codecs
import email.utils
import http.client
import re
import time
import urllib.error
import urllib.request
import warnings
import zlib
from contextlib import ExitStack, suppress
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from SPARQLWrapper import INSERT, POST, SELECT, SPARQLWrapper

from evgraph import __version__
from evgraph.errors import EndpointError, EndpointTimeoutError, LimitReachedError
from evgraph.store.credentials import HOW_TO_LOG_IN, credentials
from evgraph.store.deadline import Deadline, HttpConnection, HttpsConnection
from evgraph.store.reply import Body, Reply, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from evgraph.store.credentials import Credentials

AGENT = f"evgraph/{__version__}"
"""How evgraph names itself to servers."""
WRITTEN = frozenset({200, 201, 204})
"""The statuses of a write that is done."""

_CHUNK = 1 << 16  # Bytes that are read at a time; as many of an error page are read.
_RETRIES = 3  # Of a query, after 429 or 503.
_LONGEST_WAIT = 60.0  # Seconds; a server that asks for a longer pause is not asked again.
_IN_MEMORY = 1 << 25  # Bytes; longer answers go to a temporary file.
_NOT_WHOLE = {203: "a server on the way has changed it", 206: "it is only a part"}
_GZIP_OR_ZLIB = 32 + 15  # https://docs.python.org/3/library/zlib.html#zlib.decompress
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})


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
    settings = {"statuses": WRITTEN} if update else {"retries": _RETRIES}
    return send(url, form._createRequest(), timeout=timeout, most_bytes=most_bytes, **settings)


def send(
    url: str,
    request: urllib.request.Request,
    *,
    timeout: float,
    most_bytes: int = 1 << 20,
    retries: int = 0,
    statuses: Collection[int] = (200,),
) -> Reply:
    """Send a request, and read the whole answer.

    Args:
        url: the address of the server, for its credentials and for messages.
        request: what to send.
        timeout: in seconds, from the connection to the last byte.
        most_bytes: the longest answer that is read.
        retries: how often the request is sent again after 429 and 503, each time after the pause that the server asks
            for, or a growing one.
        statuses: those of a whole answer.

    Raises:
        EndpointError: the server cannot be reached, takes too long, redirects, or answers with an error.
        LimitReachedError: the answer is longer than ``most_bytes``.

    """
    known = credentials(url)
    deadline = Deadline(timeout)
    opener = _opener(url, known, deadline)
    if known.token:
        request.add_header("Authorization", f"Bearer {known.token}")
    for attempt in range(retries + 1):
        try:
            with opener.open(request, timeout=timeout) as response:
                if response.status not in statuses:
                    raise _strange_status(url, response.status, statuses)
                return _read(url, response, deadline, most_bytes)
        except urllib.error.HTTPError as error:
            with error:
                pause = _pause(error, attempt) if attempt < retries else None
                if pause is None or pause > deadline.remaining():
                    raise _refusal(url, error, _beginning(error), has_credentials=any(known)) from None
            time.sleep(pause)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _unreachable(url, error, timeout) from None
    raise AssertionError("the last attempt returns or raises")


def _strange_status(url: str, status: int, statuses: Collection[int]) -> EndpointError:
    """Return the error for a success that is none."""
    expected = " or ".join(map(str, sorted(statuses)))
    why = _NOT_WHOLE.get(status, "the answer is not what was asked for")
    return EndpointError(
        f"{url} answers with HTTP {status} where {expected} is expected: {why}",
        status=status,
        hint="ask the server itself, without what is in between, or look into its log",
    )


def _refusal(url: str, error: urllib.error.HTTPError, page: bytes, *, has_credentials: bool) -> EndpointError:
    """Return the error for a status other than success."""
    status = error.code
    if 300 <= status < 400:
        target = words(error.headers.get("Location", "").encode("latin-1", "replace"))
        return EndpointError(
            f"{url} redirects to {target or 'nowhere'} (HTTP {status}), and evgraph does not follow",
            status=status,
            hint="if you trust that address, use it instead",
        )
    explanation = words(page)
    message, hint = {
        400: ("does not accept the request", None),
        401: ("does not accept these credentials" if has_credentials else "asks for credentials", HOW_TO_LOG_IN),
        403: ("forbids this", "ask the operator of the server for the right, or use another account"),
        404: ("does not exist", "check the address"),
        405: ("does not accept such requests", "check the address: queries, updates and graphs have one each"),
        406: ("offers no format that evgraph reads", "check the address"),
        429: ("has had too many requests", "wait, and try again"),
        503: ("is not available", "wait, and try again"),
    }.get(status, ("failed", None))
    return EndpointError(
        f"{url} {message} (HTTP {status}){f': {explanation}' if explanation else ''}", status=status, hint=hint
    )


def _unreachable(url: str, error: Exception, timeout: float) -> EndpointError:
    """Return the error for no answer, or only a part of one."""
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError):
        return EndpointTimeoutError(
            f"{url} has not answered within {timeout:g} s", hint="ask for less, or allow more time"
        )
    if isinstance(reason, http.client.IncompleteRead | ConnectionResetError | http.client.RemoteDisconnected):
        return EndpointError(f"{url} broke off its answer")
    cause = words((getattr(reason, "strerror", None) or str(reason) or type(reason).__name__).encode())
    if isinstance(reason, http.client.HTTPException):
        return EndpointError(f"{url} does not answer as HTTP servers do: {cause}", hint="check the address")
    return EndpointError(f"{url} cannot be reached: {cause}", hint="check the address")


def _read(url: str, response: http.client.HTTPResponse, deadline: Deadline, most_bytes: int) -> Reply:
    body = Body(_IN_MEMORY)
    for part in _unpacked(url, response):
        deadline.remaining()
        body.write(part)
        if body.tell() > most_bytes:
            raise LimitReachedError(f"{url} answers more than {most_bytes:,} bytes", hint="ask for less")
    body.seek(0)
    if body.read(3) != codecs.BOM_UTF8:
        body.seek(0)
    return Reply(url, response.headers.get_content_type(), response.headers, body)


def _unpacked(url: str, response: http.client.HTTPResponse) -> Iterator[bytes]:
    """Iterate over a body; undo a compression, although none was asked for, in pieces of a bounded size."""
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding in {"identity", ""}:
        yield from _parts(response)
        return
    if coding not in _PACKED:
        shown_coding = words(coding.encode("latin-1", "replace"))
        raise EndpointError(f"{url} answers with Content-Encoding {shown_coding}, which evgraph did not ask for")
    try:
        yield from _decompressed(_parts(response))
    except zlib.error as error:
        raise EndpointError(f"{url} answers with Content-Encoding {coding}, and is broken: {error}") from None


def _decompressed(parts: Iterable[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
    for part in parts:
        rest = part
        while rest:
            yield unpacker.decompress(rest, _CHUNK)
            rest = unpacker.unconsumed_tail
            if unpacker.unused_data:  # Another compressed file follows.
                rest, unpacker = unpacker.unused_data, zlib.decompressobj(_GZIP_OR_ZLIB)
    while piece := unpacker.decompress(b"", _CHUNK):
        yield piece
    if not unpacker.eof:
        raise http.client.IncompleteRead(b"")


def _parts(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """Iterate over a body as it arrives."""
    while part := response.read1(_CHUNK):
        yield part
    if response.length:  # `read1` ends without an error where the connection was closed.
        raise http.client.IncompleteRead(b"", response.length)


def _beginning(error: urllib.error.HTTPError) -> bytes:
    """Return the beginning of an error page, or as much of it as arrives."""
    body = b""
    if isinstance(error.fp, http.client.HTTPResponse):
        with suppress(OSError, http.client.HTTPException, EndpointError):
            for part in _unpacked(error.url, error.fp):
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
    if re.fullmatch("[0-9]{1,15}", value.strip()):
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError, TypeError):  # No date, or none that a computer has.
        return None


class _Handler(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(HttpConnection, self._deadline), req)

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(HttpsConnection, self._deadline), req)


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
            closing.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")  # The library warns of a realm without quotes.
            try:
                again: object = super().http_error_401(request, answer, *details)  # type: ignore[misc]
            except (ValueError, LookupError, AttributeError):  # The library trusts servers to keep to the syntax.
                raise _strange_challenge(request, details[-1]) from None
            if again is None:
                closing.pop_all()
        return again


def _strange_challenge(request: urllib.request.Request, headers: Any) -> EndpointError:
    challenge = words(str(headers.get("WWW-Authenticate")).encode("latin-1", "replace"))
    return EndpointError(
        f"{request.full_url} asks for credentials in a way that evgraph does not know: WWW-Authenticate: {challenge}",
        status=401,
        hint="if the server takes a token, set EVGRAPH_TOKEN",
    )


class _Digest(_Once, urllib.request.HTTPDigestAuthHandler):
    def get_authorization(self, req: urllib.request.Request, chal: Mapping[str, str]) -> str | None:
        try:
            return super().get_authorization(req, chal)
        except urllib.error.URLError as error:  # A quality of protection that the library does not have.
            raise ValueError(error.reason) from None


class _Basic(_Once, urllib.request.HTTPBasicAuthHandler):
    pass


def _opener(url: str, known: Credentials, deadline: Deadline) -> urllib.request.OpenerDirector:
    """Return an opener for HTTP only that follows no redirect and authenticates to this one server."""
    opener = urllib.request.OpenerDirector()
    handlers: list[urllib.request.BaseHandler] = [
        urllib.request.ProxyHandler(),
        _Handler(deadline),
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
