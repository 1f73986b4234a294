"""Queries of shapes' authors to which the engine would give another answer than the standard has.

The standard keeps ``7``, ``07`` and ``"7"^^xsd:byte`` apart as three RDF terms, and Oxigraph stores one. A query that
compares values has the same answer for each of them; one that uses the form, such as STR or a join over literals, may
not. Nor does Oxigraph compare booleans, or numbers beyond 64 bits.
https://www.w3.org/TR/shacl/#terminology
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from evgraph.namespaces import XSD
from evgraph.shacl.findings import term_text
from evgraph.sparql.tokens import Token, closing, prefixes, significant, tokens

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    import pyoxigraph as ox

OF_TERMS = ("STR", "DATATYPE")
"""Functions that can have their values beforehand where their argument is bound beforehand."""
_OF_FORMS = frozenset({*OF_TERMS, "COUNT", "SUM", "AVG", "GROUP_CONCAT", "SAMPLE"})
_BOOLEANS = frozenset({"TRUE", "FALSE"})
_PLAIN = frozenset({"STRLEN", "COUNT", "STR", "LANG", "LCASE", "UCASE", "SUBSTR", "STRAFTER", "STRBEFORE", "CONCAT"})
_OF_VALUES = frozenset({"IN", "ISNUMERIC", "MIN", "MAX", "SUM", "AVG", "ORDER"})
_AFTER_VALUE = frozenset({".", ";", ",", "}", "]", ")"})
_STARTS = frozenset({".", "{", "}", ""})


class InexactError(ValueError):
    """The engine would answer a query otherwise than the standard; the message says why."""


class Uncommon(NamedTuple):
    """Literals of the data that the engine takes for others: predicate → one of its literals.

    Attributes:
        rewritten: those that it stores in another form, such as ``07`` as ``7``.
        not_compared: those that it does not compare: booleans, and numbers beyond 64 bits.

    """

    rewritten: Mapping[str, ox.Literal] = MappingProxyType({})
    not_compared: Mapping[str, ox.Literal] = MappingProxyType({})


def check_exact(text: str, uncommon: Uncommon, bound: Collection[str] = (), more: str = "") -> None:
    """Make sure that the engine's answer to a query is that of the standard.

    Args:
        text: the query, with its prefixes.
        uncommon: literals of the data.
        bound: the variables whose forms are known beforehand.
        more: a pattern whose values the query has, too.

    Raises:
        InexactError: it may not be.

    """
    parts = [*significant(tokens(text))]
    known = prefixes(parts)
    iris = {_expanded(name, known) for name in _names(parts) | _names(tokens(more))}
    is_open = any(_is_open(parts, place) for place in range(len(parts)))

    def used(literals: Mapping[str, ox.Literal]) -> dict[str, ox.Literal]:
        return {name: literal for name, literal in literals.items() if is_open or f"<{name}>" in iris}

    for name, literal in used(uncommon.rewritten).items():
        for what in _uses_of_forms(parts, known, bound, is_literal=mentions(more, uncommon)):
            raise InexactError(
                f"its query uses {what}, and the engine changes the form of {term_text(literal)} (of <{name}>)"
            )
    for name, literal in used(uncommon.not_compared).items():
        for what in _comparisons(parts, known):
            if what in "<>" or literal.datatype.value != f"{XSD}boolean":
                raise InexactError(
                    f"its query uses {what}, and the engine does not compare {term_text(literal)} (of <{name}>)"
                )


NONE = Uncommon()


def compares_terms_only(text: str) -> bool:
    """Whether a query has the same answer when each literal has a datatype that the engine does not know."""
    parts = [*significant(tokens(text))]
    known = prefixes(parts)
    words = {token.keyword for token in parts if token.kind == "word"}
    has_literal = any(token.kind == "digits" or token.text == "^" for token in parts) or not words.isdisjoint(_BOOLEANS)
    return not (has_literal or "DATATYPE" in words or next(_comparisons(parts, known), None))


def mentions(pattern: str, uncommon: Uncommon) -> bool:
    """Whether a pattern leads to literals that the engine rewrites."""
    return any(f"<{name}>" in pattern for name in uncommon.rewritten)


def _names(parts: Iterable[Token]) -> set[str]:
    return {token.text for token in parts if token.kind in {"iri", "name"}}


def _expanded(name: str, known: Mapping[str, str]) -> str:
    if name.startswith("<"):
        return name
    prefix, _, local = name.partition(":")
    return f"{known.get(prefix, '<')[:-1]}{local}>"


def _is_open(parts: Sequence[Token], place: int) -> bool:
    """Whether a token lets a pattern have any predicate."""
    if parts[place].text == "!":
        return place + 1 < len(parts) and parts[place + 1].kind in {"iri", "name"}
    if parts[place].kind != "var" or not 0 < place < len(parts) - 1:
        return False
    before, after = parts[place - 1], parts[place + 1]
    is_term = before.kind in {"var", "iri", "name"} or before.text in {"]", ";"}
    return is_term and (after.kind in {"var", "iri", "name", "string", "digits"} or after.text == "[")


def _uses_of_forms(
    parts: Sequence[Token], known: Mapping[str, str], bound: Collection[str], *, is_literal: bool
) -> Iterator[str]:
    """Iterate over what in a query may depend on the form of a literal, such as of those that are ``bound``."""
    brackets: list[str] = []
    joined = {*bound} if is_literal else set()
    nodes = {part.text[1:] for place, part in enumerate(parts) if _is_subject(parts, place)} - {*bound}
    in_head = in_group = False
    for place, token in enumerate(parts):
        following = parts[place + 1] if place + 1 < len(parts) else Token("other", "", 0)
        word = token.keyword if token.kind == "word" else ""
        if word == "SELECT":
            in_head = True
        elif token.text == "{":
            in_head = False
        in_group = word == "GROUP" or (in_group and (token.kind == "var" or word == "BY"))
        if token.text in {"(", "{", "["}:
            brackets.append(token.text)
        elif token.text in {")", "}", "]"} and brackets:
            brackets.pop()
        arguments = parts[place + 2 : place + 5]
        is_known = word in OF_TERMS and [part.text[1:] in bound for part in arguments[:1]] == [True]
        if word in _OF_FORMS and not is_known:
            yield word
        if word == "SAMETERM" and not any(part.kind in {"iri", "name"} or part.text[1:] in nodes for part in arguments):
            yield word
        if following.text == "(" and token.kind in {"iri", "name"} and _expanded(token.text, known) == f"<{XSD}string>":
            yield "xsd:string"
        if token.text == "^" and following.text != "^" and parts[place - 1].text != "^":
            yield "a path back"
        elif in_group and token.kind == "var" and token.text[1:] != "this":
            yield "GROUP BY"
        elif not in_head and "(" not in brackets[-1:] and _is_value(parts, place):
            if token.kind in {"digits", "string"} or word in {"TRUE", "FALSE"}:
                if token.kind != "string" or following.text == "^":
                    yield f"the value {token.text}"
            elif token.kind == "var" and token.text[1:] in joined:
                yield f"{token.text} for several values"
            elif token.kind == "var":
                joined.add(token.text[1:])


def _comparisons(parts: Sequence[Token], known: Mapping[str, str]) -> Iterator[str]:
    """Iterate over what in a query may compare a literal of the data."""
    for place, token in enumerate(parts):
        following = parts[min(place + 1, len(parts) - 1)]
        is_cast = following.text == "(" and token.kind in {"iri", "name"}
        is_word = token.kind == "word" and token.keyword in _OF_VALUES
        if token.keyword == "IN":
            end = closing(parts, place + 1) if following.text == "(" else place + 1
            is_word = any(part.kind not in {"iri", "name"} and part.text != "," for part in parts[place + 2 : end])
        if is_word or (is_cast and XSD in _expanded(token.text, known)):
            yield token.text
        if token.text in {"<", ">", "="} and parts[place - 1].text not in {"<", ">"}:
            before = place - 1 - (parts[place - 1].text == "!")
            after = place + 1 + (following.text == "=")
            operands = (_start_of_call(parts, before), after)
            if any(_is_iri(parts, operand) for operand in operands):
                continue
            if not all(_is_plain(parts, operand) for operand in operands):
                yield token.text


def _start_of_call(parts: Sequence[Token], end: int) -> int:
    """Return the place of the function whose call ends at a place; the place itself where none does."""
    depth = 0
    for place in range(end, 0, -1):
        depth += (parts[place].text == ")") - (parts[place].text == "(")
        if depth == 0:
            return place - (parts[place].text == "(")
    return end


def _is_plain(parts: Sequence[Token], place: int) -> bool:
    """Whether an operand is a number or text that the engine computes right."""
    token = parts[min(place, len(parts) - 1)]
    return token.kind in {"digits", "string"} or token.keyword in _PLAIN


def _is_iri(parts: Sequence[Token], place: int) -> bool:
    after = parts[min(place + 1, len(parts) - 1)]
    return parts[min(place, len(parts) - 1)].kind in {"iri", "name"} and after.text != "("


def _is_subject(parts: Sequence[Token], place: int) -> bool:
    before, after = parts[place - 1], parts[min(place + 1, len(parts) - 1)]
    starts = before.text in {".", "{", "}", ")"} or before.kind == "word"
    return parts[place].kind == "var" and starts and (after.kind in {"iri", "name"} or after.text == "a")


def _is_value(parts: Sequence[Token], place: int) -> bool:
    """Whether a token may be the object of a triple pattern."""
    before = parts[place - 1]
    after = parts[place + 1] if place + 1 < len(parts) else Token("other", "", 0)
    ends = after.text in _AFTER_VALUE or (after.kind == "word" and after.text != "a") or after.text == "^"
    return ends and before.text not in _STARTS
