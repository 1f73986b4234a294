"""Queries asked about some nodes only: they are bound at every place that can make the engine's work less."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.query.tokens import Token, columns, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence


class Restricted:
    """A SELECT that can be asked about some values of a variable only.

    Args:
        query: legal SPARQL.
        variable: one of its columns, without the question mark, that stands in each solution as it is.

    """

    def __init__(self, query: str, variable: str) -> None:
        parts = tokens(query)
        heads = _heads(parts, variable)
        self._parts = [""]
        for place, token in enumerate(parts):
            self._parts[-1] += token.text
            if place in heads:
                self._parts.append("")

    def to(self, values: str) -> str:
        """Write the query with a VALUES clause for its variable."""
        return f" {values} ".join(self._parts)


def _heads(parts: Sequence[Token], variable: str) -> set[int]:
    """Find the braces behind which the variable can be bound: of the WHERE clause, and of each group that speaks of it.

    Groups that see what is bound outside are left as they are, and so are subqueries that do not hand the variable out.
    """
    heads: set[int] = set()
    opened: list[int | None] = []  # For each open brace its place, None where nothing may be bound.
    before = ""
    select: bool | None = None  # Whether the SELECT that awaits its WHERE clause hands the variable out.
    for place, token in enumerate(parts):
        word = token.text.upper()
        if token.kind in {"space", "comment"}:
            continue
        if token.kind == "word" and word == "SELECT":
            if opened:
                heads.discard(opened[-1] if opened[-1] is not None else -1)
            select = not opened or _hands_out(parts[place:], variable)
        elif token.text == "{":
            closed = before in {"EXISTS", "OPTIONAL"} or select is False or (bool(opened) and opened[-1] is None)
            opened.append(None if closed else place)
            if len(opened) == 1:
                heads.add(place)
            select = None
        elif token.text == "}" and opened:
            opened.pop()
        elif token.kind == "var" and token.text[1:] == variable and opened and opened[-1] is not None:
            heads.add(opened[-1])
        before = word
    return heads


def _hands_out(parts: Sequence[Token], variable: str) -> bool:
    """Whether a subquery gives a variable as its patterns bind it, without counting."""
    depth = 0
    for token in parts:
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if depth < 0:
            break
        if token.kind == "word" and token.text.upper() in {"GROUP", "HAVING", "LIMIT", "OFFSET", "COUNT"}:
            return False
    return variable in {token.text[1:] for token in columns(parts) or ()}
