"""SPARQL cut into tokens: enough to find parameters, columns and forbidden words without mistaking strings for them.

The terminals are those of https://www.w3.org/TR/sparql11-query/#sparqlGrammar. Whether a query is legal, the engine
decides.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# Every letter beyond ASCII counts as one that may be in a name. That is a little more than PN_CHARS has; what it
# adds may be nowhere outside strings, IRIs and comments. (The exact ranges would take 30 ms to compile.)
_LETTER = r"[^\x00-\x40\x5b-\x5e\x60\x7b-\x7f]"
_LETTER_DIGIT = r"[^\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]"
_LETTER_DIGIT_DASH = r"[^\x00-\x2c\x2e\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]"
_LETTER_DIGIT_DASH_DOT = r"[^\x00-\x2c\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]"
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_LOCAL = rf"(?:{_LETTER_DIGIT}|:|{_ESCAPED})"
_LOCAL_MORE = rf"(?:{_LETTER_DIGIT_DASH}++|:|{_ESCAPED})"

# Each character is read a bounded number of times: no repetition is tried in another way (``*+``, ``(?>``), a string
# not end is one token, and a prefix is no longer than 256 characters.
_TOKEN = rf"""
      (?P<space>  [ \t\r\n]+ )
    | (?P<comment> \#[^\r\n]* )
    | (?P<iri>    <(?>(?:[^\x00-\x20<>"{{}}|^`\\]++|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*)> )
    | (?P<string> \"\"\".*?(?<!\\)(?:\\\\)*+\"\"\" | '''.*?(?<!\\)(?:\\\\)*+'''
                | (?!\"\"\")"(?:[^"\\\r\n]|\\.)*+" | (?!''')'(?:[^'\\\r\n]|\\.)*+' )
    | (?P<open>   (?:\"\"\"|''').* | "(?:[^"\\\r\n]|\\.)*+ | '(?:[^'\\\r\n]|\\.)*+ )
    | (?P<var>    [?$]{_LETTER_DIGIT}+ )
    | (?P<name>   (?:{_LETTER}{_LETTER_DIGIT_DASH_DOT}{{0,255}}+(?<!\.))?:
                  (?>(?:{_LOCAL}{_LOCAL_MORE}*(?:\.++{_LOCAL_MORE}+)*)?) )
    | (?P<lang>   @[A-Za-z]+(?:-[A-Za-z0-9]+)* )
    | (?P<word>   [A-Za-z_][A-Za-z0-9_]* )
    | (?P<digits> [0-9]+ )
    | (?P<other>  . )
    """
_FORMS = frozenset({"SELECT", "CONSTRUCT", "ASK", "DESCRIBE"})


class Token(NamedTuple):
    """One token."""

    # ``iri``, ``string``, ``open`` (a string that does not end), ``var``, ``name`` (a prefixed name), ``lang``,
    # ``word`` (a keyword, a function, ``a``), ``digits``, ``other`` (one character), ``space`` or ``comment``.
    kind: str
    text: str  # As it is in the query.
    line: int  # Where it starts, from 1.

    @property
    def keyword(self) -> str:
        """The word in upper case; the text of any other token."""
        return self.text.upper() if self.kind == "word" else self.text


@lru_cache(maxsize=64)  # A query is asked again and again, and each time its text is the same.
def tokens(sparql: str) -> tuple[Token, ...]:
    """Cut a query into tokens; together their texts are the query."""
    return tuple(scan(sparql))


def scan(sparql: str) -> Iterator[Token]:
    """Iterate over the tokens of a query, for callers that need only its beginning."""
    line = 1
    for match in re.finditer(_TOKEN, sparql, re.VERBOSE | re.DOTALL):  # Compiled at the first query, not on import.
        text = match[0]
        yield Token(match.lastgroup or "other", text, line)
        line += text.count("\n")


def significant(query: Iterable[Token]) -> Iterator[Token]:
    """Iterate over the tokens that are neither space nor comment."""
    return (token for token in query if token.kind not in {"space", "comment"})


def prefixes(query: Iterable[Token]) -> dict[str, str]:
    """Return the prefixes that a query declares: prefix → the text of what follows it, ``<IRI>`` in a legal query."""
    parts = [*significant(query), Token("other", "", 0)]
    return {
        name.text.partition(":")[0]: parts[place + 2].text
        for place, (word, name) in enumerate(pairwise(parts[:-1]))
        if word.kind == "word" and word.keyword == "PREFIX" and name.kind == "name"
    }


def form(query: Iterable[Token]) -> str | None:
    """Return ``SELECT``, ``CONSTRUCT``, ``ASK`` or ``DESCRIBE``; None where the text is no query."""
    words = (token.keyword for token in query if token.kind == "word")
    first = next((word for word in words if word not in {"PREFIX", "BASE", "VERSION"}), None)
    return first if first in _FORMS else None


def columns(query: Iterable[Token]) -> list[Token] | None:
    """Return the variables that a SELECT hands out, in order; None for ``SELECT *`` and for what is no SELECT."""
    found: list[Token] = []
    depth, after_as, selecting = 0, False, False
    for token in significant(query):
        if not selecting:
            selecting = token.kind == "word" and token.keyword == "SELECT"
            continue
        if depth == 0 and token.keyword in {"{", "*", "WHERE", "FROM"}:
            return None if token.text == "*" else found
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.kind == "var" and (depth == 0 or (depth == 1 and after_as)):
            found.append(token)
        after_as = token.kind == "word" and token.keyword == "AS"
    return None


def limit(query: Iterable[Token]) -> int | None:
    """Return the LIMIT of the whole query, not of a query within it; None where it has none."""
    depth, found = 0, None
    for token, following in pairwise(significant(query)):
        depth += (token.text == "{") - (token.text == "}")
        if depth == 0 and token.kind == "word" and token.keyword == "LIMIT" and following.kind == "digits":
            found = int(following.text)
    return found


def order_conditions(query: Iterable[Token]) -> list[tuple[str, bool]] | None:
    """Return the variables that the whole query orders by, each with whether descending; [] where it has no order.

    None where it orders by anything else than variables.
    """
    depth, at_end, descending = 0, False, False
    found: list[tuple[str, bool]] = []
    for token in significant(query):
        depth += (token.text == "{") - (token.text == "}")
        word = token.keyword if token.kind == "word" else ""
        if depth > 0 or not (at_end or word == "ORDER"):
            continue
        at_end = True
        if word in {"LIMIT", "OFFSET"}:
            break
        if token.kind == "var":
            found.append((token.text[1:], descending))
            descending = False
        elif word in {"ASC", "DESC"}:
            descending = word == "DESC"
        elif word not in {"ORDER", "BY"} and token.text not in {"(", ")"}:
            return None
    return found


def closing(query: Sequence[Token], opening: int) -> int:
    """Return the place of the ``}`` or ``)`` that closes the bracket at a place; the last place where none does."""
    pair = {"{": "}", "(": ")"}[query[opening].text]
    depth = 0
    for place in range(opening, len(query)):
        depth += (query[place].text == query[opening].text) - (query[place].text == pair)
        if depth == 0:
            return place
    return len(query) - 1
