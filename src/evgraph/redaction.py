"""Secrets cut out of whatever leaves evgraph through a message, a report or a cache.

Secrets are the passwords and tokens in use (`keep_secret`), however a server repeats them, and the values in an address
whose names say that they are secret: ``?apikey=…``, ``//user:password@``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHORT = 6  # Characters; a shorter secret may be a part of any word, and is cut only as a word.
_IN_ADDRESS = re.compile(
    r"""(?<=//)[^\s/?\#@"'<>]+(?=@)
    | (?<=[?&;\#])(?P<name>[\w.-]*(?:key|token|secret|passw(?:or)?d|pwd|sig|signature|auth|authorization|credentials?
      |session|session_?id|sid|jwt)=)[^\s&;\#"'<>]+""",
    re.VERBOSE | re.IGNORECASE,
)
_FORMS: set[str] = set()  # Of the secrets in use.


def keep_secret(*secrets: str) -> None:
    """Have `redact` cut these out from now on: as they are, escaped for JSON, HTML and addresses, and as Base64."""
    _FORMS.update(form for secret in secrets if secret.strip() for form in _forms(secret))


def redact(text: str) -> str:
    """Return a text in which each secret in use, or in an address, is replaced by ``…``."""
    text = cut_secrets(text)
    if "=" in text or "@" in text:
        text = _IN_ADDRESS.sub(lambda match: f"{match['name'] or ''}…", text)
    return text


def cut_secrets(text: str) -> str:
    """Return a text in which each secret in use is replaced by ``…``."""
    for form in sorted(_FORMS, key=len, reverse=True):
        if form in text:
            text = re.sub(_pattern(form), "…", text)
    return text


def _pattern(form: str) -> str:
    escaped = re.escape(form)
    return escaped if len(form) >= _SHORT else rf"(?<!\w){escaped}(?!\w)"


def _forms(secret: str) -> Iterator[str]:
    """Yield the forms of a secret."""
    import base64
    import html
    import json
    from urllib.parse import quote, quote_plus

    yield from (secret, secret.strip(), json.dumps(secret)[1:-1], html.escape(secret))
    yield from (quote(secret, safe=""), quote_plus(secret), quote(secret))
    encoded = secret.encode()
    # Behind other text, as in "user:password", a byte may begin at any of three places in four characters.
    for before, shared in enumerate((0, 2, 3)):
        code = base64.b64encode(bytes(before) + encoded).decode()
        code = code.rstrip("=")[shared : None if (before + len(encoded)) % 3 == 0 else -1]
        if len(code) >= _SHORT:
            yield code
            yield code.translate({ord("+"): "-", ord("/"): "_"})
