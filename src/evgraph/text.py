"""Text for people: nothing in it hides or drives the terminal, numbers agree with their nouns, labels are chosen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evgraph.namespaces import LABEL_PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Iterable

# Control characters, lone surrogates and non-characters, what turns the direction of writing, what has no width (the
# joiners, which scripts need, stay), and separators of lines. https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff"
    "\ufdd0-\ufdef\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)
LONGEST = 400
"""So many characters of a statement are shown; literals can be of any length."""


def visible(text: str) -> str:
    r"""Return a text on one line, each hidden character as its number: ``⟨U+202E⟩``; line ends and tabs as spaces."""
    if not _HIDDEN.search(text):
        return text
    return _HIDDEN.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", re.sub(r"\r\n|[\t\n\r]", " ", text))


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
