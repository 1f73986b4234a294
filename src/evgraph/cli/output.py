"""Where a command writes to: a file, standard output, a terminal."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def write_output(pieces: Iterable[bytes], output: str) -> None:
    """Write to a file, which is replaced only when all is written, or to standard output for ``-``."""
    if output == "-":
        sys.stdout.buffer.writelines(pieces)
        sys.stdout.buffer.flush()
    else:
        from evgraph.writing import write_file

        write_file(Path(output), pieces)


def terminal_width() -> int | None:
    """Return the columns of the terminal; None, for no wrapping, where output is no terminal and COLUMNS is not set."""
    if not sys.stdout.isatty() and not os.environ.get("COLUMNS"):
        return None
    from shutil import get_terminal_size

    return get_terminal_size().columns


def has_colours() -> bool:
    """Return whether the terminal shows colours and the user wants them: https://no-color.org."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
