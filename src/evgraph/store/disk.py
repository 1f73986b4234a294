"""Stores on disk, for graphs that are too big to load each time; a new build replaces the old one in one step.

A store is a directory::

    evgraph-store.json   names the current version; a build replaces it last
    v7/                  that version: Oxigraph's files, and the search index, once somebody has searched
    v7.lock              locked, shared, by everyone who reads it
    build.lock           locked by the process that builds

The graph of a current version is never written to, so readers and a build do not wait for each other. The locks are the
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
"""The version of the directory layout, in ``evgraph-store.json``."""

_LARGE = 2_000_000  # Bytes; starting to load smaller files in bulk takes longer than handing their quads over.
_STATE = "evgraph-store.json"
_BUILD_LOCK = "build.lock"
_VERSION = re.compile(r"v([1-9][0-9]{0,17})")


class Built(NamedTuple):
    """The size of a store: the numbers of its quads and of its graphs."""

    quads: int
    graphs: int


class _State(NamedTuple):
    version: str  # The current one.
    beside: tuple[str, ...]  # The graphs that are loaded beside the data.


class DiskStore(OxigraphStore):
    """A read-only `Store` on one version of a store on disk; a later build does not change it.

    `path` is the folder of the version, `beside` are the graphs of the ontology, the schemes and the matrices that are
    not part of the data. Raise UnreadableError if there is no store in the directory, or none that this evgraph reads.
    """

    def __init__(self, directory: str | Path) -> None:
        folder = Path(directory)
        state, lock = _claim(folder)
        weakref.finalize(self, os.close, lock)
        self.beside = state.beside
        self.path = folder / state.version
        try:
            super().__init__(ox.Store.read_only(str(self.path)))
        except (OSError, RuntimeError) as error:
            raise _damaged(folder, str(error).split("  ")[0]) from None


def build(directory: str | Path, files: Iterable[DataFile]) -> Built:
    """Build a store from files, with the ontology, the schemes and the matrices beside them; return its size.

    The directory is a store, an empty folder, or does not exist yet. Readers of the earlier version keep it; those who
    open the store afterwards see the new one. A build that fails or is killed leaves the current version unchanged.

    Raises:
        UnreadableError: a file is missing or not well-formed; the directory is not a store, cannot be written, or
            another process is building it.

    """
    import json

    folder = Path(directory)
    _check_folder(folder)
    data = list(files)
    paths = {file.path for file in data}
    beside = [file for file in always_loaded() if file.path not in paths]
    with _building(folder):
        _clean(folder)
        version = f"v{max((int(version[1:]) for version in _versions(folder)), default=0) + 1}"
        (folder / f"{version}.lock").touch()
        try:
            with report_all_broken(data):
                built = _load(folder / version, [*beside, *data])
            names = sorted({file.graph for file in beside} - {file.graph for file in data})
            content = {"layout": LAYOUT, "current": version, "beside": names}
            write_file(folder / _STATE, f"{json.dumps(content, indent=2)}\n".encode())
        finally:
            _clean(folder)
    return built


def _load(path: Path, files: Iterable[DataFile]) -> Built:
    try:
        store = ox.Store(str(path))
        small: list[DataFile] = []
        for file in files:
            size = os.stat(file.path).st_size if os.path.isfile(file.path) else 0  # noqa: PTH113, PTH116 - no pipes
            if file.format.quads or size < _LARGE:
                small.append(file)
                continue
            content, kind, graph = file.content(), file.format.rdf_format(), ox.NamedNode(file.graph)
            try:  # It gives blank nodes new labels, too.
                store.bulk_load(content, format=kind, base_iri=file.base, to_graph=graph)
            except SyntaxError as error:
                raise file.unreadable(error) from None
        store.bulk_extend(quad for file in small for quad in file.quads(rename_blank_nodes=True))
        store.optimize()
        store.flush()
    except (OSError, RuntimeError) as error:
        raise UnreadableError(f"cannot be written: {error}", path=path.parent) from None
    return Built(len(store), sum(1 for _ in store.named_graphs()))


def _state(folder: Path) -> _State:
    """Return the current version; raise an error for a folder that has none, or one of another layout."""
    import json

    try:
        state = json.loads((folder / _STATE).read_bytes())
        layout = state["layout"]
    except (FileNotFoundError, NotADirectoryError):
        raise _no_store(folder) from None
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror or error}", path=folder / _STATE) from None
    except (ValueError, KeyError, TypeError):
        raise _damaged(folder, f"{_STATE} was not written by evgraph") from None
    if layout != LAYOUT:
        age = "a newer" if isinstance(layout, int) and layout > LAYOUT else "another"
        raise UnreadableError(
            f"this store has {age} layout ({layout}; this evgraph reads {LAYOUT})",
            path=folder,
            hint="build it again in a new directory, or use the evgraph that built it",
        )
    version, beside = state.get("current"), state.get("beside")
    if not isinstance(version, str) or not _VERSION.fullmatch(version) or not isinstance(beside, list):
        raise _damaged(folder, f"{_STATE} was not written by evgraph")
    return _State(version, tuple(map(str, beside)))


def _claim(folder: Path) -> tuple[_State, int]:
    """Lock the current version, so that no build removes it; return the state and the lock."""
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
        state = now  # A build has replaced it just now.


def _clean(folder: Path) -> None:
    """Remove unfinished versions, and old ones that nobody reads; the caller holds the build lock."""
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
    """List the versions, finished or not, of which any file exists."""
    return sorted({name for path in folder.iterdir() if _VERSION.fullmatch(name := path.name.removesuffix(".lock"))})


@contextmanager
def _building(folder: Path) -> Iterator[None]:
    """Hold the build lock."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = _lock(folder / _BUILD_LOCK, os.O_RDWR | os.O_CREAT, shared=False)
    except OSError as error:
        raise UnreadableError(f"cannot be written: {error.strerror or error}", path=folder) from None
    if lock is None:
        raise UnreadableError(
            "another process is building this store", path=folder, hint="wait until it has finished, and try again"
        )
    try:
        yield
    finally:
        os.close(lock)


def _lock(path: Path, flags: int, *, shared: bool) -> int | None:
    """Lock a file and return its number; None if it does not exist, or another process holds the lock.

    A shared lock waits for a build that removes the version, an exclusive one does not wait.
    """
    try:
        import fcntl
    except ImportError:
        raise UnreadableError(
            "a store on disk needs file locks, which this system does not have", path=path.parent, hint=Hint.USE_FILES
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


def _check_folder(folder: Path) -> None:
    """Refuse to build among files that are not evgraph's own."""
    if folder.exists() and not folder.is_dir():
        raise UnreadableError("a file, not a directory for a store", path=folder, hint="choose another directory")
    ours = re.compile(rf"{_STATE}|\.{_STATE}\.[0-9a-f]*\.part|{_BUILD_LOCK}|{_VERSION.pattern}(\.lock)?")
    others = [path.name for path in folder.iterdir() if not ours.fullmatch(path.name)] if folder.exists() else []
    if others:
        raise UnreadableError(
            f"not an evgraph store: it contains {min(others)}", path=folder, hint="choose a new or an empty directory"
        )
    if (folder / _STATE).exists():
        _state(folder)  # Raises an error for a store with another layout.


def _no_store(folder: Path) -> UnreadableError:
    hint = Hint.BUILD_STORE
    if not folder.exists():
        return UnreadableError("no such store", path=folder, hint=hint)
    if folder.is_dir() and (_versions(folder) or (folder / _BUILD_LOCK).exists()):
        return UnreadableError("no build of this store has finished", path=folder, hint=hint)
    return UnreadableError("not an evgraph store", path=folder, hint=Hint.LEAVE_OUT_STORE)


def _damaged(folder: Path, message: str) -> UnreadableError:
    return UnreadableError(
        f"this store is damaged: {message}", path=folder, hint="remove the directory and build it again"
    )
