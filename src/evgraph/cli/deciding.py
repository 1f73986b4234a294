"""Questions put to a person one by one, on a terminal or from a pipe; `settle` and `reconcile` share this."""

from __future__ import annotations

import os
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from evgraph.characters import visible
from evgraph.cli.common import has_colours, say
from evgraph.cli.hints import worded
from evgraph.errors import UsageError
from evgraph.text import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from evgraph.decisions.file import DecisionFile
    from evgraph.decisions.question import Choice, Question

_SKIP, _BACK, _QUIT = "s", "b", "q"


def day(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Return the date that an option takes."""
    try:
        return value and date.fromisoformat(value).isoformat()
    except ValueError:
        raise click.BadParameter(f"'{value}' is not a date; write 2026-01-31") from None


def deciding_options(default_file: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds the options for decisions to a command."""
    options = (
        click.option(
            "-o", "--output", "output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
            help=f"The file for the decisions; what it holds stays.  [default: {default_file}]",
        ),
        click.option(
            "--worklist", metavar="FILE",
            help="Ask nothing; write what is to decide as commented-out Turtle, for an editor. - is standard output.",
        ),
        click.option(
            "--by", default="https://w3id.org/evgraph/id/agent/curator", metavar="PERSON", show_default="agent:curator",
            help="Who decides: a name or an IRI.",
        ),
        click.option(
            "--date", "decided_on", metavar="DATE", callback=day, help="When: 2026-01-31.  [default: today]"
        ),
    )  # fmt: skip

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for add in reversed(options):
            command = add(command)
        return command

    return decorate


def new_worklist(output: str) -> None:
    """Raise UsageError where a worklist would replace a file."""
    if output != "-" and os.path.lexists(output):
        raise UsageError(
            f"{output} exists and may hold decisions", hint="choose another name, or remove the file first"
        )


class Outcome(NamedTuple):
    """What a person has decided."""

    decisions: list[tuple[Question, Choice]]
    skipped: int
    open: int  # Questions without a decision.


def decide(questions: Sequence[Question], file: DecisionFile) -> Outcome:
    """Put questions one by one, and write the file after each decision. The end of the input means quit."""
    chosen: dict[int, Choice] = {}
    asked: list[int] = []  # Of the questions seen, in order.
    index = 0
    while (index := _next(questions, index, chosen)) < len(questions):
        _show(questions[index], index, len(questions))
        answer = _answer(questions[index], can_go_back=bool(asked))
        if answer == _QUIT:
            break
        if answer == _BACK:
            index = asked.pop()
            if chosen.pop(index, None):
                _write(file, questions, chosen)
            continue
        asked.append(index)
        if not isinstance(answer, str):
            chosen[index] = answer
            _write(file, questions, chosen)
        index += 1
    decisions = [(questions[number], chosen[number]) for number in sorted(chosen)]
    closed = _closed(questions, chosen)
    remaining = [n for n, question in enumerate(questions) if n not in chosen and question.group not in closed]
    skipped = len([number for number in set(asked) if number in remaining])
    return Outcome(decisions, skipped, len(remaining))


def _next(questions: Sequence[Question], index: int, chosen: dict[int, Choice]) -> int:
    """Return the next question from an index on that the choices have not made needless."""
    closed = _closed(questions, chosen)
    while index < len(questions) and questions[index].group in closed:
        index += 1
    return index


def _closed(questions: Sequence[Question], chosen: dict[int, Choice]) -> set[str]:
    return {questions[number].group for number, choice in chosen.items() if choice.closes_group}


def _write(file: DecisionFile, questions: Sequence[Question], chosen: dict[int, Choice]) -> None:
    file.write([(questions[number], chosen[number]) for number in sorted(chosen)])


def _show(question: Question, index: int, count: int) -> None:
    say(f"\n{index + 1} of {count}  {visible(question.place)}: {visible(question.heading)}")
    for line in question.details:
        say(f"  {visible(line)}")
    if question.passage:
        click.echo(f"  {question.marked_passage(partial(click.style, bold=True) if has_colours() else str)}")
    say()
    numbered = [choice for choice in question.choices if choice.key.isdecimal()]
    width = max(len(choice.key) for choice in question.choices)
    is_shared = len(numbered) > 1 and len({choice.meaning for choice in numbered}) == 1
    for choice in numbered:
        reason = f"  [{visible(choice.reason)}]" if choice.reason else ""
        say(f"  {choice.key:>{width}}  {visible(choice.name)}{reason}")
        if not is_shared or choice is numbered[-1]:
            say(f"  {'':{width}}    {'each ' if is_shared else ''}states: {visible(choice.meaning)}")
    for choice in question.choices[len(numbered) :]:
        say(f"  {choice.key:>{width}}  {visible(choice.name)}: {visible(choice.meaning)}")
    if question.typed:
        say(f"  {'t':>{width}}  type {question.typed_name}")


def _answer(question: Question, *, can_go_back: bool) -> Choice | str:
    """Return a choice, or what to do instead of one."""
    keys = {choice.key: choice for choice in question.choices}
    others = ["t another"] * bool(question.typed) + ["s skip", *["b back"] * can_go_back, "q quit"]
    numbers = [key for key in keys if key.isdecimal()]
    letters = [f"{key} {choice.name}" for key, choice in keys.items() if key not in numbers]
    range_ = [f"1-{len(numbers)}" if len(numbers) > 1 else "1"] if numbers else []
    several = ["several as 1,2"] if question.combined else []
    known = {*keys, _SKIP, _QUIT, *["t"] * bool(question.typed), *[_BACK] * can_go_back}
    while True:
        answer = _prompt(f"Choice ({', '.join([*range_, *several, *letters, *others])})").lower()
        parts = list(dict.fromkeys(part for part in answer.replace(",", " ").split()))
        if len(parts) > 1 and question.combined and all(part in numbers for part in parts):
            return question.combined([keys[part] for part in parts])
        if answer in keys:
            return keys[answer]
        if answer == "t" and question.typed:
            try:
                return question.typed(_prompt(f"Type {question.typed_name}"))
            except UsageError as error:
                say(f"  {visible(worded(error))}")
        elif answer in known:
            return answer
        else:
            say(f"  '{visible(answer)}' is none of the choices")


def _prompt(text: str) -> str:
    try:
        return str(click.prompt(text, default="", show_default=False)).strip()
    except click.Abort:  # The end of the input. What was decided is written.
        say()
        return _QUIT


def summarize(outcome: Outcome, noun: str, file: Path, next_step: str) -> None:
    """Print what was decided, where it is written, and what to do next."""
    counts = f"decided {plural(len(outcome.decisions), noun)}, skipped {outcome.skipped}, {outcome.open} still open"
    say(f"\n{counts}")
    if outcome.decisions:
        say(f"written to {file}\n{next_step}")
