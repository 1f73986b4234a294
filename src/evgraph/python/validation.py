"""The outcome of a validation: findings with rdflib's terms and their locations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, SupportsIndex, overload

from evgraph.namespaces import curie
from evgraph.python.values import DISPLAYED, Tabular, Value, in_html
from evgraph.shacl.findings import Severity, path_text
from evgraph.terms import RdflibTerm as Term
from evgraph.terms import to_rdflib as term
from evgraph.text import plural, unknown_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evgraph.rdf.positions import Place
    from evgraph.shacl import findings
    from evgraph.validation.report import Report

SEVERITIES = tuple(severity.word for severity in Severity)
"""The most severe first."""
_SHOWN = 20


@dataclass(frozen=True)
class Finding:
    """One result of a validation (https://www.w3.org/TR/shacl/#results-validation-result).

    Attributes:
        severity: ``violation``, ``warning`` or ``info``.
        rule: the shape or check that failed (``EntryShape-lists``).
        focus: the thing that was validated.
        label: its label, or empty.
        path: the property or property path, as in SPARQL; None if the finding is about the whole thing.
        value: the wrong value; None if a value is missing, or there are too many.
        message: what is wrong and how to fix it.
        triple: the wrong statement, in CURIEs.
        file: its file, if known.
        line: its line, from 1, if known.

    """

    severity: str
    rule: str
    focus: Term
    label: str
    path: str | None
    value: Term | None
    message: str
    triple: str
    file: str | None
    line: int | None

    def __str__(self) -> str:
        """Return location, severity, rule, statement and message on two lines."""
        location = _location(self)
        return f"{location}{': ' if location else ''}{self.severity} {self.rule}: {self.triple}\n  {self.message}"


class Validation(Tabular, Sequence[Finding]):
    """The outcome of a validation: a sequence of `Finding`, the most severe first.

    Attributes:
        conforms: whether there is no finding of any severity, as in SHACL.
        checked: the number of things that were validated.
        notices: remarks that are not findings, such as rules that could not be checked.

    """

    columns = tuple(field.name for field in fields(Finding))

    def __init__(self, report: Report, places: Mapping[findings.Finding, Place]) -> None:
        self.conforms = report.conforms
        self.checked = report.focus_count
        self.notices = tuple(notice.message for notice in report.notices)
        # That the data has nothing of a class matters less than that a rule was not checked.
        self._shown_notices = [f"notice: {found.message}" for found in report.notices if found.kind != "unused-target"]
        # A statement that violates several constraints of one shape gives one finding.
        distinct = {(found.rule, found.triple, found.message): found for found in reversed(report.findings)}
        self._findings = [_finding(found, places.get(found)) for found in reversed(distinct.values())]

    def __len__(self) -> int:
        return len(self._findings)

    @overload
    def __getitem__(self, key: SupportsIndex) -> Finding: ...
    @overload
    def __getitem__(self, key: slice) -> list[Finding]: ...
    def __getitem__(self, key: SupportsIndex | slice) -> Finding | list[Finding]:
        """Return a finding, or for a slice a list of findings."""
        return self._findings[key]

    def of(self, severity: str) -> list[Finding]:
        """Return the findings of a severity, ``violation``, ``warning`` or ``info``; else raise a `UsageError`."""
        if severity not in SEVERITIES:
            raise unknown_name(f"there is no severity '{severity}'", severity, SEVERITIES)
        return [finding for finding in self if finding.severity == severity]

    def to_dicts(self, *, curies: bool = False) -> list[dict[str, Value | None]]:
        """Return the findings as dictionaries of text; lines are numbers. With `curies`, IRIs are shortened."""
        from rdflib import URIRef

        def plain(cell: object) -> Value | None:
            if cell is None or isinstance(cell, int):
                return cell
            return curie(cell) if curies and isinstance(cell, URIRef) else str(cell)

        return [{name: plain(cell) for name, cell in vars(finding).items()} for finding in self]

    @property
    def summary(self) -> str:
        """The counts: ``2 violations, 1 info; 53 things checked``."""
        counts = [(word, len(self.of(word))) for word in SEVERITIES]
        parts = [plural(count, word, "info" if word == "info" else "") for word, count in counts if count]
        return f"{', '.join(parts) or 'no findings'}; {plural(self.checked, 'thing')} checked"

    def __repr__(self) -> str:
        """Return the first findings, the notices and the counts as text."""
        more = [f"and {len(self) - _SHOWN} more"] if len(self) > _SHOWN else []
        return "\n".join([*map(str, self[:_SHOWN]), *more, *self._shown_notices, self.summary])

    def _repr_html_(self) -> str:
        body = [
            (
                found.severity,
                found.rule,
                found.label or curie(str(found.focus)),
                _location(found),
                found.triple,
                found.message,
            )
            for found in self[:DISPLAYED]
        ]
        more = [f"and {len(self) - DISPLAYED} more"] if len(self) > DISPLAYED else []
        return in_html("validation", body, [*more, *self._shown_notices, self.summary])


def _location(finding: Finding) -> str:
    return f"{finding.file or ''}{f':{finding.line}' if finding.line else ''}"


def _finding(finding: findings.Finding, place: Place | None) -> Finding:
    return Finding(
        severity=finding.severity.word,
        rule=finding.rule,
        focus=term(finding.focus),
        label=finding.label,
        path=None if finding.path is None else path_text(finding.path),
        value=None if finding.value is None else term(finding.value),
        message=finding.message,
        triple=finding.triple,
        file=place.path if place else None,
        line=place.line or None if place else None,
    )
