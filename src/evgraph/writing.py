"""Write files whole or not at all, and never through a symbolic link.

New content goes to a part file in the same folder: ``.NAME.RANDOM.part``, opened exclusively, which follows no link
(``O_EXCL`` of open(2)), and locked while its writer lives. Then it is renamed to its name. Part files that a killed
writer left are removed by the next one.
https://pubs.opengroup.org/onlinepubs/9699919799/functions/open.html
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from evgraph.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

_LONGEST_NAME = 200  # Bytes of a name that a part file keeps; file systems take 255.


def write_file(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Write a file; its folders are made where they are missing.

    A file that is there is replaced and keeps its permissions; a symbolic link is replaced, not followed. A device or a
    pipe cannot be replaced, and is written to as it is.

    Raises:
        UnreadableError: the file cannot be written; what was there is as it was.

    """
    pieces = [content] if isinstance(content, bytes) else content
    try:
        if path.is_relative_to("/dev") or not (path.is_symlink() or path.is_file() or not path.exists()):
            with path.open("wb") as out:
                out.writelines(pieces)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(path)
        with _part(path) as (part, out):
            out.writelines(pieces)
            out.flush()
            part.replace(path)
    except OSError as error:
        in_the_way = isinstance(error, FileExistsError | NotADirectoryError)
        reason = "a file stands where its folder would be" if in_the_way else error.strerror or error
        raise UnreadableError(f"cannot be written: {reason}", path=path) from None


def replace_files(contents: Mapping[Path, bytes]) -> None:
    """Replace files that are there, all of them or none.

    Args:
        contents: path → new content.

    Raises:
        UnreadableError: a file cannot be written, or is a symbolic link; then all are as before.

    """
    for path in contents:
        if path.is_symlink():
            raise UnreadableError(
                "is a symbolic link; nothing was written", path=path, hint=f"name the file: {os.path.realpath(path)}"
            )
    replaced: dict[Path, bytes] = {}
    try:
        with ExitStack() as stack:
            parts: dict[Path, Path] = {}
            for path, content in contents.items():
                _remove_abandoned(path)
                parts[path], out = stack.enter_context(_part(path))
                out.write(content)
                out.flush()
            for path, part in parts.items():
                before = path.read_bytes()
                part.replace(path)
                replaced[path] = before
    except OSError as error:
        for path, before in replaced.items():
            write_file(path, before)
        raise UnreadableError(
            f"cannot be written, so nothing was: {error.strerror or error}", path=error.filename
        ) from None


@contextmanager
def _part(path: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """Open a part file beside a path, with the permissions of what is there; it is gone afterwards, or renamed."""
    part = path.with_name(f".{path.name[:_LONGEST_NAME]}.{secrets.token_hex(8)}.part")
    with part.open("xb") as out:
        try:
            _lock(out.fileno())
            if path.is_file() and not path.is_symlink():
                part.chmod(stat.S_IMODE(path.stat().st_mode))
            yield part, out
        finally:
            with suppress(OSError):
                part.unlink()


def _remove_abandoned(path: Path) -> None:
    """Remove part files for a path that nobody writes any more."""
    name = re.compile(re.escape(f".{path.name[:_LONGEST_NAME]}.") + r"[0-9a-f]{16}\.part")
    for part in path.parent.iterdir():
        if name.fullmatch(part.name):
            with suppress(OSError):
                file = os.open(part, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
                try:
                    _lock(file)
                    part.unlink()
                finally:
                    os.close(file)


def _lock(file: int) -> None:
    """Lock an open file until it is closed; where the system has no such locks, part files are told apart by name only.

    Raises:
        OSError: somebody else holds the lock.

    """
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
