"""Credentials for servers, from the environment or from netrc, and nowhere else.

``EVGRAPH_TOKEN`` is a bearer token; ``EVGRAPH_USER`` and ``EVGRAPH_PASSWORD`` answer a server that asks for basic or
digest authentication. Without these, evgraph looks the host up in ``~/.netrc``, or in the file that ``NETRC`` names.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from evgraph.errors import UsageError

HOW_TO_LOG_IN = "set EVGRAPH_USER and EVGRAPH_PASSWORD, or EVGRAPH_TOKEN, or name the host in ~/.netrc"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user with a password, or a bearer token; neither secret shows in a repr.

    Attributes:
        user: None where there is a token.
        password: None where there is a token.
        token: None where there is a user.

    """

    user: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)

    def hide_in(self, text: str) -> str:
        """Return a text without the secrets."""
        for secret in (self.password, self.token):
            if secret:
                text = text.replace(secret, "…")
        return text


def credentials(url: str) -> Credentials | None:
    """Return the credentials for an address; None where there are none.

    Raises:
        UsageError: a user without a password, or a netrc that cannot be read.

    """
    user, password, token = (os.environ.get(f"EVGRAPH_{name}") for name in ("USER", "PASSWORD", "TOKEN"))
    if token:
        return Credentials(token=token.strip())
    if user and password:
        return Credentials(user, password)
    if user or password:
        raise UsageError("only one of EVGRAPH_USER and EVGRAPH_PASSWORD is set", hint="set both, or neither")
    return _from_netrc(urlsplit(url).hostname or "")


def _from_netrc(host: str) -> Credentials | None:
    import netrc

    path = os.environ.get("NETRC")
    try:
        entry = netrc.netrc(path).authenticators(host)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeError, netrc.NetrcParseError) as error:
        reason = error.msg if isinstance(error, netrc.NetrcParseError) else type(error).__name__
        raise UsageError(f"cannot be read: {reason}", path=path or "~/.netrc", hint=HOW_TO_LOG_IN) from None
    return Credentials(entry[0], entry[2]) if entry and entry[0] and entry[2] else None
