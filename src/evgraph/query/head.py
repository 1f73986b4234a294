"""The head of a ``.rq`` file: flat YAML behind ``#+``, as in grlc.

https://github.com/CLARIAH/grlc#decorator-syntax

What is read here means the same to every YAML reader, only less of YAML is allowed: ``key: text``, ``key: |`` with
indented lines below, and lists whose items are a text or a few ``key: text``. Anything else is an error with its line.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from evgraph.errors import UnreadableError

_KEY = re.compile(r"(?P<key>[A-Za-z_][A-Za-z0-9_\-]*):(?:\s+(?P<text>.*))?")
_NOT_PLAIN = re.compile(
    r"""^[\[\]{}"'&*!|>%@`#,]|^[-?:](?:\s|$)|:\s|:$|\s\#"""
)  # YAML would not read it as plain text.


class Text(NamedTuple):
    """A text of the head and its line."""

    text: str
    line: int


class Item(NamedTuple):
    """One item of a list: its text, or else its keys with their texts."""

    text: str
    fields: dict[str, Text]
    line: int


class Head(NamedTuple):
    """A head: each ``key: text``, each ``key:`` with a list below it, and the line of every key."""

    texts: dict[str, Text]
    lists: dict[str, list[Item]]
    lines: dict[str, int]


def read(source: str, path: object) -> Head:
    """Read the ``#+`` lines of a query.

    Raises:
        UnreadableError: a line of the head is malformed; the error has file and line.

    """
    reader = _Reader(path)
    for number, line in enumerate(source.splitlines(), 1):
        if line.startswith("#+"):
            reader.add(line[2:].removeprefix(" ").rstrip(), number)
    return reader.finish()


def refused(message: str, path: object, line: int) -> UnreadableError:
    """Return the error for a mistake in a head."""
    return UnreadableError(message, path=path, line=line, hint="queries/README.md describes the head of a question")


class _Reader:
    """Takes the lines of a head one by one."""

    def __init__(self, path: object) -> None:
        self._path = path
        self._head = Head({}, {}, {})
        self._key = ""
        self._block: list[str] | None = None  # The lines of ``key: |`` so far.

    def finish(self) -> Head:
        if self._block is not None:
            self._head.texts[self._key] = Text("\n".join(self._block).strip("\n"), self._head.lines[self._key])
            self._block = None
        return self._head

    def add(self, line: str, number: int) -> None:
        body = line.lstrip(" ")
        indent = len(line) - len(body)
        if self._block is not None and (indent >= 2 or not body):
            self._block.append(line[2:])
        elif indent == 0 and body:
            self.finish()
            self._top_level(body, number)
        elif body:
            self._in_list(body, indent, number)

    def _top_level(self, body: str, number: int) -> None:
        key, text = self._field(body, number)
        if key in self._head.lines:
            raise refused(f"a second '{key}', the first is in line {self._head.lines[key]}", self._path, number)
        self._key = key
        self._head.lines[key] = number
        if text == "|":
            self._block = []
        elif text:
            self._head.texts[key] = Text(self._plain(text, number), number)
        else:
            self._head.lists[key] = []

    def _in_list(self, body: str, indent: int, number: int) -> None:
        items = self._head.lists.get(self._key)
        if items is not None and indent == 2 and body.startswith("- "):
            body = body[2:].strip()
            items.append(Item("" if _KEY.fullmatch(body) else self._plain(body, number), {}, number))
            if items[-1].text:
                return
        elif not items or items[-1].text or indent != 4:
            raise refused(
                f"'{body}' does not belong here: a list is '  - item', and the other keys of an item are indented by 4"
                " spaces",
                self._path,
                number,
            )
        key, text = self._field(body, number)
        if key in items[-1].fields:
            raise refused(f"a second '{key}' in one item", self._path, number)
        if not text:
            raise refused(f"'{key}' is empty", self._path, number)
        items[-1].fields[key] = Text(self._plain(text, number), number)

    def _field(self, body: str, number: int) -> tuple[str, str]:
        match = _KEY.fullmatch(body)
        if not match:
            raise refused(f"'{body}' is not 'key: text'", self._path, number)
        return match["key"], match["text"] or ""

    def _plain(self, text: str, number: int) -> str:
        if _NOT_PLAIN.search(text):
            raise refused(
                f"'{text}' is not plain text: no brackets or quotes at its start, no ': ' or ' #' in it",
                self._path,
                number,
            )
        return text
