"""Run a query in a worker process, which ends at a limit."""

from __future__ import annotations

import io
import sys
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

import pyoxigraph as ox

from evgraph import offline, shipped_files, workers
from evgraph.query import runner
from evgraph.query.runner import Answered, Limited, LimitedRows, LimitedTriples
from evgraph.rdf.files import standard_input
from evgraph.store.opening import Origin, open_store
from evgraph.store.protocol import Rows
from evgraph.terms import Term, in_sparql

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from evgraph.limits import Limits
    from evgraph.query.question import Question
    from evgraph.query.runner import Values
    from evgraph.store.protocol import Store

    Row: TypeAlias = tuple[Term | None, ...]

_BATCH = 1_000  # Rows or triples that come from the worker at a time.
_LONGEST = 1 << 21  # Characters of a line: parsers take 16 MB.


class _Head(NamedTuple):
    """What a worker sends before rows or triples."""

    yes: bool | None
    columns: list[str] | None
    notes: list[str]


def ask(origin: Origin, question: Question, values: Values, limit: int | None, limits: Limits) -> Answered:
    """Run a query as `evgraph.query.runner.ask` does, in a worker process that ends at a limit.

    Args:
        origin: where the data is; the worker opens it, and keeps it open for later queries.
        question: a canned or an ad hoc query.
        values: parameter values as typed.
        limit: the maximum number of rows or triples.
        limits: what the query may take, loading the data included.

    Raises:
        UsageError: as `runner.ask` does; or the system cannot keep the limits, or they are too low for any query.
        UnreadableError: as `runner.ask` does.
        LimitReachedError: a limit was reached; also while rows are read.

    """
    stdin = standard_input() if "-" in origin.paths else b""
    batch = _BATCH if limit is None else min(_BATCH, limit + 1)
    pieces = workers.iterate(
        _answer, origin, stdin, question, values, batch, limits=limits, task="the query", key=origin
    )
    yes, columns, notes = cast("_Head", next(pieces))
    if columns is not None:
        return Answered(LimitedRows(columns, Limited(_rows(cast("Iterator[bytes | list[Row]]", pieces)), limit)), notes)
    if yes is None:
        triples = _triples(cast("Iterator[bytes | list[ox.Triple]]", pieces))
        return Answered(LimitedTriples(Limited(triples, limit)), notes)
    return Answered(yes, notes)


def _rows(pieces: Iterator[bytes | list[Row]]) -> Iterator[Row]:
    for piece in pieces:
        if isinstance(piece, bytes):
            rows = ox.parse_query_results(piece, format=ox.QueryResultsFormat.TSV)
            yield from map(tuple, cast("ox.QuerySolutions", rows))
        else:
            yield from piece


def _triples(pieces: Iterator[bytes | list[ox.Triple]]) -> Iterator[ox.Triple]:
    for piece in pieces:
        if isinstance(piece, bytes):
            yield from (quad.triple for quad in ox.parse(piece, format=ox.RdfFormat.N_TRIPLES))
        else:
            yield from piece


# The worker's side.


def _answer(
    origin: Origin, stdin: bytes, question: Question, values: Values, batch: int
) -> Iterator[_Head | bytes | list[Row] | list[ox.Triple]]:
    """Yield the head of an answer, then rows as SPARQL TSV or triples as N-Triples: quicker than pickled terms.

    Only rows and triples that are too long for a parser come as they are.

    https://www.w3.org/TR/sparql11-results-csv-tsv/
    """
    if origin.endpoint is None:
        offline.refuse_connections()
    answer, notes = runner.ask(opened(origin, stdin), question, values)
    if isinstance(answer, bool):
        yield _Head(answer, None, notes)
    elif isinstance(answer, Rows):
        yield _Head(None, list(answer.columns), notes)
        header = "\t".join(f"?{column}" for column in answer.columns)
        while rows := list(islice(answer.rows, batch)):
            lines = ["\t".join(map(in_sparql, row)) for row in rows]
            yield rows if _is_too_long(lines) else "\n".join([header, *lines, ""]).encode()
    else:
        yield _Head(None, None, notes)
        while triples := list(islice(answer.triples, batch)):
            lines = [f"{triple} .\n" for triple in triples]
            yield triples if _is_too_long(lines) else "".join(lines).encode()


def _is_too_long(lines: list[str]) -> bool:
    return max(map(len, lines)) > _LONGEST


_OPENED: dict[object, Store] = {}  # One at the most: the data that this worker has open.


def opened(origin: Origin, stdin: bytes = b"") -> Store:
    """Return the opened data; open it where it was not, or its files have changed since."""
    key = (origin, stdin, _versions(origin))
    if key not in _OPENED:
        _OPENED.clear()
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin))
        _OPENED[key] = open_store(origin)
    return _OPENED[key]


def _versions(origin: Origin) -> frozenset[tuple[Path, int, int, int]]:
    """Return path, inode, time of change and size of each file that the data is read from."""
    if origin.directory is not None:
        files: Iterator[Path] = Path(origin.directory).glob("*.json")  # It names the current version of the store.
    else:
        roots = map(Path, origin.paths or [shipped_files.data()])
        files = chain.from_iterable(root.rglob("*") if root.is_dir() else [root] for root in roots)
    versions = set()
    for file in files:
        with suppress(OSError):
            status = file.stat()
            versions.add((file, status.st_ino, status.st_mtime_ns, status.st_size))
    return frozenset(versions)
