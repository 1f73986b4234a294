"""What a SPARQL server answers, apart from HTTP: results, and signs of a cut.

https://www.w3.org/TR/sparql11-results-json/ https://www.w3.org/TR/n-triples/
"""

from __future__ import annotations

import io
import re
from typing import IO, TYPE_CHECKING

import pyoxigraph as ox

from evgraph.errors import EndpointError, LimitReachedError, RowsWithheldError
from evgraph.namespaces import XSD
from evgraph.store.protocol import Rows, Term, Triples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.store.reply import Reply

ROWS = "application/sparql-results+json"
"""What to ask for where the answer is rows, or yes or no."""
TRIPLES = "application/n-triples, text/turtle;q=0.5"
"""What to ask for where the answer is triples; N-Triples, because Virtuoso's Turtle makes doubles decimals."""

_SYNTAX = {"application/n-triples": ox.RdfFormat.N_TRIPLES, "text/turtle": ox.RdfFormat.TURTLE}
_BOOLEAN = ox.NamedNode(f"{XSD}boolean")
_TRUE, _FALSE = (ox.Literal(word, datatype=_BOOLEAN) for word in ("true", "false"))
_NODE_ID = re.compile(rb'("type": *"bnode", *"value": *")nodeID://')  # No name that a blank node may have.
_AS_NUMBER = {ox.Literal("1", datatype=_BOOLEAN): _TRUE, ox.Literal("0", datatype=_BOOLEAN): _FALSE}


def is_virtuoso(reply: Reply) -> bool:
    """Whether the server calls itself Virtuoso."""
    return reply.headers.get("server", "").startswith("Virtuoso")


def refuse_cut(reply: Reply, *, own_limit: int | None) -> None:
    """Refuse an answer that the server says it has cut.

    Args:
        reply: what it sent.
        own_limit: how many rows the query itself wanted at most.

    Raises:
        RowsWithheldError: the server gave as many rows as it ever does.
        LimitReachedError: it ran out of time.

    """
    if "x-sql-state" in reply.headers:
        said = reply.headers.get("x-sql-message", "it gives no reason")
        raise LimitReachedError(
            f"{reply.url} stopped before its answer was whole: {said}",
            hint="ask for less, or raise the server's limit",
        )
    most = reply.headers.get("x-sparql-maxrows", "")
    if most.isdecimal() and (own_limit is None or own_limit > int(most)):
        raise RowsWithheldError(
            f"{reply.url} hands out at most {int(most):,} rows, and this answer has as many or more",
            hint="ask for less (LIMIT), or raise the server's limit (Virtuoso: ResultSetMaxRows)",
        )


def rows(reply: Reply, *, own_limit: int | None) -> Rows | bool:
    """Read rows, or yes or no, from JSON.

    Raises:
        EndpointError: this is no such answer; also while the rows are read.
        RowsWithheldError: when the rows have been read: there may be more.
        LimitReachedError: when the rows have been read: the server ran out of time.

    """
    if reply.media_type not in {ROWS, "application/json"}:
        raise _no_answer(reply)
    body: IO[bytes] = reply.body
    if is_virtuoso(reply):
        body = io.BytesIO(_NODE_ID.sub(rb"\1", body.read()))
    try:
        found = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    except (SyntaxError, ValueError) as error:
        raise _broken(reply, error) from None
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    if not isinstance(found, ox.QuerySolutions):
        raise _no_answer(reply)
    columns = [variable.value for variable in found.variables]
    return Rows(columns, _tuples(found, len(columns), reply, own_limit))


def yes_or_no(found: Rows) -> bool:
    """Read Virtuoso's answer to an ASK: a row that holds 1 or 0."""
    return [getattr(term, "value", "") for row in found.rows for term in row] == ["1"]


def triples(reply: Reply) -> Triples:
    """Read triples.

    Raises:
        EndpointError: this is no such answer; also while the triples are read.
        LimitReachedError: the server stopped before the answer was whole.

    """
    if reply.media_type not in _SYNTAX:
        raise _no_answer(reply)
    refuse_cut(reply, own_limit=None)
    return Triples(_parsed(reply))


def _tuples(
    solutions: ox.QuerySolutions, width: int, reply: Reply, own_limit: int | None
) -> Iterator[tuple[Term | None, ...]]:
    numbers = is_virtuoso(reply)  # There "1"^^xsd:boolean is what went in as "true".
    try:
        for solution in solutions:
            row = tuple(solution[i] for i in range(width))
            yield tuple(_AS_NUMBER.get(term, term) for term in row) if numbers else row
    except (SyntaxError, ValueError) as error:
        raise _broken(reply, error) from None
    finally:
        del solutions  # They must end in their own thread, and a traceback may carry this frame to another.
    refuse_cut(reply, own_limit=own_limit)


def _parsed(reply: Reply) -> Iterator[ox.Triple]:
    try:
        for quad in ox.parse(reply.body, format=_SYNTAX[reply.media_type]):
            yield quad.triple
    except (SyntaxError, ValueError) as error:
        raise _broken(reply, error) from None


def _no_answer(reply: Reply) -> EndpointError:
    return EndpointError(
        f"{reply.url} answers with {reply.media_type or 'no media type'}, which is no answer to a query:"
        f" {reply.beginning()}",
        hint="check that this is the server's address for queries",
    )


def _broken(reply: Reply, error: SyntaxError | ValueError) -> EndpointError:
    """Say that an answer cannot be read, with its end: a server that stops midway may say there why."""
    size = reply.body.seek(0, 2)
    reply.body.seek(max(0, size - 120))
    end = " ".join(reply.body.read().decode("utf-8", "replace").split())
    reason = getattr(error, "msg", None) or str(error)
    return EndpointError(
        f"{reply.url} sent an answer that is broken or holds an ill-formed term: {reason}; it ends: {end}",
        hint="ask the server's log, or ask for less",
    )
