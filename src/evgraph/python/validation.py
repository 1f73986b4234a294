"""The outcome of a validation, its findings in rdflib's terms, each with the place where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, SupportsIndex, overload

from evgraph.namespaces import curie
from evgraph.python import frames, notebook
from evgraph.shacl.findings import Severity, path_text
from evgraph.spelling import unknown_name
from evgraph.terms import RdflibTerm as Term
from evgraph.terms import to_rdflib as term
from evgraph.text import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas
    import polars

    from evgraph.rdf.positions import Place
    from evgraph.shacl import findings
    from evgraph.validation.report import Report

SEVERITIES = tuple(one.word for one in Severity)
"""The heaviest first."""
_SHOWN = 20


@dataclass(frozen=True)
class Finding:
    """One result of a validation.

    https://www.w3.org/TR/shacl/#results-validation-result

    Attributes:
        severity: ``violation``, ``warning`` or ``info``.
        rule: the shape or check that was broken (``EntryShape-lists``).
        focus: the thing that was judged.
        label: what people call it; empty where the data gives it no name.
        path: the property, or property path, as in SPARQL; None where the whole thing is at fault.
        value: the value at fault; None where one is missing, or too many stand there.
        message: what is wrong and how to mend it.
        triple: the statement at fault, in CURIEs.
        file: where it stands; None where that is not known.
        line: its line in the file, from 1.

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
        """Give place, severity, rule, statement and message on two lines."""
        place = _place(self)
        return f"{place}{': ' if place else ''}{self.severity} {self.rule}: {self.triple}\n  {self.message}"


class Validation(Sequence[Finding]):
    """The outcome of a validation: a sequence of findings, the heaviest first.

    Attributes:
        conforms: whether there is no finding of any severity, as the standard has it.
        checked: how many things were judged.
        notices: what is no finding, and may explain why there is none.

    """

    def __init__(self, report: Report, places: Mapping[findings.Finding, Place]) -> None:
        self.conforms = report.conforms
        self.checked = report.focus_count
        self.notices = tuple(notice.message for notice in report.notices)
        # That the data holds none of a class is no news; that a rule was not judged is.
        self._told = [f"notice: {one.message}" for one in report.notices if one.kind != "unused-target"]
        # A statement that breaks several constraints of one shape is told once.
        told = {(one.rule, one.triple, one.message): one for one in reversed(report.findings)}
        self._findings = [_finding(one, places.get(one)) for one in reversed(told.values())]

    def __len__(self) -> int:
        """Count the findings."""
        return len(self._findings)

    @overload
    def __getitem__(self, key: SupportsIndex) -> Finding: ...
    @overload
    def __getitem__(self, key: slice) -> list[Finding]: ...
    def __getitem__(self, key: SupportsIndex | slice) -> Finding | list[Finding]:
        """Give a finding, or some of them."""
        return self._findings[key]

    def of(self, severity: str) -> list[Finding]:
        """Give the findings of a severity: ``violation``, ``warning`` or ``info``.

        Raises:
            UsageError: there is no such severity.

        """
        if severity not in SEVERITIES:
            raise unknown_name(f"there is no severity '{severity}'", severity, SEVERITIES)
        return [one for one in self if one.severity == severity]

    def to_dicts(self) -> list[dict[str, str | int | None]]:
        """Give the findings as dictionaries of text; lines are numbers."""
        return [
            {name: one if one is None or isinstance(one, int) else str(one) for name, one in vars(finding).items()}
            for finding in self
        ]

    def to_pandas(self) -> pandas.DataFrame:
        """Give the findings as a data frame.

        Raises:
            UsageError: pandas is not installed.

        """
        return frames.to_pandas(self._by_column())

    def to_polars(self) -> polars.DataFrame:
        """Give the findings as a data frame.

        Raises:
            UsageError: polars is not installed.

        """
        return frames.to_polars(self._by_column())

    def _by_column(self) -> dict[str, list[str | int | None]]:
        return {field.name: [one[field.name] for one in self.to_dicts()] for field in fields(Finding)}

    @property
    def summary(self) -> str:
        """The counts: ``2 violations, 1 info; 53 things checked``."""
        counts = [(word, len(self.of(word))) for word in SEVERITIES]
        found = [plural(count, word, "info" if word == "info" else "") for word, count in counts if count]
        return f"{', '.join(found) or 'no findings'}; {plural(self.checked, 'thing')} checked"

    def __repr__(self) -> str:
        """Give the first findings and the counts."""
        more = [f"and {len(self) - _SHOWN} more"] if len(self) > _SHOWN else []
        return "\n".join([*map(str, self[:_SHOWN]), *more, *self._told, self.summary])

    def _repr_html_(self) -> str:
        body = [
            (one.severity, one.rule, one.label or curie(str(one.focus)), _place(one), one.triple, one.message)
            for one in self[: notebook.SHOWN]
        ]
        more = [f"and {len(self) - notebook.SHOWN} more"] if len(self) > notebook.SHOWN else []
        head = ("severity", "rule", "thing", "where", "statement", "what to do")
        return (notebook.texts(head, body) if body else "") + notebook.lines(*more, *self._told, self.summary)


def _place(finding: Finding) -> str:
    return f"{finding.file or ''}{f':{finding.line}' if finding.line else ''}"


def _finding(one: findings.Finding, place: Place | None) -> Finding:
    return Finding(
        severity=one.severity.word,
        rule=one.rule,
        focus=term(one.focus),
        label=one.label,
        path=None if one.path is None else path_text(one.path),
        value=None if one.value is None else term(one.value),
        message=one.message,
        triple=one.triple,
        file=place.path if place else None,
        line=place.line or None if place else None,
    )
