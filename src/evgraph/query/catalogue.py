"""The canned questions: one ``.rq`` file each, found by name and read when it is asked for."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from evgraph import shipped_files
from evgraph.errors import Hint, UnreadableError
from evgraph.query import head as heads
from evgraph.query.reading import read
from evgraph.text import unknown_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from evgraph.query.question import Question

CHECKS = "checks"
"""The folder whose queries are no questions but checks: see `evgraph.validation.checks`."""
TABLES = "tables"
"""The shipped folder whose queries are no questions but tables: see `evgraph.export.tables`."""


class Catalogue:
    """The questions in some folders.

    Args:
        folders: each has files ``GROUP/NAME.rq`` or ``NAME.rq``; the default is the shipped questions.

    """

    def __init__(self, folders: Iterable[str | Path] = ()) -> None:
        self._folders = [Path(folder) for folder in folders] or [shipped_files.queries()]

    @classmethod
    def with_own(cls, folders: Iterable[str | Path]) -> Catalogue:
        """Return the shipped questions and those of a user's own folders."""
        return cls([shipped_files.queries(), *folders])

    @cached_property
    def paths(self) -> Mapping[str, Path]:
        """Name → file, sorted by name.

        Raises:
            UnreadableError: a folder is missing or has no question, or two questions have one name.

        """
        paths: dict[str, Path] = {}
        for folder in self._folders:
            if not folder.is_dir():
                raise UnreadableError("no such folder of questions", path=folder, hint="check the name")
            files = sorted([*folder.glob("*.rq"), *folder.glob("*/*.rq")])
            if not files:
                raise UnreadableError(
                    "no question in this folder", path=folder, hint="a question is a file NAME.rq, or GROUP/NAME.rq"
                )
            for path in files:
                if path.parent.name == CHECKS or path.parent == shipped_files.queries() / TABLES:
                    continue
                if paths.get(path.stem) == path:
                    continue
                if path.stem in paths:
                    raise UnreadableError(
                        f"a second question called '{path.stem}'",
                        path=path,
                        line=1,
                        hint=f"the first is {paths[path.stem]}: rename one",
                    )
                paths[path.stem] = path
        return dict(sorted(paths.items()))

    def __getitem__(self, name: str) -> Question:
        """Read a question.

        Raises:
            UsageError: there is none of that name; the error has the nearest.
            UnreadableError: its file is malformed.

        """
        if name not in self.paths:
            raise unknown_name(f"there is no question '{name}'", name, self.paths, Hint.LIST_QUESTIONS)
        return _with_tags(read(self.paths[name]))

    def __iter__(self) -> Iterator[Question]:
        """Read all questions, by name."""
        return (self[name] for name in self.paths)

    def by_tag(self) -> dict[str, list[Question]]:
        """Group the questions by their first tag, tags and names sorted. Only the heads are read."""
        groups: dict[str, list[Question]] = {}
        for path in self.paths.values():
            question = _with_tags(read(path, whole=False))
            groups.setdefault(question.tags[0], []).append(question)
        return dict(sorted(groups.items()))


def _with_tags(question: Question) -> Question:
    if not question.tags:
        raise heads.refused("a question of the catalogue needs tags", question.path, 1)
    return question
