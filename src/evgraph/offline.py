"""Run queries and shapes that other people wrote in a thread that cannot open a network connection.

`evgraph.sparql.guard` refuses such texts before an engine reads them. This is the second line of defence: on Linux the
kernel refuses the thread every socket, whatever library opens it; local ones too, behind which a service may look up
names elsewhere. Processes that the thread starts inherit this. On other systems the functions run without it.
https://man7.org/linux/man-pages/man2/seccomp.2.html
"""

from __future__ import annotations

import errno
import os
import queue
import sys
import threading
import time
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_T = TypeVar("_T")
_BATCH = 1_000  # Rows that pass from one thread to the other at a time.
_GRACE = 0.5  # Seconds that a thread which is no longer needed has to end; an engine at work does not.
# The kernel's numbers of an architecture (``AUDIT_ARCH_…``) and of its system call ``socket``.
_MACHINES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
_THREAD = threading.local()
_REFUSED_BY_KERNEL: list[int] = []  # The errors of a kernel that takes no filter.


@cache
def is_supported() -> bool:
    """Return whether this system can refuse connections to a thread."""
    if sys.platform != "linux" or os.uname().machine not in _MACHINES:
        return False
    probe = threading.Thread(target=refuse_connections)
    probe.start()
    probe.join()
    return not _REFUSED_BY_KERNEL


def refuse_connections() -> None:
    """Refuse new connections to this thread and to what it starts, for good, where the system supports it."""
    if sys.platform != "linux" or os.uname().machine not in _MACHINES or is_offline():
        return
    if error := _install_filter()():
        _REFUSED_BY_KERNEL.append(error)
    else:
        _THREAD.offline = True


@cache
def _install_filter() -> Callable[[], int]:
    """Return a function that gives the calling thread the filter, and returns an error number or 0."""
    import ctypes
    import struct

    architecture, socket = _MACHINES[os.uname().machine]
    load, equal, result = 0x20, 0x15, 0x06  # BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K, BPF_RET|BPF_K
    allow, refuse = 0x7FFF0000, 0x00050000 | errno.EACCES  # SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))

    # System calls of another architecture have other numbers, so all of them are refused.
    instructions = (  # Each a code, how many to skip if true and if false, and a constant: struct sock_filter.
        (load, 0, 0, 4),  # The architecture …
        (equal, 0, 3, architecture),
        (load, 0, 0, 0),  # … and the number of the call.
        (equal, 1, 0, socket),
        (result, 0, 0, allow),
        (result, 0, 0, refuse),
    )
    program = Program(len(instructions), b"".join(struct.pack("HBBI", *step) for step in instructions))
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, set_filter, filter_mode = 38, 22, 2  # PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER

    def install() -> int:
        refused = libc.prctl(no_new_privileges, 1, 0, 0, 0)
        refused = refused or libc.prctl(set_filter, filter_mode, ctypes.byref(program), 0, 0)
        return (ctypes.get_errno() or errno.EINVAL) if refused else 0

    return install


def is_offline() -> bool:
    """Return whether this thread is refused connections."""
    return getattr(_THREAD, "offline", False)


@contextmanager
def deadline(seconds: float | None) -> Iterator[None]:
    """Let this thread wait for others only so many seconds, in `call` and `call_all`, which raise TimeoutError then.

    Nothing ends an engine at work, so the other thread goes on until its function or this process ends.
    """
    before = getattr(_THREAD, "deadline", None)
    _THREAD.deadline = None if seconds is None else time.monotonic() + seconds
    try:
        yield
    finally:
        _THREAD.deadline = before


def _has_deadline() -> bool:
    return getattr(_THREAD, "deadline", None) is not None


def call(function: Callable[[], _T]) -> _T:
    """Return the result of a function that is called in a thread without connections; raise what it raises.

    Where the system does not support it, or this thread has no connections already, call it in this thread, unless
    there is a `deadline`. The result is nothing that must be deleted in the thread that created it.
    """
    return _Thread().call(function) if _has_deadline() or (not is_offline() and is_supported()) else function()


def call_all(functions: Sequence[Callable[[], _T]]) -> list[_T]:
    """Return the results of functions that are called in threads without connections, at most two at a time.

    They start in their order, on one thread for each processor. What a function makes and must end in its own thread,
    such as an answer of an engine, it does not return. Raise what one of the functions raises; the other that runs
    ends first, and no more start.
    """
    results: dict[int, _T] = {}
    waiting = iter(enumerate(functions))

    def work() -> None:
        for place, function in waiting:
            try:
                results[place] = function()
            except BaseException:
                for _ in waiting:  # The other thread starts no more of them.
                    pass
                raise

    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = [_Thread() for _ in range(min(2, processors, len(functions)))]
    for thread in threads:
        thread.start(work)
    try:
        errors = [error for thread in threads if (error := thread.outcome()[1])]
    except TimeoutError:
        for _ in waiting:  # No thread starts more of them.
            pass
        raise
    if errors:
        raise errors[0]
    return [results[place] for place in range(len(functions))]


def iterate(start: Callable[[], Iterator[_T]]) -> Iterator[_T]:
    """Call a function as `call` does, at once, and iterate over its result, which stays in that thread."""
    if is_offline() or not is_supported():
        return start()
    thread = _Thread()

    def keep() -> None:
        _THREAD.iterator = start()

    def batches() -> Iterator[_T]:
        while batch := thread.call(lambda: list(islice(_THREAD.iterator, _BATCH))):
            yield from batch

    thread.call(keep)
    return batches()


class _Thread:
    """A thread that calls the functions it receives, one after the other, and ends with this object.

    It is a daemon: an engine at work must not keep an interrupted process from ending.
    """

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[Callable[[], Any] | None] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=_serve, args=(self._calls, self._outcomes), daemon=True)
        self._thread.start()

    def start(self, function: Callable[[], Any]) -> None:
        self._calls.put(function)

    def outcome(self) -> tuple[Any, BaseException | None]:
        seconds = max(0.0, _THREAD.deadline - time.monotonic()) if _has_deadline() else None
        try:
            return self._outcomes.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None

    def call(self, function: Callable[[], _T]) -> _T:
        self.start(function)
        result, error = self.outcome()
        if error is not None:
            raise error
        value: _T = result
        return value

    def __del__(self) -> None:
        self._calls.put(None)
        if threading.current_thread() is not self._thread:  # Any thread may collect garbage.
            self._thread.join(_GRACE)  # Else what the engine returned could be deleted by another thread, at exit.


def _serve(
    calls: queue.SimpleQueue[Callable[[], Any] | None], outcomes: queue.SimpleQueue[tuple[Any, BaseException | None]]
) -> None:
    while function := calls.get():
        try:
            refuse_connections()
            outcomes.put((function(), None))
        except BaseException as error:
            import traceback

            traceback.clear_frames(error.__traceback__)  # The engine's answers must be deleted in this thread.
            outcomes.put((None, error))
        del function
    _THREAD.iterator = None
