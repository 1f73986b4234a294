"""Files opened for reading: regular files only, since a device may have no end, and a pipe may never begin."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from evgraph.errors import UnreadableError

if TYPE_CHECKING:
    from io import BufferedReader
    from pathlib import Path

_KINDS = {stat.S_IFIFO: "a pipe", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFSOCK: "a socket"}


def open_file(path: Path) -> BufferedReader:
    """Open a regular file, also through a symbolic link.

    Raises:
        UnreadableError: it is a pipe, a device or a socket.
        OSError, ValueError: see `open`.

    """
    if path.is_dir():
        return path.open("rb")  # Raises IsADirectoryError, or what the system has for it.
    # Without waiting for the other end of a pipe: https://pubs.opengroup.org/onlinepubs/9699919799/functions/open.html
    file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    kind = stat.S_IFMT(os.fstat(file).st_mode)
    if kind != stat.S_IFREG:
        os.close(file)
        what = _KINDS.get(kind, "something else")
        raise UnreadableError(f"not a file but {what}", path=path, hint="write its content to a file, and name that")
    return os.fdopen(file, "rb")


def read_file(path: Path, most: int | None = None) -> bytes:
    """Return the bytes of a file; errors as in `open_file`, and UnreadableError where there are more than `most`."""
    with open_file(path) as stream:
        content = stream.read(-1 if most is None else most + 1)
    if most is not None and len(content) > most:
        size = f"{most >> 20} MB" if most >= 1 << 20 else f"{most >> 10} kB"
        raise UnreadableError(f"larger than {size}, the most that evgraph reads here", path=path, hint="divide it")
    return content
