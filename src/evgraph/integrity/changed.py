"""What has changed: between a revision of git and the files as they are, or in files as a whole.

https://git-scm.com/docs
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.errors import UnreadableError, UsageError
from evgraph.formats import BY_SUFFIX
from evgraph.integrity.affected import Changes
from evgraph.store.files import DataFile, find

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evgraph.store.protocol import Term

    Triple = tuple[Term, ox.NamedNode, Term]

_WAY_OUT = "name the changed files with --changed FILE instead"


def in_files(paths: Sequence[str | Path]) -> Changes:
    """Take all that files describe for changed.

    Args:
        paths: RDF files or folders of them.

    Raises:
        UnreadableError: one is missing or not well-formed.

    """
    for path in paths:
        if not Path(path).exists():
            raise UnreadableError(
                "no such file", path=path, way_out="what a deleted file said is seen by --since REV only"
            )
    triples = _triples(find(paths))
    return Changes(triples, frozenset(subject for subject, _, _ in triples))


def since(revision: str, paths: Sequence[str | Path]) -> Changes:
    """Compare files with what they were at a revision; what only moved from one to another has not changed.

    Args:
        revision: as git names it: ``HEAD``, ``main``, ``v1.2``, a hash.
        paths: RDF files and folders of them, each in a work tree of git.

    Raises:
        UsageError: git is missing, a path is in no work tree, or there is no such revision.
        UnreadableError: a file, or what it was, is not well-formed.

    """
    old: list[DataFile] = []
    new: list[DataFile] = []
    for path in paths:
        if str(path) == "-":
            raise UsageError("standard input has no revisions", way_out="name files and folders")
        before, now = _versions(revision, Path(path))
        old += before
        new += now
    return Changes(_triples(old) ^ _triples(new))


def _versions(revision: str, path: Path) -> tuple[list[DataFile], list[DataFile]]:
    """Give the files of a path that differ from a revision, as they were, and as they are."""
    place = path.resolve()
    folder = place if place.is_dir() else _existing(place.parent)
    root = Path(_git(folder, "rev-parse", "--show-toplevel").decode().strip())
    commit = _commit(root, revision)
    inside = place.relative_to(root.resolve()).as_posix()
    listed = _git(root, "ls-tree", "-r", "-z", "--full-tree", commit, "--", inside).decode().split("\0")
    blobs = {name: about.split()[2] for about, _, name in (line.partition("\t") for line in listed if line)}
    blobs = {name: blob for name, blob in blobs.items() if Path(name).suffix.lower() in BY_SUFFIX}
    changed = set(_git(root, "diff", "--name-only", "-z", "--no-renames", commit, "--", inside).decode().split("\0"))
    now = {Path(file.path).resolve().relative_to(root.resolve()).as_posix(): file for file in _found(path, blobs)}
    old = [
        _as_it_was(root, f"{revision}:{name}", blob)
        for name, blob in sorted(blobs.items())
        if name in changed or name not in now
    ]
    return old, [file for name, file in sorted(now.items()) if name in changed or name not in blobs]


def _found(path: Path, before: Iterable[str]) -> list[DataFile]:
    """Find the files that are there; that there are none any more is no error here."""
    try:
        return find([path])
    except UnreadableError:
        if not before:
            raise
        return []


def _as_it_was(root: Path, name: str, blob: str) -> DataFile:
    body = _git(root, "cat-file", "blob", blob).removeprefix(b"\xef\xbb\xbf")
    return DataFile(name, BY_SUFFIX[Path(name).suffix.lower()], "urn:evgraph:old", body)


def _commit(root: Path, revision: str) -> str:
    try:
        return (
            _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
            .decode()
            .strip()
        )
    except UsageError:
        raise UsageError(
            f"git knows no revision '{revision}'", way_out=f"'git -C {root} log' lists them; or {_WAY_OUT}"
        ) from None


def _git(folder: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, check=False)  # noqa: S603, S607
    except FileNotFoundError:
        raise UsageError("git is not installed, and --since asks it", way_out=_WAY_OUT) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        if "not a git repository" in done.stderr.decode(errors="replace"):
            raise UsageError(f"{folder} is in no work tree of git", way_out=_WAY_OUT)
        raise UsageError(f"git {words[0]} failed: {said[0] if said else 'it gives no reason'}", way_out=_WAY_OUT)
    return done.stdout


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder


def _triples(files: Iterable[DataFile]) -> frozenset[Triple]:
    found: set[Triple] = set()
    for file in files:
        for quad in file.parsed():
            if not isinstance(quad.subject, ox.Triple):  # Told when it is judged.
                found.add((quad.subject, quad.predicate, quad.object))
    return frozenset(found)
