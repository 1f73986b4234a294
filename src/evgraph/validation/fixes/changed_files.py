"""Changed files: shown as a difference, written all together or not at all."""

from __future__ import annotations

import difflib
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from evgraph.errors import UnreadableError
from evgraph.writing import replace_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evgraph.rdf.files import DataFile


class Mended(NamedTuple):
    """A file with its bytes before and after."""

    file: DataFile
    before: bytes
    after: bytes


def diff(files: Iterable[Mended]) -> str:
    """Write the changes as a unified diff, as ``patch`` and ``git apply`` read it."""
    pieces: list[str] = []
    for one in files:
        before, after = (_lines(body) for body in (one.before, one.after))
        path = Path(one.file.path).as_posix()
        lines = difflib.unified_diff(before, after, path, path)
        pieces += (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
    return "".join(pieces)


def write(files: Sequence[Mended]) -> None:
    """Write the files, all of them or none.

    Raises:
        UnreadableError: one is not as it was read, is read-only, or cannot be written; then all are as before.

    """
    paths = {Path(one.file.path): one for one in files}
    for path, one in paths.items():
        if raw_content(one.file) != one.before:
            raise UnreadableError(
                "changed while it was checked; nothing was written", path=one.file.path, hint="run again"
            )
        if not path.stat().st_mode & stat.S_IWUSR or not os.access(path, os.W_OK):
            raise UnreadableError("is read-only; nothing was written", path=one.file.path, hint="see who keeps it")
    replace_files({path: one.after for path, one in paths.items()})


def _lines(body: bytes) -> list[str]:
    """Part a text after each line feed, and nowhere else."""
    return re.findall(r"[^\n]*\n|[^\n]+", body.decode("utf-8"))


def raw_content(file: DataFile) -> bytes:
    """Read a file as it is, byte-order mark and all.

    Raises:
        UnreadableError: it cannot be read.

    """
    try:
        return Path(file.path).read_bytes()
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror or error}", path=file.path) from None
