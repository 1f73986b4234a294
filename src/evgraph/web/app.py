"""The front: reads requests, chooses formats, and writes the answers of the workers with the headers of HTTP."""

from __future__ import annotations

import asyncio
import zlib
from collections import OrderedDict
from contextlib import AsyncExitStack, suppress
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from evgraph.errors import EvgraphError, LimitReachedError
from evgraph.web import requests
from evgraph.web.answers import Head
from evgraph.web.negotiation import accepted, accepts_gzip
from evgraph.web.problems import HttpError, Problem
from evgraph.web.requests import Plan, Ready
from evgraph.web.settling import Settling

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from evgraph.site.page import Options
    from evgraph.web.pool import Pool
    from evgraph.web.worker import Running

_HELD_BACK = 1 << 20  # Bytes: a shorter answer is sent when it is whole, a longer one as it comes.
_LONGEST_OLD = 1 << 26  # Bytes that are held back for clients of HTTP/1.0, which cannot see that an answer was cut.
_CACHE = 1 << 26  # Bytes of answers that are kept.
_QUICK = 0.02  # Seconds in which most answers come; until then nobody looks whether the client is still there.
_WORTH_COMPRESSING = 500  # Bytes.
_METHODS = "GET", "HEAD", "POST", "OPTIONS"
_REFUSED = "DELETE", "PATCH", "PUT", "TRACE"  # With a sentence.
_VARY = "Accept, Accept-Encoding"
_EXPOSED = "Content-Location, ETag, Evgraph-Note, Link, Location, Retry-After, Vary"
_CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": _EXPOSED}


class _Whole(NamedTuple):
    """An answer that is complete."""

    head: Head
    body: bytes
    tag: str
    generation: int = 0  # Of the data, see `Pool`.


class _Partial(NamedTuple):
    """An answer that goes on: its beginning, and where the rest comes from."""

    head: Head
    body: bytes
    running: Running
    stack: AsyncExitStack


class Front:
    """The endpoints.

    Args:
        pool: the workers.
        hosts: the names that a request may be for, without a port; empty for any.
        options: of the pages for people.

    """

    def __init__(self, pool: Pool, hosts: frozenset[str], options: Options) -> None:
        self._pool, self._hosts, self._options = pool, hosts, options
        self._cache: OrderedDict[tuple[Any, ...], _Whole] = OrderedDict()
        self._cached_bytes = 0

    def app(self) -> Starlette:
        """Return the application: https://asgi.readthedocs.io/."""
        endpoints: dict[str, Callable[[Request], Awaitable[Plan | Ready]]] = {
            "/": requests.home,
            "/healthz": requests.health,
            "/readyz": self._readiness,
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
        endpoints["/{path:path}"] = requests.resource
        routes = [
            Route(path, partial(self._answer, read), methods=[*_METHODS, *_REFUSED]) for path, read in endpoints.items()
        ]
        return Starlette(routes=routes)

    async def _readiness(self, _request: Request) -> Ready:
        if not self._pool.is_ready:
            raise HttpError("the graph is not loaded", status=503)
        return Ready("text/plain", b"ready\n")

    async def _answer(self, read: Callable[[Request], Awaitable[Plan | Ready]], request: Request) -> Response:
        try:
            self._check_host(request)
            if request.method == "OPTIONS":
                return _preflight(request)
            if request.method in _REFUSED:
                raise HttpError("the graph is read-only", status=405)
            plan = await read(request)
            if isinstance(plan, Ready):
                whole = _Whole(Head(plan.media_type, plan.headers), plan.body, _tag(plan.body))
                response = await _respond(request, whole, plan.status)
                if not plan.is_shared:
                    for name in _CORS:
                        del response.headers[name]
                return response
            answer = await self._answered(request, plan)
            if isinstance(answer, _Whole):
                return await _respond(request, answer, answer.head.status)
            return await _stream(request, answer)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception as error:
            return _problem(request, error)

    def _check_host(self, request: Request) -> None:
        names = request.headers.getlist("host")
        if len(names) > 1 or (not names and request.scope["http_version"] != "1.0"):
            raise HttpError("a request names one host", status=400)
        name = names[0].lower() if names else ""
        name = name[: name.rfind("]") + 1] if name.startswith("[") else name.partition(":")[0]
        if names and self._hosts and name not in self._hosts:
            raise HttpError(
                f"this server answers for {', '.join(sorted(self._hosts))}, not for another host",
                status=421,
                hint="a proxy in front of it must send one of these names as Host",
            )

    async def _answered(self, request: Request, plan: Plan) -> _Whole | _Partial:
        key = (self._pool.generation, plan.function.__name__, *plan.arguments)
        if key in self._cache:
            self._cache.move_to_end(key)
            return _with_headers(self._cache[key], plan)
        work = asyncio.ensure_future(self._run(request, plan))
        try:
            done, _ = await asyncio.wait([work], timeout=_QUICK)
            if not done:
                gone = asyncio.ensure_future(_until_gone(request))
                try:
                    await asyncio.wait([work, gone], return_when=asyncio.FIRST_COMPLETED)
                finally:
                    gone.cancel()
            if not work.done():
                raise ClientDisconnect
            answer = work.result()
        finally:
            if not work.done():
                work.cancel()
                with suppress(asyncio.CancelledError):
                    await work
        if isinstance(answer, _Whole) and answer.generation == key[0]:
            self._keep(key, answer)
        return _with_headers(answer, plan)

    async def _run(self, request: Request, plan: Plan) -> _Whole | _Partial:
        is_old = request.scope["http_version"] == "1.0"
        longest = _LONGEST_OLD if is_old else _HELD_BACK
        async with AsyncExitStack() as stack:
            running = await stack.enter_async_context(self._pool.run(plan.function, *plan.arguments))
            piece = await running.next()
            head: Head = piece.head
            body = bytearray(piece.body)
            while not piece.is_last and len(body) < longest:
                piece = await running.next()
                body += piece.body
            if piece.is_last:
                return _Whole(head, bytes(body), _tag(bytes(body)), running.generation)
            if is_old:
                raise LimitReachedError("the answer is too long for HTTP/1.0", hint="ask with HTTP/1.1")
            return _Partial(head, bytes(body), running, stack.pop_all())
        raise AssertionError  # The stack does not suppress errors.

    def _keep(self, key: tuple[Any, ...], answer: _Whole) -> None:
        if key in self._cache:  # Two clients have asked the same at the same time.
            return
        self._cache[key] = answer
        self._cached_bytes += _size(key, answer)
        while self._cached_bytes > _CACHE:
            oldest = self._cache.popitem(last=False)
            self._cached_bytes -= _size(*oldest)


def _size(key: tuple[Any, ...], answer: _Whole) -> int:
    return len(answer.body) + len(repr(key)) + len(repr(answer.head))


def _with_headers(answer: _Whole | _Partial, plan: Plan) -> _Whole | _Partial:
    media_type = plan.media_types.get(answer.head.media_type, answer.head.media_type)
    return answer._replace(head=Head(media_type, (*plan.headers, *answer.head.headers), answer.head.status))


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _tag(body: bytes) -> str:
    return blake2b(body, digest_size=12).hexdigest()


def _typed(media_type: str) -> str:
    is_text = media_type.startswith("text/") or media_type == "application/sparql-query"
    return f"{media_type}; charset=utf-8" if is_text else media_type


def _with(response: Response, headers: tuple[tuple[str, str], ...]) -> Response:
    response.headers.update(_CORS | {"Vary": _VARY, "X-Content-Type-Options": "nosniff"})
    for name, value in headers:
        response.headers.append(name, value)
    return response


async def _respond(request: Request, answer: _Whole, status: int = 200) -> Response:
    """Send an answer, compressed where the client accepts that, or 304 where it has the answer already."""
    body, tag = answer.body, answer.tag
    compress = len(body) > _WORTH_COMPRESSING and accepts_gzip(request.headers.get("accept-encoding"))
    tag = f'"{tag}-gzip"' if compress else f'"{tag}"'
    headers = (*answer.head.headers, ("ETag", tag)) if status == 200 else answer.head.headers
    if status == 200 and request.method in {"GET", "HEAD"} and _has(request, tag):
        return _with(Response(status_code=304), headers)
    if compress:
        body = await asyncio.to_thread(_gzip, body)
        headers = (*headers, ("Content-Encoding", "gzip"))
    response = Response(body, status, {"Content-Type": _typed(answer.head.media_type)})
    return _with(response, headers)


def _has(request: Request, tag: str) -> bool:
    tags = ",".join(request.headers.getlist("if-none-match"))
    return "*" in tags.split() or tag in [one.strip().removeprefix("W/") for one in tags.split(",")]


def _gzip(body: bytes) -> bytes:
    compressor = zlib.compressobj(6, wbits=31)  # With gzip's header, and no time in it.
    return compressor.compress(body) + compressor.flush()


async def _stream(request: Request, answer: _Partial) -> Response:
    """Send an answer as it comes; if it fails the connection breaks, so that it does not look whole."""
    headers = answer.head.headers
    compressor = None
    if accepts_gzip(request.headers.get("accept-encoding")):
        compressor = zlib.compressobj(6, wbits=31)
        headers = (*headers, ("Content-Encoding", "gzip"))

    async def pieces() -> AsyncIterator[bytes]:
        async with answer.stack:
            body, is_last = answer.body, False
            while True:
                yield await asyncio.to_thread(compressor.compress, body) if compressor else body
                if is_last:
                    break
                piece: Any = await answer.running.next()
                body, is_last = piece.body, piece.is_last
        if compressor:
            yield compressor.flush()

    content_type = _typed(answer.head.media_type)
    if request.method == "HEAD":
        await answer.stack.aclose()
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
    media_type = accepted(request.headers.get("accept"), types) or "text/plain"
    headers = tuple(problem.headers.items())
    if media_type == "text/html":
        body = problem.page(request.url.path)
        headers = (*headers, ("Content-Security-Policy", requests.POLICY))
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
