"""Check the arguments of the Python functions, and run a query on a graph, within limits if there are any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from operator import index
from typing import TYPE_CHECKING, SupportsIndex, TypeAlias

from evgraph.errors import Hint, UsageError
from evgraph.python.hints import in_python
from evgraph.query import limited, runner
from evgraph.store.opening import open_store
from evgraph.workers import Limits

if TYPE_CHECKING:
    from evgraph.python.things import Thing
    from evgraph.query.question import Question
    from evgraph.query.runner import Answered
    from evgraph.store.opening import Origin
    from evgraph.store.protocol import Store

Single: TypeAlias = "str | SupportsIndex | float | Thing"
Argument: TypeAlias = "Single | Iterable[Single] | None"
"""A value for a parameter: text (rdflib's terms are text), a number, a thing of the graph, or several of these."""


def texts_of(values: Mapping[str, Argument]) -> dict[str, list[str]]:
    """Return the values of each parameter as text, without parameters whose value is None.

    Raises:
        UsageError: a value has a type that no parameter takes, or a list is empty.

    """
    return {name: _texts(name, value) for name, value in values.items() if value is not None}


def _texts(name: str, value: Argument) -> list[str]:
    is_list = not isinstance(value, str | bytes | Mapping) and isinstance(value, Iterable)
    texts = [text_of(name, single) for single in (value if is_list else [value])]  # type: ignore[union-attr]
    if not texts:
        raise UsageError(f"{name}: an empty list", hint=f"leave {name} out to get every value")
    return texts


def text_of(name: str, value: object) -> str:
    """Return one value as text.

    Raises:
        UsageError: it has a type that no parameter takes.

    """
    iri = getattr(value, "iri", value)
    if isinstance(iri, str):
        return str(iri)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # Data frames give whole numbers beside missing values as floats.
    with suppress(TypeError):
        if not isinstance(value, bool):
            return str(index(value))  # type: ignore[arg-type] # An int, or a whole number of numpy.
    raise UsageError(
        f"{name}={value!r}: expected text, a whole number or a thing of the graph, not {type(value).__name__}",
        hint='such as cell="drug:E4", or a list of such values',
    )


def whole_number(name: str, value: int | None, *, least: int) -> int | None:
    """Return a limit.

    Raises:
        UsageError: it is not a whole number, or too small.

    """
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < least):
        raise UsageError(f"{name}={value!r}: expected a whole number from {least}, or None for no limit")
    return value


def seconds(timeout: float | None) -> float | None:
    """Return a time limit.

    Raises:
        UsageError: it is not a number, or not above 0.

    """
    if timeout is not None and (not isinstance(timeout, int | float) or isinstance(timeout, bool) or timeout <= 0):
        raise UsageError(f"timeout={timeout!r}: expected a number of seconds above 0, or None for no limit")
    return timeout


def ask(
    store: Store,
    origin: Origin,
    question: Question,
    values: dict[str, list[str]],
    limit: int | None,
    timeout: float | None,
    max_memory: int | None,
) -> Answered:
    """Run a query as `evgraph.query.runner.ask` does.

    With a limit of time or memory it runs in a worker process, which opens the data for itself; with a timeout, a
    server gets so long for its answer.

    Args:
        store: the graph.
        origin: where its data is.
        question: a canned or an ad hoc query.
        values: parameter values.
        limit: the maximum number of rows or triples.
        timeout: in seconds.
        max_memory: in megabytes.

    Raises:
        UsageError: a limit is wrong; else as `evgraph.query.limited.ask`.

    """
    limit = whole_number("limit", limit, least=0)
    max_memory = whole_number("max_memory", max_memory, least=1)
    timeout = seconds(timeout)
    with in_python():
        if timeout is None and max_memory is None:
            return runner.ask(store, question, values, limit)
        if origin.endpoint is not None:
            if timeout is None or max_memory is not None:
                raise UsageError("a server has memory limits of its own", hint=Hint.LEAVE_OUT_MEMORY_LIMIT)
            patient = replace(origin.endpoint, timeout=timeout)
            return runner.ask(open_store(origin._replace(endpoint=patient)), question, values, limit)
        return limited.ask(origin, question, values, limit, Limits(timeout, max_memory))
