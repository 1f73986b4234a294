"""The pages on which a librarian decides: their forms are taken from this server's own pages only, one at a time."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote

from evgraph.errors import EvgraphError
from evgraph.site.page import POLICY
from evgraph.site.settling import KINDS, Desk
from evgraph.web.forms import body_of
from evgraph.web.problems import HttpError
from evgraph.web.requests import Ready

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from evgraph.site.page import Options

_TOKEN, _NAME = "evgraph-token", "evgraph-name"
_COOKIE = "Path=/settle; HttpOnly; SameSite=Strict"


class Settling:
    """The endpoint; it alone among the pages changes files.

    A form is taken only with a token that its page held and that the cookie of this browser has, too, and only from
    this server's own pages: https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html

    Args:
        folder: the one that ingest wrote.
        options: of the site.

    """

    def __init__(self, folder: Path, options: Options) -> None:
        self._desk = Desk(folder, options)
        self._token = secrets.token_urlsafe(32)

    async def __call__(self, request: Request) -> Ready:
        """Show a question, or take a decision and lead to the next."""
        kind = request.path_params.get("kind", "")
        if kind and kind not in KINDS:
            raise HttpError("there is no such address", status=404, hint="/settle lists what can be decided")
        cookies = SimpleCookie(request.headers.get("cookie", ""))
        name = unquote(cookies[_NAME].value) if _NAME in cookies else ""
        if request.method == "POST":
            return await self._decide(request, kind, cookies)
        return await self._page(kind, request.query_params.get("n", "1"), name)

    async def _page(self, kind: str, number: str, name: str, problem: str = "") -> Ready:
        place = int(number) if number.isascii() and number.isdecimal() and len(number) < 8 else 1
        html = await asyncio.to_thread(self._desk.page, kind, place, token=self._token, by=name, problem=problem)
        headers = (
            ("Set-Cookie", f"{_TOKEN}={self._token}; {_COOKIE}"),
            ("Content-Security-Policy", POLICY),
            ("Cache-Control", "no-store"),
        )
        return Ready("text/html", html.encode(), headers, 400 if problem else 200, is_shared=False)

    async def _decide(self, request: Request, kind: str, cookies: SimpleCookie) -> Ready:
        form = parse_qs((await body_of(request)).decode(errors="replace"), max_num_fields=100)

        def field(name: str) -> str:
            return form.get(name, [""])[0]

        known = cookies[_TOKEN].value if _TOKEN in cookies else ""
        origin = request.headers.get("origin")
        is_own = origin is None or origin == f"{request.url.scheme}://{request.headers.get('host')}"
        tokens = (field("token"), known)
        if not is_own or not all(hmac.compare_digest(token.encode(), self._token.encode()) for token in tokens):
            raise HttpError(
                "this form was not sent from a page of this server", status=403, hint="open /settle, and decide there"
            )
        try:
            if field("undo"):
                await asyncio.to_thread(self._desk.undo)
            else:
                keys = form.get("key", [])
                await asyncio.to_thread(
                    self._desk.decide, kind, field("subject"), field("place"), keys, field("typed"), field("by")
                )
        except EvgraphError as error:
            advice = f" {error.hint[:1].upper()}{error.hint[1:]}." if isinstance(error.hint, str) else ""
            message = f"{error.message[:1].upper()}{error.message[1:]}.{advice}"
            return await self._page(kind, field("number"), field("by"), message)
        headers = [("Location", f"/settle/{kind}?n={quote(field('number') or '1')}"), ("Cache-Control", "no-store")]
        if field("by"):
            headers.append(("Set-Cookie", f"{_NAME}={quote(field('by'))}; Max-Age=31536000; {_COOKIE}"))
        return Ready("text/plain", b"decided\n", tuple(headers), 303, is_shared=False)
