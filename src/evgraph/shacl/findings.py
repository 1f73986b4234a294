"""What is found: each fault with what it is about, and how it is said in words."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.namespaces import SH, XSD, curie
from evgraph.shacl.paths import Path, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evgraph.store.protocol import Term

_STRING = f"{XSD}string"
# What is broken by too many values, and not by a value or for want of one.
_TOO_MANY = {f"{SH}{name}ConstraintComponent" for name in ("MaxCount", "QualifiedMaxCount", "UniqueLang")}
_WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]*")  # Turtle lets these stand bare.


class Severity(IntEnum):
    """How much a finding weighs, the heaviest first.

    https://www.w3.org/TR/shacl/#severity
    """

    VIOLATION = 0
    WARNING = 1
    INFO = 2

    @property
    def word(self) -> str:
        """The name as people write it: ``violation``, ``warning``, ``info``."""
        return self.name.lower()

    @property
    def iri(self) -> str:
        """The name as SHACL writes it."""
        return f"{SH}{self.name.capitalize()}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a validation.

    https://www.w3.org/TR/shacl/#results-validation-result

    Attributes:
        severity: how much it weighs; a severity that SHACL does not know counts as a violation.
        rule: the local name of the shape that was broken (``EntryShape-lists``); for a shape without a name, that of
            the shape it belongs to, and its path.
        focus: the node that was judged.
        path: the property, or property path, that was followed from it; None where the whole node is at fault.
        value: the value at fault; None where one is missing, or too many stand there.
        message: what is wrong and how to mend it, in plain words.
        source_shape: the shape that was broken.
        component: the IRI of the constraint component (``sh:MinCountConstraintComponent``).
        label: what people call the focus node; empty where the data gives it no name.
        other_severity: the IRI of a severity that SHACL does not know; empty for the three that it does.
        times: how many results of the standard's report this is: one for each pair of values, language or way through
            the shapes that leads to it. People are told once.

    """

    severity: Severity
    rule: str
    focus: Term
    path: Path | None
    value: Term | None
    message: str
    source_shape: Term
    component: str
    label: str = ""
    other_severity: str = ""
    times: int = field(default=1, compare=False)

    @property
    def triple(self) -> str:
        """The statement at fault, in CURIEs; ``(nothing)`` where a value would be, ``(several)`` where one would."""
        if self.path is None:
            return term_text(self.focus)
        none = "(several)" if self.component in _TOO_MANY else "(nothing)"
        value = none if self.value is None else term_text(self.value)
        return f"{term_text(self.focus)} {path_text(self.path)} {value}"

    @property
    def order(self) -> tuple[int, str, str, str, str, str, str]:
        """The key that findings are sorted by: the heaviest first, then by rule and focus node."""
        path = "" if self.path is None else path_text(self.path)
        value = "" if self.value is None else str(self.value)
        return self.severity, self.rule, str(self.focus), path, value, self.component, self.message


@dataclass(frozen=True, slots=True, order=True)
class Notice:
    """Something about a validation that is no finding, and that may explain why there is none.

    Attributes:
        kind: the name of one of its rules.
        term: the IRI, or the path of the file, that it is about.
        message: in plain words.

    """

    kind: str
    term: str
    message: str


def counted(found: Iterable[Finding]) -> list[Finding]:
    """Give each finding once, with how many times it was found."""
    return [replace(one, times=times) for one, times in Counter(found).items()]


def term_text(term: Term) -> str:
    """Write a term for people: a CURIE where a prefix fits, a literal as in Turtle."""
    if isinstance(term, ox.NamedNode):
        short = curie(term.value)
        return f"<{short}>" if short == term.value else short
    if isinstance(term, ox.Literal) and not term.language and term.datatype.value != _STRING:
        if term.datatype.value == f"{XSD}integer" and _WHOLE_NUMBER.fullmatch(term.value):
            return term.value
        return f"{ox.Literal(term.value)}^^{term_text(term.datatype)}"
    return str(term)


def path_text(path: Path) -> str:
    """Write a property path for people, as in SPARQL: ``^evg:identification``, ``evg:lists/rdf:type``."""
    return text(path, term_text)
