"""The answers of a SPARQL server: results, and signs that it cut an answer.

https://www.w3.org/TR/sparql11-results-json/ https://www.w3.org/TR/n-triples/
"""

from __future__ import annotations

import io
import re
from typing import IO, TYPE_CHECKING

import pyoxigraph as ox

from evgraph.errors import EndpointError, LimitReachedError, RowsWithheldError
from evgraph.formats import FORMATS
from evgraph.namespaces import XSD
from evgraph.store.protocol import Rows, Term, Triples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.store.transport import Reply

ROWS = "application/sparql-results+json"
"""The ``Accept`` of a SELECT or an ASK."""
TRIPLES = "application/n-triples, text/turtle;q=0.5"
"""The ``Accept`` of a CONSTRUCT; N-Triples first, because Virtuoso's Turtle makes decimals of doubles."""

_BOOLEAN = ox.NamedNode(f"{XSD}boolean")
_NODE_ID = re.compile(rb'("type": *"bnode", *"value": *")nodeID://')  # No legal name of a blank node.
_OF_NUMBER = {
    ox.Literal(number, datatype=_BOOLEAN): ox.Literal(word, datatype=_BOOLEAN)
    for number, word in (("1", "true"), ("0", "false"))
}


def is_virtuoso(reply: Reply) -> bool:
    """Return whether the server calls itself Virtuoso."""
    return reply.headers.get("server", "").startswith("Virtuoso")


def refuse_cut(reply: Reply, *, own_limit: int | None) -> None:
    """Refuse an answer that the server says it has cut.

    Args:
        reply: the answer.
        own_limit: the LIMIT of the query itself.

    Raises:
        RowsWithheldError: the server returned as many rows as it ever does.
        LimitReachedError: it ran out of time.

    """
    if "x-sql-state" in reply.headers:
        reason = reply.headers.get("x-sql-message", "it gives no reason")
        raise LimitReachedError(
            f"{reply.url} stopped before its answer was whole: {reason}",
            hint="ask for less, or raise the server's limit",
        )
    most = reply.headers.get("x-sparql-maxrows", "")
    if most.isdecimal() and (own_limit is None or own_limit > int(most)):
        raise RowsWithheldError(
            f"{reply.url} returns at most {int(most):,} rows, and this answer has as many or more",
            hint="ask for less (LIMIT), or raise the server's limit (Virtuoso: ResultSetMaxRows)",
        )


def rows(reply: Reply, *, own_limit: int | None) -> Rows | bool:
    """Read rows, or yes or no, from JSON.

    Raises:
        EndpointError: this is no such answer; also while the rows are read.
        RowsWithheldError: after the last row: there may be more.
        LimitReachedError: after the last row: the server ran out of time.

    """
    if reply.media_type not in {ROWS, "application/json"}:
        raise _no_answer(reply)
    body: IO[bytes] = reply.body
    if is_virtuoso(reply):
        body = io.BytesIO(_NODE_ID.sub(rb"\1", body.read()))
    try:
        results = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    except (SyntaxError, ValueError) as error:
        raise _broken(reply, error) from None
    if isinstance(results, ox.QueryBoolean):
        return bool(results)
    if not isinstance(results, ox.QuerySolutions):
        raise _no_answer(reply)
    columns = [variable.value for variable in results.variables]
    return Rows(columns, _tuples(results, len(columns), reply, own_limit))


def yes_or_no(rows: Rows) -> bool:
    """Return the truth of Virtuoso's answer to an ASK: a row that holds 1 or 0."""
    return [getattr(term, "value", "") for row in rows.rows for term in row] == ["1"]


def triples(reply: Reply) -> Triples:
    """Read triples from N-Triples or Turtle.

    Raises:
        EndpointError: this is no such answer; also while the triples are read.
        LimitReachedError: the server stopped before the answer was whole.

    """
    kind = FORMATS.by_media_type(reply.media_type)
    if kind is None or kind.name not in {"ntriples", "turtle"}:
        raise _no_answer(reply)
    refuse_cut(reply, own_limit=None)
    return Triples(_parsed(reply, kind.rdf_format()))


def _tuples(
    solutions: ox.QuerySolutions, width: int, reply: Reply, own_limit: int | None
) -> Iterator[tuple[Term | None, ...]]:
    virtuoso = is_virtuoso(reply)  # It returns "1"^^xsd:boolean for what it was sent as "true".
    try:
        for solution in solutions:
            row = tuple(solution[i] for i in range(width))
            yield tuple(_OF_NUMBER.get(term, term) for term in row) if virtuoso else row
    except (SyntaxError, ValueError) as error:
        raise _broken(reply, error) from None
    finally:
        del solutions  # They must end in their own thread, and a traceback may carry this frame to another.
    refuse_cut(reply, own_limit=own_limit)


def _parsed(reply: Reply, kind: ox.RdfFormat) -> Iterator[ox.Triple]:
    try:
        for quad in ox.parse(reply.body, format=kind):
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
    """Return the error for an answer that cannot be read, with its end: a server may say there why it stopped."""
    size = reply.body.seek(0, 2)
    reply.body.seek(max(0, size - 120))
    end = " ".join(reply.body.read().decode("utf-8", "replace").split())
    reason = getattr(error, "msg", None) or str(error)
    return EndpointError(
        f"{reply.url} sent an answer that is broken or holds an ill-formed term: {reason}; it ends: {end}",
        hint="look into the server's log, or ask for less",
    )
