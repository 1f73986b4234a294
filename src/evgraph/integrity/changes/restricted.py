"""Queries asked about some nodes only: they are bound at every place that can make the engine's work less."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.integrity.judging.asking import batches, values
from evgraph.query.tokens import Token, columns, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evgraph.store.protocol import Term


def restricted_to(query: str, variable: str, terms: Iterable[Term]) -> Iterator[str]:
    """Write a SELECT for some values of a variable only, so many at a time; blank nodes cannot be asked about.

    Args:
        query: legal SPARQL.
        variable: one of its columns, without the question mark, that stands in each solution as its patterns bind it.
        terms: the values.

    """
    parts = tokens(query)
    heads = _heads(parts, variable)
    for some in batches(terms):
        clause = f" {values(variable, some)} "
        yield "".join(token.text + (clause if place in heads else "") for place, token in enumerate(parts))


def _heads(parts: Sequence[Token], variable: str) -> set[int]:
    """Find the braces behind which the variable can be bound: of the WHERE clause, and of each group that speaks of it.

    Groups that see what is bound outside are left as they are, and so are subqueries that do not hand the variable out.
    """
    heads: set[int] = set()
    of_selects: set[int] = set()
    opened: list[int | None] = []  # For each open brace its place, None where nothing may be bound.
    before = ""
    select: bool | None = None  # Whether the SELECT that awaits its WHERE clause hands the variable out.
    for place, token in enumerate(parts):
        word = token.text.upper()
        if token.kind in {"space", "comment"}:
            continue
        if token.kind == "word" and word == "SELECT":
            if opened and opened[-1] is not None:
                of_selects.add(opened[-1])
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
    return heads - of_selects


def _hands_out(parts: Sequence[Token], variable: str) -> bool:
    """Whether a subquery gives a variable as its patterns bind it, and counts, if so, for each of its values."""
    depth = 0
    keys: set[str] | None = None
    for token in parts:
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        word = token.text.upper() if token.kind == "word" else ""
        if depth < 0:
            break
        if word in {"LIMIT", "OFFSET"}:
            return False
        if word == "GROUP":
            keys = set()
        elif word in {"HAVING", "ORDER"} and depth == 0:
            break
        elif token.kind == "var" and keys is not None:
            keys.add(token.text[1:])
    handed_out = {token.text[1:] for token in columns(parts) or ()}
    return variable in (handed_out if keys is None else handed_out & keys)
