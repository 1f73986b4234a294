"""Characters that could drive a terminal, or that nobody sees: made visible, or escaped."""

from __future__ import annotations

import re

# Control characters, lone surrogates and non-characters, what turns the direction of writing, what has no width (the
# joiners, which scripts need, stay), and separators of lines. https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff"
    "\ufdd0-\ufdef\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    r"""Return a text on one line, each hidden character as its number: ``⟨U+202E⟩``; line ends and tabs as spaces."""
    if not _HIDDEN.search(text):
        return text
    return _HIDDEN.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", re.sub(r"\r\n|[\t\n\r]", " ", text))


def printable(text: str) -> str:
    """Return a text of several lines with each hidden character as `visible` writes it."""
    return "\n".join(map(visible, text.split("\n"))) if _HIDDEN.search(text) else text


def escaped(text: str) -> str:
    r"""Return a text with each hidden character as TOML and Turtle escape it: ``\u202E``, ``\U000E0001``."""
    return _HIDDEN.sub(
        lambda match: f"\\u{ord(match[0]):04X}" if match[0] <= "\uffff" else f"\\U{ord(match[0]):08X}", text
    )
