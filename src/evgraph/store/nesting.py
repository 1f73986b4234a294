"""Refuses answers of servers with terms nested so deeply that Oxigraph's parsers crash."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from evgraph.errors import EndpointError
from evgraph.rdf.bounds import DEEPEST, too_deep, too_deep_at

if TYPE_CHECKING:
    from evgraph.store.reply import Reply

_CHUNK = 1 << 20  # Bytes that are searched at a time.


def refuse_nested(reply: Reply) -> None:
    """Refuse an answer with triple terms nested too deeply; leave its body where it was.

    Raises:
        EndpointError: it is.

    """
    start = reply.body.tell()  # Behind a byte-order mark.
    is_json = reply.media_type.endswith("json")
    if _may_be_nested(reply.body, b"{}" if is_json else b"<>"):
        reply.body.seek(start)
        if too_deep_at(reply.body.read(), "jsonld" if is_json else "turtle") is not None:
            raise EndpointError(f"{reply.url} sent an answer that is {too_deep()}", hint="ask for less")
    reply.body.seek(start)


def _may_be_nested(body: IO[bytes], brackets: bytes) -> bool:
    """Return False where brackets, also those within texts, are closed at once or nested a few levels deep.

    Most answers are so, and this takes a hundredth of the time of reading them.
    """
    others = bytes(set(range(256)) - set(brackets))
    left = b""
    while chunk := body.read(_CHUNK):
        left += chunk.translate(None, others)
        for _ in range(DEEPEST):
            before = len(left)
            left = left.replace(brackets, b"")
            if len(left) == before:
                break
        if len(left) > DEEPEST:
            return True
    return False
