"""Feed broken files to every way into evgraph, and list what is no message of its own.

Usage: python -m bench.fuzz [CASES] [--seed N] [--corpus PATH ...] [--entry NAME ...] [--keep FOLDER] [--workers N]

A case is a file of the corpus with a few changes (`mutations.py`) for a way in (`entry_points.py`); seed and number
determine it. It fails by an exception other than an `EvgraphError`, by SECONDS of processor time or MINUTES of the
clock, by MEGABYTES of memory more than the worker had, or by the end of the process. Workers read cases; where one
ends, the parent notes the case and starts another. The exit code is 1 if a case failed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import IO

    from bench.entry_points import EntryPoint

SECONDS = 10  # Of processor time for a case.
MINUTES = 3  # Of the clock.
MEGABYTES = 1_500


class Failure(NamedTuple):
    """A case that failed."""

    case: int
    entry: str
    reason: str  # The same for cases that fail in the same place.


class Outcome(NamedTuple):
    """The result of a run."""

    cases: Counter[str]  # Name of a way in → its cases.
    refused: Counter[str]  # … → those that raised an `EvgraphError`.
    failures: list[Failure]

    def by_reason(self) -> dict[tuple[str, str], list[int]]:
        """Return way in and reason → the numbers of the cases that failed so, sorted."""
        alike: dict[tuple[str, str], list[int]] = {}
        for case, entry, reason in sorted(self.failures):
            alike.setdefault((entry, reason), []).append(case)
        return alike


def fuzz(numbers: Iterable[int], arguments: Sequence[str] = ()) -> Outcome:
    """Run cases, with the arguments of the command, in worker processes."""
    options, outcome = _parsed(arguments), Outcome(Counter(), Counter(), [])
    waiting = iter(numbers)
    workers: dict[IO[bytes], _Worker] = {}

    def employ(worker: _Worker) -> None:
        if worker.give(waiting):
            workers[worker.stream] = worker
        else:
            workers.pop(worker.stream, None)
            worker.end()

    with tempfile.TemporaryDirectory() as name:
        cases = Cases(options, Path(name))
        for _ in range(options.workers):
            employ(_Worker(arguments))
        with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C ends the run, and shows what it has found so far.
            while workers:
                ready, _, _ = select.select(list(workers), [], [], 1)
                for stream in ready:
                    worker = workers[stream]
                    case = worker.case
                    if line := stream.readline().decode():
                        entry, _, reason = line.rstrip("\n").partition("\t")
                    else:
                        del workers[stream]
                        entry, reason = cases.write(case)[0].name, worker.end()
                        worker = _Worker(arguments)
                    employ(worker)
                    outcome.cases[entry] += 1
                    outcome.refused[entry] += reason == "refused"
                    if reason not in {"", "refused"}:
                        outcome.failures.append(Failure(case, entry, reason))
                for worker in workers.values():
                    worker.end_if_late()
        for worker in workers.values():
            worker.end()
    return outcome


class _Worker:
    """A process that reads numbers of cases from its input and answers each with a line."""

    def __init__(self, arguments: Sequence[str]) -> None:
        environment = os.environ | {"EVGRAPH_DEBUG": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
        self._process = subprocess.Popen(  # noqa: S603 - this file
            [sys.executable, __file__, "--worker", *arguments],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the parent.
        )
        assert self._process.stdin and self._process.stdout  # noqa: S101, PT018 - pipes
        self._input, self.stream = self._process.stdin, self._process.stdout
        self.case, self._since = -1, 0.0

    def give(self, waiting: Iterator[int]) -> bool:
        """Send the next case, and return whether there is one."""
        case = next(waiting, None)
        if case is None:
            return False
        self.case, self._since = case, time.monotonic()
        self._input.write(b"%d\n" % case)
        self._input.flush()
        return True

    def end_if_late(self) -> None:
        if time.monotonic() - self._since > MINUTES * 60:
            self._process.kill()

    def end(self) -> str:
        """End the process, and return the reason why it may have ended itself."""
        self._input.close()
        code = self._process.wait()
        self.stream.close()
        if code == -signal.SIGPROF:
            return f"over {SECONDS} s of processor time"
        if code == -signal.SIGKILL:
            return f"over {MINUTES} minutes, or killed by the system"
        return f"the process ended: {signal.Signals(-code).name if code < 0 else code}"


def work(options: argparse.Namespace) -> None:
    """Answer each number of a case on standard input with its way in and the outcome."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # What a case may print.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases = Cases(options, folder)
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + MEGABYTES * 1_000_000,) * 2)
        for line in sys.stdin:
            entry, path = cases.write(int(line))
            signal.setitimer(signal.ITIMER_PROF, SECONDS)  # Its signal ends the process, whatever code runs.
            reason = outcome_of(entry.read, path)
            signal.setitimer(signal.ITIMER_PROF, 0)
            print(f"{entry.name}\t{reason}", file=answers, flush=True)


def outcome_of(read: object, path: Path) -> str:
    """Return nothing, ``refused``, or the exception with where it was raised."""
    from evgraph.errors import EvgraphError

    try:
        read(path)  # type: ignore[operator] # A function.
    except EvgraphError:
        return "refused"
    except BaseException as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if "/evgraph/" in frame.filename] or frames
        where = f"{own[-1].filename.rpartition('/evgraph/')[2]}:{own[-1].lineno}"
        return " ".join(f"{type(error).__name__} at {where}: {error}".split())[:200]
    return ""


class Cases:
    """The cases of a seed."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        from bench.entry_points import entry_points

        paths = [path for place in options.corpus for path in ([place] if place.is_file() else place.rglob("*"))]
        every = entry_points(folder, sorted(path for path in paths if path.is_file()))
        self._entries = [entry for entry in every if not options.entry or entry.name in options.entry]
        self._seed, self._folder = options.seed, folder

    def write(self, case: int) -> tuple[EntryPoint, Path]:
        """Write the file of a case, and return it with its way in."""
        from bench.mutations import mutate

        choose = random.Random(f"{self._seed}-{case}")  # noqa: S311 - not for secrets
        (entry,) = choose.choices(self._entries, [entry.share for entry in self._entries])
        path = self._folder / f"case{entry.suffix}"
        path.write_bytes(mutate(choose.choice(entry.corpus), entry.corpus, choose))
        return entry, path


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="?", type=int, default=2_000)
    parser.add_argument("--first", type=int, default=0, metavar="NUMBER", help="number of the first case")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--corpus", type=Path, nargs="+", default=[], help="more files, or folders of them")
    parser.add_argument("--entry", nargs="+", default=[], metavar="NAME", help="these ways in only")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="write the files of failed cases there")
    parser.add_argument("--workers", type=int, default=2, metavar="NUMBER", help="processes that read cases")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main() -> None:
    """Print a row for each way in, then the failures, those with the same reason as one."""
    options = _parsed(sys.argv[1:])
    if options.worker:
        work(options)
        return
    start = time.monotonic()
    outcome = fuzz(range(options.first, options.first + options.cases), sys.argv[1:])
    print(f"{'way in':12} {'cases':>8} {'refused':>8} {'failed':>7}")
    failed = Counter(failure.entry for failure in outcome.failures)
    for entry, count in [*sorted(outcome.cases.items()), ("all", outcome.cases.total())]:
        refused = outcome.refused[entry] if entry != "all" else outcome.refused.total()
        print(f"{entry:12} {count:8} {refused:8} {failed[entry] if entry != 'all' else failed.total():7}")
    print(f"{time.monotonic() - start:.0f} s")
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        cases = Cases(options, options.keep)
    for (entry, reason), alike in sorted(outcome.by_reason().items()):
        print(f"{entry}: {reason} ({len(alike)} cases, such as {alike[0]})")
        if options.keep:
            _, path = cases.write(alike[0])
            path.rename(path.with_stem(f"{options.seed}-{alike[0]}"))
    sys.exit(bool(outcome.failures))


if __name__ == "__main__":
    main()
