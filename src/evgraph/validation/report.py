"""The report of a validation: findings, notices, and what was checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyoxigraph import NamedNode

    from evgraph.shacl.findings import Finding, Notice, Severity
    from evgraph.validation.waivers import Waived


class Candidate(NamedTuple):
    """A possible target of a reference."""

    thing: NamedNode
    title: str  # Empty where it has none.


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a validation.

    https://www.w3.org/TR/shacl/#validation-report
    """

    findings: Sequence[Finding]  # Sorted, the most severe first.
    notices: Sequence[Notice]  # Sorted.
    checked: Sequence[tuple[str, int]]  # The IRI of each target class that occurs, and how many of the user's nodes.
    focus_count: int  # The number of the user's own nodes that were checked.
    waived: Sequence[Waived] = ()  # They do not count, because somebody accepts them.
    since: str = ""  # The revision of git that the data was compared with; with one, `findings` are new.
    unchanged: Sequence[Finding] = ()  # They were there at that revision.
    gone: Sequence[Finding] = ()  # They were there at that revision and are no more.
    # Finding → those that it explains; these are in none of the lists.
    related: Mapping[Finding, Sequence[Finding]] = field(default_factory=dict)
    # Finding about an ambiguous reference → its candidates, each with its title.
    candidates: Mapping[Finding, Sequence[Candidate]] = field(default_factory=dict)

    @property
    def conforms(self) -> bool:
        """Whether there is no finding of any severity, waived and unchanged ones included, as the standard has it."""
        return not self.findings and not self.waived and not self.unchanged

    def count(self, severity: Severity) -> int:
        """Count the findings of one severity."""
        return sum(finding.severity is severity for finding in self.findings)

    def fails(self, threshold: Severity) -> bool:
        """Whether a finding is as severe as the threshold, or more."""
        return any(finding.severity <= threshold for finding in self.findings)
