"""The values that Python gives to a question, as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from operator import index
from typing import TYPE_CHECKING, SupportsIndex, TypeAlias

from evgraph.errors import UsageError

if TYPE_CHECKING:
    from evgraph.python.thing import Thing

One: TypeAlias = "str | SupportsIndex | float | Thing"
Argument: TypeAlias = "One | Iterable[One] | None"
"""A value for a parameter: text (rdflib's terms are text), a number, a thing of the graph, or several of them."""


def texts_of(values: Mapping[str, Argument]) -> dict[str, list[str]]:
    """Give what was handed over as people would have typed it; None is left out.

    Raises:
        UsageError: a value is of no type that could be meant, or there is none in a list.

    """
    return {name: _texts(name, given) for name, given in values.items() if given is not None}


def _texts(name: str, given: Argument) -> list[str]:
    several = not isinstance(given, str | bytes | Mapping) and isinstance(given, Iterable)
    texts = [text_of(name, one) for one in (given if several else [given])]  # type: ignore[union-attr]
    if not texts:
        raise UsageError(f"{name}: an empty list", hint="leave the parameter out to leave it free")
    return texts


def text_of(name: str, one: object) -> str:
    """Give one value as people would have typed it.

    Raises:
        UsageError: it is of no type that could be meant.

    """
    iri = getattr(one, "iri", None)
    if isinstance(iri, str):
        return str(iri)
    if isinstance(one, str):
        return str(one)
    if isinstance(one, float) and one.is_integer():
        return str(int(one))  # As data frames give whole numbers beside gaps.
    with suppress(TypeError):
        if not isinstance(one, bool):
            return str(index(one))  # type: ignore[arg-type] # int, and the whole numbers of numpy.
    raise UsageError(
        f"{name}={one!r}: expected text, a whole number or a thing of the graph, not {type(one).__name__}",
        hint='such as cell="drug:E4", or a list of such values',
    )


def whole_number(name: str, given: int | None, *, least: int) -> int | None:
    """Give a limit back.

    Raises:
        UsageError: it is no whole number, or too small.

    """
    if given is not None and (not isinstance(given, int) or isinstance(given, bool) or given < least):
        raise UsageError(f"{name}={given!r}: expected a whole number from {least}, or None for no limit")
    return given


def seconds(timeout: float | None) -> float | None:
    """Give a limit of time back.

    Raises:
        UsageError: it is no number, or not above 0.

    """
    if timeout is not None and (not isinstance(timeout, int | float) or isinstance(timeout, bool) or timeout <= 0):
        raise UsageError(f"timeout={timeout!r}: expected a number of seconds above 0, or None for no limit")
    return timeout
