"""Findings and notices of a validation, and their text for people."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from evgraph.namespaces import SH, XSD, curie
from evgraph.shacl.paths import Path, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.store.protocol import Term

_STRING = f"{XSD}string"
# Components that are broken by too many values, not by a single value or a missing one.
_TOO_MANY = {f"{SH}{name}ConstraintComponent" for name in ("MaxCount", "QualifiedMaxCount", "UniqueLang")}
_WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]*")  # Turtle writes these without quotes.


class Severity(IntEnum):
    """The severity of a finding, the most severe first.

    https://www.w3.org/TR/shacl/#severity
    """

    VIOLATION = 0
    WARNING = 1
    INFO = 2

    @property
    def word(self) -> str:
        """The name for people: ``violation``, ``warning``, ``info``."""
        return self.name.lower()

    @property
    def iri(self) -> str:
        """The IRI in SHACL."""
        return f"{SH}{self.name.capitalize()}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a validation (https://www.w3.org/TR/shacl/#results-validation-result)."""

    severity: Severity  # A severity that SHACL does not define counts as a violation.
    # The local name of the shape (``EntryShape-lists``); for a shape without an IRI, the name of the shape that it is
    # part of, and its path.
    rule: str
    focus: Term
    path: Path | None  # From the focus node; None where the node itself breaks the shape.
    value: Term | None  # What breaks the shape; None where a value is missing, or there are too many.
    message: str  # What is wrong and how to fix it.
    source_shape: Term
    component: str  # The IRI of the constraint component (``sh:MinCountConstraintComponent``).
    label: str = ""  # Of the focus node; empty where it has none.
    other_severity: str = ""  # The IRI of a severity that SHACL does not define.
    # The number of results of the standard: one for each pair of values, language or way through the shapes. Reports
    # have the finding so many times.
    times: int = field(default=1, compare=False)

    @property
    def triple(self) -> str:
        """The statement in CURIEs; with ``(nothing)`` for a missing value, and ``(several)`` for too many."""
        if self.path is None:
            return term_text(self.focus)
        none = "(several)" if self.component in _TOO_MANY else "(nothing)"
        value = none if self.value is None else term_text(self.value)
        return f"{term_text(self.focus)} {path_text(self.path)} {value}"

    @property
    def order(self) -> tuple[int, str, str, str, str, str, str, str]:
        """The sort key of findings: the most severe first, then by rule and focus node."""
        path = "" if self.path is None else path_text(self.path)
        value = "" if self.value is None else str(self.value)
        return (
            self.severity,
            self.rule,
            str(self.focus),
            path,
            value,
            self.component,
            self.message,
            str(self.source_shape),
        )


class Notice(NamedTuple):
    """Something about a validation that is not a finding, and may explain why there is none."""

    kind: str  # Such as ``empty-shape``.
    term: str  # The IRI, or the path of the file, that it is about.
    message: str  # For people.


def counted(findings: Iterable[Finding]) -> list[Finding]:
    """Return each finding once, with the number of times it occurs."""
    return [finding if times == 1 else replace(finding, times=times) for finding, times in Counter(findings).items()]


def each(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Iterate over findings, each as many times as it is a result of the standard."""
    return (finding for finding in findings for _ in range(finding.times))


def term_text(term: Term) -> str:
    """Return the text of a term for people: a CURIE where a prefix fits, a literal as in Turtle."""
    if isinstance(term, ox.NamedNode):
        short = curie(term.value)
        return f"<{short}>" if short == term.value else short
    if isinstance(term, ox.Literal) and not term.language and term.datatype.value != _STRING:
        if term.datatype.value == f"{XSD}integer" and _WHOLE_NUMBER.fullmatch(term.value):
            return term.value
        return f"{ox.Literal(term.value)}^^{term_text(term.datatype)}"
    return str(term)


def path_text(path: Path) -> str:
    """Return the text of a property path as in SPARQL: ``^dcterms:creator``, ``rdf:first/rdf:type``."""
    return text(path, term_text)
