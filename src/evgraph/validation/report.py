"""What a validation hands back: findings, notices, and what was judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.shacl.findings import Finding, Notice, Severity
    from evgraph.validation.waiver import Waiver


class Waived(NamedTuple):
    """A finding that someone accepts, and the waiver that says so."""

    finding: Finding
    waiver: Waiver


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a validation.

    https://www.w3.org/TR/shacl/#validation-report

    Attributes:
        findings: sorted, the heaviest first.
        notices: sorted.
        checked: for each target class that occurs, its IRI and how many of the user's own nodes were judged.
        focus_count: how many of the user's own nodes were judged at all.
        waived: findings that do not count, for someone accepts them; see `evgraph.validation.waivers`.

    """

    findings: Sequence[Finding]
    notices: Sequence[Notice]
    checked: Sequence[tuple[str, int]]
    focus_count: int
    waived: Sequence[Waived] = ()

    @property
    def conforms(self) -> bool:
        """Whether there is no finding of any severity, waived or not, as the standard has it."""
        return not self.findings and not self.waived

    def count(self, severity: Severity) -> int:
        """Count the findings of one severity."""
        return sum(finding.severity is severity for finding in self.findings)

    def fails(self, threshold: Severity) -> bool:
        """Whether a finding weighs as much as the threshold, or more."""
        return any(finding.severity <= threshold for finding in self.findings)
