"""Run functions in warm worker processes that end at a deadline or a memory limit.

Nothing else stops an engine or a regular expression at work. A worker keeps what it has opened, so that later tasks
with the same key find it there. The kernel keeps the limits, whatever a worker does: SIGALRM ends it at its deadline,
RLIMIT_AS bounds its memory and, on Linux, SIGIO ends it when the process it works for is gone.
https://man7.org/linux/man-pages/man2/fcntl.2.html (O_ASYNC)
"""

from __future__ import annotations

import atexit
import os
import pickle
import signal
import struct
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, NoReturn, TypeAlias, TypeVar

from evgraph.errors import EvgraphError, Hint, LimitReachedError, UnreadableError, UsageError
from evgraph.limits import LEAST_MEMORY, MOST_SECONDS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Iterable

_T = TypeVar("_T")
_Pipes: TypeAlias = tuple[int, int, int]
_MEGABYTE = 1 << 20
_OUT_OF_MEMORY = 75  # The exit code of a worker that Python, and not the engine, found out of memory.
_MAX_IDLE = 4  # So many workers stay warm; each may hold a graph in memory.
_ENDED = EOFError, OSError, pickle.UnpicklingError  # What asking a worker raises when it ends, in its reply too.

SIZE = struct.Struct("!Q")
"""Each message has its size before it."""
MORE, ENOUGH = True, False
"""What a worker is asked for after each item."""
ITEM, LAST, END, ERROR = range(4)
"""The kinds of replies; each is a pair of its kind and a value."""


class Last(NamedTuple):
    """What a function may yield in place of its last item, so that nobody needs to ask whether there are more."""

    item: object


def iterate(
    function: Callable[..., Iterable[_T]], *arguments: object, limits: Limits, task: str, key: Hashable
) -> Generator[_T, None, None]:
    """Iterate over what a function returns in a worker process.

    The worker computes an item when it is asked for. A worker that ended is replaced for the next task; one whose task
    raised an error, or whose items were not all read, stays warm.

    Args:
        function: of a module, so that it can be pickled, as must the arguments and the items.
        arguments: of the function.
        limits: of the task.
        task: its name in messages, such as "the query".
        key: tasks of the same key run in the same worker, where it is free. Relative paths keep their meaning: a worker
            serves one working directory.

    Raises:
        EvgraphError: as the function does, with all fields.
        LimitReachedError: the worker reached a limit and was ended.
        UnreadableError: the worker ended for another reason.
        UsageError: this system cannot keep limits, or the memory limit is too low for any task.

    """
    if not hasattr(signal, "setitimer"):
        raise UsageError("this system cannot limit what a process takes", hint="leave out the limits")
    if limits.megabytes is not None and limits.megabytes < LEAST_MEMORY:
        message = f"{limits.megabytes} MB are too little for any query"
        raise UsageError(message, hint=Hint.ALLOW_LEAST_MEMORY, example=str(LEAST_MEMORY))
    task_message = request(function, arguments, limits)
    here = os.stat(".")  # noqa: PTH116 - a directory that was removed has no path
    key = (key, limits.megabytes, here.st_dev, here.st_ino)
    worker = _idle_worker(key) or _Worker(key, limits.megabytes)
    is_idle = False
    try:
        kind, value = worker.ask(task_message)
        while kind == ITEM:
            yield value
            kind, value = worker.ask(MORE)
        is_idle = True
        if kind == LAST:
            yield value
    except GeneratorExit:
        with suppress(*_ENDED):
            worker.ask(ENOUGH)
            is_idle = True
        raise
    except _ENDED:
        raise failure(worker.end(), limits, task) from None
    finally:
        if is_idle:
            _keep(worker)
        else:
            worker.end()
    if kind == ERROR:
        raise value


def request(function: Callable[..., Iterable[Any]], arguments: tuple[object, ...], limits: Limits) -> object:
    """Return the message that asks a worker for the items of a function; the time of its limits runs from now."""
    deadline = None if limits.seconds is None else time.monotonic() + limits.seconds
    return deadline, limits.megabytes, pickle.dumps((function, arguments), pickle.HIGHEST_PROTOCOL)


def framed(message: object) -> bytes:
    """Return the bytes of a message: its size, then the pickle."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return SIZE.pack(len(body)) + body


def failure(exit_code: int, limits: Limits, task: str) -> EvgraphError:
    """Return the error that says why a worker ended."""
    if exit_code == -signal.SIGALRM:
        return LimitReachedError(
            f"{task} took longer than {limits.seconds:g} s and was ended", hint=Hint.ALLOW_MORE_TIME
        )
    if limits.megabytes is not None and exit_code in {_OUT_OF_MEMORY, -signal.SIGABRT}:
        return LimitReachedError(
            f"{task} needed more memory than {limits.megabytes} MB and was ended", hint=Hint.ALLOW_MORE_MEMORY
        )
    return UnreadableError(f"the process of {task} ended unexpectedly (exit code {exit_code})")


# The parent's side.


class _Worker:
    # A process, started without `multiprocessing`, which would start another beside it and import the main program.

    def __init__(self, key: Hashable, megabytes: int | None) -> None:
        self.key = key
        self._parent = os.getpid()
        inbox, requests = os.pipe()
        replies, outbox = os.pipe()
        hung_up, lifeline = os.pipe()
        start = _fork if _can_fork(megabytes) else _spawn
        try:
            self._pid = start((inbox, outbox, hung_up), (requests, replies, lifeline))
        finally:
            for number in (inbox, outbox, hung_up):
                os.close(number)
        self._requests, self._replies = open(requests, "wb"), open(replies, "rb")  # noqa: PTH123, SIM115
        self._lifeline = open(lifeline, "wb")  # noqa: PTH123, SIM115 - nothing is ever written to it
        self._exit_code: int | None = None
        _WORKERS.add(self)

    def is_running(self) -> bool:
        """Return whether the process is there and a child of this one: not after a fork of the parent."""
        if self._parent != os.getpid():
            return False
        self._wait(os.WNOHANG)
        return self._exit_code is None

    def ask(self, message: object) -> Any:
        """Send a message and return the reply; raise one of `_ENDED` if the worker ended."""
        if self._exit_code is not None or self._parent != os.getpid():
            raise EOFError
        _send(self._requests, message)
        return _read(self._replies)

    def end(self) -> int:
        """End the process, whatever it does, and return its exit code, negative for a signal."""
        if self._parent == os.getpid():
            if self._exit_code is None:
                with suppress(ProcessLookupError):
                    os.kill(self._pid, signal.SIGKILL)  # Nothing to a process that ended by itself.
                self._wait()
            for pipe in (self._requests, self._replies, self._lifeline):
                with suppress(OSError):
                    pipe.close()
            _WORKERS.discard(self)
        return self._exit_code or 0

    def _wait(self, options: int = 0) -> None:
        try:
            pid, status = os.waitpid(self._pid, options)
        except ChildProcessError:  # The program around us waits for all its children.
            pid, status = self._pid, 0
        if pid:
            self._exit_code = os.waitstatus_to_exitcode(status)


_WORKERS: set[_Worker] = set()
_IDLE: list[_Worker] = []  # The longest idle first. Without a lock: a list's append and remove are atomic.


@atexit.register
def _end_all() -> None:
    for worker in list(_WORKERS):
        worker.end()


def _idle_worker(key: Hashable) -> _Worker | None:
    for worker in [*_IDLE]:
        if worker.key == key:
            try:
                _IDLE.remove(worker)
            except ValueError:  # Another thread took it.
                continue
            if worker.is_running():
                return worker
            worker.end()
    return None


def _keep(worker: _Worker) -> None:
    _IDLE.append(worker)
    while len(_IDLE) > _MAX_IDLE:
        with suppress(IndexError):
            _IDLE.pop(0).end()


def _can_fork(megabytes: int | None) -> bool:
    """Return whether a copy of this process is safe and no burden: it has one thread, and memory within the limit."""
    if sys.platform != "linux" or len(os.listdir("/proc/self/task")) > 1:  # noqa: PTH208 - quicker, and on each start
        return False
    if megabytes is None:
        return True
    with open("/proc/self/statm", "rb") as sizes:  # noqa: PTH123
        return int(sizes.read().split()[0]) * os.sysconf("SC_PAGESIZE") < LEAST_MEMORY // 2 * _MEGABYTE


def _fork(own: _Pipes, others: _Pipes) -> int:
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # Else a Ctrl-C could lead the copy out of here.
    try:
        pid = os.fork()
        if not pid:
            for other in others:  # Else they would never be closed at their other ends.
                os.close(other)
            serve(*own)
        return pid
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _spawn(own: _Pipes, _others: _Pipes) -> int:
    return os.posix_spawn(
        sys.executable,
        [sys.executable, "-P", "-c", "from evgraph.workers import serve; serve(0, 1, 2)"],
        os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        file_actions=[(os.POSIX_SPAWN_DUP2, number, standard) for standard, number in enumerate(own)],
        setsigmask=[signal.SIGINT],
    )


# The worker's side.


def serve(*pipes: int) -> NoReturn:
    """Work for the process at the other ends of three pipes, until it closes them; print nothing and hear no Ctrl-C."""
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, [signal.SIGINT])
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGALRM, signal.SIGIO, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        requests, replies = _connect(pipes)
        while True:
            _perform(requests, replies, *_receive(requests))
    finally:
        os._exit(1)


def _connect(pipes: tuple[int, ...]) -> tuple[BinaryIO, BinaryIO]:
    """Return the streams of requests and replies, and end with the process that is at their other ends."""
    import fcntl
    import select

    # Away from the standard streams, which a library may print to.
    inbox, outbox, hung_up = (fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 3) for number in pipes)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nowhere, number)
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115
    fcntl.fcntl(hung_up, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(hung_up, fcntl.F_SETFL, os.O_ASYNC)
    poll = select.poll()
    poll.register(hung_up, 0)
    if poll.poll(0):  # Before SIGIO was set.
        os._exit(0)
    return open(inbox, "rb"), open(outbox, "wb")  # noqa: PTH123


def _receive(requests: BinaryIO) -> Any:
    """Wait for a message and return it; end when no more can come."""
    try:
        return _read(requests)
    except EOFError:
        os._exit(0)


def _send(stream: BinaryIO, message: object) -> None:
    stream.write(framed(message))  # Whole, or nothing of it.
    stream.flush()


def _read(stream: BinaryIO) -> Any:
    size = stream.read(SIZE.size)
    if len(size) < SIZE.size:
        raise EOFError
    return pickle.loads(stream.read(*SIZE.unpack(size)))  # noqa: S301 - of our child or our parent


def _perform(requests: BinaryIO, replies: BinaryIO, deadline: float | None, megabytes: int | None, call: bytes) -> None:
    """Call a function and send the items it returns, one for each message that asks for more."""
    last: tuple[int, object] = (END, None)
    try:
        if deadline is not None:
            signal.setitimer(signal.ITIMER_REAL, min(max(deadline - time.monotonic(), 1e-6), MOST_SECONDS))
        function, arguments = pickle.loads(call)  # noqa: S301 - of our parent
        if megabytes is not None:
            import resource

            resource.setrlimit(resource.RLIMIT_AS, (megabytes * _MEGABYTE,) * 2)
        for item in function(*arguments):
            if isinstance(item, Last):
                last = LAST, item.item
                break
            _send(replies, (ITEM, item))
            if not _receive(requests):
                break
    except Exception as error:
        if megabytes is not None and (isinstance(error, MemoryError) or "alloc" in str(error)):
            os._exit(_OUT_OF_MEMORY)
        last = (ERROR, _portable(error))
    signal.setitimer(signal.ITIMER_REAL, 0)
    _send(replies, last)


def _portable(error: Exception) -> Exception:
    """Return an error that can be pickled; an unforeseen one with its traceback as a note."""
    if isinstance(error, EvgraphError):
        return error
    import traceback

    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - just pickled
    except Exception:  # Whatever its class does.
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note(traceback.format_exc())
    return error
