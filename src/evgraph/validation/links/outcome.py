"""The outcome of checking an address, and the settings of the link checker; no library for HTTP is imported here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """The state of an address."""

    ALIVE = "alive"
    MOVED = "moved"
    BLOCKED = "blocked"
    DEAD = "dead"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of checking an address.

    Attributes:
        status: of the address.
        detail: what the server answered (``404 Not Found``, ``moved to https://…``).

    """

    status: Status
    detail: str = ""


NO_HOST = Outcome(Status.DEAD, "there is no such host")
NO_LOOKUP = Outcome(Status.UNKNOWN, "the name of the host could not be looked up")
NOT_PUBLIC = "is not on the public internet"
"""Why an address was not checked; not worth keeping, since a later run may be allowed to."""


@dataclass(frozen=True, slots=True)
class CrawlSettings:
    """How servers are requested.

    Attributes:
        pace: seconds between two requests to one host.
        timeout: seconds that a server may send nothing.
        deadline: seconds that one request may take in all.
        tries: the number of requests to a server that is busy or fails.
        patience: the longest ``Retry-After``, in seconds, that is waited for.
        allow_private: whether private, loopback and link-local addresses are requested, too.

    """

    pace: float = 1.0
    timeout: float = 10.0
    deadline: float = 30.0
    tries: int = 3
    patience: float = 60.0
    allow_private: bool = False
