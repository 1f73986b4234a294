"""Two versions of an invented page, and which entries of the second are entries of the first."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from bench.invented_frame import LINKS
from bench.invented_gold import LEVELS, TYPES

_LEGEND = "S Seminal studiesK Key studiesR ReviewsG Guidancemore Search for more studies"
_HEADLINES = (
    "Night clinics keep young drivers in touch", "Shared meals shorten the way home", "Postal reminders in Cork",
    "Waiting lists that nobody minds", "Group walks after a stay in prison", "Evening calls and what they cost",
    "Paper diaries put to a longer test", "Drop-in hours for shift workers", "Home visits by the pharmacist",
    "Quiet rooms on a loud ward",
)  # fmt: skip
_OTHERS = ("Ferry crossings and the price of fish", "A choir in every barracks", "Bread, soap and the county gaol")
_CHANGES = ("retitled", "year corrected", "moved", "replaced", "same")


@dataclass(frozen=True, slots=True)
class _Entry:
    marker: str
    headline: str
    year: int

    @property
    def line(self) -> str:
        return f"{self.marker} {self.headline} ({self.year}). Ten clinics took part for a year."


@dataclass(frozen=True, slots=True)
class Versions:
    """Two texts of a cell, and for each entry of the second: its place in the first, from 1, and what changed.

    The place is None where the entry is new.
    """

    cell: str
    texts: tuple[str, str]
    entries: tuple[tuple[int | None, str], ...]


def versions(seed: int) -> Versions:
    """Return the versions of a seed; a seed always gives the same."""
    dice = random.Random(seed)  # noqa: S311 - nothing secret.
    matrix, level, row = dice.choice(("alcohol", "drug")), dice.choice("ABCDE"), dice.choice("2345")
    headlines = dice.sample(_HEADLINES, 6)
    entries = [
        _Entry(marker, headline, dice.randint(1990, 2015)) for marker, headline in zip("KKKKRR", headlines, strict=True)
    ]
    changes = [dice.choice(_CHANGES) for _ in entries]
    changed: list[tuple[_Entry, int | None, str]] = []
    for place, (entry, change) in enumerate(zip(entries, changes, strict=True), 1):
        if change == "retitled":
            words = entry.headline.split()
            entry = replace(entry, headline=" ".join([*words[:-1], dice.choice(("anew", "again", "in town"))]))
        elif change == "year corrected":
            entry = replace(entry, year=entry.year + dice.choice((-1, 1)))
        elif change == "replaced":
            entry = _Entry(entry.marker, f"{dice.choice(_OTHERS)} {place}", entry.year + 4)
        changed.append((entry, None if change == "replaced" else place, change))
    if changes[0] == "moved":  # Within its letter.
        changed.insert(3, changed.pop(0))
    kept = tuple((place, "same" if change == "moved" and place != 1 else change) for _, place, change in changed)
    title = f"{matrix.capitalize()} Treatment Matrix cell {level}{row}: {LEVELS[level]}; {TYPES[row]}"
    texts = [
        "\n\n".join([title, _LEGEND, LINKS, *(entry.line for entry in version)]) + "\n"
        for version in (entries, [entry for entry, _, _ in changed])
    ]
    return Versions(f"{matrix}-{level}{row}", (texts[0], texts[1]), kept)
