"""Where a query is wrong: the line as its author wrote it, and a caret below the word that cannot stand there.

Oxigraph's parser tells how far it looked ahead, which may be several words beyond the fault, and what it looked for
last. So we look for the longest beginning of the query that it would go on with; what follows that is the fault.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.errors import IllegalQueryError, UnreadableError
from evgraph.namespaces import PREFIXES
from evgraph.query.suggest import did_you_mean
from evgraph.sparql import tokens as sparql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.query.question import Question
    from evgraph.sparql.tokens import Token

_PAD = " " * 40  # Longer than any word that the parser looks for.
_NEVER = "\x01"  # Stands in no query.
_AT = re.compile(r"error at (\d+):(\d+): ")
_MOST = 200  # So many words back the fault is looked for.
_REASON = re.compile(r"(?:expected|one of|,) ((?:The|Duplicated|SELECT \*|language tag) [^,\[]*[a-zA-Z])")
_KEYWORDS = (
    "ASK", "BASE", "BIND", "BOUND", "COALESCE", "CONCAT", "CONSTRUCT", "CONTAINS", "COUNT", "DATATYPE", "DESC",
    "DESCRIBE", "DISTINCT", "EXISTS", "FILTER", "GRAPH", "GROUP", "GROUP_CONCAT", "HAVING", "LCASE", "LIMIT",
    "MINUS", "OFFSET", "OPTIONAL", "ORDER", "PREFIX", "REDUCED", "REGEX", "REPLACE", "SAMPLE", "SELECT",
    "SEPARATOR", "STRAFTER", "STRBEFORE", "STRENDS", "STRLEN", "STRSTARTS", "SUBSTR", "UCASE", "UNION", "UNDEF",
    "VALUES", "WHERE",
)  # fmt: skip


def pointed_at(error: IllegalQueryError, question: Question, terms: sparql.Terms) -> UnreadableError:
    """Say what is wrong with a question's query, and show where."""
    pieces = list(sparql.parts(question.tokens, terms))
    place = _fault(pieces, error)
    if place is None:
        message = _reason(error) or "it ends before it is whole"
        line, column, shown = _end(question.text)
    else:
        token = pieces[place][0]
        message = _reason(error) or _about(token)
        line, column, shown = _stands(question.tokens, place, question.text)
    before = "".join(one if one == "\t" else " " * (2 if _is_wide(one) else 1) for one in shown[: column - 1])
    return UnreadableError(
        f"the query is not legal SPARQL: {message} (column {column})\n  {shown}\n  {before}^",
        path=question.path,
        line=line,
        hint=error.hint,
    )


def _fault(pieces: Sequence[tuple[Token, str]], error: IllegalQueryError) -> int | None:
    """Find the first token that cannot stand where it does; None where all of them can, and something is missing."""
    said = [number for number, (token, _) in enumerate(pieces) if token.kind not in {"space", "comment"}]
    for number in said:
        if pieces[number][1] in {'"', "'"}:
            return number  # A string that does not end.
    starts, text = [], ""
    for _, piece in pieces:
        starts.append(len(text))
        text += piece
    reached = _offset(text, error.line or 1, error.column or 1)
    candidates = [number for number in said if starts[number] <= reached]
    if candidates[-1:] == said[-1:] and _goes_on(text):
        return None
    for number in reversed(candidates[-_MOST:]):
        if _goes_on(text[: starts[number]]):
            return number
    return candidates[-1] if candidates else None


def _goes_on(text: str) -> bool:
    """Whether the parser, having read this, would read more."""
    probe = f"{text}{_PAD}"
    try:
        ox.Store().query(probe + _NEVER, prefixes=PREFIXES)
    except SyntaxError as error:
        found = _AT.match(str(error))
        return found is not None and _offset(probe, int(found[1]), int(found[2])) >= len(probe)
    return True


def _offset(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    return start + column - 1


def _about(token: Token) -> str:
    """Say why a token may be wrong."""
    text = token.text
    if token.kind == "name":
        prefix = text.partition(":")[0]
        if prefix not in PREFIXES and prefix != "_":
            return f"the prefix '{prefix}:' is not declared, or cannot stand here{did_you_mean(prefix, PREFIXES)}"
    if token.kind == "iri" and ":" not in text:
        return f"{text} is no absolute IRI, or cannot stand here"
    if token.kind == "other" and text in "\"'":
        return f"the string that starts with {text} does not end"
    hint = did_you_mean(text.upper(), _KEYWORDS) if token.kind == "word" and text.upper() not in _KEYWORDS else ""
    shown = text.splitlines()[0][:40] if text.strip() else text
    return f"{shown if shown.isprintable() else ascii(shown)} cannot stand here{hint}"


def _reason(error: IllegalQueryError) -> str:
    found = _REASON.search(" ".join(error.message.split()))
    return found[1] if found else ""


def _stands(query: Sequence[Token], place: int, text: str) -> tuple[int, int, str]:
    """Give line, column and the whole line where a token starts."""
    start = sum(len(token.text) for token in query[:place])
    line = query[place].line
    return line, start - text.rfind("\n", 0, start), text.split("\n")[line - 1].rstrip("\r")


def _end(text: str) -> tuple[int, int, str]:
    """Give line, column and the whole line behind the last word of a query."""
    text = text.rstrip()
    last = text.split("\n")[-1]
    return text.count("\n") + 1, len(last) + 1, last


def _is_wide(character: str) -> bool:
    if character.isascii():
        return False
    from unicodedata import east_asian_width

    return east_asian_width(character) in "WF"
