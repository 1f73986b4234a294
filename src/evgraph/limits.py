"""What a task may take: seconds, and megabytes of memory."""

from __future__ import annotations

from typing import NamedTuple

LEAST_MEMORY = 256
"""In megabytes: what an engine takes before it has loaded anything."""
MOST_MEMORY = 1 << 24
"""In megabytes: more than any machine has."""
MOST_SECONDS = 1_000_000
"""Eleven days: a clock, or a connection, cannot wait for any number of seconds."""


class Limits(NamedTuple):
    """What a task may take; None for no limit."""

    seconds: float | None = None  # From its start to its last item.
    megabytes: int | None = None  # Of memory (address space), for all that its worker holds.


def are_seconds(value: object) -> bool:
    """Return whether a value is a number of seconds that something can take: above 0, at most `MOST_SECONDS`."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= MOST_SECONDS
