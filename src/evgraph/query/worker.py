"""A query in a process of its own, which ends at a limit: nothing else stops an engine that is at work.

The worker gets what it needs on its standard input and answers on its standard output: a line of JSON that says what
kind of answer comes (or what went wrong), then rows as SPARQL TSV or triples as N-Triples, as they are found. Exit
code 0 says that the answer is whole. It ends, too, when its standard input does: when whoever asked is gone.

https://www.w3.org/TR/sparql11-results-csv-tsv/
"""

from __future__ import annotations

import io
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, BinaryIO, NamedTuple, TypeVar, cast

import pyoxigraph as ox

from evgraph.errors import EvgraphError, Hint, LimitReachedError, UnreadableError, UsageError
from evgraph.query import runner
from evgraph.query.runner import Answered as Asked
from evgraph.query.runner import Limited as Counted
from evgraph.query.runner import LimitedRows as CountedRows
from evgraph.query.runner import LimitedTriples as CountedTriples
from evgraph.rdf.files import standard_input
from evgraph.store.opening import Origin, open_store
from evgraph.store.protocol import Rows
from evgraph.terms import in_sparql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.query.question import Question
    from evgraph.query.runner import Values

_T = TypeVar("_T")
_OUT_OF_MEMORY = 75  # The exit code of a worker that Python, and not the engine, found out of memory.
_MEGABYTE = 1 << 20
LEAST_MEMORY = 256
"""In megabytes: what the engine takes before it has loaded anything."""


class Limits(NamedTuple):
    """What a query may take; None for no limit.

    Attributes:
        seconds: from its start, loading the data included, to its last row.
        megabytes: of memory (address space).

    """

    seconds: float | None = None
    megabytes: int | None = None


class _Request(NamedTuple):
    origin: Origin
    question: Question
    values: Values
    megabytes: int | None
    stdin: bytes


def ask(origin: Origin, question: Question, values: Values, limit: int | None, limits: Limits) -> Asked:
    """Ask a question as `evgraph.query.runner.run` does, in a process that ends at a limit.

    Args:
        origin: where the data is; the worker opens it.
        question: from a catalogue, or somebody's own.
        values: what was typed for its parameters.
        limit: at most so many rows or triples.
        limits: what the query may take.

    Raises:
        UsageError: as `run` does; or this system cannot limit memory, or that much is too little for any query.
        UnreadableError: as `run` does.
        LimitReachedError: a limit was reached; also while rows are read.

    """
    _check(limits)
    stdin = standard_input() if "-" in origin.paths else b""
    worker = _Worker(_Request(origin, question, values, limits.megabytes, stdin), limits)
    said = worker.preface()
    kind = said["kind"]
    if kind == "rows":
        parsed = cast("ox.QuerySolutions", ox.parse_query_results(worker.output, format=ox.QueryResultsFormat.TSV))
        columns = [variable.value for variable in parsed.variables]
        rows = (tuple(one[place] for place in range(len(columns))) for one in parsed)
        return Asked(CountedRows(columns, Counted(worker.whole(rows), limit)), said["notes"])
    if kind == "triples":
        triples = (quad.triple for quad in ox.parse(worker.output, format=ox.RdfFormat.N_TRIPLES))
        return Asked(CountedTriples(Counted(worker.whole(triples), limit)), said["notes"])
    list(worker.whole(iter(())))
    return Asked(kind == "yes", said["notes"])


def _check(limits: Limits) -> None:
    if limits.megabytes is None:
        return
    try:
        import resource  # noqa: F401 - it is there, or it is not.
    except ImportError:
        raise UsageError("this system cannot limit a process's memory", hint=Hint.LEAVE_OUT_MEMORY_LIMIT) from None
    if limits.megabytes < LEAST_MEMORY:
        raise UsageError(
            f"{limits.megabytes} MB are too little for any query", hint=f"at least {LEAST_MEMORY} are needed"
        )


class _Worker:
    """A worker from the side of who asks."""

    def __init__(self, request: _Request, limits: Limits) -> None:
        self._limits = limits
        self._late = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "evgraph.query.worker"],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._input, self.output, self._errors = (
            cast("IO[bytes]", pipe) for pipe in (self._process.stdin, self._process.stdout, self._process.stderr)
        )
        self._timer = threading.Timer(limits.seconds or 0, self._stop)
        self._timer.daemon = True
        if limits.seconds is not None:
            self._timer.start()
        self._send(pickle.dumps(request))

    def _send(self, request: bytes) -> None:
        with suppress(BrokenPipeError):  # It is gone; reading its answer tells why.
            self._input.write(len(request).to_bytes(8, "big") + request)
            self._input.flush()

    def _stop(self) -> None:
        self._late = True
        self._process.kill()

    def preface(self) -> dict[str, Any]:
        """Read what kind of answer comes."""
        try:
            line = self.output.readline()
            if not line.endswith(b"\n"):
                raise self._failure()
            said: dict[str, Any] = json.loads(line)
            if "error" in said:
                raise _ERRORS[str(said.pop("error"))](**said)
        except BaseException:
            self.close()
            raise
        return said

    def whole(self, parts: Iterator[_T]) -> Iterator[_T]:
        """Hand out an answer; an answer that broke off ends with an error, and never as if it were whole."""
        try:
            try:
                yield from parts
            except (SyntaxError, OSError, ValueError):
                raise self._failure() from None
            if self._process.wait() != 0:
                raise self._failure()
        finally:
            self.close()

    def close(self) -> None:
        """End the worker, whatever it does."""
        self._timer.cancel()
        self._process.kill()
        for pipe in (self._input, self.output, self._errors):
            with suppress(BrokenPipeError):
                pipe.close()
        self._process.wait()

    def _failure(self) -> EvgraphError:
        """Say why a worker ended before its time."""
        told = self._errors.read().decode(errors="replace").strip()
        code = self._process.wait()
        if self._late:
            return LimitReachedError(
                f"the query took longer than {self._limits.seconds:g} s and was ended",
                hint=Hint.ALLOW_MORE_TIME,
            )
        if self._limits.megabytes is not None and (code in {_OUT_OF_MEMORY, -6} or "alloc" in told):
            return LimitReachedError(
                f"the query needed more memory than {self._limits.megabytes} MB and was ended",
                hint=Hint.ALLOW_MORE_MEMORY,
            )
        last = told.splitlines()[-1] if told else "without a word"
        return UnreadableError(f"the query's process ended (exit code {code}): {last}")


_ERRORS = {one.__name__: one for one in (EvgraphError, UsageError, UnreadableError, LimitReachedError)}


def _serve(given: BinaryIO, out: BinaryIO) -> int:
    """Do the work: the worker's side."""
    request: _Request = pickle.loads(given.read(int.from_bytes(given.read(8), "big")))  # noqa: S301 - of our parent.
    threading.Thread(target=_end_with, args=(given.fileno(),), daemon=True).start()
    if request.megabytes is not None:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (request.megabytes * _MEGABYTE,) * 2)
    sys.stdin = io.TextIOWrapper(io.BytesIO(request.stdin))
    try:
        answer, notes = runner.ask(open_store(request.origin), request.question, request.values)
    except EvgraphError as error:
        kind = next(one.__name__ for one in type(error).__mro__ if one.__name__ in _ERRORS)
        told = {"message": error.message, "path": error.path, "line": error.line, "hint": error.hint}
        out.write(json.dumps({"error": kind, **told}).encode() + b"\n")
        return 0
    kind = (
        ("yes" if answer else "no") if isinstance(answer, bool) else "rows" if isinstance(answer, Rows) else "triples"
    )
    out.write(json.dumps({"kind": kind, "notes": notes}).encode() + b"\n")
    out.flush()
    if isinstance(answer, Rows):
        out.write("\t".join(f"?{column}" for column in answer.columns).encode() + b"\n")
        for row in answer.rows:
            out.write("\t".join(map(in_sparql, row)).encode() + b"\n")
    elif not isinstance(answer, bool):
        for triple in answer.triples:
            out.write(f"{triple} .\n".encode())
    out.flush()
    return 0


def _end_with(given: int) -> None:
    """End when whoever asked does, in the midst of a query, too."""
    os.read(given, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _main() -> int:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # A query would not be ended by Python's own way.
    try:
        return _serve(sys.stdin.buffer, sys.stdout.buffer)
    except MemoryError:
        return _OUT_OF_MEMORY
    except BrokenPipeError:  # Who asked has enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    raise SystemExit(_main())
