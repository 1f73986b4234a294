"""Answers of servers, and what of their words a message may show."""

from __future__ import annotations

import html
import re
import tempfile
from typing import IO, TYPE_CHECKING, NamedTuple

from evgraph.characters import visible
from evgraph.redaction import redact

if TYPE_CHECKING:
    import http.client

_CHUNK = 1 << 16  # Bytes of a page that are read for a message.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")
_MARKUP = re.compile(r"<(script|style|title)\b.*?</\1\s*>|<!--.*?-->|</?[A-Za-z!?][^>]*>", re.DOTALL | re.IGNORECASE)
_LONGEST_MESSAGE = 300  # Characters of a server's own words.


class Reply(NamedTuple):
    """A successful answer of a server, read whole.

    Attributes:
        url: the address that was asked.
        media_type: of the body, lower case, without parameters.
        headers: by name, in any case.
        body: at its beginning, behind a byte-order mark.

    """

    url: str
    media_type: str
    headers: http.client.HTTPMessage
    body: IO[bytes]

    def beginning(self) -> str:
        """Return the first words of the body, for a message."""
        self.body.seek(0)
        return words(self.body.read(_CHUNK))

    def header(self, name: str) -> str | None:
        """Return a header for a message, or None."""
        value = self.headers.get(name)
        return None if value is None else words(value.encode("latin-1", "replace"))


def words(page: bytes, longest: int = _LONGEST_MESSAGE) -> str:
    """Return a server's message or error page as a line of text, without markup, control characters and secrets."""
    text = page.decode("utf-8", "replace").split("\n\nSPARQL query:")[0]  # Virtuoso repeats the query.
    text = visible(_CONTROL.sub(" ", html.unescape(_MARKUP.sub(" ", text)))).strip()
    text = redact(text)  # Before it is cut, which would leave a part of a secret.
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


class Body(tempfile.SpooledTemporaryFile[bytes]):
    """Bytes in memory, or in a temporary file once there are many; closed with the last reference."""

    def __del__(self) -> None:
        self.close()
