"""Names that look like another, and words in the ways in which they may be printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.errors import Hint, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

# What a keyboard has → what is printed for it, beside letters with accents.
_PRINT = {"'": "‘’ʼ′`", '"': "“”„«»″", "-": "‐‑‒–—−", "o": "ø", "l": "ł", "d": "đð", "i": "ı"}
_TYPED = {ord(printed): key for key, alike in _PRINT.items() for printed in alike}
_SPECIAL = frozenset(r".\?*+^$|(){}[]-")
_ACCENTED = range(0xE0, 0x250)  # The accented letters of Latin scripts.


def nearest(word: str, known: Iterable[str], count: int = 1, cutoff: float = 0.6) -> list[str]:
    """Return those of the known words that look most like a word, at most so many, the nearest first.

    The cutoff is the least similarity, from 0 to 1: https://docs.python.org/3/library/difflib.html
    """
    import difflib  # Loaded when somebody mistypes, and not before.

    by_form: dict[str, str] = {}
    for name in sorted(known):
        by_form.setdefault(name.casefold(), name)
    return [by_form[form] for form in difflib.get_close_matches(word.casefold(), by_form, count, cutoff)]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'WORD'?`` for the end of a message, or an empty text."""
    near = nearest(word, known)
    return f"; did you mean '{near[0]}'?" if near else ""


def unknown_name(
    message: str,
    name: str,
    known: Collection[str],
    hint: str | Hint | None = None,
    *,
    question: str | None = None,
) -> UsageError:
    """Return the error for a name that does not exist.

    Args:
        message: what is wrong; the nearest name is added to it.
        name: the name.
        known: the names that exist.
        hint: what to do; by default it lists the names.
        question: the name of the question that was asked.

    """
    near = nearest(name, known)
    return UsageError(
        f"{message}; did you mean '{near[0]}'?" if near else message,
        value=name,
        expected=tuple(known),
        nearest=near[0] if near else None,
        question=question,
        hint=hint or f"choose one of {', '.join(known)}",
    )


def plain(text: str) -> str:
    """Return a text case-folded, without accents, with the quotes and hyphens of a keyboard."""
    from unicodedata import combining, normalize  # Loaded when no name is exactly so, and not before.

    letters = normalize("NFKD", text.translate(_TYPED)).casefold()  # Decomposed letters may be capitals, as of "𝕬".
    return "".join(letter for letter in letters if not combining(letter)).translate(_TYPED)


def printed(text: str) -> str:
    """Return a regular expression that finds a text in a lower-case one, however it is printed.

    Groups of alternatives, and no classes of characters: some engines read these byte by byte.
    https://www.w3.org/TR/sparql11-query/#func-regex
    """
    alike = {key: list(others) for key, others in _PRINT.items()}
    for letter in map(chr, _ACCENTED):
        if letter.islower() and letter not in "".join(_PRINT.values()):
            alike.setdefault(plain(letter), []).append(letter)
    escaped = {letter: f"\\{letter}" if letter in _SPECIAL else letter for letter in plain(text)}
    return "".join(
        f"({'|'.join([escaped[letter], *alike[letter]])})" if letter in alike else escaped[letter]
        for letter in plain(text)
    )
