"""Where a query is wrong: the line as its author wrote it, and a caret below the word that does not belong there.

Oxigraph's parser says how far it looked ahead, which may be several words beyond the error, and what it looked for
last. So we look for the longest beginning of the query that it would go on with; what follows that is the error.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph import offline
from evgraph.characters import visible
from evgraph.errors import IllegalQueryError, UnreadableError
from evgraph.namespaces import NOT_IN_IRI, PREFIXES, curie
from evgraph.sparql.rewriting import Terms, replacements
from evgraph.sparql.tokens import prefixes, significant, tokens
from evgraph.text import columns, did_you_mean, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evgraph.sparql.tokens import Token

_PAD = " " * 40  # Longer than any word that the parser looks for.
_NEVER = "\x01"  # Is in no query.
_AT = re.compile(r"error at (\d+):(\d+): ")
_MAX_SNIPPET = 200  # Characters of a line.
_MAX_WORDS = 200  # So many words back the error is looked for.
_REASON = re.compile(r"(?:expected|one of|,) ((?:The|Duplicated|SELECT \*|language tag) [^,\[]*[a-zA-Z])")
_KEYWORDS = (
    "A", "ABS", "AS", "ASC", "ASK", "AVG", "BASE", "BIND", "BNODE", "BOUND", "BY", "CEIL", "COALESCE", "CONCAT",
    "CONSTRUCT", "CONTAINS", "COUNT", "DATATYPE", "DESC", "DESCRIBE", "DISTINCT", "EXISTS", "FALSE", "FILTER", "FLOOR",
    "GRAPH", "GROUP", "GROUP_CONCAT", "HAVING", "IF", "IN", "IRI", "ISBLANK", "ISIRI", "ISLITERAL", "LANG",
    "LANGMATCHES", "LCASE", "LIMIT", "MAX", "MIN", "MINUS", "NOT", "OFFSET", "OPTIONAL", "ORDER", "PREFIX", "REDUCED",
    "REGEX", "REPLACE", "ROUND", "SAMPLE", "SAMETERM", "SELECT", "SEPARATOR", "STR", "STRAFTER", "STRBEFORE", "STRDT",
    "STRENDS", "STRLANG", "STRLEN", "STRSTARTS", "SUBSTR", "SUM", "TRUE", "UCASE", "UNION", "UNDEF", "VALUES", "WHERE",
    "YEAR",
)  # fmt: skip
_OPERATORS = {"AND": "&&", "OR": "||", "=": "a single =", "IS": "=", "LIKE": "CONTAINS(…) or REGEX(…)"}
_IN_BRACKETS = {"FILTER", "BIND", "HAVING", "ASC", "DESC"}
_CASTS = tuple(
    f"xsd:{name}"
    for name in ("boolean", "date", "dateTime", "decimal", "double", "duration", "float", "integer", "string", "time")
)
_BAD_IRI = re.compile(r"<[A-Za-z][\w+.\-]*:[^<>\r\n]*>")


def located(error: IllegalQueryError, text: str, terms: Terms, path: object = None) -> UnreadableError:
    """Return a syntax error with its line, its column and a caret in the text of a query as its author wrote it.

    The engine's error is about the query with its terms bound, as `evgraph.sparql.rewriting.bind` does.
    """
    pieces = list(replacements(tokens(text), terms))
    query = [token for token, _ in pieces]
    if error.value:
        return _at(text, query, *_unknown_function(query, error.value), path)
    place, message = offline.call(lambda: _first_illegal(pieces, error)), _reason(error)
    if "unbound" in message and (ungrouped := _not_grouped(query)) is not None:
        place = ungrouped
        message = f"{query[place].text} is neither in GROUP BY nor in an aggregate such as COUNT"
    elif place is not None and not message:
        place, message = _explain(query, place)
    elif not message:
        opening = _open_bracket(query)
        message = "it ends before it is complete" + (f"; the ( on line {opening.line} is not closed" if opening else "")
    located = _at(text, query, place, f"the query is not legal SPARQL: {message}", path)
    located.hint = error.hint
    return located


def _at(text: str, query: Sequence[Token], place: int | None, message: str, path: object) -> UnreadableError:
    """Return an error with the line of a token, and a caret below it; without a place at the end of the query."""
    written = text.rstrip() if place is None else "".join(token.text for token in query[:place])
    line, column = written.count("\n") + 1, len(written) - written.rfind("\n")
    snippet, before = text.split("\n")[line - 1].rstrip("\r"), column - 1
    if len(snippet) > _MAX_SNIPPET:
        start = max(0, before - _MAX_SNIPPET // 2)
        snippet, before = snippet[start : start + _MAX_SNIPPET], before - start
    indent = " " * columns(visible(snippet[:before]))
    excerpt = f"{message} (column {column})\n  {visible(snippet)}\n  {indent}^"
    return UnreadableError(excerpt, path=path, line=line, column=column)


def _unknown_function(query: Sequence[Token], iri: str) -> tuple[int | None, str]:
    """Return where a query calls a function that does not exist, and what is wrong."""
    namespaces = PREFIXES | {prefix: declared[1:-1] for prefix, declared in prefixes(query).items()}
    parts = [(place, token) for place, token in enumerate(query) if token.kind not in {"space", "comment"}]
    calls = [
        place
        for (place, token), (_, following) in pairwise(parts)
        if following.text == "(" and token.kind in {"iri", "name"} and _iri(token, namespaces) == iri
    ]
    name = curie(iri)
    return calls[0] if calls else None, f"there is no function {shown(name)}{did_you_mean(name, _CASTS)}"


def _iri(token: Token, namespaces: Mapping[str, str]) -> str:
    if token.kind == "iri":
        return token.text[1:-1]
    prefix, _, local = token.text.partition(":")
    return namespaces.get(prefix, "") + local


def _first_illegal(pieces: Sequence[tuple[Token, str]], error: IllegalQueryError) -> int | None:
    """Return the place of the first token that cannot be where it is; None where the end of the query is missing."""
    places = [place for place, (token, _) in enumerate(pieces) if token.kind not in {"space", "comment"}]
    for place in places:
        if pieces[place][0].kind == "open":
            return place
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


def _explain(query: Sequence[Token], place: int) -> tuple[int, str]:
    """Return where a query is wrong and why, given the first token that cannot be where it is."""
    token, text = query[place], query[place].text
    if found := _bad_iri(query, place) or _bad_tag(query, place) or _bound_twice(query, place):
        return found
    if token.kind == "name":
        prefix = text.partition(":")[0]
        if prefix not in PREFIXES and prefix != "_":
            return (
                place,
                f"the prefix '{prefix}:' is not declared, or cannot stand here{did_you_mean(prefix, PREFIXES)}",
            )
    if token.kind == "iri" and ":" not in text:
        return place, f"{text} is no absolute IRI, or cannot stand here"
    if token.kind == "open":
        return place, f"the string that starts with {text[0]} does not end"
    message = f"{shown(text.split(chr(10))[0][:40])} cannot stand here"
    last = next(reversed([*significant(query[:place])]), token)
    if token.keyword in _OPERATORS and (token.kind == "word" or last.text == "="):
        return place, f"{message}; write {_OPERATORS[token.keyword]}"
    if last.keyword in {"LIMIT", "OFFSET"}:
        return place, f"{message}; {last.keyword} takes a number"
    if last.keyword in _IN_BRACKETS:
        return place, f"{message}; what follows {last.keyword} is in brackets: ( … )"
    opening = _open_bracket(query[:place]) if text in {"}", ".", ";", "{"} else None
    if opening:
        return place, f"{message}, because the ( on line {opening.line} is not closed"
    meant = did_you_mean(token.keyword, _KEYWORDS) if token.kind == "word" and token.keyword not in _KEYWORDS else ""
    return place, f"{message}{meant}"


def _bad_iri(query: Sequence[Token], place: int) -> tuple[int, str] | None:
    """Return the fault of an IRI with characters that none has, which is cut into many tokens."""
    for start in range(place, max(place - _MAX_WORDS, -1), -1):
        if query[start].text == "<":
            iri = _BAD_IRI.match("".join(token.text for token in query[start : start + _MAX_WORDS]))
            bad = NOT_IN_IRI.search(iri[0][1:-1]) if iri else None
            if iri and bad:
                from urllib.parse import quote  # Its import takes a while.

                what = "a space" if bad[0] == " " else shown(bad[0])
                return start, f"the IRI {shown(iri[0])} contains {what}; write {quote(bad[0], safe='')} for it"
        elif "\n" in query[start].text:
            break
    return None


def _bad_tag(query: Sequence[Token], place: int) -> tuple[int, str] | None:
    """Return the fault of a language tag with an underscore, whose rest is a token of its own."""
    if place and query[place - 1].kind == "lang" and query[place].kind == "word":
        tag = query[place - 1].text + query[place].text
        return place - 1, f"{tag} is not a language tag; write {tag.replace('_', '-')}"
    return None


def _bound_twice(query: Sequence[Token], place: int) -> tuple[int, str] | None:
    """Return the fault of a BIND before a place whose variable is in use already."""
    before = [number for number in range(place) if query[number].kind not in {"space", "comment"}]
    if len(before) < 3 or query[before[-1]].text != ")" or query[before[-3]].keyword != "AS":
        return None
    name = query[before[-2]].text
    is_used = any(query[number].text == name for number in before[:-2])
    return (before[-2], f"{name} has a value already; BIND needs a new name") if is_used else None


def _open_bracket(query: Sequence[Token]) -> Token | None:
    """Return the last ``(`` that is not closed, if there is no ``{`` after it."""
    opened: list[Token] = []
    for token in query:
        if token.text in {"(", "{"}:
            opened.append(token)
        elif token.text in {")", "}"} and opened:
            opened.pop()
    return opened[-1] if opened and opened[-1].text == "(" else None


def _not_grouped(query: Sequence[Token]) -> int | None:
    """Return the place of the first column that is a variable which a query with groups does not group by."""
    words = [token.keyword for token in query]
    start = words.index("SELECT") if "SELECT" in words else len(words)
    grouped: set[str] = set()
    for place in range(words.index("GROUP") if "GROUP" in words else len(words), len(words)):
        if words[place] in {"HAVING", "ORDER", "LIMIT", "OFFSET", "}"}:
            break
        grouped.add(words[place])
    depth = 0
    for place in range(start, len(words)):
        if words[place] in {"{", "WHERE", "FROM"}:
            break
        depth += (words[place] == "(") - (words[place] == ")")
        if query[place].kind == "var" and depth == 0 and words[place] not in grouped:
            return place
    return None


def _reason(error: IllegalQueryError) -> str:
    match = _REASON.search(" ".join(error.message.split()))
    return match[1] if match else ""
