"""What a query must not hold, seen before any engine sees it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from evgraph.errors import UnreadableError
from evgraph.sparql import tokens as sparql

if TYPE_CHECKING:
    from collections.abc import Collection
_UPDATES = {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH", "USING"}
_ELSEWHERE = {"SERVICE": "asks another server", "FROM": "names its own graphs, and queries here see them all"}
# Oxigraph recurses over a query: some thousand open brackets, or a chain of ten thousand operators, end the process.
_DEEPEST = 100
_LONGEST = 5000
# Engines read keywords without minding where a word begins: SERVICEx:y and trueSERVICE are SERVICE to them.
_HIDDEN = re.compile("SERVICE|FROM", re.IGNORECASE)
# Between brackets, "<b:c'>" may be an IRI or a comparison with b:c, and what follows a string or not. An IRI with a
# "//" behind its scheme can only be an IRI.
_SURELY_IRI = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*://")
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


@lru_cache(maxsize=256)  # What has passed once need not be looked at again; what is refused is, each time.
def check(text: str, path: object = None) -> None:
    """Refuse what does not belong in a query here, before anything sees it.

    Raises:
        UnreadableError: an update, SERVICE, FROM, an escaped ASCII character, or more than an engine survives.

    """

    def refuse(message: str, line: int, hint: str | None = None) -> UnreadableError:
        return UnreadableError(message, path=path, line=line, hint=hint)

    for escape in _ESCAPE.finditer(text):
        # An engine may read escapes before anything else, so that \u0022 ends a string.
        if int(escape[1] or escape[2], 16) < 128:
            raise refuse(
                f"the escape {escape[0]} stands for an ordinary character",
                text.count("\n", 0, escape.start()) + 1,
                "write the character itself",
            )
    query = sparql.tokens(text)
    for word in sparql.words(query):
        if word.text in _UPDATES:
            raise refuse(
                f"{word.text} is a word of updates, and a query changes nothing",
                word.line,
                "ask with SELECT or CONSTRUCT",
            )
        if word.text in _ELSEWHERE:
            raise refuse(
                f"{word.text} {_ELSEWHERE[word.text]}: not allowed",
                word.line,
                "leave it out, and open what it names as data",
            )
    declared = sparql.declared(query)
    for token in query:
        if token.kind in {"word", "name"} and (hidden := _hidden(token, declared)):
            raise refuse(
                f"{token.text} holds the keyword {hidden}: not allowed",
                token.line,
                "leave it out, or choose another prefix",
            )
        if token.kind == "iri" and _doubtful(token):
            raise refuse(
                f"{token.text} could be a comparison as well as an IRI",
                token.line,
                "write the IRI whole, or put a space behind <",
            )
    if sparql.form(query) is None:
        raise refuse("this is no SPARQL query", 1, "a query is a SELECT, CONSTRUCT, ASK or DESCRIBE")
    depth, length = 0, 0
    for token in query:
        length += token.kind in {"other", "word"}
        if length > _LONGEST:
            raise refuse(f"more than {_LONGEST} brackets, operators and keywords", token.line)
        if token.kind == "other":
            depth += (token.text in "{([") - (token.text in "})]")
            if depth > _DEEPEST:
                raise refuse(f"brackets nested more than {_DEEPEST} deep", token.line)


def _hidden(token: sparql.Token, declared: Collection[str]) -> str:
    """Give the forbidden keyword that an engine may read out of a word or a name."""
    text = token.text if token.kind == "word" else token.text.partition(":")[0]
    found = _HIDDEN.search(text)
    keyword = found[0].upper() if found else ""
    return "" if keyword == "FROM" and token.kind == "name" and text in declared else keyword


def _doubtful(token: sparql.Token) -> bool:
    """Whether an engine may take the ``<`` of an IRI for a comparison, and read on differently."""
    text = token.text
    return not _SURELY_IRI.match(text) and ("'" in text or "#" in text or bool(_HIDDEN.search(text)))
