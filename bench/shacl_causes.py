"""Why other SHACL engines differ from the standard: an evaluator that reads single constraints as an engine does.

The engine is asked about one constraint and one value at a time. If the standard's evaluator with these answers gives
the engine's results for the whole case, then the answers that differ from the standard explain the difference. Such an
answer is a cause only if the results are others without it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pyshacl
from bench.shacl_engines import VALIDATORS
from tests.shacl.differential import comparable
from tests.shacl.engines import referred
from tests.shacl.random_extremes import evaluator
from tests.shacl.random_standard import DECLARED, EX
from tests.shacl.specification import COMPARISONS, Evaluator, is_well_formed, text_of
from tests.shacl.specification import comparable as value_of

from evgraph.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Set

    from tests.shacl.specification import Result, Term

FAILURES = {
    r"bad escape": "it fails at patterns with `\\p` or `\\i`: they are XPath's, and Python has no such escapes",
    r"unknown escape": "it fails at patterns with `\\i` or `\\c`, which XPath has",
    r"compare a BlankNode": "it fails at `sh:lessThan` with blank nodes, which only break the constraint",
    r"not supported between|NotImplemented|InvalidOperation": (
        "it fails at comparing literals that SPARQL does not compare (such as RDFLib/rdflib#2949), which only break it"
    ),
    r"sh:target requires": "it refuses shapes with `sh:target`, also those that have no such target",
    r"must project|cannot use|requires an IRI|expected one of|has multiple": (
        "it refuses all shapes if any is not well-formed, also one that nothing uses"
    ),
}
"""Pattern of an error → the cause."""


ODD_KINDS = {
    "IRIs": "they only break the constraint",
    "blank nodes": "they only break the constraint",
    "ill-formed literals": "they have no value and only break the constraint",
    "NaN": "it is neither less nor more than any number",
    "texts with a language": "SPARQL does not compare them",
    "literals of an unknown datatype": "SPARQL does not compare them",
    "long numbers": "numbers beyond 64 bits, or decimals of over 18 places, have exact values",
}
"""Terms that an engine may compare otherwise than the standard → what is right."""
SHORT = 17  # Characters of a number that every engine computes with.
LONGEST = f"{EX}Longest"
EMPTY = str(ox.Literal(""))
NO_TEXT = "its queries take a focus node that is an empty text for a variable without a value"
NO_VALUE = "its results by an ASK validator lack `sh:value`"


class Reading(Evaluator):
    """The standard as an engine reads it, but for some causes."""

    engine: str
    without: str
    causes: set[str]

    def passes(self, name: str, value: Term, parameter: Term, shape: Term) -> bool:
        """See `Evaluator.passes`."""
        passes = super().passes(name, value, parameter, shape)
        if name not in {*COMPARISONS, "pattern", "datatype", "languageIn"}:
            return passes
        flags = "".join(map(text_of, self.sh(shape, "flags"))) if name == "pattern" else ""
        items = f"( {' '.join(map(str, self.shapes.items(parameter)))} )" if name == "languageIn" else str(parameter)
        constraint = f"sh:{name} {items}" + (f" ; sh:flags {ox.Literal(flags)}" if flags else "")
        read = breaks(self.engine, constraint, str(value), "")
        cause = cause_of_value(name, value, parameter, flags)
        if read is None or (not read) == passes or cause == self.without:
            return passes
        self.causes.add(cause)
        return not read

    def is_less(self, name: str, left: Term, right: Term) -> bool:
        """See `Evaluator.is_less`."""
        is_less = super().is_less(name, left, right)
        read = breaks(self.engine, f"sh:{name} ex:n", str(left), str(right))
        cause = cause_of_comparison(left, right)
        if read is None or (not read) == is_less or cause == self.without:
            return is_less
        self.causes.add(cause)
        return not read

    def reported_value(self, component: str, value: Term) -> Term | None:
        """See `Evaluator.reported_value`."""
        if self.without == NO_VALUE or component != LONGEST or not lacks_value(self.engine):
            return value
        self.causes.add(NO_VALUE)
        return None


@cache
def lacks_value(engine: str) -> bool:
    """Whether the results of an engine by an ASK validator lack the value."""
    own, pyshacl.validate = pyshacl.validate, VALIDATORS[engine]
    try:
        (finding,) = referred("ex:a ex:m 1 .", f"{DECLARED} ex:S sh:targetNode ex:a ; sh:path ex:m ; ex:longest 9 .")
        return finding.value is None
    finally:
        pyshacl.validate = own


@cache
def breaks(engine: str, constraint: str, value: str, other: str) -> bool | None:
    """Return whether a value breaks a constraint for an engine; None if it fails."""
    data = f"ex:a ex:m {value} ." + (f" ex:a ex:n {other} ." if other else "")
    own, pyshacl.validate = pyshacl.validate, VALIDATORS[engine]
    try:
        return bool(referred(data, f"ex:S sh:targetNode ex:a ; sh:path ex:m ; {constraint} ."))
    except (UnreadableError, RuntimeError, ValueError):
        return None
    finally:
        pyshacl.validate = own


def cause_of_value(name: str, value: Term, parameter: Term, flags: str) -> str:
    """Return the words for a constraint on one value."""
    if name in COMPARISONS:
        return cause_of_comparison(value, parameter)
    if name == "pattern":
        flag = f" with the flag {flags}" if flags else ""
        return f"it reads the pattern `{text_of(parameter)}`{flag} in another way than XPath"
    kind = f"`{text_of(parameter).rpartition('#')[2]}`" if name == "datatype" else "languages"
    return f"`sh:{name}`: it validates {kind} in another way"


def cause_of_comparison(left: Term, right: Term) -> str:
    """Return the words for a comparison."""
    kinds = {_kind(term) for term in (left, right)}
    if odd := next((kind for kind in ODD_KINDS if kind in kinds), None):
        return f"it compares {odd} otherwise: {ODD_KINDS[odd]}"
    if len(kinds) > 1:
        return f"it compares {' with '.join(sorted(kinds))}, which SPARQL does not"
    return f"it compares {kinds.pop()} otherwise"


def _kind(term: Term) -> str:
    if not isinstance(term, ox.Literal):
        return "IRIs" if isinstance(term, ox.NamedNode) else "blank nodes"
    if not is_well_formed(term):
        return "ill-formed literals"
    if term.language:
        return "texts with a language"
    if term.value == "NaN":
        return "NaN"
    known = value_of(term)
    if known is None:
        return "literals of an unknown datatype"
    return "long numbers" if known[0] == "number" and len(term.value) > SHORT else f"{known[0]}s"


def causes_of(
    engine: str,
    data: str,
    shapes: str,
    *,
    failure: str = "",
    found: Set[Result] = frozenset(),
    roots: Set[str] = frozenset(),
) -> list[str]:
    """Return the causes of a difference; none if it is not explained.

    Args:
        engine: the name of the engine.
        data: of the case.
        shapes: of the case.
        failure: the error of the engine.
        found: the engine's results.
        roots: the shapes that the engine validated by.

    """
    if failure:
        return [cause for pattern, cause in FAILURES.items() if re.search(pattern, failure)]
    results, causes = _read(engine, data, shapes, roots, "")
    if others := results ^ found:
        is_empty = all(result[0] == EMPTY and result[-1].startswith("SPARQL") for result in others)
        return [*sorted(causes), NO_TEXT] if is_empty else []
    return sorted(cause for cause in causes if _read(engine, data, shapes, roots, cause)[0] != results) or sorted(
        causes
    )


def _read(engine: str, data: str, shapes: str, roots: Set[str], without: str) -> tuple[set[Result], set[str]]:
    reading = evaluator(data, shapes, Reading)
    assert isinstance(reading, Reading)  # noqa: S101 - for mypy
    reading.engine, reading.without, reading.causes = engine, without, set()
    chosen = [root for root in reading.shapes.about if str(root) in roots]
    return {comparable(*result) for root in chosen for result in reading.results_of(root)}, reading.causes
