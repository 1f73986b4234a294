"""RDF files at a revision of git.

https://git-scm.com/docs/gitrevisions
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from evgraph.errors import Hint, UsageError
from evgraph.formats import FORMATS
from evgraph.rdf.files import DataFile
from evgraph.text import shown

_GRAPH = "urn:evgraph:old"
_FILES = {"100644", "100755"}  # The modes of files; git has others for symbolic links and submodules.


def files_at(revision: str, path: Path, hint: str | Hint) -> list[tuple[DataFile | None, Path]]:
    """Read the files below a path of a git work tree as they were at a revision, sorted by name.

    Args:
        revision: as git names it: ``HEAD``, ``main``, ``v1.2``, a hash.
        path: a file, or a folder of them; it may be gone by now.
        hint: what to do if git fails.

    Returns:
        Each file, None where it is no RDF, and its path relative to ``path``.

    Raises:
        UsageError: git is missing, the path is in no work tree, or there is no such revision.

    """
    path = path.resolve()
    folder = path if path.is_dir() else next(parent for parent in path.parents if parent.exists())
    root = Path(_git(folder, "rev-parse", "--show-toplevel", hint=hint).decode().strip()).resolve()
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    try:
        commit = _git(root, *words, hint=hint).decode().strip()
    except UsageError:
        raise UsageError(f"git has no revision '{shown(revision)}'", hint=f"'git -C {root} log' lists them") from None
    below = path.relative_to(root)
    listing = _git(root, "ls-tree", "-r", "-z", "--full-tree", commit, "--", below.as_posix(), hint=hint).decode()
    hashes = {}
    for line in listing.split("\0")[:-1]:
        about, _, name = line.partition("\t")
        mode, _, hash_ = about.split()
        if mode in _FILES:
            hashes[name] = hash_
    rdf = [name for name in sorted(hashes) if Path(name).suffix.lower() in FORMATS.suffixes]
    # https://git-scm.com/docs/git-cat-file#_batch_output
    wanted = "\n".join(hashes[name] for name in rdf).encode()
    output = _git(root, "cat-file", "--batch", hint=hint, stdin=wanted) if rdf else b""
    files: dict[str, DataFile] = {}
    start = 0
    for name in rdf:
        body = output.index(b"\n", start) + 1
        head = output[start : body - 1]
        if head.endswith(b" missing"):
            raise UsageError(f"git has no content of {name} at {revision}", hint="fetch the whole history")
        end = body + int(head.split()[2])
        content, start = output[body:end].removeprefix(b"\xef\xbb\xbf"), end + 1
        files[name] = DataFile(f"{revision}:{name}", FORMATS.suffixes[Path(name).suffix.lower()], _GRAPH, content)
    return [(files.get(name), Path(name).relative_to(below)) for name in sorted(hashes)]


def _git(folder: Path, *words: str, hint: str | Hint, stdin: bytes = b"") -> bytes:
    command = ["git", "-C", str(folder), *words]
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, check=False)  # noqa: S603
    except FileNotFoundError:
        raise UsageError("git is not installed, and a revision needs it", hint=hint) from None
    except OSError as error:  # Such as words that are too long.
        raise UsageError(f"git cannot be run: {error.strerror}", hint=hint) from None
    if done.returncode:
        message = done.stderr.decode(errors="replace")
        if "not a git repository" in message:
            raise UsageError(f"{folder} is in no work tree of git", hint=hint)
        reason = next(iter(message.strip().splitlines()), "it gives no reason")
        raise UsageError(f"git {words[0]} failed: {reason}", hint=hint)
    return done.stdout
