"""Decisions made on a page: the questions of `evgraph settle` and `evgraph reconcile`, written to the same files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode

from evgraph.decisions import documents, references
from evgraph.decisions.file import DecisionFile, Person, path_in
from evgraph.decisions.question import statement_lines
from evgraph.errors import UsageError
from evgraph.regular_files import read_file
from evgraph.site.addresses import href
from evgraph.site.page import render
from evgraph.text import shown
from evgraph.writing import write_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.decisions.question import Choice, Question
    from evgraph.site.page import Options

KINDS = {"references": "references to settle", "documents": "proposals for new documents"}
"""What can be decided: the name in the address → in words."""
_FILES = {"references": "settled.ttl", "documents": "reconciled.ttl"}
_HEADERS = {"references": references.HEADER, "documents": documents.HEADER}
_LONGEST_NAME = 200  # Characters.


class Decision(NamedTuple):
    """A decision that was written.

    Attributes:
        heading: what was unsettled.
        choice: what was chosen, in words.
        lines: the statements, as Turtle.
        path: the file that has them.
        before: what the file held before; None where it was missing.
        after: what it holds now.

    """

    heading: str
    choice: str
    lines: list[str]
    path: Path
    before: bytes | None
    after: bytes


class Desk:
    """The open questions of a folder that ingest wrote, and the only writer of decisions among the pages.

    Args:
        folder: has ``cells/``; decisions go to its ``curated/``.
        options: of the site; its pages give the words of references.

    Raises:
        UnreadableError: the folder holds no cells, or a file in it or the pages cannot be read.

    """

    def __init__(self, folder: Path, options: Options) -> None:
        self._folder = folder
        self._pages = Path(options.pages) if options.pages else None
        self._lock = Lock()
        self._last: Decision | None = None
        self.questions("references")

    def questions(self, kind: str) -> list[Question]:
        """Return the open questions of a kind, one of `KINDS`; raise UnreadableError as their modules do."""
        if kind == "references":
            return references.unsettled(self._folder, self._pages).questions
        return documents.questions(documents.proposals_in([self._folder]))

    def decide(self, kind: str, subject: str, place: str, keys: Sequence[str], typed: str, by: str) -> None:
        """Write a decision.

        Args:
            kind: one of `KINDS`.
            subject: the IRI that the question is about.
            place: its place, which tells it from other questions about the same thing.
            keys: of the choices; several where the question allows it.
            typed: the name of another target, in place of a choice.
            by: the name of who decides, or an IRI.

        Raises:
            UsageError: nothing was chosen, nobody decides, or the question is no longer open.
            UnreadableError: the file cannot be written, or is not well-formed; it is as it was.

        """
        if not by.strip() or len(by) > _LONGEST_NAME:
            raise UsageError("a decision needs the name of who makes it", hint="write your name above the choices")
        with self._lock:
            question = next((question for question in self.questions(kind) if _key(question) == (subject, place)), None)
            if question is None:
                raise UsageError("this question is no longer open", hint="go on with the next one")
            choice = _chosen(question, keys, typed.strip())
            path = path_in(self._folder, _FILES[kind])
            before = _content(path)
            file = DecisionFile(path, _HEADERS[kind], Person.named(by.strip()), datetime.now(UTC).date().isoformat())
            file.write([(question, choice)])
            lines = statement_lines(choice.statements)
            self._last = Decision(question.heading, choice.name, lines, path, before, _content(path) or b"")

    def undo(self) -> None:
        """Take the last decision back; raise UsageError where there is none, or the file has changed since."""
        with self._lock:
            last = self._last
            if last is None or _content(last.path) != last.after:
                raise UsageError("the last decision cannot be taken back: the file has changed", hint="edit the file")
            if last.before is None:
                last.path.unlink()
            else:
                write_file(last.path, last.before)
            self._last = None

    def page(self, kind: str, number: int, *, token: str, by: str, problem: str = "") -> str:
        """Write the page with an open question, counted from 1, or with the numbers of all where there is no kind."""
        counts = {name: len(self.questions(name)) for name in KINDS} if not kind else {}
        questions = self.questions(kind) if kind else []
        number = min(max(number, 1), max(len(questions), 1))
        question = questions[number - 1] if questions else None
        return render(
            "settle",
            None,
            title="Settle" if not kind else KINDS[kind][:1].upper() + KINDS[kind][1:],
            address=f"/settle/{kind}" if kind else "/settle",
            kind=kind,
            kinds=KINDS,
            counts=counts,
            number=number,
            count=len(questions),
            question=question,
            targets={choice.key: _target(choice) for choice in question.choices} if question else {},
            lines={choice.key: statement_lines(choice.statements) for choice in question.choices} if question else {},
            last=self._last,
            folder=str(self._folder),
            token=token,
            by=by,
            problem=problem,
        )


def _key(question: Question) -> tuple[str, str]:
    return question.subject, f"{question.place}|{question.heading}"


def _chosen(question: Question, keys: Sequence[str], typed: str) -> Choice:
    if typed and not keys:
        if question.typed is None:
            raise UsageError("nothing can be typed here", hint="choose one of the answers")
        return question.typed(typed)
    known = {choice.key: choice for choice in question.choices}
    unknown = [key for key in keys if key not in known]
    if unknown or not keys:
        message = f"'{shown(unknown[0])}' is none of the choices" if unknown else "nothing was chosen"
        raise UsageError(message, hint="tick an answer, or skip the question")
    if len(keys) == 1:
        return known[keys[0]]
    if question.combined is None or not all(key.isdecimal() for key in keys):
        raise UsageError("only one answer can be chosen here", hint="tick one")
    return question.combined([known[key] for key in keys])


def _target(choice: Choice) -> str:
    """Return the address of what a choice names, or an empty text."""
    (statement, *_) = choice.statements
    return href(statement.object.value) if isinstance(statement.object, NamedNode) and choice.key.isdecimal() else ""


def _content(path: Path) -> bytes | None:
    try:
        return read_file(path)
    except FileNotFoundError:
        return None
