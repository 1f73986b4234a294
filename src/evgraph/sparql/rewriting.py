"""SPARQL text made from other SPARQL text: terms put in the place of variables, prefixes declared, rows counted."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from evgraph.namespaces import PREFIXES
from evgraph.sparql.tokens import Token, closing, scan, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SEAM = "\0"

Terms: TypeAlias = "dict[str, tuple[str, ...]]"
"""Variable without its question mark → the terms for it, each serialised for SPARQL."""


def bind(query: str, terms: Terms) -> str:
    """Put terms in the place of variables.

    One term replaces each token of the variable. Several become a ``VALUES`` at the head of every WHERE clause that
    uses the variable, so that a query which is right with the variable free stays right.

    Raises:
        ValueError: a variable has several terms and is in no WHERE clause; its name is the argument.

    """
    if _SEAM in query:  # The engine will refuse it.
        return "".join(text for _, text in replacements(tokens(query), terms))
    texts = {(name, len(values) > 1): " ".join(values) for name, values in terms.items() if values}
    if not texts:
        return query
    pieces = list(_cut(query, tuple(texts)))
    pieces[1::2] = [texts[name.rstrip(), name.endswith(" ")] for name in pieces[1::2]]
    return "".join(pieces)


@lru_cache(maxsize=256)
def _cut(query: str, names: tuple[tuple[str, bool], ...]) -> tuple[str, ...]:
    """Cut a query at its parameters, each given with whether it has several terms: text, name, text … text.

    A name with a space behind it is where several terms belong.
    """
    stand_ins: Terms = {
        name: (f"{_SEAM}{name}", _SEAM) if several else (f"{_SEAM}{name}{_SEAM}",) for name, several in names
    }
    return tuple("".join(text for _, text in replacements(tokens(query), stand_ins)).split(_SEAM))


def replacements(query: Sequence[Token], terms: Terms) -> Iterator[tuple[Token, str]]:
    """Pair each token with the text that replaces it, as `bind` does."""
    several = {name for name, values in terms.items() if len(values) > 1}
    heads = _where_heads(query, several) if several else {}
    for name in several.difference(*heads.values()):
        raise ValueError(name)
    for place, token in enumerate(query):
        values = terms.get(token.text[1:], ()) if token.kind == "var" else ()
        text = values[0] if len(values) == 1 else token.text
        if place in heads:
            text += "".join(f" VALUES ?{name} {{ {' '.join(terms[name])} }}" for name in sorted(heads[place]))
        yield token, text


def _where_heads(query: Sequence[Token], names: set[str]) -> dict[int, set[str]]:
    """Find the ``{`` of each SELECT's WHERE clause, with those variables that the clause itself uses."""
    heads: dict[int, set[str]] = {}
    clauses: list[int | None] = []  # For each open brace, the WHERE clause that it belongs to.
    awaited: list[int] = []  # SELECTs whose WHERE is to come, by how many parentheses are open: EXISTS {…} is none.
    parentheses = 0
    for place, token in enumerate(query):
        word = token.keyword if token.kind == "word" else ""
        if word in {"SELECT", "ASK"} or (word == "WHERE" and awaited[-1:] != [parentheses]):
            awaited.append(parentheses)
        elif token.kind == "var" and token.text[1:] in names and clauses and clauses[-1] is not None:
            heads.setdefault(clauses[-1], set()).add(token.text[1:])
        elif token.kind == "other" and token.text in "()":
            parentheses += 1 if token.text == "(" else -1
        elif token.kind == "other" and token.text == "{":
            is_head = awaited[-1:] == [parentheses]
            if is_head:
                awaited.pop()
            clauses.append(place if is_head else clauses[-1] if clauses else None)
        elif token.kind == "other" and token.text == "}" and clauses:
            clauses.pop()
    return heads


def with_prefixes(sparql: str) -> str:
    """Declare those of evgraph's prefixes that a query or an update may use, so that lines keep their numbers.

    What the text declares itself comes later and wins. A leading BASE stays first, because Virtuoso wants it there.
    """
    used = " ".join(f"PREFIX {name}: <{iri}>" for name, iri in PREFIXES.items() if f"{name}:" in sparql)
    start = length = 0
    after_base = False
    for token in scan(sparql):
        length += len(token.text)
        if token.kind in {"space", "comment"}:
            continue
        if after_base and token.kind == "iri":
            start = length
        if after_base or token.keyword != "BASE":
            break
        after_base = True
    return f"{sparql[:start]} {used} {sparql[start:]}" if used else sparql


def row_per_solution(construct: str) -> str:
    """Return the SELECT that has as many rows as a CONSTRUCT has solutions."""
    query = tokens(construct)
    start = next(place for place, token in enumerate(query) if token.keyword == "CONSTRUCT")
    rest = next(place for place, token in enumerate(query) if place > start and token.kind not in {"space", "comment"})
    if query[rest].text == "{":  # A template; CONSTRUCT WHERE has none.
        rest = closing(query, rest) + 1
    before, after = ("".join(token.text for token in part) for part in (query[:start], query[rest:]))
    return f"{before}SELECT (1 AS ?solution) {after}"


def count_of_rows(select: str) -> str:
    """Return the SELECT that counts the rows of another, as ``?evgrows``."""
    prologue, query = split_prologue(select)
    return f"{prologue}SELECT (COUNT(*) AS ?evgrows) WHERE {{ {{ {query}\n}} }}"  # The query may end in a comment.


def split_prologue(select: str) -> tuple[str, str]:
    """Return the declarations of a SELECT, and the rest."""
    query = tokens(select)
    start = next(place for place, token in enumerate(query) if token.keyword == "SELECT")
    return "".join(token.text for token in query[:start]), "".join(token.text for token in query[start:])
