"""Questions for a person: what may be chosen, and what each choice states; and questions as a file for an editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evgraph.characters import visible
from evgraph.namespaces import ID
from evgraph.rdf.turtle import turtle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pyoxigraph import Triple


class Choice(NamedTuple):
    """One answer to a question."""

    key: str  # What a person types: a number, or a letter.
    name: str  # The thing that is chosen, or the word for the choice.
    meaning: str  # What the choice states, in words.
    statements: tuple[Triple, ...]
    reason: str = ""  # Why it is proposed; empty where it is merely possible.
    closes_group: bool = False  # Whether the other questions of the group need no answer then.


class Question(NamedTuple):
    """Something that a person must decide."""

    subject: str  # The IRI of the thing that the decision is about.
    place: str  # Where it is, ``FILE:LINE``, or which one it is.
    heading: str  # What is unsettled.
    details: tuple[str, ...]  # What a person needs to know, one line each.
    choices: tuple[Choice, ...]
    passage: tuple[str, str, str] | None = None  # The words of the page: before those in question, these, after them.
    combined: Callable[[Sequence[Choice]], Choice] | None = None  # Makes one choice of several; None: only one.
    typed: Callable[[str], Choice] | None = None  # Makes a choice of a typed name; raises UsageError.
    typed_name: str = ""  # What may be typed.
    group: str = ""  # The questions of a group are alternatives; empty for a question without alternatives.

    def marked_passage(self, emphasize: Callable[[str], str] = str) -> str:
        """Return the words of the page on one line, those in question »marked« and emphasized."""
        before, words, after = self.passage or ("", "", "")
        if not words:
            return _one_line(before)
        start, end = " " * before[-1:].isspace(), " " * after[:1].isspace()
        return f"{_one_line(before)}{start}»{emphasize(_one_line(words))}«{end}{_one_line(after)}"


def _one_line(text: str) -> str:
    return visible(" ".join(text.split()))


def worklist(head: str, questions: Iterable[Question]) -> str:
    """Return questions as Turtle without a statement: each choice is a line that a person can uncomment.

    Args:
        head: comments and declarations for the top; it must declare the base, for IRIs without a prefix, and the
            prefixes of the statements.
        questions: in this order.

    """
    parts = [head]
    for question in questions:
        lines = [f"{question.place}: {question.heading}", *(f"  {line}" for line in question.details)]
        if question.passage:
            lines.append(f"  {question.marked_passage()}")
        for choice in question.choices:
            shown = f"{choice.name} ({choice.reason})" if choice.reason else choice.name
            lines += [f"{line}  # {shown}" for line in statement_lines(choice.statements)]
        parts.append("".join(f"# {visible(line)}\n" for line in lines))
    return "\n".join(parts)


def statement_lines(statements: Sequence[Triple]) -> list[str]:
    """Return each statement as a line of Turtle, with evgraph's base and prefixes."""
    return [turtle([statement]).decode().partition("\n\n")[2].strip() for statement in statements]


def prefixes_of(questions: Iterable[Question]) -> list[str]:
    """Return the declarations that the statements of some questions need, sorted."""
    statements = [statement for question in questions for choice in question.choices for statement in choice.statements]
    return turtle(statements).decode().partition("\n\n")[0].splitlines()


def cell_name(iri: str) -> str:
    """Return ``drug:E4`` for the IRI of a cell, or of a thing in it."""
    parts = iri.removeprefix(ID).split("/")
    return parts[1].replace("-", ":", 1) if len(parts) > 1 else iri
