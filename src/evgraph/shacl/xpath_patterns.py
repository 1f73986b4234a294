r"""Regular expressions of XPath, which ``sh:pattern`` has, translated to those of the engine in this process (Rust).

They differ: XPath subtracts character classes, knows ``\i`` and ``\c``, and reads ``\w``, ``\s``, ``.`` and the flag x
in another way.
https://www.w3.org/TR/xpath-functions/#regex-syntax https://www.w3.org/TR/xmlschema11-2/#regexs
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME_START = (
    r":A-Z_a-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}\x{200C}-\x{200D}\x{2070}-\x{218F}"
    r"\x{2C00}-\x{2FEF}\x{3001}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFFD}\x{10000}-\x{EFFFF}"
)
_NAME = _NAME_START + r"\-.0-9\x{B7}\x{300}-\x{36F}\x{203F}-\x{2040}"
# Each as a class of the engine; an upper-case letter is the complement.
_MULTIPLE = {"s": r"[\t\n\r ]", "d": r"\p{Nd}", "w": r"[^\p{P}\p{Z}\p{C}]", "i": f"[{_NAME_START}]", "c": f"[{_NAME}]"}
_COMPLEMENTS = {
    "S": r"[^\t\n\r ]", "D": r"\P{Nd}", "W": r"[\p{P}\p{Z}\p{C}]", "I": f"[^{_NAME_START}]", "C": f"[^{_NAME}]",
}  # fmt: skip
_CATEGORY = re.compile(r"L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|Z[slp]?|S[mcko]?|C[cfon]?")
_CASED = {"Lu", "Ll", "Lt"}
_BLOCKS = {
    "BasicLatin": "0-7F", "Latin-1Supplement": "80-FF", "LatinExtended-A": "100-17F", "LatinExtended-B": "180-24F",
    "IPAExtensions": "250-2AF", "CombiningDiacriticalMarks": "300-36F", "GreekandCoptic": "370-3FF", "Greek": "370-3FF",
    "Cyrillic": "400-4FF", "Hebrew": "590-5FF", "Arabic": "600-6FF", "GeneralPunctuation": "2000-206F",
    "CurrencySymbols": "20A0-20CF", "Hiragana": "3040-309F", "Katakana": "30A0-30FF",
    "CJKUnifiedIdeographs": "4E00-9FFF",
}  # fmt: skip # The most common ones.
_CONTROLS = {"n": r"\n", "r": r"\r", "t": r"\t"}
_QUANTIFIER = re.compile(r"(?:[?*+]|\{(\d+)(?:(,)(\d*))?\})\??")
_SPACE = " \t\n\r"
_DEEPEST = 100


class PatternError(ValueError):
    """A text that is not a regular expression of XPath, or one that the engine cannot match; the message says why."""


class Pattern(NamedTuple):
    """A regular expression of the engine."""

    text: str
    flags: str
    is_common: bool  # Whether engines of other kinds read the original in the same way.


def translate(pattern: str, flags: str = "") -> Pattern:
    """Return a regular expression of XPath as one of the engine.

    Raises:
        PatternError: it is not one, or has a part that the engine lacks, such as a back-reference.

    """
    if extra := set(flags) - set("smixq"):
        raise PatternError(f"the flag {min(extra)} is unknown")
    if "q" in flags:
        return Pattern("".join(map(_literal, pattern)), "i" if "i" in flags else "", is_common=False)
    reader = _Reader(pattern, flags)
    text = reader.alternatives(0)
    if reader.rest:
        raise PatternError(f"{reader.rest[0]} is without its opening bracket")
    return Pattern(text, "".join(sorted(set(flags) - {"x"})), reader.is_common and "x" not in flags)


class _Reader:
    def __init__(self, pattern: str, flags: str) -> None:
        self._text = _without_space(pattern) if "x" in flags else pattern
        self._place = 0
        self._flags = flags
        self.is_common = True

    @property
    def rest(self) -> str:
        return self._text[self._place :]

    def _next(self) -> str:
        if not self.rest:
            raise PatternError("the regular expression ends too early")
        self._place += 1
        return self._text[self._place - 1]

    def _follows(self, text: str) -> bool:
        if not self._text.startswith(text, self._place):
            return False
        self._place += len(text)
        return True

    def alternatives(self, depth: int) -> str:
        if depth > _DEEPEST:
            raise PatternError(f"brackets are nested more than {_DEEPEST} deep")
        parts: list[str] = []
        while self.rest and not self.rest.startswith(")"):
            parts.append("|" if self._follows("|") else self._piece(depth))
        return "".join(parts)

    def _piece(self, depth: int) -> str:
        atom = self._atom(depth)
        quantifier = _QUANTIFIER.match(self._text, self._place)
        if not quantifier:
            return atom
        if atom in {"^", "$"}:
            raise PatternError(f"{atom} is repeated")
        least, comma, most = quantifier.groups()
        if comma and most and int(most) < int(least):
            raise PatternError(f"{quantifier[0]} is no range")
        self._place = quantifier.end()
        if self.rest[:1] in {"?", "*", "+", "{"} and self.rest:
            raise PatternError(f"{quantifier[0]}{self.rest[0]} repeats a repetition")
        return atom + quantifier[0]

    def _atom(self, depth: int) -> str:
        char = self._next()
        if char == "(":
            if self.rest.startswith("?") and not self.rest.startswith("?:"):
                raise PatternError("(? is not part of XPath's regular expressions")
            head = "(?:" if self._follows("?:") else "("
            inner = self.alternatives(depth + 1)
            if not self._follows(")"):
                raise PatternError("( is without its closing bracket")
            return f"{head}{inner})"
        if char == "[":
            return self._class(depth)
        if char == "\\":
            return self._escape(_literal, in_class=False)
        if char == ".":
            return "." if "s" in self._flags else r"[^\n\r]"
        if char in "^$":
            return char
        if char in "?*+{}]":
            raise PatternError(f"{char} is without a backslash")
        return _literal(char)

    def _escape(self, literal: Callable[[str], str], *, in_class: bool) -> str:
        char = self._next()
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char in _MULTIPLE or char in _COMPLEMENTS:
            self.is_common = self.is_common and char in "sSdDwW"
            return _MULTIPLE.get(char) or _COMPLEMENTS[char]
        if char in "pP":
            return self._category(char, in_class=in_class)
        if char.isalnum():
            what = "a back-reference" if char.isdigit() else "not part of XPath's regular expressions"
            raise PatternError(f"\\{char} is {what}")
        return literal(char)

    def _category(self, letter: str, *, in_class: bool) -> str:
        name = re.match(r"\{([A-Za-z0-9-]+)\}", self.rest)
        if not name:
            raise PatternError(f"\\{letter} is without a name in braces")
        self._place += name.end()
        block = name[1].removeprefix("Is")
        if block != name[1]:
            self.is_common = False
            if block not in _BLOCKS:
                raise PatternError(f"evgraph does not know \\{letter}{name[0]}")
            start, end = _BLOCKS[block].split("-")
            return f"[{'^' if letter == 'P' else ''}\\x{{{start}}}-\\x{{{end}}}]"
        if not _CATEGORY.fullmatch(name[1]):
            raise PatternError(f"\\{letter}{name[0]} is unknown")
        category = f"\\{letter}{name[0]}"
        if "i" not in self._flags or name[1] not in _CASED:
            return category
        if in_class:
            raise PatternError(f"{category} in brackets, with the flag i, is unknown to the engine")
        return f"(?-i:{category})"

    def _class(self, depth: int) -> str:
        """Translate a character class after its opening bracket."""
        if depth > _DEEPEST:
            raise PatternError(f"brackets are nested more than {_DEEPEST} deep")
        negated = self._follows("^")
        parts: list[str] = []
        while not self._follows("]"):
            if parts and self._follows("-["):
                self.is_common = False
                subtracted = self._class(depth + 1)
                if not self._follows("]"):
                    raise PatternError("what is subtracted is not at the end of its class")
                return f"[[{'^' if negated else ''}{''.join(parts)}]--{subtracted}]"
            parts.append(self._member())
        if not parts:
            raise PatternError("[] is without a character")
        return f"[{'^' if negated else ''}{''.join(parts)}]"

    def _member(self) -> str:
        """Translate a character, a range, or an escape of a character class."""
        start = self._char()
        if start[0] == "[" or start[:2] in {r"\p", r"\P"}:
            return start
        rest = self.rest
        if not rest.startswith("-") or rest[:2] in {"-]", "-["}:
            return start
        self._place += 1
        end = self._char()
        if end[0] == "[" or end[:2] in {r"\p", r"\P"} or _code(end) < _code(start):
            raise PatternError(f"{start}-{end} is no range")
        return f"{start}-{end}"

    def _char(self) -> str:
        char = self._next()
        if char == "\\":
            return self._escape(_in_class, in_class=True)
        if char == "[":
            raise PatternError("[ in a class is without a backslash")
        return _in_class(char)


def _literal(char: str) -> str:
    return f"\\{char}" if char in r"\.+*?()|[]{}^$#&-~" else char


def _in_class(char: str) -> str:
    return f"\\{char}" if char in r"\[]^-&~" else char


def _code(char: str) -> int:
    """Return the code point of a translated character."""
    controls = {escape: ord(plain) for escape, plain in ((r"\n", "\n"), (r"\r", "\r"), (r"\t", "\t"))}
    return controls.get(char, ord(char[-1]))


def _without_space(pattern: str) -> str:
    """Return a regular expression without the white space outside of character classes, as the flag x has it."""
    parts: list[str] = []
    depth = 0
    escaped = False
    for char in pattern:
        if not (char in _SPACE and depth == 0):
            parts.append(char)
        depth += 0 if escaped else (char == "[") - (char == "]")
        escaped = char == "\\" and not escaped
    return "".join(parts)
