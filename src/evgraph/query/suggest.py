"""The nearest of the words that would have been right."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(word: str, known: Iterable[str], count: int = 1) -> list[str]:
    """Give those of the known words that look most like a word, the nearest first; there may be none."""
    import difflib  # Loaded when somebody mistypes, and not before.

    by_form: dict[str, str] = {}
    for one in sorted(known):
        by_form.setdefault(one.casefold(), one)
    return [by_form[form] for form in difflib.get_close_matches(word.casefold(), by_form, n=count)]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Give ``; did you mean 'WORD'?`` for the end of a message, or nothing."""
    near = nearest(word, known)
    return f"; did you mean '{near[0]}'?" if near else ""
