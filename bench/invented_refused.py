"""Invented pages that are no page of a cell, although most name one or several."""

from __future__ import annotations

import random
from dataclasses import dataclass

from bench.invented_gold import FIRST_ROW, LEVELS, TYPES


@dataclass(frozen=True, slots=True)
class RefusedPage:
    """A page that must be refused.

    Attributes:
        kind: what it is.
        text: its text.
        cell: a cell that it names, or whose name is given with it: ``drug:E4``.

    """

    kind: str
    text: str
    cell: str


_NAMES = ("Rushbrook L.", "Oyelaran T.", "Quist P.", "Ferreira N.")
_TITLES = (
    "Who keeps the night rota? A survey of forty clinics",
    "Shared meals and staying on: a county trial",
    "What evening calls add to care",
    "Drop-in hours put to the test",
)


def refused(seed: int) -> RefusedPage:
    """Return the page of a seed; a seed always gives the same page."""
    dice = random.Random(seed)  # noqa: S311 - nothing secret.
    matrix = dice.choice(("alcohol", "drug"))
    square = dice.choice("ABCDE") + dice.choice("12345")
    kinds = {
        "listing": _listing, "mailing": _mailing, "row": _row, "index": _index, "analysis": _analysis,
        "hot topic": _hot_topic, "catalogue": _catalogue,
    }  # fmt: skip
    kind = sorted(kinds)[seed % len(kinds)]
    lines = kinds[kind](dice, matrix, square)
    return RefusedPage(kind, dice.choice(("\n", "\n\n")).join(lines) + "\n", f"{matrix}:{square}")


def _named(matrix: str, square: str) -> str:
    label = FIRST_ROW[matrix] if square[1] == "1" else TYPES[square[1]]
    return f"{matrix.capitalize()} Treatment Matrix cell {square}: {LEVELS[square[0]]}; {label}"


def _cite(dice: random.Random) -> list[str]:
    year, title = dice.randint(1985, 2019), dice.choice(_TITLES)
    kind, ends = dice.choice(("STUDY", "REVIEW", "DOCUMENT")), dice.choice(("HTM file", "PDF file"))
    return [
        f"{kind} {year} {ends}",
        title,
        ", ".join(dice.sample(_NAMES, 2)),
        f"Journal of Examples: {year}, {dice.randint(3, 60)}, p. {dice.randint(10, 90)}–{dice.randint(91, 140)}.",
        f"Those who were called came back more often ({year}).",
    ]


def _listing(dice: random.Random, matrix: str, square: str) -> list[str]:
    other = f"{dice.choice('ABCDE')}{square[1]}"
    first = [_named(matrix, square), "Key studies on how clinics keep their doors open.", *_cite(dice)]
    return [*first, *_cite(dice), _named(matrix, other), "Seminal studies and reviews on rotas.", *_cite(dice)]


def _mailing(dice: random.Random, matrix: str, square: str) -> list[str]:
    return [
        "Effectiveness Bank update",
        "Dear subscriber, four documents have been added to the bank this fortnight.",
        f"We have also rewritten a page of the matrices: {_named(matrix, square)}",
        "Open it for the studies that made the field, and our commentary.",
        *_cite(dice),
        *_cite(dice),
        "To stop these mailings reply with the word stop.",
    ]


def _row(dice: random.Random, matrix: str, square: str) -> list[str]:
    label = FIRST_ROW[matrix] if square[1] == "1" else TYPES[square[1]]
    lines = [f"{matrix.capitalize()} Treatment Matrix row {square[1]}: {label}", "Five cells on one kind of help."]
    for level, name in LEVELS.items():
        lines += [f"Cell {level}{square[1]} {name}", dice.choice(("How it is done.", "Who does it, and how well."))]
    return lines


def _index(dice: random.Random, matrix: str, square: str) -> list[str]:
    labels = {"1": FIRST_ROW[matrix], **TYPES}
    lines = [f"{matrix.capitalize()} Treatment Matrix", "Choose a cell. Each opens in a new window."]
    lines += [f"{label}: " + " ".join(f"{level}{row}" for level in LEVELS) for row, label in labels.items()]
    return [*lines, f"New: cell {square}", dice.choice(("About the matrices", "How to use the matrices"))]


def _analysis(dice: random.Random, matrix: str, square: str) -> list[str]:
    _, title, names, source, sentence = _cite(dice)
    return [
        "Effectiveness Bank analysis",
        title,
        f"{names} {source}",
        "This entry is our analysis of a document which we thought of note to those who run clinics.",
        f"Key points From summary and commentary: {sentence}",
        f"It is listed in the {matrix.capitalize()} Treatment Matrix cell {square}.",
        "Last revised 3 May 2016. First uploaded 9 April 2016.",
        "Give us your feedback on the site",
    ]


def _hot_topic(dice: random.Random, matrix: str, square: str) -> list[str]:
    return [
        "Effectiveness Bank hot topics",
        f"{dice.choice(('Night work', 'Rations', 'Travel'))}: who gains, and who pays?",
        "One of a series of essays on what has been disputed. For all documents run this search.",
        "It began with one clinic’s kettle (1987), and was taken up by many (1994; 2003).",
        f"See also cell {square} of the {matrix.capitalize()} Treatment Matrix.",
    ]


def _catalogue(dice: random.Random, matrix: str, square: str) -> list[str]:
    return [
        "Effectiveness Bank catalogue",
        f"All documents listed in {_named(matrix, square)}",
        *(f"{number}. {dice.choice(_TITLES)}, {dice.randint(1985, 2019)}" for number in range(1, 6)),
    ]
