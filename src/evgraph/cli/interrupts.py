"""Ctrl-C, heard wherever it comes."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SOON = 0.01  # Seconds until the callback is over.


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
