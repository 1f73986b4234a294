"""The canned questions: one ``.rq`` file each, in a folder a group, found by name and read when asked for."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from evgraph import shipped_files
from evgraph.errors import Hint, UnreadableError, UsageError
from evgraph.query import head as heads
from evgraph.query.question import Question, read, read_head
from evgraph.query.suggest import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


CHECKS = "checks"
"""The folder whose queries are no questions but checks: see `evgraph.validation.checks`."""


class Catalogue:
    """The questions in some folders; a file is read when its question is asked for.

    Args:
        folders: each holds ``GROUP/NAME.rq``, or ``NAME.rq`` at once; without any, the questions that evgraph brings
            along.

    """

    def __init__(self, folders: Iterable[str | Path] = ()) -> None:
        self._folders = [Path(folder) for folder in folders] or [shipped_files.queries()]

    @classmethod
    def with_own(cls, folders: Iterable[str | Path]) -> Catalogue:
        """Give the questions that evgraph brings along, and people's own beside them."""
        return cls([shipped_files.queries(), *folders])

    @cached_property
    def paths(self) -> Mapping[str, Path]:
        """Name → file, sorted by name.

        Raises:
            UnreadableError: a folder is missing, or a name stands twice.

        """
        found: dict[str, Path] = {}
        for folder in self._folders:
            if not folder.is_dir():
                raise UnreadableError("no such folder of questions", path=folder, hint="check the name")
            inside = sorted([*folder.glob("*.rq"), *folder.glob("*/*.rq")])
            if not inside:
                raise UnreadableError(
                    "no question in this folder", path=folder, hint="a question is a file NAME.rq, or GROUP/NAME.rq"
                )
            for path in inside:
                if path.parent.name == CHECKS or found.get(path.stem) == path:
                    continue
                if path.stem in found:
                    raise UnreadableError(
                        f"a second question called '{path.stem}'",
                        path=path,
                        line=1,
                        hint=f"the first is {found[path.stem]}: rename one",
                    )
                found[path.stem] = path
        return dict(sorted(found.items()))

    def __getitem__(self, name: str) -> Question:
        """Read a question.

        Raises:
            UsageError: there is none of that name; the nearest is named.
            UnreadableError: its file is malformed.

        """
        if name not in self.paths:
            raise UsageError(
                f"there is no question '{name}'{did_you_mean(name, self.paths)}",
                value=name,
                expected=tuple(self.paths),
                nearest=next(iter(nearest(name, self.paths)), None),
                hint=Hint.LIST_QUESTIONS,
            )
        return _tagged(read(self.paths[name]))

    def __iter__(self) -> Iterator[Question]:
        """Read all questions, by name."""
        return (self[name] for name in self.paths)

    def by_tag(self) -> dict[str, list[Question]]:
        """Group the questions by their first tag; tags and names are sorted. Only their heads are looked at."""
        groups: dict[str, list[Question]] = {}
        for path in self.paths.values():
            question = _tagged(read_head(path))
            groups.setdefault(question.tags[0], []).append(question)
        return dict(sorted(groups.items()))


def _tagged(question: Question) -> Question:
    if not question.tags:
        raise heads.refused("a question of the catalogue has tags", question.path, 1)
    return question
