"""What compiled shapes need to know about the data besides the answers to queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Set

    from evgraph.store.protocol import Store, Term


class Source(Protocol):
    """Data that is validated, in files or in a store."""

    @property
    def store(self) -> Store:
        """All of the data."""
        ...

    @property
    def marked_datatypes(self) -> Collection[str]:
        """The datatypes of literals that the store holds under another one; see `evgraph.rdf.lexical_forms`."""
        ...

    @property
    def background(self) -> Mapping[Term, Set[tuple[Term, Term]]]:
        """The nodes that are not the user's → their statements, as predicate and object; they get no findings."""
        ...

    def subclasses(self, cls: str) -> list[str]:
        """Return a class and all classes below it, sorted."""
        ...

    def unmark_literals(self) -> None:
        """Give the store all literals under their own datatypes."""
        ...

    def as_written(self, subject: Term, predicate: Term | None, value: Term) -> Term:
        """Return the value of a row as it is written in the data, as far as that is known."""
        ...
