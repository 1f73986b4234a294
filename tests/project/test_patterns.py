"""Regular expressions that every Python from 3.11.0 on reads alike."""

from __future__ import annotations

import importlib
import re
from re import _constants, _parser  # type: ignore[attr-defined] # There is no public reader of patterns.
from typing import Any

import pytest
from docs.structure import MODULES

_SIMPLE = {_constants.LITERAL, _constants.NOT_LITERAL, _constants.IN, _constants.ANY}
_REPEATS = {_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT}


def fails_midway(pattern: Any) -> bool:
    """Return whether a part of a pattern may fail behind what was tried by a jump: a repetition, a group, a look."""
    items = list(pattern)
    if len(items) == 1 and items[0][0] is _constants.BRANCH:
        return any(fails_midway(branch) for branch in items[0][1][1])
    simple = [operation in _SIMPLE for operation, _ in items]
    if all(simple):
        return False
    operation, argument = items[-1]
    ends_simply = operation in _REPEATS and (len(items) == 1 or argument[0] == 0)
    return not (all(simple[:-1]) and ends_simply and not fails_midway(argument[2]))


def misread(pattern: Any) -> list[Any]:
    """Return the possessive repetitions that Python before 3.11.5 matches wrongly.

    It does not go back to where the last, failed round began: https://github.com/python/cpython/issues/106052.
    """
    found = []
    for operation, argument in pattern:
        if operation is _constants.POSSESSIVE_REPEAT and fails_midway(argument[2]):
            found.append(argument)
        parts = argument if isinstance(argument, tuple | list) else (argument,)
        for part in parts:
            for inner in part if isinstance(part, list) else (part,):
                if isinstance(inner, _parser.SubPattern):
                    found += misread(inner)
    return found


@pytest.mark.parametrize("module", MODULES)
def test_no_possessive_repetition_fails_midway(module: str) -> None:
    values = vars(importlib.import_module(module)).values()
    compiled = [(value.pattern, value.flags & ~re.UNICODE) for value in values if isinstance(value, re.Pattern)]
    parts = [
        (value, re.VERBOSE)
        for value in values
        if isinstance(value, str) and value.lstrip().startswith("(?") and ")*+" in value
    ]
    assert not [pattern for pattern, flags in compiled + parts if misread(_parser.parse(pattern, flags))]


@pytest.mark.parametrize(
    "text", [r"(?:ab?c)*+", r"'''(?:[^']|'(?!''))*+'''", r"(?:\\u[0-9]{4}|x)*+", r"x(?:(?:ab?c)*+|y)"]
)
def test_what_is_misread_is_found(text: str) -> None:
    assert misread(_parser.parse(text))


@pytest.mark.parametrize("text", [r"(?:[^'\\]|\\.)*+", r"(?:[ \t]++|\#[^\n]*+)*+", r"[a-z]*+", r"(?>(?:ab?c)*)"])
def test_what_is_read_well_is_not_found(text: str) -> None:
    assert not misread(_parser.parse(text))
