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
    head = Head({}, {}, {})
    blocks: dict[str, list[str]] = {}  # The lines of each ``key: |``.
    key = ""
    for number, line in enumerate(source.splitlines(), 1):
        if not line.startswith("#+"):
            continue
        text = line[2:].removeprefix(" ").rstrip()
        body = text.lstrip(" ")
        indent = len(text) - len(body)
        try:
            if key in blocks and (indent >= 2 or not body):
                blocks[key].append(text[2:])
            elif indent == 0 and body:
                key, value = _field(body)
                if key in head.lines:
                    raise ValueError(f"a second '{key}', the first is in line {head.lines[key]}")
                head.lines[key] = number
                if value == "|":
                    blocks[key] = []
                elif value:
                    head.texts[key] = Text(_plain(value), number)
                else:
                    head.lists[key] = []
            elif body:
                _add_to_list(head.lists.get(key), body, indent, number)
        except ValueError as error:
            raise refused(str(error), path, number) from None
    head.texts.update((key, Text("\n".join(lines).strip("\n"), head.lines[key])) for key, lines in blocks.items())
    return head


def refused(message: str, path: object, line: int) -> UnreadableError:
    """Return the error for a mistake in a head."""
    return UnreadableError(message, path=path, line=line, hint="queries/README.md describes the head of a question")


def _add_to_list(items: list[Item] | None, body: str, indent: int, number: int) -> None:
    if items is not None and indent == 2 and body.startswith("- "):
        body = body[2:].strip()
        items.append(Item("" if _KEY.fullmatch(body) else _plain(body), {}, number))
        if items[-1].text:
            return
    elif not items or items[-1].text or indent != 4:
        raise ValueError(
            f"'{body}' does not belong here: a list is '  - item', and the other keys of an item are indented by 4"
            " spaces"
        )
    key, text = _field(body)
    if key in items[-1].fields:
        raise ValueError(f"a second '{key}' in one item")
    if not text:
        raise ValueError(f"'{key}' is empty")
    items[-1].fields[key] = Text(_plain(text), number)


def _field(body: str) -> tuple[str, str]:
    match = _KEY.fullmatch(body)
    if not match:
        raise ValueError(f"'{body}' is not 'key: text'")
    return match["key"], match["text"] or ""


def _plain(text: str) -> str:
    if _NOT_PLAIN.search(text):
        raise ValueError(f"'{text}' is not plain text: no brackets or quotes at its start, no ': ' or ' #' in it")
    return text
