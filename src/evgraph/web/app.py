"""The front: reads requests, chooses formats, and writes the answers of the workers with the headers of HTTP."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections import OrderedDict
from functools import cached_property, lru_cache
from hashlib import blake2b
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import compile_path

from evgraph.errors import EvgraphError, LimitReachedError
from evgraph.site.page import POLICY
from evgraph.web import metrics, requests
from evgraph.web.answers import Head, reach
from evgraph.web.negotiation import accepted, accepts_gzip, header
from evgraph.web.problems import HttpError, Problem
from evgraph.web.protocol import GONE
from evgraph.web.requests import Plan, Ready
from evgraph.web.settling import Settling

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from evgraph.site.page import Options
    from evgraph.web.pool import Pool
    from evgraph.web.worker import Running

_HELD_BACK = 1 << 20  # Bytes: a shorter answer is sent when it is whole, a longer one as it comes.
_LONGEST_OLD = 1 << 26  # Bytes that are held back for clients of HTTP/1.0, which cannot see that an answer was cut.
_CACHE = 1 << 26  # Bytes of answers that are kept.
_SIZE_OF_HEAD = 4000  # Bytes, about.
_WORTH_COMPRESSING = 500  # Bytes.
_METHODS = "GET", "HEAD", "POST", "OPTIONS"
_LOOPBACK = "127.0.0.1", "::1", "::ffff:127.0.0.1"
_EXPOSED = "Content-Location, ETag, Evgraph-Note, Link, Location, Retry-After, Vary"
_CORS = "access-control-allow-origin", "access-control-expose-headers"
_FIXED = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", _EXPOSED.encode()),
    (b"vary", b"Accept, Accept-Encoding"),
    (b"x-content-type-options", b"nosniff"),
]


class _Body(bytes):
    """A whole body."""

    @cached_property
    def tag(self) -> str:
        """The tag of the entity, without quotes: https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3."""
        return blake2b(self, digest_size=12).hexdigest()


class _Whole(NamedTuple):
    """An answer that is complete."""

    head: Head
    body: _Body
    generation: int = 0  # Of the data, see `Pool`.


class _Partial(NamedTuple):
    """An answer that goes on: its beginning, and where the rest comes from."""

    head: Head
    body: bytes
    running: Running


class Front:
    """The endpoints.

    Args:
        pool: the workers.
        hosts: the names that a request may be for, without a port; empty for any.
        options: of the pages for people.
        is_remote: whether the data is on a server, where it may change at any time, so that no answers are kept.

    """

    def __init__(self, pool: Pool, hosts: frozenset[str], options: Options, *, is_remote: bool = False) -> None:
        self._pool, self._hosts, self._options, self._is_remote = pool, hosts, options, is_remote
        self._cache: OrderedDict[tuple[Any, ...], _Whole] = OrderedDict()
        self._cached_bytes = 0
        self._metrics = metrics.Metrics()

    def app(self) -> ASGIApp:
        """Return the application: https://asgi.readthedocs.io/.

        It chooses the endpoint by itself, which takes Starlette's middleware and router a tenth of a short request.
        """
        endpoints: dict[str, Callable[[Request], Awaitable[Plan | Ready]]] = {
            "/": requests.home,
            "/healthz": requests.health,
            "/readyz": self._readiness,
            "/metrics": self._metrics_text,
            "/openapi.json": requests.openapi,
            "/sparql": requests.sparql,
            "/static/{name}": requests.static,
            "/questions": requests.questions,
            "/questions/{name}": requests.question,
            "/questions/{name}/values/{parameter}": requests.values,
        }
        if self._options.edit:
            settling = Settling(Path(self._options.edit), self._options)
            endpoints |= {"/settle": settling, "/settle/{kind}": settling}
        templates = [(compile_path(path)[0], read) for path, read in endpoints.items() if "{" in path]

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            read = endpoints.get(scope["path"])
            for pattern, function in templates if read is None or "{" in scope["path"] else ():
                if match := pattern.match(scope["path"]):
                    scope["path_params"], read = match.groupdict(), function
                    break
            read = read or requests.resource
            began = time.monotonic()
            response = await self._answer(read, Request(scope, receive))
            name = getattr(read, "__name__", type(read).__name__).strip("_").lower()
            self._metrics.count(name, response.status_code, time.monotonic() - began)
            await response(scope, receive, send)

        return answer

    async def _readiness(self, _request: Request) -> Ready | Plan:
        if not self._pool.is_ready:
            raise HttpError("the graph is not loaded", status=503)
        return Plan(reach, ()) if self._is_remote else Ready("text/plain", b"ready\n")

    async def _metrics_text(self, request: Request) -> Ready:
        requests.check_get(request)
        if not _is_local(request):
            raise HttpError("only this machine may read the metrics", status=403)
        return Ready(metrics.MEDIA_TYPE, self._metrics.text(self._pool))

    async def _answer(self, read: Callable[[Request], Awaitable[Plan | Ready]], request: Request) -> Response:
        try:
            self._check_host(request)
            if request.method == "OPTIONS":
                return _preflight(request)
            if request.method not in _METHODS:
                raise HttpError("the graph is read-only", status=405)
            plan = await read(request)
            if isinstance(plan, Ready):
                whole = _Whole(Head(plan.media_type, plan.headers), _Body(plan.body))
                response = await _respond(request, whole, plan.status)
                if not plan.is_shared:
                    for name in _CORS:
                        del response.headers[name]
                return response
            answer = await self._answered(request, plan)
            if isinstance(answer, _Whole):
                return await _respond(request, answer, answer.head.status)
            return await _stream(request, answer)
        except (ClientDisconnect, asyncio.CancelledError):
            return Response(status_code=400)  # To nobody.
        except Exception as error:
            return _problem(request, error)

    def _check_host(self, request: Request) -> None:
        host = header(request, "host")
        if (host is None and request.scope["http_version"] != "1.0") or (host and "," in host):
            raise HttpError("a request names one host", status=400)
        name = (host or "").lower()
        name = name[: name.rfind("]") + 1] if name.startswith("[") else name.partition(":")[0]
        if host is not None and self._hosts and name not in self._hosts:
            raise HttpError(
                f"this server answers for {', '.join(sorted(self._hosts))}, not for another host",
                status=421,
                hint="a proxy in front of it must send one of these names as Host",
            )

    async def _answered(self, request: Request, plan: Plan) -> _Whole | _Partial:
        key = (self._pool.generation, plan.function.__name__, *plan.arguments)
        if key in self._cache:
            self._cache.move_to_end(key)
            self._metrics.cached += 1
            return _with_headers(self._cache[key], plan)
        answer = await self._run(request, plan)
        if isinstance(answer, _Whole) and answer.generation == key[0] and not self._is_remote:
            self._keep(key, answer)
        return _with_headers(answer, plan)

    async def _run(self, request: Request, plan: Plan) -> _Whole | _Partial:
        is_old = request.scope["http_version"] == "1.0"
        longest = _LONGEST_OLD if is_old else _HELD_BACK
        is_handed_on = False
        gone = request.scope[GONE]
        hang_up = cast("asyncio.Task[object]", asyncio.current_task()).cancel
        gone.add(hang_up)
        running: Running | None = None
        try:
            running = await self._pool.run(_client(request), plan.function, *plan.arguments)
            head, body = await running.next()
            head = Head(*head)
            while not running.has_ended and len(body) < longest:
                body += (await running.next())[1]
            if running.has_ended:
                return _Whole(head, _Body(body), running.generation)
            if is_old:
                raise LimitReachedError("the answer is too long for HTTP/1.0", hint="ask with HTTP/1.1")
            is_handed_on = True
            gone.add(running.release)
            return _Partial(head, body, running)
        finally:
            gone.discard(hang_up)
            if running and not is_handed_on:
                running.release()

    def _keep(self, key: tuple[Any, ...], answer: _Whole) -> None:
        if key in self._cache:  # Two clients have asked the same at the same time.
            return
        self._cache[key] = answer
        self._cached_bytes += _size(key, answer)
        while self._cached_bytes > _CACHE:
            oldest = self._cache.popitem(last=False)
            self._cached_bytes -= _size(*oldest)


def _size(key: tuple[Any, ...], answer: _Whole) -> int:
    texts = [part for part in key if isinstance(part, str)]
    return len(answer.body) + sum(map(len, texts)) + _SIZE_OF_HEAD


def _with_headers(answer: _Whole | _Partial, plan: Plan) -> _Whole | _Partial:
    media_type = plan.media_types.get(answer.head.media_type, answer.head.media_type)
    return answer._replace(head=Head(media_type, (*plan.headers, *answer.head.headers), answer.head.status))


def _client(request: Request) -> str:
    """Return the address of a client; of IPv6 its network, all of whose addresses it may use."""
    address = request.client.host if request.client else ""
    forwarded = header(request, "x-forwarded-for")
    if forwarded and address in _LOOPBACK:  # From a proxy on this machine.
        address = forwarded.rpartition(",")[2].strip()
    address = address.removeprefix("::ffff:")
    return address if ":" not in address else _network(address)


def _is_local(request: Request) -> bool:
    """Return whether a request comes from this machine, and not through a proxy."""
    by_proxy = "x-forwarded-for" in request.headers or "forwarded" in request.headers or "via" in request.headers
    return request.client is not None and request.client.host in _LOOPBACK and not by_proxy


@lru_cache(maxsize=1024)
def _network(address: str) -> str:
    try:
        return str(ip_network((address, 64), strict=False))
    except ValueError:
        return ""


def _typed(media_type: str) -> str:
    is_text = media_type.startswith("text/") or media_type == "application/sparql-query"
    return f"{media_type}; charset=utf-8" if is_text else media_type


def _with(response: Response, headers: tuple[tuple[str, str], ...]) -> Response:
    response.raw_headers += _FIXED  # Starlette looks for each name in the list.
    response.raw_headers += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return response


async def _respond(request: Request, answer: _Whole, status: int = 200) -> Response:
    """Send an answer, compressed where the client accepts that, or 304 where it has the answer already."""
    headers = answer.head.headers
    compress = len(answer.body) > _WORTH_COMPRESSING and accepts_gzip(header(request, "accept-encoding"))
    if status == 200 and request.method in {"GET", "HEAD"}:
        tag = f'"{answer.body.tag}-gzip"' if compress else f'"{answer.body.tag}"'
        headers = (*headers, ("ETag", tag))
        if _has(request, tag):
            return _with(Response(status_code=304), headers)
    body: bytes = answer.body
    if compress:
        body = await asyncio.to_thread(_gzip, body)
        headers = (*headers, ("Content-Encoding", "gzip"))
    response = Response(body, status, {"Content-Type": _typed(answer.head.media_type)})
    return _with(response, headers)


def _has(request: Request, tag: str) -> bool:
    tags = header(request, "if-none-match") or ""
    return "*" in tags.split() or tag in [listed.strip().removeprefix("W/") for listed in tags.split(",")]


def _gzip(body: bytes) -> bytes:
    compressor = zlib.compressobj(6, wbits=31)  # With gzip's header, and no time in it.
    return compressor.compress(body) + compressor.flush()


async def _stream(request: Request, answer: _Partial) -> Response:
    """Send an answer as it comes; if it fails the connection breaks, so that it does not look whole."""
    headers = answer.head.headers
    compressor = None
    if accepts_gzip(header(request, "accept-encoding")):
        compressor = zlib.compressobj(6, wbits=31)
        headers = (*headers, ("Content-Encoding", "gzip"))

    async def pieces() -> AsyncIterator[bytes]:
        running, body = answer.running, answer.body
        try:
            yield await asyncio.to_thread(compressor.compress, body) if compressor else body
            while not running.has_ended:
                _, body = await running.next()
                yield await asyncio.to_thread(compressor.compress, body) if compressor else body
        finally:
            request.scope[GONE].discard(running.release)
            running.release()
        if compressor:
            yield compressor.flush()

    content_type = _typed(answer.head.media_type)
    if request.method == "HEAD":
        answer.running.release()
        response = Response(None, 200, {"Content-Type": content_type})
        del response.headers["content-length"]
        return _with(response, headers)
    return _with(StreamingResponse(pieces(), 200, {"Content-Type": content_type}), headers)


def _allowed(request: Request) -> str:
    return ", ".join(name for name in _METHODS if name != "POST" or request.url.path == "/sparql")


def _preflight(request: Request) -> Response:
    """Answer the question of a browser whether a page may ask: https://fetch.spec.whatwg.org/#http-cors-protocol."""
    asked = request.headers.get("access-control-request-headers", "")
    headers = {
        "Allow": _allowed(request),
        "Access-Control-Allow-Methods": _allowed(request),
        "Access-Control-Allow-Headers": asked or "Accept, Content-Type",
        "Access-Control-Max-Age": "86400",
    }
    return _with(Response(status_code=204), tuple(headers.items()))


def _problem(request: Request, error: Exception) -> Response:
    problem = Problem(error)
    if not isinstance(error, EvgraphError):
        import logging

        logging.getLogger(__name__).error("a request failed", exc_info=error)
    types = ("text/plain", "application/problem+json", "application/json", "text/html")
    media_type = accepted(header(request, "accept"), types) or "text/plain"
    headers = tuple(problem.headers.items())
    if media_type == "text/html":
        body = problem.page(request.url.path)
        headers = (*headers, ("Content-Security-Policy", POLICY))
    elif media_type == "text/plain":
        body = problem.text()
    else:
        media_type, body = "application/problem+json", problem.json()
    if problem.status == 405:
        headers = (*headers, ("Allow", _allowed(request)))
    if problem.status in {405, 413, 415}:  # The rest of the body is not read.
        headers = (*headers, ("Connection", "close"))
    response = Response(body.encode(errors="replace"), problem.status, {"Content-Type": _typed(media_type)})
    return _with(response, headers)
