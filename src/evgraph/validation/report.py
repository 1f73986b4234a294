"""The report of a validation: findings, notices, and what was checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyoxigraph import NamedNode

    from evgraph.shacl.findings import Finding, Notice, Severity
    from evgraph.validation.waivers import Waived

NOT_CHECKED = "not-checked"
"""The kind of the notices about rules that were not checked."""


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
        """Whether all was checked, with no finding of any severity, waived and unchanged ones included."""
        return self.is_complete and not self.findings and not self.waived and not self.unchanged

    @property
    def not_checked(self) -> Sequence[Notice]:
        """The notices about shapes and rules that were not checked, or not by all that they demand."""
        return [notice for notice in self.notices if notice.kind == NOT_CHECKED]

    @property
    def is_complete(self) -> bool:
        """Whether every shape and rule was checked."""
        return not self.not_checked

    def count(self, severity: Severity) -> int:
        """Count the findings of one severity."""
        return sum(finding.severity is severity for finding in self.findings)

    def fails(self, threshold: Severity) -> bool:
        """Whether a finding is as severe as the threshold, or more."""
        return any(finding.severity <= threshold for finding in self.findings)
