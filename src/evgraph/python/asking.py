"""A question put to a graph; within limits, where some are given."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from evgraph.errors import Hint, UsageError
from evgraph.python.arguments import seconds, whole_number
from evgraph.python.hints import in_python
from evgraph.query import runner

if TYPE_CHECKING:
    from evgraph.query.question import Question
    from evgraph.query.runner import Answered
    from evgraph.store.opening import Origin
    from evgraph.store.protocol import Store


def ask(
    store: Store,
    origin: Origin,
    question: Question,
    values: dict[str, list[str]],
    limit: int | None,
    timeout: float | None,
    max_memory: int | None,
) -> Answered:
    """Ask a question as `evgraph.query.runner.ask` does.

    With a limit of time or memory it is asked in a process of its own, which opens the data for itself; a server is
    given so much time for its answer.

    Args:
        store: the graph.
        origin: where its data is.
        question: from a catalogue, or somebody's own.
        values: what was given for its parameters.
        limit: at most so many rows or triples.
        timeout: in seconds.
        max_memory: in megabytes.

    Raises:
        UsageError: a parameter, a value or a limit is not what it must be.
        UnreadableError: the query is not legal SPARQL.
        LimitReachedError: a limit was reached; also while rows are read.

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
            from evgraph.store.opening import open_store

            patient = replace(origin.endpoint, timeout=timeout)
            return runner.ask(open_store(origin._replace(endpoint=patient)), question, values, limit)
        from evgraph.query.worker import Limits
        from evgraph.query.worker import ask as ask_within

        return ask_within(origin, question, values, limit, Limits(timeout, max_memory))
