"""Refuse what a query must not contain before any engine reads it."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from evgraph.errors import UnreadableError
from evgraph.sparql import tokens as sparql
from evgraph.text import shown

if TYPE_CHECKING:
    from collections.abc import Collection

MAX_LENGTH = 1_000_000
"""The most characters of a query: the process that keeps its limits reads it, which takes a second."""
_MAX_TOKENS = 200_000
_UPDATES = {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH", "USING"}
_ELSEWHERE = {"SERVICE": "asks another server", "FROM": "names its own graphs, and queries here see them all"}
_KEYWORDS = (*_UPDATES, *_ELSEWHERE)
# Oxigraph recurses over a query: a thousand open brackets, or a chain of ten thousand operators, end the process.
_MAX_DEPTH = 100
_MAX_LENGTH = 5000
# Engines read keywords without minding where a word begins: SERVICEx:y and trueSERVICE are SERVICE to them.
_HIDDEN = re.compile("SERVICE|FROM", re.IGNORECASE)
# Between brackets, "<b:c'>" may be an IRI or a comparison with b:c, and what follows a string or not. An IRI with a
# "//" behind its scheme can only be an IRI.
_SURELY_IRI = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*://")
_MAYBE_DOUBTFUL = re.compile(r"<(?![A-Za-z][A-Za-z0-9+.\-]*+://)[^\s<>]*?['#]")
# The prologue of a query and the keyword behind it.
_HEAD = re.compile(
    r"""(?>(?: [\ \t\r\n]++ | \#[^\r\n]*+[\r\n]
        | PREFIX [\ \t\r\n]++ [A-Za-z][A-Za-z0-9]*+: [\ \t\r\n]*+ <[^\x00-\x20<>"{}|^`\\]*+> )*)
        (SELECT|CONSTRUCT|ASK|DESCRIBE)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def read_tokens(text: str, path: object = None) -> tuple[sparql.Token, ...]:
    """Cut a text that somebody else wrote into tokens.

    Raises:
        UnreadableError: it is longer than any query that a person writes; the error has file and line.

    """
    hint = "ask about fewer things at a time, or load a long list as data"
    if len(text) > MAX_LENGTH:
        message = f"a query of more than {MAX_LENGTH:,} characters"
        raise UnreadableError(message, path=path, hint=hint)
    if len(text) > _MAX_TOKENS and (token := next(islice(sparql.scan(text), _MAX_TOKENS, None), None)):
        message = f"a query of more than {_MAX_TOKENS:,} words and signs"
        raise UnreadableError(message, path=path, line=token.line, hint=hint)
    return sparql.tokens(text)


@lru_cache(maxsize=256)  # What has passed once is not checked again; what is refused is, each time.
def check_query(text: str, path: object = None) -> None:
    """Refuse a text that is no query, or not one that may be run here; the error names its file.

    Raises:
        UnreadableError: an update, SERVICE, FROM, an escaped ASCII character, or more than an engine survives.

    """

    def refusal(message: str, line: int, hint: str | None = None) -> UnreadableError:
        return UnreadableError(message, path=path, line=line, hint=hint)

    if plain_form(text):
        return
    query = read_tokens(text, path)
    for escape in _ESCAPE.finditer(text):
        # An engine may read escapes before anything else, so that \u0022 ends a string.
        if int(escape[1] or escape[2], 16) < 128:
            line = text.count("\n", 0, escape.start()) + 1
            raise refusal(f"the escape {escape[0]} encodes an ordinary character", line, "write the character itself")
    for token in query:
        if token.kind == "word" and token.keyword in _UPDATES:
            message = f"{token.keyword} is a keyword of updates, and a query changes nothing"
            raise refusal(message, token.line, "use SELECT or CONSTRUCT")
        if token.kind == "word" and token.keyword in _ELSEWHERE:
            message = f"{token.keyword} {_ELSEWHERE[token.keyword]}: not allowed"
            raise refusal(message, token.line, "leave it out, and open what it names as data")
    declared = sparql.prefixes(query)
    for token in query:
        if token.kind in {"word", "name", "open"} and (keyword := _hidden_keyword(token, declared)):
            message = f"{shown(token.text, 60)} contains the keyword {keyword}: not allowed"
            raise refusal(message, token.line, "leave it out, or choose another prefix")
        if token.kind == "iri" and _is_doubtful(token.text):
            message = f"{token.text} could be a comparison as well as an IRI"
            raise refusal(message, token.line, "write the whole IRI, or put a space behind <")
    if sparql.form(query) is None:
        raise refusal("this is no SPARQL query", 1, "a query is a SELECT, CONSTRUCT, ASK or DESCRIBE")
    depth, length = 0, 0
    for token in query:
        length += token.kind in {"other", "word"}
        if length > _MAX_LENGTH:
            raise refusal(f"more than {_MAX_LENGTH} brackets, operators and keywords", token.line)
        if token.kind == "other":
            depth += (token.text in "{([") - (token.text in "})]")
            if depth > _MAX_DEPTH:
                raise refusal(f"brackets nested more than {_MAX_DEPTH} deep", token.line)


def plain_form(text: str) -> str | None:
    """Return the form of a short query in which nothing looks forbidden, read without cutting it into tokens.

    That takes a hundredth of the time. Return None for any other text; most of those are allowed, too.
    """
    upper = text.upper()
    if (
        len(text) > _MAX_LENGTH
        or "\\" in text
        or any(map(upper.__contains__, _KEYWORDS))
        or sum(map(text.count, "{([")) > _MAX_DEPTH
        or _MAYBE_DOUBTFUL.search(text)
    ):
        return None
    head = _HEAD.match(text)
    return head[1].upper() if head else None


def _hidden_keyword(token: sparql.Token, declared: Collection[str]) -> str:
    """Return the forbidden keyword that an engine may read out of a word or a name, or an empty text."""
    text = token.text.partition(":")[0] if token.kind == "name" else token.text
    match = _HIDDEN.search(text)
    keyword = match[0].upper() if match else ""
    return "" if keyword == "FROM" and token.kind == "name" and text in declared else keyword


def _is_doubtful(iri: str) -> bool:
    """Return whether an engine may take the ``<`` of an IRI for a comparison, and read on differently."""
    return not _SURELY_IRI.match(iri) and ("'" in iri or "#" in iri or bool(_HIDDEN.search(iri)))
