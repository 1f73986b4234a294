"""What the tests have workers do, in a module that is quickly imported."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def numbers(count: int) -> Iterator[int]:
    yield os.getpid()
    yield from range(count)


def backtrack() -> list[object]:
    """Match a text for ever, and hold the interpreter's lock meanwhile."""
    return [re.match("^(a+)+$", "a" * 60 + "!")]


def fill() -> list[int]:
    return [len(bytes(8 << 30))]


def fail(error: Exception) -> Iterator[int]:
    yield 1
    raise error


def die(code: int) -> list[int]:
    os._exit(code)


def print_everywhere() -> list[None]:
    print("by Python")
    print("by Python", file=sys.stderr)
    os.write(1, b"by a library")
    os.write(2, b"by a library")
    return [None]


def working_directory() -> list[str]:
    return [str(Path.cwd())]


class OddError(Exception):
    def __init__(self, first: str, second: str) -> None:  # noqa: ARG002 - pickle gives it one
        super().__init__(first)


def raise_odd() -> list[int]:
    raise OddError("odd", "too")
