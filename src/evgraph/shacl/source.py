"""What a validation must know about data, whether it was loaded from files or lies in a store that only answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection

    from evgraph.store.protocol import Store, Term


class Source(Protocol):
    """Data that is judged: a store, and what its queries cannot say."""

    @property
    def store(self) -> Store:
        """All of the data."""
        ...

    @property
    def written(self) -> Collection[str]:
        """The datatypes of literals that stand in the store under another; see `lexical`."""
        ...

    @property
    def elsewhere(self) -> Collection[Term]:
        """The nodes that only what stands beside any data describes; they are not the user's to mend."""
        ...

    def subclasses(self, cls: str) -> list[str]:
        """Give a class and all that are below it, sorted."""
        ...

    def apart(self, kind: str, value: Term) -> set[Term]:
        """Give the nodes of a target that are not the user's; see `graph_patterns.pattern` for the arguments."""
        ...

    def forget_forms(self) -> None:
        """Give the store the literals as queries that others wrote expect them."""
        ...

    def as_written(self, subject: Term, predicate: Term | None, value: Term) -> Term:
        """Give a value that a query found as it was written, as far as that is known."""
        ...
