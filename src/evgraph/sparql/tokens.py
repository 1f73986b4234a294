"""SPARQL cut into tokens: enough to find parameters, columns and forbidden words without mistaking text for them.

The terminals are those of https://www.w3.org/TR/sparql11-query/#sparqlGrammar. What is legal is the engine's business.
"""

from __future__ import annotations

import itertools
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Every letter beyond ASCII counts as one that may stand in a name. That is a little more than PN_CHARS has; what it
# adds may stand nowhere outside strings, IRIs and comments. (The exact ranges would take 30 ms to compile.)
_LETTER = r"[^\x00-\x40\x5b-\x5e\x60\x7b-\x7f]"
_LETTER_DIGIT = r"[^\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]"
_LETTER_DIGIT_DASH = r"[^\x00-\x2c\x2e\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]"
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_LOCAL = rf"(?:{_LETTER_DIGIT}|:|{_ESCAPED})"
_LOCAL_MORE = rf"(?:{_LETTER_DIGIT_DASH}|:|{_ESCAPED})"

_TOKEN = rf"""
      (?P<space>  [ \t\r\n]+ )
    | (?P<comment> \#[^\r\n]* )
    | (?P<iri>    <(?:[^\x00-\x20<>"{{}}|^`\\]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*> )
    | (?P<string> \"\"\"(?:(?:"|"")?(?:[^"\\]|\\.))*\"\"\" | '''(?:(?:'|'')?(?:[^'\\]|\\.))*'''
                | "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*' )
    | (?P<var>    [?$]{_LETTER_DIGIT}+ )
    | (?P<name>   (?:{_LETTER}(?:(?:{_LETTER_DIGIT_DASH}|\.)*{_LETTER_DIGIT_DASH})?)?:
                  (?:{_LOCAL}(?:(?:{_LOCAL_MORE}|\.)*{_LOCAL_MORE})?)? )
    | (?P<lang>   @[A-Za-z]+(?:-[A-Za-z0-9]+)* )
    | (?P<word>   [A-Za-z_][A-Za-z0-9_]* )
    | (?P<other>  . )
    """

_SEAM = "\0"

Terms: TypeAlias = "dict[str, tuple[str, ...]]"
"""Variable without its question mark → the terms for it, each serialised for SPARQL."""


class Token(NamedTuple):
    """One token.

    Attributes:
        kind: ``iri``, ``string``, ``var``, ``name`` (a prefixed name), ``lang``, ``word`` (a keyword, a
            function, ``a``), ``other`` (one character), ``space`` or ``comment``.
        text: as it stands in the query.
        line: where it starts, counted from 1.

    """

    kind: str
    text: str
    line: int


@lru_cache(maxsize=64)  # A question is asked again and again, and each time its text is the same.
def tokens(sparql: str) -> tuple[Token, ...]:
    """Cut a query into tokens; together their texts are the query."""
    found: list[Token] = []
    line = 1
    for match in re.finditer(_TOKEN, sparql, re.VERBOSE | re.DOTALL):  # Compiled, once, when a query is looked at.
        text = match[0]
        found.append(Token(match.lastgroup or "other", text, line))
        line += text.count("\n")
    return tuple(found)


def words(query: Sequence[Token]) -> Iterator[Token]:
    """Iterate over the keywords (and other bare words), in upper case."""
    return (Token("word", token.text.upper(), token.line) for token in query if token.kind == "word")


def declared(query: Sequence[Token]) -> set[str]:
    """Give the prefixes that a query declares."""
    said = [token for token in query if token.kind not in {"space", "comment"}]
    return {
        name.text.partition(":")[0]
        for word, name in itertools.pairwise(said)
        if word.kind == "word" and word.text.upper() == "PREFIX" and name.kind == "name"
    }


def form(query: Sequence[Token]) -> str | None:
    """Say what a query is: ``SELECT``, ``CONSTRUCT``, ``ASK``, ``DESCRIBE``, or None for anything else."""
    for word in words(query):
        if word.text not in {"PREFIX", "BASE", "VERSION"}:
            return word.text if word.text in {"SELECT", "CONSTRUCT", "ASK", "DESCRIBE"} else None
    return None


def columns(query: Sequence[Token]) -> list[Token] | None:
    """Give the variables that a SELECT hands out, in order; None for ``SELECT *`` and for what is no SELECT."""
    found: list[Token] = []
    depth, after_as, inside = 0, False, False
    for token in query:
        if token.kind in {"space", "comment"}:
            continue
        if not inside:
            inside = token.kind == "word" and token.text.upper() == "SELECT"
            continue
        if depth == 0 and (token.text in "{*" or token.text.upper() in {"WHERE", "FROM"}):
            return None if token.text == "*" else found
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.kind == "var" and (depth == 0 or (depth == 1 and after_as)):
            found.append(token)
        after_as = token.kind == "word" and token.text.upper() == "AS"
    return None


def bind(query: str, terms: Terms) -> str:
    """Put terms in the place of variables.

    One term takes the place of the whole variable token. Several become a ``VALUES`` at the head of every WHERE clause
    that uses the variable, so that a query which is right with the variable free stays right.

    Args:
        query: the whole query.
        terms: variable without its question mark → terms, each already serialised for SPARQL.

    Raises:
        ValueError: a variable has several terms and stands in no WHERE clause; its name is the argument.

    """
    if _SEAM in query:  # Of somebody's own, who is told what is wrong with it by the engine.
        return "".join(text for _, text in parts(tokens(query), terms))
    texts = {(name, len(some) > 1): " ".join(some) for name, some in terms.items() if some}
    if not texts:
        return query
    pieces = list(_cut(query, tuple(texts)))
    pieces[1::2] = [texts[name.rstrip(), name.endswith(" ")] for name in pieces[1::2]]
    return "".join(pieces)


@lru_cache(maxsize=256)
def _cut(query: str, names: tuple[tuple[str, bool], ...]) -> tuple[str, ...]:
    """Cut a query at its parameters, which are named with whether several terms come: text, name, text … text.

    A name has a space behind it where several terms stand in its place.
    """
    stand_ins: Terms = {
        name: (f"{_SEAM}{name}", _SEAM) if several else (f"{_SEAM}{name}{_SEAM}",) for name, several in names
    }
    return tuple("".join(text for _, text in parts(tokens(query), stand_ins)).split(_SEAM))


def parts(query: Sequence[Token], terms: Terms) -> Iterator[tuple[Token, str]]:
    """Pair each token with the text that takes its place, as `bind` has it."""
    several = {name for name, some in terms.items() if len(some) > 1}
    heads = _where_heads(query, several) if several else {}
    for name in several.difference(*heads.values()):
        raise ValueError(name)
    for place, token in enumerate(query):
        some = terms.get(token.text[1:], ()) if token.kind == "var" else ()
        text = some[0] if len(some) == 1 else token.text
        if place in heads:
            text += "".join(f" VALUES ?{used} {{ {' '.join(terms[used])} }}" for used in sorted(heads[place]))
        yield token, text


def _where_heads(query: Sequence[Token], names: set[str]) -> dict[int, set[str]]:
    """Find the ``{`` of each SELECT's WHERE clause, with those variables that the clause itself uses."""
    heads: dict[int, set[str]] = {}
    clauses: list[int | None] = []  # For each open brace, the WHERE clause that it belongs to.
    awaited: list[int] = []  # SELECTs whose WHERE is to come, by how many parentheses are open: EXISTS {…} is none.
    parentheses = 0
    for place, token in enumerate(query):
        word = token.text.upper() if token.kind == "word" else ""
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
