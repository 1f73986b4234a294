"""RDF files at a revision of git.

https://git-scm.com/docs/gitrevisions
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from evgraph.errors import Hint, UsageError
from evgraph.formats import FORMATS
from evgraph.rdf.files import DataFile

_GRAPH = "urn:evgraph:old"
_FILES = {"100644", "100755"}  # The modes of files; git has others for symbolic links and submodules.


class Revision:
    """A revision of the git work tree that a path is in.

    Args:
        name: as git names it: ``HEAD``, ``main``, ``v1.2``, a hash.
        path: an RDF file, or a folder of them; it may be gone by now.
        hint: what to do if git fails.

    Attributes:
        root: the top folder of the work tree.

    Raises:
        UsageError: git is missing, the path is in no work tree, or there is no such revision.

    """

    def __init__(self, name: str, path: Path, hint: str | Hint) -> None:
        self._name, self._hint = name, hint
        path = path.resolve()
        folder = path if path.is_dir() else next(parent for parent in path.parents if parent.exists())
        self.root = Path(self._git(folder, "rev-parse", "--show-toplevel").decode().strip()).resolve()
        self._commit = self._resolve()
        self._path = path.relative_to(self.root).as_posix()

    def blobs(self) -> dict[str, str]:
        """Return the RDF files below the path: name below `root` → hash of the content."""
        return {name: blob for name, blob in self._listed().items() if Path(name).suffix.lower() in FORMATS.suffixes}

    def files(self) -> list[tuple[DataFile | None, Path]]:
        """Read the files below the path with their content at the revision, sorted by name.

        Returns:
            Each file, None where it is no RDF, and its path relative to that of this revision.

        """
        listed = sorted(self._listed().items())
        rdf = {name: blob for name, blob in listed if Path(name).suffix.lower() in FORMATS.suffixes}
        # https://git-scm.com/docs/git-cat-file#_batch_output
        output = self._git(self.root, "cat-file", "--batch", stdin="\n".join(rdf.values()).encode()) if rdf else b""
        files: dict[str, DataFile] = {}
        start = 0
        for name in rdf:
            body = output.index(b"\n", start) + 1
            head = output[start : body - 1]
            if head.endswith(b" missing"):
                raise UsageError(f"git has no content of {name} at {self._name}", hint="fetch the whole history")
            end = body + int(head.split()[2])
            files[name], start = self._file(name, output[body:end]), end + 1
        inside = Path(self._path)
        return [(files.get(name), Path(name).relative_to(inside)) for name, _ in listed]

    def _listed(self) -> dict[str, str]:
        listed = self._git(self.root, "ls-tree", "-r", "-z", "--full-tree", self._commit, "--", self._path).decode()
        parted = (line.partition("\t") for line in listed.split("\0") if line)
        return {name: hash_ for about, _, name in parted for mode, _, hash_ in [about.split()] if mode in _FILES}

    def changed(self) -> set[str]:
        """Return the files below the path that git tracks and that have changed since."""
        words = ("diff", "--name-only", "-z", "--no-renames", self._commit, "--", self._path)
        return set(self._git(self.root, *words).decode().split("\0"))

    def file(self, name: str, blob: str) -> DataFile:
        """Return a file with its content at the revision."""
        return self._file(name, self._git(self.root, "cat-file", "blob", blob))

    def _file(self, name: str, content: bytes) -> DataFile:
        body = content.removeprefix(b"\xef\xbb\xbf")
        return DataFile(f"{self._name}:{name}", FORMATS.suffixes[Path(name).suffix.lower()], _GRAPH, body)

    def _resolve(self) -> str:
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{self._name}^{{commit}}")
        try:
            return self._git(self.root, *words).decode().strip()
        except UsageError:
            raise UsageError(
                f"git has no revision '{self._name}'", hint=f"'git -C {self.root} log' lists them"
            ) from None

    def _git(self, folder: Path, *words: str, stdin: bytes = b"") -> bytes:
        command = ["git", "-C", str(folder), *words]
        try:
            done = subprocess.run(command, input=stdin, capture_output=True, check=False)  # noqa: S603
        except FileNotFoundError:
            raise UsageError("git is not installed, and a revision needs it", hint=self._hint) from None
        if done.returncode:
            message = done.stderr.decode(errors="replace")
            if "not a git repository" in message:
                raise UsageError(f"{folder} is in no work tree of git", hint=self._hint)
            reason = next(iter(message.strip().splitlines()), "it gives no reason")
            raise UsageError(f"git {words[0]} failed: {reason}", hint=self._hint)
        return done.stdout
