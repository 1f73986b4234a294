"""Run a query on a graph, within limits where there are any."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from evgraph.errors import Hint, UsageError
from evgraph.python.arguments import seconds, whole_number
from evgraph.python.hints import in_python
from evgraph.query import limited, runner
from evgraph.store.opening import open_store
from evgraph.workers import Limits

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
        UsageError: a parameter, a value or a limit is wrong.
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
            patient = replace(origin.endpoint, timeout=timeout)
            return runner.ask(open_store(origin._replace(endpoint=patient)), question, values, limit)
        return limited.ask(origin, question, values, limit, Limits(timeout, max_memory))
