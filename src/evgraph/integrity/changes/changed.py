"""What has changed: between a revision of git and the files as they are, or in files as a whole.

https://git-scm.com/docs
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.errors import UnreadableError, UsageError
from evgraph.integrity.changes.affected import Changes
from evgraph.store.files import find
from evgraph.store.revision import Revision

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evgraph.store.files import DataFile
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
    then = Revision(revision, path, _WAY_OUT)
    blobs, changed = then.blobs(), then.changed()
    now = {Path(file.path).resolve().relative_to(then.root).as_posix(): file for file in _found(path, blobs)}
    old = [then.file(name, blob) for name, blob in sorted(blobs.items()) if name in changed or name not in now]
    return old, [file for name, file in sorted(now.items()) if name in changed or name not in blobs]


def _found(path: Path, before: Iterable[str]) -> list[DataFile]:
    """Find the files that are there; that there are none any more is no error here."""
    try:
        return find([path])
    except UnreadableError:
        if not before:
            raise
        return []


def _triples(files: Iterable[DataFile]) -> frozenset[Triple]:
    found: set[Triple] = set()
    for file in files:
        for quad in file.parsed():
            if not isinstance(quad.subject, ox.Triple):  # Told when it is judged.
                found.add((quad.subject, quad.predicate, quad.object))
    return frozenset(found)
