"""The canned questions as a mapping that displays itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from evgraph.errors import UsageError
from evgraph.python.hints import in_python
from evgraph.python.values import in_html
from evgraph.query import question as canned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.query.catalogue import Catalogue

_Default = TypeVar("_Default")


class Question(canned.Question):
    """A question that displays its summary, parameters and columns.

    >>> evgraph.open().questions["cell-contents"]
    cell-contents: What a cell lists, in the order of its page
    ...
    """

    __slots__ = ()

    def __repr__(self) -> str:
        lines = [f"{self.name}: {self.summary}", *self.description.splitlines()]
        for parameter in self.parameters.values():
            optional = "" if parameter.required else " (optional)"
            lines.append(f"  {parameter.name}: {parameter.description}{optional}; such as {parameter.example}")
        lines += [f"  -> {name}: {text}" for name, text in self.columns.items()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return in_html("question", self)


class Questions(Mapping[str, Question]):
    """The questions of a graph: name → `Question`."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @in_python()
    def __getitem__(self, name: str) -> Question:
        """Return a question, or raise a `UsageError` that names the nearest."""
        if not isinstance(name, str):
            raise UsageError(f"the name of a question is a str, not {type(name).__name__}", hint="questions lists them")
        return Question._make(self._catalogue[name])

    def get(self, name: str, default: _Default | None = None) -> Question | _Default | None:  # type: ignore[override]
        """Return a question, or the default if there is no question with this name."""
        if name not in self:
            return default
        return self[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._catalogue.paths)

    def __len__(self) -> int:
        return len(self._catalogue.paths)

    def __contains__(self, name: object) -> bool:
        return name in self._catalogue.paths

    def __repr__(self) -> str:
        width = max(map(len, self), default=0)
        return "\n".join(f"{name:{width}}  {question.summary}" for name, question in self.items())

    def _repr_html_(self) -> str:
        return in_html("questions", self.values())
