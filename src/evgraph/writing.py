"""Files written whole or not at all, and never through a symbolic link.

A folder that evgraph owns is written in the same way: see `write_folder`. New content goes to a part file in the same
folder: ``.NAME.RANDOM.part``, opened exclusively, which follows no link
(``O_EXCL`` of open(2)), and locked while its writer lives (flock(2)). Then it is renamed. The next writer removes the
part files of writers that were killed.
https://pubs.opengroup.org/onlinepubs/9699919799/functions/open.html
"""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from evgraph.characters import printable
from evgraph.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import BinaryIO

_LONGEST_NAME = 200  # Bytes of a name that a part file keeps; most file systems allow 255 for the whole.
SUMS = "SHA256SUMS"
"""The list of the files in a folder that evgraph wrote, as ``sha256sum -c`` reads it."""
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""The errors of a disk that is full, or of a quota."""
_DEVICES = {Path("/dev"), Path("/dev/fd")}  # Here links such as /dev/stdout are the system's own, and followed.


def write_file(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Write a file, and make its folders where they are missing.

    An existing file is replaced and keeps its permissions; a symbolic link is replaced, not followed. A device or a
    pipe cannot be replaced; the content is appended to it. Raise UnreadableError if the file cannot be written; what
    was there is unchanged.
    """
    pieces = [content] if isinstance(content, bytes) else content
    is_device = path.absolute().parent in _DEVICES
    try:
        if is_device or not (path.is_symlink() or path.is_file() or not path.exists()):
            flags = os.O_WRONLY | os.O_APPEND | (0 if is_device else getattr(os, "O_NOFOLLOW", 0))
            with os.fdopen(os.open(path, flags), "wb") as out:
                out.writelines(pieces)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(path)
        with _part(path) as (part, out):
            out.writelines(pieces)
            out.flush()
            part.replace(path)
    except OSError as error:
        not_a_folder = isinstance(error, FileExistsError | NotADirectoryError)
        reason = "its folder is a file" if not_a_folder else error.strerror or error
        raise UnreadableError(f"cannot be written: {reason}", path=path, hint=_way_out(error)) from None


def replace_files(contents: Mapping[Path, bytes]) -> None:
    """Replace the content of existing files, of all or of none.

    Raise UnreadableError if a file cannot be written, or is a symbolic link; all are as before, unless the message
    says which could not be restored.
    """
    path: Path | None = None
    for path in contents:
        if path.is_symlink():
            raise UnreadableError(
                "is a symbolic link; nothing was written", path=path, hint=f"name the file: {os.path.realpath(path)}"
            )
    before: dict[Path, bytes] = {}
    try:
        with ExitStack() as stack:
            parts: dict[Path, Path] = {}
            for path, content in contents.items():
                _remove_abandoned(path)
                parts[path], out = stack.enter_context(_part(path))
                out.write(content)
                out.flush()
            for path, part in parts.items():
                content = path.read_bytes()
                part.replace(path)
                before[path] = content
    except OSError as error:
        lost = [str(replaced) for replaced, content in before.items() if not _restored(replaced, content)]
        outcome = f"; {', '.join(lost)} could not be restored" if lost else ", so nothing was"
        message = f"cannot be written{outcome}: {error.strerror or error}"
        raise UnreadableError(message, path=path, hint=_way_out(error)) from None


def refuse_link(folder: Path) -> None:
    """Raise UnreadableError if a folder within one that evgraph writes is a symbolic link, perhaps out of it."""
    if folder.is_symlink():
        raise UnreadableError(
            "is a symbolic link; nothing was written", path=folder, hint="remove it, or write to another folder"
        )


def write_folder(folder: Path, files: Iterable[tuple[str, bytes | Iterable[bytes]]]) -> None:
    """Write a folder of files: all are there afterwards, and no others, or the folder is as it was.

    The names of the files may have slashes. `SUMS` lists them with their digests; by it, the next run knows that the
    folder is evgraph's to replace.

    Raises:
        UnreadableError: a file cannot be written, or the folder has something in it that evgraph did not write.

    """
    import secrets
    import shutil

    folder = folder.absolute()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned_folders(folder)
        _refuse_foreign(folder)
        part, before = (
            folder.with_name(f".{_short_name(folder)}.{secrets.token_hex(8)}.{end}") for end in ("part", "before")
        )
        part.mkdir()
        with ExitStack() as stack:
            stack.callback(shutil.rmtree, before, ignore_errors=True)
            stack.callback(shutil.rmtree, part, ignore_errors=True)
            stack.enter_context(_locked(part))
            _fill(part, files)
            if folder.exists() and stack.enter_context(_locked(folder)) is False:
                raise UnreadableError("another evgraph is writing it", path=folder, hint="wait until it is done")
            if folder.exists():
                part.chmod(stat.S_IMODE(folder.stat().st_mode))
                folder.replace(before)
            try:
                part.replace(folder)
            except OSError:
                before.replace(folder)
                raise
    except OSError as error:
        not_a_folder = isinstance(error, FileExistsError | NotADirectoryError)
        reason = "its folder is a file" if not_a_folder else error.strerror or error
        raise UnreadableError(f"cannot be written: {reason}", path=folder, hint=_way_out(error)) from None


def _fill(folder: Path, files: Iterable[tuple[str, bytes | Iterable[bytes]]]) -> None:
    from hashlib import sha256

    sums: dict[str, str] = {}
    made: set[str] = set()
    base = str(folder)  # Joining paths would take as long as writing the files.
    for name, content in files:
        above = name.rpartition("/")[0]
        if above not in made:
            (folder / above).mkdir(parents=True, exist_ok=True)
            made.add(above)
        digest = sha256()
        with open(f"{base}/{name}", "xb", 1 << 16) as out:  # noqa: PTH123
            for piece in [content] if isinstance(content, bytes) else content:
                digest.update(piece)
                out.write(piece)
        sums[name] = digest.hexdigest()
    lines = [f"{digest}  {name}\n" for name, digest in sorted(sums.items())]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def _refuse_foreign(folder: Path) -> None:
    """Raise UnreadableError if a path is no folder, or has a file that evgraph did not write."""
    if not folder.is_symlink() and not folder.exists():
        return
    if folder.is_symlink() or not folder.is_dir():
        what = "a symbolic link" if folder.is_symlink() else "a file"
        raise UnreadableError(f"is {what}; nothing was written", path=folder, hint="name a folder")
    sums = folder / SUMS
    lines = sums.read_text(encoding="utf-8").splitlines() if sums.is_file() and not sums.is_symlink() else []
    known = {SUMS, *(line.partition("  ")[2] for line in lines)}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if name not in known and (path.is_symlink() or not path.is_dir()):
            raise UnreadableError(
                f"has files that evgraph did not write, such as {printable(name)}; nothing was written",
                path=folder,
                hint="name a new folder, or move them away",
            )


def _remove_abandoned_folders(folder: Path) -> None:
    """Remove what writers of a folder that were killed left; restore the folder if it was about to be replaced."""
    import shutil

    name = re.compile(re.escape(f".{_short_name(folder)}.") + r"[0-9a-f]{16}\.(part|before)")
    for path in sorted(folder.parent.iterdir()):
        match = name.fullmatch(path.name)
        if not match or path.is_symlink() or not path.is_dir():
            continue
        with _locked(path) as is_free:
            if is_free is False:
                continue
            if match[1] == "before" and not folder.exists():
                path.replace(folder)
            else:
                shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[bool | None]:
    """Lock a folder, as `_lock` does."""
    file = os.open(folder, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    try:
        yield _lock(file)
    finally:
        os.close(file)


def _way_out(error: OSError) -> str:
    if error.errno in NO_ROOM:
        return "make room on that disk, or write to another one"
    return "write to a folder that you may write to" if isinstance(error, PermissionError) else "choose another name"


def _restored(path: Path, content: bytes) -> bool:
    try:
        write_file(path, content)
    except UnreadableError:
        return False
    return True


@contextmanager
def _part(path: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """Open and lock a part file for a path, with the permissions of the existing file; remove it unless renamed."""
    import secrets  # Its hashes take a while to import.

    while True:
        part = path.with_name(f".{_short_name(path)}.{secrets.token_hex(8)}.part")
        with part.open("xb") as out:
            # Another writer may have taken it for abandoned before it was locked.
            if _lock(out.fileno()) is False or not part.exists():
                continue
            try:
                if path.is_file() and not path.is_symlink():
                    part.chmod(stat.S_IMODE(path.stat().st_mode))
                yield part, out
            finally:
                with suppress(OSError):
                    part.unlink()
            return


def _remove_abandoned(path: Path) -> None:
    """Remove the part files for a path whose writers are gone."""
    name = re.compile(re.escape(f".{_short_name(path)}.") + r"[0-9a-f]{16}\.part")
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with suppress(OSError):  # A folder that cannot be listed can be written to.
        for part in path.parent.iterdir():
            if name.fullmatch(part.name):
                with suppress(OSError), os.fdopen(os.open(part, flags), "rb") as file:
                    if _lock(file.fileno()):
                        part.unlink()


def _short_name(path: Path) -> str:
    return os.fsencode(path.name)[:_LONGEST_NAME].decode("utf-8", "ignore")


def _lock(file: int) -> bool | None:
    """Lock an open file until it is closed; return False if somebody else does, None if the system has no locks."""
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        return None
    return True
