"""Where a query is wrong: the line as its author wrote it, and a caret below the word that does not belong there.

Oxigraph's parser says how far it looked ahead, which may be several words beyond the error, and what it looked for
last. So we look for the longest beginning of the query that it would go on with; what follows that is the error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.errors import IllegalQueryError, UnreadableError
from evgraph.namespaces import PREFIXES
from evgraph.sparql.rewriting import Terms, replacements
from evgraph.sparql.tokens import tokens
from evgraph.text import columns, did_you_mean, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.sparql.tokens import Token

_PAD = " " * 40  # Longer than any word that the parser looks for.
_NEVER = "\x01"  # Is in no query.
_AT = re.compile(r"error at (\d+):(\d+): ")
_MAX_WORDS = 200  # So many words back the error is looked for.
_REASON = re.compile(r"(?:expected|one of|,) ((?:The|Duplicated|SELECT \*|language tag) [^,\[]*[a-zA-Z])")
_KEYWORDS = (
    "ASK", "BASE", "BIND", "BOUND", "COALESCE", "CONCAT", "CONSTRUCT", "CONTAINS", "COUNT", "DATATYPE", "DESC",
    "DESCRIBE", "DISTINCT", "EXISTS", "FILTER", "GRAPH", "GROUP", "GROUP_CONCAT", "HAVING", "LCASE", "LIMIT",
    "MINUS", "OFFSET", "OPTIONAL", "ORDER", "PREFIX", "REDUCED", "REGEX", "REPLACE", "SAMPLE", "SELECT",
    "SEPARATOR", "STRAFTER", "STRBEFORE", "STRENDS", "STRLEN", "STRSTARTS", "SUBSTR", "UCASE", "UNION", "UNDEF",
    "VALUES", "WHERE",
)  # fmt: skip


def located(error: IllegalQueryError, text: str, terms: Terms, path: object = None) -> UnreadableError:
    """Return a syntax error with its line, its column and a caret in the text of a query as its author wrote it.

    The engine's error is about the query with its terms bound, as `evgraph.sparql.rewriting.bind` does.
    """
    pieces = list(replacements(tokens(text), terms))
    place = _first_illegal(pieces, error)
    if place is None:
        message = _reason(error) or "it ends before it is complete"
        written = text.rstrip()
    else:
        message = _reason(error) or _explain(pieces[place][0])
        written = "".join(token.text for token, _ in pieces[:place])
    line, column = written.count("\n") + 1, len(written) - written.rfind("\n")
    snippet = text.split("\n")[line - 1].rstrip("\r")
    indent = "".join(letter if letter == "\t" else " " * columns(letter) for letter in snippet[: column - 1])
    return UnreadableError(
        f"the query is not legal SPARQL: {message} (column {column})\n  {snippet}\n  {indent}^",
        path=path,
        line=line,
        hint=error.hint,
    )


def _first_illegal(pieces: Sequence[tuple[Token, str]], error: IllegalQueryError) -> int | None:
    """Return the place of the first token that cannot be where it is; None where the end of the query is missing."""
    places = [place for place, (token, _) in enumerate(pieces) if token.kind not in {"space", "comment"}]
    for place in places:
        if pieces[place][1] in {'"', "'"}:
            return place  # A string that does not end.
    starts, text = [], ""
    for _, piece in pieces:
        starts.append(len(text))
        text += piece
    reached = _offset(text, error.line or 1, error.column or 1)
    candidates = [place for place in places if starts[place] <= reached]
    if candidates[-1:] == places[-1:] and _reads_on(text):
        return None
    for place in reversed(candidates[-_MAX_WORDS:]):
        if _reads_on(text[: starts[place]]):
            return place
    return candidates[-1] if candidates else None


def _reads_on(text: str) -> bool:
    """Return whether the parser, having read this, would read more."""
    probe = f"{text}{_PAD}"
    try:
        ox.Store().query(probe + _NEVER, prefixes=PREFIXES)
    except SyntaxError as error:
        match = _AT.match(str(error))
        return match is not None and _offset(probe, int(match[1]), int(match[2])) >= len(probe)
    return True


def _offset(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    return start + column - 1


def _explain(token: Token) -> str:
    """Return why a token may be wrong."""
    text = token.text
    if token.kind == "name":
        prefix = text.partition(":")[0]
        if prefix not in PREFIXES and prefix != "_":
            return f"the prefix '{prefix}:' is not declared, or cannot stand here{did_you_mean(prefix, PREFIXES)}"
    if token.kind == "iri" and ":" not in text:
        return f"{text} is no absolute IRI, or cannot stand here"
    if token.kind == "other" and text in "\"'":
        return f"the string that starts with {text} does not end"
    meant = did_you_mean(token.keyword, _KEYWORDS) if token.kind == "word" and token.keyword not in _KEYWORDS else ""
    return f"{shown(text.split(chr(10))[0][:40])} cannot stand here{meant}"


def _reason(error: IllegalQueryError) -> str:
    match = _REASON.search(" ".join(error.message.split()))
    return match[1] if match else ""
