"""Text of unknown origin made fit for people's eyes: nothing in it hides, and nothing drives the terminal."""

from __future__ import annotations

import re

# Control characters, lone surrogates and non-characters, what turns the direction of writing, what has no width (the
# joiners, which scripts need, stay), and separators of lines. https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff"
    "\ufdd0-\ufdef\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)
LONGEST = 400
"""So many characters of a statement are shown; literals can be of any length."""


def visible(text: str) -> str:
    r"""Give a text on one line, each hidden character as its number: ``⟨U+202E⟩``; line ends and tabs as spaces."""
    if not _HIDDEN.search(text):
        return text
    return _HIDDEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", re.sub(r"\r\n|[\t\n\r]", " ", text))


def columns(text: str) -> int:
    """Count the columns that a text takes on a terminal: two for a wide character, none for an accent of its own.

    https://www.unicode.org/reports/tr11/
    """
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in text)


def shown(text: str, longest: int = LONGEST) -> str:
    """Give a text as `visible` does, cut where it is longer than somebody would read."""
    if len(text) <= longest:
        return visible(text)
    return f"{visible(text[:longest])} … ({len(text):,} characters)"
