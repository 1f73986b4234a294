"""Errors as HTTP answers: the status, a plain sentence, and what to do.

https://www.rfc-editor.org/rfc/rfc9457 (problem details)
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evgraph.errors import (
    EndpointError,
    EndpointTimeoutError,
    EvgraphError,
    Hint,
    LimitReachedError,
    UnreadableError,
    UsageError,
)
from evgraph.site.page import render
from evgraph.web.pool import BusyError

if TYPE_CHECKING:
    from collections.abc import Mapping

HINTS = {
    Hint.ALLOW_MORE_MEMORY: "ask for less",
    Hint.ALLOW_MORE_TIME: "ask for less",
    Hint.CHOOSE_CELL: "{choices}",
    Hint.GIVE_PARAMETER: "/questions/{question}?{parameter}={example}",
    Hint.LIST_QUESTIONS: "/questions lists the questions",
    Hint.LIST_VALUES: "/questions/{question}/values/{parameter} lists the values",
}
"""What to do over HTTP, with an error's fields in braces."""

_TITLES = {
    400: "Bad request",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    410: "Gone",
    413: "Content too large",
    415: "Unsupported media type",
    421: "Misdirected request",
    500: "Internal error",
    502: "Bad gateway",
    503: "Service unavailable",
    504: "Gateway timeout",
}


_HEADINGS = {
    400: "This address has a mistake",
    404: "There is no such page",
    406: "There is no such format",
    410: "This has another name now",
    500: "evgraph made a mistake",
    503: "There was no answer in time",
}
"""Status → heading of its page; the others have their title."""


class HttpError(EvgraphError):
    """An error with a status of its own; `links` are addresses that help, with what they are."""

    def __init__(
        self, message: str, *, status: int = 400, hint: str | Hint | None = None, links: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.links = dict(links or {})


class Problem:
    """What a client gets for an error.

    Attributes:
        status: of the answer.
        headers: of the answer, but for the type of its content.

    """

    def __init__(self, error: Exception) -> None:
        self.headers: dict[str, str] = {}
        self._links: Mapping[str, str] = {}
        self._hint, self._detail = "", "the server failed; this is a fault of evgraph"
        self.status = 500
        if not isinstance(error, EvgraphError):
            return
        self.status = _status(error)
        self._detail = error.message
        if error.line:  # Of the query.
            has_excerpt = "\n" in error.message
            column = f", column {error.column}" if error.column and not has_excerpt else ""
            self._detail = f"line {error.line}{column}: {error.message}"
        if error.parameter and error.value is not None:
            self._detail = f"{error.parameter}={error.value}: {error.message}"
        if isinstance(error, HttpError):
            self._links = error.links
        if self.status == 503:
            self.headers["Retry-After"] = "2" if isinstance(error, BusyError) else "30"
        self._hint = error.advice(HINTS, "{parameter}={value}")
        if isinstance(error, EndpointError):  # Its address and its words are for the operator of this server.
            reason = "has not answered in time" if self.status == 504 else "is down or has failed"
            self._detail = f"the SPARQL server behind this one {reason}"
            self._hint = "ask for less, or try again later" if self.status == 504 else "try again later"

    def text(self) -> str:
        """Return the problem for people."""
        lines = [f"{self.status} {_TITLES[self.status]}: {self._detail}"]
        lines += [f"  {self._hint}"] if self._hint else []
        return "\n".join([*lines, *(f"  {link}  {what}" for link, what in self._links.items()), ""])

    def page(self, address: str) -> str:
        """Return the problem as a page; what is said to programs only is left out."""
        is_for_programs = self.status == 406 or (self.status == 404 and not self._links)
        return render(
            "problem", None, address=address, status=self.status, detail=self._detail, links=self._links,
            title=_HEADINGS.get(self.status, _TITLES[self.status]), name=_TITLES[self.status],
            hint="" if is_for_programs else self._hint, wait=self.headers.get("Retry-After"),
        )  # fmt: skip

    def json(self) -> str:
        """Return the problem for programs."""
        problem: dict[str, object] = {
            "type": "about:blank",
            "title": _TITLES[self.status],
            "status": self.status,
            "detail": self._detail,
        }
        if self._hint:
            problem["hint"] = self._hint
        if self._links:
            problem["links"] = [{"href": link, "title": what} for link, what in self._links.items()]
        return json.dumps(problem, ensure_ascii=False, indent=2) + "\n"


def _status(error: EvgraphError) -> int:
    if isinstance(error, HttpError):
        return error.status
    if isinstance(error, EndpointError):
        return 504 if isinstance(error, EndpointTimeoutError) or error.status == 504 else 502
    if isinstance(error, LimitReachedError):
        return 503
    if isinstance(error, UsageError):
        return 404 if error.hint is Hint.LIST_QUESTIONS else 400
    return 400 if isinstance(error, UnreadableError) and error.line else 500
