"""RDF files as they were at a revision of git.

https://git-scm.com/docs/gitrevisions
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from evgraph.errors import Hint, UsageError
from evgraph.formats import FORMATS
from evgraph.rdf.files import DataFile

_GRAPH = "urn:evgraph:old"


class Revision:
    """A revision of the work tree that a path is in.

    Args:
        name: as git names it: ``HEAD``, ``main``, ``v1.2``, a hash.
        path: an RDF file, or a folder of them; it need not be there any more.
        hint: what to do where git cannot help.

    Attributes:
        root: the top of the work tree.

    Raises:
        UsageError: git is missing, the path is in no work tree, or there is no such revision.

    """

    def __init__(self, name: str, path: Path, hint: str | Hint) -> None:
        self._name, self._hint = name, hint
        place = path.resolve()
        folder = place if place.is_dir() else _existing(place.parent)
        self.root = Path(self._git(folder, "rev-parse", "--show-toplevel").decode().strip()).resolve()
        self._commit = self._found()
        self._inside = place.relative_to(self.root).as_posix()

    def blobs(self) -> dict[str, str]:
        """Find the RDF files below the path: name below `root` → hash of what the file held."""
        listed = self._git(self.root, "ls-tree", "-r", "-z", "--full-tree", self._commit, "--", self._inside).decode()
        parted = (line.partition("\t") for line in listed.split("\0") if line)
        return {name: about.split()[2] for about, _, name in parted if Path(name).suffix.lower() in FORMATS.suffixes}

    def changed(self) -> set[str]:
        """Find the files below the path that are not what they were then; those that git does not know are left out."""
        words = ("diff", "--name-only", "-z", "--no-renames", self._commit, "--", self._inside)
        return set(self._git(self.root, *words).decode().split("\0"))

    def file(self, name: str, blob: str) -> DataFile:
        """Give a file as it was."""
        body = self._git(self.root, "cat-file", "blob", blob).removeprefix(b"\xef\xbb\xbf")
        return DataFile(f"{self._name}:{name}", FORMATS.suffixes[Path(name).suffix.lower()], _GRAPH, body)

    def _found(self) -> str:
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{self._name}^{{commit}}")
        try:
            return self._git(self.root, *words).decode().strip()
        except UsageError:
            raise UsageError(
                f"git knows no revision '{self._name}'",
                hint=f"'git -C {self.root} log' lists them",
            ) from None

    def _git(self, folder: Path, *words: str) -> bytes:
        try:
            done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, check=False)  # noqa: S603, S607
        except FileNotFoundError:
            raise UsageError("git is not installed, and a revision asks for it", hint=self._hint) from None
        if done.returncode:
            said = done.stderr.decode(errors="replace")
            if "not a git repository" in said:
                raise UsageError(f"{folder} is in no work tree of git", hint=self._hint)
            reason = next(iter(said.strip().splitlines()), "it gives no reason")
            raise UsageError(f"git {words[0]} failed: {reason}", hint=self._hint)
        return done.stdout


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder
