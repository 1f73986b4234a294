"""Credentials for SPARQL servers: from the environment or from netrc, and from nowhere else.

``EVGRAPH_TOKEN`` is a bearer token; ``EVGRAPH_USER`` and ``EVGRAPH_PASSWORD`` answer a server that asks for basic or
digest authentication. Without these, evgraph looks the host up in ``~/.netrc``, or in the file that ``NETRC`` names.
"""

from __future__ import annotations

import os
from typing import NamedTuple
from urllib.parse import urlsplit

from evgraph.errors import UsageError
from evgraph.redaction import keep_secret

HOW_TO_LOG_IN = "set EVGRAPH_USER and EVGRAPH_PASSWORD, or EVGRAPH_TOKEN, or name the host in ~/.netrc"


class Credentials(NamedTuple):
    """A user with a password, or a bearer token; neither secret shows in a repr."""

    user: str | None = None
    password: str | None = None
    token: str | None = None

    def __repr__(self) -> str:
        """Return the user only."""
        return f"Credentials({self.user!r})"


def credentials(url: str) -> Credentials:
    """Return the credentials for an address; all None where there are none. No message shows them from now on.

    Raises:
        UsageError: a user without a password, or a netrc that cannot be read.

    """
    known = _from_environment() or _from_netrc(urlsplit(url).hostname or "")
    keep_secret(*filter(None, (known.token, known.password)))
    if known.user and known.password:
        keep_secret(f"{known.user}:{known.password}")
    return known


def _from_environment() -> Credentials | None:
    user, password, token = (os.environ.get(f"EVGRAPH_{name}") for name in ("USER", "PASSWORD", "TOKEN"))
    if token:
        return Credentials(token=token.strip())
    if user and password:
        return Credentials(user, password)
    if user or password:
        raise UsageError("only one of EVGRAPH_USER and EVGRAPH_PASSWORD is set", hint="set both, or neither")
    return None


def _from_netrc(host: str) -> Credentials:
    import netrc

    path = os.environ.get("NETRC")
    try:
        entry = netrc.netrc(path).authenticators(host)
    except FileNotFoundError:
        return Credentials()
    except (OSError, UnicodeError, netrc.NetrcParseError) as error:
        reason = error.msg if isinstance(error, netrc.NetrcParseError) else type(error).__name__
        raise UsageError(f"cannot be read: {reason}", path=path or "~/.netrc", hint=HOW_TO_LOG_IN) from None
    return Credentials(entry[0], entry[2]) if entry and entry[0] and entry[2] else Credentials()
