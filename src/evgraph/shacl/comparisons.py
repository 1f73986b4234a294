"""Comparison of literals as SPARQL defines it, as a function that the engine in this process calls.

Oxigraph does not compare booleans, nor numbers beyond 64 bits or 18 decimal places, and takes equal terms of an unknown
datatype for equal values. https://www.w3.org/TR/sparql11-query/#OperatorMapping
"""

from __future__ import annotations

import math
import operator
import struct
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.namespaces import XSD
from evgraph.rdf import lexical_forms as lexical

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from evgraph.store.protocol import Term

COMPARES = "urn:evgraph:compares"
"""The IRI of the function: two literals, and between them the operator as text."""
_OPERATORS: Mapping[str, Callable[..., bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_BOOLEAN, _STRING, _DECIMAL, _FLOAT, _DOUBLE = (
    XSD + name for name in ("boolean", "string", "decimal", "float", "double")
)
_NUMERIC = lexical.INTEGERS | {_DECIMAL, _FLOAT, _DOUBLE}
# The engine compares these. SPARQL 1.1 defines it for xsd:dateTime only, and lets engines add others.
_OF_ENGINE = frozenset(
    XSD + name
    for name in ("dateTime", "dateTimeStamp", "date", "time", "gYear", "gYearMonth", "duration", "dayTimeDuration",
                 "yearMonthDuration")
)  # fmt: skip


def is_number(literal: ox.Literal) -> bool:
    """Whether a literal is a number that the engine compares exactly."""
    datatype = literal.datatype.value
    if datatype not in _NUMERIC or not lexical.well_formed(literal.value, datatype) or "N" in literal.value:
        return False
    return datatype in {_FLOAT, _DOUBLE} or len(literal.value.strip("+-").replace(".", "")) <= 17


def compares(left: Term, sign: Term, right: Term) -> ox.Literal | None:
    """Return whether a comparison is true; None where the two cannot be compared."""
    if not isinstance(left, ox.Literal) or not isinstance(right, ox.Literal) or not isinstance(sign, ox.Literal):
        return None
    result = compare(lexical.unmarked(left), sign.value, lexical.unmarked(right))
    return None if result is None else ox.Literal(result)


def compare(left: ox.Literal, sign: str, right: ox.Literal) -> bool | None:
    """Return whether a comparison of two literals is true; None where they cannot be compared."""
    kinds = {literal.datatype.value for literal in (left, right)}
    if not all(lexical.well_formed(literal.value, literal.datatype.value) for literal in (left, right)):
        return None
    if kinds <= _NUMERIC:
        numbers = _numbers(left, right, kinds)
        return not any(map(math.isnan, numbers)) and _OPERATORS[sign](*numbers)
    if kinds == {_BOOLEAN}:
        return _OPERATORS[sign](left.value in {"true", "1"}, right.value in {"true", "1"})
    if kinds == {_STRING}:
        return _OPERATORS[sign](left.value, right.value)
    return _by_engine(left, sign, right) if kinds <= _OF_ENGINE else None


def _numbers(left: ox.Literal, right: ox.Literal, kinds: set[str]) -> list[Decimal] | list[float]:
    """Return the values in the type that both are promoted to.

    https://www.w3.org/TR/xpath20/#promotion
    """
    if not kinds & {_FLOAT, _DOUBLE}:
        return [Decimal(left.value), Decimal(right.value)]
    values = [float(literal.value) for literal in (left, right)]
    if _DOUBLE in kinds:
        both = zip((left, right), values, strict=True)
        return [_single(value) if literal.datatype.value == _FLOAT else value for literal, value in both]
    return [_single(value) for value in values]


def _single(value: float) -> float:
    """Return the nearest number of single precision."""
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


@lru_cache(maxsize=10_000)
def _by_engine(left: ox.Literal, sign: str, right: ox.Literal) -> bool | None:
    for answer, condition in ((True, "?comparison"), (False, "!?comparison")):
        if ox.Store().query(f"ASK {{ BIND({left} {sign} {right} AS ?comparison) FILTER({condition}) }}"):
            return answer
    return None


FUNCTIONS: dict[ox.NamedNode, Callable[..., Term | None]] = {ox.NamedNode(COMPARES): compares}
"""The functions that compiled shapes call."""
