"""What Oxigraph's parsers cannot read: data nested so deeply that they crash, and tokens longer than their buffer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from mmap import mmap

DEEPEST = 200
"""The most levels of triple terms in a triple, of objects and arrays in JSON-LD, of elements in XML: many crash."""
LONGEST_TOKEN = 1 << 24
"""The most bytes of a literal that the parser of Turtle and the other text formats reads."""

_STRINGS = (rb'"(?:[^"\\\r\n]|\\.)*+"', rb"'(?:[^'\\\r\n]|\\.)*+'")
# They end at the first three quotes behind an even number of backslashes.
_LONG_STRINGS = (rb'""".*?(?<!\\)(?:\\\\)*+"""', rb"'''.*?(?<!\\)(?:\\\\)*+'''")
_OF_TURTLE = re.compile(
    b"|".join((*_LONG_STRINGS, *_STRINGS, rb"#[^\r\n]*+", rb'<[^<>"{}|^`\\\s]*+>', rb"(<<)", rb"(>>)")), re.DOTALL
)
_OF_JSON = re.compile(b"|".join((_STRINGS[0], rb"([\[{])", rb"([\]}])")), re.DOTALL)
_TRIPLE_TERM, _BRACKET = re.compile(rb"<<"), re.compile(rb"[\[{]")


FLATTEN = "give the inner parts IRIs, and write them as statements of their own"
"""What to do about it."""


def too_deep() -> str:
    """Return the message about data that is nested too deeply."""
    return f"nested more than {DEEPEST} levels deep, which evgraph does not read"


def too_deep_at(content: bytes | mmap, format_name: str) -> int | None:
    """Return the line, from 1, where a file is nested more deeply than is read; None where it is not."""
    if format_name == "rdfxml":
        return None
    opening, tokens = (_BRACKET, _OF_JSON) if format_name == "jsonld" else (_TRIPLE_TERM, _OF_TURTLE)
    if not _occurs_often(content, opening):
        return None
    depth = 0
    for match in tokens.finditer(content):
        if match[1]:
            depth += 1
            if depth > DEEPEST:
                return content[: match.start()].count(b"\n") + 1
        elif match[2]:
            depth -= 1
    return None


def _occurs_often(content: bytes | mmap, opening: re.Pattern[bytes]) -> bool:
    return any(number >= DEEPEST for number, _ in enumerate(opening.finditer(content)))


def long_token_at(lines: Sequence[bytes]) -> int:
    """Return the line, from 1, of the first token longer than `LONGEST_TOKEN`; at worst that of the longest line."""
    size, start = 0, 1
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_TOKEN:
            return number
        # A literal in triple quotes may have several lines.
        if b'"""' in line or b"'''" in line:
            size, start = 0, number
        size += len(line)
        if size > LONGEST_TOKEN:
            return start
    return max(range(len(lines)), key=lambda index: len(lines[index]), default=0) + 1
