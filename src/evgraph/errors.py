"""What can go wrong, as a few named errors that carry data; each face of evgraph words them for its own users.

An error says what is wrong, with the offending text in it but without secrets, and where. What to do about it is a
plain sentence, or a `Hint` where that depends on how evgraph is used: `evgraph.cli.hints` words it for the command,
`evgraph.python.hints` for Python.
"""

from __future__ import annotations

from enum import Enum, IntEnum, auto
from typing import TYPE_CHECKING

from evgraph.characters import printable
from evgraph.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Mapping


class ExitCode(IntEnum):
    """What the ``evgraph`` command returns to the shell."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    UNREADABLE = 3
    ENDPOINT = 4
    LIMIT = 5
    NOTHING_CHECKED = 6


class Hint(Enum):
    """What to do about an error where that depends on the face; the braces of its wordings take an error's fields."""

    ALLOW_LEAST_MEMORY = auto()
    ALLOW_MORE_MEMORY = auto()
    ALLOW_MORE_TIME = auto()
    ASK_SEARCH_QUESTION = auto()
    BUILD_STORE = auto()
    CHOOSE_CELL = auto()
    EXPORT_AND_NAME_FILE = auto()
    GIVE_PARAMETER = auto()
    LEAVE_OUT_CELL = auto()
    LEAVE_OUT_MEMORY_LIMIT = auto()
    LEAVE_OUT_STORE = auto()
    LIST_QUESTIONS = auto()
    LIST_RULES = auto()
    LIST_VALUES = auto()
    NAME_CELL = auto()
    NAME_FILES = auto()
    NAME_GRAPH_STORE = auto()
    NAME_UPDATE_ADDRESS = auto()
    NAME_VERSION = auto()
    NAME_WRITE_ADDRESS = auto()
    OPEN_FOLDER_OF_QUESTIONS = auto()
    USE_FILES = auto()


class EvgraphError(Exception):
    """The base of every error that evgraph raises on purpose.

    Args:
        message: what is wrong, in plain words and without the place.
        path: the file with the fault, as the user named it.
        line: its line, counted from 1.
        column: its column, counted from 1, in characters.
        hint: what the user can do about it.
        parameter: the name of the parameter or argument that is wrong.
        value: what was given for it.
        expected: what it may be.
        nearest: the value that was probably meant.
        question: the name of the question that was asked.
        example: a value that works.

    """

    exit_code = ExitCode.UNREADABLE

    def __init__(
        self,
        message: str,
        *,
        path: object = None,
        line: int | None = None,
        column: int | None = None,
        hint: str | Hint | None = None,
        parameter: str | None = None,
        value: str | None = None,
        expected: tuple[str, ...] = (),
        nearest: str | None = None,
        question: str | None = None,
        example: str | None = None,
    ) -> None:
        message = redact(message)
        super().__init__(message)
        self.message = message
        self.path = None if path is None else str(path)
        self.line, self.column = line, column
        self.hint = redact(hint) if isinstance(hint, str) else hint
        self.parameter, self.expected, self.nearest = parameter, expected, nearest
        self.value = None if value is None else redact(value)
        self.question, self.example = question, example

    @property
    def place(self) -> str:
        """``FILE:LINE``, ``FILE``, or nothing."""
        if self.path is None:
            return ""
        return f"{self.path}:{self.line}" if self.line else self.path

    def advice(self, wordings: Mapping[Hint, str], choice: str) -> str:
        """Return what the user can do, or an empty text.

        Args:
            wordings: of the hints; their braces take the error's fields, and ``{choices}`` the expected values.
            choice: the wording of each expected value, with ``{parameter}`` and ``{value}``.

        """
        if not isinstance(self.hint, Hint):
            return self.hint or ""
        choices = " or ".join(choice.format(parameter=self.parameter, value=value) for value in self.expected)
        return wordings.get(self.hint, "").format(choices=choices, **vars(self))

    def __str__(self) -> str:
        """``FILE:LINE: PARAMETER='VALUE': message`` and, on a line of its own, the hint, where it is a sentence."""
        named = f"{self.parameter}={self.value!r}: " if self.parameter and self.value is not None else ""
        hint = f"\n  {self.hint}" if isinstance(self.hint, str) and self.hint else ""
        return printable(f"{self.place}{': ' if self.place else ''}{named}{self.message}{hint}")


class UsageError(EvgraphError):
    """The words of a command or the arguments of a call are off: an unknown name, a value of the wrong type."""

    exit_code = ExitCode.USAGE


class UnreadableError(EvgraphError):
    """A page, a data file, shapes or a query cannot be read."""


class IllegalQueryError(UnreadableError):
    """A query is not legal SPARQL; ``line`` and ``column`` say where the engine stopped.

    Or it calls a function that does not exist; ``value`` is the IRI of the function.
    """


class EndpointError(EvgraphError):
    """A SPARQL server cannot be reached, refuses (with an HTTP ``status``), fails, or answers what is no answer."""

    exit_code = ExitCode.ENDPOINT

    def __init__(self, message: str, *, status: int | None = None, hint: str | Hint | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status


class EndpointTimeoutError(EndpointError):
    """A SPARQL server has not answered in time."""


class LimitReachedError(EvgraphError):
    """An answer is not whole: a limit, the server's or evgraph's own, cut it."""

    exit_code = ExitCode.LIMIT


class RowsWithheldError(LimitReachedError):
    """A server has handed out as many rows as it ever does; whether it has more, it does not say."""


class NothingCheckedError(EvgraphError):
    """A validation that checked nothing: the shapes have no target in the data. It is not a pass."""

    exit_code = ExitCode.NOTHING_CHECKED
