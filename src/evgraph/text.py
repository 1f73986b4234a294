"""Text for people and from people: safe on a terminal, plurals, labels; misspelt names, and the spellings of print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.characters import visible
from evgraph.errors import Hint, UsageError
from evgraph.namespaces import LABEL_PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

# What a keyboard has → what is printed for it, beside letters with accents.
_PRINT = {"'": "‘’ʼ′`", '"': "“”„«»″", "-": "‐‑‒–—−", "o": "ø", "l": "ł", "d": "đð", "i": "ı"}
_TYPED = {ord(printed): key for key, alike in _PRINT.items() for printed in alike}
_SPECIAL = frozenset(r".\?*+^$|(){}[]-")
_ACCENTED = range(0xE0, 0x250)  # The accented letters of Latin scripts.
LONGEST = 400
"""So many characters of a statement are shown; literals can be of any length."""


def shown(text: str, longest: int = LONGEST) -> str:
    """Return a text as `visible` does, cut where it is longer than people would read."""
    if len(text) <= longest:
        return visible(text)
    return f"{visible(text[:longest])} … ({len(text):,} characters)"


def columns(text: str) -> int:
    """Count the columns that a text takes on a terminal: two for a wide character, none for a combining accent.

    https://www.unicode.org/reports/tr11/
    """
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def plural(count: int, noun: str, nouns: str = "") -> str:
    """Return a number with its noun: ``1 entry``, ``2 entries``; the plural is the noun with an s by default."""
    return f"{count} {noun if count == 1 else nouns or f'{noun}s'}"


def summarize_names(names: Iterable[str], most: int = 3) -> str:
    """Return the first of many names, sorted, and how many more there are: ``a, b, c and 2 more``."""
    ordered = sorted(names)
    return ", ".join(ordered[:most]) + (f" and {len(ordered) - most} more" if len(ordered) > most else "")


def label_rank(text: str, language: str | None, property_: str = LABEL_PROPERTIES[0]) -> tuple[int, bool, bool, str]:
    """Return the sort key of a label: best property, English, without a language, other languages; then the text.

    The property that it is the value of is the IRI of one of `LABEL_PROPERTIES`.
    """
    return LABEL_PROPERTIES.index(property_), language != "en", language is not None, text


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
    """Return the error for a name that does not exist, with the nearest known name; the hint lists all by default."""
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
