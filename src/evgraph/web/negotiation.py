"""Content negotiation: which format a client accepts best.

https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

    from evgraph.formats import Formats


def header(request: Request, name: str) -> str | None:
    """Return a header of a request, joined by commas where it comes in several lines; None where it is not there.

    The name is in lower case. Starlette decodes all headers to find one; see
    https://www.rfc-editor.org/rfc/rfc9110#section-5.3.
    """
    wanted = name.encode()
    lines = [value for key, value in request.scope["headers"] if key == wanted]
    return b",".join(lines).decode("latin-1") if lines else None


@lru_cache(maxsize=1024)  # Parsing takes up to a millisecond, and clients send the same header each time.
def accepted(header: str | None, offers: tuple[str, ...]) -> str | None:
    """Return the media type that a client accepts best; None where it accepts none.

    Args:
        header: the value of ``Accept``; without one the client accepts everything. Parameters of a type, such as
            ``charset``, are ignored. The most specific range that covers a type counts.
        offers: the media types to choose from; the first of several that are accepted equally wins.

    """
    if header is None or not header.strip():
        return offers[0]
    ranges = parse_accept_header(header, MIMEAccept)
    bare = MIMEAccept([(value.partition(";")[0].strip().lower(), quality) for value, quality in ranges])
    best = max(offers, key=bare.quality)
    return best if bare.quality(best) > 0 else None


@lru_cache(maxsize=1024)
def accepts_gzip(header: str | None) -> bool:
    """Return whether a client accepts gzip, and says so; `header` is the value of ``Accept-Encoding``."""
    return header is not None and parse_accept_header(header).quality("gzip") > 0


def named(text: str, formats: Iterable[Formats]) -> list[str]:
    """Return the names of the formats that ``?format=`` means: a name, a suffix or a media type."""
    word = text.strip().lower()
    found = []
    for kind in formats:
        media_type = word.partition(";")[0].strip().replace(" ", "+")  # A plus sign that was not encoded.
        chosen = kind.get(word) or kind.suffixes.get(f".{word}") or kind.by_media_type(media_type)
        found += [chosen.name] if chosen else []
    return found
