"""What becomes of an address that is asked, and how one asks: words without the library that does it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """What became of an address."""

    ALIVE = "alive"
    MOVED = "moved"
    BLOCKED = "blocked"
    DEAD = "dead"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What asking an address came to.

    Attributes:
        status: in a word.
        detail: in plain words, what was seen (``404 Not Found``, ``moved to https://…``).

    """

    status: Status
    detail: str = ""


NO_HOST = Outcome(Status.DEAD, "there is no such host")
"""The name is not known; where no name at all is, it may be the machine that is not online."""
NOT_PUBLIC = "is not on the public internet"
"""Why an address was not asked; of no use to a later run, which may be allowed to."""
NO_LOOKUP = Outcome(Status.UNKNOWN, "the name of the host could not be looked up")


@dataclass(frozen=True, slots=True)
class Manners:
    """How servers are asked.

    Attributes:
        pace: seconds between two requests to one host.
        timeout: seconds that a server may be silent.
        deadline: seconds that one request may take in all.
        tries: how often a server is asked that is busy, or fails.
        patience: the longest ``Retry-After``, in seconds, that is waited for.
        allow_private: whether private, loopback and link-local addresses are asked too.

    """

    pace: float = 1.0
    timeout: float = 10.0
    deadline: float = 30.0
    tries: int = 3
    patience: float = 60.0
    allow_private: bool = False
