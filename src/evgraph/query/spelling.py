"""Words in the ways in which they may be printed: people leave out accents and type straight quotes and hyphens."""

from __future__ import annotations

# What a keyboard has → what stands in print for it, beside letters with accents.
_PRINT = {"'": "‘’ʼ′`", '"': "“”„«»″", "-": "‐‑‒–—−", "o": "ø", "l": "ł", "d": "đð", "i": "ı"}
_TYPED = {ord(printed): key for key, alike in _PRINT.items() for printed in alike}
_SPECIAL = frozenset(r".\?*+^$|(){}[]-")
_ACCENTED = range(0xE0, 0x250)  # The accented letters of Latin scripts.


def plain(text: str) -> str:
    """Give a text case folded, without accents, with the quotes and hyphens of a keyboard."""
    from unicodedata import combining, normalize  # Loaded when nothing is called exactly so, and not before.

    letters = normalize("NFKD", text.translate(_TYPED)).casefold()  # What is taken apart may be capitals, as of "𝕬".
    return "".join(one for one in letters if not combining(one)).translate(_TYPED)


def printed(text: str) -> str:
    """Give a regular expression that finds a text, however it is printed, in one in lower case.

    Groups of alternatives, and no classes of characters: there are engines that read these byte by byte.
    https://www.w3.org/TR/sparql11-query/#func-regex
    """
    alike = {key: list(others) for key, others in _PRINT.items()}
    for letter in map(chr, _ACCENTED):
        if letter.islower() and letter not in "".join(_PRINT.values()):
            alike.setdefault(plain(letter), []).append(letter)
    return "".join(
        f"({'|'.join([_literal(one), *alike[one]])})" if one in alike else _literal(one) for one in plain(text)
    )


def _literal(character: str) -> str:
    return f"\\{character}" if character in _SPECIAL else character
