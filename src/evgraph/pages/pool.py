"""Work spread over processes, one item at a time, so that an item which ends or stalls its process is lost alone."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import time
from contextlib import contextmanager, suppress
from multiprocessing import connection
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection

T = TypeVar("T")
R = TypeVar("R")
LONGEST = 60.0  # Seconds for one item; a page takes a few thousandths of one.
START = "fork" if sys.platform == "linux" else "spawn"
"""How processes start. A copy of this one is there at once and shares what is loaded; only on Linux that is safe."""
_ITEMS_A_PROCESS = 25  # To start a process costs as much as to read about so many pages.


class Lost(NamedTuple):
    """What stands in the place of a result that never came, and why."""

    reason: str


def sensible_jobs(items: int) -> int:
    """Give how many processes are worth their start: one for a small folder, one a core for a large one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, items // _ITEMS_A_PROCESS))


def spread(
    work: Callable[[T], R], items: Sequence[T], jobs: int = 1, *, longest: float | None = None
) -> Iterator[tuple[int, R | Lost]]:
    """Do some work for each item, and give its place and the result as it comes.

    Args:
        work: where it is to run in other processes, it and its results can be pickled.
        items: what it is called with.
        jobs: how many processes; with one, the work is done in this one, and nothing ends it.
        longest: seconds after which an item is given up; `LONGEST`, if it is not given.

    """
    jobs, longest = min(jobs, len(items)), longest or LONGEST
    if jobs <= 1:
        for place, item in enumerate(items):
            yield place, _tried(work, item)
        return
    waiting = iter(enumerate(items))
    workers: list[_Worker] = []
    try:
        for _ in range(jobs):
            workers.append(_Worker(work, workers))
        while True:
            for worker in workers:
                if worker.place is None and (next_one := next(waiting, None)):
                    worker.begin(*next_one, longest)
            busy = [one for one in workers if one.place is not None]
            if not busy:
                return
            soonest = min(one.deadline for one in busy)
            ready = connection.wait([one.here for one in busy], max(0.0, soonest - time.monotonic()))
            for worker in busy:
                place = worker.place or 0
                if worker.here in ready:
                    result = worker.result()
                elif time.monotonic() >= worker.deadline:
                    result = Lost(f"not read within {longest:g} seconds")
                else:
                    continue
                if isinstance(result, Lost):
                    worker.end()
                    workers.remove(worker)
                    workers.append(_Worker(work, workers))
                yield place, result
    finally:
        for worker in workers:
            worker.end()


def _tried(work: Callable[[T], R], item: T) -> R | Lost:
    try:
        return work(item)
    except Exception as error:  # What nobody foresaw in one item shall not lose the others.
        if os.environ.get("EVGRAPH_DEBUG"):
            raise
        return Lost(f"a fault of evgraph itself: {type(error).__name__}: {error}")


class _Worker:
    """A process, this end of the pipe to it, and the place of the item that it has."""

    def __init__(self, work: Callable[[Any], Any], others: Iterable[_Worker]) -> None:
        context: Any = multiprocessing.get_context(START)
        self.here, there = context.Pipe()
        copied = [self.here, *(one.here for one in others)] if context.get_start_method() == "fork" else []
        self.process = context.Process(target=_serve, args=(work, there, copied), daemon=True)
        with _interrupts_held():
            self.process.start()
        there.close()
        self.place: int | None = None
        self.deadline = 0.0

    def begin(self, place: int, item: object, longest: float) -> None:
        self.place, self.deadline = place, time.monotonic() + longest
        with suppress(OSError):  # If it ended, `result` says so.
            self.here.send(item)

    def result(self) -> Any:
        self.place = None
        try:
            return self.here.recv()
        except (EOFError, OSError, pickle.UnpicklingError):
            self.process.join(1)
            return Lost(f"the process that read it ended (exit code {self.process.exitcode})")

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.here.close()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Start a process that Ctrl-C does not reach: whoever started it ends it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    if START == "spawn":
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()  # To start it would let them in again.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(work: Callable[[Any], Any], there: Connection, copied: Iterable[Connection]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Where nothing can hold interrupts, they are no news from here on.
    for one in copied:  # Else no pipe would ever be closed at its other end.
        one.close()
    with suppress(EOFError, OSError):  # Until nobody is left to work for.
        while True:
            there.send(_tried(work, there.recv()))
