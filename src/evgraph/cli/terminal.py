"""What is known of the terminal that a command writes to."""

from __future__ import annotations

import os
import sys


def width() -> int | None:
    """Give its width; None, so that no line is wrapped, where nobody looks at a terminal and COLUMNS is not set."""
    if not sys.stdout.isatty() and not os.environ.get("COLUMNS"):
        return None
    from shutil import get_terminal_size

    return get_terminal_size().columns


def colours() -> bool:
    """Whether it shows colours and its owner wants them: https://no-color.org."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
