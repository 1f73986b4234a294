"""What can go wrong, as a few named errors; the command line turns each into one message and one exit code.

Every message says what is wrong, where (file and line when there is one) and, in ``way_out``, what to do about it.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the ``evgraph`` command hands back to the shell."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    UNREADABLE = 3
    ENDPOINT = 4
    LIMIT = 5
    NOTHING_CHECKED = 6


class EvgraphError(Exception):
    """The base of every error that evgraph raises on purpose.

    Args:
        message: what is wrong, in plain words and without the place.
        path: the file at fault, as the user named it.
        line: the line at fault, counted from 1.
        way_out: what the user can do about it.

    """

    exit_code = ExitCode.UNREADABLE

    def __init__(
        self, message: str, *, path: object = None, line: int | None = None, way_out: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = None if path is None else str(path)
        self.line = line
        self.way_out = way_out

    def __str__(self) -> str:
        """``FILE:LINE: message`` and, on a line of its own, the way out."""
        place = "" if self.path is None else f"{self.path}:{self.line}: " if self.line else f"{self.path}: "
        hint = f"\n  {self.way_out}" if self.way_out else ""
        return f"{place}{self.message}{hint}"


class UsageError(EvgraphError):
    """The words of a command or the arguments of a call are off: an unknown name, a value of the wrong type."""

    exit_code = ExitCode.USAGE


class UnreadableError(EvgraphError):
    """A page, a data file, shapes or a query cannot be read."""


class IllegalQueryError(UnreadableError):
    """A query is not legal SPARQL.

    Args:
        message: as in `EvgraphError`.
        line: where the engine stumbled, counted from 1.
        column: where in the line, in characters counted from 1.

    """

    def __init__(self, message: str, *, line: int, column: int) -> None:
        super().__init__(message, line=line)
        self.column = column


class EndpointError(EvgraphError):
    """A SPARQL server cannot be reached, refuses, fails, or answers what is no answer.

    Args:
        message: as in `EvgraphError`.
        status: the HTTP status, where the server gave one that is an error.
        way_out: as in `EvgraphError`.

    """

    exit_code = ExitCode.ENDPOINT

    def __init__(self, message: str, *, status: int | None = None, way_out: str | None = None) -> None:
        super().__init__(message, way_out=way_out)
        self.status = status


class LimitReachedError(EvgraphError):
    """An answer is not whole: a limit, the server's or evgraph's own, cut it."""

    exit_code = ExitCode.LIMIT


class RowsWithheldError(LimitReachedError):
    """A server has handed out as many rows as it ever does; whether it has more, it does not say."""


class NothingCheckedError(EvgraphError):
    """A validation that found nothing to judge; never to be taken for a pass."""

    exit_code = ExitCode.NOTHING_CHECKED
