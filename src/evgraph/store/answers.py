"""Reads the answers of SPARQL servers, and refuses what is no answer to the query, or not all of it.

Servers send answers cut without an error, pages in HTML, broken JSON, other columns.
https://www.w3.org/TR/sparql11-results-json/
"""

from __future__ import annotations

import io
import re
from typing import IO, TYPE_CHECKING

import pyoxigraph as ox

from evgraph.characters import visible
from evgraph.errors import EndpointError, LimitReachedError, RowsWithheldError
from evgraph.formats import FORMATS
from evgraph.namespaces import XSD
from evgraph.redaction import redact
from evgraph.sparql.tokens import columns, limit
from evgraph.store.protocol import Rows
from evgraph.terms import value_of
from evgraph.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evgraph.sparql.tokens import Token
    from evgraph.store.protocol import Term
    from evgraph.store.reply import Reply

ROWS = "application/sparql-results+json"
"""The ``Accept`` of a SELECT or an ASK."""

_BOOLEAN = ox.NamedNode(f"{XSD}boolean")
_CHUNK = 1 << 20  # Bytes that are searched at a time.
_LONGEST_YES = 1 << 16  # Bytes of an answer to an ASK that are searched.
_VIRTUOSO_YES = "__ASK_RETVAL"  # The column of Virtuoso's answer to an ASK.
_ANSWER = re.compile(rb'"(?:boolean|results)"\s*:')
_MEMBER = re.compile(rb'"(?:type|value)"\s*:\s*"')  # In a JSON text, each quote would have a backslash.
_WHOLE_NUMBER = re.compile("[0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4}")
_NODE_ID = re.compile(rb'("type": *"bnode", *"value": *")nodeID://')  # No legal name of a blank node.
_OF_NUMBER = {
    ox.Literal(number, datatype=_BOOLEAN): ox.Literal(word, datatype=_BOOLEAN)
    for number, word in (("1", "true"), ("0", "false"))
}


def is_virtuoso(reply: Reply) -> bool:
    """Return whether the server calls itself Virtuoso."""
    return reply.headers.get("server", "").startswith("Virtuoso")


def _refuse_cut(reply: Reply, own_limit: int | None) -> None:
    """Refuse an answer that the server says it has cut; a query may have a LIMIT of its own."""
    if "x-sql-state" in reply.headers:
        reason = reply.header("x-sql-message") or "it gives no reason"
        raise LimitReachedError(
            f"{reply.url} stopped before its answer was whole: {reason}",
            hint="ask for less, or raise the server's limit",
        )
    max_rows = reply.header("x-sparql-maxrows")
    if max_rows is None:
        return
    if not _WHOLE_NUMBER.fullmatch(max_rows):
        raise EndpointError(f"{reply.url} sent the header X-SPARQL-MaxRows: {max_rows}, which is no number of rows")
    most = int(max_rows.replace(",", ""))
    if own_limit is None or own_limit > most:
        raise RowsWithheldError(
            f"{reply.url} returns at most {most:,} rows, and this answer has as many or more",
            hint="ask for less (LIMIT), or raise the server's limit (Virtuoso: ResultSetMaxRows)",
        )


def read_rows(reply: Reply, query: Sequence[Token]) -> Rows:
    """Read the rows of a SELECT from JSON, with the columns of the query."""
    expected = [token.text[1:] for token in columns(query) or ()]
    results = _results(reply)
    try:
        if not isinstance(results, ox.QuerySolutions):
            raise _other_answer(reply, "a yes or no", _names(expected, "rows"))
        received = [variable.value for variable in results.variables]
        variables = {token.text[1:] for token in query if token.kind == "var"}
        is_right = set(received) == set(expected) if expected else variables.issuperset(received)
        if not is_right and len(set(expected)) == len(expected):  # Virtuoso renames a column that is there twice.
            wanted = _names(expected, "variables of the query")
            raise _other_answer(reply, _names(received, "rows without columns"), wanted)
        names = expected if is_right and expected else received
        return Rows(names, _tuples(results, [received.index(name) for name in names], reply, limit(query)))
    finally:
        del results  # They must end in their own thread, and a traceback may carry this frame to another.


def read_boolean(reply: Reply) -> bool:
    """Read the answer to an ASK from JSON; Virtuoso sends a row that holds 1, or no row."""
    results = _results(reply)
    try:
        if isinstance(results, ox.QueryBoolean):
            reply.body.seek(0)
            if len(_ANSWER.findall(reply.body.read(_LONGEST_YES))) > 1:
                raise _other_answer(reply, "several answers", "a yes or no")
            return bool(results)
        received = [variable.value for variable in results.variables]
        rows = _tuples(results, range(len(received)), reply, None)
    finally:
        del results
    values = [value_of(term) for row in rows for term in row if term]
    if received != [_VIRTUOSO_YES] or values not in (["1"], ["0"], []):
        raise _other_answer(reply, _names(received, "rows"), "a yes or no")
    return values == ["1"]


def _results(reply: Reply) -> ox.QuerySolutions | ox.QueryBoolean:
    if reply.media_type not in {ROWS, "application/json"}:
        raise _no_answer(reply)
    body: IO[bytes] = reply.body
    if is_virtuoso(reply):
        body = io.BytesIO(_NODE_ID.sub(rb"\1", body.read()))
    try:
        results = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    except (SyntaxError, ValueError, MemoryError) as error:
        raise _broken(reply, error) from None
    if isinstance(results, ox.QuerySolutions | ox.QueryBoolean):
        return results
    raise _no_answer(reply)


def read_triples(reply: Reply) -> Iterator[ox.Triple]:
    """Read triples from N-Triples or Turtle."""
    kind = FORMATS.by_media_type(reply.media_type)
    if kind is None or kind.name not in {"ntriples", "turtle"}:
        raise _no_answer(reply)
    _refuse_cut(reply, None)
    return _parsed(reply, kind.rdf_format())


def _tuples(
    solutions: ox.QuerySolutions, places: Sequence[int], reply: Reply, own_limit: int | None
) -> Iterator[tuple[Term | None, ...]]:
    virtuoso = is_virtuoso(reply)  # It returns "1"^^xsd:boolean for what it was sent as "true".
    members = 0
    try:
        for solution in solutions:
            row = tuple(solution[place] for place in places)
            for term in row:
                if term is not None:
                    members += 2 if type(term) is not ox.Triple else _members(term)
            yield tuple(_OF_NUMBER.get(term, term) for term in row) if virtuoso else row
    except (SyntaxError, ValueError, MemoryError) as error:
        raise _broken(reply, error) from None
    finally:
        del solutions
    if _has_more_members(reply.body, members):
        raise EndpointError(
            f"{reply.url} sent an answer in which a term or a key of one occurs twice",
            hint="look into the server's log",
        )
    _refuse_cut(reply, own_limit)


def _members(term: Term) -> int:
    """Return how many members with a text named "type" and "value" a term has in JSON."""
    if isinstance(term, ox.Triple):
        return 1 + _members(term.subject) + _members(term.predicate) + _members(term.object)
    return 2


def _has_more_members(body: IO[bytes], members: int) -> bool:
    """Return whether JSON has more members with a text named "type" and "value" than the terms that were read."""
    # To count these words, wherever they are, takes a tenth of the time.
    if sum(piece.count(b'"type"') + piece.count(b'"value"') for piece in _pieces(body)) <= members:
        return False
    return sum(len(_MEMBER.findall(piece)) for piece in _pieces(body)) > members


def _pieces(body: IO[bytes]) -> Iterator[bytearray]:
    """Iterate over a JSON document in pieces that end behind a ``}``."""
    body.seek(0)
    rest = bytearray()
    while chunk := body.read(_CHUNK):
        before, bracket, after = chunk.rpartition(b"}")
        if bracket:
            yield rest + before
            rest.clear()
        rest += after
    yield rest


def _parsed(reply: Reply, kind: ox.RdfFormat) -> Iterator[ox.Triple]:
    try:
        for quad in ox.parse(reply.body, format=kind):
            yield quad.triple
    except (SyntaxError, ValueError, MemoryError) as error:
        raise _broken(reply, error) from None


def _no_answer(reply: Reply) -> EndpointError:
    return EndpointError(
        f"{reply.url} answers with {visible(reply.media_type) or 'no media type'}, which is no answer to a query:"
        f" {reply.beginning()}",
        hint="check that this is the server's address for queries",
    )


def _other_answer(reply: Reply, received: str, expected: str) -> EndpointError:
    return EndpointError(
        f"{reply.url} sent an answer to another question: {received}, where {expected} are expected",
        hint="check that this is the server's address for queries",
    )


def _names(names: Sequence[str], none: str) -> str:
    return f"the columns {shown(', '.join(names))}" if names else none


def _broken(reply: Reply, error: SyntaxError | ValueError | MemoryError) -> EndpointError:
    """Return the error for an answer that cannot be read, with its end: a server may say there why it stopped."""
    if isinstance(error, MemoryError):
        return EndpointError(f"{reply.url} sent a term longer than evgraph reads: {error}", hint="ask for less")
    size = reply.body.seek(0, 2)
    reply.body.seek(max(0, size - _CHUNK))
    end = visible(redact(" ".join(reply.body.read().decode("utf-8", "replace").split())))[-120:]
    reason = visible(getattr(error, "msg", None) or str(error))
    return EndpointError(
        f"{reply.url} sent an answer that is broken or holds an ill-formed term: {reason}; it ends: {end}",
        hint="look into the server's log, or ask for less",
    )
