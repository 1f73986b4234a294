"""``--max-memory``: the command in a process with a limit, and a message where it reaches it."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import NoReturn

from evgraph.errors import ExitCode, Hint, LimitReachedError, UsageError
from evgraph.limits import LEAST_MEMORY

_MEGABYTE = 1 << 20
_CRASHES = {signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGKILL}  # SIGABRT is how Oxigraph ends.


def limit(megabytes: int) -> None:
    """Go on in a copy of this process whose memory (address space) is limited; end this one as the copy ends.

    Raises:
        UsageError: this system cannot limit memory, or the limit is too low for anything.
        LimitReachedError: in this process, if the copy ended for lack of memory.

    """
    if not hasattr(os, "fork") or sys.platform == "darwin":
        raise UsageError("this system cannot limit the memory of a process", hint=Hint.LEAVE_OUT_MEMORY_LIMIT)
    if megabytes < LEAST_MEMORY:
        message = f"{megabytes} MB are too little for any command"
        raise UsageError(message, hint=Hint.ALLOW_LEAST_MEMORY, example=str(LEAST_MEMORY))
    import resource

    sys.stdout.flush()
    child = os.fork()
    if not child:
        _end_with_parent()
        try:
            resource.setrlimit(resource.RLIMIT_AS, (megabytes * _MEGABYTE,) * 2)
        except (OverflowError, ValueError):
            raise UsageError(f"{megabytes} MB are more than there is", hint=Hint.LEAVE_OUT_MEMORY_LIMIT) from None
        return
    for number in (signal.SIGINT, signal.SIGQUIT):  # The terminal sends these to the copy, too.
        signal.signal(number, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: os.kill(child, number))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code >= 0:
        _exit(code)
    if -code in _CRASHES:
        message = f"the command needed more memory than {megabytes} MB and was ended"
        raise LimitReachedError(message, hint=Hint.ALLOW_MORE_MEMORY)
    signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
    _exit(ExitCode.UNREADABLE)


def _end_with_parent() -> None:
    """Have the system end this process with its parent.

    https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
    """
    import ctypes

    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _exit(code: int) -> NoReturn:
    sys.stdout.flush()
    os._exit(code)  # Without what the copy has done already.
