"""Literals as they are written: which are ill-formed for their datatype, and how a store keeps the form of the others.

An engine that computes with literals stores values: it returns ``036`` as ``36``, and an ``xsd:byte`` as an
``xsd:integer``. SHACL validates both. So a literal that is ill-formed, or that the engine would change, goes into the
store under a datatype of its own (`marked`), which contains the true one. Queries that compare values undo that.
https://www.w3.org/TR/rdf11-concepts/#section-Graph-Literal
"""

from __future__ import annotations

import re
from datetime import date

import pyoxigraph as ox

from evgraph.namespaces import RDF, XSD

WRITTEN = "urn:evgraph:as-written:"
"""The start of the datatype of a literal that the engine would change; the true datatype follows."""
ILL_FORMED = "urn:evgraph:ill-formed:"
"""The start of the datatype of an ill-formed literal; the true datatype follows."""

_ZONE = r"(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?"
_YEAR = r"-?(?:[1-9]\d{3,}|0\d{3})"
_DATE = rf"({_YEAR})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_TIME = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_FLOAT = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[Ee][+-]?\d+)?|[+-]?INF|NaN"
_INTEGER = r"[+-]?\d+"
_DAYS = r"(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
# https://www.w3.org/TR/xmlschema11-2/
_FORMS = {
    "boolean": r"true|false|0|1",
    "decimal": r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)",
    "double": _FLOAT,
    "float": _FLOAT,
    "date": _DATE + _ZONE,
    "dateTime": rf"{_DATE}T{_TIME}{_ZONE}",
    "dateTimeStamp": rf"{_DATE}T{_TIME}{_ZONE[:-1]}",
    "time": _TIME + _ZONE,
    "gYear": _YEAR + _ZONE,
    "gYearMonth": rf"{_YEAR}-(?:0[1-9]|1[0-2]){_ZONE}",
    "gMonth": rf"--(?:0[1-9]|1[0-2]){_ZONE}",
    "gMonthDay": rf"--(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d)|(?:0[13-9]|1[0-2])-30|(?:0[13578]|1[02])-31){_ZONE}",
    "gDay": rf"---(?:0[1-9]|[12]\d|3[01]){_ZONE}",
    "duration": rf"-?P(?=\d|T)(?:\d+Y)?(?:\d+M)?{_DAYS}",
    "dayTimeDuration": rf"-?P(?=\d|T){_DAYS}",
    "yearMonthDuration": r"-?P(?=\d)(?:\d+Y)?(?:\d+M)?",
    "hexBinary": r"(?:[0-9A-Fa-f]{2})*",
    "base64Binary": r"(?:(?:[A-Za-z0-9+/] ?){4})*(?:(?:[A-Za-z0-9+/] ?){2}(?:[A-Za-z0-9+/] ?= ?=|= ?= ?))?",
}
_RANGES: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-128, 127),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 255),
}
INTEGERS = frozenset(XSD + name for name in _RANGES)
"""The IRIs of the datatypes of whole numbers."""
# Common forms that are well-formed and that the engine does not change; the others are tried.
_USUAL = {
    f"{XSD}integer": re.compile(r"0|-?[1-9]\d{0,17}"),
    f"{XSD}boolean": re.compile(r"true|false"),
    f"{XSD}gYear": re.compile(r"[1-9]\d{3}"),
    f"{XSD}date": re.compile(r"[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"),
}
NUMBERS = INTEGERS | {XSD + name for name in ("decimal", "double", "float")}
"""The IRIs of the datatypes of numbers."""
TEXT = frozenset({f"{XSD}string", f"{RDF}langString", f"{RDF}dirLangString"})
"""The datatypes of text, of which every form is well-formed and unchanged."""
_SHORT = 17  # Characters of a number that the engine computes with, whatever they are.
_PLACE = ox.NamedNode(f"{XSD}place")


def well_formed(value: str, datatype: str) -> bool:
    """Whether a lexical form is well-formed for a datatype; for a datatype that is not XML Schema's, every form is."""
    name = datatype.removeprefix(XSD)
    if name in _RANGES:
        low, high = _RANGES[name]
        if not (value.isdecimal() and value.isascii()) and not re.fullmatch(_INTEGER, value, re.ASCII):
            return False
        return (low is None or int(value) >= low) and (high is None or int(value) <= high)
    if name not in _FORMS or not datatype.startswith(XSD):
        return True
    match = re.fullmatch(_FORMS[name], value)
    return match is not None and (name not in {"date", "dateTime", "dateTimeStamp"} or _is_day(*match.groups()[:3]))


def _is_day(year: str, month: str, day: str) -> bool:
    # The calendar repeats every 400 years, which brings any year into what Python knows.
    try:
        date(int(year) % 400 + 400, int(month), int(day))
    except ValueError:
        return False
    return True


def marked(literal: ox.Literal) -> ox.Literal:
    """Return a literal under a datatype of its own if it is ill-formed or the engine would change it, else itself."""
    datatype = literal.datatype.value
    if datatype in TEXT:
        return literal
    usual = _USUAL.get(datatype)
    if usual is not None and usual.fullmatch(literal.value):
        return literal
    if not well_formed(literal.value, datatype):
        return ox.Literal(literal.value, datatype=ox.NamedNode(ILL_FORMED + datatype))
    if normalized(literal) == literal and (datatype not in NUMBERS or _is_computed(literal)):
        return literal
    return ox.Literal(literal.value, datatype=ox.NamedNode(WRITTEN + datatype))


def _is_computed(number: ox.Literal) -> bool:
    """Whether the engine computes with a number: it has 64 bits for whole numbers, and 18 decimal places."""
    return len(number.value) <= _SHORT or bool(ox.Store().query(f"ASK {{ FILTER(isNumeric({number})) }}"))


def normalized(literal: ox.Literal) -> ox.Literal:
    """Return a literal as the engine returns it once it is stored."""
    probe = ox.Store()
    probe.add(ox.Quad(_PLACE, _PLACE, literal))
    value = next(iter(probe)).object
    return value if isinstance(value, ox.Literal) else literal


def unmarked(literal: ox.Literal) -> ox.Literal:
    """Return the literal that `marked` was called with."""
    datatype = literal.datatype.value
    for mark in (WRITTEN, ILL_FORMED):
        if datatype.startswith(mark):
            return ox.Literal(literal.value, datatype=ox.NamedNode(datatype.removeprefix(mark)))
    return literal


def for_queries(literal: ox.Literal) -> ox.Literal:
    """Return what the store holds for a marked literal while people's own queries run.

    That is the literal itself, but the engine must not take one that is ill-formed for one that is well-formed.
    """
    itself = unmarked(literal)
    return literal if literal.datatype.value.startswith(ILL_FORMED) and normalized(itself) != itself else itself
