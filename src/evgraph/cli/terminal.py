"""Properties of the terminal that a command writes to."""

from __future__ import annotations

import os
import sys


def width() -> int | None:
    """Return its width; None, for no wrapping, where output is no terminal and COLUMNS is not set."""
    if not sys.stdout.isatty() and not os.environ.get("COLUMNS"):
        return None
    from shutil import get_terminal_size

    return get_terminal_size().columns


def colours() -> bool:
    """Return whether it shows colours and the user wants them: https://no-color.org."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
