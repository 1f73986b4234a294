"""A graph kept on disk, for one that is too big to load each time: built aside, swapped in, read by many.

A store is a directory::

    evgraph-store.json   which version is the current one; replaced as the last act of a build
    v7/                  that version, Oxigraph's files
    v7.lock              held, shared, by everybody who reads it
    build.lock           held by who builds

A version is never written again once it is current, so that readers need no writer's leave. The locks are the
operating system's (flock(2)) and end with the process, however it ends.
"""

from __future__ import annotations

import os
import re
import shutil
import weakref
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from evgraph.errors import Hint, UnreadableError
from evgraph.rdf.files import always_loaded, report_all_broken
from evgraph.store.embedded import OxigraphStore
from evgraph.writing import write_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.rdf.files import DataFile

LAYOUT = 1
"""The layout of the directory, as ``evgraph-store.json`` has it."""

_STATE = "evgraph-store.json"
_BUILD_LOCK = "build.lock"
_VERSION = re.compile(r"v([1-9][0-9]{0,17})")


class Built(NamedTuple):
    """What a build left: how many quads, in how many graphs."""

    quads: int
    graphs: int


class _State(NamedTuple):
    """Which version is current, and the graphs that evgraph put beside the data."""

    version: str
    beside: tuple[str, ...]


class DiskStore(OxigraphStore):
    """A `Store` over one version of a store on disk, read-only; a later build does not change what it sees.

    Attributes:
        beside: the graphs of the ontology, the schemes and the matrices, where they are not part of the data.

    Raises:
        UnreadableError: there is no store in the directory, or not one that this evgraph reads.

    """

    def __init__(self, directory: str | Path) -> None:
        folder = Path(directory)
        state, lock = _claimed(folder)
        weakref.finalize(self, os.close, lock)
        self.beside = state.beside
        try:
            super().__init__(ox.Store.read_only(str(folder / state.version)))
        except (OSError, RuntimeError) as error:
            raise _damaged(folder, str(error).split("  ")[0]) from None


def build(directory: str | Path, files: Iterable[DataFile]) -> Built:
    """Build a store from files, with the ontology, the schemes and the matrices beside them.

    Readers of an earlier version go on with it; who opens the store from now on sees the new one. A build that fails,
    or is killed, leaves the current version as it was.

    Args:
        directory: a store, an empty folder, or a place where none is yet.
        files: the data, in place of what the store held.

    Raises:
        UnreadableError: a file is missing or not well-formed; the directory is no store, cannot be written, or
            somebody else builds it now.

    """
    folder = Path(directory)
    _check_place(folder)
    data = list(files)
    beside = [file for file in always_loaded() if file.path not in {one.path for one in data}]
    with _building(folder):
        _clean(folder)
        version = f"v{max(map(_number, _versions(folder)), default=0) + 1}"
        (folder / f"{version}.lock").touch()
        try:
            with report_all_broken(data):
                built = _load(folder / version, [*beside, *data])
            theirs = {file.graph for file in data}
            ours = sorted(file.graph for file in beside if file.graph not in theirs)
            _swap(folder, _State(version, tuple(ours)))
        finally:
            _clean(folder)
    return built


def _load(place: Path, files: Iterable[DataFile]) -> Built:
    """Load files into a new version."""
    try:
        store = ox.Store(str(place))
        store.bulk_extend(quad for file in files for quad in file.quads(rename_blank_nodes=True))
        store.optimize()
        store.flush()
    except (OSError, RuntimeError) as error:
        raise UnreadableError(f"cannot be written: {error}", path=place.parent) from None
    return Built(len(store), sum(1 for _ in store.named_graphs()))


def _swap(folder: Path, state: _State) -> None:
    import json

    content = {"layout": LAYOUT, "current": state.version, "beside": state.beside}
    write_file(folder / _STATE, f"{json.dumps(content, indent=2)}\n".encode())


def _state(folder: Path) -> _State:
    """Read which version is current.

    Raises:
        UnreadableError: the folder is missing, is no store, holds none that was finished, or has another layout.

    """
    import json

    try:
        found = json.loads((folder / _STATE).read_bytes())
        layout = found["layout"]
    except (FileNotFoundError, NotADirectoryError):
        raise _no_store(folder) from None
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror or error}", path=folder / _STATE) from None
    except (ValueError, KeyError, TypeError):
        raise _damaged(folder, f"{_STATE} is not what evgraph wrote") from None
    if layout != LAYOUT:
        age = "a newer" if isinstance(layout, int) and layout > LAYOUT else "another"
        raise UnreadableError(
            f"this store is of {age} layout ({layout}; this evgraph reads {LAYOUT})",
            path=folder,
            hint="build it with this evgraph, in a new directory, or use the evgraph that built it",
        )
    version, beside = found.get("current"), found.get("beside")
    if not isinstance(version, str) or not _VERSION.fullmatch(version) or not isinstance(beside, list):
        raise _damaged(folder, f"{_STATE} is not what evgraph wrote")
    return _State(version, tuple(map(str, beside)))


def _claimed(folder: Path) -> tuple[_State, int]:
    """Hold the current version's lock, so that nobody cleans it away; gives the state and the lock."""
    state = _state(folder)
    while True:
        lock = _lock(folder / f"{state.version}.lock", os.O_RDONLY, shared=True)
        now = _state(folder)
        if lock is not None and now.version == state.version:
            return state, lock
        if lock is not None:
            os.close(lock)
        elif now.version == state.version:
            raise _damaged(folder, f"{state.version}.lock is missing")
        state = now  # Swapped and cleaned just now.


def _clean(folder: Path) -> None:
    """Remove what no build finished, and old versions that nobody reads; only who builds may call this."""
    try:
        current = _state(folder).version
    except UnreadableError:
        current = ""
    for version in _versions(folder):
        path = folder / f"{version}.lock"
        lock = None if version == current else _lock(path, os.O_RDWR | os.O_CREAT, shared=False)
        if lock is not None:
            shutil.rmtree(folder / version, ignore_errors=True)
            path.unlink(missing_ok=True)
            os.close(lock)


def _versions(folder: Path) -> list[str]:
    """List the versions of which anything is there, finished or not."""
    return sorted({name for path in folder.iterdir() if _VERSION.fullmatch(name := path.name.removesuffix(".lock"))})


def _number(version: str) -> int:
    return int(version[1:])


@contextmanager
def _building(folder: Path) -> Iterator[None]:
    """Be the only one who builds."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = _lock(folder / _BUILD_LOCK, os.O_RDWR | os.O_CREAT, shared=False)
    except OSError as error:
        raise UnreadableError(f"cannot be written: {error.strerror or error}", path=folder) from None
    if lock is None:
        raise UnreadableError(
            "somebody else builds this store now", path=folder, hint="wait until that is done, and try again"
        )
    try:
        yield
    finally:
        os.close(lock)


def _lock(path: Path, flags: int, *, shared: bool) -> int | None:
    """Lock a file: shared at once or after who cleans it, for oneself alone at once or not at all.

    Returns:
        The open file's number, or None where it is not there, or somebody else holds it.

    """
    try:
        import fcntl
    except ImportError:
        raise UnreadableError(
            "a store on disk needs locks that this system does not have", path=path.parent, hint=Hint.USE_FILES
        ) from None
    try:
        file = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o644)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file


def _check_place(folder: Path) -> None:
    """Refuse to build among files that are not evgraph's."""
    if folder.exists() and not folder.is_dir():
        raise UnreadableError("a file stands where the store would be", path=folder, hint="choose another directory")
    ours = re.compile(rf"{_STATE}|\.{_STATE}\.[0-9a-f]*\.part|{_BUILD_LOCK}|{_VERSION.pattern}(\.lock)?")
    strange = [path.name for path in folder.iterdir() if not ours.fullmatch(path.name)] if folder.exists() else []
    if strange:
        raise UnreadableError(
            f"not an evgraph store: it holds {min(strange)}", path=folder, hint="name a new or an empty directory"
        )
    if (folder / _STATE).exists():
        _state(folder)  # One of another layout is left alone.


def _no_store(folder: Path) -> UnreadableError:
    hint = Hint.BUILD_STORE
    if not folder.exists():
        return UnreadableError("no such store", path=folder, hint=hint)
    if folder.is_dir() and (_versions(folder) or (folder / _BUILD_LOCK).exists()):
        return UnreadableError("no build of this store was ever finished", path=folder, hint=hint)
    return UnreadableError("not an evgraph store", path=folder, hint=Hint.LEAVE_OUT_STORE)


def _damaged(folder: Path, message: str) -> UnreadableError:
    return UnreadableError(
        f"this store is damaged: {message}", path=folder, hint="remove the directory and build it again"
    )
