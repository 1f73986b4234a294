"""Ctrl-C, heard wherever it comes."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

STOPPED = 130
"""The exit code of what Ctrl-C has stopped, as shells have it."""

_SOON = 0.01  # Seconds until the callback is over.
_GRACE = 0.5  # Seconds for Python to hear of it.


@contextmanager
def interrupts_heard() -> Iterator[None]:
    """Raise a Ctrl-C again that came while Python ran a callback or a ``__del__``, where it drops what is raised.

    Such a moment is rare, but each import has one.
    https://docs.python.org/3/library/sys.html#sys.unraisablehook
    """
    otherwise = sys.unraisablehook

    def again(lost: sys.UnraisableHookArgs) -> None:
        if not issubclass(lost.exc_type, KeyboardInterrupt):
            otherwise(lost)
            return
        timer = threading.Timer(_SOON, _interrupt)
        timer.daemon = True
        timer.start()

    sys.unraisablehook = again
    try:
        yield
    finally:
        sys.unraisablehook = otherwise


def _interrupt() -> None:
    if sys.platform == "win32":
        _thread.interrupt_main()
    else:  # This ends a wait too.
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


@contextmanager
def engines_ended() -> Iterator[None]:
    """End the process at a Ctrl-C that Python does not hear of, since an engine is at work and does not come back.

    https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd
    """
    in_main = threading.current_thread() is threading.main_thread()
    if os.name != "posix" or not in_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    heard = threading.Event()
    reading, writing = os.pipe()
    os.set_blocking(writing, False)

    def hear(number: int, frame: FrameType | None) -> None:
        heard.set()
        signal.default_int_handler(number, frame)

    def watch() -> None:
        while came := os.read(reading, 1):
            if came[0] == signal.SIGINT and not heard.wait(_GRACE):
                os.write(2, b"\nevgraph: stopped\n")
                os._exit(STOPPED)
            heard.clear()
        os.close(reading)

    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, hear)
    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.set_wakeup_fd(before)
        os.close(writing)
