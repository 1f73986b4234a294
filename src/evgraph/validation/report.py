"""The report of a validation: findings, notices, and what was checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.shacl.findings import Finding, Notice, Severity
    from evgraph.validation.waiver import Waiver


class Waived(NamedTuple):
    """A finding that somebody accepts, and its waiver."""

    finding: Finding
    waiver: Waiver


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a validation.

    https://www.w3.org/TR/shacl/#validation-report

    Attributes:
        findings: sorted, the most severe first.
        notices: sorted.
        checked: the IRI of each target class that occurs, and the number of its instances that are the user's own.
        focus_count: the number of the user's own nodes that were checked.
        waived: findings that do not count, because somebody accepts them; see `evgraph.validation.waivers`.

    """

    findings: Sequence[Finding]
    notices: Sequence[Notice]
    checked: Sequence[tuple[str, int]]
    focus_count: int
    waived: Sequence[Waived] = ()

    @property
    def conforms(self) -> bool:
        """Whether there is no finding of any severity, waived or not, as in the standard."""
        return not self.findings and not self.waived

    def count(self, severity: Severity) -> int:
        """Count the findings of one severity."""
        return sum(finding.severity is severity for finding in self.findings)

    def fails(self, threshold: Severity) -> bool:
        """Whether a finding is as severe as the threshold, or more."""
        return any(finding.severity <= threshold for finding in self.findings)
