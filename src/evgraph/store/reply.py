"""What a server answered, and its words made fit for a message."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CHUNK = 1 << 16
"""Bytes that are read at a time."""
_MARKUP = re.compile(r"<(script|style|title)\b.*?</\1\s*>|<!--.*?-->|</?[A-Za-z!?][^>]*>", re.DOTALL | re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered, read whole.

    Attributes:
        url: who answered.
        media_type: of the body, lower case, without parameters.
        headers: by lower-case name.
        body: at its beginning.

    """

    url: str
    media_type: str
    headers: Mapping[str, str]
    body: IO[bytes]

    def beginning(self) -> str:
        """Give the first words of the body, for a message."""
        self.body.seek(0)
        return clean(self.body.read(CHUNK))


def clean(said: bytes) -> str:
    """Make of a server's words, or its error page, one line for a person: no markup, no control characters."""
    text = said.decode("utf-8", "replace").split("\n\nSPARQL query:")[0]  # Virtuoso repeats the query.
    text = _CONTROL.sub(" ", html.unescape(_MARKUP.sub(" ", text))).strip()
    return text if len(text) <= 300 else f"{text[:299]}…"
