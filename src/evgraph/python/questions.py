"""The canned questions, as something to look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from evgraph.errors import UsageError
from evgraph.python import notebook
from evgraph.python.hints import in_python
from evgraph.query import question as canned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.query.catalogue import Catalogue

_Default = TypeVar("_Default")


class Question(canned.Question):
    """A question that shows itself: summary, parameters and columns.

    >>> evgraph.open().questions["cell-contents"]
    cell-contents: What a cell lists, in the order of its page
    ...
    """

    __slots__ = ()

    def __repr__(self) -> str:
        """Give what there is to know before asking it."""
        lines = [f"{self.name}: {self.summary}", *self.description.splitlines()]
        for one in self.parameters.values():
            optional = "" if one.required else " (may be left out)"
            lines.append(f"  {one.name}: {one.description}{optional}; such as {one.example}")
        lines += [f"  -> {name}: {text}" for name, text in self.columns.items()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return notebook.question(self)


class Questions(Mapping[str, Question]):
    """The questions that can be asked, by name.

    Args:
        catalogue: where they stand.

    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def __getitem__(self, name: str) -> Question:
        """Give a question.

        Raises:
            UsageError: there is none of that name; the nearest is named.

        """
        if not isinstance(name, str):
            raise UsageError(f"a question's name is a str, not {type(name).__name__}", hint="questions lists them")
        with in_python():
            return Question._make(self._catalogue[name])

    def get(self, name: str, default: _Default | None = None) -> Question | _Default | None:  # type: ignore[override]
        """Give a question, or something else where there is none of that name."""
        if name not in self:
            return default
        return self[name]

    def __iter__(self) -> Iterator[str]:
        """Go through their names, sorted."""
        return iter(self._catalogue.paths)

    def __len__(self) -> int:
        """Count them."""
        return len(self._catalogue.paths)

    def __contains__(self, name: object) -> bool:
        """Tell whether there is one of that name."""
        return name in self._catalogue.paths

    def __repr__(self) -> str:
        """List them with their summaries."""
        width = max(map(len, self), default=0)
        return "\n".join(f"{name:{width}}  {question.summary}" for name, question in self.items())

    def _repr_html_(self) -> str:
        return notebook.questions(self.values())
