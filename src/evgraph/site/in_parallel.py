"""Work in several processes that share what this one has loaded."""

from __future__ import annotations

import gc
import multiprocessing
import sys
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, TypeVar

from evgraph.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


def in_parallel(function: Callable[[_Task], _Result], tasks: Sequence[_Task], processes: int) -> Iterator[_Result]:
    """Yield what a function returns for each task, in any order.

    The processes are copies of this one (fork), which must have one thread. Results wait in pipes until they are read,
    so that they take no memory. Where there is only one process, or no fork that is safe, this one does the work.

    Raises:
        UnreadableError: a process ended before its work was done.

    """
    if processes < 2 or len(tasks) < 2 or sys.platform != "linux":
        yield from map(function, tasks)
        return
    context = multiprocessing.get_context("fork")
    following = context.Value("l", 0)
    gc.freeze()  # A collection would write to all objects, and so copy the memory that is shared.

    def work(results: Connection) -> None:
        try:
            while True:
                with following.get_lock():
                    number = following.value
                    following.value += 1
                if number >= len(tasks):
                    break
                results.send((function(tasks[number]), None))
            results.send(None)
        except Exception as error:
            results.send((None, error))

    workers, readers = [], set()
    try:
        for _ in range(min(processes, len(tasks))):
            reader, writer = context.Pipe(duplex=False)
            worker = context.Process(target=work, args=(writer,), daemon=True)
            worker.start()
            writer.close()
            workers.append(worker)
            readers.add(reader)
        while readers:
            for ready in wait(list(readers)):
                yield from _read(ready, readers)  # type: ignore[arg-type]
    finally:
        gc.unfreeze()
        for worker in workers:
            worker.kill()
            worker.join()


def _read(reader: Connection, readers: set[Any]) -> Iterator[Any]:
    try:
        message = reader.recv()
    except EOFError:
        raise UnreadableError("a process that writes pages ended unexpectedly", hint="make room in memory") from None
    if message is None:
        readers.discard(reader)
        reader.close()
        return
    result, error = message
    if error is not None:
        raise error
    yield result
